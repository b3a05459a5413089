"""A name as it ends up in a client list: nicknames, old surnames, typing, and the agency's own habits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.dice import Dice
from bench.families import plain
from bench.mistakes import typo
from bench.names import NameBook
from bench.profiles import AgencyProfile
from bench.schema import PersonName

_INFANTS = ("Baby", "Baby Boy", "Baby Girl", "Infant", "Child", "Newborn")
_NAMELESS = ("Unknown", "Client", "Anonymous", "Refused", "Oldest", "Youngest", "Son", "Daughter", "")
_SWAPS_MORE = 6.0  # clerks take the family name for the first name more often where it comes first
_OTHER_SPELLING = 0.35  # of misspelled names that have other spellings, those that get one


@dataclass(frozen=True, slots=True)
class Clerk:
    """Someone who takes down clients for an agency; *sloppiness* multiplies all slips."""

    agency: AgencyProfile
    book: NameBook
    dice: Dice
    sloppiness: float = 1.0

    def slips(self, share: float) -> bool:
        """Does a slip that happens this often happen now?"""
        return self.dice.chance(share * self.sloppiness)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose name it is, and what changes how clerks hear it."""

    name: PersonName
    infant: bool
    family_name_first: bool


@dataclass(frozen=True, slots=True)
class WrittenName:
    """The name fields of one row."""

    first: str
    middle: str
    last: str
    suffix: str
    alias: str


def write_name(subject: Subject, clerk: Clerk, tags: list[str]) -> WrittenName:
    """Take down a name; what goes wrong is added to *tags*."""
    name = subject.name
    first, last = _first(subject, clerk, tags), _last(name, clerk, tags)
    if last and clerk.slips(clerk.agency.slips.swapped_names * (_SWAPS_MORE if subject.family_name_first else 1)):
        tags.append("swapped_names")
        first, last = last, first
    alias = _alias(name, first, clerk)
    written = (first, _middle(name, first, clerk), last, _suffix(name, clerk, tags), alias)
    return WrittenName(*_in_style(written, clerk, tags))


def _first(subject: Subject, clerk: Clerk, tags: list[str]) -> str:
    name, slips = subject.name, clerk.agency.slips
    known_as = slips.nickname if name.goes_by else slips.nickname * 0.04
    infant = 8.0 if subject.infant else 1.0
    for tag, share, change in (
        ("first_missing", slips.first_missing * infant, _placeholder),
        ("nickname", known_as, _informal),
        ("middle_as_first", slips.middle_as_first, _middle_name),
        ("first_part", slips.first_part, _part_of_first),
        ("first_initial", slips.first_initial, _initial),
    ):
        changed = change(subject, clerk) if clerk.slips(share) else name.first
        if changed != name.first:
            tags.append(tag)
            return changed
    return _misspelled("first", name.first, clerk, tags)


Change = Callable[[Subject, Clerk], str]


def _placeholder(subject: Subject, clerk: Clerk) -> str:
    return clerk.dice.pick(_INFANTS if subject.infant else _NAMELESS)


def _informal(subject: Subject, clerk: Clerk) -> str:
    name = subject.name
    if name.goes_by:
        return name.goes_by
    nicknames = clerk.book.nicknames.get(name.first, ())
    return nicknames[0] if nicknames else name.first


def _middle_name(subject: Subject, _: Clerk) -> str:
    return subject.name.middle or subject.name.first


def _part_of_first(subject: Subject, clerk: Clerk) -> str:
    """One of two first names, the two joined or hyphenated, or Ma. for María."""
    parts = subject.name.first.split()
    if len(parts) < 2:
        return subject.name.first
    joined = parts[0] + "".join(parts[1:]).lower()
    forms = [parts[0], parts[0], parts[-1], joined, "-".join(parts)]
    if plain(parts[0]) == "Maria":
        forms.append(f"Ma. {parts[1]}")
    return clerk.dice.pick(forms)


