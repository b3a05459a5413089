# ruff: noqa: E501 -- a list of headers a field reads best
"""Columns are known by their headers as agencies write them, and nothing but the allow-list is ever read."""

import pytest
from client_lists import sheet, table
from hypothesis import given
from hypothesis import strategies as st

from hashing.columns import TableKind, agree_on_numbers, understand
from hashing.contents import field_of_column
from hashing.fields import Field, field_of_header
from hashing.importers.sheets import Sheet

KNOWN = {
    Field.FIRST: "First|FirstName|First Name*|Pt First|Client's First Name|FIRST_NM|PAT_FIRST_NAME|Legal First Name|"
    "First Name (Legal)|Given Name(s)|fname|Camper First|name.given|Nombre|Nombre(s)|Primer nombre|First Name / Nombre|First Name (Participant)|First Name:|Nombre - First Name",
    Field.LAST: "Last|LAST_NM|Surname|Family Name|Client Last Name|lname|name.family|Apellidos|"
    "Apellido Paterno|Primer Apellido|Last Name / Apellido|Legal Last Name|Last Name (Client)",
    Field.SECOND_LAST: "Apellido Materno|Segundo Apellido|Second Last Name|Mother's Last Name",
    Field.FULL_NAME: "Name|Client|Client Name|Full Name|Patient Name|Head of Household|HOH Name|Last Name, First Name|"
    "Name (Last, First MI)|Last, First|First and Last Name|Nombre completo|Nombres y Apellidos|Nombre del cliente|What is your name?|Apellidos y Nombres|Name of Head of Household|Name/Nombre|Client's Full Name",
    Field.MIDDLE: "MI|Middle Initial|Middle Name|Pt Middle|mname|M.I.",
    Field.SUFFIX: "Suffix|NameSuffix|Name Suffix",
    Field.ALIAS: "Nickname|Preferred Name|Goes By|AKA|a.k.a.|Alias|Preferred First Name",
    Field.FORMER_LAST: "Maiden Name|MAIDEN|Previous Last Name|Former Name|Last Name at Birth",
    Field.BIRTH_DATE: "dob|D.O.B.|DoB|Date of Birth (MM/DD/YYYY)|DOB mm/dd/yy|BIRTHDATE|birth_dt|Birthday|Patient DOB|"
    "Born|Year of Birth|Fecha de Nacimiento|Fecha Nac.|F. Nacimiento|DOB / Fecha de nacimiento|Date of birth (if you don't mind)|Please enter your date of birth",
    Field.SSN: "SSN|SS#|Social|Soc Sec No|Soc. Sec. #|Social Security #|Full SSN|SSN (last 4)|Last 4 of SSN|SSN4|L4SSN|"
    "Last Four|Client Social Security Number|Número de Seguro Social|SSN (XXX-XX-####)|SSN (###-##-####)|SS No.|SSN Last Four Digits|NSS|Soc Sec No Dashed",
    Field.PHONE: "Phone|Cell|Mobile|Home Phone #|Phone 2|Phone1|Alt Phone|Telephone Number|phone_h|"
    "Phone number (with area code)|Teléfono|Celular|Phone/Teléfono|No. de teléfono|¿Cuál es su teléfono?",
    Field.ADDRESS: "Address|Street Address|Address Line 1|Street Address 1|Addr1|ADD_LINE_1|Residence|"
    "LastPermanentStreet|Dirección|Domicilio|Full Address|Complete Address|Address/Dirección|Dirección de casa",
    Field.UNIT: "Address 2|Apt|Apt #|Apt/Unit|Unit #|ADD_LINE_2|Address Line 2",
    Field.ZIP: "Zip|Zip Code|ZIP5|Zip/Postal Code|Postal|LastPermanentZIP|address.postalCode|Código Postal",
    Field.CLIENT_ID: "PersonalID|Client ID|clientid|Client #|ID|Patient ID|MRN|Chart #|Acct No|PAT_MRN_ID|HMIS ID|"
    "Neighbor ID|Client Uid|rec_id|internal_person_id|Número de Cliente|No. de Cliente|ClientID#|HMIS Client ID|Unique Client ID|ID Number|Participant Unique Identifier|Patron ID",
    Field.HOUSEHOLD_ID: "Household ID|HouseholdID|HH #|Family ID|family_no",
    Field.SERVICE_DATE: "Date|Visit Date|Date of Service|DOS|Date Served|DateProvided|Check-in Time|"
    "Service Provide Start Date|Fecha de Visita|Svc Date|Date Seen|Date of Stay|Bed Night Date|Stay Date",
    Field.SERVICE: "Service|Services|Program Name|TypeProvided|Service Type|Type of Service|RecordType|Programa",
    Field.NAME_QUALITY: "NameDataQuality|Name Quality",
    Field.SSN_QUALITY: "SSNDataQuality",
    Field.BIRTH_DATE_QUALITY: "DOBDataQuality|DOB Quality",
    Field.DELETED: "DateDeleted",
    Field.CONSENT: "Consent|Care Coordination Consent|Consent to Share",
    Field.CONSENT_EXPIRES: "Consent Expires|Expires|Consent valid until",
    Field.CONSENT_RECIPIENTS: "Share With|Recipients",
    Field.UNITS: "Units|Qty|Nights",
    Field.ENTRY_DATE: "EntryDate",
}  # fmt: skip
NEVER_READ = (
    "Notes|Case Notes|Program Notes|Service Notes|Visit Notes|Client Notes|Patient Notes|Comments|Diagnosis|Dx|"
    "Diagnosis Code|Reason for Visit|Allergies|Medications|Race|Ethnicity|Gender|Sex|Veteran|DomesticViolenceSurvivor|"
    "CurrentlyFleeing|DisabilityType|Income|Case Manager|Provider|Emergency Contact|Parent Name|Guardian Name|"
    "Spouse Name|Work Phone|Emergency Contact Phone|Fax|Email|City|State|Age|Family Size|HH Size|# in Household|"
    "Member Type|Client Status|Intake Date|Date Created|Created By|Last Updated|Timestamp|"
    "SourceContactFirst|SourceContactPhone|UserFirstName|UserPhone|ExportID|Site Name|Organization Name|"
    "Mother's Maiden Name|Email/Phone|Name of Emergency Contact|Spouse Name / Nombre del cónyuge|Name (Emergency)|"
    "Birth Month|Number|Registration #|Encounter ID|Referral ID|Do you have a phone?|Ship to address|What is your income?"
)


