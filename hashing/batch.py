"""Many normalised clients at once, a column a facet. Like :class:`Client`, these hold names and stay in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashing.addresses import Address
from hashing.ages import bands_on
from hashing.clients import ENOUGH_EVIDENCE, Client
from hashing.coded import Coded, joined
from hashing.dates import BirthDate
from hashing.schema import AgeBand, Consent, ServiceMonth

MOST_PHONES = 3  # of one client that count
Numbers = NDArray[np.int64]  # -1 where there is none
TEXT = np.dtypes.StringDType()


class Given(NamedTuple):
    """A given name in its parts, and other given names that the person uses."""

    first: tuple[str, ...] = ()
    other_firsts: tuple[tuple[str, ...], ...] = ()


class Family(NamedTuple):
    """A surname in its parts, and former ones."""

    last: tuple[str, ...] = ()
    former_lasts: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ClientBatch:
    """Clients in rows; every column has as many."""

    client_id: NDArray[np.str_]
    line: NDArray[np.int64]
    given: Coded[Given]
    middle: Coded[tuple[str, ...]]
    family: Coded[Family]
    suffix: Coded[str]
    birth: Coded[BirthDate | None]
    ssn: Numbers  # nine digits
    ssn4: Numbers
    phones: Numbers  # shape (clients, MOST_PHONES): the first numbers first
    number: Coded[str]
    street: Coded[str]
    unit: Coded[str]
    zip: Coded[str]
    household: Coded[str]
    services: Coded[tuple[ServiceMonth, ...]]
    consent: Coded[Consent | None]
    age: Coded[AgeBand | None]  # only once it is known which day it is told for

    def __len__(self) -> int:
        return len(self.line)

    @classmethod
    def of(cls, clients: Sequence[Client]) -> ClientBatch:
        """The batch that holds these clients, in their order."""
        return cls(
            client_id=np.array([c.client_id for c in clients], dtype=TEXT),
            line=np.array([c.line for c in clients], dtype=np.int64),
            given=Coded.of([Given(c.first, c.other_firsts) for c in clients]),
            middle=Coded.of([c.middle for c in clients]),
            family=Coded.of([Family(c.last, c.former_lasts) for c in clients]),
            suffix=Coded.of([c.suffix for c in clients]),
            birth=Coded.of([c.birth for c in clients]),
            ssn=numbers_of([c.ssn for c in clients]),
            ssn4=numbers_of([c.ssn4 for c in clients]),
            phones=phones_of([c.phones for c in clients]),
            number=Coded.of([c.address.number for c in clients]),
            street=Coded.of([c.address.street for c in clients]),
            unit=Coded.of([c.address.unit for c in clients]),
            zip=Coded.of([c.address.zip for c in clients]),
            household=Coded.of([c.household for c in clients]),
            services=Coded.of([c.services for c in clients]),
            consent=Coded.of([c.consent for c in clients]),
            age=Coded.of([None for _ in clients]),
        )

    def take(self, rows: NDArray[np.intp]) -> ClientBatch:
        """The batch of these rows."""
        return _made(lambda name: _taken(getattr(self, name), rows))

    def clients(self) -> list[Client]:
        """Each row as a client."""
        names = zip(self.given.cells(), self.middle.cells(), self.family.cells(), self.suffix.cells(), strict=True)
        digits = zip(digits_of(self.ssn, 9), digits_of(self.ssn4, 4), self.phones.tolist(), strict=True)
        home = (self.number, self.street, self.unit, self.zip)
        homes = [Address(*parts) for parts in zip(*(column.cells() for column in home), strict=True)]
        rest = zip(homes, self.household.cells(), self.services.cells(), self.consent.cells(), strict=True)
        lines = zip(self.client_id.tolist(), self.line.tolist(), self.birth.cells(), strict=True)
        return [_client(*row) for row in zip(lines, names, digits, rest, strict=True)]

    def without_door(self, kept: NDArray[np.bool_]) -> ClientBatch:
        """The batch without house number, street and unit in the rows that are not *kept*."""
        number, street, unit = (column.where(kept, "") for column in (self.number, self.street, self.unit))
        return replace(self, number=number, street=street, unit=unit)

    def with_ages_on(self, day: date | None) -> ClientBatch:
        """The batch with each client's age band on a day; with none where there is no such day."""
        if day is None:
            return self
        return replace(self, age=self.birth.map(bands_on(day)))

    @property
    def has_building(self) -> NDArray[np.bool_]:
        """For each row, whether house number and street are known."""
        return self.number.holds(bool) & self.street.holds(bool)

    @property
    def is_matchable(self) -> NDArray[np.bool_]:
        """For each row what :attr:`Client.is_matchable` says."""
        evidence = self.given.holds(_has_first).astype(np.int8) + self.family.holds(_has_last)
        evidence += self.birth.holds(bool)
        evidence += self.birth.holds(_is_whole)
        evidence += ((self.ssn >= 0) | (self.ssn4 >= 0)).astype(np.int8) + (self.ssn >= 0)
        evidence += (self.phones >= 0).any(axis=1)
        evidence += self.has_building
        enough: NDArray[np.bool_] = evidence >= ENOUGH_EVIDENCE
        return enough


