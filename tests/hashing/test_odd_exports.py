# ruff: noqa: E501 -- exports are as wide as they are
"""Odd little exports, byte for byte as programs and people save them, each with what a careful person would read.

All people are invented.
"""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from client_lists import TODAY, export, told, write
from workbooks import workbook

from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.export import read_export


@dataclass(frozen=True)
class Odd:
    """Files, and of each client: number, first, last, birth, SSN or its last four, phone, home, other names, services."""

    files: dict[str, str | bytes]
    clients: list[str]


EHR_WITH_EVERY_HEADER = Odd(
    {"ehr.csv": """\
Patient ID,MRN,Chart #,Acct No,Pt First,Pt Last,Patient Name,DOB,D.O.B.,Sex,Gender,SSN,SS#,Soc Sec No,Home Phone,Cell,Mobile,Address 1,Street,City,ST,Zip,Postal
P1,M9,C7,A3,Ana,Made,"Made, Ana",3/27/1984,,F,F,512-34-5678,,,(360) 555-0101,360-555-0102,,12 N Imaginary Rd,,Sequim,WA,98382,
P2,M8,C6,A2,Bo,Fict,"Fict, Bo",,7/14/1961,M,M,,601020304,,,,,,99 Nowhere Ave,Sequim,WA,,98362
"""},
    ["P1: ana made 1984-3-27 512345678 3605550101 3605550102 12 imaginary 98382", "P2: bo fict 1961-7-14 601020304 99 nowhere 98362"],
)  # fmt: skip
EPIC = Odd(
    {"epic.csv": """\
PAT_MRN_ID,PAT_NAME,BIRTH_DATE,SSN,HOME_PHONE,ADD_LINE_1,ADD_LINE_2,ZIP,PCP_NAME,LAST_VISIT_DATE
E1,"MADE,ANA Q",1984-03-27 00:00:00.000,512-34-5678,360-555-0101,12 N IMAGINARY RD,APT 4,98382-1234,"DOE,JANE MD",2026-05-01
E2,"DE LA CRUZ,MARIA ELENA",1961-07-14,xxx-xx-1234,,,,98362,,
"""},
    ["E1: ana made 1984-3-27 512345678 3605550101 12 imaginary 4 98382", "E2: maria de la cruz 1961-7-14 1234 98362"],
)  # fmt: skip
LINK2FEED_OF_ONE_HOUSEHOLD = Odd(
    {"link2feed.csv": """\
Household ID,First Name,Last Name,Date of Birth,Address Line 1,City,Zip Code,Phone
77120,Maria,Lopez,27-03-1984,450 SE Pretend St,Sequim,98382,3605550104
77120,Jose,Lopez,05-06-2010,450 SE Pretend St,Sequim,98382,
77120,Anonymous,Anonymous,Prefer Not to Answer,,,,
"""},
    ["line 2: maria lopez 1984-3-27 3605550104 450 pretend 98382", "line 3: jose lopez 2010-6-5 450 pretend 98382", "line 4:"],
)  # fmt: skip
SPANISH = Odd(
    {"clientes.csv": """\
No. de Cliente;Apellido Paterno;Apellido Materno;Nombre(s);Apodo;Fecha de Nacimiento;Sexo;Teléfono;Celular;Domicilio;Código Postal;Familia
17;Muñoz;García;José Luis;Pepe;03/04/1980;M;360 555 0101;;12 Elm St;98382;F-3
"""},
    ["17: jose luis munoz garcia 1980-4-3 3605550101 12 elm 98382 (pepe)"],
)  # fmt: skip
SPANISH_WITH_MONTHS_IN_WORDS = Odd(
    {"clientes.csv": 'Id Cliente,Nombre Completo,Fecha Nac.,Tel.\n1,"García López, María",3 de marzo de 1980,360-555-0101\n2,José Hernández Pérez,14/07/1961,\n'},
    ["1: maria garcia lopez 1980-3-3 3605550101", "2: jose hernandez perez 1961-7-14"],
)  # fmt: skip
PIPES_WITH_TIMES = Odd(
    {"jail.txt": """\
internal_person_id|full_name|first_name|last_name|dob|ssn|street_address|city|state|postal_code
1||Ana|Made|3/23/81 20:13|512-34-5678|12 N Imaginary Rd|Sequim|WA|98382
2||Bo|Fict|1961-07-14 00:00:00|xxx-xx-1234||||
"""},
    ["1: ana made 1981-3-23 512345678 12 imaginary 98382", "2: bo fict 1961-7-14 1234"],
)  # fmt: skip
UNICODE_TEXT_OF_EXCEL = Odd(
    {"list.txt": "\ufeffClient #\tLast Name\tFirst Name\tDOB\r\n1\tNúñez\tZoë\t3/27/1984\r\n".encode("utf-16-le")},
    ["1: zoe nunez 1984-3-27"],
)
MOJIBAKE = Odd(
    {"list.csv": "Client ID,First,Last,DOB\n1,JosÃ©,PeÃ±a,1980-02-03\n2,RenÃ©e,Dâ€™Angelo,1981-02-03\n"},
    ["1: jose pena 1980-2-3", "2: renee dangelo 1981-2-3"],
)
LATIN_AND_SEMICOLONS = Odd(
    {"list.csv": "PatientNo;Surname;GivenName;DOB;Postcode\n1;Müller;Jörg;31-DEC-80;98382\n".encode("latin-1")},
    ["1: jorg muller 1980-12-31 98382"],
)
LOG_OF_VISITS_WITHOUT_NUMBERS = Odd(
    {"pantry log.csv": """\
Visit Date,First Name,Last Name,DOB,Service
5/1/2026,Ana,Made,3/27/1984,Food box
5/8/2026,ANA,MADE,03/27/1984,Food box
6/1/2026,Bo,Fict,7/14/1961,Hot meal
6/2/2026,Ana,Made,4/1/1990,Food box
"""},
    ["line 2: ana made 1984-3-27 {food 2026-05 2}", "line 4: bo fict 1961-7-14 {food 2026-06 1}", "line 5: ana made 1990-4-1 {food 2026-06 1}"],
)  # fmt: skip
LOG_OF_NAMES_AND_PHONES = Odd(
    {"pantry log.csv": """\
Date,Name,Phone,# in HH
5/1/2026,"Made, Ana",360-555-0101,3
5/8/2026,"Made, Ana",(360) 555-0101,3
5/8/2026,"Made, Ana",360-555-0199,3
5/9/2026,"Fict, Bo",,1
5/10/2026,"FICT, BO",,1
"""},
    ["line 2: ana made 3605550101 {food 2026-05 2}", "line 4: ana made 3605550199 {food 2026-05 1}", "line 5: bo fict {food 2026-05 2}"],
)  # fmt: skip
TWO_LOGS_OF_THE_SAME_PERSON = Odd(
    {
        "May.csv": "Name,DOB,Date\nAna Made,3/27/1984,5/1/2026\n",
        "June.csv": "Name,DOB,Date\nBo Fict,7/14/1961,6/1/2026\nAna Made,3/27/1984,6/2/2026\n",
    },
    [
        "May.csv, line 2: ana made 1984-3-27 {other 2026-05 1} {other 2026-06 1}",
        "June.csv, line 2: bo fict 1961-7-14 {other 2026-06 1}",
    ],
)
TITLES_BLANK_COLUMNS_AND_A_HEADER_TWICE = Odd(
    {"report.csv": """\
,,,,,,
My Agency,,,,,,
Client report,,"Jan 1, 2026 - Jun 30, 2026",,,,
,,,,,,
,Client ID,,Name,Name,DOB,
,1,,Ana,Made,3/27/1984,
,2,,Mary,Fict,7/14/1961,
,Total,,2,,,
"""},
    ["1: ana made 1984-3-27", "2: mary fict 1961-7-14"],
)  # fmt: skip
CLIENT_MEANS_A_NAME_HERE_AND_A_NUMBER_THERE = Odd(
    {
        "list.csv": 'Client,DOB,Phone,Client Number\n"Made, Ana",3/27/1984,360-555-0101,C-1\n',
        "visits.csv": "Client,Service Date,Service\nC-1,2026-05-01,Case management\n",
    },
    ["C-1: ana made 1984-3-27 3605550101 {outreach 2026-05 1}"],
)
CLIENT_MEANS_A_NUMBER = Odd(
    {"list.csv": 'Client,Client Name,Birthdate\n1001,"Made, Ana",3/27/1984\n1002,Bo Fict,7/14/1961\n'},
    ["1001: ana made 1984-3-27", "1002: bo fict 1961-7-14"],
)
NUMBERS_THAT_BECAME_MEASUREMENTS = Odd(
    {
        "list.csv": "id,first,last,dob,ssn,phone,zip\n1.0,Ana,Made,1984-03-27,12345678.0,3606835555.0,98382.0\n2.0,Bo,Fict,16133.0,1.23457E+08,3.60684E+09,1801.0\n",
        "visits.csv": "id,visit date,service\n1,2026-05-01,Food box\n",
    },
    ["1: ana made 1984-3-27 012345678 3606835555 98382 {food 2026-05 1}", "2: bo fict 1944-3-2 01801"],
)
NUMBERS_THAT_LOST_THEIR_ZEROS = Odd(
    {
        "list.csv": "Client ID,First,Last,DOB\n00101,Ana,Made,3/27/1984\n00102,Bo,Fict,7/14/1961\n0103,Cy,Third,10/11/1990\n103,Di,Fourth,12/13/1991\n",
        "visits.xlsx": workbook(
            V=[["Client ID", "Date", "Service"], [101, date(2026, 5, 1), "Food"], [103, date(2026, 5, 2), "Food"]]
        ),
    },
    [
        "00101: ana made 1984-3-27 {food 2026-05 1}",
        "00102: bo fict 1961-7-14",
        "0103: cy third 1990-10-11",
        "103: di fourth 1991-12-13 {food 2026-05 1}",
    ],
)
CELLS_WITH_LINES_AND_QUOTES = Odd(
    {
        "list.csv": 'Client ID,Name,DOB,Address\r\n1,"Made, Ana","3/27/1984","12 N Imaginary Rd\nSequim, WA 98382"\r\n2,"O\'Fict, ""Bo"" Robert",7/14/1961,\r\n'
    },
    ["1: ana made 1984-3-27 12 imaginary 98382", "2: robert ofict 1961-7-14 (bo)"],
)
APRICOT = Odd(
    {"apricot.csv": """\
"Participant Unique Identifier","First Name (Participant)","Last Name (Participant)","Date of Birth (Participant)","Phone Number","Record ID","Enrollment Date"
"P-1","Ana","Made","03/27/1984","(360) 555-0101","991","01/02/2026"
"""},
    ["P-1: ana made 1984-3-27 3605550101"],
)  # fmt: skip
SALESFORCE = Odd(
    {"npsp.csv": """\
"Contact ID","First Name","Last Name","Birthdate","Mobile","Mailing Street","Mailing Zip/Postal Code","Account Name","Household ID"
"0035x00001","Ana","Made","3/27/1984","(360) 555-0101","12 N Imaginary Rd","98382","Made Household","0015x001"
"""},
    ["0035x00001: ana made 1984-3-27 3605550101 12 imaginary 98382"],
)  # fmt: skip
SERVICE_POINT = Odd(
    {"art.csv": """\
Client Uid,Client First Name,Client Last Name,Client Date of Birth,Soc Sec No Dashed,Provider,Entry Exit Entry Date,Service Provide Start Date,Service Code Description
12,Ana,Made,03/27/1984,512-34-5678,Shelter(12),01/02/2026,02/03/2026,Emergency Shelter
12,Ana,Made,03/27/1984,512-34-5678,Shelter(12),01/02/2026,02/04/2026,Emergency Shelter
"""},
    ["12: ana made 1984-3-27 512345678 {shelter 2026-02 2}"],
)  # fmt: skip
ANSWERS_TO_A_FORM = Odd(
    {"form.csv": """\
Timestamp,What is your name?,"Date of birth (if you don't mind)",Phone number,"How many people in your household?"
6/1/2026 9:02:11,Ana Made,3/27/1984,3605550101,3
6/8/2026 9:10:11,ana made,3/27/1984,360 555 0101,3
"""},
    ["line 2: ana made 1984-3-27 3605550101"],
)  # fmt: skip
OTHER_NAMES = Odd(
    {
        "list.csv": 'ID,Last Name,First Name,Preferred Name,Maiden Name,AKA,D.O.B\n1,Made,Elizabeth,Betsy,Brown,"Liz Brown",27-Mar-84\n'
    },
    ["1: elizabeth made 1984-3-27 (betsy) (liz) [brown]"],
)
REPORT_OF_A_WORKBOOK = Odd(
    {"report.xlsx": workbook(R=[
        ["Food Bank"], ["Client List"], ["As of 06/30/2026"], [], [None, "Client #", None, "Client Name", None, "Birth Date", "Phone"],
        [None, 1.0, None, "MADE, ANA", None, datetime(1984, 3, 27), "3605550101"], [None, 2.0, None, "FICT, BO", None, "3/2/44", None],  # noqa: DTZ001 -- a cell has no zone
        [None, 3.0, None, "THIRD, CY", None, 16133, 3606835555], [], [None, "Printed by jdoe"], [None, "Count: 3"],
    ])},
    ["1: ana made 1984-3-27 3605550101", "2: bo fict 1944-3-2", "3: cy third 1944-3-2 3606835555"],
)  # fmt: skip
SUFFIXES_AND_POINTS = Odd(
    {"list.csv": "Name;DOB;SSN4;Cell\nAna Q. Made;Mar 27, 84;5678;(360)555-0101\nBo Fict Jr;7.14.61;0123;\n"},
    ["line 2: ana made 1984-3-27 5678 3605550101", "line 3: bo fict 1961-7-14 0123"],
)
TABS_TO_THE_END_OF_THE_LINE = Odd(
    {"list.tsv": "Client ID\tFirst\tLast\tDOB\t\t\n1\tAna\tMade\t3/27/1984\t\t\n"}, ["1: ana made 1984-3-27"]
)
CONFIDENTIAL_AS_AN_ADDRESS_IS_NO_HOLD = Odd(
    {
        "list.csv": "Client ID,First,Last,DOB,Address,Confidential\n1,Ana,Made,3/27/1984,CONFIDENTIAL,\n2,Bo,Fict,7/14/1961,12 Elm St,Y\n"
    },
    ["1: ana made 1984-3-27"],
)
VISITS_BY_NAME_BESIDE_A_LIST = Odd(
    {
        "list.csv": "Client ID,Name,DOB\n1,Ana Made,3/27/1984\n2,Bo Fict,7/14/1961\n3,Bo Fict,1/2/1990\n",
        "visits.csv": 'Name,Visit Date,Service\nAna Made,5/1/2026,Food box\n"Made, Ana",5/8/2026,Food box\nBo Fict,5/8/2026,Food box\nCy Third,5/8/2026,Food box\n',
    },
    [
        "1: ana made 1984-3-27 {food 2026-05 2}",
        "2: bo fict 1961-7-14",
        "3: bo fict 1990-1-2",
        "visits.csv, line 4: bo fict {food 2026-05 1}",
        "visits.csv, line 5: cy third {food 2026-05 1}",
    ],
)
VISITS_BY_NAME_AND_BIRTH_BESIDE_A_LIST = Odd(
    {
        "list.csv": "Client ID,Name,DOB\n1,Ana Made,3/27/1984\n2,Ana Made,1/2/1990\n",
        "visits.csv": "Name,DOB,Visit Date,Service\nAna Made,1/2/1990,5/1/2026,Food box\nAna Made,5/6/1970,5/1/2026,Food box\n",
    },
    [
        "1: ana made 1984-3-27",
        "2: ana made 1990-1-2 {food 2026-05 1}",
        "visits.csv, line 3: ana made 1970-5-6 {food 2026-05 1}",
    ],
)
A_BIRTH_DATE_IN_THREE_COLUMNS = Odd(
    {
        "list.csv": "Client ID,First,Last,Birth Month,Birth Day,Birth Year\n1,Ana,Made,3,27,1984\n2,Bo,Fict,Jul,14,61\n3,Cy,Third,,,1990\n4,Di,Fourth,12,31,91\n5,Ed,Fifth\n\nTotal,5\n"
    },
    ["1: ana made 1984-3-27", "2: bo fict 1961-7-14", "3: cy third 1990", "4: di fourth 1991-12-31", "5: ed fifth"],
)
NUMBERS_GUARDED_FROM_EXCEL = Odd(
    {
        "list.csv": 'Client ID,First,Last,DOB,SSN,Zip\n="00101",Ana,Made,3/27/1984,="012345678",="01801"\n\'00102,Bo,Fict,7/14/1961,\'512345678,\n',
        "visits.csv": "Client ID,Visit Date\n00101,2026-05-01\n",
    },
    ["00101: ana made 1984-3-27 012345678 01801 {other 2026-05 1}", "00102: bo fict 1961-7-14 512345678"],
)
TWO_LANGUAGES = Odd(
    {
        "lista.csv": "Client ID,First Name / Nombre,Last Name / Apellido,DOB / Fecha de nacimiento,Phone/Teléfono,Email/Phone\n1,Ana,Made,31/03/1984,360-555-0101,360-555-0199\n"
    },
    ["1: ana made 1984-3-31 3605550101"],
)
ERRORS_OF_A_WORKBOOK = Odd(
    {"list.csv": "Client ID,First,Last,DOB,Phone\n1,Ana,Made,3/27/1984,#REF!\n2,#NAME?,Fict,7/14/1961,#N/A\n"},
    ["1: ana made 1984-3-27", "2: fict 1961-7-14"],
)
ALL = {name.lower(): value for name, value in list(globals().items()) if isinstance(value, Odd)}


