"""Whom a linkage serves worse: the figures of groups of clients, by anything that is known of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from evaluation.evaluate import Material
from evaluation.figures import Groupings, Pairs, People, touching
from evaluation.truth import Key
from evaluation.values import Values
from hashing.fields import Field, field_of_header
from linkage.errors import RunError

MOST_GROUPS = 30  # a column of more values is rather a name or a number than a group
NOT_KNOWN = "not known"
IDENTIFYING = frozenset(
    {
        Field.CLIENT_ID, Field.HOUSEHOLD_ID, Field.FULL_NAME, Field.FIRST, Field.MIDDLE, Field.LAST, Field.SECOND_LAST,
        Field.ALIAS, Field.FORMER_LAST, Field.BIRTH_DATE, Field.SSN, Field.PHONE, Field.HOUSE_NUMBER, Field.ADDRESS,
        Field.UNIT, Field.ZIP,
    }
)  # fmt: skip
BANDS = ((18, "0-17"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"), (999, "65 or more"))
_USUAL = ("agency", "missing", "age_band", "origin")  # told without being asked, where the data has them

Trait = Callable[[Key], str]


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One group of clients: the pairs with at least one of them, and the people with at least one of them."""

    name: str
    records: int
    pairs: Pairs
    people: People


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All groups of one column."""

    column: str
    groups: tuple[Subgroup, ...]


def break_down(
    material: Material, values: Values | None, *, by: Sequence[str] = (), today: date
) -> tuple[Breakdown, ...]:
    """By agency, missing codes, age and origin of names where those are known, and by the columns of *by*.

    Raises:
        RunError: there is no such column, or it is none of groups: an identifier, or too many values.
    """
    traits = dict(_traits(material, values, today))
    for name in by:
        _check_can_group(name, traits)
    usual = (name for name in _USUAL if name in traits)
    columns = {name: np.array([traits[name](key) for key in material.keys]) for name in dict.fromkeys((*usual, *by))}
    for name in by:
        _check_has_groups(name, columns[name])
    return tuple(
        _breakdown(material, name, column) for name, column in columns.items() if len(np.unique(column)) <= MOST_GROUPS
    )


def _traits(material: Material, values: Values | None, today: date) -> Iterator[tuple[str, Trait]]:
    """What is known of clients, later ones going before earlier ones."""
    if values:
        born = values.columns.get("dob", {})
        yield "age_band", lambda key: age_band(born.get(key, ""), today)
        yield from ((name, _looked_up(column)) for name, column in values.traits.items())
    yield from ((name, _looked_up(column)) for name, column in material.labelled.traits.items())
    yield "agency", lambda key: key[0]
    if material.missing:
        yield "missing", lambda key: str(material.missing.get(key, "not encoded"))


def _looked_up(column: Mapping[Key, str]) -> Trait:
    return lambda key: column.get(key, "").strip() or NOT_KNOWN


def _check_can_group(name: str, traits: Mapping[str, Trait]) -> None:
    if name not in traits:
        raise RunError(f"neither the truth nor the values have a column {name!r}", hint="Check --by.")
    if field_of_header(name) in IDENTIFYING:
        raise RunError(
            f"the column {name!r} identifies people and makes no groups",
            hint="Choose a column that sorts clients into a few groups.",
        )


def _check_has_groups(name: str, column: NDArray[np.str_]) -> None:
    if (groups := len(np.unique(column))) > MOST_GROUPS:
        raise RunError(
            f"the column {name!r} has {groups} different values",
            hint=f"Choose a column that sorts clients into at most {MOST_GROUPS} groups.",
        )


def _breakdown(material: Material, name: str, column: NDArray[np.str_]) -> Breakdown:
    names = sorted(np.unique(column).tolist(), key=_rank)
    return Breakdown(name, tuple(_subgroup(material.groupings, one, column == one) for one in names))


def _rank(name: str) -> tuple[int, int, str]:
    """Numbers and ages by their size, words behind them, what is not known last."""
    number = re.match(r"\d+", name)
    return (2 if name == NOT_KNOWN else 0 if number else 1, int(number[0]) if number else 0, name)


def _subgroup(groupings: Groupings, name: str, where: NDArray[np.bool_]) -> Subgroup:
    inside = groupings.take(where)
    people = People(len(np.unique(inside.true)), len(np.unique(inside.found)))
    return Subgroup(name, int(where.sum()), touching(groupings, where), people)


def age_band(born: str, today: date) -> str:
    """The band of ages on a day, from a birth date that begins with its year."""
    try:
        age = (today - date.fromisoformat(born)).days / 365.25
    except ValueError:
        return NOT_KNOWN
    return next(band for limit, band in BANDS if age < limit)
