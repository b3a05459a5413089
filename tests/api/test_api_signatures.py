"""A request counts once, by a key in the roster, as it was signed and when it was signed."""

import json
from datetime import timedelta

import pytest
from api_town import COVERED, EPOCH, Town, keyid, new_key, sign
from http_message_signatures import ContentDigest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ME = "/api/v1/me"


def test_a_signed_request_is_answered_and_names_its_member(shared_town: Town) -> None:
    answer = shared_town.send("food_bank", "GET", ME)
    assert answer.status_code == 200
    assert answer.json()["member"]["id"] == "food_bank"


def test_the_digest_of_the_signature_is_in_the_log(town: Town) -> None:
    town.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH)
    assert len(town.last("epoch-opened").event.request_signature) == 64


def test_an_unsigned_request_is_refused_with_a_hint(shared_town: Town) -> None:
    answer = shared_town.client.get(ME)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:headcount:problem:not-signed"
    assert "headcount" in answer.json()["hint"]


def test_unsigned_requests_learn_nothing_about_routes(shared_town: Town) -> None:
    assert shared_town.client.get("/api/v1/there-is-no-such-thing").status_code == 401


def test_the_same_request_again_is_refused(shared_town: Town) -> None:
    request = shared_town.request("GET", ME)
    sign(request, shared_town.keys["food_bank"], now=shared_town.clock())
    assert shared_town.client.send(request).status_code == 200
    answer = shared_town.client.send(request)
    assert answer.status_code == 401
    assert "received before" in answer.json()["detail"]


def test_two_members_may_hit_on_the_same_nonce(shared_town: Town) -> None:
    for member in ("food_bank", "clinic"):
        request = shared_town.request("GET", ME)
        sign(request, shared_town.keys[member], now=shared_town.clock(), nonce="n" * 22)
        assert shared_town.client.send(request).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-61, 401), (-60, 200), (60, 200), (61, 401)])
def test_a_signature_counts_for_a_minute_either_way(shared_town: Town, seconds: int, status: int) -> None:
    request = shared_town.request("GET", ME)
    sign(request, shared_town.keys["food_bank"], now=shared_town.clock() + timedelta(seconds=seconds))
    assert shared_town.client.send(request).status_code == status


def test_an_expired_signature_is_refused(shared_town: Town) -> None:
    now = shared_town.clock()
    request = shared_town.request("GET", ME)
    sign(request, shared_town.keys["food_bank"], now=now, expires=now - timedelta(seconds=1))
    answer = shared_town.client.send(request)
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nonce": None}, "no nonce"),
        ({"nonce": "short"}, "no nonce"),
        ({"nonce": "x" * 65}, "no nonce"),
        ({"tag": "another"}, "not signed as it has to be"),
        ({"label": "another"}, "not signed as it has to be"),
        ({"tag": None}, "not signed as it has to be"),
        ({"covered_component_ids": COVERED[:-1]}, "does not cover"),
        ({"covered_component_ids": tuple(reversed(COVERED))}, "does not cover"),
        ({"covered_component_ids": (*COVERED, "host")}, "does not cover"),
        ({"key_id": "0" * 16}, "the key is not registered"),
        ({"key_id": "../../etc/passwd"}, "the key is not registered"),
    ],
)
def test_a_signature_made_otherwise_is_refused(shared_town: Town, changes: dict, says: str) -> None:
    request = shared_town.request("GET", ME)
    sign(request, shared_town.keys["food_bank"], now=shared_town.clock(), **changes)
    answer = shared_town.client.send(request)
    assert answer.status_code == 401
    assert says in answer.json()["detail"]


def test_a_key_outside_the_roster_is_refused(shared_town: Town) -> None:
    request = shared_town.request("GET", ME)
    sign(request, new_key("stranger"), now=shared_town.clock())
    answer = shared_town.client.send(request)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "the key is not registered at this service"
    assert ".pub file to the coordinator" in answer.json()["hint"]


