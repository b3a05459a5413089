"""A file is kept whole, checked and logged; a refused one leaves no trace but its refusal in the log."""

import hashlib
import itertools
import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from api_town import EPOCH, Town, a_file, a_header, a_town, new_key, people, public_line, sign
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import Refusal, UploadRefused
from api.roster import Member, MemberKey, Role
from api.storage.epochs import Epoch
from api.uploads import Files
from hashing.schema import AgencyKind, EncodedFileError, HeadcountError, read_encoded

GOOD = a_file("food_bank", people(1, 2, 3))
ROW = json.dumps(people(1)[0]).encode() + b"\n"


def kept(town: Town) -> list[str]:
    data = town.parts.settings.data
    return sorted(path.name for folder in ("uploads", "incoming") for path in (data / folder).iterdir())


def test_an_accepted_file_is_kept_under_its_own_digest_byte_for_byte(town: Town) -> None:
    answer = town.upload("food_bank", GOOD)
    digest = hashlib.sha256(GOOD).hexdigest()
    assert answer.status_code == 201
    assert kept(town) == [f"{digest}.jsonl"]
    assert town.parts.files.path(digest).read_bytes() == GOOD
    assert answer.json() | {"receipt": {}} == {
        "upload": digest,
        "agency": "food_bank",
        "epoch": 1,
        "rows": 3,
        "accepted": "2026-03-01T09:30:00Z",
        "receipt": {},
    }


def test_the_receipt_is_the_place_of_the_upload_in_the_log(town: Town) -> None:
    receipt = town.upload("food_bank", GOOD).json()["receipt"]
    entry = town.log()[receipt["index"]]
    assert entry.event.act == "upload-accepted"
    assert entry.event.object == f"upload/{hashlib.sha256(GOOD).hexdigest()}"
    proof = town.send("food_bank", "GET", f"/api/v1/log/proofs/{receipt['index']}")
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\n")


def test_a_proof_of_an_entry_that_is_not_there_is_not_found(shared_town: Town) -> None:
    assert shared_town.send("food_bank", "GET", "/api/v1/log/proofs/999999").status_code == 404


def test_the_same_bytes_again_get_the_same_answer_and_no_second_entry(town: Town) -> None:
    first = town.upload("food_bank", GOOD)
    size = town.parts.journal.size
    again = town.upload("food_bank", GOOD)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert town.parts.journal.size == size


def test_a_new_file_replaces_the_current_one_and_the_old_one_stays_as_history(town: Town) -> None:
    town.upload("food_bank", GOOD)
    newer = a_file("food_bank", people(4))
    town.upload("food_bank", newer)
    current = town.parts.uploads.current(1)
    assert [upload.digest for upload in current] == [hashlib.sha256(newer).hexdigest()]
    assert len(kept(town)) == 2
    assert len(town.send("food_bank", "GET", "/api/v1/uploads").json()) == 2


def test_an_earlier_file_sent_again_is_current_again(town: Town) -> None:
    newer = a_file("food_bank", people(4))
    for body in (GOOD, newer, GOOD):
        assert town.upload("food_bank", body).status_code == 201
    (current,) = town.parts.uploads.current(1)
    assert current.digest == hashlib.sha256(GOOD).hexdigest()


def changed(**changes: object) -> bytes:
    return a_file("food_bank", people(1, 2, 3), **changes)


