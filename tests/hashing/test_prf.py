"""Keyed bytes of many texts at once are what AES-CMAC and AES give one text at a time."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from documented_codes import keyed, stretched, tag
from hypothesis import given, settings
from hypothesis import strategies as st

from hashing.prf import BLOCK, BlockCipher, KeyedFunction
from hashing.texts import Texts

KEYS = st.binary(min_size=32, max_size=32)
TEXTS = st.lists(st.binary(max_size=70), max_size=12)
RFC_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
RFC_MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
RFC_TAGS = {  # RFC 4493, section 4
    0: "bb1d6929e95937287fa37d129b756746",
    16: "070a16b46b4d4144f79bdd9dd04a287c",
    40: "dfa66747de9ae63030ca32611497c827",
    64: "51f0bebf7e3b9d92fc49741779363cfe",
}


def tags(key: bytes, texts: list[bytes]) -> list[bytes]:
    return [one.tobytes() for one in KeyedFunction(key).tags(Texts.of_bytes(texts))]


def test_the_tags_are_the_answers_of_rfc_4493_together_and_alone():
    messages = [RFC_MESSAGE[:length] for length in RFC_TAGS]
    expected = [bytes.fromhex(answer) for answer in RFC_TAGS.values()]
    assert tags(RFC_KEY + bytes(16), messages) == expected
    assert [tags(RFC_KEY + bytes(16), [message])[0] for message in messages] == expected


@given(key=KEYS, texts=TEXTS)
def test_tags_are_those_of_cryptographys_cmac(key, texts):
    def cmac(text: bytes) -> bytes:
        mac = CMAC(AES(key[:16]))
        mac.update(text)
        return mac.finalize()

    assert tags(key, texts) == [cmac(text) for text in texts]


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 32, 33, 48, 1_000])
def test_texts_of_every_length_around_whole_blocks_are_padded_right(length):
    texts = [b"\x00" * length, b"a" * length, b"\x80" * length]
    assert tags(bytes(range(32)), texts) == [tag(bytes(range(32)), text) for text in texts]


@given(key=KEYS, texts=TEXTS, size=st.integers(1, 100))
def test_bytes_are_stretched_as_the_documents_say(key, texts, size):
    found = KeyedFunction(key).bytes_of(Texts.of_bytes(texts), size)
    assert found.shape == (len(texts), size)
    assert [row.tobytes() for row in found] == [keyed(key, text, size) for text in texts]


def test_the_counter_fills_two_bytes_and_keeps_what_the_tag_has_there():
    start = bytes(range(200, 216))
    found = KeyedFunction(bytes(range(32))).stretched(np.frombuffer(start, dtype=np.uint8)[None], 300 * BLOCK)
    assert found.tobytes() == stretched(bytes(range(32)), start, 300 * BLOCK)
    assert len({found[0, place : place + BLOCK].tobytes() for place in range(0, 300 * BLOCK, BLOCK)}) == 300


@settings(deadline=None)
@given(key=KEYS, text=st.binary(max_size=40), short=st.integers(1, 40), more=st.integers(0, 40))
def test_fewer_bytes_are_the_beginning_of_more(key, text, short, more):
    keyed_function, texts = KeyedFunction(key), Texts.of_bytes([text])
    assert keyed_function.bytes_of(texts, short + more)[0, :short].tobytes() == (
        keyed_function.bytes_of(texts, short)[0].tobytes()
    )


@given(one=KEYS, other=KEYS)
def test_either_half_of_another_key_gives_other_bytes(one, other):
    texts = Texts.of(["n:ana"])
    for mixed in (one[:16] + other[16:], other[:16] + one[16:]):
        same = KeyedFunction(one).bytes_of(texts, 16).tobytes() == KeyedFunction(mixed).bytes_of(texts, 16).tobytes()
        assert same == (mixed == one)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="a key is 32 bytes long"):
        KeyedFunction(bytes(length))


def test_a_block_cipher_gives_the_answer_of_fips_197_and_changes_nothing_it_is_given():
    block = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), dtype=np.uint8)[None].copy()
    assert BlockCipher(bytes(range(16)))(block).tobytes().hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    assert block.tobytes().hex() == "00112233445566778899aabbccddeeff"


TEXT_LISTS = st.lists(st.text(max_size=12), max_size=10)


@given(texts=TEXT_LISTS, lead=st.text(max_size=5), data=st.data())
def test_texts_are_put_together_as_strings_would_be(texts, lead, data):
    others = data.draw(st.lists(st.text(max_size=12), min_size=len(texts), max_size=len(texts)))
    made = Texts.of(texts)
    assert made.strings() == texts
    assert made.behind(lead).strings() == [lead + text for text in texts]
    assert made.followed_by(Texts.of(others)).strings() == [a + b for a, b in zip(texts, others, strict=True)]
    whole = made.behind(lead).followed_by(Texts.of(others))
    assert tags(bytes(32), [s.encode() for s in whole.strings()]) == [
        one.tobytes() for one in KeyedFunction(bytes(32)).tags(whole)
    ]


@given(numbers=st.lists(st.integers(0, 9_999), max_size=10))
def test_numbers_become_as_many_digits_as_asked_for(numbers):
    assert Texts.of_digits(np.array(numbers, dtype=np.int64), 4).strings() == [f"{number:04}" for number in numbers]


def test_texts_are_not_shown_since_they_may_be_names():
    assert "kwame" not in repr(Texts.of(["kwame"]))
