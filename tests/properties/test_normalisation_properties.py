"""Laws of normalising: twice is as once for every letter there is, and the short paths agree with the long ones."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date, timedelta

import pytest
from anyascii import anyascii
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashing import addresses, dates, normalise
from hashing.addresses import Address, parse_address
from hashing.clients import Client
from hashing.dates import BirthDate, DateOrder, date_order, parse_birth_date, parse_date
from hashing.family_first import settled
from hashing.korean import family_names, given_syllables
from hashing.name_words import SURNAMES_ALSO_VIETNAMESE, SURNAMES_WITH_PARTICLES, VIETNAMESE_SURNAMES
from hashing.names import part_cells, part_name, part_whole
from hashing.normalise import name_parts, phone, social_security_number, suffix, zip_code

TODAY = date(2026, 7, 15)
SCALARS = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
TOGETHER = 64  # code points looked at together: every one in a few seconds

WORDS = st.sampled_from([
    "12", "7", "8b", "123", "PO", "P.O.", "Box", "31", "Apt", "Unit", "#", "#4", "(4)", "4B", "No", "Lot", "Sp", "N",
    "North", "St", "Street", "Ave", "Main", "Royal", "Saint", "5th", "homeless", "unknown", "delivery", "general",
    "N/A", "first", "in", "car", "same", "WA", "98362", "98362-1234", ",", ".", "-", "1/2", "Sequim", "c/o",
    "None", "Anywhere",
])  # fmt: skip
LINES = (
    st.lists(WORDS, max_size=8).map(" ".join)
    | st.lists(WORDS, max_size=6).map(",".join)
    | st.lists(WORDS | st.text(max_size=4), max_size=8).map(" ".join)
    | st.text(max_size=20)
)
CELLS = st.sampled_from(["", " ", "Apt 4", "#4", "4", "C/O Jones", "attn x", "-", "98362", "WA 98362-1234"]) | st.text(
    max_size=6
)


def test_every_scalar_value_is_looked_at():
    assert len(SCALARS) == 1_112_064


@pytest.mark.parametrize("around", ["{}", "a{}b", "Ab{}Cd", "{}x", "O'{}"])
def test_a_name_with_any_letter_of_unicode_stays_as_it_is_once_normalised(around):
    for start in range(0, len(SCALARS), TOGETHER):
        typed = " ".join(around.format(chr(code)) for code in SCALARS[start : start + TOGETHER])
        parts = name_parts(typed)
        assert name_parts(" ".join(parts)) == parts, f"near U+{SCALARS[start]:04X}"


def test_every_letter_of_unicode_alone_stays_as_it_is_once_normalised():
    for code in SCALARS:
        parts = name_parts.__wrapped__(chr(code))
        assert not parts or name_parts(" ".join(parts)) == parts, f"U+{code:04X}"


def whole_ssn(text: str) -> str:
    return social_security_number(text)[0]


@pytest.mark.parametrize(
    ("read", "around"),
    [(phone, "360555010{}"), (zip_code, "9838{}"), (whole_ssn, "51234567{}"), (suffix, "{}"), (suffix, "i{}")],
)
def test_a_number_with_any_letter_of_unicode_stays_as_it_is_once_normalised(read, around):
    telling = [code for code in SCALARS if anyascii(chr(code)).strip()]  # the others leave nothing
    assert len(telling) > 100_000
    for code in telling:
        once = read(around.format(chr(code)))
        assert read(once) == once, f"U+{code:04X}"


NAMES = st.text() | st.lists(
    st.sampled_from(
        ["mc", "O", "Saint", "dela", "Dela", "Vander", "Cruz", "neill", "test", "Baby", "a", "st", "xx", "김"]
    )
    | st.sampled_from(sorted(SURNAMES_WITH_PARTICLES))
    | st.text("abcABC'- éñ", max_size=5),
    max_size=5,
).map(" ".join)


@given(typed=NAMES)
@settings(max_examples=500)
def test_any_name_stays_as_it_is_once_normalised(typed):
    parts = name_parts(typed)
    assert name_parts(" ".join(parts)) == parts


@given(typed=NAMES | st.text("abcdefghABCDEFGH", max_size=8) | st.sampled_from(sorted(normalise.NOT_A_NAME)))
def test_a_plain_name_is_read_on_the_short_path_as_on_the_long_one(typed):
    for text in (typed, typed.title(), typed.upper(), typed.lower()):
        assert name_parts(text) == normalise._name_parts_in_full(text)


@given(typed=st.text("abcdefghij éñü'-", max_size=12))
def test_parts_of_a_name_do_not_depend_on_how_its_letters_are_composed(typed):
    composed, decomposed = (unicodedata.normalize(form, typed) for form in ("NFC", "NFD"))
    assert name_parts(composed) == name_parts(decomposed)


NUMBERS = (
    st.from_regex(r"\(?[0-9]{3}\)?[-. ]{0,2}[0-9]{3}[-. ]?[0-9]{4}( ?x[0-9]{1,3})?", fullmatch=True)
    | st.from_regex(r"[0-9x]{3}[- ]?[0-9x]{2}[- ]?[0-9x]{4}", fullmatch=True)
    | st.from_regex(r"[0-9]{3}[. ]?[0-9]{3}[.]0{4}", fullmatch=True)
    | st.text("0123456789xX-. ()+#/٣７", max_size=16)
    | st.text()
)


@given(typed=NUMBERS)
@example(typed="360555.0000")
@example(typed="360.5550000")
@settings(max_examples=500)
def test_a_number_is_read_on_the_short_path_as_on_the_long_one(typed):
    assert phone(typed) == normalise._phone_in_full(typed)
    assert social_security_number(typed) == normalise._social_security_number_in_full(typed)


@given(typed=NUMBERS)
@settings(max_examples=500)
def test_a_number_stays_as_it_is_once_normalised(typed):
    whole, last_four = social_security_number(typed)
    assert social_security_number(whole or last_four) == (whole, last_four)
    assert phone(phone(typed)) == phone(typed)
    assert zip_code(zip_code(typed)) == zip_code(typed)
    assert suffix(suffix(typed)) == suffix(typed)


def read_whole(line: str, unit: str, zip_text: str) -> Address:
    """The line read in one piece, without splitting its number off."""
    found = addresses.parse_line.__wrapped__(line)
    code = zip_code(zip_text) or found.zip
    if found.no_home:
        return Address(zip=code)
    typed = addresses.unit_of_cell.__wrapped__(unit)
    return Address(found.number, found.street, found.unit if typed is None else typed, code)


@given(line=LINES, unit=CELLS, zip_text=CELLS)
@example(line="12 PO Box 12", unit="", zip_text="")
@example(line="12 Main Sp 98362", unit="", zip_text="")
@example(line="12 Unknown Apt 4, PO Box 3", unit="", zip_text="")
@settings(max_examples=1000)
def test_an_address_is_the_same_whether_its_number_is_split_off_or_not(line, unit, zip_text):
    assert parse_address(line, unit, zip_text) == read_whole(line, unit, zip_text)


@given(line=LINES)
@example(line="12 Main Apt (4)")
@example(line="12 foo wa.-98362")
@example(line="12 Main p-o box 4")
@settings(max_examples=1000)
def test_an_address_stays_as_it_is_once_normalised(line):
    found = parse_address(line, "", "")
    if found.building and found.street != "po box":
        assert parse_address(found.building, "", "") == Address(found.number, found.street)


FORMS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y%m%d000000", "%m/%d/%Y", "%m-%d-%Y", "%m%d%Y", "%d.%m.%Y",
    "%d-%b-%Y", "%d%b%Y", "%d %B %Y", "%b %d, %Y", "%A, %B %d, %Y", "%Y-%b-%d", "%Y-%m-%dT00:00:00Z",
    "%m/%d/%Y 12:00 AM",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_date_from_1900_on_is_read_back_from_each_form_that_is_not_ambiguous(form):
    order = DateOrder(frozenset({"."}))
    first = date(1900, 1, 1)
    for days in range((TODAY - first).days + 1):
        day = first + timedelta(days=days)
        assert parse_date(day.strftime(form), today=TODAY, day_first=order) == day


SPANISH = [
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
]  # fmt: skip


@given(day=st.dates(date(1900, 1, 1), TODAY))
def test_a_date_in_spanish_is_read_back(day):
    for written in (
        f"{day.day} de {SPANISH[day.month - 1]} de {day.year}",
        f"{day:%d}-{SPANISH[day.month - 1][:3]}-{day:%Y}",
    ):
        assert parse_date(written, today=TODAY) == day


DATE_PARTS = st.sampled_from([
    "0", "00", "1", "01", "3", "12", "13", "27", "31", "32", "1984", "84", "26", "1900", "1899", "2044", "44", "xx",
    "??", "Mar", "marzo", "Sept.", "ene", "JUL", "Tue",
])  # fmt: skip
MARKS = st.sampled_from(["-", "/", ".", " ", " - ", ", ", " de ", ""])
TIMES = st.sampled_from(["", " 20:13", "T00:00:00Z", ".0", " 12 AM", " (est)"])
NUMBERED = st.tuples(DATE_PARTS, MARKS, DATE_PARTS, MARKS, DATE_PARTS, TIMES).map("".join)
ORDERS = st.booleans() | st.frozensets(st.sampled_from(["/", "-", ".", " ", ""])).map(DateOrder)


@given(typed=NUMBERED | st.text(), order=ORDERS)
@settings(max_examples=1000)
def test_no_text_is_a_birth_date_in_the_future_or_of_someone_over_120(typed, order):
    born = parse_birth_date(typed, today=TODAY, day_first=order)
    if born is not None:
        assert date(TODAY.year - 120, 1, 1) <= date(born.year, born.month or 1, born.day or 1) <= TODAY


@given(typed=NUMBERED | st.text() | st.dates().map(date.isoformat), order=ORDERS)
@settings(max_examples=1000)
def test_a_date_is_read_on_the_short_path_as_on_the_long_one(typed, order):
    long = dates._parse_in_full.__wrapped__(typed, TODAY, order)
    assert parse_date(typed, today=TODAY, day_first=order) == long
    if long:
        assert parse_date(long.isoformat(), today=TODAY) == long


@given(column=st.lists(st.dates(date(1927, 1, 1), TODAY), min_size=1), mark=st.sampled_from(["/", "-", "."]))
def test_a_column_that_shows_its_order_is_read_back_whichever_it_is(column, mark):
    for form, order in ((f"%d{mark}%m{mark}%Y", True), (f"%m{mark}%d{mark}%Y", False)):
        typed = [day.strftime(form) for day in [*column, date(1984, 3, 27)]]
        found = date_order(typed)
        assert (mark in found.day_first) is order
        assert [parse_date(text, today=TODAY, day_first=found) for text in typed[:-1]] == column


SYLLABLES = st.sampled_from(sorted(given_syllables()))
FAMILIES = st.sampled_from(sorted(family_names()) + sorted(VIETNAMESE_SURNAMES | SURNAMES_ALSO_VIETNAMESE))
PARTS = st.lists(SYLLABLES | FAMILIES | st.sampled_from(["van", "thi", "david", "susan", "j"]), max_size=3).map(tuple)


@given(first=PARTS, middle=PARTS, last=PARTS)
@example(first=("thi",), middle=("a",), last=("van", "bui"))
@settings(max_examples=1000)
def test_a_settled_name_stays_as_it_is(first, middle, last):
    once = settled(Client("1", 1, first=first, middle=middle, last=last))
    again = settled(once)
    assert (again.first, again.middle, again.last) == (once.first, once.middle, once.last)
    assert bool(once.first) == bool(first)
    assert bool(once.last) == bool(last)


@given(first=st.text("abdgiklmnopqrstuvz", min_size=3), last=st.sampled_from(["smith", "garcia", "begay", "okeefe"]))
def test_a_name_of_another_custom_is_never_settled(first, last):
    client = Client("1", 1, first=(first,), middle=("two", "moons"), last=(last,))
    if first not in family_names() and first not in VIETNAMESE_SURNAMES:
        assert settled(client) is client


TYPED_WORDS = st.sampled_from([
    "Two", "Moons", "Running", "Water", "Begay", "de", "la", "Luz", "Cruz", "Maria", "Van", "Thi", "Nguyen", "Kim",
    "Min-jun", "Garcia", "O'Brien", "Li", "J", "Standing", "Bear",
])  # fmt: skip


@given(words=st.lists(TYPED_WORDS, min_size=1, max_size=6), comma=st.integers(0, 5), last_first=st.booleans())
@settings(max_examples=500)
def test_no_word_of_a_name_is_lost_when_it_is_parted(words, comma, last_first):
    cell = " ".join(
        word + ("," if place == comma and place < len(words) - 1 else "") for place, word in enumerate(words)
    )
    found = part_name(cell, last_first=last_first)
    assert sorted(f"{found.first} {found.middle} {found.last}".split()) == sorted(words)


@given(typed=st.text(), other=st.text(), last_first=st.booleans())
def test_no_text_stops_the_parting_of_whole_names_or_cells(typed, other, last_first):
    part_whole(typed, last_first=last_first)
    part_cells(typed, other, typed, other)


def test_a_year_alone_is_no_older_than_a_person():
    assert parse_birth_date("1900", today=TODAY) is None
    assert parse_birth_date("1905", today=TODAY) is None
    assert parse_birth_date("1906", today=TODAY) == BirthDate(1906)
