"""Disclosure control: the one door through which a number about people leaves.

``SafeCount`` and ``SafeTable`` are made here and nowhere else (a test holds this). The named rule ``cms11``
withholds every count from 1 to 10 (CMS cell size suppression policy, as published by ResDAC) and every sum from which
one could be worked out. Solving for the best suppression over several releases is a later step: until then a table
with a withheld cell also withholds its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

STARS = "***"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named suppression rule: counts from 1 to *threshold* - 1 are withheld."""

    name: str
    threshold: int


CMS11 = Rule("cms11", 11)
INTERNAL = Rule("internal", 1)  # nothing withheld; never leaves the coordinator's desk


@dataclass(frozen=True, slots=True)
class SafeCount:
    """A count that may be shown: a number, or withheld (None)."""

    value: int | None

    @classmethod
    def of(cls, count: int, rule: Rule) -> SafeCount:
        """Apply a rule to a true count; zero stays, since it names nobody."""
        return cls(None) if 0 < count < rule.threshold else cls(count)

    def __str__(self) -> str:
        return STARS if self.value is None else f"{self.value:,}"


WITHHELD = SafeCount(None)


@dataclass(frozen=True, slots=True)
class TrueRow:
    """A row before disclosure control: people by the best threshold, and the range around them."""

    label: str
    people: int
    low: int
    high: int

    @classmethod
    def of(cls, label: str, *, people: int, loose: int, strict: int) -> TrueRow:
        """Clustering at three thresholds need not be nested, so the range is widened to hold the estimate."""
        return cls(label, people, min(people, loose, strict), max(people, loose, strict))


@dataclass(frozen=True, slots=True)
class SafeRow:
    """A row that may be shown. Where the count is withheld, so is its range."""

    label: str
    people: SafeCount
    low: SafeCount
    high: SafeCount


@dataclass(frozen=True, slots=True)
class SafeTable:
    """A table that may be shown.

    *total* is the unduplicated count over all rows; *duplicated* the plain sum of the rows' counts, which is
    withheld when a row is, since a sum and the other rows would give the row away.
    """

    title: str
    unit: str
    rows: tuple[SafeRow, ...]
    total: SafeRow
    duplicated: SafeCount
    notes: tuple[str, ...]
    rule: Rule

    def to_json(self) -> dict[str, object]:
        """As plain JSON values; a withheld count is null."""
        return {
            "title": self.title,
            "unit": self.unit,
            "rule": self.rule.name,
            "rows": [_row_json(row) for row in self.rows],
            "total": _row_json(self.total),
            "duplicated": self.duplicated.value,
            "notes": list(self.notes),
        }


def _row_json(row: SafeRow) -> dict[str, object]:
    return {"label": row.label, "people": row.people.value, "low": row.low.value, "high": row.high.value}


@dataclass(frozen=True, slots=True)
class Caption:
    """What a table is about: its title, what is counted, and what a reader must know."""

    title: str
    unit: str
    notes: tuple[str, ...]


def make_safe(rows: Sequence[TrueRow], total: TrueRow, *, caption: Caption, rule: Rule) -> SafeTable:
    """Apply a rule to a whole table."""
    safe = tuple(_safe_row(row, rule) for row in rows)
    shown = [row for row, cell in zip(rows, safe, strict=True) if cell.people.value is not None]
    withheld = len(rows) - len(shown)
    duplicated = WITHHELD if withheld else SafeCount.of(sum(row.people for row in rows), rule)
    whole = _safe_row(total, rule)
    remarks = list(caption.notes)
    if withheld:
        remarks.append(
            f"{STARS} stands for a count from 1 to {rule.threshold - 1}; the duplicated sum is withheld with it."
        )
    if withheld and whole.people.value is not None and _gives_away(total, shown, withheld, rule):
        whole = SafeRow(total.label, WITHHELD, WITHHELD, WITHHELD)
        remarks.append("The unduplicated total is withheld too: the rows that are shown fall so far short of it.")
    return SafeTable(caption.title, caption.unit, safe, whole, duplicated, tuple(remarks), rule)


def without_total(table: SafeTable) -> SafeTable:
    """The table without its unduplicated total, where another table's total would tell a small count beside it."""
    hidden = SafeRow(table.total.label, WITHHELD, WITHHELD, WITHHELD)
    remark = "The unduplicated total is withheld: it differs from the one by agency by a small count."
    return replace(table, total=hidden, notes=(*table.notes, remark))


def _gives_away(total: TrueRow, shown: Sequence[TrueRow], withheld: int, rule: Rule) -> bool:
    """Whether some withheld row could no longer be 1, even if all the others were as large as they can be.

    People overlap, so a total is at most the sum of its rows: what the shown rows leave of it, the withheld hold.
    """
    gap = max(total.people - sum(row.people for row in shown), total.low - sum(row.low for row in shown))
    return gap > (withheld - 1) * (rule.threshold - 1) + 1


def _safe_row(row: TrueRow, rule: Rule) -> SafeRow:
    """A range is shown only with its count, and only where both of its ends may be shown."""
    people, low, high = (SafeCount.of(count, rule) for count in (row.people, row.low, row.high))
    if None in {people.value, low.value, high.value}:
        return SafeRow(row.label, people, WITHHELD, WITHHELD)
    return SafeRow(row.label, people, low, high)