REFUSED = {
    "another agency": (changed(agency="clinic"), 409, Refusal.OTHER_AGENCY),
    "another kind": (changed(kind="health"), 409, Refusal.OTHER_KIND),
    "another epoch": (changed(epoch=2), 409, Refusal.OTHER_EPOCH),
    "another profile": (changed(profile="hardened"), 409, Refusal.OTHER_PROFILE),
    "another profile digest": (changed(profile_digest="00" * 32), 409, Refusal.OTHER_PROFILE),
    "another version": (changed(canaries="00" * 32), 409, Refusal.OTHER_VERSION),
    "another secret": (changed(key_check_value="00" * 16), 409, Refusal.OTHER_KEY),
    "one bit of the check value": (changed(key_check_value="cd" * 15 + "cc"), 409, Refusal.OTHER_KEY),
    "a newer format": (changed(format="headcount-codes/3"), 422, Refusal.DAMAGED),
    "an older format": (changed(format="headcount-codes/1"), 422, Refusal.DAMAGED),
    "a field too many": (changed(surname="Smith"), 422, Refusal.DAMAGED),
    "nothing": (b"", 422, Refusal.DAMAGED),
    "a lone line break": (b"\n", 422, Refusal.DAMAGED),
    "garbage": (bytes(range(256)) * 50, 422, Refusal.DAMAGED),
    "a header and no row": (json.dumps(a_header("food_bank", "nonprofit", 3)).encode() + b"\n", 422, Refusal.DAMAGED),
    "the last row cut": (GOOD[:-20], 422, Refusal.DAMAGED),
    "the last line break cut": (GOOD[:-1], 422, Refusal.DAMAGED),
    "the last row missing": (GOOD[: GOOD[:-1].rindex(b"\n") + 1], 422, Refusal.DAMAGED),
    "a row too many": (GOOD + ROW, 422, Refusal.DAMAGED),
    "a row twice": (a_file("food_bank", people(1) * 2), 422, Refusal.DAMAGED),
    "an endless line": (GOOD + b"x" * 20_000, 422, Refusal.DAMAGED),
    "a code of another length": (
        a_file("food_bank", [people(1)[0] | {"codes": {"all": "AAAA"}}]),
        422,
        Refusal.DAMAGED,
    ),
    "a name in the clear": (a_file("food_bank", [people(1)[0] | {"name": "Smith"}]), 422, Refusal.DAMAGED),
    "deeply nested": (GOOD + b"[" * 10_000 + b"\n", 422, Refusal.DAMAGED),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_leaves_nothing_but_its_refusal_in_the_log(shared_town: Town, case: str) -> None:
    body, status, reason = REFUSED[case]
    before = kept(shared_town)
    answer = shared_town.upload("food_bank", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]
    assert kept(shared_town) == before
    event = shared_town.log()[-1].event
    assert (event.act, event.actor, event.outcome, event.rule) == (
        "upload-refused",
        "food_bank",
        "refused",
        reason.value,
    )
    assert "Smith" not in answer.text + str(event)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"agency": "clinic"}, "with the key of the agency that it is of, or .* with --agency food_bank"),
        ({"kind": "health"}, "with --kind nonprofit"),
    ],
)
def test_a_file_of_somebody_else_is_answered_with_what_to_do(shared_town: Town, changes: dict, hint: str) -> None:
    assert re.search(hint, shared_town.upload("food_bank", changed(**changes)).json()["hint"])


@pytest.mark.parametrize("reason", list(Refusal))
def test_no_reason_is_too_long_for_the_log(reason: Refusal) -> None:
    assert len(reason.value) <= 200


def test_a_victim_service_provider_may_not_send_rows_and_is_told_the_law(shared_town: Town) -> None:
    answer = shared_town.upload("haven", a_file("haven", people(1)))
    assert answer.status_code == 403
    assert "34 USC 12291(b)(2)" in answer.json()["detail"]
    assert "totals" in answer.json()["hint"]
    assert shared_town.log()[-1].event.rule == Refusal.NOT_ALLOWED


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "multipart/form-data", ""])
def test_only_json_lines_are_taken(shared_town: Town, media_type: str) -> None:
    answer = shared_town.upload("food_bank", GOOD, **{"content-type": media_type})
    assert answer.status_code == 415


def test_a_packed_file_is_refused(shared_town: Town) -> None:
    answer = shared_town.upload("food_bank", GOOD, **{"content-encoding": "gzip"})
    assert answer.status_code == 415
    assert "compressed" in answer.json()["detail"]


def test_a_file_over_the_limit_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", max_upload_bytes=len(GOOD) - 1) as town:
        answer = town.upload("food_bank", GOOD)
        assert answer.status_code == 413
        assert kept(town) == []
        assert town.log()[-1].event.rule == Refusal.TOO_LARGE


def test_a_body_other_than_the_signed_one_is_refused(town: Town) -> None:
    request = town.request("POST", "/api/v1/uploads", content=GOOD, headers={"content-type": "application/jsonl"})
    sign(request, town.keys["food_bank"], now=town.clock())
    altered = a_file("food_bank", people(1, 2, 4))
    names = ("signature", "signature-input", "content-digest", "content-type")
    headers = {name: request.headers[name] for name in names}
    answer = town.client.post("/api/v1/uploads", content=altered, headers=headers)
    assert answer.status_code == 400
    assert kept(town) == []
    assert town.log()[-1].event.rule == Refusal.OTHER_DIGEST


@pytest.mark.parametrize("gone", ["incoming", "uploads"])
def test_when_the_disk_refuses_the_agency_is_told_and_so_is_the_log(town: Town, gone: str) -> None:
    folder = town.parts.settings.data / gone
    folder.rmdir()
    answer = town.upload("food_bank", GOOD)
    assert answer.status_code == 507
    assert town.log()[-1].event.rule == Refusal.DISK
    assert town.parts.uploads.all() == ()
    folder.mkdir()
    assert kept(town) == []
    assert town.upload("food_bank", GOOD).status_code == 201


