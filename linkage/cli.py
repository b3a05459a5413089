"""The commands of the linkage: ``link`` and ``count``; everything heavy is imported when they run."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing.schema import HeadcountError
from linkage.cube.command import tables
from linkage.cube.noise_command import noise
from linkage.engine_choice import Engine, EngineChoice, Master, SparkConf
from linkage.packet.command import packet

if TYPE_CHECKING:
    from linkage.disclosure import SafeTable
    from linkage.run import Wishes


class CountBy(StrEnum):
    """What ``headcount count`` breaks down by."""

    AGENCY = "agency"
    SERVICE = "service"
    MONTH = "month"
    HOUSEHOLD = "household"


Run = Annotated[Path, typer.Argument(help="The folder of a run, made by 'headcount link'.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the ``headcount`` command."""
    app.command("link")(link)
    app.command("count")(count)
    app.command("tables")(tables)
    app.command("packet")(packet)
    app.command("noise")(noise)


def check_is_installed() -> None:
    """Whether the server part is installed.

    Raises:
        HeadcountError: it is not.
    """
    if importlib.util.find_spec("splink") is None:
        raise HeadcountError(
            "this command needs the server part of Headcount", hint="Run: pip install 'headcount[server]'"
        )


def check_spark_is_installed() -> None:
    """Whether the Spark part is installed.

    Raises:
        HeadcountError: it is not.
    """
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("fsspec") is None:
        raise HeadcountError(
            "the Spark engine needs the Spark part of Headcount", hint="Run: pip install 'headcount[server,spark]'"
        )


def link(
    files: Annotated[list[str], typer.Argument(help="The agencies' encoded files, *.codes.jsonl.")],
    out: Annotated[str, typer.Option(help="The folder for the run; it must not exist yet.")],
    model: Annotated[Path | None, typer.Option(help="A model card; otherwise the one shipped for the profile.")] = None,
    previous: Annotated[Path | None, typer.Option(help="An earlier run: its people keep their pseudonyms.")] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(help="CSV of pairs that people decided about: agency_l,row_l,agency_r,row_r,decision."),
    ] = None,
    clean: Annotated[list[str] | None, typer.Option(help="An agency whose list names nobody twice.")] = None,
    processors: Annotated[int, typer.Option(min=0, help="How many to use; all by default.")] = 0,
    engine: EngineChoice = Engine.DUCKDB,
    master: Master = "local[*]",
    spark_conf: SparkConf = None,
) -> None:
    """Link encoded files: who is the same person, within and across agencies, by the codes alone."""
    check_is_installed()
    if engine is Engine.SPARK:
        _check_spark_can({"previous": previous, "decisions": decisions, "clean": clean, "processors": processors})
        check_spark_is_installed()
        from linkage.spark.command import link_and_tell

        with _progress("linking on Spark") as progress:
            told = link_and_tell(files, out, model=model, chosen=(master, spark_conf or ()), progress=progress)
    else:
        from linkage.run import Wishes

        wishes = Wishes(previous, decisions, frozenset(clean or ()), processors or os.cpu_count() or 1)
        told = _link_here(files, out, model, wishes)
    for line in told:
        typer.echo(line)


def _check_spark_can(options: Mapping[str, object]) -> None:
    """Whether none of these options was given.

    Raises:
        CannotLink: one was, and the Spark engine does not know it.
    """
    from linkage.errors import CannotLink

    hints = {"processors": "Say how many by --master, such as local[4]."}
    for name, value in options.items():
        if value:
            raise CannotLink(
                f"--{name} does not go together with --engine spark",
                hint=hints.get(name, "Leave the option out, or link with the other engine, on one machine."),
            )


def _link_here(files: Sequence[str], out: str, model: Path | None, wishes: Wishes) -> list[str]:
    from linkage.run import link as link_files

    away = [place for place in (*files, out) if "://" in place]
    if away:
        raise HeadcountError(f"{away[0]}: this engine reads and writes folders", hint="Add --engine spark.")
    with _progress("linking") as progress:
        link_files([Path(file) for file in files], Path(out), model=model, wishes=wishes, progress=progress)
    return describe_link(len(files), Path(out))


def describe_link(files: int, run: Path) -> list[str]:
    """What a linkage found, and where it is."""
    from linkage.breakdown import Breakdown
    from linkage.counts import count as count_run

    table = count_run(run, Breakdown.AGENCY)
    low, high = table.total.low, table.total.high
    return [
        f"Linked {files} files: {table.total.people} people (likely {low} to {high}).",
        f"  {run / 'people.csv'}     agency,row,person",
        f"  {run / 'pairs.parquet'}  the scored pairs and their evidence",
        f"  {run / 'report.json'}    safe counts, ranges, timings, versions, model",
    ]


def count(
    run: Run,
    by: Annotated[CountBy, typer.Option(help="What to break down by.")] = CountBy.AGENCY,
    internal: Annotated[bool, typer.Option("--internal", help="Withhold nothing; not to be handed on.")] = False,
) -> None:
    """Count people once: by agency, service area, month, or households. Counts from 1 to 10 are withheld."""
    check_is_installed()
    from linkage.breakdown import Breakdown
    from linkage.counts import count as count_run
    from linkage.disclosure import CMS11, INTERNAL

    if internal:
        typer.echo("INTERNAL: nothing is withheld below. Do not hand it on.", err=True)
    show(count_run(run, Breakdown(by.value), rule=INTERNAL if internal else CMS11))


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal; nothing elsewhere."""
    with typer.progressbar(length=100, label=title, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def advance(stage: str, share: float) -> None:
            bar.label = f"{title}: {stage}"
            bar.update(round(100 * share) - bar.pos)

        yield advance


def show(table: SafeTable) -> None:
    """Print a safe table."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    grid = Table(title=table.title, title_justify="left", show_footer=True)
    grid.add_column("", footer=f"unduplicated {table.unit}")
    grid.add_column(table.unit, justify="right", footer=str(table.total.people))
    grid.add_column("likely range", justify="right", footer=f"{table.total.low} to {table.total.high}")
    for row in table.rows:
        grid.add_row(row.label.replace("_", " "), str(row.people), f"{row.low} to {row.high}")
    console.print(grid)
    one = "household" if table.unit == "households" else "person"
    console.print(f"Sum of the rows, where the same {one} counts again and again: {table.duplicated}")
    for note in table.notes:
        console.print(f"  {note}")
