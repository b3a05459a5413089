"""One client of one agency, normalised. These records hold names: they live in memory on this computer only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hashing.addresses import MISSING, Address
from hashing.dates import BirthDate
from hashing.schema import Consent, ServiceMonth

ENOUGH_EVIDENCE = 3  # a name alone is not enough, two strong identifiers are


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """A normalised client. No repr: a traceback or a log line must not show one."""

    client_id: str
    line: int
    first: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    suffix: str = ""
    other_firsts: tuple[tuple[str, ...], ...] = ()
    former_lasts: tuple[tuple[str, ...], ...] = ()
    birth: BirthDate | None = None
    ssn: str = ""
    ssn4: str = ""
    phones: tuple[str, ...] = ()
    address: Address = MISSING
    household: str = ""
    services: tuple[ServiceMonth, ...] = field(default=())
    consent: Consent | None = None

    def __repr__(self) -> str:
        return f"<client of line {self.line}>"

    @property
    def is_matchable(self) -> bool:
        """Whether there is enough to recognise the client by: a name alone is not, two strong identifiers are."""
        return self._evidence() >= ENOUGH_EVIDENCE

    def _evidence(self) -> float:
        name = bool(self.first) + bool(self.last)
        born = 0 if self.birth is None else 2 if self.birth.is_whole else 1
        numbers = 2 if self.ssn else 1 if self.ssn4 else 0
        return name + born + numbers + bool(self.phones) + bool(self.address.building)

    def is_same_entry(self, other: Client) -> bool:
        """Whether another row under the same client number may be the same client, entered twice.

        Some lists give a family one number; so without birth dates the first names must at least begin alike.
        """
        if self.birth is None or other.birth is None:
            return not (self.first and other.first) or self.first[0][0] == other.first[0][0]
        same_name = set(self.first) & set(other.first) and set(self.last) & set(other.last)
        return self.birth == other.birth or bool(same_name)

    def completed_by(self, other: Client) -> Client:
        """This client, with what it lacks taken from another row of the same client."""
        return replace(
            self,
            first=self.first or other.first,
            middle=self.middle or other.middle,
            last=self.last or other.last,
            suffix=self.suffix or other.suffix,
            birth=self.birth or other.birth,
            ssn=self.ssn or other.ssn,
            ssn4=self.ssn4 or other.ssn4,
            phones=tuple(dict.fromkeys(self.phones + other.phones)),
            address=self.address if self.address.building else other.address,
            household=self.household or other.household,
        )
