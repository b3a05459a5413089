"""Lines read as columns hold what the schema's own parser reads of each, and are refused where it refuses them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_files import header, pseudonym

from hashing.schema import (
    MAX_LINE_BYTES,
    AgeBand,
    EncodedFileError,
    EncodedRow,
    Header,
    ServiceType,
    ServiceUnit,
    check_line,
    parse_row,
)
from linkage.encoded_columns import Chunk, ChunkReader

HEAD = header(codes={"birth": 64, "class": 72})
SOURCE = "food_bank.codes.jsonl"


def bits(width: int) -> st.SearchStrategy[str | None]:
    return st.none() | st.binary(min_size=width, max_size=width).map(lambda each: base64.b64encode(each).decode())


tokens = st.binary(min_size=8, max_size=8).map(lambda each: base64.urlsafe_b64encode(each).rstrip(b"=").decode())
months = st.builds(
    lambda area, month, units, kind: {"area": area, "month": month, "units": units} | kind,
    st.sampled_from(["food", "shelter"]),
    st.sampled_from(["2026-01", "2026-12"]),
    st.integers(1, 9),
    st.fixed_dictionaries(
        {}, optional={"type": st.sampled_from(list(ServiceType)), "unit": st.sampled_from(list(ServiceUnit))}
    ),
)
rows = st.fixed_dictionaries(
    {
        "row": st.text().map(pseudonym),
        "codes": st.fixed_dictionaries({"birth": bits(8), "class": bits(9)}),
        "blocks": st.lists(tokens, max_size=5),
    },
    optional={
        "age": st.sampled_from(list(AgeBand)),
        "household": st.none() | st.text().map(pseudonym),
        "services": st.lists(months, max_size=3),
        "consent": st.just({"expires": "2027-01-31", "recipients": ["ymca"]}) | st.none(),
    },
)
LINE = {
    "row": pseudonym("a"),
    "codes": {"birth": "AAAAAAAAAAA=", "class": None},
    "blocks": ["AAECAwQFBgc", "BAECAwQFBgc"],
}


def line(row: Any) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def one_by_one(lines: list[bytes], head: Header) -> list[EncodedRow]:
    """The slow, obvious way."""
    for number, each in enumerate(lines, 2):
        check_line(each, source=SOURCE, number=number)
    return [parse_row(each, head, source=SOURCE, number=number) for number, each in enumerate(lines, 2)]


def check_holds(chunk: Chunk, wanted: list[EncodedRow]) -> None:
    assert chunk.rows.to_pylist() == [each.row for each in wanted]
    assert chunk.households.to_pylist() == [each.household for each in wanted]
    assert chunk.token_counts.tolist() == [len(each.blocks) for each in wanted]
    every = [base64.urlsafe_b64decode(token + "=") for each in wanted for token in each.blocks]
    assert chunk.tokens.tolist() == [int.from_bytes(token, "big") for token in every]
    for place, each in enumerate(wanted):
        birth, kind = (base64.b64decode(each.codes[name] or "") for name in ("birth", "class"))
        assert chunk.codes[place].tobytes() == birth.ljust(8, b"\0") + kind.ljust(16, b"\0")
    assert chunk.ages.to_pylist() == [each.age or None for each in wanted]
    services = [(n, s.area, s.month, s.units, s.type, s.unit) for n, each in enumerate(wanted) for s in each.services]
    assert chunk.services == services


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=6))
def test_columns_hold_what_the_rows_hold(made):
    lines = [line(row) for row in made]
    check_holds(ChunkReader(HEAD, source=SOURCE).read(lines, 2), one_by_one(lines, HEAD))


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=4), st.data())
def test_lines_written_in_another_way_hold_the_same(made, data):
    """Blanks between the parts, or letters as escapes: JSON all the same."""
    spaced = msgspec.json.format(line(made[0]), indent=data.draw(st.sampled_from([-1, 0]))) + b"\n"
    lines = [*map(line, made), spaced.replace(b'"row"', b'"\\u0072ow"')]
    check_holds(ChunkReader(HEAD, source=SOURCE).read(lines, 2), one_by_one(lines, HEAD))


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 255))
@example(0, 0)
def test_a_damaged_line_is_refused_where_the_schema_refuses_it(place, byte):
    damaged = bytearray(line(LINE))
    damaged[place % len(damaged)] = byte
    lines = [line(LINE), bytes(damaged)]
    wanted = outcome(lambda: one_by_one(lines, HEAD))
    found = outcome(lambda: ChunkReader(HEAD, source=SOURCE).read(lines, 2))
    if isinstance(wanted, list):
        check_holds(found, wanted)
    else:
        assert found == wanted


def outcome(read: Callable[[], Any]) -> Any:
    """What was read, or the words of the refusal."""
    try:
        return read()
    except EncodedFileError as error:
        return error.what, error.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Ada"}, "line 2 is damaged"),
        ({"codes": {"birth": None}}, "line 2 holds other codes than the header"),
        ({"codes": {"birth": "AAAA", "class": None}}, "line 2, code birth is not 64 bits long"),
        ({"codes": {"birth": "AAAAAAAAAA\n=", "class": None}}, "line 2, code birth is not base64"),
        ({"blocks": ["AAECAwQFBg"]}, "line 2 is damaged"),
        ({"blocks": ["AAECAwQFBgc="]}, "line 2 is damaged"),
        ({"blocks": ["AAECAwQFB+c"]}, "line 2 is damaged"),
        ({"blocks": ["AAECAwQFBgc"] * 129}, "line 2 is damaged"),
        ({"blocks": 'AAECAwQFBgc","'}, "line 2 is damaged"),
        ({"row": "Ada Lovelace 1815"}, "line 2 is damaged"),
        ({"services": [{"area": "food", "month": "2026-13", "units": 1}]}, "line 2 is damaged"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(change, message):
    with pytest.raises(EncodedFileError, match=message):
        ChunkReader(HEAD, source=SOURCE).read([line(LINE | change)], 2)


@pytest.mark.parametrize("key", ["blocks", "codes", "consent"])
def test_a_line_of_a_hundred_thousand_brackets_is_damaged(key):
    deep = line(LINE | {key: "?"}).replace(b'"?"', b"[" * 100_000)
    with pytest.raises(EncodedFileError, match="line 2 is damaged"):
        ChunkReader(HEAD, source=SOURCE).read([deep], 2)


def test_a_line_longer_than_any_row_can_be_is_refused():
    long = line(LINE)[:-1] + b" " * MAX_LINE_BYTES + b"\n"
    with pytest.raises(EncodedFileError, match="line 2 is longer than any row can be"):
        ChunkReader(HEAD, source=SOURCE).read([long], 2)


def test_as_many_tokens_as_a_row_may_carry_are_read():
    many = [base64.urlsafe_b64encode(n.to_bytes(8, "big")).rstrip(b"=").decode() for n in range(128)]
    chunk = ChunkReader(HEAD, source=SOURCE).read([line(LINE | {"blocks": many}), line(LINE | {"blocks": []})], 2)
    np.testing.assert_array_equal(chunk.tokens, np.arange(128))
    assert chunk.token_counts.tolist() == [128, 0]
