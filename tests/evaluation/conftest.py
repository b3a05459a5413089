"""One small labelled town, linked once and measured once with everything, for all tests that only read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bench.labelled import TRUTH, encode_town
from bench.towns import TownSpec, make_town, write_town
from evaluation.report import Findings, find
from linkage.run import link

TODAY = date(2024, 1, 1)


@dataclass(frozen=True)
class LinkedTown:
    """Where everything of a town is."""

    run: Path
    crosswalks: Path
    truth: Path
    values: Path


@pytest.fixture(scope="session")
def small_town(tmp_path_factory: pytest.TempPathFactory) -> LinkedTown:
    """Four hundred people at five agencies; do not change it."""
    folder = tmp_path_factory.mktemp("small_town")
    write_town(make_town(TownSpec(seed=77, people=400, agencies=5, name_mix="mixed")), folder / "town")
    encode_town(folder / "town", folder / "codes", "bloom")
    link(sorted((folder / "codes").glob("*.codes.jsonl")), folder / "run")
    return LinkedTown(folder / "run", folder / "codes", folder / "town" / TRUTH, folder / "town" / "values.csv")


@pytest.fixture(scope="session")
def findings(small_town: LinkedTown) -> Findings:
    """Everything that an evaluation of the small town finds."""
    return find(
        small_town.run,
        crosswalks=small_town.crosswalks,
        truth=small_town.truth,
        values=small_town.values,
        by=(),
        today=TODAY,
    )
