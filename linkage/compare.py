"""Candidate pairs -> scored pairs: those that blocking proposed, and the missing sides of triangles of links."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.blocking import Candidates
from linkage.closure import missing_sides
from linkage.engine import Connection
from linkage.model import ScoredPairs, score_pairs, together
from linkage.model_card import FIRM, ModelCard, Survey
from linkage.people import log2_odds
from linkage.records import Records


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
    alternative: str = ""  # whose weights the card was used with


def compare(engine: Engine, records: Records, candidates: Candidates, card: ModelCard) -> Compared:
    """Score candidate pairs, and those that two links above the loose threshold suggest, by the weights that suit."""
    alternative = card.suited(survey(records, candidates))
    card = card.with_weights_of(alternative).among(len(records))
    proposed = score_pairs(engine.connection, records, candidates, card, threads=engine.threads)
    linked = proposed.where(proposed.weight > log2_odds(card.thresholds.loose))
    sides = missing_sides(linked.links, candidates, records=len(records))
    suggested = score_pairs(engine.connection, records, sides, card, threads=engine.threads)
    return Compared(candidates, together(proposed, suggested), alternative)


def survey(records: Records, candidates: Candidates) -> Survey:
    """What is known of the records before they are compared."""
    firm = int((candidates.tokens >= FIRM).sum())
    return Survey(lists=len(records.headers), records=len(records), pairs=len(candidates), firm=firm)
