# ruff: noqa: E501 -- exports are as wide as they are
"""Exports as agencies' programs write them, each with the clients that a careful person would read from it.

All people are invented. A cell is told as the agency typed it, the answer as Headcount compares it.
"""

from dataclasses import dataclass

import pytest
from client_lists import export, told

from hashing.dates import BirthDate


@dataclass(frozen=True)
class Messy:
    """An export, and of each client first, last, birth, SSN or its last four, phone, building, unit, ZIP, household."""

    files: dict[str, str]
    clients: list[str]


LINK2FEED = Messy(
    {
        "clients": """
Household ID|First Name|Last Name|Date of Birth|Address Line 1|Address Line 2|City|Zip/Postal Code|Phone Number|Client Status
77120|Maria|Lopez Garcia|27-03-1984|450 SE Pretend St|Unit 12|Sequim|98382|(360) 555-0104|Active
77120|José|Lopez|05-06-2010|450 SE Pretend St|Unit 12|Sequim|98382||Active
77121|Anonymous|Anonymous|Prefer Not to Answer|Prefer Not to Answer||Sequim|98382|Didn't Ask|Active
77122|Bob|O'Fiction|30-11-1972|No Fixed Address|||||Active"""
    },
    [
        "line 2: maria, lopez garcia, 1984-3-27, , 3605550104, 450 pretend, 12, 98382, 77120",
        "line 3: jose, lopez, 2010-6-5, , , 450 pretend, 12, 98382, 77120",
        "line 4: , , , , , , , 98382, 77121",
        "line 5: bob, ofiction, 1972-11-30, , , , , , 77122",
    ],
)
PANTRY = Messy(
    {
        "pantry": """
Sequim pantry sign-in, June 2026||||
||||
Name|Family Size|# Kids|Address|Phone|Notes
Garcia Lopez, Maria|5|3|12 N Imaginary Rd Sequim WA 98382|360-555-0101|
Made, Bo|1|0|Homeless||call 360-555-9999
Smith Jr., John|2|0|#4, 99 Nowhere Ave|360.555.0102 / 360.555.0103|
Total|8|3|||
Printed 06/30/2026 by jdoe|||||"""
    },
    [
        "line 4: maria, garcia lopez, , , 3605550101, 12 imaginary, , 98382, ",
        "line 5: bo, made, , , , , , , ",
        "line 6: john, smith, , , 3605550102 3605550103, 99 nowhere, 4, , ",
    ],
)
EHR = Messy(
    {
        "patients": """
Patient ID|MRN|Pt Last|Pt First|Pt MI|Birth Dt|SS#|Sex|Home Phone|Cell|Address 1|Address 2|City|ST|Zip|PCP Phone|Diagnosis
1|MR-100|ZZTEST|PATIENT||01/01/1900|123-45-6789|F|3605550000||||||98382|360-555-7000|F32.9
2|MR-101|NUNEZ|ZOE|Q|3/27/1984|512-34-5678|F|(360)555-0101|360 555 0102|12 N IMAGINARY RD|APT 4|SEQUIM|WA|98382-1234|360-555-7000|F20.0""",
        "visits": "Visit ID|MRN|DOS|Visit Type|Dx\n1|MR-101|5/6/2026|Office Visit|F20.0\n2|MR-101|5/20/2026|Telehealth|F20.0",
    },
    [
        "MR-100: , , , , 3605550000, , , 98382, ",
        "MR-101: zoe, nunez, 1984-3-27, 512345678, 3605550101 3605550102, 12 imaginary, 4, 98382, ",
    ],
)
EPIC = Messy(
    {
        "extract": """
PAT_MRN_ID|PAT_LAST_NAME|PAT_FIRST_NAME|BIRTH_DATE|HOME_PHONE|ADD_LINE_1|ADD_LINE_2|ZIP|SSN
100|MADE|ANA|5/6/1990 12:00:00 AM|360-555-0101|12 N IMAGINARY RD|APT 4|98382|512-34-5678"""
    },
    ["100: ana, made, 1990-5-6, 512345678, 3605550101, 12 imaginary, 4, 98382, "],
)
SPANISH = Messy(
    {
        "clientes": """
Número de Cliente|Nombre(s)|Apellido Paterno|Apellido Materno|Fecha de Nacimiento|Teléfono|Dirección|Código Postal
1|María|López|García|3 de marzo de 1980|(360) 555-0101|12 Calle Falsa|98382
2|José Ángel|Núñez||31/12/1975||450 SE Pretend St|98382"""
    },
    [
        "1: maria, lopez garcia, 1980-3-3, , 3605550101, 12 calle falsa, , 98382, ",
        "2: jose angel, nunez, 1975-12-31, , , 450 pretend, , 98382, ",
    ],
)
WHOLE_SPANISH = Messy(
    {
        "lista": "Nombre y apellidos|F. Nacimiento|Celular\nMaría López García|03/04/1980|3605550101\nJosé Núñez|31/12/1975|"
    },
    ["line 2: maria, lopez garcia, 1980-4-3, , 3605550101, , , , ", "line 3: jose, nunez, 1975-12-31, , , , , , "],
)
NAME_AND_SURNAME = Messy(
    {"c": "Name|Surname|DOB|Mobile\nAna|Made|06.05.1990|3605550101\nBo|Fict|31.05.1991|"},
    ["line 2: ana, made, 1990-5-6, , 3605550101, , , , ", "line 3: bo, fict, 1991-5-31, , , , , , "],
)
SORT_KEY = Messy(
    {"c": "Client Name|Last Name|DOB\nAna Q Made|Made|5/6/1990\nBo Fict Lopez|Fict Lopez|5/6/1991"},
    ["line 2: ana, made, 1990-5-6, , , , , , ", "line 3: bo, fict lopez, 1991-5-6, , , , , , "],
)
FIXED_WIDTH_HABITS = Messy(
    {
        "EXTRACT": """
LAST_NM|FIRST_NM|BIRTH_DT|SSN|ADDR_1|ZIP5
MADE|ANA|19900506|512345678|12 N IMAGINARY RD|98382
DOE|JANE|19900101|999999999||"""
    },
    ["line 2: ana, made, 1990-5-6, 512345678, , 12 imaginary, , 98382, ", "line 3: , , 1990, , , , , , "],
)
NUMBERS_THAT_LOST_ZEROS = Messy(
    {"c": "Last Name, First Name|DOB|Last 4 SSN|Zip\nMade, Ana|5061990|345|8382\nFict, Bo|12311991|4321|98382.0"},
    ["line 2: ana, made, 1990-5-6, 0345, , , , 08382, ", "line 3: bo, fict, 1991-12-31, 4321, , , , 98382, "],
)
PAGED = Messy(
    {
        "report": """
Clallam Roster||||
Client Number|Client Name|Birthdate|Home Phone|SSN Last Four
101|MADE ANA Q|05/06/1990|3605550101|1234
102|LOPEZ MARIA|12/25/1944||
Page 1 of 2||||
Client Number|Client Name|Birthdate|Home Phone|SSN Last Four
103|GARCIA JOSE|01/15/1980||0042
Total records: 3||||"""
    },
    [
        "101: ana, made, 1990-5-6, 1234, 3605550101, , , , ",
        "102: maria, lopez, 1944-12-25, , , , , , ",
        "103: jose, garcia, 1980-1-15, 0042, , , , , ",
    ],
)
WEB_FORM = Messy(
    {
        "form": """
Timestamp|Email Address|First and Last Name|Date of Birth|Phone number (with area code)|Street address|How many in household?
6/1/2026 10:02:11|a@example.org|Ana Made|5/6/1990|360-555-0101|12 N Imaginary Rd|3"""
    },
    ["line 2: ana, made, 1990-5-6, , 3605550101, 12 imaginary, , , "],
)
DATA_FRAME = Messy(
    {
        "c": "client_id|first|last|dob|ssn|phone|zip\n1|Ana|Made|1990-05-06|512345678.0|3605550101.0|98382.0\n2|nan|nan|NaN|nan|NaN|nan"
    },
    ["1: ana, made, 1990-5-6, 512345678, 3605550101, , , 98382, ", "2: , , , , , , , , "],
)
FHIR_TABLE = Messy(
    {
        "patients": """
id|name.family|name.given|birthDate|telecom.phone|address.line|address.postalCode
a-1|Made|Ana|1990-05|360-555-0101|12 N Imaginary Rd|98382"""
    },
    ["a-1: ana, made, 1990, , 3605550101, 12 imaginary, , 98382, "],
)
HMIS_REPORT = Messy(
    {
        "report": """
Client Uid|Name|Name Quality|DOB|DOB Quality|SSN|SSN Quality
1|Ana Made|Full name reported|05/06/1990|Client doesn't know|512-34-5678|Data not collected
2|Bo Fict|Client prefers not to answer|05/06/1990|Full DOB reported|512-34-5678|Full SSN reported"""
    },
    ["1: ana, made, , , , , , , ", "2: , , 1990-5-6, 512345678, , , , , "],
)
SUFFIX_IN_SURNAME = Messy(
    {"c": "Last Name|First Name|DOB\nMade Jr.|Ana|5/6/1990\nFict II|Bo|5/6/1991\nJr|Cy|5/6/1992"},
    [
        "line 2: ana, made, 1990-5-6, , , , , , ",
        "line 3: bo, fict, 1991-5-6, , , , , , ",
        "line 4: cy, jr, 1992-5-6, , , , , , ",
    ],
)
CAMP = Messy(
    {
        "camp": """
Camper Last|Camper First|Camper DOB|Parent/Guardian Name|Parent Phone|Home Address|Allergies
Made|Ana|5/6/2015|Zed Made|360-555-0101|12 N Imaginary Rd|nuts"""
    },
    ["line 2: ana, made, 2015-5-6, , , 12 imaginary, , , "],
)
CARDS_OF_FAMILIES = Messy(
    {"c": "Case ID|First Name|Last Name|DOB|HH\n77|Ana|Made||2\n77|Bo|Made||2\n77|Ana|Made|5/6/1990|2\n78|Cy|Made||"},
    ["77: ana, made, 1990-5-6, , , , , , 2", "77: bo, made, , , , , , , 2", "78: cy, made, , , , , , , "],
)
TWO_LISTS = Messy(
    {"a": "First|Last|DOB\nAna|Made|\nBo|Fict|5/6/1990", "b": "First|Last|DOB\nCy|Other|\nDi|Person|"},
    [
        "a.csv, line 2: ana, made, , , , , , , ",
        "a.csv, line 3: bo, fict, 1990-5-6, , , , , , ",
        "b.csv, line 2: cy, other, , , , , , , ",
        "b.csv, line 3: di, person, , , , , , , ",
    ],
)
RUINED_BY_EXCEL = Messy(
    {"c": "Client ID|First|Last|DOB|SSN|Phone\n1|Ana|Made|33000|5.12346E+08|3.60556E+09\n2|Bo|Fict|33001|####|#####"},
    ["1: ana, made, 1990-5-7, , , , , , ", "2: bo, fict, 1990-5-8, , , , , , "],
)
ALL = {name.lower(): value for name, value in list(globals().items()) if isinstance(value, Messy)}


