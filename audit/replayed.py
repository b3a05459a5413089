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
from audit.damage import Flaw, tree_as_signed
from audit.errors import VerificationError
from audit.events import MAX_ENTRY_BYTES, decode_entry
from audit.merkle import HASH_BYTES, Tree, leaf_hash
from audit.note import VerifierKey, parse_vkeys
from audit.signing import verify_signatures

_CUT_SHORT = "is cut short"
_BREAK = "\n"
_LINE_BYTES = 2 * HASH_BYTES + len(_BREAK)
_MANY_LINES = 256 * _LINE_BYTES
_PIECE_BYTES = 16 * 1024


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
        return replay_opened(opened, vkeys)


def replay_opened(opened: Bundle, vkeys: str | None) -> ReplayedLog:
    """Like `replay_bundle`, of one that is open.

    Bytes come before meaning: no entry is decoded before all of them are what was signed.

    Raises:
        VerificationError: something is not as signed; it names the first bad entry where that can be told.
        SigningKeyError: the keys cannot be read.
    """
    keys = parse_vkeys(opened.text(VKEYS) if vkeys is None else vkeys)
    signed = _signed_checkpoints(opened, keys)
    leaves = _leaves(opened)
    states = [state.checkpoint for state in signed]
    tree = tree_as_signed(leaves, _listed_leaves(opened), states, lambda: _look_through(opened, leaves).flaw)
    form = _look_through(opened, leaves)
    _check_well_formed(form.flaw)
    return ReplayedLog(keys, signed, tree, form.seconds, form.first, form.last)


class _Form:
    """What the entries say of themselves, up to the first that is not as the log writes them."""

    def __init__(self) -> None:
        self.seconds = array("q")
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.flaw: Flaw | None = None

    def take(self, line: bytes) -> None:
        """Look through one more line of the file."""
        content = line.removesuffix(b"\n")
        why = _CUT_SHORT if content == line else self._why_not(content)
        self.flaw = Flaw(len(self.seconds), why) if why else None

    def _why_not(self, content: bytes) -> str:
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


def _leaves(opened: Bundle) -> bytes:
    """The leaf hashes of the entries, one after the other."""
    leaves, rest = bytearray(), b""
    for piece in opened.pieces(ENTRIES, _PIECE_BYTES):
        more, rest = _leaves_of(rest, piece)
        leaves += more
    return bytes(leaves + leaf_hash(rest) if rest else leaves)


def _leaves_of(rest: bytes, piece: bytes) -> tuple[bytes, bytes]:
    """The leaf hashes of the lines that end in *piece*, the first of which begins with *rest*; and its unended line."""
    *lines, last = (rest + piece).split(b"\n")
    if len(last) > MAX_ENTRY_BYTES:  # no entry is as long as that, and memory is not without end
        lines, last = [*lines, last], b""
    return b"".join(map(leaf_hash, lines)), last


def _look_through(opened: Bundle, leaves: bytes) -> _Form:
    """Decode the entries, which were hashed to *leaves* before, up to the first flaw."""
    form, end = _Form(), 0
    for line in opened.lines(ENTRIES):
        start, end = end, end + HASH_BYTES
        _check_unchanged(leaf_hash(line.removesuffix(b"\n")) == leaves[start:end])
        form.take(line)
        if form.flaw:
            return form
    _check_unchanged(end == len(leaves))
    return form


def _check_unchanged(unchanged: bool) -> None:
    if not unchanged:
        raise VerificationError(
            "the bundle was written to while it was checked", "Check a copy that nothing writes to."
        )


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
    return b"".join(map(_listed_in, opened.pieces(LEAVES, _MANY_LINES)))


def _listed_in(lines: bytes) -> bytes:
    """The hashes on lines that are all as the log writes them; where one is not, zeros, which no entry hashes to."""
    try:
        leaves = bytes.fromhex(lines.decode("ascii"))
    except ValueError:
        leaves = b""
    if f"{leaves.hex(_BREAK, HASH_BYTES)}{_BREAK}".encode() == lines:
        return leaves
    return b"".join(_listed_on(lines[start : start + _LINE_BYTES]) for start in range(0, len(lines), _LINE_BYTES))


def _listed_on(line: bytes) -> bytes:
    try:
        leaf = bytes.fromhex(line.decode("ascii"))
    except ValueError:
        return bytes(HASH_BYTES)
    return leaf if line == leaf.hex().encode() + b"\n" and len(leaf) == HASH_BYTES else bytes(HASH_BYTES)


def _check_well_formed(flaw: Flaw | None) -> None:
    if flaw and flaw.why == _CUT_SHORT:  # a line break is not part of what is signed
        raise VerificationError(f"entry {flaw.entry} {flaw.why}: its line break is missing", entry=flaw.entry)
    if flaw:
        raise VerificationError(
            f"entry {flaw.entry} {flaw.why}, and was signed like this",
            "Update Headcount and check again; if it stays, the service wrote its log wrongly.",
            entry=flaw.entry,
        )
