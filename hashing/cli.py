"""The command ``headcount``: the agency's commands, and those that the other packages add where installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing.command_words import as_typed
from hashing.counted import counted
from hashing.failures import failing_in_words
from hashing.help_page import CommandList
from hashing.schema import AgencyKind
from hashing.terminal import ask_date_order, ask_passphrase, is_terminal

if TYPE_CHECKING:
    from hashing.choices import Choices
    from hashing.client import EncodedFiles, Sender
    from hashing.export import AgencyExport
    from hashing.reading import Told

app = typer.Typer(
    name="headcount",
    cls=CommandList,
    rich_markup_mode=None,  # plain help: half the time to start, and no frames in the way of a screen reader
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a decorated traceback shows local variables, and those hold names
    help="Count people once, across agencies, without anyone handing over a name.",
)

Files = Annotated[list[Path], typer.Argument(help="The client list, and service rows or consents beside it.")]
Mapping = Annotated[Path | None, typer.Option(help="A mapping file: which column of your files is what.")]
Dates = Annotated[str, typer.Option(help="day-first or month-first, where no date tells.", metavar="ORDER")]
Hold = Annotated[Path | None, typer.Option(help="A list of client numbers that must not leave this computer.")]
Home = Annotated[
    Path, typer.Option(envvar="HEADCOUNT_HOME", show_default=False, help="Where your agency's mapping is remembered.")
]
EncodedArgument = Annotated[Path, typer.Argument(help="An encoded file, AGENCY.codes.jsonl.")]

_VICTIM_SERVICES = re.compile(r"domestic|violence|victim|survivor|safe_?house|(^|_)dv(_|$)")
_HOME = Path(typer.get_app_dir("headcount"))
_TOWN = Path(__file__).resolve().parents[1] / "demo" / "anytown"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"headcount {version('headcount')}")
        raise typer.Exit


@app.callback()
def headcount(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Count people once, across agencies, without anyone handing over a name."""


@app.command()
def check(
    files: Files,
    agency: Annotated[str, typer.Option(help="Your agency's identifier: its mapping is used.")] = "",
    mapping: Mapping = None,
    dates: Dates = "",
    hold: Hold = None,
    home: Home = _HOME,
    save_mapping: Annotated[
        bool, typer.Option("--save-mapping", help="Write what was understood to a file that you can correct.")
    ] = False,
) -> None:
    """Tell what is in a client list, what will encode and what will not. Changes nothing in it."""
    from hashing import reading
    from hashing.export import read_export
    from hashing.wording import describe_export

    told = reading.Told(agency, home, mapping, dates, hold)
    choices = _settled(files, told)
    for line in describe_export(read_export(files, today=_today(), choices=choices)):
        typer.echo(line)
    if save_mapping:
        typer.echo(
            f"Wrote {reading.save_mapping(files, choices, told)}: correct it in a text editor where it is wrong."
        )


@app.command("hash")
def hash_files(
    files: Files,
    agency: Annotated[str, typer.Option(help="Your agency's identifier, such as food_bank.")],
    secret: Annotated[Path, typer.Option(help="The collaborative's secret file.")],
    out: Annotated[Path, typer.Option(help="The folder for the encoded file and the crosswalk.")],
    profile: Annotated[str, typer.Option(help="bloom, hardened, or a profile's JSON file.")] = "bloom",
    kind: Annotated[AgencyKind, typer.Option(help="What the law makes of your agency.")] = AgencyKind.NONPROFIT,
    mapping: Mapping = None,
    dates: Dates = "",
    hold: Hold = None,
    home: Home = _HOME,
    replace: Annotated[bool, typer.Option("--replace", help="Write anew what is in the folder already.")] = False,
    processes: Annotated[int, typer.Option(help="How many processors to use; all by default.", min=0)] = 0,
) -> None:
    """Encode a client list on this computer. Names never leave it."""
    from hashing.client import Sender, check_can_encode, encode_to_folder
    from hashing.export import read_export
    from hashing.files import check_can_write
    from hashing.keys import open_secret
    from hashing.profile import load_profile
    from hashing.progress import progress_bar
    from hashing.reading import Told

    sender = Sender(agency, kind)
    check_can_encode(sender)
    check_can_write(out, agency, replace=replace)
    opened, loaded = open_secret(secret, ask=ask_passphrase), load_profile(profile)
    choices = _settled(files, Told(agency, home, mapping, dates, hold))
    with progress_bar(agency) as progress:
        progress("reading", 0.0)
        export = read_export(files, today=_today(), choices=choices, processes=processes)
        encoded = encode_to_folder(
            out,
            export,
            secret=opened,
            profile=loaded,
            sender=sender,
            replace=replace,
            processes=processes,
            progress=progress,
        )
    _tell_encoded(encoded, export, sender)


