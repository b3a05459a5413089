"""The first coordinator of a new data folder, who can add everyone else."""

from __future__ import annotations

from pathlib import Path

from api.callers import own_event
from api.errors import StartError
from api.parts import Parts
from api.roster import Member, MemberKey, Role
from audit.events import Act
from hashing.schema import HeadcountError

FIRST_COORDINATOR = "coordinator"


def found(parts: Parts) -> None:
    """See to it that there is a coordinator.

    Raises:
        StartError: there is none and none is given, or another one is given than there is.
    """
    path = parts.settings.coordinator
    if path is None and not parts.members.all():
        raise StartError(
            "this data folder is new and has no coordinator",
            hint="Start once with --coordinator FILE.pub, the coordinator's public key file.",
        )
    if path is None:
        return
    key = _read_key(path)
    known = parts.members.find_by_keyid(key.keyid)
    if known is None and parts.members.all():
        raise StartError(
            "this data folder has its coordinator already, with another key",
            hint="Leave --coordinator out; a coordinator changes keys through the API.",
        )
    if known is None:
        _add_first_coordinator(parts, key)


def _add_first_coordinator(parts: Parts, key: MemberKey) -> None:
    member = Member(FIRST_COORDINATOR, "Coordinator", Role.COORDINATOR, key)
    parts.journal.append(own_event(Act.FOUND, f"member/{member.id}", details={"keyid": key.keyid}))
    parts.members.put(member, now=parts.clock())


def _read_key(path: Path) -> MemberKey:
    try:
        return MemberKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path} cannot be read", hint="Give the coordinator's .pub file.") from error
    except HeadcountError as error:
        raise StartError(f"{path}: {error.what}", hint=error.hint) from error
