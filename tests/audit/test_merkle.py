"""The Merkle tree against published roots, a slow oracle, and altered proofs."""

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import VerificationError
from audit.merkle import EMPTY_ROOT, Tree, leaf_hash, verify_consistency, verify_inclusion

LARGEST = 257

# The inputs and roots that Certificate Transparency implementations test with.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@cache
def slow_root(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962 2.1, word for word, over the entries below."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return sha256(b"\x00" + ENTRIES[start]).digest()
    half = start + slow_split(end - start)
    return sha256(b"\x01" + slow_root(start, half) + slow_root(half, end)).digest()


def slow_path(index: int, start: int, end: int) -> list[bytes]:
    """PATH(index, D[start:end]) of RFC 6962 2.1.1, word for word."""
    if end - start == 1:
        return []
    half = slow_split(end - start)
    if index < half:
        return [*slow_path(index, start, start + half), slow_root(start + half, end)]
    return [*slow_path(index - half, start + half, end), slow_root(start, start + half)]


def slow_subproof(old: int, start: int, end: int, known: bool) -> list[bytes]:
    """SUBPROOF(old, D[start:end], known) of RFC 6962 2.1.2, word for word."""
    if old == end - start:
        return [] if known else [slow_root(start, end)]
    half = slow_split(end - start)
    if old <= half:
        return [*slow_subproof(old, start, start + half, known), slow_root(start + half, end)]
    return [*slow_subproof(old - half, start + half, end, False), slow_root(start, start + half)]


def slow_split(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def tree_of(entries: list[bytes]) -> Tree:
    tree = Tree()
    for entry in entries:
        tree.append(leaf_hash(entry))
    return tree


ENTRIES = [f"entry {number}".encode() for number in range(LARGEST)]
TREE = tree_of(ENTRIES)
ROOTS = [slow_root(0, size) for size in range(LARGEST + 1)]


def altered(proof: tuple[bytes, ...], bit: int) -> tuple[bytes, ...]:
    steps = bytearray(b"".join(proof))
    steps[bit // 8 % len(steps)] ^= 1 << bit % 8
    return tuple(bytes(steps[start : start + 32]) for start in range(0, len(steps), 32))


def test_roots_are_those_of_certificate_transparency():
    tree = tree_of(CT_INPUTS)
    assert [tree.root(size).hex() for size in range(1, 9)] == CT_ROOTS
    assert tree.root(0) == EMPTY_ROOT == Tree().root() == sha256(b"").digest()


def test_every_root_is_the_oracles_while_the_tree_grows():
    tree = Tree()
    for size, entry in enumerate(ENTRIES):
        assert tree.root() == ROOTS[size]
        tree.append(leaf_hash(entry))
    assert [tree.root(size) for size in range(LARGEST + 1)] == ROOTS


def test_every_inclusion_proof_is_the_oracles_and_holds():
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = TREE.inclusion_proof(index=index, size=size)
            assert list(proof) == slow_path(index, 0, size)
            verify_inclusion(ENTRIES[index], index=index, size=size, proof=proof, root=ROOTS[size])


def test_every_consistency_proof_is_the_oracles_and_holds():
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = TREE.consistency_proof(old_size=old, new_size=new)
            assert list(proof) == slow_subproof(old, 0, new, True)
            verify_consistency(old_size=old, old_root=ROOTS[old], new_size=new, new_root=ROOTS[new], proof=proof)


def test_every_tree_grew_from_the_empty_one():
    assert TREE.consistency_proof(old_size=0, new_size=9) == ()
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=9, new_root=ROOTS[9], proof=())
    with pytest.raises(VerificationError, match="another old root"):
        verify_consistency(old_size=0, old_root=ROOTS[1], new_size=9, new_root=ROOTS[9], proof=())
    with pytest.raises(VerificationError, match="too long"):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=9, new_root=ROOTS[9], proof=(ROOTS[1],))


places = st.integers(2, LARGEST).flatmap(
    lambda size: st.tuples(st.integers(0, size - 1), st.just(size), st.integers(0, 10_000))
)


@given(places)
def test_no_altered_step_of_an_inclusion_proof_is_accepted(place):
    index, size, bit = place
    proof = altered(TREE.inclusion_proof(index=index, size=size), bit)
    with pytest.raises(VerificationError, match=f"entry {index} leads to another root") as caught:
        verify_inclusion(ENTRIES[index], index=index, size=size, proof=proof, root=ROOTS[size])
    assert caught.value.entry == index


@given(places)
def test_no_entry_is_accepted_in_anothers_place(place):
    index, size, other = place
    wrong = (index + 1 + other % (size - 1)) % size
    proof = TREE.inclusion_proof(index=index, size=size)
    with pytest.raises(VerificationError, match=r"leads to another root|too short|too long"):
        verify_inclusion(ENTRIES[index], index=wrong, size=size, proof=proof, root=ROOTS[size])


@given(places)
def test_an_inclusion_proof_has_exactly_its_steps(place):
    index, size, step = place
    proof = TREE.inclusion_proof(index=index, size=size)
    dropped = step % len(proof)
    with pytest.raises(VerificationError, match="too short"):
        verify_inclusion(
            ENTRIES[index],
            index=index,
            size=size,
            proof=proof[:dropped] + proof[dropped + 1 :],
            root=ROOTS[size],
        )
    with pytest.raises(VerificationError, match="too long"):
        verify_inclusion(ENTRIES[index], index=index, size=size, proof=(*proof, proof[dropped]), root=ROOTS[size])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (9, 4), (0, 0)])
