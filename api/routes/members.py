"""The roster and the epochs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.answers import EpochOut, MemberOut, MeOut
from api.approval_answers import WAITS
from api.deps import CurrentCaller, CurrentParts
from api.inputs import EpochIn, MemberId, MemberIn
from api.registration import open_epoch, register

router = APIRouter(tags=["roster"])


@router.get("/api/v1/me")
def who_am_i(caller: CurrentCaller, parts: CurrentParts) -> MeOut:
    """Who the service takes you for, and what your next file has to match."""
    epoch = parts.epochs.current()
    return MeOut(member=MemberOut.of(caller.member), epoch=None if epoch is None else EpochOut.of(epoch))


@router.get("/api/v1/members")
def list_members(parts: CurrentParts) -> tuple[MemberOut, ...]:
    """Every member: organisations and their care contacts, no client."""
    return tuple(MemberOut.of(member) for member in parts.members.all())


@router.put("/api/v1/members/{member_id}", responses=WAITS)
def put_member(
    member_id: Annotated[MemberId, Path()], member: MemberIn, caller: CurrentCaller, parts: CurrentParts
) -> MemberOut:
    """Register a member, or change its name, contact, areas or key; role and kind never change."""
    registered = member.member(member_id)
    register(parts, caller, registered)
    return MemberOut.of(registered)


@router.get("/api/v1/epochs")
def list_epochs(parts: CurrentParts) -> tuple[EpochOut, ...]:
    """Every epoch; the last one is open."""
    return tuple(EpochOut.of(epoch) for epoch in parts.epochs.all())


@router.put("/api/v1/epochs/{number}", responses=WAITS)
def put_epoch(
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    epoch: EpochIn,
    caller: CurrentCaller,
    parts: CurrentParts,
) -> EpochOut:
    """Open an epoch: from now on every file must match it, and files of earlier ones no longer count."""
    return EpochOut.of(open_epoch(parts, caller, epoch.epoch(number, opened=parts.clock())))
