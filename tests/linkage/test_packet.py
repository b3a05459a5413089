"""The council packet: every number in it is one of the release's, nothing is clipped, and every page tells the rule."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import openpyxl
import pypdfium2
import pytest
import typer
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from hashing.schema import HeadcountError
from linkage.cells import CellKey, TrueCell, TrueRelease, TrueTable
from linkage.cli import register
from linkage.cube.typed import Capacity, ProviderTotal
from linkage.disclosure import CMS11, INTERNAL, STARS, Released, Rule, release
from linkage.errors import CannotRelease, LedgerError, PacketError, RunError
from linkage.ledger import keep
from linkage.packet.crosswalk import COLUMNS, crosswalk
from linkage.packet.document import About, Picture, Typed, document, picture_of
from linkage.packet.files import packet, read_names, read_release, write_packet
from linkage.packet.typesetting import pdf

app = typer.Typer()
register(app)
DAY = date(2026, 11, 27)
ABOUT = About("Unduplicated counts", "Sequim, Washington", DAY)
PEOPLE = CellKey.of("people")
AGENCIES = ("clinic", "food_bank", "shelter", "ymca")
MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))
FLOW = ("new", "continuing", "returning")
SETS = ("clinic + food_bank", "food_bank + shelter + ymca", "one agency only", "other combinations")
UNSHOWN = 7  # a count that is withheld wherever it stands


def cell(count: int, **where: str) -> TrueCell:
    return TrueCell(PEOPLE.and_also(**where), count, max(count - 12, 0), count + 15, 2)


def one_way(name: str, dimension: str, counts: dict[str, int]) -> TrueTable:
    cells = tuple((cell(count, **{dimension: member}),) for member, count in counts.items())
    return TrueTable(name, f"People by {dimension}", "people", tuple(counts), ("",), cells, cell(3001), ("A note.",))


def overlap(agencies: tuple[str, ...]) -> TrueTable:
    def known(one: str, other: str) -> TrueCell | None:
        first, second = sorted((one, other))
        count = UNSHOWN if "ymca" in (one, other) else 31 + 10 * agencies.index(first) + agencies.index(second)
        return None if one == other else cell(count, agency=first, agency_too=second)

    cells = tuple(tuple(known(one, other) for other in agencies) for one in agencies)
    return TrueTable("overlap", "People known to two agencies", "people", agencies, agencies, cells, cell(3001))


def flow() -> TrueTable:
    cells = tuple(
        tuple(cell(UNSHOWN if month == "2025-05" else 100 + len(part), month=month, flow=part) for part in FLOW)
        for month in MONTHS
    )
    return TrueTable("flow", "New, continuing and returning people", "people", MONTHS, FLOW, cells, cell(3001))


def made(rule: Rule = CMS11) -> Released:
    tables = (
        one_way("people-by-agency", "agency", dict(zip(AGENCIES, (1200, 1800, UNSHOWN, 900), strict=True))),
        one_way("people-by-month", "month", {month: 300 + 11 * place for place, month in enumerate(MONTHS)}),
        one_way("combinations", "combination", dict(zip(SETS, (420, 39, 2000, UNSHOWN), strict=True))),
        overlap(AGENCIES),
        flow(),
    )
    return release(TrueRelease("2025", tables, ()), rule, agencies=AGENCIES)


@pytest.fixture(scope="module")
def released() -> Released:
    return made()


@pytest.fixture(scope="module")
def files(released: Released) -> dict[str, bytes]:
    return dict(packet(released, ABOUT))


def shown_numbers(released: Released) -> set[int]:
    cells = [
        cell
        for table in released.tables
        for row in (*table.rows, table.total)
        for cell in row.cells
        if cell is not None
    ]
    counts = [count for cell in cells for count in (cell.people, cell.low, cell.high)]
    sums = [table.duplicated for table in released.tables]
    return {count.value for count in (*counts, *sums) if count.value is not None}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["packet", *(str(argument) for argument in arguments)])


def pages(content: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]


# -- numbers ------------------------------------------------------------------------------------------------------


def test_every_number_on_the_pages_is_a_released_one(released, files):
    numbers = {
        int(found.replace(",", ""))
        for found in re.findall(r"(?<![\w.])\d{1,3}(?:,\d{3})+", " ".join(pages(files["packet.pdf"])))
    }
    assert len(numbers) >= 6
    assert numbers <= shown_numbers(released)


def test_every_released_number_is_in_the_workbook_and_no_other(released, files):
    book = openpyxl.load_workbook(io.BytesIO(files["packet.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells if isinstance(cell.value, int)} <= shown_numbers(released)
    assert [cell for cell in cells if cell.data_type == "f"] == []
    by_agency = {row[0].value: row[1].value for row in book["people-by-agency"].iter_rows(min_row=5, max_row=8)}
    table = released.table("people-by-agency")
    wanted = [row.people.value or STARS for row in table.rows]
    assert list(by_agency.values()) == wanted
    assert STARS in wanted


def test_the_crosswalk_holds_every_cell_once(released, files):
    lines = list(csv.DictReader(io.StringIO(files["crosswalk.csv"].decode(), newline="")))
    assert list(lines[0]) == list(COLUMNS)
    assert len(lines) == sum(len(t.rows) * len(t.columns) + 1 for t in released.tables)
    assert {line["status"] for line in lines} == {"shown", "withheld", "impossible"}
    for line in lines:
        assert (line["count"] == "") == (line["status"] != "shown")
    counts = {int(line["count"]) for line in lines if line["count"]}
    assert counts <= shown_numbers(released)


def test_a_withheld_number_is_nowhere_in_the_document(released):
    said = json.dumps(document(released, ABOUT))
    assert f'"value": {UNSHOWN}' not in said
    assert f'"text": "{UNSHOWN}"' not in said
    assert f'"text": "{STARS}"' in said


def test_a_sum_is_told_only_where_rows_overlap_and_none_is_withheld(released):
    tables = {table["name"]: table for table in document(released, ABOUT)["tables"]}  # type: ignore[attr-defined]
    assert tables["people-by-month"]["repeated"]
    assert re.fullmatch(r"\d\.\d\d", tables["people-by-month"]["factor"])
    assert (tables["people-by-agency"]["repeated"], tables["people-by-agency"]["factor"]) == (False, STARS)


# -- pages --------------------------------------------------------------------------------------------------------


def test_every_page_tells_the_rule_and_its_number(files):
    texts = pages(files["packet.pdf"])
    assert len(texts) >= 3
    for number, text in enumerate(texts, start=1):
        assert "*** stands for a count from 1 to 10" in text
        assert f"{number} of {len(texts)}" in text


def letters_outside(content: bytes) -> list[str]:
    """Characters that lie beyond the page's edge, or nearer to it than a printer prints (18 points)."""
    found = []
    for page in pypdfium2.PdfDocument(content):
        width, height = page.get_size()
        text = page.get_textpage()
        for place in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(place)
            if right > left and (min(left, bottom) < 18 or right > width - 18 or top > height - 18):
                found.append(text.get_text_range(place, 1))
    return found


