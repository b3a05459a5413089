"""Small client lists for tests: text in, what Headcount read out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from hashing.clients import Client
from hashing.columns import Table, understand
from hashing.export import AgencyExport, read_export
from hashing.importers.sheets import Sheet
from hashing.schema import HeadcountError

Result = TypeVar("Result")
TODAY = date(2026, 7, 15)


def sheet(text: str, *, name: str = "clients.csv") -> Sheet:
    """A sheet, written with | between the cells and blanks around them as one likes."""
    return Sheet(name, [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()])


def table(text: str, *, name: str = "clients.csv") -> Table:
    """An understood table, written like a sheet."""
    found = understand(sheet(text, name=name))
    assert found is not None
    return found


def export(folder: Path, **texts: str) -> AgencyExport:
    """Read texts as the CSV files of one agency; the keyword is the file's name, without .csv."""
    paths = [
        write(folder, f"{name}.csv", "\n".join(_csv(line) for line in texts[name].strip().splitlines()))
        for name in texts
    ]
    return read_export(paths, today=TODAY)


def _csv(line: str) -> str:
    cells = [cell.strip() for cell in line.split("|")]
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file and give back its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def or_refusal(act: Callable[[], Result]) -> Result | HeadcountError:
    """What an act gives, or the refusal that it raises; any other exception is a fault."""
    try:
        return act()
    except HeadcountError as error:
        return error


def told(clients: Sequence[Client], *fields: str) -> list[tuple[object, ...]]:
    """These fields of each client, for comparison with a table of known answers."""
    return [tuple(_plain(getattr(client, field)) for field in fields) for client in clients]


def _plain(value: object) -> object:
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    return value
