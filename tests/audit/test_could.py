"""Whether another agency could have been shown a client: no more is said than one side's openings and the log tell."""

from datetime import UTC, date, datetime

import msgspec
import pytest
import typer
from told import AGREED, SAW_AT, SHOWN_TO, a_file, an_event, log_consent, log_match, opened, sealed
from typer.testing import CliRunner

from audit.could import could_lines, could_see
from audit.errors import CommandMisused
from audit.events import Act
from audit.log import AuditLog
from audit.review_cli import _day_of, register
from audit.why import ask_why

ROW = "ymcarowymcarow22"
GONE = msgspec.structs.replace(AGREED, recipients=(), until=None)
DAYS = {number: date(2026, 11, number) for number in range(20, 30)}


class Town:
    """A log in which days pass, and the openings of the YMCA."""

    def __init__(self, log: AuditLog, clock) -> None:
        self.log, self.clock, self.held = log, clock, []

    def on(self, number: int) -> "Town":
        self.clock.now = datetime(2026, 11, number, 9, 0, tzinfo=UTC)
        return self

    def add(self, member: str, kind: str = "nonprofit") -> "Town":
        self.log.append(an_event(Act.MEMBER_ADDED, object=f"member/{member}", details={"kind": kind}))
        return self

    def states(self, fact) -> "Town":
        openings = sealed(fact)
        self.held.append((log_consent(self.log, openings), openings))
        return self

    def shows(self) -> "Town":
        openings = sealed(SHOWN_TO, SAW_AT)
        self.held.append((log_match(self.log, openings), openings))
        return self

    def asked(self, number: int, *, other: str = "clinic", whole: bool = True, row: str = ROW, **changes) -> str:
        lists = [opened(self.log, index, openings, **changes) for index, openings in self.held]
        entries = self.log.entries() if whole else None
        answer = ask_why(a_file(*lists), [row], vkeys=self.log.vkeys, log=entries)
        return "\n".join(could_lines(answer, could_see(answer, other, DAYS[number], log=entries)))


@pytest.fixture
def town(log, clock):
    return Town(log, clock).on(22).add("ymca").add("clinic").on(23).states(AGREED)


UNKNOWN = "Whether it could cannot be told from here"


def test_a_consent_of_ones_own_side_alone_does_not_tell(town):
    said = town.on(29).add("later").asked(23)
    assert said.startswith("Could clinic see this client on 2026-11-23 (UTC)?\n  Your side allowed it: a consent")
    assert "(entry 2)" in said
    assert UNKNOWN in said
    assert "--log" not in said


def test_without_the_log_the_kinds_are_not_known(town):
    assert "of a kind that is matched at all, shows with a copy of the log" in town.asked(23, whole=False)


def test_what_was_shown_could_be_shown(town):
    assert "  Yes: it was shown the client on that day (entry 3)." in town.on(24).shows().asked(24)
    assert UNKNOWN in town.asked(23)


@pytest.mark.parametrize(("number", "other"), [(22, "clinic"), (23, "ymca"), (26, "clinic")])
def test_without_a_consent_it_could_not(town, number, other):
    town.on(25).states(GONE).on(29).add("later")
    assert f"  No: no consent that your files stated named {other} and held on that day." in town.asked(
        number, other=other
    )


def test_on_the_day_of_a_withdrawal_it_held_until_then(town):
    town.on(25).states(GONE).on(29).add("later")
    assert UNKNOWN in town.asked(25)


def test_a_consent_holds_on_its_last_day_and_not_on_the_next(log, clock):
    until = msgspec.structs.replace(AGREED, until=date(2026, 11, 24))
    town = Town(log, clock).on(22).add("ymca").add("clinic").states(until).on(29).add("later")
    assert UNKNOWN in town.asked(24)
    assert "  No: no consent" in town.asked(25)


@pytest.mark.parametrize("changes", [{"whole": False}, {"row": "a" * 16}, {"openings": ()}])
def test_no_consent_in_a_file_that_may_lack_some_is_no_no(town, changes):
    said = town.on(25).states(GONE).on(29).add("later").asked(26, **changes)
    assert "That is certain only if the row is the client's" in said
    assert "  No:" not in said


def test_a_day_that_the_copy_does_not_end_is_not_over(town):
    assert "that goes\n  on after that day" in town.on(25).states(GONE).asked(26)


@pytest.mark.parametrize("kind", ["victim-service-provider", "government"])
def test_some_kinds_are_never_matched(log, clock, kind):
    town = Town(log, clock).on(22).add("ymca").add("clinic", kind).states(AGREED)
    assert f"  No: clinic is of the kind '{kind}', which is never matched." in town.asked(22)


def test_who_was_no_member_yet_could_not(log, clock):
    town = Town(log, clock).on(22).add("ymca").states(AGREED).on(24).add("clinic")
    assert "  No: by the log, no member clinic had been added by then." in town.asked(22)
    assert UNKNOWN in town.asked(24)


@pytest.mark.parametrize("words", [("clinic", None), (None, "2026-11-22"), ("clinic", "yesterday")])
def test_a_member_and_a_day_are_asked_about_together(words):
    with pytest.raises(CommandMisused, match="--could takes a member, and --on a day"):
        _day_of(*words)


def test_the_command_tells_it_first(town, tmp_path):
    openings, key = tmp_path / "openings.jsonl", tmp_path / "log.vkey"
    openings.write_bytes(a_file(*(opened(town.log, *one) for one in town.held)))
    key.write_text(town.log.vkeys)
    app = typer.Typer()
    register(app)
    words = ("why", openings, "--agency", "ymca", "--row", ROW, "--key", key, "--could", "clinic", "--on", "2026-11-23")
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0
    assert done.stdout.startswith("Could clinic see this client on 2026-11-23 (UTC)?\n  Your side allowed it")
