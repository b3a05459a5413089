"""Every write, fsync, rename and statement of every route made to fail in turn: refused, never acknowledged and lost.

Sending a file meets a full disk, a broken one and short writes at every point; every other way to change something or
to let something out meets a full disk at a part of its points. HEADCOUNT_FAULTS=all tries all of all.
"""

import hashlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import SAME_ORIGIN, Clock, Town, a_file, a_town, new_key, people, public_line, wait_until
from counted_once import counted_once
from faulty_disk import Fault, FaultyDisk, install
from openid_provider import OpenIdProvider, openid_provider, settings_for
from test_api_acts import WAYS, Send, a_new_session, give, keys_path, member, on_pages, receipts_of, somebody, state_of

import linkage.cube.asking  # noqa: F401  # loaded here, so that no release in the background is slow for loading it
from audit.events import Receipt
from audit.verify import verify_bundle

MOST_POINTS = 4000  # of one request: a test that went round and round would not end
EVERYTHING = os.environ.get("HEADCOUNT_FAULTS") == "all"
SESSIONS, PIECE = "/api/v1/upload-sessions", {"content-type": "application/octet-stream"}
UPLOADS, PEOPLE, BUNDLE = "/api/v1/uploads", "/api/v1/people", "/log/bundle"
STEP = 1 if EVERYTHING else 9  # from one point that is tried to the next
FULL_OR_UNAVAILABLE = {503, 507}
# What can be used once is used up by the attempt; the person starts over.
ONCE = {"/sign-in/{token}", "/sign-in", "/confirm", "/passkeys", "/openid/callback"}
NUMBERS = itertools.count()


class Kind(Enum):
    """What a refused request may leave behind."""

    ACT = "nothing"
    READ = "what the log says was shown, and its openings"
    ONCE = "what was used up"


def a_spare_key(town: Town) -> Send:
    """A key that was there for a moment: a retired one never comes back."""
    town.send("clinic", "DELETE", keys_path("2nd"))
    name = f"spare {next(NUMBERS)}"
    made = town.send("clinic", "PUT", keys_path(name), json={"public_key": public_line(new_key(name))})
    assert made.status_code < 400, made.text
    return lambda: town.send("clinic", "DELETE", keys_path(name))


def deciding(decision: str, *, on_page: bool) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        name = f"proposed-{next(NUMBERS)}"
        proposal = town.send("coordinator", "PUT", f"/api/v1/members/{name}", json=member("P", name)).json()
        if not on_page:
            return lambda: town.decide("auditor", proposal, decision)
        browser, path = town.sign_in("auditor"), f"/approvals/{proposal['proposal']}/decision"
        form = {"decision": decision, "digest": proposal["digest"]}
        return lambda: browser.post(path, data=form, headers=SAME_ORIGIN, follow_redirects=False)

    return prepare


def somebody_new(send: Callable[[Town, dict[str, str]], Send]) -> Callable[[Town], Send]:
    return lambda town: send(town, somebody(f"newcomer{next(NUMBERS)}"))


def invited_on_the_page(town: Town, who: dict[str, str]) -> Send:
    return on_pages("food_bank", "POST", "/people", data=who)(town)


def end_sessions(town: Town, agency: str) -> None:
    """Nothing of the agency's is on its way any more, or its quota would be used up."""
    for session in town.parts.pieces.sessions.of(agency):
        town.parts.pieces.end(session)


def another_session(town: Town) -> Send:
    end_sessions(town, "detox")
    return a_new_session(town)


def a_piece(town: Town) -> Send:
    end_sessions(town, "clinic")
    body = a_file("clinic", people(next(NUMBERS)))
    asked = {"digest": hashlib.sha256(body).hexdigest(), "length": len(body)}
    session = town.send("clinic", "POST", SESSIONS, json=asked).json()["session"]
    return lambda: town.send("clinic", "PUT", f"{SESSIONS}/{session}/pieces/0", content=body, headers=PIECE)


# Ways that the acts' tests go once, here to be gone again and again.
AGAIN = {
    ("POST", "/api/v1/upload-sessions"): another_session,
    ("DELETE", "/api/v1/members/{member_id}/keys/{keyid}"): a_spare_key,
    ("POST", "/api/v1/people"): somebody_new(
        lambda town, who: lambda: town.send("food_bank", "POST", PEOPLE, json=who)
    ),
    ("POST", "/people"): somebody_new(invited_on_the_page),
    ("POST", "/api/v1/approvals/{proposal}/decision"): deciding("approve", on_page=False),
    ("POST", "/approvals/{proposal}/decision"): deciding("decline", on_page=True),
}
TRIED = [(method, path, AGAIN.get((method, path), prepare)) for method, path, prepare in WAYS]
TRIED.insert(0, ("PUT", "/api/v1/upload-sessions/{session_id}/pieces/{offset}", a_piece))
# A copy of the log has a write for each entry, and each try adds some: it comes first, and with longer steps.
TRIED.sort(key=lambda way: not way[1].endswith(BUNDLE))
FAULTS = [(fault, *way) for way in TRIED for fault in Fault if EVERYTHING or fault is Fault.FULL or way[1] == UPLOADS]


