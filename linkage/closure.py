"""Pairs that blocking did not propose though both records link to a third: they are compared too.

Whether three records are one person is then decided on all their pairs. Only codes are compared for it, so it shows
nothing that the codes do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from linkage.blocking import Candidates
from linkage.people import Links

_PAIR = np.uint64(32)  # bits of a record's number in a packed pair


def missing_sides(links: Links, known: Candidates, *, records: int) -> Candidates:
    """The pairs at two ends of two *links* that are not among the *known*; they share no usable token."""
    graph = coo_matrix((np.ones(len(links), dtype=np.int32), (links.left, links.right)), shape=(records, records))
    both = (graph + graph.T).tocsr()
    reached = (both @ both).tocoo()
    upper = reached.row < reached.col
    ends = np.sort(_packed(reached.row[upper], reached.col[upper]))
    found = ends[~_holds(_packed(known.left, known.right), ends)]
    return Candidates(
        left=(found >> _PAIR).astype(np.int32),
        right=(found & np.uint64(0xFFFFFFFF)).astype(np.int32),
        rarity=np.zeros(len(found), dtype=np.float32),
        tokens=np.zeros(len(found), dtype=np.int16),
        fewest=np.zeros(len(found), dtype=np.int16),
    )


def _packed(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.uint64]:
    packed: NDArray[np.uint64] = (left.astype(np.uint64) << _PAIR) | right.astype(np.uint64)
    return packed


def _holds(known: NDArray[np.uint64], some: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each number is among those *known*, which are sorted."""
    if not len(known):
        return np.zeros(len(some), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, some), len(known) - 1)
    held: NDArray[np.bool_] = known[places] == some
    return held
