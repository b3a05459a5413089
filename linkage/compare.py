"""Candidate pairs -> scored pairs: those that blocking proposed, and the missing sides of triangles of links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from linkage.blocking import Candidates
from linkage.closure import missing_sides
from linkage.engine import Connection
from linkage.model import ScoredPairs, score_pairs, together, weights_of
from linkage.model_card import FIRM, ModelCard, Survey
from linkage.people import log2_odds
from linkage.records import Records
from linkage.weights import Weights


@dataclass(frozen=True, slots=True)
class Engine:
    """What compares: a DuckDB, and how many threads may work."""

    connection: Connection
    threads: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared, and what came out."""

    candidates: Candidates
    pairs: ScoredPairs
    weights: Weights  # which tell each comparison's share in a pair's weight
    alternative: str = ""  # whose weights the card was used with


def compare(engine: Engine, records: Records, candidates: Candidates, card: ModelCard) -> Compared:
    """Score candidate pairs, and those that two links above the loose threshold suggest, by the weights that suit."""
    alternative = card.suited(survey(records, candidates))
    card = card.with_weights_of(alternative).among(len(records))
    weights = weights_of(engine.connection, card, threads=engine.threads)
    score = partial(score_pairs, weights, records, card=card, threads=engine.threads)
    proposed = score(candidates)
    linked = proposed.where(proposed.weight > log2_odds(card.thresholds.loose))
    suggested = score(missing_sides(linked.links, candidates, records=len(records)))
    return Compared(candidates, together(proposed, suggested), weights, alternative)


def survey(records: Records, candidates: Candidates) -> Survey:
    """What is known of the records before they are compared."""
    firm = int((candidates.tokens >= FIRM).sum())
    return Survey(lists=len(records.headers), records=len(records), pairs=len(candidates), firm=firm)
