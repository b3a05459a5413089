"""What people decided about pairs of records: one person, or two; it holds in every later run.

A CSV file with the columns ``agency_l,row_l,agency_r,row_r,decision``, the last ``same`` or ``different``. Row
pseudonyms last as long as the epoch, so that a decision finds its records again in every new file of an agency.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.errors import DecisionError
from linkage.people import Links, hanging_together
from linkage.records import Records

COLUMNS = ("agency_l", "row_l", "agency_r", "row_r", "decision")
DECIDED = {"same": 1e6, "different": -1e9}  # bits: more than any evidence, and one no more than any number of the other

Key = tuple[str, str]  # agency, row


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about two records, and the line that it stands on."""

    left: Key
    right: Key
    weight: float
    line: int


def read_decisions(path: Path) -> list[Decision]:
    """Read a file of decisions.

    Raises:
        DecisionError: it cannot be read, lacks a column, or a line says something else than same or different.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise DecisionError(f"{path.name}: it lacks a column", hint=f"It needs {', '.join(COLUMNS)}.")
            return [_decision(line, path.name, reader.line_num) for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DecisionError(f"{path.name}: the file cannot be read", hint="Give a CSV file in UTF-8.") from error


def _decision(line: dict[str, str], source: str, number: int) -> Decision:
    weight = DECIDED.get(line["decision"] or "")
    left, right = (line["agency_l"], line["row_l"]), (line["agency_r"], line["row_r"])
    if weight is None or left == right or not all((*left, *right)):
        raise DecisionError(
            f"{source}: line {number} is no decision about two records",
            hint="Write same or different in the column decision, after the agencies and rows of two records.",
        )
    return Decision(left, right, weight, number)


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions about records that a run has, and how many are about others."""

    links: Links
    idle: int


def find_decided(decisions: Sequence[Decision], records: Records, *, source: str) -> Decided:
    """The decisions as links; the last one about a pair holds.

    Raises:
        DecisionError: some say that records are one person whom others keep apart.
    """
    wanted = {key for each in decisions for key in (each.left, each.right)}
    number = dict(_numbers(wanted, records))
    known = [each for each in decisions if each.left in number and each.right in number]
    last = {tuple(sorted((number[each.left], number[each.right]))): each for each in known}
    ends = np.array(sorted(last), dtype=np.int32).reshape(-1, 2)
    links = Links(ends[:, 0], ends[:, 1], np.array([last[pair].weight for pair in sorted(last)]))
    _check_agree(links, [last[pair].line for pair in sorted(last)], source, records=len(records))
    return Decided(links, len(decisions) - len(known))


def _numbers(wanted: set[Key], records: Records) -> Iterator[tuple[Key, int]]:
    names = [header.agency for header in records.headers]
    agencies = records.agencies.tolist() if wanted else []
    for number, agency in enumerate(agencies):
        key = (names[agency], records.rows[number].as_py())
        if key in wanted:
            yield key, number


def _check_agree(links: Links, lines: Sequence[int], source: str, *, records: int) -> None:
    group = hanging_together(links.where(links.weight > 0), records)
    against = np.flatnonzero((links.weight < 0) & (group[links.left] == group[links.right]))
    if len(against):
        raise DecisionError(
            f"{source}: line {lines[against[0]]} keeps apart what other lines make one person",
            hint="Take back one of the decisions.",
        )


def overruled(links: Links, decided: Links, *, records: int) -> Links:
    """Links with the decided ones in place of what the model says of the same pairs."""
    if not len(decided):
        return links
    taken = np.isin(_packed(links, records), _packed(decided, records))
    kept = links.where(~taken)
    return Links(
        np.concatenate((kept.left, decided.left)),
        np.concatenate((kept.right, decided.right)),
        np.concatenate((kept.weight, decided.weight)),
    )


def _packed(links: Links, records: int) -> NDArray[np.int64]:
    return links.left.astype(np.int64) * records + links.right
