"""The commands ``secret split`` and ``secret combine``: a backup of the secret among several people."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hashing.terminal import ask_passphrase

if TYPE_CHECKING:
    from hashing.share_files import Share


def register(secret_commands: typer.Typer) -> None:
    """Add the commands to ``headcount secret``."""
    secret_commands.command("split")(secret_split)
    secret_commands.command("combine")(secret_combine)


def secret_split(
    secret: Annotated[Path, typer.Argument(help="The secret file.")],
    shares: Annotated[int, typer.Option(help="How many shares to make.")],
    needed: Annotated[int, typer.Option(help="How many of them give the secret back.")],
    out: Annotated[Path, typer.Option(help="The folder for the shares.")],
) -> None:
    """Share out a backup of the secret among people none of whom gets it."""
    from hashing.backup import split
    from hashing.keys import open_secret

    opened = open_secret(secret, ask=ask_passphrase)
    made = split(opened, shares=shares, needed=needed, random_bytes=secrets.token_bytes)
    for path in write_shares(made, out, of=secret.name):
        typer.echo(f"Wrote {path}")
    typer.echo(f"Any {needed} of them give the secret of epoch {opened.epoch}; fewer say nothing about it.")
    typer.echo("Give each to another person, by different ways, and remove them here. The secret file stays as it is.")


def secret_combine(
    shares: Annotated[list[Path], typer.Argument(help="As many shares as are needed, or more.")],
    out: Annotated[Path, typer.Option(help="The secret file to write; it must not exist yet.")],
    locked: Annotated[
        bool, typer.Option("--locked", help="Lock the file with a passphrase, asked for at the terminal.")
    ] = False,
) -> None:
    """Get the secret back from shares of it."""
    from hashing.backup import combine
    from hashing.key_commands import write_secret_file

    secret = combine(read_shares(shares))
    write_secret_file(secret, out, locked=locked)
    typer.echo(f"Wrote {out}, the secret of epoch {secret.epoch}. The service must never get it.")


def read_shares(paths: list[Path]) -> dict[str, Share]:
    """Shares under the names of their files, as they were typed.

    Raises:
        ShareRefused: a file cannot be read, is no share, is damaged, or was given twice.
    """
    from hashing.errors import ShareRefused
    from hashing.share_files import read_share

    read: dict[str, Share] = {}
    for path in paths:
        if str(path) in read:
            raise ShareRefused(f"{path}: the file was given twice", hint="Each share counts once.")
        read[str(path)] = read_share(path)
    return read


def write_shares(shares: tuple[Share, ...], folder: Path, *, of: str) -> list[Path]:
    """Write each share to a file of its own, readable by its owner only: all of them or none.

    Raises:
        SecretError: there is a file already, or the folder cannot be written.
    """
    from hashing.errors import SecretError
    from hashing.private_files import write_private
    from hashing.share_files import share_content

    written: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for share in shares:
            path = folder / f"{of}.share-{share.number}-of-{share.set.shares}.json"
            write_private(path, share_content(share))
            written.append(path)
    except (OSError, SecretError) as error:
        for path in written:
            path.unlink()
        if isinstance(error, SecretError):
            raise
        raise SecretError(f"{folder.name}: the folder cannot be written", hint="Choose another folder.") from error
    return written
