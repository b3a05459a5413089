"""Two long client lists of made-up people, half of them on both, with slips, moves and gaps; and who is who."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from bench.encoding_speed import HEADERS, draw_names, lacking, made_row, with_slip

BOTH = 0.5  # of each list's people are on the other too
TWICE = 0.02  # of the records stand for somebody who is on the same list already
_CHANGES = {"first_name": 0.06, "last_name": 0.04, "dob": 0.015, "ssn": 0.013, "street_name": 0.08}  # slips
_MOVED, _NEW_PHONE = 0.15, 0.15  # of those on both lists


def write_lists(folder: Path, rows: int, *, seed: int = 7) -> list[Path]:
    """Write ``a.csv``, ``b.csv`` and ``truth.csv`` (agency, client_id, person_id); the lists' paths."""
    dice = random.Random(seed)
    shared = int(rows * BOTH)
    lists = {"a": range(rows), "b": range(rows - shared, 2 * rows - shared)}
    people = list(_people(2 * rows - shared, dice))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        truth = csv.writer(stream)
        truth.writerow(("agency", "client_id", "person_id"))
        for agency, whom in lists.items():
            with (folder / f"{agency}.csv").open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(HEADERS)
                for number, person in enumerate(_with_repeats(whom, dice)):
                    client = f"{agency.upper()}{number:09}"
                    writer.writerow([client, *_typed(people[person], dice)])
                    truth.writerow((agency, client, person))
    return [folder / f"{agency}.csv" for agency in lists]


def _people(count: int, dice: random.Random) -> Iterator[list[str]]:
    draws = draw_names(dice, count)
    for person in range(count):
        yield made_row([drawn[person] for drawn in draws], dice)


def _with_repeats(people: range, dice: random.Random) -> list[int]:
    """As many records as people: a few people stand twice, in place of as many others."""
    repeats = int(len(people) * TWICE)
    once = dice.sample(people, len(people) - repeats)
    every = [*once, *dice.sample(once, repeats)]
    dice.shuffle(every)
    return every


def _typed(person: list[str], dice: random.Random) -> list[str]:
    """A person's cells as somebody typed them."""
    cells = dict(zip(HEADERS[1:], person, strict=True))
    if dice.random() < _MOVED:
        cells["street_number"] = str(dice.randrange(1, 9_990))
        cells["zip"] = str(dice.randrange(96_000, 99_999))
    if dice.random() < _NEW_PHONE:
        cells["phone"] = f"{dice.randrange(200, 999)}555{dice.randrange(10_000):04}"
    for name, share in _CHANGES.items():
        if dice.random() < share:
            cells[name] = _slipped(cells[name], dice)
    return lacking(list(cells.values()), dice)


def _slipped(text: str, dice: random.Random) -> str:
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not digits:
        return with_slip(text, dice)
    place = digits[-1]
    return text[:place] + dice.choice("0123456789") + text[place + 1 :]
