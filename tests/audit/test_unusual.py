"""Each rule on made logs: what it finds, what it leaves alone, and nothing on an ordinary week."""

from datetime import UTC, time
from zoneinfo import ZoneInfo

import pytest
from told import an_event, entries_at

from audit.events import Act
from audit.unusual import Limits, OfficeHours, Rule, find_unusual
from audit.wording import describe_limits

PACIFIC = ZoneInfo("America/Los_Angeles")
LIMITS = Limits()


def found(*told, limits=LIMITS):
    return [
        (one.rule, one.actor, tuple(entry.seq for entry in one.entries))
        for one in find_unusual(entries_at(*told), limits)
    ]


def reads(start, number, apart=1.0, **fields):
    return [(start + apart * n, an_event(Act.COUNT_READ, **fields)) for n in range(number)]


def refusals(start, number, act=Act.DENIED, apart=1.0):
    return [
        (start + apart * n, an_event(act, "food_bank", "agency", outcome="refused", rule="role")) for n in range(number)
    ]


# Out of hours. Monday nine o'clock in UTC is one in the morning at Seattle.


@pytest.mark.parametrize(
    ("minutes", "zone", "unusual"),
    [
        (0, UTC, False),
        (0, PACIFIC, True),
        (6 * 60 - 1, PACIFIC, True),
        (6 * 60, PACIFIC, False),
        (10 * 60 - 1, UTC, False),
        (10 * 60, UTC, True),
        (18 * 60 - 1, PACIFIC, False),
        (18 * 60, PACIFIC, True),
        (4 * 24 * 60, UTC, False),
        (5 * 24 * 60, UTC, True),
        (6 * 24 * 60, UTC, True),
        (7 * 24 * 60, UTC, False),
    ],
)
def test_hours_are_those_of_the_zone_and_of_working_days(minutes, zone, unusual):
    hours = Limits(hours=OfficeHours(zone))
    expected = [(Rule.OUT_OF_HOURS, "coordinator", (0,))] if unusual else []
    assert found(*reads(minutes, 1), limits=hours) == expected


def test_hours_follow_the_clock_when_it_is_put_forward():
    """On 8 March 2026 Seattle puts its clocks forward: seven o'clock is an hour earlier in UTC from then on."""
    hours = Limits(hours=OfficeHours(PACIFIC))
    week = 7 * 24 * 60
    assert found(*reads(week + 5 * 60, 1), limits=hours) == []
    assert len(found(*reads(week + 5 * 60 - 1, 1), limits=hours)) == 1


def test_a_night_is_one_finding_an_actor():
    night = [*reads(600, 3), *reads(603, 1, actor="auditor")]
    assert found(*night, limits=Limits(hours=OfficeHours(UTC))) == [
        (Rule.OUT_OF_HOURS, "coordinator", (0, 1, 2)),
        (Rule.OUT_OF_HOURS, "auditor", (3,)),
    ]


def test_other_hours_and_days_can_be_set():
    hours = OfficeHours(UTC, opens=time(22), closes=time(23), days=frozenset({5, 6}))
    assert len(found(*reads(0, 1), limits=Limits(hours=hours))) == 1
    assert found(*reads(5 * 24 * 60 + 13 * 60, 1), limits=Limits(hours=hours)) == []


def test_without_a_zone_no_hour_is_unusual_and_what_reads_nothing_never_is():
    assert found(*reads(0, 1), *reads(3 * 24 * 60, 1)) == []
    nightly = [(600, an_event(Act.RUN_FINISHED, "service", "service")), (601, an_event(Act.SIGN_IN))]
    assert found(*nightly, limits=Limits(hours=OfficeHours(UTC))) == []


# Much at once.


@pytest.mark.parametrize(
    ("number", "apart", "unusual"), [(30, 1, False), (31, 1, True), (31, 2, False), (61, 1.99, True), (0, 1, False)]
)
def test_much_is_more_than_so_many_within_one_hour(number, apart, unusual):
    places = [entry for _, _, entry in found(*reads(0, number, apart))]
    assert places == ([tuple(range(number))] if unusual and apart == 1 else places)
    assert bool(places) is unusual


def test_an_hour_is_less_than_an_hour():
    assert found(*reads(0, 31, 2.0)) == []
    assert found(*reads(0, 30, 1.0), *reads(60, 1)) == []
    assert len(found(*reads(0, 30, 1.0), *reads(59.9, 1))) == 1


def test_who_always_reads_much_is_busy_and_not_unusual():
    week = [read for day in range(5) for read in reads(day * 1440, 25)]
    assert found(*week, *reads(5 * 1440, 100, 0.3)) == []
    assert len(found(*week, *reads(5 * 1440, 126, 0.3))) == 1


def test_the_usual_is_the_actors_own():
    others = [read for day in range(5) for read in reads(day * 1440, 25, actor="auditor")]
    (finding,) = found(*others, *reads(5 * 1440, 40))
    assert finding[:2] == (Rule.MUCH_AT_ONCE, "coordinator")


