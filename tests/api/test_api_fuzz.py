"""Requests made from the service's own description: no 5xx, no traceback, nothing that the description does not allow.

HEADCOUNT_FUZZ_REQUESTS says how many, roughly: half of them one operation at a time, half in sequences in which one
request takes what another answered. HEADCOUNT_SEED says which. Every request is signed, mostly by a member who may
send it.
"""

import hashlib
import itertools
import os
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from api_town import BASE, Clock, Town, a_file, a_town, new_key, people, public_line, sign, wait_until
from counted_once import counted_once
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.description import describe
from api.policies import POLICY, Open
from api.roster import MemberKey

REQUESTS = int(os.environ.get("HEADCOUNT_FUZZ_REQUESTS", "1000"))
SEED = int(os.environ.get("HEADCOUNT_SEED", "0"))
STEPS, ROUND = 10, 10  # of one sequence; sequences in a round
PATIENCE = 300.0  # seconds for an answer: a release after many others takes its time
THOROUGH = REQUESTS >= 10_000
SIGNED = ("signature", "signature-input", "content-digest")
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
MEMBERS = {"coordinator": "coordinator", "auditor": "auditor", "operator": "operator", "agency": "food_bank"}
ANYBODY = ("coordinator", "food_bank", "detox", "haven", "auditor", "operator")
SENDERS = ("food_bank", "detox", "clinic")
JSON_LINES = "application/jsonl"
LOST = "somebody-else"
# What an answer calls the things that paths name.
CALLED = {"job_id": "job", "run_id": "run", "session_id": "session", "digest": "upload"}
CALLED |= {"proposal": "proposal", "person_id": "person"}
REMEMBERED = 20
FINISH = ("POST", "/api/v1/upload-sessions/{session_id}/finish")
PIECE = ("PUT", "/api/v1/upload-sessions/{session_id}/pieces/{offset}")
DECISION = ("POST", "/api/v1/approvals/{proposal}/decision")
KEY = "/api/v1/members/{member_id}/keys/{keyid}"


@dataclass
class Fuzzed:
    """A town at the mercy of made-up requests, and what came back."""

    town: Town
    schema: Any
    statuses: Counter[int] = field(default_factory=Counter)
    reached: dict[str, set[int]] = field(default_factory=dict)
    known: dict[str, deque[str]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # of proposals
    turn: int = 0

    def auth(self, case: Any) -> "Signing":
        """The signature of a member who may do this, four times of five; else anybody's."""
        self.turn += 1
        policy = POLICY.get((case.method.upper(), case.operation.path))
        if self.turn % 5 == 0 or policy is None or isinstance(policy, Open):
            return Signing(self.town, ANYBODY[self.turn % len(ANYBODY)])
        roles = sorted(policy)
        return Signing(self.town, MEMBERS[roles[self.turn % len(roles)].value])

    def spare(self, case: Any) -> None:
        """Whoever signs here keeps the key: without it everything else would be refused."""
        given = case.path_parameters or {}
        if case.method.upper() in {"PUT", "DELETE"} and given.get("member_id") in self.town.keys:
            case.path_parameters["member_id"] = LOST

    def fill(self, case: Any) -> None:
        """Two times of three, name something that there is, since a made-up name never hits."""
        self.spare(case)
        asked = (case.method.upper(), case.operation.path)
        if self.turn % 3 == 0 or not case.path_parameters:
            return
        for name, called in CALLED.items():
            if name in case.path_parameters and self.known.get(called):
                case.path_parameters[name] = self.known[called][self.turn % len(self.known[called])]
        self._fill_more(asked, case)

    def _fill_more(self, asked: tuple[str, str], case: Any) -> None:
        if asked == FINISH:
            case.path_parameters["session_id"] = whole_session(self.town, self.turn)
        elif asked == PIECE:
            case.path_parameters["offset"] = 0
        elif asked[1].startswith("/api/v1/releases/"):
            case.path_parameters["number"] = 0
        elif asked == DECISION and isinstance(case.body, dict):
            case.body["digest"] = self.digests.get(case.path_parameters["proposal"], "")
        elif asked[1] == KEY:  # more keys of hers: those who sign keep the first
            self._fill_key(asked[0], case)

    def _fill_key(self, method: str, case: Any) -> None:
        line = public_line(new_key(f"spare {self.turn}"))
        key = MemberKey.parse(line).keyid
        if method == "PUT":
            case.body = {"public_key": line}
            self.known.setdefault("key", deque(maxlen=REMEMBERED)).append(key)
        elif self.known.get("key"):
            key = self.known["key"].pop()
        case.path_parameters |= {"member_id": "food_bank", "keyid": key}

    def learn(self, told: Any) -> None:
        """Remember what an answer names."""
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, dict):
                for called in CALLED.values():
                    if isinstance(one.get(called), str):
                        self.known.setdefault(called, deque(maxlen=REMEMBERED)).append(one[called])
                if "proposal" in one and "digest" in one:
                    self.digests[one["proposal"]] = one["digest"]

    def heard(self, case: Any, response: Any) -> None:
        """Count an answer, check it, and see to it that there is something to ask for in a new epoch."""
        self.statuses[response.status_code] += 1
        self.reached.setdefault(case.operation.label, set()).add(response.status_code)
        assert b"Traceback" not in response.content
        if response.status_code < 400 and response.headers.get("content-type", [""])[0] == "application/json":
            self.learn(response.json())
        case.validate_response(response, checks=CHECKS)
        if case.operation.path == "/api/v1/epochs/{number}" and response.status_code == 200:
            settle(self.town)


