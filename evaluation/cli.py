"""The command ``headcount evaluate``; everything heavy is imported when it runs."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing.schema import HeadcountError

if TYPE_CHECKING:
    from evaluation.report import Findings


def register(app: typer.Typer) -> None:
    """Add the command to the ``headcount`` command."""
    app.command("evaluate")(evaluate)


def check_is_installed(package: str, *, extra: str) -> None:
    """Whether an optional part is installed.

    Raises:
        HeadcountError: it is not.
    """
    if importlib.util.find_spec(package) is None:
        raise HeadcountError(f"this needs the {extra} part of Headcount", hint=f"Run: pip install 'headcount[{extra}]'")


def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder of a run, made by 'headcount link'.")],
    crosswalks: Annotated[Path, typer.Option(help="The folder with the agencies' crosswalks.")],
    truth: Annotated[Path, typer.Option(help="CSV with the columns agency, client_id, person_id.")],
    values: Annotated[
        Path | None, typer.Option(help="CSV of what was written of each client: adds baselines on plaintext.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="A column of the truth or the values to break down by; may be repeated.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="An HTML file to write, with pictures.")] = None,
) -> None:
    """Measure a run of labelled test data: precision, recall, people, calibration, subgroups, baselines."""
    check_is_installed("splink", extra="server")
    if values:
        check_is_installed("recordlinkage", extra="evaluate")
    if report:
        check_is_installed("matplotlib", extra="evaluate")
    from evaluation.report import check_is_free, find

    if report:
        check_is_free(report)
    found = find(run, crosswalks=crosswalks, truth=truth, values=values, by=tuple(by or ()), today=_today())
    tell(found)
    if report:
        from evaluation.page import write_page

        write_page(found, report)
        typer.echo(f"\nWrote {report}: pictures and tables, for labelled test data only.")


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def tell(found: Findings) -> None:
    """Print the figures."""
    from evaluation.wording import describe_breakdown, describe_contenders, describe_evaluation

    for line in describe_evaluation(found.evaluation):
        typer.echo(line)
    if found.baselines:
        typer.echo("\n" + "\n".join(describe_contenders(found.own, found.baselines)))
    for breakdown in found.breakdowns:
        typer.echo("\n" + "\n".join(describe_breakdown(breakdown)))
