"""A small town for the API's tests: members with keys, encoded files, a quick linkage, signed requests."""

import base64
import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
from http_message_signatures.httpx2 import adapt_message
from starlette.testclient import TestClient

from api.app import create_app
from api.linking import Linking, Progress
from api.parts import Parts
from api.settings import Settings
from api.starting import open_parts
from audit.events import Entry
from hashing.schema import FORMAT, AgencyKind, Header, read_encoded
from linkage.store import RunFiles, write_run

BASE = "http://127.0.0.1:8470"
COVERED = ("@method", "@authority", "@path", "@query")
WITH_BODY = (*COVERED, "content-digest", "content-type")
EPOCH = {"profile": "bloom", "profile_digest": "ab" * 32, "key_check_value": "cd" * 16, "canaries": "ef" * 32}
MEMBERS = {
    "food_bank": ("agency", "nonprofit"),
    "clinic": ("agency", "health"),
    "detox": ("agency", "part2"),
    "haven": ("agency", "victim-service-provider"),
    "police": ("agency", "government"),
    "auditor": ("auditor", None),
    "operator": ("operator", None),
}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


def new_key(name: str) -> Ed25519PrivateKey:
    """The same key for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public_line(key: Ed25519PrivateKey, comment: str = "") -> str:
    return f"headcount-ed25519 {base64.b64encode(key.public_key().public_bytes_raw()).decode()} {comment}"


def keyid(key: Ed25519PrivateKey) -> str:
    return hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]


def sign(request: httpx2.Request, key: Ed25519PrivateKey, *, now: datetime, **changes: Any) -> None:
    """Sign as docs/reference/api.md says; *changes* spoil it on purpose."""
    name = keyid(key)
    has_body = bool(request.content) or "content-type" in request.headers
    options: dict[str, Any] = {
        "key_id": name,
        "label": "headcount",
        "tag": "headcount-v1",
        "created": now,
        "nonce": secrets.token_urlsafe(16),
        "covered_component_ids": WITH_BODY if has_body else COVERED,
    }
    if "idempotency-key" in request.headers:
        options["covered_component_ids"] = (*options["covered_component_ids"], "idempotency-key")
    if has_body:
        options["body"] = request.content
    resolver = MappingKeyResolver(public_keys={}, private_keys={name: key, changes.get("key_id", name): key})
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
    signer.sign(adapt_message(request), **(options | changes))


def a_row(person: str, **more: Any) -> dict[str, Any]:
    """A row whose code says which made-up person it is; rows of one person differ in their pseudonym."""
    code = base64.b64encode(hashlib.sha256(person.encode()).digest()[:8]).decode()
    token = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return {"row": token, "codes": {"all": code}, "blocks": [], **more}


def an_area(area: str = "food", month: str = "2026-02") -> dict[str, Any]:
    return {"area": area, "month": month, "units": 1}


def a_header(agency: str, kind: str, rows: int, /, **changes: Any) -> dict[str, Any]:
    header = {
        "format": FORMAT,
        "agency": agency,
        "kind": kind,
        "profile": EPOCH["profile"],
        "profile_digest": EPOCH["profile_digest"],
        "encoder": "test/1",
        "epoch": 1,
        "key_check_value": EPOCH["key_check_value"],
        "canaries": EPOCH["canaries"],
        "codes": {"all": 64},
        "rows": rows,
        "unmatchable": 0,
        "period": {"first": "2026-01", "last": "2026-02"},
    }
    return header | changes


def a_file(agency: str, rows: Sequence[Mapping[str, Any]], /, **changes: Any) -> bytes:
    kind = MEMBERS.get(agency, ("", "nonprofit"))[1] or "nonprofit"
    lines = [a_header(agency, kind, len(rows), **changes), *rows]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def people(*numbers: int) -> list[dict[str, Any]]:
    return [a_row(f"person {number}", services=[an_area()]) for number in numbers]


def quick_link(files: Sequence[Path], out: Path, *, progress: Progress) -> object:
    """A linkage that takes rows with equal codes for one person: quick, and right on the made-up rows."""
    progress("comparing", 0.5)
    encoded = [read_encoded(path) for path in files]
    rows = [(file.header.agency, row) for file in encoded for row in file.rows]
    numbers: dict[str | None, int] = {}
    person = [numbers.setdefault(row.codes["all"], len(numbers)) for _, row in rows]
    pairs = [
        (rows[left][0], rows[left][1].row, rows[right][0], rows[right][1].row, 1.0)
        for left in range(len(rows))
        for right in range(left + 1, len(rows))
        if person[left] == person[right]
    ]
    services = [(a, r.row, s.area.value, s.month, s.units) for a, r in rows for s in r.services]
    text, number = pa.string(), pa.int64()
    agencies, names = [a for a, _ in rows], [r.row for _, r in rows]
    records = {"agency": agencies, "row": names, "household": pa.array([r.household for _, r in rows], text)}
    report = {
        "agencies": [{"agency": file.header.agency, "data_through": _last_month(file.header)} for file in encoded],
        "people": {"unmatchable": 0},
        "model": {"thresholds": {"care": 0.99}},
    }
    write_run(
        out,
        RunFiles(
            people=pa.table({"agency": agencies, "row": names, "person": [str(p) for p in person]}),
            pairs=_table(pairs, agency_l=text, row_l=text, agency_r=text, row_r=text, probability=pa.float64()),
            records=pa.table(records | dict.fromkeys(("person", "care", "strict", "loose"), person)),
            services=_table(services, agency=text, row=text, area=text, month=text, units=number),
            history=_table([], change=text, earlier=text, now=text),
            report=report,
        ),
    )
    return None


def _last_month(head: Header) -> str | None:
    return head.period.last if head.period else None


def _table(lines: Sequence[tuple[Any, ...]], **types: pa.DataType) -> pa.Table:
    columns = list(zip(*lines, strict=True)) if lines else [[] for _ in types]
    return pa.table({n: pa.array(c, t) for (n, t), c in zip(types.items(), columns, strict=True)})


@dataclass
class Town:
    """A running service with its members, driven through signed requests."""

    parts: Parts
    client: TestClient
    clock: Clock
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)

    def request(self, method: str, path: str, **options: Any) -> httpx2.Request:
        return self.client.build_request(method, path, **options)

    def send(self, member: str, method: str, path: str, **options: Any) -> httpx2.Response:
        """A request as *member* would sign and send it."""
        request = self.request(method, path, **options)
        sign(request, self.keys[member], now=self.clock())
        return self.client.send(request)

    def upload(self, member: str, body: bytes, **headers: str) -> httpx2.Response:
        sent = {"content-type": "application/jsonl"} | headers
        return self.send(member, "POST", "/api/v1/uploads", content=body, headers=sent)

    def found(self) -> None:
        """Register everyone and open the first epoch."""
        for member, (role, kind) in MEMBERS.items():
            self.keys[member] = new_key(member)
            body = {"name": member.title(), "role": role, "public_key": public_line(self.keys[member])}
            if kind:
                body |= {"kind": kind, "contact": f"{member} care desk"}
            answer = self.send("coordinator", "PUT", f"/api/v1/members/{member}", json=body)
            assert answer.status_code == 200, answer.text
        assert self.send("coordinator", "PUT", "/api/v1/epochs/1", json=EPOCH).status_code == 200

    def agreed(self, member: str, method: str, path: str, **options: Any) -> httpx2.Response:
        """A request that the auditor approves in between, if it needs that."""
        answer = self.send(member, method, path, **options)
        if answer.status_code != 202:
            return answer
        said = self.decide("auditor", answer.json())
        assert said.status_code == 200, said.text
        return self.send(member, method, path, **options)

    def decide(self, member: str, proposal: Mapping[str, Any], decision: str = "approve") -> httpx2.Response:
        path = f"/api/v1/approvals/{proposal['proposal']}/decision"
        return self.send(member, "POST", path, json={"decision": decision, "digest": proposal["digest"]})

    def link(self) -> str:
        """Link the current files and wait until that is over."""
        answer = self.send("coordinator", "POST", "/api/v1/runs")
        assert answer.status_code == 202, answer.text
        run = answer.json()["run"]
        wait_until(lambda: self.parts.runs.find(run).ended)
        return run

    def sign_in(self, member: str) -> TestClient:
        """A browser in which *member* is signed in."""
        url = self.send(member, "POST", "/api/v1/sign-in-links").json()["url"]
        browser = TestClient(self.client.app, base_url=BASE)
        answer = browser.post(url, headers=SAME_ORIGIN, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return browser

    def log(self) -> tuple[Entry, ...]:
        return self.parts.journal.entries(0, 10_000)

    def last(self, act: str) -> Entry:
        return next(entry for entry in reversed(self.log()) if entry.event.act == act)


UNLIMITED = ("rate_per_key", "rate_per_member", "rate_of_all", "rate_of_refusals", "rate_of_strangers")
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def wait_until(holds: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for what another thread does; a deadline only so that a broken test ends."""
    import time

    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class Databases:
    """Where the databases of towns are: on SQLite, each within its town's folder."""

    def url_of(self, _folder: Path) -> str:
        """What HEADCOUNT_DATABASE_URL is for the town in that folder."""
        return ""

    def copy(self, _known: Path, _folder: Path) -> None:
        """Give the town in a new folder what the database of a closed one holds."""

    def held(self, town: "Town") -> bytes:
        """Every byte of the files in which the database of a running town is."""
        return b"".join(path.read_bytes() for path in sorted(town.parts.settings.data.glob("headcount.sqlite*")))


