"""Who is told by e-mail that there is something to look at: seldom, and never twice at once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import timedelta

from api.callers import own_event
from api.mail import News, letter
from api.parts import Parts
from api.people import Person, PersonRole
from api.proposals import APPROVERS, Proposal
from api.roster import Member, can_see_matches
from api.storage.jobs import Job, Kind
from api.storage.runs import State
from audit.events import Act

QUIET = {News.LINKED: timedelta(days=7), News.WAITS: timedelta(hours=1)}  # between two letters of the same words


def letters_of_linkage(parts: Parts) -> list[str]:
    """A linkage has ended well: navigators of agencies that may see matches are told, once a week at most.

    The jobs that are to tell them are kept, and still have to be queued.
    """
    members = [member for member in parts.members.all() if can_see_matches(member)]
    return _letters(parts, News.LINKED, _people(parts, members, PersonRole.NAVIGATOR))


def tell_of_proposal(parts: Parts, proposal: Proposal) -> None:
    """Something waits for a second person: whoever may approve it is told."""
    others = [one for one in parts.members.all() if one.role in APPROVERS and one.id != proposal.proposer]
    for job in _letters(parts, News.WAITS, _people(parts, others, PersonRole.COORDINATOR, PersonRole.AUDITOR)):
        parts.jobs.submit_task(job)


def _people(parts: Parts, members: Iterable[Member], *roles: PersonRole) -> list[Person]:
    everyone = [person for member in members for person in parts.people.of(member.id)]
    return [person for person in everyone if person.role in roles and person.revoked is None]


def _letters(parts: Parts, news: News, people: Iterable[Person]) -> list[str]:
    if parts.post is None:
        return []
    return [_letter(parts, news, person) for person in people if not _was_told(parts, news, person)]


def _was_told(parts: Parts, news: News, person: Person) -> bool:
    lately = parts.job_table.letters_to(person.id, since=parts.clock() - QUIET[news])
    return any(json.loads(job.asked) == {"news": news} for job in lately)


def _letter(parts: Parts, news: News, person: Person) -> str:
    asked = json.dumps({"news": news})
    job = Job(secrets.token_hex(16), Kind.MAIL, person.member, asked, "", person.id, State.WAITING, parts.clock())
    parts.job_table.add(job)
    return job.id


def send_letter(parts: Parts, job: Job) -> dict[str, object]:
    """What a job of mail does: log that somebody is told, then tell them.

    Raises:
        LogUnavailable: it could not be logged, so nothing was sent.
        MailFailed: the mail server did not take it.
    """
    person = parts.people.holder(job.person or "")
    if parts.post is None or person is None:
        return {"sent": 0}
    news = News(json.loads(job.asked)["news"])
    thing, rule = f"person/{person.id}", f"once in {QUIET[news].total_seconds() / 3600:.0f} hours"
    parts.journal.append(own_event(Act.NOTICE_SENT, thing, purpose="notice", rule=rule, details={"news": news.value}))
    parts.post(letter(news, to=person.email, sender=parts.settings.mail_from, address=parts.settings.sign_in_address))
    return {"sent": 1}
