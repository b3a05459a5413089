"""Forms of our own pages: small, of the one type that browsers send them as, each field once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.errors import BadRequest, TooLarge, WrongMediaType

FORM = "application/x-www-form-urlencoded"
MAX_BYTES = 64 * 1024  # an attestation is some kilobytes
MAX_FIELDS = 20
Shape = TypeVar("Shape", bound=BaseModel)


async def form_fields(request: Request) -> Mapping[str, str]:
    """The fields of the form that was sent; none without a body.

    Raises:
        TooLarge, WrongMediaType, BadRequest: it is no form of ours.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(f"the form is larger than {MAX_BYTES} bytes", hint="Send less in one form.")
    if body and request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise WrongMediaType("this is not a form of a page", hint="Send the form from the page.")
    return _parse(body)


Fields = Annotated[Mapping[str, str], Depends(form_fields)]


def shaped(shape: type[Shape], fields: Mapping[str, str]) -> Shape:
    """The fields as *shape*.

    Raises:
        RequestValidationError: a field is missing, unknown or not what it has to be.
    """
    try:
        return shape.model_validate(dict(fields))
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_input=False)]
        raise RequestValidationError(found) from error


def _parse(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise BadRequest("the form cannot be read", hint="Open the page anew and send its form.") from error
    if len(dict(pairs)) != len(pairs):
        raise BadRequest("a field of the form is there twice", hint="Open the page anew and send its form.")
    return dict(pairs)
