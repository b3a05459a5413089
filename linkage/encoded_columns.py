"""An encoded file as columns: the same checks as :func:`hashing.schema.parse_row`, made on thousands of rows at once.

A row's codes and tokens are most of its bytes. They are decoded for many rows together, straight from the text;
rows that are written in any other way than ``headcount hash`` writes them go through the schema's own parser, one by
one, which also tells what is wrong with a damaged one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa
import pybase64
from numpy.typing import NDArray

from hashing.schema import (
    MAX_LINE_BYTES,
    MOST_SERVICES,
    MOST_TOKENS,
    AgeBand,
    Consent,
    EncodedRow,
    Header,
    Pseudonym,
    ServiceMonth,
    check_line,
    parse_row,
)

CHUNK = 2_048  # rows decoded together
TOKEN_LETTERS = 11
_QUOTED = TOKEN_LETTERS + 3  # a token in the text of a list, with its quotes and the comma or bracket after it
_NO_LETTER = 255
_LETTERS = np.full(256, _NO_LETTER, dtype=np.uint8)
_LETTERS[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8)] = range(64)

Service = tuple[int, str, str, int, str, str]  # place of the record, area, month, units, type, unit


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of an encoded file, in columns."""

    rows: pa.Array  # pseudonyms, strings
    codes: NDArray[np.uint64]  # shape (rows, words): the codes side by side in the header's order, zeros where missing
    tokens: NDArray[np.uint64]
    token_counts: NDArray[np.uint8]
    households: pa.Array  # pseudonyms, strings or null
    ages: pa.Array  # bands, strings or null
    services: list[Service]  # places count within the chunk


