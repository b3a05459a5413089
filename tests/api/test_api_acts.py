"""Every route that changes something or lets something out: logged first, with receipts, or not done at all."""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import http_sf
import httpx2
import pytest
from api_town import (
    BASE,
    EPOCH,
    SAME_ORIGIN,
    Clock,
    Town,
    a_file,
    a_row,
    a_town,
    keyid,
    new_key,
    people,
    public_line,
    sign,
    wait_until,
)
from authenticator import Authenticator, a_person, invitation, newcomer, question
from openid_provider import openid_provider, settings_for
from sqlalchemy import Connection, inspect, literal_column, select, table
from starlette.testclient import TestClient

from api.acts import TOLD, Silent, check_every_route_is_told
from api.errors import StartError
from api.policies import POLICY
from api.receipts import MOST, header_value
from api.storage.jobs import Job, Kind
from api.storage.runs import State
from audit.disk import Disk
from audit.events import Act, Event, Receipt
from audit.proof import verify_proof

Send = Callable[[], httpx2.Response]
CONSENT = {"expires": "2026-12-31", "recipients": ["detox"]}


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with linked(tmp_path_factory.mktemp("acting") / "data") as town:
        yield town


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with linked(tmp_path_factory.mktemp("other") / "data") as town:
        yield town


@contextmanager
def linked(folder: Path) -> Iterator[Town]:
    """A linked town in which a food bank and a detox share a client who consented to both."""
    clock = Clock()
    with a_town(folder, clock=clock):  # founded by one person, and led by two
        pass
    with ExitStack() as stack:
        provider = stack.enter_context(openid_provider(clock))
        chosen = settings_for(provider, folder.parent)
        town = stack.enter_context(a_town(folder, clock=clock, approvals="two", **chosen))
        give(town, "food_bank", "detox")
        give(town, "detox", "food_bank")
        town.link()
        yield town


def give(town: Town, agency: str, recipient: str) -> None:
    consent = {"expires": "2026-12-31", "recipients": [recipient]}
    assert town.upload(agency, a_file(agency, [a_row("Ada", consent=consent), *people(1, 2)])).status_code == 201


def signed(member: str, method: str, path: str, **options: Any) -> Callable[[Town], Send]:
    return lambda town: lambda: town.send(member, method, path, **options)


def on_pages(member: str, method: str, path: str, **options: Any) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        browser = town.sign_in(member)
        return lambda: browser.request(method, path, headers=SAME_ORIGIN, follow_redirects=False, **options)

    return prepare


def member(name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "role": "agency", "kind": "health", "public_key": public_line(new_key(key))} | more


AUDITOR_OF_A_KIND = member("F", "9") | {"role": "auditor"}
CSV = {"content": b"x", "headers": {"content-type": "text/csv"}}
ERASURES = "/api/v1/openings/erasures"
SESSIONS = "/api/v1/upload-sessions"
ASYNC = {"prefer": "respond-async"}
RELEASES, FEBRUARY = "/api/v1/releases", {"period": "2026-02", "purpose": "planning"}


def an_upload(_town: Town) -> Send:
    body = a_file("clinic", [a_row("Bo", consent=CONSENT), *people(7)])
    return lambda: _town.upload("clinic", body)


def a_session(town: Town, content: bytes) -> str:
    asked = {"digest": hashlib.sha256(content).hexdigest(), "length": len(content)}
    session = town.send("clinic", "POST", SESSIONS, json=asked).json()["session"]
    piece = {"content": content, "headers": {"content-type": "application/octet-stream"}}
    assert town.send("clinic", "PUT", f"{SESSIONS}/{session}/pieces/0", **piece).status_code == 200
    return session


def a_sent_session(town: Town) -> Send:
    session = a_session(town, secrets.token_bytes(20))
    return lambda: town.send("clinic", "POST", f"{SESSIONS}/{session}/finish")


def a_waiting_job(town: Town) -> Send:
    job = Job(secrets.token_hex(16), Kind.PURGE, "clinic", "{}", "", None, State.WAITING, town.clock())
    town.parts.job_table.add(job)  # in no queue, so that it waits
    return lambda: town.send("clinic", "DELETE", f"/api/v1/jobs/{job.id}")


