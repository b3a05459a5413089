"""Person pseudonyms: names for groups of records that say nothing of anybody."""

from __future__ import annotations

import base64
import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def pseudonyms(groups: NDArray[np.int64], agencies: pa.Array, rows: pa.Array) -> pa.Array:
    """A person pseudonym for each record, drawn from the group's first (agency, row): 16 letters and digits.

    *groups* names each record's group by its smallest record.
    """
    first, which = np.unique(groups, return_inverse=True)
    keys = zip(agencies.take(pa.array(first)).to_pylist(), rows.take(pa.array(first)).to_pylist(), strict=True)
    return pa.array([pseudonym(agency, row) for agency, row in keys], pa.string()).take(pa.array(which))


def pseudonym(agency: str, row: str) -> str:
    """The pseudonym of the person whose first record it is."""
    digest = hashlib.sha256(f"person|{agency}|{row}".encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()
