"""Commands that speak to a running service: sending, matches, and the coordinator's work."""

from __future__ import annotations

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hashing import job_commands, log_commands, second_person_commands
from hashing.counted import counted
from hashing.schema import AgencyKind
from hashing.second_person_commands import connected
from hashing.terminal import ask_passphrase

Service = Annotated[str, typer.Option(help="Address of the service, such as https://headcount.example.org.")]
Key = Annotated[Path, typer.Option(help="Your key file, made with 'headcount key new'.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the ``headcount`` command."""
    app.command("send")(send)
    app.command("matches")(matches)
    app.command("open")(open_pages)
    service = typer.Typer(no_args_is_help=True, help="The coordinator's and the auditor's work on a service.")
    service.command("add-member")(add_member)
    service.command("open-epoch")(open_epoch)
    service.command("link")(link)
    service.command("count")(count)
    service.command("release")(release)
    service.command("log")(log)
    service.command("openings")(openings)
    service.command("erase-openings")(erase_openings)
    job_commands.register(service)
    log_commands.register(service)
    second_person_commands.register(service)
    app.add_typer(service, name="service")


def send(
    encoded: Annotated[Path, typer.Argument(help="The encoded file, AGENCY.codes.jsonl.")], service: Service, key: Key
) -> None:
    """Send an encoded file to the linkage service. Names stay here."""
    from hashing.progress import progress_bar
    from hashing.resumable import SMALL_BYTES
    from hashing.schema import read_encoded

    if not encoded.exists() or encoded.stat().st_size <= SMALL_BYTES:
        read_encoded(encoded)  # a damaged file is refused before anything is sent; a large one the service checks
    with connected(service, key) as connection, progress_bar("sending") as progress:
        answer = connection.send(encoded, progress=progress)
    typer.echo(f"Sent {counted(answer.rows, 'encoded row')} of {answer.agency}; no name left this computer.")
    typer.echo(f"  receipt: entry {answer.receipt.index} of the log, {answer.receipt.leaf}")


def matches(
    service: Service,
    key: Key,
    crosswalk: Annotated[Path | None, typer.Option(help="Your crosswalk: shows your own client numbers.")] = None,
) -> None:
    """Care matches of your clients, where both sides hold consent."""
    from hashing.match_cards import check_belongs, describe_match, read_crosswalk

    own = read_crosswalk(crosswalk) if crosswalk else {}
    with connected(service, key) as connection:
        answer = connection.matches()
    if crosswalk:
        check_belongs(own, answer.matches, crosswalk)
    for card in answer.matches:
        for line in describe_match(card, own):
            typer.echo(line)
    found = counted(len(answer.matches), "match", "matches")
    typer.echo(f"{found}. This look is entry {answer.read.index} of the audit log.")


def open_pages(
    service: Service,
    key: Key,
    browser: Annotated[bool, typer.Option(help="Open the browser; otherwise only print the link.")] = True,
) -> None:
    """Open the service's pages, signed in with your key. The link works once, for two minutes."""
    with connected(service, key) as connection:
        link = connection.sign_in_link()
    typer.echo(link)
    if browser:
        webbrowser.open(link)


def add_member(
    member: Annotated[str, typer.Argument(help="Identifier of the member, such as food_bank.")],
    service: Service,
    key: Key,
    name: Annotated[str, typer.Option(help="The member's name.")],
    public_key: Annotated[Path, typer.Option(help="The member's .pub file.")],
    role: Annotated[str, typer.Option(help="agency, coordinator, auditor or operator.")] = "agency",
    kind: Annotated[AgencyKind | None, typer.Option(help="What the law makes of an agency.")] = None,
    contact: Annotated[str, typer.Option(help="Who answers for care matches.")] = "",
    agreement_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the agency's agreement.")
    ] = None,
    agreement_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; no file is taken after it.")
    ] = None,
) -> None:
    """Register a member (coordinator)."""
    from hashing.connection import NewMember
    from hashing.member_key import read_public_line

    line = read_public_line(public_key)
    days = tuple(None if day is None else day.date() for day in (agreement_from, agreement_until))
    with connected(service, key) as connection:
        connection.add_member(NewMember(member, name, role, line, kind, contact, *days))
    typer.echo(f"Registered {member} as {role}.")


def open_epoch(
    service: Service,
    key: Key,
    secret: Annotated[Path, typer.Option(help="The secret file; only its check value is sent.")],
    profile: Annotated[str, typer.Option(help="bloom, hardened, or a profile's JSON file.")] = "bloom",
) -> None:
    """Tell the service what every file must match (coordinator at a founding agency, who has the secret)."""
    from hashing.client import epoch_terms
    from hashing.keys import open_secret
    from hashing.profile import load_profile

    terms = epoch_terms(open_secret(secret, ask=ask_passphrase), load_profile(profile))
    with connected(service, key) as connection:
        connection.open_epoch(terms)
    typer.echo(f"Epoch {terms.epoch} is open: profile {terms.profile}, key check value {terms.key_check_value}.")


