"""The keys of members: two at once for the time of a change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.approval_answers import WAITS
from api.deps import CurrentCaller, CurrentParts
from api.errors import BadRequest
from api.inputs import KeyId, KeyIn, MemberId
from api.key_answers import KeyOut
from api.paging import CurrentPaging
from api.roster import MemberKey
from api.rotation import add_key, keys_of, retire_key

router = APIRouter(tags=["roster"])
KeyIdInPath = Annotated[KeyId, Path()]


@router.get("/api/v1/members/{member_id}/keys")
def list_keys(
    member_id: Annotated[MemberId, Path()], caller: CurrentCaller, parts: CurrentParts, paging: CurrentPaging
) -> tuple[KeyOut, ...]:
    """The keys of a member that count now, the newest last: your own, or a coordinator anybody's."""
    return tuple(map(KeyOut.of, paging.cut(keys_of(parts, caller, member_id), lambda kept: kept.key.keyid)))


@router.put("/api/v1/members/{member_id}/keys/{keyid}", responses=WAITS)
def put_key(
    member_id: Annotated[MemberId, Path()], keyid: KeyIdInPath, new: KeyIn, caller: CurrentCaller, parts: CurrentParts
) -> tuple[KeyOut, ...]:
    """Give a member a new key; the one before it counts until `old_ends`, at most 90 days. Sign with either."""
    key = MemberKey.parse(new.public_key)
    if key.keyid != keyid:
        raise BadRequest(
            "the address names another key than the request", hint="Its last part is the id of the new key."
        )
    with parts.members.changing:
        add_key(parts, caller, member_id, key, new.old_ends)
    return tuple(map(KeyOut.of, keys_of(parts, caller, member_id)))


@router.delete("/api/v1/members/{member_id}/keys/{keyid}", status_code=204, response_class=Response)
def delete_key(
    member_id: Annotated[MemberId, Path()], keyid: KeyIdInPath, caller: CurrentCaller, parts: CurrentParts
) -> None:
    """End a key at once, and the member's sessions; the other key stays."""
    with parts.members.changing:
        retire_key(parts, caller, member_id, keyid)