def _has_first(given: Given) -> bool:
    return bool(given.first)


def _has_last(family: Family) -> bool:
    return bool(family.last)


def _is_whole(born: BirthDate | None) -> bool:
    return born is not None and born.is_whole


def numbers_of(texts: Sequence[str]) -> Numbers:
    """Digits -> numbers; -1 for an empty text."""
    return np.fromiter((int(text) if text else -1 for text in texts), dtype=np.int64, count=len(texts))


def phones_of(numbers: Sequence[tuple[str, ...]]) -> Numbers:
    """The telephone numbers of each client, beside each other."""
    return np.stack(
        [numbers_of([own[nth] if len(own) > nth else "" for own in numbers]) for nth in range(MOST_PHONES)], axis=1
    )


def digits_of(numbers: Numbers, width: int) -> list[str]:
    """Numbers -> texts of *width* digits; "" for -1."""
    return [f"{number:0{width}}" if number >= 0 else "" for number in numbers.tolist()]


def stacked(batches: Sequence[ClientBatch]) -> ClientBatch:
    """Batches one below another."""
    if len(batches) == 1:
        return batches[0]
    return _made(lambda name: _stacked([getattr(batch, name) for batch in batches]))


def stacked_up(batches: list[ClientBatch]) -> ClientBatch:
    """The same as :func:`stacked`, which uses the batches up: the list is emptied, and no column is held twice."""
    held = [{column.name: getattr(batch, column.name) for column in fields(batch)} for batch in batches]
    batches.clear()
    return _made(lambda name: _stacked([columns.pop(name) for columns in held]))


def _made(column: Callable[[str], Any]) -> ClientBatch:
    return ClientBatch(**{field.name: column(field.name) for field in fields(ClientBatch)})


def _taken(column: Any, rows: NDArray[np.intp]) -> Any:  # noqa: ANN401 -- a column of either kind
    return column.take(rows) if isinstance(column, Coded) else column[rows]


def _stacked(columns: Sequence[Any]) -> Any:  # noqa: ANN401 -- columns of either kind
    return joined(columns) if isinstance(columns[0], Coded) else np.concatenate(columns)


def made_of(columns: Mapping[str, Any]) -> ClientBatch:
    """The batch that has these columns."""
    return _made(columns.__getitem__)


def _client(
    entry: tuple[str, int, BirthDate | None],
    names: tuple[Given, tuple[str, ...], Family, str],
    digits: tuple[str, str, list[int]],
    rest: tuple[Address, str, tuple[ServiceMonth, ...], Consent | None],
) -> Client:
    given, middle, family, suffix = names
    return Client(
        client_id=entry[0],
        line=entry[1],
        first=given.first,
        middle=middle,
        last=family.last,
        suffix=suffix,
        other_firsts=given.other_firsts,
        former_lasts=family.former_lasts,
        birth=entry[2],
        ssn=digits[0],
        ssn4=digits[1],
        phones=tuple(f"{number:010}" for number in digits[2] if number >= 0),
        address=rest[0],
        household=rest[1],
        services=rest[2],
        consent=rest[3],
    )