def _initial(subject: Subject, _: Clerk) -> str:
    return subject.name.first[:1]


def _misspelled(part: str, text: str, clerk: Clerk, tags: list[str]) -> str:
    """*text*, perhaps with a mistake; *part* is ``first`` or ``last``."""
    share = clerk.agency.slips.typo_first if part == "first" else clerk.agency.slips.typo_last
    if not text or not clerk.slips(share):
        return text
    others = clerk.book.spellings.get((part, text), ())
    wrong = clerk.dice.pick(others) if others and clerk.dice.chance(_OTHER_SPELLING) else typo(text, clerk.dice)
    if wrong != text:
        tags.append(f"typo_{part}")
    return wrong


def _last(name: PersonName, clerk: Clerk, tags: list[str]) -> str:
    slips = clerk.agency.slips
    last = name.last
    if name.prior_last and clerk.slips(slips.prior_surname):
        tags.append("prior_surname")
        last = name.prior_last
    if clerk.slips(slips.surname_initial):
        tags.append("surname_initial")
        return last[:1]
    return _misspelled("last", _reshaped(last, clerk, tags), clerk, tags)


def _reshaped(last: str, clerk: Clerk, tags: list[str]) -> str:
    """One surname of two, or both with another separator; particles such as De La stay with their name."""
    slips, dice = clerk.agency.slips, clerk.dice
    hyphen = "-" in last
    parts = last.split("-") if hyphen else last.split(" ")
    if len(parts) < 2:
        return _without_apostrophe(last, clerk, tags)
    particle = parts[0] in ("De", "Del", "Dela", "Van", "La")
    if clerk.slips(slips.one_surname) and not particle:
        first = dice.chance(0.6)
        tags.append("surname_first_part" if first else "surname_last_part")
        return parts[0] if first else parts[-1]
    if not clerk.slips(slips.respaced):
        return last
    joined = dice.chance(0.35) or particle
    tags.append("surname_joined" if joined else "surname_sep")
    return "".join(parts) if joined else (" " if hyphen else "-").join(parts)


def _without_apostrophe(last: str, clerk: Clerk, tags: list[str]) -> str:
    if "'" not in last or not clerk.slips(clerk.agency.slips.respaced):
        return last
    tags.append("surname_joined")
    return last.replace("'", "")


def _middle(name: PersonName, first: str, clerk: Clerk) -> str:
    if not name.middle or not clerk.dice.chance(clerk.agency.asked.middle):
        return ""
    middle = name.first if first == name.middle else name.middle
    return middle[:1] if clerk.agency.style.middle == "short" or clerk.dice.chance(0.25) else middle


def _suffix(name: PersonName, clerk: Clerk, tags: list[str]) -> str:
    if not name.suffix:
        return ""
    if clerk.dice.chance(clerk.agency.asked.suffix) and not clerk.slips(clerk.agency.slips.suffix_dropped):
        return name.suffix
    tags.append("suffix_dropped")
    return ""


def _alias(name: PersonName, first: str, clerk: Clerk) -> str:
    if not name.goes_by or not clerk.dice.chance(clerk.agency.asked.alias):
        return ""
    return name.first if first == name.goes_by else name.goes_by


def _in_style(texts: tuple[str, ...], clerk: Clerk, tags: list[str]) -> list[str]:
    """The capitals and accents that the agency's typing leaves."""
    style, dice = clerk.agency.style, clerk.dice
    styled = [text if style.accents else plain(text) for text in texts]
    if style.mojibake and not all(map(str.isascii, styled)) and dice.chance(style.mojibake):
        tags.append("mojibake")  # UTF-8 once read as latin-1 and saved again
        styled = [text.encode().decode("latin-1") for text in styled]
    if style.letters == "upper":
        return [text.upper() for text in styled]
    if style.letters == "mixed" and dice.chance(0.12):
        return [text.lower() if dice.chance(0.5) else text.upper() for text in styled]
    return styled
