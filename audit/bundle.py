"""The exported log as a folder, or a zip of that folder: written in one step, read with care.

What is in it, and what an auditor may conclude from it: docs/formats/audit-log.md.
"""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from audit.disk import Disk, write_all
from audit.errors import ExportRefused, FileUnfit, VerificationError
from audit.events import MAX_ENTRY_BYTES

ENTRIES, LEAVES, CHECKPOINTS, VKEYS, README = "entries.jsonl", "leaves", "checkpoints", "log.vkey", "README.txt"
NOT_A_BUNDLE = "Give the folder, or the zip of it, that the service exported."
_MAX_FILE_BYTES = 4 * 1024**3
_MAX_SMALL_FILE_BYTES = 1024**2
_MAX_ZIP_MEMBERS = 100
_MAX_ZIP_RATIO = 200  # entries shrink to a tenth or so; a zip bomb to a thousandth

README_TEXT = """\
This folder is a copy of the log of {name}.

The log says who read or released what, when, and why. It names no person who receives services.
Nobody can change, remove or add an entry afterwards without it showing.

To check it on your own computer, without asking the service:

    headcount audit verify FOLDER --key log.vkey

Take log.vkey from the people who run the log when you first meet them, not from this folder:
whoever could forge the log could also put another key beside it. Its fingerprint is

    {fingerprint}

Keep the receipts and the checkpoints that you were given. They show what a log cut short would hide.

entries.jsonl   the entries, one a line, exactly as they were logged
leaves          the hash of each entry, one a line, as it was acknowledged
checkpoints     the signed states of the log, oldest first
log.vkey        the public keys that signed them
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened export; *opener* gives one of its files."""

    opener: Callable[[str], IO[bytes]]

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file with their line breaks; an overlong one comes in pieces.

        Raises:
            VerificationError: the bundle has no such file.
        """
        with self.opener(name) as file:
            yield from iter(partial(file.readline, MAX_ENTRY_BYTES + 2), b"")

    def pieces(self, name: str, size: int) -> Iterator[bytes]:
        """The bytes of a file, at most *size* at a time.

        Raises:
            VerificationError: the bundle has no such file.
        """
        with self.opener(name) as file:
            yield from iter(partial(file.read, size), b"")

    def text(self, name: str) -> str:
        """A small file as text.

        Raises:
            VerificationError: the bundle has no such file, or it is not a small text.
        """
        with self.opener(name) as file:
            data = file.read(_MAX_SMALL_FILE_BYTES + 1)
        if len(data) > _MAX_SMALL_FILE_BYTES:
            raise VerificationError(f"{name} is far too large")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise VerificationError(f"{name} is not text") from error


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle for reading; nothing is unpacked to disk.

    Raises:
        VerificationError: neither a folder nor a readable zip of one.
        FileUnfit: it may not be read.
    """
    try:
        if path.is_dir():
            yield Bundle(lambda name: _open_in_folder(path, name))
            return
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            yield Bundle(lambda name: _open_in_zip(archive, members, name))
    except FileNotFoundError as error:
        raise VerificationError(f"there is no bundle at {path}", NOT_A_BUNDLE) from error
    except PermissionError as error:
        raise FileUnfit(f"{path} cannot be read: {error.strerror}", "Ask whoever keeps it for the right.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise VerificationError(f"{path.name} is neither a folder nor an undamaged zip", NOT_A_BUNDLE) from error


def write_bundle(out: Path, files: Mapping[str, Iterable[bytes]], *, disk: Disk) -> None:
    """Write *files* into the new folder *out*, which is there whole or not at all.

    Raises:
        ExportRefused: *out* is there already, or the disk refused.
    """
    if out.exists():
        raise ExportRefused(f"{out} is there already", "Choose a folder that does not exist yet.")
    fresh = out.with_name(f".{out.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)  # left by a crash
        fresh.mkdir(parents=True)
        for name, pieces in files.items():
            _write_file(fresh / name, pieces, disk)
        disk.sync_folder(fresh)
        disk.replace(fresh, out)
        disk.sync_folder(out.parent)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ExportRefused(f"{out} cannot be written: {error.strerror or error}", "Choose another place.") from error


def _write_file(path: Path, pieces: Iterable[bytes], disk: Disk) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = disk.create(path)
    try:
        for piece in pieces:
            write_all(disk, descriptor, piece)
        disk.sync(descriptor)
    finally:
        os.close(descriptor)


def _open_in_folder(folder: Path, name: str) -> IO[bytes]:
    try:
        return (folder / name).open("rb")
    except OSError as error:
        raise VerificationError(f"the bundle has no readable file {name}", NOT_A_BUNDLE) from error


def _open_in_zip(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> IO[bytes]:
    if name not in members:
        raise VerificationError(f"the bundle has no file {name}", NOT_A_BUNDLE)
    return archive.open(members[name])


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The bundle's files in the zip, at its top or in its only folder."""
    infos = archive.infolist()
    if len(infos) > _MAX_ZIP_MEMBERS:
        raise VerificationError(f"the zip has more than {_MAX_ZIP_MEMBERS} files", NOT_A_BUNDLE)
    homes = [PurePosixPath(info.filename).parent for info in infos if _file_name(info) == ENTRIES]
    if len(homes) != 1:
        raise VerificationError(f"the zip must have one file {ENTRIES}", NOT_A_BUNDLE)
    inside = [info for info in infos if PurePosixPath(info.filename).parent == homes[0]]
    if len({info.filename for info in inside}) != len(inside):
        raise VerificationError("the zip has two files of one name", NOT_A_BUNDLE)
    return {_file_name(info): _checked(info) for info in inside if not info.is_dir()}


def _file_name(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).name


def _checked(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    if info.flag_bits & 1:
        raise VerificationError("the zip is locked with a password", NOT_A_BUNDLE)
    if info.file_size > min(_MAX_FILE_BYTES, _MAX_ZIP_RATIO * info.compress_size + 1024):
        raise VerificationError(f"{_file_name(info)} unpacks to far too much", NOT_A_BUNDLE)
    return info
