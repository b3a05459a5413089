"""Numbers of clients in the log are bands of the same width for everybody."""

import pytest

from audit.bands import NONE, band_of


@pytest.mark.parametrize(
    ("clients", "band"),
    [
        (0, NONE),
        (1, "1 to 10"),
        (10, "1 to 10"),
        (11, "11 to 100"),
        (100, "11 to 100"),
        (101, "101 to 1000"),
        (54_321, "10001 to 100000"),
    ],
)
def test_a_number_is_told_as_its_band(clients, band):
    assert band_of(clients) == band


def test_every_band_holds_ten_numbers_at_least():
    bands = [band_of(clients) for clients in range(1, 2001)]
    assert all(bands.count(band) >= 10 for band in set(bands))
