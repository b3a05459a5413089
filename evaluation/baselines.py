"""Headcount beside others, on the same clients: three methods that are given the names, and no label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluation import clk_dice, plaintext_splink, record_linkage
from evaluation.evaluate import Material
from evaluation.proposals import Contender, Proposal, contenders
from evaluation.values import FIELDS, Values
from linkage.errors import RunError

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: how it makes pairs of columns, and from which score on it is usually believed."""

    name: str
    propose: Callable[[Columns], Proposal]
    customary: float


NEEDED = ("first", "last", "dob")
FEWEST_CLIENTS = 50
METHODS = (
    Method("plaintext Splink (EM)", plaintext_splink.propose, plaintext_splink.CUSTOMARY),
    Method("recordlinkage (ECM)", record_linkage.propose, record_linkage.CUSTOMARY),
    Method("one CLK, Dice", clk_dice.propose, clk_dice.CUSTOMARY),
)


def check_can_train(clients: int, values: Values) -> None:
    """Whether there is enough for methods that learn from the data itself.

    Raises:
        RunError: too few clients, or no names and birth dates.
    """
    if lacking := [name for name in NEEDED if name not in values.columns]:
        raise RunError(
            f"the values lack {', '.join(lacking)}", hint=f"Baselines need at least {', '.join(NEEDED)} of the clients."
        )
    if clients < FEWEST_CLIENTS:
        raise RunError(
            f"{clients} clients are too few to train a baseline", hint=f"Give {FEWEST_CLIENTS} or more, or no --values."
        )


def run_baselines(material: Material, values: Values) -> tuple[Contender, ...]:
    """Each method on the fields that Headcount reads as well, at its customary and at its best threshold.

    Raises:
        RunError: too few clients, or no names and birth dates.
    """
    check_can_train(len(material.keys), values)
    columns = {name: values.of(name, material.keys) for name in FIELDS if name in values.columns}
    return tuple(
        contender
        for method in METHODS
        for contender in contenders(
            method.name, method.propose(columns), material.groupings, customary=method.customary
        )
    )
