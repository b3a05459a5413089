"""``headcount audit export``, ``why`` and ``report``: what an auditor, an agency and an operator do with the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli_files import (
    BundlePath,
    CheckpointPaths,
    KeyPath,
    ReceiptsPath,
    checkpoint_in,
    failing_in_words,
    plain,
    quorum_in,
    receipts_in,
    text_of,
)
from audit.witness_cli import Need, Witnesses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from audit.events import Entry
    from audit.unusual import Limits, Unusual
    from audit.why import Answer, Told

ROW = "[a-z2-7]{16}"  # hashing.schema.Pseudonym
ZONE_HELP = "Time zone of the office hours, such as America/Los_Angeles; without it no time of day is unusual."
ZoneName = Annotated[str | None, typer.Option("--zone", metavar="NAME", help=ZONE_HELP)]


def register(commands: typer.Typer) -> None:
    """Add the commands to ``headcount audit``."""
    commands.command("export")(export)
    commands.command("why")(why)
    commands.command("report")(report)


def export(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The service's data folder.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new folder to write the copy into.")],
) -> None:
    """Copy a service's log for auditors, on the service's own computer, and check the copy. The service may run."""
    from audit.export import export_folder

    with failing_in_words("Not exported"):
        found = export_folder(data, out)
    typer.echo(f"Wrote {out}: {found.log.entries} entries, nothing altered, added or removed.")
    if found.unsigned:
        typer.echo(f"{found.unsigned} more not signed yet: with the next copy.")
    typer.echo("Hand it to the auditors. They have log.vkey from you already, or its fingerprint:")
    typer.echo(f"    {found.log.fingerprint}")


def why(
    openings: Annotated[
        Path, typer.Argument(metavar="OPENINGS", help="The file that 'headcount service openings' wrote.")
    ],
    row: Annotated[list[str], typer.Option("--row", metavar="R", help="The client's row; one for each epoch.")],
    key: Annotated[Path, typer.Option("--key", metavar="VKEYFILE", help="The log.vkey that you were given.")],
    agency: Annotated[str, typer.Option("--agency", metavar="A", help="Your agency.")],
    log: Annotated[
        Path | None, typer.Option("--log", metavar="BUNDLE", help="A copy of the log: tells what the file leaves out.")
    ] = None,
    could: Annotated[
        str | None, typer.Option("--could", metavar="B", help="Tell, too, whether member B could have been shown it.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day for --could, YYYY-MM-DD.")] = None,
) -> None:
    """Who was shown a client of yours, when, why and under which rule; checked on this computer."""
    from audit.could import could_lines, could_see
    from audit.errors import VerificationError
    from audit.verify import read_entries, verify_bundle
    from audit.why import ask_why

    with failing_in_words("Not verified"):
        check_are_rows(row)
        day = _day_of(could, on)
        vkeys = text_of(key)
        if log is not None:
            verify_bundle(log, vkeys=vkeys)
        entries = read_entries(log) if log else None
        answer = ask_why(text_of(openings).encode(), row, vkeys=vkeys, log=entries)
        if answer.agency != agency:
            raise VerificationError(
                f"the openings are those of {answer.agency}", "An agency can ask about its own clients only."
            )
    asked = could_lines(answer, could_see(answer, could, day, log=entries)) if could and day else []
    for line in (*asked, *answer_lines(answer)):
        typer.echo(plain(line))
    if answer.missing:
        raise typer.Exit(1)


def _day_of(could: str | None, on: str | None) -> date | None:
    """The day that is asked about, if one is.

    Raises:
        CommandMisused: only one of the two is given, or it is no day.
    """
    from datetime import date

    from audit.errors import CommandMisused

    if could is None and on is None:
        return None
    try:
        if could and on:
            return date.fromisoformat(on)
    except ValueError:
        pass  # told below, in the same words
    raise CommandMisused("--could takes a member, and --on a day", "Write it as --could clinic --on 2026-11-22.")


def check_are_rows(rows: Sequence[str]) -> None:
    """Each is the code of a row; what it is instead may be personal, and is not repeated.

    Raises:
        CommandMisused: one is not.
    """
    import re

    from audit.errors import CommandMisused

    if not all(re.fullmatch(ROW, row) for row in rows):
        raise CommandMisused(
            "a row is 16 small letters and digits, and what --row was given is not",
            "Look the client up in the crosswalk beside your encoded file: it has the row of each epoch.",
        )


def report(
    bundle: BundlePath,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new folder to write the report into.")],
    key: KeyPath = None,
    zone: ZoneName = None,
    receipts: ReceiptsPath = None,
    checkpoint: CheckpointPaths = None,
    witness: Witnesses = None,
    need: Need = None,
) -> None:
    """Check an exported log, then write who learned what about whom, and why: a page and tables."""
    from audit.bundle import write_bundle
    from audit.disk import Disk
    from audit.report import PAGE, report_files, review
    from audit.verify import read_entries, verify_bundle

    with failing_in_words("Not reported"):
        limits = limits_for(zone)
        log = verify_bundle(
            bundle,
            vkeys=text_of(key) if key else None,
            receipts=receipts_in(receipts) if receipts else (),
            checkpoints=[checkpoint_in(path) for path in checkpoint or ()],
            quorum=quorum_in(witness, need),
        )
        found = review(log, read_entries(bundle), limits)
        files = {name: (content,) for name, content in report_files(found).items()}
        write_bundle(out, files, disk=Disk())
    typer.echo(f"Wrote {out / PAGE} and three tables: {len(found.learned)} lines of who learned what,")
    typer.echo(f"{len(found.unusual)} of unusual access, {found.log.entries} entries.")
    if not log.keys_given:
        typer.echo(
            "All of it holds only if the keys that came with the copy are the log's own: none was given (--key)."
        )


def limits_for(zone: str | None) -> Limits:
    """The usual limits, with office hours if a time zone is named.

    Raises:
        VerificationError: there is no such time zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from audit.errors import VerificationError
    from audit.unusual import Limits, OfficeHours

    if zone is None:
        return Limits()
    try:
        return Limits(hours=OfficeHours(ZoneInfo(zone)))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise VerificationError(
            f"this computer knows no time zone {zone!r}", "Write it as America/Los_Angeles, or leave --zone out."
        ) from error


