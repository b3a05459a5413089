"""What the commands are given as files, and how they say that something does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # loaded only when a command runs: this module is loaded for every headcount command
    from audit.cosignature import Quorum
    from audit.events import HeldReceipt

BundlePath = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The exported folder, or the zip of it.")]
KeyPath = Annotated[
    Path | None, typer.Option("--key", metavar="VKEYFILE", help="The log.vkey that you were given, and trust.")
]

ReceiptsPath = Annotated[
    Path | None, typer.Option("--receipts", metavar="FILE", help="Receipts you kept, such as NAME.receipts.jsonl.")
]
CheckpointPaths = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", metavar="FILE", help="A checkpoint that you kept; may be given several times."),
]


@contextmanager
def failing_in_words(failed: str) -> Iterator[None]:
    """Tell an error of ours in two lines, the first beginning with *failed*; end with its exit code."""
    from audit.errors import AuditError

    try:
        yield
    except AuditError as error:
        typer.echo(f"{failed}: {plain(error.what)}.", err=True)
        typer.echo(f"What to do: {plain(error.hint)}", err=True)
        raise typer.Exit(error.exit_code) from error


def text_of(path: Path) -> str:
    """The text of a file that was given, as it was before an editor or a mail program marked it and changed its lines.

    Raises:
        FileUnfit: it cannot be read.
    """
    from audit.errors import FileUnfit

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnfit(f"{path} cannot be read as text", "Check the file's name.") from error
    return text.replace("\r\n", "\n")


def checkpoint_in(path: Path) -> str:
    """The one checkpoint in a file, a last line break that got lost put back.

    Raises:
        FileUnfit: it is not one checkpoint.
    """
    from audit.checkpoint import parse_signed_checkpoint
    from audit.errors import FileUnfit, VerificationError

    text = text_of(path).rstrip("\n") + "\n"
    try:
        parse_signed_checkpoint(text)
    except VerificationError as error:
        raise FileUnfit(
            f"{path} is not a signed checkpoint",
            "Check that file: it begins with the log's name and ends with the lines of its signatures. "
            "A bundle's own file of checkpoints is none, since it holds many.",
        ) from error
    return text


def receipts_in(path: Path) -> list[HeldReceipt]:
    """The receipts in a file.

    Raises:
        FileUnfit: it holds none, or something else.
    """
    from audit.held import read_receipts

    return read_receipts(text_of(path), f"{path}")


def quorum_in(paths: Sequence[Path] | None, need: int | None) -> Quorum | None:
    """*need* of the witnesses whose keys are in the files; None if there are none.

    Raises:
        SigningKeyError: the keys cannot be read, or so many cannot be asked for.
        VerificationError: a file cannot be read.
    """
    from audit.cosignature import Quorum
    from audit.errors import SigningKeyError

    if not paths and need:
        raise SigningKeyError("no witness is given", "Give the key file of each witness with --witness.")
    return Quorum.of("\n".join(text_of(path) for path in paths), need) if paths else None


def plain(text: str) -> str:
    """Text without anything that a terminal might obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