def shown(client: Client) -> str:
    """One client in one line; what is not known is not there."""
    ((number, first, last, ssn, ssn4, phones),) = told([client], "client_id", "first", "last", "ssn", "ssn4", "phones")
    born = client.birth and (
        f"{client.birth.year}-{client.birth.month}-{client.birth.day}" if client.birth.is_whole else client.birth.year
    )
    home = (client.address.building, client.address.unit, client.address.zip)
    others = [f"({' '.join(name)})" for name in client.other_firsts] + [
        f"[{' '.join(name)}]" for name in client.former_lasts
    ]
    served = [f"{{{s.area} {s.month} {s.units}}}" for s in client.services]
    return " ".join(
        str(part) for part in (f"{number}:", first, last, born, ssn or ssn4, phones, *home, *others, *served) if part
    )


@pytest.mark.parametrize("name", ALL)
def test_an_odd_export_is_read_as_a_careful_person_would(tmp_path, name):
    paths = [write(tmp_path, file, content) for file, content in ALL[name].files.items()]
    assert [shown(client) for client in read_export(paths, today=TODAY).clients] == ALL[name].clients


def test_rows_that_were_taken_for_the_one_client_of_their_name_are_told_of(tmp_path):
    odd = VISITS_BY_NAME_BESIDE_A_LIST
    paths = [write(tmp_path, file, content) for file, content in odd.files.items()]
    notes = read_export(paths, today=TODAY).notes
    assert "2 rows hold a name alone, and were taken for the one client of that name" in notes


