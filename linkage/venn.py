"""What overlaps of pairs say together: the exact combinations of several sets, which no table need show.

From the sizes of three sets, of their overlaps and of their union follows more than from each overlap by itself
(Bonferroni's inequalities are an example), and again more where the same sets are told by age band or by area. Counts
are sizes of sets where every exact combination has a size, so these join the system as counts that nobody is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from linkage.cells import CellKey, Constraint, sums_to
from linkage.scopes import AMONG

MOST_SETS = 9  # 511 combinations; of more sets each pair is still bound by itself
MOST_INSIDE = 5  # of more sets within a part, such as an area or an age band, two at a time are bound
EXACTLY = "exactly"
Places = frozenset[int]


@dataclass(frozen=True, slots=True)
class _Family:
    """Sets inside one union, and the overlaps that are known of them."""

    union: CellKey
    members: tuple[CellKey, ...]
    overlaps: Mapping[CellKey, frozenset[CellKey]]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the constraints say: what is inside a key, in pairs and by key, what covers it, and what divides it."""

    inside: frozenset[tuple[CellKey, CellKey]]
    parts: Mapping[CellKey, Sequence[CellKey]]
    covers: Mapping[CellKey, Sequence[frozenset[CellKey]]]
    divisions: Mapping[CellKey, Sequence[frozenset[CellKey]]]

    def is_covered(self, whole: CellKey, parts: Iterable[CellKey]) -> bool:
        """Whether everybody of the whole is in one of the parts."""
        known = frozenset(parts)
        return any(some <= known for some in (*self.covers.get(whole, ()), *self.divisions.get(whole, ())))


