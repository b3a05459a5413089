"""Consents to care coordination, as an agency keeps them beside its client list.

A consent counts only when it says yes, has an expiry that has not passed, and names the agencies that may
learn of the client (42 CFR 2.31(a); RCW 43.185C.180). One that lacks any of these is left out and counted; so is
one beside which another row says no, since it may have been revoked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from anyascii import anyascii

from hashing.columns import Table
from hashing.counted import counted
from hashing.dates import parse_date, writes_day_first
from hashing.fields import Field
from hashing.schema import Consent

_YES = frozenset({"yes", "y", "true", "1", "x", "signed", "si", "consented", "granted"})
_Problem = tuple[str, str]  # of one, of several
_NO_YES = ("has no column that says yes and does not count", "have no column that says yes and do not count")
_BAD_EXPIRY = (
    "has an expiry date that is none and does not count",
    "have an expiry date that is none and do not count",
)
_NO_EXPIRY = ("has no expiry date and does not count", "have no expiry date and do not count")
_EXPIRED = ("has expired", "have expired")
_NO_AGENCY = ("names no agency and does not count", "name no agency and do not count")
_REFUSED_TOO = (
    "stands beside a refusal by the same client and does not count",
    "stand beside a refusal by the same client and do not count",
)
_AGENCY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def read_consents(tables: Sequence[Table], *, today: date) -> tuple[dict[str, Consent], list[str]]:
    """The valid consents by client number, and notes on those that do not count."""
    reading = _Reading(today)
    silent = [table for table in tables if _tells_no_consent(table)]
    for table in silent:
        reading.problems[_NO_YES] += sum(1 for _ in table.lines())
    for table in (t for t in tables if {Field.CLIENT_ID, Field.CONSENT} <= t.columns.keys()):
        reading.take(table)
    return reading.valid(), [
        counted(count, f"consent {one}", f"consents {several}")
        for (one, several), count in sorted(reading.problems.items())
    ]


def _tells_no_consent(table: Table) -> bool:
    has = table.columns.keys()
    return Field.CONSENT not in has and {Field.CLIENT_ID, Field.CONSENT_EXPIRES} <= has


class _Reading:
    """What the rows said so far."""

    def __init__(self, today: date) -> None:
        """Nothing yet."""
        self.problems: Counter[_Problem] = Counter()
        self._today = today
        self._given: dict[str, Consent] = {}
        self._refused: set[str] = set()

    def take(self, table: Table) -> None:
        """Take in every row of a table."""
        expires = (table.value(cells, Field.CONSENT_EXPIRES) for _, cells in table.lines())
        day_first = writes_day_first(expires, by_header=table.says_day_first(Field.CONSENT_EXPIRES))
        for _, cells in table.lines():
            client, answer = table.value(cells, Field.CLIENT_ID), anyascii(table.value(cells, Field.CONSENT)).lower()
            if answer in _YES:
                self._take_yes(client, table, cells, day_first=day_first)
            elif answer:
                self._refused.add(client)

    def _take_yes(self, client: str, table: Table, cells: list[str], *, day_first: bool) -> None:
        typed = table.value(cells, Field.CONSENT_EXPIRES)
        expires = parse_date(typed, today=date.max, day_first=day_first)
        recipients = _recipients(table.value(cells, Field.CONSENT_RECIPIENTS))
        if expires is None:
            self.problems[_BAD_EXPIRY if typed else _NO_EXPIRY] += 1
        elif expires < self._today:
            self.problems[_EXPIRED] += 1
        elif not recipients:
            self.problems[_NO_AGENCY] += 1
        else:
            self._given[client] = Consent(expires, recipients)

    def valid(self) -> dict[str, Consent]:
        """The consents that nothing speaks against."""
        contradicted = self._given.keys() & self._refused
        if contradicted:
            self.problems[_REFUSED_TOO] = len(contradicted)
        return {client: consent for client, consent in self._given.items() if client not in contradicted}


def _recipients(text: str) -> tuple[str, ...]:
    """Agency identifiers, parted by commas or the like; blanks within one stand for its underscores."""
    names = (re.sub(r"\s+", "_", name.strip().lower()) for name in re.split(r"[;,|&\n]+|\s+and\s+", text))
    return tuple(sorted({name for name in names if _AGENCY.fullmatch(name)}))
