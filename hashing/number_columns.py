"""Columns of plain digits, as most exports have them, read at once by the rules of :mod:`hashing.normalise`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hashing.batch import Numbers
from hashing.cell_pages import CellColumn
from hashing.normalise import FAKE_PHONES, FAKE_SSNS, NOBODYS_PHONES

_FAKE_SSNS = np.array(sorted(map(int, FAKE_SSNS)), dtype=np.int64)
_FAKE_PHONES = np.array(sorted(map(int, FAKE_PHONES)), dtype=np.int64)
_NOBODYS = np.array(sorted(map(int, NOBODYS_PHONES)), dtype=np.int64)


def plain_ssns(cells: Sequence[str]) -> tuple[Numbers, Numbers] | None:
    """Social Security numbers and their last four; None where not every filled cell is nine digits."""
    numbers = _plain_digits(cells, 9)
    if numbers is None:
        return None
    whole = np.where(_is_issued(numbers), numbers, -1)
    return whole, np.where(whole >= 0, whole % 10_000, -1)


def plain_phones(cells: Sequence[str]) -> Numbers | None:
    """Telephone numbers; None where not every filled cell is ten digits."""
    numbers = _plain_digits(cells, 10)
    return None if numbers is None else np.where(_is_dialled(numbers), numbers, -1)


def is_plain_column(cells: Sequence[str]) -> bool:
    """Whether each filled cell is ASCII letters and digits, and not letters alone: it says what stands in it."""
    if isinstance(cells, CellColumn):
        return cells.is_plain
    joined = "".join(cells)
    return joined.isascii() and joined.isalnum() and not any(map(str.isalpha, cells))


def _plain_digits(cells: Sequence[str], width: int) -> Numbers | None:
    if isinstance(cells, CellColumn):
        return cells.digits(width)
    joined = "".join(cells)
    lengths = np.fromiter(map(len, cells), dtype=np.int64, count=len(cells))
    filled = lengths > 0
    if not (joined.isascii() and joined.isdigit() and (lengths[filled] == width).all()):
        return None
    digits = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(-1, width).astype(np.int64) - ord("0")
    numbers = np.full(len(cells), -1, dtype=np.int64)
    numbers[filled] = digits @ 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers


def _is_issued(ssns: Numbers) -> NDArray[np.bool_]:
    area, group, serial = ssns // 1_000_000, ssns // 10_000 % 100, ssns % 10_000
    is_number = (area > 0) & (area != 666) & (area < 900) & (group > 0) & (serial > 0)
    found: NDArray[np.bool_] = is_number & ~np.isin(ssns, _FAKE_SSNS)
    return found


def _is_dialled(phones: Numbers) -> NDArray[np.bool_]:
    last_seven = phones % 10_000_000
    one_digit = last_seven % 1_111_111 == 0
    found: NDArray[np.bool_] = (phones >= 2_000_000_000) & ~one_digit
    return found & ~np.isin(last_seven, _NOBODYS) & ~np.isin(phones, _FAKE_PHONES)
