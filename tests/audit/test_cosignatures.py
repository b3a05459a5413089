"""Cosignatures in the bytes of c2sp.org/tlog-cosignature, and how many of which witnesses are enough."""

import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from witnessing import NOON

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import (
    MAX_WITNESSES,
    Quorum,
    WitnessSigner,
    cosignature_lines,
    cosigned_by,
    parse_witnesses,
)
from audit.errors import SigningKeyError, VerificationError
from audit.merkle import leaf_hash
from audit.note import Algorithm, Signature, VerifierKey, key_id, parse_vkeys

# The example of c2sp.org/tlog-cosignature; the specification gives no key for it.
C2SP_EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
C2SP_MESSAGE = (
    b"cosignature/v1\ntime 1679315147\n"
    b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)


def witness_named(name: str, number: int = 1) -> WitnessSigner:
    return WitnessSigner(name, ed25519_seed=bytes([number]) * 32, ml_dsa_seed=bytes([number + 100]) * 32)


WITNESSES = [witness_named(f"agency-{letter}.example/witness", number) for number, letter in enumerate("abc", 1)]
VKEYS = "".join(witness.vkeys for witness in WITNESSES)


@pytest.fixture(scope="module")
def signed(signer):
    return signer.sign(size=12, root=leaf_hash(b"anything"), time=NOON)


@pytest.fixture(scope="module")
def cosigned(signed):
    """Cosigned by the first two of three witnesses."""
    lines = [line for witness in WITNESSES[:2] for line in witness.cosign(signed, time=NOON)]
    return signed.with_signatures(lines)


def test_the_example_of_the_specification_has_its_time_and_its_message():
    signed = parse_signed_checkpoint(C2SP_EXAMPLE)
    line = signed.note.signatures[1]
    (timestamp,) = struct.unpack(">Q", line.value[:8])
    assert len(line.value) == 8 + 64
    assert signed.checkpoint.stamped_text(timestamp) == C2SP_MESSAGE


def test_an_ed25519_cosignature_is_the_message_of_the_specification_under_key_type_4(signed):
    first, _ = WITNESSES[0].cosign(signed, time=NOON)
    key = WITNESSES[0].keys[0]
    assert (key.algorithm, first.name, first.key_id) == (4, WITNESSES[0].name, key.key_id)
    assert key.key_id == key_id(key.name, Algorithm.COSIGNATURE, key.public)
    seconds = int(NOON.timestamp())
    assert first.value[:8] == struct.pack(">Q", seconds)
    message = f"cosignature/v1\ntime {seconds}\n{signed.note.text}".encode()
    Ed25519PublicKey.from_public_bytes(key.public).verify(first.value[8:], message)


def test_an_ml_dsa_cosignature_names_the_witness_and_the_log(signed, signer):
    _, second = WITNESSES[0].cosign(signed, time=NOON)
    key, name, log = WITNESSES[0].keys[1], WITNESSES[0].name.encode(), signer.name.encode()
    seconds = struct.pack(">Q", int(NOON.timestamp()))
    message = b"".join(
        [
            b"subtree/v1\n\x00",
            bytes([len(name)]),
            name,
            seconds,
            bytes([len(log)]),
            log,
            struct.pack(">QQ", 0, 12),
            signed.checkpoint.root,
        ]
    )
    assert (key.algorithm, second.value[:8], len(second.value)) == (6, seconds, 8 + 2420)
    MLDSA44PublicKey.from_public_bytes(key.public).verify(second.value[8:], message)


def test_who_cosigned_is_told_with_the_time(cosigned):
    found = cosigned_by(cosigned, parse_witnesses(VKEYS))
    assert [(one.name, one.time) for one in found] == [(witness.name, NOON) for witness in WITNESSES[:2]]


def test_the_lines_of_the_log_and_of_strangers_are_left_out(cosigned):
    lines = cosignature_lines(cosigned, parse_witnesses(WITNESSES[1].vkeys))
    assert lines == cosigned.note.signatures[4:6]