@pytest.mark.parametrize(("field", "header"), [(f, h) for f, headers in KNOWN.items() for h in headers.split("|")])
def test_a_header_is_known_as_agencies_write_it(field, header):
    assert field_of_header(header) is field
    assert field_of_header(header.upper()) in {field, None}
    assert field_of_header(f" {header} ") is field


@pytest.mark.parametrize("header", NEVER_READ.split("|"))
def test_columns_that_no_allow_list_names_are_never_read(header):
    assert field_of_header(header) is None


@given(header=st.text())
def test_no_header_stops_the_reading(header):
    field_of_header(header)


@pytest.mark.parametrize(
    ("header", "values", "field"),
    [
        ("Column4", [f"512-34-567{n}" for n in range(9)], Field.SSN),
        ("", [f"(360) 555-010{n}" for n in range(9)], Field.PHONE),
        ("Column3", [f"{1940 + 7 * n}-05-06" for n in range(9)], Field.BIRTH_DATE),
        ("Column3", [f"5/6/{1940 + 7 * n}" for n in range(9)], Field.BIRTH_DATE),
        ("Column3", [f"{2018 + n}-05-06" for n in range(9)], None),  # dates of service span no lifetimes
        ("Column4", ["512-34-5678"] * 4, None),  # too few to tell
        ("Column4", ["512-34-5678"] * 5 + ["see notes"] * 5, None),
        ("Case Notes", [f"512-34-567{n}" for n in range(9)], None),
        ("Diagnosis date", [f"{1940 + 7 * n}-05-06" for n in range(9)], None),
        ("Intake", [f"{1940 + 7 * n}-05-06" for n in range(9)], None),
        ("Emergency Contact Phone", [f"(360) 555-010{n}" for n in range(9)], None),
        ("Spouse SSN", [f"512-34-567{n}" for n in range(9)], None),
        ("Client", ["10001", "10002"], Field.CLIENT_ID),
        ("Client", ["Ana Made", "Bo Fict"], Field.FULL_NAME),
        ("Contact No.", ["360-555-0101", "3605550102"], Field.PHONE),
        ("Contact No.", ["C-1", "C-2"], Field.CLIENT_ID),
        ("Household", ["3", "1", "2", "4"] * 10, None),  # sizes
        ("Household", ["1", "1", "2", "3"], Field.HOUSEHOLD_ID),
        ("HH", ["FB1004", "FB1006"], Field.HOUSEHOLD_ID),
        ("Household ID", ["3", "1", "2", "4"] * 10, Field.HOUSEHOLD_ID),
    ],
)
def test_the_values_tell_where_the_header_does_not(header, values, field):
    assert field_of_column(header, values) is field


