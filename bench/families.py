"""How a family is named: one surname or two, taken at marriage or kept, with the endings of the language."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bench.dice import Dice
from bench.heritage import Heritage
from bench.names import NameBook
from bench.schema import PersonName

_LISTED_GIVEN = {  # how often a first name comes from the heritage's own list, not the country's
    Heritage.HISPANIC: 0.6,
    Heritage.VIETNAMESE: 0.65,
    Heritage.KOREAN: 0.6,
    Heritage.CHINESE: 0.6,
    Heritage.FILIPINO: 0.5,
    Heritage.SLAVIC: 0.8,
}
_FEMININE = (("sky", "skaya"), ("ski", "ska"), ("ov", "ova"), ("ev", "eva"), ("in", "ina"))
_WESTERN_NAME = 0.45  # of people with an Asian given name, known by a Western one as well
_INFORMAL = 0.27  # of people whose name has nicknames, who use one


def plain(text: str) -> str:
    """*text* without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class FamilyName:
    """The surnames of a household: the father's, the mother's, and how two are joined (empty: one only)."""

    heritage: Heritage
    paternal: str
    maternal: str
    joiner: str
    gendered: bool
    accented: bool

    def of_child(self, sex: str) -> str:
        """The surname of a son (``M``) or a daughter (``F``)."""
        if self.joiner:
            return f"{self.paternal}{self.joiner}{self.maternal}"
        return self.ending(self.paternal, sex)

    def ending(self, surname: str, sex: str) -> str:
        """*surname* with the ending for this sex, in families that use one."""
        if not self.gendered or sex == "M":
            return surname
        for masculine, feminine in _FEMININE:
            if surname.endswith(masculine):
                return surname.removesuffix(masculine) + feminine
        return surname

    def spelled(self, text: str) -> str:
        """*text* with its accents if the family writes them."""
        return text if self.accented else plain(text)


@dataclass(frozen=True, slots=True)
class Namer:
    """Names the people of one town."""

    book: NameBook
    dice: Dice

    def family(self, heritage: Heritage) -> FamilyName:
        """The surnames of a new household."""
        dice = self.dice
        double = heritage is Heritage.HISPANIC and dice.chance(0.5)
        return FamilyName(
            heritage,
            paternal=self.surname(heritage),
            maternal=self.surname(heritage),
            joiner=("-" if dice.chance(0.25) else " ") if double else "",
            gendered=heritage is Heritage.SLAVIC and dice.chance(0.6),
            accented=dice.chance(0.35),
        )

    def surname(self, heritage: Heritage) -> str:
        """One surname."""
        return self.dice.draw(self.book.listed.get((heritage, "surname"), self.book.surnames))

    def child(self, family: FamilyName, sex: str, year: int) -> PersonName:
        """The name of someone born into the family."""
        return self._named(family, sex, year, last=family.of_child(sex))

    def partner(self, family: FamilyName, sex: str, year: int) -> PersonName:
        """The name of someone married or moved into the family, who may have taken its surname."""
        own = family.ending(family.maternal, sex)
        if family.heritage in (Heritage.US, Heritage.NATIVE, Heritage.SLAVIC, Heritage.FILIPINO):
            if sex == "F" and self.dice.chance(0.68):
                return self._named(family, sex, year, last=family.ending(family.paternal, sex), prior=own)
            if sex == "F" and self.dice.chance(0.12):
                return self._named(family, sex, year, last=f"{own}-{family.paternal}", prior=own)
        if family.joiner:
            own = f"{family.maternal}{family.joiner}{self.surname(family.heritage)}"
        return self._named(family, sex, year, last=own)

    def stranger(self, heritage: Heritage, sex: str, year: int) -> PersonName:
        """The name of someone of a family of their own."""
        return self.child(self.family(heritage), sex, year)

    def _named(self, family: FamilyName, sex: str, year: int, *, last: str, prior: str = "") -> PersonName:
        heritage, dice = family.heritage, self.dice
        first, western = self._first(heritage, sex, year)
        middle = self._middle(heritage, sex, year) if dice.chance(0.95) else ""
        if not prior and year < 2006 and dice.chance(0.14 if sex == "F" else 0.02):
            prior = self.surname(heritage)
        return PersonName(
            family.spelled(first),
            family.spelled(middle if middle != first else ""),
            family.spelled(last),
            goes_by=family.spelled(western or self._informal(first, middle)),
            prior_last=family.spelled(prior if prior != last else ""),
        )

    def _first(self, heritage: Heritage, sex: str, year: int) -> tuple[str, str]:
        """A first name, and for some the Western name that goes with it."""
        book, dice = self.book, self.dice
        if not dice.chance(_LISTED_GIVEN.get(heritage, 0.0)):
            return book.given_name(sex, year, dice), ""
        listed = book.listed[heritage, "female" if sex == "F" else "male"]
        first, second = dice.draw(listed), dice.draw(listed)
        if heritage is Heritage.HISPANIC and second != first and dice.chance(0.15):
            return f"{first} {second}", ""
        asian = heritage in (Heritage.VIETNAMESE, Heritage.KOREAN, Heritage.CHINESE)
        western = asian and dice.chance(_WESTERN_NAME)
        return first, book.given_name(sex, year, dice) if western else ""

    def _middle(self, heritage: Heritage, sex: str, year: int) -> str:
        book, dice = self.book, self.dice
        listed = book.listed.get((heritage, "middle_female" if sex == "F" else "middle_male"))
        if listed and dice.chance(0.7):
            return dice.draw(listed)
        if heritage in (Heritage.KOREAN, Heritage.CHINESE, Heritage.HISPANIC) and dice.chance(0.7):
            return ""
        if heritage is Heritage.FILIPINO and dice.chance(0.7):
            return self.surname(heritage)  # the mother's surname stands in the middle
        return book.given_name(sex, year, dice)

    def _informal(self, first: str, middle: str) -> str:
        nicknames = self.book.nicknames.get(first, ())
        if nicknames and self.dice.chance(_INFORMAL):
            return nicknames[int(len(nicknames) * self.dice.uniform() ** 2)]  # the usual one comes first
        if " " in first and self.dice.chance(0.6):
            return self.dice.pick(first.split())
        return middle if len(middle) > 1 and self.dice.chance(0.04) else ""
