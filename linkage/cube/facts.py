"""A run's tables with numbers for words, which DuckDB counts fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.engine import Connection, statement
from linkage.households import with_households_for_people

BANDS = ("under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus", "unknown")
KINDS = ("adults_only", "adults_and_children", "children_only", "ages_unknown")  # of households
UNITS = ("dollars", "encounters", "meals", "nights")
UNIT_WORDS = {"people": ("person", "loose", "strict"), "households": ("home", "home_loose", "home_strict")}
_OTHER = {"type": "other", "unit": "encounters"}  # what a service is of which nothing was said


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted: records and services by number, and what the numbers stand for."""

    records: pa.Table  # place, agency, row, age; and the six groupings
    services: pa.Table  # agency, row, area, type, month, unit, units
    agencies: tuple[str, ...]
    areas: tuple[str, ...]
    types: tuple[str, ...]
    first: int  # month, counted from the year 0
    last: int

    @classmethod
    def of(cls, records: pa.Table, services: pa.Table) -> Facts:
        """From the tables of a run; one of before ages, types and units is read as one that told none."""
        for name, word in _OTHER.items():
            if name not in services.column_names:
                services = services.append_column(name, pa.array([word] * len(services), pa.string()))
        months = sorted(services["month"].unique().to_pylist()) or ["0000-01"]
        agencies = _members(records, "agency")
        return cls(
            records=_numbered(records, agencies),
            services=services,
            agencies=agencies,
            areas=_members(services, "area"),
            types=_members(services, "type"),
            first=_month(months[0]),
            last=_month(months[-1]),
        )

    def open_in(self, connection: Connection) -> None:
        """Make the temporary tables record and received, and those of the names."""
        for name, members in (("agency", self.agencies), ("area", self.areas), ("kind", self.types), ("unit", UNITS)):
            connection.register(name, _names(members))
        connection.register("record", self.records)
        connection.register("service", self.services)
        connection.execute(statement("cube_received"))


def grouping(records: pa.Table, name: str) -> pa.Table:
    """Whom each record belongs to under one of the groupings."""
    return pa.table({"place": records["place"], "who": records[name]})


def differing(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each record, whether two groupings put it together with different records."""
    found: NDArray[np.bool_] = _is_split(one, other) | _is_split(other, one)
    return found


def _is_split(groups: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each record, whether the members of its group are in several of the others."""
    if not len(groups):
        return np.zeros(0, dtype=np.bool_)
    order = np.argsort(groups, kind="stable")
    own, theirs = groups[order], others[order]
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
    split = np.minimum.reduceat(theirs, starts) != np.maximum.reduceat(theirs, starts)
    found = np.empty(len(groups), dtype=np.bool_)
    found[order] = np.repeat(split, np.diff(np.concatenate((starts, [len(groups)]))))
    return found


def _numbered(records: pa.Table, agencies: Sequence[str]) -> pa.Table:
    homes = with_households_for_people(records)
    age = records["age"] if "age" in records.column_names else pa.nulls(len(records), pa.string())
    columns = {
        "place": pa.array(np.arange(len(records), dtype=np.int64)),
        "agency": pc.index_in(records["agency"], pa.array(agencies, pa.string())),
        "row": records["row"],
        "age": pc.index_in(age.cast(pa.string()), pa.array(BANDS[:-1])),
    }
    columns |= {name: records[name] for name in UNIT_WORDS["people"]}
    columns |= {home: homes[name] for home, name in zip(UNIT_WORDS["households"], UNIT_WORDS["people"], strict=True)}
    return pa.table(columns)


def _members(table: pa.Table, name: str) -> tuple[str, ...]:
    return tuple(sorted(table[name].unique().to_pylist()))


def _names(members: Sequence[str]) -> pa.Table:
    return pa.table({"number": pa.array(range(len(members)), pa.int32()), "name": pa.array(members, pa.string())})


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7]) - 1
