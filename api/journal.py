"""The door to the audit log: what cannot be logged is not done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from api.clock import Clock
from api.errors import LogUnavailable, NotWitnessed, not_there
from api.receipts import note
from audit import errors
from audit.checkpoint import SignedCheckpoint
from audit.errors import AuditError, EntryNotFound
from audit.events import Entry, Event, Receipt

T = TypeVar("T")


class Witnesses(Protocol):
    """What the service needs of `audit.witnessed.Witnessing`."""

    def submission(self, old_size: int) -> str:
        """What a witness is asked that cosigned *old_size* entries last."""

    def take(self, text: str) -> None:
        """Keep what witnesses cosigned."""

    def newest(self, need: int) -> SignedCheckpoint:
        """The newest checkpoint that *need* witnesses cosigned."""


_log = logging.getLogger("headcount.journal")


class Log(Protocol):
    """What the service needs of `audit.log.AuditLog`."""

    def append(self, event: Event) -> Receipt:
        """Write *event* to disk."""

    def checkpoint(self) -> str:
        """Sign the log as it stands."""

    @property
    def witnessing(self) -> Witnesses:
        """What it has to say to witnesses."""

    def proof(self, index: int, *, need: int = 0) -> str:
        """A proof that entry *index* is in the log."""

    def entries(self, start: int, limit: int) -> tuple[Entry, ...]:
        """At most *limit* entries from number *start*."""

    def export(self, out: Path) -> object:
        """Write everything an auditor needs into the new folder *out*."""

    def close(self) -> None:
        """Sign and close."""

    @property
    def size(self) -> int:
        """How many entries there are."""

    @property
    def vkeys(self) -> str:
        """The public keys, as the text of ``log.vkey``."""


class Journal:
    """Appends to the log before an act, and signs it at intervals."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self.signed: datetime | None = None  # when the log was signed last, since the start
        self._stop = threading.Event()
        self._signer: threading.Thread | None = None

    @property
    def log(self) -> Log:
        """The log itself, for who hands it on to other processes."""
        return self._log

    def append(self, event: Event) -> Receipt:
        """Log *event*, on disk before this returns.

        Raises:
            LogUnavailable: it cannot be logged; whatever it announces must not happen.
        """
        try:
            receipt = self._guard(lambda: self._log.append(event))
        except LogUnavailable:
            act = event.act
            _log.error("the audit log could not be written, so what was asked for was refused: %s", act)
            raise
        note(event, receipt)
        return receipt

    def entries(self, start: int, limit: int) -> tuple[Entry, ...]:
        """At most *limit* entries from number *start*.

        Raises:
            LogUnavailable: the log cannot be read.
        """
        return self._guard(lambda: self._log.entries(start, limit))

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._log.size

    @property
    def vkeys(self) -> str:
        """The keys that auditors check the log with, as the text of ``log.vkey``."""
        return self._log.vkeys

    @property
    def witnessing(self) -> Witnesses:
        """What the log has to say to witnesses, and takes from them."""
        return self._log.witnessing

    def proof(self, index: int, *, need: int = 0) -> str:
        """A proof for the holder of a receipt that entry *index* is in the log (C2SP tlog-proof).

        It is under a checkpoint that *need* witnesses cosigned.

        Raises:
            NotFound: the log has no such entry.
            NotWitnessed: they have not cosigned it yet.
            LogUnavailable: the log cannot be signed.
        """
        try:
            return self._guard(lambda: self._log.proof(index, need=need))
        except LogUnavailable as error:
            cause = error.__cause__
            if isinstance(cause, errors.NotWitnessed):
                raise NotWitnessed(cause.what, hint=cause.hint) from error
            if isinstance(cause, EntryNotFound):
                raise not_there() from error
            raise

    def export(self, out: Path) -> None:
        """Write the bundle that an auditor verifies offline into the new folder *out*.

        Raises:
            LogUnavailable: the log cannot be read or signed, or *out* cannot be written.
        """
        self._guard(lambda: self._log.export(out))

    def checkpoint(self) -> str:
        """Sign the log as it stands and hand back the signed checkpoint (C2SP tlog-checkpoint).

        Raises:
            LogUnavailable: it cannot be signed or kept.
        """
        signed = self._guard(self._log.checkpoint)
        self.signed = self._clock()
        return signed

    def sign_every(
        self, seconds: float, failed: Callable[[Exception], None], *, before: Callable[[], None] = lambda: None
    ) -> None:
        """Sign the log every *seconds* in the background until `close`; *failed* is told of each failure.

        *before* each signature, what is still to be logged may be.
        """

        def sign() -> None:
            while not self._stop.wait(seconds):
                try:
                    before()
                    self.checkpoint()
                except LogUnavailable as error:
                    failed(error)

        self._signer = threading.Thread(target=sign, name="checkpoints", daemon=True)
        self._signer.start()

    def close(self) -> None:
        """Stop signing in the background, sign once more, and close the log."""
        self._stop.set()
        if self._signer is not None:
            self._signer.join()
        self._guard(self._log.close)

    @staticmethod
    def _guard(act: Callable[[], T]) -> T:
        try:
            return act()
        except (AuditError, OSError) as error:
            raise LogUnavailable(
                "the audit log cannot be written or read, so nothing was done",
                hint="Try again later; tell the operator to look at the disk of the service.",
            ) from error


def checkpoint_failed(error: Exception) -> None:
    """Say so in the service's own log."""
    _log.error("the audit log could not be signed: %s", error)
