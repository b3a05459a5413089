"""Makes records, candidate pairs and links in memory, without any file behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from made_files import BITS, CODES, header

from linkage.blocking import Candidates
from linkage.encoded_columns import words_of
from linkage.people import Links
from linkage.records import Records

Code = bytes | None
Pair = tuple[int, int]


def records(
    rows: Sequence[Mapping[str, Code]],
    *,
    bits: Mapping[str, int] | None = None,
    agencies: Sequence[int] | None = None,
    households: Sequence[str | None] | None = None,
) -> Records:
    """Records with these codes and no tokens; *agencies* tells by number whose they are."""
    widths = dict(bits or dict.fromkeys(CODES, BITS))
    content = b"".join(
        (row.get(name) or b"").ljust(8 * words_of(width), b"\0") for row in rows for name, width in widths.items()
    )
    whose = np.array(agencies or [0] * len(rows), dtype=np.int16)
    return Records(
        headers=tuple(header(f"agency_{n}", codes=widths) for n in range(1 + int(whose.max(initial=0)))),
        agencies=whose,
        rows=pa.array([str(place) for place, _ in enumerate(rows)], pa.string()),
        households=pa.array(households or [None] * len(rows), pa.string()),
        ages=pa.nulls(len(rows), pa.string()),
        matrix=np.frombuffer(content, dtype=np.uint64).reshape(len(rows), -1),
        owners=np.empty(0, dtype=np.int32),
        tokens=np.empty(0, dtype=np.uint64),
        services=pa.table({}),
    )


def candidates(
    pairs: Sequence[Pair],
    rarity: Sequence[float] | None = None,
    tokens: Sequence[int] | None = None,
    fewest: Sequence[int] | None = None,
) -> Candidates:
    """Pairs to compare, in the order in which they come."""
    return Candidates(
        left=np.array([left for left, _ in pairs], dtype=np.int32),
        right=np.array([right for _, right in pairs], dtype=np.int32),
        rarity=np.array(rarity or [1.0] * len(pairs), dtype=np.float32),
        tokens=np.array(tokens or [1] * len(pairs), dtype=np.int16),
        fewest=np.array(fewest or [2] * len(pairs), dtype=np.int16),
    )


def links(weighted: Iterable[tuple[int, int, float]]) -> Links:
    """Compared pairs: left, right, bits."""
    every = list(weighted)
    return Links(
        left=np.array([left for left, _, _ in every], dtype=np.int32),
        right=np.array([right for _, right, _ in every], dtype=np.int32),
        weight=np.array([weight for _, _, weight in every], dtype=np.float64),
    )
