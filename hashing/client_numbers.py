"""Client numbers of a whole list: digests of one length, whether any comes twice, and their lines of a crosswalk."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing.prf import KEY_BYTES, KeyedFunction
from hashing.texts import Texts

ClientNumbers = NDArray[np.str_]
_NUMBERS = KeyedFunction(bytes(KEY_BYTES))  # a digest, not a secret: it only brings client numbers to one length
_PLAIN = np.zeros(256, dtype=np.bool_)
_PLAIN[[0, *b" -.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"]] = True  # stand in a CSV as they are
_LONGEST = 64  # of letters that are laid side by side


def number_digests(numbers: ClientNumbers) -> NDArray[np.uint8]:
    """Client numbers -> sixteen bytes each, of which pseudonyms are made; a second person under one gets others."""
    digests = _digests(numbers)
    return digests if _differ(digests) else _NUMBERS.tags(Texts.of(_told_apart(numbers.tolist())))


def are_distinct(numbers: ClientNumbers) -> bool:
    """Whether no number comes twice."""
    return _differ(_digests(numbers)) or len(set(numbers.tolist())) == len(numbers)


def _digests(numbers: ClientNumbers) -> NDArray[np.uint8]:
    return _NUMBERS.tags(side_by_side(numbers) or Texts.of(numbers.tolist()))


def _differ(digests: NDArray[np.uint8]) -> bool:
    """Whether the digests are all different; then their texts are."""
    halves = np.sort(np.ascontiguousarray(digests[:, :8]).view(np.uint64).ravel())
    return bool((halves[1:] != halves[:-1]).all())


def side_by_side(numbers: ClientNumbers) -> Texts | None:
    """The numbers as texts; None where they are long, or not all of them ASCII."""
    lengths = np.strings.str_len(numbers)
    width = max(1, int(lengths.max(initial=0)))
    if width > _LONGEST:
        return None
    try:
        letters = numbers.astype(f"S{width}")
    except UnicodeEncodeError:
        return None
    return Texts(letters.view(np.uint8).reshape(len(numbers), width), lengths.astype(np.intp))


def _told_apart(numbers: Sequence[str]) -> list[str]:
    """Client numbers, each further person under one number told apart from the first."""
    times: dict[str, int] = {}
    found = []
    for number in numbers:
        again = times[number] = times.get(number, 0) + 1
        found.append(number if again == 1 else f"{number}\x00{again}")
    return found


class Crosswalk:
    """Lines that lead from pseudonyms to client numbers."""

    def __init__(self, numbers: ClientNumbers) -> None:
        """*numbers* are those of all clients."""
        self._numbers = numbers
        texts = side_by_side(numbers)
        self._plain = texts if texts is not None and _PLAIN[texts.letters].all() else None

    def lines(self, pseudonyms: NDArray[np.uint8], rows: NDArray[np.integer[Any]]) -> bytes:
        """The lines of some clients; *pseudonyms* are the letters of theirs."""
        if self._plain is None:
            numbers, names = self._numbers[rows].tolist(), pseudonyms.tobytes().decode("ascii")
            width = pseudonyms.shape[1]
            return csv_lines([(names[width * n : width * (n + 1)], number) for n, number in enumerate(numbers)])
        own = self._plain.take(rows)
        first, width = pseudonyms.shape[1] + 1, own.letters.shape[1]
        laid = np.empty((len(rows), first + width + 1), dtype=np.uint8)
        laid[:, : first - 1], laid[:, first - 1], laid[:, first:-1] = pseudonyms, ord(","), own.letters
        ends = first + own.lengths
        laid[np.arange(len(rows)), ends] = ord("\n")
        whole: NDArray[np.uint8] = laid[np.arange(laid.shape[1]) <= ends[:, None]]
        return whole.tobytes()


def csv_lines(rows: Sequence[tuple[str, str]]) -> bytes:
    """Lines of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
