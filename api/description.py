"""The description of the API in OpenAPI 3.1: what FastAPI knows of the routes, with examples, problems and limits."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import examples
from api.errors import ApiError, BackupError, StartError
from api.problems import KINDS, PROBLEM, URN, kind_named

Json = dict[str, Any]
_SIGNATURE = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature-Input",
    "description": "An HTTP message signature (RFC 9421) with the member's Ed25519 key; see docs/reference/api.md.",
}
_HEADERS: Json = {
    "RateLimit": {"description": "what the key has left", "schema": {"type": "string"}, "example": '"key";r=1180;t=12'},
    "Headcount-Receipt": {"description": "the entries of the log (RFC 9651)", "schema": {"type": "string"}},
    "Link": {"description": "the next page of a list (RFC 8288)", "schema": {"type": "string"}},
    "ETag": {"description": "of answers that are not in the log", "schema": {"type": "string"}},
}
_PLAIN = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR)


def operation_id(route: APIRoute) -> str:
    """The name of an operation: that of its function, which a client's method can go by."""
    return route.name


def problem_types() -> tuple[str, ...]:
    """Every ``type`` that a problem may have, in the order of the alphabet."""
    of_operators = {kind_named(kind.__name__) for kind in (StartError, BackupError)}
    kinds = {kind_named(kind.__name__) for kind in _all(ApiError)} - of_operators
    kinds |= {status.name.lower().replace("_", "-") for status in _PLAIN} | {*KINDS.values()}
    return tuple(sorted(f"{URN}{kind}" for kind in kinds))


def describe(app: FastAPI) -> Json:
    """The description of *app*, which is built once and then kept.

    Raises:
        StartError: an operation has no example.
    """
    if app.openapi_schema is None:
        app.openapi_schema = _complete(app.openapi())
    return app.openapi_schema


def _complete(document: Json) -> Json:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _problem()
    components["securitySchemes"] = {"signature": _SIGNATURE}
    components["headers"] = _HEADERS
    document["security"] = [{"signature": []}]
    for operation in _operations(document):
        _illustrate(operation)
    return document


def _operations(document: Json) -> Iterator[Json]:
    for methods in document["paths"].values():
        yield from methods.values()


def _illustrate(operation: Json) -> None:
    name, responses = operation["operationId"], operation["responses"]
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = _example(examples.REQUESTS, name)
    for status, response in responses.items():
        if status.startswith("2"):
            _illustrate_answer(name, status, response, waits="201" in responses or "200" in responses)
    for group, description in (("4XX", "Refused: what happened, and what to do"), ("5XX", "The service failed")):
        responses[group] = {"description": description, "content": {PROBLEM: _refused()}}


def _illustrate_answer(name: str, status: str, response: Json, *, waits: bool) -> None:
    response["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in _HEADERS}
    if name in examples.FILES:
        response["content"] = {examples.FILES[name]: {"schema": {"type": "string", "format": "binary"}}}
    elif status == "202" and waits:
        response["content"]["application/json"]["example"] = examples.WAITS
    elif status != "204":
        for content in response["content"].values():
            content["example"] = _example(examples.ANSWERS, name)


def _example(table: Json, name: str) -> Any:  # noqa: ANN401 -- JSON
    if name not in table:
        raise StartError(f"the operation {name} has no example", hint="Give it one in api/examples.py.")
    return table[name]


def _refused() -> Json:
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "example": examples.PROBLEM}


def _problem() -> Json:
    text = {"type": "string"}
    return {
        "title": "Problem",
        "description": "Why a request was refused (RFC 9457), and what to do.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": list(problem_types())},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "hint": text,
        },
        "required": ["type", "title", "status", "detail", "hint"],
    }


def _all(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _all(below)
