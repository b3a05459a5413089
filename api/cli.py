"""The command ``headcount serve``; everything heavy is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import backup_cli

if TYPE_CHECKING:  # this module is loaded for every headcount command
    from api.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the service's command to *app*."""
    app.command(name="serve")(serve)
    backup_cli.register(app)


def serve(
    data: Annotated[Path | None, typer.Option(help="Folder for everything the service keeps; made if missing.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535, show_default="8470"),
    ] = None,
    coordinator: Annotated[
        Path | None, typer.Option(help="The first coordinator's public key file, for a new data folder.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of this service's audit log, such as anytown.example/headcount.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings file (TOML); all else goes before it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what is wrong, and do not start.")] = False,
) -> None:
    """Run the linkage service and its pages.

    Every option can also be given as a variable, such as HEADCOUNT_DATA, or in a settings file; see
    docs/how-to/operate.md.
    """
    from api.logs import log_to_stderr
    from api.serve import serve as run
    from api.settings import Settings
    from hashing.schema import HeadcountError

    flags = {"data": data, "host": host, "port": port, "coordinator": coordinator, "name": name}
    try:
        chosen = Settings.read(flags | {"settings": settings})
        if check:
            _tell_problems(chosen)
            return
        log_to_stderr()
        run(chosen, ready=_say_ready)
    except HeadcountError as error:
        typer.echo(f"Headcount cannot run: {error.what}.\n{error.hint}", err=True)
        raise typer.Exit(1) from error


def _tell_problems(settings: Settings) -> None:
    from api.checking import problems_of

    problems = problems_of(settings)
    for problem in problems:
        typer.echo(f"{problem.what}.\n    {problem.hint}", err=True)
    if problems:
        raise typer.Exit(1)
    print(f"Nothing is wrong. Headcount would serve {settings.data}.")


def _say_ready(address: str) -> None:
    print(f"Headcount is ready at {address}", flush=True)
