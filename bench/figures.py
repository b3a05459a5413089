"""What a town is like in numbers: how complete and how wrong its lists are, and how they overlap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.families import plain
from bench.schema import Person, Town, TownRecord

Test = Callable[[TownRecord, Person], bool]


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of records (0 to 1) by field: empty, or other than the truth beyond capitals and accents."""

    records: int
    missing: Mapping[str, float]
    differs: Mapping[str, float]
    ssn_last4: float
    exact: float  # first name, last name and date of birth all as they truly are


@dataclass(frozen=True, slots=True)
class Overlaps:
    """People by the number of agencies they use, people shared by pairs of agencies, and true pairs."""

    people_by_agencies: Mapping[int, int]
    shared: Mapping[tuple[str, str], int]
    pairs_across: int
    pairs_within: int


def rates(town: Town, agency: str | None = None) -> Rates:
    """The rates of one agency, or of all records together."""
    people = {person.person_id: person for person in town.people}
    chosen = [(r, people[r.person_id]) for r in town.records if agency in (None, r.agency)]
    return Rates(
        len(chosen),
        missing={field: _share(chosen, _is_missing(field)) for field in _FIELDS},
        differs={field: _share(chosen, _differs(field)) for field in _TRUE},
        ssn_last4=_share(chosen, lambda record, _: record.ssn.startswith("x")),
        exact=_share(chosen, _is_exact),
    )


_FIELDS = ("first", "middle", "last", "dob", "ssn", "address", "zip", "phone")
_TRUE: dict[str, Callable[[Person], str]] = {
    "first": lambda person: person.name.first,
    "last": lambda person: person.name.last,
    "dob": lambda person: person.born.isoformat(),
    "ssn": lambda person: person.ssn,
    "zip": lambda person: person.home.street.zip,
    "phone": lambda person: person.phone,
}


def _share(chosen: Sequence[tuple[TownRecord, Person]], test: Test) -> float:
    return sum(test(record, person) for record, person in chosen) / len(chosen)


def _is_missing(field: str) -> Test:
    return lambda record, _: not getattr(record, field)


def _differs(field: str) -> Test:
    truth = _TRUE[field]
    return lambda record, person: bool(
        (typed := getattr(record, field)) and not typed.startswith("x") and folded(typed) != folded(truth(person))
    )


def folded(text: str) -> str:
    """*text* without capitals and accents."""
    return plain(text).casefold()


def _is_exact(record: TownRecord, person: Person) -> bool:
    return all(folded(getattr(record, f)) == folded(_TRUE[f](person)) for f in ("first", "last", "dob"))


def overlaps(town: Town) -> Overlaps:
    """How the agencies' clients overlap, in truth."""
    agencies_of: dict[str, Counter[str]] = defaultdict(Counter)
    for record in town.records:
        agencies_of[record.person_id][record.agency] += 1
    shared = Counter(pair for used in agencies_of.values() for pair in combinations(sorted(used), 2))
    within = sum(n * (n - 1) // 2 for used in agencies_of.values() for n in used.values())
    total = sum(n * (n - 1) // 2 for n in (used.total() for used in agencies_of.values()))
    return Overlaps(Counter(len(used) for used in agencies_of.values()), shared, total - within, within)


def summary(town: Town) -> str:
    """A table of the town's rates in per cent, one line per agency, and its overlaps."""
    heads = [f"-{field}" for field in _FIELDS] + [f"~{field}" for field in _TRUE] + ["last4", "exact"]
    lines = [f"{'per cent: - empty, ~ not the truth':34}{'records':>8}" + "".join(f"{h:>9}" for h in heads)]
    lines += [_line(agency.name, rates(town, agency.name)) for agency in town.agencies]
    lines.append(_line("all", rates(town)))
    found = overlaps(town)
    spread = ", ".join(f"{n}: {people}" for n, people in sorted(found.people_by_agencies.items()))
    lines.append(f"people by number of agencies {{{spread}}}")
    lines.append(f"true pairs: {found.pairs_across} across agencies, {found.pairs_within} within")
    return "\n".join(lines)


def _line(name: str, found: Rates) -> str:
    shares = (*found.missing.values(), *found.differs.values(), found.ssn_last4, found.exact)
    return f"{name:34}{found.records:>8}" + "".join(f"{100 * share:>9.1f}" for share in shares)
