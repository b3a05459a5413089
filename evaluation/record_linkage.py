"""A baseline that may see names: the ECM classifier of ``recordlinkage`` (Fellegi and Sunter, unsupervised)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import recordlinkage
from numpy.typing import NDArray
from recordlinkage.index import Block

from evaluation.blocking_rules import RULES, Rule, usable
from evaluation.proposals import Proposal

CUSTOMARY = 0.5  # what the classifier itself calls a match
_ALIKE = {"first": 0.85, "last": 0.85, "address": 0.85, "city": 0.85, "birth_place": 0.85}  # Jaro-Winkler, as its guide


def propose(columns: Mapping[str, Sequence[str]], *, rules: Sequence[Rule] = RULES) -> Proposal:
    """Block, compare, train, and give back the pairs with their probabilities."""
    clients = pd.DataFrame({name: [cell or None for cell in cells] for name, cells in columns.items()}, dtype=object)
    pairs = _indexer(clients, rules).index(clients)
    if pairs.empty:
        return Proposal(np.array([], int), np.array([], int), np.array([], float))
    agreement = _comparison(clients).compute(pairs, clients)
    telling = agreement.loc[:, agreement.nunique() > 1]  # a column that never differs teaches the classifier nothing
    left, right = (np.asarray(pairs.get_level_values(level), dtype=np.int64) for level in (0, 1))
    return Proposal(left, right, _probabilities(telling) if len(telling.columns) else np.ones(len(left)))


def _probabilities(agreement: pd.DataFrame) -> NDArray[np.float64]:
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(agreement)
    found: NDArray[np.float64] = classifier.prob(agreement).to_numpy()
    return found


def _indexer(clients: pd.DataFrame, rules: Sequence[Rule]) -> recordlinkage.Index:
    indexer = recordlinkage.Index()
    for rule in usable(rules, clients.columns):
        indexer.add(Block(list(rule)))
    return indexer


def _comparison(clients: pd.DataFrame) -> recordlinkage.Compare:
    """Each column agrees or does not; where either value is missing, it does not."""
    compare = recordlinkage.Compare()
    for name in clients.columns:
        if name in _ALIKE:
            compare.string(name, name, method="jarowinkler", threshold=_ALIKE[name], label=name)
        else:
            compare.exact(name, name, label=name)
    return compare
