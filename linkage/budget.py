"""How much privacy was spent a year: a ledger on files that is written before the answer is made.

Each spending is a numbered file that is never overwritten, so two askers at once cannot both spend the rest. A crash
after the spending costs the budget and gives no answer, never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from linkage.cells import TrueTable
from linkage.disclosure import SafeTable
from linkage.errors import CannotRelease, LedgerError
from linkage.ledger import numbered, write_new
from linkage.noise import Noise, check_epsilon, decode, encode, noisy, safe_table

_BUDGET = "budget.json"
_SPENT, _ANSWER = ".spent.json", ".answer.json"
_Kept = TypeVar("_Kept")
_ROUNDING = 1e-9  # sums of decimal fractions such as 0.1


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be spent in a calendar year; fixed with the first question."""

    epsilon_a_year: float


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked: which table, of what period and agencies, of which run (its digest), for how much."""

    table: str
    period: str
    agencies: tuple[str, ...]
    run: str
    epsilon: float


class Spending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question and the year whose budget paid for it."""

    year: int
    question: Question


def ask(  # noqa: PLR0913 -- clock, noise and files are arguments
    table: TrueTable, question: Question, folder: Path, *, budget: Budget, today: date, noise: Noise, disjoint: bool
) -> SafeTable:
    """Answer a question with noise: as before if it was asked before, else by spending from the year's budget.

    Raises:
        CannotRelease: the rest of the budget is too small, or epsilon is no such amount.
        LedgerError: the ledger cannot be read or written, or somebody else spent at the same moment.
    """
    check_epsilon(question.epsilon)
    fix_budget(folder, budget)
    spent = read_spending(folder)
    for number, earlier in enumerate(spent):
        answer = folder / f"{number:06d}{_ANSWER}"
        if earlier.question == question and answer.exists():
            return safe_table(table, _checked(answer, decode), question.epsilon)
    check_can_spend(question.epsilon, spent, budget, today.year)
    number = len(spent)
    write_new(folder, f"{number:06d}{_SPENT}", msgspec.json.encode(Spending(today.year, question)))
    made = noisy(table, question.epsilon, noise, disjoint=disjoint)
    write_new(folder, f"{number:06d}{_ANSWER}", encode(made))
    return safe_table(table, made, question.epsilon)


def read_spending(folder: Path) -> list[Spending]:
    """All that was spent, in order.

    Raises:
        LedgerError: an entry is missing or altered.
    """
    return [_checked(path, lambda text: msgspec.json.decode(text, type=Spending)) for path in numbered(folder, _SPENT)]


def left(spent: Sequence[Spending], budget: Budget, year: int) -> float:
    """What is left of a year's budget; amounts add up (basic composition)."""
    return budget.epsilon_a_year - sum(each.question.epsilon for each in spent if each.year == year)


def check_can_spend(epsilon: float, spent: Sequence[Spending], budget: Budget, year: int) -> None:
    """Whether the year's budget has that much left.

    Raises:
        CannotRelease: it has not.
    """
    rest = left(spent, budget, year)
    if epsilon > rest + _ROUNDING:
        raise CannotRelease(
            f"epsilon {epsilon:g} is more than is left of {budget.epsilon_a_year:g} for {year}: {max(rest, 0):g}",
            hint="Ask what was asked before, which costs nothing, or wait for the next year.",
        )


def fix_budget(folder: Path, budget: Budget) -> None:
    """Keep a folder's budget with its first question.

    Raises:
        LedgerError: the folder has another budget.
    """
    path = folder / _BUDGET
    try:
        if not path.exists():
            write_new(folder, _BUDGET, msgspec.json.encode(budget))
    except LedgerError:
        if not path.exists():  # else another asker was first, and what it fixed counts
            raise
    kept = _checked(path, lambda text: msgspec.json.decode(text, type=Budget))
    if kept != budget:
        raise LedgerError(
            f"{folder.name}: its budget is {kept.epsilon_a_year:g} a year, and not {budget.epsilon_a_year:g}",
            hint="A budget that could be raised would promise nothing.",
        )


def _checked(path: Path, read: Callable[[bytes], _Kept]) -> _Kept:
    try:
        return read(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise LedgerError(
            f"{path.name}: a kept entry cannot be read", hint="Restore the ledger from a backup."
        ) from error
