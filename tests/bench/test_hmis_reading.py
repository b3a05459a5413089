"""A made-up town, written as the HMIS exports of each year, is read as it was written, with no hints."""

import pytest

from bench.hmis_columns import YEARS
from bench.reading import FIELDS, agreement, compare_hmis, main, shares
from bench.towns import TownSpec

SMALL = TownSpec(7, people=600)


@pytest.mark.parametrize("year", YEARS)
def test_of_each_field_at_least_995_in_a_thousand_values_are_read_as_written(year):
    comparisons = compare_hmis(year, SMALL)
    assert {field for _, field in shares(comparisons)} == set(FIELDS) - {"phone"}
    assert [field for field in FIELDS if agreement(comparisons, field) < 0.995] == []


def test_the_command_prints_a_line_for_each_year(capsys, monkeypatch):
    monkeypatch.setattr("bench.reading.HMIS_TOWN", SMALL)
    main(["--hmis", "2024", "2026"])
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[1:4]] == ["FY2024", "FY2026", "all"]
    assert said[3].split()[-1] == "-"  # a HMIS has no telephone numbers


def test_a_year_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--hmis", "1999"])
    assert "invalid choice: '1999'" in capsys.readouterr().err
