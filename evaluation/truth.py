"""The truth of a labelled set, beside what a linkage said."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.errors import RunError
from linkage.store import read_table

Key = tuple[str, str]  # agency, client number
NEEDED = frozenset({"agency", "client_id", "person_id"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """True and found person of every client of the truth whose agency took part; unseen clients stand alone."""

    truth: dict[Key, str]
    found: dict[Key, str]
    care: dict[Key, str]  # the person for care matches; the found one where a run has no grouping of its own for them
    clients: dict[Key, Key]  # (agency, row) -> (agency, client number)
    traits: Mapping[str, Mapping[Key, str]]  # column of the truth -> what it says of each client

    @property
    def unseen(self) -> int:
        """Clients of the truth that were not encoded."""
        return sum(label.startswith("unseen|") for label in self.found.values())


def read_labelled(run: Path, crosswalks: Path, truth: Path) -> Labelled:
    """Join a run with its crosswalks and the truth (columns agency, client_id, person_id, and any others).

    Raises:
        RunError: a file is missing or lacks a column, a crosswalk is of other encodings, or the truth of another town.
    """
    records = read_table(run, "records")
    people = _people(records, "person")
    agencies = {agency for agency, _ in people}
    clients = {key: client for agency in sorted(agencies) for key, client in _clients(crosswalks, agency)}
    _check_is_whole(people.keys() - clients.keys())
    found = {clients[key]: str(person) for key, person in people.items()}
    lines = _true_lines(truth, agencies)
    said = {key: found.get(key, f"unseen|{key[0]}|{key[1]}") for key in lines}
    strict = _people(records, "care" if "care" in records.column_names else "person")
    care = {clients[key]: str(person) for key, person in strict.items()}
    return Labelled(column_of(lines, "person_id"), said, care, clients, other_columns(lines))


def other_columns(lines: Mapping[Key, Mapping[str, str]]) -> dict[str, dict[Key, str]]:
    """What the columns that a labelled set need not have say of each client."""
    heads = dict.fromkeys(head for line in lines.values() for head in line if head)
    return {head: column_of(lines, head) for head in heads if head not in NEEDED}


def column_of(lines: Mapping[Key, Mapping[str, str]], head: str) -> dict[Key, str]:
    """One column, by client."""
    return {key: line[head] or "" for key, line in lines.items()}


def _true_lines(truth: Path, agencies: set[str]) -> dict[Key, dict[str, str]]:
    """The lines of the run's agencies."""
    lines = {
        (line["agency"], line["client_id"]): line for line in read_lines(truth, NEEDED) if line["agency"] in agencies
    }
    if not lines:
        raise RunError(f"{truth.name}: it knows no client of the run's agencies", hint="Check its agency column.")
    return lines


def _check_is_whole(strangers: set[Key]) -> None:
    if strangers:
        raise RunError(
            f"{min(strangers)[0]}.crosswalk.csv: it lacks clients of the run",
            hint="Take the crosswalks that were written with the encoded files of this run.",
        )


def _people(records: pa.Table, grouping: str) -> dict[Key, int]:
    columns = (records[name].to_pylist() for name in ("agency", "row", grouping))
    return {(agency, row): person for agency, row, person in zip(*columns, strict=True)}


def _clients(crosswalks: Path, agency: str) -> Iterator[tuple[Key, Key]]:
    for line in read_lines(crosswalks / f"{agency}.crosswalk.csv", {"row", "client_id"}):
        yield (agency, line["row"]), (agency, line["client_id"])


def read_lines(path: Path, columns: Set[str]) -> list[dict[str, str]]:
    """The rows of a CSV file that has these columns and perhaps others.

    Raises:
        RunError: it cannot be read, or lacks a column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not columns <= set(reader.fieldnames or ()):
                raise RunError(f"{path.name}: it lacks a column", hint=f"It needs {', '.join(sorted(columns))}.")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path.name}: the file cannot be read", hint="Check the folder.") from error
