"""The demo town, its people as they truly are: every cell of every table is the slow oracle's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cube_check import check_cube
from bench.cube_oracle import Client, tables
from bench.cube_truth import clients_of, towns
from linkage.cube.counting import count_cube
from linkage.cube.facts import Facts
from linkage.cube.gaps import USUAL
from linkage.cube.scope import Scope


@pytest.fixture(scope="module")
def clients() -> list[Client]:
    return clients_of(next(towns(0)))


@pytest.mark.slow
def test_every_cell_of_the_demo_town_is_the_oracles(clients):
    assert Path("demo/anytown").exists()
    cube = count_cube(Facts.of(*tables(clients)), Scope.of("2020-Q2"), USUAL)
    assert check_cube(cube, clients) > 400
