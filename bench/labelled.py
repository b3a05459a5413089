"""Encodes a generated town and compares its records, with the truth beside each pair."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hashing
from bench.other_lists import ListSpec, make_lists
from bench.towns import TownSpec, make_town, write_town
from linkage.blocking import Candidates, candidate_pairs
from linkage.closure import missing_sides
from linkage.levels import digits, patterns
from linkage.model_card import ModelCard
from linkage.people import Links, log2_odds
from linkage.records import Records, loaded_records

TODAY = date(2026, 11, 22)  # fixed, so that the same seed gives the same town for ever
SECRET = hashing.LinkageSecret(1, bytes(range(32)))  # weights do not depend on it
TRUTH = "truth.csv"

Cells = NDArray[np.int32]  # shape (pairs, comparisons): the place of a pair's weight in each comparison


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """A town's compared pairs by the cells they fall into, and the true person of each of its records."""

    person: NDArray[np.str_]  # true person of each record
    true_pairs: int  # over all rows of the lists, encoded or not
    true_people: int
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    cells: Cells

    @property
    def is_match(self) -> NDArray[np.bool_]:
        """The truth of each compared pair."""
        same: NDArray[np.bool_] = self.person[self.left] == self.person[self.right]
        return same

    def links(self, card: ModelCard) -> Links:
        """The pairs with their weights by a card."""
        return Links(self.left, self.right, weights(self.cells, card.among(len(self.person))))


def weights(cells: Cells, card: ModelCard) -> NDArray[np.float64]:
    """The bits of pairs, summed here rather than by Splink: the same, and at once."""
    total = np.full(len(cells), card.prior)
    for place, comparison in enumerate(card.comparisons):
        total += np.array(comparison.weights)[cells[:, place]]
    return total


@contextmanager
def encoded_town(spec: TownSpec | ListSpec, profile: str) -> Iterator[tuple[Path, Path]]:
    """A generated town's encoded files, or those of other lists, in a folder of their own, and its truth."""
    with tempfile.TemporaryDirectory() as folder:
        town, codes = Path(folder) / "town", Path(folder) / "codes"
        write_town(make_town(spec) if isinstance(spec, TownSpec) else make_lists(spec), town)
        encode_town(town, codes, profile)
        yield codes, town / TRUTH


def encode_town(town: Path, codes: Path, profile: str, *, today: date = TODAY) -> None:
    """Encode each agency's folder of a town, as lists of *today*."""
    for folder in sorted(path for path in town.iterdir() if path.is_dir()):
        export = hashing.read_export([folder], today=today)
        encoded = hashing.encode_export(
            export, secret=SECRET, profile=hashing.load_profile(profile), sender=hashing.Sender(folder.name)
        )
        hashing.write_encoded(codes, encoded.header, encoded.rows, encoded.client_ids)


def label(codes: Path, truth: Path, card: ModelCard, *, closed: bool) -> LabelledPairs:
    """Compare encoded files as a linkage does, and put the truth beside them.

    *closed*: the missing sides of the triangles that the card's links make are compared too.
    """
    people = dict(_people(truth))
    clients = dict(_clients(codes))
    sizes = Counter(people.values()).values()
    with loaded_records(sorted(codes.glob("*.codes.jsonl"))) as records:
        keys = zip(records.agency_names.to_pylist(), records.rows.to_pylist(), strict=True)
        person = np.array([people[agency, clients[agency, row]] for agency, row in keys])
        pairs = [candidate_pairs(records)]
        cells = [_cells(records, pairs[0], card)]
        if closed:
            linked = weights(cells[0], card.among(len(records))) > log2_odds(card.thresholds.loose)
            links = Links(pairs[0].left[linked], pairs[0].right[linked], np.empty(0))
            pairs.append(missing_sides(links, pairs[0], records=len(records)))
            cells.append(_cells(records, pairs[1], card))
    return LabelledPairs(
        person=person,
        true_pairs=sum(n * (n - 1) // 2 for n in sizes),
        true_people=len(sizes),
        left=np.concatenate([each.left for each in pairs]),
        right=np.concatenate([each.right for each in pairs]),
        cells=np.concatenate(cells),
    )


def _cells(records: Records, pairs: Candidates, card: ModelCard) -> Cells:
    levels = digits(patterns(records, pairs, card), card)
    return np.stack([card.cells(comparison, levels) for comparison in card.comparisons], axis=1).astype(np.int32)


def _people(truth: Path) -> Iterator[tuple[tuple[str, str], str]]:
    with truth.open(newline="", encoding="utf-8") as stream:
        for line in csv.DictReader(stream):
            yield (line["agency"], line["client_id"]), line["person_id"]


def _clients(codes: Path) -> Iterator[tuple[tuple[str, str], str]]:
    for path in sorted(codes.glob("*.crosswalk.csv")):
        with path.open(newline="", encoding="utf-8") as stream:
            for line in csv.DictReader(stream):
                yield (path.name.removesuffix(".crosswalk.csv"), line["row"]), line["client_id"]
