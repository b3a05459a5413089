"""How well the exports of the demo town are read, with no hints, against what was written into them.

    python -m bench.reading
    python -m bench.reading --hmis 2024 2026    # the same of a made-up town, written as HMIS exports of these years

Each value is compared twice: after the truth went through the same normalisation, which finds values put in the
wrong place, and plainly, letter by letter and digit by digit, which finds what the normalisation itself loses.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from anyascii import anyascii

from bench.hmis_columns import YEARS
from bench.hmis_folders import write_hmis
from bench.population import TODAY as TOWN_TODAY
from bench.towns import TownSpec, make_town
from hashing.clients import Client
from hashing.dates import BirthDate, parse_birth_date
from hashing.export import read_export
from hashing.normalise import name_parts, phone, social_security_number, zip_code

DEMO = Path(__file__).resolve().parents[1] / "demo"
TRUTH = DEMO / "truth" / "record_values.csv"
EXPORTED_ON = date(2021, 1, 5)  # as Export.csv of the HMIS export says; two-digit years are read by it
FIELDS = ("first", "last", "birth date", "SSN", "ZIP", "phone")
HMIS_TOWN = TownSpec(2026, people=4000)
NOT_EXPORTED = frozenset({("police_outreach", "ZIP")})  # its contacts hold no ZIP; the truth knows it from the town

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value of one client: what was read, what the truth says, and both written plainly."""

    agency: str
    client_id: str
    field: str
    read: object
    true: object
    plain_read: str
    plain_true: str
    kind: str

    @property
    def agrees(self) -> bool:
        """Whether the same value was read, once the truth is normalised."""
        return self.read == self.true

    @property
    def agrees_plainly(self) -> bool:
        """Whether the same letters or digits were read."""
        return self.plain_read == self.plain_true


def read_truth() -> dict[tuple[str, str], Row]:
    """(agency, client number) -> what was written into the export."""
    with TRUTH.open(newline="", encoding="utf-8") as stream:
        return {(row["agency"], row["client_id"]): row for row in csv.DictReader(stream)}


def compare_town() -> list[Comparison]:
    """Every value of every client of the nine exports."""
    rows = read_truth()
    return [
        comparison
        for folder in sorted((DEMO / "anytown").iterdir())
        for client in read_export([folder], today=EXPORTED_ON).clients
        for comparison in compare(folder.name, client, rows.pop((folder.name, client.client_id)))
    ] + [_unread(*key) for key in rows]


def compare_hmis(year: str, spec: TownSpec) -> list[Comparison]:
    """Every value of every client of a made-up town that was written as a HMIS export of a year such as FY2026."""
    with tempfile.TemporaryDirectory() as folder:
        rows = write_hmis(make_town(spec), Path(folder), year=year)
        clients = read_export([Path(folder)], today=TOWN_TODAY).clients
    values = (compare(year, client, rows.pop(client.client_id), today=TOWN_TODAY) for client in clients)
    return [value for of_client in values for value in of_client] + [_unread(year, number) for number in rows]


def compare(agency: str, client: Client, row: Row, *, today: date = EXPORTED_ON) -> Iterator[Comparison]:
    """The values of one client, of the six that either side has."""
    for field in FIELDS:
        if (agency, field) not in NOT_EXPORTED:
            read, plain_read = _read(client, field)
            true, plain_true = _true(row, field, today)
            if plain_read or plain_true:
                kind = _kind(field, plain_read, plain_true, row)
                yield Comparison(agency, client.client_id, field, read, true, plain_read, plain_true, kind)


def _unread(agency: str, client_id: str) -> Comparison:
    return Comparison(agency, client_id, "first", None, "", "", "?", "a client was not read at all")


def _read(client: Client, field: str) -> tuple[object, str]:
    values: dict[str, tuple[object, str]] = {
        "first": (client.first, "".join(client.first)),
        "last": (client.last, "".join(client.last)),
        "birth date": (client.birth, _written(client.birth)),
        "SSN": ((client.ssn, client.ssn4), client.ssn or client.ssn4),
        "ZIP": (client.address.zip, client.address.zip),
        "phone": (client.phones, "".join(client.phones)),
    }
    return values[field]


