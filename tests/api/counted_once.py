"""Linkage for tests that ask the same thing again and again."""

from collections.abc import Callable
from typing import Any

from api_town import quick_link

from api.linking import Linking


def counted_once() -> Linking:
    """The real questions, each put to the run once: what they read is not what fails here."""
    real = Linking()
    known: dict[str, Any] = {}

    def remembering(name: str, question: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any, **more: Any) -> Any:
            key = f"{name}{given}{sorted(more.items())}"
            if key not in known:
                known[key] = question(*given, **more)
            return known[key]

        return ask

    asked = {name: remembering(name, getattr(real, name)) for name in ("count", "care_matches", "ask")}
    return Linking(link=quick_link, **asked)