@pytest.mark.parametrize("bit", range(0, 8 * 2400, 1499))
@pytest.mark.parametrize("place", [2, 3])
def test_an_altered_line_spoils_the_note(cosigned, place, bit):
    lines = list(cosigned.note.signatures)
    value = bytearray(lines[place].value)
    value[bit // 8 % len(value)] ^= 1 << bit % 8
    lines[place] = replace(lines[place], value=bytes(value))
    altered = replace(cosigned, note=replace(cosigned.note, signatures=tuple(lines)))
    with pytest.raises(VerificationError, match="does not fit the signature by agency-a"):
        cosigned_by(altered, parse_witnesses(VKEYS))


def test_a_cosignature_is_not_one_on_another_state(cosigned, signer):
    other = signer.sign(size=13, root=leaf_hash(b"else"), time=NOON).with_signatures(cosigned.note.signatures[2:])
    with pytest.raises(VerificationError, match="does not fit the signature by agency-a"):
        cosigned_by(other, parse_witnesses(VKEYS))


def test_a_witness_has_to_cosign_with_every_key(cosigned):
    half = replace(cosigned, note=replace(cosigned.note, signatures=cosigned.note.signatures[:3]))
    assert cosigned_by(half, parse_witnesses(VKEYS)) == ()
    assert len(cosigned_by(half, parse_witnesses(str(WITNESSES[0].keys[0])))) == 1


def test_a_line_stays_single(cosigned):
    assert cosigned.with_signatures(cosigned.note.signatures) == cosigned


def test_as_many_as_are_needed_and_not_one_fewer(cosigned):
    assert len(Quorum.of(VKEYS, 2).check(cosigned)) == 2
    with pytest.raises(VerificationError, match="12 entries is cosigned by 2 of your 3 witnesses, and 3 are needed"):
        Quorum.of(VKEYS, 3).check(cosigned)
    assert Quorum.of(VKEYS).need == 3


@pytest.mark.parametrize("need", [0, -1, 4])
def test_what_cannot_be_asked_for_is_refused(need):
    with pytest.raises(SigningKeyError, match=rf"{need} of 3 witnesses cannot be asked for"):
        Quorum.of(VKEYS, need)


def test_a_log_is_no_witness(signer, cosigned):
    with pytest.raises(SigningKeyError, match="of a log, not of a witness"):
        parse_witnesses(signer.vkeys)
    own = parse_witnesses(str(signer.keys[1]))  # this key alone looks like a witness's
    with pytest.raises(VerificationError, match="the log itself, which cannot be its own witness"):
        cosigned_by(cosigned, own)


def test_a_witness_is_no_log():
    with pytest.raises(SigningKeyError, match="of a witness, not of a log"):
        parse_vkeys(WITNESSES[0].vkeys)


def test_one_key_is_not_two_witnesses():
    key = WITNESSES[0].keys[0]
    again = VerifierKey("elsewhere.example", key.algorithm, key.public)
    with pytest.raises(SigningKeyError, match="two witnesses have the same key"):
        parse_witnesses(f"{key}\n{again}")
    assert len(parse_witnesses(f"{key}\n{key}\n")) == 1


def test_there_is_a_limit_to_witnesses_as_to_signatures(signed):
    keys = [VerifierKey(f"w{n}", Algorithm.COSIGNATURE, bytes([n]) * 32) for n in range(MAX_WITNESSES + 1)]
    assert len(parse_witnesses("\n".join(map(str, keys[:-1])))) == MAX_WITNESSES == 31
    with pytest.raises(SigningKeyError, match="more than 31 witnesses"):
        parse_witnesses("\n".join(map(str, keys)))
    full = signed.with_signatures(Signature(f"w{n}", bytes(4), b"x") for n in range(2 * MAX_WITNESSES))
    assert parse_signed_checkpoint(str(full)) == full


def test_a_witness_keeps_its_keys_in_a_file_and_shows_none(tmp_path):
    WITNESSES[0].save(tmp_path / "witness.key")
    assert WitnessSigner.load(tmp_path / "witness.key").keys == WITNESSES[0].keys
    assert repr(WITNESSES[0]) == "WitnessSigner('agency-a.example/witness', keys not shown)"
    with pytest.raises(SigningKeyError, match=r"the witness's signing key in .* cannot be read") as caught:
        WitnessSigner.load(tmp_path / "gone")
    assert "Make a new witness under another name" in caught.value.hint


def test_times_are_whole_seconds(signed):
    late = datetime(2026, 11, 22, 12, 0, 0, 999_999, tzinfo=UTC)
    by = cosigned_by(signed.with_signatures(WITNESSES[0].cosign(signed, time=late)), parse_witnesses(VKEYS))
    assert by[0].time == NOON
