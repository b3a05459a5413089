"""What sigstore-python makes of our proofs and checkpoints, written down once: golden/sigstore.json.

sigstore brings some thirty packages, so it is no requirement of ours. To ask it again, in an environment of its own:

    python -m venv build/sigstore && build/sigstore/bin/python -m pip install sigstore==4.5.1 msgspec cryptography
    PYTHONPATH=. build/sigstore/bin/python tests/audit/sigstore_answers.py > tests/audit/golden/sigstore.json

It checks every inclusion proof of every tree of up to 257 entries, and refuses each with one bit altered. What it
accepted is told as one digest, which `test_independent_answers` makes again from our proofs of today.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

from audit.checkpoint import split_notes
from audit.merkle import Tree, leaf_hash

LARGEST = 257
CHECKPOINTS = Path(__file__).parent / "golden" / "bundle" / "checkpoints"


def entry(number: int) -> bytes:
    return f"entry {number}".encode()


def proofs() -> Iterator[tuple[int, int, bytes, tuple[bytes, ...]]]:
    """Index, size, root and path of every inclusion proof."""
    tree = Tree()
    for number in range(LARGEST):
        tree.append(leaf_hash(entry(number)))
    for size in range(1, LARGEST + 1):
        for index in range(size):
            yield index, size, tree.root(size), tree.inclusion_proof(index=index, size=size)


def digest_of(accepted: Iterator[tuple[int, int, bytes, tuple[bytes, ...]]]) -> str:
    digest = hashlib.sha256()
    for index, size, root, path in accepted:
        digest.update(f"{index} {size} {root.hex()} {b''.join(path).hex()}\n".encode())
    return digest.hexdigest()


def notes() -> list[str]:
    """The checkpoints of the bundle that is kept for the tests."""
    with CHECKPOINTS.open("rb") as lines:
        return [note.decode() for note in split_notes(lines)]


def main() -> None:
    """Ask sigstore and print its answers."""
    answers = {
        "sigstore": version("sigstore"),
        "inclusion proofs accepted": sum(1 for _ in _accepted()),
        "sha256 of them": digest_of(_accepted()),
        "altered proofs refused": sum(_refused(*proof) for proof in proofs()),
        "checkpoints": [_read(note) for note in notes()],
    }
    sys.stdout.write(json.dumps(answers, indent=2) + "\n")


def _accepted() -> Iterator[tuple[int, int, bytes, tuple[bytes, ...]]]:
    for index, size, root, path in proofs():
        _ask(entry(index), index, size, root, path)
        yield index, size, root, path


def _refused(index: int, size: int, root: bytes, path: tuple[bytes, ...]) -> int:
    from sigstore.errors import VerificationError

    altered = bytes([root[0] ^ 1]) + root[1:]
    try:
        _ask(entry(index), index, size, altered, path)
    except VerificationError:
        return 1
    return 0


def _ask(body: bytes, index: int, size: int, root: bytes, path: tuple[bytes, ...]) -> None:
    from sigstore._internal.merkle import verify_merkle_inclusion

    proof = SimpleNamespace(log_index=index, tree_size=size, hashes=list(path), root_hash=root)
    verify_merkle_inclusion(SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=body)))


def _read(note: str) -> dict[str, object]:
    from sigstore._internal.rekor.checkpoint import LogCheckpoint, SignedNote

    signed = SignedNote.from_text(note)
    checkpoint = LogCheckpoint.from_text(signed.note)
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.log_size,
        "root": checkpoint.log_hash,
        "other": checkpoint.other_content,
        "signatures": [[line.name, line.sig_hash.hex(), line.signature.decode()] for line in signed.signatures],
    }


if __name__ == "__main__":
    main()
