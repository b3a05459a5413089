"""The nouns of a made-up town: what is asked for, who lives there, and what the agencies wrote down.

Errors::

    HeadcountError
    └── TownSpecError      a town that cannot be made: too small, too large, of an unknown name mix
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

from bench.heritage import NAME_MIXES, Heritage
from bench.profiles import AgencyProfile
from hashing.schema import HeadcountError

SMALLEST, LARGEST = 50, 60_000  # people; above the largest, the SSNs of neighbouring seeds would meet


class TownSpecError(HeadcountError):
    """A town that cannot be made."""


@dataclass(frozen=True, slots=True)
class TownSpec:
    """What to make.

    *people* is how many are a client somewhere; *noise* scales every error rate (0: no errors, 1: as
    measured in practice); *overlap* scales how many agencies a person uses beyond the first.
    """

    seed: int
    people: int = 4500
    agencies: int = 8
    name_mix: str = "us"
    noise: float = 1.0
    overlap: float = 1.0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise TownSpecError("the seed is negative", hint="Use a seed of 0 or more.")
        if not SMALLEST <= self.people <= LARGEST:
            raise TownSpecError(f"{self.people} people", hint=f"Ask for {SMALLEST} to {LARGEST} people.")
        if not 1 <= self.agencies <= 24:
            raise TownSpecError(f"{self.agencies} agencies", hint="Ask for 1 to 24 agencies.")
        if self.name_mix not in NAME_MIXES:
            raise TownSpecError(f"no name mix {self.name_mix!r}", hint=f"Use {', '.join(NAME_MIXES)}.")
        if not (0 <= self.noise < math.inf and 0 <= self.overlap < math.inf):
            raise TownSpecError("noise or overlap is negative", hint="Use 0 or more; 1 is usual.")


@dataclass(frozen=True, slots=True)
class Street:
    """A street: ``N`` ``Cedar`` ``St``, in one city and ZIP code."""

    direction: str
    name: str
    kind: str
    city: str
    zip: str


@dataclass(frozen=True, slots=True)
class Address:
    """A place to live; *unit* is empty for a house, *unit_word* says what units are called there."""

    number: str
    street: Street
    unit: str = ""
    unit_word: str = ""


@dataclass(frozen=True, slots=True)
class PersonName:
    """Someone's legal name, the name they *goes_by* in daily life, and the surname they had before."""

    first: str
    middle: str
    last: str
    suffix: str = ""
    goes_by: str = ""
    prior_last: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who lives in the town, as they truly are.

    *ssn* is nine digits or empty; *family_ssn* is that of the head of the household, which ends up on
    a child's form now and then. *phone* is ten digits or empty.
    """

    person_id: str
    household_id: str
    name: PersonName
    heritage: Heritage
    sex: str
    born: date
    ssn: str
    family_ssn: str
    home: Address
    former_home: Address
    phone: str
    former_phone: str
    homeless: bool


@dataclass(frozen=True, slots=True)
class TownRecord:
    """One row of an agency's client list as typed there, with the truth about whose it is.

    *dob* is ISO text or empty; *ssn* is nine digits, ``xxxxx1234`` or empty; *address* is one line.
    *household_id* is the truth, *local_household* the agency's own number, which may be empty or wrong.
    *tags* name what was done to the record.
    """

    agency: str
    client_id: str
    person_id: str
    household_id: str
    first: str
    middle: str
    last: str
    suffix: str
    alias: str
    dob: str
    ssn: str
    address: str
    city: str
    zip: str
    phone: str
    local_household: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Town:
    """A made-up town: its people, its agencies, and every row of their client lists."""

    spec: TownSpec
    agencies: tuple[AgencyProfile, ...]
    people: tuple[Person, ...] = field(repr=False)
    records: tuple[TownRecord, ...] = field(repr=False)
