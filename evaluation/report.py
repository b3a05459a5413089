"""Everything that an evaluation finds, before it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.evaluate import Evaluation, Material, measure, read_material
from evaluation.figures import score
from evaluation.proposals import Contender
from evaluation.subgroups import Breakdown, break_down
from evaluation.values import Values, read_values
from linkage.errors import RunError


@dataclass(frozen=True, slots=True)
class Findings:
    """A run measured: as a whole, beside baselines where there are values, and by groups."""

    material: Material
    evaluation: Evaluation
    own: Contender
    baselines: tuple[Contender, ...]
    breakdowns: tuple[Breakdown, ...]


def check_is_free(report: Path) -> None:
    """Whether a report may be written there, which is asked before any work.

    Raises:
        RunError: something is there already, or there is no such folder.
    """
    if report.exists():
        raise RunError(f"{report.name}: there is a file already", hint="Choose another name for the report.")
    if not report.parent.is_dir():
        raise RunError(f"{report.name}: there is no such folder", hint="Make the folder first.")


def find(  # noqa: PLR0913 -- by name, as on the command line
    run: Path, *, crosswalks: Path, truth: Path, values: Path | None, by: Sequence[str], today: date
) -> Findings:
    """Measure a run.

    Raises:
        RunError: a file is missing or lacks a column.
    """
    material = read_material(run, crosswalks=crosswalks, truth=truth)
    written = read_values(values, material.keys) if values else None
    breakdowns = break_down(material, written, by=by, today=today)
    return Findings(material, measure(material), own(material), _baselines(material, written), breakdowns)


def own(material: Material) -> Contender:
    """Headcount itself, as the run has it."""
    return Contender(f"Headcount, {material.profile}", material.thresholds["counts"], False, score(material.groupings))


def _baselines(material: Material, values: Values | None) -> tuple[Contender, ...]:
    """The methods on plaintext are loaded only where there is plaintext."""
    if values is None:
        return ()
    from evaluation.baselines import run_baselines

    return run_baselines(material, values)