def test_no_letter_is_cut_off(files):
    assert letters_outside(files["packet.pdf"]) == []


def test_no_letter_is_cut_off_where_forty_agencies_overlap():
    agencies = tuple(f"agency_with_a_long_name_{number:02d}" for number in range(40))
    many = release(TrueRelease("2025", (overlap(agencies),), ()), INTERNAL, agencies=agencies)
    assert letters_outside(pdf(document(many, ABOUT), DAY)) == []


def test_an_internal_packet_says_so_on_every_page():
    for text in pages(dict(packet(made(INTERNAL), ABOUT))["packet.pdf"]):
        assert "INTERNAL" in text
        assert "Do not hand it on" in text


def test_a_revision_is_named(released):
    second = replace(released, revision=2)
    assert "revision 2" in pages(pdf(document(second, ABOUT), DAY))[0]


def test_the_same_release_on_the_same_day_is_the_same_packet(released, files):
    assert dict(packet(released, ABOUT)) == files


# -- pictures -----------------------------------------------------------------------------------------------------


def test_each_table_is_drawn_by_its_shape(released):
    assert [picture_of(table) for table in released.tables] == [
        Picture.BARS,
        Picture.COLUMNS,
        Picture.SETS,
        Picture.HEAT,
        Picture.STACK,
    ]


def test_pictures_can_be_opened(released, files):
    for table in released.tables:
        svg = ET.fromstring(files[f"pictures/{table.name}.svg"])
        assert svg.tag.endswith("svg")
        picture = Image.open(io.BytesIO(files[f"pictures/{table.name}.png"]))
        assert picture.size[0] == 1500
        assert len(set(picture.convert("L").get_flattened_data())) > 10


# Machado, Oliveira and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113, severity 1.0, on linear RGB.
SEEN_BY = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def in_lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("eyes", sorted(SEEN_BY))
def test_colour_blind_readers_can_tell_the_parts_of_a_column_apart(eyes):
    template = Path(__file__).parents[2] / "linkage/packet/templates/charts.typ"
    colours = re.findall(r'rgb\("#(\w{6})"\)', template.read_text().partition("#let parts = (")[2].partition("\n")[0])
    seen = []
    for colour in colours[: len(FLOW)]:
        srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)])
        linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        seen.append(in_lab(np.array(SEEN_BY[eyes]) @ linear))
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) > 20


# -- files and the command ----------------------------------------------------------------------------------------


def test_the_command_writes_the_whole_packet(tmp_path, released):
    keep(tmp_path / "releases", released, after=0)
    names = tmp_path / "names.csv"
    names.write_text("member,name\nymca,Olympic Peninsula YMCA\n", encoding="utf-8")
    asked = (tmp_path / "releases/000000.json", "--out", tmp_path / "packet", "--town", "Sequim", "--names", names)
    told = run(*asked, "--made", "2026-11-27")
    assert told.exception is None, told.exception
    assert "pictures: 10 pictures" in told.output
    text = " ".join(pages((tmp_path / "packet/packet.pdf").read_bytes()))
    assert "Olympic Peninsula YMCA" in text
    assert "27 November 2026" in text
    assert (tmp_path / "packet/crosswalk.csv").read_bytes().decode() == crosswalk(released)