def unusual_lines(entries: Sequence[Entry], limits: Limits) -> list[str]:
    """Unusual access in plain words, one finding a line."""
    from audit.unusual import find_unusual
    from audit.wording import describe_limits

    found = [_finding(one) for one in find_unusual(entries, limits)]
    return [*(found or ["Nothing unusual."]), describe_limits(limits)]


def _finding(one: Unusual) -> str:
    numbers = ", ".join(str(entry.seq) for entry in one.entries)  # not a range: others' entries lie between
    places = f"entry {numbers}" if len(one.entries) == 1 else f"entries {numbers}"
    return plain(f"{one.entries[0].time:%Y-%m-%d %H:%M} UTC  {one.actor} {one.words} ({places})")


def answer_lines(answer: Answer) -> list[str]:
    """The answer in plain words."""
    from audit.commitment import Kind

    shown = [_shown(told) for told in answer.of(Kind.SHOWN_TO)]
    saw = [_saw(told) for told in answer.of(Kind.SAW_AT)]
    agreed = [_agreed(told) for told in answer.of(Kind.CONSENT)]
    if not answer.told:
        return [
            "The file holds nothing about this row. That is no answer yet: look in the crosswalk whether it is the",
            "client's row, and whether there are other epochs, in which it is another.",
            *_reservations(answer),
        ]
    return [
        "Who was shown this client",
        *(shown or ["  Nobody that the file tells of."]),
        f"What {answer.agency} was shown about this client",
        *(saw or ["  Nothing that the file tells of."]),
        "What the client had agreed to, as your files said",
        *(agreed or ["  No consent that the file tells of."]),
        *_reservations(answer),
    ]


def _shown(told: Told) -> str:
    event = told.entry.event
    return plain(
        f"  {_when(told)}  {event.actor} was shown that this client is also its own: {event.purpose}, "
        f"by the rule '{event.rule}', until {told.fact.until} (entry {told.entry.seq})"
    )


def _saw(told: Told) -> str:
    event = told.entry.event
    return plain(
        f"  {_when(told)}  that {told.fact.other} knows this client, too: {event.purpose}, "
        f"by the rule '{event.rule}', until {told.fact.until} (entry {told.entry.seq})"
    )


def _agreed(told: Told) -> str:
    whom = ", ".join(told.fact.recipients)
    said = f"may be shown to {whom}, until {told.fact.until}" if whom else "may be shown to nobody any more"
    return plain(f"  {_when(told)}  {said} (entry {told.entry.seq})")


def _when(told: Told) -> str:
    return f"{told.entry.time:%Y-%m-%d %H:%M} UTC"


def _reservations(answer: Answer) -> list[str]:
    """What keeps the answer from being the whole answer."""
    lines = []
    if answer.closed:
        lines.append(
            f"Erased facts about clients of {answer.agency}: {answer.closed}. Nobody can tell whose they were."
        )
    if answer.missing is None:
        lines.append("Whether your file leaves entries out shows with a copy of the log: --log BUNDLE.")
    elif answer.missing:
        numbers = ", ".join(map(str, answer.missing[:10]))
        more = " and more" if len(answer.missing) > 10 else ""
        lines.append(f"Entries that concern you, about which the file says nothing: {numbers}{more}. Ask why.")
    else:
        lines.append(f"The file speaks of every entry of the log that concerns {answer.agency}.")
    return lines
