"""An exported log, read again from its first entry to its last and held against what was signed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from audit.bundle import CHECKPOINTS, ENTRIES, LEAVES, VKEYS, Bundle, open_bundle
from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.damage import Flaw, check_as_signed
from audit.errors import VerificationError
from audit.events import decode_entry
from audit.merkle import HASH_BYTES, Tree, leaf_hash
from audit.note import VerifierKey, parse_vkeys
from audit.signing import verify_signatures


@dataclass(frozen=True, slots=True)
class ReplayedLog:
    """A bundle whose entries are what was signed with *keys*, each well formed and in its place.

    *seconds* has the second of each entry; *first* and *last* are the times of the outermost.
    """

    keys: tuple[VerifierKey, ...]
    signed: tuple[SignedCheckpoint, ...]
    tree: Tree
    seconds: array[int]
    first: datetime | None
    last: datetime | None


def replay_bundle(bundle: Path, vkeys: str | None) -> ReplayedLog:
    """Read a bundle, and check it against the keys in *vkeys*, or those that it brings.

    Raises:
        VerificationError: something is not as signed; it names the first bad entry where that can be told.
        SigningKeyError: the keys cannot be read.
    """
    with open_bundle(bundle) as opened:
        keys = parse_vkeys(opened.text(VKEYS) if vkeys is None else vkeys)
        signed = _signed_checkpoints(opened, keys)
        listed = _listed_leaves(opened)
        entries = _Entries()
        for line in opened.lines(ENTRIES):
            entries.take(line)
    check_as_signed(entries.tree, listed, [state.checkpoint for state in signed], entries.flaw)
    _check_well_formed(entries.flaw)
    return ReplayedLog(keys, signed, entries.tree, entries.seconds, entries.first, entries.last)


class _Entries:
    """The entries of a bundle, hashed and looked through; hashes decide before form does."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.seconds = array("q")  # the second of each well-formed entry
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.flaw: Flaw | None = None

    def take(self, line: bytes) -> None:
        """Add one line of the file."""
        number = len(self.tree)
        content = line.removesuffix(b"\n")
        self.tree.append(leaf_hash(content))
        if self.flaw is None:
            why = "is cut short" if content == line else self._look_through(content)
            self.flaw = Flaw(number, why) if why else None

    def _look_through(self, content: bytes) -> str:
        try:
            entry = decode_entry(content)
        except VerificationError as error:
            return error.what
        if entry.seq != len(self.seconds):
            return f"says to be entry {entry.seq}"
        if self.last and entry.time < self.last:
            return "is older than the entry before it"
        self.first, self.last = self.first or entry.time, entry.time
        self.seconds.append(int(entry.time.timestamp()))
        return ""


def _signed_checkpoints(opened: Bundle, keys: Sequence[VerifierKey]) -> tuple[SignedCheckpoint, ...]:
    lines = tuple(opened.lines(CHECKPOINTS))
    notes = tuple(split_notes(lines))
    if not notes or sum(len(note) + 1 for note in notes) != sum(map(len, lines)):
        raise VerificationError("the file checkpoints is empty or cut short")
    signed = tuple(signed_checkpoint(note, keys) for note in notes)
    for before, after in pairwise(signed):
        if after.checkpoint.size <= before.checkpoint.size:
            raise VerificationError(
                f"a checkpoint of {after.checkpoint.size} entries follows one of {before.checkpoint.size}"
            )
    return signed


def signed_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    """The checkpoint in *note*, signed with every one of *keys*.

    Raises:
        VerificationError: not a checkpoint, or not signed so.
    """
    try:
        signed = parse_signed_checkpoint(note.decode())
    except UnicodeDecodeError as error:
        raise VerificationError("a checkpoint is not text") from error
    verify_signatures(signed, keys)
    return signed


def _listed_leaves(opened: Bundle) -> bytes:
    return b"".join(_leaf(line) for line in opened.lines(LEAVES))


def _leaf(line: bytes) -> bytes:
    """The hash on one line; zeros, which no entry hashes to, if the line is not one."""
    try:
        leaf = bytes.fromhex(line.decode("ascii"))
    except ValueError:
        return bytes(HASH_BYTES)
    return leaf if line == leaf.hex().encode() + b"\n" and len(leaf) == HASH_BYTES else bytes(HASH_BYTES)


def _check_well_formed(flaw: Flaw | None) -> None:
    if flaw:
        raise VerificationError(
            f"entry {flaw.entry} {flaw.why}, and was signed like this",
            "Update Headcount and check again; if it stays, the service wrote its log wrongly.",
            entry=flaw.entry,
        )
