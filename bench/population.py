"""The people of a town, household by household: couples, twins, juniors, roommates, people without a home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bench.dice import Dice, Weighted
from bench.families import FamilyName, Namer
from bench.heritage import Heritage, heritages_of
from bench.homes import TownMap
from bench.schema import Address, Person, PersonName, TownSpec

TODAY = date(2024, 1, 1)  # every town lives on this day
_TWIN = 0.022  # of children, a twin follows
_NO_SSN = {Heritage.US: 0.025, Heritage.NATIVE: 0.025}
_NO_SSN_ELSEWHERE = 0.10


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of a household who has no number, home or telephone yet."""

    name: PersonName
    sex: str
    born: date
    heritage: Heritage


@dataclass(frozen=True, slots=True)
class Society:
    """What a town's households are like."""

    namer: Namer
    map: TownMap
    heritages: Weighted[Heritage]
    households: Weighted[str]
    homeless: float
    moved: float
    old: float

    @property
    def dice(self) -> Dice:
        """The dice that the town's people are made with."""
        return self.namer.dice


def draw_society(spec: TownSpec, namer: Namer, town_map: TownMap) -> Society:
    """The kinds of households of one town, a little different in every town."""
    dice = namer.dice
    return Society(
        namer,
        town_map,
        heritages_of(spec.name_mix, dice),
        dice.drifted(Weighted.of(tuple(_HOUSEHOLDS), [share for share, _ in _HOUSEHOLDS.values()]), 0.2),
        homeless=0.11 * dice.factor(0.35),
        moved=dice.uniform(0.25, 0.5),
        old=dice.uniform(0.1, 0.3),
    )


def settle(spec: TownSpec, society: Society) -> tuple[Person, ...]:
    """All people of the town; the last household may be cut short to hit the number asked for."""
    people: list[Person] = []
    household = 0
    while len(people) < spec.people:
        members = _household(society)[: spec.people - len(people)]
        people.extend(_housed(members, society, spec.seed, household, len(people)))
        household += 1
    return tuple(people)


def _household(society: Society) -> list[Member]:
    _, form = _HOUSEHOLDS[society.dice.draw(society.households)]
    return list(form(society, society.namer.family(society.dice.draw(society.heritages))))


def _adult(society: Society, oldest: int = 92) -> date:
    dice = society.dice
    age = dice.uniform(60, 92) if oldest > 70 and dice.chance(society.old) else dice.uniform(18, min(oldest, 66))
    return _years_ago(age)


def _years_ago(age: float) -> date:
    return TODAY - timedelta(days=int(age * 365.25) + 1)


def _sex(dice: Dice) -> str:
    return "F" if dice.chance(0.54) else "M"


def _head(society: Society, family: FamilyName, sex: str, born: date) -> Member:
    """Someone named like a child of the family, which a grown-up still is."""
    return Member(society.namer.child(family, sex, born.year), sex, born, family.heritage)


def _partner(society: Society, family: FamilyName, head: Member) -> Member:
    dice = society.dice
    born = min(head.born + timedelta(days=int(dice.normal() * 1400)), _years_ago(18))
    sex = "M" if head.sex == "F" else "F"
    if dice.chance(0.03):
        sex = head.sex
    return Member(society.namer.partner(family, sex, born.year), sex, born, family.heritage)


def _children(society: Society, family: FamilyName, parent: Member) -> Iterator[Member]:
    """Children at home, each at least a year older than the one before; a child may have a twin."""
    dice = society.dice
    age = (TODAY - parent.born).days / 365.25
    child_age, oldest = max(dice.uniform(0.02, 12), age - 44), min(19.5, max(0.2, age - 17))
    for _ in range(dice.draw(_CHILDREN)):
        if child_age > oldest:
            return
        child = _head(society, family, _sex(dice), _years_ago(child_age))
        yield child
        if dice.chance(_TWIN):
            yield _twin(society, family, child)
        child_age += dice.uniform(1, 5)


_CHILDREN = Weighted.of((1, 2, 3, 4, 5), (0.38, 0.34, 0.17, 0.08, 0.03))


def _twin(society: Society, family: FamilyName, child: Member) -> Member:
    """Born the same day under the same surname; a third of twins have names that begin alike."""
    dice = society.dice
    sex = child.sex if dice.chance(0.65) else _sex(dice)
    names = (society.namer.child(family, sex, child.born.year) for _ in range(40))
    others = [name for name in names if name.first != child.name.first]
    alike = [name for name in others if name.first[0] == child.name.first[0]]
    chosen = alike[0] if alike and dice.chance(0.35) else others[0]
    return Member(replace(chosen, last=child.name.last), sex, child.born, family.heritage)


def _alone(society: Society, family: FamilyName) -> Iterator[Member]:
    yield _head(society, family, _sex(society.dice), _adult(society))


def _couple(society: Society, family: FamilyName) -> Iterator[Member]:
    head = _head(society, family, "M" if society.dice.chance(0.9) else "F", _adult(society))
    yield head
    yield _partner(society, family, head)


def _parents(society: Society, family: FamilyName) -> Iterator[Member]:
    head = _head(society, family, "M" if society.dice.chance(0.93) else "F", _adult(society, oldest=52))
    yield head
    yield _partner(society, family, head)
    yield from _children(society, family, head)


