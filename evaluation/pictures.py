"""The pictures of an evaluation, each an SVG that matplotlib writes. Colours are those of Okabe and Ito (2008)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.calibration import Reliability
from evaluation.proposals import Contender
from evaluation.scored import ScoredPairs, precision_recall_curve
from evaluation.subgroups import Breakdown
from evaluation.wording import method, title

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
FEWEST_PAIRS = 10  # true ones, for a group to be drawn
_SHARES = ((BLUE, "o", "precision"), (ORANGE, "s", "recall"), (GREEN, "D", "F1"))  # told apart by shape as well
_STYLE: Any = {  # matplotlib's type names every setting there is
    "svg.fonttype": "none",  # text stays text: it can be read aloud and searched
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
}


class Picture:
    """A figure with one plot, drawn in the style of the report and written as SVG."""

    def __init__(self, name: str, *, width: float = 6.2, height: float = 4.2) -> None:
        """*name* keeps the ids of several pictures on a page apart, and the same in every run."""
        self._style: Any = _STYLE | {"svg.hashsalt": name}
        with mpl.rc_context(self._style):
            self._figure = Figure(figsize=(width, height), layout="constrained")
            self.axes: Axes = self._figure.add_subplot()

    def svg(self) -> str:
        """The picture without the prologue of a file of its own, to stand in a page."""
        stream = io.StringIO()
        with mpl.rc_context(self._style):
            self._figure.savefig(stream, format="svg", transparent=True, metadata=_NO_METADATA)
        text = stream.getvalue()
        return _COUNTED_ID.sub("", text[text.index("<svg") :])


_COUNTED_ID = re.compile(r' id="[A-Za-z.0-9]+_\d+"')  # figure_1: nothing points to it, and every picture has one
_CLOSE = 0.5  # bits
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def reliability_diagram(found: Reliability) -> str:
    """Stated against observed shares; the larger a mark, the more pairs."""
    picture = Picture("reliability", width=5.2, height=4.6)
    axes, there = picture.axes, found.pairs > 0
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="what calibrated probabilities give")
    axes.plot(found.stated[there], found.observed[there], color=BLUE, linewidth=1.2)
    sizes = 25 + 260 * np.sqrt(found.pairs[there] / max(1, found.pairs.max()))
    axes.scatter(found.stated[there], found.observed[there], s=sizes, color=BLUE, alpha=0.85, zorder=3, label="pairs")
    for stated, observed, pairs in zip(found.stated[there], found.observed[there], found.pairs[there], strict=True):
        axes.annotate(f"{pairs:,}", (stated, observed), (9, -12), textcoords="offset points", fontsize=8, color=GREY)
    axes.set(xlim=(-0.03, 1.08), ylim=(-0.05, 1.05), xlabel="probability stated", ylabel="share that is one person")
    axes.legend(loc="upper left", frameon=False)
    return picture.svg()


def weight_histogram(scored: ScoredPairs, thresholds: dict[str, float]) -> str:
    """Match weights of pairs that are one person and of pairs that are not; a logarithmic scale shows the few."""
    picture = Picture("weights", width=5.2, height=4.6)
    axes, weights = picture.axes, scored.weight
    edges = np.arange(np.floor(weights.min(initial=0)), np.ceil(weights.max(initial=1)) + 2, 2)
    for shift, colour, hatch, name, chosen in (
        (0.55, ORANGE, "////", "two people", ~scored.right),
        (1.45, BLUE, "", "one person", scored.right),
    ):
        heights = np.histogram(weights[chosen], edges)[0]
        axes.bar(edges[:-1] + shift, heights, 0.9, color=colour, hatch=hatch, edgecolor="white", lw=0.4, label=name)
    axes.set_yscale("log")
    axes.set(xlabel="match weight (bits)", ylabel="scored pairs")
    _mark_weights(axes, thresholds)
    axes.legend(loc="upper right", ncols=2, frameon=False)
    axes.margins(y=0.25)
    return picture.svg()


def _mark_weights(axes: Axes, thresholds: dict[str, float]) -> None:
    for place, (weight, names) in enumerate(_close_together(thresholds)):
        axes.axvline(weight, color=GREY, linestyle=":", linewidth=1.2)
        axes.annotate(
            names, (weight, 0.90 - 0.06 * place), (4, 0), xycoords=axes.get_xaxis_transform(),
            textcoords="offset points", fontsize=9, color="#444444",
        )  # fmt: skip


def _close_together(thresholds: dict[str, float]) -> list[tuple[float, str]]:
    """Thresholds in bits with their names, rising; those less than half a bit apart share a mark."""
    marks: list[tuple[float, str]] = []
    for name, probability in sorted(thresholds.items(), key=lambda item: item[1]):
        weight = float(np.log2(probability / (1 - probability)))
        if marks and weight - marks[-1][0] < _CLOSE:
            marks[-1] = (marks[-1][0], f"{marks[-1][1]}, {name}")
        else:
            marks.append((weight, name))
    return marks


def precision_recall(scored: ScoredPairs, true: int, thresholds: dict[str, float], own: Contender) -> str:
    """The trade between precision and recall over thresholds; a mark for each shipped one, and the people formed."""
    picture = Picture("curve", width=5.2, height=4.6)
    axes, curve = picture.axes, precision_recall_curve(scored, true)
    axes.plot(curve.recall, curve.precision, color=BLUE, linewidth=1.6, label="scored pairs, by threshold")
    marked = [
        (scored.from_threshold(1 / (1 + 2**-weight), true).shares, names)
        for weight, names in _close_together(thresholds)
    ]
    for shares, names in marked:
        axes.scatter([shares.recall], [shares.precision], s=36, color=BLUE, zorder=3)
        axes.annotate(
            names, (shares.recall, shares.precision), (-8, -11), textcoords="offset points", fontsize=9, ha="right"
        )
    shares = own.figures.shares
    axes.scatter(
        [shares.recall], [shares.precision], s=70, color=ORANGE, marker="*", zorder=4, label="people as formed"
    )
    least = min([shares.recall, *(each.recall for each, _ in marked)])
    axes.set(xlabel="recall", ylabel="precision", xlim=(max(0, least - 0.2), 1.01))
    axes.legend(loc="lower left", frameon=False)
    return picture.svg()


def bars_of_contenders(own: Contender, others: Sequence[Contender]) -> str:
    """F1 and B-cubed F1 of each method, best-tuned ones hatched."""
    every = (own, *others)
    picture = Picture("baselines", width=7.6, height=0.9 + 0.52 * len(every))
    axes, places = picture.axes, np.arange(len(every))[::-1]
    for shift, colour, name, values in (
        (0.19, BLUE, "F1 over pairs", [one.figures.shares.f1 for one in every]),
        (-0.19, ORANGE, "B-cubed F1", [one.figures.bcubed.f1 for one in every]),
    ):
        bars = axes.barh(places + shift, values, height=0.36, color=colour, label=name)
        axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    axes.set_yticks(places, [method(one) for one in every])
    axes.set(xlim=(0, 1.09))
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return picture.svg()


def subgroup_chart(found: Breakdown) -> str:
    """Precision, recall and F1 of each group beside each other; groups that tell too little are left to the table."""
    groups = [group for group in found.groups if group.pairs.true >= FEWEST_PAIRS and group.pairs.right]
    if not groups:
        return ""
    picture = Picture(f"by-{found.column}", width=7.6, height=1.1 + 0.34 * len(groups))
    axes, places = picture.axes, np.arange(len(groups))[::-1]
    shares = [group.pairs.shares for group in groups]
    values = {name: [getattr(one, name.lower()) for one in shares] for _, _, name in _SHARES}
    lows, highs = np.min(list(values.values()), axis=0), np.max(list(values.values()), axis=0)
    axes.hlines(places, lows, highs, color="#cccccc", linewidth=2, zorder=1)
    for colour, marker, name in _SHARES:
        axes.scatter(values[name], places, color=colour, marker=marker, s=34, label=name, zorder=3)
    axes.set_yticks(places, [f"{group.name} ({group.records:,})" for group in groups])
    axes.set(xlim=(min(0.88, lows.min() - 0.02), 1.005), ylim=(-0.6, len(groups) - 0.4), xlabel=title(found.column))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)
    return picture.svg()
