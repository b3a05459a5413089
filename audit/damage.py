"""Finding the first bad entry, although only the root over all of them is signed.

The bundle lists the leaf hash of every entry. If that list still gives the signed roots, the first entry
whose bytes do not give its listed hash is the bad one. If neither the entries nor the list give them, the
signed checkpoints in between narrow the place down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.errors import VerificationError
from audit.merkle import HASH_BYTES, Tree


@dataclass(frozen=True, slots=True)
class Flaw:
    """An entry that is not as the log writes entries, and why."""

    entry: int
    why: str


def check_as_signed(entries: Tree, listed: bytes, signed: Sequence[Checkpoint], flaw: Flaw | None) -> None:
    """Check that the *entries*, and the *listed* leaf hashes, give every *signed* root, and all of the last.

    *listed* are leaf hashes one after the other.

    *flaw* is the first entry that is malformed in itself, if there is one.

    Raises:
        VerificationError: they do not; it names the first bad entry, or the two between which it lies.
    """
    if _fit(entries, signed):
        _check_listed(entries.leaves, listed)
    elif _fit(Tree.of(listed), signed):
        raise _first_difference(entries.leaves, listed)
    else:
        raise _between_checkpoints(entries, signed, flaw)


def _fit(tree: Tree, signed: Sequence[Checkpoint]) -> bool:
    return len(tree) == signed[-1].size and all(tree.root(state.size) == state.root for state in signed)


def _first_bad(left: bytes, right: bytes) -> int:
    """The number of the first leaf in which two lists differ, which they do."""
    shared = min(len(left), len(right))
    places = (start for start in range(0, shared, HASH_BYTES) if _at(left, start) != _at(right, start))
    return next(places, shared) // HASH_BYTES


def _at(leaves: bytes, start: int) -> bytes:
    return leaves[start : start + HASH_BYTES]


def _check_listed(entries: bytes, listed: bytes) -> None:
    if entries != listed:
        index = _first_bad(entries, listed)
        raise VerificationError(
            f"the entries are as signed, but line {index} of the file leaves was altered, added or removed",
            entry=index,
        )


def _first_difference(entries: bytes, listed: bytes) -> VerificationError:
    index = _first_bad(entries, listed)
    here, there = len(entries) // HASH_BYTES, len(listed) // HASH_BYTES
    if here == there:
        return VerificationError(f"entry {index} was altered: it is not what was signed", entry=index)
    what = "altered or removed" if here < there else "altered or put in"
    return VerificationError(f"entry {index} was {what}: {there} entries were signed, {here} are here", entry=index)


def _between_checkpoints(entries: Tree, signed: Sequence[Checkpoint], flaw: Flaw | None) -> VerificationError:
    good, bad = 0, signed[-1].size
    for state in signed:
        if state.size > len(entries) or entries.root(state.size) != state.root:
            bad = state.size
            break
        good = state.size
    if good == signed[-1].size:
        return VerificationError(f"entry {good} was added: only {good} entries were signed", entry=good)
    if flaw and good <= flaw.entry < bad:
        return VerificationError(f"entry {flaw.entry} {flaw.why}, and is not what was signed", entry=flaw.entry)
    if bad - good == 1:
        return VerificationError(f"entry {good} was altered or removed", entry=good)
    return VerificationError(f"an entry between {good} and {bad - 1} was altered, added or removed")