def test_a_guess_never_joins_a_column_that_is_named():
    rows = "\n".join(f"Ana | 360-555-010{n} | 360-555-020{n} | Made" for n in range(6))
    assert len(table(f"First | Phone | Column3 | Last\n{rows}").columns[Field.PHONE]) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Client ID | First | Last", TableKind.CLIENTS),
        ("Name | Phone", TableKind.CLIENTS),
        ("Client ID | Visit Date", TableKind.SERVICES),
        ("Client ID | Consent | Expires", TableKind.CONSENTS),
        ("PersonalID | HouseholdID", TableKind.DETAILS),
        ("Service | Date", TableKind.OTHER),
        ("SourceContactFirst | Address | Zip", TableKind.OTHER),
    ],
)
def test_a_table_is_known_by_its_columns(text, kind):
    assert table(text).kind is kind


@pytest.mark.parametrize(
    "text",
    ["Dear neighbor,\nthe pantry opens at nine.", "Ana | Made | 1990-05-06\nBo | Fict | 1991-05-06", "Notes", ""],
)
def test_a_sheet_without_a_row_of_known_headers_is_no_table(text):
    assert understand(sheet(text) if text else Sheet("empty.csv", [])) is None


def test_title_rows_above_the_header_are_passed_over():
    found = table("Roster 2026 |||\n|||\nClient ID | First | Last | DOB\n1 | Ana | Made | 1990-05-06")
    assert [cells[1] for _, cells in found.lines()] == ["Ana"]
    assert [line for line, _ in found.lines()] == [4]


@pytest.mark.parametrize(
    "row",
    [
        "|||",
        "Total |||",
        "Total clients: 618 |||",
        "Grand Total | 12 | 3 |",
        "TOTALS | 1,204 | $3.50 | 12%",
        "618 records: 618 |||",
        "Page 2 of 9 |||",
        "Printed 06/30/2026 by jdoe |||",
        "*** End of report *** |||",
        "Client ID | First | Last | DOB",
    ],
)
def test_blank_rows_totals_footers_and_repeated_headers_tell_of_nobody(row):
    found = table(f"Client ID | First | Last | DOB\n1 | Ana | Made | 1990-05-06\n{row}\n2 | Bo | Fict | 1991-05-06")
    assert [cells[1] for _, cells in found.lines()] == ["Ana", "Bo"]


@pytest.mark.parametrize("row", ["Total | Recall | | 1990-05-06", "Count | Basie ||", "7 | Page | Turner |"])
def test_people_whose_names_look_like_totals_are_people(row):
    found = table(f"First | Last | ID | DOB\n{row}")
    assert len(list(found.lines())) == 1


@pytest.mark.parametrize(
    "nothing", ["", "N/A", "n/a", "NULL", "nan", "NaN", "-", "--", "?", "...", "#N/A", "(null)", "#REF!", "#VALUE!"]
)
def test_a_cell_that_says_nothing_is_empty(nothing):
    found = table(f"Client ID | First | Last\n{nothing} | Ana | Made")
    assert [found.value(cells, Field.CLIENT_ID) for _, cells in found.lines()] == [""]


@pytest.mark.parametrize("name", ["Nan", "NAN", "Na", "Null-Smith", "X"])
def test_short_names_are_no_empty_cells(name):
    found = table(f"Client ID | First | Last\n1 | {name} | Made")
    assert [found.value(cells, Field.FIRST) for _, cells in found.lines()] == [name]


def test_the_clients_own_number_goes_before_a_records():
    (visits,) = agree_on_numbers([table("ID | Client ID | Visit Date\n900 | 1 | 2026-05-01")])
    assert [visits.value(cells, Field.CLIENT_ID) for _, cells in visits.lines()] == ["1"]


def test_of_several_client_numbers_the_tables_agree_on_the_one_they_share():
    clients, visits = agree_on_numbers(
        [table("Patient ID | MRN | Name | DOB\n1 | M-7 | Ana Made | 1990-05-06"), table("MRN | DOS\nM-7 | 2026-05-01")]
    )
    assert [clients.value(cells, Field.CLIENT_ID) for _, cells in clients.lines()] == ["M-7"]
    assert [visits.value(cells, Field.CLIENT_ID) for _, cells in visits.lines()] == ["M-7"]


@given(cells=st.lists(st.sampled_from(["", "1", "1.0", "N/A", '="007"', "Ana", "-"]), max_size=5))
def test_the_quick_way_to_a_field_tells_what_the_slow_one_does(cells):
    found = table("Client ID | First | Phone | Phone 2 | Last")
    for field in (*found.columns, Field.UNITS):
        assert found.getter(field)(cells) == found.value(cells, field)
