"""What requests and answers look like: one example for each operation of the API's description."""

from __future__ import annotations

from typing import Any

from api.inputs import EXAMPLE_KEY

Json = Any

_TIME = "2026-03-01T09:30:00Z"
_LEAF = "9b2e" * 16
_DIGEST = "5f1c" * 16
_RUN = "1f0e9d8c7b6a59483726150493827160"
_KEYID = "a1b2c3d4e5f60718"


def _receipt(index: int) -> Json:
    return {"index": index, "leaf": _LEAF, "time": "2026-03-01T09:30:00.000000Z"}


_MEMBER = {
    "id": "food_bank",
    "name": "Sequim Food Bank",
    "role": "agency",
    "kind": "nonprofit",
    "keyid": _KEYID,
    "areas": ["food"],
    "contact": "Care desk, 360 555 0100",
    "agreement_from": "2026-01-01",
    "agreement_until": "2027-12-31",
}
_MEMBER_IN = {name: told for name, told in _MEMBER.items() if name not in {"id", "keyid"}} | {"public_key": EXAMPLE_KEY}
_EPOCH_IN = {"profile": "bloom", "profile_digest": "ab" * 32, "key_check_value": "cd" * 16, "canaries": "ef" * 32}
_EPOCH = _EPOCH_IN | {"number": 1, "opened": _TIME}
_PUBLIC = EXAMPLE_KEY.split()[1]
_KEYS = [
    {"keyid": _KEYID, "public_key": _PUBLIC, "added": None, "retires": "2026-03-08T00:00:00Z"},
    {"keyid": "b2c3d4e5f6071829", "public_key": _PUBLIC, "added": _TIME, "retires": None},
]
_UPLOAD = {
    "upload": _DIGEST,
    "agency": "food_bank",
    "epoch": 1,
    "rows": 217,
    "accepted": _TIME,
    "receipt": _receipt(41),
}
_STATUS = {"agency": "food_bank", "sent": _TIME, "data_through": "2026-02"}
_RUN_OUT = {
    "run": _RUN,
    "epoch": 1,
    "state": "running",
    "stage": "comparing",
    "progress": 0.5,
    "started": _TIME,
    "ended": None,
    "failure": None,
    "hint": None,
    "left_out": [{"agency": "ymca", "reason": "the file is gone from the service's disk"}],
}
_SESSION = {
    "session": "2b1f0e9d8c7b6a594837261504938271",
    "digest": _DIGEST,
    "length": 67_108_864,
    "offset": 8_388_608,
    "piece_bytes": 8_388_608,
    "expires": "2026-03-02T09:30:00Z",
    "sent": False,
}
_JOB = {
    "job": _SESSION["session"],
    "kind": "upload",
    "member": "food_bank",
    "state": "finished",
    "stage": "",
    "progress": 1.0,
    "started": _TIME,
    "ended": "2026-03-01T09:30:04Z",
    "failure": None,
    "hint": None,
    "result": _UPLOAD,
}
_WAITING = _JOB | {"state": "waiting", "progress": 0.0, "ended": None, "result": None}
_TABLE = {
    "title": "People by agency",
    "unit": "people",
    "rule": "cms11",
    "rows": [
        {"label": "clinic", "people": 21, "low": 18, "high": 21},
        {"label": "detox", "people": None, "low": None, "high": None},
    ],
    "total": {"label": "everybody", "people": 30, "low": 27, "high": 33},
    "duplicated": None,
    "notes": ["*** stands for a count from 1 to 10; the duplicated sum is withheld with it."],
}
_COUNT = {
    "table": _TABLE,
    "run": _RUN,
    "purpose": "council-report",
    "included": [_STATUS],
    "missing": ["ymca"],
    "read": _receipt(50),
    "released": _receipt(51),
}
_SUMMARY = {
    "number": 0,
    "period": "2026-Q1",
    "agencies": ["clinic", "detox"],
    "revision": 1,
    "purpose": "council-report",
    "run": _RUN,
    "made": _TIME,
    "sha256": _DIGEST,
}
_RELEASE = _SUMMARY | {"tables": {"people-by-agency": _TABLE}, "read": _receipt(60), "released": _receipt(61)}
_MATCH = {
    "row": "mfrggzdfmztwq2lk",
    "other_agency": "detox",
    "other_name": "Anytown Detox",
    "other_contact": "care desk, 360 555 0100",
    "areas": ["substance_use"],
    "first_month": "2026-01",
    "last_month": "2026-02",
    "confidence": "very likely",
    "consent_until": "2026-12-31",
    "notices": ["42 CFR part 2 prohibits unauthorized use or disclosure of these records."],
}
_ENTRY = {"index": 41, "time": _TIME, "event": {"actor": "food_bank", "role": "agency", "act": "upload-accepted"}}
_PROPOSAL = {
    "proposal": "1f0e9d8c7b6a5948",
    "kind": "member",
    "object": "member/food_bank",
    "content": _MEMBER_IN,
    "digest": _DIGEST,
    "proposer": "coordinator",
    "proposed": _TIME,
    "expires": "2026-03-15T09:30:00Z",
    "state": "waiting",
    "decider": None,
    "decided": None,
}
_APPROVED = _PROPOSAL | {"state": "approved", "decider": "auditor", "decided": "2026-03-02T10:00:00Z"}
_PERSON = {
    "id": "1f0e9d8c7b6a5948",
    "member": "food_bank",
    "name": "Robin Doe",
    "email": "robin@foodbank.example",
    "role": "navigator",
    "invited": _TIME,
    "revoked": None,
    "passkeys": 2,
}
_INVITATION = {
    "person": _PERSON | {"passkeys": 0},
    "url": "https://headcount.example.org/sign-in/…",
    "expires": "2026-03-04T09:30:00Z",
}
_CHECKPOINT = (
    "anytown.example/headcount\n42\nqzXkw1rqE0u8pOWf0l2mQ2hYbX0b0m9gE9zT3o1sWcA=\n\n— anytown.example/headcount …\n"
)
_CODES = '{"format":"headcount-codes/1","agency":"food_bank",…}\n{"row":"mfrggzdfmztwq2lk",…}\n'

