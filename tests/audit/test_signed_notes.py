"""Signed notes, verifier keys and checkpoints: published examples, exact forms, and forgeries."""

import base64
import os
import pickle
import stat
import struct
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import example, given
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint, parse_signed_checkpoint
from audit.errors import SigningKeyError, VerificationError
from audit.merkle import leaf_hash
from audit.note import Algorithm, Note, Signature, VerifierKey, parse_note, parse_vkey, parse_vkeys
from audit.signing import LogSigner, fingerprint, signing_time, verify_signatures

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOT = leaf_hash(b"anything")

# The example of c2sp.org/signed-note, section "Verifier keys".
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example of c2sp.org/tlog-checkpoint.
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@pytest.fixture(scope="module")
def signed(signer) -> SignedCheckpoint:
    return signer.sign(size=12, root=ROOT, time=NOON)


def test_the_example_of_the_specification_is_read_and_verifies():
    key, note = parse_vkey(C2SP_VKEY), parse_note(C2SP_NOTE)
    assert (key.name, key.algorithm, key.key_id.hex()) == ("example.com/foo", Algorithm.ED25519, "530d903a")
    (signature,) = note.signatures
    assert (signature.name, signature.key_id) == (key.name, key.key_id)
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature.value, note.text.encode())
    assert (str(note), str(key)) == (C2SP_NOTE, C2SP_VKEY)


def test_the_example_checkpoint_of_the_specification_is_read():
    signed = parse_signed_checkpoint(C2SP_CHECKPOINT)
    assert (signed.checkpoint.origin, signed.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(signed) == C2SP_CHECKPOINT
    assert signed.checkpoint.text == signed.note.text


def test_a_note_may_hold_blank_lines_and_is_split_at_the_last():
    note = Note("first\n\nsecond\n", (Signature("a", b"1234", b"x"), Signature("a", b"1234", b"y")))
    assert parse_note(str(note)) == note


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("no signature\n", "not a signed note"),
        ("text\n\n", "not a signed note"),
        ("text\n\n— a MTIzNHg=", "not a signed note"),
        ("tab\there\n\n— a MTIzNHg=\n", "not a signed note"),
        ("carriage\r\n\n— a MTIzNHg=\n", "not a signed note"),
        ("text\n\n- a MTIzNHg=\n", "cannot be read"),
        ("text\n\n— a  MTIzNHg=\n", "cannot be read"),
        ("text\n\n— a+b MTIzNHg=\n", "cannot be read"),
        ("text\n\n— a MTIzNHg\n", "cannot be read"),
        ("text\n\n— a MTIzNHh=\n", "cannot be read"),  # spare bits set
        ("text\n\n— a MTIzNA==\n", "cannot be read"),  # a key id and no signature
        ("text\n\n" + "— a MTIzNHg=\n" * 65, "more than 64 signatures"),
    ],
)
def test_only_the_exact_form_of_a_note_is_read(data, why):
    with pytest.raises(VerificationError, match=why):
        parse_note(data)


def test_sixteen_signatures_are_accepted_as_the_specification_asks():
    assert len(parse_note("text\n\n" + "— a MTIzNHg=\n" * 16).signatures) == 16
    assert len(parse_note("text\n\n" + "— a MTIzNHg=\n" * 64).signatures) == 64


@pytest.mark.parametrize(
    ("vkey", "why"),
    [
        ("", "not a verifier key"),
        ("name", "not a verifier key"),
        (C2SP_VKEY.replace("530d903a", "530D903A"), "not a verifier key"),
        (C2SP_VKEY.replace("530d903a", "530d903b"), "damaged"),
        (C2SP_VKEY.replace("example.com/foo", "example.com/bar"), "damaged"),
        (C2SP_VKEY.replace("+AekyeR", "+AekyeS"), "damaged"),
        (C2SP_VKEY.replace("+Aeky", "+Beky"), "of a kind"),  # algorithm byte 5
        ("a+00000000+AQ==", "damaged"),
        ("a+00000000+AQ=", "of a kind"),
    ],
)
def test_a_verifier_key_whose_parts_do_not_fit_is_refused(vkey, why):
    with pytest.raises(SigningKeyError, match=why):
        parse_vkey(vkey)


