"""Sequences of requests made from the service's own description: no 5xx, nothing that the description does not allow.

HEADCOUNT_REQUESTS says how many, roughly. Every request is signed, mostly by a member who may send it.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from api_town import BASE, Town, a_file, a_town, people, sign
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from test_api_acts import give

from api.policies import POLICY, Open

REQUESTS = int(os.environ.get("HEADCOUNT_REQUESTS", "1000"))
STEPS = 10  # of one sequence
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


@schemathesis.serializer("application/jsonl", "application/zip")
def as_it_is(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Signing(requests.auth.AuthBase):
    """Signs what schemathesis is about to send."""

    def __init__(self, town: Town, member: str, now: datetime) -> None:
        self.town, self.member, self.now = town, member, now

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
        kind = {"content-type": prepared.headers["content-type"]} if "content-type" in prepared.headers else {}
        request = httpx2.Request(prepared.method, prepared.url, headers=kind, content=body)
        sign(request, self.town.keys[self.member], now=self.now)
        prepared.headers.update({name: request.headers[name] for name in SIGNED if name in request.headers})
        return prepared


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with files, a finished linkage and a release."""
    with a_town(tmp_path_factory.mktemp("fuzzed") / "data") as town:
        give(town, "food_bank", "detox")
        give(town, "detox", "food_bank")
        assert town.upload("clinic", a_file("clinic", people(*range(30)))).status_code == 201
        town.link()
        asked = {"period": "2026-02", "purpose": "planning"}
        assert town.send("coordinator", "POST", "/api/v1/releases", json=asked).status_code == 201
        yield town


def who(operation: tuple[str, str], turn: int) -> str:
    """A member who may do this, four times of five; else anybody."""
    policy = POLICY.get(operation)
    if turn % 5 == 0 or policy is None or isinstance(policy, Open):
        return ANYBODY[turn % len(ANYBODY)]
    roles = sorted(policy)
    return MEMBERS[roles[turn % len(roles)].value]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_no_sequence_of_requests_breaks_the_service(fuzzed: Town, capsys: pytest.CaptureFixture[str]) -> None:
    schema = schemathesis.openapi.from_dict(fuzzed.client.app.openapi())
    schema.app = fuzzed.client.app
    statuses: Counter[int] = Counter()
    reached: dict[str, set[int]] = {}
    turns = iter(range(10**9))

    class Sequences(schema.as_state_machine()):
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            member = who((case.method.upper(), case.operation.path), next(turns))
            return {"auth": Signing(fuzzed, member, fuzzed.clock()), "base_url": BASE}

        def after_call(self, response: Any, case: Any) -> None:
            statuses[response.status_code] += 1
            reached.setdefault(case.operation.label, set()).add(response.status_code)
            assert b"Traceback" not in response.content

        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Sequences.run(
        settings=settings(
            max_examples=max(REQUESTS // STEPS, 1),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=REQUESTS <= 10_000,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
    )
    with capsys.disabled():
        print(f"\n{statuses.total():,} requests: {dict(sorted(statuses.items()))}")  # noqa: T201 -- for the night's log
    assert reached.keys() == {operation.ok().label for operation in schema.get_all_operations()}
    done = {label for label, found in reached.items() if any(status < 400 for status in found)}
    assert len(done) > len(reached) // 2, sorted(reached.keys() - done)
