"""Releases of a period: in the log before the data is read, and again before the numbers leave; kept for good."""

from __future__ import annotations

from dataclasses import dataclass

from api.approvals import check_approved, settled
from api.callers import Caller
from api.errors import not_there
from api.inputs import ReleaseIn
from api.parts import Parts
from api.proposals import Intent, Kind
from api.reading import Basis, latest_run, rests_on
from api.storage.releases import KeptRelease, digest_of, position
from api.storage.runs import Run
from audit.events import Act, Receipt
from linkage.cube.scope import Scope
from linkage.errors import RequestRefused

MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Answered:
    """A kept release with the log's promises: of the reading, and of the release."""

    release: KeptRelease
    read: Receipt
    released: Receipt
    is_new: bool


def make_release(parts: Parts, caller: Caller, asked: ReleaseIn) -> Answered:
    """Answer with the earlier release of the same question, or make one of the newest finished run.

    Raises:
        Conflict: there is no finished run yet, or another release was made at the same moment.
        ApprovalNeeded: it is the first release of all, and waits for a second person.
        RequestRefused: the period is none.
        CannotRelease: beside what was released before it would tell too much.
        LogUnavailable: it could not be logged, so nothing was read or released.
    """
    check_period(asked.period)
    run = latest_run(parts, caller)
    proposal = check_approved(parts, caller, _wanted(parts, run, asked))
    made = _release(parts, caller, run, asked)
    with settled(parts, proposal):
        if made.is_new:
            parts.releases.add(made.release)
    return made


def check_period(period: str) -> None:
    """A period of the calendar that can be worked out in reasonable time: a typing error in a year is none.

    Raises:
        RequestRefused: it is none of the calendar, or longer than `MOST_MONTHS`.
    """
    scope = Scope.of(period)
    if scope.last - scope.first >= MOST_MONTHS:
        raise RequestRefused(
            f"a release is of {MOST_MONTHS} months at most", hint="Ask for several shorter periods, one after another."
        )


def check_may_release(parts: Parts, caller: Caller, asked: ReleaseIn) -> None:
    """Whether `make_release` would begin.

    Raises:
        Conflict, ApprovalNeeded, RequestRefused, LogUnavailable: as `make_release`.
    """
    check_period(asked.period)
    check_approved(parts, caller, _wanted(parts, latest_run(parts, caller), asked))


def _wanted(parts: Parts, run: Run, asked: ReleaseIn) -> Intent | None:
    """The first release of a collaborative needs a second person: of this very linkage."""
    if parts.releases.all():
        return None
    content = {"period": asked.period, "purpose": asked.purpose.value, "revise": asked.revise, "run": run.id}
    return Intent(Kind.RELEASE, "release/0", content)


def _release(parts: Parts, caller: Caller, run: Run, asked: ReleaseIn) -> Answered:
    from linkage.cube.asking import Wanted  # loads all that counts, as api.linking does when it is asked

    thing = f"run/{run.id}"
    details: dict[str, str | int] = {"period": asked.period, "revise": int(asked.revise)}
    read = parts.journal.append(
        caller.event(
            Act.COUNT_READ,
            thing,
            purpose=asked.purpose,
            epoch=run.epoch,
            rule=parts.settings.rule.name,
            details=details,
        )
    )
    kept = parts.releases.all()
    told = parts.linking.ask(
        parts.jobs.linkages.results(run.id),
        Wanted(asked.period, expected=_expected(rests_on(parts, run)), rule=parts.settings.rule),
        asked.purpose,
        earlier=[each.released for each in kept],
        revise=asked.revise,
    )
    number = position(kept, told)
    event = caller.event(
        Act.COUNT_RELEASED,
        f"release/{len(kept) if number is None else number}",
        purpose=asked.purpose,
        epoch=run.epoch,
        rule=parts.settings.rule.name,
        details=details | {"release_sha256": digest_of(told)},
    )
    released = parts.journal.append(event)
    if number is not None:
        return Answered(kept[number], read, released, is_new=False)
    new = KeptRelease(len(kept), asked.purpose, run.id, parts.clock(), told)
    return Answered(new, read, released, is_new=True)


def _expected(basis: Basis) -> tuple[str, ...]:
    return (*(upload.agency for upload in basis.included), *(agency.id for agency in basis.missing))


def read_release(parts: Parts, caller: Caller, number: int, act_on: str) -> tuple[KeptRelease, Receipt]:
    """A kept release; *act_on* says what of it is read: its tables, or its packet.

    Raises:
        NotFound: there is no such release.
        LogUnavailable: it could not be logged, so nothing was read.
    """
    kept = parts.releases.find(number)
    if kept is None:
        raise not_there()
    event = caller.event(
        Act.COUNT_READ,
        f"release/{number}",
        purpose=kept.purpose,
        epoch=_epoch_of(parts, kept),
        rule=kept.released.rule.name,
        details={"what": act_on},
    )
    return kept, parts.journal.append(event)


def _epoch_of(parts: Parts, kept: KeptRelease) -> int | None:
    run = parts.runs.find(kept.run)
    return run.epoch if run is not None else None