def test_a_birth_date_in_three_columns_under_one_merged_header_is_read(tmp_path):
    rows = [
        ["CONFIDENTIAL"],
        ["Pantry clients"],
        ["", "Client Name", "", "Birth Date", "", "", "Phone"],
        ["No.", "Last", "First", "Month", "Day", "Year", "(cell)"],
        [1, "Made", "Ana", 3, 27, 1984, "360-555-0101"],
        [2, "Fict", "Bo", 7, 14, 1961, "360-555-0102"],
    ]
    expected = [
        ("ana", "made", BirthDate(1984, 3, 27), "3605550101"),
        ("bo", "fict", BirthDate(1961, 7, 14), "3605550102"),
    ]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    for path in (write(tmp_path, "c.xlsx", workbook(Roster=rows)), write(tmp_path, "c.csv", text)):
        assert told(read_export([path], today=TODAY).clients, "first", "last", "birth", "phones") == expected


def test_the_questions_of_a_form_are_headers(tmp_path):
    questions = "What is your name? (First and Last)|When were you born?|Phone number (optional)|How many people are in your household?"
    (ana,) = export(tmp_path, c=f"{questions}\nAna Made|3/27/1984|360-555-0101|3").clients
    assert told([ana], "first", "last", "birth", "phones") == [("ana", "made", BirthDate(1984, 3, 27), "3605550101")]


@pytest.mark.parametrize(
    "header", ["Address/City/ZIP", "Address, City, State and Zip Code", "Street Address City", "Dirección / Ciudad"]
)
def test_an_address_with_its_city_in_one_cell_is_an_address(tmp_path, header):
    (ana,) = export(tmp_path, c=f"Name|DOB|{header}\nAna Made|1984-03-27|12 Cedar St, Sequim, WA 98382").clients
    assert (ana.address.building, ana.address.zip) == ("12 cedar", "98382")
