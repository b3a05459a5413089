"""The first coordinator of a new data folder, who can add everyone else."""

from __future__ import annotations

from pathlib import Path

from api.callers import own_event
from api.errors import StartError
from api.parts import Parts
from api.roster import Member, MemberKey, Role
from api.settings import Settings
from api.storage.engine import SQLITE_FILE
from audit.events import Act
from hashing.schema import HeadcountError

FIRST_COORDINATOR = "coordinator"


def check_can_found(settings: Settings) -> None:
    """A new data folder is given a coordinator, whose key can be read; one that is not new has its log.

    Raises:
        StartError: it is not, it cannot, or it has not.
    """
    if not (settings.data / "log").exists() and (settings.data / SQLITE_FILE).exists():
        raise StartError(
            "this data folder has a database, and has no log any more",
            hint="Restore the newest backup as a whole with 'headcount restore', and tell the auditors.",
        )
    if settings.coordinator is not None:
        read_key(settings.coordinator)
    elif not (settings.data / "log").exists():
        raise _no_coordinator()


def _no_coordinator() -> StartError:
    return StartError(
        "this data folder is new and has no coordinator",
        hint="Start once with --coordinator FILE.pub, the coordinator's public key file.",
    )


def found(parts: Parts) -> None:
    """See to it that there is a coordinator.

    Raises:
        StartError: there is none and none is given, or another one is given than there is.
    """
    path = parts.settings.coordinator
    if path is None and not parts.members.all():
        raise _no_coordinator()
    if path is None:
        return
    key = read_key(path)
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


def read_key(path: Path) -> MemberKey:
    """The public key in a file.

    Raises:
        StartError: there is none.
    """
    try:
        return MemberKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path} cannot be read", hint="Give the coordinator's .pub file.") from error
    except HeadcountError as error:
        raise StartError(f"{path}: {error.what}", hint=error.hint) from error
