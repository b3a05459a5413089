"""Delimited text of any usual delimiter and encoding becomes the same grid of cells."""

import pytest
from client_lists import or_refusal
from hypothesis import given
from hypothesis import strategies as st

from hashing.errors import InputFileError
from hashing.importers.delimited import MAX_CELL, read_delimited

ROWS = [["Nombre", "Apellido", "Ciudad"], ["José", "Núñez", "Port Angeles"], ["Zoë", "Peña", "Sequim, WA"]]


def as_text(mark: str) -> str:
    cells = [[f'"{cell}"' if mark in cell else cell for cell in row] for row in ROWS]
    return "\r\n".join(mark.join(row) for row in cells) + "\r\n"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_every_delimiter_is_read_in_every_encoding(mark, encoding):
    assert read_delimited(as_text(mark).encode(encoding), name="list.csv").rows == ROWS


@pytest.mark.parametrize(("bom", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_is_read_in_either_byte_order(bom, encoding):
    assert read_delimited(bom + as_text("\t").encode(encoding), name="list.txt").rows == ROWS


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_may_end_as_on_any_computer_with_or_without_a_last_break(ending, last):
    text = ending.join(["first,last", "Ana,Lopez"]) + (ending if last else "")
    assert read_delimited(text.encode(), name="list.csv").rows == [["first", "last"], ["Ana", "Lopez"]]


@pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])
def test_a_byte_that_windows_1252_leaves_undefined_does_not_stop_the_reading(byte):
    rows = read_delimited(b"first,last\nJos\xe9,L" + byte + b"\n", name="list.csv").rows
    assert rows[1][0] == "José"


@pytest.mark.parametrize(
    "name",
    [
        "Peña",
        "GARCÍA",
        "MÜLLER",
        "Úrsula",
        "ÁLVAREZ",
        "São",
        "O’Brien",
        "Nguyễn",
        "Łukasz",
        "Žižek",
        "Ödön",
        "àÈ",
        "D‘Arc",
    ],
)
def test_utf_8_that_was_once_read_as_windows_1252_is_undone(name):
    damaged = "".join(bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in name.encode())
    assert read_delimited(f"a,b\n{damaged},x\n".encode(), name="list.csv").rows[1] == [name, "x"]


@pytest.mark.parametrize(("damaged", "name"), [("peã±a", "peña"), ("garcã\u00ada", "garcía"), ("joã£o", "joão")])
def test_mojibake_is_undone_even_where_it_was_lower_cased(damaged, name):
    assert read_delimited(f"a,b\n{damaged},x\n".encode(), name="list.csv").rows[1] == [name, "x"]


@pytest.mark.parametrize("name", ["JOSÉ’S PLACE", "São", "Ångström", "Ã", "Zoë – Ana", "André’s", "Maïté", "Châu"])
def test_names_that_only_look_like_mojibake_stay_as_they_are(name):
    assert read_delimited(f"a,b\n{name},x\n".encode(), name="list.csv").rows[1] == [name, "x"]


def test_a_quoted_cell_may_hold_line_breaks_and_delimiters():
    rows = read_delimited(b'name,address\n"Lopez, Ana","12 N Imaginary Rd\nApt 4"\n', name="list.csv").rows
    assert rows[1] == ["Lopez, Ana", "12 N Imaginary Rd\nApt 4"]


def test_quotes_that_nobody_doubled_are_read_as_well_as_can_be():
    assert read_delimited(b'name,dob\n"Ana "Annie" Lopez",1990\n', name="list.csv").rows[1] == [
        'Ana Annie" Lopez"',
        "1990",
    ]


def test_a_quote_that_is_never_closed_is_refused_rather_than_swallowing_the_rest():
    text = b"first,last\nAna,Lopez\nBo,\"O'Fiction\n" + b"Cy,Made\n" * 20
    with pytest.raises(InputFileError, match=r"^list\.csv: line 3 cannot be read as delimited text$"):
        read_delimited(text, name="list.csv")


def test_a_quote_that_is_never_closed_is_refused_in_a_large_file_too():
    with pytest.raises(InputFileError, match="cannot be read as delimited text"):
        read_delimited(b'first,last\n"Ana,Lopez\n' + b"Bo,Made\n" * MAX_CELL, name="list.csv")


def test_a_line_longer_than_any_cell_is_refused_with_a_sentence():
    with pytest.raises(InputFileError, match="cannot be read as delimited text"):
        read_delimited(b"x" * (MAX_CELL + 5_000), name="prose.txt")


@pytest.mark.parametrize(
    "content", [b"first\x00,last\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"PK\x03\x04\x14\x00\x06\x00\x08\x00"]
)
def test_bytes_that_are_no_text_are_refused(content):
    with pytest.raises(InputFileError, match="this is not a text file"):
        read_delimited(content, name="picture.csv")


def test_text_that_breaks_its_own_encoding_is_refused():
    with pytest.raises(InputFileError, match="the text is damaged or cut short"):
        read_delimited(b"\xef\xbb\xbffirst,last\nJos\xe9,L\n", name="list.csv")
    with pytest.raises(InputFileError, match="the text is damaged or cut short"):
        read_delimited("first,last\n".encode("utf-16")[:-1], name="list.csv")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("id;name;dob\n1;Lopez, Ana;1,5\n2;Made, Bo;2,5\n", 3),
        ("id|name|street\n1|Lopez, Ana|1 A St, Apt 2\n", 3),
        ("id\tname\n1\tLopez, Ana; Bo\n", 2),
        ("Report of the pantry, June\n\nid;name;dob\n1;Ana;1990\n2;Bo;1991\n", 3),
        ("only one column\nAna\n", 1),
    ],
)
def test_the_delimiter_is_the_one_that_parts_the_lines_alike(text, width):
    assert len(read_delimited(text.encode(), name="list.csv").rows[-1]) == width


@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_grid_or_one_clear_refusal(content):
    found = or_refusal(lambda: read_delimited(content, name="list.csv"))
    if isinstance(found, InputFileError):
        assert found.what.startswith("list.csv: ")
        assert found.hint
    else:
        assert all(cell == cell.strip() for row in found.rows for cell in row)


@given(rows=st.lists(st.lists(st.text("abc \"',\né", min_size=1).map(str.strip), min_size=3, max_size=3), min_size=3))
def test_what_a_csv_writer_wrote_is_read_back(rows):
    quoted = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    assert read_delimited(quoted.encode(), name="list.csv").rows == rows


def test_cells_never_appear_when_a_sheet_is_printed():
    assert "Ana" not in repr(read_delimited(b"first,last\nAna,Lopez\n", name="list.csv"))
