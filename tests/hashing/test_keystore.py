"""A locked file opens with its passphrase and with nothing else."""

import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from private_things import CHEAP, RAW, assert_hides, member, secret, shown

from hashing.errors import SecretError
from hashing.join_key import new_join_key, open_join_key, write_join_key
from hashing.keys import open_secret, secret_content, write_secret
from hashing.keystore import Cost, Passphrase, is_locked, lock, nobody_to_ask, open_content, unlock
from hashing.member_key import new_member_key, open_member_key
from hashing.private import Hidden
from hashing.private_files import read_private, replace_private, write_private

PHRASE = Passphrase("seven green umbrellas")
# salt 16 * "s", nonce 12 * "n", content "content"; made once, so that no later version reads it differently
VECTOR = (
    b"headcount-locked-1 argon2id m=32 t=1 p=1 73737373737373737373737373737373"
    b" 6e6e6e6e6e6e6e6e6e6e6e6e 047e611db5ed068a7a161f2ec40c900f13aeb9c5736083\n"
)


def fixed(length: int) -> bytes:
    return (b"s" if length == 16 else b"n") * length


def locked(content: bytes = b"content") -> Hidden:
    return lock(Hidden(content), PHRASE, random_bytes=fixed, cost=CHEAP)


def lock_in_place(path):
    replace_private(path, lock(read_private(path, kind="file"), PHRASE, random_bytes=fixed, cost=CHEAP))


def test_the_format_is_what_the_document_says():
    assert locked().reveal() == VECTOR


@settings(max_examples=40)
@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_was_locked_is_unlocked_by_the_same_passphrase(content, typed):
    box = lock(Hidden(content), Passphrase(typed), random_bytes=fixed, cost=CHEAP)
    assert unlock(box, Passphrase(typed), name="f") == Hidden(content)


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_another_passphrase_opens_nothing(typed):
    other = Passphrase(typed)
    if other.text != PHRASE.text:
        with pytest.raises(SecretError, match="f: the passphrase does not open the file, or the file was altered"):
            unlock(locked(), other, name="f")


def test_a_passphrase_is_the_same_however_its_accents_are_typed():
    assert Passphrase("cafe\u0301 noir").text == Passphrase("caf\u00e9 noir").text


@pytest.mark.parametrize("place", range(len(locked()) - 1))
def test_no_altered_character_is_accepted(place):
    altered = bytearray(locked().reveal())
    altered[place] ^= 1
    with pytest.raises(SecretError, match=r"altered|damaged|memory"):
        unlock(Hidden(bytes(altered)), PHRASE, name="f")


@pytest.mark.parametrize(
    "content", [b"", b"headcount-locked-1", locked().reveal()[:-20].rstrip(b"0123456789abcdef"), locked().reveal() * 2]
)
def test_a_cut_or_doubled_file_is_refused(content):
    with pytest.raises(SecretError, match="f: the locked file is damaged"):
        unlock(Hidden(content), PHRASE, name="f")


@pytest.mark.parametrize(("memory", "lanes"), [(31, 4), (1_048_577, 1), (0, 1)])
def test_a_file_cannot_ask_for_senseless_amounts_of_memory(memory, lanes):
    with pytest.raises(SecretError, match="too little or too much memory"):
        Cost(memory=memory, passes=1, lanes=lanes)


def test_the_default_cost_is_the_recommended_one():
    assert Cost() == Cost(memory=64 * 1024, passes=3, lanes=4)  # RFC 9106, section 4


def test_the_default_cost_is_what_a_file_gets():
    box = lock(Hidden(b"content"), PHRASE, random_bytes=fixed)
    assert box.reveal().startswith(b"headcount-locked-1 argon2id m=65536 t=3 p=4 ")
    assert unlock(box, PHRASE, name="f") == Hidden(b"content")


@pytest.mark.parametrize(("typed", "enough"), [("eleven char", False), ("twelve chars", True), ("e\u0301" * 11, False)])
def test_a_new_passphrase_has_twelve_characters(typed, enough):
    if enough:
        assert Passphrase.new(typed).text == Hidden(typed.encode())
    else:
        with pytest.raises(SecretError, match="fewer than 12 characters") as refused:
            Passphrase.new(typed)
        assert typed not in shown(refused.value)


def test_whatever_a_terminal_sends_is_a_passphrase():
    assert Passphrase("seven \udce9toiles").text != Passphrase("seven \udce8toiles").text


def test_a_plain_file_needs_no_passphrase():
    assert open_content(Hidden(b"plain"), ask=nobody_to_ask, name="f") == Hidden(b"plain")
    assert not is_locked(Hidden(b"plain"))


def test_a_locked_secret_key_and_join_key_open_with_the_passphrase(tmp_path):
    write_secret(secret(), tmp_path / "secret")
    key, join_key = new_member_key(tmp_path / "key"), new_join_key()
    write_join_key(join_key, tmp_path / "join")
    asked = []
    for name in ("secret", "key", "join"):
        lock_in_place(tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    ask = lambda name: asked.append(name) or PHRASE  # noqa: E731
    assert open_secret(tmp_path / "secret", ask=ask) == secret()
    assert open_member_key(tmp_path / "key", ask=ask).public_bytes == key.public_bytes
    assert open_join_key(tmp_path / "join", ask=ask).public_bytes == join_key.public_bytes
    assert asked == ["secret", "key", "join"]


def test_a_program_without_a_person_is_told_that_the_file_is_locked(tmp_path):
    write_private(tmp_path / "secret", lock(secret_content(secret()), PHRASE, random_bytes=fixed, cost=CHEAP))
    with pytest.raises(SecretError, match="secret: the file is locked with a passphrase"):
        open_secret(tmp_path / "secret")


def test_a_wrong_passphrase_shows_neither_itself_nor_the_secret():
    box = lock(secret_content(secret()), PHRASE, random_bytes=fixed, cost=CHEAP)
    with pytest.raises(SecretError, match="does not open") as refused:
        unlock(box, Passphrase("eight green umbrellas"), name="f")
    assert_hides(shown(refused.value), RAW)
    assert "umbrellas" not in shown(refused.value)


def test_a_locked_file_says_nothing_of_the_secret():
    box = lock(secret_content(secret()), PHRASE, random_bytes=fixed, cost=CHEAP)
    assert_hides(box.reveal().decode(), RAW)
    assert_hides(box.reveal().decode(), secret_content(secret()).reveal())


def test_a_failed_write_leaves_no_half_of_a_secret(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hashing.private_files.os.fsync", full)
    with pytest.raises(SecretError, match="secret: the file cannot be written"):
        write_private(tmp_path / "secret", Hidden(b"new"))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_replacement_leaves_the_old_file_alone(tmp_path, monkeypatch):
    write_private(tmp_path / "secret", Hidden(b"old"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hashing.private_files.os.fsync", full)
    with pytest.raises(SecretError, match="secret: the file cannot be written"):
        replace_private(tmp_path / "secret", Hidden(b"new"))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_key_that_others_can_read_is_refused(tmp_path):
    new_member_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(SecretError, match="key: other users of this computer can read the key"):
        open_member_key(tmp_path / "key")


def test_member_keys_have_known_words():
    assert member(7).words == "fotav rijap zujov jonad kakid zujan gamak fitor"
