"""Changing a member's key without a gap: for a stated time, two keys count (docs/adr/0037-two-keys.md)."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from api.approvals import approved
from api.callers import Caller
from api.errors import BadRequest, Conflict, not_there
from api.parts import Parts
from api.proposals import Intent, Kind
from api.roster import Member, MemberKey, Role
from api.storage.keys import KeptKey
from api.storage.together import together
from audit.events import Act

LONGEST = timedelta(days=90)  # that an old key may count beside the new one
USUAL = timedelta(days=7)
MOST = 2  # keys of a member at a time


def keys_of(parts: Parts, caller: Caller, member_id: str) -> tuple[KeptKey, ...]:
    """The keys of a member that count now.

    Raises:
        NotFound: no such member, or another one's and the caller is no coordinator; the log has it.
    """
    member = check_can_change_keys(parts, caller, member_id)
    return parts.keys.good_of(member.id, now=parts.clock())


def add_key(parts: Parts, caller: Caller, member_id: str, key: MemberKey, old_ends: datetime | None) -> None:
    """Make *key* the newest of the member; the one before it counts until *old_ends*. Again: only the end changes.

    Raises:
        NotFound: as `keys_of`.
        BadRequest: *old_ends* is past, or more than `LONGEST` away.
        Conflict: the key is another's or was retired, or the member has two keys.
        ApprovalNeeded: a coordinator gives it to somebody else, which waits for a second person.
        LogUnavailable: nothing was changed because it could not be logged.
    """
    member = check_can_change_keys(parts, caller, member_id)
    now = parts.clock()
    ends = now + USUAL if old_ends is None else old_ends
    check_end(ends, now)
    check_is_free(parts.keys.find(key.keyid), member, now)
    others = [other for other in parts.keys.good_of(member.id, now=now) if other.key != key]
    if len(others) >= MOST:
        raise Conflict(
            "this member has two keys already", hint="End one of them first; two at a time are enough for a change."
        )
    details: dict[str, str | int] = {"keyid": key.keyid, "old_keys_end": ends.isoformat(timespec="seconds")}
    with approved(parts, caller, _wanted(caller, member, key, old_ends)):
        parts.journal.append(caller.event(Act.KEY_ADDED, f"member/{member.id}", details=details))
        parts.keys.add(member.id, key, now=now, others_end=ends)


def retire_key(parts: Parts, caller: Caller, member_id: str, keyid: str) -> None:
    """End a key at once, and every session of its member; the other key stays.

    Raises:
        NotFound: as `keys_of`, or the member has no such key.
        Conflict: it is the member's only key.
        LogUnavailable: nothing was changed because it could not be logged.
    """
    good = keys_of(parts, caller, member_id)
    left = [other.key for other in good if other.key.keyid != keyid]
    if len(left) == len(good):
        raise not_there()
    if not left:
        raise Conflict(
            "this is the member's only key", hint="Add the new key first; the coordinator can replace a lost one."
        )
    details: dict[str, str | int] = {"keyid": keyid, "stays": left[-1].keyid}
    parts.journal.append(caller.event(Act.KEY_REVOKED, f"member/{member_id}", details=details))
    with together(parts.engine):
        parts.keys.retire(member_id, keyid, left=left[-1], now=parts.clock())
        parts.sessions.close_all_of(member_id)  # whoever held that key is out at once


def _wanted(caller: Caller, member: Member, key: MemberKey, old_ends: datetime | None) -> Intent | None:
    if caller.member.id == member.id or member.key == key:
        return None
    ends = f"{USUAL.days} days later" if old_ends is None else old_ends.isoformat(timespec="seconds")
    public_key = base64.b64encode(key.raw).decode("ascii")
    content = {"keyid": key.keyid, "public_key": public_key, "old_keys_end": ends}
    return Intent(Kind.KEY, f"member/{member.id}", content)


def check_can_change_keys(parts: Parts, caller: Caller, member_id: str) -> Member:
    """A member changes its own keys, a coordinator everyone's.

    Raises:
        NotFound: no such member, or another's keys; the log has it.
    """
    may = caller.member.role is Role.COORDINATOR or caller.member.id == member_id
    member = parts.members.find(member_id) if may else None
    if member is None:
        event = caller.event(Act.DENIED, "/api/v1/members/{member_id}/keys", outcome="refused", rule="own keys only")
        parts.journal.append(event)
        raise not_there()
    return member


def check_end(ends: datetime, now: datetime) -> None:
    """The old key ends at a stated time that is not far away.

    Raises:
        BadRequest: it does not.
    """
    if not now < ends <= now + LONGEST:
        raise BadRequest(
            f"the end of the old key is not within the next {LONGEST.days} days",
            hint="Choose a day soon after the new key is at work; a stolen key is ended at once instead.",
        )


def check_is_free(known: KeptKey | None, member: Member, now: datetime) -> None:
    """A key has one owner, and what was ended stays so.

    Raises:
        Conflict: *known* is another member's, or was retired.
    """
    if known is not None and (known.member != member.id or not known.is_good(now)):
        raise Conflict(
            "that key belongs to another member, or was ended before",
            hint="Make a new one with 'headcount key new'; two members never share a key.",
        )