def test_one_member_cannot_pass_for_another(shared_town: Town) -> None:
    request = shared_town.request("GET", ME)
    other = keyid(shared_town.keys["coordinator"])
    sign(request, shared_town.keys["food_bank"], now=shared_town.clock(), key_id=other)
    answer = shared_town.client.send(request)
    assert answer.status_code == 401
    assert "altered on its way" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        (("GET", "/api/v1/members"), ("GET", "/api/v1/me")),
        (("GET", "/api/v1/me"), ("GET", "/api/v1/me?x=1")),
        (("GET", "/api/v1/log/entries?start=0"), ("GET", "/api/v1/log/entries?start=1")),
        (("GET", "/api/v1/runs"), ("POST", "/api/v1/runs")),
        (("GET", "/api/v1/me"), ("GET", "http://localhost:8470/api/v1/me")),
    ],
)
def test_a_signature_is_for_one_method_host_path_and_query(
    shared_town: Town, signed: tuple[str, str], sent: tuple[str, str]
) -> None:
    request, altered = shared_town.request(*signed), shared_town.request(*sent)
    sign(request, shared_town.keys["coordinator"], now=shared_town.clock())
    for name in ("signature", "signature-input"):
        altered.headers[name] = request.headers[name]
    assert shared_town.client.send(altered).status_code == 401


def test_an_altered_body_is_refused(town: Town) -> None:
    request = town.request("PUT", "/api/v1/epochs/2", json=EPOCH)
    sign(request, town.keys["coordinator"], now=town.clock())
    altered = json.dumps(EPOCH | {"profile": "other"}).encode()
    answer = town.client.request("PUT", "/api/v1/epochs/2", content=altered, headers=_carried(request))
    assert answer.status_code == 400
    assert "not the one that was signed" in answer.json()["detail"]
    assert len(town.parts.epochs.all()) == 1


def test_a_body_beside_a_signature_without_one_is_refused(town: Town) -> None:
    request = town.request("POST", "/api/v1/runs")
    sign(request, town.keys["coordinator"], now=town.clock())
    answer = town.client.request("POST", "/api/v1/runs", content=b"{}", headers=_carried(request))
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ["sha-512=:{long}:", "sha-256=:{short}:, sha-512=:{long}:", "sha-256=:{short}:;a"])
def test_only_one_sha_256_digest_counts(shared_town: Town, value: str) -> None:
    body = b"{}"
    request = shared_town.request("PUT", "/api/v1/epochs/2", content=body)
    request.headers["content-type"] = "application/json"
    request.headers["content-digest"] = value.format(long="A" * 86 + "==", short="A" * 43 + "=")
    key = shared_town.keys["coordinator"]
    sign(request, key, now=shared_town.clock(), body=None, use_existing_digest=True)
    assert shared_town.client.send(request).status_code == 401


def test_a_second_signature_beside_ours_is_refused(shared_town: Town) -> None:
    request = shared_town.request("GET", ME)
    for label, tag in (("other", "other"), ("headcount", "headcount-v1")):
        key, now = shared_town.keys["food_bank"], shared_town.clock()
        sign(request, key, now=now, label=label, tag=tag, append_if_signature_exists=True)
    assert shared_town.client.send(request).status_code == 401


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate"])
def test_no_packed_body_is_taken(shared_town: Town, encoding: str) -> None:
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    answer = shared_town.send("coordinator", "PUT", "/api/v1/epochs/2", content=b"{}", headers=headers)
    assert answer.status_code == 415


def test_an_oversized_request_is_refused_before_it_is_parsed(shared_town: Town) -> None:
    answer = shared_town.send("coordinator", "PUT", "/api/v1/epochs/2", json={"profile": "x" * 70_000})
    assert answer.status_code == 413


def test_a_request_for_another_host_is_refused(shared_town: Town) -> None:
    answer = shared_town.client.get("/healthz", headers={"host": "evil.example"})
    assert answer.status_code == 421


@given(place=st.integers(min_value=0), to=st.characters(min_codepoint=33, max_codepoint=126))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_altered_signature_is_accepted(shared_town: Town, place: int, to: str) -> None:
    request = shared_town.request("PUT", "/api/v1/epochs/2", content=b"{}")
    request.headers["content-type"] = "application/json"
    sign(request, shared_town.keys["auditor"], now=shared_town.clock())
    header = ("signature", "signature-input", "content-digest")[place % 3]
    value = request.headers[header]
    spot = place // 3 % len(value)
    altered = value[:spot] + to + value[spot + 1 :]
    request.headers[header] = altered
    answer = shared_town.client.send(request)
    # An auditor may not open epochs: 403 shows that the signature still held, as it must if nothing changed.
    assert answer.status_code == (403 if altered == value else 401)


def test_the_digest_we_compute_is_the_one_of_rfc_9530() -> None:
    example = b'{"hello": "world"}\n'
    assert ContentDigest.create(example) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def _carried(request: object) -> dict[str, str]:
    names = ("signature", "signature-input", "content-digest", "content-type")
    return {name: request.headers[name] for name in names if name in request.headers}
