"""The roster and the epochs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.answers import EpochOut, MemberOut, MeOut
from api.approval_answers import WAITS
from api.conditional import check_unchanged, version_of
from api.deps import CurrentCaller, CurrentParts
from api.errors import not_there
from api.inputs import EpochIn, MemberId, MemberIn
from api.paging import CurrentPaging
from api.registration import open_epoch, register

router = APIRouter(tags=["roster"])


@router.get("/api/v1/me")
def who_am_i(caller: CurrentCaller, parts: CurrentParts) -> MeOut:
    """Who the service takes you for, and what your next file has to match."""
    epoch = parts.epochs.current()
    return MeOut(member=MemberOut.of(caller.member), epoch=None if epoch is None else EpochOut.of(epoch))


@router.get("/api/v1/members")
def list_members(parts: CurrentParts, paging: CurrentPaging) -> tuple[MemberOut, ...]:
    """Every member: organisations and their care contacts, no client."""
    return tuple(map(MemberOut.of, paging.cut(parts.members.all(), lambda member: member.id)))


@router.get("/api/v1/members/{member_id}")
def show_member(member_id: Annotated[MemberId, Path()], parts: CurrentParts, response: Response) -> MemberOut:
    """One member. Send its ETag in If-Match when you change it, so that nobody else's change is lost."""
    member = parts.members.find(member_id)
    if member is None:
        raise not_there()
    shown = MemberOut.of(member)
    response.headers["etag"] = version_of(shown)
    return shown


@router.put("/api/v1/members/{member_id}", responses=WAITS)
def put_member(
    request: Request,
    member_id: Annotated[MemberId, Path()],
    member: MemberIn,
    caller: CurrentCaller,
    parts: CurrentParts,
) -> MemberOut:
    """Register a member, or change its name, contact, areas or key; role and kind never change.

    With If-Match only if it is still as you read it, with `If-None-Match: *` only if it is new.
    """
    registered = member.member(member_id)
    with parts.members.changing:
        known = parts.members.find(member_id)
        check_unchanged(request.headers, None if known is None else version_of(MemberOut.of(known)))
        register(parts, caller, registered)
    return MemberOut.of(registered)


@router.get("/api/v1/epochs")
def list_epochs(parts: CurrentParts, paging: CurrentPaging) -> tuple[EpochOut, ...]:
    """Every epoch; the last one is open."""
    return tuple(map(EpochOut.of, paging.cut(parts.epochs.all(), lambda epoch: str(epoch.number))))


@router.put("/api/v1/epochs/{number}", responses=WAITS)
def put_epoch(
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    epoch: EpochIn,
    caller: CurrentCaller,
    parts: CurrentParts,
) -> EpochOut:
    """Open an epoch: from now on every file must match it, and files of earlier ones no longer count."""
    return EpochOut.of(open_epoch(parts, caller, epoch.epoch(number, opened=parts.clock())))
