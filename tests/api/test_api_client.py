"""The typed client against the service itself: a method for every operation, and every answer as its type."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import msgspec
import pytest
from api_town import BASE, EPOCH, Clock, Town, a_file, a_row, a_town, copy_town, new_key, people, public_line

from audit.events import Act, encode_entry, format_time
from audit.merkle import leaf_hash
from hashing.client import EpochTerms
from hashing.connection import Connection, NewMember
from hashing.errors import ApprovalAwaited, ConnectionFailed, ServiceRefused
from hashing.member_key import MemberKey, public_keyid
from hashing.resumable import result_of
from hashing.schema import AgencyKind
from hashing.second_person import describe_proposal, digest_of
from hashing.service_answers import Proposal, Receipt, Run, Upload
from hashing.transport import TRIES, check_address, parsed

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text(encoding="utf-8"))
YMCA = NewMember("ymca", "YMCA", "agency", public_line(new_key("ymca")), AgencyKind.NONPROFIT, "desk")
NO_PAUSE: list[float] = []
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
T = TypeVar("T")


class Heard:
    """Passes requests on, and remembers which operations they were."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.operations: set[tuple[str, str]] = set()
        self.kept: list[Receipt] = []

    def build_request(self, *told: Any, **more: Any) -> httpx2.Request:
        return self.client.build_request(*told, **more)

    def send(self, request: httpx2.Request) -> httpx2.Response:
        for template, methods in DOCUMENT["paths"].items():
            pattern, method = re.sub(r"\{\w+\}", "[^/]+", template), request.method.lower()
            if method in methods and re.fullmatch(pattern, request.url.path):
                self.operations.add((method, template))
        return self.client.send(request)


@pytest.fixture
def live(founded: Path, tmp_path: Path) -> Iterator[tuple[Town, Heard]]:
    """A town with the clock of this computer, by which the client signs; two persons lead it."""
    clock = Clock(datetime.now(UTC))
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data", clock=clock, approvals="two") as town:
        yield town, Heard(town.client)


def as_member(town: Town, heard: Any, member: str) -> Connection:
    return Connection(BASE, MemberKey(town.keys[member]), heard, NO_PAUSE.append, getattr(heard, "kept", []).extend)


def agreed(town: Town, heard: Heard, ask: Any) -> Any:
    """What has to wait for the auditor, who reads it and approves."""
    with pytest.raises(ApprovalAwaited, match="waits for the approval of a second person") as awaited:
        ask()
    assert "headcount service approvals" in awaited.value.hint
    auditor = as_member(town, heard, "auditor")
    waiting = next(one for one in auditor.approvals() if one.state == "waiting")
    read = auditor.approval(waiting.proposal)
    assert auditor.decide(read, approve=True).state == "approved"
    return ask()


def test_every_operation_has_its_method_and_every_answer_its_type(live: tuple[Town, Heard], tmp_path: Path) -> None:
    town, heard = live
    before = town.parts.journal.size
    boss, clinic, auditor = (as_member(town, heard, who) for who in ("coordinator", "clinic", "auditor"))
    _roster(town, heard, boss, clinic)
    _files_and_counts(town, heard, boss, clinic, tmp_path)
    _pieces_and_jobs(boss, clinic, tmp_path)
    _log(boss, clinic, auditor)
    _people(clinic)
    operations = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert heard.operations == operations
    _every_entry_of_theirs_is_kept(town, before, heard.kept)


def _every_entry_of_theirs_is_kept(town: Town, before: int, kept: list[Receipt]) -> None:
    """What was asked for, what waited, what was refused, and what a job did for who asked: all with their times."""
    entries = town.parts.journal.entries(0, 1000)
    signed = {entry.seq for entry in entries[before:] if entry.event.request_signature}
    sent = {entry.seq for entry in entries[before:] if entry.event.act is Act.UPLOAD_ACCEPTED}
    leaves = {seq: leaf_hash(encode_entry(entries[seq])).hex() for seq in signed | sent}
    assert {one.index: one.leaf for one in kept} == leaves
    assert all(one.time == format_time(entries[one.index].time) for one in kept)


def _roster(town: Town, heard: Heard, boss: Connection, clinic: Connection) -> None:
    assert (clinic.whoami().member.id, clinic.whoami().epoch.number) == ("clinic", 1)
    assert agreed(town, heard, lambda: boss.add_member(YMCA)).kind is AgencyKind.NONPROFIT
    assert boss.member("ymca") in boss.members()
    line = public_line(new_key("next"))
    keys = clinic.add_key("clinic", public_keyid(line), line)
    assert [key.retires is None for key in keys] == [False, True]
    clinic.retire_key("clinic", public_keyid(line))
    assert [key.keyid for key in clinic.keys("clinic")] == [keys[0].keyid]
    terms = EpochTerms(2, *EPOCH.values())
    assert agreed(town, heard, lambda: boss.open_epoch(terms)).number == 2
    assert [epoch.number for epoch in clinic.epochs()] == [1, 2]


