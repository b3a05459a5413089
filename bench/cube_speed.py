"""Counts a whole cube of made-up people and tells how long it took: ``python -m bench.cube_speed``.

A million people at one to four of forty agencies, two years, five million service rows: every table of the catalogue,
for people and households, each under three groupings.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from linkage.cube.asking import true_release
from linkage.cube.catalogue import CATALOGUE
from linkage.cube.counting import count_cube
from linkage.cube.facts import BANDS, Facts
from linkage.cube.gaps import USUAL
from linkage.cube.scope import Scope

_AREAS = ("behavioral_health", "family_support", "food", "health", "outreach", "shelter")
_TYPES = ("case_management", "counseling", "groceries", "meals", "medical_visit", "other")
_MONTHS = tuple(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the tables, count them, and print seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--agencies", type=int, default=40)
    chosen = parser.parse_args(arguments)
    records, services = made_up(chosen.people, chosen.agencies, np.random.default_rng(1))
    print(f"{len(records):,} records of {chosen.people:,} people, {len(services):,} service rows")
    start, worked = time.perf_counter(), time.process_time()
    cube = count_cube(Facts.of(records, services), Scope.of("2025"), USUAL)
    tables = true_release(cube, CATALOGUE, ()).tables
    cells = sum(cell is not None for table in tables for row in table.cells for cell in row)
    seconds, busy = time.perf_counter() - start, time.process_time() - worked
    print(f"{len(tables)} tables, {cells:,} cells: {seconds:.1f} s, of processors {busy:.1f} s, {_gigabytes():.1f} GB")


def made_up(people: int, agencies: int, dice: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Records and services as a run holds them; two records of a hundred belong elsewhere under the strict grouping."""
    whose = np.repeat(np.arange(people), dice.choice([1, 2, 3, 4], people, p=[0.5, 0.3, 0.15, 0.05]))
    pairs = np.unique(whose * agencies + dice.integers(0, agencies, len(whose)))
    person, agency = pairs // agencies, pairs % agencies
    count = len(pairs)
    firsts = np.full(people, -1, dtype=np.int64)
    firsts[person[::-1]] = np.arange(count)[::-1]
    best = firsts[person]
    names = pa.array([f"agency_{number:03d}" for number in range(agencies)])
    rows = pa.array(np.char.add("r", np.arange(count).astype(str)))
    home = pa.array(np.where(dice.random(count) < 0.5, person // 3, -1))
    records = {
        "agency": names.take(pa.array(agency)),
        "row": rows,
        "household": pa.array([None if number < 0 else str(number) for number in home.to_pylist()], pa.string()),
        "age": pa.array(BANDS[:-1]).take(pa.array(person * 7 % 9)),
        "person": best,
        "loose": best,
        "strict": np.where(dice.random(count) < 0.02, np.arange(count), best),
    }
    return pa.table(records), _services(pa.table(records), 5 * people, dice)


def _services(records: pa.Table, count: int, dice: np.random.Generator) -> pa.Table:
    chosen = pa.array(dice.integers(0, len(records), count))

    def drawn(members: Sequence[str]) -> pa.Array:
        return pa.array(members).take(pa.array(dice.integers(0, len(members), count)))

    return pa.table(
        {
            "agency": records["agency"].combine_chunks().take(chosen),
            "row": records["row"].combine_chunks().take(chosen),
            "area": drawn(_AREAS),
            "type": drawn(_TYPES),
            "unit": drawn(("encounters", "nights", "meals", "dollars")),
            "month": drawn(_MONTHS),
            "units": dice.integers(1, 20, count),
        }
    )


def _gigabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (1e9 if sys.platform == "darwin" else 1e6)


if __name__ == "__main__":
    main()
