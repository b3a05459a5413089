"""Altered proofs and altered logs in numbers: a sample here, all of it in ``make nightly-audit``.

HEADCOUNT_MUTATED_PROOFS is how many altered proofs are tried, HEADCOUNT_FLIPPED_BITS every how many-th bit of a log of
1,000 entries is turned: 1 turns each.
"""

import os
import random
import shutil
from bisect import bisect_left
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from io import BytesIO

import pytest
from witnessing import NOON

import audit.merkle
import audit.replayed
from audit.bundle import Bundle
from audit.errors import SigningKeyError, VerificationError
from audit.log import AuditLog
from audit.merkle import Tree, leaf_hash, verify_consistency, verify_leaf
from audit.proof import verify_proof
from audit.signing import fingerprint
from audit.verify import verify_bundle, verify_opened

MUTATED_PROOFS = int(os.environ.get("HEADCOUNT_MUTATED_PROOFS", "3000"))
EVERY = int(os.environ.get("HEADCOUNT_FLIPPED_BITS", "9973"))  # a prime, so that every place in a byte is met
PARTS = 8 if EVERY == 1 else 1  # of all bits, so that every processor has some
ENTRIES = 1000
LEAVES = [leaf_hash(b"%d" % number) for number in range(257)]
TREE = Tree()
for one in LEAVES:
    TREE.append(one)
each_part = pytest.mark.parametrize("part", range(PARTS))


def turned(whole: bytes, bit: int) -> bytes:
    place = bit // 8
    return b"".join((whole[:place], bytes([whole[place] ^ 1 << bit % 8]), whole[place + 1 :]))


def flipped(data: bytes, chance: random.Random) -> bytes:
    return turned(data, chance.randrange(8 * len(data)))


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
        patch.setattr(audit.merkle.Tree, "root", lru_cache(50)(audit.merkle.Tree.root))
        patch.setattr(audit.merkle, "_parents", lru_cache(10_000)(audit.merkle._parents))
        for name in ("_leaves_of", "_listed_in", "_listed_on"):
            patch.setattr(audit.replayed, name, lru_cache(10_000)(getattr(audit.replayed, name)))
        for name in ("parse_vkeys", "signed_checkpoint"):
            patch.setattr(audit.replayed, name, lru_cache(100)(getattr(audit.replayed, name)))
        yield


class Pieces:
    """A file in memory that hands out the same objects each time it is read in the same pieces."""

    def __init__(self, pieces):
        self._pieces, self._left, self._whole = pieces, iter(pieces), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, size):
        piece = next(self._left, b"")
        assert len(piece) <= size
        return piece

    def readline(self, size):
        self._whole = self._whole or BytesIO(b"".join(self._pieces))
        return self._whole.readline(size)


def in_memory(files):
    """An opened bundle of these bytes, or pieces of bytes: what the verifier is given, without a disk."""
    return Bundle(lambda name: Pieces(files[name]) if isinstance(files[name], list) else BytesIO(files[name]))


def files_of(bundle):
    files = {path.name: path.read_bytes() for path in bundle.iterdir()}
    sizes = {"entries.jsonl": audit.replayed._PIECE_BYTES, "leaves": audit.replayed._MANY_LINES}
    return files | {name: cut(files[name], size) for name, size in sizes.items()}


def cut(whole, size):
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def with_bit_turned(file, bit):
    """The file with one bit turned; of one in pieces, all but one piece are the very same."""
    if isinstance(file, bytes):
        return turned(file, bit)
    number, rest = divmod(bit, 8 * len(file[0]))
    return [*file[:number], turned(file[number], rest), *file[number + 1 :]]


def entries_named(files, name, keys, part):
    """For turned bits of a file: which entry lies there, and which one the verifier names."""
    whole = b"".join(files[name]) if isinstance(files[name], list) else files[name]
    breaks = [place for place, byte in enumerate(whole) if byte == ord("\n")]
    for bit in range(part * EVERY, 8 * len(whole), PARTS * EVERY):
        with pytest.raises(VerificationError) as caught:  # whatever it says, it has to refuse
            verify_opened(in_memory(files | {name: with_bit_turned(files[name], bit)}), vkeys=keys)
        yield bisect_left(breaks, bit // 8), caught.value.entry


@each_part
@pytest.mark.parametrize("name", ["entries.jsonl", "leaves"])
def test_a_turned_bit_is_found_and_the_entry_named(big, signer, monkeypatch, name, part):
    files, tried = files_of(big[0]), 0
    with remembering(monkeypatch):
        for there, named in entries_named(files, name, signer.vkeys, part):
            assert named == there
            tried += 1
        verify_opened(in_memory(files), vkeys=signer.vkeys)
    assert tried == len(range(part * EVERY, 8 * (big[0] / name).stat().st_size, PARTS * EVERY))


@each_part
def test_a_turned_bit_of_the_checkpoints_is_found(big, signer, monkeypatch, part):
    files = files_of(big[0])
    with remembering(monkeypatch):
        tried = sum(1 for _ in entries_named(files, "checkpoints", signer.vkeys, part))
    assert tried == len(range(part * EVERY, 8 * len(files["checkpoints"]), PARTS * EVERY)) > 0


def test_a_turned_bit_on_the_disk_is_found_with_nothing_remembered(big, signer, tmp_path):
    chance = random.Random(8)
    for name in ("entries.jsonl", "leaves", "checkpoints"):
        whole = (big[0] / name).read_bytes()
        for number in range(8):
            copy = shutil.copytree(big[0], tmp_path / f"{name}-{number}")
            (copy / name).write_bytes(flipped(whole, chance))
            with pytest.raises(VerificationError, match=r"^entry \d+ was|file leaves|checkpoint|note|log"):
                verify_bundle(copy, vkeys=signer.vkeys)


def test_a_turned_bit_of_the_keys_is_found_or_changes_no_key(big, signer):
    """Whoever brings no keys of their own is told the fingerprint, which stands for all of a key that is used."""
    files = files_of(big[0])
    whole = files["log.vkey"]
    for bit in range(0, 8 * len(whole), max(1, EVERY // 100)):
        try:
            found = verify_opened(in_memory(files | {"log.vkey": turned(whole, bit)}))
        except (VerificationError, SigningKeyError):
            continue
        assert found.fingerprint == fingerprint(signer.keys)


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
