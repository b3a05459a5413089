"""What exact combinations of agencies say of the agencies and of each two of them: everybody's arithmetic.

Of nine agencies or fewer every combination is a count of its own, also those that no table names: an agency's people
are those of all combinations that it is in. Of more there are too many, and what each agency, and each two, have among
the combinations that no table names is one count each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, combinations

from linkage.cells import CellKey, Constraint, sums_to, within
from linkage.cube.counting import OTHERS, Cube, both, combination
from linkage.venn import EXACTLY, MOST_SETS

MOST_WHOLE = 5  # agencies of which each combination is solved for as a whole number
_Members = Callable[..., list[CellKey]]  # agencies -> the counts that make up the people of all of them


def bound_combinations(
    cube: Cube, singles: Mapping[str, CellKey], named: Mapping[CellKey, tuple[str, ...]], others: CellKey
) -> list[Constraint]:
    """What binds the combinations that a table names, and *others* together, to agencies and overlaps."""
    known = {key: frozenset(some) for key, some in named.items()} | {key: frozenset({a}) for a, key in singles.items()}
    if len(cube.agencies) <= MOST_SETS:
        return _each_by_itself(cube, known, others)
    return _together(cube, known, others)


def _each_by_itself(cube: Cube, known: Mapping[CellKey, frozenset[str]], others: CellKey) -> list[Constraint]:
    sizes = range(2, len(cube.agencies) + 1)
    every = {frozenset(some) for some in chain.from_iterable(combinations(cube.agencies, size) for size in sizes)}
    rest = {_unnamed(cube, others, sorted(some)): some for some in sorted(every - {*known.values()}, key=sorted)}
    counts = {**known, **rest}

    def among(*agencies: str) -> list[CellKey]:
        return [key for key, some in counts.items() if {*agencies} <= some]

    return [sums_to(others, list(rest)), *_sums(cube, others, among)]


def _unnamed(cube: Cube, others: CellKey, agencies: Sequence[str]) -> CellKey:
    name = combination(cube.scope, agencies)
    dimension = "combination" if len(cube.agencies) <= MOST_WHOLE else EXACTLY
    return CellKey.of(others.unit, **{dimension: name})


def _together(cube: Cube, known: Mapping[CellKey, frozenset[str]], others: CellKey) -> list[Constraint]:
    def inside(*agencies: str) -> CellKey:
        return CellKey.of(others.unit, combination=combination(cube.scope, [OTHERS, *agencies]))

    def among(*agencies: str) -> list[CellKey]:
        return [*(key for key, some in known.items() if {*agencies} <= some), inside(*agencies)]

    bound = _sums(cube, others, among)
    bound += [within(inside(agency), others) for agency in cube.agencies]
    for one, other in combinations(cube.agencies, 2):
        bound += [within(inside(one, other), inside(agency)) for agency in (one, other)]
    twice = ((others, 2), *((inside(agency), -1) for agency in cube.agencies))  # each of the others is at two at least
    return [*bound, Constraint(twice, equal=False)]


def _sums(cube: Cube, others: CellKey, among: _Members) -> list[Constraint]:
    whole = CellKey.of(others.unit)
    pairs = combinations(cube.agencies, 2)
    return [
        *(sums_to(whole.and_also(agency=agency), among(agency)) for agency in cube.agencies),
        *(sums_to(whole.and_also(both=both(one, other)), among(one, other)) for one, other in pairs),
    ]
