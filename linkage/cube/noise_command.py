"""``headcount noise``: a table of a run with noise in place of stars, paid from a budget a year."""

from __future__ import annotations

import hashlib
import importlib.util
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage.errors import RequestRefused

if TYPE_CHECKING:  # loaded only when the command runs
    from linkage.cube.catalogue import Entry

_FILES = ("records.parquet", "services.parquet")


def noise(
    run: Annotated[Path, typer.Argument(help="The folder of a run, made by 'headcount link'.")],
    table: Annotated[str, typer.Option(help="A table of one dimension, such as people-by-age.")],
    budget: Annotated[Path, typer.Option(help="The folder that keeps what was spent, and the answers.")],
    epsilon: Annotated[float, typer.Option(help="How much privacy this answer may cost: smaller is safer.")] = 0.5,
    a_year: Annotated[float, typer.Option(help="How much may be spent a year; fixed with the first question.")] = 1.0,
    period: Annotated[str, typer.Option(help="2026, 2026-Q1, 2026-01 or 2026-01..2026-06; all by default.")] = "",
) -> None:  # fmt: skip
    """Count people with noise (differential privacy): no number is withheld, and none is exact."""
    from rich.console import Console

    from linkage import budget as budgets
    from linkage.cube.asking import Wanted, cube_of
    from linkage.cube.catalogue import find_entry
    from linkage.cube.printing import print_table
    from linkage.cube.tables import make_table
    from linkage.noise import from_opendp

    check_is_installed()
    entry = find_entry(table)
    disjoint = is_disjoint(entry)
    cube, notes = cube_of(run, Wanted(period, gaps=()))
    question = budgets.Question(table, cube.scope.name, cube.agencies, _digest(run), epsilon)
    told = budgets.ask(
        make_table(cube, entry, notes).table,
        question,
        budget,
        budget=budgets.Budget(a_year),
        today=datetime.now().astimezone().date(),
        noise=from_opendp,
        disjoint=disjoint,
    )
    print_table(Console(highlight=False), told)


def is_disjoint(entry: Entry) -> bool:
    """Whether each person is in one row of the table.

    Raises:
        RequestRefused: it is no table of one dimension, or its rows tell who is there.
    """
    from linkage.cube.catalogue import DIMENSIONS, Bound, Shape

    if entry.shape is not Shape.GRID or len(entry.dimensions) != 1:
        raise RequestRefused(
            f"{entry.name} has no noise", hint="Ask for a table of one dimension, such as people-by-age."
        )
    return DIMENSIONS[entry.dimensions[0]] is Bound.DIVIDED


def check_is_installed() -> None:
    """Whether what draws noise is installed.

    Raises:
        RequestRefused: it is not.
    """
    if importlib.util.find_spec("opendp") is None:
        raise RequestRefused(
            "this command needs the noise part of Headcount", hint="Run: pip install 'headcount[server,noise]'"
        )


def _digest(run: Path) -> str:
    """The same run is the same question; another linkage is another one."""
    digest = hashlib.sha256()
    for name in _FILES:
        if (run / name).is_file():
            digest.update((run / name).read_bytes())
    return digest.hexdigest()
