"""A name in one cell is parted as the whole column writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.given_names import given_names
from hashing.names import nicknames, part_aside, part_cells, part_name, part_whole, writes_last_name_first
from hashing.normalise import SUFFIXES, name_parts, suffix
from hashing.tokens import MAX_ROOTS, roots

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
        ("Garcia Lopez, Maria de la Luz", "Maria", "de la Luz", "Garcia Lopez", ""),
        ("Maria de la Luz Garcia Lopez", "Maria", "de la Luz", "Garcia Lopez", ""),
        ("Maria del Rosario", "Maria", "", "del Rosario", ""),
        ("Juan de Dios Madeup", "Juan", "de Dios", "Madeup", ""),
        ("Begay III, Thomas Two Moons", "Thomas", "Two Moons", "Begay", "3"),
        ("Thomas Two Moons Begay", "Thomas", "", "Two Moons Begay", ""),
        ("Smith-Jones Jr.", "", "", "Smith-Jones", "jr"),
        ("Garcia Junior", "Garcia", "", "Junior", ""),
        ("van der Berg", "", "", "van der Berg", ""),
        ("DE LA CRUZ", "", "", "DE LA CRUZ", ""),
        ("de Leon", "", "", "de Leon", ""),
        ("Van Madeup", "Van", "", "Madeup", ""),
        ("Smith, Mr. John", "John", "", "Smith", ""),
        ("Smith, John, Mrs.", "John", "", "Smith", ""),
        ("Kim Min Jun", "Min Jun", "", "Kim", ""),
        ("Min Jun Kim", "Min Jun", "", "Kim", ""),
        ("Kim Min-jun", "Min-jun", "", "Kim", ""),
        ("Kim Duran", "Kim", "", "Duran", ""),
        ("김민준", "민준", "", "김", ""),
        ("남궁민수", "민수", "", "남궁", ""),
        ("NGUYEN VAN MINH", "MINH", "VAN", "NGUYEN", ""),
        ("Minh Van Nguyen", "Minh", "Van", "Nguyen", ""),
        ("Le Thi Hoa", "Hoa", "Thi", "Le", ""),
        ("Le Anh Madeup", "Le", "", "Anh Madeup", ""),
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
        ("GARCIA LOPEZ MARIA DE LA LUZ", "MARIA", "DE LA LUZ", "GARCIA LOPEZ", ""),
        ("GARCIA MARIA ELENA", "MARIA", "ELENA", "GARCIA", ""),
        ("DE LA CRUZ PETER JOHN", "PETER", "JOHN", "DE LA CRUZ", ""),
        ("KIM MIN JUN", "MIN JUN", "", "KIM", ""),
        ("TRAN THI MAI", "MAI", "THI", "TRAN", ""),
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
        ("Smith (nee Jones)", "Smith", "Jones"),
        ("Smith née de la Cruz", "Smith", "de la Cruz"),
        ("Smith f/k/a Jones", "Smith", "Jones"),
        ("William aka Bill", "William", "Bill"),
        ("William (goes by Bill)", "William", "Bill"),
        ("Nee", "Nee", ""),
        ("Ana Nee", "Ana Nee", ""),
        ("", "", ""),
    ],
)
def test_a_name_in_brackets_or_quotes_is_another_name(typed, kept, aside):
    assert part_aside(typed) == (kept, aside)


@pytest.mark.parametrize(
    ("typed", "first", "last", "other_first", "former_last"),
    [
        ("Smith (Jones), Mary", "Mary", "Smith", "", "Jones"),
        ("Smith, Mary (Molly)", "Mary", "Smith", "Molly", ""),
        ("Mary Smith (nee Jones)", "Mary", "Smith", "", "Jones"),
        ("Mary Smith née Jones", "Mary", "Smith", "", "Jones"),
        ("John Smith aka Johnny", "John", "Smith", "Johnny", ""),
        ('William "Bill" Smith', "William", "Smith", "Bill", ""),
        ("Mary Smith", "Mary", "Smith", "", ""),
    ],
)
def test_a_whole_name_may_have_another_or_a_former_name_beside_it(typed, first, last, other_first, former_last):
    found = part_whole(typed, last_first=False)
    assert (found.first, found.last, found.other_first, found.former_last) == (first, last, other_first, former_last)


@pytest.mark.parametrize(
    ("cells", "first", "middle", "last", "ending"),
    [
        (("John", "", "Smith Jr.", ""), "John", "", "Smith", "Jr."),
        (("John", "", "Smith, III", ""), "John", "", "Smith", "III"),
        (("John Jr", "", "Smith", ""), "John", "", "Smith", "Jr"),
        (("John", "JR", "Smith", ""), "John", "", "Smith", "JR"),
        (("John", "", "Smith Jr", "Sr"), "John", "", "Smith", "Sr"),
        (("Juan Junior", "", "Madeup", ""), "Juan Junior", "", "Madeup", ""),
        (("Ana 2", "", "Madeup", ""), "Ana 2", "", "Madeup", ""),
        (("Ana", "Junior", "Madeup", ""), "Ana", "Junior", "Madeup", ""),
        (("Thomas", "Two Moons", "Begay", ""), "Thomas", "Two Moons", "Begay", ""),
        (("Jr", "", "Smith", ""), "Jr", "", "Smith", ""),
    ],
)
def test_a_suffix_is_found_in_whichever_cell_it_stands(cells, first, middle, last, ending):
    found = part_cells(*cells)
    assert (found.first, found.middle, found.last, found.suffix) == (first, middle, last, ending)


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


@pytest.mark.parametrize(
    ("nickname", "name"),
    [
        ("pepe", "jose"), ("pancho", "francisco"), ("paco", "francisco"), ("lupe", "guadalupe"), ("chuy", "jesus"),
        ("nacho", "ignacio"), ("beto", "alberto"), ("beto", "roberto"), ("memo", "guillermo"), ("concha", "concepcion"),
        ("chela", "graciela"), ("lalo", "eduardo"), ("kike", "enrique"), ("poncho", "alfonso"), ("chema", "jose"),
        ("tono", "antonio"), ("licha", "alicia"), ("tencha", "hortensia"), ("lencho", "lorenzo"), ("wicho", "luis"),
        ("bob", "robert"), ("bill", "william"), ("peggy", "margaret"), ("liz", "elizabeth"), ("jack", "john"),
        ("tony", "anthony"), ("tony", "antonio"), ("jeff", "jeffrey"), ("frank", "francisco"), ("alex", "alejandro"),
    ],
)  # fmt: skip
def test_a_nickname_meets_its_name(nickname, name):
    assert name in roots(nickname)
    assert len(nicknames()[nickname]) <= MAX_ROOTS


def test_no_nickname_stands_for_itself_or_twice_for_one_name():
    assert all(nick not in full and len(set(full)) == len(full) for nick, full in nicknames().items())