def _true(row: Row, field: str, today: date) -> tuple[object, str]:
    number = phone(row["phone"])
    values: dict[str, tuple[object, str]] = {
        "first": (name_parts(row["first"]), _letters(row["first"])),
        "last": (name_parts(row["last"]), _letters(row["last"])),
        "birth date": (parse_birth_date(row["dob"], today=today), row["dob"]),
        "SSN": (social_security_number(row["ssn"]), row["ssn"].lstrip("x")),
        "ZIP": (zip_code(row["zip"]), row["zip"]),
        "phone": ((number,) if number else (), row["phone"]),
    }
    return values[field]


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", anyascii(text).lower())


def _written(born: BirthDate | None) -> str:
    if born is None:
        return ""
    return f"{born.year}-{born.month:02}-{born.day:02}" if born.is_whole else f"{born.year}-01-01"


def _kind(field: str, read: str, true: str, row: Row) -> str:
    """Why the two differ, as far as the values tell."""
    if field in {"first", "last"}:
        return _kind_of_name(read, true, row)
    if field == "birth date":
        return _kind_of_birth(read, true)
    if true and not read:
        return "what was written is a placeholder or has too few or too many digits: left out"
    return "not explained"


def _kind_of_name(read: str, true: str, row: Row) -> str:
    whole = Counter(_letters(row["first"] + row["middle"] + row["last"]))
    if read == true:
        return "two surnames, written together in capitals: no seam shows"
    if not read:
        return "a word that stands for nobody: left out"
    if Counter(read) <= whole:
        return "a name in one cell, parted at another place"
    return "not explained"


def _kind_of_birth(read: str, true: str) -> str:
    if read and not true:
        return "written with the day first in one row of the column; the truth calls it unreadable"
    if true and not read:
        return "no such day, before 1900, or after the export: left out"
    if len(true) == 4:
        return "only the year was written, and only the year is told"
    if read[4:] == true[-6:]:
        return "a two-digit year, read as the later of two centuries"
    return "not explained"


def shares(comparisons: list[Comparison]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(agency, field) -> values, those that agree, and those that agree plainly."""
    found: dict[tuple[str, str], list[int]] = {}
    for value in comparisons:
        counts = found.setdefault((value.agency, value.field), [0, 0, 0])
        counts[0] += 1
        counts[1] += value.agrees
        counts[2] += value.agrees_plainly
    return {key: (all_of, agree, plainly) for key, (all_of, agree, plainly) in found.items()}


def agreement(comparisons: list[Comparison], field: str) -> float:
    """The share of one field's values, over all agencies, that agree with the truth."""
    values = [value.agrees for value in comparisons if value.field == field]
    return sum(values) / len(values) if values else math.nan


def _table(comparisons: list[Comparison]) -> Iterator[str]:
    counts = shares(comparisons)
    yield f"{'values that agree':22}" + "".join(f"{field:>12}" for field in FIELDS)
    for agency in sorted({value.agency for value in comparisons}):
        yield f"{agency:22}" + "".join(_cell(counts.get((agency, field))) for field in FIELDS)
    every = (agreement(comparisons, field) for field in FIELDS)
    yield f"{'all':22}" + "".join(f"{'-':>12}" if math.isnan(share) else f"{share:>12.2%}" for share in every)


def _cell(counts: tuple[int, int, int] | None) -> str:
    return f"{'-':>12}" if counts is None else f"{counts[1] / counts[0]:>12.2%}"


def _kinds(comparisons: list[Comparison], *, plainly: bool) -> Iterator[str]:
    differing = [value for value in comparisons if not (value.agrees_plainly if plainly else value.agrees)]
    for (field, kind), count in sorted(Counter((value.field, value.kind) for value in differing).items()):
        yield f"{count:>6}  {field:<12}{kind}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print agreement by agency and field, and what the disagreements are."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description="How well exports are read.")
    parser.add_argument("--hmis", nargs="+", choices=[year[2:] for year in YEARS], default=[], metavar="YEAR")
    years = parser.parse_args(arguments).hmis
    comparisons = [value for year in years for value in compare_hmis(f"FY{year}", HMIS_TOWN)] or compare_town()
    print("\n".join(_table(comparisons)))
    print("\nwhere the values differ, the truth normalised too:", *_kinds(comparisons, plainly=False), sep="\n")
    print("\nwhere the letters and digits differ:", *_kinds(comparisons, plainly=True), sep="\n")


if __name__ == "__main__":
    main()
