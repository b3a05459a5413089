"""The demo town, its people as they truly are: every cell of every table is the slow oracle's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cube_oracle import Client
from bench.cube_truth import check_cube, clients_of, towns


@pytest.fixture(scope="module")
def clients() -> list[Client]:
    return clients_of(next(towns(0)))


@pytest.mark.slow
def test_every_cell_of_the_demo_town_is_the_oracles(clients):
    assert Path("demo/anytown").exists()
    assert check_cube(clients, "2020-Q2") > 400
