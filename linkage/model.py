"""The Splink model over encodings: the one place that imports Splink.

A pair's probability comes from Splink's Fellegi-Sunter sum with the card's weights as fixed m and u: any
additive weight w can be written as m/u = 2^w. Levels are tested from the lowest up, since most candidate
pairs fall into the lowest, and Splink repeats the expression in every branch.
"""

from __future__ import annotations

import logging
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator

from linkage.engine import Connection
from linkage.model_card import Comparison, ModelCard

_LARGEST_M = 0.5


def score_pairs(connection: Connection, codes: pa.Table, pairs: pa.Table, card: ModelCard) -> pa.Table:
    """Score candidate pairs with Splink.

    *codes* has ``unique_id`` and a binary column a code; *pairs* has ``join_key_l`` and ``join_key_r``. The
    result has ``left``, ``right`` (unique ids), ``weight`` (bits), ``probability`` and, for each comparison,
    ``weight_CODE``: the bits that it adds, which is the pair's evidence; sorted by left, right.
    """
    _make_bits(connection, codes, card)
    database = DuckDBAPI(connection)
    records = database.register("record_bits", dataset_display_name="records")
    linker = Linker(records, settings(card), log_level=logging.ERROR)
    blocked = database.register(pairs.append_column("match_key", pa.array(["0"] * len(pairs))), table_name="candidate")
    linker.table_management.register_blocked_pairs_for_predict(blocked)
    predicted = linker.inference.predict(warning_mode="never")
    table: pa.Table = predicted.as_pyarrow_table()  # type: ignore[no-untyped-call]
    return _tidy(table, card)


def _make_bits(connection: Connection, codes: pa.Table, card: ModelCard) -> None:
    """A table with BIT columns, their counts of ones and of bits; names come from the card, quoted by DuckDB itself."""
    relation: Any = connection.from_arrow(codes)
    columns: list[Any] = [duckdb.ColumnExpression("unique_id")]
    for comparison in card.comparisons:
        bits = duckdb.ColumnExpression(comparison.code).cast(duckdb.sqltype("BIT"))
        columns.append(bits.alias(comparison.code))
        columns.append(duckdb.FunctionExpression("bit_count", bits).alias(f"{comparison.code}_ones"))
        columns.append(duckdb.FunctionExpression("bit_length", bits).alias(f"{comparison.code}_bits"))
    relation.select(*columns).create("record_bits")


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


def dice(code: str) -> str:
    """The Dice coefficient of two filters as SQL over the pair's columns; *code* comes from a checked card."""
    return f'2.0 * bit_count("{code}_l" & "{code}_r") / ("{code}_ones_l" + "{code}_ones_r")'


def agreement(code: str) -> str:
    """The share of positions in which two codes agree, as SQL; one half is what strangers reach."""
    return f'1.0 - bit_count(xor("{code}_l", "{code}_r")) / "{code}_bits_l"'


_SIMILARITIES = {"dice": dice, "agreement": agreement}


def _comparison(comparison: Comparison) -> Any:  # noqa: ANN401 -- Splink's own type is not exported
    missing = cll.CustomLevel(f'"{comparison.code}_l" IS NULL OR "{comparison.code}_r" IS NULL')
    similarity = _SIMILARITIES[comparison.similarity](comparison.code)
    levels = [_weighted(missing, comparison.missing)]
    for cut, weight in zip(comparison.cuts, comparison.weights[:-1], strict=True):
        levels.append(_weighted(cll.CustomLevel(f"{similarity} < {cut!r}"), weight))
    levels.append(_weighted(cll.ElseLevel(), comparison.weights[-1]))
    return cl.CustomComparison(output_column_name=comparison.code, comparison_levels=levels)


def _weighted(level: Any, weight: float) -> Any:  # noqa: ANN401 -- Splink's own type is not exported
    """A level whose m/u is 2^weight, with both inside (0, 1]."""
    m = _LARGEST_M if weight >= 0 else _LARGEST_M * 2.0**weight
    return level.configure(m_probability=m, u_probability=m / 2.0**weight)


def _tidy(table: pa.Table, card: ModelCard) -> pa.Table:
    """Splink's columns under our names."""
    columns = {
        "left": table["unique_id_l"],
        "right": table["unique_id_r"],
        "weight": table["match_weight"],
        "probability": table["match_probability"],
    }
    columns |= {f"weight_{c.code}": table[f"mw_{c.code}"] for c in card.comparisons}
    return pa.table(columns).sort_by([("left", "ascending"), ("right", "ascending")])
