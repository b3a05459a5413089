"""SAUL codes are what the paper says, bit for bit what a slow reading of it gives, and depend on nothing else."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from documented_codes import NEAR_UNIQUE, Terms, blocking_tokens, saul_code
from hypothesis import given, settings
from hypothesis import strategies as st

from hashing import hardened
from hashing.blocking_keys import part_values
from hashing.canaries import CANARIES
from hashing.encode import BLOCKS_A_ROW, Encoder
from hashing.errors import ProfileError
from hashing.keys import LinkageSecret
from hashing.profile import load_profile, parse_profile
from hashing.schema import decode_code

KEY = bytes(range(32))
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/formats/saul-codes.md"
SECRET = LinkageSecret(1, bytes(range(32)))
HARDENED = load_profile("hardened")
BLOOM_DIGEST = "51fe4a136f40fdd3b038553aef9e8e3d011abf2937672ccb6cafeec667c36f43"

token_sets = st.lists(st.lists(st.sampled_from([f"t:{n}" for n in range(40)]), max_size=12), min_size=1, max_size=12)


def slow_code(tokens: list[str], *, key: bytes, bits: int, planes: int) -> bytes:
    """The definition as docs/formats tells it, a bit at a time."""
    return saul_code(tokens, {"bits": bits, "planes": planes}, key)


def codes(sets: list[list[str]], *, key: bytes = KEY, bits: int = 1024, planes: int = 5) -> np.ndarray:
    return hardened.encode(sets, key=key, bits=bits, planes=planes)


@settings(max_examples=40, deadline=None)
@given(sets=token_sets, key=st.binary(min_size=32, max_size=32), planes=st.integers(1, 6))
def test_codes_are_those_of_the_slow_definition(sets, key, planes):
    found = codes(sets, key=key, bits=64, planes=planes)
    assert [row.tobytes() for row in found] == [slow_code(s, key=key, bits=64, planes=planes) for s in sets]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 100])
def test_any_number_of_tokens_is_counted_right(size):
    tokens = [f"t:{n}" for n in range(size)]
    assert codes([tokens], bits=64, planes=4)[0].tobytes() == slow_code(tokens, key=KEY, bits=64, planes=4)


@pytest.mark.parametrize(
    ("tokens", "bits", "planes", "answer"),
    [
        (["n:ana"], 64, 1, "81b055171634898f"),
        (["n:ana"], 64, 5, "6c965347a705426a"),
        (["n:ana", "d:y1984"], 128, 5, "3cd9e4c3511634f94e9b103acd458601"),
        (["n:ana", "d:y1984", "z:98382"], 128, 4, "8e8fe79fd2a1188b51f8815c187f54ca"),
        ([], 64, 5, "cbb3226d6ab91e11"),
        (["n:김", "n:łu"], 64, 5, "1f81722d465fad71"),
    ],
)
def test_known_answers(tokens, bits, planes, answer):
    assert codes([tokens], bits=bits, planes=planes)[0].tobytes().hex() == answer


def test_the_vectors_of_the_format_document_are_what_the_code_makes():
    told = re.findall(
        r"^\| (none|`.*`) \| (\d+) \| (\d) \| `([0-9a-f]+)` \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )
    assert len(told) == 6
    for tokens, bits, planes, answer in told:
        found = [] if tokens == "none" else tokens.strip("`").split(", ")
        assert codes([found], bits=int(bits), planes=int(planes))[0].tobytes().hex() == answer


@settings(max_examples=30, deadline=None)
@given(sets=token_sets, data=st.data())
def test_no_row_changes_another_and_order_changes_none(sets, data):
    order = data.draw(st.permutations(range(len(sets))))
    together = codes(sets, bits=64)
    shuffled = codes([data.draw(st.permutations(sets[row])) for row in order], bits=64)
    alone = [codes([tokens], bits=64)[0].tobytes() for tokens in sets]
    assert [row.tobytes() for row in together] == alone
    assert [shuffled[order.index(row)].tobytes() for row in range(len(sets))] == alone


def test_the_size_of_the_chunks_changes_no_bit(monkeypatch):
    sets = [[f"t:{row * k % 61}" for k in range(1, 2 + row % 9)] for row in range(100)]
    whole = codes(sets, bits=64)
    for rows_at_once in (1, 3, 128):
        monkeypatch.setattr(hardened, "_ROWS_AT_ONCE", rows_at_once)
        assert np.array_equal(codes(sets, bits=64), whole)


def test_a_token_named_twice_counts_once():
    assert np.array_equal(codes([["a", "b", "b"]]), codes([["a", "b"]]))


def test_no_token_can_pose_as_the_tie_breaker():
    assert not np.array_equal(codes([[""]], bits=64), codes([[]], bits=64))
    assert not np.array_equal(codes([["\x01"]], bits=64), codes([[]], bits=64))


@pytest.mark.parametrize("size", [2, 9, 40])
def test_about_half_of_the_bits_are_set_however_long_the_record(size):
    sets = [[f"t:{row}:{n}" for n in range(size)] for row in range(200)]
    share = np.unpackbits(codes(sets)).mean()
    assert abs(share - 0.5) < 5 * 0.5 / math.sqrt(200 * 1024)


@pytest.mark.parametrize("planes", [4, 5])
@pytest.mark.parametrize("shared", [0, 20, 30, 36, 39])
def test_codes_agree_as_often_as_the_angle_of_their_tokens_says(planes, shared):
    size, rows = 41, 60  # odd: no ties
    left = [
        [f"s:{row}:{n}" for n in range(shared)] + [f"l:{row}:{n}" for n in range(size - shared)] for row in range(rows)
    ]
    right = [
        [f"s:{row}:{n}" for n in range(shared)] + [f"r:{row}:{n}" for n in range(size - shared)] for row in range(rows)
    ]
    agreement = 1 - np.bitwise_count(codes(left, planes=planes) ^ codes(right, planes=planes)).sum() / (rows * 1024)
    expected = (1 + (1 - 2 * math.acos(shared / size) / math.pi) ** planes) / 2
    noise = 5 * 0.5 / math.sqrt(rows * 1024)
    assert abs(agreement - expected) < noise + 0.008  # a majority of 41 is not quite the limit that the formula is


def test_strangers_of_even_size_agree_like_coin_flips():
    sets = [[f"t:{row}:{n}" for n in range(24)] for row in range(120)]
    found = codes(sets)
    agreement = 1 - np.bitwise_count(found[::2] ^ found[1::2]).sum() / (60 * 1024)
    assert abs(agreement - 0.5) < 5 * 0.5 / math.sqrt(60 * 1024)


def encoded(secret: LinkageSecret = SECRET, profile=HARDENED, agency: str = "clinic"):
    return Encoder(secret, profile, agency).encode(CANARIES)


def changed(**changes: object) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(HARDENED)) | changes)


def with_code(**changes: object) -> bytes:
    first, *rest = msgspec.json.decode(msgspec.json.encode(HARDENED))["codes"]
    return changed(codes=[first | changes, *rest])


def test_another_secret_epoch_profile_or_code_gives_other_codes():
    renamed = parse_profile(changed(name="other"), source="other")
    kinds = [
        encoded(),
        encoded(LinkageSecret(1, bytes(32))),
        encoded(LinkageSecret(2, bytes(range(32)))),
        encoded(profile=renamed),
    ]
    values = [code for rows in kinds for row in rows for code in row.codes.values() if code]
    assert len(values) > 200
    assert len(set(values)) == len(values)


def test_the_same_client_gets_the_same_row_again_and_the_same_codes_at_another_agency():
    assert encoded() == encoded()
    assert [row.codes for row in encoded()] == [row.codes for row in encoded(agency="shelter")]


def test_a_missing_identifier_makes_a_code_null_and_never_shorter():
    client = replace(CANARIES[0], phones=())
    [row] = Encoder(SECRET, HARDENED, "clinic").encode([client])
    assert row.codes["name_phone"] is None
    assert {len(decode_code(code)) for code in row.codes.values() if code} == {128}
    assert row.codes["name_birth"] == encoded()[0].codes["name_birth"]


def real_tokens(client) -> set[str]:
    """The tokens of a canary's keys, which the filling is not."""
    terms = Terms(bytes(range(32)), 1, "x", {"loose_blocking": False, "encoder": "saul/2"}, HARDENED.digest)
    key = terms.key("blocking", HARDENED.digest)
    found = blocking_tokens(part_values(client), NEAR_UNIQUE, key, most=BLOCKS_A_ROW)
    return {base64.urlsafe_b64encode(token.to_bytes(8, "big")).rstrip(b"=").decode() for token in found}