@dataclass
class Ordeal:
    """A town on a faulty disk, and all that it acknowledged meanwhile."""

    town: Town
    disk: FaultyDisk
    provider: OpenIdProvider
    receipts: list[Receipt] = field(default_factory=list)
    uploads: set[str] = field(default_factory=set)
    points: int = 0

    def heard(self, answer: httpx2.Response) -> None:
        """Keep what an answer promises."""
        if answer.status_code < 400 and "headcount-receipt" in answer.headers:
            self.receipts += receipts_of(answer)
        if answer.status_code in {200, 201} and answer.url.path == UPLOADS:
            self.uploads.add(answer.json()["upload"])


@pytest.fixture(scope="module")
def ordeal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    folder, clock = tmp_path_factory.mktemp("ordeal") / "data", Clock()
    with a_town(folder, clock=clock):  # founded by one person, and led by two
        pass
    with ExitStack() as stack:
        provider = stack.enter_context(openid_provider(clock))
        chosen = settings_for(provider, folder.parent)
        town = stack.enter_context(a_town(folder, clock=clock, approvals="two", linking=counted_once(), **chosen))
        give(town, "food_bank", "detox")
        give(town, "detox", "food_bank")
        town.link()
        disk = FaultyDisk(folder)
        install(disk, town.parts.members._engine, stack.enter_context(pytest.MonkeyPatch.context()))
        yield Ordeal(town, disk, provider)


def points_of(path: str) -> Iterator[int]:
    """Which points to try, in order; not always the same ones of what all routes have in common."""
    step = 1 if path == UPLOADS else 41 if path.endswith(BUNDLE) else STEP
    return iter(range(next(NUMBERS) % step, MOST_POINTS, step))


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "method", "path", "prepare"), FAULTS)
def test_a_fault_is_told_and_passes(
    ordeal: Ordeal, fault: Fault, method: str, path: str, prepare: Callable[[Town], Send]
) -> None:
    kind = Kind.ONCE if path in ONCE else Kind.READ if method == "GET" else Kind.ACT
    for point in points_of(path):
        if not goes_on_after(ordeal, point, fault, prepare, kind):
            return
    raise AssertionError("there was no end of points")


def settle(town: Town) -> None:
    """Wait until nothing is done in the background."""
    parts = town.parts
    wait_until(lambda: not parts.runs.unfinished() and not parts.jobs.busy)
    wait_until(lambda: not [job for job in parts.job_table.unfinished() if job.signature])


def expected(town: Town) -> set[str]:
    """The files that are on their way, in pieces."""
    return {session.id for session in town.parts.pieces.sessions.all()}


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """What a request changed: lines of tables, sessions and files."""
    lines = [{str(line) for name, part in state["tables"].items() for line in part} for state in (before, after)]
    rest = [{str(part) for part in [*state["sessions"], *state["files"]]} for state in (before, after)]
    return sorted((lines[0] ^ lines[1]) | (rest[0] ^ rest[1]))


def goes_on_after(ordeal: Ordeal, point: int, fault: Fault, prepare: Callable[[Town], Send], kind: Kind) -> bool:
    """Fail one point of a request and send it again; False if it has no such point."""
    town = ordeal.town
    ordeal.provider.subject = f"robin-{next(NUMBERS)}"
    send = prepare(town)
    settle(town)
    before = state_of(town)
    with ordeal.disk.failing(point, fault):
        answer = send()
    ordeal.heard(answer)
    where = (point, ordeal.disk.fired, answer.status_code, answer.text[:200])
    assert answer.status_code < 400 or (ordeal.disk.fired and answer.status_code in FULL_OR_UNAVAILABLE), where
    if answer.status_code >= 400:
        assert kind is not Kind.ACT or differing(before, state_of(town)) == [], where
        again = prepare(town)() if kind is Kind.ONCE else send()
        ordeal.heard(again)
        assert again.status_code < 400, (where, again.text[:200])
    assert expected(town) >= {path.stem for path in (town.parts.settings.data / "incoming").iterdir()}, where
    ordeal.points += bool(ordeal.disk.fired)
    return bool(ordeal.disk.fired)


def test_nothing_that_was_acknowledged_is_lost(
    ordeal: Ordeal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the service was left with holds all that it promised, and nothing else: no file that nobody knows."""
    parts = ordeal.town.parts
    settle(ordeal.town)
    known = {upload.digest for upload in parts.uploads.all()}
    kept = {path.stem: path for path in (parts.settings.data / "uploads").iterdir()}
    assert ordeal.uploads <= known == kept.keys()
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == digest for digest, path in kept.items())
    parts.journal.export(tmp_path / "bundle")
    verify_bundle(tmp_path / "bundle", vkeys=parts.journal.vkeys, receipts=ordeal.receipts)
    with capsys.disabled():
        sys.stdout.write(f"\n{ordeal.points:,} faults, {len(ordeal.receipts):,} receipts held\n")
