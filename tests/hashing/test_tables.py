"""A released count is printed with stars where a number is withheld."""

import io

import pytest
from rich.console import Console

from hashing.tables import print_count, shown

COUNT = {
    "title": "People by agency",
    "unit": "people",
    "rows": [
        {"label": "food_bank", "people": 1204, "low": 1190, "high": 1230},
        {"label": "free_clinic", "people": None, "low": None, "high": None},
    ],
    "total": {"people": 1300, "low": 1280, "high": 1350},
    "duplicated": None,
    "notes": ["a note"],
}


@pytest.mark.parametrize(("value", "text"), [(None, "***"), (0, "0"), (1204, "1,204")])
def test_a_withheld_number_is_three_stars(value, text):
    assert shown(value) == text


def test_a_table_shows_rows_ranges_total_and_notes():
    out = io.StringIO()
    print_count(COUNT, console=Console(file=out, width=100))
    said = out.getvalue()
    for part in ("People by agency", "food bank", "1,190 to 1,230", "***", "1,300", "1,280 to 1,350", "a note"):
        assert part in said
