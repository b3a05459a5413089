"""A member's own key: the private half stays with the member, the public half is one line of text."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hashing.errors import SecretError
from hashing.member_key import MemberKey, new_member_key, open_member_key, public_path, read_public_line

KNOWN = MemberKey(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_the_public_half_and_its_name_are_known_answers():
    assert KNOWN.public_bytes.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    assert KNOWN.keyid == "56475aa75463474c"
    assert KNOWN.public_line("ymca") == "headcount-ed25519 A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg= ymca"


def test_a_key_is_written_for_its_owner_alone_and_opened_again(tmp_path):
    made = new_member_key(tmp_path / "ymca.key")
    assert stat.S_IMODE((tmp_path / "ymca.key").stat().st_mode) == 0o600
    assert open_member_key(tmp_path / "ymca.key").keyid == made.keyid
    assert read_public_line(public_path(tmp_path / "ymca.key")) == made.public_line("ymca")


def test_printing_a_key_shows_nothing_of_it():
    assert repr(KNOWN) == "MemberKey()"


def test_a_key_is_never_overwritten(tmp_path):
    made = new_member_key(tmp_path / "ymca.key")
    with pytest.raises(SecretError, match=r"^ymca\.key: there is a file already$"):
        new_member_key(tmp_path / "ymca.key")
    assert open_member_key(tmp_path / "ymca.key").keyid == made.keyid


def test_a_disk_that_fails_between_the_halves_leaves_neither(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(SecretError, match="the key cannot be written"):
        new_member_key(tmp_path / "ymca.key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "this is not a key file"),
        (b"headcount-ed25519 AAAA ymca\n", "this is not a key file"),
        (b"-----BEGIN " + b"PRIVATE KEY-----\nAAAA\n-----END " + b"PRIVATE KEY-----\n", "this is not a key file"),
        (
            ec.derive_private_key(7, ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "this is a key of another kind",
        ),
    ],
)
def test_what_is_no_key_of_a_member_is_refused(tmp_path, content, what):
    path = tmp_path / "ymca.key"
    path.write_bytes(content)
    with pytest.raises(SecretError, match=what):
        open_member_key(path)


def test_a_missing_key_is_refused_with_how_to_make_one(tmp_path):
    with pytest.raises(SecretError, match="there is no such key file") as refusal:
        open_member_key(tmp_path / "gone.key")
    assert "headcount key new" in refusal.value.hint


@pytest.mark.parametrize(
    ("content", "what"), [(b"-----BEGIN", "this is not a public key"), ("ñ".encode(), "the public key cannot be read")]
)
def test_what_is_no_public_key_is_refused(tmp_path, content, what):
    path = tmp_path / "ymca.key.pub"
    path.write_bytes(content)
    with pytest.raises(SecretError, match=what):
        read_public_line(path)
