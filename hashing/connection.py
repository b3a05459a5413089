"""The typed client of the service's API: one method an operation, one frozen type an answer.

::

    from pathlib import Path
    from hashing.connection import connect
    from hashing.member_key import open_member_key
    with connect("https://headcount.example.org", open_member_key(Path("food_bank"))) as service:
        print(service.send(Path("out/food_bank.codes.jsonl")).receipt)

Every method raises `ConnectionFailed` if the service does not answer, `ServiceRefused` with the service's own words if
it says no, and `ApprovalAwaited` where a second person has to approve first. A service that asks for patience (429,
503) is asked again, up to four times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import httpx2

from hashing import service_answers as answers
from hashing.client import EpochTerms
from hashing.encode import silent
from hashing.errors import ConnectionFailed
from hashing.job_calls import Jobs
from hashing.kept_receipts import Keep, keep_nothing
from hashing.member_key import MemberKey
from hashing.members import NewMember as NewMember
from hashing.resumable import SMALL_BYTES, Pieces, Sending
from hashing.second_person import check_digest
from hashing.transport import JSON_LINES, Transport, check_address, is_on_this_computer

T = TypeVar("T")
_TIMEOUT = httpx2.Timeout(30.0, read=300.0)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to one service as one member."""

    address: str
    key: MemberKey
    _http: httpx2.Client = field(repr=False)
    _pause: Callable[[float], None] = field(default=time.sleep, repr=False)
    _keep: Keep = field(default=keep_nothing, repr=False)

    # Members, keys and epochs.

    def whoami(self) -> answers.Me:
        """Who the service takes you for, and the epoch that is open."""
        return self._to.ask(answers.Me, "GET", "/api/v1/me")

    def members(self) -> tuple[answers.Member, ...]:
        """The roster."""
        return self._every(answers.Member, "/api/v1/members")

    def member(self, member: str) -> answers.Member:
        """One member of the roster."""
        return self._to.ask(answers.Member, "GET", f"/api/v1/members/{member}")

    def add_member(self, new: NewMember) -> answers.Member:
        """Register a member, or change its name, contact or key."""
        return self._to.ask(answers.Member, "PUT", f"/api/v1/members/{new.member}", json=new.body())

    def keys(self, member: str) -> tuple[answers.Key, ...]:
        """The keys of a member that count now, the newest last: your own, or a coordinator anybody's."""
        return self._every(answers.Key, f"/api/v1/members/{member}/keys")

    def add_key(
        self, member: str, keyid: str, public_key: str, *, old_ends: datetime | None = None
    ) -> tuple[answers.Key, ...]:
        """Give a member a new key; the one before it counts until *old_ends*, or for a week."""
        body = {"public_key": public_key} | ({} if old_ends is None else {"old_ends": old_ends.isoformat()})
        return self._to.ask(tuple[answers.Key, ...], "PUT", f"/api/v1/members/{member}/keys/{keyid}", json=body)

    def retire_key(self, member: str, keyid: str) -> None:
        """End a key at once; the other one stays."""
        self._to.request("DELETE", f"/api/v1/members/{member}/keys/{keyid}")

    def epochs(self) -> tuple[answers.Epoch, ...]:
        """Every epoch; the last one is open."""
        return self._every(answers.Epoch, "/api/v1/epochs")

    def open_epoch(self, terms: EpochTerms) -> answers.Epoch:
        """Say what every file of an epoch must have been made with."""
        body = asdict(terms)
        return self._to.ask(answers.Epoch, "PUT", f"/api/v1/epochs/{body.pop('epoch')}", json=body)

    # What waits for a second person.

    def approvals(self) -> tuple[answers.Proposal, ...]:
        """What was proposed, the newest first."""
        return self._every(answers.Proposal, "/api/v1/approvals")

    def approval(self, proposal: str) -> answers.Proposal:
        """One proposal, word for word."""
        return self._to.ask(answers.Proposal, "GET", f"/api/v1/approvals/{proposal}")

    def decide(self, read: answers.Proposal, *, approve: bool) -> answers.Proposal:
        """Approve or decline a proposal as it was *read*; its digest is worked out here, and not believed.

        Raises:
            ConnectionFailed: the digest is of something else.
        """
        check_digest(read)
        body = {"decision": "approve" if approve else "decline", "digest": read.digest}
        return self._to.ask(answers.Proposal, "POST", f"/api/v1/approvals/{read.proposal}/decision", json=body)

    # Files.

    def send(self, encoded: Path, *, progress: Callable[[str, float], None] = silent) -> answers.Upload:
        """Send an encoded file; the answer holds the receipt. Sending it twice is sending it once.

        A large file goes in pieces: after a broken connection, or a new start, it goes on where the service is.
        """
        if encoded.stat().st_size > SMALL_BYTES:
            return Sending(self.pieces, progress, self._pause).send(encoded)
        headers = {"content-type": JSON_LINES}
        return self._to.ask(answers.Upload, "POST", "/api/v1/uploads", content=encoded.read_bytes(), headers=headers)

    @property
    def pieces(self) -> Pieces:
        """Sending in pieces, step by step."""
        return Pieces(self._to.ask)

    @property
    def jobs(self) -> Jobs:
        """What is done in the background."""
        return Jobs(self._to)

    def uploads(self) -> tuple[answers.Upload | answers.UploadStatus, ...]:
        """An agency: its own files. The coordinator: of each agency, when it sent."""
        own = self.whoami().member.role == "agency"
        kind: type[answers.Upload | answers.UploadStatus] = answers.Upload if own else answers.UploadStatus
        return self._every(kind, "/api/v1/uploads")

    def upload(self, digest: str) -> answers.Upload:
        """One of the own files and its receipt."""
        return self._to.ask(answers.Upload, "GET", f"/api/v1/uploads/{digest}")

    # Linkages and counts.

    def start_run(self) -> str:
        """Start a linkage of the current files; returns its identifier."""
        return self._to.ask(answers.Run, "POST", "/api/v1/runs").run

    def runs(self) -> tuple[answers.Run, ...]:
        """The linkages, the newest first."""
        return self._every(answers.Run, "/api/v1/runs")

    def run(self, run: str) -> answers.Run:
        """How far a linkage is, or how it ended."""
        return self._to.ask(answers.Run, "GET", f"/api/v1/runs/{run}")

    def wait_for_run(self, run: str, *, progress: Callable[[str, float], None], pause: float = 0.3) -> answers.Run:
        """Wait until a linkage has ended.

        Raises:
            ConnectionFailed: it failed, or was cancelled.
        """
        while True:
            found = self.run(run)
            progress(found.stage, found.progress)
            if found.state == "finished":
                return found
            if found.state == "cancelled":
                raise ConnectionFailed("the linkage was cancelled", hint="Start it again with 'service link'.")
            if found.state == "failed":
                raise ConnectionFailed(f"the linkage failed: {found.failure}", hint=str(found.hint))
            self._pause(pause)

    def report(self, run: str) -> answers.Report:
        """What a finished linkage says of itself."""
        return self._to.ask(answers.Report, "GET", f"/api/v1/runs/{run}/report")

    def count(self, by: str, *, purpose: str) -> answers.Count:
        """An unduplicated count that may be shown, and its receipt."""
        return self._to.ask(answers.Count, "GET", f"/api/v1/counts?{urlencode({'by': by, 'purpose': purpose})}")

    def matches(self, *, purpose: str = "care-coordination") -> answers.Matches:
        """Care matches of the own agency, under its own row pseudonyms."""
        return self._to.ask(answers.Matches, "GET", f"/api/v1/matches?{urlencode({'purpose': purpose})}")

    # Releases.

    def release(self, period: str, *, purpose: str, revise: bool = False) -> answers.Release:
        """All public tables of a period: the earlier release of the same question, or a new one, with its receipts."""
        asked = {"period": period, "purpose": purpose, "revise": revise}
        return self._to.ask(answers.Release, "POST", "/api/v1/releases", json=asked)

    def releases(self) -> tuple[answers.ReleaseSummary, ...]:
        """What was released so far, without the numbers."""
        pages = self._to.every(answers.Releases, "/api/v1/releases")
        return tuple(release for page in pages for release in page.releases)

    def released(self, number: int) -> answers.Release:
        """The tables of a release that was made before."""
        return self._to.ask(answers.Release, "GET", f"/api/v1/releases/{number}")

    def packet(self, number: int) -> bytes:
        """The council packet of a release, a zip."""
        return self._to.request("GET", f"/api/v1/releases/{number}/packet").content

    # The log.

    def log_entries(self, start: int = 0, limit: int = 100) -> answers.LogEntries:
        """A stretch of the log, from entry *start* on."""
        return self._to.ask(answers.LogEntries, "GET", f"/api/v1/log/entries?start={start}&limit={limit}")

    def log_bundle(self) -> bytes:
        """The audit log as a zip, for ``headcount audit verify``."""
        return self._to.request("GET", "/api/v1/log/bundle").content

    def checkpoint(self) -> str:
        """The signed state of the log (C2SP tlog-checkpoint)."""
        return self._to.request("GET", "/api/v1/log/checkpoint").text

    def proof(self, index: int, *, witnesses: int = 0) -> str:
        """The proof that an entry is in the log (C2SP tlog-proof), under a state that so many *witnesses* cosigned."""
        return self._to.request("GET", f"/api/v1/log/proofs/{index}?witnesses={witnesses}").text

    def openings(self, *, purpose: str) -> bytes:
        """Who was shown the own agency's clients, for ``headcount audit why``."""
        return self._to.request("GET", f"/api/v1/openings?{urlencode({'purpose': purpose})}").content

    def erase_openings(self, rows: Sequence[str]) -> answers.Erased:
        """Make the service forget for good who was shown these clients, by their row pseudonyms."""
        return self._to.ask(answers.Erased, "POST", "/api/v1/openings/erasures", json={"rows": [*rows]})

    # The own people, and their pages.

    def people(self) -> tuple[answers.Person, ...]:
        """Your own people, those who were shut out too."""
        return self._every(answers.Person, "/api/v1/people")

    def invite(self, *, name: str, email: str, role: str) -> answers.Invitation:
        """Invite somebody of your staff; the link is for them alone, once."""
        body = {"name": name, "email": email, "role": role}
        return self._to.ask(answers.Invitation, "POST", "/api/v1/people", json=body)

    def invite_anew(self, person: str) -> answers.Invitation:
        """A new link for one of your people, in place of the earlier one."""
        return self._to.ask(answers.Invitation, "POST", f"/api/v1/people/{person}/links")

    def shut_out(self, person: str) -> answers.Person:
        """Shut one of your people out: sessions and links end at once."""
        return self._to.ask(answers.Person, "DELETE", f"/api/v1/people/{person}")

    def sign_in_link(self) -> str:
        """A link that opens the service's pages, once, within two minutes."""
        return self._to.ask(answers.SignInLink, "POST", "/api/v1/sign-in-links").url

    def sign_in_answer(self) -> httpx2.Response:
        """The answer with the link, and with the receipt in its header."""
        return self._to.request("POST", "/api/v1/sign-in-links")

    @property
    def _to(self) -> Transport:
        return Transport(self.address, self.key, self._http, self._pause, self._keep)

    def _every(self, kind: type[T], path: str) -> tuple[T, ...]:
        return self._to.each(kind, path)


@contextmanager
def connect(address: str, key: MemberKey, *, keep: Keep = keep_nothing) -> Iterator[Connection]:
    """Open a connection to a service; proxies and settings of the environment are left aside on this computer.

    *keep* is given the log's receipts of each answer, refusals too, before anything else is done with it.

    Raises:
        ConnectionFailed: the address is not one, or not protected.
    """
    checked = check_address(address)
    with httpx2.Client(timeout=_TIMEOUT, trust_env=not is_on_this_computer(checked)) as http:
        yield Connection(checked, key, http, _keep=keep)
