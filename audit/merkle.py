"""The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1, with SHA-256.

Leaves are hashes of entries; a root commits to all of them and to their order. An inclusion proof shows
that one entry is under a root, a consistency proof that a root only had entries added to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from audit.errors import VerificationError

LEAF, NODE = b"\x00", b"\x01"  # RFC 6962 2.1: keeps a node from posing as a leaf
HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_BLOCK_BYTES = 64 * HASH_BYTES  # an even number of hashes, so that no pair lies across two blocks


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash under which *entry* stands in the tree."""
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash over two subtrees."""
    return sha256(NODE + left + right).digest()


class Tree:
    """A growing tree that keeps the hash of every full subtree: 64 bytes a leaf.

    Appending costs O(1) hashes on average and O(log n) at worst; a root, an inclusion proof or a
    consistency proof of any earlier size costs O(log² n), without another look at the entries.
    """

    def __init__(self) -> None:
        self._levels = [bytearray()]  # level k: the hashes of the full subtrees of 2**k leaves, in order

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    @classmethod
    def of(cls, leaves: bytes | bytearray) -> Tree:
        """The tree over *leaves*, leaf hashes one after the other: as by appending each, in less time."""
        tree, level = cls(), bytearray(leaves)
        tree._levels = [level]
        while len(level) >= 2 * HASH_BYTES:
            level = bytearray().join(
                _parents(bytes(level[start : start + _BLOCK_BYTES])) for start in range(0, len(level), _BLOCK_BYTES)
            )
            tree._levels.append(level)
        return tree

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes), and every subtree that it completes."""
        hashes = self._levels[0]
        hashes += leaf
        level, count = 0, len(self)
        while count % 2 == 0:
            node = sha256(NODE + hashes[-2 * HASH_BYTES :]).digest()  # over the last two of this level
            level, count = level + 1, count // 2
            if level == len(self._levels):
                self._levels.append(bytearray())
            hashes = self._levels[level]
            hashes += node

    @property
    def leaves(self) -> bytes:
        """All leaf hashes, one after the other."""
        return bytes(self._levels[0])

    def leaf(self, index: int) -> bytes:
        """The leaf hash at *index*."""
        return self._at(0, index)

    def node(self, level: int, index: int) -> bytes:
        """The hash of the full subtree over the leaves from index * 2**level on, 2**level of them."""
        return self._at(level, index)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first *size* leaves, or over all of them."""
        end = len(self) if size is None else size
        return self._range(0, end) if end else EMPTY_ROOT

    def inclusion_proof(self, *, index: int, size: int) -> tuple[bytes, ...]:
        """PATH(index, D[0:size]) of RFC 6962 2.1.1, from the leaf's sibling up to the root's child."""
        return tuple(self._path(index, 0, size))

    def consistency_proof(self, *, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """PROOF(old_size, D[0:new_size]) of RFC 6962 2.1.2; empty when either tree is trivial."""
        if old_size in (0, new_size):
            return ()
        return tuple(self._subproof(old_size, (0, new_size), known=True))

    def _at(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def _range(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0:
            return self._at(width.bit_length() - 1, start // width)
        half = start + _left_width(width)
        return node_hash(self._range(start, half), self._range(half, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        half = start + _left_width(end - start)
        if index < half:
            return [*self._path(index, start, half), self._range(half, end)]
        return [*self._path(index, half, end), self._range(start, half)]

    def _subproof(self, old_end: int, span: tuple[int, int], *, known: bool) -> list[bytes]:
        start, end = span
        if old_end == end:
            return [] if known else [self._range(start, end)]
        half = start + _left_width(end - start)
        if old_end <= half:
            return [*self._subproof(old_end, (start, half), known=known), self._range(half, end)]
        return [*self._subproof(old_end, (half, end), known=False), self._range(start, half)]


def verify_inclusion(entry: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that *entry* is number *index* of the tree of *size* entries with that *root*.

    Raises:
        VerificationError: it is not, or the proof shows something else.
    """
    verify_leaf(leaf_hash(entry), index=index, size=size, proof=proof, root=root)


def verify_leaf(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Like `verify_inclusion`, for someone who kept the leaf hash of a receipt and not the entry.

    Raises:
        VerificationError: the leaf is not at that place, or the proof shows something else.
    """
    if not 0 <= index < size:
        raise VerificationError(f"entry {index} is outside a log of {size} entries")
    _check_hashes(proof)
    if _climb(leaf, index, size, proof) != root:
        raise VerificationError(f"the inclusion proof of entry {index} leads to another root", entry=index)


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree is the old one with entries added at its end.

    Raises:
        VerificationError: it is not, or the proof shows something else.
    """
    if not 0 <= old_size <= new_size:
        raise VerificationError(f"the log shrank from {old_size} to {new_size} entries")
    _check_hashes(proof)
    if old_size == 0:
        found_old, found_new = _grown_from_nothing(new_root if new_size else EMPTY_ROOT, proof)
    else:
        found_old, found_new = _grown(old_size, new_size, proof, old_root)
    if found_old != old_root:
        raise VerificationError("the consistency proof leads to another old root")
    if found_new != new_root:
        raise VerificationError("the consistency proof leads to another new root")


def _parents(hashes: bytes) -> bytes:
    """The hash over each two of *hashes*; of an odd number the last has none yet."""
    pairs = range(0, len(hashes) - HASH_BYTES, 2 * HASH_BYTES)
    return b"".join([sha256(NODE + hashes[start : start + 2 * HASH_BYTES]).digest() for start in pairs])


def _left_width(width: int) -> int:
    """The largest power of two below *width*: how RFC 6962 splits a tree."""
    return 1 << (width - 1).bit_length() - 1


def _check_hashes(proof: Sequence[bytes]) -> None:
    if any(len(step) != HASH_BYTES for step in proof):
        raise VerificationError("a step of the proof is not a SHA-256 hash")


def _last(proof: Sequence[bytes]) -> tuple[Sequence[bytes], bytes]:
    if not proof:
        raise VerificationError("the proof is too short")
    return proof[:-1], proof[-1]


def _check_used_up(proof: Sequence[bytes]) -> None:
    if proof:
        raise VerificationError("the proof is too long")


def _climb(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    if size == 1:
        _check_used_up(proof)
        return leaf
    below, sibling = _last(proof)
    half = _left_width(size)
    if index < half:
        return node_hash(_climb(leaf, index, half, below), sibling)
    return node_hash(sibling, _climb(leaf, index - half, size - half, below))


def _grown_from_nothing(new_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    _check_used_up(proof)
    return EMPTY_ROOT, new_root


def _grown(old: int, new: int, proof: Sequence[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    """The old and the new root that *proof* leads to.

    *known* is the old root while the old tree is still all of this subtree's left edge; RFC 6962 then
    leaves its hash out of the proof.
    """
    if old == new:
        if known is None:
            proof, known = _last(proof)
        _check_used_up(proof)
        return known, known
    below, sibling = _last(proof)
    half = _left_width(new)
    if old <= half:
        found_old, found_new = _grown(old, half, below, known)
        return found_old, node_hash(found_new, sibling)
    found_old, found_new = _grown(old - half, new - half, below, None)
    return node_hash(sibling, found_old), node_hash(sibling, found_new)
