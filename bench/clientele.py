"""Who goes where: every person of a town is a client of at least one agency, some of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from bench.dice import Dice
from bench.population import TODAY
from bench.profiles import AgencyProfile, Appeal
from bench.schema import Person

_BEYOND_FIRST = 0.66  # agencies a person uses beyond the first, on average, at an overlap of 1
_NEED = 1.0  # spread, in log odds, of how much people need agencies at all
_NEED_OF_HOUSEHOLD = 0.7  # share of that variance that a household has in common
_FEWEST = 3  # clients of an agency, in the smallest town

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def clientele(
    people: Sequence[Person], agencies: Sequence[AgencyProfile], overlap: float, dice: Dice
) -> tuple[tuple[int, ...], ...]:
    """The places in *people* of each agency's clients, in random order."""
    households = _households(people)
    odds = _log_odds(people, households, agencies, overlap, dice)
    wanted = 1 + min(_BEYOND_FIRST * overlap * dice.factor(0.12), 0.7 * (len(agencies) - 1))
    share = _sigmoid(odds + _offset(odds, wanted))
    member = _together(households, [agency.appeal.bond for agency in agencies], dice) < share
    _send_somewhere(member, share, dice)
    _fill_up(member, dice)
    return tuple(tuple(dice.shuffled(np.flatnonzero(column).tolist())) for column in member.T)


def _households(people: Sequence[Person]) -> npt.NDArray[np.int64]:
    order = {name: place for place, name in enumerate(dict.fromkeys(p.household_id for p in people))}
    return np.array([order[p.household_id] for p in people])


def _log_odds(
    people: Sequence[Person],
    households: npt.NDArray[np.int64],
    agencies: Sequence[AgencyProfile],
    overlap: float,
    dice: Dice,
) -> Floats:
    """People by agencies: how likely each is to come, before the overall level is set."""
    common = _normals(dice, int(households[-1]) + 1)[households] * np.sqrt(_NEED_OF_HOUSEHOLD)
    own = _normals(dice, len(people)) * np.sqrt(1 - _NEED_OF_HOUSEHOLD)
    need = _NEED * min(overlap, 1.5) * (common + own)
    ages = np.array([_age(person.born) for person in people])
    homeless = np.array([person.homeless for person in people])
    return np.stack([need + _pull(agency.appeal, ages, homeless) for agency in agencies], axis=1)


def _age(born: date) -> float:
    return (TODAY - born).days / 365.25


def _pull(appeal: Appeal, ages: Floats, homeless: Flags) -> Floats:
    pull = np.log(appeal.share / (1 - appeal.share)) + appeal.homeless * homeless
    pull = pull + appeal.child * (ages < 18) + appeal.senior * (ages >= 62)
    return np.where(appeal.adults & (ages < 18), -30.0, pull)


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _offset(odds: Floats, wanted: float) -> float:
    """What to add to the log odds for people to use *wanted* agencies on average, nobody none."""
    low, high = -15.0, 15.0
    for _ in range(40):
        middle = (low + high) / 2
        share = _sigmoid(odds + middle)
        expected = float((share.sum(axis=1) + np.prod(1 - share, axis=1)).mean())
        low, high = (middle, high) if expected < wanted else (low, middle)
    return (low + high) / 2


def _together(households: npt.NDArray[np.int64], bonds: Sequence[float], dice: Dice) -> Floats:
    """People by agencies: even numbers from 0 to 1, alike within a household as far as the bond goes."""
    columns = []
    for bond in bonds:
        common = _normals(dice, int(households[-1]) + 1)[households]
        mixed = np.sqrt(bond) * common + np.sqrt(1 - bond) * _normals(dice, len(households))
        columns.append((np.argsort(np.argsort(mixed)) + 0.5) / len(mixed))
    return np.stack(columns, axis=1)


def _normals(dice: Dice, count: int) -> Floats:
    """Standard normal numbers, two from two uniform ones (Box and Muller 1958)."""
    radius = np.sqrt(-2 * np.log(1 - dice.uniforms(count)))
    return np.asarray(radius * np.cos(2 * np.pi * dice.uniforms(count)))


def _send_somewhere(member: Flags, share: Floats, dice: Dice) -> None:
    """Give everyone who goes nowhere one agency, by how likely each is."""
    nowhere = np.flatnonzero(~member.any(axis=1))
    reach = np.cumsum(share[nowhere], axis=1)
    mark = dice.uniforms(len(nowhere)) * reach[:, -1]
    member[nowhere, np.minimum((reach <= mark[:, None]).sum(axis=1), member.shape[1] - 1)] = True


def _fill_up(member: Flags, dice: Dice) -> None:
    for agency in range(member.shape[1]):
        while member[:, agency].sum() < _FEWEST:
            member[dice.below(len(member)), agency] = True
