"""Three small files to link."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_files import card, code, codes, header, received, row, token, write_card, write_file

from hashing.schema import ServiceArea


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_card(tmp_path_factory.mktemp("model") / "card.json", card())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three agencies: person 1 at all of them, person 2 twice at one, person 3 like person 4 but for a bit."""
    services = (received(ServiceArea.FOOD, "2026-01"), received(ServiceArea.SHELTER, "2026-02", 3))
    like_3 = {"birth": codes(3)["birth"], "name": code(6, 8)}
    return [
        write_file(tmp_path, header("ymca"), [row("y1", 1), row("y2", 2), row("y3", 2)]),
        write_file(tmp_path, header("food_bank"), [row("f1", 1, services=services), row("f3", 3)]),
        write_file(
            tmp_path,
            header("clinic"),
            [row("c1", 1), row("c4", 4, codes=like_3, blocks=(token("person 3"),)), row("c5", 5)],
        ),
    ]
