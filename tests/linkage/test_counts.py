"""Every count equals a slow one in plain Python, and reaches the reader only through disclosure control."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import Line, MadeRun

from linkage.breakdown import Breakdown
from linkage.counts import count
from linkage.disclosure import CMS11, INTERNAL, Rule, SafeTable
from linkage.errors import RunError
from linkage.store import read_report

AGENCIES = ("clinic", "food_bank", "ymca")
AREAS = ("food", "health", "shelter")
MONTHS = ("2026-01", "2026-02", "2026-11")
Row = tuple[str, int, int, int]
Grouping = Callable[[Line], int]
GROUPINGS: tuple[Grouping, ...] = (lambda line: line.person, lambda line: line.loose, lambda line: line.strict)


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    size = draw(st.integers(1, 12))
    number = st.integers(0, size - 1)
    services = st.lists(st.tuples(st.sampled_from(AREAS), st.sampled_from(MONTHS)), max_size=3, unique=True)
    return [
        Line(
            agency=draw(st.sampled_from(AGENCIES)),
            client=str(place),
            person=draw(number),
            loose=draw(number),
            strict=draw(number),
            household=draw(st.sampled_from([None, "h1", "h2", "h3"])),
            services=tuple(draw(services)),
        )
        for place in range(size)
    ]


def numbers(label: str, chosen: Iterable[Line], groupings: Sequence[Grouping] = GROUPINGS) -> Row:
    """The slow oracle of one row: the estimate, and a range that holds it."""
    found = list(chosen)
    people, loose, strict = (len({grouping(line) for line in found}) for grouping in groupings)
    return label, people, min(people, loose, strict), max(people, loose, strict)


def by_agency(run: Sequence[Line], groupings: Sequence[Grouping] = GROUPINGS) -> list[Row]:
    labels = sorted({line.agency for line in run})
    return [numbers(label, (line for line in run if line.agency == label), groupings) for label in labels]


def by_service(run: Sequence[Line], place: int) -> list[Row]:
    labels = sorted({service[place] for line in run for service in line.services})
    chosen = {label: [line for line in run if label in {s[place] for s in line.services}] for label in labels}
    return [numbers(label, chosen[label]) for label in labels]


def served(run: Sequence[Line]) -> Row:
    return numbers("everybody served", [line for line in run if line.services])


def households(run: Sequence[Line], grouping: Grouping) -> Grouping:
    """People and the households that list them, as a graph; a household is a connected part."""
    graph = nx.Graph()
    graph.add_nodes_from(f"person {grouping(line)}" for line in run)
    graph.add_edges_from(
        (f"person {grouping(line)}", f"household {line.agency} {line.household}") for line in run if line.household
    )
    part = {node: place for place, nodes in enumerate(nx.connected_components(graph)) for node in nodes}
    return lambda line: part[f"person {grouping(line)}"]


def shown(table: SafeTable) -> tuple[list[Row], Row]:
    cells = [(r.label, r.people.value, r.low.value, r.high.value) for r in (*table.rows, table.total)]
    return cells[:-1], cells[-1]


def expected(run: Sequence[Line], by: Breakdown) -> tuple[list[Row], Row]:
    if by is Breakdown.AGENCY:
        return by_agency(run), numbers("everybody", run)
    if by is Breakdown.HOUSEHOLD:
        groupings = [households(run, grouping) for grouping in GROUPINGS]
        return by_agency(run, groupings), numbers("everybody", run, groupings)
    return by_service(run, 0 if by is Breakdown.SERVICE else 1), served(run)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(run=lines())
def test_every_breakdown_equals_the_slow_oracle(tmp_path_factory, run):
    folder = MadeRun(run).write(tmp_path_factory.mktemp("counts") / "run")
    for by in Breakdown:
        table = count(folder, by, rule=INTERNAL)
        assert shown(table) == expected(run, by)
        assert table.duplicated.value == sum(row[1] for row in expected(run, by)[0])
        assert all(low <= people <= high for _, people, low, high in (*shown(table)[0], shown(table)[1]))


def town(people: int, agency: str, **changes: object) -> list[Line]:
    return [Line(agency, str(n), person=n, **changes) for n in range(people)]


def test_a_person_of_two_agencies_counts_once(tmp_path):
    run = MadeRun(town(30, "clinic") + town(20, "ymca")).write(tmp_path / "run")
    table = count(run, Breakdown.AGENCY)
    assert shown(table) == ([("clinic", 30, 30, 30), ("ymca", 21, 21, 21)], ("everybody", 30, 30, 30))
    assert table.duplicated.value == 51


def test_small_counts_are_withheld_unless_asked_for_internally(tmp_path):
    run = MadeRun(town(30, "clinic") + town(10, "ymca")).write(tmp_path / "run")
    assert shown(count(run, Breakdown.AGENCY))[0][1] == ("ymca", None, None, None)
    assert shown(count(run, Breakdown.AGENCY, rule=INTERNAL))[0][1] == ("ymca", 10, 10, 10)


def test_a_household_listed_by_two_agencies_is_joined_by_a_member_that_they_share(tmp_path):
    """Person 1 is in the clinic's family with 0 and in the food bank's with 2: one household of three."""
    run = [
        Line("clinic", "a", 0, household="h"),
        Line("clinic", "b", 1, household="h"),
        Line("food_bank", "b", 1, household="h"),
        Line("food_bank", "c", 2, household="h"),
        Line("food_bank", "d", 3),
    ]
    table = count(MadeRun(run).write(tmp_path / "run"), Breakdown.HOUSEHOLD, rule=INTERNAL)
    assert (table.unit, table.total.people.value) == ("households", 2)


def test_the_same_household_number_at_two_agencies_is_not_one_household(tmp_path):
    run = [Line("clinic", "a", 0, household="h"), Line("ymca", "b", 1, household="h")]
    assert count(MadeRun(run).write(tmp_path / "run"), Breakdown.HOUSEHOLD, rule=INTERNAL).total.people.value == 2


def test_agencies_without_service_rows_are_named(tmp_path):
    lines = town(30, "clinic", services=(("health", "2026-01"),)) + town(20, "ymca") + town(20, "food_bank")
    run = MadeRun(lines).write(tmp_path / "run")
    note = "No service rows came from: food_bank, ymca."
    assert [note in count(run, by).notes for by in Breakdown] == [False, True, True, False]


def test_where_no_agency_lists_households_the_table_says_that_it_counts_people(tmp_path):
    run = MadeRun(town(30, "clinic") + town(20, "ymca")).write(tmp_path / "run")
    note = "No agency lists households: each person counts as a household of one, so these are counts of people."
    assert [note in count(run, by).notes for by in Breakdown] == [False, False, False, True]


def test_agencies_that_list_no_households_are_named(tmp_path):
    lines = town(30, "clinic", household="h") + town(20, "ymca") + town(20, "food_bank")
    (note,) = (n for n in count(MadeRun(lines).write(tmp_path / "run"), Breakdown.HOUSEHOLD).notes if "listed by" in n)
    assert note.startswith("No households are listed by: food_bank, ymca; ")


def test_where_every_agency_lists_households_nothing_is_said_of_it(tmp_path):
    run = MadeRun(town(30, "clinic", household="h")).write(tmp_path / "run")
    assert not [note for note in count(run, Breakdown.HOUSEHOLD).notes if "listed by" in note or "lists" in note]


NOT_SERVED = "People without a service row are in the counts by agency and not in these"
HEALTH = (("health", "2026-01"),)


def clinic(served: int, unserved: int) -> list[Line]:
    return [Line("clinic", str(n), n, services=HEALTH if n < served else ()) for n in range(served + unserved)]


def said_of_the_unserved(folder: Path, lines: Sequence[Line], by: Breakdown, rule: Rule = CMS11) -> list[str]:
    table = count(MadeRun(lines).write(folder / f"run-{by}-{rule.name}"), by, rule=rule)
    return [note for note in table.notes if note.startswith("People without")]


@pytest.mark.parametrize("by", [Breakdown.SERVICE, Breakdown.MONTH])
@pytest.mark.parametrize(("unserved", "said"), [(221, [f"{NOT_SERVED}: 222."]), (11, [f"{NOT_SERVED}: 12."]), (0, [])])
def test_how_many_people_have_no_service_row_is_said(tmp_path, by, unserved, said):
    assert said_of_the_unserved(tmp_path, clinic(100, unserved), by) == said


@pytest.mark.parametrize("by", [Breakdown.AGENCY, Breakdown.HOUSEHOLD])
def test_a_table_that_everybody_is_in_says_nothing_of_service_rows(tmp_path, by):
    assert said_of_the_unserved(tmp_path, clinic(100, 221), by) == []


@pytest.mark.parametrize("unserved", [1, 10])
def test_a_small_number_of_people_without_a_service_row_is_withheld(tmp_path, unserved):
    run = clinic(100, unserved)
    assert said_of_the_unserved(tmp_path, run, Breakdown.SERVICE) == [f"{NOT_SERVED}."]
    assert said_of_the_unserved(tmp_path, run, Breakdown.SERVICE, INTERNAL) == [f"{NOT_SERVED}: {unserved}."]
    released = count(tmp_path / "run-service-cms11", Breakdown.SERVICE)
    assert released.total.people.value is None, "beside the total by agency it would tell the small number"
    assert any(note.startswith("*** stands for a count from 1 to 10, or for one") for note in released.notes)


def test_a_withheld_area_is_not_the_served_less_the_other_area(tmp_path):
    """105 served, of whom 100 in one area and 5 in another; 45 without a service, and 150 in all."""
    food = [Line("clinic", f"food {n}", 145 + n, services=(("food", "2026-01"),)) for n in range(5)]
    run = MadeRun(clinic(100, 45) + food).write(tmp_path / "run")
    assert count(run, Breakdown.AGENCY).total.people.value == 150
    service = count(run, Breakdown.SERVICE)
    areas = {row.label: row.people.value for row in service.rows}
    assert areas["food"] is None
    assert None in (areas["health"], service.total.people.value)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(run=lines())
def test_what_is_said_of_the_unserved_follows_from_the_totals_that_are_shown(tmp_path_factory, run):
    folder = MadeRun(run).write(tmp_path_factory.mktemp("counts") / "run")
    tables = {by: count(folder, by, rule=Rule("three", 3)) for by in Breakdown}
    for by in (Breakdown.SERVICE, Breakdown.MONTH):
        totals = [tables[each].total.people.value for each in (Breakdown.AGENCY, by)]
        shown = None not in totals and totals[0] - totals[1] >= 3
        numbers = [note for note in tables[by].notes if note.startswith(f"{NOT_SERVED}:")]
        assert numbers == ([f"{NOT_SERVED}: {totals[0] - totals[1]}."] if shown else [])


def test_the_callers_remarks_are_notes_of_the_table(tmp_path):
    run = MadeRun(town(30, "clinic")).write(tmp_path / "run")
    assert count(run, Breakdown.AGENCY, remarks=["Something of the day."]).notes[0] == "Something of the day."


@pytest.mark.parametrize(
    ("unmatchable", "said"), [(None, "1 to 10 clients had"), (0, "0 clients had"), (1234, "1,234")]
)
def test_clients_with_too_little_information_are_told_apart(tmp_path, unmatchable, said):
    run = MadeRun(town(30, "clinic"), unmatchable=unmatchable).write(tmp_path / "run")
    assert count(run, Breakdown.AGENCY).notes[0].startswith(said)


@pytest.mark.parametrize("lost", ["report.json", "records.parquet", "services.parquet"])
def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, lost):
    run = MadeRun(town(30, "clinic")).write(tmp_path / "run")
    (run / lost).unlink()
    with pytest.raises(RunError, match="run: this is not the folder of a run"):
        count(run, Breakdown.AGENCY)


def test_the_demo_towns_counts_agree_with_each_other_and_with_the_report(anytown_run):
    agency, household = (count(anytown_run, by) for by in (Breakdown.AGENCY, Breakdown.HOUSEHOLD))
    service, month = (count(anytown_run, by) for by in (Breakdown.SERVICE, Breakdown.MONTH))
    assert agency.total.people.value == read_report(anytown_run)["people"]["estimate"]
    assert service.total == month.total
    assert service.total.people.value <= agency.total.people.value
    assert household.total.people.value <= agency.total.people.value <= agency.duplicated.value
