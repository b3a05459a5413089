"""A name in one cell is parted as the whole column writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.names import given_names, nicknames, part_aside, part_name, writes_last_name_first
from hashing.normalise import SUFFIXES, name_parts, suffix

WORDS = (
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
    .map(str.title)
    .filter(
        lambda word: name_parts(word) and not suffix(word) and word.lower() not in {"rev", "sra", "srta", "mrs", "miss"}
    )
)


@pytest.mark.parametrize(
    ("typed", "first", "middle", "last", "ending"),
    [
        ("SPENCE, Mary M", "Mary", "M", "SPENCE", ""),
        ("Garcia Lopez, Maria", "Maria", "", "Garcia Lopez", ""),
        ("Smith,John", "John", "", "Smith", ""),
        ("Smith, J.", "J", "", "Smith", ""),
        ("de la Cruz, Ana Maria", "Ana", "Maria", "de la Cruz", ""),
        ("ESCOBAR, Brandon II", "Brandon", "", "ESCOBAR", "2"),
        ("Smith Jr., John", "John", "", "Smith", "jr"),
        ("Smith, Jr., John", "John", "", "Smith", "jr"),
        ("Smith, John, Jr.", "John", "", "Smith", "jr"),
        ("John Smith, Jr.", "John", "", "Smith", "jr"),
        ("John Smith III", "John", "", "Smith", "3"),
        ("KEYTON, ", "", "", "KEYTON", ""),
        ("Heather C. Garrett", "Heather", "C", "Garrett", ""),
        ("Annie E. Botello Croteau", "Annie", "E", "Botello Croteau", ""),
        ("Mary Ann Smith", "Mary", "Ann", "Smith", ""),
        ("Maria de la Cruz Lopez", "Maria", "", "de la Cruz Lopez", ""),
        ("Ludwig van der Berg", "Ludwig", "", "van der Berg", ""),
        ("Dr. Ann Fictitious", "Ann", "", "Fictitious", ""),
        ("Mrs Fictitious", "Fictitious", "", "", ""),
        ("Cher", "Cher", "", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_a_whole_name_is_parted(typed, first, middle, last, ending):
    found = part_name(typed, last_first=False)
    assert (found.first, found.middle, found.last, found.suffix) == (first, middle, last, ending)


@pytest.mark.parametrize(
    ("typed", "first", "middle", "last", "ending"),
    [
        ("YARBER KYLE G", "KYLE", "G", "YARBER", ""),
        ("BOTELLO CROTEAU ANNIE E", "ANNIE", "E", "BOTELLO CROTEAU", ""),
        ("DE LA CRUZ MARIA", "MARIA", "", "DE LA CRUZ", ""),
        ("SMITH JOHN A JR", "JOHN", "A", "SMITH", "jr"),
        ("SMITH", "", "", "SMITH", ""),
        ("Smith, John", "John", "", "Smith", ""),
    ],
)
def test_a_whole_name_is_parted_the_other_way_round_where_the_column_says_so(typed, first, middle, last, ending):
    found = part_name(typed, last_first=True)
    assert (found.first, found.middle, found.last, found.suffix) == (first, middle, last, ending)


@pytest.mark.parametrize(
    ("column", "last_first"),
    [
        (["YARBER KYLE G", "DENNIS MARY", "ADAMI GABRIELLA"], True),
        (["Kyle G Yarber", "Mary Dennis", "Gabriella Adami"], False),
        (["Kyle Yarber", "Mary Dennis", "SMITH JOHN"], False),  # one odd name does not turn the column
        (["Spence, Mary", "Lopez, Ana"], False),
        ([], False),
    ],
)
def test_the_order_is_decided_once_for_the_whole_column(column, last_first):
    assert writes_last_name_first(column) is last_first


@pytest.mark.parametrize(
    ("typed", "kept", "aside"),
    [
        ('William "Bill"', "William", "Bill"),
        ("Elizabeth (Betsy)", "Elizabeth", "Betsy"),
        ("Robert “Bobby” J", "Robert J", "Bobby"),
        ("Ana (12345)", "Ana", ""),
        ("Ana (see notes)", "Ana", ""),
        ("Ana", "Ana", ""),
        ("(Ana)", "(Ana)", ""),
        ("", "", ""),
    ],
)
def test_a_name_in_brackets_or_quotes_is_another_name(typed, kept, aside):
    assert part_aside(typed) == (kept, aside)


@given(first=WORDS, middle=WORDS | st.just(""), last=st.lists(WORDS, min_size=1, max_size=2))
def test_a_name_behind_a_comma_round_trips(first, middle, last):
    found = part_name(f"{' '.join(last)}, {first} {middle}", last_first=False)
    assert (found.first, found.middle, found.last) == (first, middle, " ".join(last))


@given(first=WORDS, last=WORDS, ending=st.sampled_from(sorted(SUFFIXES)))
def test_first_and_last_name_round_trip_in_either_order(first, last, ending):
    straight = part_name(f"{first} {last} {ending}", last_first=False)
    turned = part_name(f"{last} {first} {ending}", last_first=True)
    assert (straight.first, straight.last, straight.suffix) == (first, last, SUFFIXES[ending])
    assert turned == straight


@given(typed=st.text(), last_first=st.booleans())
def test_no_text_stops_the_parting_of_names(typed, last_first):
    part_name(part_aside(typed)[0], last_first=last_first)


def test_the_lists_of_names_are_written_as_names_are_compared():
    assert all(name_parts(name) == (name,) for name in given_names())
    assert all(
        name_parts(nick) == (nick,) and all(name_parts(n) == (n,) for n in full) for nick, full in nicknames().items()
    )
