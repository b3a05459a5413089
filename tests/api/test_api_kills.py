"""Killed at random instants, the service loses nothing that it acknowledged, doubles nothing, and its log has no gap.

HEADCOUNT_KILLS says how often it is killed on each database, HEADCOUNT_SEED when.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import EPOCH, MEMBERS, a_file, a_row, an_area, new_key, people, public_line, sign, wait_until
from test_api_acts import receipts_of

from audit.events import Act, Receipt
from audit.verify import read_entries, verify_bundle

HERE = Path(__file__).parent
KILLS = int(os.environ.get("HEADCOUNT_KILLS", "25"))
SEED = int(os.environ.get("HEADCOUNT_SEED", "1"))
JSON_LINES = {"content-type": "application/jsonl"}
SESSIONS = "/api/v1/upload-sessions"
ENDED = {"finished", "failed"}
AGENCIES = ("food_bank", "clinic", "detox")
RECIPIENTS = {"food_bank": ["detox"], "clinic": ["food_bank"], "detox": ["food_bank"]}


@dataclass
class Heard:
    """Everything that was acknowledged in any life."""

    receipts: list[Receipt] = field(default_factory=list)
    uploads: dict[str, list[str]] = field(default_factory=lambda: {agency: [] for agency in AGENCIES})
    waiting: dict[str, bytes] = field(default_factory=dict)  # sent, and not acknowledged yet
    pieces: dict[str, int] = field(default_factory=dict)  # bytes by session
    jobs: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    releases: dict[int, Any] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    clients: list[httpx2.Client] = field(default_factory=list)


@dataclass
class Service:
    """The process that gives birth to one service after the other."""

    parent: subprocess.Popen[str]
    process: int = 0
    began: float = 0.0

    def start(self, days: int) -> None:
        """Begin a life, and come back before it answers."""
        self.parent.stdin.write(f"{days}\n")
        self.parent.stdin.flush()
        self.began = time.perf_counter()
        self.process = int(self._line("started"))

    def ready(self) -> str:
        """Where it answers."""
        return self._line("ready")

    def end(self, how: signal.Signals) -> None:
        """End this life and wait until it is over."""
        os.kill(self.process, how)
        while not (line := self.parent.stdout.readline()).startswith("ended"):
            assert line, "the parent is gone"

    def _line(self, what: str) -> str:
        line = self.parent.stdout.readline()
        assert line.startswith(what), line
        return line.split()[1]


@contextmanager
def a_service(data: Path, key: Path, database_url: str) -> Iterator[Service]:
    """The parent process, which ends with the test."""
    command = [sys.executable, str(HERE / "many_lives.py"), str(data), str(key), database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True) as parent:
        service = Service(parent)
        try:
            yield service
        finally:
            parent.stdin.close()
            with suppress(ProcessLookupError):
                os.kill(service.process or parent.pid, signal.SIGKILL)
            parent.kill()


class Asking:
    """One member's requests in one life, until it is cut off."""

    def __init__(self, address: str, member: str, heard: Heard) -> None:
        self.http = httpx2.Client(base_url=address, trust_env=False, timeout=60)
        self.member, self.heard, self.key = member, heard, new_key(member)
        heard.clients.append(self.http)

    def ask(self, method: str, path: str, *expected: int, **options: Any) -> httpx2.Response:
        """An answer, which is kept; one of another status than *expected* is wrong."""
        request = self.http.build_request(method, path, **options)
        sign(request, self.key, now=datetime.now(UTC))
        answer = self.http.send(request)
        self.heard.answers += 1
        if answer.status_code not in expected:
            self.heard.wrong.append(f"{method} {path}: {answer.status_code} {answer.text}")
        if "headcount-receipt" in answer.headers:
            self.heard.receipts += receipts_of(answer)
        return answer


