"""What a service answers about files on their way and about jobs, as frozen types; see `hashing.service_answers`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hashing.service_answers import Answer, Receipt


class UploadSession(Answer, frozen=True):
    """A file on its way: the next piece begins at *offset*, and is *piece_bytes* long at most."""

    session: str
    digest: str
    length: int
    offset: int
    piece_bytes: int
    expires: datetime
    sent: bool


class Job(Answer, frozen=True):
    """What is done in the background; *result* is what came of it, for whoever asked."""

    job: str
    kind: str
    member: str | None
    state: str
    stage: str
    progress: float
    started: datetime
    ended: datetime | None
    failure: str | None
    hint: str | None
    result: dict[str, Any] | None


class Purged(Answer, frozen=True):
    """How much was removed; without a receipt, nothing was."""

    files: int
    runs: int
    receipt: Receipt | None