def test_the_keys_of_a_log_are_one_a_line(signer):
    assert parse_vkeys(signer.vkeys) == signer.keys
    assert [key.algorithm for key in signer.keys] == [Algorithm.ED25519, Algorithm.ML_DSA_44]
    assert [len(key.public) for key in signer.keys] == [32, 1312]
    with pytest.raises(SigningKeyError, match="no verifier key"):
        parse_vkeys("\n")
    with pytest.raises(SigningKeyError, match="different logs"):
        parse_vkeys(f"{signer.vkeys}{C2SP_VKEY}\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("log\n1\n", "three lines"),
        (f"log\n1\n{'A' * 43}=", "three lines"),
        (f"log\n1\n{'A' * 43}=\nextension\n", "three lines"),
        (f"\n1\n{'A' * 43}=\n", "three lines"),
        (f"log\n01\n{'A' * 43}=\n", "not a plain number"),
        (f"log\n-1\n{'A' * 43}=\n", "not a plain number"),
        (f"log\n١\n{'A' * 43}=\n", "not a plain number"),
        (f"log\n{'9' * 19}\n{'A' * 43}=\n", "not a plain number"),
        (f"log\n1\n{'A' * 43}\n", "not base64"),
        (f"log\n1\n{'A' * 42}B=\n", "not base64"),
        ("log\n1\nAAAA\n", "not a SHA-256 hash"),
    ],
)
def test_only_the_exact_form_of_a_checkpoint_is_read(text, why):
    with pytest.raises(VerificationError, match=why):
        parse_checkpoint(text)


