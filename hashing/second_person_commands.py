"""Commands about changing keys without a gap, and about what needs a second person."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing.terminal import ask_passphrase

if TYPE_CHECKING:
    from hashing.connection import Connection
    from hashing.service_answers import Key as KeyAnswer
    from hashing.service_answers import Receipt

Service = Annotated[str, typer.Option(help="Address of the service, such as https://headcount.example.org.")]
Key = Annotated[Path, typer.Option(help="Your key file, made with 'headcount key new'.")]
Whose = Annotated[str | None, typer.Option(help="Another member, if you are a coordinator.", show_default="yourself")]
PENDING = frozenset({"waiting", "approved"})


def register(service: typer.Typer) -> None:
    """Add the commands to ``headcount service``."""
    keys = typer.Typer(no_args_is_help=True, help="Your keys at the service: a new one before the old one ends.")
    keys.command("list")(list_keys)
    keys.command("add")(add_key)
    keys.command("retire")(retire_key)
    service.add_typer(keys, name="key")
    service.command("approvals")(approvals)
    service.command("approve")(approve)
    service.command("decline")(decline)


def list_keys(service: Service, key: Key, member: Whose = None) -> None:
    """The keys that the service knows you by."""
    with connected(service, key) as connection:
        for line in describe_keys(connection.keys(member or connection.whoami().member.id)):
            typer.echo(line)


def add_key(
    public_key: Annotated[Path, typer.Argument(help="The .pub file of the new key.")],
    service: Service,
    key: Key,
    member: Whose = None,
    days: Annotated[int, typer.Option(help="For how many days the old key still counts.", min=1, max=90)] = 7,
) -> None:
    """Give the service a new key, signed with the old one, which counts for some more days."""
    from hashing.member_key import public_keyid, read_public_line

    line = read_public_line(public_key)
    ends = datetime.now(UTC) + timedelta(days=days)
    with connected(service, key) as connection:
        whose = member or connection.whoami().member.id
        found = connection.add_key(whose, public_keyid(line), line, old_ends=ends)
    for told in describe_keys(found):
        typer.echo(told)


def retire_key(
    keyid: Annotated[str, typer.Argument(help="The key to end, as 'headcount service key list' names it.")],
    service: Service,
    key: Key,
    member: Whose = None,
) -> None:
    """End a key at once: it was lost, or the new one is at work."""
    with connected(service, key) as connection:
        connection.retire_key(member or connection.whoami().member.id, keyid)
    typer.echo(f"Key {keyid} has ended. Nothing that is signed with it counts any more.")


def describe_keys(keys: tuple[KeyAnswer, ...]) -> list[str]:
    """Keys in plain words."""
    return [
        f"Key {key.keyid}: " + ("stays" if key.retires is None else f"ends {key.retires:%Y-%m-%d %H:%M} UTC")
        for key in keys
    ]


def approvals(
    service: Service,
    key: Key,
    settled: Annotated[bool, typer.Option("--all", help="Those that are settled as well.")] = False,
) -> None:
    """What waits for a second person (coordinators and auditors)."""
    from hashing.second_person import describe_proposal

    with connected(service, key) as connection:
        found = [one for one in connection.approvals() if settled or one.state in PENDING]
    for proposal in found:
        for line in describe_proposal(proposal):
            typer.echo(line)
    if not found:
        typer.echo("Nothing waits for a second person.")


def approve(
    proposal: Annotated[str, typer.Argument(help="The proposal, as 'headcount service approvals' names it.")],
    service: Service,
    key: Key,
    digest: Annotated[
        str, typer.Option(help="The SHA-256 that you were shown, or its beginning: only what you read is approved.")
    ],
) -> None:
    """Approve what another person proposed. It is done when that person asks for it again."""
    _decide(service, key, proposal, digest, approve=True)
    typer.echo(f"Approved {proposal}. Whoever proposed it does it now by asking for it again.")


def decline(
    proposal: Annotated[str, typer.Argument(help="The proposal, as 'headcount service approvals' names it.")],
    service: Service,
    key: Key,
) -> None:
    """Decline what another person proposed, or withdraw your own."""
    _decide(service, key, proposal, "", approve=False)
    typer.echo(f"Declined {proposal}.")


def _decide(service: str, key: Path, proposal: str, digest: str, *, approve: bool) -> None:
    from hashing.errors import ConnectionFailed

    with connected(service, key) as connection:
        read = connection.approval(proposal)
        if approve and (len(digest) < 8 or not read.digest.startswith(digest)):
            raise ConnectionFailed(
                f"proposal {proposal} is not the one with that SHA-256",
                hint="Read it with 'headcount service approvals'; give 8 digits or more of its SHA-256.",
            )
        connection.decide(read, approve=approve)


def connected(service: str, key: Path) -> AbstractContextManager[Connection]:
    """A connection to *service* as the holder of *key*, whose passphrase may be asked for; receipts are kept."""
    from hashing.connection import connect
    from hashing.member_key import open_member_key

    return connect(service, open_member_key(key, ask=ask_passphrase), keep=partial(keep_beside, key))


def keep_beside(key: Path, receipts: Sequence[Receipt]) -> None:
    """Keep the log's receipts beside the key. What was asked for is done, even if the disk refuses to keep them."""
    from hashing.kept_receipts import keep_receipts, line_of, receipts_path

    path = receipts_path(key)
    try:
        keep_receipts(path, receipts)
    except OSError as error:
        typer.echo(f"The log's receipts could not be kept in {path} ({error.strerror}). Keep these lines:", err=True)
        typer.echo("".join(line_of(receipt).decode() for receipt in receipts), err=True, nl=False)
