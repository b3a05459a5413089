"""The text of encoded rows, exactly as msgspec would write each :class:`hashing.schema.EncodedRow`, for many at once.

A row is three pieces put together: its codes, whose text has the same length in all rows that lack the same ones; its
blocking tokens, of one length each; and what few rows have of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pybase64
from numpy.typing import NDArray

from hashing import accelerator
from hashing.blocking_tokens import RowTokens
from hashing.coded import Coded
from hashing.schema import AgeBand, Consent, ServiceMonth

Text = NDArray[np.uint8]  # shape (rows, letters): ASCII
PSEUDONYM_LETTERS = 16
TOKEN_LETTERS = 11  # of base64 without padding, for eight bytes
_BASE32 = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_NULL = b"null"
_FEW = 2**15  # values of each of four columns: then their places make one number of 64 bits


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CodeValues:
    """One code of many clients, and which of them have it."""

    values: NDArray[np.uint8]  # shape (clients, bits/8)
    present: NDArray[np.bool_]


class Writer:
    """Writes the text of rows; one thread's, since machine code writes again and again to the same place."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._room = np.empty(0, dtype=np.uint8)

    def row_texts(
        self, drawn: NDArray[np.uint8], codes: Mapping[str, CodeValues], tokens: RowTokens, tails: Sequence[bytes]
    ) -> bytes | memoryview:
        """A line of JSON for each client, with its line break, one behind the other; good until the next call.

        *drawn* are the bytes of pseudonyms, *tails* what :func:`row_tails` makes.
        """
        if accelerator.native is None:
            return _joined(pseudonym_texts(drawn), codes, tokens, tails)
        values = tuple(
            (code.values, code.present, _lead(name, is_first=not place))
            for place, (name, code) in enumerate(codes.items())
        )
        ends = np.cumsum(np.fromiter(map(len, tails), dtype=np.int64, count=len(tails)))
        given = np.ascontiguousarray(drawn), values, tokens.flat, tokens.counts, b"".join(tails), ends
        needed = accelerator.native.row_texts(*given, None)
        if len(self._room) < needed:
            self._room = np.empty(needed * 5 // 4, dtype=np.uint8)
        return self._room.data[: accelerator.native.row_texts(*given, self._room)]


def _joined(pseudonyms: Text, codes: Mapping[str, CodeValues], tokens: RowTokens, tails: Sequence[bytes]) -> bytes:
    ends = (TOKEN_LETTERS + 3) * np.cumsum(tokens.counts, dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]])
    blocks = _token_texts(tokens.flat).tobytes()
    last_commas = np.maximum(ends - 1, starts)  # are left out
    pieces: list[memoryview | bytes] = [b""] * (3 * len(pseudonyms))
    pieces[::3], pieces[2::3] = _heads(pseudonyms, codes), tails
    pieces[1::3] = [blocks[start:end] for start, end in zip(starts.tolist(), last_commas.tolist(), strict=True)]
    return b"".join(pieces)


def _lead(name: str, *, is_first: bool) -> bytes:
    """What stands before a code's value."""
    return b"," * (not is_first) + b'"' + name.encode() + b'":'


def row_tails(
    ages: Coded[AgeBand | None],
    households: Coded[str],
    services: Coded[tuple[ServiceMonth, ...]],
    consents: Coded[Consent | None],
) -> list[bytes]:
    """The text of a row behind its blocking tokens. *households* holds pseudonyms, "" where there is none."""
    parts = (
        ages.map(_age_text),
        households.map(_household_text),
        services.map(_services_text),
        consents.map(_consent_text),
    )
    sizes = [len(part.vocabulary) for part in parts]
    if max(sizes) > _FEW:
        return _joined_cells(parts)
    numbers = np.ravel_multi_index(tuple(part.places for part in parts), sizes)
    _, rows, places = np.unique(numbers, return_index=True, return_inverse=True)
    texts = _joined_cells([part.take(rows) for part in parts])
    return [texts[place] for place in places.tolist()]


def _joined_cells(parts: Sequence[Coded[bytes]]) -> list[bytes]:
    return [b"".join(pieces) for pieces in zip(*(part.cells() for part in parts), strict=True)]


def _age_text(age: AgeBand | None) -> bytes:
    return b"]" if age is None else b'],"age":' + _json(age)


def _household_text(household: str) -> bytes:
    return b',"household":' + _json(household or None)


def _services_text(months: tuple[ServiceMonth, ...]) -> bytes:
    return b',"services":' + _json(months)