def upload(asking: Asking, dice: random.Random) -> None:
    """Send what was not acknowledged before the kill once more; then new files."""
    agency, heard = asking.member, asking.heard
    body = heard.waiting.get(agency) or a_new_file(agency, dice)
    heard.waiting[agency] = body
    answer = asking.ask(
        "POST", "/api/v1/uploads", 200, 201, content=body, headers={"content-type": "application/jsonl"}
    )
    assert answer.json()["upload"] == hashlib.sha256(body).hexdigest()
    heard.uploads[agency].append(answer.json()["upload"])
    del heard.waiting[agency]


def in_pieces(asking: Asking, dice: random.Random) -> None:
    """Send a file piece by piece, going on where the kill before left it, and have it kept."""
    agency, heard = asking.member, asking.heard
    body = heard.waiting.get(agency) or a_new_file(agency, dice)
    heard.waiting[agency] = body
    digest = hashlib.sha256(body).hexdigest()
    told = asking.ask("POST", SESSIONS, 201, json={"digest": digest, "length": len(body)}).json()
    assert told["offset"] >= heard.pieces.get(told["session"], 0)
    send_pieces(asking, told, body)
    job = asking.ask("POST", f"{SESSIONS}/{told['session']}/finish", 202).json()["job"]
    ended = end_of(asking, job)
    assert (ended["state"], ended["result"]["upload"]) == ("finished", digest), ended
    heard.uploads[agency].append(digest)
    del heard.waiting[agency]


