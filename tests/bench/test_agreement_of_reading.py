"""The nine exports of the demo town are read as they were written, with no hints."""

import re

import pytest

from bench.reading import DEMO, FIELDS, NOT_EXPORTED, agreement, compare_town, read_truth, shares


@pytest.fixture(scope="module")
def comparisons():
    return compare_town()


@pytest.mark.parametrize("field", FIELDS)
def test_of_each_field_at_least_995_in_a_thousand_values_are_read_as_written(comparisons, field):
    assert agreement(comparisons, field) >= 0.995


def test_each_value_that_was_read_differently_is_explained(comparisons):
    differing = [value for value in comparisons if not (value.agrees and value.agrees_plainly)]
    assert differing
    assert [value.client_id for value in differing if value.kind == "not explained"] == []


def test_each_client_of_the_truth_is_compared(comparisons):
    assert {(value.agency, value.client_id) for value in comparisons} == set(read_truth())
    assert len(shares(comparisons)) >= 9 * len(FIELDS) - 5


def test_a_field_that_counts_as_not_exported_is_nowhere_in_the_export():
    codes = {row["zip"] for (agency, _), row in read_truth().items() if agency == "police_outreach" and row["zip"]}
    text = " ".join(path.read_text("utf-8") for path in (DEMO / "anytown" / "police_outreach").iterdir())
    assert {("police_outreach", "ZIP")} == NOT_EXPORTED
    assert codes
    assert not codes & set(re.findall(r"\b\d{5}\b", text))
