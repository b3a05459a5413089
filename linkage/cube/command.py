"""``headcount tables``: the cube of a run, for the coordinator's desk or for release."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage.engine_choice import Engine, EngineChoice, Master, SparkConf
from linkage.errors import RequestRefused, RunError

if TYPE_CHECKING:  # loaded only when a command runs
    from collections.abc import Sequence

    from linkage.cube.asking import Wanted
    from linkage.cube.catalogue import Entry
    from linkage.cube.counting import Cube
    from linkage.disclosure import Released, Rule, SafeTable

    Told = tuple[Cube, tuple[str, ...]]  # a cube, and what has to be said beside each of its numbers

INTERNAL_WARNING = "INTERNAL: withheld below is only what you asked for, if anything. Do not hand it on."


class Form(StrEnum):
    """How tables are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Run = Annotated[str, typer.Argument(help="The folder of a run, made by 'headcount link'.")]
Names = Annotated[list[str] | None, typer.Option("--table", help="A table of --list; again for more. All by default.")]


def tables(
    run: Run,
    table: Names = None,
    threshold: Annotated[
        int | None,
        typer.Option(
            help="The least count that is shown; 11 by default, with --internal 1.", show_default=False, min=1
        ),
    ] = None,
    period: Annotated[
        str, typer.Option(help="2026, 2026-Q1, 2026-01 or 2026-01..2026-06; all months by default.")
    ] = "",
    internal: Annotated[
        bool, typer.Option("--internal", help="Every table, nothing withheld; not to be handed on.")
    ] = False,
    releases: Annotated[
        Path | None,
        typer.Option(help="A folder that keeps releases: what would add up with an earlier one is refused."),
    ] = None,
    purpose: Annotated[str, typer.Option(help="What the release is for; kept with it.")] = "",
    revise: Annotated[bool, typer.Option("--revise", help="A revision of what was released, with late data.")] = False,
    vsp: Annotated[
        Path | None, typer.Option(help="CSV of victim service providers' totals: agency,period,unit,count.")
    ] = None,
    capacity: Annotated[
        Path | None, typer.Option(help="CSV of what areas can give: area,capacity,unit,funding.")
    ] = None,
    gaps: Annotated[Path | None, typer.Option(help="CSV of service gaps: name,at,months,unknown_to.")] = None,
    expected: Annotated[
        list[str] | None, typer.Option(help="An agency that should be in the run; again for more.")
    ] = None,
    quality: Annotated[
        bool, typer.Option("--quality", help="Data and match quality by agency; needs --internal.")
    ] = False,
    names: Annotated[bool, typer.Option("--list", help="Name the tables and stop.")] = False,
    form: Annotated[Form, typer.Option("--format", help="On a terminal, or for other programs.")] = Form.TABLE,
    engine: EngineChoice = Engine.DUCKDB,
    master: Master = "local[*]",
    spark_conf: SparkConf = None,
) -> None:
    """Every table of a run, each person counted once: what may be published, or with --internal all of it."""
    from linkage.cli import check_is_installed

    check_is_installed()
    if names:
        return _list()
    _check_goes_together(internal=internal, releases=releases, quality=quality, engine=engine, purpose=purpose)
    from linkage.cube.asking import Wanted
    from linkage.cube.gaps import USUAL, read_gaps

    wanted = Wanted(period, USUAL if gaps is None else read_gaps(gaps), tuple(expected or ()))
    if internal:
        typer.echo(INTERNAL_WARNING, err=True)
    rule = _rule(threshold, internal=internal)
    told = _cube(run, wanted, engine, master, spark_conf or ())
    released = _internally(told, table, rule) if internal else _publicly(told, releases, purpose, rule, revise=revise)
    _print(Path(run), _with_vsp(released, vsp), table, form, capacity, quality=quality)
    return None


def _rule(threshold: int | None, *, internal: bool) -> Rule:
    """The rule of disclosure control that was asked for.

    Raises:
        RuleError: the threshold is too low for what is published.
    """
    from linkage.rule import CMS11, desk_rule, rule_for

    return desk_rule(threshold or 1) if internal else rule_for(threshold or CMS11.threshold)


