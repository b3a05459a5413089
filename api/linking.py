"""What the service asks of linkage: one place where another engine, or a test's slow one, can be put.

The real ones load what they need when they are asked: a service that starts after a crash answers a second earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hashing.schema import AgencyKind
from linkage.breakdown import Breakdown
from linkage.cli import check_spark_is_installed
from linkage.disclosure import Released, Rule, SafeTable
from linkage.matches import Sighting, sightings

if TYPE_CHECKING:
    from linkage.cube.asking import Wanted

Progress = Callable[[str, float], None]


class Link(Protocol):
    """`linkage.run.link`: writes a run's results into the new folder *out*."""

    def __call__(self, files: Sequence[Path], out: Path, *, progress: Progress) -> object:
        """Link *files*; tell *progress* the stage and how much is done, 0 to 1."""


class Count(Protocol):
    """`linkage.counts.count`: a table that may be shown."""

    def __call__(self, run: Path, by: Breakdown, *, rule: Rule, remarks: Sequence[str]) -> SafeTable:
        """Count a run's people by *by*; *remarks* become notes of the table."""


class CareMatches(Protocol):
    """`linkage.matches.sightings`: what consent on both sides lets one agency see today."""

    def __call__(
        self,
        run: Path,
        agency: str,
        *,
        today: date,
        uploads: Sequence[Path],
        kinds: Mapping[str, AgencyKind],
    ) -> tuple[Sighting, ...]:
        """The matches that *agency* may see, by the files that are current now, each with the rows behind it."""


class Ask(Protocol):
    """`linkage.cube.asking.ask`: the public tables of a period, beside what was released earlier."""

    def __call__(
        self, run: Path, wanted: Wanted, purpose: str, *, earlier: Sequence[Released], revise: bool
    ) -> Released:
        """The earlier answer to the same question, or a new release."""


def _link(files: Sequence[Path], out: Path, *, progress: Progress) -> object:
    from linkage.run import link

    return link(files, out, progress=progress)


def _count(run: Path, by: Breakdown, *, rule: Rule, remarks: Sequence[str]) -> SafeTable:
    from linkage.counts import count

    return count(run, by, rule=rule, remarks=remarks)


def _ask(run: Path, wanted: Wanted, purpose: str, *, earlier: Sequence[Released], revise: bool) -> Released:
    from linkage.cube.asking import ask

    return ask(run, wanted, purpose, earlier=earlier, revise=revise)


def chosen_link(engine: str, spark_master: str) -> Link:
    """How files are linked with *engine*: on this computer, or as a job of the Spark at *spark_master*.

    Raises:
        HeadcountError: the Spark part is not installed.
    """
    if engine != "spark":
        return _link
    check_spark_is_installed()
    from linkage.spark.run import link_on_spark
    from linkage.spark.session import SparkSettings

    def on_spark(files: Sequence[Path], out: Path, *, progress: Progress) -> object:
        chosen = SparkSettings.of(spark_master, ())
        return link_on_spark([str(file) for file in files], str(out), model=None, chosen=chosen, progress=progress)

    return on_spark


@dataclass(frozen=True, slots=True)
class Linking:
    """The four questions; the real ones unless others are given."""

    link: Link = _link
    count: Count = _count
    care_matches: CareMatches = sightings
    ask: Ask = _ask
