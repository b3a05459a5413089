"""What overlaps of pairs say together: the exact combinations of several sets, which no table need show.

From the sizes of three sets, of their overlaps and of their union follows more than from each overlap by itself
(Bonferroni's inequalities are an example). Counts are sizes of sets exactly where every exact combination has a size,
so these join the system as counts that nobody is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from linkage.cells import CellKey, Constraint, sums_to

MOST_SETS = 9  # 511 combinations; of more sets each pair is still bound by itself
EXACTLY = "exactly"


@dataclass(slots=True)
class _Family:
    """Sets inside one union, and the overlaps that are known of them."""

    overlaps: dict[CellKey, frozenset[CellKey]] = field(default_factory=dict)

    @property
    def members(self) -> list[CellKey]:
        return sorted({one for pair in self.overlaps.values() for one in pair})


def with_combinations(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """The constraints, and the exact combinations behind their overlaps."""
    families, covers = _families(constraints), _covers(constraints)
    added = [
        each
        for union, family in sorted(families.items())
        if len(family.members) <= MOST_SETS
        for each in _combined(union, family, covered=_is_covered(family, covers[union]))
    ]
    return (*constraints, *added)


def is_combination(key: CellKey) -> bool:
    """Whether the key was made here."""
    return any(dimension == EXACTLY for dimension, _ in key.where)


def _families(constraints: Iterable[Constraint]) -> dict[CellKey, _Family]:
    inside = {(part, whole) for each in constraints for part, whole in _as_within(each)}
    found: dict[CellKey, _Family] = defaultdict(_Family)
    for each in constraints:
        plus = [key for key, times in each.terms if times == 1]
        minus = [key for key, times in each.terms if times == -1]
        if each.equal or len(plus) != 2 or len(minus) != 2 or len(each.terms) != 4:
            continue
        for both, either in (minus, minus[::-1]):
            if all((both, one) in inside for one in plus):
                found[either].overlaps[both] = frozenset(plus)
                break
    return found


def _as_within(constraint: Constraint) -> list[tuple[CellKey, CellKey]]:
    if constraint.equal or len(constraint.terms) != 2:
        return []
    (one, times), (other, back) = constraint.terms
    return [(one, other)] if (times, back) == (1, -1) else [(other, one)] if (times, back) == (-1, 1) else []


def _covers(constraints: Iterable[Constraint]) -> dict[CellKey, list[frozenset[CellKey]]]:
    found: dict[CellKey, list[frozenset[CellKey]]] = defaultdict(list)
    for each in constraints:
        whole = [key for key, times in each.terms if times == 1]
        if not each.equal and len(whole) == 1 and all(times == -1 for key, times in each.terms if key != whole[0]):
            found[whole[0]].append(frozenset(key for key, _ in each.terms if key != whole[0]))
    return found


def _is_covered(family: _Family, covers: Iterable[frozenset[CellKey]]) -> bool:
    return any(cover <= set(family.members) for cover in covers)


def _combined(union: CellKey, family: _Family, *, covered: bool) -> list[Constraint]:
    members = family.members
    places = range(len(members))
    sizes = range(1 if covered else 0, len(members) + 1)
    exact = {frozenset(some): _exactly(union, some) for size in sizes for some in combinations(places, size)}
    known = [sums_to(union, list(exact.values()))]
    for place, member in enumerate(members):
        known.append(sums_to(member, [key for some, key in exact.items() if place in some]))
    for both, pair in sorted(family.overlaps.items()):
        wanted = {members.index(one) for one in pair}
        known.append(sums_to(both, [key for some, key in exact.items() if wanted <= some]))
    return known


def _exactly(union: CellKey, places: Sequence[int]) -> CellKey:
    name = "+".join(f"{place:02d}" for place in places) or "none"
    return CellKey(union.unit, tuple(sorted((*union.where, (EXACTLY, name)))))
