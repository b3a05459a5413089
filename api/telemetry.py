"""OpenTelemetry, only if the operator installed and configured it (``opentelemetry-instrument headcount serve``).

FastAPI speaks it by itself. Left out is what would tell too much: the messages of errors, which may hold a value, and
whatever is not the API, since the address of a sign-in link is the key.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig

from api.gate import API


def is_left_out(scope: MutableMapping[str, Any]) -> bool:
    """Whether nothing is told of a request."""
    return not str(scope.get("path", "")).startswith(API)


TELEMETRY: TelemetryConfig = {"logs": False, "operation_spans": False, "auto_configure": False, "exclude": is_left_out}
