"""Names, numbers and the secret of a whole journey, and of mistakes, are nowhere on the service's side."""

import gzip
import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import test_api_whole_story as story
from api_town import sign
from canaries import encoded_forms, forms, hits
from listening_in import Heard, listening_in
from test_api_serve import SERVE, running
from test_api_whole_story import found, theirs, write_list

from api.policies import POLICY, Open
from hashing.client import Sender
from hashing.connection import connect
from hashing.errors import ConnectionFailed
from hashing.keys import LinkageSecret, new_secret, secret_content
from hashing.member_key import MemberKey, new_member_key, public_path
from hashing.profile import Profile, load_profile
from hashing.schema import AgencyKind

SECRET = b"planted secret, 32 bytes of it.."
CANARIES = {
    "first name": "Xanthippequell",
    "last name": "Quarrelwright-Żółć",
    "date of birth": "1961-03-07",
    "social security number": "561-73-8294",
    "client id": "canary-client-0001",
}
PLANTED = {name: value.encode() for name, value in CANARIES.items()} | {
    "digits": b"561738294",
    "birth date as people write it": b"03/07/1961",
}


def with_a_canary(folder: Path, agency: str, numbers: range, consents_to: str) -> list[Path]:
    """A client list whose last line is the planted client, who consents."""
    clients, consents = write_list(folder, agency, numbers, consents_to)
    first, last, born, ssn, client = CANARIES.values()
    with clients.open("a", encoding="utf-8", newline="") as stream:
        stream.write(f"{client},{first},{last},{born},{ssn}\r\n")
    with consents.open("a", encoding="utf-8", newline="") as stream:
        stream.write(f"{client},yes,{datetime.now(UTC).year + 1}-12-31,{consents_to}\r\n")
    return [clients, consents]


def secrets_of(secret: LinkageSecret, profile: Profile) -> dict[str, bytes]:
    """What of the secret must stay with the agencies; its check value alone is handed out."""
    code, digest = profile.codes[0].name, profile.digest
    derived = {
        "code key": secret.derive("code", profile_digest=digest, name=code),
        "blocking key": secret.derive("blocking", profile_digest=digest),
        "row key": secret.derive("row", profile_digest="", name="food_bank"),
    }
    return derived | {"secret": SECRET, "secret file": secret_content(secret).reveal().strip()}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """The folder of what a service left after a whole journey and many mistakes, and what was planted."""
    folder = tmp_path_factory.mktemp("canary")
    keys = {name: new_member_key(folder / name) for name in ("coordinator", "food_bank", "detox", "auditor")}
    profile, secret = load_profile("bloom"), new_secret(random_bytes=lambda size: SECRET[:size])
    behind = folder / "behind"
    for name in ("", "tmp"):
        (behind / name).mkdir()
    data, pub = behind / "data", public_path(folder / "coordinator")
    command = ("-c", SERVE, "serve", "--data", str(data), "--port", "0", "--coordinator", str(pub))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(behind / "tmp"))
        with running(*command, environment={"HEADCOUNT_APPROVALS": "one"}) as (process, address):
            with listening_in(address, behind / "journey") as heard:
                journey(folder, heard, keys, secret, profile)
            with listening_in(address, folder / "mistakes") as heard:
                mistakes(heard, keys, folder / "food_bank-list" / "clients.csv")
            (behind / "answers-to-mistakes").write_bytes(heard.answered.read_bytes())
            (behind / "write-ahead-logs").write_bytes(b"".join(snapshot(data)))
            process.terminate()
            _, told = process.communicate(timeout=60)
            (behind / "stderr").write_text(told)
    return behind, PLANTED | secrets_of(secret, profile)


def journey(folder: Path, heard: Heard, keys: dict[str, MemberKey], secret: LinkageSecret, profile: Profile) -> None:
    """Encode, send, link, count, match, release, erase, export."""
    behind = folder / "behind"
    lists = {
        "food_bank": with_a_canary(folder / "food_bank-list", "food_bank", range(24), "detox"),
        "detox": with_a_canary(folder / "detox-list", "detox", range(8, 32), "food_bank"),
    }
    senders = {"food_bank": Sender("food_bank"), "detox": Sender("detox", AgencyKind.PART2)}
    files = {name: story.encode(lists[name], folder / "out", senders[name], secret, profile) for name in lists}
    with connect(heard.address, keys["coordinator"]) as service:
        found(service, keys, secret, profile)
    for name, path in files.items():
        with connect(heard.address, keys[name]) as service:
            service.send(path)
    with connect(heard.address, keys["coordinator"]) as service:
        service.wait_for_run(service.start_run(), progress=lambda stage, share: None)
        for by in ("agency", "service", "month", "household"):
            service.count(by, purpose="council-report")
        period = f"{datetime.now(UTC).year}-01"
        number = service.release(period, purpose="council-report").number
        (behind / "packet").write_bytes(service.packet(number))
        page = service.sign_in_link()
    look_at_pages(page)
    with connect(heard.address, keys["food_bank"]) as service:
        (own,) = [match.row for match in service.matches().matches if match.row in row_of(folder, "food_bank")]
        assert own, "the planted client is matched, so that there was something to leak"
        (behind / "openings").write_bytes(service.openings(purpose="own-review"))
    with connect(heard.address, keys["detox"]) as service:
        service.erase_openings([theirs(folder, "detox-10")])
    with connect(heard.address, keys["auditor"]) as service:
        (behind / "bundle").write_bytes(service.log_bundle())


def row_of(folder: Path, agency: str) -> str:
    """The lines of the planted client in an agency's crosswalk."""
    lines = (folder / "out" / f"{agency}.crosswalk.csv").read_text().splitlines()
    return "".join(line for line in lines if CANARIES["client id"] in line)


