"""Which pairs the baselines on plaintext compare: both the same, those that agree on all columns of a rule.

What a whole household shares (a surname and a telephone, an address) makes no rule: with such rules ECM learns to tell
households apart, not people, and plaintext Splink loses five points of F1 on the demo town.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Rule = tuple[str, ...]  # columns

RULES: tuple[Rule, ...] = (
    ("first", "last"), ("last", "dob"), ("first", "dob"), ("ssn",), ("phone", "first"), ("first", "zip"),
    ("address", "first"),
)  # fmt: skip
HOUSEHOLD_RULES: tuple[Rule, ...] = (  # of use where no two of a household are in the data
    ("phone", "last"), ("last", "zip"), ("address", "last"), ("address", "dob"), ("dob", "zip"),
)  # fmt: skip


def usable(rules: Iterable[Rule], columns: Iterable[str]) -> Iterator[Rule]:
    """The rules whose columns are all there."""
    there = set(columns)
    return (rule for rule in rules if there.issuperset(rule))
