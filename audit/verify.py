"""Checking an exported log offline, without trust in the service that wrote it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from audit.bundle import CHECKPOINTS, ENTRIES, LEAVES, VKEYS, Bundle, open_bundle
from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.damage import Flaw, check_as_signed
from audit.errors import VerificationError
from audit.events import Entry, Receipt, decode_entry
from audit.merkle import HASH_BYTES, Tree, leaf_hash
from audit.note import VerifierKey, parse_vkeys
from audit.signing import fingerprint, signing_time, verify_signatures

_KEEP = "Keep your own copy: it shows that the log was rewritten. Tell the other auditors."


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """What was found to be true of a bundle.

    *signers* names each key that signed every checkpoint. If *keys_given* is False the keys came with the
    bundle, and all of this holds only if *fingerprint* is the one that the log's people tell you.
    """

    origin: str
    entries: int
    root: str
    first: datetime | None
    last: datetime | None
    checkpoints: int
    signed_at: datetime | None
    signers: tuple[str, ...]
    fingerprint: str
    keys_given: bool
    receipts: int


class _Replayed:
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


def verify_bundle(
    bundle: Path,
    *,
    vkeys: str | None = None,
    receipts: Iterable[Receipt] = (),
    checkpoints: Iterable[str] = (),
) -> VerifiedLog:
    """Check a bundle: a folder that the log exported, or a zip of it.

    Every kept checkpoint must be signed by every key, the entries must give each signed root, be numbered
    without a gap and never go back in time, and hold every entry of your *receipts* and every state of the
    *checkpoints* that you kept. *vkeys* is the text of the ``log.vkey`` that you trust; without it the
    bundle's own is taken, and the result says so.

    Raises:
        VerificationError: something does not hold; it names the first bad entry where that can be told.
        SigningKeyError: the keys cannot be read.
    """
    with open_bundle(bundle) as opened:
        keys = parse_vkeys(opened.text(VKEYS) if vkeys is None else vkeys)
        signed = _signed_checkpoints(opened, keys)
        listed = _listed_leaves(opened)
        replayed = _Replayed()
        for line in opened.lines(ENTRIES):
            replayed.take(line)
    check_as_signed(replayed.tree, listed, [state.checkpoint for state in signed], replayed.flaw)
    _check_well_formed(replayed.flaw)
    _check_times(signed, keys, replayed.seconds)
    kept = tuple(receipts)
    _check_receipts(kept, replayed.tree)
    _check_kept_checkpoints(checkpoints, keys, replayed.tree)
    return VerifiedLog(
        origin=keys[0].name,
        entries=len(replayed.tree),
        root=replayed.tree.root().hex(),
        first=replayed.first,
        last=replayed.last,
        checkpoints=len(signed),
        signed_at=signing_time(signed[-1], keys),
        signers=tuple(key.title for key in keys),
        fingerprint=fingerprint(keys),
        keys_given=vkeys is not None,
        receipts=len(kept),
    )


def read_entries(bundle: Path) -> tuple[Entry, ...]:
    """The entries of a bundle that `verify_bundle` accepted.

    Raises:
        VerificationError: an entry cannot be read.
    """
    with open_bundle(bundle) as opened:
        return tuple(decode_entry(line.removesuffix(b"\n")) for line in opened.lines(ENTRIES))


def _signed_checkpoints(opened: Bundle, keys: Sequence[VerifierKey]) -> tuple[SignedCheckpoint, ...]:
    lines = tuple(opened.lines(CHECKPOINTS))
    notes = tuple(split_notes(lines))
    if not notes or sum(len(note) + 1 for note in notes) != sum(map(len, lines)):
        raise VerificationError("the file checkpoints is empty or cut short")
    signed = tuple(_signed_checkpoint(note, keys) for note in notes)
    for before, after in pairwise(signed):
        if after.checkpoint.size <= before.checkpoint.size:
            raise VerificationError(
                f"a checkpoint of {after.checkpoint.size} entries follows one of {before.checkpoint.size}"
            )
    return signed


def _signed_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    try:
        signed = parse_signed_checkpoint(note.decode())
    except UnicodeDecodeError as error:
        raise VerificationError("a checkpoint is not text") from error
    verify_signatures(signed, keys)
    return signed


def _listed_leaves(opened: Bundle) -> Tree:
    listed = Tree()
    for line in opened.lines(LEAVES):
        listed.append(_leaf(line))
    return listed


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


def _check_times(signed: Sequence[SignedCheckpoint], keys: Sequence[VerifierKey], seconds: array[int]) -> None:
    """A checkpoint is not older than the entries under it, nor younger than the entry after it."""
    previous = 0
    for state in signed:
        size, time = state.checkpoint.size, signing_time(state, keys)
        if time is None:
            return
        second = int(time.timestamp())
        if second < max(previous, seconds[size - 1] if size else 0):
            raise VerificationError(f"the checkpoint of {size} entries is dated before what it covers")
        if size < len(seconds) and seconds[size] < second:
            raise VerificationError(f"entry {size} is dated before the checkpoint that it follows", entry=size)
        previous = second


def _check_receipts(receipts: Sequence[Receipt], tree: Tree) -> None:
    for receipt in receipts:
        if receipt.index >= len(tree) or tree.leaf(receipt.index).hex() != receipt.leaf:
            raise VerificationError(
                f"entry {receipt.index} is not the one you have a receipt for", _KEEP, entry=receipt.index
            )


def _check_kept_checkpoints(texts: Iterable[str], keys: Sequence[VerifierKey], tree: Tree) -> None:
    for text in texts:
        signed = _signed_checkpoint(text.encode(), keys).checkpoint
        if signed.size > len(tree):
            raise VerificationError(
                f"you hold a checkpoint of {signed.size} entries, and the log has {len(tree)}", _KEEP, entry=len(tree)
            )
        if tree.root(signed.size) != signed.root:
            raise VerificationError(f"the log no longer has the first {signed.size} entries that you saw", _KEEP)
