"""The Splink model over encodings: the one place that imports Splink.

A pair's probability comes from Splink's Fellegi-Sunter sum with the card's weights as fixed m and u: any
additive weight w can be written as m/u = 2^w. Splink is handed each pattern of some comparisons' levels once, as a
record that is compared with itself (:mod:`linkage.weights`); pairs of one pattern have one weight.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator

from linkage.blocking import Candidates
from linkage.engine import Connection
from linkage.levels import digits, patterns
from linkage.model_card import Comparison, ModelCard
from linkage.people import Links
from linkage.records import Records
from linkage.weights import Weights, probability_of

_LARGEST_M = 0.5


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs, sorted by left and right, each with its weight and probability, and the pattern that they come from."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    weight: NDArray[np.float64]  # bits
    probability: NDArray[np.float64]
    pattern: NDArray[np.int64]  # of levels

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.left)

    @property
    def links(self) -> Links:
        """The pairs as evidence for forming people."""
        return Links(self.left, self.right, self.weight)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> ScoredPairs:
        """Some of the pairs."""
        return ScoredPairs(*(getattr(self, column.name)[chosen] for column in fields(self)))


def together(one: ScoredPairs, other: ScoredPairs) -> ScoredPairs:
    """The pairs of both, which have none in common; quick where the *other* are few."""
    places = np.searchsorted(_packed(one), _packed(other))
    columns = (np.insert(getattr(one, c.name), places, getattr(other, c.name)) for c in fields(one))
    return ScoredPairs(*columns)


def _packed(pairs: ScoredPairs) -> NDArray[np.int64]:
    packed: NDArray[np.int64] = (pairs.left.astype(np.int64) << 32) | pairs.right
    return packed


def weights_of(connection: Connection, card: ModelCard, *, threads: int = 1) -> Weights:
    """What a card's comparisons say of patterns, worked out by Splink."""
    return Weights(card, partial(_scored, connection), threads=threads)


def score_pairs(
    weights: Weights, records: Records, pairs: Candidates, card: ModelCard, *, threads: int = 1
) -> ScoredPairs:
    """Score pairs with Splink."""
    found = patterns(records, pairs, card, threads=threads)
    weight = weights.of(found)
    return ScoredPairs(pairs.left, pairs.right, weight, probability_of(weight), found)


def _scored(connection: Connection, found: NDArray[np.int64], card: ModelCard) -> pa.Table:
    """Distinct patterns, scored by Splink."""
    database = DuckDBAPI(connection)
    records = database.register(_cells(found, card), table_name="pattern", dataset_display_name="patterns")
    blocked = database.register(_each_with_itself(len(found)), table_name="candidate")
    linker = Linker(records, settings(card), log_level=logging.ERROR)
    linker.table_management.register_blocked_pairs_for_predict(blocked)
    predicted: pa.Table = linker.inference.predict(warning_mode="never").as_pyarrow_table()  # type: ignore[no-untyped-call]
    for name in ("pattern", "candidate"):
        connection.unregister(name)  # for the next patterns
    return _tidy(predicted.sort_by("unique_id_l"), card)


def _each_with_itself(count: int) -> pa.Table:
    number = pa.array(range(count), pa.int64())
    return pa.table({"join_key_l": number, "join_key_r": number, "match_key": pa.array(["0"] * count)})


def _cells(found: NDArray[np.int64], card: ModelCard) -> pa.Table:
    """A record for each pattern: of every comparison, the place of its weight."""
    levels = digits(found, card)
    columns = {"unique_id": pa.array(range(len(found)), pa.int64())}
    for comparison in card.comparisons:
        columns[_column(comparison)] = pa.array(card.cells(comparison, levels).astype(np.int16))
    return pa.table(columns)


def _column(comparison: Comparison) -> str:
    """Where its cells stand: apart from ``unique_id``, which a feature may be called too."""
    return f"cell_{comparison.name}"


def settings(card: ModelCard) -> SettingsCreator:
    """The card as Splink settings, with every m and u fixed."""
    odds = 2.0**card.prior
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(comparison) for comparison in card.comparisons],
        blocking_rules_to_generate_predictions=[],
        probability_two_random_records_match=odds / (1 + odds),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _comparison(comparison: Comparison) -> Any:  # noqa: ANN401 -- Splink's own type is not exported
    """A level for each weight; the name comes from a checked card."""
    levels = [
        _weighted(cll.CustomLevel(f'"{_column(comparison)}_l" = {place}'), weight)
        for place, weight in enumerate(comparison.weights[:-1])
    ]
    levels.append(_weighted(cll.ElseLevel(), comparison.weights[-1]))
    return cl.CustomComparison(output_column_name=comparison.name, comparison_levels=levels)


def _weighted(level: Any, weight: float) -> Any:  # noqa: ANN401 -- Splink's own type is not exported
    """A level whose m/u is 2^weight, with both inside (0, 1]."""
    m = _LARGEST_M if weight >= 0 else _LARGEST_M * 2.0**weight
    return level.configure(m_probability=m, u_probability=m / 2.0**weight)


def _tidy(table: pa.Table, card: ModelCard) -> pa.Table:
    """Splink's columns under our names."""
    columns = {"weight": table["match_weight"]}
    columns |= {f"weight_{c.name}": table[f"mw_{c.name}"] for c in card.comparisons}
    return pa.table(columns)
