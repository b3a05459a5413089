"""Whether a column of dates leaves it open which number is the day."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from hashing.columns import Table, TableKind
from hashing.dates import tells_order
from hashing.fields import Field

LOOK_AT = 5_000  # birth dates of which one nearly always tells; only where none does are all of them looked at


def unclear_columns(tables: Iterable[Table]) -> list[str]:
    """The headers of columns of birth dates that can be read both ways, and of which nobody said how."""
    return [
        " + ".join(table.headers_of(Field.BIRTH_DATE))
        for table in tables
        if table.kind is TableKind.CLIENTS and _is_unclear(table)
    ]


def _is_unclear(table: Table) -> bool:
    if table.says_day_first(Field.BIRTH_DATE) is not None:
        return False
    return not tells_order(islice(_dates(table), LOOK_AT)) and not tells_order(_dates(table))


def _dates(table: Table) -> Iterable[str]:
    return (date for _, cells in table.lines() if (date := table.value(cells, Field.BIRTH_DATE)))
