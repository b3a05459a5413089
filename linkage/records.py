"""Encoded files of several agencies -> one table of records, in an order that does not depend on the files' order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hashing.schema import AgencyKind, Header, check_are_distinct
from linkage import accelerator
from linkage.encoded_columns import words_of
from linkage.errors import CannotLink
from linkage.parts import CODES, TOKENS, Part, read_header, read_parts

AT_ONCE = 65_536  # records whose codes are copied or counted at a time


@dataclass(frozen=True)
class Records:
    """All rows of all agencies in columns; a record's number is its place, by agency and then by pseudonym.

    Codes and tokens may lie on disk (memory-mapped), so that their number is not bound by memory.
    """

    headers: tuple[Header, ...]  # sorted by agency
    agencies: NDArray[np.int16]  # shape (records,): which header
    rows: pa.Array  # pseudonyms, strings
    households: pa.Array  # pseudonyms, strings or null
    ages: pa.Array  # bands, strings or null
    matrix: NDArray[np.uint64]  # shape (records, words): the codes side by side, zeros where missing
    owners: NDArray[np.int32]  # shape (tokens,): the record of each token, ...
    tokens: NDArray[np.uint64]  # ... and the token
    services: pa.Table  # record, area, month, units, type, unit

    def __len__(self) -> int:
        """The number of records."""
        return len(self.rows)

    @property
    def codes(self) -> dict[str, int]:
        """Code name -> bits."""
        return self.headers[0].codes

    @property
    def agency_names(self) -> pa.Array:
        """The agency of each record."""
        return pa.array([header.agency for header in self.headers], pa.string()).take(pa.array(self.agencies))

    def place_of(self, code: str) -> int:
        """Which of the codes it is."""
        return list(self.codes).index(code)

    @cached_property
    def homes(self) -> NDArray[np.int32]:
        """A number for each record's household, or -1; a household is known to one agency alone."""
        found: NDArray[np.int32] = self.households.dictionary_encode().indices.fill_null(-1).to_numpy()
        return found

    @cached_property
    def ones(self) -> NDArray[np.uint16]:
        """How many bits are set: shape (records, codes). A code without a single one is missing."""
        if accelerator.native is not None and self.matrix.flags.c_contiguous:
            return self._ones_quickly()
        counts = [
            ones_of(np.bitwise_count(self.matrix[start : start + AT_ONCE]), self.codes)
            for start in range(0, len(self), AT_ONCE)
        ]
        return np.concatenate(counts)

    def _ones_quickly(self) -> NDArray[np.uint16]:
        bits = np.array(list(self.codes.values()), dtype=np.int32)
        found = np.empty((len(self), len(bits)), dtype=np.uint16)
        count = partial(_count_ones, self.matrix, bits, found)
        with ThreadPoolExecutor() as pool:
            list(pool.map(count, range(0, len(self), AT_ONCE)))
        return found


def _count_ones(matrix: NDArray[np.uint64], bits: NDArray[np.int32], found: NDArray[np.uint16], start: int) -> None:
    some = slice(start, start + AT_ONCE)
    accelerator.native.count_ones(matrix[some], bits, found[some])  # type: ignore[union-attr]


_EVEN = np.uint64(0x00FF00FF00FF00FF)
_EACH = np.uint64(0x0001000100010001)
_MOST_WORDS = 64  # of a code, whose bits fit into a lane of 16


def ones_of(counts: NDArray[np.uint8], codes: dict[str, int]) -> NDArray[np.uint16]:
    """The bits set in each word, shape (rows, words) -> in each code, shape (rows, codes)."""
    widths = [words_of(bits) for bits in codes.values()]
    if len(set(widths)) == 1 and widths[0] % 8 == 0 and widths[0] <= _MOST_WORDS:
        return _sums_of_eights(counts.reshape(len(counts), len(widths), widths[0]))
    starts = np.cumsum([0, *widths[:-1]])
    return np.add.reduceat(counts, starts, axis=1, dtype=np.uint16)


