"""What ``headcount link --engine spark`` does and says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from linkage.cli import describe_link
from linkage.run import Progress
from linkage.spark.places import is_local, local_path
from linkage.spark.run import link_on_spark
from linkage.spark.session import SparkSettings


def link_and_tell(
    files: Sequence[str], out: str, *, model: Path | None, chosen: tuple[str, Sequence[str]], progress: Progress
) -> list[str]:
    """Link, and tell what came of it; *chosen* are the master and the settings of Spark.

    Raises:
        HeadcountError: see :func:`linkage.spark.run.link_on_spark`.
    """
    report = link_on_spark(files, out, model=model, chosen=SparkSettings.of(*chosen), progress=progress)
    if is_local(out):
        return describe_link(len(files), local_path(out) if "://" in out else Path(out))
    return [f"Linked {len(files)} files: {_people(report)}.", f"  {out}  the run; copy it here to count it"]


def _people(report: dict[str, object]) -> str:
    """The safe counts of a report in words."""
    people = report["people"]
    if not isinstance(people, dict) or None in (found := [people[name] for name in ("estimate", "low", "high")]):
        return "the number of people is withheld"
    best, low, high = (f"{number:,}" for number in found)
    return f"{best} people (likely {low} to {high})"
