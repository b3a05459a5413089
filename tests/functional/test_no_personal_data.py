"""Nothing that the service stores or logs holds a client's name, birth date, number or address.

Every value of every export is looked for in every byte of the service's folder and log: as typed, in lower and
upper case, reversed, as hexadecimal and as base64 at each of its three alignments. Values too short to be told
from chance in megabytes of codes are looked for as whole words.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hashing.columns import understand
from hashing.export import read_export
from hashing.fields import Field
from hashing.importers.source import read_sheets
from tests.functional.conftest import ROOT, TOWN, Played

pytestmark = pytest.mark.slow

PERSONAL = (
    Field.FULL_NAME, Field.FIRST, Field.MIDDLE, Field.LAST, Field.SECOND_LAST, Field.ALIAS, Field.FORMER_LAST,
    Field.BIRTH_DATE, Field.SSN, Field.PHONE, Field.ADDRESS,
)  # fmt: skip
NAMES = (Field.FULL_NAME, Field.FIRST, Field.LAST, Field.ALIAS, Field.FORMER_LAST)
LONG = 10  # bytes; shorter patterns occur in random codes by chance
WINDOW = 8
SHORTEST_WORD = 5  # letters, between bytes that are no letters


def cells(fields: Iterable[Field]) -> set[str]:
    found = set()
    for folder in TOWN.iterdir():
        for sheet in read_sheets([folder]):
            table = understand(sheet)
            for _, row in table.lines() if table else ():
                found |= {value for field in fields for value in table.values(row, field)}
    return found


def normalised() -> set[str]:
    found = set()
    for folder in TOWN.iterdir():
        for client in read_export([folder], today=date(2026, 11, 22)).clients:
            found |= {client.ssn, client.address.building, *client.phones}
            if client.birth and client.birth.is_whole:
                born = date(client.birth.year, client.birth.month, client.birth.day)
                found |= {born.isoformat(), f"{born:%Y%m%d}", f"{born:%m/%d/%Y}", f"{born:%d-%b-%Y}"}
    return found - {""}


def disguises(value: str) -> Iterator[bytes]:
    raw = value.encode()
    for form in (raw, raw.lower(), raw.upper(), raw[::-1], value.encode("latin-1", errors="replace")):
        yield form
        yield form.hex().encode()
        for pad in range(3):  # base64 of the value at each alignment, without the characters that its neighbours share
            shifted = base64.b64encode(b"\0" * pad + form)
            yield shifted[(0, 2, 3)[pad] : len(shifted) - 4]


def find(patterns: set[bytes], content: bytes) -> set[bytes]:
    """The patterns that occur: candidates by their first eight bytes, all at once, then each in full."""
    if len(content) < WINDOW:
        return set()
    by_start: dict[int, list[bytes]] = {}
    for pattern in patterns:
        by_start.setdefault(int.from_bytes(pattern[:WINDOW], "little"), []).append(pattern)
    data = np.frombuffer(content + b"\0" * WINDOW, dtype=np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(data, WINDOW).copy().view("<u8").ravel()
    starts = np.sort(np.array(list(by_start), dtype=np.uint64))
    near = np.flatnonzero(starts[np.minimum(np.searchsorted(starts, windows), len(starts) - 1)] == windows)
    return {
        pattern
        for place in near.tolist()
        for pattern in by_start[int(windows[place])]
        if content.startswith(pattern, place)
    }


def service_files(folder: Path) -> list[Path]:
    return [*(path for path in (folder / "service").rglob("*") if path.is_file()), folder / "service.log"]


@pytest.fixture(scope="module")
def patterns() -> set[bytes]:
    values = cells(PERSONAL) | normalised()
    return {form for value in values for form in disguises(value) if len(form) >= LONG}


def test_the_search_finds_what_it_looks_for(patterns: set[bytes], played_demo: Played) -> None:
    export = (TOWN / "free_clinic" / "PatientList_latin1.csv").read_bytes()
    assert len(find(patterns, export)) > 1000
    wrapped = base64.b64encode(b"xy" + export)
    assert len(find(patterns, wrapped)) > 500
    assert len(find(patterns, export.hex().encode())) > 1000


def test_no_value_of_any_export_is_in_the_service(patterns: set[bytes], played_demo: Played) -> None:
    files = service_files(played_demo.folder)
    assert sum(path.stat().st_size for path in files) > 5_000_000
    found = {path.name: len(hits) for path in files if (hits := find(patterns, path.read_bytes()))}
    assert found == {}


def test_no_short_name_is_in_the_service_as_a_word(played_demo: Played) -> None:
    names = {word.casefold() for cell in cells(NAMES) for word in re.findall(r"[^\W\d_]+", cell)}
    own = own_words()
    found = {}
    for path in service_files(played_demo.folder):
        words = {word.decode("latin-1").casefold() for word in words_of(path.read_bytes())}
        if hits := (words & names) - own:
            found[path.name] = len(hits)
    assert found == {}


def words_of(content: bytes) -> list[bytes]:
    """Runs of letters between bytes that belong to no code or identifier."""
    return [run for run in re.findall(rb"[A-Za-z0-9+/=_-]+", content) if run.isalpha() and len(run) >= SHORTEST_WORD]


def own_words() -> set[str]:
    """Words that Headcount itself writes: everything in its own source. People are named Grant and Young, too."""
    sources = [path for folder in ("api", "audit", "linkage", "hashing") for path in (ROOT / folder).rglob("*")]
    text = " ".join(path.read_text("utf-8") for path in sources if path.suffix in {".py", ".html", ".sql", ".css"})
    return {word.casefold() for word in re.findall(r"[A-Za-z]+", text)}


def test_no_crosswalk_or_secret_is_in_the_service(played_demo: Played) -> None:
    secret = (played_demo.folder / "secret").read_text().split()[2].encode()
    raw = base64.urlsafe_b64decode(secret + b"=")
    clients = {
        client.encode()
        for path in (played_demo.folder / "office").rglob("*.crosswalk.csv")
        for client in re.findall(r"(?m),(.{8,})$", path.read_text())
    }
    assert len(clients) > 1000
    for path in service_files(played_demo.folder):
        content = path.read_bytes()
        assert secret not in content
        assert raw not in content
        assert raw.hex().encode() not in content
        assert not find({c for c in clients if len(c) >= LONG}, content)
