"""The truth of a labelled set, beside what a linkage said."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.errors import RunError
from linkage.store import read_table

Key = tuple[str, str]  # agency, client number


@dataclass(frozen=True, slots=True)
class Labelled:
    """True and found person of every client of the truth whose agency took part; unseen clients stand alone."""

    truth: dict[Key, str]
    found: dict[Key, str]
    clients: dict[Key, Key]  # (agency, row) -> (agency, client number)

    @property
    def unseen(self) -> int:
        """Clients of the truth that were not encoded."""
        return sum(label.startswith("unseen|") for label in self.found.values())


def read_labelled(run: Path, crosswalks: Path, truth: Path) -> Labelled:
    """Join a run with its crosswalks and the truth (columns agency, client_id, person_id).

    Raises:
        RunError: a file is missing or lacks a column, a crosswalk is of other encodings, or the truth of another town.
    """
    records = read_table(run, "records")
    people = _people(records)
    agencies = {agency for agency, _ in people}
    clients = {key: client for agency in sorted(agencies) for key, client in _clients(crosswalks, agency)}
    _check_is_whole(people.keys() - clients.keys())
    found = {clients[key]: str(person) for key, person in people.items()}
    true = {
        (line["agency"], line["client_id"]): line["person_id"]
        for line in _lines(truth, {"agency", "client_id", "person_id"})
        if line["agency"] in agencies
    }
    if not true:
        raise RunError(f"{truth.name}: it knows no client of the run's agencies", hint="Check its agency column.")
    said = {key: found.get(key, f"unseen|{key[0]}|{key[1]}") for key in true}
    return Labelled(true, said, clients)


def _check_is_whole(strangers: set[Key]) -> None:
    if strangers:
        raise RunError(
            f"{min(strangers)[0]}.crosswalk.csv: it lacks clients of the run",
            hint="Take the crosswalks that were written with the encoded files of this run.",
        )


def _people(records: pa.Table) -> dict[Key, int]:
    columns = (records[name].to_pylist() for name in ("agency", "row", "person"))
    return {(agency, row): person for agency, row, person in zip(*columns, strict=True)}


def _clients(crosswalks: Path, agency: str) -> Iterator[tuple[Key, Key]]:
    for line in _lines(crosswalks / f"{agency}.crosswalk.csv", {"row", "client_id"}):
        yield (agency, line["row"]), (agency, line["client_id"])


def _lines(path: Path, columns: set[str]) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not columns <= set(reader.fieldnames or ()):
                raise RunError(f"{path.name}: it lacks a column", hint=f"It needs {', '.join(sorted(columns))}.")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path.name}: the file cannot be read", hint="Check the folder.") from error
