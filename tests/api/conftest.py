from collections.abc import Iterator
from pathlib import Path

import pytest
from api_town import Town, a_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town of its own, for tests that change it."""
    with a_town(tmp_path / "data") as town:
        yield town


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a town that one person founded; to be copied, never opened."""
    folder = tmp_path_factory.mktemp("founded") / "data"
    with a_town(folder):
        return folder


@pytest.fixture(scope="session")
def shared_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for tests that only ask, or whose changes nobody else looks at."""
    with a_town(tmp_path_factory.mktemp("shared") / "data") as town:
        yield town