def test_an_entry_outside_the_log_is_refused(index, size):
    with pytest.raises(VerificationError, match=f"entry {index} is outside a log of {size} entries"):
        verify_inclusion(ENTRIES[0], index=index, size=size, proof=(), root=ROOTS[size])


growths = st.integers(2, LARGEST).flatmap(
    lambda new: st.tuples(st.integers(1, new - 1), st.just(new), st.integers(0, 10_000))
)


@given(growths)
def test_no_altered_step_of_a_consistency_proof_is_accepted(growth):
    old, new, bit = growth
    proof = altered(TREE.consistency_proof(old_size=old, new_size=new), bit)
    with pytest.raises(VerificationError, match=r"leads to another (old|new) root"):
        verify_consistency(old_size=old, old_root=ROOTS[old], new_size=new, new_root=ROOTS[new], proof=proof)


@given(growths)
def test_no_other_root_is_accepted_by_a_consistency_proof(growth):
    old, new, _ = growth
    proof = TREE.consistency_proof(old_size=old, new_size=new)
    with pytest.raises(VerificationError, match="another new root"):
        verify_consistency(old_size=old, old_root=ROOTS[old], new_size=new, new_root=EMPTY_ROOT, proof=proof)
    with pytest.raises(VerificationError, match=r"another (old|new) root"):
        verify_consistency(old_size=old, old_root=EMPTY_ROOT, new_size=new, new_root=ROOTS[new], proof=proof)


@given(growths)
def test_a_consistency_proof_has_exactly_its_steps(growth):
    old, new, step = growth
    proof = TREE.consistency_proof(old_size=old, new_size=new)
    dropped = step % len(proof)
    with pytest.raises(VerificationError, match="too short"):
        verify_consistency(
            old_size=old,
            old_root=ROOTS[old],
            new_size=new,
            new_root=ROOTS[new],
            proof=proof[:dropped] + proof[dropped + 1 :],
        )
    with pytest.raises(VerificationError, match="too long"):
        verify_consistency(
            old_size=old,
            old_root=ROOTS[old],
            new_size=new,
            new_root=ROOTS[new],
            proof=(*proof, proof[dropped]),
        )


def test_a_log_that_shrank_or_changed_in_place_is_refused():
    with pytest.raises(VerificationError, match="shrank from 5 to 4"):
        verify_consistency(old_size=5, old_root=ROOTS[5], new_size=4, new_root=ROOTS[4], proof=())
    with pytest.raises(VerificationError, match="another new root"):
        verify_consistency(old_size=5, old_root=ROOTS[5], new_size=5, new_root=ROOTS[4], proof=())


@pytest.mark.parametrize("step", [b"", b"short", bytes(33)])
def test_a_step_that_is_no_hash_is_refused(step):
    with pytest.raises(VerificationError, match="not a SHA-256 hash"):
        verify_inclusion(ENTRIES[0], index=0, size=2, proof=(step,), root=ROOTS[2])
    with pytest.raises(VerificationError, match="not a SHA-256 hash"):
        verify_consistency(old_size=1, old_root=ROOTS[1], new_size=2, new_root=ROOTS[2], proof=(step,))


def test_a_node_cannot_pose_as_a_leaf():
    inner = TREE.root(2)
    assert leaf_hash(TREE.leaf(0) + TREE.leaf(1)) != inner


@pytest.mark.parametrize("size", [*range(20), 255, 256, 257])
def test_a_tree_made_at_once_is_the_one_made_by_appending(size):
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    grown = Tree()
    for leaf in leaves:
        grown.append(leaf)
    made = Tree.of(b"".join(leaves))
    assert made.root() == grown.root()
    made.append(leaf_hash(b"more"))
    grown.append(leaf_hash(b"more"))
    assert (made.root(), made._levels[: len(grown._levels)]) == (grown.root(), grown._levels)
