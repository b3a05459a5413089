"""The description of the API: valid OpenAPI 3.1, with an example for everything, and the copy that is kept is true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_town import Town
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.description import describe, operation_id, problem_types
from api.errors import StartError
from api.problems import STATUS

KEPT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
DOCUMENT = json.loads(KEPT.read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: operation for methods in DOCUMENT["paths"].values() for operation in methods.values()
}


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body of an operation: that of the request, and those of the answers."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        yield from body.get("content", {}).items()


def test_the_copy_that_is_kept_is_what_the_service_says(shared_town: Town) -> None:
    assert shared_town.client.get("/openapi.json").json() == DOCUMENT, "make openapi"


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_example_is_what_its_schema_says(name: str) -> None:
    for kind, content in contents(OPERATIONS[name]):
        assert "example" in content or content["schema"].get("format") == "binary", (name, kind)
        if kind.endswith("json"):
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            Draft202012Validator(schema).validate(content["example"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_a_summary_a_body_for_success_and_one_for_refusal(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"].endswith(".")
    assert {"4XX", "5XX"} <= operation["responses"].keys()
    refused = operation["responses"]["4XX"]["content"]["application/problem+json"]
    assert refused["schema"] == {"$ref": "#/components/schemas/Problem"}
    good = [response for status, response in operation["responses"].items() if status.startswith("2")]
    assert all("content" in response or operation["operationId"] == "delete_key" for response in good)


def test_every_problem_that_a_request_can_meet_is_named(shared_town: Town) -> None:
    named = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert named == list(problem_types()) == sorted(set(named))
    asked = {
        shared_town.client.get("/api/v1/me").json()["type"],
        shared_town.send("clinic", "GET", "/api/v1/runs").json()["type"],
        shared_town.send("coordinator", "GET", "/api/v1/runs/none").json()["type"],
        shared_town.send("coordinator", "GET", "/api/v1/nowhere").json()["type"],
        shared_town.send("coordinator", "DELETE", "/api/v1/me").json()["type"],
        shared_town.send("coordinator", "GET", "/api/v1/counts?by=x").json()["type"],
        shared_town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()["type"],
        shared_town.client.get("/healthz", headers={"host": "other.example"}).json()["type"],
    }
    assert len(asked) == 7
    assert asked <= set(named)
    assert len(named) >= len([kind for kind in STATUS if kind.__module__ == "api.errors"])


def test_the_reference_tells_of_every_route_and_every_problem() -> None:
    reference = (KEPT.parent / "api.md").read_text(encoding="utf-8")
    told = {re.sub(r"\{\w+\}", "{}", path) for path in re.findall(r"/api/v1/[\w/{}-]+", reference)}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in DOCUMENT["paths"]} - told == set()
    kinds = {problem.rpartition(":")[2] for problem in problem_types()}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in reference] == []


def test_an_operation_without_an_example_does_not_start() -> None:
    app = FastAPI(openapi_url=None, generate_unique_id_function=operation_id)

    @app.get("/api/v1/new")
    def forgotten() -> int:
        return 1

    with pytest.raises(StartError, match="the operation forgotten has no example"):
        describe(app)


def test_operations_are_called_once_each() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in DOCUMENT["paths"].values())
