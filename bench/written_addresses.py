"""An address as one typed line: abbreviations, units, old homes, the shelter, or none at all."""

from __future__ import annotations

from dataclasses import dataclass

from bench.homes import TownMap
from bench.mistakes import transposed_digits, typo, wrong_digit
from bench.schema import Address, Person
from bench.written_names import Clerk

_LONG = {
    "St": "Street", "Ave": "Avenue", "Rd": "Road", "Dr": "Drive", "Ln": "Lane", "Ct": "Court", "Pl": "Place",
    "Cir": "Circle", "Blvd": "Boulevard", "Ter": "Terrace", "Trl": "Trail", "Pkwy": "Parkway",
    "N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
    "SE": "Southeast", "SW": "Southwest",
}  # fmt: skip
_NOWHERE = ("TRANSIENT", "TRANSIENT", "TRANSIENT", "Homeless", "General Delivery", "NFA")
_UNITS = {
    "Apt": ("Apt {}", "Apt {}", "#{}", "Unit {}", "Apt. {}", "No {}"),
    "Spc": ("Spc {}", "Space {}", "#{}", "Lot {}"),
}


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """The address fields of one row."""

    line: str = ""
    city: str = ""
    zip: str = ""


def write_address(person: Person, town_map: TownMap, clerk: Clerk, tags: list[str]) -> WrittenAddress:
    """Take down where someone lives; what goes wrong is added to *tags*."""
    slips, dice = clerk.agency.slips, clerk.dice
    if not dice.chance(clerk.agency.asked.address) or clerk.slips(slips.blank):
        tags.append("addr_missing")
        return WrittenAddress()
    if person.homeless:
        return _of_homeless(person, town_map, clerk, tags)
    home = person.home
    if person.former_home != home and clerk.slips(slips.old_address):
        tags.append("old_address")
        home = person.former_home
    return _written(home, town_map, clerk, tags)


def _of_homeless(person: Person, town_map: TownMap, clerk: Clerk, tags: list[str]) -> WrittenAddress:
    mark = clerk.dice.uniform()
    if mark < 0.5:
        tags.append("shelter_address")
        return _written(clerk.dice.draw(town_map.shelters), town_map, clerk, tags)
    if mark < 0.75:
        tags.append("transient")
        city = person.home.street.city if clerk.dice.chance(0.5) else ""
        return _in_style(WrittenAddress(clerk.dice.pick(_NOWHERE), city), clerk)
    if mark < 0.9:
        tags.append("addr_missing")
        return WrittenAddress()
    tags.append("old_address")
    return _written(person.former_home, town_map, clerk, tags)


def _written(home: Address, town_map: TownMap, clerk: Clerk, tags: list[str]) -> WrittenAddress:
    slips, dice = clerk.agency.slips, clerk.dice
    number, name = home.number, home.street.name
    if clerk.slips(slips.typo_address):
        tags.append("typo_address")
        if dice.chance(0.3):
            number = dice.pick((wrong_digit, transposed_digits))(number, dice)
        else:
            name = typo(name, dice)
    line = f"{number} {_street(home, name, clerk)}{_unit(home, clerk, tags)}"
    return _in_style(WrittenAddress(line, _city(home, clerk, tags), _zip(home, town_map, clerk, tags)), clerk)


def _street(home: Address, name: str, clerk: Clerk) -> str:
    """Direction, name and kind of the street, long or short as the agency writes them."""
    style = clerk.agency.style.address
    long = style == "full" or (style == "mixed" and clerk.dice.chance(0.5)) or clerk.dice.chance(0.06)
    kind = _LONG.get(home.street.kind, home.street.kind) if long else home.street.kind
    direction = home.street.direction
    if long and clerk.dice.chance(0.6):
        direction = _LONG.get(direction, direction)
    if clerk.slips(clerk.agency.slips.street_shortened):
        return f"{direction} {name}".strip() if clerk.dice.chance(0.5) else f"{name} {kind}"
    return f"{direction} {name} {kind}".strip()


def _unit(home: Address, clerk: Clerk, tags: list[str]) -> str:
    if not home.unit:
        return ""
    if clerk.slips(clerk.agency.slips.unit_dropped):
        tags.append("unit_dropped")
        return ""
    comma = "," if clerk.agency.style.headers % 3 == 0 else ""
    forms = _UNITS[home.unit_word]
    usual = forms[clerk.agency.style.headers % len(forms)]
    form = usual if clerk.dice.chance(0.75) else clerk.dice.pick(forms)
    return f"{comma} {form.format(home.unit)}"


def _city(home: Address, clerk: Clerk, tags: list[str]) -> str:
    city = home.street.city
    if not clerk.slips(clerk.agency.slips.city_typo):
        return city
    tags.append("city_typo")
    return typo(city, clerk.dice)


def _zip(home: Address, town_map: TownMap, clerk: Clerk, tags: list[str]) -> str:
    code = home.street.zip
    if not clerk.slips(clerk.agency.slips.zip_wrong):
        return code
    tags.append("zip_wrong")
    digits = wrong_digit(code, clerk.dice)
    return clerk.dice.pick((town_map.neighbour_zip(code, clerk.dice), digits))


def _in_style(written: WrittenAddress, clerk: Clerk) -> WrittenAddress:
    if clerk.agency.style.letters != "upper":
        return written
    return WrittenAddress(written.line.upper(), written.city.upper(), written.zip)
