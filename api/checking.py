"""What keeps the service from starting, found without starting it (``headcount serve --check``)."""

from __future__ import annotations

import os
from collections.abc import Callable

from api.certificate import check_certificate
from api.errors import StartError
from api.founding import check_can_found
from api.serve import listen
from api.settings import Settings
from api.starting import read_witnesses
from api.storage.engine import check_can_reach, database_address


def problems_of(settings: Settings) -> tuple[StartError, ...]:
    """Everything that is wrong, not only the first; nothing is written and no migration is run."""
    checks: tuple[Callable[[Settings], object], ...] = (
        check_folder,
        check_can_found,
        read_witnesses,
        check_certificate,
        _check_port,
        _check_database,
    )
    found = (_problem(check, settings) for check in checks)
    return tuple(problem for problem in found if problem is not None)


def check_folder(settings: Settings) -> None:
    """The data folder, or the first folder above it that is there, takes files.

    Raises:
        StartError: it does not.
    """
    folder = settings.data.absolute()
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise StartError(
            f"{folder} is no folder that this user may write to", hint="Give --data another folder, or its owner."
        )


def _problem(check: Callable[[Settings], object], settings: Settings) -> StartError | None:
    try:
        check(settings)
    except StartError as error:
        return error
    return None


def _check_port(settings: Settings) -> None:
    listen(settings).close()


def _check_database(settings: Settings) -> None:
    check_can_reach(database_address(settings.data, settings.database_url))
