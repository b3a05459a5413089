"""Encodes a generated town and compares its records, with the truth beside each pair."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hashing
from bench.towns import TownSpec, make_town, write_town
from linkage.blocking import candidate_pairs
from linkage.compare import Engine, compare
from linkage.engine import open_engine
from linkage.model import ScoredPairs
from linkage.model_card import ModelCard
from linkage.records import loaded_records

TODAY = date(2026, 11, 22)  # fixed, so that the same seed gives the same town for ever
SECRET = hashing.LinkageSecret(1, bytes(range(32)))  # weights do not depend on it
TRUTH = "truth.csv"


@dataclass(frozen=True, slots=True)
class LabelledTown:
    """A town's compared pairs, and the true person of each of its records."""

    person: NDArray[np.str_]  # true person of each record
    true_pairs: int  # over all rows of the lists, encoded or not
    true_people: int
    pairs: ScoredPairs
    patterns: NDArray[np.int64]  # of the pairs

    @property
    def is_match(self) -> NDArray[np.bool_]:
        """The truth of each compared pair."""
        same: NDArray[np.bool_] = self.person[self.pairs.left] == self.person[self.pairs.right]
        return same


def make_labelled(spec: TownSpec, card: ModelCard, profile: str) -> LabelledTown:
    """Generate a town, encode it with the client library, and score its pairs with *card*."""
    with tempfile.TemporaryDirectory() as folder:
        town, codes = Path(folder) / "town", Path(folder) / "codes"
        write_town(make_town(spec), town)
        encode_town(town, codes, profile)
        return label(codes, town / TRUTH, card)


def encode_town(town: Path, codes: Path, profile: str) -> None:
    """Encode each agency's folder of a town."""
    for folder in sorted(path for path in town.iterdir() if path.is_dir()):
        export = hashing.read_export([folder], today=TODAY)
        encoded = hashing.encode_export(
            export, secret=SECRET, profile=hashing.load_profile(profile), sender=hashing.Sender(folder.name)
        )
        hashing.write_encoded(codes, encoded.header, encoded.rows, encoded.client_ids)


def label(codes: Path, truth: Path, card: ModelCard) -> LabelledTown:
    """Load encoded files, put the truth beside them, and score their candidate pairs."""
    people = dict(_people(truth))
    clients = dict(_clients(codes))
    sizes = Counter(people.values()).values()
    with loaded_records(sorted(codes.glob("*.codes.jsonl"))) as records, open_engine() as connection:
        keys = zip(records.agency_names.to_pylist(), records.rows.to_pylist(), strict=True)
        person = np.array([people[agency, clients[agency, row]] for agency, row in keys])
        compared = compare(Engine(connection, threads=1), records, candidate_pairs(records), card)
    return LabelledTown(
        person=person,
        true_pairs=sum(n * (n - 1) // 2 for n in sizes),
        true_people=len(sizes),
        pairs=compared.pairs,
        patterns=compared.pairs.pattern,
    )


def _people(truth: Path) -> Iterator[tuple[tuple[str, str], str]]:
    with truth.open(newline="", encoding="utf-8") as stream:
        for line in csv.DictReader(stream):
            yield (line["agency"], line["client_id"]), line["person_id"]


def _clients(codes: Path) -> Iterator[tuple[tuple[str, str], str]]:
    for path in sorted(codes.glob("*.crosswalk.csv")):
        with path.open(newline="", encoding="utf-8") as stream:
            for line in csv.DictReader(stream):
                yield (path.name.removesuffix(".crosswalk.csv"), line["row"]), line["client_id"]