# By operation; None where the answer is a file.
REQUESTS: dict[str, Json] = {
    "put_member": _MEMBER_IN,
    "put_key": {"public_key": EXAMPLE_KEY, "old_ends": "2026-03-08T00:00:00Z"},
    "put_epoch": _EPOCH_IN,
    "send_file": _CODES,
    "begin_upload": {"digest": _DIGEST, "length": 67_108_864},
    "put_piece": _CODES,
    "post_release": {"period": "2026-Q1", "purpose": "council-report", "revise": False},
    "post_erasure": {"rows": ["mfrggzdfmztwq2lk"]},
    "post_decision": {"decision": "approve", "digest": _DIGEST},
    "post_person": {name: _PERSON[name] for name in ("name", "email", "role")},
}
ANSWERS: dict[str, Json] = {
    "who_am_i": {"member": _MEMBER, "epoch": _EPOCH},
    "list_members": [_MEMBER],
    "show_member": _MEMBER,
    "put_member": _MEMBER,
    "list_keys": _KEYS,
    "put_key": _KEYS,
    "list_epochs": [_EPOCH],
    "put_epoch": _EPOCH,
    "send_file": _UPLOAD,
    "list_uploads": [_UPLOAD],
    "show_upload": _UPLOAD,
    "begin_upload": _SESSION | {"offset": 0},
    "show_upload_session": _SESSION,
    "put_piece": _SESSION | {"offset": 16_777_216},
    "finish_sending": _WAITING,
    "show_jobs": [_JOB],
    "show_job": _JOB,
    "delete_job": _WAITING | {"state": "cancelled", "ended": "2026-03-01T09:30:04Z"},
    "post_purge": _WAITING | {"kind": "purge", "member": "coordinator"},
    "post_run": _RUN_OUT,
    "list_runs": [_RUN_OUT],
    "show_run": _RUN_OUT,
    "show_report": {"run": _RUN, "report": {"versions": {"splink": "5.0.0"}}, "read": _receipt(49)},
    "show_count": _COUNT,
    "post_release": _RELEASE,
    "list_releases": {"releases": [_SUMMARY]},
    "show_release": _RELEASE | {"released": None},
    "show_matches": {"run": _RUN, "matches": [_MATCH], "read": _receipt(52), "released": [_receipt(53)]},
    "post_erasure": {"openings": 4, "receipt": _receipt(70)},
    "list_approvals": [_PROPOSAL],
    "show_approval": _PROPOSAL,
    "post_decision": _APPROVED,
    "list_entries": {"size": 42, "entries": [_ENTRY]},
    "show_checkpoint": _CHECKPOINT,
    "show_proof": "c2sp.org/tlog-proof@v1\nindex 41\n…\n\n" + _CHECKPOINT,
    "list_people": [_PERSON],
    "post_person": _INVITATION,
    "post_person_link": _INVITATION,
    "delete_person": _PERSON | {"revoked": "2026-03-02T10:00:00Z"},
    "make_link": {"url": "https://headcount.example.org/sign-in/…", "expires": "2026-03-01T09:32:00Z"},
}
WAITS: Json = _PROPOSAL
FILES = {
    "show_packet": "application/zip",
    "download_bundle": "application/zip",
    "download_openings": "application/jsonl",
}
PROBLEM: Json = {
    "type": "urn:headcount:problem:upload-refused",
    "title": "Conflict",
    "status": 409,
    "detail": "the file was not kept: key check value differs from the epoch",
    "hint": "Encode with the secret that the agencies share for this epoch.",
}