def link(service: Service, key: Key) -> None:
    """Link all current files and wait for the end (coordinator)."""
    from hashing.progress import progress_bar

    with connected(service, key) as connection, progress_bar("linking") as progress:
        run = connection.start_run()
        connection.wait_for_run(run, progress=progress)
    typer.echo(f"Linked: run {run}.")


def count(
    service: Service,
    key: Key,
    by: Annotated[str, typer.Option(help="agency, service, month or household.")] = "agency",
    purpose: Annotated[
        str, typer.Option(help="council-report, funding-report, planning or quality-check.")
    ] = "planning",
) -> None:
    """An unduplicated count, with small cells withheld (coordinator). The question goes into the audit log."""
    from msgspec import to_builtins

    from hashing.tables import print_count

    with connected(service, key) as connection:
        answer = connection.count(by, purpose=purpose)
    print_count(to_builtins(answer.table))
    typer.echo(f"This question is entry {answer.read.index} of the audit log.")


def release(
    service: Service,
    key: Key,
    period: Annotated[str, typer.Option(help="2026, 2026-Q1, 2026-01 or 2026-01..2026-06.")],
    purpose: Annotated[
        str, typer.Option(help="council-report, funding-report, planning or quality-check.")
    ] = "council-report",
    packet: Annotated[Path | None, typer.Option(help="The zip to write the council packet to.")] = None,
    revise: Annotated[bool, typer.Option("--revise", help="A revision with late data.")] = False,
) -> None:
    """Release all public tables of a period (coordinator). The same question has the same answer, for good."""
    from hashing.tables import print_count

    with connected(service, key) as connection:
        answer = connection.release(period, purpose=purpose, revise=revise)
        content = connection.packet(answer.number) if packet is not None else b""
    for name in ("people-by-area", "people-by-age"):
        if name in answer.tables:
            print_count(answer.tables[name])
    typer.echo(f"In this release: {', '.join(answer.tables)}.")
    revision = f", revision {answer.revision}" if answer.revision > 1 else ""
    typer.echo(f"Release {answer.number} of {answer.period}{revision}, SHA-256 {answer.sha256[:12]}...")
    if answer.released is not None:
        typer.echo(f"It is entry {answer.released.index} of the audit log.")
    if packet is not None:
        write_new(packet, content)
        typer.echo(f"Wrote {packet}: the council packet, every table of the release among it.")


def log(
    service: Service,
    key: Key,
    out: Annotated[Path, typer.Option(help="The zip to write, for 'headcount audit verify'.")],
) -> None:
    """Fetch the audit log, to verify it on this computer (auditor)."""
    with connected(service, key) as connection:
        write_new(out, connection.log_bundle())
    typer.echo(f"Wrote {out}. Now: headcount audit verify {out} --key log.vkey")
    typer.echo("log.vkey is the file that you were given when you became an auditor; without it, only the copy speaks.")


def openings(
    service: Service,
    key: Key,
    out: Annotated[Path, typer.Option(help="The file to write, for 'headcount audit why'.")],
    purpose: Annotated[str, typer.Option(help="client-request or own-review.")] = "client-request",
) -> None:
    """Fetch what tells who was shown your clients (agency). The question goes into the audit log."""
    with connected(service, key) as connection:
        write_new(out, connection.openings(purpose=purpose))
    typer.echo(f"Wrote {out}. It holds rows of your clients: it stays in your agency.")
    typer.echo(f"Now: headcount audit why {out} --agency YOURS --row ROW --key log.vkey")


def erase_openings(
    service: Service,
    key: Key,
    row: Annotated[list[str], typer.Option(help="The deleted client's row; may be given several times.")],
) -> None:
    """Make the service forget for good who was shown a client (agency). The log stays verifiable."""
    with connected(service, key) as connection:
        answer = connection.erase_openings(row)
    typer.echo(f"Erased {counted(answer.openings, 'opening')}. Nobody can tell any more who was shown this client.")
    typer.echo(f"  receipt: entry {answer.receipt.index} of the log, {answer.receipt.leaf}")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet: an auditor's earlier copy is evidence.

    Raises:
        OutputError: there is one, or the folder cannot be written.
    """
    from hashing.errors import OutputError

    try:
        with path.open("xb") as stream:
            stream.write(content)
    except FileExistsError as error:
        raise OutputError(f"{path.name}: there is a file already", hint="Keep it, and choose another name.") from error
    except OSError as error:
        raise OutputError(f"{path.name}: the file cannot be written", hint="Check the folder.") from error