def look_at_pages(link: str) -> None:
    """Sign in and open every page that needs no more than that."""
    same = {"sec-fetch-site": "same-origin"}
    with httpx2.Client(headers=same, trust_env=False) as browser:
        browser.post(link, follow_redirects=False)
        for path in ("/", "/counts", "/uploads", "/releases"):
            assert browser.get(str(httpx2.URL(link).copy_with(path=path))).status_code == 200


def mistakes(heard: Heard, keys: dict[str, MemberKey], clients: Path) -> None:
    """What people and programs put in the wrong place: the service answers, and repeats none of it."""
    first, name, born = CANARIES["first name"], CANARIES["last name"], CANARIES["date of birth"]
    ask = {"trust_env": False, "base_url": heard.address}
    with connect(heard.address, keys["food_bank"]) as service, pytest.raises(ConnectionFailed, match="refused"):
        service.send(clients)
    with httpx2.Client(**ask) as http:
        for who, method, path, options in (
            ("food_bank", "GET", f"/api/v1/uploads/{CANARIES['client id']}", {}),
            ("coordinator", "GET", f"/api/v1/counts?by={born}&purpose={CANARIES['first name']}", {}),
            ("coordinator", "GET", f"/api/v1/runs/{CANARIES['first name']}/report", {}),
            ("coordinator", "PUT", f"/api/v1/members/{CANARIES['first name']}", {"json": {"name": 7, name: name}}),
            ("coordinator", "PUT", f"/api/v1/epochs/{born}", {"json": {"profile": name}}),
            ("coordinator", "POST", "/api/v1/releases", {"json": {"period": born, "purpose": name}}),
            (
                "coordinator",
                "POST",
                "/api/v1/releases",
                {"content": SECRET, "headers": {"content-type": f"text/{first}"}},
            ),
            ("detox", "POST", "/api/v1/openings/erasures", {"json": {"rows": [name, born]}}),
            ("food_bank", "POST", "/api/v1/uploads", damaged(json.dumps({"row": name, "codes": {born: name}}))),
            ("food_bank", "POST", "/api/v1/uploads", damaged(name)),
            ("auditor", "GET", f"/api/v1/log/entries?start={born}&limit={CANARIES['first name']}", {}),
        ):
            request = http.build_request(method, path, **options)
            sign(request, keys[who].private, now=datetime.now(UTC))
            assert 400 <= http.send(request).status_code < 500, (method, path)
        for path in (f"/{CANARIES['first name']}", f"/sign-in/{CANARIES['first name']}", f"/counts?by={born}"):
            assert http.get(path, headers={"x-name": CANARIES["first name"]}).status_code < 500
        for method, path in POLICY:
            if isinstance(POLICY[method, path], Open) and method == "GET" and "{" not in path:
                http.get(path, params={"old": CANARIES["client id"], "need": born})


def damaged(line: str) -> dict[str, object]:
    return {"content": line.encode() + b"\n", "headers": {"content-type": "application/jsonl"}}


def snapshot(data: Path) -> Iterator[bytes]:
    """What the write-ahead logs hold while the service runs."""
    for path in sorted(data.glob("*.sqlite-wal")):
        yield path.read_bytes()


@pytest.mark.slow
def test_nothing_planted_is_on_the_services_side(left: tuple[Path, dict[str, bytes]]) -> None:
    behind, planted = left
    files = [path for path in behind.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"headcount.sqlite", "jobs.sqlite", "entries.jsonl", "asked", "answered", "stderr", "bundle"} <= names
    assert any(path.suffix == ".parquet" for path in files)
    assert hits(files, planted) == []


@pytest.mark.slow
def test_the_journey_was_heard(left: tuple[Path, dict[str, bytes]]) -> None:
    """The search had something to look through: requests, answers and the mistakes' answers were kept."""
    behind, _ = left
    asked = (behind / "journey" / "asked").read_bytes()
    assert asked.count(b"POST /api/v1/uploads") == 2
    assert b'"key_check_value"' in asked
    assert b'"matches"' in (behind / "journey" / "answered").read_bytes()
    assert (behind / "answers-to-mistakes").read_bytes().count(b"HTTP/1.1 4") >= 12


# The search itself: what is planted is found, whatever it wears and wherever it is.


@pytest.mark.parametrize("name", PLANTED)
def test_every_form_of_a_planted_value_is_found(tmp_path: Path, name: str) -> None:
    value = PLANTED[name]
    for number, text in enumerate([*forms(value).values(), *encoded_forms(value).values()]):
        path = tmp_path / f"{number}"
        path.write_bytes(os.urandom(50) + text + os.urandom(50))
        assert any(name in hit for hit in hits([path], {name: value})), number


def test_upper_case_and_packed_values_are_found(tmp_path: Path) -> None:
    value = PLANTED["last name"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.gz", gzip.compress(b"x" * 999 + value.hex().upper().encode()))
    (tmp_path / "a.zip").write_bytes(packed.getvalue())
    parquet.write_table(pa.table({"row": [value.decode()[::-1]] * 9}), tmp_path / "b.parquet", compression="zstd")
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database:
        database.execute("CREATE TABLE t (v)")
        database.execute("INSERT INTO t VALUES (?)", (value.decode().upper(),))
        database.commit()
    for path in tmp_path.iterdir():
        assert hits([path], {"name": value}), path.name


def test_a_value_in_a_files_name_is_found(tmp_path: Path) -> None:
    path = tmp_path / "Canary-Client-0001.jsonl"
    path.touch()
    assert hits([path], {"client": PLANTED["client id"]})


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(os.urandom(2_000_000))
    assert hits([path], PLANTED) == []
