"""What it costs to normalise one value that was not seen before, in microseconds.

    python -m bench.normalising

The values are made up, all different, and written as agencies write them. Processor time, best of several rounds.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from random import Random

from bench.names import country
from hashing import addresses, dates, normalise
from hashing.addresses import parse_address
from hashing.dates import parse_birth_date
from hashing.normalise import name_parts, phone, social_security_number, zip_code

VALUES, ROUNDS = 20_000, 5
TODAY = date(2026, 7, 15)

Case = tuple[str, Callable[[str], object], Sequence[str]]


def cases(dice: Random) -> list[Case]:
    """(what is read, the function, values that all differ)."""
    born = partial(parse_birth_date, today=TODAY)
    return [
        ("address, new number", _address, _addresses(dice, "{} {}")),
        ("address, new unit", _address, _addresses(dice, "{} {} Apt {}")),
        ("address, one cell", _address, _addresses(dice, "{} {}, Apt {}, Pine Hollow WA 98964")),
        ("phone 3605550101", phone, [f"{n}" for n in _numbers(dice, 10, start=2)]),
        ("phone (360) 555-0101", phone, [f"({n[:3]}) {n[3:6]}-{n[6:]}" for n in _numbers(dice, 10, start=2)]),
        ("SSN 512345678", social_security_number, _numbers(dice, 9, start=1)),
        ("SSN 512-34-5678", social_security_number, [f"{n[:3]}-{n[3:5]}-{n[5:]}" for n in _numbers(dice, 9, start=1)]),
        ("ZIP 98382", zip_code, _numbers(dice, 5, start=1)),
        ("birth date 1984-03-27", born, [f"{day:%Y-%m-%d}" for day in _days(dice)]),
        ("birth date 03/27/1984", born, [f"{day:%m/%d/%Y}" for day in _days(dice)]),
        ("name, one word", name_parts, [name.title() for name in country().surnames.items[:VALUES]]),
        ("name, two words", name_parts, _doubled(dice, [name.title() for name in country().surnames.items])),
    ]


def _address(line: str) -> object:
    return parse_address(line, "", "98362")


def _numbers(dice: Random, digits: int, *, start: int) -> list[str]:
    return [str(n) for n in dice.sample(range(start * 10 ** (digits - 1), 9 * 10 ** (digits - 1)), VALUES)]


def _days(dice: Random) -> list[date]:
    first = date(1927, 6, 1).toordinal()
    return [date.fromordinal(first + n) for n in dice.sample(range(36_000), VALUES)]


def _addresses(dice: Random, form: str) -> list[str]:
    streets = [f"{s.direction} {s.name} {s.kind}".strip() for s in country().streets[:400]]
    return [
        form.format(number, dice.choice(streets), dice.randint(1, 300))
        for number in dice.sample(range(1, 99_999), VALUES)
    ]


def _doubled(dice: Random, words: list[str]) -> list[str]:
    return [f"{one}-{dice.choice(words)}" for one in dice.choices(words, k=VALUES)]


def microseconds(read: Callable[[str], object], values: Sequence[str]) -> float:
    """What one value costs, in the best round; each round begins with empty caches."""
    best = float("inf")
    for _ in range(ROUNDS):
        _forget()
        gc.collect()
        start = time.process_time()
        for value in values:
            read(value)
        best = min(best, time.process_time() - start)
    return best / len(values) * 1e6


def _forget() -> None:
    for module in (addresses, dates, normalise):
        for name in vars(module).values():
            if hasattr(name, "cache_clear"):
                name.cache_clear()


def main() -> None:
    """Print a line for each kind of value."""
    for what, read, values in cases(Random(1)):
        print(f"{what:<24}{microseconds(read, values):>8.2f} us")


if __name__ == "__main__":
    main()