class Signing(requests.auth.AuthBase):
    """Signs what schemathesis is about to send."""

    def __init__(self, town: Town, member: str) -> None:
        self.town, self.member = town, member

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
        kind = {"content-type": prepared.headers["content-type"]} if "content-type" in prepared.headers else {}
        request = httpx2.Request(prepared.method, prepared.url, headers=kind, content=body)
        sign(request, self.town.keys[self.member], now=self.town.clock())
        prepared.headers.update({name: request.headers[name] for name in SIGNED if name in request.headers})
        return prepared


@schemathesis.serializer(JSON_LINES)
def as_it_is(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def whole_file(town: Town, agency: str, *numbers: int) -> bytes:
    """A file that the open epoch takes."""
    epoch = town.parts.epochs.current()
    names = ("profile", "profile_digest", "key_check_value", "canaries")
    made_with = {name: getattr(epoch, name) for name in names}
    return a_file(agency, people(*numbers), epoch=epoch.number, **made_with)


def settle(town: Town) -> None:
    """Files, a finished linkage and a release of the open epoch."""
    for agency in SENDERS:
        assert town.upload(agency, whole_file(town, agency, *range(30))).status_code == 201
    town.link()
    asked = {"period": "2026-02", "purpose": "planning"}
    answer = town.send("coordinator", "POST", "/api/v1/releases", json=asked)
    if answer.status_code == 202:
        assert town.decide("auditor", answer.json()).status_code == 200
        answer = town.send("coordinator", "POST", "/api/v1/releases", json=asked)
    assert answer.status_code in {200, 201, 409}, answer.text


def whole_session(town: Town, turn: int) -> str:
    """A file of the food bank's that arrived in pieces and waits to be finished; what else was on its way is not."""
    for session in town.parts.pieces.sessions.of("food_bank"):
        town.parts.pieces.end(session)  # or the quota would be used up
    body = whole_file(town, "food_bank", turn)
    asked = {"digest": hashlib.sha256(body).hexdigest(), "length": len(body)}
    session = town.send("food_bank", "POST", "/api/v1/upload-sessions", json=asked).json()["session"]
    path, kind = f"/api/v1/upload-sessions/{session}/pieces/0", {"content-type": "application/octet-stream"}
    assert town.send("food_bank", "PUT", path, content=body, headers=kind).status_code == 200
    return str(session)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder, clock = tmp_path_factory.mktemp("fuzzed") / "data", Clock()
    with a_town(folder, clock=clock):  # founded by one person, and led by two
        pass
    with a_town(folder, clock=clock, linking=counted_once(), approvals="two") as town:
        settle(town)
        bodies = st.one_of(
            st.integers(0, 50).map(lambda number: whole_file(town, "food_bank", number)),
            st.binary(max_size=200),
            st.binary(max_size=20).map(lambda junk: whole_file(town, "food_bank", 1) + junk),
        )
        schemathesis.openapi.media_type(JSON_LINES, bodies)
        schema = schemathesis.openapi.from_dict(describe(town.client.app))
        schema.app = town.client.app
        yield Fuzzed(town, schema)
        wait_until(lambda: not town.parts.runs.unfinished())


def chosen(examples: int, **more: Any) -> settings:
    """How hypothesis goes about it: no clock, no memory, and what fails is told as it was found."""
    return settings(
        max_examples=max(examples, 1),
        deadline=None,
        database=None,
        derandomize=not (THOROUGH or SEED),
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        **more,
    )


def no_traceback(caplog: pytest.LogCaptureFixture) -> bool:
    return not [record for record in caplog.records if record.exc_info or "Traceback" in record.getMessage()]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # schemathesis' own, which are not ours to mend
def test_every_operation_alone(fuzzed: Fuzzed, caplog: pytest.LogCaptureFixture) -> None:
    operations = [found.ok() for found in fuzzed.schema.get_all_operations()]
    each = REQUESTS // 2 // len(operations)
    for operation in operations:

        @chosen(each)
        @seed(SEED)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            fuzzed.fill(case)
            fuzzed.heard(case, case.call(base_url=BASE, auth=fuzzed.auth(case), timeout=PATIENCE))

        ask()
    assert fuzzed.reached.keys() == {operation.label for operation in operations}
    assert no_traceback(caplog)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_sequences_of_operations(
    fuzzed: Fuzzed, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    class Sequences(fuzzed.schema.as_state_machine()):
        def before_call(self, case: Any) -> None:
            fuzzed.fill(case)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"auth": fuzzed.auth(case), "base_url": BASE, "timeout": PATIENCE}

        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:
            fuzzed.heard(case, response)

    most = fuzzed.statuses.total() + REQUESTS // 2
    for round_number in itertools.count(SEED):
        # The service remembers, so the same beginning may go on in another way: hypothesis gives up the round then.
        with suppress(FlakyStrategyDefinition):
            seed(round_number)(Sequences).run(settings=chosen(ROUND, stateful_step_count=STEPS))
        if fuzzed.statuses.total() >= most:
            break
    assert no_traceback(caplog)
    told = {label: found for label, found in fuzzed.reached.items() if any(status < 400 for status in found)}
    with capsys.disabled():
        print(f"\n{fuzzed.statuses.total():,} requests: {dict(sorted(fuzzed.statuses.items()))}")  # noqa: T201
        print(f"answered at least once as asked: {len(told)} of {len(fuzzed.reached)} operations; never: "  # noqa: T201
              f"{sorted(fuzzed.reached.keys() - told.keys())}")  # fmt: skip
    assert len(told) > len(fuzzed.reached) * 0.8, sorted(fuzzed.reached.keys() - told.keys())
