"""The figures of an evaluation in words, for a terminal. Exact counts: this is labelled test data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluation.evaluate import Evaluation
from evaluation.figures import Pairs, Shares
from evaluation.proposals import Contender
from evaluation.subgroups import Breakdown, Subgroup

_WIDTH = 20


def describe_evaluation(found: Evaluation) -> list[str]:
    """The figures of the run as a whole."""
    figures, shares, people = found.figures, found.figures.shares, found.figures.people
    inside = "inside" if found.is_inside_range else "OUTSIDE"
    lines = {
        "clients": f"{figures.clients:,} ({found.unseen:,} of them not encoded)",
        "pairs": f"{figures.pairs.found:,} found, {figures.pairs.true:,} true",
        "precision": f"{shares.precision:.4f}",
        "recall": f"{shares.recall:.4f}",
        "F1": f"{shares.f1:.4f}",
        "F1 within agencies": _f1(figures.within),
        "F1 across agencies": _f1(figures.across),
        "B-cubed": _in_short(figures.bcubed),
        "people": f"{people.found:,} found, {people.true:,} true ({people.error_percent:+.2f} %)",
        "range": f"{found.low:,} to {found.high:,}: the truth lies {inside}",
        "care matches": _care(found.care),
        "calibration error": f"{found.calibration_error:.4f}",
    }
    return [f"{name:<{_WIDTH}}{text}" for name, text in lines.items()]


def _f1(pairs: Pairs) -> str:
    return f"{pairs.shares.f1:.4f} ({pairs.found:,} found, {pairs.true:,} true)" if pairs.true else "no true pairs"


def _in_short(shares: Shares) -> str:
    return f"precision {shares.precision:.4f}, recall {shares.recall:.4f}, F1 {shares.f1:.4f}"


def _care(pairs: Pairs) -> str:
    return _in_short(pairs.shares).partition(", F1")[0] if pairs.true else "no true pairs across agencies"


def describe_contenders(own: Contender, others: Sequence[Contender]) -> list[str]:
    """A table of methods on the same clients."""
    lines = [f"{'method':<44}{'P':>8}{'R':>8}{'F1':>8}{'B3 F1':>8}{'people':>9}{'error %':>9}"]
    return [*lines, *(_contender(one) for one in (own, *others))]


def method(one: Contender) -> str:
    """A method with its threshold, and whether that was chosen by the truth."""
    return f"{one.name}, {'best' if one.tuned else 'from'} {one.threshold:.4g}"


def _contender(one: Contender) -> str:
    shares, people = one.figures.shares, one.figures.people
    return (
        f"{method(one):<44}{shares.precision:>8.4f}{shares.recall:>8.4f}{shares.f1:>8.4f}"
        f"{one.figures.bcubed.f1:>8.4f}{people.found:>9,}{people.error_percent:>+9.2f}"
    )


def describe_breakdown(found: Breakdown) -> Iterator[str]:
    """A table of groups."""
    yield f"{title(found.column):<30}{'clients':>9}{'P':>8}{'R':>8}{'F1':>8}{'people':>9}{'true':>8}{'error %':>9}"
    yield from (_subgroup(group) for group in found.groups)


def title(column: str) -> str:
    """What a breakdown is by."""
    return f"by {_TITLES.get(column, column.replace('_', ' '))}"


_TITLES = {"missing": "missing codes", "age_band": "age", "origin": "origin of names"}


def _subgroup(group: Subgroup) -> str:
    shares, people = group.pairs.shares, group.people
    return (
        f"  {group.name:<28}{group.records:>9,}{shares.precision:>8.4f}{shares.recall:>8.4f}{shares.f1:>8.4f}"
        f"{people.found:>9,}{people.true:>8,}{people.error_percent:>+9.2f}"
    )
