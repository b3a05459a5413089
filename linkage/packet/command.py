"""``headcount packet``: the council packet of a release."""

from __future__ import annotations

import importlib.util
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from hashing.schema import HeadcountError

_PARTS = ("typst", "xlsxwriter")


def packet(  # noqa: PLR0913 -- a command's options are its arguments
    release: Annotated[Path, typer.Argument(help="A kept release: a file of the folder given to tables --releases.")],
    out: Annotated[Path, typer.Option(help="The folder for the packet; it must not exist yet.")],
    town: Annotated[str, typer.Option(help="For whom it is made.")] = "",
    title: Annotated[str, typer.Option(help="What it is called.")] = "Unduplicated counts",
    names: Annotated[
        Path | None, typer.Option(help="CSV (member,name) of what agencies and areas are called in print.")
    ] = None,
    capacity: Annotated[
        Path | None, typer.Option(help="CSV of what areas can give: area,capacity,unit,funding; a section of its own.")
    ] = None,
    vsp: Annotated[
        Path | None, typer.Option(help="CSV of victim service providers' totals: agency,period,unit,count; as notes.")
    ] = None,
    made: Annotated[str, typer.Option(help="The day to print on it, YYYY-MM-DD; today by default.")] = "",
) -> None:
    """Make the council packet: one PDF, one workbook, pictures and a CSV, from the numbers of a release."""
    check_is_installed()
    from linkage.cube.typed import read_capacity, read_totals
    from linkage.packet.document import About, Typed
    from linkage.packet.files import read_names, read_release, write_packet

    titles = {} if names is None else read_names(names)
    about = About(title, town or "Headcount", _day(made), titles)
    typed = Typed(read_capacity(capacity) if capacity else (), read_totals(vsp) if vsp else ())
    written = write_packet(read_release(release), about, out, typed)
    for path in written[:3]:
        typer.echo(str(path))
    typer.echo(f"{out / 'pictures'}: {len(written) - 3} pictures")


def check_is_installed() -> None:
    """Whether what makes packets is installed.

    Raises:
        HeadcountError: it is not.
    """
    if any(importlib.util.find_spec(part) is None for part in _PARTS):
        raise HeadcountError(
            "this command needs the packet part of Headcount", hint="Run: pip install 'headcount[server,packet]'"
        )


def _day(text: str) -> date:
    if not text:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HeadcountError("--made is no day", hint="Write it as 2026-11-27.") from error
