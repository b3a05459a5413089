"""The report of an evaluation: one HTML file without scripts that opens anywhere and fetches nothing."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evaluation import pictures
from evaluation.report import Findings
from evaluation.wording import method, title
from linkage.errors import RunError


def write_page(found: Findings, out: Path) -> None:
    """Write the report.

    Raises:
        RunError: the file is there already, or cannot be written.
    """
    content = page(found)
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(content)
    except OSError as error:
        reason = error.strerror or "the disk failed"
        raise RunError(f"{out.name}: the report cannot be written ({reason})", hint="Check the folder.") from error


def page(found: Findings) -> str:
    """The report as HTML."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["method"] = method
    template = environment.from_string(files("evaluation").joinpath("report.html").read_text("utf-8"))
    return template.render(
        found=found,
        figures=found.evaluation.figures,
        contenders=(found.own, *found.baselines),
        thresholds=sorted(found.material.thresholds.items(), key=lambda item: item[1]),
        pictures={name: Markup(svg) for name, svg in _pictures(found).items()},  # noqa: S704 -- matplotlib wrote it, and escapes
        breakdowns=[(title(one.column), one.groups, Markup(pictures.subgroup_chart(one))) for one in found.breakdowns],  # noqa: S704 -- as above
        fewest=pictures.FEWEST_PAIRS,
        version=version("headcount"),
    )


def _pictures(found: Findings) -> dict[str, str]:
    material, evaluation = found.material, found.evaluation
    thresholds, true = dict(material.thresholds), evaluation.figures.pairs.true
    drawn = {
        "reliability": pictures.reliability_diagram(evaluation.reliability),
        "weights": pictures.weight_histogram(material.scored, thresholds),
        "curve": pictures.precision_recall(material.scored, true, thresholds, found.own),
    }
    if found.baselines:
        drawn["baselines"] = pictures.bars_of_contenders(found.own, found.baselines)
    return drawn
