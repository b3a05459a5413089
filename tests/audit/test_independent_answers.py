"""Our proofs, checkpoints, cosignatures and tiles against what other implementations said of them.

How they were asked: sigstore_answers.py and tlog_answers.py.
"""

import json
from pathlib import Path

import pytest
import tlog_answers
from sigstore_answers import LARGEST, digest_of, notes, proofs

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import Quorum
from audit.note import to_base64
from audit.signing import verify_signatures

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = json.loads((GOLDEN / "sigstore.json").read_text())
TLOG = json.loads((GOLDEN / "tlog.json").read_text())


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


def test_every_consistency_proof_is_one_that_aics_tlog_accepts():
    count = sum(new + 1 for new in range(1, LARGEST + 1))
    assert TLOG["consistency proofs accepted"] == TLOG["altered proofs refused"] == count
    assert tlog_answers.digest_of(tlog_answers.consistency_proofs()) == TLOG["sha256 of them"]


@pytest.mark.parametrize("size", tlog_answers.TILED)
def test_tiles_are_those_that_aics_tlog_writes(size):
    assert tlog_answers.digest_of_files(tlog_answers.our_tiles(size)) == TLOG["tiles"][str(size)]


@pytest.mark.parametrize("told", TLOG["checkpoints"], ids=map(str, tlog_answers.SIZES))
def test_a_cosigned_checkpoint_is_judged_as_aics_tlog_and_dilithium_py_judge_it(told):
    signed = parse_signed_checkpoint(told["note"])
    verify_signatures(signed, tlog_answers.LOG.keys)
    found = Quorum.of("".join(one.vkeys for one in tlog_answers.WITNESSES)).check(signed)
    assert {one.name: int(one.time.timestamp()) for one in found} == told["times"]
    assert told["ML-DSA-44"] == [tlog_answers.LOG.name, *told["times"]]


@pytest.mark.parametrize("told", TLOG["checkpoints"], ids=map(str, tlog_answers.SIZES))
def test_what_was_judged_is_what_a_witness_signs_today(told):
    today = parse_signed_checkpoint(tlog_answers.cosigned(parse_signed_checkpoint(told["note"]).checkpoint.size))
    kept = parse_signed_checkpoint(told["note"])
    assert kept.note.text == today.note.text
    for then, now in zip(kept.note.signatures, today.note.signatures, strict=True):
        assert (then.name, then.key_id, len(then.value)) == (now.name, now.key_id, len(now.value))
        assert then == now or len(now.value) == 8 + 2420  # ML-DSA-44 signs with fresh randomness


def test_a_cosignature_with_a_turned_bit_is_refused_by_aics_tlog():
    assert TLOG["altered cosignatures refused"] == len(tlog_answers.SIZES) * len(tlog_answers.WITNESSES)
