"""The plaintext of labelled test data, tidied as an analyst would who may see it: for baselines and for ages.

Letters lose accents and capitals, dates become ISO, well-known fake numbers become missing values. Nothing else is
done for a baseline: no nicknames, no parsing of addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anyascii import anyascii

from evaluation.truth import Key, other_columns, read_lines
from hashing.normalise import phone, social_security_number
from linkage.errors import RunError

FIELDS = ("first", "last", "dob", "ssn", "address", "zip", "phone")  # what Headcount reads as well
OTHERS = ("middle", "suffix", "sex", "city", "state", "birth_place", "occupation")  # compared only where asked
_ADDRESS = ("street_number", "street_name", "unit")  # where the address is in several columns
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """What was written into each client's record, tidied. *columns* has the columns that hold anything."""

    columns: Mapping[str, Mapping[Key, str]]
    traits: Mapping[str, Mapping[Key, str]]  # all columns, as they stand

    def of(self, column: str, keys: Iterable[Key]) -> list[str]:
        """One column in the order of *keys*, empty where nothing was written."""
        values = self.columns.get(column, {})
        return [values.get(key, "") for key in keys]


def read_values(path: Path, keys: Iterable[Key]) -> Values:
    """Read a CSV file with the columns agency, client_id and any of FIELDS and OTHERS.

    Raises:
        RunError: it cannot be read, lacks a column, or does not know all of *keys*.
    """
    wanted = set(keys)
    found = {(line["agency"], line["client_id"]): line for line in read_lines(path, {"agency", "client_id"})}
    if strangers := len(wanted - found.keys()):
        raise RunError(
            f"{path.name}: it lacks {strangers} clients of the truth",
            hint="It needs a row for each client, known by agency and client_id.",
        )
    lines = {key: line for key, line in found.items() if key in wanted}
    tidied = {key: {name: tidy(name, line) for name in (*FIELDS, *OTHERS)} for key, line in lines.items()}
    columns = {name: {key: cells[name] for key, cells in tidied.items()} for name in (*FIELDS, *OTHERS)}
    return Values({name: cells for name, cells in columns.items() if any(cells.values())}, other_columns(lines))


def tidy(name: str, line: Mapping[str, str]) -> str:
    """One value of a row of the file, tidied."""
    if name == "address" and "address" not in line:
        return _plain(" ".join(line.get(part) or "" for part in _ADDRESS))
    text = (line.get(name) or "").strip()
    if name in _TIDIED:
        return _TIDIED[name](text)
    return _plain(text)


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub(" ", anyascii(text).lower()).strip()


def _date(text: str) -> str:
    compact = _COMPACT_DATE.fullmatch(text)
    return "-".join(compact.groups()) if compact else text


def _ssn(text: str) -> str:
    """Digits; a fake number of nine digits is missing. Where only the last four are there, only they are."""
    digits = re.sub(r"[\s-]", "", text)
    if len(digits) != len("123456789"):
        return digits
    whole, last4 = social_security_number(digits)
    return whole or last4


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return phone(digits) if len(digits) >= len("3605550101") else digits


_TIDIED = {"dob": _date, "ssn": _ssn, "phone": _phone}
