"""Commands about keys: the secret, the member's own key, and the joining ceremony."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing import backup_commands
from hashing.help_page import CommandList
from hashing.schema import AgencyKind
from hashing.terminal import ask_new_passphrase, ask_passphrase, ask_words

if TYPE_CHECKING:
    from hashing.keys import LinkageSecret

SecretFile = Annotated[Path, typer.Argument(help="The secret file.")]
KeyFile = Annotated[Path, typer.Argument(help="Your key file, made with 'headcount key new'.")]
Key = Annotated[Path, typer.Option(help="Your key file, made with 'headcount key new'.")]
NewSecret = Annotated[Path, typer.Option(help="The secret file to write; it must not exist yet.")]
Locked = Annotated[bool, typer.Option("--locked", help="Lock the file with a passphrase, asked for at the terminal.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the ``headcount`` command."""
    _register_secret(app)
    _register_key(app)
    _register_join(app)


def _register_secret(app: typer.Typer) -> None:
    commands = typer.Typer(
        cls=CommandList, no_args_is_help=True, help="The collaborative's secret, that only agencies share."
    )
    commands.command("new")(secret_new)
    commands.command("next")(secret_next)
    commands.command("lock")(secret_lock)
    commands.command("unlock")(secret_unlock)
    backup_commands.register(commands)
    app.add_typer(commands, name="secret")


def _register_key(app: typer.Typer) -> None:
    commands = typer.Typer(cls=CommandList, no_args_is_help=True, help="Your own key, by which the service knows you.")
    commands.command("new")(key_new)
    commands.command("words")(key_words)
    commands.command("lock")(key_lock)
    commands.command("unlock")(key_unlock)
    app.add_typer(commands, name="key")


def _register_join(app: typer.Typer) -> None:
    commands = typer.Typer(
        cls=CommandList, no_args_is_help=True, help="How an agency gets the secret from one that has it."
    )
    commands.command("new")(join_new)
    commands.command("words")(join_words)
    commands.command("seal")(join_seal)
    commands.command("open")(join_open)
    app.add_typer(commands, name="join")


def secret_new(out: NewSecret, locked: Locked = False) -> None:
    """Make the founding secret. It is written to a file that only you can read, and never shown."""
    from hashing.keys import new_secret

    write_secret_file(new_secret(random_bytes=secrets.token_bytes), out, locked=locked)
    typer.echo(f"Wrote {out}. The other agencies get it by 'headcount join';")
    typer.echo("whoever has it and the encoded files can find people in them. The service must never get it.")


def secret_next(
    secret: Annotated[Path, typer.Option(help="The secret of the epoch that ends.")],
    out: NewSecret,
    locked: Locked = False,
) -> None:
    """Make the secret of the next epoch: fresh, and unrelated to the old one."""
    from hashing.keys import next_secret, open_secret

    fresh = next_secret(open_secret(secret, ask=ask_passphrase), random_bytes=secrets.token_bytes)
    write_secret_file(fresh, out, locked=locked)
    typer.echo(f"Wrote {out}, the secret of epoch {fresh.epoch}. Every agency that stays joins again;")
    typer.echo("pseudonyms and codes of the two epochs have nothing in common: keep the old crosswalks until")
    typer.echo("nobody looks at the old runs.")


def secret_lock(file: SecretFile) -> None:
    """Lock a secret file with a passphrase."""
    from hashing.keys import open_secret

    _lock(file, "secret", open_secret)


def secret_unlock(file: SecretFile) -> None:
    """Take the passphrase off a secret file."""
    _unlock(file, "secret")


def key_new(out: Annotated[Path, typer.Option(help="The file to write; FILE.pub is written beside it.")]) -> None:
    """Make your own key. The file stays with you; the .pub file goes to the coordinator."""
    from hashing.member_key import new_member_key, public_path

    key = new_member_key(out)
    typer.echo(f"Wrote {out} (keep it) and {public_path(out)} (give it to the coordinator). Key {key.keyid}.")


def key_words(file: KeyFile) -> None:
    """Show your key as eight words, to be read to an agency for which you sealed the secret."""
    from hashing.member_key import open_member_key

    typer.echo(open_member_key(file, ask=ask_passphrase).words)


def key_lock(file: KeyFile) -> None:
    """Lock your key with a passphrase."""
    from hashing.member_key import open_member_key

    _lock(file, "key", open_member_key)


def key_unlock(file: KeyFile) -> None:
    """Take the passphrase off your key."""
    _unlock(file, "key")


def join_new(
    agency: Annotated[str, typer.Option(help="Your agency's identifier, such as food_bank.")],
    key: Key,
    out: Annotated[Path, typer.Option(help="The folder for the join request.")],
    kind: Annotated[AgencyKind, typer.Option(help="What the law makes of your agency.")] = AgencyKind.NONPROFIT,
) -> None:
    """Ask for the secret: write a join request to send to an agency that has it."""
    from hashing.ceremony import Applicant, new_request
    from hashing.errors import OutputError
    from hashing.join_disk import write_join_file
    from hashing.join_files import sign_request
    from hashing.join_key import join_key_path, write_join_key
    from hashing.member_key import open_member_key

    member = open_member_key(key, ask=ask_passphrase)
    request, private = new_request(Applicant(agency, kind), member, now=datetime.now(UTC))
    file = out / f"{agency}.join.json"
    write_join_key(private, join_key_path(key))
    try:
        write_join_file(file, sign_request(request, member))
    except OutputError:
        join_key_path(key).unlink()  # without its request it would only stand in the way of the next one
        raise
    typer.echo(f"Wrote {file}: send it to an agency that has the secret. {join_key_path(key)} stays here.")
    typer.echo("When they telephone, read them these eight words (they must not come by the same way as the file):")
    typer.echo(f"  {request.words}")


