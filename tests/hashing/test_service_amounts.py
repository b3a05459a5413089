"""Numbers beside services: each column counts in its own unit, and what is no amount is no dollar."""

from __future__ import annotations

import pytest
from client_lists import TODAY, table
from hypothesis import given
from hypothesis import strategies as st

from hashing.services import MAX_UNITS, read_services


def told(text: str, *, name: str = "visits.csv") -> list[tuple[str, str, int]]:
    """The type, unit and units of the only client's services."""
    found, _ = read_services([table(text, name=name)], today=TODAY)
    return [(s.type.value, s.unit.value, s.units) for s in found["1"]]


@pytest.mark.parametrize(
    ("headers", "cells", "expected"),
    [
        ("Quantity | Amount", "1 | 950", [("rent_assistance", "dollars", 950), ("rent_assistance", "encounters", 1)]),
        ("Amount | Quantity", "950 | 2", [("rent_assistance", "dollars", 950), ("rent_assistance", "encounters", 2)]),
        ("Quantity | Amount", "2 |", [("rent_assistance", "encounters", 2)]),
        ("Quantity | Amount", "| 950", [("rent_assistance", "dollars", 950)]),
        ("Quantity | Amount", "|", [("rent_assistance", "encounters", 1)]),
        ("Nights | Amount", "3 | 240", [("rent_assistance", "dollars", 240), ("rent_assistance", "nights", 3)]),
        ("Units | Quantity", "3 | 7", [("rent_assistance", "encounters", 3)]),
    ],
)
def test_a_count_and_dollars_beside_it_are_told_apart(headers, cells, expected):
    text = f"Client ID | Date | Service | {headers}\n1 | 2026-05-01 | Rent | {cells}"
    assert told(text) == expected


@pytest.mark.parametrize(
    ("typed", "dollars"),
    [
        ("950", 950),
        ("$1,200.50", 1200),
        ("$ 300", 300),
        ("300 USD", 300),
        ("40 dollars", 40),
        ("0.30", 1),
        ("1e9", MAX_UNITS),
    ],
)
def test_dollars_are_whole(typed, dollars):
    text = f"Client ID | Date | Service | Amount\n1 | 2026-05-01 | Rent | {typed}"
    assert told(text) == [("rent_assistance", "dollars", dollars)]


@pytest.mark.parametrize("typed", ["", "pending", "0", "0.00", "-50", "nan", "1e400", "$", "N/A", "x"])
def test_what_is_no_amount_is_one_encounter_and_no_dollar(typed):
    text = f"Client ID | Date | Service | Amount\n1 | 2026-05-01 | Rent | {typed}"
    assert told(text) == [("rent_assistance", "encounters", 1)]


@given(amounts=st.lists(st.integers(1, 5_000), min_size=1, max_size=6))
def test_dollars_of_a_month_add_up(amounts):
    rows = "".join(f"\n1 | 2026-05-{day:02d} | Rent | {amount}" for day, amount in enumerate(amounts, 1))
    assert told(f"Client ID | Date | Service | Amount{rows}") == [("rent_assistance", "dollars", sum(amounts))]


def test_marks_under_months_are_no_dollars_whatever_stands_beside_them():
    text = "Client ID | Program | Amount | Jan 2026 | Feb 2026\n1 | Rent | 950 | x | 2"
    assert told(text) == [("rent_assistance", "encounters", 1), ("rent_assistance", "encounters", 2)]


@pytest.mark.parametrize("service", ["Food", "Food box", "Lunch"])
def test_a_header_of_meals_counts_meals(service):
    text = f"Client ID | Date | Service | Meals\n1 | 2026-05-01 | {service} | 12"
    assert [(unit, units) for _, unit, units in told(text)] == [("meals", 12)]


@pytest.mark.parametrize("service", ["Clinic", "HIV testing", "Detox stay", "Therapy"])
@pytest.mark.parametrize("header", ["Amount", "FAAmount", "Dollars"])
def test_dollars_of_care_do_not_leave(service, header):
    text = f"Client ID | Date | Service | {header}\n1 | 2026-05-01 | {service} | 950"
    assert [(unit, units) for _, unit, units in told(text)] == [("encounters", 1)]