def _single_parent(society: Society, family: FamilyName) -> Iterator[Member]:
    dice = society.dice
    born = _adult(society, oldest=50)
    if dice.chance(0.5):
        parent = _head(society, family, "F" if dice.chance(0.75) else "M", born)
    else:
        parent = Member(society.namer.partner(family, "F", born.year), "F", born, family.heritage)
    yield parent
    yield from _children(society, family, parent)


def _three_generations(society: Society, family: FamilyName) -> Iterator[Member]:
    yield _head(society, family, "M" if society.dice.chance(0.4) else "F", _years_ago(society.dice.uniform(62, 88)))
    yield from _single_parent(society, family)


def _grown_children(society: Society, family: FamilyName) -> Iterator[Member]:
    dice = society.dice
    yield _head(society, family, _sex(dice), _years_ago(dice.uniform(48, 80)))
    for _ in range(dice.between(1, 2)):
        yield _head(society, family, _sex(dice), _years_ago(dice.uniform(18, 30)))


def _junior_and_senior(society: Society, family: FamilyName) -> Iterator[Member]:
    """Two men of one name under one roof, told apart by a suffix that forms often lack."""
    dice = society.dice
    older = dice.uniform(40, 85)
    suffixes = dice.pick((("Sr", "Jr"), ("", "Jr"), ("", "Jr"), ("Sr", "Jr"), ("", "II"), ("Jr", "III")))
    father = _head(society, family, "M", _years_ago(older))
    son = society.namer.child(family, "M", TODAY.year - int(older) + 25)
    middle = father.name.middle if dice.chance(0.6) else son.middle
    named = replace(father.name, middle=middle, suffix=suffixes[1], goes_by=son.goes_by if dice.chance(0.3) else "")
    yield replace(father, name=replace(father.name, suffix=suffixes[0]))
    yield Member(named, "M", _years_ago(older - dice.uniform(18, 38)), family.heritage)
    if dice.chance(0.5):
        yield _partner(society, family, father)


def _roommates(society: Society, family: FamilyName) -> Iterator[Member]:
    yield from _alone(society, family)
    for _ in range(society.dice.between(1, 2)):
        heritage = society.dice.draw(society.heritages)
        born, sex = _adult(society, oldest=60), _sex(society.dice)
        yield Member(society.namer.stranger(heritage, sex, born.year), sex, born, heritage)


Form = Callable[[Society, FamilyName], Iterator[Member]]
_HOUSEHOLDS: dict[str, tuple[float, Form]] = {
    "alone": (0.50, _alone),
    "couple": (0.15, _couple),
    "parents": (0.11, _parents),
    "single parent": (0.10, _single_parent),
    "grown children": (0.05, _grown_children),
    "roommates": (0.04, _roommates),
    "three generations": (0.02, _three_generations),
    "junior and senior": (0.025, _junior_and_senior),
}


@dataclass(frozen=True, slots=True)
class _Contact:
    """How to reach a household, now and earlier."""

    home: Address
    former_home: Address
    phone: str
    homeless: bool


def _contact(society: Society, members: int) -> _Contact:
    dice, town_map = society.dice, society.map
    home = town_map.home(dice)
    former = town_map.home(dice) if dice.chance(society.moved) else home
    return _Contact(home, former, town_map.phone(dice), dice.chance(society.homeless * (1.5 if members == 1 else 0.6)))


def _housed(members: list[Member], society: Society, seed: int, household: int, settled: int) -> Iterator[Person]:
    contact = _contact(society, len(members))
    head_ssn = _ssn_of(members[0], society, seed, settled)
    for place, member in enumerate(members):
        ssn = _ssn_of(member, society, seed, settled + place) if place else head_ssn
        phone, former_phone = _phones(member, contact, society, place)
        yield Person(
            f"p{seed}-{settled + place:05d}",
            f"h{seed}-{household:05d}",
            member.name,
            member.heritage,
            member.sex,
            member.born,
            ssn,
            head_ssn if place else "",
            contact.home,
            contact.former_home,
            phone,
            former_phone,
            contact.homeless,
        )


def _phones(member: Member, contact: _Contact, society: Society, place: int) -> tuple[str, str]:
    """Own or shared number now, and another from before; children are reached through the household."""
    dice = society.dice
    child = member.born > _years_ago(15)
    shared = place == 0 or child or dice.chance(0.3)
    now = contact.phone if shared else society.map.phone(dice)
    if contact.homeless and dice.chance(0.45):
        now = ""
    return now, society.map.phone(dice)


_AREAS, _GROUPS, _SERIALS = 898, 99, 9999  # of a Social Security number; area 666 is never given out
_STRIDE = 549_389_591  # prime to the number of numbers, so that no two people share one


def ssn_of_person(seed: int, place: int) -> str:
    """The Social Security number of the *place*-th person of a seed's town; no two towns share any."""
    number = (seed * 60_000 + place) * _STRIDE % (_AREAS * _GROUPS * _SERIALS)
    area = number % _AREAS + 1
    group = number // _AREAS % _GROUPS + 1
    serial = number // (_AREAS * _GROUPS) + 1
    return f"{area + (area >= 666):03d}{group:02d}{serial:04d}"


def _ssn_of(member: Member, society: Society, seed: int, place: int) -> str:
    without = society.dice.chance(_NO_SSN.get(member.heritage, _NO_SSN_ELSEWHERE))
    return "" if without else ssn_of_person(seed, place)
