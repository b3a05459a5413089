"""Who was shown an agency's clients: for that agency alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.accounting import erase_openings, openings_file
from api.answers import ErasedOut, ReceiptOut
from api.deps import CurrentCaller, CurrentParts
from api.inputs import AccountingPurpose, ErasureIn

JSON_LINES = "application/jsonl"

router = APIRouter(tags=["audit log"])


@router.get("/api/v1/openings", response_class=Response)
def download_openings(
    caller: CurrentCaller, parts: CurrentParts, purpose: Annotated[AccountingPurpose, Query()]
) -> Response:
    """Who was shown your clients and whose of yours you were shown, for ``headcount audit why``."""
    headers = {"content-disposition": 'attachment; filename="openings.jsonl"'}
    return Response(openings_file(parts, caller, purpose), media_type=JSON_LINES, headers=headers)


@router.post("/api/v1/openings/erasures")
def post_erasure(erasure: ErasureIn, caller: CurrentCaller, parts: CurrentParts) -> ErasedOut:
    """Forget for good who was shown these clients of yours. The log stays as it is, and verifiable."""
    erased, receipt = erase_openings(parts, caller, frozenset(erasure.rows))
    return ErasedOut(openings=erased, receipt=ReceiptOut.of(receipt))
