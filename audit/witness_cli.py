"""The commands of whoever watches the log: ``headcount audit witness``, ``feed``, ``proof`` and what checks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from audit.cli_files import failing_in_words, quorum_in, receipts_in, text_of

if TYPE_CHECKING:  # loaded only when a command runs: this module is loaded for every headcount command
    import httpx2

    from audit.checkpoint import SignedCheckpoint
    from audit.witness import Witness
    from audit.witness_server import WitnessServer

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SECONDS = 60.0
_LAST_PORT = 65535

Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The witness's own folder; keep it for good.")]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Make a new witness of this name, as agency.example/witness."),
]
LogKeys = Annotated[
    list[Path] | None,
    typer.Option("--log", metavar="VKEYFILE", help="The log.vkey that you were given: watch this log."),
]
Once = Annotated[
    str | None, typer.Option("--once", metavar="URL", help="Fetch the log's state from its service, cosign, send back.")
]
Listen = Annotated[
    str | None, typer.Option("--listen", metavar="HOST:PORT", help="Answer whoever asks, until interrupted.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Also keep the cosigned checkpoint here.")]
BundlePath = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The exported folder, or the zip of it.")]
Key = Annotated[Path, typer.Option("--key", metavar="VKEYFILE", help="The log.vkey that you were given, and trust.")]
Witnesses = Annotated[
    list[Path] | None,
    typer.Option("--witness", metavar="VKEYFILE", help="A witness.vkey that you trust; may be given several times."),
]
Need = Annotated[
    int | None, typer.Option("--need", min=1, metavar="K", help="How many of them must have cosigned; all if not said.")
]
EntryNumber = Annotated[int, typer.Option("--entry", min=0, metavar="N", help="The number of the entry.")]


def register(commands: typer.Typer) -> None:
    """Add the commands to ``headcount audit``."""
    for command in (witness, feed, proof, verify_proof, tiles):
        commands.command()(command)


def witness(
    folder: Folder,
    name: Name = None,
    log: LogKeys = None,
    once: Once = None,
    listen: Listen = None,
    out: Out = None,
) -> None:
    """Cosign a log's state if it grew from the last one you cosigned, so that it cannot show two histories."""
    from audit.cosignature import WitnessSigner
    from audit.witness import VKEYS, Witness, found, log_to_watch

    with failing_in_words("Not cosigned", by_kind=True):
        _check_one(once, listen)
        if name:
            for path in log or ():  # before there is a witness that nobody could count
                log_to_watch(text_of(path), by=name)
            found(folder, WitnessSigner.create(name))
            typer.echo(
                f"Made the witness {name}. Give {folder / VKEYS} to the operator, the agencies and the auditors."
            )
        with Witness(folder, clock=lambda: datetime.now(UTC)) as opened:
            watched = [opened.watch(text_of(path)) for path in log or ()]
            typer.echo("".join(_compare(opened, one) for one in watched), nl=False)
            if once:
                _cosign_once(opened, _only(watched or opened.logs), once, out)
            elif listen:
                _serve(opened, listen)
            else:
                typer.echo("\n".join(_state(opened)))


def feed(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The address of the service with the log.")],
    witness: Annotated[str, typer.Argument(metavar="WITNESS", help="The address of a witness that listens.")],
    out: Out = None,
) -> None:
    """Ask a witness that listens to cosign a service's log, and hand the cosignature to the service."""
    from audit.relay import feed as ask

    with failing_in_words("Not cosigned"), _client(service) as http:
        signed = ask(_address(witness), service=_address(service), http=http)
        _tell(signed, out)


def proof(
    bundle: BundlePath,
    entry: EntryNumber,
    key: Key,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it: NAME.tlog-proof.")],
    witness: Witnesses = None,
    need: Need = None,
) -> None:
    """Check an exported log and write the proof of one entry, which is checked without the log."""
    from audit.proving import prove_from_bundle

    with failing_in_words("Not proven"):
        made = prove_from_bundle(bundle, entry, vkeys=text_of(key), quorum=quorum_in(witness, need))
        _write(out, str(made))
    typer.echo(f"Wrote {out}: entry {entry} of {made.signed.checkpoint.size}.")