def shown(client: object) -> str:
    """One client in one line."""
    fields = "client_id first last birth ssn ssn4 phones address household"
    ((number, first, last, born, ssn, ssn4, phones, home, household),) = told([client], *fields.split())
    parts = [first, last, _date(born), ssn or ssn4, phones, home.building, home.unit, home.zip, household]
    return f"{number}: {', '.join(parts)}"


def _date(born: BirthDate | None) -> str:
    if born is None:
        return ""
    return f"{born.year}-{born.month}-{born.day}" if born.is_whole else str(born.year)


@pytest.mark.parametrize("name", ALL)
def test_an_export_is_read_as_a_careful_person_would(tmp_path, name):
    assert [shown(client) for client in export(tmp_path, **ALL[name].files).clients] == ALL[name].clients


def test_services_find_their_clients_by_the_number_that_both_tables_have(tmp_path):
    (_, patient) = export(tmp_path, **EHR.files).clients
    assert [(s.area, s.month, s.units) for s in patient.services] == [("health", "2026-05", 2)]


def test_names_in_brackets_and_quotes_are_other_names(tmp_path):
    text = 'First Name|Last Name|Date of Birth\nWilliam "Bill"|Smith|1990-05-06\nElizabeth (Betsy)|Jones (Brown)|1991-05-06'
    found = export(tmp_path, c=text).clients
    assert told(found, "first", "last") == [("william", "smith"), ("elizabeth", "jones")]
    assert [(c.other_firsts, c.former_lasts) for c in found] == [((("bill",),), ()), ((("betsy",),), (("brown",),))]


def test_numbers_that_a_spreadsheet_ruined_are_counted(tmp_path):
    (note,) = export(tmp_path, **RUINED_BY_EXCEL.files).notes
    assert note == "4 numbers were ruined by a spreadsheet (1.23E+08 or ####): export those columns as text"


def test_names_in_other_scripts_meet_their_latin_forms(tmp_path):
    text = "ID|First|Last|DOB\n1|Ольга|Гельман|06.05.1990\n2|Olga|Gelman|06.05.1990\n3|Nguyễn|Thị Hoa|31.05.1991"
    assert told(export(tmp_path, c=text).clients, "first", "last") == [
        ("olga", "gelman"),
        ("olga", "gelman"),
        ("hoa", "nguyen"),  # typed family name first
    ]
