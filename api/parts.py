"""Everything that a request may need, opened once at start and closed in order at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from api.clock import Clock
from api.disclosures import Disclosures
from api.intake import Intake
from api.jobs import Jobs, Linkages
from api.journal import Journal
from api.linking import Linking
from api.mail import Post, opened_post
from api.packets import Packets
from api.passkeys import Ceremonies
from api.pieces import Pieces, Quota
from api.rates import MovingWindows, Rates
from api.readiness import Readiness
from api.settings import Settings
from api.storage.epochs import Epochs
from api.storage.jobs import JobTable
from api.storage.keys import Keys
from api.storage.members import Members
from api.storage.nonces import Nonces
from api.storage.openids import OpenIds
from api.storage.openings import Openings
from api.storage.passkeys import Passkeys
from api.storage.people import People
from api.storage.proposals import Proposals
from api.storage.releases import Releases
from api.storage.remembered import Remembered
from api.storage.runs import Runs
from api.storage.sessions import Sessions
from api.storage.upload_sessions import UploadSessions
from api.storage.uploads import Uploads
from api.tally import Tally
from api.tasks import Tasks
from api.turns import turns_in
from api.uploads import Files


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    settings: Settings
    clock: Clock
    journal: Journal
    engine: Engine
    members: Members
    keys: Keys
    nonces: Nonces
    epochs: Epochs
    uploads: Uploads
    runs: Runs
    sessions: Sessions
    people: People
    ceremonies: Ceremonies
    openids: OpenIds
    releases: Releases
    proposals: Proposals
    disclosures: Disclosures
    files: Files
    intake: Intake
    linking: Linking
    jobs: Jobs
    job_table: JobTable
    packets: Packets
    post: Post | None  # None: no letters are sent
    pieces: Pieces
    remembered: Remembered
    rates: Rates
    tally: Tally
    readiness: Readiness


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes of one service have in common beside log and database."""

    linking: Linking
    windows: MovingWindows
    jobs: Callable[[Linkages, Tasks], Jobs]


def assemble(settings: Settings, clock: Clock, journal: Journal, engine: Engine, shared: Shared) -> Parts:
    """The parts on an opened log and database."""
    turns = turns_in(settings)
    files = Files(settings.data, turn=turns.uploads)
    uploads, epochs, runs = Uploads(engine), Epochs(engine), Runs(engine)
    members, people, job_table = Members(engine, turn=turns.members), People(engine), JobTable(engine)
    quota = Quota(settings.upload_quota_sessions, settings.upload_quota_bytes)
    disclosures = Disclosures(journal, Openings(engine), clock)
    intake = Intake(files, uploads, epochs, journal, disclosures, clock, settings.max_upload_bytes)
    linkages = Linkages(
        folder=settings.data / "runs",
        link=shared.linking.link,
        files=files,
        runs=runs,
        uploads=uploads,
        journal=journal,
        clock=clock,
        one_at_a_time=threading.Lock(),
    )
    return Parts(
        settings=settings,
        clock=clock,
        journal=journal,
        engine=engine,
        members=members,
        keys=Keys(engine),
        nonces=Nonces(engine),
        epochs=epochs,
        uploads=uploads,
        runs=runs,
        sessions=Sessions(engine),
        people=people,
        ceremonies=Ceremonies(Passkeys(engine)),
        openids=OpenIds(engine),
        releases=Releases(engine),
        proposals=Proposals(engine),
        disclosures=disclosures,
        files=files,
        intake=intake,
        linking=shared.linking,
        jobs=shared.jobs(linkages, Tasks(job_table, members, people, journal, clock, threading.Lock())),
        job_table=job_table,
        post=opened_post(settings),
        packets=Packets(settings.data / "packets", settings.name, turn=turns.packets),
        pieces=Pieces(files, UploadSessions(engine), journal, clock, quota, turns.pieces),
        remembered=Remembered(engine),
        rates=Rates(settings, shared.windows),
        tally=Tally(journal),
        readiness=Readiness(settings.data, journal, Nonces(engine), clock),
    )