def _files_and_counts(town: Town, heard: Heard, boss: Connection, clinic: Connection, folder: Path) -> None:
    for agency, other in (("clinic", "detox"), ("detox", "clinic")):
        path = folder / f"{agency}.codes.jsonl"
        consent = {"expires": f"{town.clock().year + 1}-12-31", "recipients": [other]}
        path.write_bytes(a_file(agency, [a_row("Ada", consent=consent), *people(*range(20))], epoch=2))
        sent = as_member(town, heard, agency).send(path)
        assert (sent.agency, sent.rows, sent.receipt.index > 0) == (agency, 21, True)
    assert clinic.upload(clinic.uploads()[0].upload) == clinic.uploads()[0]
    assert {one.agency for one in boss.uploads() if one.sent is not None} == {"clinic", "detox"}
    run = boss.start_run()
    assert boss.wait_for_run(run, progress=lambda stage, share: None).state == "finished"
    assert (boss.runs()[0].run, boss.report(run).run) == (run, run)
    assert boss.count("agency", purpose="planning").table.unit == "people"
    (match,) = clinic.matches().matches
    assert match.other_agency == "detox"
    made = agreed(town, heard, lambda: boss.release("2026-02", purpose="planning"))
    assert (made.released is not None, boss.releases()[0].sha256) == (True, made.sha256)
    assert boss.released(0).tables == made.tables
    assert boss.packet(0)[:2] == b"PK"
    assert clinic.openings(purpose="own-review").startswith(b"{")
    assert clinic.erase_openings([match.row]).openings > 0


def _pieces_and_jobs(boss: Connection, clinic: Connection, folder: Path) -> None:
    content = (folder / "clinic.codes.jsonl").read_bytes()
    session = clinic.pieces.begin(hashlib.sha256(content).hexdigest(), len(content))
    assert clinic.pieces.find(session.session) == session
    assert clinic.pieces.put(session.session, 0, content).offset == len(content)
    job = clinic.pieces.finish(session.session)
    ended = wait_for(lambda: clinic.jobs.find(job.job), lambda job: job.ended is not None)
    assert result_of(ended, Upload).rows == 21
    assert clinic.jobs.all()[0] == ended
    assert boss.jobs.purge(pause=0).files == 0
    with pytest.raises(ServiceRefused, match="has ended"):
        clinic.jobs.cancel(job.job)


def wait_for(ask: Callable[[], T], until: Callable[[T], bool]) -> T:
    for _ in range(600):
        if until(found := ask()):
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def _people(clinic: Connection) -> None:
    made = clinic.invite(name="Robin Doe", email="robin@clinic.example", role="navigator")
    assert "/sign-in/" in made.url
    assert clinic.people() == (made.person,)
    assert clinic.invite_anew(made.person.id).url != made.url
    assert clinic.shut_out(made.person.id).revoked is not None


def _log(boss: Connection, clinic: Connection, auditor: Connection) -> None:
    assert len(auditor.log_entries(1, 3).entries) == 3
    assert auditor.log_bundle()[:2] == b"PK"
    assert boss.checkpoint().startswith("headcount\n")
    assert clinic.proof(0).startswith("c2sp.org/tlog-proof@v1\n")
    assert clinic.sign_in_link().startswith(f"{BASE}/sign-in/")


def test_lists_are_read_to_their_end(live: tuple[Town, Heard], monkeypatch: pytest.MonkeyPatch) -> None:
    town, heard = live
    whole = as_member(town, heard, "clinic").members()
    heard_send = heard.client.send
    urls: list[str] = []

    class Short:
        """Asks for two at a time, wherever the client asks for a list."""

        def build_request(self, method: str, url: str, **more: Any) -> httpx2.Request:
            urls.append(url)
            return town.client.build_request(method, url if "?" in url else f"{url}?limit=2", **more)

        send = staticmethod(heard_send)

    assert as_member(town, Short(), "clinic").members() == whole
    assert len(urls) == len(whole) // 2