def join_words(request: Annotated[Path, typer.Argument(help="Your own copy of the join request.")]) -> None:
    """Show the eight words of a join request again."""
    from hashing.join_disk import read_join_file
    from hashing.join_files import parse_request

    typer.echo(parse_request(read_join_file(request), name=request.name).words)


def join_seal(
    request: Annotated[Path, typer.Argument(help="The join request, ID.join.json.")],
    secret: Annotated[Path, typer.Option(help="The secret file.")],
    key: Key,
    roster: Annotated[Path | None, typer.Option(help="Who got the secret so far [SECRET.roster.json].")] = None,
    words: Annotated[str | None, typer.Option(help="The eight words that they read out by telephone.")] = None,
) -> None:
    """Seal the secret for the agency that made a join request, and for nobody else."""
    from hashing.ceremony import SecretHolder, seal
    from hashing.join_disk import read_join_file, read_roster, write_join_file
    from hashing.join_files import parse_request, roster_content, sign_sealed
    from hashing.keys import open_secret
    from hashing.member_key import open_member_key

    asked = parse_request(read_join_file(request), name=request.name)
    spoken = ask_words(asked.agency) if words is None else words
    holder = SecretHolder(open_secret(secret, ask=ask_passphrase), open_member_key(key, ask=ask_passphrase))
    known = roster or secret.with_name(f"{secret.name}.roster.json")
    before = read_roster(known, epoch=holder.secret.epoch)
    sealed, after = seal(asked, spoken=spoken, holder=holder, roster=before, now=datetime.now(UTC))
    out = request.with_name(f"{asked.agency}.sealed.json")
    write_join_file(known, roster_content(after))  # first: an answer that no roster knows could be given twice
    write_join_file(out, sign_sealed(sealed, holder.member))
    typer.echo(f"Wrote {out}: send it to {asked.agency}, and nobody else can open it.")
    typer.echo("When you telephone, read them the eight words of your key:")
    typer.echo(f"  {holder.member.words}")


def join_open(  # noqa: PLR0913 -- a command's options are its arguments
    sealed: Annotated[Path, typer.Argument(help="The answer, ID.sealed.json.")],
    key: Key,
    out: NewSecret,
    hpke: Annotated[
        Path | None, typer.Option(help="The file that 'join new' wrote beside your key [KEY.join].")
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", help="The eight words of the sender's key.")] = None,
    epoch: Annotated[int | None, typer.Option(help="Take the secret of this epoch only.")] = None,
    locked: Locked = False,
) -> None:
    """Open the answer to your join request, and write the secret file."""
    from hashing.ceremony import Opening, open_sealed
    from hashing.join_disk import read_join_file
    from hashing.join_files import parse_sealed
    from hashing.join_key import join_key_path, open_join_key
    from hashing.member_key import open_member_key

    answer = parse_sealed(read_join_file(sealed), name=sealed.name)
    private = hpke or join_key_path(key)
    member, join_key = open_member_key(key, ask=ask_passphrase), open_join_key(private, ask=ask_passphrase)
    words = ask_words("the agency that sealed the secret") if sender is None else sender
    secret = open_sealed(answer, Opening(member, join_key, words), epoch=epoch)
    write_secret_file(secret, out, locked=locked)
    private.unlink()
    holders = ", ".join(dict.fromkeys(recipient.agency for recipient in answer.roster))
    typer.echo(f"Wrote {out}, the secret of epoch {secret.epoch}, and removed {private}, which is used up.")
    typer.echo(f"The sender has sealed it for: {holders}. The service must never get it.")


def write_secret_file(secret: LinkageSecret, out: Path, *, locked: bool) -> None:
    """Write a new secret file, locked with a passphrase asked for at the terminal where that is wanted.

    Raises:
        SecretError: there is a file already, the folder cannot be written, or no passphrase was given.
    """
    from hashing.keys import secret_content, write_secret
    from hashing.keystore import lock
    from hashing.private_files import write_private

    if locked:
        passphrase = ask_new_passphrase(out.name)
        write_private(out, lock(secret_content(secret), passphrase, random_bytes=secrets.token_bytes))
    else:
        write_secret(secret, out)


def _lock(file: Path, kind: str, check: Callable[[Path], object]) -> None:
    from hashing.errors import SecretError
    from hashing.keystore import is_locked, lock
    from hashing.private_files import read_private, replace_private

    content = read_private(file, kind=kind)
    if is_locked(content):
        raise SecretError(f"{file.name}: the file is locked already", hint="To change the passphrase, unlock it first.")
    check(file)  # a file that is no secret and no key would be gone for its owner
    passphrase = ask_new_passphrase(file.name)
    replace_private(file, lock(content, passphrase, random_bytes=secrets.token_bytes))
    typer.echo(f"Locked {file}. Without the passphrase nobody can use it, and nobody can tell you the passphrase.")


def _unlock(file: Path, kind: str) -> None:
    from hashing.errors import SecretError
    from hashing.keystore import is_locked, unlock
    from hashing.private_files import read_private, replace_private

    content = read_private(file, kind=kind)
    if not is_locked(content):
        raise SecretError(f"{file.name}: the file is not locked", hint="There is nothing to do.")
    replace_private(file, unlock(content, ask_passphrase(file.name), name=file.name))
    typer.echo(f"Unlocked {file}: whoever can read it can use it.")