def _sums_of_eights(counts: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Sums along the last axis of numbers up to 64, as lanes of 64-bit words: several times faster than one by one."""
    words = counts.view(np.uint64)
    lanes = ((words & _EVEN) + ((words >> np.uint64(8)) & _EVEN)).sum(axis=-1)
    sums: NDArray[np.uint16] = ((lanes * _EACH) >> np.uint64(48)).astype(np.uint16)
    return sums


@contextmanager
def loaded_records(files: Sequence[Path], *, spill: Path | None = None, processes: int = 1) -> Iterator[Records]:
    """Read and check encoded files together; codes and tokens stay in *spill*, or in a folder of their own.

    Raises:
        EncodedFileError: a file cannot be opened, or is damaged.
        CannotLink: the files were made with different secrets, profiles or epochs, or an agency comes twice.
    """
    headers = check_can_read(files)
    sources = sorted(zip(files, headers, strict=True), key=lambda source: source[1].agency)
    folder = Path(tempfile.mkdtemp(prefix="records.", dir=spill))
    try:
        yield _joined(sources, read_parts(sources, folder, processes=processes), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _joined(sources: Sequence[tuple[Path, Header]], parts: Sequence[Part], folder: Path) -> Records:
    headers = tuple(header for _, header in sources)
    place = {header.agency: number for number, header in enumerate(headers)}
    agencies = np.repeat([place[part.header.agency] for part in parts], [len(part.rows) for part in parts])
    rows = pa.concat_arrays([part.rows for part in parts])  # there is one row at least, by the headers
    order = _order(agencies, rows)
    _check_pseudonyms(sources, agencies[order], rows.take(pa.array(order)))
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return Records(
        headers=headers,
        agencies=agencies.astype(np.int16),
        rows=rows.take(pa.array(order)),
        households=pa.concat_arrays([part.households for part in parts]).take(pa.array(order)),
        ages=pa.concat_arrays([part.ages for part in parts]).take(pa.array(order)),
        matrix=_matrix(order, folder, words=sum(map(words_of, headers[0].codes.values()))),
        owners=np.repeat(number, np.frombuffer(b"".join(part.token_counts for part in parts), dtype=np.uint8)),
        tokens=_all_tokens(parts, folder / "tokens"),
        services=_services(parts, number),
    )


def _order(agencies: NDArray[np.int64], rows: pa.Array) -> NDArray[np.int64]:
    """The places of the rows by agency and pseudonym; agencies come sorted, and mostly so do their pseudonyms."""
    rising = pc.less(rows[:-1], rows[1:]).to_numpy(zero_copy_only=False)
    if (rising | (agencies[1:] != agencies[:-1])).all():
        return np.arange(len(rows), dtype=np.int64)
    table = pa.table({"agency": pa.array(agencies), "row": rows})
    found: NDArray[np.int64] = pc.sort_indices(
        table, sort_keys=[("agency", "ascending"), ("row", "ascending")]
    ).to_numpy()
    return found.astype(np.int64)


def _check_pseudonyms(sources: Sequence[tuple[Path, Header]], agencies: NDArray[np.int64], rows: pa.Array) -> None:
    """Rows come sorted: one that is given twice comes twice running."""
    differs = pc.not_equal(rows[:-1], rows[1:]).to_numpy(zero_copy_only=False) | (agencies[1:] != agencies[:-1])
    new = agencies[np.concatenate(([True], differs))]
    for number, (path, header) in enumerate(sources):
        check_are_distinct(int((new == number).sum()), header, source=path.name)


def _all_tokens(parts: Sequence[Part], out: Path) -> NDArray[np.uint64]:
    """The parts' tokens behind one another; each part's file goes as soon as it is copied."""
    with out.open("wb") as stream:
        for part in parts:
            content = part.stem.with_name(part.stem.name + TOKENS)
            with content.open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 22)
            content.unlink()
    if not out.stat().st_size:
        return np.empty(0, dtype=np.uint64)
    return np.memmap(out, dtype=np.uint64, mode="r").view(np.ndarray)


def _matrix(order: NDArray[np.int64], folder: Path, *, words: int) -> NDArray[np.uint64]:
    content = _mapped(folder / CODES, words)
    if (np.diff(order) > 0).all():
        return content
    with (folder / "sorted").open("wb") as stream:
        for start in range(0, len(order), AT_ONCE):
            stream.write(content[order[start : start + AT_ONCE]].data)
    return _mapped(folder / "sorted", words)


def _mapped(path: Path, words: int) -> NDArray[np.uint64]:
    return np.memmap(path, dtype=np.uint64, mode="r").view(np.ndarray).reshape(-1, words)


def _services(parts: Sequence[Part], number: NDArray[np.int32]) -> pa.Table:
    starts = np.cumsum([0, *(len(part.rows) for part in parts)]).tolist()
    lines = [
        (start + place, *rest) for start, part in zip(starts, parts, strict=False) for place, *rest in part.services
    ]
    places, areas, months, amounts, types, units = zip(*lines, strict=True) if lines else ((), (), (), (), (), ())
    table = pa.table(
        {
            "record": pa.array(number[np.array(places, dtype=np.int64)]),
            "area": pa.array(areas, pa.string()),
            "month": pa.array(months, pa.string()),
            "units": pa.array(amounts, pa.int64()),
            "type": pa.array(types, pa.string()),
            "unit": pa.array(units, pa.string()),
        }
    )
    return table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names]))


def check_can_read(files: Sequence[Path]) -> list[Header]:
    """The headers of encoded files that can be linked together.

    Raises:
        EncodedFileError: a file cannot be opened, or is no encoded file.
        CannotLink: there is none, or the files do not belong together.
    """
    if not files:
        raise CannotLink("no encoded files were given", hint="Name the .codes.jsonl files of the agencies.")
    headers = [read_header(path) for path in files]
    check_can_link(headers, [path.name for path in files])
    return headers


def check_can_link(headers: Sequence[Header], names: Sequence[str]) -> None:
    """Whether files belong together.

    Raises:
        CannotLink: another secret, profile, epoch or normalisation, or an agency twice.
    """
    first = headers[0]
    for header, name in zip(headers, names, strict=True):
        _check_may_send(header, name)
        for what, ours, theirs in _must_agree(first, header):
            if ours != theirs:
                raise CannotLink(
                    f"{name} was encoded with another {what} than {names[0]}",
                    hint="All agencies must use the same secret file, profile and version of Headcount.",
                )
    agencies = [header.agency for header in headers]
    twice = sorted({agency for agency in agencies if agencies.count(agency) > 1})
    if twice:
        raise CannotLink(f"two files come from {twice[0]}", hint="Give one file an agency: the newest.")


def check_are_known(agencies: frozenset[str], headers: Sequence[Header]) -> None:
    """Whether agencies that somebody named are among those of the files.

    Raises:
        CannotLink: one is not.
    """
    unknown = sorted(agencies - {header.agency for header in headers})
    if unknown:
        raise CannotLink(f"no file comes from {unknown[0]}", hint="Give the identifiers that the files carry.")


def clean_lists(records: Records, agencies: frozenset[str]) -> NDArray[np.int16]:
    """For each record, which list of one of the *agencies* it is of, or -1."""
    numbers = [n if header.agency in agencies else -1 for n, header in enumerate(records.headers)]
    return np.array(numbers, dtype=np.int16)[records.agencies]


def _check_may_send(header: Header, name: str) -> None:
    if header.kind is AgencyKind.VICTIM_SERVICE_PROVIDER:
        raise CannotLink(
            f"{name} comes from a victim service provider, which by law sends totals only (34 USC 12291(b)(2))",
            hint="Leave the file out, and delete it.",
        )


def _must_agree(first: Header, other: Header) -> list[tuple[str, object, object]]:
    return [
        ("profile", first.profile_digest, other.profile_digest),
        ("epoch", first.epoch, other.epoch),
        ("secret", first.key_check_value, other.key_check_value),
        ("version of Headcount", first.canaries, other.canaries),
        ("code list", first.codes, other.codes),
    ]
