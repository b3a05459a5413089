"""The commands ``headcount backup`` and ``headcount restore``; everything heavy is imported when they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option(help="The service's data folder.", show_default="HEADCOUNT_DATA")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="Settings file of the service (TOML).")]


def register(app: typer.Typer) -> None:
    """Add both commands to *app*."""
    app.command(name="backup")(backup)
    app.command(name="restore")(restore)


def backup(
    out: Annotated[Path, typer.Option(help="The new file to write; never overwritten.")],
    data: Data = None,
    settings: SettingsFile = None,
) -> None:
    """Write everything that the service keeps into one file; the service may run meanwhile.

    The file holds encodings and the log's signing key: keep it as you keep the service itself.
    """
    from api.backup import back_up
    from api.clock import system_clock
    from api.settings import Settings
    from api.storage.engine import database_address

    with _in_words("There is no backup"):
        chosen = Settings.read({"data": data, "settings": settings})
        done = back_up(chosen.data, database_address(chosen.data, chosen.database_url), out, now=system_clock())
    typer.echo(f"Wrote {done.path}: {done.files} files, {done.size:,} bytes.")
    typer.echo("It holds encodings and the log's signing key. Keep it where only you can read it.")


def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The file that 'headcount backup' wrote.")],
    data: Data = None,
    settings: SettingsFile = None,
    signed: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint kept elsewhere, such as log/last-signed of the lost disk; any number of them."),
    ] = None,
) -> None:
    """Verify a backup, file by file and the whole log, and put it into a new data folder."""
    from api.clock import system_clock
    from api.restore import restore as run
    from api.settings import Settings
    from api.storage.engine import database_address

    with _in_words("Nothing was restored"):
        chosen = Settings.read({"data": data, "settings": settings})
        address = database_address(chosen.data, chosen.database_url)
        kept = [_text(path) for path in signed or ()]
        done = run(backup, chosen.data, address, signed=kept, clock=system_clock)
    typer.echo(f"Restored {done.files} files of {done.made:%Y-%m-%d %H:%M} UTC into {chosen.data}.")
    typer.echo(f"The log holds {done.log.entries} entries; every one and every signed state was verified.")
    if kept:
        typer.echo("It holds every state that you gave with --signed.")
    else:
        typer.echo(
            "Nobody can tell from a backup alone whether the log went on after it. Before you start the service, ask\n"
            "each witness for its last state, and run this again on a new folder with --signed FILE."
        )


def _text(path: Path) -> str:
    from api.errors import BackupError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{path} cannot be read", hint="Give the file of a signed checkpoint.") from error


@contextmanager
def _in_words(failed: str) -> Iterator[None]:
    from hashing.schema import HeadcountError

    try:
        yield
    except HeadcountError as error:
        typer.echo(f"{failed}: {error.what}.\n{error.hint}", err=True)
        raise typer.Exit(1) from error
