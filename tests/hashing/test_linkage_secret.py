"""The secret stays secret, and each key that is derived from it has one use."""

import copy
import dataclasses
import hashlib
import hmac
import io
import logging
import os
import pickle
import stat
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.errors import SecretError
from hashing.keys import LinkageSecret, new_secret, open_secret, write_secret

BYTES = bytes(range(32))
SECRET = LinkageSecret(1, BYTES)
DIGEST = "ab" * 32
PURPOSES = ("code", "blocking", "kcv", "row", "household", "canary", "canary-blocks")


def hkdf(ikm: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 as RFC 5869, section 2, tells it."""
    prk = hmac.digest(salt or bytes(32), ikm, "sha256")
    block = okm = b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        okm += block
    return okm[:length]


@pytest.mark.parametrize(
    ("ikm", "salt", "info", "okm"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            "0b" * 22,
            "",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_the_oracle_gives_the_answers_of_rfc_5869(ikm, salt, info, okm):
    found = hkdf(bytes.fromhex(ikm), salt=bytes.fromhex(salt), info=bytes.fromhex(info), length=42)
    assert found.hex() == okm


@pytest.mark.parametrize("epoch", [1, 7])
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("name", ["", "given_birth"])
def test_a_key_is_hkdf_over_purpose_epoch_profile_and_name(epoch, purpose, name):
    info = f"headcount/v1|{purpose}|{epoch}|{DIGEST}|{name}".encode()
    derived = LinkageSecret(epoch, BYTES).derive(purpose, profile_digest=DIGEST, name=name)
    assert derived == hkdf(BYTES, salt=b"headcount/1", info=info, length=32)


def test_a_derived_key_is_a_known_answer():
    key = SECRET.derive("code", profile_digest=DIGEST, name="given_birth")
    assert key.hex() == "edae496d5329a25d35ddec638b4e470d75a55db99616f1ea57b58471eece402e"


def test_the_check_value_is_a_known_answer():
    value = SECRET.check_value(profile_digest=DIGEST, encoder="bloom/1")
    key = hkdf(BYTES, salt=b"headcount/1", info=f"headcount/v1|kcv|1|{DIGEST}|".encode(), length=32)
    assert (
        value
        == hmac.digest(key, f"1|{DIGEST}|bloom/1".encode(), "sha256").hex()[:32]
        == "277bbb5e1908eb6b32bc267aa7cdf311"
    )


def test_another_secret_epoch_profile_purpose_or_name_gives_another_key():
    digests = (DIGEST, "cd" * 32)
    keys = {
        LinkageSecret(epoch, secret).derive(purpose, profile_digest=digest, name=name)
        for epoch in (1, 2, 11)
        for secret in (BYTES, bytes(32))
        for purpose in PURPOSES
        for digest in digests
        for name in ("", "name", "given_birth")
    }
    assert len(keys) == 3 * 2 * len(PURPOSES) * 2 * 3


@given(one=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32))
def test_check_values_agree_exactly_where_secrets_do(one, other):
    values = [LinkageSecret(1, secret).check_value(profile_digest=DIGEST, encoder="bloom/1") for secret in (one, other)]
    assert (values[0] == values[1]) is (one == other)


def test_check_values_tell_epoch_profile_and_encoder_apart():
    values = {
        LinkageSecret(epoch, BYTES).check_value(profile_digest=digest, encoder=encoder)
        for epoch in (1, 2)
        for digest in (DIGEST, "cd" * 32)
        for encoder in ("bloom/1", "bloom/2")
    }
    assert len(values) == 8


SHOWN = {
    "repr": repr,
    "str": str,
    "format": lambda secret: f"{secret}",
    "padded": lambda secret: f"{secret!s:>80}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 -- one of the ways to show it
    "in a list": lambda secret: repr([secret]),
    "as a field": lambda secret: repr(dataclasses.make_dataclass("Holder", ["secret"])(secret)),
}


@pytest.mark.parametrize("way", SHOWN)
def test_the_secret_is_never_shown(way):
    shown = SHOWN[way](SECRET)
    assert "LinkageSecret of epoch 1" in shown
    check_hides_secret(shown)


def check_hides_secret(text: str) -> None:
    for form in (repr(BYTES)[2:-1], BYTES.hex(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "0, 1, 2, 3"):
        assert form not in text


def test_a_log_line_and_a_traceback_do_not_show_it():
    stream = io.StringIO()
    log = logging.Logger("test")
    log.addHandler(logging.StreamHandler(stream))
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed with %r", SECRET)
        stream.write("".join(traceback.format_exc()))
    assert "LinkageSecret of epoch 1" in stream.getvalue()
    check_hides_secret(stream.getvalue())


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy])
def test_the_secret_cannot_be_pickled_or_copied(act):
    with pytest.raises(TypeError, match="a linkage secret cannot be pickled"):
        act(SECRET)


def test_a_new_secret_is_what_the_source_of_randomness_gives():
    assert new_secret(random_bytes=lambda count: BYTES[:count], epoch=3) == LinkageSecret(3, BYTES)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_secret_of_another_length_is_refused(length):
    with pytest.raises(SecretError, match="the secret is not 32 bytes long"):
        LinkageSecret(1, bytes(length))


@pytest.mark.parametrize("epoch", [0, -1])
def test_epochs_count_from_one(epoch):
    with pytest.raises(SecretError, match="epoch is not a number from 1 on"):
        LinkageSecret(epoch, BYTES)


def line(epoch: int = 1) -> str:
    body = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    checksum = hashlib.sha256(f"headcount-secret-1|{epoch}|{body}".encode()).hexdigest()[:8]
    return f"headcount-secret-1 epoch={epoch} {body} {checksum}\n"


def secret_file(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    path = folder / "town.secret"
    path.write_text(text)
    path.chmod(mode)
    return path


@given(secret=st.binary(min_size=32, max_size=32), epoch=st.integers(1, 999_999))
def test_a_secret_file_round_trips(tmp_path_factory, secret, epoch):
    path = tmp_path_factory.mktemp("secret") / "town.secret"
    write_secret(LinkageSecret(epoch, secret), path)
    assert open_secret(path) == LinkageSecret(epoch, secret)


def test_the_secret_file_is_a_known_line_that_only_its_owner_can_read(tmp_path):
    path = tmp_path / "town.secret"
    write_secret(SECRET, path)
    assert path.read_text() == line()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_is_never_overwritten(tmp_path):
    path = secret_file(tmp_path, line())
    with pytest.raises(SecretError, match=r"^town\.secret: there is a file already$"):
        write_secret(LinkageSecret(2, bytes(32)), path)
    assert path.read_text() == line()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(SecretError, match="the file cannot be written"):
        write_secret(SECRET, tmp_path / "gone" / "town.secret")


def test_a_disk_that_fails_leaves_no_half_of_a_secret(tmp_path, monkeypatch):
    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(SecretError, match="the file cannot be written"):
        write_secret(SECRET, tmp_path / "town.secret")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666, 0o601])
def test_a_secret_that_others_can_read_is_refused_with_what_to_run(tmp_path, mode):
    with pytest.raises(SecretError, match="other users of this computer can read the secret") as refusal:
        open_secret(secret_file(tmp_path, line(), mode=mode))
    assert "chmod 600 town.secret" in refusal.value.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "this is not a secret file"),
        ("not a secret\n", "this is not a secret file"),
        (line()[:40], "this is not a secret file"),
        (line() + line(), "this is not a secret file"),
        (line().replace("secret-1", "secret-2"), "this is not a secret file"),
        (line().replace("epoch=1", "epoch=one"), "this is not a secret file"),
        (line().replace("epoch=1", "epoch=2"), "the secret file is damaged"),
        (line().replace("AAEC", "AAED"), "the secret file is damaged"),
        (line()[:-2] + ("0" if line()[-2] != "0" else "1") + "\n", "the secret file is damaged"),
        (line(0), "epoch is not a number from 1 on"),
        ("ł" + line(), "this is not a secret file"),
    ],
)
def test_a_damaged_or_wrong_secret_file_is_refused(tmp_path, text, what):
    with pytest.raises(SecretError, match=what) as refusal:
        open_secret(secret_file(tmp_path, text))
    assert "Ask the agency that founded the collaborative" in refusal.value.hint
    check_hides_secret(str(refusal.value))


def test_a_missing_secret_file_is_refused(tmp_path):
    with pytest.raises(SecretError, match=r"^gone\.secret: there is no such secret file$"):
        open_secret(tmp_path / "gone.secret")


def test_a_folder_is_no_secret_file(tmp_path):
    with pytest.raises(SecretError, match="this is not a secret file"):
        open_secret(tmp_path)


@given(place=st.integers(0, 200), letter=st.characters(codec="ascii"))
def test_no_single_slip_in_a_secret_file_goes_unseen(tmp_path_factory, place, letter):
    good = line().strip()
    place %= len(good)
    altered = good[:place] + letter + good[place + 1 :]
    if altered.strip() != good:
        path = secret_file(tmp_path_factory.mktemp("slip"), altered)
        with pytest.raises(SecretError, match=r"not a secret file|damaged|from 1 on"):
            open_secret(path)
