"""A baseline that may see names: Splink 5 as its documentation shows, trained by EM on the data itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from evaluation.blocking_rules import RULES, Rule, usable
from evaluation.proposals import Proposal
from linkage.engine import open_engine

Columns = Mapping[str, Sequence[str]]

CUSTOMARY = 0.95  # the match probability from which Splink's documentation joins pairs to clusters
LEAST = 0.01
MOST_SAMPLED = 2e6  # pairs for u
MOST_TRAINED = 2e6  # pairs a round of EM
SEED = 1

_SURE: tuple[Rule, ...] = (("first", "last", "dob"), ("ssn",))  # agreement that is one person, for the prior
_TRAINED_ON: tuple[Rule, ...] = (("dob",), ("first", "last"), ("zip", "first"))
_RECALL_OF_SURE = 0.7


def propose(columns: Columns, *, rules: Sequence[Rule] = RULES) -> Proposal:
    """Train, predict, and give back pairs with their probabilities. *columns* has a value, or "", for each client."""
    clients = len(next(iter(columns.values())))
    table = pa.table({"unique_id": range(clients)} | {name: _nulls(cells) for name, cells in columns.items()})
    with open_engine() as connection:
        database = DuckDBAPI(connection)
        records = database.register(table, table_name="client")
        linker = Linker(records, _settings(tuple(columns), rules), log_level=logging.CRITICAL)
        _train(linker, columns)
        predicted = linker.inference.predict(threshold_match_probability=LEAST, warning_mode="never")
        pairs: pa.Table = predicted.as_pyarrow_table()  # type: ignore[no-untyped-call]
    left, right, score = (pairs[name].to_numpy() for name in ("unique_id_l", "unique_id_r", "match_probability"))
    return Proposal(left, right, score.astype(np.float64))


def _nulls(cells: Sequence[str]) -> pa.Array:
    return pa.array([cell or None for cell in cells], pa.string())


def _settings(columns: Sequence[str], rules: Sequence[Rule]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(name) for name in columns],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in usable(rules, columns)],
        retain_matching_columns=False,
    )


def _comparison(name: str) -> Any:  # noqa: ANN401 -- Splink's own type is not exported
    return _COMPARISONS.get(name, _exact)(name)


def _exact(name: str) -> Any:  # noqa: ANN401 -- as above
    return cl.ExactMatch(name).configure(term_frequency_adjustments=True)


def _alike(name: str) -> Any:  # noqa: ANN401 -- as above
    return cl.JaroWinklerAtThresholds(name, [0.92, 0.8]).configure(term_frequency_adjustments=True)


def _digits(name: str) -> Any:  # noqa: ANN401 -- as above
    return cl.LevenshteinAtThresholds(name, [1, 2])


def _date(name: str) -> Any:  # noqa: ANN401 -- as above
    return cl.DateOfBirthComparison(name, input_is_string=True)


_COMPARISONS: dict[str, Callable[[str], Any]] = {
    "first": _alike,
    "last": _alike,
    "address": _alike,
    "city": _alike,
    "birth_place": _alike,
    "dob": _date,
    "ssn": _digits,
    "zip": _digits,
    "phone": _digits,
}


def _train(linker: Linker, columns: Columns) -> None:
    """As far as the data allows: a rule on which no two clients agree teaches nothing, and Splink stops at it."""
    training = linker.training
    sure: list[Any] = [block_on(*rule) for rule in _agreed(_SURE, columns)]
    if sure:
        training.estimate_probability_two_random_records_match(sure, recall=_RECALL_OF_SURE)
    training.estimate_u_using_random_sampling(max_pairs=MOST_SAMPLED, seed=SEED)
    for rule in _agreed(_TRAINED_ON, columns):
        training.estimate_parameters_using_expectation_maximisation(block_on(*rule), max_pairs=MOST_TRAINED)


def _agreed(rules: Sequence[Rule], columns: Columns) -> Iterator[Rule]:
    """The rules on which any two clients agree."""
    for rule in usable(rules, columns):
        whole = [cells for cells in zip(*(columns[name] for name in rule), strict=True) if all(cells)]
        if len(set(whole)) < len(whole):
            yield rule
