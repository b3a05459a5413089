"""How an agency takes down its clients: what it asks for, how careful it is, how its spreadsheet looks.

Eight kinds of agency are described from practice; others are drawn at random. Every town draws its own
agencies around these descriptions, so that no two towns have the same completeness and error rates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from bench.dice import Dice


@dataclass(frozen=True, slots=True)
class Asked:
    """The share of clients for whom the agency's form holds each field."""

    middle: float = 0.5
    suffix: float = 0.7
    alias: float = 0.0
    dob: float = 1.0
    ssn: float = 0.7
    address: float = 0.97
    phone: float = 0.85
    household: float = 0.9


@dataclass(frozen=True, slots=True)
class Slips:
    """How often a record goes wrong in each way; named like the tag it leaves.

    *nickname*, *prior_surname*, *one_surname*, *respaced* and *suffix_dropped* are shares of the people
    to whom it can happen. *blank* is a field left empty although it is asked for.
    """

    nickname: float = 0.15
    middle_as_first: float = 0.004
    first_initial: float = 0.003
    first_missing: float = 0.0015
    first_part: float = 0.25
    typo_first: float = 0.015
    swapped_names: float = 0.005
    typo_last: float = 0.017
    prior_surname: float = 0.28
    one_surname: float = 0.22
    respaced: float = 0.16
    surname_initial: float = 0.0
    suffix_dropped: float = 0.25
    dob_jan1: float = 0.006
    dob_transposed: float = 0.004
    dob_digit: float = 0.007
    dob_year: float = 0.009
    ssn_placeholder: float = 0.02
    ssn_partial: float = 0.05
    ssn_digit: float = 0.006
    ssn_transposed: float = 0.004
    ssn_borrowed: float = 0.003
    old_address: float = 0.2
    typo_address: float = 0.03
    unit_dropped: float = 0.05
    street_shortened: float = 0.04
    city_typo: float = 0.01
    zip_wrong: float = 0.015
    old_phone: float = 0.12
    phone_digit: float = 0.007
    blank: float = 0.012
    household_apart: float = 0.06
    duplicate: float = 0.03


@dataclass(frozen=True, slots=True)
class Appeal:
    """Who comes: the share of the town, and how much likelier (in log odds) some people are to.

    *bond* (0 to 1) is how far a household comes together; *adults* keeps children off the list.
    """

    share: float
    homeless: float = 0.0
    child: float = 0.0
    senior: float = 0.0
    bond: float = 0.4
    adults: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """How the agency's spreadsheet looks.

    *letters* is ``title``, ``upper`` or ``mixed``; *middle* and *address* are ``full`` or ``short``;
    *ssn* is ``plain``, ``dashed`` or ``last4`` (a column of four digits); *headers* picks the wording.
    """

    letters: str = "title"
    accents: bool = True
    mojibake: float = 0.0
    middle: str = "short"
    address: str = "short"
    one_cell_name: bool = False
    us_dates: bool = True
    ssn: str = "plain"
    phone: str = "dashed"
    headers: int = 0


@dataclass(frozen=True, slots=True)
class AgencyProfile:
    """One agency of one town."""

    name: str
    appeal: Appeal
    asked: Asked
    slips: Slips
    style: Style = Style()
    last4_only: bool = False


_USUAL = Slips()
_KNOWN = (
    AgencyProfile(
        "food_bank",
        Appeal(0.50, homeless=0.3, bond=0.85),
        Asked(middle=0.36, suffix=0.5, dob=0.90, ssn=0.25, address=0.93, phone=0.72),
        replace(
            _USUAL,
            nickname=0.42,
            typo_first=0.03,
            typo_last=0.035,
            swapped_names=0.009,
            first_missing=0.005,
            dob_jan1=0.033,
            prior_surname=0.4,
            old_address=0.28,
            typo_address=0.04,
            ssn_transposed=0.009,
            duplicate=0.045,
            blank=0.025,
        ),
        last4_only=True,
    ),
    AgencyProfile(
        "free_clinic",
        Appeal(0.20, bond=0.4),
        Asked(middle=0.55, ssn=0.55, address=0.95, phone=0.86),
        replace(_USUAL, nickname=0.11, prior_surname=0.32, ssn_placeholder=0.035, old_address=0.27),
    ),
    AgencyProfile(
        "community_action",
        Appeal(0.16, homeless=1.2, bond=0.7),
        Asked(middle=0.6, ssn=0.80, address=0.72, phone=0.2, household=1.0),
        replace(_USUAL, nickname=0.13, prior_surname=0.18, old_address=0.25, ssn_placeholder=0.02),
    ),
    AgencyProfile(
        "behavioral_health",
        Appeal(0.135, homeless=0.6, child=-0.6, senior=-0.5, bond=0.2),
        Asked(middle=0.65, alias=0.5, ssn=0.78, address=0.96, phone=0.88, household=0.2),
        replace(_USUAL, nickname=0.10, prior_surname=0.25, old_address=0.22),
    ),
    AgencyProfile(
        "community_clinic",
        Appeal(0.11, homeless=-0.4, bond=0.45),
        Asked(middle=0.78, suffix=0.9, ssn=0.87, address=0.98, phone=0.96, household=0.3),
        replace(
            _USUAL,
            nickname=0.06,
            typo_first=0.006,
            typo_last=0.008,
            prior_surname=0.15,
            dob_jan1=0.002,
            old_address=0.11,
            duplicate=0.02,
            blank=0.004,
            ssn_placeholder=0.006,
        ),
    ),
    AgencyProfile(
        "ymca",
        Appeal(0.33, homeless=-1.2, child=0.9, senior=0.2, bond=0.8),
        Asked(middle=0.15, suffix=0.5, alias=0.4, dob=0.97, ssn=0.0, address=0.98, phone=0.94),
        replace(_USUAL, nickname=0.48, prior_surname=0.2, old_address=0.15, first_part=0.4),
    ),
    AgencyProfile(
        "community_foundation",
        Appeal(0.04, homeless=-0.8, bond=0.0, adults=True),
        Asked(middle=0.3, dob=0.92, ssn=0.72, address=1.0, phone=0.85, household=0.0),
        replace(_USUAL, nickname=0.25, typo_last=0.02, prior_surname=0.08, old_address=0.2),
        last4_only=True,
    ),
    AgencyProfile(
        "police_outreach",
        Appeal(0.065, homeless=2.6, child=-1.0, senior=-0.6, bond=0.3),
        Asked(middle=0.4, suffix=0.4, alias=0.3, dob=0.95, ssn=0.42, address=0.75, phone=0.13, household=0.3),
        replace(
            _USUAL,
            nickname=0.30,
            typo_first=0.04,
            typo_last=0.035,
            swapped_names=0.01,
            dob_jan1=0.02,
            dob_digit=0.015,
            old_address=0.5,
            ssn_placeholder=0.05,
            ssn_digit=0.015,
            duplicate=0.05,
            blank=0.04,
        ),
        Style(letters="upper"),
    ),
)
_OTHERS = (
    "senior_center", "library_hotspots", "school_families", "legal_aid", "housing_authority", "tribal_services",
    "veterans_hub", "warming_center", "reentry_program", "utility_relief", "head_start", "dental_van",
    "farmworker_health", "recovery_cafe", "youth_dropin", "church_pantry", "diaper_bank", "job_center",
    "wic_clinic", "meals_on_wheels",
)  # fmt: skip