def test_every_row_has_as_many_blocking_tokens_and_no_filling_meets_another():
    here, there = encoded(), encoded(agency="shelter")
    assert {len(set(row.blocks)) for row in here + there} == {BLOCKS_A_ROW}
    for canary, mine, other in zip(CANARIES, here, there, strict=True):
        assert set(mine.blocks) & set(other.blocks) == real_tokens(canary)
    filling = [
        token for canary, row in zip(CANARIES, here, strict=True) for token in set(row.blocks) - real_tokens(canary)
    ]
    assert len(filling) > 500
    assert len(set(filling)) == len(filling)
    assert not set(filling) & set().union(*map(real_tokens, CANARIES))


def test_blocks_are_sorted_as_numbers_so_that_their_order_tells_nothing():
    for row in encoded():
        numbers = [base64.urlsafe_b64decode(token + "=") for token in row.blocks]
        assert numbers == sorted(numbers)


def test_blocks_of_a_bloom_row_are_as_many_as_there_are():
    rows = Encoder(SECRET, load_profile("bloom"), "clinic").encode(CANARIES)
    assert len({len(row.blocks) for row in rows}) > 5


def test_the_bloom_profile_is_what_it_was():
    assert load_profile("bloom").digest == BLOOM_DIGEST
    assert load_profile("bloom").encoder == "bloom/2"
    assert HARDENED.encoder == "saul/2"


