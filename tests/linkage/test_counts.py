"""Every count equals a slow one in plain Python, and reaches the reader only through disclosure control."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import Line, MadeRun

from linkage.counts import Breakdown, count
from linkage.disclosure import INTERNAL, SafeTable
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


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
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
    assert shown(table) == ([("clinic", 30, 30, 30), ("ymca", 20, 20, 20)], ("everybody", 30, 30, 30))
    assert table.duplicated.value == 50


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