def send_pieces(asking: Asking, told: dict[str, Any], body: bytes) -> None:
    """Every piece that is missing; what is acknowledged counts for good."""
    session, size = told["session"], max(len(body) // 4, 1)
    for offset in range(told["offset"], len(body), size):
        piece = {"content": body[offset : offset + size], "headers": {"content-type": "application/octet-stream"}}
        answer = asking.ask("PUT", f"{SESSIONS}/{session}/pieces/{offset}", 200, **piece)
        asking.heard.pieces[session] = answer.json()["offset"]


def purge(asking: Asking, _dice: random.Random) -> None:
    """Have old files and results removed, again and again."""
    job = asking.ask("POST", "/api/v1/purges", 202).json()["job"]
    asking.heard.jobs.add(job)
    end_of(asking, job)


def end_of(asking: Asking, job: str) -> dict[str, Any]:
    """How a job ended, as soon as it has."""
    for _ in range(3_000):  # many lives leave many jobs, and they are done one after the other
        told = asking.ask("GET", f"/api/v1/jobs/{job}", 200).json()
        if told["ended"]:
            return told
        time.sleep(0.1)
    raise AssertionError("the job did not end in time")


def a_new_file(agency: str, dice: random.Random) -> bytes:
    consent = {"expires": "2099-12-31", "recipients": RECIPIENTS[agency]}
    shared = a_row("Ada", consent=consent, services=[an_area()])
    return a_file(agency, [shared, *people(*dice.sample(range(99), 20))])


def lead(asking: Asking, dice: random.Random) -> None:
    """Link, count or release: one of them, since a life may be too short for all."""
    dice.choice((link, count, release, release))(asking, dice)


def link(asking: Asking, _dice: random.Random) -> None:
    answer = asking.ask("POST", "/api/v1/runs", 202, 409)
    if answer.status_code == 202:
        asking.heard.runs.add(answer.json()["run"])


def count(asking: Asking, _dice: random.Random) -> None:
    asking.ask("GET", "/api/v1/counts?by=agency&purpose=planning", 200, 409)


def release(asking: Asking, dice: random.Random) -> None:
    """Now at once, now as a job; the same question has the same answer in every life."""
    asked = {"period": "2026-02", "purpose": "planning", "revise": dice.random() < 0.5}
    later = {"prefer": "respond-async"} if dice.random() < 0.5 else {}
    told = asking.ask("POST", "/api/v1/releases", 201, 202, 409, json=asked, headers=later)
    if told.status_code == 202:
        asking.heard.jobs.add(told.json()["job"])
    if told.status_code == 201:
        made = told.json()
        assert asking.heard.releases.setdefault(made["number"], made["tables"]) == made["tables"]


def forget(asking: Asking, _dice: random.Random) -> None:
    """Look at matches, then have what opens them erased."""
    answer = asking.ask("GET", "/api/v1/matches?purpose=care-coordination", 200, 409)
    rows = [match["row"] for match in answer.json().get("matches", ())]
    if rows:
        asking.ask("POST", "/api/v1/openings/erasures", 200, json={"rows": rows})
        asking.heard.erased.update(rows)


def now_and_then(send: Callable[[Asking, random.Random], None]) -> Callable[[Asking, random.Random], None]:
    """Send a file, or ask something: a linkage is to be of files that are still the current ones, or nobody matches."""

    def act(asking: Asking, dice: random.Random) -> None:
        if asking.member in asking.heard.waiting or dice.random() < 0.2:
            send(asking, dice)
        else:
            asking.ask("GET", "/api/v1/me", 200)

    return act


SENDING = {"food_bank": upload, "clinic": upload, "detox": in_pieces}


def until_cut_off(act: Callable[[Asking, random.Random], None], asking: Asking, dice: random.Random) -> None:
    with asking.http, suppress(httpx2.TransportError):
        while not asking.heard.wrong:
            act(asking, dice)


def found(address: str, heard: Heard) -> None:
    asking = Asking(address, "coordinator", heard)
    with asking.http:
        for member in (*AGENCIES, "auditor", "operator"):
            role, kind = MEMBERS[member]
            body = {"name": member, "role": role, "public_key": public_line(new_key(member))}
            asking.ask("PUT", f"/api/v1/members/{member}", 200, json=body | ({"kind": kind} if kind else {}))
        asking.ask("PUT", "/api/v1/epochs/1", 200, json=EPOCH)
    for agency in AGENCIES:
        sender = Asking(address, agency, heard)
        with sender.http:
            upload(sender, random.Random(SEED))
    linked(address, heard)


def linked(address: str, heard: Heard) -> None:
    """A linkage from beginning to end, so that every later life has something to release and to erase."""
    asking = Asking(address, "coordinator", heard)
    with asking.http:
        run = asking.ask("POST", "/api/v1/runs", 202).json()["run"]
        heard.runs.add(run)
        wait_until(lambda: asking.ask("GET", f"/api/v1/runs/{run}", 200).json()["state"] == "finished")


def one_life(service: Service, heard: Heard, dice: random.Random) -> None:
    """Start, be used by six at once, be killed: some lives end before they answer."""
    service.start(days=dice.choice((0, 30, 30, 30)))
    if dice.random() < 0.15:
        time.sleep(dice.uniform(0, 0.5))
        service.end(signal.SIGKILL)
        return
    address = service.ready()
    heard.starts.append(time.perf_counter() - service.began)
    acts = [(now_and_then(SENDING[agency]), agency) for agency in AGENCIES]
    acts += [(lead, "coordinator"), (forget, "food_bank"), (purge, "operator")]
    team = [
        threading.Thread(target=until_cut_off, args=(act, Asking(address, who, heard), random.Random(dice.random())))
        for act, who in acts
    ]
    for one in team:
        one.start()
    before, most = heard.answers, dice.randint(1, 40)
    wait_until(lambda: heard.wrong or heard.answers >= before + most)
    time.sleep(dice.uniform(0, 0.05))
    service.end(signal.SIGKILL)
    for one in team:
        one.join(60)
        assert not one.is_alive()


@pytest.mark.slow
def test_a_service_that_is_killed_again_and_again(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data, key = tmp_path / "data", tmp_path / "coordinator.pub"
    key.write_text(public_line(new_key("coordinator")))
    dice, heard = random.Random(SEED), Heard()
    with a_service(data, key, database_url) as service:
        service.start(days=30)
        found(service.ready(), heard)
        service.end(signal.SIGKILL)
        for _ in range(KILLS):
            one_life(service, heard, dice)
            assert heard.wrong == []
        service.start(days=30)
        address = service.ready()
        check_uploads(address, heard, data)
        check_runs(address, heard)
        check_releases(address, heard)
        check_erased(address, heard)
        bundle = tmp_path / "log.zip"
        bundle.write_bytes(Asking(address, "auditor", heard).ask("GET", "/api/v1/log/bundle", 200).content)
        for client in heard.clients:
            client.close()
        service.end(signal.SIGTERM)
    assert heard.wrong == []
    assert heard.answers > KILLS
    check_log(bundle, heard, data)
    tell(heard, capsys)


def tell(heard: Heard, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures, where somebody looks at the run."""
    uploads, slowest = sum(map(len, heard.uploads.values())), max(heard.starts)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills: {heard.answers:,} answers, {uploads:,} uploads acknowledged, "
            f"{len(heard.runs):,} linkages, {len(heard.jobs):,} other jobs, {len(heard.releases)} releases, "
            f"{len(heard.erased):,} rows erased; slowest start {slowest:.2f} s\n"
        )


def every(asking: Asking, path: str) -> Iterator[dict[str, Any]]:
    """A list, page by page."""
    rest: str | None = path
    while rest is not None:
        answer = asking.ask("GET", rest, 200)
        yield from answer.json()
        rest = answer.links.get("next", {}).get("url")


def check_uploads(address: str, heard: Heard, data: Path) -> None:
    """Each file once, in the order in which it was acknowledged, whole, and none that nobody was promised."""
    kept: set[str] = set()
    for agency in AGENCIES:
        asking = Asking(address, agency, heard)
        if agency in heard.waiting:
            SENDING[agency](asking, random.Random(0))
        listed = [one["upload"] for one in every(asking, "/api/v1/uploads?limit=1000")]
        assert listed == heard.uploads[agency]
        kept.update(listed)
    files = {path.stem: path for path in (data / "uploads").iterdir()}
    assert files.keys() <= kept  # replaced ones are purged in some lives
    assert {digests[-1] for digests in heard.uploads.values() if digests} <= files.keys()
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == name for name, path in files.items())
    assert list((data / "incoming").iterdir()) == []


def check_runs(address: str, heard: Heard) -> None:
    """Every linkage that was promised ends."""
    asking = Asking(address, "coordinator", heard)
    for job in heard.jobs:
        told = end_of(asking, job)
        if told["kind"] == "release" and told["result"]:
            made = asking.ask("GET", f"/api/v1/releases/{told['result']['release']}", 200).json()
            assert heard.releases.setdefault(made["number"], made["tables"]) == made["tables"]
    for run in heard.runs:
        wait_until(lambda run=run: asking.ask("GET", f"/api/v1/runs/{run}", 200).json()["state"] in ENDED)


def check_releases(address: str, heard: Heard) -> None:
    """Every release that was made says what it said."""
    asking = Asking(address, "coordinator", heard)
    for number, tables in heard.releases.items():
        assert asking.ask("GET", f"/api/v1/releases/{number}", 200).json()["tables"] == tables


def check_erased(address: str, heard: Heard) -> None:
    """What was erased stays so."""
    told = Asking(address, "food_bank", heard).ask("GET", "/api/v1/openings?purpose=own-review", 200).text
    assert not [row for row in heard.erased if row in told]


def check_log(bundle: Path, heard: Heard, data: Path) -> None:
    """Every receipt of every life is in it, without a gap, and no file was kept that it does not tell of."""
    verify_bundle(bundle, vkeys=(data / "log.vkey").read_text(), receipts=heard.receipts)
    told = [entry.event for entry in read_entries(bundle)]
    accepted = {event.object.removeprefix("upload/") for event in told if event.act is Act.UPLOAD_ACCEPTED}
    assert {digest for digests in heard.uploads.values() for digest in digests} <= accepted
