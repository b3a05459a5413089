"""Finding the first bad entry, although only the root over all of them is signed.

The bundle lists the leaf hash of every entry. If that list still gives the signed roots, the first entry
whose bytes do not give its listed hash is the bad one. If neither the entries nor the list give them, the
signed checkpoints in between narrow the place down.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.errors import VerificationError
from audit.merkle import HASH_BYTES, Tree


@dataclass(frozen=True, slots=True)
class Flaw:
    """An entry that is not as the log writes entries, and why."""

    entry: int
    why: str


def tree_as_signed(
    entries: bytes, listed: bytes, signed: Sequence[Checkpoint], flaw: Callable[[], Flaw | None]
) -> Tree:
    """The tree over *entries*, which have to be the *listed* ones and give every *signed* root, and all of the last.

    Both are leaf hashes one after the other. *flaw* finds the first entry that is malformed in itself, if there is
    one; it is asked only when the hashes do not tell the place.

    Raises:
        VerificationError: they do not; it names the first bad entry, or the two between which it lies.
    """
    tree = Tree.of(listed)
    if _fit(tree, signed):
        if entries != listed:
            raise _first_difference(entries, listed)
        return tree
    found = Tree.of(entries)
    if _fit(found, signed):
        raise _not_listed(_first_bad(entries, listed))
    raise _between_checkpoints(found, signed, flaw())


def _fit(tree: Tree, signed: Sequence[Checkpoint]) -> bool:
    return len(tree) == signed[-1].size and all(tree.root(state.size) == state.root for state in signed)


def _first_bad(left: bytes, right: bytes) -> int:
    """The number of the first leaf in which two lists differ, which they do."""
    shared = range(HASH_BYTES, min(len(left), len(right)) + 1, HASH_BYTES)
    return bisect_left(shared, True, key=lambda end: left[:end] != right[:end])


def _not_listed(index: int) -> VerificationError:
    return VerificationError(
        f"the entries are as signed, but line {index} of the file leaves was altered, added or removed", entry=index
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
    here, there = len(entries), signed[-1].size
    numbers = f": {there} entries were signed, {here} are here" if here < there else ""
    return VerificationError(f"an entry between {good} and {bad - 1} was altered, added or removed{numbers}")
