"""Text read from the disk row by row says what the same bytes say when they are read at once."""

import codecs

import pytest
from client_lists import TODAY, or_refusal, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashing.errors import InputFileError
from hashing.export import read_export
from hashing.importers import large_text, source
from hashing.importers.delimited import read_delimited
from hashing.importers.large_text import LargeText
from hashing.importers.source import read_sheets

CELL = st.sampled_from(
    [
        "",
        "a",
        "Zoë",
        " b ",
        "1",
        "PeÃ±a",
        '"x"',
        '"a,b"',
        '"two\nlines"',
        '"two\r\nlines"',
        '"he ""said"""',
        "김",
        "“q”",
    ]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
BREAKS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Bytes of a delimited text: any usual encoding, mark and line break, short rows, now and then an open quote."""
    mark = draw(st.sampled_from(",;\t|"))
    rows = draw(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8))
    end = draw(st.sampled_from(["", "end", '"never closed', '"']))
    text = draw(BREAKS).join([*(mark.join(row) for row in rows), end])
    return text.encode(draw(ENCODINGS), errors="replace")


def read_large(folder, content: bytes) -> list[list[str]]:
    rows = LargeText(write(folder, "x.csv", content))
    assert len(rows) == sum(1 for _ in rows)
    return list(rows)


def told(outcome):
    return (outcome.what, outcome.hint) if isinstance(outcome, InputFileError) else outcome


def assert_same(folder, content: bytes) -> None:
    small = told(or_refusal(lambda: list(read_delimited(content, name="x.csv").rows)))
    assert told(or_refusal(lambda: read_large(folder, content))) == small


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents(), head=st.sampled_from([0, 1, 2, 1_024]), block=st.sampled_from([1, 3, 1_024]))
def test_large_and_small_files_read_the_same(tmp_path, content, head, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "_HEAD", head)
        patch.setattr(large_text, "_BLOCK", block)
        assert_same(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"a,b\rc,d\r",
        b"a,b\r\nc,d",
        b'a,b\n"open,d\n',
        b"a,b\x00\n",
        codecs.BOM_UTF8 + b"a,\xff\n",
        codecs.BOM_UTF16_LE + b"a\x00,\x00b",
        b"a,\x81\xe9\n",
        b"a,\xe9\n",
        b'a,"b\nc"\nd,e\n',
        "a,ł\n".encode() * 3_000,
    ],
)
def test_odd_bytes_read_the_same_or_are_refused_with_the_same_words(tmp_path, content):
    assert_same(tmp_path, content)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(0, 9), head=st.integers(0, 9), data=st.data())
def test_rows_are_had_by_their_places_as_of_a_list(tmp_path, rows, head, data):
    path = write(tmp_path, "x.csv", "".join(f"{n},x\n" for n in range(rows)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "_HEAD", head)
        found, expected = LargeText(path), [[str(n), "x"] for n in range(rows)]
        ends = st.none() | st.integers(-10, 10)
        start, stop = data.draw(ends), data.draw(ends)
        assert list(found[start:stop]) == expected[start:stop]
        assert bool(found) == bool(expected and head)
        for place in range(-rows, rows):
            assert found[place] == expected[place]
        with pytest.raises(IndexError, match="there is no such row"):
            found[rows]


def test_a_large_list_gives_the_clients_that_a_small_one_gives(tmp_path, monkeypatch):
    lines = "".join(f'C-{n},Zoe{chr(97 + n % 26)},"Made\nup",198{n % 10}-03-27,360555{n:04}\n' for n in range(300))
    path = write(tmp_path, "clients.csv", f"Client ID,First,Last,DOB,Phone\n{lines}")
    small = read_export([path], today=TODAY)
    monkeypatch.setattr(source, "LARGE", 10)
    (sheet,) = read_sheets([path])
    assert isinstance(sheet.rows, LargeText)
    large = read_export([path], today=TODAY)
    assert large.clients == small.clients
    assert len(small) == 300
    assert large.notes == small.notes


def test_rows_that_lie_on_the_disk_are_not_shown(tmp_path):
    assert "Kwame" not in repr(LargeText(write(tmp_path, "x.csv", "First,Last\nKwame,Made\n")))


@pytest.mark.parametrize("rows", [3, 8])
@pytest.mark.parametrize("ends", [(-3, 2), (-2, 5), (None, 2), (1, None), (0, 0), (2, -1)])
def test_rows_counted_from_the_end_are_those_of_a_list(tmp_path, monkeypatch, rows, ends):
    monkeypatch.setattr(large_text, "_HEAD", 6)
    path = write(tmp_path, "x.csv", "".join(f"{n},x\n" for n in range(rows)))
    assert list(LargeText(path)[slice(*ends)]) == [[str(n), "x"] for n in range(rows)][slice(*ends)]
