"""What has to be said beside each number: who is in it, through when, and who is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linkage.cube.facts import Words
from linkage.cube.scope import Scope, month


def notes_of(report: Mapping[str, Any], words: Words, scope: Scope, expected: Sequence[str]) -> tuple[str, ...]:
    """The sentences of a run, for a period."""
    missing = sorted(set(expected) - set(words.agencies))
    silent = sorted(set(words.agencies) - words.telling)
    lines = [
        f"People with a service in {scope.name}; the same person counts once in each cell.",
        _unmatchable(report),
        _through(report, scope),
        f"Missing: {', '.join(missing)}." if missing else "",
        f"No service rows came from: {', '.join(silent)}." if silent else "",
    ]
    return tuple(line for line in lines if line)


def _unmatchable(report: Mapping[str, Any]) -> str:
    people = report["people"]["unmatchable"]
    shown = "1 to 10" if people is None else f"{people:,}"
    return f"{shown} clients had too little information to be matched; they are in no count here."


def _through(report: Mapping[str, Any], scope: Scope) -> str:
    """Through which month each agency's file tells, where that is before the end of the period."""
    through = {each["agency"]: each["data_through"] for each in report["agencies"]}
    early = {agency: last for agency, last in through.items() if last is None or last < month(scope.last)}
    if not early:
        return f"All agencies' files reach to the end of {scope.name}."
    told = ", ".join(f"{agency} ({last or 'no month told'})" for agency, last in sorted(early.items()))
    return f"Files that end before the period does: {told}."
