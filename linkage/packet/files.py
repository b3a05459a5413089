"""The files of a packet, all of them or none."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from linkage.disclosure import Released
from linkage.errors import PacketError
from linkage.packet.crosswalk import crosswalk
from linkage.packet.document import NOTHING_TYPED, About, Typed, document
from linkage.packet.typesetting import pdf, picture
from linkage.packet.workbook import workbook
from linkage.store import placed

_LARGEST_NAMES = 1 << 20  # bytes


def read_release(path: Path) -> Released:
    """A release as a ledger keeps it.

    Raises:
        PacketError: the file cannot be read.
        LedgerError: it is no release, or was altered.
    """
    try:
        return Released.from_json(path.read_bytes())
    except OSError as error:
        raise PacketError(
            f"{path.name}: cannot be read ({error.strerror})", hint="Give a file of the releases folder, 000000.json."
        ) from error


def read_names(path: Path) -> dict[str, str]:
    """What members are called in print: a CSV with the columns member and name.

    Raises:
        PacketError: it is no such file.
    """
    hint = "Write lines such as: food_bank,Sequim Food Bank below the line: member,name"
    try:
        text = path.read_bytes()[:_LARGEST_NAMES].decode("utf-8-sig")
        rows = list(csv.reader(text.splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PacketError(f"{path.name}: cannot be read as CSV in UTF-8", hint=hint) from error
    if not rows or rows[0] != ["member", "name"]:
        raise PacketError(f"{path.name}, row 1: the columns are not member,name", hint=hint)
    for number, row in enumerate(rows[1:], start=2):
        if row and (len(row) != 2 or not all(cell.strip() for cell in row)):
            raise PacketError(f"{path.name}, row {number}: not a member and its name", hint=hint)
    return {row[0].strip(): row[1].strip() for row in rows[1:] if row}


def packet(released: Released, about: About, typed: Typed = NOTHING_TYPED) -> Iterator[tuple[str, bytes]]:
    """Each file of the packet by its name, from the numbers of the release, and what was typed in beside them."""
    said = document(released, about, typed)
    yield "packet.pdf", pdf(said, about.made)
    yield "packet.xlsx", workbook(said, about.made)
    yield "crosswalk.csv", crosswalk(released).encode()
    for place, table in enumerate(released.tables):
        yield f"pictures/{table.name}.png", picture(said, place, form="png")
        yield f"pictures/{table.name}.svg", picture(said, place, form="svg")


def write_packet(released: Released, about: About, out: Path, typed: Typed = NOTHING_TYPED) -> list[Path]:
    """Write a packet to a folder of its own and tell its files.

    Raises:
        RunError: the folder is taken, or cannot be written; nothing half-done stays.
    """
    names = []
    with placed(out) as part:
        for name, content in packet(released, about, typed):
            place = part / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
            names.append(out / name)
    return names
