"""A run's tables with numbers for words, which DuckDB counts fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.cube.calculator import UNIT_WORDS, Calculator, OnDuckDb
from linkage.engine import open_engine
from linkage.households import with_households_for_people

BANDS = ("under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus", "unknown")
KINDS = ("adults_only", "adults_and_children", "children_only", "ages_unknown")  # of households
UNITS = ("dollars", "encounters", "meals", "nights")
UNTOLD = {"type": "other", "unit": "encounters"}  # what a service is of which nothing was said


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers in a run's tables stand for, and the months there are."""

    agencies: tuple[str, ...]
    areas: tuple[str, ...]
    types: tuple[str, ...]
    telling: frozenset[str]  # the agencies that told services
    first: int  # month, counted from the year 0
    last: int

    @classmethod
    def of(
        cls, *, agencies: Iterable[str], areas: Iterable[str], types: Iterable[str],
        telling: Iterable[str], months: Iterable[str],
    ) -> Words:  # fmt: skip
        """From the members of each column; *months* as 2026-03."""
        every = sorted(months) or ["0000-01"]
        return cls(
            agencies=tuple(sorted(agencies)),
            areas=tuple(sorted(areas)),
            types=tuple(sorted(types)),
            telling=frozenset(telling),
            first=_month(every[0]),
            last=_month(every[-1]),
        )

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """A small table of numbers and names for each list of words."""
        for name, members in (("agency", self.agencies), ("area", self.areas), ("kind", self.types), ("unit", UNITS)):
            yield name, _names(members)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted: records and services by number, and what the numbers stand for."""

    records: pa.Table  # place, agency, row, age; and the six groupings
    services: pa.Table  # agency, row, area, type, month, unit, units
    words: Words

    @classmethod
    def of(cls, records: pa.Table, services: pa.Table) -> Facts:
        """From the tables of a run; one of before ages, types and units is read as one that told none."""
        for name, word in UNTOLD.items():
            if name not in services.column_names:
                services = services.append_column(name, pa.array([word] * len(services), pa.string()))
        words = Words.of(
            agencies=_members(records, "agency"),
            areas=_members(services, "area"),
            types=_members(services, "type"),
            telling=_members(services, "agency"),
            months=_members(services, "month"),
        )
        return cls(_numbered(records, words.agencies), services, words)

    @contextmanager
    def opened(self) -> Iterator[Calculator]:
        """A DuckDB with these tables in it."""
        with open_engine() as connection:
            calculator = OnDuckDb(connection, self.records)
            for name, table in (*self.words.tables(), ("record", self.records), ("service", self.services)):
                calculator.put(name, table)
            calculator.make("cube_received")
            yield calculator


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
