"""Encoded files -> a table of their rows: each worker reads stretches of lines, and checks them as strictly as ever."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from hashing.schema import MAX_LINE_BYTES, EncodedFileError, Header, check_row_count, parse_header
from linkage.encoded_columns import Chunk, Service
from linkage.errors import CannotLink
from linkage.lines import read_text
from linkage.parts import cuts
from linkage.records import check_can_link, ones_of
from linkage.spark.arrays import as_bytes
from linkage.spark.places import name_of, opened
from linkage.spark.session import Desk

STRETCH = 32 * 1024 * 1024  # bytes of a file that one task reads
_SERVICE = pa.struct(
    [
        ("area", pa.string()),
        ("month", pa.string()),
        ("units", pa.int64()),
        ("type", pa.string()),
        ("unit", pa.string()),
    ]
)
_COLUMNS = pa.schema(
    [
        ("agency", pa.int32()),  # which header
        ("row", pa.string()),
        ("household", pa.string()),
        ("age", pa.string()),
        ("missing", pa.int16()),  # codes
        ("codes", pa.binary()),
        ("tokens", pa.binary()),
        ("services", pa.list_(_SERVICE)),
        ("fault", pa.string()),  # what is wrong with the file, and nothing else in the row
        ("hint", pa.string()),
    ]
)
_DDL = (
    "agency int, row string, household string, age string, missing short, codes binary, tokens binary, "
    "services array<struct<area: string, month: string, units: bigint, type: string, unit: string>>, "
    "fault string, hint string"
)


@dataclass(frozen=True, slots=True)
class Source:
    """An encoded file whose header is known; *agency* is its place among the sorted headers."""

    place: str
    header: Header
    agency: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of an encoded file, from *start* up to *end*."""

    source: Source
    start: int
    end: int


def read_sources(files: Sequence[str]) -> list[Source]:
    """The headers of encoded files that can be linked together, sorted by agency.

    Raises:
        EncodedFileError: a file cannot be opened, or is no encoded file.
        CannotLink: there is none, or the files do not belong together.
    """
    if not files:
        raise CannotLink("no encoded files were given", hint="Name the .codes.jsonl files of the agencies.")
    headers = [_header(place) for place in files]
    check_can_link(headers, [name_of(place) for place in files])
    ordered = sorted(zip(files, headers, strict=True), key=lambda source: source[1].agency)
    return [Source(place, header, number) for number, (place, header) in enumerate(ordered)]


def _header(place: str) -> Header:
    with opened(place) as stream:
        return parse_header(stream.readline(MAX_LINE_BYTES + 1), source=name_of(place))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of all files, each as it stands there."""

    table: DataFrame  # agency, row, household, missing, codes, tokens, services
    tokens: int  # of all rows


def read_rows(desk: Desk, sources: Sequence[Source]) -> Rows:
    """The rows of all files.

    Raises:
        EncodedFileError: a line is damaged, too long or cut short, or rows are missing or added.
    """
    stretches = [stretch for source in sources for stretch in _stretches(source)]
    tasks = desk.session.range(0, len(stretches), 1, max(1, len(stretches)))
    read = desk.kept(tasks.mapInArrow(partial(_read, stretches), _DDL), "read")
    found = {row["agency"]: row for row in read.groupBy("agency").agg(*_checked()).collect()}
    for source in sources:
        _check_is_sound(found.get(source.agency), source)
    return Rows(read.drop("fault", "hint"), sum(row["tokens"] for row in found.values()) // 8)


def _stretches(source: Source) -> Iterator[Stretch]:
    with opened(source.place) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        ends = list(cuts(stream, size=size, step=STRETCH))
    yield from (Stretch(source, start, end) for start, end in pairwise(ends))


def _checked() -> list[Column]:
    """What has to be known of an agency's rows."""
    return [
        F.count("row").alias("rows"),
        F.sum(F.coalesce(F.length("tokens"), F.lit(0))).alias("tokens"),
        F.min(F.when(F.col("fault").isNotNull(), F.struct("fault", "hint"))).alias("wrong"),
    ]


def _check_is_sound(found: Row | None, source: Source) -> None:
    if found and found["wrong"]:
        raise EncodedFileError(found["wrong"]["fault"], hint=found["wrong"]["hint"])
    check_row_count(found["rows"] if found else 0, source.header, source=name_of(source.place))


def _read(stretches: Sequence[Stretch], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for number in batch.column(0).to_pylist():
            yield from _told(stretches[number])


def _told(stretch: Stretch) -> Iterator[pa.RecordBatch]:
    """A fault is a row, so that the session tells it in its own words and not in a worker's traceback."""
    source = stretch.source
    try:
        for chunk in _chunks(stretch):
            yield _batch(chunk, source)
    except EncodedFileError as error:
        fault = {"agency": source.agency, "fault": error.what, "hint": error.hint}
        yield pa.RecordBatch.from_pylist([fault], schema=_COLUMNS)


def _chunks(stretch: Stretch) -> Iterator[Chunk]:
    """The chunks of a stretch. Lines are numbered only where one is damaged: that takes going through the file."""
    source = stretch.source
    with opened(source.place) as stream:
        stream.seek(stretch.start)
        content = stream.read(stretch.end - stretch.start)
    name = name_of(source.place)
    try:
        yield from read_text(content, source.header, source=name)
    except EncodedFileError:
        first = _lines_before(stretch) + 1
        yield from read_text(content, source.header, source=name, first_line=first)


def _lines_before(stretch: Stretch) -> int:
    with opened(stretch.source.place) as stream:
        return sum(1 for _ in iter(lambda: stream.tell() < stretch.start and stream.readline(), False))


def _batch(chunk: Chunk, source: Source) -> pa.RecordBatch:
    count, each = len(chunk.rows), chunk.codes.shape[1]
    nothing = pa.nulls(count, pa.string())
    columns = [
        pa.array(np.full(count, source.agency, dtype=np.int32)),
        chunk.rows,
        chunk.households,
        chunk.ages,
        pa.array(_missing(chunk.codes, source.header)),
        as_bytes(chunk.codes, np.full(count, each)),
        as_bytes(chunk.tokens, chunk.token_counts),
        _services(chunk.services, count),
        nothing,
        nothing,
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_COLUMNS)


def _missing(codes: NDArray[np.uint64], header: Header) -> NDArray[np.int16]:
    found: NDArray[np.int16] = (ones_of(np.bitwise_count(codes), header.codes) == 0).sum(axis=1, dtype=np.int16)
    return found


def _services(services: Sequence[Service], count: int) -> pa.Array:
    """The services of each row, in a list of its own."""
    places = np.array([place for place, *_ in services], dtype=np.int64)
    ends = np.searchsorted(places, np.arange(count + 1)).astype(np.int32)
    names = [field.name for field in _SERVICE]
    rows = [dict(zip(names, told, strict=True)) for _, *told in services]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(rows, _SERVICE))
