# ruff: noqa: E501 -- lists are as wide as they are
"""A column a month: the month by its header, the year by whatever tells exactly one, and no guess."""

import pytest
from client_lists import TODAY, export, told, write
from workbooks import workbook

from hashing.export import read_export
from hashing.months import Told, month_columns, names_month

LIST = "Client ID|First|Last|DOB\n1|Ana|Made|1984-03-27\n2|Bo|Fict|1961-07-14"


def months(*headers: str, titles=(), sheet: str = "visits.csv") -> list[str]:
    return [month for _, month in month_columns(Told(headers, (), titles, sheet)).places]


def served(found) -> dict[str, list[tuple[str, str, int]]]:
    return {c.client_id: [(s.area.value, s.month, s.units) for s in c.services] for c in found.clients}


@pytest.mark.parametrize(
    "header",
    ["Jan 2025", "January 2025", "JAN 2025", "Jan-25", "Jan 25", "Jan '25", "Jan. 2025", "01/2025", "1/2025", "2025-01", "2025-1",
     "2025/01", "202501", "2025 Jan", "enero 2025", "Enero de 2025", "ene-25", "Visits Jan 2025", "Jan 2025 visits",
     "Visitas en enero 2025"],
)  # fmt: skip
def test_a_month_is_known_as_agencies_write_it(header):
    assert months(header) == ["2025-01"]


@pytest.mark.parametrize(
    "header",
    [
        "Marital status",
        "Maya",
        "Dec.",
        "May",
        "Mar",
        "13/2025",
        "2025",
        "Jan 5",
        "January 1990 to date",
        "Julian",
        "1/5/2025",
        "00/2025",
    ],
)
def test_what_names_no_month_of_a_year_is_none(header):
    assert months(header) == []


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [
        ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "2025-01", "2025-12"),
        ("January February March April May June July August Sept October November December", "2025-01", "2025-12"),
        ("Ene Feb Mar Abr May Jun Jul Ago Sep Oct Nov Dic", "2025-01", "2025-12"),
        ("Apr May Jun", "2025-04", "2025-06"),
    ],
)
@pytest.mark.parametrize(
    ("titles", "sheet"),
    [
        ((), "visits 2025.csv"),
        ((), "visits_2025.xlsx [Sheet1]"),
        ((), "pantry.xlsx [2025]"),
        ((), "pantry 2026.xlsx [Visits 2025]"),
        (("Food bank", "Visits in 2025"), "pantry.xlsx [Sheet1]"),
    ],
)
def test_months_without_a_year_take_the_one_year_that_is_told(names, first, last, titles, sheet):
    found = months(*names.split(), titles=titles, sheet=sheet)
    assert (found[0], found[-1]) == (first, last)


@pytest.mark.parametrize(
    ("headers", "titles", "sheet"),
    [
        ("Jan Feb Mar", (), "visits.csv"),
        ("Jan Feb Mar", ("2024 and 2025",), "visits.csv"),
        ("Jan Feb Mar", ("FY 2025",), "visits.csv"),
        ("Jan Feb Mar", (), "visits 2024-2025.csv"),
        ("Jan Feb Mar", (), "visits 2024-25.csv"),
        ("Jan Feb Mar", (), "export_20250630.csv"),
        ("Jan Feb Mar", (), "export 2025-06-30.csv"),
        ("Jan Feb Mar", (), "export_06_30_2025.csv"),
        ("Jan Feb Mar", ("As of 06/30/2025",), "visits.csv"),
        ("Jan Feb Mar", ("Printed June 30, 2025",), "visits.csv"),
        ("Jan Feb Mar", ("Run on 30 June 2025 at 9",), "visits.csv"),
        ("Jul Aug Sep Oct Nov Dec Jan Feb Mar Apr May Jun", ("2025",), "visits.csv"),
        ("Jan Feb Jan Feb", ("2025",), "visits.csv"),
    ],
)
def test_a_year_is_never_guessed(headers, titles, sheet):
    found = month_columns(Told(headers.split(), (), titles, sheet))
    assert found.places == ()
    assert found.undated == tuple(headers.split())


def test_days_are_no_months():
    assert months("Jan 05", "Jan 12", "Jan 19", "Jan 26") == []
    assert months("2026-01-25", "2026-02-25", "2026-03-25") == []  # what Excel makes of Jan-25, Feb-25, Mar-25
    assert months("2025-01-01", "2025-02-01") == ["2025-01", "2025-02"]
    assert months("2025-01-06", "2025-01-13", "2025-02-03") == ["2025-01", "2025-01", "2025-02"]
    assert months("Jan 2025", "2025-02-17") == ["2025-01"]


def test_a_birth_date_is_no_month():
    assert not names_month("DOB")
    assert not names_month("1984-03")


def test_marks_and_counts_become_services_of_their_month(tmp_path):
    rows = f"{LIST.splitlines()[0]}|Jan 2025|Feb 2025|Mar 2025|Apr 2025|May 2025\n1|Ana|Made|1984-03-27|x|3||0|no\n2|Bo|Fict|1961-07-14||✓|Yes|2.0|1 visit"
    assert served(export(tmp_path, pantry=rows)) == {
        "1": [("food", "2025-01", 1), ("food", "2025-02", 3)],
        "2": [("food", "2025-02", 1), ("food", "2025-03", 1), ("food", "2025-04", 2), ("food", "2025-05", 1)],
    }


