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

from hashing.blocking_tokens import NO_TOKEN
from hashing.coded import Coded
from hashing.schema import Consent, ServiceMonth

Text = NDArray[np.uint8]  # shape (rows, letters): ASCII
TOKEN_LETTERS = 11  # of base64 without padding, for eight bytes
_BASE32 = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_NULL = b"null"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CodeValues:
    """One code of many clients, and which of them have it."""

    values: NDArray[np.uint8]  # shape (clients, bits/8)
    present: NDArray[np.bool_]


def row_texts(
    pseudonyms: Text, codes: Mapping[str, CodeValues], tokens: NDArray[np.uint64], tails: Sequence[bytes]
) -> bytes:
    """A line of JSON for each client, with its line break, one behind the other.

    *tokens* has a client's tokens first and NO_TOKEN behind them; *tails* are what :func:`row_tails` makes.
    """
    heads = _heads(pseudonyms, codes)
    counts = np.count_nonzero(tokens != NO_TOKEN, axis=1)
    width = (TOKEN_LETTERS + 3) * tokens.shape[1]
    blocks = _token_texts(tokens).tobytes()
    ends = np.maximum((TOKEN_LETTERS + 3) * counts - 1, 0)  # the last comma is left out
    starts = np.arange(len(tokens)) * width
    pieces: list[bytes] = [b""] * (3 * len(tokens))
    pieces[::3], pieces[2::3] = heads, tails
    pieces[1::3] = [blocks[start:end] for start, end in zip(starts.tolist(), (starts + ends).tolist(), strict=True)]
    return b"".join(pieces)


def row_tails(
    households: Coded[str], services: Coded[tuple[ServiceMonth, ...]], consents: Coded[Consent | None]
) -> list[bytes]:
    """The text of a row behind its blocking tokens. *households* holds pseudonyms, "" where there is none."""
    parts = (households.map(_household_text), services.map(_services_text), consents.map(_consent_text))
    if all(len(part.vocabulary) == 1 for part in parts):
        return [b"".join(part.vocabulary.values[0] for part in parts)] * len(households)
    return [b"".join(pieces) for pieces in zip(*(part.cells() for part in parts), strict=True)]


def _household_text(household: str) -> bytes:
    return b'],"household":' + _json(household or None)


def _services_text(months: tuple[ServiceMonth, ...]) -> bytes:
    return b',"services":' + _json(months)


def _consent_text(consent: Consent | None) -> bytes:
    return b',"consent":' + _json(consent) + b"}\n"


def pseudonym_texts(drawn: NDArray[np.uint8]) -> Text:
    """Ten pseudo-random bytes a row -> sixteen letters of base32, lower case."""
    bits = np.unpackbits(drawn, axis=1).reshape(len(drawn), -1, 5)
    return _BASE32[np.packbits(bits, axis=2)[:, :, 0] >> 3]


def as_strings(texts: Text) -> list[str]:
    """Rows of letters -> strings."""
    width, whole = texts.shape[1], texts.tobytes().decode("ascii")
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _heads(pseudonyms: Text, codes: Mapping[str, CodeValues]) -> list[bytes]:
    """The text of each row up to its first blocking token."""
    patterns = np.packbits(np.stack([code.present for code in codes.values()], axis=1), axis=1)
    _, pattern_of = np.unique(patterns, axis=0, return_inverse=True)
    order = np.argsort(pattern_of, kind="stable")
    heads: list[bytes] = [b""] * len(pseudonyms)
    texts = {name: _base64(code.values) for name, code in codes.items()}
    for rows in np.split(order, np.flatnonzero(np.diff(pattern_of[order])) + 1):
        whole = {name: texts[name][rows] if code.present[rows[0]] else None for name, code in codes.items()}
        laid = _laid_out(pseudonyms[rows], whole)
        width, content = laid.shape[1], laid.tobytes()
        for place, row in enumerate(rows.tolist()):
            heads[row] = content[place * width : (place + 1) * width]
    return heads


def _laid_out(pseudonyms: Text, codes: Mapping[str, Text | None]) -> Text:
    """Rows that lack the same codes, side by side with the letters that all of them share."""
    pieces: list[bytes | Text] = [b'{"row":"', pseudonyms, b'","codes":{']
    for name, text in codes.items():
        lead = b"," * (len(pieces) > 3) + b'"' + name.encode() + b'":'
        pieces += [lead + _NULL] if text is None else [lead + b'"', text, b'"']
    pieces.append(b'},"blocks":[')
    widths = [len(piece) if isinstance(piece, bytes) else piece.shape[1] for piece in pieces]
    laid, start = np.empty((len(pseudonyms), sum(widths)), dtype=np.uint8), 0
    for piece, width in zip(pieces, widths, strict=True):
        laid[:, start : start + width] = np.frombuffer(piece, np.uint8) if isinstance(piece, bytes) else piece
        start += width
    return laid


def _base64(values: NDArray[np.uint8]) -> Text:
    """Rows of bytes -> rows of base64 with padding, in one go: each row is filled up to whole groups of three bytes."""
    rows, size = values.shape
    lacking = -size % 3
    filled = np.zeros((rows, size + lacking), dtype=np.uint8)
    filled[:, :size] = values
    text = np.frombuffer(bytearray(pybase64.b64encode(filled)), dtype=np.uint8).reshape(rows, -1)
    if lacking:
        text[:, -lacking:] = ord("=")
    return text


def _token_texts(tokens: NDArray[np.uint64]) -> Text:
    """Each token in quotation marks and with a comma behind it."""
    laid = np.empty((*tokens.shape, TOKEN_LETTERS + 3), dtype=np.uint8)
    laid[:, :, 0] = laid[:, :, -2] = ord('"')
    laid[:, :, -1] = ord(",")
    content = tokens.astype(">u8").view(np.uint8).reshape(-1, 8)
    letters = _base64(content)[:, :TOKEN_LETTERS]
    safe = np.frombuffer(letters.tobytes().translate(_URL_SAFE), dtype=np.uint8)
    laid[:, :, 1:-2] = safe.reshape(*tokens.shape, TOKEN_LETTERS)
    return laid.reshape(len(tokens), -1)
