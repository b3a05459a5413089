"""What is asked for, beside what was released before: the same question has the same answer, and no two answers differ
by so few people that their difference is one of these people.

Refusals are decided by what was asked and what was shown, never by a number that nobody saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.cells import CellKey, TrueRelease
from linkage.disclosure import Released, Rule, release
from linkage.errors import CannotRelease
from linkage.periods import Lie, Period

_AGES = frozenset({"age", "age_band"})  # dimensions whose bands are fixed with the first release


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which tables, of which agencies, for which period, by which age bands, and what for."""

    tables: tuple[str, ...]
    agencies: tuple[str, ...]
    period: str
    purpose: str
    bands: tuple[str, ...] = ()

    @property
    def scope(self) -> tuple[Period, tuple[str, ...]]:
        """The period and the agencies that are counted."""
        return Period.of(self.period), tuple(sorted(self.agencies))


def find_answer(asked: Asked, earlier: Sequence[Released]) -> Released | None:
    """The newest release that answers the same question; the purpose makes no difference to a number."""
    for old in reversed(earlier):
        same_scope = _scope(old) == asked.scope
        if same_scope and set(asked.tables) <= {table.name for table in old.tables} and _same_bands(asked, old):
            return old
    return None


def check_may_release(asked: Asked, earlier: Sequence[Released]) -> None:
    """Whether the question may be answered beside *earlier* releases.

    Raises:
        CannotRelease: its period or age bands cut across those of an earlier one, or its agencies are all but one of
            an earlier one's.
    """
    for old in earlier:
        lie = asked.scope[0].lies_to(_scope(old)[0])
        _check_period(asked, old, lie)
        if lie is not Lie.APART:
            _check_agencies(asked, old)
        _check_bands(asked, old)


def answer(
    asked: Asked, true: TrueRelease, rule: Rule, *, earlier: Sequence[Released], revise: bool = False
) -> Released:
    """The earlier answer to the same question, or a new release. *revise* asks for a revision with late data.

    Raises:
        CannotRelease: `check_may_release` refuses, totals of other agencies lie too close, or nothing changed enough
            for a revision.
    """
    found = find_answer(asked, earlier)
    if found is not None and not revise:
        return found
    check_may_release(asked, earlier)
    made = release(true, rule, agencies=asked.agencies, earlier=earlier)
    for old in earlier:
        _check_totals(made, old, rule)
    if found is not None and _numbers(made) == _numbers(found):
        raise CannotRelease(
            f"no number of {asked.period} has changed by {rule.threshold} or more, so there is no revision",
            hint="The released numbers stay. Ask again when more of the late data is there.",
        )
    return made


def _scope(old: Released) -> tuple[Period, tuple[str, ...]]:
    return Period.of(old.period), tuple(sorted(old.agencies))


def _numbers(made: Released) -> dict[CellKey, int | None]:
    return {each.key: None if each.count is None else each.count.shown for each in made.published}


def _check_period(asked: Asked, old: Released, lie: Lie) -> None:
    if lie is Lie.ASKEW:
        raise CannotRelease(
            f"{asked.period} shares months with {old.period}, which was released, and neither is a part of the other",
            hint="Ask for whole months, quarters or years of the calendar.",
        )


def _check_agencies(asked: Asked, old: Released) -> None:
    differing = set(asked.agencies) ^ set(old.agencies)
    if len(differing) == 1:
        raise CannotRelease(
            f"the agencies differ by {differing.pop()} alone from a release of {old.period}, "
            "so the two together would tell who is known to it only",
            hint="Ask for the same agencies, or wait until two or more have joined or left.",
        )


def _check_bands(asked: Asked, old: Released) -> None:
    if not _same_bands(asked, old):
        raise CannotRelease(
            f"other age bands than in the release of {old.period}: the two together would tell of single years",
            hint="Ask by the age bands that were released.",
        )


def _same_bands(asked: Asked, old: Released) -> bool:
    known = _bands(old)
    return not asked.bands or not known or set(asked.bands) == known


def _bands(old: Released) -> set[str]:
    return {member for each in old.published for name, member in each.key.where if name in _AGES}


def _check_totals(made: Released, old: Released, rule: Rule) -> None:
    """Totals of the same period over other agencies are the same, or certainly the threshold apart."""
    if Period.of(made.period) != Period.of(old.period) or made.agencies == old.agencies:
        return
    for table in made.tables:
        for other in (each for each in old.tables if each.name == table.name):
            here, there = table.total.people.value, other.total.people.value
            if here is None or there is None:
                continue
            (least, most), (low, high) = rule.stands_for(here), rule.stands_for(there)
            if max(least - high, low - most) < rule.threshold:
                raise CannotRelease(
                    f"the total of {table.name} may differ by fewer than {rule.threshold} people "
                    f"from the one that was released for other agencies",
                    hint="Ask for the same agencies as before.",
                )
