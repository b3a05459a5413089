"""Checking an exported log offline, without trust in the service that wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.bundle import ENTRIES, Bundle, open_bundle
from audit.checkpoint import SignedCheckpoint
from audit.cosignature import LATER, Cosigned, Quorum, furthest
from audit.errors import VerificationError
from audit.events import Entry, Receipt, decode_entry
from audit.merkle import Tree
from audit.replayed import ReplayedLog, replay_opened, signed_checkpoint
from audit.signing import fingerprint, signing_time

_KEEP = "Keep your own copy: it shows that the log was rewritten. Tell the other auditors."


@dataclass(frozen=True, slots=True)
class Witnessed:
    """How many entries, from the first on, enough witnesses have cosigned, and who did when, of these or more."""

    entries: int
    by: tuple[Cosigned, ...]


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """What was found to be true of a bundle.

    *signers* names each key that signed every checkpoint. If *keys_given* is False the keys came with the
    bundle, and all of this holds only if *fingerprint* is the one that the log's people tell you.
    *witnessed* is None if no quorum was asked for. *held* is how many entries, from the first on, there have to be by
    the receipts, kept checkpoints and witnesses that were given; None if none were.
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
    witnessed: Witnessed | None = None
    held: int | None = None


def verify_bundle(
    bundle: Path,
    *,
    vkeys: str | None = None,
    receipts: Iterable[Receipt] = (),
    checkpoints: Iterable[str] = (),
    quorum: Quorum | None = None,
) -> VerifiedLog:
    """Check a bundle: a folder that the log exported, or a zip of it.

    Every kept checkpoint must be signed by every key, the entries must give each signed root, be numbered
    without a gap and never go back in time, and hold every entry of your *receipts* and every state of the
    *checkpoints* that you kept. *vkeys* is the text of the ``log.vkey`` that you trust; without it the
    bundle's own is taken, and the result says so. With a *quorum*, enough of its witnesses must have cosigned
    a checkpoint of the bundle, or one that you kept; not all of them the same one.

    Raises:
        VerificationError: something does not hold; it names the first bad entry where that can be told.
        SigningKeyError: the keys cannot be read.
    """
    with open_bundle(bundle) as opened:
        return verify_opened(opened, vkeys=vkeys, receipts=receipts, checkpoints=checkpoints, quorum=quorum)


def verify_opened(
    bundle: Bundle,
    *,
    vkeys: str | None = None,
    receipts: Iterable[Receipt] = (),
    checkpoints: Iterable[str] = (),
    quorum: Quorum | None = None,
) -> VerifiedLog:
    """Like `verify_bundle`, of one that is open, wherever its files are.

    Raises:
        VerificationError: something does not hold; it names the first bad entry where that can be told.
        SigningKeyError: the keys cannot be read.
    """
    log = replay_opened(bundle, vkeys)
    _check_times(log)
    held = tuple(receipts)
    _check_receipts(held, log.tree)
    kept = [_kept_checkpoint(text, log) for text in checkpoints]
    witnessed = _witnessed((*log.signed, *kept), quorum) if quorum else None
    return VerifiedLog(
        origin=log.keys[0].name,
        entries=len(log.tree),
        root=log.tree.root().hex(),
        first=log.first,
        last=log.last,
        checkpoints=len(log.signed),
        signed_at=signing_time(log.signed[-1], log.keys),
        signers=tuple(key.title for key in log.keys),
        fingerprint=fingerprint(log.keys),
        keys_given=vkeys is not None,
        receipts=len(held),
        witnessed=witnessed,
        held=_held(held, kept, witnessed),
    )


def read_entries(bundle: Path) -> tuple[Entry, ...]:
    """The entries of a bundle that `verify_bundle` accepted.

    Raises:
        VerificationError: an entry cannot be read.
    """
    with open_bundle(bundle) as opened:
        return tuple(decode_entry(line.removesuffix(b"\n")) for line in opened.lines(ENTRIES))


def _check_times(log: ReplayedLog) -> None:
    """A checkpoint is not older than the entries under it, nor younger than the entry after it."""
    previous, seconds = 0, log.seconds
    for state in log.signed:
        size, time = state.checkpoint.size, signing_time(state, log.keys)
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


def _held(receipts: Sequence[Receipt], kept: Sequence[SignedCheckpoint], witnessed: Witnessed | None) -> int | None:
    sizes = [*(receipt.index + 1 for receipt in receipts), *(state.checkpoint.size for state in kept)]
    return max([*sizes, *((witnessed.entries,) if witnessed else ())], default=None)


def _kept_checkpoint(text: str, log: ReplayedLog) -> SignedCheckpoint:
    signed = signed_checkpoint(text.encode(), log.keys)
    size, entries = signed.checkpoint.size, len(log.tree)
    if size > entries:
        raise VerificationError(
            f"you hold a checkpoint of {size} entries, and the log has {entries}", _KEEP, entry=entries
        )
    if log.tree.root(size) != signed.checkpoint.root:
        raise VerificationError(f"the log no longer has the first {size} entries that you saw", _KEEP)
    return signed


def _witnessed(states: Sequence[SignedCheckpoint], quorum: Quorum) -> Witnessed:
    """The largest state that enough witnesses vouch for; every line of theirs has to fit, in all *states*.

    A later cosignature vouches for every earlier state, since all *states* are of one history: that was checked.
    """
    found = furthest(states, quorum.witnesses)
    if len(found) < quorum.need:
        raise VerificationError(_too_few(found, quorum), LATER)
    sizes = sorted((size for size, _ in found.values()), reverse=True)
    entries = sizes[quorum.need - 1]
    names = (witness.name for witness in quorum.witnesses if witness.name in found)
    return Witnessed(entries, tuple(found[name][1] for name in names if found[name][0] >= entries))


def _too_few(found: Mapping[str, tuple[int, Cosigned]], quorum: Quorum) -> str:
    told = [f"{name} up to {size} entries" for name, (size, _) in sorted(found.items())]
    told += [f"{witness.name} nothing" for witness in quorum.witnesses if witness.name not in found]
    return (
        f"{len(found) or 'none'} of your {len(quorum.witnesses)} witnesses cosigned anything in this copy, and "
        f"{quorum.need} are needed: {', '.join(told)}"
    )
