"""Households across agencies: people whom any agency lists as one household, joined where they share a member."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

GROUPINGS = ("person", "loose", "strict")


def with_households_for_people(records: pa.Table) -> pa.Table:
    """The records table with each grouping of people replaced by the grouping of their households.

    A person whom no agency puts into a household is a household of one.
    """
    keys = [
        f"{agency}|{household}" if household else ""
        for agency, household in zip(records["agency"].to_pylist(), records["household"].to_pylist(), strict=True)
    ]
    for name in GROUPINGS:
        place = records.schema.get_field_index(name)
        people = records[name].to_numpy()
        records = records.set_column(place, name, pa.array(_households(people, keys)))
    return records


def _households(people: NDArray[np.int64], keys: list[str]) -> NDArray[np.int64]:
    """Connected components of people and the households that list them."""
    number = {key: len(people) + place for place, key in enumerate(sorted(set(keys) - {""}))}
    listed = [place for place, key in enumerate(keys) if key]
    size = len(people) + len(number)
    ends = (people[listed], np.array([number[keys[place]] for place in listed], dtype=np.int64))
    graph = coo_matrix((np.ones(len(listed), dtype=np.int8), ends), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    found: NDArray[np.int64] = component[people].astype(np.int64)
    return found
