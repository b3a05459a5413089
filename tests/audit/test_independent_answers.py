"""Our proofs and checkpoints against what sigstore-python said of them; how it was asked: sigstore_answers.py."""

import json
from pathlib import Path

import pytest
from sigstore_answers import LARGEST, digest_of, notes, proofs

from audit.checkpoint import parse_signed_checkpoint
from audit.note import to_base64

ANSWERS = json.loads((Path(__file__).parent / "golden" / "sigstore.json").read_text())


def test_every_inclusion_proof_is_one_that_sigstore_accepts():
    count = LARGEST * (LARGEST + 1) // 2
    assert ANSWERS["inclusion proofs accepted"] == ANSWERS["altered proofs refused"] == count
    assert digest_of(proofs()) == ANSWERS["sha256 of them"]


@pytest.mark.parametrize(("note", "read"), list(zip(notes(), ANSWERS["checkpoints"], strict=True)), ids=["0", "1", "2"])
def test_a_checkpoint_is_read_as_sigstore_reads_it(note, read):
    signed = parse_signed_checkpoint(note)
    lines = [[line.name, line.key_id.hex(), to_base64(line.value)] for line in signed.note.signatures]
    state = signed.checkpoint
    assert [state.origin, state.size, state.root.hex(), [], lines] == list(read.values())
