"""What shows only in the whole list: clients who stand in it twice, and doors that no family shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch, Family, stacked
from hashing.client_numbers import are_distinct
from hashing.clients import Client

_MOST = 2**62
INSTITUTION_SURNAMES = 8  # more surnames than this at one door make it a shelter or an office, not a home


def merged(batch: ClientBatch) -> ClientBatch:
    """The clients with each client number once, unless birth date and name both say that it stands for two people."""
    if are_distinct(batch.client_id):
        return batch
    numbers = batch.client_id.tolist()
    times = Counter(numbers)
    rows = np.flatnonzero(np.fromiter((times[number] > 1 for number in numbers), np.bool_, len(numbers)))
    found: dict[str, list[tuple[int, Client]]] = {}
    for row, client in zip(rows.tolist(), batch.take(rows).clients(), strict=True):
        _add(found.setdefault(client.client_id, []), row, client)
    kept = [entry for same in found.values() for entry in same]
    return _with_rows(batch, np.array([row for row, _ in kept]), [client for _, client in kept], dropped=rows)


def _add(same: list[tuple[int, Client]], row: int, client: Client) -> None:
    for place, (first, known) in enumerate(same):
        if known.is_same_entry(client):
            same[place] = (first, known.completed_by(client))
            return
    same.append((row, client))


def replaced(batch: ClientBatch, rows: NDArray[np.intp], clients: Sequence[Client]) -> ClientBatch:
    """The batch with other clients in some rows."""
    return _with_rows(batch, rows, clients, dropped=rows) if len(rows) else batch


def _with_rows(
    batch: ClientBatch, rows: NDArray[np.intp], clients: Sequence[Client], *, dropped: NDArray[np.intp]
) -> ClientBatch:
    kept = np.setdiff1d(np.arange(len(batch)), dropped, assume_unique=True)
    places = np.concatenate([kept, rows])
    return stacked([batch.take(kept), ClientBatch.of(clients)]).take(np.argsort(places, kind="stable"))


def without_institutions(batch: ClientBatch) -> tuple[ClientBatch, int]:
    """Drop an address at which many surnames live: it says where a person was served, not who they are."""
    rows = np.flatnonzero(batch.has_building)
    doors = _combined([column.places[rows] for column in (batch.number, batch.street, batch.unit)])
    lasts = batch.family.map(_last).places[rows]
    width = int(lasts.max(initial=0)) + 1
    seen = _distinct(_narrow(doors, width) * width + lasts)
    surnames = seen // width  # the door of each surname at it, in order
    starts = np.flatnonzero(np.concatenate([[True], surnames[1:] != surnames[:-1]])[: len(surnames)])
    crowded = surnames[starts[np.diff(np.append(starts, len(surnames))) > INSTITUTION_SURNAMES]]
    at_home = np.ones(len(batch), dtype=np.bool_)
    at_home[rows[np.isin(_narrow(doors, width), crowded)]] = False
    return batch.without_door(at_home), len(crowded)


def _last(family: Family) -> tuple[str, ...]:
    return family.last


def _combined(columns: Sequence[NDArray[np.integer[Any]]]) -> NDArray[np.int64]:
    """Rows that agree in all columns get one number, others another."""
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        width = int(column.max(initial=0)) + 1
        numbers = _narrow(numbers, width) * width + column
    return numbers


def _narrow(numbers: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The numbers, small enough that there is room for *width* times as many."""
    if int(numbers.max(initial=0)) < _MOST // width:
        return numbers
    return np.unique(numbers, return_inverse=True)[1]


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct numbers in their order."""
    ordered = np.sort(numbers)
    kept: NDArray[np.int64] = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]
    return kept
