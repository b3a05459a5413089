"""Altered proofs and altered logs in numbers: a sample here, all of it in ``make nightly-audit``.

HEADCOUNT_MUTATED_PROOFS is how many altered proofs are tried, HEADCOUNT_FLIPPED_BITS every how many-th bit of a log of
1,000 entries is turned: 1 turns each.
"""

import os
import random
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache

import pytest
from witnessing import NOON

import audit.merkle
import audit.replayed
from audit.errors import VerificationError
from audit.log import AuditLog
from audit.merkle import Tree, leaf_hash, verify_consistency, verify_leaf
from audit.proof import verify_proof
from audit.verify import verify_bundle

MUTATED_PROOFS = int(os.environ.get("HEADCOUNT_MUTATED_PROOFS", "3000"))
EVERY = int(os.environ.get("HEADCOUNT_FLIPPED_BITS", "9973"))  # a prime, so that every place in a byte is met
ENTRIES = 1000
LEAVES = [leaf_hash(b"%d" % number) for number in range(257)]
TREE = Tree()
for one in LEAVES:
    TREE.append(one)


def flipped(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(8 * len(data))
    return data[: place // 8] + bytes([data[place // 8] ^ 1 << place % 8]) + data[place // 8 + 1 :]


def mutated(proof: tuple[bytes, ...], chance: random.Random) -> tuple[bytes, ...]:
    """The proof with one step altered, dropped, doubled, put in, moved, or cut."""
    steps = list(proof)
    place = chance.randrange(len(steps))
    kind = chance.randrange(6)
    if kind == 0:
        steps[place] = flipped(steps[place], chance)
    elif kind == 1:
        del steps[place]
    elif kind == 2:
        steps.insert(place, steps[place])
    elif kind == 3:
        steps.insert(chance.randrange(len(steps) + 1), chance.choice([chance.randbytes(32), chance.choice(LEAVES)]))
    elif kind == 4:
        steps.insert(chance.randrange(len(steps)), steps.pop(place))
    else:
        steps[place] = steps[place][: chance.randrange(32)]
    return tuple(steps)


def test_no_mutated_inclusion_proof_is_accepted():
    chance = random.Random(6962)
    for _ in range(MUTATED_PROOFS // 2):
        size = chance.randrange(2, 258)
        index = chance.randrange(size)
        proof = TREE.inclusion_proof(index=index, size=size)
        altered = mutated(proof, chance)
        told = {"index": index, "size": size, "proof": altered, "root": TREE.root(size)}
        if altered == proof:  # a step moved to where it was: another entry, or another root, instead
            told |= chance.choice([{"index": (index + 1) % size}, {"root": flipped(told["root"], chance)}])
        with pytest.raises(VerificationError, match=r"another root|too short|too long|not a SHA-256 hash"):
            verify_leaf(LEAVES[index], **told)


def test_no_mutated_consistency_proof_is_accepted():
    chance = random.Random(9162)
    for _ in range(MUTATED_PROOFS // 2):
        new = chance.randrange(2, 258)
        old = chance.randrange(1, new)
        proof = TREE.consistency_proof(old_size=old, new_size=new)
        altered = mutated(proof, chance)
        told = {"old_root": TREE.root(old), "new_root": TREE.root(new)}
        if altered == proof:
            root = chance.choice(["old_root", "new_root"])
            told[root] = flipped(told[root], chance)
        with pytest.raises(VerificationError, match=r"another (old|new) root|too short|too long|not a SHA-256 hash"):
            verify_consistency(old_size=old, new_size=new, proof=altered, **told)


@pytest.fixture(scope="module")
def big(tmp_path_factory, signer, event):
    """A log of 1,000 entries with five checkpoints; its export, receipts, and one proof."""
    folder = tmp_path_factory.mktemp("big")
    now = NOON

    def clock():
        nonlocal now
        now += timedelta(seconds=2)
        return now

    with AuditLog.open(folder / "log", signer, clock=clock) as log:
        receipts = []
        for number in range(ENTRIES):
            receipts.append(log.append(event(number)))
            if number % 250 == 249:
                log.checkpoint()
        return log.export(folder / "out"), receipts, log.proof(333)


def test_no_mutated_proof_file_is_accepted(big, signer):
    _, receipts, text = big
    data, chance = text.encode(), random.Random(44)
    verify_proof(text, receipt=receipts[333], vkeys=signer.vkeys)
    for _ in range(MUTATED_PROOFS // 10):
        with pytest.raises(VerificationError, match=r"proof|checkpoint|note|signature|not signed|root|log|step"):
            verify_proof(flipped(data, chance).decode(errors="replace"), receipt=receipts[333], vkeys=signer.vkeys)


@contextmanager
def remembering(monkeypatch):
    """Work that is the same for a log and for the log with one bit turned is done once; its results do not change."""
    with monkeypatch.context() as patch:
        patch.setattr(audit.merkle.Tree, "of", staticmethod(lru_cache(10)(audit.merkle.Tree.of)))
        for name in ("leaf_hash", "decode_entry", "parse_vkeys", "_leaf"):
            patch.setattr(audit.replayed, name, lru_cache(10_000)(getattr(audit.replayed, name)))
        patch.setattr(audit.replayed, "signed_checkpoint", lru_cache(100)(audit.replayed.signed_checkpoint))
        yield


def entries_named(bundle, name, signer, monkeypatch):
    """For turned bits of a file: which entry lies there, and which one the verifier names."""
    path = bundle / name
    whole = path.read_bytes()
    with path.open("r+b", buffering=0) as file, remembering(monkeypatch):
        for bit in range(0, 8 * len(whole), EVERY):
            place = bit // 8
            file.seek(place)
            file.write(bytes([whole[place] ^ 1 << bit % 8]))
            with pytest.raises(VerificationError) as caught:  # whatever it says, it has to refuse
                verify_bundle(bundle, vkeys=signer.vkeys)
            yield whole.count(b"\n", 0, place), caught.value.entry
            file.seek(place)
            file.write(whole[place : place + 1])
    verify_bundle(bundle, vkeys=signer.vkeys)


@pytest.mark.parametrize("name", ["entries.jsonl", "leaves"])
def test_a_turned_bit_is_found_and_the_entry_named(big, signer, monkeypatch, name):
    turned = 0
    for there, named in entries_named(big[0], name, signer, monkeypatch):
        assert named == there
        turned += 1
    assert turned == -(-8 * (big[0] / name).stat().st_size // EVERY)


def test_a_turned_bit_of_the_checkpoints_is_found(big, signer, monkeypatch):
    assert sum(1 for _ in entries_named(big[0], "checkpoints", signer, monkeypatch)) > 10


def rewritten(lines, kind, place, chance):
    if kind == "delete":
        del lines[place]
    elif kind == "insert":
        lines.insert(place, chance.choice(lines))
    elif kind == "swap":
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
    else:
        del lines[place:]
    return lines


@pytest.mark.parametrize("kind", ["delete", "insert", "swap", "truncate"])
def test_a_rewritten_log_is_found_and_the_entry_named(big, signer, kind, monkeypatch):
    path, chance = big[0] / "entries.jsonl", random.Random(kind)
    whole = path.read_bytes()
    try:
        with remembering(monkeypatch):
            for place in [0, ENTRIES - 2, *(chance.randrange(ENTRIES - 1) for _ in range(30))]:
                path.write_bytes(b"".join(rewritten(whole.splitlines(keepends=True), kind, place, chance)))
                with pytest.raises(VerificationError, match=f"entry {place} was altered") as caught:
                    verify_bundle(big[0], vkeys=signer.vkeys)
                assert caught.value.entry == place
    finally:
        path.write_bytes(whole)