def with_combinations(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """The constraints, and the exact combinations behind their overlaps."""
    said = _read(constraints)
    families = [each for each in _families(constraints, said) if len(each.members) <= MOST_SETS]
    return (*constraints, *(bound for each in families for bound in _combined(each, said)))


def is_combination(key: CellKey) -> bool:
    """Whether the key was made here."""
    return any(dimension == EXACTLY for dimension, _ in key.where)


def _read(constraints: Iterable[Constraint]) -> _Said:
    inside: set[tuple[CellKey, CellKey]] = set()
    covers: dict[CellKey, list[frozenset[CellKey]]] = defaultdict(list)
    divisions: dict[CellKey, list[frozenset[CellKey]]] = defaultdict(list)
    for each in constraints:
        plus, minus = _sides(each)
        if len({key.unit for key, _ in each.terms}) > 1:
            continue  # fewer households than people is no inclusion: two of a household may be at one agency each
        if each.equal and len(minus) == 1:
            divisions[minus[0]].append(frozenset(plus))
            inside.update((part, minus[0]) for part in plus)
        elif not each.equal and len(plus) == 1:
            covers[plus[0]].append(frozenset(minus))
            inside.update((plus[0], whole) for whole in minus if len(minus) == 1)
    parts: dict[CellKey, list[CellKey]] = defaultdict(list)
    for part, whole in sorted(inside):
        parts[whole].append(part)
    return _Said(frozenset(inside), parts, covers, divisions)


def _sides(constraint: Constraint) -> tuple[list[CellKey], list[CellKey]]:
    """Keys that count once for, and once against; neither where some key counts otherwise."""
    if any(abs(times) != 1 for _, times in constraint.terms):
        return [], []
    return [k for k, times in constraint.terms if times == 1], [k for k, times in constraint.terms if times == -1]


def _families(constraints: Iterable[Constraint], said: _Said) -> list[_Family]:
    """Sets of which overlaps are known, and few sets that cover their union."""
    overlaps = _overlaps(constraints, said)
    nested = {part for part, whole in said.inside if part.unit == whole.unit}
    found: list[_Family] = []
    for union in sorted({*overlaps, *said.covers}):
        most = MOST_INSIDE if union in nested else MOST_SETS
        paired = frozenset(one for pair in overlaps.get(union, {}).values() for one in pair)
        covers = {some for some in said.covers.get(union, ()) if 1 < len(some) <= most} - {paired}
        for members in [paired, *sorted(covers, key=sorted)]:
            if members:
                known = overlaps.get(union, {}) if members is paired else {}
                found.append(_Family(union, tuple(sorted(members)), known))
    return found


def _overlaps(constraints: Iterable[Constraint], said: _Said) -> dict[CellKey, dict[CellKey, frozenset[CellKey]]]:
    """By union, the two sets behind each overlap."""
    found: dict[CellKey, dict[CellKey, frozenset[CellKey]]] = defaultdict(dict)
    for each in constraints:
        plus, minus = _sides(each)
        if each.equal or (len(plus), len(minus)) != (2, 2):
            continue
        for both, either in (minus, minus[::-1]):
            if all((both, one) in said.inside for one in plus):
                found[either][both] = frozenset(plus)
                break
    return found


def _combined(family: _Family, said: _Said) -> list[Constraint]:
    members = dict(enumerate(family.members))
    exact, known = _divided(family.union, members, said)
    for both, pair in sorted(family.overlaps.items()):
        wanted = {place for place, one in members.items() if one in pair}
        known.append(sums_to(both, [key for some, key in exact.items() if wanted <= some]))
    contexts = _contexts(family, said)
    for part, inner in sorted(contexts.items()):
        if len(inner) > MOST_INSIDE:
            known += [_of_two(part, inner, two, exact) for two in combinations(sorted(inner), 2)]
            continue
        smaller, more = _divided(part, inner, said)
        known += more
        known += [
            _at_most(some, smaller, exact) for size in (2, 3) for some in map(frozenset, combinations(inner, size))
        ]
    return [*known, *_summed(family, contexts, exact, said)]


def _divided(
    whole: CellKey, members: Mapping[int, CellKey], said: _Said
) -> tuple[dict[Places, CellKey], list[Constraint]]:
    """The exact combinations of the members within the whole; those of nobody's only where there may be such."""
    least = 1 if said.is_covered(whole, members.values()) else 0
    sizes = range(least, len(members) + 1)
    exact = {
        frozenset(some): _exactly(whole, members, some)
        for size in sizes
        for some in combinations(sorted(members), size)
    }
    known = [sums_to(whole, list(exact.values()))]
    known += [sums_to(one, [key for some, key in exact.items() if place in some]) for place, one in members.items()]
    return exact, known


def _at_most(some: Places, fewer: Mapping[Places, CellKey], more: Mapping[Places, CellKey]) -> Constraint:
    """Who is in all of *some* within a part is in all of them."""
    plus = [(key, 1) for each, key in fewer.items() if some <= each]
    return Constraint((*plus, *((key, -1) for each, key in more.items() if some <= each)), equal=False)


def _of_two(
    part: CellKey, inner: Mapping[int, CellKey], two: tuple[int, int], exact: Mapping[Places, CellKey]
) -> Constraint:
    """Two sets that together have more than the part that they are in have so many in common."""
    minus = [(key, -1) for some, key in exact.items() if set(two) <= some]
    return Constraint(((inner[two[0]], 1), (inner[two[1]], 1), (part, -1), *minus), equal=False)


def _contexts(family: _Family, said: _Said) -> dict[CellKey, dict[int, CellKey]]:
    """Parts of the union, and what each member has in them."""
    parts = set(said.parts.get(family.union, ())) - set(family.members) - set(family.overlaps)
    inner: dict[CellKey, dict[int, CellKey]] = defaultdict(dict)
    for part in sorted(parts):
        for key in said.parts.get(part, ()):
            for place in (at for at, one in enumerate(family.members) if (key, one) in said.inside):
                inner[part].setdefault(place, key)
    return {part: found for part, found in inner.items() if len(found) > 1}


def _summed(
    family: _Family,
    contexts: Mapping[CellKey, Mapping[int, CellKey]],
    exact: Mapping[Places, CellKey],
    said: _Said,
) -> list[Constraint]:
    """Where parts divide the union, a combination is the sum of what it is in each part."""
    known: list[Constraint] = []
    if len(family.members) > MOST_INSIDE:
        return known
    for parts in said.divisions.get(family.union, ()):
        if all(_are_all_there(part, contexts.get(part, {}), family.members) for part in parts):
            known += [
                sums_to(key, [_exactly(part, contexts[part], some) for part in sorted(parts)])
                for some, key in exact.items()
            ]
    return known


def _are_all_there(part: CellKey, inner: Mapping[int, CellKey], members: Sequence[CellKey]) -> bool:
    """Whether the part holds all that it has in common with each member.

    Who is new in February is new in the year and was there in February, and so are others, who came in January.
    """
    return len(inner) == len(members) and all(
        _conditions(inner[place]) == _conditions(part) | _conditions(one) for place, one in enumerate(members)
    )


def _conditions(key: CellKey) -> frozenset[tuple[str, str]]:
    """Of a key that names an agency, among which it is counted goes without saying."""
    return frozenset(pair for pair in key.where if pair[0] != AMONG)


def _exactly(whole: CellKey, members: Mapping[int, CellKey], places: Iterable[int]) -> CellKey:
    """The key says of which sets, so that the same combination has the same key wherever it is met."""
    among = sorted(members.values())
    sets = "+".join(f"{among.index(members[place]):02d}" for place in sorted(places)) or "none"
    name = sha256(repr(among).encode()).hexdigest()[:16]
    return CellKey(whole.unit, tuple(sorted((*whole.where, (EXACTLY, f"{name}:{sets}")))))
