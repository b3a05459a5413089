"""Finding planted values in whatever a service left behind, in any dress that a mistake could put on them."""

import base64
import gzip
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as parquet

GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
DEEPEST = 3  # archives in archives


def forms(value: bytes) -> dict[str, bytes]:
    """What *value* may look like, with A to Z as a to z; base64, where case tells, is in `encoded_forms`."""
    found = {}
    for case, text in _cases(value):
        found |= {case: text, f"{case} reversed": text[::-1], f"{case} in hex": text.hex().encode()}
        found[f"{case} reversed in hex"] = text[::-1].hex().encode()
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, text).digest()
            found |= {f"{name} {case}": digest, f"{name} {case} in hex": digest.hex().encode()}
        if _is_text(text):
            found[f"{case} in UTF-16"] = text.decode().encode("utf-16-le")
            found[f"{case} in JSON"] = json.dumps(text.decode())[1:-1].encode()
            found[f"{case} reversed as text"] = text.decode()[::-1].encode()
            found[f"{case} in an address"] = quote(text).encode()
    return {form: text.lower() for form, text in found.items()}


def encoded_forms(value: bytes) -> dict[str, bytes]:
    """*value* in base64, at each of the three places at which it can begin."""
    found = {}
    for case, text in _cases(value):
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + text).rstrip(b"=")
            certain = whole[(shift * 8 + 5) // 6 : (shift + len(text)) * 8 // 6]
            found[f"base64 {case} + {shift}"] = certain
            found[f"base64url {case} + {shift}"] = certain.replace(b"+", b"-").replace(b"/", b"_")
    return found


def _cases(value: bytes) -> tuple[tuple[str, bytes], ...]:
    if not _is_text(value):
        return (("as it is", value),)
    text = value.decode()
    return ("as it is", value), ("in lower case", text.lower().encode()), ("in upper case", text.upper().encode())


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False  # a key's bytes
    return True


def found_in(data: bytes, planted: dict[str, bytes]) -> list[str]:
    """Which of the *planted* values are in *data*, each with its dress; never with the value."""
    lower = data.lower()
    return [
        f"{name}: {form}"
        for name, value in planted.items()
        for where, dresses in ((lower, forms(value)), (data, encoded_forms(value)))
        for form, text in dresses.items()
        if text in where
    ]


def contents(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """*data*, and what is packed in it: zip, gzip, Parquet and the streams of a PDF."""
    yield data
    if depth < DEEPEST:
        for inner in _unpacked(data):
            yield from contents(inner, depth + 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif data.startswith(GZIP):
        yield gzip.decompress(data)
    elif data.startswith(PARQUET):
        columns = parquet.read_table(io.BytesIO(data)).to_pydict()
        yield "\n".join(str(value) for values in columns.values() for value in values).encode()
    elif data.startswith(b"%PDF"):
        yield from _streams(data)


def _streams(pdf: bytes) -> Iterator[bytes]:
    for piece in pdf.split(b"stream\r\n" if b"stream\r\n" in pdf else b"stream\n")[1:]:
        try:
            yield zlib.decompressobj().decompress(piece)
        except zlib.error:
            continue  # a stream that is not packed is in the file as it is


def hits(paths: Iterable[Path], planted: dict[str, bytes]) -> list[str]:
    """What is found in files, with the name of the file; an empty list where nothing is."""
    told = []
    for path in paths:
        if path.is_file():
            told += [f"{path.name}: {hit}" for part in contents(path.read_bytes()) for hit in found_in(part, planted)]
            told += [f"{path.name}: {hit}, in the name" for hit in found_in(str(path).encode(), planted)]
    return told
