"""Names and numbers become comparable, however they were typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.normalise import NOT_A_NAME, name_parts, phone, phones, social_security_number, suffix, zip_code

CHUNK = 64  # code points looked at together: every one in a few seconds


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("Ana", "ana"),
        ("  ANA ", "ana"),
        ("O'Neill", "oneill"),
        ("O’Neill", "oneill"),
        ("O`Neil", "oneil"),
        ("Núñez-García", "nunez garcia"),
        ("de la Cruz", "de la cruz"),
        ("García López", "garcia lopez"),
        ("FrayreVirula", "frayre virula"),
        ("SanesLópez", "sanes lopez"),
        ("ÁngelÁvila", "angel avila"),
        ("McDonald", "mcdonald"),
        ("MacArthur", "macarthur"),
        ("DeShawn", "deshawn"),
        ("LaToya", "latoya"),
        ("VanDyke", "vandyke"),
        ("Sha'Niqua", "shaniqua"),
        ("Łukasz", "lukasz"),
        ("Nguyễn", "nguyen"),
        ("Ольга", "olga"),
        ("Straße", "strasse"),
        ("İlker", "ilker"),
        ("Nan", "nan"),
        ("Na", "na"),
        ("Smith 2", "smith"),
        ("", ""),
        ("-", ""),
        ("Anonymous", ""),
        ("Consent Refused", ""),
        ("REFUSED", ""),
        ("Didn't Ask", ""),
        ("Prefer Not to Answer", ""),
        ("Client doesn't know", ""),
        ("Client 123", ""),
        ("Baby Boy", ""),
        ("Unknown", ""),
        ("ZZTest", ""),
        ("Doe", ""),
        ("Baby A", ""),
        ("Unknown Male", ""),
        ("Desconocido", ""),
        ("Sin nombre", ""),
        ("Dela Cruz", "de la cruz"),
        ("DeLa Cruz", "de la cruz"),
        ("DE LA CRUZ", "de la cruz"),
        ("Delacruz", "de la cruz"),
        ("DELACRUZ", "de la cruz"),
        ("De Leon", "de leon"),
        ("Deleon", "de leon"),
        ("Delgado", "delgado"),
        ("Dela", "dela"),
        ("Mc Donald", "mcdonald"),
        ("MC DONALD", "mcdonald"),
        ("O Neill", "oneill"),
        ("O Smith", "o smith"),
        ("Vander Berg", "van der berg"),
        ("Saint James", "st james"),
        ("St. James", "st james"),
        ("김", "kim"),
        ("이", "lee"),
        ("민준", "minjun"),
    ],
)
def test_a_name_becomes_its_parts(typed, parts):
    assert " ".join(name_parts(typed)) == parts


@pytest.mark.parametrize("word", sorted(NOT_A_NAME))
def test_a_word_that_stands_for_nobody_is_missing_however_it_is_written(word):
    assert word.isascii()
    assert word.isalpha()
    assert name_parts(word) == name_parts(f" {word[:2]}-{word[2:].upper()}.") == ()


def test_no_code_point_of_unicode_is_normalised_differently_the_second_time():
    for start in range(0, 0x110000, CHUNK):
        parts = name_parts(" ".join(map(chr, range(start, start + CHUNK))))
        assert name_parts(" ".join(parts)) == parts, f"near U+{start:04X}"


@given(typed=st.text())
def test_a_normalised_name_stays_as_it_is(typed):
    assert name_parts(" ".join(name_parts(typed))) == name_parts(typed)


@given(typed=st.text())
def test_parts_of_a_name_are_lower_case_ascii_letters(typed):
    assert all(part.isascii() and part.isalpha() and part.islower() for part in name_parts(typed))


@given(typed=st.text("aeinouclzgñúíéçøABCDŁÁ '-", max_size=20))
def test_composed_and_decomposed_letters_are_the_same_name(typed):
    composed, decomposed = unicodedata.normalize("NFC", typed), unicodedata.normalize("NFD", typed)
    assert "".join(name_parts(composed)) == "".join(name_parts(decomposed))


@given(typed=st.text("abcdefghij", min_size=1))
def test_capitals_alone_never_change_the_letters_of_a_name(typed):
    assert "".join(name_parts(typed.title())) == "".join(name_parts(typed.upper())) == "".join(name_parts(typed))


@pytest.mark.parametrize(
    ("typed", "short"),
    [
        ("Jr", "jr"), ("JR.", "jr"), ("Jr.,", "jr"), ("junior", "jr"), ("Sr.", "sr"), ("II", "2"), ("2nd", "2"),
        ("III", "3"), ("IV", "4"), ("2", "2"), ("", ""), ("MD", ""), ("V", ""),
    ],
)  # fmt: skip
def test_a_generation_suffix_is_written_in_one_way(typed, short):
    assert suffix(typed) == short


@pytest.mark.parametrize(
    ("typed", "whole", "last_four"),
    [
        ("512-34-5678", "512345678", "5678"),
        ("512 34 5678", "512345678", "5678"),
        ("512345678", "512345678", "5678"),
        ("512345678.0", "512345678", "5678"),
        ("51234567", "051234567", "4567"),  # a spreadsheet dropped the leading zero
        ("1234567", "001234567", "4567"),
        ("５１２３４５６７８", "512345678", "5678"),
        ("512–34–5678", "512345678", "5678"),
        ("5678", "", "5678"),
        ("5678.0", "", "5678"),
        ("XxXxX4596", "", "4596"),
        ("xxxxx6944", "", "6944"),
        ("XXX-XX-1707", "", "1707"),
        ("***-**-1707", "", "1707"),
        ("#####1707", "", "1707"),
        ("512-34-567x", "", ""),
        ("xxxxxxxxx", "", ""),
        ("000-12-3456", "", ""),
        ("666-12-3456", "", ""),
        ("912-34-5678", "", ""),
        ("512-00-5678", "", ""),
        ("512-34-0000", "", ""),
        ("123-45-6789", "", ""),
        ("078-05-1120", "", ""),
        ("219-09-9999", "", ""),
        ("111-11-1111", "", ""),
        ("999-99-9999", "", ""),
        ("0000", "", ""),
        ("9999", "", ""),
        ("888888", "", ""),
        ("1.23457E+08", "", ""),
        ("N/A", "", ""),
        ("", "", ""),
    ],
)
def test_a_social_security_number_is_nine_digits_or_four_or_missing(typed, whole, last_four):
    assert social_security_number(typed) == (whole, last_four)


@pytest.mark.parametrize(
    ("typed", "ten"),
    [
        ("(360) 555-0101", "3605550101"),
        ("360.555.0102", "3605550102"),
        ("1-360-555-0103 x12", "3605550103"),
        ("+1 360 555 0103 ext. 12", "3605550103"),
        ("360-555-0104 #2", "3605550104"),
        ("3605550105.0", "3605550105"),
        ("360.555.0000", "3605550000"),
        ("(360)555-0106 cell", "3605550106"),
        ("315.093.6243x8099", "3150936243"),
        ("555-0101", ""),
        ("360-555-5555", ""),
        ("000-555-0101", ""),
        ("1234567890", ""),
        ("+52 55 1234 5678", ""),
        ("3.60556E+09", ""),
        ("360-555-0199", "3605550199"),
        ("555-5555", ""),
        ("000-000-0000", ""),
        ("360-111-1111", ""),
        ("360-555-1212", ""),
        ("360-123-4567", ""),
        ("9876543210", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_a_phone_number_is_ten_digits_or_missing(typed, ten):
    assert phone(typed) == ten


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("360-555-0101", ["3605550101"]),
        ("360/555-0101", ["3605550101"]),
        ("360-555-0101 / 360-555-0102", ["3605550101", "3605550102"]),
        ("360-555-0101 or 564-555-0102", ["3605550101", "5645550102"]),
        ("360-555-0101, none", ["3605550101"]),
        ("unknown", []),
    ],
)
def test_a_cell_may_hold_several_phone_numbers(typed, numbers):
    assert list(phones(typed)) == numbers


@pytest.mark.parametrize(
    ("typed", "five"),
    [
        ("98382", "98382"), ("98382-1234", "98382"), ("983821234", "98382"), ("98382 1234", "98382"),
        ("98382-", "98382"), ("98382.0", "98382"), ("8382", "08382"), ("8382-1234", "08382"), ("WA 98382", "98382"),
        (" 98382 ", "98382"), ("٩٨٣٨٢", "98382"), ("00000", ""), ("99999", ""), ("989G2", ""), ("988965", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_zip_is_five_digits_or_missing(typed, five):
    assert zip_code(typed) == five


@given(typed=st.text())
def test_numbers_are_never_more_or_less_than_they_should_be(typed):
    whole, last_four = social_security_number(typed)
    assert (len(whole), len(last_four)) in {(9, 4), (0, 4), (0, 0)}
    assert len(phone(typed)) in {0, 10}
    assert len(zip_code(typed)) in {0, 5}
    assert all(part.isascii() for part in (whole, last_four, phone(typed), zip_code(typed), suffix(typed)))


@given(typed=st.text("0123456789xX-. ()+#/", max_size=16))
def test_a_normalised_number_stays_as_it_is(typed):
    whole, last_four = social_security_number(typed)
    assert social_security_number(whole or last_four) == (whole, last_four)
    assert phone(phone(typed)) == phone(typed)
    assert zip_code(zip_code(typed)) == zip_code(typed)
    assert suffix(suffix(typed)) == suffix(typed)
