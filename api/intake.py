"""Taking in a file: checked while it arrives, logged, and only then kept; a refused one leaves no trace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.callers import Caller
from api.clock import Clock
from api.disclosures import Disclosures
from api.errors import CannotKeep, Denied, Refusal, StoreUnavailable, UploadRefused
from api.journal import Journal
from api.roster import check_can_send_rows
from api.storage.epochs import Epoch, Epochs
from api.storage.openings import Sealed
from api.storage.uploads import Upload, Uploads
from api.uploads import FileCheck, Files, Received, Receiving, check_agreement, check_header
from audit.events import Act, Receipt, format_time
from hashing.schema import EncodedFileError, HeadcountError

PURPOSE = "linkage"
CHUNK_BYTES = 1024 * 1024
RULE = "own file, made for the open epoch"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a file: *is_new* unless the same bytes were the agency's current file already."""

    upload: Upload
    is_new: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """Receives files for the agencies."""

    files: Files
    uploads: Uploads
    epochs: Epochs
    journal: Journal
    disclosures: Disclosures
    clock: Clock
    limit: int  # bytes

    async def receive(self, caller: Caller, body: AsyncIterator[bytes], signed_digest: bytes) -> Accepted:
        """Take *body* in as the current file of *caller*.

        Raises:
            UploadRefused, EncodedFileError: it may not be kept; the refusal is in the log.
            LogUnavailable: nothing was kept because it could not be logged.
            CannotKeep: the disk refused.
        """
        try:
            return await self._receive(caller, body, signed_digest)
        except (UploadRefused, EncodedFileError, OSError) as refusal:
            told = await run_in_threadpool(self._refuse, caller, refusal)
            if told is refusal:
                raise
            raise told from refusal

    def take_in(self, caller: Caller, path: Path, digest: str) -> Accepted:
        """Take the whole file at *path* in as the current file of *caller*; a refused one stays where it is.

        Raises:
            UploadRefused, EncodedFileError: it may not be kept; the refusal is in the log.
            LogUnavailable: nothing was kept because it could not be logged.
            CannotKeep: the disk refused.
        """
        try:
            epoch = self._check_may_send(caller)
            check = FileCheck(caller.member, epoch, limit=path.stat().st_size)
            with path.open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    check.feed(chunk)
            return self._accept(caller, check.finish(path, bytes.fromhex(digest)))
        except (UploadRefused, EncodedFileError, OSError) as refusal:
            told = self._refuse(caller, refusal)
            if told is refusal:
                raise
            raise told from refusal

    def _refuse(self, caller: Caller, refusal: UploadRefused | EncodedFileError | OSError) -> HeadcountError:
        """Log a refusal, and say what the sender is told."""
        if isinstance(refusal, OSError):
            self._log_refusal(caller, Refusal.DISK)
            return CannotKeep("the service's disk could not take the file", hint="Try again later; tell the operator.")
        reason = refusal.reason if isinstance(refusal, UploadRefused) else Refusal.DAMAGED
        self._log_refusal(caller, reason)
        return refusal

    async def _receive(self, caller: Caller, body: AsyncIterator[bytes], signed_digest: bytes) -> Accepted:
        receiving = await run_in_threadpool(self._begin, caller)
        try:
            async for chunk in body:
                await run_in_threadpool(receiving.feed, chunk)
            received = await run_in_threadpool(receiving.finish, signed_digest)
            return await run_in_threadpool(self._accept, caller, received)
        except ClientDisconnect as error:
            raise UploadRefused(
                "the connection broke off", hint="Send the file again.", reason=Refusal.BROKEN_OFF
            ) from error
        finally:
            await run_in_threadpool(receiving.discard)

    def _begin(self, caller: Caller) -> Receiving:
        return self.files.receive(caller.member, self._check_may_send(caller), limit=self.limit)

    def _check_may_send(self, caller: Caller) -> Epoch:
        try:
            check_can_send_rows(caller.member)
        except Denied as denied:
            raise UploadRefused(denied.what, hint=denied.hint, reason=Refusal.NOT_ALLOWED) from denied
        check_agreement(caller.member, self.clock().date())
        return self._open_epoch()

    def _open_epoch(self) -> Epoch:
        epoch = self.epochs.current()
        if epoch is None:
            raise UploadRefused(
                "no epoch is open yet", hint="Ask the coordinator to open one.", reason=Refusal.NO_EPOCH
            )
        return epoch

    def _accept(self, caller: Caller, received: Received) -> Accepted:
        with self.files.lock:
            check_header(received.header, caller.member, self._open_epoch())  # it may have closed meanwhile
            current = self.uploads.current_of(caller.member.id)
            if current is not None and current.digest == received.digest:
                return Accepted(current, is_new=False)
            return Accepted(self._keep(caller, received), is_new=True)

    def _keep(self, caller: Caller, received: Received) -> Upload:
        header = received.header
        receipt = self._log(caller, received)
        known = self.disclosures.openings.consents_of(header.agency)
        consents = self.disclosures.consents(caller, header.epoch, known, received.consents)
        upload = Upload(
            digest=received.digest,
            agency=header.agency,
            epoch=header.epoch,
            rows=header.rows,
            last_month=header.period.last if header.period else None,
            accepted=self.clock(),
            receipt_index=receipt.index,
            receipt_leaf=receipt.leaf,
            receipt_time=format_time(receipt.time),
        )
        self._add(received, upload, consents)
        return upload

    def _add(self, received: Received, upload: Upload, consents: Sealed | None) -> None:
        """The file is on the disk before the database promises it, and gone if it never does."""
        try:
            self.files.keep(received)
            self.uploads.add(upload, consents)
        except (OSError, StoreUnavailable):
            with suppress(OSError, StoreUnavailable):  # what stays now goes at the next start
                if not self.uploads.holds(upload.digest):
                    self.files.remove(upload.digest)
            raise

    def _log(self, caller: Caller, received: Received) -> Receipt:
        header = received.header
        return self.journal.append(
            caller.event(
                Act.UPLOAD_ACCEPTED,
                f"upload/{received.digest}",
                purpose=PURPOSE,
                epoch=header.epoch,
                rule=RULE,
                details={"key_check_value": header.key_check_value[:8]},
            )
        )

    def _log_refusal(self, caller: Caller, reason: Refusal) -> None:
        self.journal.append(caller.event(Act.UPLOAD_REFUSED, "upload", purpose=PURPOSE, outcome="refused", rule=reason))
