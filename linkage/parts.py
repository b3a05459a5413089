"""Encoded files -> parts on disk: each file cut into stretches of lines that several processes read at once.

Codes and tokens are too many to go from one process to another, so each process writes its own into a folder that
belongs to the run and goes with it.
"""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from hashing.schema import MAX_LINE_BYTES, EncodedFileError, Header, check_row_count, parse_header
from linkage.encoded_columns import Chunk, Service, read_chunks

STRETCH = 96 * 1024 * 1024  # bytes of a file that one process reads at a time
CODES, TOKENS = ".codes", ".tokens"  # after the stem of a part
WORTH_IT = 256 * 1024 * 1024  # bytes in all; less is read before another process has started


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of one encoded file, from *start* up to *end*, whose columns go to files named *stem*."""

    path: Path
    header: Header
    start: int
    end: int
    stem: Path


@dataclass(frozen=True, slots=True)
class Part:
    """What a stretch held: its small columns, and beside its stem the files ``.codes`` and ``.tokens``."""

    header: Header
    stem: Path
    rows: pa.Array
    households: pa.Array
    token_counts: bytes  # one byte a row
    services: list[Service]


def read_parts(files: Sequence[tuple[Path, Header]], spill: Path, *, processes: int) -> list[Part]:
    """Read encoded files whose headers are known; parts come in the order of the files and their lines.

    Raises:
        EncodedFileError: a file cannot be opened, is damaged or was cut short.
    """
    stretches = list(_stretches(files, spill))
    size = sum(stretch.end - stretch.start for stretch in stretches)
    if processes == 1 or len(stretches) == 1 or size < WORTH_IT:
        parts = [read_stretch(stretch) for stretch in stretches]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(read_stretch, stretches))
    for path, header in files:
        found = sum(len(part.rows) for part in parts if part.header.agency == header.agency)
        check_row_count(found, header, source=path.name)
    return parts


def _stretches(files: Sequence[tuple[Path, Header]], spill: Path) -> Iterator[Stretch]:
    for path, header in files:
        with _opened(path) as stream:
            ends = list(cuts(stream, size=os.fstat(stream.fileno()).st_size, step=STRETCH))
        for number, (start, end) in enumerate(itertools.pairwise(ends)):
            yield Stretch(path, header, start, end, spill / f"{header.agency}.{number}")


def cuts(stream: BinaryIO, *, size: int, step: int) -> Iterator[int]:
    """Where stretches begin and end: the end of the header, line ends about a *step* apart, the end of the file.

    A line longer than any row can be is cut, to be refused where it begins.
    """
    stream.readline()
    yield stream.tell()
    while (place := stream.tell()) < size:
        stream.seek(min(size, place + step))
        stream.readline(MAX_LINE_BYTES + 1)
        yield stream.tell()


def _opened(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise EncodedFileError(
            f"{path.name}: the file cannot be opened ({error.strerror})", hint="Check the name and the folder."
        ) from error


def read_header(path: Path) -> Header:
    """The header of an encoded file.

    Raises:
        EncodedFileError: it cannot be opened or is no encoded file.
    """
    with _opened(path) as stream:
        return parse_header(stream.readline(MAX_LINE_BYTES + 1), source=path.name)


def read_stretch(stretch: Stretch) -> Part:
    """Read the lines of a stretch, and write its codes and tokens.

    Raises:
        EncodedFileError: a line is damaged or cut short; its number counts from the file's first.
    """
    codes, tokens = (stretch.stem.with_name(stretch.stem.name + kind) for kind in (CODES, TOKENS))
    rows: list[str] = []
    households: list[str | None] = []
    counts: list[bytes] = []
    services: list[Service] = []
    with codes.open("wb") as code_file, tokens.open("wb") as token_file:
        for chunk in _chunks(stretch):
            code_file.write(chunk.codes.data)
            token_file.write(chunk.tokens.data)
            services += [(len(rows) + place, area, month, units) for place, area, month, units in chunk.services]
            rows += chunk.rows
            households += chunk.households
            counts.append(chunk.token_counts.tobytes())
    return Part(
        stretch.header, stretch.stem, pa.array(rows), pa.array(households, pa.string()), b"".join(counts), services
    )


def _chunks(stretch: Stretch) -> Iterator[Chunk]:
    """The chunks of a stretch. Lines are numbered only where one is damaged: that takes going through the file."""
    with _opened(stretch.path) as stream:
        stream.seek(stretch.start)
        content = stream.read(stretch.end - stretch.start)
    try:
        yield from read_chunks(io.BytesIO(content), stretch.header, source=stretch.path.name)
    except EncodedFileError:
        first = _lines_before(stretch)
        yield from read_chunks(io.BytesIO(content), stretch.header, source=stretch.path.name, first_line=first + 1)


def _lines_before(stretch: Stretch) -> int:
    with _opened(stretch.path) as stream:
        return sum(1 for _ in iter(lambda: stream.tell() < stretch.start and stream.readline(), False))
