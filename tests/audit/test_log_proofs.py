"""A receipt and a proof are enough to know that an entry is in the signed log."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import VerificationError
from audit.events import Receipt
from audit.log import AuditLog
from audit.proof import LogProof, parse_proof, verify_proof

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def proven(tmp_path_factory, signer, event):
    with AuditLog.open(tmp_path_factory.mktemp("proofs"), signer, clock=lambda: NOON) as log:
        receipts = [log.append(event(number)) for number in range(13)]
        return receipts, [log.proof(receipt.index) for receipt in receipts]


def test_every_receipt_is_proven(proven, signer):
    for receipt, proof in zip(*proven, strict=True):
        verify_proof(proof, receipt=receipt, vkeys=signer.vkeys)
        assert str(parse_proof(proof)) == proof


def test_a_proof_is_in_the_form_of_the_specification(proven):
    lines = proven[1][3].split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    assert [len(line) for line in lines[2:6]] == [44] * 4
    assert lines[6:9] == ["", "anytown.example/headcount", "13"]


def test_an_entry_after_the_last_checkpoint_gets_a_new_one(log, event, signer):
    first = log.append(event())
    assert "\n1\n" in log.proof(0)
    second = log.append(event())
    assert "\n1\n" in log.proof(0)
    proof = log.proof(1)
    verify_proof(proof, receipt=second, vkeys=signer.vkeys)
    verify_proof(log.proof(0), receipt=first, vkeys=signer.vkeys)
    assert parse_proof(proof).signed.checkpoint.size == 2


def test_a_proof_of_another_entry_is_refused(proven, signer):
    receipts, proofs = proven
    with pytest.raises(VerificationError, match="is for entry 4, the receipt for entry 3"):
        verify_proof(proofs[4], receipt=receipts[3], vkeys=signer.vkeys)
    forged = Receipt(index=3, leaf=receipts[4].leaf, time=NOON)
    with pytest.raises(VerificationError, match="leads to another root"):
        verify_proof(proofs[3], receipt=forged, vkeys=signer.vkeys)


def test_a_proof_by_another_key_is_refused(proven, other_signer):
    with pytest.raises(VerificationError, match="is not signed by"):
        verify_proof(proven[1][0], receipt=proven[0][0], vkeys=other_signer.vkeys)


@given(st.integers(0, 12), st.integers(0, 4 * 256 - 1))
def test_no_altered_path_is_accepted(proven, signer, index, bit):
    receipts, proofs = proven
    proof = parse_proof(proofs[index])
    steps = bytearray(b"".join(proof.path))
    steps[bit // 8 % len(steps)] ^= 1 << bit % 8
    path = tuple(bytes(steps[start : start + 32]) for start in range(0, len(steps), 32))
    forged = str(LogProof(index, path, proof.signed))
    with pytest.raises(VerificationError, match="leads to another root"):
        verify_proof(forged, receipt=receipts[index], vkeys=signer.vkeys)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: "", "not a proof"),
        (lambda text: text.replace("@v1", "@v2"), "not a proof"),
        (lambda text: text.replace("index 3", "index 03"), "not a proof"),
        (lambda text: text.replace("index 3", "extra AAAA\nindex 3"), "not a proof"),
        (lambda text: text.split("\n\n")[0], "not a proof"),
        (lambda text: text.replace("index 3\n", "index 3\nAA\n"), "not base64"),
        (lambda text: text.replace("index 3\n", "index 3\nAAAA\n"), "not a SHA-256 hash"),
        (lambda text: text.rstrip("\n"), "not a signed note"),
        (lambda text: text.replace("\n13\n", "\n12\n"), "does not fit the signature"),
    ],
)
def test_only_the_exact_form_of_a_proof_is_accepted(proven, signer, change, why):
    with pytest.raises(VerificationError, match=why):
        verify_proof(change(proven[1][3]), receipt=proven[0][3], vkeys=signer.vkeys)
