"""A client at the desk: what the agency's list says afterwards about who came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bench.dice import Dice, Weighted
from bench.heritage import FAMILY_NAME_FIRST
from bench.homes import TownMap
from bench.mistakes import (
    day_and_month_swapped,
    january_first,
    transposed_digits,
    wrong_day_or_month,
    wrong_digit,
    wrong_year,
)
from bench.names import NameBook
from bench.population import TODAY
from bench.profiles import AgencyProfile
from bench.schema import Person, TownRecord
from bench.written_addresses import WrittenAddress, write_address
from bench.written_names import Clerk, Subject, write_name

_PLACEHOLDERS = ("000000000", "999999999", "111111111", "123456789", "123121234", "555555555")
_WITH_FAMILY = 0.75  # of clients, whose address is copied from the form of their household
_AGAIN = 2.0  # a client is entered twice mostly because the first entry could not be found


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an agency takes down clients: its profile, and the town around it."""

    agency: AgencyProfile
    book: NameBook
    map: TownMap
    dice: Dice


@dataclass(frozen=True, slots=True)
class NotedAddress:
    """An address as taken down, and the tags of what went wrong with it."""

    address: WrittenAddress
    tags: tuple[str, ...]


def client_list(desk: Desk, clients: Sequence[Person]) -> Iterator[TownRecord]:
    """Every row of the agency's list, a client entered twice among them, in the order of the numbers."""
    visits = [(person, False) for person in clients]
    again = [(person, True) for person in clients if desk.dice.chance(desk.agency.slips.duplicate)]
    number = _numbering(desk.agency.style.headers)
    families = _family_addresses(desk, clients)
    for place, (person, returns) in enumerate(desk.dice.shuffled(visits + again)):
        clerk = Clerk(desk.agency, desk.book, desk.dice, _AGAIN if returns else 1.0)
        together = not returns and desk.dice.chance(_WITH_FAMILY)
        noted = families[person.household_id] if together else _note_address(person, desk, clerk)
        yield _record(person, clerk, noted, number.format(1001 + place * 3))


def _family_addresses(desk: Desk, clients: Sequence[Person]) -> dict[str, NotedAddress]:
    """One address for each household, slips included: families mostly fill in one form."""
    first = {person.household_id: person for person in reversed(clients)}
    clerk = Clerk(desk.agency, desk.book, desk.dice)
    return {household: _note_address(person, desk, clerk) for household, person in first.items()}


def _note_address(person: Person, desk: Desk, clerk: Clerk) -> NotedAddress:
    tags: list[str] = []
    return NotedAddress(write_address(person, desk.map, clerk, tags), tuple(tags))


def _numbering(habit: int) -> str:
    return ("{}", "P{:05d}", "C-{:06d}", "M1{:05d}", "{:08d}")[habit % 5]


def _record(person: Person, clerk: Clerk, noted: NotedAddress, client_id: str) -> TownRecord:
    tags = list(noted.tags)
    name = write_name(_subject(person), clerk, tags)
    return TownRecord(
        agency=clerk.agency.name,
        client_id=client_id,
        person_id=person.person_id,
        household_id=person.household_id,
        first=name.first,
        middle=name.middle,
        last=name.last,
        suffix=name.suffix,
        alias=name.alias,
        dob=_dob(person.born, clerk, tags),
        ssn=_ssn(person, clerk, tags),
        address=noted.address.line,
        city=noted.address.city,
        zip=noted.address.zip,
        phone=_phone(person, clerk, tags),
        local_household=_local_household(person, clerk),
        tags=tuple(tags),
    )


def _subject(person: Person) -> Subject:
    return Subject(person.name, (TODAY - person.born).days < 400, person.heritage in FAMILY_NAME_FIRST)


def _dob(born: date, clerk: Clerk, tags: list[str]) -> str:
    slips = clerk.agency.slips
    if not clerk.dice.chance(clerk.agency.asked.dob) or clerk.slips(slips.blank):
        tags.append("dob_missing")
        return ""
    for tag, share, change in (
        ("dob_jan1", slips.dob_jan1, january_first),
        ("dob_transposed", slips.dob_transposed, day_and_month_swapped),
        ("dob_digit", slips.dob_digit, wrong_day_or_month),
        ("dob_year", slips.dob_year, wrong_year),
    ):
        written = change(born, clerk.dice) if clerk.slips(share) else born
        if written != born:
            tags.append(tag)
            return written.isoformat()
    return born.isoformat()


def _ssn(person: Person, clerk: Clerk, tags: list[str]) -> str:
    slips = clerk.agency.slips
    if not clerk.dice.chance(clerk.agency.asked.ssn) or clerk.slips(slips.blank):
        return ""
    if clerk.slips(slips.ssn_placeholder) and not clerk.agency.last4_only:
        tags.append("ssn_placeholder")
        return clerk.dice.draw(_USUAL_PLACEHOLDERS)
    ssn = _ssn_heard(person, clerk, tags)
    if not ssn:
        return ""
    if clerk.agency.last4_only or clerk.slips(slips.ssn_partial):
        tags.append("ssn_partial")
        return f"xxxxx{ssn[5:]}"
    return ssn


_USUAL_PLACEHOLDERS = Weighted.of(_PLACEHOLDERS, (0.35, 0.3, 0.12, 0.12, 0.06, 0.05))


def _ssn_heard(person: Person, clerk: Clerk, tags: list[str]) -> str:
    slips = clerk.agency.slips
    if person.family_ssn and clerk.slips(slips.ssn_borrowed):
        tags.append("ssn_borrowed")
        return person.family_ssn
    if person.ssn and clerk.slips(slips.ssn_digit):
        tags.append("ssn_digit")
        return wrong_digit(person.ssn, clerk.dice)
    if person.ssn and clerk.slips(slips.ssn_transposed):
        tags.append("ssn_transposed")
        return transposed_digits(person.ssn, clerk.dice)
    return person.ssn


def _phone(person: Person, clerk: Clerk, tags: list[str]) -> str:
    slips = clerk.agency.slips
    if not clerk.dice.chance(clerk.agency.asked.phone) or clerk.slips(slips.blank):
        return ""
    if clerk.slips(slips.old_phone):
        tags.append("old_phone")
        return person.former_phone
    if person.phone and clerk.slips(slips.phone_digit):
        tags.append("phone_digit")
        return wrong_digit(person.phone, clerk.dice)
    return person.phone


def _local_household(person: Person, clerk: Clerk) -> str:
    """The agency's own number for the household; of no use outside the agency."""
    if not clerk.dice.chance(clerk.agency.asked.household):
        return ""
    number = int(person.household_id.rsplit("-", 1)[1])
    apart = clerk.slips(clerk.agency.slips.household_apart)
    own = 700_000 + clerk.dice.below(200_000) if apart else (number * 7919 + clerk.agency.style.headers) % 100_003
    return f"HH{own}"
