"""What two packages of other people make of our cosignatures, proofs and tiles, written down once: golden/tlog.json.

aics-tlog (Apache 2.0) implements C2SP notes, Ed25519 cosignatures, tiles and consistency proofs; dilithium-py (MIT or
Apache 2.0) implements FIPS 204, and the messages that ML-DSA-44 signs are put together here, from the specification.
Neither is a requirement of ours. To ask them again, in an environment of its own:

    python -m venv build/tlog
    build/tlog/bin/python -m pip install --ignore-requires-python aics-tlog==0.2.1 dilithium-py==1.5.1 msgspec
    PYTHONPATH=. build/tlog/bin/python tests/audit/tlog_answers.py > tests/audit/golden/tlog.json

(aics-tlog asks for Python 3.12; the answers that are kept were given on 3.11.) What they accepted is told as digests,
which `test_independent_answers` makes again from what we make today.
"""

import base64
import hashlib
import json
import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

from sigstore_answers import LARGEST, entry

from audit.cosignature import WitnessSigner
from audit.merkle import Tree, leaf_hash
from audit.signing import LogSigner
from audit.tiles import tile_bytes, tiles_of

Proof = tuple[int, int, bytes, bytes, tuple[bytes, ...]]

TILED = (1, 255, 256, 257, 600, 66_000)
SIZES = (0, 1, 5, 257)
LOG = LogSigner("anytown.example/headcount", ed25519_seed=bytes(range(32)), ml_dsa_seed=bytes(range(32, 64)))
WITNESSES = tuple(
    WitnessSigner(
        f"agency-{letter}.example/witness", ed25519_seed=bytes([number]) * 32, ml_dsa_seed=bytes([number + 100]) * 32
    )
    for number, letter in enumerate("ab", 1)
)


def tree_of(size: int) -> Tree:
    return Tree.of(b"".join(leaf_hash(entry(number)) for number in range(size)))


def time_of(size: int) -> datetime:
    return datetime(2026, 11, 22, 12, 0, size % 60, tzinfo=UTC)


def cosigned(size: int) -> str:
    """A checkpoint of that size by the log, cosigned by both witnesses."""
    signed = LOG.sign(size=size, root=tree_of(size).root(), time=time_of(size))
    return str(signed.with_signatures(line for one in WITNESSES for line in one.cosign(signed, time=time_of(size))))


def consistency_proofs() -> Iterator[Proof]:
    """Both sizes, both roots and the proof of every two trees."""
    tree = tree_of(LARGEST)
    for new in range(1, LARGEST + 1):
        for old in range(new + 1):
            proof = tree.consistency_proof(old_size=old, new_size=new)
            yield old, new, tree.root(old), tree.root(new), proof


def digest_of(proofs: Iterator[Proof]) -> str:
    digest = hashlib.sha256()
    for old, new, old_root, new_root, proof in proofs:
        digest.update(f"{old} {new} {old_root.hex()} {new_root.hex()} {b''.join(proof).hex()}\n".encode())
    return digest.hexdigest()


def our_tiles(size: int) -> dict[str, bytes]:
    """Every file of a log of that size in the layout of tlog-tiles, but for its checkpoint."""
    tree, entries = tree_of(size), [entry(number) for number in range(size)]
    files = {tile.path: tile_bytes(tree, tile) for tile in tiles_of(size)}
    for tile in (tile for tile in tiles_of(size) if not tile.level):
        own = entries[256 * tile.index :][: tile.width]
        files[tile.entries_path] = b"".join(struct.pack(">H", len(one)) + one for one in own)
    return files


def digest_of_files(files: dict[str, bytes]) -> str:
    return hashlib.sha256(b"".join(f"{path}\n".encode() + files[path] for path in sorted(files))).hexdigest()


def main() -> None:
    """Ask them and print their answers."""
    from aics_tlog.tiles import materialise_tiles

    told = [json.loads(_judged(cosigned(size))) for size in SIZES]
    answers = {
        "aics-tlog": version("aics-tlog"),
        "dilithium-py": version("dilithium-py"),
        "checkpoints": told,
        "altered cosignatures refused": sum(_refused(one["note"]) for one in told),
        "consistency proofs accepted": sum(_accepted(*proof) for proof in consistency_proofs()),
        "sha256 of them": digest_of(proof for proof in consistency_proofs() if _accepted(*proof)),
        "altered proofs refused": sum(not _accepted(*_altered(*proof)) for proof in consistency_proofs()),
        "tiles": {
            str(size): digest_of_files(materialise_tiles([entry(number) for number in range(size)])) for size in TILED
        },
    }
    sys.stdout.write(json.dumps(answers, indent=2) + "\n")


def _judged(note: str) -> str:
    found = _asked(note)
    if not found.ok:
        raise SystemExit(found.error)
    return json.dumps({"note": note, "times": found.timestamps, "ML-DSA-44": _ml_dsa_signers(note)})


def _asked(note: str):
    from aics_tlog.checkpoint import WitnessPolicy, verify_checkpoint
    from aics_tlog.note import parse_note, parse_vkey

    policy = WitnessPolicy(2, tuple(parse_vkey(str(witness.keys[0])) for witness in WITNESSES))
    return verify_checkpoint(parse_note(note), parse_vkey(str(LOG.keys[0])), policy=policy)


def _refused(note: str) -> int:
    """How many of the Ed25519 cosignatures, with one bit turned, they refuse."""
    text, _, tail = note.partition("\n\n")
    lines, refused = tail.splitlines(), 0
    for place in (2, 4):
        name, _, data = lines[place].rpartition(" ")
        altered = bytearray(base64.b64decode(data))
        altered[-9] ^= 1
        changed = [*lines[:place], f"{name} {base64.b64encode(altered).decode()}", *lines[place + 1 :]]
        refused += not _asked(f"{text}\n\n" + "".join(f"{line}\n" for line in changed)).ok
    return refused


def _ml_dsa_signers(note: str) -> list[str]:
    """Whose ML-DSA-44 lines dilithium-py accepts."""
    keys = {(key.name, key.key_id): key.public for one in (LOG, *WITNESSES) for key in one.keys if key.algorithm == 6}
    text, _, tail = note.partition("\n\n")
    accepted = []
    for line in tail.splitlines():
        _, name, data = line.split(" ")
        raw = base64.b64decode(data)
        if (name, raw[:4]) in keys and _ml_dsa_fits(keys[name, raw[:4]], text, name, raw[4:]):
            accepted.append(name)
    return accepted


def _ml_dsa_fits(public: bytes, text: str, name: str, value: bytes) -> bool:
    """The cosigned_message of c2sp.org/tlog-cosignature: label, cosigner, time, log, start, end, hash."""
    from dilithium_py.ml_dsa import ML_DSA_44

    origin, size, root = text.split("\n")
    message = b"subtree/v1\n\x00" + bytes([len(name)]) + name.encode() + value[:8]
    message += bytes([len(origin)]) + origin.encode() + bytes(8) + int(size).to_bytes(8, "big")
    return ML_DSA_44.verify(public, message + base64.b64decode(root), value[8:])


def _accepted(old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...]) -> bool:
    from aics_tlog.tree import verify_consistency

    return verify_consistency(old, new, old_root, new_root, proof)


def _altered(old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...]) -> Proof:
    """The same with one bit of the old root turned: from no entries on, every new root is one that it grew to."""
    return old, new, bytes([old_root[0] ^ 1]) + old_root[1:], new_root, proof


if __name__ == "__main__":
    main()