def draw_agencies(count: int, noise: float, dice: Dice) -> tuple[AgencyProfile, ...]:
    """The agencies of one town: about three in four of a known kind, exactly one with names in one cell."""
    known, others = dice.shuffled(_KNOWN), dice.shuffled(_OTHERS)
    wanted = min(len(known), sum(dice.chance(0.78) for _ in range(count)))
    wanted = max(wanted, count - len(others))
    kinds = known[:wanted] + [_unknown(name, dice) for name in others[: count - wanted]]
    care = dice.factor(0.12)
    one_cell = dice.below(count)
    drawn = [_drawn(kind, noise, care, dice) for kind in dice.shuffled(kinds)]
    return tuple(_styled(p, dice, one_cell=place == one_cell) for place, p in enumerate(drawn))


def _unknown(name: str, dice: Dice) -> AgencyProfile:
    """An agency of which nothing is known beforehand."""
    return AgencyProfile(
        name,
        Appeal(
            0.10 * dice.factor(0.7),
            homeless=dice.uniform(-1.5, 2.0),
            child=dice.uniform(-1.5, 1.0),
            senior=dice.uniform(-1.0, 1.5),
            bond=dice.uniform(0, 0.9),
            adults=dice.chance(0.2),
        ),
        Asked(
            middle=dice.uniform(0, 0.8),
            suffix=dice.uniform(0.3, 1),
            alias=dice.uniform(0, 0.6) if dice.chance(0.3) else 0.0,
            dob=dice.uniform(0.85, 1),
            ssn=0.0 if dice.chance(0.35) else dice.uniform(0.2, 0.9),
            address=0.0 if dice.chance(0.06) else dice.uniform(0.6, 1),
            phone=0.0 if dice.chance(0.08) else dice.uniform(0.4, 0.97),
            household=dice.uniform(0, 1) if dice.chance(0.7) else 0.0,
        ),
        _scaled(_USUAL, lambda: dice.factor(0.45)),
        last4_only=dice.chance(0.25),
    )


def _drawn(kind: AgencyProfile, noise: float, care: float, dice: Dice) -> AgencyProfile:
    own_care = care * dice.factor(0.25)
    appeal = replace(kind.appeal, share=min(0.8, kind.appeal.share * dice.factor(0.35)))
    asked = Asked(**{f.name: _nudged(getattr(kind.asked, f.name), dice) for f in fields(Asked)})
    slips = _scaled(kind.slips, lambda: noise * own_care * dice.factor(0.3))
    surname_initial = dice.uniform(0.05, 0.2) * noise if dice.chance(0.03) else 0.0
    return replace(kind, appeal=appeal, asked=asked, slips=replace(slips, surname_initial=surname_initial))


def _scaled(slips: Slips, factor: Callable[[], float]) -> Slips:
    return Slips(**{f.name: min(0.9, getattr(slips, f.name) * factor()) for f in fields(Slips)})


def _nudged(share: float, dice: Dice) -> float:
    """A share near this one; none and all stay as they are."""
    if share <= 0 or share >= 1:
        return share
    return 1 / (1 + (1 - share) / share * dice.factor(0.4))


def _styled(profile: AgencyProfile, dice: Dice, *, one_cell: bool) -> AgencyProfile:
    letters = dice.pick(("title",) * 6 + ("upper",) * 2 + ("mixed",) * 2)
    full = profile.last4_only and dice.chance(0.5)
    style = Style(
        letters=profile.style.letters if profile.style.letters != "title" else letters,
        accents=dice.chance(0.6),
        mojibake=dice.uniform(0.1, 0.8) if dice.chance(0.06) else 0.0,
        middle="short" if one_cell or dice.chance(0.6) else "full",
        address=dice.pick(("short", "short", "full", "mixed")),
        one_cell_name=one_cell,
        us_dates=dice.chance(0.5),
        ssn="last4" if full else dice.pick(("plain", "dashed")),
        phone=dice.pick(("dashed", "brackets", "dots", "plain")),
        headers=dice.below(1000),
    )
    return replace(profile, style=style)
