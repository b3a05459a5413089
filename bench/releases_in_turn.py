"""Releases one period after the other, and tells how long each took: ``python -m bench.releases_in_turn RUN``.

RUN is the folder of a run, such as the one that `make demo` leaves. Each series begins without earlier releases:
months alone, months and then their quarter, quarters and then their year, and months of the first quarter, the
quarters and the year.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from linkage.cube.asking import Wanted, ask
from linkage.cube.facts import Facts
from linkage.disclosure import Released
from linkage.errors import CannotRelease
from linkage.store import read_table


def main(arguments: Sequence[str] | None = None) -> None:
    """Release the series of periods of a year, and print seconds and how much was withheld of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    chosen = parser.parse_args(arguments)
    for title, periods in series(first_year(chosen.run)):
        print(title)
        in_turn(chosen.run, periods)


def first_year(run: Path) -> int:
    """The year of the first service in a run."""
    return Facts.of(read_table(run, "records"), read_table(run, "services")).words.first // 12


def series(year: int) -> list[tuple[str, list[str]]]:
    """What is released in turn, each with a title."""
    months = [f"{year}-{month:02d}" for month in range(1, 13)]
    quarters = [f"{year}-Q{quarter}" for quarter in range(1, 5)]
    return [
        ("months", months),
        ("three months and their quarter", [*months[:3], quarters[0]]),
        ("quarters and their year", [*quarters, str(year)]),
        ("three months, quarters and their year", [*months[:3], *quarters, str(year)]),
    ]


def in_turn(run: Path, periods: Sequence[str]) -> None:
    """Release these one after the other, each beside those before it."""
    earlier: list[Released] = []
    for period in periods:
        start = time.perf_counter()
        try:
            made = ask(run, Wanted(period), "bench", earlier=earlier)
        except CannotRelease as error:
            print(f"  {period}: refused after {time.perf_counter() - start:.0f} s: {error.what}", flush=True)
            continue
        earlier.append(made)
        told, withheld = _numbers(made)
        seconds = time.perf_counter() - start
        print(f"  {period}: {seconds:.0f} s, {withheld} of {told} numbers withheld", flush=True)


def _numbers(made: Released) -> tuple[int, int]:
    cells = [
        cell for table in made.tables for row in (*table.rows, table.total) for cell in row.cells if cell is not None
    ]
    return len(cells), sum(cell.people.value is None for cell in cells)


if __name__ == "__main__":
    main()
