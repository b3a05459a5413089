"""Every cell of every internal table equals the slow oracle's, on made-up runs of any shape."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.cube_check import check_cube
from bench.cube_oracle import BANDS, Client, Service, tables
from linkage.cube.catalogue import CATALOGUE, Shape
from linkage.cube.counting import OTHERS, count_cube
from linkage.cube.facts import Facts
from linkage.cube.gaps import Gap
from linkage.cube.scope import Scope
from linkage.cube.tables import make_table
from linkage.errors import RequestRefused

AGENCIES = ("clinic", "food_bank", "shelter", "ymca")
AREAS = ("food", "health", "outreach", "shelter")
MONTHS = tuple(f"{2025 + at // 12}-{at % 12 + 1:02d}" for at in range(18))
GAPS = (
    Gap("no outreach", "food", 2, ("outreach", "shelter")),
    Gap("ymca", "ymca", 1, ("health",)),
    Gap("x", "gone", 1, ("y",)),
)


@st.composite
def services(draw: st.DrawFn) -> Service:
    return Service(
        draw(st.sampled_from(AREAS)),
        draw(st.sampled_from(MONTHS)),
        draw(st.sampled_from(("other", "meals", "counseling"))),
        draw(st.sampled_from(("dollars", "encounters", "meals", "nights"))),
        draw(st.integers(1, 40)),
    )


@st.composite
def runs(draw: st.DrawFn) -> list[Client]:
    size = draw(st.integers(1, 12))
    who = st.integers(0, size - 1)
    return [
        Client(
            agency=draw(st.sampled_from(AGENCIES)),
            row=str(place),
            person=draw(who),
            loose=draw(who),
            strict=draw(who),
            household=draw(st.sampled_from([None, "h1", "h2"])),
            age=draw(st.sampled_from([None, *BANDS])),
            services=tuple(draw(st.lists(services(), max_size=5))),
        )
        for place in range(size)
    ]


PERIODS = st.sampled_from(["2025", "2025-Q2", "2026-03", "2025-11..2026-04", "2031"])


@given(runs(), PERIODS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_cell_is_the_oracles(clients, period):
    scope = Scope.of(period)
    cube = count_cube(Facts.of(*tables(clients)), scope, GAPS)
    check_cube(cube, clients)


@given(runs(), PERIODS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_people_who_stay_active_are_those_at_the_start_and_what_changed(clients, period):
    cube = count_cube(Facts.of(*tables(clients)), Scope.of(period), (), units=["people"])
    table = make_table(cube, next(entry for entry in CATALOGUE if entry.shape is Shape.TURNOVER)).table
    for cells in table.cells:
        start, new, returned, inactive, end = (cell.count for cell in cells if cell is not None)
        assert start + new + returned - inactive == end


def test_combinations_beyond_the_most_named_stand_together():
    agencies = tuple(f"agency {at}" for at in range(7))
    pairs = [(a, b) for at, a in enumerate(agencies) for b in agencies[at + 1 :]]  # 21
    clients = [
        Client(agency, f"{place} {agency}", place, services=(Service("food", "2025-01"),))
        for place, pair in enumerate(pairs)
        for agency in pair
    ]
    cube = count_cube(Facts.of(*tables(clients)), Scope.of("2025"), (), units=["people"])
    table = make_table(cube, next(entry for entry in CATALOGUE if entry.name == "combinations")).table
    counts = dict(zip(table.rows, (cell.count for (cell,) in table.cells if cell is not None), strict=True))
    assert len(table.rows) == 1 + 7 + 15 + 1
    assert (counts[OTHERS], counts["one agency only"], sum(counts.values())) == (6, 0, 21)


@pytest.mark.parametrize(
    ("text", "name", "months"),
    [
        ("2026", "2026", 12),
        ("2026-Q3", "2026-Q3", 3),
        ("2026-07..2026-09", "2026-Q3", 3),
        ("2025-Q1..2025-Q4", "2025", 12),
        ("2026-02", "2026-02", 1),
        ("2025-12..2026-01", "2025-12..2026-01", 2),
    ],
)
def test_a_period_has_its_shortest_name(text, name, months):
    scope = Scope.of(text)
    assert (scope.name, len(scope.members("month"))) == (name, months)


@pytest.mark.parametrize("text", ["", "run", "2026-13", "2026-03..2026-01", "March"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(RequestRefused, match="none of the calendar"):
        Scope.of(text)
