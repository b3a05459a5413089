"""A town as its agencies would export it: one client list each, in ordinary but differing layouts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.population import TODAY
from bench.profiles import AgencyProfile
from bench.schema import Person, Town, TownRecord
from evaluation.subgroups import age_band

TRUTH_COLUMNS = ("agency", "client_id", "person_id", "household_id", "origin", "age_band", "tags")
VALUE_COLUMNS = (
    "agency", "client_id", "first", "middle", "last", "suffix", "dob", "ssn", "address", "city", "zip", "phone"
)  # fmt: skip

Read = Callable[[TownRecord], str]

_HEADERS = {
    "client_id": ("client_id", "Client ID", "PersonalID", "Client #", "id"),
    "name": ("Name", "Client Name", "Full Name"),
    "first": ("First Name", "first_name", "First", "FirstName", "Given Name"),
    "last": ("Last Name", "last_name", "Last", "LastName", "Surname"),
    "middle": ("Middle", "Middle Name", "MiddleName", "middle_name"),
    "suffix": ("Suffix", "Name Suffix", "suffix"),
    "alias": ("Nickname", "Preferred Name", "Goes By", "AKA"),
    "dob": ("DOB", "Date of Birth", "Birth Date", "birthdate", "dob"),
    "ssn": ("SSN", "ssn", "Social Security Number", "SS#"),
    "ssn4": ("SSN (last 4)", "Last 4 SSN", "SSN last 4"),
    "address": ("Address", "Street Address", "Address Line 1", "Mailing Address"),
    "city": ("City", "city", "Town"),
    "zip": ("Zip", "ZIP", "Zip Code", "Postal Code"),
    "phone": ("Phone", "Phone Number", "Cell", "phone"),
    "household": ("Household ID", "household_id", "HouseholdID", "Household #"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a client list: its header, and what it holds of a record."""

    header: str
    read: Read


def write_town(town: Town, folder: Path) -> None:
    """Write ``folder/<agency>/clients.csv`` for every agency, ``folder/truth.csv`` and ``folder/values.csv``.

    All files are UTF-8 with a header row. The truth has the columns of ``TRUTH_COLUMNS``, with the tags
    separated by spaces; the values are what was typed, before each agency's layout. Folders are made as needed; files
    of an earlier town of the same agencies are replaced.
    """
    for agency in town.agencies:
        columns = layout(agency)
        rows = [[c.read(r) for c in columns] for r in town.records if r.agency == agency.name]
        _write(folder / agency.name / "clients.csv", [c.header for c in columns], rows)
    people = {person.person_id: person for person in town.people}
    _write(folder / "truth.csv", TRUTH_COLUMNS, (_truth(record, people[record.person_id]) for record in town.records))
    values = ([getattr(record, column) for column in VALUE_COLUMNS] for record in town.records)
    _write(folder / "values.csv", VALUE_COLUMNS, values)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def _truth(record: TownRecord, person: Person) -> tuple[str, ...]:
    return (
        record.agency,
        record.client_id,
        record.person_id,
        record.household_id,
        person.heritage.value,
        age_band(person.born.isoformat(), TODAY),
        " ".join(record.tags),
    )


def layout(agency: AgencyProfile) -> tuple[Column, ...]:
    """The columns of an agency's list, left to right; fields that it never asks for are left out."""
    return tuple(
        Column(_worded(kind, agency), read)
        for kind, asked, read in (*_identity(agency), *_contact(agency))
        if asked > 0
    )


def _worded(kind: str, agency: AgencyProfile) -> str:
    """The agency's wording of a header; the same habit gives differing picks for differing columns."""
    wordings = _HEADERS[kind]
    return wordings[(agency.style.headers // 3 + sum(map(ord, kind))) % len(wordings)]


def _identity(agency: AgencyProfile) -> Iterator[tuple[str, float, Read]]:
    asked, style = agency.asked, agency.style
    yield "client_id", 1, lambda r: r.client_id
    if style.one_cell_name:
        yield "name", 1, one_cell_name
    else:
        yield from _name_columns(agency)
    yield "alias", asked.alias, lambda r: r.alias
    yield "dob", asked.dob, lambda r: dob_text(r.dob, us=style.us_dates)
    yield "ssn4" if style.ssn == "last4" else "ssn", asked.ssn, lambda r: ssn_text(r.ssn, style.ssn)


def _name_columns(agency: AgencyProfile) -> list[tuple[str, float, Read]]:
    columns: list[tuple[str, float, Read]] = [
        ("first", 1, lambda r: r.first),
        ("middle", agency.asked.middle, lambda r: r.middle),
        ("last", 1, lambda r: r.last),
        ("suffix", agency.asked.suffix, lambda r: r.suffix),
    ]
    if agency.style.headers % 2:
        return [columns[2], columns[0], columns[1], columns[3]]
    return columns


def _contact(agency: AgencyProfile) -> Iterator[tuple[str, float, Read]]:
    asked = agency.asked
    yield "address", asked.address, lambda r: r.address
    yield "city", asked.address, lambda r: r.city
    yield "zip", asked.address, lambda r: r.zip
    yield "phone", asked.phone, lambda r: phone_text(r.phone, agency.style.phone)
    yield "household", asked.household, lambda r: r.local_household


def one_cell_name(record: TownRecord) -> str:
    """``Last Suffix, First M`` in one cell; without a comma where one of the two is missing."""
    family = " ".join(filter(None, (record.last, record.suffix)))
    given = " ".join(filter(None, (record.first, record.middle)))
    return ", ".join(filter(None, (family, given)))


def dob_text(dob: str, *, us: bool) -> str:
    """ISO, or MM/DD/YYYY as Americans write it."""
    return f"{date.fromisoformat(dob):%m/%d/%Y}" if us and dob else dob


def ssn_text(ssn: str, style: str) -> str:
    """Nine digits plain or dashed (also with the first five as x), or the last four."""
    if not ssn or style == "plain":
        return ssn
    return ssn[5:] if style == "last4" else f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"


def phone_text(phone: str, style: str) -> str:
    """Ten digits with the agency's punctuation."""
    if not phone or style == "plain":
        return phone
    area, exchange, line = phone[:3], phone[3:6], phone[6:]
    return {"dashed": f"{area}-{exchange}-{line}", "dots": f"{area}.{exchange}.{line}"}.get(
        style, f"({area}) {exchange}-{line}"
    )
