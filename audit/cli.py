"""``headcount audit``: check and read an exported log. All of its wording is here and in `audit.wording`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from audit import review_cli, witness_cli
from audit.cli_files import (
    BundlePath,
    CheckpointPaths,
    KeyPath,
    ReceiptsPath,
    checkpoint_in,
    failing_in_words,
    quorum_in,
    receipts_in,
    text_of,
)
from audit.review_cli import ZoneName, limits_for, unusual_lines
from audit.witness_cli import Need, Witnesses

if TYPE_CHECKING:  # loaded only when a command runs: this module is loaded for every headcount command
    from rich.table import Table

    from audit.events import Entry, Event
    from audit.verify import VerifiedLog

_WIDTHS = {"Entry": 5, "When (UTC)": 10}  # a date does not break, also in 80 columns
LastEntries = Annotated[int | None, typer.Option("--last", min=1, metavar="N", help="Show only the last N entries.")]


def register(app: typer.Typer) -> None:
    """Add ``audit`` and its commands to the ``headcount`` command."""
    commands = typer.Typer(no_args_is_help=True, help="Check and read the log that nobody can rewrite unseen.")
    commands.command("verify")(verify)
    commands.command("show")(show)
    witness_cli.register(commands)
    review_cli.register(commands)
    app.add_typer(commands, name="audit")


def verify(
    bundle: BundlePath,
    key: KeyPath = None,
    receipts: ReceiptsPath = None,
    checkpoint: CheckpointPaths = None,
    witness: Witnesses = None,
    need: Need = None,
) -> None:
    """Check an exported log on this computer, without asking the service."""
    from audit.verify import verify_bundle

    with failing_in_words("Not verified"):
        found = verify_bundle(
            bundle,
            vkeys=text_of(key) if key else None,
            receipts=receipts_in(receipts) if receipts else (),
            checkpoints=[checkpoint_in(path) for path in checkpoint or ()],
            quorum=quorum_in(witness, need),
        )
    typer.echo(_summary(found, kept=len(checkpoint or ())))


def show(
    bundle: BundlePath,
    key: KeyPath = None,
    last: LastEntries = None,
    unusual: Annotated[bool, typer.Option("--unusual", help="Show unusual access instead.")] = False,
    zone: ZoneName = None,
) -> None:
    """Check an exported log, then list its entries: when, who, what, why, and the outcome."""
    from rich.console import Console

    from audit.verify import read_entries, verify_bundle

    with failing_in_words("Not verified"):
        limits = limits_for(zone)
        found = verify_bundle(bundle, vkeys=text_of(key) if key else None)
        entries = read_entries(bundle)
    if unusual:
        typer.echo("\n".join(unusual_lines(entries, limits)))
    else:
        Console().print(_table(entries[-last:] if last else entries))
    typer.echo(_verdict(found))


def _summary(found: VerifiedLog, *, kept: int) -> str:
    from audit.verdict import moment

    yours = "".join(
        f"{count} {what} {'is' if count == 1 else 'are'} in it\n"
        for count, what in ((found.receipts, "of your receipts"), (kept, "of your checkpoints"))
        if count
    )
    lines = [
        _verdict(found),
        "",
        f"Log          {found.origin}",
        f"Entries      {found.entries}{_from_to(found)}",
        f"Checkpoints  {found.checkpoints}, the last one signed {moment(found.signed_at)}",
        *(f"Signed by    {signer}" for signer in found.signers),
        *_witnesses(found),
        *(f"Yours        {line}" for line in yours.splitlines()),
    ]
    return "\n".join(lines)


def _witnesses(found: VerifiedLog) -> list[str]:
    from audit.verdict import moment

    if not found.witnessed:
        return []
    upto = found.witnessed.entries
    later = f"; the {found.entries - upto} after them are not yet" if upto < found.entries else ""
    return [
        f"Witnessed    {upto} entries{later}",
        *(f"Cosigned by  {one.name}, {moment(one.time)}" for one in found.witnessed.by),
    ]


def _verdict(found: VerifiedLog) -> str:
    from audit.verdict import completeness, unaltered

    if found.keys_given:
        return f"{unaltered(found)}.\n{completeness(found)}"
    return (
        f"{unaltered(found)}, if these are the log's own keys.\n"
        "They came with the copy itself. Ask the people who run the log for their fingerprint; this one is\n"
        f"    {found.fingerprint}\n"
        "or give the log.vkey that you were given with --key.\n"
        f"{completeness(found)}"
    )


def _from_to(found: VerifiedLog) -> str:
    from audit.verdict import moment

    return f", from {moment(found.first)} to {moment(found.last)}" if found.first else ""


def _table(entries: tuple[Entry, ...]) -> Table:
    from rich.table import Column, Table
    from rich.text import Text

    titles = ("Entry", "When (UTC)", "Who", "What", "On", "Why", "Outcome")
    table = Table(*(Column(title, overflow="fold", min_width=_WIDTHS.get(title)) for title in titles), padding=(0, 0))
    for entry in entries:
        event = entry.event
        who = f"{event.actor} ({event.role})" if event.role else event.actor
        cells = (f"{entry.seq}", f"{entry.time:%Y-%m-%d %H:%M:%S}", who, _did(event))
        table.add_row(*(Text(cell) for cell in (*cells, event.object, event.purpose, event.outcome)))
    return table


def _did(event: Event) -> str:
    """The act, and what tells it from another of its kind: whose clients, how many, by which rule."""
    from audit.wording import ACT_WORDS

    shown = event.details.get("shown") or event.details.get("changes")
    beside = (
        f"agency {event.agency}" if event.agency not in ("", event.actor) else "",
        f"clients: {shown}" if shown else "",
        f"rule {event.rule}" if event.rule else "",
    )
    told = "; ".join(part for part in beside if part)
    return f"{ACT_WORDS[event.act]} ({told})" if told else ACT_WORDS[event.act]