def test_every_hardened_code_covers_three_identifiers_or_a_whole_ssn():
    for code in HARDENED.codes:
        assert len(code.identifiers) >= (2 if "ssn" in code.needs else 3)
    assert not HARDENED.loose_blocking


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (changed(loose_blocking=True), "may not have loose blocking"),
        (with_code(needs=["root", "last"]), "name_birth covers fewer than 3 identifiers"),
        (with_code(needs=["first", "root", "birth"]), "name_birth covers fewer than 3 identifiers"),
        (with_code(groups=["first", "last"], needs=["root", "last", "birth"]), "fewer than 3 identifiers"),
        (with_code(groups=["ssn"], needs=["ssn"]), "fewer than 3 identifiers"),
        (with_code(groups=["root", "last", "ssn4"], needs=["root", "ssn4"]), "fewer than 3 identifiers"),
        (with_code(groups=["root", "last", "unit"], needs=["root", "last", "unit"]), "fewer than 3 identifiers"),
        (with_code(planes=3), "`int` >= 4"),
        (with_code(hashes=10), "unknown field `hashes`"),
        (changed(encoder="bloom/2"), "unknown field `planes`"),
        (changed(encoder="saul/1"), "Invalid value 'saul/1'"),
        (changed(encoder="saul/3"), "Invalid value 'saul/3'"),
    ],
)
def test_a_profile_that_is_hardened_in_name_only_is_refused(content, why):
    with pytest.raises(ProfileError, match=why):
        parse_profile(content, source="mine")


def test_sets_without_a_token_have_one_code_whether_alone_or_among_others():
    alone = hardened.encode([[], []], key=KEY, bits=512, planes=5)
    among = hardened.encode([[], ["a"], []], key=KEY, bits=512, planes=5)
    assert alone.tolist() == among[[0, 2]].tolist()
    assert alone[0].tolist() == alone[1].tolist()