def test_before_the_first_epoch_no_file_is_taken(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        town.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH)
        answer = town.upload("food_bank", GOOD)
        assert answer.status_code == 409
        assert "epoch is not the open one" in answer.json()["detail"]


def test_what_a_crash_left_behind_is_swept_at_start(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        town.upload("food_bank", GOOD)
        (promised,) = kept(town)
    (tmp_path / "data/incoming/half.part").write_bytes(b"half")
    (tmp_path / "data/uploads" / ("0" * 64 + ".jsonl")).write_bytes(b"whole, but never promised to anyone")
    with a_town(tmp_path / "data") as town:
        assert kept(town) == [promised]


def test_an_agency_sees_its_own_files_and_the_coordinator_only_that_they_came(town: Town) -> None:
    town.upload("food_bank", GOOD)
    (own,) = town.send("food_bank", "GET", "/api/v1/uploads").json()
    assert own["upload"] == hashlib.sha256(GOOD).hexdigest()
    assert town.send("clinic", "GET", "/api/v1/uploads").json() == []
    statuses = {line.pop("agency"): line for line in town.send("coordinator", "GET", "/api/v1/uploads").json()}
    assert statuses["food_bank"] == {"sent": "2026-03-01T09:30:00Z", "data_through": "2026-02"}
    assert statuses["clinic"] == {"sent": None, "data_through": None}
    assert "haven" not in statuses


def test_another_agencys_file_and_a_missing_one_get_the_same_answer(town: Town) -> None:
    digest = town.upload("food_bank", GOOD).json()["upload"]
    assert town.send("food_bank", "GET", f"/api/v1/uploads/{digest}").status_code == 200
    foreign = town.send("clinic", "GET", f"/api/v1/uploads/{digest}")
    missing = town.send("clinic", "GET", f"/api/v1/uploads/{'0' * 64}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()
    assert town.log()[-1].event.act == town.log()[-2].event.act == "denied"


# The parser by itself: however the bytes arrive, and wherever they end.

MEMBER = Member("food_bank", "Food bank", Role.AGENCY, MemberKey(b"k" * 32), AgencyKind.NONPROFIT)
OPEN = Epoch(1, "bloom", "ab" * 32, "cd" * 16, "ef" * 32, datetime(2026, 1, 1, tzinfo=UTC))


def receive(folder: Path, chunks: list[bytes], signed: bytes) -> str:
    receiving = Files(folder).receive(MEMBER, OPEN, limit=1_000_000)
    try:
        for chunk in chunks:
            receiving.feed(chunk)
        received = receiving.finish(hashlib.sha256(signed).digest())
        assert read_encoded(received.path).header == received.header
        return received.digest
    finally:
        receiving.discard()


@given(cuts=st.lists(st.integers(min_value=0, max_value=len(GOOD)), max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_file_is_the_same_however_it_is_cut_into_chunks(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(GOOD)]
    chunks = [GOOD[start:end] for start, end in itertools.pairwise(places)]
    with tempfile.TemporaryDirectory() as folder:
        assert receive(Path(folder), chunks, GOOD) == hashlib.sha256(GOOD).hexdigest()


@given(end=st.integers(min_value=0, max_value=len(GOOD) - 1))
@settings(max_examples=100, deadline=None)
def test_a_file_cut_short_anywhere_is_refused_even_when_signed_so(end: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(EncodedFileError, match=r"cut short|damaged|not a file of encodings"):
            receive(Path(folder), [GOOD[:end]], GOOD[:end])
        assert list(Path(folder).glob("*/*")) == []


@given(noise=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_noise_is_refused_and_nothing_stays(noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(HeadcountError, match=r"\w"):
            receive(Path(folder), [noise], noise)
        assert list(Path(folder).glob("*/*")) == []


def test_the_wrong_secret_is_refused_at_the_header_before_any_row_arrives(tmp_path: Path) -> None:
    receiving = Files(tmp_path).receive(MEMBER, OPEN, limit=1_000_000)
    header = changed(key_check_value="00" * 16).split(b"\n")[0] + b"\n"
    with pytest.raises(UploadRefused, match="key check value differs"):
        receiving.feed(header)
    receiving.discard()


def test_a_key_line_may_carry_a_comment_or_be_bare() -> None:
    line = public_line(new_key("food_bank"), "food bank, front desk")
    assert MemberKey.parse(line) == MemberKey.parse(line.split()[1])
