"""Machine code gives what numpy gives, byte for byte, and refuses arrays that do not fit together.

Without a compiler there is none; then the first kind of test has nothing to compare.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from client_lists import TODAY, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_clients import CLIENTS
from test_encode import KWAME, SECRET, SENDER

from hashing import accelerator, bloom, cell_pages, hardened, list_reader
from hashing.cell_pages import CellColumn, CellNumbers, Pages
from hashing.client import encode_to_folder
from hashing.client_numbers import Crosswalk, are_distinct, csv_lines, number_digests
from hashing.clients import Client
from hashing.columns import Table, understand
from hashing.export import AgencyExport, read_export
from hashing.importers.delimited import read_delimited
from hashing.importers.large_text import LargeText
from hashing.importers.sheets import Sheet
from hashing.list_reader import ListReader
from hashing.prf import KeyedFunction
from hashing.profile import BUILT_IN, load_profile
from hashing.rows import ClientReader
from hashing.texts import Texts

NATIVE = accelerator.native
TOWN = Path(__file__).resolve().parents[2] / "demo/anytown"
AGENCIES = [path.name for path in sorted(TOWN.iterdir()) if path.is_dir()]
KEY = bytes(range(32))
built = pytest.mark.skipif(NATIVE is None, reason="there was no compiler")
quiet = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
TOKENS = st.lists(st.lists(st.text(max_size=40), max_size=9), min_size=1, max_size=6)


@contextmanager
def with_numpy_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accelerator, "native", None)
        yield


def written(folder: Path, export: AgencyExport, profile: str) -> tuple[bytes, bytes]:
    files = encode_to_folder(
        folder, export, secret=SECRET, profile=load_profile(profile), sender=SENDER, processes=2
    ).written
    return files.encoded.read_bytes(), files.crosswalk.read_bytes()


@built
@pytest.mark.parametrize("profile", BUILT_IN)
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(clients=st.lists(CLIENTS, max_size=9))
def test_the_same_files_are_written(tmp_path_factory, profile, clients):
    numbered = [replace(client, client_id=str(n // 2)) for n, client in enumerate([*clients, KWAME])]
    quick = written(tmp_path_factory.mktemp("quick"), AgencyExport.of(numbered), profile)
    with with_numpy_alone():
        assert written(tmp_path_factory.mktemp("numpy"), AgencyExport.of(numbered), profile) == quick


def exports(town: Path) -> list[Path]:
    return [path for path in sorted(town.iterdir()) if path.suffix != ".md"] if town.is_dir() else [town]


@built
@pytest.mark.parametrize("agency", [name for name in AGENCIES if "dv" not in name and "safe" not in name])
def test_the_demo_towns_files_are_the_same(tmp_path, agency, monkeypatch):
    """Read as large lists are, however short they are."""
    monkeypatch.setattr("hashing.importers.source.LARGE", 1, raising=False)
    quick = [written(tmp_path / p, read_export([TOWN / agency], today=TODAY), p) for p in BUILT_IN]
    with with_numpy_alone():
        plain = [written(tmp_path / f"n-{p}", read_export([TOWN / agency], today=TODAY), p) for p in BUILT_IN]
    assert plain == quick


@built
@quiet
@given(sets=TOKENS, bits=st.sampled_from([64, 1024, 4096]), hashes=st.integers(1, 32))
def test_filters_are_the_same(sets, bits, hashes):
    quick = bloom.encode(sets, key=KEY, bits=bits, hashes=hashes)
    with with_numpy_alone():
        assert (bloom.encode(sets, key=KEY, bits=bits, hashes=hashes) == quick).all()


@built
@quiet
@given(sets=TOKENS, bits=st.sampled_from([64, 192, 1024, 2048]), planes=st.integers(1, 8))
def test_codes_that_are_voted_on_are_the_same(sets, bits, planes):
    quick = hardened.encode(sets, key=KEY, bits=bits, planes=planes)
    with with_numpy_alone():
        assert (hardened.encode(sets, key=KEY, bits=bits, planes=planes) == quick).all()


@built
@pytest.mark.parametrize("voters", [*range(1, 20), 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 600])
def test_majorities_of_any_number_of_voters_are_the_same(voters):
    sets = [[f"{n}" for n in range(voters)], [f"{n}" for n in range(0, 2 * voters, 2)]]
    quick = hardened.encode(sets, key=KEY, bits=1024, planes=2)
    with with_numpy_alone():
        assert (hardened.encode(sets, key=KEY, bits=1024, planes=2) == quick).all()


@built
@quiet
@given(texts=st.lists(st.text(max_size=70), max_size=9), lead=st.binary(max_size=40))
def test_tags_of_texts_behind_a_lead_are_the_same(texts, lead):
    quick = KeyedFunction(KEY).tags(Texts.of(texts), lead)
    with with_numpy_alone():
        assert (KeyedFunction(KEY).tags(Texts.of(texts), lead) == quick).all()


# -- cells -------------------------------------------------------------------------------------------------------

CELLS = st.text(st.sampled_from('ab9ñ김"\r\n,; .-\x00'), max_size=6) | st.sampled_from(["1234", "A1", "0", "x" * 40])
GRIDS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12)


def grid(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of a file as machine code finds them, as far as it goes, and all of them as Python's reader does."""
    text = LargeText(path)
    wide = max(map(len, text.uncleaned()), default=1)
    found = Pages(text, 0, max(1, wide))
    some = [
        row
        for page in found.of(5)
        for row in map(list, cell_pages.PageRows(page, page.columns()))  # type: ignore[arg-type]
    ]
    rows = list(text.uncleaned())
    assert not found.is_at_end or len(some) == len(rows)
    return some, rows


