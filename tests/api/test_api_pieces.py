"""Files in pieces: acknowledged bytes stay, a broken transfer goes on, and a job keeps or refuses the whole."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import Town, a_file, a_town, new_key, people, public_line, wait_until

GOOD = a_file("food_bank", people(*range(12)))
SESSIONS = "/api/v1/upload-sessions"
PIECE = {"content-type": "application/octet-stream"}


def begin(town: Town, body: bytes, member: str = "food_bank", **headers: str) -> httpx2.Response:
    asked = {"digest": hashlib.sha256(body).hexdigest(), "length": len(body)}
    return town.send(member, "POST", SESSIONS, json=asked, headers=headers)


def put(town: Town, session: str, offset: int, piece: bytes, member: str = "food_bank") -> httpx2.Response:
    return town.send(member, "PUT", f"{SESSIONS}/{session}/pieces/{offset}", content=piece, headers=PIECE)


def finish(town: Town, session: str) -> httpx2.Response:
    return town.send("food_bank", "POST", f"{SESSIONS}/{session}/finish")


def ended(town: Town, job: str, member: str = "food_bank") -> dict[str, Any]:
    wait_until(lambda: town.send(member, "GET", f"/api/v1/jobs/{job}").json()["ended"])
    return town.send(member, "GET", f"/api/v1/jobs/{job}").json()


def send_whole(town: Town, body: bytes, size: int = 500) -> dict[str, Any]:
    session = begin(town, body).json()["session"]
    for offset in range(0, len(body), size):
        assert put(town, session, offset, body[offset : offset + size]).status_code == 200
    answer = finish(town, session)
    assert answer.status_code == 202, answer.text
    return ended(town, answer.json()["job"])


def incoming(town: Town) -> list[Path]:
    return list((town.parts.settings.data / "incoming").iterdir())


def test_a_file_in_pieces_is_kept_as_one_sent_at_once(town: Town) -> None:
    job = send_whole(town, GOOD)
    digest = hashlib.sha256(GOOD).hexdigest()
    assert job["state"] == "finished"
    assert job["result"] == town.send("food_bank", "GET", f"/api/v1/uploads/{digest}").json()
    assert town.parts.files.path(digest).read_bytes() == GOOD
    assert incoming(town) == []
    accepted = town.last("upload-accepted").event
    assert (accepted.actor, accepted.object) == ("food_bank", f"upload/{digest}")
    assert accepted.request_signature == town.last("upload-sent").event.request_signature


def test_the_same_session_goes_on_when_it_is_asked_for_again(town: Town) -> None:
    first = begin(town, GOOD).json()
    put(town, first["session"], 0, GOOD[:700])
    again = begin(town, GOOD).json()
    assert (again["session"], again["offset"]) == (first["session"], 700)
    assert len(incoming(town)) == 1


def test_a_piece_that_was_acknowledged_is_acknowledged_again(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    for _ in range(2):
        assert put(town, session, 0, GOOD[:700]).json()["offset"] == 700


@pytest.mark.parametrize(
    ("offset", "piece", "what"),
    [
        (701, GOOD[701:800], "does not follow"),
        (600, GOOD[600:800], "does not follow"),
        (0, b"x" * 700, "other bytes"),
        (700, b"x" * len(GOOD), "beyond the promised length"),
    ],
    ids=["after a gap", "partly again", "other bytes", "too long"],
)
def test_a_piece_out_of_order_is_refused_with_where_to_go_on(town: Town, offset: int, piece: bytes, what: str) -> None:
    session = begin(town, GOOD).json()["session"]
    put(town, session, 0, GOOD[:700])
    answer = put(town, session, offset, piece)
    assert answer.status_code == 409
    assert what in answer.json()["detail"]
    assert answer.json()["hint"] == "Go on at offset 700."
    assert town.send("food_bank", "GET", f"{SESSIONS}/{session}").json()["offset"] == 700


def test_a_piece_is_at_most_eight_mebibytes(town: Town) -> None:
    body = random.Random(1).randbytes(9 * 2**20)
    session = begin(town, body).json()
    assert session["piece_bytes"] == 8 * 2**20
    assert put(town, session["session"], 0, body).status_code == 413
    assert put(town, session["session"], 0, body[: 8 * 2**20]).json()["offset"] == 8 * 2**20


def test_a_file_that_lacks_bytes_is_not_finished(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    answer = finish(town, session)
    assert (answer.status_code, answer.json()["hint"]) == (409, "Go on at offset 0.")


def test_finishing_twice_is_finishing_once(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    put(town, session, 0, GOOD)
    first, second = finish(town, session), finish(town, session)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["job"] == second.json()["job"]
    ended(town, session)
    assert [entry.event.act for entry in town.log()].count("upload-accepted") == 1


BAD = {
    "another agency's": (a_file("clinic", people(1)), "file of another agency"),
    "another secret": (a_file("food_bank", people(1), key_check_value="00" * 16), "key check value differs"),
    "cut short": (GOOD[:-20], "cut short"),
}


@pytest.mark.parametrize("case", ["another agency's", "another secret", "cut short"])
def test_a_bad_file_is_refused_by_its_job_and_nothing_of_it_stays(town: Town, case: str) -> None:
    body, why = BAD[case]
    job = send_whole(town, body)
    assert job["state"] == "failed"
    assert why in job["failure"]
    assert job["hint"]
    assert incoming(town) == list((town.parts.settings.data / "uploads").iterdir()) == []
    assert town.last("upload-refused").event.actor == "food_bank"


def test_a_pseudonym_twice_is_found_among_many(town: Town) -> None:
    rows = people(*range(300))
    job = send_whole(town, a_file("food_bank", [*rows, rows[137]]), size=100_000)
    assert "two rows carry the same pseudonym" in job["failure"]


def test_bytes_other_than_the_promised_ones_are_refused(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    put(town, session, 0, GOOD.replace(b'"units": 1', b'"units": 2', 1))
    finish(town, session)
    assert "not the one that was signed" in ended(town, session)["failure"]


def test_one_bad_file_does_not_keep_the_next_from_being_accepted(town: Town) -> None:
    assert send_whole(town, BAD["cut short"][0])["state"] == "failed"
    assert send_whole(town, GOOD)["state"] == "finished"


def test_sessions_are_their_agencys_alone(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    assert town.send("clinic", "GET", f"{SESSIONS}/{session}").status_code == 404
    assert put(town, session, 0, GOOD, member="clinic").status_code == 404
    assert begin(town, GOOD, member="haven").status_code == 403


def test_what_is_abandoned_goes_after_a_day_and_not_before(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    put(town, session, 0, GOOD[:700])
    town.clock.advance(hours=23.9)
    assert put(town, session, 700, GOOD[700:800]).status_code == 200
    town.clock.advance(hours=24.1)
    assert put(town, session, 800, GOOD[800:]).status_code == 404
    other = begin(town, GOOD + b" ").json()["session"]
    assert [path.stem for path in incoming(town)] == [other]


def test_an_agency_has_a_quota_of_sessions_and_of_bytes(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", upload_quota_sessions=2, upload_quota_bytes=10_000) as town:
        assert begin(town, b"x" * 10_001).status_code == 413
        assert begin(town, b"x" * 6000).status_code == 201
        assert begin(town, b"y" * 6000).status_code == 409
        assert begin(town, b"y" * 10).status_code == 201
        assert begin(town, b"z" * 10).status_code == 409
        assert begin(town, b"z" * 10, member="clinic").status_code == 201
        town.clock.advance(hours=24, seconds=1)
        assert begin(town, b"z" * 10).status_code == 201


def test_bytes_that_were_never_acknowledged_are_cut_off(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        session = begin(town, GOOD).json()["session"]
        put(town, session, 0, GOOD[:700])
        with incoming(town)[0].open("ab") as stream:
            stream.write(b"written, and killed before the answer")
    with a_town(tmp_path / "data", clock=town.clock) as town:
        again = begin(town, GOOD).json()
        assert (again["session"], again["offset"]) == (session, 700)
        put(town, session, 700, GOOD[700:])
        assert ended(town, finish(town, session).json()["job"])["state"] == "finished"


def test_a_file_that_was_sent_and_not_yet_queued_can_be_finished_after_a_crash(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        session = begin(town, GOOD).json()["session"]
        put(town, session, 0, GOOD)
        town.parts.pieces.sessions.send(session)
    with a_town(tmp_path / "data", clock=town.clock) as town:
        assert ended(town, finish(town, session).json()["job"])["state"] == "finished"


def test_a_file_that_was_kept_before_a_crash_is_accepted_by_the_job_that_goes_on(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    put(town, session, 0, GOOD)
    found = town.parts.pieces.sessions.find(session)
    found_at = town.parts.pieces.lies_at(found)
    found_at.rename(town.parts.files.path(found.digest))
    assert ended(town, finish(town, session).json()["job"])["state"] == "finished"
    assert town.parts.files.path(found.digest).read_bytes() == GOOD


def test_when_the_disk_refuses_a_piece_it_is_not_acknowledged(town: Town) -> None:
    session = begin(town, GOOD).json()["session"]
    incoming(town)[0].unlink()
    assert put(town, session, 0, GOOD[:700]).status_code == 507
    assert town.send("food_bank", "GET", f"{SESSIONS}/{session}").json()["offset"] == 0


# The dates of an agreement.


@pytest.mark.parametrize(
    ("begins", "ends", "accepted"),
    [
        (None, None, True),
        ("2026-03-01", "2026-03-01", True),
        ("2026-03-02", None, False),
        (None, "2026-02-28", False),
    ],
)
def test_a_file_is_taken_within_the_dates_of_the_agreement_alone(
    town: Town, begins: str | None, ends: str | None, accepted: bool
) -> None:
    known = next(one for one in town.send("coordinator", "GET", "/api/v1/members").json() if one["id"] == "food_bank")
    body = {name: known[name] for name in ("name", "role", "kind", "contact")}
    body |= {"public_key": public_line(town.keys["food_bank"]), "agreement_from": begins, "agreement_until": ends}
    told = town.send("coordinator", "PUT", "/api/v1/members/food_bank", json=body).json()
    assert (told["agreement_from"], told["agreement_until"]) == (begins, ends)
    answer = town.upload("food_bank", GOOD)
    assert answer.status_code == (201 if accepted else 409)
    job = send_whole(town, GOOD)
    assert job["state"] == ("finished" if accepted else "failed")
    if not accepted:
        assert "outside the dates of the agency's agreement" in answer.json()["detail"]
        assert job["failure"] == answer.json()["detail"]
        assert town.last("upload-refused").event.rule == "outside the dates of the agency's agreement"


def test_an_agreement_does_not_end_before_it_begins(shared_town: Town) -> None:
    body = {"name": "N", "role": "agency", "kind": "health", "public_key": public_line(new_key("n"))}
    body |= {"agreement_from": "2026-02-01", "agreement_until": "2026-01-31"}
    answer = shared_town.send("coordinator", "PUT", "/api/v1/members/n", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, "the agreement ends before it begins")


def test_expiry_is_told(town: Town) -> None:
    told = begin(town, GOOD).json()["expires"]
    assert told == (town.clock() + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