def _consent_text(consent: Consent | None) -> bytes:
    return b',"consent":' + _json(consent) + b"}\n"


def pseudonym_texts(drawn: NDArray[np.uint8]) -> Text:
    """Ten pseudo-random bytes a row -> sixteen letters of base32, lower case."""
    if accelerator.native is not None:
        found = np.empty((len(drawn), PSEUDONYM_LETTERS), dtype=np.uint8)
        accelerator.native.pseudonym_texts(np.ascontiguousarray(drawn), found)
        return found
    bits = np.unpackbits(drawn, axis=1).reshape(len(drawn), -1, 5)
    letters: Text = _BASE32[np.packbits(bits, axis=2)[:, :, 0] >> 3]
    return letters


def as_strings(texts: Text) -> list[str]:
    """Rows of letters -> strings."""
    width, whole = texts.shape[1], texts.tobytes().decode("ascii")
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _heads(pseudonyms: Text, codes: Mapping[str, CodeValues]) -> list[memoryview | bytes]:
    """The text of each row up to its first blocking token."""
    laid, spans = _laid_out(pseudonyms, codes)
    width, content = laid.shape[1], memoryview(laid.data).cast("B")
    heads: list[memoryview | bytes] = [content[start : start + width] for start in range(0, len(content), width)]
    lacking = ~np.stack([code.present for code in codes.values()], axis=1)
    rows = np.flatnonzero(lacking.any(axis=1))
    patterns, which = np.unique(lacking[rows], axis=0, return_inverse=True)
    nulls = [[span for span, lacks in zip(spans, pattern, strict=True) if lacks] for pattern in patterns.tolist()]
    for row, pattern in zip(rows.tolist(), which.tolist(), strict=True):
        heads[row] = _with_nulls(heads[row], nulls[pattern])
    return heads


def _with_nulls(head: memoryview | bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    """A row's text with nothing known in some places."""
    pieces: list[memoryview | bytes] = []
    start = 0
    for first, end in spans:
        pieces += (head[start:first], _NULL)
        start = end
    pieces.append(head[start:])
    return b"".join(pieces)


def _laid_out(pseudonyms: Text, codes: Mapping[str, CodeValues]) -> tuple[Text, list[tuple[int, int]]]:
    """Rows as if all had every code, and from where to where each code stands, quotation marks included."""
    pieces: list[bytes | Text] = [b'{"row":"', pseudonyms, b'","codes":{']
    for name, code in codes.items():
        lead = _lead(name, is_first=len(pieces) == 3)
        pieces += [lead + b'"', _base64(code.values), b'"']
    pieces.append(b'},"blocks":[')
    widths = [len(piece) if isinstance(piece, bytes) else piece.shape[1] for piece in pieces]
    ends = np.cumsum(widths).tolist()
    laid = np.empty((len(pseudonyms), ends[-1]), dtype=np.uint8)
    for piece, width, end in zip(pieces, widths, ends, strict=True):
        laid[:, end - width : end] = np.frombuffer(piece, np.uint8) if isinstance(piece, bytes) else piece
    return laid, [(ends[place] - widths[place] - 1, ends[place] + 1) for place in range(4, len(pieces) - 1, 3)]


def _base64(values: NDArray[np.uint8]) -> Text:
    """Rows of bytes -> rows of base64 with padding, in one go: each row is filled up to whole groups of three bytes."""
    rows, size = values.shape
    lacking = -size % 3
    text = np.frombuffer(bytearray(pybase64.b64encode(_filled_up(values).data)), dtype=np.uint8).reshape(rows, -1)
    if lacking:
        text[:, -lacking:] = ord("=")
    return text


def _filled_up(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, size = values.shape
    filled = np.zeros((rows, size + -size % 3), dtype=np.uint8)
    filled[:, :size] = values
    return filled


def _token_texts(tokens: NDArray[np.uint64]) -> Text:
    """Each token in quotation marks and with a comma behind it."""
    laid = np.empty((len(tokens), TOKEN_LETTERS + 3), dtype=np.uint8)
    laid[:, 0] = laid[:, -2] = ord('"')
    laid[:, -1] = ord(",")
    letters = pybase64.b64encode(_filled_up(tokens.astype(">u8").view(np.uint8).reshape(-1, 8)).data)
    safe = np.frombuffer(letters.translate(_URL_SAFE), dtype=np.uint8)
    laid[:, 1:-2] = safe.reshape(len(tokens), TOKEN_LETTERS + 1)[:, :TOKEN_LETTERS]
    return laid
