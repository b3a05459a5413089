"""Encoded files -> parts on disk: each file cut into stretches of lines that several threads or processes read at once.

Codes are too many for memory, and to go from one process to another: whoever reads a stretch writes them to their place
in one file, in a folder that belongs to the run and goes with it. The places are known beforehand, since lines are
counted.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from hashing.schema import MAX_LINE_BYTES, EncodedFileError, Header, check_row_count, parse_header
from linkage import accelerator
from linkage.encoded_columns import Service, words_of
from linkage.lines import read_text

STRETCH = 96 * 1024 * 1024  # bytes of a file that one process reads at a time
CODES, TOKENS = "codes", ".tokens"  # the file of all codes; what stands after the stem of a part
WORTH_IT = 256 * 1024 * 1024  # bytes in all; less is read before another process has started
_BLOCK = 1 << 22  # bytes whose lines are counted at a time


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of one encoded file, from *start* up to *end*, whose tokens go to a file named *stem*."""

    path: Path
    header: Header
    start: int
    end: int
    stem: Path
    line: int = 2  # the number of its first, in the file
    place: int = 0  # of its first row, among those of all files


@dataclass(frozen=True, slots=True)
class Part:
    """What a stretch held: its small columns, and beside its stem the file ``.tokens``."""

    header: Header
    stem: Path
    rows: pa.Array
    households: pa.Array
    ages: pa.Array
    token_counts: bytes  # one byte a row
    services: list[Service]


def read_parts(files: Sequence[tuple[Path, Header]], spill: Path, *, processes: int) -> list[Part]:
    """Read encoded files whose headers are known; parts come in the order of the files and their lines.

    The codes of all rows are in the file ``codes`` of *spill*, in that order.

    Raises:
        EncodedFileError: a file cannot be opened, is damaged or was cut short.
    """
    stretches = _placed(list(_stretches(files, spill)), processes)
    (spill / CODES).touch()
    size = sum(stretch.end - stretch.start for stretch in stretches)
    if processes == 1 or len(stretches) == 1 or size < WORTH_IT:
        parts = [read_stretch(stretch) for stretch in stretches]
    else:
        with _team(processes) as pool:
            parts = list(pool.map(read_stretch, stretches))
    for path, header in files:
        found = sum(len(part.rows) for part in parts if part.header.agency == header.agency)
        check_row_count(found, header, source=path.name)
    return parts


def _team(processes: int) -> Executor:
    """Machine code does not hold Python's lock, so that threads do."""
    if accelerator.native is not None:
        return ThreadPoolExecutor(processes)
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _stretches(files: Sequence[tuple[Path, Header]], spill: Path) -> Iterator[Stretch]:
    for path, header in files:
        with _opened(path) as stream:
            ends = list(cuts(stream, size=os.fstat(stream.fileno()).st_size, step=STRETCH))
        for number, (start, end) in enumerate(itertools.pairwise(ends)):
            yield Stretch(path, header, start, end, spill / f"{header.agency}.{number}")


def _placed(stretches: Sequence[Stretch], threads: int) -> list[Stretch]:
    """The stretches with the numbers of their first lines and rows."""
    with ThreadPoolExecutor(threads) as pool:
        counts = list(pool.map(_line_ends, stretches))
    placed, place = [], 0
    for _, own in itertools.groupby(zip(stretches, counts, strict=True), key=lambda each: each[0].path):
        line = 2
        for stretch, count in own:
            placed.append(replace(stretch, line=line, place=place))
            line, place = line + count, place + count
    return placed


def _line_ends(stretch: Stretch) -> int:
    with _opened(stretch.path) as stream:
        stream.seek(stretch.start)
        sizes = range(stretch.end - stretch.start, 0, -_BLOCK)
        return sum(stream.read(min(size, _BLOCK)).count(b"\n") for size in sizes)


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


def _opened(path: Path) -> BinaryIO:
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
    rows, households, ages, counts = [], [], [], []
    services: list[Service] = []
    done = 0
    with stretch.stem.with_name(CODES).open("r+b") as codes, _tokens_of(stretch.stem).open("wb") as tokens:
        codes.seek(stretch.place * 8 * sum(map(words_of, stretch.header.codes.values())))
        for chunk in read_text(_text(stretch), stretch.header, source=stretch.path.name, first_line=stretch.line):
            codes.write(chunk.codes.data)
            tokens.write(chunk.tokens.data)
            services += [(done + service[0], *service[1:]) for service in chunk.services]
            done += len(chunk.rows)
            rows.append(chunk.rows)
            households.append(chunk.households)
            ages.append(chunk.ages)
            counts.append(chunk.token_counts.tobytes())
    texts = _joined(rows), _joined(households), _joined(ages)
    return Part(stretch.header, stretch.stem, *texts, b"".join(counts), services)


def _joined(texts: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.string()), *texts])


def _tokens_of(stem: Path) -> Path:
    return stem.with_name(stem.name + TOKENS)


def _text(stretch: Stretch) -> bytes:
    with _opened(stretch.path) as stream:
        stream.seek(stretch.start)
        return stream.read(stretch.end - stretch.start)
