"""The shapes of answers about releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from api.answers import ReceiptOut
from api.inputs import Hex64, Strict
from api.storage.releases import KeptRelease


class ReleaseSummary(Strict):
    """A release without its numbers."""

    number: int
    period: str
    agencies: tuple[str, ...]
    revision: int
    purpose: str
    run: str
    made: datetime
    sha256: Hex64

    @classmethod
    def of(cls, kept: KeptRelease) -> Self:
        """The release as it is held."""
        return cls(**_summary(kept))


class ReleasesOut(Strict):
    """All releases, the oldest first."""

    releases: tuple[ReleaseSummary, ...]


class ReleaseOut(ReleaseSummary):
    """A release: its tables by name, each as it may be shown, and the log's promises."""

    tables: dict[str, dict[str, Any]]
    read: ReceiptOut
    released: ReceiptOut | None

    @classmethod
    def of(cls, kept: KeptRelease, *, read: ReceiptOut, released: ReceiptOut | None) -> Self:  # type: ignore[override]
        """The release with its receipts."""
        tables = {table.name: table.to_json() for table in kept.released.tables}
        return cls(**_summary(kept), tables=tables, read=read, released=released)


def _summary(kept: KeptRelease) -> dict[str, Any]:
    return {
        "number": kept.number,
        "period": kept.released.period,
        "agencies": kept.released.agencies,
        "revision": kept.released.revision,
        "purpose": kept.purpose,
        "run": kept.run,
        "made": kept.made,
        "sha256": kept.digest,
    }
