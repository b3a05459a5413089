import os
from collections.abc import Iterator
from pathlib import Path

import api_town
import pytest
from api_town import Databases, Town, a_town
from postgres import Server, postgres
from sqlalchemy import Engine

from api.storage.engine import database_address, open_database

__all__ = ["postgres"]


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind, as HEADCOUNT_DATABASE_URL names it."""
    if request.param == "sqlite":
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    """An opened database of each kind."""
    (tmp_path / "100%").mkdir()
    engine = open_database(database_address(tmp_path / "100%", database_url))
    yield engine
    engine.dispose()


class OnPostgres(Databases):
    """A database of the server for each folder, the same whenever its town starts again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[Path, str] = {}

    def url_of(self, folder: Path) -> str:
        if folder not in self._known:
            self._known[folder] = self._server.new_database()
        return self._known[folder]

    def copy(self, known: Path, folder: Path) -> None:
        self._known[folder] = self._server.new_database(like=self._known[known])

    def held(self, town: Town) -> bytes:
        return self._server.held(self._known[town.parts.settings.data])


if os.environ.get("HEADCOUNT_TOWNS") == "postgresql":  # make test-postgres: every town on PostgreSQL

    @pytest.fixture(scope="session", autouse=True)
    def every_town_on_postgres(postgres: Server) -> Iterator[None]:
        api_town.databases = OnPostgres(postgres)
        yield
        api_town.databases = Databases()
