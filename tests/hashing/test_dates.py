"""Birth and service dates, however a column writes them; never in the future, never before 1900."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.dates import (
    BirthDate,
    DateOrder,
    date_order,
    header_says_day_first,
    parse_birth_date,
    parse_date,
    tells_order,
    writes_day_first,
)

TODAY = date(2026, 7, 15)
DAYS = st.dates(date(1927, 6, 1), TODAY)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1984-03-27", (1984, 3, 27)),
        ("1984/3/7", (1984, 3, 7)),
        ("19840327", (1984, 3, 27)),
        ("03/27/1984", (1984, 3, 27)),
        ("3/2/44", (1944, 3, 2)),
        ("3/23/81 20:13", (1981, 3, 23)),
        ("1984-03-27T00:00:00.000Z", (1984, 3, 27)),
        ("5/6/1990 12:00:00 AM", (1990, 5, 6)),
        ("08-MAY-67", (1967, 5, 8)),
        ("17-JUN-20", (2020, 6, 17)),
        ("9-10-2015", (2015, 9, 10)),
        ("7/14/16", (2016, 7, 14)),
        ("May 17, 1981", (1981, 5, 17)),
        ("Sept. 5, 1990", (1990, 9, 5)),
        ("March 3rd, 1980", (1980, 3, 3)),
        ("3rd of March 1980", (1980, 3, 3)),
        ("1 May 2003", (2003, 5, 1)),
        ("3 de marzo de 1980", (1980, 3, 3)),
        ("15-ene-1980", (1980, 1, 15)),
        ("27.3.84", (1984, 3, 27)),
        ("3 / 2 / 1944", (1944, 3, 2)),
        ("07041963", (1963, 7, 4)),
        ("7041963", (1963, 7, 4)),
        ("31121975", (1975, 12, 31)),
        ("16133", (1944, 3, 2)),
        ("16133.0", (1944, 3, 2)),
        ("31/12/1980", (1980, 12, 31)),
        ("27.03.1984", (1984, 3, 27)),
        ("27MAR1984", (1984, 3, 27)),
        ("Tuesday, March 27, 1984", (1984, 3, 27)),
        ("martes 27 de marzo del 1984", (1984, 3, 27)),
        ("Mar/27/1984", (1984, 3, 27)),
        ("1984-Mar-27", (1984, 3, 27)),
        ("27 Mar '84", (1984, 3, 27)),
        ("3/27/1984 12 AM", (1984, 3, 27)),
        ("19840327000000.000-0800", (1984, 3, 27)),
        ("27–03–1984", (1984, 3, 27)),
        ("１９８４-03-27", (1984, 3, 27)),
    ],
)
def test_a_birth_date_is_read_as_a_person_would(typed, day):
    assert parse_birth_date(typed, today=TODAY) == BirthDate(*day)


@pytest.mark.parametrize(
    "typed",
    [
        "1984",
        "1984.0",
        "1984-03",
        "03/1984",
        "00/00/1984",
        "1984-00-00",
        "1984-XX-XX",
        "xx/xx/1984",
        "1984-01-01",
        "1/1/84",
        "1984-03-00",
        "1984-00-27",
        "03/00/1984",
        "xx/15/1984",
        "March 1984",
        "marzo de 1984",
        "01-JAN-1984",
    ],
)
def test_where_only_the_year_is_known_or_meant_the_year_alone_is_told(typed):
    born = parse_birth_date(typed, today=TODAY)
    assert born == BirthDate(1984)
    assert not born.is_whole


@pytest.mark.parametrize(
    "typed",
    [
        "", "n/a", "unknown", "Didn't Ask", "1900-01-01", "1/1/1900", "1899-12-30", "1899-12-31", "0001", "1225", "345",
        "1850", "1570-08-07", "205-02-17", "2100", "2027", "2026-07-16", "12/31/2026", "12/31/26", "2/30/1990",
        "13/13/1990", "888888", "1.5", "0", "99999", "36 years", "May 1980 or so", "198403",
        "1900", "1905", "1905-12-31", "3/2/2044", "0000-00-00", "1753-01-01", "9999-12-31",
        "Smarch 1984", "Maybe 3, 1984", "31-APR-1984", "1984-02-30", "29.02.1985",
    ],
)  # fmt: skip
def test_what_is_no_birth_date_is_missing(typed):
    assert parse_birth_date(typed, today=TODAY) is None


@pytest.mark.parametrize(("typed", "year"), [("7/15/26", 2026), ("7/16/26", None), ("3/2/27", 1927), ("3/2/00", 2000)])
def test_a_two_digit_year_never_lies_in_the_future(typed, year):
    born = parse_birth_date(typed, today=TODAY)
    assert (born and born.year) == year


@pytest.mark.parametrize(
    ("column", "day_first"),
    [
        (["03/04/1980", "31/12/1975"], True),
        (["03/04/1980", "12/31/1975"], False),
        (["03/04/1980", "05/06/1981"], False),
        (["27-03-1984", "30-11-2010", "05-06-1972"], True),
        (["31121975", "03041980"], True),
        (["25/12/1980", "26/12/1980", "27/12/1980", "12/28/1980"], True),  # one slip does not turn the column
        (["12/25/1980", "12/26/1980", "27/12/1980"], False),
        (["1984-27-03", "", "unknown"], False),
    ],
)
def test_whether_day_or_month_comes_first_is_decided_for_the_whole_column(column, day_first):
    assert writes_day_first(column) is day_first


@pytest.mark.parametrize(
    ("column", "by_header", "marks"),
    [
        (["3/27/1984", "05/06/1990", "27.03.1984", "05.06.1990"], None, {"."}),
        (["27/3/1984", "05/06/1990", "03-27-1984", "05-06-1990"], None, {"/"}),
        (["27/3/1984", "05.06.1990"], None, {"/", "-", ".", " ", ""}),  # a mark that tells nothing follows the column
        (["3/27/1984", "05.06.1990"], None, set()),
        (["05/06/1990", "05.06.1990"], True, {"/", "-", ".", " ", ""}),
        (["05/06/1990", "27.03.1984"], False, {"/", "-", ".", " ", ""}),
        ([], None, set()),
    ],
)
def test_the_order_is_decided_mark_by_mark_where_the_dates_tell_it(column, by_header, marks):
    assert date_order(column, by_header=by_header) == DateOrder(frozenset(marks))


def test_dotted_dates_day_first_and_slashed_ones_month_first_are_read_in_one_column():
    column = ["3/27/1984", "05/06/1990", "27.03.1984", "05.06.1990"]
    order = date_order(column)
    days = [parse_date(text, today=TODAY, day_first=order) for text in column]
    assert days == [date(1984, 3, 27), date(1990, 5, 6), date(1984, 3, 27), date(1990, 6, 5)]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("DOB (DD/MM/YYYY)", True),
        ("dd-mm-yy", True),
        ("Fecha de Nacimiento", True),
        ("DOB (MM/DD/YYYY)", False),
        ("fecha (mm/dd/yyyy)", False),
        ("DOB", None),
    ],
)
def test_a_header_may_say_which_comes_first(header, said):
    assert header_says_day_first([header]) is said


def test_a_header_decides_only_where_the_dates_do_not():
    assert writes_day_first(["03/04/1980"], by_header=True) is True
    assert writes_day_first(["03/04/1980"], by_header=None) is False
    assert writes_day_first(["03/04/1980", "12/31/1975"], by_header=True) is False
    assert writes_day_first(["03/04/1980", "31/12/1975"], by_header=False) is True


@pytest.mark.parametrize(
    ("column", "tells"),
    [
        (["03/04/1980", "05/06/1981"], False),
        (["03/04/1980", "31/12/1975"], True),
        (["03/03/1980", "1984-03-27", ""], True),
        ([], True),
    ],
)
def test_a_column_in_which_every_date_could_be_read_both_ways_tells_no_order(column, tells):
    assert tells_order(column) is tells


def test_an_ambiguous_date_follows_its_column():
    assert parse_birth_date("05-06-1972", today=TODAY, day_first=True) == BirthDate(1972, 6, 5)
    assert parse_birth_date("05-06-1972", today=TODAY, day_first=False) == BirthDate(1972, 5, 6)


@given(
    day=DAYS, form=st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y", "%Y%m%d", "%m%d%Y", "%d-%b-%Y"])
)
def test_a_date_written_in_any_usual_form_is_read_back(day, form):
    assert parse_date(day.strftime(form), today=TODAY) == day


@given(day=DAYS)
def test_a_date_written_day_first_is_read_back_in_a_column_that_does(day):
    assert parse_date(f"{day:%d/%m/%Y}", today=TODAY, day_first=True) == day


@given(day=DAYS)
def test_a_date_that_lost_its_format_is_read_back_from_its_serial_number(day):
    serial = (day - date(1899, 12, 30)).days
    assert parse_date(str(serial), today=TODAY) == day


@given(day=st.dates(TODAY + timedelta(days=1), date(2090, 1, 1)))
def test_a_future_date_is_never_read(day):
    assert parse_date(day.isoformat(), today=TODAY) is None


@given(typed=st.text() | st.from_regex(r"\d{1,4}[-/. ]?\d{1,2}[-/. ]?\d{1,4}", fullmatch=True), day_first=st.booleans())
def test_no_text_gives_a_birth_date_in_the_future_or_before_1900(typed, day_first):
    born = parse_birth_date(typed, today=TODAY, day_first=day_first)
    if born is not None:
        assert date(1900, 1, 1) <= date(born.year, born.month or 1, born.day or 1) <= TODAY


@given(typed=st.text() | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}", fullmatch=True))
def test_a_date_that_was_read_reads_the_same_when_written_out(typed):
    found = parse_date(typed, today=TODAY)
    assert found is None or parse_date(found.isoformat(), today=TODAY) == found
