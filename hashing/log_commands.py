"""Commands for what proves the log to you: your receipts, the proof of one entry, and the log's signed state."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hashing.counted import counted
from hashing.second_person_commands import Key, Service, connected

LogKey = Annotated[
    Path | None, typer.Option(metavar="VKEYFILE", help="The log.vkey that you were given: check it before it is kept.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")]


def register(service: typer.Typer) -> None:
    """Add the commands to ``headcount service``."""
    service.command("receipts")(receipts)
    service.command("proof")(proof)
    service.command("checkpoint")(checkpoint)


def receipts(key: Key) -> None:
    """Tell where your receipts are: every command that signs with your key keeps them there."""
    from hashing.kept_receipts import receipts_path

    path = receipts_path(key)
    kept = path.read_bytes().count(b"\n") if path.exists() else 0
    typer.echo(f"{path}: {counted(kept, 'receipt')} of the audit log.")
    typer.echo(f"With an auditor's copy of the log: headcount audit verify COPY --key log.vkey --receipts {path}")


def proof(
    entry: Annotated[int, typer.Argument(min=0, help="The number of the entry, as your receipt has it.")],
    service: Service,
    key: Key,
    out: Annotated[Path, typer.Option(help="The file to write: NAME.tlog-proof.")],
    witnesses: Annotated[int, typer.Option(min=0, max=64, help="How many witnesses must have cosigned it.")] = 0,
    log_key: LogKey = None,
    replace: Replace = False,
) -> None:
    """Fetch the proof that an entry is in the log, for 'headcount audit verify-proof'."""
    from hashing.kept_receipts import receipts_path

    check_free(out, replace=replace)
    with connected(service, key) as connection:
        text = connection.proof(entry, witnesses=witnesses)
    if log_key is not None:
        _check("verify-proof", text, out, "--key", str(log_key), "--receipts", str(receipts_path(key)))
    write_whole(out, text.encode(), replace=replace)
    typer.echo(f"Wrote {out}: the proof of entry {entry}.")


def checkpoint(
    service: Service,
    key: Key,
    out: Annotated[Path, typer.Option(help="The file to write, to be kept for later.")],
    log_key: LogKey = None,
    replace: Replace = False,
) -> None:
    """Fetch the log's signed state (auditor, coordinator): kept, it shows later that nothing was cut off or changed."""
    check_free(out, replace=replace)
    with connected(service, key) as connection:
        text = connection.checkpoint()
    if log_key is not None:
        _check("verify-checkpoint", text, out, "--key", str(log_key))
    write_whole(out, text.encode(), replace=replace)
    typer.echo(f"Wrote {out}. Keep it; later: headcount audit verify COPY --key log.vkey --checkpoint {out}")


def _check(command: str, text: str, out: Path, *words: str) -> None:
    """Have ``headcount audit`` check a text before it becomes the file *out*; what does not hold is not kept.

    It is asked as a command: it belongs to a package that comes with this one, but that this one knows nothing of.
    """
    from hashing.cli import complete_app

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / out.name
        path.write_bytes(text.encode())
        code = complete_app()(args=["audit", command, str(path), *words], standalone_mode=False)
    if code:
        raise typer.Exit(code)


def check_free(out: Path, *, replace: bool) -> None:
    """Whether a file may be written.

    Raises:
        OutputError: there is one already, and it may not be replaced.
    """
    from hashing.errors import OutputError

    if out.exists() and not replace:
        raise OutputError(
            f"{out.name}: there is a file already", hint="Choose another name, or write over it with --replace."
        )


def write_whole(out: Path, content: bytes, *, replace: bool) -> None:
    """Write a file down to the disk: whole, or not at all.

    Raises:
        OutputError: there is one already that may not be replaced, or the folder cannot be written.
    """
    from hashing.errors import OutputError
    from hashing.join_disk import replace_whole

    check_free(out, replace=replace)
    try:
        replace_whole(out, content)
    except OSError as error:
        raise OutputError(f"{out.name}: the file cannot be written", hint="Check the folder.") from error
