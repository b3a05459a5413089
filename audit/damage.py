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
from audit.merkle import Tree


@dataclass(frozen=True, slots=True)
class Flaw:
    """An entry that is not as the log writes entries, and why."""

    entry: int
    why: str


def check_as_signed(entries: Tree, listed: Tree, signed: Sequence[Checkpoint], flaw: Flaw | None) -> None:
    """Check that the *entries*, and the *listed* leaf hashes, give every *signed* root, and all of the last.

    *flaw* is the first entry that is malformed in itself, if there is one.

    Raises:
        VerificationError: they do not; it names the first bad entry, or the two between which it lies.
    """
    if _fit(entries, signed):
        _check_listed(entries, listed)
    elif _fit(listed, signed):
        raise _first_difference(entries, listed)
    else:
        raise _between_checkpoints(entries, signed, flaw)


def _fit(tree: Tree, signed: Sequence[Checkpoint]) -> bool:
    return len(tree) == signed[-1].size and all(tree.root(state.size) == state.root for state in signed)


def _difference(left: Tree, right: Tree) -> int | None:
    shared = min(len(left), len(right))
    for index in range(shared):
        if left.leaf(index) != right.leaf(index):
            return index
    return None if len(left) == len(right) else shared


def _check_listed(entries: Tree, listed: Tree) -> None:
    index = _difference(entries, listed)
    if index is not None:
        raise VerificationError(
            f"the entries are as signed, but line {index} of the file leaves was altered, added or removed",
            entry=index,
        )


def _first_difference(entries: Tree, listed: Tree) -> VerificationError:
    index = _difference(entries, listed) or 0
    if len(entries) == len(listed):
        return VerificationError(f"entry {index} was altered: it is not what was signed", entry=index)
    count = f"{len(listed)} entries were signed, {len(entries)} are here"
    what = "altered or removed" if len(entries) < len(listed) else "altered or put in"
    return VerificationError(f"entry {index} was {what}: {count}", entry=index)


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
