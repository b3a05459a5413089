"""The map of a town: streets, large buildings, the shelter, and telephone numbers."""

from __future__ import annotations

from dataclasses import dataclass

from bench.dice import Dice, Weighted
from bench.names import NameBook, StreetName
from bench.schema import Address, Street

_CITY_FIRST = ("Cedar", "Alder", "Elk", "Mill", "Stone", "Fair", "Glen", "Otter", "Salmon", "Maple", "Iron", "Clear")
_CITY_LAST = (" Falls", "ton", " Harbor", "field", "ville", " Prairie", " Creek", "dale", " Junction", "wood")
_AREA_CODES = ("360", "564", "206", "253", "509", "541", "503", "208", "406", "707", "530", "559", "915", "231")
_TENANTS_PER_BUILDING = 45  # clients, not all who live there


@dataclass(frozen=True, slots=True)
class TownMap:
    """Where people live; *flats* is the share of households in a large building or a trailer park."""

    streets: Weighted[Street]
    buildings: Weighted[Address]
    shelters: Weighted[Address]
    flats: float
    exchanges: tuple[str, ...]

    def home(self, dice: Dice) -> Address:
        """An ordinary home: a house, or a unit of a large building."""
        if not dice.chance(self.flats):
            return Address(str(_house_number(dice)), dice.draw(self.streets))
        building = dice.draw(self.buildings)
        return Address(building.number, building.street, _unit(dice, building.unit_word), building.unit_word)

    def neighbour_zip(self, zip_code: str, dice: Dice) -> str:
        """The ZIP code that someone confuses with this one: another of the town."""
        others = sorted({street.zip for street in self.streets.items} - {zip_code})
        return dice.pick(others) if others else zip_code

    def phone(self, dice: Dice) -> str:
        """A telephone number, ten digits."""
        return f"{dice.pick(self.exchanges)}{dice.below(10_000):04d}"


def draw_map(book: NameBook, people: int, dice: Dice) -> TownMap:
    """The map of a town of so many clients."""
    streets = _streets(book.streets, people, dice)
    flats = dice.uniform(0.2, 0.45)
    count = max(2, round(people * flats / _TENANTS_PER_BUILDING))
    buildings = tuple(_building(streets, dice) for _ in range(count))
    shelters = tuple(Address(str(_house_number(dice)), dice.draw(streets)) for _ in range(3))
    return TownMap(
        streets,
        Weighted.of(buildings, [dice.factor(0.5) for _ in buildings]),
        Weighted.of(shelters, (0.7, 0.2, 0.1)),
        flats,
        _exchanges(people, dice),
    )


def _streets(names: tuple[StreetName, ...], people: int, dice: Dice) -> Weighted[Street]:
    zips = _zips(dice)
    chosen = names[: max(60, min(len(names), people // 10))]
    streets = [Street(n.direction, n.name, n.kind, *dice.draw(zips)) for n in chosen]
    return Weighted.of(streets, [dice.factor(0.9) for _ in streets])


def _zips(dice: Dice) -> Weighted[tuple[str, str]]:
    """The (city, ZIP code) pairs of a town, the largest city first."""
    cities = [dice.pick(_CITY_FIRST) + dice.pick(_CITY_LAST) for _ in range(dice.between(1, 4))]
    start = dice.between(970, 994) * 100 + dice.below(90)
    count = len(cities) + dice.between(1, 3)
    pairs = [(cities[max(0, i - count + len(cities))], f"{start + i:05d}") for i in range(count)]
    return Weighted.of(pairs, [0.7**i * dice.factor(0.3) for i in range(count)])


def _building(streets: Weighted[Street], dice: Dice) -> Address:
    word = "Spc" if dice.chance(0.12) else "Apt"
    return Address(str(_house_number(dice)), dice.draw(streets), unit_word=word)


def _unit(dice: Dice, word: str) -> str:
    number = dice.between(1, 80)
    style = dice.uniform()
    if word == "Spc" or style < 0.45:
        return str(number)
    return f"{dice.pick('ABCD')}{number % 40 + 1}" if style < 0.75 else str(number + 100 * dice.between(1, 3))


def _house_number(dice: Dice) -> int:
    return int(10 ** dice.uniform(2.0, 4.3))


def _exchanges(people: int, dice: Dice) -> tuple[str, ...]:
    areas = (dice.pick(_AREA_CODES), dice.pick(_AREA_CODES))
    count = max(8, people // 700)
    return tuple(f"{areas[dice.chance(0.25)]}{dice.between(220, 989)}" for _ in range(count))
