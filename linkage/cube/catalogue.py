"""The named tables: what each counts, and whether it may leave the coordinator's desk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from linkage.errors import RequestRefused


class Bound(StrEnum):
    """How the members of a dimension lie to each other."""

    OVERLAPPING = "overlapping"  # the same person may be in several, and is in one at least
    DIVIDED = "divided"  # everybody is in exactly one


DIMENSIONS = {
    "agency": Bound.OVERLAPPING,
    "area": Bound.OVERLAPPING,
    "month": Bound.OVERLAPPING,
    "quarter": Bound.OVERLAPPING,
    "year": Bound.OVERLAPPING,
    "age": Bound.DIVIDED,
    "kind": Bound.DIVIDED,
}


class Shape(StrEnum):
    """Which function makes a table."""

    GRID = "grid"  # one dimension, or two
    TYPES = "types"
    OVERLAP = "overlap"
    COMBINATIONS = "combinations"
    FIRST = "first"
    FLOW = "flow"
    TURNOVER = "turnover"
    PATHWAYS = "pathways"
    GAPS = "gaps"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of the catalogue. A *public* one is part of every release; the others are for the coordinator alone."""

    name: str
    title: str
    unit: str
    shape: Shape
    dimensions: tuple[str, ...] = ()
    public: bool = False


def _grid(name: str, title: str, *dimensions: str, unit: str = "people", public: bool = False) -> Entry:
    return Entry(name, title, unit, Shape.GRID, dimensions, public)


CATALOGUE = (
    _grid("people-by-agency", "People by agency", "agency", public=True),
    _grid("people-by-area", "People by service area", "area", public=True),
    Entry("people-by-type", "People by type of service", "people", Shape.TYPES, public=True),
    _grid("people-by-month", "People by month", "month", public=True),
    _grid("people-by-quarter", "People by quarter", "quarter", public=True),
    _grid("people-by-year", "People by year", "year"),
    _grid("people-by-age", "People by age", "age", public=True),
    _grid("agency-by-area", "People by agency and service area", "agency", "area"),
    _grid("agency-by-quarter", "People by agency and quarter", "agency", "quarter"),
    _grid("area-by-quarter", "People by service area and quarter", "area", "quarter", public=True),
    _grid("area-by-age", "People by service area and age", "area", "age", public=True),
    Entry("overlap", "People known to two agencies", "people", Shape.OVERLAP, public=True),
    Entry("combinations", "People by the agencies that served them", "people", Shape.COMBINATIONS, public=True),
    Entry("people-by-first-seen", "People by whether they are new", "people", Shape.FIRST, public=True),
    Entry(
        "flow-by-month", "New, continuing and returning people by month", "people", Shape.FLOW, ("month",), public=True
    ),
    Entry("flow-by-quarter", "New, continuing and returning people by quarter", "people", Shape.FLOW, ("quarter",)),
    Entry("turnover", "People active, and what changed their number, by month", "people", Shape.TURNOVER),
    Entry("pathways", "Where people went next within three months", "people", Shape.PATHWAYS),
    Entry("gaps", "People whom others could help and do not know", "people", Shape.GAPS),
    Entry("units-by-area", "What was given, by service area", "units", Shape.UNITS, ("area",)),
    Entry("units-by-agency", "What was given, by agency", "units", Shape.UNITS, ("agency",)),
    Entry(
        "units-by-agency-and-quarter",
        "What was given, by agency and quarter",
        "units",
        Shape.UNITS,
        ("agency", "quarter"),
    ),
    _grid("households-by-agency", "Households by agency", "agency", unit="households", public=True),
    _grid("households-by-area", "Households by service area", "area", unit="households"),
    _grid("households-by-month", "Households by month", "month", unit="households"),
    _grid("households-by-quarter", "Households by quarter", "quarter", unit="households"),
    _grid("households-by-kind", "Households by their members' ages", "kind", unit="households", public=True),
)


def find_entry(name: str) -> Entry:
    """The table of that name.

    Raises:
        RequestRefused: there is none.
    """
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    raise RequestRefused(f"there is no table {name}", hint="headcount count RUN --list names them all.")