def a_new_session(town: Town) -> Send:
    asked = {"digest": secrets.token_hex(32), "length": 5}
    return lambda: town.send("detox", "POST", SESSIONS, json=asked)


def keys_path(key: str) -> str:
    return f"/api/v1/members/clinic/keys/{keyid(new_key(key))}"


def approved(method: str, path: str, body: dict[str, Any]) -> Callable[[Town], Send]:
    """What the auditor has approved, so that it is done."""

    def prepare(town: Town) -> Send:
        answer = town.send("coordinator", method, path, json=body)
        if answer.status_code == 202:  # the first release may have been made already
            assert town.decide("auditor", answer.json()).status_code == 200
        return lambda: town.send("coordinator", method, path, json=body)

    return prepare


def deciding(decision: str, send: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        body = member("P", f"{decision} {send}")
        proposal = town.send("coordinator", "PUT", f"/api/v1/members/{decision}-{send}", json=body).json()
        if send == "api":
            return lambda: town.decide("auditor", proposal, decision)
        browser = town.sign_in("auditor")
        form = {"decision": decision, "digest": proposal["digest"]}
        path = f"/approvals/{proposal['proposal']}/decision"
        return lambda: browser.post(path, data=form, headers=SAME_ORIGIN, follow_redirects=False)

    return prepare


def a_second_key(town: Town) -> Send:
    return lambda: town.send("clinic", "PUT", keys_path("2nd"), json={"public_key": public_line(new_key("2nd"))})


def the_coordinators_key_for_it(town: Town) -> Send:
    path = f"/api/v1/members/detox/keys/{keyid(new_key('given'))}"
    return lambda: town.send("coordinator", "PUT", path, json={"public_key": public_line(new_key("given"))})


def the_first_key(town: Town) -> Send:
    """The other of two keys, which is back at once: everything else here is signed with the first."""
    a_second_key(town)()
    return lambda: town.send("clinic", "DELETE", keys_path("2nd"))


def next_epoch(town: Town) -> Send:
    number = town.parts.epochs.current().number + 1
    return lambda: town.send("coordinator", "PUT", f"/api/v1/epochs/{number}", json=EPOCH)


def next_epoch_approved(town: Town) -> Send:
    number = town.parts.epochs.current().number + 1
    return approved("PUT", f"/api/v1/epochs/{number}", EPOCH)(town)


def the_report(town: Town) -> Send:
    run = town.parts.runs.latest_finished(1).id
    return lambda: town.send("coordinator", "GET", f"/api/v1/runs/{run}/report")


def a_sign_in(town: Town) -> Send:
    url = town.send("coordinator", "POST", "/api/v1/sign-in-links").json()["url"]
    browser = TestClient(town.client.app, base_url=BASE)
    return lambda: browser.post(url, headers=SAME_ORIGIN, follow_redirects=False)


def the_release(path: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        assert town.agreed("coordinator", "POST", RELEASES, json=FEBRUARY).status_code == 201
        return lambda: town.send("coordinator", "GET", RELEASES + path)

    return prepare


def the_release_page(path: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        assert town.agreed("coordinator", "POST", RELEASES, json=FEBRUARY).status_code == 201
        return on_pages("coordinator", "GET", f"/releases{path}")(town)

    return prepare


def somebody(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name}@food.example", "role": "uploader"}


def to_somebody(method: str, end: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        path = f"/api/v1/people/{invitation(town, 'food_bank', 'uploader')['person']['id']}{end}"
        return lambda: town.send("food_bank", method, path)

    return prepare


def a_release_from_the_page(town: Town) -> Send:
    browser = town.sign_in("coordinator")
    return lambda: browser.post("/releases", data=FEBRUARY, headers=SAME_ORIGIN, follow_redirects=False)


def to_somebody_on_a_page(end: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        browser = town.sign_in("food_bank")
        path = f"/people/{invitation(town, 'food_bank', 'uploader')['person']['id']}{end}"
        return lambda: browser.post(path, headers=SAME_ORIGIN, follow_redirects=False)

    return prepare


def with_a_passkey(path: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        human = a_person(town, "food_bank", "uploader")
        answer = human.device.answer(question(human.get(path).text))
        return lambda: human.post(path, credential=answer)

    return prepare


def with_an_account(town: Town) -> Send:
    made = invitation(town, "food_bank", "uploader")
    human = newcomer(town, made["url"], made["person"]["id"])
    back = httpx2.get(human.get("/openid").headers["location"]).headers["location"]
    return lambda: human.get(back)


def another_passkey(town: Town) -> Send:
    human = a_person(town, "food_bank", "uploader")
    answer = Authenticator().create(question(human.get("/passkeys").text))
    return lambda: human.post("/passkeys", credential=answer, name="Key ring")


def to_a_passkey(end: str) -> Callable[[Town], Send]:
    def prepare(town: Town) -> Send:
        human = a_person(town, "food_bank", "uploader")
        human.enrol(Authenticator(), "Key ring")
        passkey = town.parts.ceremonies.passkeys.of(human.id)[1].id
        return lambda: human.post(f"/passkeys/{passkey}{end}", name="Blue key")

    return prepare


# Each way to do what a route does; what changes the open epoch comes last.
WAYS: list[tuple[str, str, Callable[[Town], Send]]] = [
    ("PUT", "/api/v1/members/{member_id}", signed("coordinator", "PUT", "/api/v1/members/late", json=member("A", "0"))),
    ("PUT", "/api/v1/members/{member_id}", approved("PUT", "/api/v1/members/new", member("A", "1"))),
    ("PUT", "/api/v1/members/{member_id}", signed("coordinator", "PUT", "/api/v1/members/new", json=member("B", "1"))),
    ("PUT", "/api/v1/members/{member_id}", approved("PUT", "/api/v1/members/new", member("B", "2"))),
    ("PUT", "/api/v1/members/{member_id}/keys/{keyid}", a_second_key),
    ("PUT", "/api/v1/members/{member_id}/keys/{keyid}", the_coordinators_key_for_it),
    ("DELETE", "/api/v1/members/{member_id}/keys/{keyid}", the_first_key),
    ("GET", "/api/v1/counts", signed("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning")),
    ("GET", "/counts", on_pages("coordinator", "GET", "/counts?purpose=planning")),
    ("POST", "/releases", a_release_from_the_page),
    ("POST", "/api/v1/releases", signed("coordinator", "POST", RELEASES, json=FEBRUARY)),
    ("POST", "/api/v1/releases", approved("POST", RELEASES, FEBRUARY)),
    ("POST", "/api/v1/releases", signed("coordinator", "POST", RELEASES, json=FEBRUARY, headers=ASYNC)),
    ("GET", "/api/v1/releases/{number}", the_release("/0")),
    ("GET", "/api/v1/releases/{number}/packet", the_release("/0/packet")),
    ("POST", "/releases", a_release_from_the_page),
    ("GET", "/releases/{number}", the_release_page("/0")),
    ("GET", "/releases/{number}/packet", the_release_page("/0/packet")),
    ("GET", "/api/v1/matches", signed("food_bank", "GET", "/api/v1/matches?purpose=care-coordination")),
    ("GET", "/matches", on_pages("detox", "GET", "/matches")),
    ("GET", "/api/v1/runs/{run_id}/report", the_report),
    ("GET", "/api/v1/openings", signed("food_bank", "GET", "/api/v1/openings?purpose=client-request")),
    ("GET", "/api/v1/log/entries", signed("auditor", "GET", "/api/v1/log/entries")),
    ("GET", "/api/v1/log/bundle", signed("auditor", "GET", "/api/v1/log/bundle")),
    ("GET", "/log", on_pages("auditor", "GET", "/log")),
    ("GET", "/log/bundle", on_pages("auditor", "GET", "/log/bundle")),
    ("POST", "/api/v1/sign-in-links", signed("food_bank", "POST", "/api/v1/sign-in-links")),
    ("POST", "/sign-in/{token}", a_sign_in),
    ("POST", "/sign-out", on_pages("auditor", "POST", "/sign-out")),
    ("POST", "/api/v1/people", signed("food_bank", "POST", "/api/v1/people", json=somebody("a"))),
    ("POST", "/people", on_pages("food_bank", "POST", "/people", data=somebody("b"))),
    ("POST", "/api/v1/people/{person_id}/links", to_somebody("POST", "/links")),
    ("DELETE", "/api/v1/people/{person_id}", to_somebody("DELETE", "")),
    ("POST", "/people/{person_id}/links", to_somebody_on_a_page("/links")),
    ("POST", "/people/{person_id}/revoke", to_somebody_on_a_page("/revoke")),
    ("GET", "/openid/callback", with_an_account),
    ("POST", "/sign-in", with_a_passkey("/sign-in")),
    ("POST", "/confirm", with_a_passkey("/confirm")),
    ("POST", "/passkeys", another_passkey),
    ("POST", "/passkeys/{passkey_id}/name", to_a_passkey("/name")),
    ("POST", "/passkeys/{passkey_id}/delete", to_a_passkey("/delete")),
    ("POST", "/api/v1/uploads", an_upload),
    ("POST", "/api/v1/upload-sessions", a_new_session),
    ("POST", "/api/v1/upload-sessions/{session_id}/finish", a_sent_session),
    ("DELETE", "/api/v1/jobs/{job_id}", a_waiting_job),
    ("POST", "/api/v1/purges", signed("operator", "POST", "/api/v1/purges")),
    ("POST", "/api/v1/runs", signed("coordinator", "POST", "/api/v1/runs")),
    ("POST", "/runs", on_pages("coordinator", "POST", "/runs")),
    ("POST", "/api/v1/openings/erasures", signed("detox", "POST", ERASURES, json={"rows": ["a" * 16]})),
    ("POST", "/api/v1/approvals/{proposal}/decision", deciding("approve", "api")),
    ("POST", "/api/v1/approvals/{proposal}/decision", deciding("decline", "api")),
    ("POST", "/approvals/{proposal}/decision", deciding("approve", "page")),
    ("POST", "/approvals/{proposal}/decision", deciding("decline", "page")),
    ("PUT", "/api/v1/epochs/{number}", next_epoch),
    ("PUT", "/api/v1/epochs/{number}", next_epoch_approved),
]  # fmt: skip
TELLING = {route: acts for route, acts in TOLD.items() if not isinstance(acts, Silent)}


def test_every_route_that_tells_is_tried_here() -> None:
    assert {(method, path) for method, path, _ in WAYS} == TELLING.keys()


def state_of(town: Town) -> dict[str, Any]:
    """All that the service holds, but for what is used up either way and when sessions were last seen."""
    with town.parts.engine.connect() as database:
        names = inspect(database).get_table_names()
        tables = {name: _lines(database, name) for name in names}
    del tables["nonce"], tables["challenge"], tables["openid_state"]
    sessions = [{**row, "seen": None} for row in tables.pop("session")]
    files = sorted((town.parts.settings.data / "uploads").iterdir())
    return {"tables": tables, "sessions": sessions, "files": files}


def _lines(database: Connection, name: str) -> list[dict[str, Any]]:
    """What a table holds; PostgreSQL gives it in no order of its own."""
    found = database.execute(select(literal_column("*")).select_from(table(name))).mappings()
    return sorted((dict(line) for line in found), key=repr)


def settle(town: Town) -> None:
    """Wait until nothing goes on beside; a job in no queue is left out."""
    wait_until(lambda: not town.parts.runs.unfinished() and not town.parts.jobs.busy)
    wait_until(lambda: all(job.kind is Kind.PURGE for job in town.parts.job_table.unfinished()))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, nothing the log writes stays."""

    def refuse(_disk: Disk, _descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(Disk, "sync", refuse)


@pytest.mark.parametrize(("method", "path", "prepare"), WAYS, ids=lambda part: part if isinstance(part, str) else "")
def test_what_cannot_be_logged_is_not_done(
    acting: Town, full_disk: Callable[[], None], method: str, path: str, prepare: Callable[[Town], Send]
) -> None:
    send = prepare(acting)
    settle(acting)
    before, size = state_of(acting), acting.parts.journal.size
    full_disk()
    answer = send()
    assert answer.status_code == 503
    assert "headcount-receipt" not in answer.headers
    assert (state_of(acting), acting.parts.journal.size) == (before, size)


@pytest.fixture(scope="module")
def done(other: Town) -> list[tuple[str, str, int, httpx2.Response, int]]:
    """Every way gone once, in order: the answer, and the log's size before and after it."""
    found = []
    for method, path, prepare in WAYS:
        send = prepare(other)
        settle(other)  # the end of one would come in between
        before = other.parts.journal.size
        answer = send()
        found.append((method, path, before, answer, before + len(receipts_of(answer))))
    return found


def receipts_of(answer: httpx2.Response) -> list[Receipt]:
    members = http_sf.parse(answer.headers["headcount-receipt"].encode(), tltype="list")
    return [Receipt(index, terms["leaf"], datetime.fromisoformat(terms["time"])) for index, terms in members]


def test_every_answer_names_its_entries_and_each_is_proven(
    other: Town, done: list[tuple[str, str, int, httpx2.Response, int]]
) -> None:
    vkeys = other.parts.journal.vkeys
    for method, path, before, answer, after in done:
        assert answer.status_code < 400, (method, path, answer.text)
        receipts = receipts_of(answer)
        assert [receipt.index for receipt in receipts] == list(range(before, after)), (method, path)
        for receipt in receipts:
            proof = other.send("operator", "GET", f"/api/v1/log/proofs/{receipt.index}").text
            verify_proof(proof, receipt=receipt, vkeys=vkeys)


def test_every_entry_says_who_did_what_why_and_by_which_rule(
    other: Town, done: list[tuple[str, str, int, httpx2.Response, int]]
) -> None:
    told: dict[tuple[str, str], set[Act]] = {route: set() for route in TELLING}
    for method, path, before, _, after in done:
        for entry in other.parts.journal.entries(before, after - before):
            event = entry.event
            told[method, path].add(event.act)
            assert all((event.actor, event.role, event.object, event.purpose, event.rule, event.outcome)), event
            assert bool(event.request_signature) == path.startswith("/api/"), event
    assert told == TELLING


# Of whose data, and under which secret: acts that are about encoded files or what was made of them.
OF_AN_EPOCH = {
    *(Act.EPOCH_OPENED, Act.UPLOAD_ACCEPTED, Act.CONSENT_CHANGED, Act.RUN_STARTED, Act.RUN_FINISHED, Act.RUN_FAILED),
    *(Act.COUNT_READ, Act.COUNT_RELEASED, Act.REPORT_READ, Act.MATCHES_READ, Act.MATCHES_RELEASED),
}
BY_CONSENT = {Act.MATCHES_READ, Act.MATCHES_RELEASED, Act.CONSENT_CHANGED}
BY_ITSELF = {Act.FOUND, Act.STARTED, Act.STOPPED, Act.RUN_FINISHED}
REFUSING = {Act.DENIED, Act.REFUSED, Act.UPLOAD_REFUSED}
NOT_OF_CLIENTS = {
    "start",
    "limit",
    "files",
    "runs",
    "revise",
    "requests",
    "threshold",
    "witnesses",
    "keep_openings_days",
    "keep_replaced_days",
    "keep_results_days",
    "bytes",
}  # the numbers that entries tell exactly
NOT_DONE_YET = {Act.MEMBER_INVITED, Act.MEMBER_REMOVED, Act.ENVELOPE_RELAYED, Act.PERIOD_FROZEN}
NOT_DONE_YET |= {Act.REFERRAL_SENT, Act.REFERRAL_ANSWERED}
# test_api_linkage.py, test_api_jobs.py, test_api_mail.py and test_api_backup.py
ELSEWHERE = {Act.RUN_FAILED, Act.JOB_FAILED, Act.CODES_PURGED, Act.NOTICE_SENT, Act.BACKED_UP, Act.RESTORED}
DONE = {act for acts in TELLING.values() for act in acts} | BY_ITSELF | REFUSING


@pytest.fixture(scope="module")
def everything(other: Town, done: list[tuple[str, str, int, httpx2.Response, int]]) -> dict[Act, list[Event]]:
    """All that a town has in its log after every way was gone, and a refusal of each kind."""
    assert other.send("auditor", "GET", "/api/v1/counts?by=agency&purpose=planning").status_code == 403
    assert other.send("coordinator", "GET", "/api/v1/runs/none/report").status_code == 404
    assert other.upload("clinic", b"not an encoded file\n").status_code == 422
    told: dict[Act, list[Event]] = {act: [] for act in Act}
    for entry in other.log():
        told[entry.event.act].append(entry.event)
    assert done
    return told


def test_every_act_is_done_by_a_route_or_by_the_service_itself_or_by_nobody_yet() -> None:
    assert {*Act} == DONE | ELSEWHERE | NOT_DONE_YET
    assert not NOT_DONE_YET & DONE


@pytest.mark.parametrize("act", sorted(DONE))
def test_every_kind_of_entry_has_every_field_that_it_can_have(everything: dict[Act, list[Event]], act: Act) -> None:
    """Who, as what, on what, why, by which rule or consent, with what outcome, of whose data, under which request."""
    assert everything[act]
    for event in everything[act]:
        assert all((event.actor, event.role, event.object, event.purpose, event.rule, event.outcome)), event
        assert (event.outcome == "refused") == (act in REFUSING), event
        assert (event.actor == "service") == (act in BY_ITSELF), event
        assert bool(event.agency) or event.role not in {"agency", "uploader", "navigator"}, event
        assert (event.epoch is not None) == (act in OF_AN_EPOCH), event
        assert ("consent" in event.rule) == (act in BY_CONSENT), event
        assert not event.request_signature or act not in BY_ITSELF, event


@pytest.mark.parametrize("act", sorted(DONE))
def test_no_entry_tells_a_number_of_clients(everything: dict[Act, list[Event]], act: Act) -> None:
    for event in everything[act]:
        numbers = {name for name, value in event.details.items() if isinstance(value, int) or value.isdigit()}
        assert numbers <= NOT_OF_CLIENTS, event


@pytest.mark.parametrize("act", sorted(DONE - BY_ITSELF))
def test_what_was_asked_with_a_signature_has_its_digest_and_no_two_have_the_same(
    everything: dict[Act, list[Event]], act: Act
) -> None:
    on_pages_alone = {Act.SIGN_IN, Act.SIGN_OUT, Act.OPENID_LINKED, Act.PASSKEY_ADDED, Act.PASSKEY_REMOVED}
    signed_ones = [event for event in everything[act] if event.request_signature]
    assert signed_ones or act in on_pages_alone | {Act.CONFIRMED}
    objects = {(event.request_signature, event.object, event.agency) for event in signed_ones}
    assert len(objects) == len(signed_ones)


SILENT = [
    ("coordinator", "GET", "/api/v1/me"),
    ("coordinator", "GET", "/api/v1/members"),
    ("coordinator", "GET", "/api/v1/members/clinic/keys"),
    ("coordinator", "GET", "/api/v1/epochs"),
    ("food_bank", "GET", "/api/v1/uploads"),
    ("auditor", "GET", "/api/v1/approvals"),
    ("coordinator", "GET", "/api/v1/runs"),
    ("auditor", "GET", "/api/v1/log/checkpoint"),
    ("auditor", "GET", "/api/v1/log/proofs/0"),
]


@pytest.mark.parametrize(("who", "method", "path"), SILENT)
def test_what_tells_nothing_of_clients_is_not_in_the_log(acting: Town, who: str, method: str, path: str) -> None:
    before = acting.parts.journal.size
    answer = acting.send(who, method, path)
    assert answer.status_code == 200
    assert "headcount-receipt" not in answer.headers
    assert acting.parts.journal.size == before


def test_no_silent_route_holds_a_number_of_people_or_a_row_of_a_client(acting: Town) -> None:
    """What a silent route answers has none of the fields in which clients are counted or named."""
    telling = {"people", "row", "rows", "table", "matches"}
    for who, method, path in SILENT:
        if path == "/api/v1/uploads":
            continue  # an agency's own files, with the number of its own rows
        text = acting.send(who, method, path).text
        assert not {name for name in telling if f'"{name}":' in text}, path


# Refusals.


@pytest.mark.parametrize(
    ("who", "method", "path", "options", "rule"),
    [
        ("coordinator", "GET", "/api/v1/runs/none/report", {}, "not-found"),
        ("coordinator", "GET", "/api/v1/counts?by=shoe&purpose=planning", {}, "unprocessable-entity"),
        ("coordinator", "PUT", "/api/v1/members/food_bank", {"json": AUDITOR_OF_A_KIND}, "bad-request"),
        ("coordinator", "PUT", "/api/v1/epochs/1", {"json": EPOCH | {"profile": "hardened"}}, "conflict"),
        ("food_bank", "POST", "/api/v1/uploads", CSV, "wrong-media-type"),
    ],
)  # fmt: skip
def test_every_refusal_of_a_member_is_logged_once(
    acting: Town, who: str, method: str, path: str, options: dict[str, Any], rule: str
) -> None:
    before = acting.parts.journal.size
    answer = acting.send(who, method, path, **options)
    assert 400 <= answer.status_code < 500
    (entry,) = acting.parts.journal.entries(before, 10)
    assert (entry.event.act, entry.event.actor, entry.event.rule) == ("refused", who, rule)
    assert (entry.event.outcome, [one.index for one in receipts_of(answer)]) == ("refused", [entry.seq])


def test_a_body_that_was_not_signed_is_a_logged_refusal(acting: Town) -> None:
    request = acting.request("POST", "/api/v1/openings/erasures", json={"rows": ["a" * 16]})
    sign(request, acting.keys["detox"], now=acting.clock())
    other = acting.request("POST", "/api/v1/openings/erasures", json={"rows": ["b" * 16]})
    other.headers.update({name: request.headers[name] for name in ("signature", "signature-input", "content-digest")})
    before = acting.parts.journal.size
    assert acting.client.send(other).status_code == 400
    (entry,) = acting.parts.journal.entries(before, 10)
    assert (entry.event.act, entry.event.actor, entry.event.object) == ("refused", "detox", "request")


def test_a_refusal_that_cannot_be_logged_is_told_as_such(acting: Town, full_disk: Callable[[], None]) -> None:
    full_disk()
    assert acting.send("coordinator", "GET", "/api/v1/runs/none/report").status_code == 503
    assert acting.send("coordinator", "GET", "/api/v1/counts?by=shoe&purpose=planning").status_code == 503


def test_what_strangers_ask_and_what_is_nowhere_leaves_no_entry(acting: Town) -> None:
    browser = acting.sign_in("auditor")
    before = acting.parts.journal.size
    assert acting.client.get("/api/v1/me").status_code == 401
    assert acting.client.get("/counts").status_code == 401
    assert browser.get("/favicon.ico").status_code == 404
    assert acting.send("auditor", "GET", "/api/v1/nowhere").status_code == 404
    assert acting.parts.journal.size == before


# The table.


def test_a_route_without_a_line_does_not_start() -> None:
    told = {route: acts for route, acts in TOLD.items() if route != ("GET", "/api/v1/counts")}
    with pytest.raises(StartError, match="GET /api/v1/counts"):
        check_every_route_is_told(told)


def test_a_route_that_changes_something_is_never_silent() -> None:
    with pytest.raises(StartError, match="POST /api/v1/runs"):
        check_every_route_is_told({**TOLD, ("POST", "/api/v1/runs"): Silent.PROGRESS})


def test_a_line_for_a_route_that_is_not_there_does_not_start() -> None:
    with pytest.raises(StartError, match="GET /api/v1/gone"):
        check_every_route_is_told({**TOLD, ("GET", "/api/v1/gone"): Silent.PROGRESS})


def test_the_table_is_whole() -> None:
    check_every_route_is_told()
    assert TOLD.keys() == POLICY.keys()


def test_the_header_does_not_grow_without_end(acting: Town) -> None:
    receipt = Receipt(2**40, "ab" * 32, acting.clock())
    assert len(header_value([receipt] * MOST)) < 4096