def verify_proof(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="The .tlog-proof file.")],
    receipts: Annotated[Path, typer.Option("--receipts", metavar="FILE", help="Your receipts: JSON, one a line.")],
    key: Key,
    witness: Witnesses = None,
    need: Need = None,
) -> None:
    """Check that the entry you have a receipt for is in the log, with its proof alone."""
    from audit.proof import parse_proof
    from audit.proof import verify_proof as check
    from audit.proving import receipt_for

    with failing_in_words("Not verified"):
        text, quorum = text_of(proof), quorum_in(witness, need)
        index = parse_proof(text).index
        receipt = receipt_for(receipts_in(receipts), index)
        by = check(text, receipt=receipt, vkeys=text_of(key), quorum=quorum)
    typer.echo(f"Entry {index} is in the log.")
    typer.echo("".join(f"Cosigned by  {one.name}, {one.time:%Y-%m-%d %H:%M:%S} UTC\n" for one in by), nl=False)


def tiles(
    bundle: BundlePath,
    key: Key,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder.")],
) -> None:
    """Write an exported log as the static files of c2sp.org/tlog-tiles."""
    from audit.disk import Disk
    from audit.tiles import write_tiles

    with failing_in_words("Not written"):
        entries = write_tiles(bundle, out, vkeys=text_of(key), disk=Disk())
    typer.echo(f"Wrote {entries} entries to {out}.")


def _cosign_once(opened: Witness, log: str, service: str, out: Path | None) -> None:
    from audit.relay import cosign_once

    with _client(service) as http:
        _tell(cosign_once(opened, log=log, service=_address(service), http=http), out)


def _check_one(once: str | None, listen: str | None) -> None:
    from audit.errors import CommandMisused

    if once and listen:
        raise CommandMisused("--once and --listen exclude each other", "Give one of them.")


def _compare(opened: Witness, log: str) -> str:
    return (
        f"The fingerprint of the keys of {log} is\n    {opened.fingerprint(log)}\n"
        "Compare it over the telephone with the one that the operator reads to you; if it differs, do not use them.\n"
    )


def _serve(opened: Witness, listen: str) -> None:
    with _server(opened, listen) as server:
        typer.echo(f"The witness {opened.name} answers at {server.url}. Stop it with Ctrl+C.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Stopped.")


def _server(opened: Witness, listen: str) -> WitnessServer:
    from audit.errors import CommandMisused, ServiceUnreachable
    from audit.witness_server import WitnessServer

    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > _LAST_PORT:
        raise CommandMisused(f"{listen} is not an address to listen on", "It looks like 127.0.0.1:8471.")
    try:
        return WitnessServer((host, int(port)), opened)
    except (OSError, UnicodeError) as error:  # in use, not this computer's, no such name
        why = getattr(error, "strerror", None) or error
        raise ServiceUnreachable(f"{listen} cannot be listened on: {why}", "Choose another host or port.") from error


def _state(opened: Witness) -> Iterator[str]:
    yield f"Witness  {opened.name}"
    for log in opened.logs:
        yield f"Watches  {log}, cosigned up to {opened.cosigned_size(log)} entries"
        yield f"Its keys {opened.fingerprint(log)}"


def _only(logs: list[str] | tuple[str, ...]) -> str:
    from audit.errors import CommandMisused

    if len(logs) != 1:
        raise CommandMisused(f"which of {len(logs)} logs is meant is not said", "Give its log.vkey with --log.")
    return logs[0]


def _tell(signed: SignedCheckpoint, out: Path | None) -> None:
    if out:
        _write(out, str(signed))
    typer.echo(f"Cosigned {signed.checkpoint.size} entries of {signed.checkpoint.origin}.")


def _write(out: Path, text: str) -> None:
    from audit.disk import Disk, put_file
    from audit.errors import ExportRefused

    try:
        put_file(Disk(), out, text.encode())
    except OSError as error:
        raise ExportRefused(f"{out} cannot be written: {error.strerror}", "Choose another place.") from error


def _address(url: str) -> str:
    from audit.errors import CommandMisused

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CommandMisused(f"{url} is not an address", "It looks like https://HOST.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise CommandMisused(f"{url} is not protected on its way", "Use an https:// address.")
    return url.rstrip("/")


@contextmanager
def _client(url: str) -> Iterator[httpx2.Client]:
    """A client for *url*; proxies of the environment are left aside on this computer."""
    import httpx2

    with httpx2.Client(timeout=_SECONDS, trust_env=urlsplit(url).hostname not in _LOOPBACK) as http:
        yield http
