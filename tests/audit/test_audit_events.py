"""Entries have one form, and nothing else is read back."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import EventRefused, VerificationError
from audit.events import MAX_ENTRY_BYTES, Act, Entry, Event, decode_entry, encode_entry
from audit.wording import ACT_WORDS

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

unprintable = "".join(map(chr, [*range(32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A)]))
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=unprintable), max_size=40)
numbers = st.integers(-(2**53) + 1, 2**53 - 1)
events = st.builds(
    Event,
    actor=texts.filter(bool),
    role=texts,
    act=st.sampled_from(Act),
    object=texts,
    purpose=texts,
    outcome=texts.filter(bool),
    rule=texts,
    agency=texts,
    epoch=st.none() | st.integers(0, 2**53 - 1),
    request_signature=st.sampled_from(["", "ab" * 32]),
    details=st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z"), texts | numbers, max_size=5),
)
entries = st.builds(Entry, st.integers(0, 2**40), events, st.datetimes(timezones=st.just(UTC)))


@given(entries)
def test_what_is_written_is_read_back(entry):
    assert decode_entry(encode_entry(entry)) == entry


@given(entries)
def test_the_form_is_sorted_json_without_spaces(entry):
    line = encode_entry(entry)
    again = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert line.decode() == again
    assert b"\n" not in line


def test_a_known_entry_is_written_like_this(event):
    entry = Entry(7, event(3, epoch=2, details={"rows": 12, "agency_count": "3"}), NOON)
    assert encode_entry(entry).decode() == (
        '{"act":"count-read","actor":"key-riverside","agency":"","details":{"agency_count":"3","rows":12},'
        '"epoch":2,"object":"count-3","outcome":"allowed","purpose":"council report","request_signature":"",'
        '"role":"coordinator","rule":"","seq":7,"time":"2026-11-22T12:00:00.000000Z"}'
    )


def test_times_are_written_in_utc(event):
    there = timezone(timedelta(hours=-5))
    line = encode_entry(Entry(0, event(), datetime(2026, 11, 22, 7, 0, 0, 1, tzinfo=there)))
    assert b'"time":"2026-11-22T12:00:00.000001Z"' in line


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"actor": ""}, r"length >= 1.*actor"),
        ({"actor": "line\nbreak"}, r"regex.*actor"),
        ({"object": "\x1b[31mred"}, r"regex.*object"),
        ({"object": "turned \u202e about"}, r"regex.*object"),
        ({"purpose": "x" * 201}, r"length <= 200.*purpose"),
        ({"outcome": "half a pair \ud800"}, "surrogates"),
        ({"role": 3}, r"Expected `str`.*role"),
        ({"act": "invented"}, r"enum value.*act"),
        ({"epoch": -1}, r">= 0.*epoch"),
        ({"epoch": True}, r"got `bool`.*epoch"),
        ({"request_signature": "AB" * 32}, r"regex.*request_signature"),
        ({"details": {"share": 0.5}}, r"got `float`"),
        ({"details": {"yes": True}}, r"got `bool`"),
        ({"details": {"many": 2**53}}, r"<= 9007199254740991"),
        ({"details": {"Capital": 1}}, r"regex.*key"),
        ({"details": {"list": []}}, r"got `array`"),
        ({"details": {f"n{number}": 0 for number in range(33)}}, r"length <= 32.*details"),
        ({"details": {"thing": object()}}, "unsupported"),
    ],
)
def test_an_event_that_does_not_fit_is_refused(event, fields, why):
    with pytest.raises(EventRefused, match=why):
        encode_entry(Entry(0, event(**fields), NOON))


@pytest.mark.parametrize(
    "change",
    [
        lambda line: b" " + line,
        lambda line: line + b"\n",
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b'"epoch":null,', b""),
        lambda line: line.replace(b'"seq":7', b'"seq":7.0'),
        lambda line: line.replace(b'"seq":7', b'"seq":7,"seq":7'),
        lambda line: line.replace(b"council", b"\\u0063ouncil"),
        lambda line: line.replace(b"council", b"\xff"),
        lambda line: line.replace(b'"rule":""', b'"rule":"","sex":"f"'),
        lambda line: line.replace(b"12:00:00", b"25:00:00"),
        lambda line: line.replace(b".000000Z", b"Z"),
        lambda line: line.replace(b'"seq":7', b'"seq":-7'),
        lambda line: line.replace(b'"details":{}', b'"details":{"b":1,"a":1}'),
        lambda line: b'{"seq":7}',
        lambda line: b"[" * 60_000,
        lambda line: b"",
    ],
)
def test_only_the_one_form_is_read(event, change):
    line = encode_entry(Entry(7, event(), NOON))
    assert change(line) != line
    with pytest.raises(VerificationError, match="is not an entry that this Headcount knows"):
        decode_entry(change(line))


def test_an_entry_is_at_most_65535_bytes(event):
    with pytest.raises(VerificationError, match="longer than 65535 bytes"):
        decode_entry(b"{" + b" " * MAX_ENTRY_BYTES)


def test_the_fullest_event_fits(event):
    full = {name: "\U0001f600" * 200 for name in ("actor", "role", "object", "purpose", "outcome", "rule", "agency")}
    details = {f"{'n' * 60}{number:04}": "\U0001f600" * 200 for number in range(32)}
    line = encode_entry(Entry(2**53 - 1, event(**full, details=details), NOON))
    assert len(line) <= MAX_ENTRY_BYTES


def test_an_event_cannot_be_changed(event):
    with pytest.raises(AttributeError, match="immutable"):
        event().actor = "someone else"


def test_every_act_has_words():
    assert set(ACT_WORDS) == set(Act)


def test_an_event_has_no_field_for_a_person():
    fields = set(msgspec.structs.asdict(Event(actor="a", role="", act=Act.FOUND, object="", purpose="", outcome="x")))
    assert fields == {
        *("actor", "role", "act", "object", "purpose", "outcome", "rule", "agency", "epoch"),
        *("request_signature", "details"),
    }
