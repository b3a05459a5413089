"""Addresses typed in one cell or several give house number, street, unit and ZIP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.addresses import Address, parse_address


@pytest.mark.parametrize(
    ("line", "number", "street", "unit"),
    [
        ("12 N Imaginary Road", "12", "imaginary", ""),
        ("12 Imaginary Rd.", "12", "imaginary", ""),
        ("450 SE Pretend Street", "450", "pretend", ""),
        ("123 5th St NE", "123", "5th", ""),
        ("8b Made Up Lane", "8b", "made up", ""),
        ("7 Unreal Blvd #B2", "7", "unreal", "b2"),
        ("1520 Phantom Ave Apt 4B", "1520", "phantom", "4b"),
        ("1520 Phantom Ave, Apt. #4", "1520", "phantom", "4"),
        ("1520 Phantom Ave\nUnit 4", "1520", "phantom", "4"),
        ("302 Legend Ter Unit C", "302", "legend", "c"),
        ("99 Old Mirage Hwy Lot 4", "99", "old mirage", "4"),
        ("Apt 4, 99 Nowhere Ave", "99", "nowhere", "4"),
        ("#4 99 Nowhere Ave", "99", "nowhere", "4"),
        ("PO Box 31", "31", "po box", ""),
        ("P.O. BOX #31", "31", "po box", ""),
        ("p o box 31, Sequim", "31", "po box", ""),
        ("1234 Highway 101", "1234", "101", ""),
        ("12 N Avenue", "12", "n ave", ""),
        ("12 St Andrews Pl", "12", "andrews", ""),
        ("Broadway", "", "broadway", ""),
        ("12 Saint Andrews Pl", "12", "andrews", ""),
        ("12 PO Box 12", "12", "po box", ""),
        ("12 Main Apt (4)", "12", "main", "4"),
        ("12 Main St N #A", "12", "main", "a"),
        ("123 5th Ave", "123", "5th", ""),
        ("123 Anywhere Creek Rd", "123", "anywhere creek", ""),
    ],
)
def test_an_address_in_one_cell_is_parted(line, number, street, unit):
    assert parse_address(line, "", "") == Address(number, street, unit)


@pytest.mark.parametrize(
    "line",
    [
        "9235 Royal Forest Drive, Apt 245, Pine Hollow WA 98964",
        "9235 Royal Forest Dr Apt 245 Pine Hollow, WA 98964-1234",
        "9235 royal forest, apt 245, Pine Hollow, WA, 98964",
    ],
)
def test_town_state_and_zip_behind_the_street_are_understood(line):
    assert parse_address(line, "", "") == Address("9235", "royal forest", "245", "98964")


def test_a_town_without_a_comma_is_not_part_of_the_street():
    with_town, alone = parse_address("12 Main St Sequim WA 98382", "", ""), parse_address("12 Main St", "", "98382")
    assert with_town == alone == Address("12", "main", "", "98382")


def test_a_line_without_a_streets_type_keeps_all_its_words():
    assert parse_address("12 Broadway Sequim WA 98382", "", "").street == "broadway sequim"


@pytest.mark.parametrize(
    ("unit", "told"), [("Apt 4", "4"), ("#4", "4"), ("4", "4"), ("Space 12", "12"), ("C/O Jones", ""), ("", "")]
)
def test_a_unit_may_have_a_cell_of_its_own(unit, told):
    assert parse_address("12 Imaginary Rd", unit, "").unit == told


@pytest.mark.parametrize(
    "line",
    [
        "Homeless", "TRANSIENT", "transient - Sequim", "General Delivery", "CONFIDENTIAL", "None", "N/A", "Refused",
        "No fixed address", "no address", "Unknown", "declined", "same as above", "on the street", "living in car",
        "Prefer Not to Answer", "Didn't Ask", "couch surfing", "homeless/transient", "NFA", "No fixed abode",
        "unsheltered", "Gen. Delivery", "123 Anywhere", "123 Any St", "1234 Fake Street", "0 Homeless", "sin hogar",
        "Desconocida",
        "General Delivery, Sequim WA 98382", "12 Unknown, Apt 4",
    ],
)  # fmt: skip
def test_words_that_stand_for_no_address_leave_only_the_zip(line):
    assert parse_address(line, "", "98382") == Address(zip="98382")


def test_the_zip_of_its_own_cell_goes_before_the_one_in_the_line():
    assert parse_address("12 Imaginary Rd, Sequim WA 98382", "", "98362").zip == "98362"


@pytest.mark.parametrize(
    ("line", "building"), [("12 Imaginary Rd", "12 imaginary"), ("Imaginary Rd", ""), ("12", ""), ("", "")]
)
def test_a_building_needs_a_number_and_a_street(line, building):
    assert parse_address(line, "", "").building == building


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 North Imaginary Road", "12 N. Imaginary Rd"),
        ("12 Imaginary Terrace #D", "12 Imaginary Ter Unit D"),
        ("12 IMAGINARY STREET", "12 Imaginary"),
        ("12 Calle Ñandú", "12 calle nandu"),
    ],
)
def test_two_ways_to_write_one_address_are_one_address(one, other):
    assert parse_address(one, "", "") == parse_address(other, "", "")


@given(line=st.text(), unit=st.text(max_size=10), code=st.text(max_size=10))
def test_no_text_stops_the_reading_of_addresses(line, unit, code):
    found = parse_address(line, unit, code)
    assert all(part.isascii() for part in (found.number, found.street, found.unit, found.zip))


@given(line=st.text("0123456789 abcdenorstAEW.,#-", max_size=30))
def test_an_address_written_out_again_is_the_same_building(line):
    found = parse_address(line, "", "")
    if found.building and found.street != "po box" and not found.unit:
        assert parse_address(found.building, "", "").number == found.number
