"""A bundle made from a log's folder, beside a running service or without one: no key, no lock, nothing written there.

What is signed is handed out; entries after the last signed state are left for the next copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from audit import bundle
from audit.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.disk import Disk
from audit.errors import ExportRefused, VerificationError
from audit.kept import CHECKPOINTS, ENTRIES, LAST_SIGNED
from audit.merkle import leaf_hash
from audit.note import Signature, parse_vkeys
from audit.signing import fingerprint
from audit.verify import VerifiedLog, verify_bundle
from audit.witnessed import COSIGNATURES

LOG, VKEYS = "log", "log.vkey"  # in a service's data folder
_WHERE = "Give the data folder of the service: the one with log/ and log.vkey in it."


@dataclass(frozen=True, slots=True)
class Exported:
    """The bundle that was written, what was found when it was checked, and how many entries wait to be signed."""

    bundle: Path
    log: VerifiedLog
    unsigned: int


def export_folder(data: Path, out: Path) -> Exported:
    """Write the signed part of the log of the service in *data* as a bundle into the new folder *out*, and check it.

    Raises:
        ExportRefused: there is no log there, or *out* cannot be written.
        VerificationError: the log in *data* does not hold; the bundle is left as evidence.
    """
    vkeys = _text(data / VKEYS)
    note = _text(data / LOG / LAST_SIGNED)  # first: all that it covers is on the disk already
    signed = parse_signed_checkpoint(note).checkpoint
    readme = bundle.README_TEXT.format(name=signed.origin, fingerprint=fingerprint(parse_vkeys(vkeys)))
    entries = data / LOG / ENTRIES
    files = {
        bundle.ENTRIES: islice(_lines(entries), signed.size),
        bundle.LEAVES: (
            leaf_hash(_content(line)).hex().encode() + b"\n" for line in islice(_lines(entries), signed.size)
        ),
        bundle.CHECKPOINTS: _checkpoints(data / LOG, signed, note),
        bundle.VKEYS: (vkeys.encode(),),
        bundle.README: (readme.encode(),),
    }
    bundle.write_bundle(out, files, disk=Disk())
    found = verify_bundle(out, vkeys=vkeys)
    whole = sum(line.endswith(b"\n") for line in _lines(entries))
    return Exported(out, found, whole - signed.size)


def _checkpoints(folder: Path, signed: Checkpoint, note: str) -> Iterator[bytes]:
    """The listed checkpoints before *signed*, then *signed* itself, which a crash may have kept out of the list.

    Each has the lines of the witnesses that cosigned it.
    """
    cosigned = _cosigned(folder / COSIGNATURES)
    for listed in split_notes(_lines(folder / CHECKPOINTS)):
        one = _parsed(listed, "list of checkpoints")
        if one.checkpoint.size >= signed.size:
            break
        yield _beside(one, cosigned)
    yield _beside(parse_signed_checkpoint(note), cosigned)


def _beside(one: SignedCheckpoint, cosigned: Mapping[int, Sequence[Signature]]) -> bytes:
    return f"{one.with_signatures(cosigned.get(one.checkpoint.size, ()))}\n".encode()


def _cosigned(path: Path) -> Mapping[int, Sequence[Signature]]:
    """The lines of witnesses by the size that they are on; a last note that was never wholly written is left out."""
    found: dict[int, list[Signature]] = defaultdict(list)
    if not path.exists():
        return found
    for data in split_notes(_lines(path)):
        if b"\0" in data:  # space that the file system had set aside when the power went
            break
        one = _parsed(data, "file of cosignatures")
        found[one.checkpoint.size].extend(one.note.signatures)
    return found


def _parsed(data: bytes, where: str) -> SignedCheckpoint:
    try:
        return parse_signed_checkpoint(data.decode())
    except UnicodeDecodeError as error:
        raise VerificationError(f"the {where} is damaged") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise ExportRefused(f"{path} cannot be read: {error.strerror or error}", _WHERE) from error


def _content(line: bytes) -> bytes:
    return line.removesuffix(b"\n")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError as error:
        raise ExportRefused(f"there is no {path.name} at {path.parent}", _WHERE) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ExportRefused(f"{path} cannot be read as text", _WHERE) from error
