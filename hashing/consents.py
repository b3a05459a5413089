"""Consents to care coordination, as an agency keeps them beside its client list.

A consent counts only when it says yes, has an expiry that has not passed, and names the agencies that may
learn of the client (42 CFR 2.31(a); RCW 43.185C.180). One that lacks any of these is left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from hashing.columns import Table
from hashing.dates import parse_date
from hashing.fields import Field
from hashing.schema import Consent

_YES = frozenset({"yes", "y", "true", "1", "x", "signed", "si", "consented", "granted"})
_AGENCY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def read_consents(tables: Sequence[Table], *, today: date) -> tuple[dict[str, Consent], list[str]]:
    """The valid consents by client number, and notes on those that do not count."""
    found: dict[str, Consent] = {}
    problems: Counter[str] = Counter()
    for table in (t for t in tables if {Field.CLIENT_ID, Field.CONSENT} <= t.columns.keys()):
        for _, cells in table.lines():
            _read_row(table, cells, found, problems, today)
    return found, [f"{count} consents {problem}" for problem, count in sorted(problems.items())]


def _read_row(table: Table, cells: list[str], found: dict[str, Consent], problems: Counter[str], today: date) -> None:
    if table.value(cells, Field.CONSENT).lower() not in _YES:
        return
    expires = parse_date(table.value(cells, Field.CONSENT_EXPIRES), today=date.max)
    recipients = _recipients(table.value(cells, Field.CONSENT_RECIPIENTS))
    if expires is None:
        problems["have no expiry date and do not count"] += 1
    elif expires < today:
        problems["have expired"] += 1
    elif not recipients:
        problems["name no agency and do not count"] += 1
    else:
        found[table.value(cells, Field.CLIENT_ID)] = Consent(expires, recipients)


def _recipients(text: str) -> tuple[str, ...]:
    names = (name.strip().lower() for name in re.split(r"[;,|\s]+", text))
    return tuple(sorted({name for name in names if _AGENCY.fullmatch(name)}))