@given(
    st.text(min_size=1).filter(lambda name: "\n" not in name),
    st.integers(0, 10**18 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_is_read_back(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(checkpoint.text) == checkpoint


def test_every_checkpoint_is_signed_with_both_keys(signed, signer):
    assert parse_signed_checkpoint(str(signed)) == signed
    verify_signatures(signed, signer.keys)
    assert signing_time(signed, signer.keys) == NOON
    assert signing_time(signed, signer.keys[:1]) is None


def test_the_ml_dsa_signature_covers_the_message_of_the_specification(signed, signer):
    value = signed.note.signatures[1].value
    name = signer.name.encode()
    message = (
        b"subtree/v1\n\0"
        + bytes([len(name)])
        + name
        + struct.pack(">Q", int(NOON.timestamp()))
        + bytes([len(name)])
        + name
        + struct.pack(">QQ", 0, 12)
        + ROOT
    )
    assert len(value) == 8 + 2420
    MLDSA44PublicKey.from_public_bytes(signer.keys[1].public).verify(value[8:], message)


def test_the_ed25519_signature_covers_the_text(signed, signer):
    text = f"{signer.name}\n12\n{base64.b64encode(ROOT).decode()}\n"
    Ed25519PublicKey.from_public_bytes(signer.keys[0].public).verify(signed.note.signatures[0].value, text.encode())


@pytest.mark.parametrize(("dropped", "title"), [(0, "Ed25519"), (1, "ML-DSA-44")])
def test_a_checkpoint_without_one_of_the_signatures_is_refused(signed, signer, dropped, title):
    left = tuple(line for place, line in enumerate(signed.note.signatures) if place != dropped)
    bare = SignedCheckpoint(signed.checkpoint, Note(signed.note.text, left))
    with pytest.raises(VerificationError, match=f"is not signed by .*{title}"):
        verify_signatures(bare, signer.keys)


@given(place=st.integers(0, 1), bit=st.integers(0, 2428 * 8))
@example(place=1, bit=0)
@example(place=1, bit=63)  # the signing time
def test_no_altered_signature_is_accepted(signed, signer, place, bit):
    line = signed.note.signatures[place]
    value = bytearray(line.value)
    value[bit // 8 % len(value)] ^= 1 << bit % 8
    lines = list(signed.note.signatures)
    lines[place] = Signature(line.name, line.key_id, bytes(value))
    forged = SignedCheckpoint(signed.checkpoint, Note(signed.note.text, tuple(lines)))
    with pytest.raises(VerificationError, match="does not fit the signature"):
        verify_signatures(forged, signer.keys)


@pytest.mark.parametrize(
    "change", [lambda text: text.replace("\n12\n", "\n13\n"), lambda text: text.replace("headcount", "elsewhere", 1)]
)
def test_no_altered_text_is_accepted(signed, signer, change):
    forged = parse_signed_checkpoint(change(str(signed)))
    with pytest.raises(VerificationError, match=r"does not fit the signature|of another log"):
        verify_signatures(forged, signer.keys)


@pytest.mark.parametrize("length", [0, 7, 8, 9, 64, 2427, 2429])
def test_a_signature_of_another_length_is_refused(signed, signer, length):
    for place in (0, 1):
        lines = list(signed.note.signatures)
        lines[place] = Signature(lines[place].name, lines[place].key_id, lines[place].value[:0] + bytes(length))
        if length == len(signed.note.signatures[place].value):
            continue
        with pytest.raises(VerificationError, match="does not fit"):
            verify_signatures(SignedCheckpoint(signed.checkpoint, Note(signed.note.text, tuple(lines))), signer.keys)


def test_a_second_bad_line_by_a_known_key_spoils_the_note(signed, signer):
    good = signed.note.signatures
    bad = Signature(good[0].name, good[0].key_id, bytes(64))
    with pytest.raises(VerificationError, match="does not fit"):
        verify_signatures(SignedCheckpoint(signed.checkpoint, Note(signed.note.text, (*good, bad))), signer.keys)


def test_lines_of_unknown_keys_are_not_looked_at(signed, signer):
    witness = Signature("witness.example", b"\0\1\2\3", bytes(72))
    more = SignedCheckpoint(signed.checkpoint, Note(signed.note.text, (*signed.note.signatures, witness)))
    verify_signatures(parse_signed_checkpoint(str(more)), signer.keys)


def test_another_logs_keys_do_not_do(signed, signer, other_signer):
    with pytest.raises(VerificationError, match="is not signed by"):
        verify_signatures(signed, other_signer.keys)
    elsewhere = VerifierKey("other.example", Algorithm.ED25519, signer.keys[0].public)
    with pytest.raises(VerificationError, match="of another log"):
        verify_signatures(signed, (elsewhere,))


def test_a_time_beyond_the_calendar_is_refused(signer):
    checkpoint = Checkpoint(signer.name, 0, ROOT)
    late = 2**62
    value = struct.pack(">Q", late) + signer._ml_dsa.sign(checkpoint.cosigned_message(signer.name, late))
    note = Note(checkpoint.text, (Signature(signer.name, signer.keys[1].key_id, value),))
    with pytest.raises(VerificationError, match="does not fit"):
        verify_signatures(SignedCheckpoint(checkpoint, note), signer.keys[1:])


def test_a_signer_cannot_be_shown_or_pickled(signer):
    for text in (repr(signer), str(signer), f"{signer}"):
        assert text == "LogSigner('anytown.example/headcount', keys not shown)"
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(signer)


def test_a_signer_is_saved_for_its_owner_alone_and_loaded_again(tmp_path):
    made = LogSigner.create("anytown.example/headcount")
    made.save(tmp_path / "log.key")
    assert LogSigner.load(tmp_path / "log.key").keys == made.keys
    assert [path.name for path in tmp_path.iterdir()] == ["log.key"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600


def test_two_signers_have_different_keys():
    assert LogSigner.create("a").keys[0].public != LogSigner.create("a").keys[0].public


def test_a_key_file_is_never_overwritten(tmp_path, signer):
    (tmp_path / "log.key").write_text("something else")
    with pytest.raises(SigningKeyError, match="is there already"):
        signer.save(tmp_path / "log.key")
    with pytest.raises(SigningKeyError, match="cannot be written"):
        signer.save(tmp_path / "no-folder" / "log.key")
    assert (tmp_path / "log.key").read_text() == "something else"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text.splitlines()[0] + "\n",
        lambda text: text + text,
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        lambda text: text.replace("PRIVATE+KEY", "PUBLIC+KEY"),
        lambda text: text.replace("anytown", "othertown"),
        lambda text: text.replace("anytown", "othertown", 1),
        lambda text: text.replace("+AQ", "+AR"),
        lambda text: text[:-2] + "\n",
        lambda text: "not a key at all",
    ],
)
def test_a_damaged_key_file_is_refused(tmp_path, signer, change):
    signer.save(tmp_path / "log.key")
    path = tmp_path / "damaged.key"
    path.write_text(change((tmp_path / "log.key").read_text()))
    with pytest.raises(SigningKeyError, match="is damaged"):
        LogSigner.load(path)


def test_a_missing_key_file_is_told(tmp_path):
    with pytest.raises(SigningKeyError, match="cannot be read"):
        LogSigner.load(tmp_path / "log.key")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "x" * 256, "é" * 128])
def test_a_log_needs_a_name_that_can_be_signed(name):
    with pytest.raises(SigningKeyError, match="cannot name a log"):
        LogSigner.create(name)


def test_the_longest_name_fits_into_the_signed_message():
    longest = LogSigner.create("x" * 255)
    verify_signatures(longest.sign(size=0, root=ROOT, time=NOON), longest.keys)


def test_the_fingerprint_is_128_bits_in_groups_of_four(signer, other_signer):
    shown = fingerprint(signer.keys)
    assert [len(group) for group in shown.split()] == [4] * 8
    assert shown != fingerprint(other_signer.keys)
