"""Named rules of disclosure control: which counts are withheld, and how the others are rounded."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.errors import RuleError


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts from 1 to *threshold* - 1 are withheld, and cells that fewer than *agencies* agencies contribute to.

    What is shown is rounded to the nearest multiple of *base*.

    Raises:
        RuleError: the threshold does not lie on a rounding edge, so a shown number could tell more than another.
    """

    name: str
    threshold: int
    base: int = 1
    agencies: int = 1

    def __post_init__(self) -> None:
        check_rule(self)

    def hides(self, count: int) -> bool:
        """Whether the count is too small to be shown; zero is not."""
        return 0 < count < self.threshold

    def rounded(self, count: int) -> int:
        """The multiple of the base that stands for a count."""
        return (count + self.base // 2) // self.base * self.base

    def stands_for(self, shown: int) -> tuple[int, int]:
        """The smallest and the largest count that a shown number may be; zero is zero."""
        if shown == 0:
            return 0, 0
        return shown - self.base // 2, shown + (self.base - 1) // 2


def check_rule(rule: Rule) -> None:
    """Whether each shown number stands for shown counts only, and for *base* of them.

    With threshold 11 and base 5 a shown 10 would stand for 11 and 12 alone.

    Raises:
        RuleError: it does not.
    """
    if min(rule.threshold, rule.base, rule.agencies) < 1:
        raise RuleError(
            f"rule {rule.name}: a threshold, a base or a number of agencies is below 1", hint="Use 1 or more."
        )
    if (rule.threshold + rule.base // 2) % rule.base:
        raise RuleError(
            f"rule {rule.name}: the threshold {rule.threshold} is not on a rounding edge of base {rule.base}",
            hint="Threshold 11 goes with base 1, 2, 3 or 7; base 5 with threshold 13.",
        )


LEAST_PUBLIC = 5  # below it a threshold protects nobody
_BASES = (5, 3, 1)


def rule_for(threshold: int) -> Rule:
    """The rule for what is published with that threshold: `CMS11` for 11, else one like it with the widest rounding.

    Raises:
        RuleError: the threshold is below `LEAST_PUBLIC`.
    """
    if threshold < LEAST_PUBLIC:
        raise RuleError(
            f"a threshold of {threshold} is too low for what is published",
            hint=f"Use {LEAST_PUBLIC} or more; 11 is customary.",
        )
    base = next(base for base in _BASES if (threshold + base // 2) % base == 0)
    return CMS11 if threshold == CMS11.threshold else Rule(f"least{threshold}", threshold, base=base, agencies=2)


def desk_rule(threshold: int) -> Rule:
    """The rule for the coordinator's desk: counts below the threshold are withheld, and nothing is rounded.

    Raises:
        RuleError: the threshold is below 1.
    """
    return INTERNAL if threshold == 1 else Rule(f"internal{threshold}", threshold)


CMS11 = Rule("cms11", 11, base=3, agencies=2)  # CMS cell size suppression policy, as published by ResDAC
INTERNAL = Rule("internal", 1)  # nothing withheld or rounded; never leaves the coordinator's desk
