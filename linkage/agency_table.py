"""The table that every run's report tells of: people by agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.cells import CellKey, Constraint, TrueCell, TrueRelease, TrueTable, covered_by
from linkage.disclosure import Released, Rule, release

PERIOD = "run"  # whatever the lists of a run hold
PEOPLE = CellKey.of("people")
BY_AGENCY = "people-by-agency"


@dataclass(frozen=True, slots=True)
class TrueRow:
    """A row before disclosure control: people by three groupings, as in a `TrueCell`, and of how many agencies."""

    label: str
    people: int
    low: int
    high: int
    agencies: int = 1

    def cell(self, key: CellKey) -> TrueCell:
        """The cell of a set that the row counts."""
        return TrueCell(key, self.people, self.low, self.high, self.agencies)


@dataclass(frozen=True, slots=True)
class Caption:
    """What a table is about: its name, its title, what is counted, and what a reader must know."""

    name: str
    title: str
    unit: str
    notes: tuple[str, ...] = ()


def one_way(
    rows: Sequence[TrueRow], total: TrueRow, keys: tuple[Sequence[CellKey], CellKey], caption: Caption
) -> tuple[TrueTable, list[Constraint]]:
    """A table of one column whose rows overlap, and what binds it. *keys* are those of the rows, and of the total."""
    of_rows, of_total = keys
    cells = tuple((row.cell(key),) for row, key in zip(rows, of_rows, strict=True))
    table = TrueTable(
        caption.name,
        caption.title,
        caption.unit,
        rows=tuple(row.label for row in rows),
        columns=("",),
        cells=cells,
        total=total.cell(of_total),
        notes=caption.notes,
        total_label=total.label,
    )
    return table, covered_by(of_total, of_rows)


def by_agency(
    rows: Sequence[TrueRow], total: TrueRow, notes: tuple[str, ...] = ()
) -> tuple[TrueTable, list[Constraint]]:
    """People by agency."""
    keys = [PEOPLE.and_also(agency=row.label) for row in rows]
    return one_way(rows, total, (keys, PEOPLE), Caption(BY_AGENCY, "People by agency", "people", notes))


def release_of_report(rows: Sequence[TrueRow], total: TrueRow, rule: Rule) -> Released:
    """The numbers of people in a run's report."""
    table, bound = by_agency(rows, total)
    agencies = [row.label for row in rows]
    return release(TrueRelease(PERIOD, (table,), tuple(bound)), rule, agencies=agencies)