def _tell_encoded(encoded: EncodedFiles, export: AgencyExport, sender: Sender) -> None:
    """What was written, what may leave the computer, and what the reader of the files should know."""
    typer.echo(f"Encoded {encoded.header.rows:,} of {counted(len(export), 'client')} of {sender.agency}.")
    typer.echo(
        f"  {encoded.served:,} of them with services, {encoded.consenting:,} with a valid consent to care coordination."
    )
    for note in export.notes:
        typer.echo(f"  note: {as_typed(note)}.")
    if sender.kind is AgencyKind.NONPROFIT and _VICTIM_SERVICES.search(sender.agency):
        typer.echo("  Is this agency a victim service provider? Then delete the file: by law it may send totals only.")
    typer.echo(f"  {encoded.written.encoded}  may leave this computer: no name or birth date is in it")
    typer.echo("    age bands, and kinds, months and numbers of services are ('headcount inspect' shows them)")
    typer.echo(f"  {encoded.written.crosswalk}  stays here: it leads from the codes back to your client numbers")


def _settled(files: Sequence[Path], told: Told) -> Choices:
    """What is said of the files; on a terminal, a person is asked what they leave open."""
    from hashing.reading import choices_of, with_order_asked

    choices = choices_of(told)
    if not is_terminal():
        return choices
    settled = with_order_asked(files, choices, told, ask_date_order)
    if settled is not choices and told.mapping is None and told.remembered is not None:
        typer.echo(f"Remembered in {told.remembered}.", err=True)
    return settled


@app.command()
def inspect(encoded: EncodedArgument) -> None:
    """Show, in words, what the service would see of an encoded file."""
    from hashing.schema import read_encoded
    from hashing.wording import describe_encoded

    for line in describe_encoded(read_encoded(encoded)):
        typer.echo(line)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where to play; made anew.")] = Path("build/demo"),
    town: Annotated[Path, typer.Option(help="The town's exports.")] = _TOWN,
    serve: Annotated[bool, typer.Option("--serve", help="Show the pages of the demo that was played.")] = False,
) -> None:
    """Play the whole story on a made-up town of nine agencies."""
    from rich.console import Console

    from hashing.demo.pages import serve_pages
    from hashing.demo.stage import Stage
    from hashing.demo.story import tell

    stage = Stage(folder.resolve(), Console(highlight=False))
    if serve:
        serve_pages(stage)
    else:
        tell(stage, town.resolve(), today=_today())


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


@cache
def complete_app() -> typer.Typer:
    """The command with everything that the installed packages add to it."""
    from hashing import clk_command, key_commands, service_commands

    key_commands.register(app)
    clk_command.register(app)
    service_commands.register(app)
    for entry in sorted(entry_points(group="headcount.commands"), key=lambda entry: entry.name):
        entry.load()(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 when the whole of it worked, 1 with one clear sentence when it did not.

    An error that nobody foresaw ends with 70, and is told without its message, which may hold a cell.
    """
    with failing_in_words():
        complete_app()(args=list(arguments) if arguments is not None else None)