def _cube(run: str, wanted: Wanted, engine: Engine, master: str, settings: Sequence[str]) -> Told:
    """The cube of a run, by the engine that was chosen.

    Raises:
        RunError: the place is no run, or another engine is needed for it.
    """
    if engine is Engine.SPARK:
        from linkage.cli import check_spark_is_installed

        check_spark_is_installed()
        from linkage.spark.cube import cube_on_spark
        from linkage.spark.session import SparkSettings

        return cube_on_spark(run, wanted, SparkSettings.of(master, settings))
    from linkage.cube.asking import cube_of

    if "://" in run:
        raise RunError(f"{run}: this engine reads folders", hint="Add --engine spark.")
    return cube_of(Path(run), wanted)


def _list() -> None:
    from linkage.cube.catalogue import CATALOGUE

    for entry in CATALOGUE:
        typer.echo(f"{entry.name:<29} {'public  ' if entry.public else 'internal'}  {entry.title}")


def _check_goes_together(*, internal: bool, releases: Path | None, quality: bool, engine: Engine, purpose: str) -> None:
    """Whether the options fit.

    Raises:
        RequestRefused: they contradict each other.
    """
    if internal and releases is not None:
        raise RequestRefused("--internal and --releases contradict each other", hint="Leave one of them out.")
    if quality and not internal:
        raise RequestRefused("quality is for each agency and the coordinator alone", hint="Add --internal.")
    if quality and engine is Engine.SPARK:
        raise RequestRefused("--quality does not go together with --engine spark", hint="Leave one of them out.")
    if releases is not None:
        from linkage.cube.asking import check_is_for_something

        check_is_for_something(purpose)


def _internally(told: Told, names: Sequence[str] | None, rule: Rule) -> Released:
    from linkage.cube.asking import true_release
    from linkage.cube.catalogue import CATALOGUE, find_entry
    from linkage.disclosure import release

    cube, notes = told
    entries: Sequence[Entry] = [find_entry(name) for name in names] if names else CATALOGUE
    return release(true_release(cube, entries, notes), rule, agencies=cube.agencies)


def _publicly(told: Told, folder: Path | None, purpose: str, rule: Rule, *, revise: bool) -> Released:
    """All public tables: asked for one by one they could be subtracted from each other."""
    from linkage.cube.asking import public_tables, released
    from linkage.disclosure import release
    from linkage.ledger import keep, read_ledger

    cube, notes = told
    if folder is None:
        return release(public_tables(cube, notes), rule, agencies=cube.agencies)
    earlier = read_ledger(folder)
    found = released(told, purpose, earlier=earlier, revise=revise, rule=rule)
    if found not in earlier:
        keep(folder, found, after=len(earlier))
        place = folder / f"{len(earlier):06d}.json"
        typer.echo(f"Kept as {place}; the council packet of it: headcount packet {place} --out FOLDER", err=True)
    return found


def _with_vsp(released: Released, path: Path | None) -> Released:
    from linkage.cube.typed import read_totals, with_totals

    return released if path is None else with_totals(released, read_totals(path))


def _print(
    run: Path, released: Released, names: Sequence[str] | None, form: Form, capacity: Path | None, *, quality: bool
) -> None:
    from rich.console import Console

    from linkage.cube.printing import as_csv, as_json, print_demand, print_quality, print_table
    from linkage.cube.quality import quality_of
    from linkage.cube.typed import demand, read_capacity
    from linkage.store import read_report, read_table

    shown: list[SafeTable] = [released.table(name) for name in names] if names else list(released.tables)
    areas = () if capacity is None else demand(released.table("people-by-area"), read_capacity(capacity))
    agencies = quality_of(read_table(run, "records"), read_table(run, "pairs"), read_report(run)) if quality else ()
    if form is Form.CSV:
        typer.echo(as_csv(shown), nl=False)
    elif form is Form.JSON:
        typer.echo(as_json(shown, areas or agencies))
    else:
        console = Console(highlight=False)
        for table in shown:
            print_table(console, table)
        if areas:
            print_demand(console, areas)
        if agencies:
            print_quality(console, agencies)