def test_a_burst_is_not_what_is_usual_from_then_on():
    burst = reads(0, 35)
    days = [read for day in range(1, 5) for read in reads(day * 1440, 1)]
    for quiet in (days[:3], days):
        assert len(found(*burst, *quiet, *reads(5 * 1440, 35))) == 2


def test_two_bursts_are_two_findings():
    assert [len(places) for _, _, places in found(*reads(0, 35), *reads(600, 40))] == [35, 40]


def test_a_look_at_matches_counts_once_however_many_agencies_it_shows():
    looks = [
        (n, an_event(act, "ymca", "agency"))
        for n in range(10)
        for act in (Act.MATCHES_READ, *[Act.MATCHES_RELEASED] * 8)
    ]
    assert found(*looks) == []


# Refusals.


@pytest.mark.parametrize("act", [Act.DENIED, Act.REFUSED, Act.UPLOAD_REFUSED])
@pytest.mark.parametrize(("number", "apart", "unusual"), [(5, 1, False), (6, 1, True), (6, 12, False), (6, 11.9, True)])
def test_a_series_is_more_than_so_many_refusals_within_one_hour(act, number, apart, unusual):
    assert [rule for rule, _, _ in found(*refusals(0, number, act, apart))] == [Rule.REFUSED_AGAIN] * unusual


def test_refusals_of_different_members_do_not_add_up():
    assert found(*[(n, an_event(Act.DENIED, f"agency{n}", "agency")) for n in range(20)]) == []


def test_the_rules_that_refused_are_told():
    (finding,) = find_unusual(entries_at(*refusals(0, 6)), LIMITS)
    assert finding.words.endswith("(by the rules: role)")


# Roles.


def test_the_first_read_by_another_role_is_unusual_and_the_second_is_not():
    told = [(n, an_event(Act.COUNT_READ, actor, role)) for n, (actor, role) in enumerate(
        [("coordinator", "coordinator"), ("mallory", "operator"), ("mallory", "operator"), ("anna", "auditor")]
    )]  # fmt: skip
    assert found(*told) == [(Rule.NEW_TO_ROLE, "mallory", (1,)), (Rule.NEW_TO_ROLE, "anna", (3,))]


def test_who_reads_first_of_all_is_not_unusual_nor_is_what_reads_nothing():
    told = [(0, an_event(Act.SIGN_IN)), (1, an_event(Act.SIGN_IN, "ymca", "agency")), (2, an_event(Act.COUNT_READ))]
    assert found(*told) == []


# All together.


def test_an_ordinary_week_has_no_finding():
    """Five days of counts by page, matches of three agencies, an auditor's reading, and a mistyped request a day."""
    week = []
    for day in range(5):
        start = day * 1440
        week += [(start + n * 0.01, an_event(Act.COUNT_READ)) for n in range(8)]
        for place, agency in enumerate(("ymca", "clinic", "food_bank")):
            week += [
                (start + 60 + place, an_event(act, agency, "agency"))
                for act in (Act.MATCHES_READ, Act.MATCHES_RELEASED)
            ]
        week += [
            (start + 120, an_event(Act.REFUSED, "ymca", "agency")),
            (start + 121, an_event(Act.LOG_READ, "a", "auditor")),
        ]
    assert found(*week, limits=Limits(hours=OfficeHours(UTC))) == []


def test_an_empty_log_has_none():
    assert find_unusual((), LIMITS) == ()


def test_findings_come_in_the_order_of_the_log():
    told = sorted([*reads(0, 31), *refusals(0.5, 6)], key=lambda one: one[0])
    assert [rule for rule, _, _ in found(*told)] == [Rule.MUCH_AT_ONCE, Rule.REFUSED_AGAIN]


def test_the_limits_are_told_with_the_findings():
    assert "more than 30 reads within an hour" in describe_limits(LIMITS)
    assert "outside of 07:00 to 19:00 (America/Los_Angeles) on Monday" in describe_limits(Limits(OfficeHours(PACIFIC)))


# Many clients at once, by the lower ends of bands.


def looks(start, number, shown, apart=60.0):
    told = {"details": {"shown": shown}}
    return [(start + apart * n, an_event(Act.MATCHES_RELEASED, "shelter", "agency", **told)) for n in range(number)]


@pytest.mark.parametrize(
    ("told", "entries"),
    [
        (looks(0, 1, "101 to 1000"), []),
        (looks(0, 9, "101 to 1000", apart=1.0), []),
        (looks(0, 10, "101 to 1000", apart=1.0), [tuple(range(10))]),
        (looks(0, 1, "1001 to 10000"), [(0,)]),
        (looks(0, 6, "101 to 1000") + looks(400, 1, "1001 to 10000"), [(6,)]),
        (looks(0, 6, "none"), []),
    ],
)
def test_an_hour_that_shows_far_more_clients_than_usual_is_found(told, entries):
    assert [one[2] for one in found(*told) if one[0] is Rule.MANY_CLIENTS] == entries


def test_who_always_sees_many_clients_is_unusual_at_first_only():
    told = looks(0, 8, "1001 to 10000")
    assert [one[2] for one in found(*told) if one[0] is Rule.MANY_CLIENTS] == [(n,) for n in range(5)]