def test_a_sheet_of_months_beside_the_list_finds_its_clients(tmp_path):
    visits = "Client ID|Program|2026-05|2026-06\n1|Hot meals|2|1\n1|Case management||1\n2||x|"
    assert served(export(tmp_path, c=LIST, v=visits)) == {
        "1": [("food", "2026-05", 2), ("food", "2026-06", 1), ("outreach", "2026-06", 1)],
        "2": [("other", "2026-05", 1)],
    }


def test_months_in_a_workbook_are_read_even_where_excel_made_dates_of_them(tmp_path):
    import datetime

    headers = ["Client ID", "First", "Last", "DOB", *(datetime.date(2026, month, 1) for month in (1, 2, 3))]
    book = workbook(
        Pantry=[["Pantry visits"], [], headers, [1, "Ana", "Made", datetime.date(1984, 3, 27), "x", None, 4]]
    )
    found = read_export([write(tmp_path, "list.xlsx", book)], today=TODAY)
    assert served(found) == {"1": [("food", "2026-01", 1), ("food", "2026-03", 4)]}


def test_months_of_a_log_without_numbers_are_the_same_persons(tmp_path):
    rows = "Name|DOB|Jan 2026|Feb 2026\nAna Made|1984-03-27|1|\nAna Made|1984-03-27||2"
    found = export(tmp_path, pantry=rows)
    assert served(found) == {"line 2": [("food", "2026-01", 1), ("food", "2026-02", 2)]}


def test_months_without_a_year_are_left_out_and_told_of(tmp_path):
    found = export(tmp_path, pantry=f"{LIST.splitlines()[0]}|Jan|Feb|Mar\n1|Ana|Made|1984-03-27|x|x|x")
    assert served(found) == {"1": []}
    note = next(note for note in found.notes if "year" in note)
    assert note.startswith("the columns Jan to Mar of pantry.csv were not used: nothing tells their year")


def test_words_under_a_month_and_months_to_come_are_counted_and_left_out(tmp_path):
    found = export(
        tmp_path,
        pantry=f"{LIST.splitlines()[0]}|Jun 2026|Aug 2026\n1|Ana|Made|1984-03-27|moved away|x\n2|Bo|Fict|1961-07-14|x|",
    )
    assert served(found) == {"1": [], "2": [("food", "2026-06", 1)]}
    assert "1 cell under a month holds neither a mark nor a number and was left out" in found.notes
    assert "1 cell under a month that has not begun was left out" in found.notes


def test_years_over_groups_of_months_are_theirs(tmp_path):
    rows = "||||2025|||2026|\nClient ID|First|Last|DOB|Oct|Nov|Dec|Jan|Feb\n1|Ana|Made|1984-03-27|x||2||1"
    found = export(tmp_path, pantry=rows)
    assert served(found) == {"1": [("food", "2025-10", 1), ("food", "2025-12", 2), ("food", "2026-02", 1)]}
    assert not any("year" in note for note in found.notes)


def test_a_group_of_a_fiscal_year_tells_no_year():
    headers, groups = ["Jul", "Aug", "Jan"], ["FY 2025"] * 3
    assert month_columns(Told(headers, groups)).places == ()


def test_a_total_below_the_months_is_nobody(tmp_path):
    found = export(
        tmp_path, pantry=f"{LIST.splitlines()[0]}|Jan 2025|Feb 2025\n1|Ana|Made|1984-03-27|x|3\nTotal||||12|31"
    )
    assert told(found.clients, "client_id") == [("1",)]


def test_dates_and_months_of_one_list_add_up(tmp_path):
    rows = "Client ID|First|Last|DOB|Visit Date|Jan 2026\n1|Ana|Made|1984-03-27|2026-01-09|2"
    assert served(export(tmp_path, pantry=rows)) == {"1": [("food", "2026-01", 3)]}


@pytest.mark.parametrize(
    ("days", "told_of"),
    [
        (("1/5/2026", "1/12/2026", "2/2/2026"), ["2026-01", "2026-01", "2026-02"]),
        (("1/5/26", "1/12/26", "2/2/26"), ["2026-01", "2026-01", "2026-02"]),
        (("5.1.2026", "19.1.2026", "2.2.2026"), ["2026-01", "2026-01", "2026-02"]),
        (("1/5/2026", "1/12/2026"), []),
        (("1/5/2026", "1/5/2026", "1/5/2026"), []),
        (("13/13/2026", "14/14/2026", "1/2/2026"), []),
    ],
)
def test_a_column_a_day_counts_in_its_month_where_there_are_several(days, told_of):
    assert months(*days) == told_of


def test_visits_under_days_are_counted_by_month(tmp_path):
    found = export(
        tmp_path,
        c="Client ID|First|Last|DOB|1/5/2026|1/12/2026|2/2/2026\n1|Ana|Made|1984-03-27|x|x|\n2|Bo|Fict|1961-07-14|||3",
    )
    assert served(found) == {"1": [("other", "2026-01", 2)], "2": [("other", "2026-02", 3)]}
