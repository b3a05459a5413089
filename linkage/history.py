"""Person pseudonyms from run to run: who was the same person stays under one name; merges and splits are told.

Without an earlier run a pseudonym is drawn from the first record of its group. With one, a group takes over the
pseudonym of the earlier person of whom it has the most records; a pseudonym that was ever used for one group is never
given to another.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.store import read_people, read_table

Change = tuple[str, str, str]  # merged, split or gone; the earlier person; the person now, or nothing


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run: each record's person by (agency, row), and every change told until then."""

    people: Mapping[tuple[str, str], str]
    changes: Sequence[Change]


NONE = Earlier({}, ())


def read_earlier(run: Path) -> Earlier:
    """The people of an earlier run.

    Raises:
        RunError: the folder is not a run.
    """
    table, changes = read_people(run), read_table(run, "history")
    columns = (table[name].to_pylist() for name in ("agency", "row", "person"))
    people = {(agency, row): person for agency, row, person in zip(*columns, strict=True)}
    return Earlier(people, [tuple(line.values()) for line in changes.to_pylist()])


@dataclass(frozen=True, slots=True)
class Named:
    """A person pseudonym for each record, and the changes since the first run."""

    people: pa.Array
    changes: Sequence[Change]

    def change_table(self) -> pa.Table:
        """Columns change, earlier and now."""
        columns = zip(*self.changes, strict=True) if self.changes else ((), (), ())
        names = ("change", "earlier", "now")
        return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def name_people(groups: NDArray[np.int64], agencies: pa.Array, rows: pa.Array, earlier: Earlier = NONE) -> Named:
    """Pseudonyms for groups, each named by its smallest record; *agencies* and *rows* are those of each record."""
    is_first = groups == np.arange(len(groups))
    first, which = np.flatnonzero(is_first), (np.cumsum(is_first) - 1)[groups]
    keys = list(zip(agencies.take(pa.array(first)).to_pylist(), rows.take(pa.array(first)).to_pylist(), strict=True))
    fresh = _new_names(keys) if earlier == NONE else None
    if fresh is not None:
        return Named(fresh.take(pa.array(which)), [])
    shared = _shared(which, agencies, rows, earlier)
    kept = _kept(shared)
    used = set(earlier.people.values()) | {old for _, old, _ in earlier.changes}
    names = [kept.get(group) or _fresh(key, used) for group, key in enumerate(keys)]
    changes = [*earlier.changes, *_changes(shared, names, earlier)]
    return Named(pa.array(names, pa.string()).take(pa.array(which)), changes)


def _shared(which: NDArray[np.int64], agencies: pa.Array, rows: pa.Array, earlier: Earlier) -> dict[str, Counter[int]]:
    """For each earlier person, how many of its records are in which groups now."""
    found: dict[str, Counter[int]] = {}
    if not earlier.people:
        return found
    for group, agency, row in zip(which.tolist(), agencies.to_pylist(), rows.to_pylist(), strict=True):
        person = earlier.people.get((agency, row))
        if person is not None:
            found.setdefault(person, Counter())[group] += 1
    return found


def _kept(shared: Mapping[str, Counter[int]]) -> dict[int, str]:
    """Which groups keep an earlier name: most shared records first, then the smaller group and name."""
    claims = sorted((-count, group, person) for person, groups in shared.items() for group, count in groups.items())
    kept: dict[int, str] = {}
    given: set[str] = set()
    for _, group, person in claims:
        if group not in kept and person not in given:
            kept[group] = person
            given.add(person)
    return kept


def _new_names(keys: Sequence[tuple[str, str]]) -> pa.Array | None:
    """What :func:`pseudonym` gives each, many at once; nothing if two of them had the same."""
    digests = b"".join(hashlib.sha256(f"person|{agency}|{row}".encode()).digest()[:10] for agency, row in keys)
    letters = _LETTERS[_fives(np.frombuffer(digests, dtype=np.uint8))]
    ends = np.arange(0, len(letters) + 1, 16, dtype=np.int32)
    names = pa.StringArray.from_buffers(len(keys), pa.py_buffer(ends), pa.py_buffer(letters))
    return names if pc.count_distinct(names).as_py() == len(names) else None


_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)  # base32, in small letters


def _fives(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes -> their bits, five at a time; five bytes make eight."""
    padded = np.zeros((len(digits) // 5, 8), dtype=np.uint8)
    padded[:, 3:] = digits.reshape(-1, 5)
    words = padded.view(">u8").astype(np.uint64)
    fives = (words >> np.arange(35, -1, -5, dtype=np.uint64)) & np.uint64(31)
    return fives.astype(np.uint8).ravel()


def _fresh(key: tuple[str, str], used: set[str]) -> str:
    """A name that nobody ever had, drawn from a record."""
    number = 0
    while (name := pseudonym(*key, number)) in used:
        number += 1
    used.add(name)
    return name


def pseudonym(agency: str, row: str, number: int = 0) -> str:
    """The pseudonym of the person whose first record it is; *number* tells how many such names were used before."""
    again = f"|{number}" if number else ""
    digest = hashlib.sha256(f"person|{agency}|{row}{again}".encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def _changes(shared: Mapping[str, Counter[int]], names: Sequence[str], earlier: Earlier) -> Iterable[Change]:
    """What became of earlier persons whose name is not theirs alone any more."""
    for person in sorted(set(earlier.people.values())):
        now = {names[group] for group in shared.get(person, ())}
        if not now:
            yield "gone", person, ""
        elif person not in now:
            yield from (("merged", person, name) for name in sorted(now))
        else:
            yield from (("split", person, name) for name in sorted(now - {person}))