def test_what_is_shown_is_what_is_approved_whatever_the_service_says() -> None:
    """A service that shows one thing and gives the digest of another is caught by whoever would approve it."""
    example = DOCUMENT["paths"]["/api/v1/approvals/{proposal}"]["get"]["responses"]["200"]["content"]
    shown = parsed(Proposal, json.dumps(example["application/json"]["example"]).encode())
    true = msgspec.structs.replace(shown, digest=digest_of(shown))
    assert f"  SHA-256 {true.digest}" in describe_proposal(true)
    other = msgspec.structs.replace(true, content={**true.content, "keyid": "0" * 16})
    with pytest.raises(ConnectionFailed, match="shows something else than its SHA-256 is of"):
        describe_proposal(other)
    connection, _ = asking(Answers())
    with pytest.raises(ConnectionFailed, match="shows something else"):
        connection.decide(other, approve=True)


class Answers:
    """A service that gives these answers in turn."""

    def __init__(self, *told: httpx2.Response) -> None:
        self.told = list(told)
        self.nonces: list[str] = []

    def build_request(self, *told: Any, **more: Any) -> httpx2.Request:
        return httpx2.Request(*told, **more)

    def send(self, request: httpx2.Request) -> httpx2.Response:
        self.nonces.append(request.headers["signature-input"].split('nonce="')[1].split('"')[0])
        return self.told.pop(0)


def asking(answers: Answers) -> tuple[Connection, list[float]]:
    pauses: list[float] = []
    return Connection(BASE, MemberKey(new_key("clinic")), answers, pauses.append), pauses  # type: ignore[arg-type]


def busy(status: int, **headers: str) -> httpx2.Response:
    body = {"type": "urn:headcount:problem:too-many-requests", "detail": "too many", "hint": "Wait."}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, json=body, headers=sent)


def test_a_linkage_that_was_cancelled_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter(("running", "cancelled"))

    def run(_connection: Connection, run_id: str) -> Run:
        return Run(run_id, 1, next(states), "comparing", 0.5, NOON, None, "cancelled", "Ask for it again.")

    monkeypatch.setattr(Connection, "run", run)
    boss = Connection(BASE, MemberKey(new_key("coordinator")), httpx2.Client(), NO_PAUSE.append)
    with pytest.raises(ConnectionFailed, match="the linkage was cancelled"):
        boss.wait_for_run("run", progress=lambda stage, share: None)


def test_a_service_that_asks_for_patience_is_asked_again_with_a_new_signature() -> None:
    answers = Answers(busy(429, retry_after="7"), busy(503), httpx2.Response(200, text="state"))
    connection, pauses = asking(answers)
    assert connection.checkpoint() == "state"
    assert pauses == [7.0, 2.0]
    assert len(set(answers.nonces)) == 3


def test_patience_ends_and_says_what_the_service_said() -> None:
    connection, pauses = asking(Answers(*(busy(429, retry_after="9999") for _ in range(TRIES))))
    with pytest.raises(ServiceRefused, match="the service refused: too many") as refused:
        connection.whoami()
    assert (refused.value.kind, refused.value.status) == ("too-many-requests", 429)
    assert refused.value.hint == "Wait."
    assert pauses == [60.0] * (TRIES - 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 507])
def test_any_other_refusal_is_final(status: int) -> None:
    connection, pauses = asking(Answers(busy(status)))
    with pytest.raises(ServiceRefused, match="too many"):
        connection.whoami()
    assert pauses == []


@pytest.mark.parametrize("text", ["<html>", "[]", '{"member": 5}', "\xff"])
def test_an_answer_that_is_something_else_is_told_as_that(text: str) -> None:
    connection, _ = asking(Answers(httpx2.Response(200, content=text.encode("latin-1"))))
    with pytest.raises(ConnectionFailed, match="does not know"):
        connection.whoami()


def test_a_refusal_without_words_says_its_status() -> None:
    connection, _ = asking(Answers(httpx2.Response(502, text="<html>Bad gateway")))
    with pytest.raises(ServiceRefused, match="status 502"):
        connection.whoami()


def test_what_a_later_service_adds_is_left_aside() -> None:
    link = {"url": "https://h/sign-in/x", "expires": "2026-03-01T09:30:00Z", "colour": "red"}
    connection, _ = asking(Answers(httpx2.Response(201, json=link)))
    assert connection.sign_in_link() == "https://h/sign-in/x"


@pytest.mark.parametrize("address", ["ftp://h", "headcount.example.org", "http://headcount.example.org", "https://"])
def test_an_address_that_is_none_or_open_is_refused(address: str) -> None:
    with pytest.raises(ConnectionFailed, match=r"is not (the address of a service|protected on its way)"):
        check_address(address)