def words_of(bits: int) -> int:
    """How many 64-bit words hold a code."""
    return -(-bits // 64)


def read_chunks(stream: BinaryIO, header: Header, *, source: str, first_line: int = 2) -> Iterator[Chunk]:
    """The rows of an encoded file from where *stream* stands; *first_line* is the number of its next line.

    Raises:
        EncodedFileError: a line is damaged, too long or cut short.
    """
    read = ChunkReader(header, source=source).read
    while lines := next_lines(stream):
        yield read(lines, first_line)
        first_line += len(lines)


def next_lines(stream: BinaryIO) -> list[bytes]:
    """The next lines of a chunk, none longer than one byte more than a row may be; nothing at the end."""
    return list(islice(iter(lambda: stream.readline(MAX_LINE_BYTES + 1), b""), CHUNK))


class _Odd(Exception):
    """A row is not written as ``headcount hash`` writes it."""


DAMAGE = (_Odd, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # or a way to write that is none of ours


class ChunkReader:
    """Reads lines of files with one header."""

    def __init__(self, header: Header, *, source: str) -> None:
        self._header = header
        self._source = source
        self._decode = _decoder(header)
        self._widths = [(bits // 8, 8 * words_of(bits)) for bits in header.codes.values()]

    def read(self, lines: Sequence[bytes], first_line: int) -> Chunk:
        """Lines -> columns.

        Raises:
            EncodedFileError: a line is damaged, too long or cut short.
        """
        try:
            return self._read_together(lines)
        except DAMAGE:
            return self._read_one_by_one(lines, first_line)

    def _read_together(self, lines: Sequence[bytes]) -> Chunk:
        if not all(line.endswith(b"\n") and len(line) <= MAX_LINE_BYTES for line in lines):
            raise _Odd
        rows = [self._decode(line) for line in lines]
        columns = zip(*(msgspec.structs.astuple(row.codes) for row in rows), strict=True)
        tokens, counts = _tokens([bytes(row.blocks) for row in rows])
        return Chunk(
            rows=pa.array([row.row for row in rows], pa.string()),
            codes=_side_by_side([_code_bytes(c, *w) for c, w in zip(columns, self._widths, strict=True)], len(rows)),
            tokens=tokens,
            token_counts=counts,
            households=pa.array([row.household for row in rows], pa.string()),
            ages=_ages(rows),
            services=_services(rows),
        )

    def _read_one_by_one(self, lines: Sequence[bytes], first_line: int) -> Chunk:
        rows = [self._row(line, number) for number, line in enumerate(lines, first_line)]
        codes = [
            [_padded(base64.b64decode(row.codes[name] or ""), width) for row in rows]
            for name, (_, width) in zip(self._header.codes, self._widths, strict=True)
        ]
        return Chunk(
            rows=pa.array([row.row for row in rows], pa.string()),
            codes=_side_by_side([b"".join(column) for column in codes], len(rows)),
            tokens=_token_numbers("".join(token for row in rows for token in row.blocks).encode()),
            token_counts=np.array([len(row.blocks) for row in rows], dtype=np.uint8),
            households=pa.array([row.household for row in rows], pa.string()),
            ages=_ages(rows),
            services=_services(rows),
        )

    def _row(self, line: bytes, number: int) -> EncodedRow:
        check_line(line, source=self._source, number=number)
        return parse_row(line, self._header, source=self._source, number=number)


def _decoder(header: Header) -> Callable[[bytes], Any]:
    try:
        decode: Callable[[bytes], Any] = msgspec.json.Decoder(_row_type(header)).decode
    except ValueError:  # msgspec knows no fields of such names
        return _left_to_schema
    return decode


def _left_to_schema(_line: bytes) -> Any:  # noqa: ANN401 -- as a decoder's
    raise _Odd


def _row_type(header: Header) -> type[Any]:
    """A row as text, but for its codes and tokens as strict as the schema's own."""
    texts = [(f"code{place}", str | None) for place, _ in enumerate(header.codes)]
    renamed = dict(zip((field for field, _ in texts), header.codes, strict=True))
    strict: dict[str, Any] = {"frozen": True, "forbid_unknown_fields": True, "gc": False}
    codes = msgspec.defstruct("Codes", texts, rename=renamed, **strict)
    fields: list[Any] = [
        ("row", Pseudonym),
        ("codes", codes),
        ("blocks", msgspec.Raw),
        ("age", AgeBand | msgspec.UnsetType, msgspec.UNSET),
        ("household", Pseudonym | None, None),
        *_TAIL,
    ]
    return msgspec.defstruct("Row", fields, **strict)


_TAIL: list[Any] = [
    ("services", Annotated[tuple[ServiceMonth, ...], msgspec.Meta(max_length=MOST_SERVICES)], ()),
    ("consent", Consent | None, None),
]


def tail_type() -> type[Any]:
    """What stands last in a row, as strict as the schema's own."""
    return msgspec.defstruct("Tail", _TAIL, frozen=True, forbid_unknown_fields=True, gc=False)


def _code_bytes(texts: Sequence[str | None], width: int, padded: int) -> bytes:
    """One code of many rows, each of *width* bytes filled up to *padded*."""
    nothing = bytes(width)
    try:
        codes = [nothing if text is None else pybase64.b64decode(text, validate=True) for text in texts]
    except ValueError as error:
        raise _Odd from error
    if not set(map(len, codes)) <= {width}:
        raise _Odd
    return b"".join(codes if width == padded else (_padded(code, padded) for code in codes))


def _padded(code: bytes, width: int) -> bytes:
    return code.ljust(width, b"\0")


def _side_by_side(columns: Sequence[bytes], rows: int) -> NDArray[np.uint64]:
    words = [np.frombuffer(column, dtype=np.uint64).reshape(rows, -1) for column in columns]
    return np.concatenate(words, axis=1)


def _tokens(lists: Sequence[bytes]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The texts of lists of tokens, without blanks -> the tokens, and how many each list holds."""
    full = [each for each in lists if each != b"[]"]
    lengths = np.array([len(each) - 1 for each in full], dtype=np.int64)
    if (lengths % _QUOTED).any() or (lengths > MOST_TOKENS * _QUOTED).any():
        raise _Odd
    text = np.frombuffer(b"".join(each[1:] for each in full), dtype=np.uint8).reshape(-1, _QUOTED)
    after = np.full(len(text), ord(","), dtype=np.uint8)
    after[np.cumsum(lengths // _QUOTED) - 1] = ord("]")
    quotes = (text[:, 0] == ord('"')) & (text[:, TOKEN_LETTERS + 1] == ord('"'))
    if not (quotes & (text[:, -1] == after)).all():
        raise _Odd
    counts = np.array([len(each) // _QUOTED for each in lists], dtype=np.uint8)
    return _token_numbers(text[:, 1 : TOKEN_LETTERS + 1].tobytes()), counts


def _token_numbers(text: bytes) -> NDArray[np.uint64]:
    """Tokens of eleven letters each, one after another -> numbers; the last letter's two spare bits are left out."""
    letters = _LETTERS[np.frombuffer(text, dtype=np.uint8)].reshape(-1, TOKEN_LETTERS)
    if (letters == _NO_LETTER).any():
        raise _Odd
    numbers = np.zeros(len(letters), dtype=np.uint64)
    for column in letters[:, :-1].T:
        numbers = (numbers << np.uint64(6)) | column
    return (numbers << np.uint64(4)) | (letters[:, -1] >> np.uint8(2))


def _ages(rows: Sequence[Any] | Sequence[EncodedRow]) -> pa.Array:
    return pa.array([row.age.value if row.age else None for row in rows], pa.string())


def _services(rows: Sequence[Any] | Sequence[EncodedRow]) -> list[Service]:
    return [
        (place, service.area.value, service.month, service.units, service.type.value, service.unit.value)
        for place, row in enumerate(rows)
        for service in row.services
    ]
