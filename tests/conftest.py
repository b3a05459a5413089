"""What several packages' tests share: the demo town, encoded once a session by the client library."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import hashing
from bench.labelled import SECRET, TODAY
from hashing.demo.town import AGENCIES
from linkage.run import link

settings.register_profile("headcount", deadline=None)  # a busy computer is no failure
settings.load_profile("headcount")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def demo_town() -> Path:
    """The exports of the nine agencies."""
    return ROOT / "demo" / "anytown"


@pytest.fixture(scope="session")
def demo_truth() -> Path:
    """Who each client of the demo town truly is."""
    return ROOT / "demo" / "truth" / "records.csv"


@pytest.fixture(scope="session")
def encoded_anytown(demo_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the encoded files and crosswalks of the eight agencies that may send records; do not change it."""
    folder = tmp_path_factory.mktemp("anytown")
    profile = hashing.load_profile("bloom")
    for agency in AGENCIES:
        export = hashing.read_export([demo_town / agency.id], today=TODAY)
        sender = hashing.Sender(agency.id, agency.kind)
        encoded = hashing.encode_export(export, secret=SECRET, profile=profile, sender=sender)
        hashing.write_encoded(folder, encoded.header, encoded.rows, encoded.client_ids)
    return folder


@pytest.fixture(scope="session")
def anytown_run(encoded_anytown: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the demo town's eight encoded files; do not change it."""
    out = tmp_path_factory.mktemp("runs") / "anytown"
    link(sorted(encoded_anytown.glob("*.codes.jsonl")), out)
    return out


@pytest.fixture(scope="session")
def demo_values() -> Path:
    """What was written into each record of the demo town."""
    return ROOT / "demo" / "truth" / "record_values.csv"
