"""Nothing private can be printed, logged, formatted, copied, pickled, encoded, or seen in a traceback."""

import copy
import dataclasses
import json
import logging
import pickle

import msgspec
import pytest
from private_things import NOW, RAW, assert_hides, member, secret, shown
from rich.pretty import pretty_repr

from hashing.ceremony import Applicant, Opening, SecretHolder, new_request
from hashing.client import epoch_terms
from hashing.encode import Encoder
from hashing.errors import SecretError
from hashing.join_key import JoinKey, new_join_key, open_join_key, write_join_key
from hashing.keys import LinkageSecret, open_secret, write_secret
from hashing.keystore import Passphrase
from hashing.member_key import open_member_key
from hashing.private import Hidden
from hashing.private_files import write_private
from hashing.profile import load_profile
from hashing.schema import AgencyKind

SEED = bytes([7]) * 32
JOIN_KEY = new_join_key()
THINGS = {
    "hidden": (Hidden(RAW), RAW),
    "secret": (secret(), RAW),
    "passphrase": (Passphrase(RAW.hex()), RAW.hex().encode()),
    "member key": (member(7), SEED),
    "join key": (JOIN_KEY, JOIN_KEY.lattice.private_bytes_raw()),
    "holder": (SecretHolder(secret(), member(7)), RAW),
    "opening": (Opening(member(7), JOIN_KEY, "words"), JOIN_KEY.curve.private_bytes_raw()),
    "encoder": (Encoder(secret(), load_profile("bloom"), "clinic"), RAW),
}
every_thing = pytest.mark.parametrize(("thing", "private"), THINGS.values(), ids=THINGS.keys())


@every_thing
def test_no_way_of_showing_shows_it(thing, private, caplog):
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r %s", thing, thing, {"in": [thing]})
    for text in (repr(thing), str(thing), f"{thing}", f"{thing!r}", pretty_repr(thing), caplog.text):
        assert_hides(text, private)


@every_thing
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(thing, private, protocol):
    with pytest.raises((TypeError, pickle.PicklingError), match=r"pickle|__slots__|__getstate__"):
        pickle.dumps(thing, protocol)


@every_thing
def test_no_encoder_writes_it(thing, private):
    for encode in (msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, json.dumps):
        with pytest.raises(TypeError, match=r"unsupported|not JSON serializable"):
            encode(thing)


@pytest.mark.parametrize("name", ["hidden", "secret", "passphrase", "holder", "encoder"])
def test_it_cannot_be_copied_out(name):
    thing = THINGS[name][0]
    with pytest.raises(TypeError, match=r"cannot be (copied|pickled)"):
        copy.deepcopy(thing)
    if dataclasses.is_dataclass(thing):
        with pytest.raises(TypeError, match=r"cannot be (copied|pickled)"):
            dataclasses.asdict(thing)


def test_the_state_and_the_hash_of_private_bytes_are_refused():
    with pytest.raises(TypeError, match="cannot be copied"):
        Hidden(RAW).__getstate__()
    with pytest.raises(TypeError, match="no hash"):
        hash(Hidden(RAW))


def test_secrets_are_equal_by_epoch_and_bytes_and_their_hash_tells_the_epoch_alone():
    other = bytes(32)
    assert secret() == secret()
    assert secret() != secret(epoch=2)
    assert secret() != secret(raw=other)
    assert secret() != RAW
    assert Hidden(RAW) != RAW
    assert hash(secret()) == hash(secret(raw=other))


def test_private_bytes_are_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr("hashing.private.hmac.compare_digest", lambda a, b: compared.append(len(a)) or a == b)
    assert secret() == secret()
    assert compared == [32]


def test_the_check_value_and_the_terms_hide_the_secret():
    terms = epoch_terms(secret(), load_profile("bloom"))
    assert_hides(repr(terms), RAW)


def damaged(line: bytes) -> bytes:
    return line.replace(b"epoch=1 ", b"epoch=2 ")


@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (damaged, "the secret file is damaged"),
        (lambda line: line + b"\xff", "this is not a secret file"),
        (lambda line: line.replace(b"secret-1", b"secret-9"), "this is not a secret file"),
        (lambda line: line + b"x" * 9000, "this is not a secret file"),
    ],
)
def test_no_refusal_of_a_secret_file_shows_the_secret(tmp_path, alter, sentence):
    write_secret(secret(), tmp_path / "whole")
    write_private(tmp_path / "secret", Hidden(alter((tmp_path / "whole").read_bytes())))
    with pytest.raises(SecretError, match=sentence) as refused:
        open_secret(tmp_path / "secret")
    assert_hides(shown(refused.value), RAW)


def test_no_refusal_to_write_shows_what_was_to_be_written(tmp_path):
    (tmp_path / "there").touch()
    for write, thing, private in (
        (write_secret, secret(), RAW),
        (write_join_key, JOIN_KEY, JOIN_KEY.lattice.private_bytes_raw()),
    ):
        with pytest.raises(SecretError, match="there is a file already") as refused:
            write(thing, tmp_path / "there")
        assert_hides(shown(refused.value), private)


def test_a_secret_of_another_length_is_refused_without_being_shown():
    with pytest.raises(SecretError, match="not 32 bytes") as refused:
        LinkageSecret(1, RAW + b"!")
    assert_hides(shown(refused.value), RAW)


def test_no_refusal_of_a_damaged_key_shows_it(tmp_path):
    body = JOIN_KEY.lattice.private_bytes_raw().hex().encode()
    for read, content, sentence in (
        (open_join_key, b"headcount-join-key-1 " + body, "this is not a join key"),
        (open_join_key, b"headcount-join-key-1 " + body + b"zz", "this is not a join key"),
        (open_join_key, b"headcount-join-key-9 " + body, "this is not a join key"),
        (open_member_key, b"-----BEGIN %b-----\n" % b"PRIVATE KEY" + body, "this is not a key file"),
    ):
        path = tmp_path / f"{sentence}-{len(content)}-{content[:22].hex()}"
        write_private(path, Hidden(content))
        with pytest.raises(SecretError, match=sentence) as refused:
            read(path)
        assert_hides(shown(refused.value), JOIN_KEY.lattice.private_bytes_raw())


def test_a_join_request_holds_public_halves_only():
    request, key = new_request(Applicant("clinic", AgencyKind.HEALTH), member(7), now=NOW)
    text = msgspec.json.encode(request).decode()
    for private in (SEED, key.lattice.private_bytes_raw(), key.curve.private_bytes_raw()):
        assert_hides(text, private)
    assert isinstance(key, JoinKey)