@built
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=GRIDS, end=st.sampled_from(["\n", "\r\n", "\r"]), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
)
def test_written_rows_are_all_found_where_they_lie(tmp_path_factory, rows, end, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(rows)
    path = tmp_path_factory.mktemp("cells") / "a.csv"
    path.write_bytes(("id,b\n" * 4 + text.getvalue()).encode())
    if "\x00" not in text.getvalue():
        some, all_rows = grid(path)
        assert some == all_rows


@built
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(st.text(st.sampled_from('ab9ñ",\r '), max_size=9), max_size=9))
def test_of_text_that_nobody_wrote_as_rows_only_the_first_rows_are_found_and_they_are_right(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("cells") / "a.csv"
    path.write_bytes("\n".join(["id,b", "1,2", *lines, "3,4", ""]).encode())
    try:
        some, all_rows = grid(path)
    except Exception as error:
        assert "never closed" in str(getattr(error, "hint", "")), "an open quote is the only thing that is refused"  # noqa: PT017
        return
    assert some == all_rows[: len(some)]


@built
def test_rows_that_a_page_ends_within_are_found_on_the_next(tmp_path, monkeypatch):
    dice = random.Random(3)
    cells = ["", "a", 'say "a"', "two\nlines", "ñ" * 9, "x" * 300]
    rows = [["id", "b", "c"]] + [[str(n), dice.choice(cells), dice.choice(cells)] for n in range(2_000)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = write(tmp_path, "a.csv", text.getvalue())
    for size in (701, 4_096, 65_536):
        monkeypatch.setattr(cell_pages, "_BYTES_AT_ONCE", size)
        assert grid(path)[0] == rows


def column(cells: list[str]) -> CellColumn:
    ends = np.cumsum([len(cell.encode()) for cell in cells], dtype=np.int64)
    lengths = np.array([len(cell.encode()) for cell in cells], dtype=np.int32)
    return CellColumn(bytearray("".join(cells).encode()), ends - lengths, lengths)


@built
@quiet
@given(batches=st.lists(st.lists(st.text(max_size=5), max_size=30), max_size=4))
def test_cells_are_numbered_as_strings_are(batches):
    numbers, known = CellNumbers(), dict[str, int]()
    for cells in batches:
        expected = [known.setdefault(cell, len(known)) for cell in cells]
        assert numbers.numbered(column(cells)).tolist() == expected
    assert numbers.vocabulary.values == list(known)


@built
def test_many_values_and_long_ones_are_numbered(monkeypatch):
    monkeypatch.setattr(cell_pages, "_ROOM", 1)
    cells = [str(n) * (n % 50) for n in range(3_000)]
    numbers, known = CellNumbers(), dict[str, int]()
    expected = [known.setdefault(cell, len(known)) for cell in cells]
    assert numbers.numbered(column(cells)).tolist() == expected
    assert numbers.numbered(column(cells[::-1])).tolist() == expected[::-1]


@built
@quiet
@given(cells=st.lists(CELLS, max_size=6))
def test_what_is_said_of_cells_is_what_is_said_of_strings(cells):
    from hashing.number_columns import _plain_digits, is_plain_column

    where = column(cells)
    assert list(where) == cells == [where[n] for n in range(len(cells))]
    assert is_plain_column(where) == is_plain_column(cells)
    assert [text in where for text in ("1234", "ñ", "")] == [text in cells for text in ("1234", "ñ", "")]
    quick, plain = _plain_digits(where, 4), _plain_digits(cells, 4)
    assert (quick is None) == (plain is None)
    assert quick is None or (quick == plain).all()


def clients_of(table: Table) -> list[Client]:
    reader = ListReader(ClientReader(table, today=TODAY))
    return [client for batch in reader.batches() for client in batch.clients()]


@built
@pytest.mark.parametrize("odd", ['9,An"a,Fict,1984-03-27', '"9"x,Ana,Fict,1984-03-27', "9,Ana,Fict,1984-03-27,more"])
def test_a_list_with_an_odd_row_is_read_to_its_end(tmp_path, odd, monkeypatch):
    monkeypatch.setattr(list_reader, "_ROWS_OF_A_PAGE", 7)
    lines = [f"{n},Ana,Fict,1984-03-{1 + n % 28:02}" for n in range(100)]
    path = write(tmp_path, "a.csv", "\n".join(["id,first name,last name,dob", *lines[:50], odd, *lines[50:]]))
    quick, plain = (
        understand(Sheet("a.csv", rows)) for rows in (LargeText(path), read_delimited(path.read_bytes(), name="a").rows)
    )
    assert quick is not None
    assert plain is not None
    assert clients_of(quick) == clients_of(plain)
    assert [client.line for client in clients_of(quick)] == list(range(2, 103))


# -- client numbers ----------------------------------------------------------------------------------------------

NUMBERS = st.lists(st.text(st.sampled_from("aB9-_. ,\"'\n\rñ"), max_size=5) | st.text("9", min_size=60, max_size=70))


def typed(numbers: list[str]) -> np.ndarray:
    return np.array(numbers, dtype=np.dtypes.StringDType())


@quiet
@given(numbers=NUMBERS)
def test_lines_of_a_crosswalk_are_those_of_the_csv_module(numbers):
    names = [f"pseudonym{n:07}" for n in range(len(numbers))]
    letters = np.frombuffer("".join(names).encode(), dtype=np.uint8).reshape(len(numbers), 16)
    order = np.arange(len(numbers))[::-1]
    expected = csv_lines([(names[n], numbers[n]) for n in order])
    assert Crosswalk(typed(numbers)).lines(letters[order], order) == expected


@quiet
@given(numbers=NUMBERS)
def test_numbers_that_come_twice_are_noticed_and_told_apart(numbers):
    assert are_distinct(typed(numbers)) == (len(set(numbers)) == len(numbers))
    digests = number_digests(typed(numbers))
    assert len({row.tobytes() for row in digests}) == len(numbers)
    first = {number: n for n, number in reversed(list(enumerate(numbers)))}
    alone = number_digests(typed(list(first)))
    assert [digests[n].tobytes() for n in first.values()] == [row.tobytes() for row in alone]


# -- arrays that do not fit together -----------------------------------------------------------------------------


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def longs(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def zeros(size: int) -> np.ndarray:
    return np.zeros(size, dtype=np.uint8)


PART = (zeros(16), zeros(1), ints(0))
CMAC = (zeros(16), zeros(16), 1, zeros(16))
ONE = (bytes([1, 0]), 0, 0, zeros(16), 4, zeros(64), ints(0))
CODE = (zeros(8), zeros(2), b"")
NUMBERING = (np.full(4, -1, np.int32), longs(0, 0), longs(0, 0, 0), zeros(8), 0, 1)
UNFIT = {
    "text shorter than said": ("split_page", bytearray(b"a"), 2, 44, True, 9, 1, longs(0), ints(0), ints(0)),
    "fewer lengths than starts": ("split_page", bytearray(b"a"), 1, 44, True, 9, 1, longs(0, 0), ints(0), ints(0)),
    "no column": ("split_page", bytearray(b"a"), 1, 44, True, 9, 0, longs(0), ints(0), ints(0)),
    "a delimiter that is no byte": ("split_page", bytearray(b"a"), 1, 300, True, 9, 1, longs(0), ints(0), ints(0)),
    "a cell behind the text": ("is_plain", b"abc", longs(2), ints(2)),
    "a cell before the text": ("is_plain", b"abc", longs(-1), ints(2)),
    "a cell of negative length": ("is_plain", b"abc", longs(1), ints(-1)),
    "a cell that ends where no number can": ("is_plain", b"abc", longs(2**63 - 1), ints(2)),
    "too many lengths": ("is_plain", b"abc", longs(0), ints(1, 1)),
    "too few numbers": ("plain_digits", b"12", longs(0, 1), ints(1, 1), 1, longs(0)),
    "digits without end": ("plain_digits", b"12", longs(0), ints(1), 40, longs(0)),
    "letters narrower than said": ("side_by_side", b"12", longs(0), ints(2), 2, zeros(1)),
    "three slots": ("number_cells", b"a", longs(0), ints(1), ints(*[-1] * 3), *NUMBERING[1:], ints(0)),
    "more values than slots": ("number_cells", b"a", longs(0), ints(1), ints(-1, -1), *NUMBERING[1:], ints(0)),
    "more values than there is room": ("number_cells", b"a", longs(0), ints(1), *NUMBERING[:4], 3, 1, ints(0)),
    "too few places": ("number_cells", b"ab", longs(0, 1), ints(1, 1), *NUMBERING, ints(0)),
    "room for fewer digits": ("digit_texts", longs(1, 2), 3, zeros(5)),
    "a text longer than its letters": ("padded_blocks", b"", zeros(4), 4, longs(5), *CMAC),
    "a text longer than its blocks": ("padded_blocks", b"x" * 15, zeros(4), 4, longs(2), *CMAC),
    "half a key": ("padded_blocks", b"", zeros(4), 4, longs(2), zeros(8), zeros(16), 1, zeros(16)),
    "a part that there is not": ("key_blocks", (PART,), bytes([1, 7]), 0, 0, zeros(16), 4, zeros(64), ints(0)),
    "a program that ends too soon": ("key_blocks", (PART,), bytes([2, 0]), 0, 0, zeros(16), 4, zeros(64), ints(0)),
    "a key of no part": ("key_blocks", (PART,), bytes([0]), 0, 0, zeros(16), 4, zeros(64), ints(0)),
    "a value that there is not": ("key_blocks", ((zeros(16), zeros(1), ints(1)),), *ONE),
    "a value before the first": ("key_blocks", ((zeros(16), zeros(1), ints(-1)),), *ONE),
    "more of a value than there is": ("key_blocks", ((zeros(16), zeros(1) + 2, ints(0)),), *ONE),
    "no room for a row": ("key_blocks", (PART,), bytes([1, 0]), 0, 0, zeros(16), 4, zeros(16), ints(0)),
    "a root that there is not": ("key_blocks", (PART,), bytes([1, 0]), 1, 0, zeros(16), 4, zeros(64), ints(0)),
    "more tokens than blocks": ("finished_tokens", zeros(16), ints(2), b"", 0, zeros(64)),
    "fewer than no tokens": ("finished_tokens", zeros(16), ints(-1), b"", 0, zeros(64)),
    "tokens without room": ("finished_tokens", zeros(32), ints(2), b"", 0, zeros(8)),
    "filling for fewer rows": ("finished_tokens", zeros(32), ints(2), zeros(8), 2, zeros(64)),
    "filling without room": ("finished_tokens", zeros(32), ints(1), zeros(16), 2, zeros(8)),
    "a row that is in no table": ("unite", zeros(8), 1, ((zeros(8), ints(1)),)),
    "a row before the table": ("unite", zeros(8), 1, ((zeros(8), ints(-1)),)),
    "places of fewer rows": ("unite", zeros(16), 1, ((zeros(8), ints(0)),)),
    "half a word": ("unite", zeros(12), 1, ((zeros(8), ints(0)),)),
    "no table": ("unite", zeros(8), 1, ((None, ints(0)),)),
    "a set longer than all": ("unite_sets", zeros(8), 1, zeros(8), ints(0), longs(2)),
    "a set of a token that there is not": ("unite_sets", zeros(8), 1, zeros(8), ints(1), longs(1)),
    "bits of a row that there is not": ("set_bits", zeros(8), 8, longs(1), zeros(2), 1),
    "fewer words than hashes": ("set_bits", zeros(8), 8, longs(0), zeros(2), 2),
    "a filter of an odd width": ("set_bits", zeros(9), 9, longs(0), zeros(2), 1),
    "a voter that there is not": ("elect", zeros(128), ints(1), 1, 1, 16, zeros(128)),
    "a voter before the first": ("elect", zeros(128), ints(-1), 1, 1, 16, zeros(128)),
    "a code of few words": ("elect", zeros(8), ints(0), 1, 1, 1, zeros(8)),
    "no vote at all": ("elect", zeros(0), ints(0), 1, 1, 16, zeros(128)),
    "half a pseudonym": ("pseudonym_texts", zeros(5), zeros(16)),
    "letters for fewer pseudonyms": ("pseudonym_texts", zeros(20), zeros(16)),
    "numbers for more pseudonyms": ("pseudonym_ranks", zeros(10), longs(0, 0)),
    "a tail behind the tails": ("row_texts", zeros(10), (), zeros(0), ints(0), b"x", longs(2), zeros(999)),
    "tails that go back": ("row_texts", zeros(20), (), zeros(0), ints(0, 0), b"xx", longs(2, 1), zeros(999)),
    "more tokens than there are": ("row_texts", zeros(10), (), zeros(8), ints(2), b"", longs(0), zeros(999)),
    "no room for the text": ("row_texts", zeros(10), (), zeros(8), ints(1), b"", longs(0), zeros(9)),
    "codes of fewer rows": ("row_texts", zeros(10), (CODE,), zeros(0), ints(0), b"", longs(0), zeros(999)),
}  # fmt: skip


@built
@pytest.mark.parametrize("name", UNFIT)
def test_arrays_that_do_not_fit_together_are_refused(name):
    function, *arguments = UNFIT[name]
    with pytest.raises(ValueError, match="not as large as the others need it"):
        getattr(NATIVE, function)(*arguments)


@built
def test_what_is_no_array_is_refused():
    with pytest.raises(TypeError):
        NATIVE.is_plain("abc", longs(0), ints(1))
    with pytest.raises((TypeError, BufferError)):
        NATIVE.digit_texts(longs(1), 1, b"x")
