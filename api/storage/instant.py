"""How moments are kept in the database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, String, TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as ISO 8601 text of one width, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write the moment in UTC."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read the moment back, aware of its zone."""
        return None if value is None else datetime.fromisoformat(value)
