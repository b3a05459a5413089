"""``headcount tables``: the cube of a run, for the coordinator's desk or for release."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage.errors import RequestRefused

if TYPE_CHECKING:  # loaded only when a command runs
    from collections.abc import Sequence

    from linkage.cube.asking import Wanted
    from linkage.cube.catalogue import Entry
    from linkage.disclosure import Released, SafeTable

INTERNAL_WARNING = "INTERNAL: nothing is withheld below. Do not hand it on."


class Form(StrEnum):
    """How tables are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Run = Annotated[Path, typer.Argument(help="The folder of a run, made by 'headcount link'.")]
Names = Annotated[list[str] | None, typer.Option("--table", help="A table of --list; again for more. All by default.")]


def tables(
    run: Run,
    table: Names = None,
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
) -> None:
    """Every table of a run, each person counted once: what may be published, or with --internal all of it."""
    from linkage.cli import check_is_installed

    check_is_installed()
    if names:
        return _list()
    _check_goes_together(internal=internal, releases=releases, quality=quality)
    from linkage.cube.asking import Wanted
    from linkage.cube.gaps import USUAL, read_gaps

    wanted = Wanted(period, USUAL if gaps is None else read_gaps(gaps), tuple(expected or ()))
    if internal:
        typer.echo(INTERNAL_WARNING, err=True)
        released = _internally(run, wanted, table)
    else:
        released = _publicly(run, wanted, releases, purpose, revise=revise)
    _print(run, _with_vsp(released, vsp), table, form, capacity, quality=quality)
    return None


def _list() -> None:
    from linkage.cube.catalogue import CATALOGUE

    for entry in CATALOGUE:
        typer.echo(f"{entry.name:<29} {'public  ' if entry.public else 'internal'}  {entry.title}")


def _check_goes_together(*, internal: bool, releases: Path | None, quality: bool) -> None:
    """Whether the options fit.

    Raises:
        RequestRefused: they contradict each other.
    """
    if internal and releases is not None:
        raise RequestRefused("--internal and --releases contradict each other", hint="Leave one of them out.")
    if quality and not internal:
        raise RequestRefused("quality is for each agency and the coordinator alone", hint="Add --internal.")


def _internally(run: Path, wanted: Wanted, names: Sequence[str] | None) -> Released:
    from linkage.cube.asking import cube_of, true_release
    from linkage.cube.catalogue import CATALOGUE, find_entry
    from linkage.disclosure import INTERNAL, release

    entries: Sequence[Entry] = [find_entry(name) for name in names] if names else CATALOGUE
    cube, notes = cube_of(run, wanted)
    return release(true_release(cube, entries, notes), INTERNAL, agencies=cube.agencies)


def _publicly(run: Path, wanted: Wanted, folder: Path | None, purpose: str, *, revise: bool) -> Released:
    """All public tables: asked for one by one they could be subtracted from each other."""
    from linkage.cube.asking import ask, cube_of, public_tables
    from linkage.disclosure import CMS11, release
    from linkage.ledger import keep, read_ledger

    if folder is None:
        cube, notes = cube_of(run, wanted)
        return release(public_tables(cube, notes), CMS11, agencies=cube.agencies)
    earlier = read_ledger(folder)
    told = ask(run, wanted, purpose, earlier=earlier, revise=revise)
    if told not in earlier:
        keep(folder, told, after=len(earlier))
        place = folder / f"{len(earlier):06d}.json"
        typer.echo(f"Kept as {place}; the council packet of it: headcount packet {place} --out FOLDER", err=True)
    return told


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
