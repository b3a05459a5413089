"""Changes of the roster, the epochs and the runs: checked, logged, then done."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace

from api.approvals import approved
from api.callers import Caller
from api.errors import Conflict
from api.parts import Parts
from api.proposals import Intent, Json, Kind
from api.roster import Member
from api.rotation import check_is_free
from api.storage.epochs import Epoch
from api.storage.runs import Run, State
from audit.events import Act, Event


def register(parts: Parts, caller: Caller, member: Member) -> None:
    """Add *member* to the roster, or change its name, contact, areas or key.

    Raises:
        Conflict: another member has that key, it was ended before, or the role or the kind would change.
        ApprovalNeeded: a new member, or another's new key, waits for a second person.
        LogUnavailable: nothing was changed because it could not be logged.
    """
    known = parts.members.find(member.id)
    check_can_register(member, known, parts.members.find_by_keyid(member.key.keyid))
    check_is_free(parts.keys.find(member.key.keyid), member, parts.clock())
    details: dict[str, str | int] = {
        "role": member.role.value,
        "kind": member.kind.value if member.kind else "",
        "keyid": member.key.keyid,
        **_agreement(member),
    }
    with approved(parts, caller, _wanted(caller, member, known)):
        parts.journal.append(caller.event(_act(member, known), f"member/{member.id}", details=details))
        parts.members.put(member, now=parts.clock())
        if known is not None and known.key != member.key:
            parts.sessions.close_all_of(member.id)  # whoever held the old key is out at once


def check_can_register(member: Member, known: Member | None, same_key: Member | None) -> None:
    """A key has one owner; what a member is, the law decides, not an edit.

    Raises:
        Conflict: *member* breaks that rule.
    """
    if same_key is not None and same_key.id != member.id:
        raise Conflict(
            f"that key belongs to the member '{same_key.id}' already",
            hint="Each member makes a key of its own; two members never share one.",
        )
    if known is not None and (known.role, known.kind) != (member.role, member.kind):
        raise Conflict(
            "a member's role and kind never change",
            hint="Register it anew under another identifier.",
        )


def open_epoch(parts: Parts, caller: Caller, epoch: Epoch) -> Epoch:
    """Open *epoch*; the same again changes nothing and is answered the same.

    Raises:
        Conflict: the number is taken by another epoch, or is not above all others.
        ApprovalNeeded: it waits for a second person.
        LogUnavailable: nothing was opened because it could not be logged.
    """
    epochs = parts.epochs.all()
    known = next((other for other in epochs if other.number == epoch.number), None)
    if known is not None and _same(known, epoch):
        parts.journal.append(_opening(caller, epoch, outcome="unchanged"))
        return known
    if epochs and epoch.number <= epochs[-1].number:
        raise Conflict(
            f"epoch {epoch.number} cannot be opened: an epoch never changes, and numbers only go up",
            hint=f"Open epoch {epochs[-1].number + 1} instead.",
        )
    with approved(parts, caller, _wanted_epoch(epoch)):
        parts.journal.append(_opening(caller, epoch, outcome="allowed"))
        parts.epochs.add(epoch)
    return epoch


def start_run(parts: Parts, caller: Caller) -> Run:
    """Start linking the current files; while the same files are being linked, that run is the answer.

    Raises:
        Conflict: there is nothing to link yet.
        LogUnavailable: nothing was started because it could not be logged.
    """
    epoch = parts.epochs.current()
    current = () if epoch is None else parts.uploads.current(epoch.number)
    if epoch is None or not current:
        raise Conflict(
            "no agency has sent a file in the open epoch", hint="Wait for the first file; one is enough to link."
        )
    files = tuple(sorted(upload.id for upload in current if upload.id is not None))
    for run in parts.runs.unfinished():
        if run.uploads == files:
            parts.journal.append(_start(caller, run, outcome="unchanged"))
            return run
    run = Run(secrets.token_hex(16), epoch.number, State.WAITING, parts.clock(), files)
    parts.journal.append(_start(caller, run, outcome="allowed"))
    parts.runs.add(run)
    parts.jobs.submit(run.id)
    return run


def _wanted(caller: Caller, member: Member, known: Member | None) -> Intent | None:
    """What needs a second person: a new member, and a key that a coordinator gives to somebody else."""
    is_own = caller.member.id == member.id
    if known is not None and (known.key == member.key or is_own):
        return None
    content: dict[str, Json] = {
        "name": member.name,
        "role": member.role.value,
        "kind": member.kind.value if member.kind else "",
        "keyid": member.key.keyid,
        "public_key": base64.b64encode(member.key.raw).decode("ascii"),
        "areas": list(member.areas),
        "contact": member.contact,
        **_agreement(member),
    }
    return Intent(Kind.MEMBER if known is None else Kind.KEY, f"member/{member.id}", content)


def _agreement(member: Member) -> dict[str, str]:
    """The dates of an agency's agreement, as far as there are any."""
    dates = {"agreement_from": member.agreement_from, "agreement_until": member.agreement_until}
    return {name: day.isoformat() for name, day in dates.items() if day is not None}


def _wanted_epoch(epoch: Epoch) -> Intent:
    content: dict[str, Json] = {
        "profile": epoch.profile,
        "profile_digest": epoch.profile_digest,
        "key_check_value": epoch.key_check_value,
        "canaries": epoch.canaries,
    }
    return Intent(Kind.EPOCH, f"epoch/{epoch.number}", content)


def _opening(caller: Caller, epoch: Epoch, *, outcome: str) -> Event:
    details: dict[str, str | int] = {"profile": epoch.profile, "key_check_value": epoch.key_check_value[:8]}
    thing = f"epoch/{epoch.number}"
    return caller.event(Act.EPOCH_OPENED, thing, epoch=epoch.number, outcome=outcome, details=details)


def _start(caller: Caller, run: Run, *, outcome: str) -> Event:
    details: dict[str, str | int] = {"files": len(run.uploads)}
    thing = f"run/{run.id}"
    return caller.event(Act.RUN_STARTED, thing, purpose="linkage", epoch=run.epoch, outcome=outcome, details=details)


def _act(member: Member, known: Member | None) -> Act:
    if known is None:
        return Act.MEMBER_ADDED
    return Act.SETTINGS_CHANGED if known.key == member.key else Act.KEY_ADDED


def _same(one: Epoch, other: Epoch) -> bool:
    return replace(one, opened=other.opened) == other
