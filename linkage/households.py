"""Households across agencies: people whom any agency lists as one household, joined where they share a member."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

GROUPINGS = ("person", "loose", "strict")


def with_households_for_people(records: pa.Table) -> pa.Table:
    """The records table with each grouping of people replaced by the grouping of their households.

    A person whom no agency puts into a household is a household of one.
    """
    listed, household = _listed(records)
    for name in GROUPINGS:
        place = records.schema.get_field_index(name)
        people = records[name].to_numpy()
        records = records.set_column(place, name, pa.array(_households(people, listed, household)))
    return records


def _listed(records: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which records stand in a household, and its number; an agency's households are its own."""
    named = records["household"].combine_chunks().dictionary_encode()
    agency = records["agency"].combine_chunks().dictionary_encode()
    inside = np.flatnonzero(pc.fill_null(pc.not_equal(records["household"], ""), False).to_numpy())
    if not len(inside):
        return inside, inside
    of_household = named.indices.take(pa.array(inside)).to_numpy().astype(np.int64)
    of_agency = agency.indices.take(pa.array(inside)).to_numpy().astype(np.int64)
    _, numbers = np.unique(of_agency * len(named.dictionary) + of_household, return_inverse=True)
    return inside, numbers.astype(np.int64)


def _households(
    people: NDArray[np.int64], listed: NDArray[np.int64], household: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Connected components of people and the households that list them."""
    size = len(people) + (int(household.max()) + 1 if len(household) else 0)
    ends = (people[listed], len(people) + household)
    graph = coo_matrix((np.ones(len(listed), dtype=np.int8), ends), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    found: NDArray[np.int64] = component[people].astype(np.int64)
    return found
