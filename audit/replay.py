"""Reading a log's entries back when it starts, and holding them against what was signed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from audit.checkpoint import Checkpoint
from audit.errors import LogRolledBack, VerificationError
from audit.events import MAX_ENTRY_BYTES, decode_entry
from audit.kept import RESTORE
from audit.merkle import Tree, leaf_hash

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Entries:
    """What is known of the entries on disk: their hashes, where each ends, and the last one's time."""

    tree: Tree = field(default_factory=Tree)
    ends: array[int] = field(default_factory=lambda: array("Q"))
    time: datetime = _LONG_AGO

    @property
    def length(self) -> int:
        """Bytes of whole entries."""
        return self.ends[-1] if self.ends else 0

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Where the entries from *start* to before *stop*, one at least, begin and end in the file."""
        return (self.ends[start - 1] if start else 0), self.ends[stop - 1]

    def add(self, line: bytes, time: datetime) -> bytes:
        """Take in one more entry (without its line break); return its leaf hash."""
        leaf = leaf_hash(line)
        self.ends.append(self.length + len(line) + 1)
        self.tree.append(leaf)
        self.time = time
        return leaf


def replay(path: Path, *, signed: Checkpoint) -> Entries:
    """Read the entries in *path*; a last line that was never wholly written is left out.

    Entries under the *signed* root were decoded before they were signed, and the root says that they are still the
    same: only what came after them is decoded anew, unless the root says otherwise.

    Raises:
        LogRolledBack: an entry is damaged, or the entries are not those under the *signed* root.
        OSError: the file cannot be read.
    """
    try:
        entries = _read(path, trusted=signed.size)
        _check_as_signed(entries.tree, signed)
    except LogRolledBack:
        entries = _read(path, trusted=0)  # which names the first entry that is damaged, if one is
        _check_as_signed(entries.tree, signed)
    return entries


def _read(path: Path, *, trusted: int) -> Entries:
    """The entries on disk; of the first *trusted* ones only the last is decoded, for its time.

    Raises:
        LogRolledBack: an entry that was decoded is damaged or out of its place.
    """
    with path.open("rb") as file:
        lines = _whole_lines(file)
        entries = _hashed(islice(lines, max(trusted - 1, 0)))
        for line in lines:
            _take_in(line, entries)
    return entries


def _hashed(lines: Iterable[bytes]) -> Entries:
    """What is known of entries that nobody has to decode."""
    entries, leaves, end = Entries(), bytearray(), 0
    for line in lines:
        leaves += leaf_hash(line)
        end += len(line) + 1
        entries.ends.append(end)
    entries.tree = Tree.of(leaves)
    return entries


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_ENTRY_BYTES + 2):
        if _is_torn(line) and not file.read(1):
            return
        yield line.removesuffix(b"\n")


def _is_torn(line: bytes) -> bool:
    # A zero byte is space that the file system had set aside when the power went; JSON never has one.
    return not line.endswith(b"\n") or b"\0" in line


def _take_in(line: bytes, entries: Entries) -> None:
    number = len(entries.tree)
    try:
        entry = decode_entry(line)
    except VerificationError as error:
        raise LogRolledBack(f"entry {number} on disk {error.what}", RESTORE) from error
    if entry.seq != number or entry.time < entries.time:
        raise LogRolledBack(f"entry {number} on disk is not in its place", RESTORE)
    entries.add(line, entry.time)


def _check_as_signed(tree: Tree, signed: Checkpoint) -> None:
    if len(tree) < signed.size:
        raise LogRolledBack(f"{signed.size} entries were signed, but only {len(tree)} are on disk", RESTORE)
    if tree.root(signed.size) != signed.root:
        raise LogRolledBack(f"the first {signed.size} entries on disk are not those that were signed", RESTORE)
