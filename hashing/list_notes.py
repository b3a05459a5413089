"""What a person should know of the lists that were read: what was left out, what was taken how, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hashing.batch import ClientBatch
from hashing.columns import Table, TableKind
from hashing.counted import counted
from hashing.hmis_columns import looked_at
from hashing.importers.sheets import Sheet
from hashing.list_reader import Tally
from hashing.other_people import notes_on_others
from hashing.rows import ClientReader

ROWS_SHOWN = 5


def notes_on_sheets(sheets: Sequence[Sheet], tables: Sequence[Table]) -> Iterator[str]:
    """Sheets of which nothing was used: a service file whose client column is not known, most of a HMIS export."""
    used = {table.sheet.name for table in tables if table.kind is not TableKind.OTHER}
    unused = [sheet for sheet in sheets if sheet.name not in used and any(map(any, sheet.rows))]
    names = dict.fromkeys(sheet.name for sheet in unused if not looked_at(sheet))
    if names:
        yield f"nothing was used of {', '.join(names)}: no known column of client numbers beside another"


def notes_on_births(readers: Sequence[ClientReader], tallies: Sequence[Tally]) -> Iterator[str]:
    """Where birth dates stand that are none."""
    for sheet, lines in zip((r.table.sheet for r in readers), (t.unread_births for t in tallies), strict=True):
        if lines:
            shown = sheet.told(lines[:ROWS_SHOWN]) + (", ..." if len(lines) > ROWS_SHOWN else "")
            births = counted(len(lines), "birth date")
            yield f"{births} in {sheet.name} could not be read ({shown}): write dates as 1984-03-27"
    for reader in readers:
        if reader.other_way_round:
            births = counted(reader.other_way_round, "birth date has", "birth dates have")
            yield (
                f"{births} day and month the other way round than the rest of {reader.table.sheet.name}: where either "
                "number could be the month, such a date is read wrongly; write dates as 1984-03-27"
            )


def notes_on_homes(institutions: int) -> Iterator[str]:
    """How many doors were nobody's home."""
    if institutions:
        places = counted(institutions, "place")
        yield f"addresses of {places} that many families share were left out (shelters, offices)"


def notes_on_lists(readers: Sequence[ClientReader], tallies: Sequence[Tally], batch: ClientBatch) -> Iterator[str]:
    """How the lists were taken, and what of them could not be."""
    if len(tallies) > 1:
        yield f"{len(tallies)} client lists were read as one agency's"
    if any(reader.is_unclear for reader in readers):
        yield ("no birth date tells whether day or month comes first: month first was taken (if not: day_first=True)")
    if ruined := sum(tally.ruined for tally in tallies):
        numbers = counted(ruined, "number was", "numbers were")
        yield f"{numbers} ruined by a spreadsheet (1.23E+08 or ####): export those columns as text"
    if (repeats := sum(tally.rows for tally in tallies) - len(batch)) > 0:
        rows = counted(repeats, "row repeated a client or was", "rows repeated a client or were")
        yield f"{rows} marked as deleted"
    yield from _of_names(tallies)
    for reader in readers:
        yield from notes_on_others(reader.table)
    if weak := len(batch) - int(np.count_nonzero(batch.is_matchable)):
        clients = counted(weak, "client has", "clients have")
        yield f"{clients} too little information to be recognised elsewhere: they are counted apart"


def _of_names(tallies: Sequence[Tally]) -> Iterator[str]:
    if couples := sum(tally.couples for tally in tallies):
        cells = counted(couples, "cell holds", "cells hold")
        yield f"{cells} the names of two people: the first is the client, the second is not counted"
    if families := sum(tally.families for tally in tallies):
        cells = counted(families, "cell names", "cells name")
        yield f"{cells} a family and no person: only the surname is read"
