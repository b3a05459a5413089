"""Keys of sets across releases: the same set has the same key there, and sets of nested periods bind each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from linkage.cells import CellKey, Constraint, covered_by, within
from linkage.periods import Lie, Period

PERIOD, AMONG, AGENCY = "~period", "~among", "agency"
_TIMES = ("month", "quarter", "year")
# Who is in such a set over a whole period is in it in one of its parts, and the other way round. That somebody is known
# to two agencies may take a whole quarter to come about; of exact combinations nothing follows from period to period.
_COMES_ABOUT_AT_ONCE = frozenset({"agency", "area", "type", "age", "kind", "served", "flow"})
_LASTS = _COMES_ABOUT_AT_ONCE | {"both"}
_KNOWN_NEW = ("flow", "new")
# More agencies may know that somebody is not new, was served elsewhere too, or lives with others.
_AS_SEEN_BY_ANY = frozenset({"area", "type", "age", "both"})


def place(key: CellKey, period: str, agencies: Sequence[str]) -> CellKey:
    """The key with its period and, where it names no agency, the agencies that it is counted among.

    January within the first quarter is the set that a release of January counts.
    """
    where = dict(key.where)
    times = [dimension for dimension in _TIMES if dimension in where]
    inner = where.pop(times[0]) if len(times) == 1 else period
    more = [(PERIOD, str(Period.of(inner)))]
    if AGENCY not in where:
        more.append((AMONG, ",".join(sorted(agencies))))
    kept = [pair for pair in key.where if len(times) != 1 or pair[0] != times[0]]
    return CellKey(key.unit, tuple(sorted([*kept, *more])))


def is_group(key: CellKey) -> bool:
    """Whether a placed key counts less than everybody of its period."""
    return any(dimension not in (PERIOD, AMONG) for dimension, _ in key.where)


def place_all(constraints: Iterable[Constraint], period: str, agencies: Sequence[str]) -> list[Constraint]:
    """Constraints over keys that know their period and agencies."""
    return [
        Constraint(tuple((place(key, period, agencies), times) for key, times in each.terms), each.equal)
        for each in constraints
    ]


def between(keys: Iterable[CellKey]) -> list[Constraint]:
    """What binds the same set over periods inside each other, and among more agencies and fewer."""
    every = sorted(set(keys))
    return [*_between_periods(every), *_between_agencies(every)]


def keys_of(constraints: Iterable[Constraint]) -> Iterator[CellKey]:
    """The keys that stand in constraints, as often as they do."""
    return (key for each in constraints for key, _ in each.terms)


def bound_to(cells: Iterable[CellKey], constraints: Sequence[Constraint]) -> list[Constraint]:
    """The constraints that tell something of the cells, be it by way of others."""
    by_key: dict[CellKey, list[int]] = defaultdict(list)
    for number, each in enumerate(constraints):
        for key, _ in each.terms:
            by_key[key].append(number)
    found: set[int] = set()
    keys, next_keys = set[CellKey](), set(cells)
    while next_keys:
        keys |= next_keys
        near = {number for key in next_keys for number in by_key[key]} - found
        found |= near
        next_keys = {*keys_of(constraints[number] for number in near)} - keys
    return [constraints[number] for number in sorted(found)]


def _between_periods(keys: Sequence[CellKey]) -> list[Constraint]:
    known: list[Constraint] = []
    for rest, found in _grouped(keys, PERIOD).items():
        if not _holds(rest, _LASTS):
            continue
        periods = {Period.of(name): CellKey(rest.unit, tuple(sorted((*rest.where, (PERIOD, name))))) for name in found}
        for whole, key in periods.items():
            inside = {part: other for part, other in periods.items() if part.lies_to(whole) is Lie.INSIDE}
            known += [within(other, key) for other in inside.values()]
            for length in (1, 3):
                parts = [other for part, other in inside.items() if part.last - part.first + 1 == length]
                if parts and _holds(rest, _COMES_ABOUT_AT_ONCE) and len(parts) * length == whole.last - whole.first + 1:
                    known += covered_by(key, parts)[:1]
    return known


def _between_agencies(keys: Sequence[CellKey]) -> list[Constraint]:
    """More agencies add at most their own clients."""
    known: list[Constraint] = []
    for rest, found in _grouped(keys, AMONG).items():
        if rest.unit != "people" or not _holds(rest, _AS_SEEN_BY_ANY):  # two households of few may be one of many
            continue
        for few, many in permutations(found, 2):
            joined = set(many.split(",")) - set(few.split(","))
            if few and joined and set(few.split(",")) < set(many.split(",")):
                small, large = (CellKey(rest.unit, tuple(sorted((*rest.where, (AMONG, name))))) for name in (few, many))
                each = [CellKey(rest.unit, tuple(sorted((*rest.where, (AGENCY, name))))) for name in sorted(joined)]
                known += [within(small, large), *covered_by(large, [small, *each])[:1]]
    return known


def _holds(rest: CellKey, dimensions: frozenset[str]) -> bool:
    """Whether all conditions are of these dimensions; of whether somebody is new, only that they are."""
    kept = [pair for pair in rest.where if pair[0] not in (PERIOD, AMONG)]
    return all(pair[0] in dimensions and (pair[0] != _KNOWN_NEW[0] or pair == _KNOWN_NEW) for pair in kept)


def _grouped(keys: Sequence[CellKey], dimension: str) -> dict[CellKey, list[str]]:
    """The members of a dimension by the rest of the key; only where there are several."""
    found: dict[CellKey, list[str]] = defaultdict(list)
    for key in keys:
        for name, member in key.where:
            if name == dimension:
                rest = CellKey(key.unit, tuple(pair for pair in key.where if pair[0] != dimension))
                found[rest].append(member)
    return {rest: members for rest, members in found.items() if len(members) > 1}