def test_a_folder_that_is_taken_stays_as_it_was(tmp_path, released):
    (tmp_path / "packet").mkdir()
    (tmp_path / "packet/mine.txt").write_text("mine")
    keep(tmp_path / "releases", released, after=0)
    told = run(tmp_path / "releases/000000.json", "--out", tmp_path / "packet")
    assert isinstance(told.exception, RunError)
    assert [path.name for path in (tmp_path / "packet").iterdir()] == ["mine.txt"]


def test_an_altered_release_makes_no_packet(tmp_path, released):
    path = tmp_path / "000000.json"
    path.write_bytes(released.to_json().replace(b'"clinic"', b'"klinic"', 1) + b" ")
    assert isinstance(run(path, "--out", tmp_path / "packet").exception, LedgerError)
    assert not (tmp_path / "packet").exists()


def test_a_release_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PacketError, match=r"000000\.json: cannot be read"):
        read_release(tmp_path / "000000.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agency,name\n", "row 1: the columns"),
        ("", "row 1: the columns"),
        ("member,name\nymca\n", "row 2: not a member"),
        ("member,name\nymca, \n", "row 2: not a member"),
        ('member,name\n"ymca,x\n', "cannot be read as CSV"),
    ],
)
def test_names_that_are_no_list_of_names_are_refused(tmp_path, text, words):
    (tmp_path / "names.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PacketError, match=words):
        read_names(tmp_path / "names.csv")


def test_a_day_that_is_none_is_refused(tmp_path, released):
    keep(tmp_path / "releases", released, after=0)
    told = run(tmp_path / "releases/000000.json", "--out", tmp_path / "packet", "--made", "27.11.2026")
    assert isinstance(told.exception, HeadcountError)
    assert not (tmp_path / "packet").exists()


def test_nothing_half_done_stays_when_the_disk_fails(tmp_path, released, monkeypatch):
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RunError, match="No space left"):
        write_packet(released, ABOUT, tmp_path / "packet")
    assert list(tmp_path.iterdir()) == []


# -- what is typed in beside --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_area() -> Released:
    counts = {"food": 1800, "shelter": UNSHOWN, "outreach": 0}
    tables = (one_way("people-by-area", "area", counts), one_way("people-by-agency", "agency", {"ymca": 900}))
    return release(TrueRelease("2025", tables, ()), CMS11, agencies=AGENCIES)


TYPED = Typed(
    (Capacity("food", 1500, "meals", 90_000), Capacity("shelter", 20, "beds", 30_000)),
    (ProviderTotal("healthy_families", "2025", "people", 70),),
)


def test_demand_stands_beside_capacity_and_funding_on_page_and_sheet(by_area):
    said = document(by_area, ABOUT, TYPED)
    food, shelter = said["demand"]
    assert food["people"] == by_area.table("people-by-area").rows[0].people.value
    assert (food["share"], food["each_text"]) == ("75 %", "$50")
    assert (shelter["people"], shelter["people_text"], shelter["each_text"]) == (None, STARS, STARS)
    found = dict(packet(by_area, ABOUT, TYPED))
    assert any("Demand beside capacity" in page and "1,500 meals" in page for page in pages(found["packet.pdf"]))
    sheet = openpyxl.load_workbook(io.BytesIO(found["packet.xlsx"]))["demand"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=6, max_col=7)]
    assert rows[0] == ["Food", food["people"], 1500, "meals", 90_000, "75 %", 50]
    assert rows[1] == ["Shelter", STARS, 20, "beds", 30_000, "25 %", STARS]


def test_totals_of_victim_service_providers_are_notes_and_leave_the_release_what_it_is(by_area):
    with_them, without = document(by_area, ABOUT, TYPED), document(by_area, ABOUT)
    assert with_them["release"] == without["release"]
    assert [note for note in with_them["notes"] if "healthy_families" in note]
    assert [note for note in without["notes"] if "healthy_families" in note] == []


def test_demand_needs_a_release_that_tells_areas(released):
    with pytest.raises(CannotRelease, match="no table people-by-area"):
        document(released, ABOUT, TYPED)


def test_the_command_takes_both(tmp_path, by_area):
    keep(tmp_path / "kept", by_area, after=0)
    (tmp_path / "capacity.csv").write_text("area,capacity,unit,funding\nfood,1500,meals,90000\n")
    (tmp_path / "vsp.csv").write_text("agency,period,unit,count\nhealthy_families,2025,people,70\n")
    told = run(
        tmp_path / "kept/000000.json", "--out", tmp_path / "packet",
        "--capacity", tmp_path / "capacity.csv", "--vsp", tmp_path / "vsp.csv",
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert any("1,500 meals" in page for page in pages((tmp_path / "packet/packet.pdf").read_bytes()))
