"""Counts with noise instead of stars: differential privacy, by OpenDP's discrete Laplace mechanism.

The other way out beside `linkage.disclosure`, for tables that would be a field of stars. Whoever sees the answers
learns of any one person at most what the spent epsilon allows, whatever else they know (Dwork, McSherry, Nissim and
Smith 2006, https://doi.org/10.29012/jpc.v7i3.405; discrete: Ghosh, Roughgarden and Sundararajan 2012,
https://doi.org/10.1137/09076828X). What a person is, linkage has decided before: docs/adr/0026-noise.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from linkage.cells import TrueTable
from linkage.disclosure import WITHHELD, Rule, SafeCell, SafeCount, SafeRow, SafeTable
from linkage.errors import CannotRelease

_SURE = 0.95  # how often the printed range holds the count without noise

Noise = Callable[[Sequence[int], float], list[int]]  # counts and the scale of the noise -> counts with noise


@dataclass(frozen=True, slots=True)
class Noisy:
    """Numbers with noise, and how much: *scale* of the discrete Laplace distribution; they may be below zero."""

    counts: tuple[int, ...]
    total: int
    scale: float


def from_opendp(counts: Sequence[int], scale: float) -> list[int]:
    """OpenDP's discrete Laplace mechanism, on integers throughout; its randomness is the operating system's."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    noised: list[int] = (space >> dp.m.then_laplace(scale=scale))(list(counts))
    return noised


def check_epsilon(epsilon: float) -> None:
    """Whether it is an amount of privacy that can be spent.

    Raises:
        CannotRelease: it is not above 0 and at most 10.
    """
    if not 0 < epsilon <= 10:
        raise CannotRelease("epsilon is not above 0 and at most 10", hint="Usual amounts lie between 0.1 and 1.")


def sensitivity(table: TrueTable, *, disjoint: bool) -> int:
    """By how much one person can change the numbers of a one-way table together: in each row, and in the total."""
    return (1 if disjoint else len(table.rows)) + 1


def noisy(table: TrueTable, epsilon: float, noise: Noise, *, disjoint: bool = False) -> Noisy:
    """All numbers of a one-way table at once, for *epsilon* together.

    Rows must be fixed beforehand: a row that is there because somebody is in it would tell of them.

    Raises:
        CannotRelease: the table has columns, or epsilon is no such amount.
    """
    check_epsilon(epsilon)
    if table.columns != ("",):
        raise CannotRelease(f"{table.name} has columns", hint="Noise is offered for tables of one column.")
    scale = sensitivity(table, disjoint=disjoint) / epsilon
    counts = [0 if cell is None else cell.count for (cell,) in table.cells]
    *rows, total = noise([*counts, table.total.count], scale)
    return Noisy(tuple(rows), total, scale)


def half_width(scale: float) -> int:
    """How far the noise goes in 95 of 100 cases: P(|X| > w) = 2 q^(w+1) / (1 + q), q = exp(-1/scale)."""
    return max(0, math.ceil(scale * math.log(2 / ((1 - _SURE) * (1 + math.exp(-1 / scale)))) - 1))


def safe_table(table: TrueTable, made: Noisy, epsilon: float) -> SafeTable:
    """The table with its noisy numbers, none below zero; nothing but *made* and the labels is in it."""
    width = half_width(made.scale)
    rows = tuple(SafeRow(label, (_cell(count, width),)) for label, count in zip(table.rows, made.counts, strict=True))
    total = SafeRow(table.total_label, (_cell(made.total, width),))
    return SafeTable(
        table.name,
        table.title,
        table.unit,
        table.columns,
        rows,
        total,
        WITHHELD,
        (
            f"Noise was added for differential privacy (epsilon {epsilon:g}, one person); "
            f"in {_SURE:.0%} of cases a number is within {width} of the count.",
            "The range is that of the noise alone, not of the matching.",
        ),
        Rule("noise", 1),
    )


def _cell(count: int, width: int) -> SafeCell:
    low, middle, high = (SafeCount(max(0, number)) for number in (count - width, count, count + width))
    return SafeCell(middle, low, high)


def encode(made: Noisy) -> bytes:
    """As JSON, to be kept: the same question is answered by the same numbers."""
    return msgspec.json.encode(made)


def decode(text: bytes) -> Noisy:
    """What `encode` wrote.

    Raises:
        msgspec.MsgspecError: it is something else.
    """
    return msgspec.json.decode(text, type=Noisy)