databases = Databases()  # conftest.py changes it to try every town on PostgreSQL


def copy_town(known: Path, folder: Path) -> None:
    """Copy a town that is not running, with its database."""
    shutil.copytree(known, folder)
    databases.copy(known, folder)


def held_in_database(town: Town) -> bytes:
    """Every byte of the files of a running town's database."""
    return databases.held(town)


def held_by(town: Town) -> bytes:
    """Every byte that a running town keeps, in its folder and in its database."""
    files = (path for path in sorted(town.parts.settings.data.rglob("*")) if path.is_file())
    return b"".join(path.read_bytes() for path in files) + held_in_database(town)


@contextmanager
def a_town(
    folder: Path, *, linking: Linking | None = None, clock: Clock | None = None, empty: bool = False, **settings: Any
) -> Iterator[Town]:
    """The service on *folder*, founded if the folder is new and not to stay *empty*."""
    clock = clock or Clock()
    key = new_key("coordinator")
    pub = folder.parent / "coordinator.pub"
    pub.write_text(public_line(key, "coordinator"))
    settings = (
        {"approvals": "one"} | dict.fromkeys(UNLIMITED, 0) | {"database_url": databases.url_of(folder)} | settings
    )
    chosen = Settings(data=folder, coordinator=pub, **settings)
    with open_parts(chosen, linking or Linking(link=quick_link), clock) as parts:
        town = Town(parts, TestClient(create_app(parts), base_url=BASE), clock, {"coordinator": key})
        if len(parts.members.all()) == 1 and not empty:
            town.found()
        else:
            town.keys |= {member: new_key(member) for member in MEMBERS}
        yield town


def kinds() -> dict[str, AgencyKind]:
    return {name: AgencyKind(kind) for name, (_, kind) in MEMBERS.items() if kind}
