"""What a person points at (files, a folder, a zip) becomes sheets, or one sentence about what is wrong."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from client_lists import or_refusal, write
from workbooks import workbook

from hashing.errors import InputFileError
from hashing.importers import source
from hashing.importers.source import read_sheets

LIST = b"First,Last,DOB\nAna,Lopez,1984-03-27\n"


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def names(*paths: Path) -> list[str]:
    return [sheet.name for sheet in read_sheets(paths)]


@pytest.mark.parametrize("name", ["list.csv", "LIST.CSV", "list.txt", "list.tsv", "list.tab", "list.psv"])
def test_text_files_are_read_whatever_their_usual_ending(tmp_path, name):
    assert names(write(tmp_path, name, LIST)) == [name]


@pytest.mark.parametrize(
    ("name", "content", "sheet"),
    [
        ("report.xls", b"First\tLast\tDOB\nAna\tLopez\t1984-03-27\n", "report.xls"),
        ("report.xls", "\ufeffFirst\tLast\tDOB\nAna\tLopez\t1984-03-27\n".encode("utf-16-le"), "report.xls"),
        ("report.xlsx", LIST, "report.xlsx"),
        ("list.csv", workbook(Roster=[["First", "Last", "DOB"], ["Ana", "Lopez", "1984-03-27"]]), "list.csv [Roster]"),
        ("list.csv", b"sep=,\n" + LIST, "list.csv"),
    ],
)
def test_a_file_is_what_it_holds_and_not_what_its_ending_says(tmp_path, name, content, sheet):
    (found,) = read_sheets([write(tmp_path, name, content)])
    assert (found.name, list(found.rows)[-1]) == (sheet, ["Ana", "Lopez", "1984-03-27"])


@pytest.mark.parametrize("content", [b"<html><table><tr><td>First</td></tr></table></html>", b"", b"\x00\x01\x02"])
def test_what_is_neither_a_workbook_nor_text_is_refused(tmp_path, content):
    with pytest.raises(InputFileError, match="the workbook is damaged, locked, or not a workbook") as refusal:
        read_sheets([write(tmp_path, "report.xls", content)])
    assert "save it again as .xlsx" in refusal.value.hint


def test_a_folder_stands_for_the_lists_in_it(tmp_path):
    write(tmp_path, "Client.csv", LIST)
    write(tmp_path, "visits.xlsx", workbook(Visits=[["Date"]]))
    write(tmp_path, "~$visits.xlsx", b"what Excel leaves while a workbook is open")
    write(tmp_path, "._Client.csv", b"\x00\x05\x16\x07what macOS leaves")
    write(tmp_path, "manual.pdf", b"%PDF")
    assert names(tmp_path) == ["Client.csv", "visits.xlsx [Visits]"]


def test_a_zip_stands_for_the_lists_in_it_even_in_folders_within(tmp_path):
    content = zipped({"export/Client.csv": LIST, "export/Exit.csv": LIST, "__MACOSX/export/._Client.csv": b"\x00\x05"})
    assert names(write(tmp_path, "hmis.zip", content)) == ["Client.csv", "Exit.csv"]


def test_a_folder_that_an_unpacked_zip_left_in_another_is_found(tmp_path):
    inner = tmp_path / "export" / "HMIS 2026"
    inner.mkdir(parents=True)
    (tmp_path / "export" / "__MACOSX").mkdir()
    write(inner, "Client.csv", LIST)
    assert names(tmp_path / "export") == ["Client.csv"]
    (tmp_path / "export" / "another").mkdir()
    with pytest.raises(InputFileError, match=r"^export: no file in it can be a client list$"):
        read_sheets([tmp_path / "export"])


def test_several_files_are_read_together(tmp_path):
    assert names(write(tmp_path, "b.csv", LIST), write(tmp_path, "a.csv", LIST)) == ["b.csv", "a.csv"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("list.docx", b"PK", r"^list\.docx: files of this kind are not read$"),
        ("list", b"First,Last", r"^list: files of this kind are not read$"),
        ("empty.csv", b"", ": the file is empty$"),
        ("blank.csv", b"\n,,,\n\n", ": the file is empty$"),
        ("empty.xlsx", workbook(Sheet=[]), ": the file is empty$"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "^picture.csv: this is not a text file$"),
        ("list.zip", b"PK\x03\x04", "the zip is damaged or locked with a password"),
        ("list.zip", zipped({}), "^list.zip: no file in it can be a client list$"),
        ("list.zip", zipped({"manual.pdf": b"%PDF"}), "^list.zip: no file in it can be a client list$"),
    ],
)
def test_what_holds_no_list_is_refused_by_name(tmp_path, name, content, what):
    with pytest.raises(InputFileError, match=what):
        read_sheets([write(tmp_path, name, content)])


def test_a_folder_without_lists_is_refused(tmp_path):
    with pytest.raises(InputFileError, match="no file in it can be a client list"):
        read_sheets([tmp_path])


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputFileError, match=r"^gone\.csv: there is no such file$"):
        read_sheets([tmp_path / "gone.csv"])


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        (PermissionError(13, "Permission denied"), r"^list\.csv: the file cannot be opened$"),
        (OSError(5, "Input/output error"), r"^list\.csv: the file cannot be read \(Input/output error\)$"),
    ],
)
def test_a_file_that_the_system_does_not_hand_over_is_refused(tmp_path, monkeypatch, problem, what):
    def refuse(_self: Path) -> bytes:
        raise problem

    path = write(tmp_path, "list.csv", LIST)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputFileError, match=what):
        read_sheets([path])


def test_a_zip_that_unpacks_to_far_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_UNPACKED", 1_000)
    bomb = write(tmp_path, "bomb.zip", zipped({f"{n}.csv": b"a,b\n" * 100 for n in range(3)}))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(InputFileError, match="the zip unpacks to far too much"):
        read_sheets([bomb])


def test_a_zip_with_a_password_is_refused(tmp_path):
    content = bytearray(zipped({"Client.csv": LIST}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1  # the bit that says "encrypted"
    with pytest.raises(InputFileError, match="damaged or locked with a password"):
        read_sheets([write(tmp_path, "list.zip", bytes(content))])


def test_a_damaged_zip_is_refused_with_one_sentence_wherever_the_damage_is(tmp_path):
    good = zipped({"Client.csv": LIST * 50})
    for place in range(len(good)):
        damaged = write(tmp_path, "list.zip", good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        found = or_refusal(lambda damaged=damaged: read_sheets([damaged]))
        if isinstance(found, InputFileError):
            assert found.what.startswith(("list.zip: ", "Client"))


def test_the_reference_names_every_ending_that_is_read():
    text = (Path(__file__).resolve().parents[2] / "docs/reference/files-that-are-read.md").read_text("utf-8")
    endings = set(re.findall(r"`(\.\w+)`", text[: text.index("## Columns")]))
    assert endings == source.TEXT | source.WORKBOOKS | source.FHIR | {".zip"}
