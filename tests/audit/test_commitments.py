"""A commitment says nothing until it is opened, and then exactly one thing."""

import hashlib
import json
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import AGREED, SAW_AT, SHOWN_TO, sealed

from audit.commitment import NONCE_BYTES, Fact, Kind, Opening, canonical, list_hash, seal
from audit.merkle import EMPTY_ROOT

names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
facts = st.builds(
    Fact,
    kind=st.sampled_from(Kind),
    agency=names,
    row=names,
    other=st.just("") | names,
    recipients=st.lists(names, max_size=4).map(tuple),
    until=st.none() | st.dates(),
)


def test_a_known_answer():
    """Worked out by hand from the format's description, so that another program can do the same."""
    text = (
        b'{"agency":"ymca","kind":"consent","other":"","recipients":["clinic"],'
        b'"row":"ymcarowymcarow22","until":"2026-12-31"}'
    )
    assert canonical(AGREED) == text
    nonce = bytes(range(32))
    assert Opening(nonce.hex(), AGREED).commitment == hashlib.sha256(nonce + text).digest()


def test_the_hash_of_a_list_is_the_root_of_rfc_6962():
    one, two = bytes(32), bytes([1] * 32)
    leaf = [hashlib.sha256(b"\0" + commitment).digest() for commitment in (one, two)]
    assert list_hash([one, two]) == hashlib.sha256(b"\1" + leaf[0] + leaf[1]).hexdigest()
    assert list_hash([]) == EMPTY_ROOT.hex()


@given(facts)
def test_a_fact_is_written_in_one_way_and_read_back(fact):
    assert msgspec.json.decode(canonical(fact), type=Fact) == fact


@given(facts, facts)
def test_other_facts_have_other_commitments(one, other):
    nonce = "ab" * 32
    assert (Opening(nonce, one).commitment == Opening(nonce, other).commitment) == (one == other)


@given(facts)
def test_the_same_fact_is_never_recognised(fact):
    first, second = (Opening(nonce * 32, fact).commitment for nonce in ("ab", "cd"))
    assert first != second


def test_the_order_of_a_list_tells_nothing_of_the_order_of_the_facts():
    many = [Fact(kind=Kind.SAW_AT, agency="a", row=str(number)) for number in range(50)]
    openings = sealed(*many)
    assert [opening.commitment for opening in openings] == sorted(opening.commitment for opening in openings)
    assert [opening.fact for opening in openings] != many


def test_every_fact_has_a_nonce_of_its_own_of_32_bytes():
    asked = []

    def remember(size):
        asked.append(size)
        return bytes([len(asked)] * size)

    openings = seal([SHOWN_TO, SAW_AT, SHOWN_TO], random_bytes=remember)
    assert asked == [NONCE_BYTES] * 3
    assert len({opening.nonce for opening in openings}) == len({opening.commitment for opening in openings}) == 3


@pytest.mark.parametrize(
    "change", [{"row": ""}, {"agency": ""}, {"until": "soon"}, {"recipients": ["a"] * 201}, {"name": "x"}]
)
def test_what_is_no_fact_is_not_read(change):
    fact = json.loads(canonical(AGREED)) | change
    with pytest.raises(msgspec.ValidationError, match=r"\$|unknown field"):
        msgspec.json.decode(json.dumps(fact), type=Fact)


def test_the_last_day_is_a_day():
    assert json.loads(canonical(SHOWN_TO))["until"] == date(2026, 12, 31).isoformat()
