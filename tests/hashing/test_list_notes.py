"""What a volunteer is told of a list that was read otherwise than they may think."""

import pytest
from client_lists import TODAY, export, write
from workbooks import workbook

from hashing.dates import date_order, other_way_round
from hashing.export import read_export
from hashing.wording import describe_export

CLIENTS = "Client ID|First|Last|DOB"
ANA, BO = "1|Ana|Made|1984-03-27", "2|Bo|Fict|1961-07-14"


@pytest.mark.parametrize(
    ("dates", "others"),
    [
        (["3/27/1984", "7/14/1961", "3/4/1990"], 0),
        (["3/27/1984", "7/14/1961", "27/3/1984", "3/4/1990"], 1),
        (["27/3/1984", "14/7/1961", "3/27/1984", "4/3/1990"], 1),
        (["3/27/1984", "27/3/1984", "4/4/1990"], 0),  # no date could be either
        (["3/27/1984", "27.3.1984", "4.3.1990"], 0),  # a mark has an order of its own
    ],
)
def test_dates_the_other_way_round_are_counted_where_others_could_be(dates, others):
    assert other_way_round(dates, date_order(dates)) == others


def test_a_column_that_writes_both_orders_is_told_of(tmp_path):
    rows = "\n".join(f"{n}|Ana|Made{'abc'[n]}|{born}" for n, born in enumerate(["3/27/1984", "27/3/1984", "4/3/1990"]))
    notes = export(tmp_path, c=f"{CLIENTS}\n{rows}").notes
    assert (
        "1 birth date has day and month the other way round than the rest of c.csv: where either number could be the "
        "month, such a date is read wrongly; write dates as 1984-03-27" in notes
    )


def test_columns_of_a_spouse_and_of_children_are_told_of(tmp_path):
    notes = export(
        tmp_path, c=f"{CLIENTS}|Spouse First|Spouse Last|Child 1 Name|Child 1 DOB\n{ANA}|Cy|Made|Di|3/4/2015"
    ).notes
    assert (
        "columns of c.csv tell of others in the household (Spouse First, Spouse Last, Child 1 Name, ...): they are not "
        "read, and whoever has no row of their own is not counted" in notes
    )


def test_columns_under_the_group_of_somebody_else_are_named_with_it(tmp_path):
    rows = [["Client", "", "", "", "Spouse", "Emergency contact"], ["ID", "First", "Last", "DOB", "First", "Name"],
            ["1", "Ana", "Made", "1984-03-27", "Cy", "Di"]]  # fmt: skip
    found = read_export([write(tmp_path, "c.xlsx", workbook(Roster=rows))], today=TODAY)
    assert "  not used: Spouse: First, Emergency contact: Name" in list(describe_export(found))
    assert any("(Spouse: First)" in note for note in found.notes)


@pytest.mark.parametrize(
    "header", ["# of Children", "Household Size", "Emergency Contact Name", "Family Members", "Children"]
)
def test_other_columns_tell_of_nobody_who_is_missing(tmp_path, header):
    assert not any(
        "others in the household" in note for note in export(tmp_path, c=f"{CLIENTS}|{header}\n{ANA}|3").notes
    )


@pytest.mark.parametrize("whose", ["Child 1", "Spouse", "Wife", "Dependent", "Son"])
def test_the_number_of_somebody_else_is_never_the_clients(tmp_path, whose):
    rows = "\n".join(f"{n}|Ana|Made|19{50 + n}-03-27|512-34-{5000 + n}" for n in range(8))
    found = export(tmp_path, c=f"{CLIENTS}|{whose} SSN\n{rows}")
    assert {client.ssn4 for client in found.clients} == {""}


def test_services_of_which_nothing_tells_the_area_are_told_of(tmp_path):
    visits = "Client ID|Visit Date\n1|2026-01-02\n2|2026-01-03"
    note = "nothing tells the area of the services in {}.csv: they count as 'other'"
    said = list(describe_export(export(tmp_path, c=f"{CLIENTS}\n{ANA}\n{BO}", visits=visits)))
    assert any(note.format("visits") in line for line in said)
    assert "          other 2" in said
    (tmp_path / "visits.csv").unlink()
    said = list(describe_export(export(tmp_path, c=f"{CLIENTS}\n{ANA}\n{BO}", pantry_visits=visits)))
    assert not any("nothing tells the area" in line for line in said)
    assert "          food 2" in said


def test_a_row_that_says_other_means_it(tmp_path):
    visits = "Client ID|Visit Date|Program\n1|2026-01-02|Other"
    assert not any("nothing tells" in note for note in export(tmp_path, c=f"{CLIENTS}\n{ANA}", visits=visits).notes)
