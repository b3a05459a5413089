"""The client library: the few calls that an agency's own system needs.

::

    import hashing
    secret = hashing.open_secret(Path("secret"))
    export = hashing.read_export([Path("clients.xlsx")], today=date.today())
    hashing.encode_to_folder(Path("out"), export, secret=secret, profile=hashing.load_profile("bloom"), sender=sender)
"""

from __future__ import annotations

import os
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashing.client_numbers import number_digests
from hashing.coded import Coded
from hashing.collector import collector_paused
from hashing.encode import BatchEncoder, Encoder, EncodingJob, EncodingKeys, Progress, silent
from hashing.errors import AgencyRefused, InputFileError
from hashing.export import AgencyExport
from hashing.files import Written, check_can_write, new_files
from hashing.hand_out import encode_all
from hashing.keys import LinkageSecret
from hashing.profile import Profile
from hashing.schema import FORMAT, AgencyKind, EncodedRow, Header, Period, ServiceMonth, check_agency_id

Services = tuple[ServiceMonth, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """The agency that encodes: its identifier and what the law makes of it."""

    agency: str
    kind: AgencyKind = AgencyKind.NONPROFIT


@dataclass(frozen=True, slots=True, repr=False)
class EncodedExport:
    """An encoded client list, ready to be written: the rows, and beside them the client numbers that stay."""

    header: Header
    rows: tuple[EncodedRow, ...]
    client_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpochTerms:
    """What every file of an epoch must have been made with; tells nothing of the secret."""

    epoch: int
    profile: str
    profile_digest: str
    key_check_value: str
    canaries: str


def epoch_terms(secret: LinkageSecret, profile: Profile) -> EpochTerms:
    """The terms that the service holds files to, drawn from the secret and the profile."""
    check_value = secret.check_value(profile_digest=profile.digest, encoder=profile.encoder)
    canaries = Encoder(secret, profile, agency="").canaries()
    return EpochTerms(secret.epoch, profile.name, profile.digest, check_value, canaries)


def check_can_encode(sender: Sender) -> None:
    """Whether an agency may send encoded records at all.

    Raises:
        AgencyRefused: a victim service provider: encoding does not lift 34 USC 12291(b)(2).
        HeadcountError: the identifier is not one.
    """
    check_agency_id(sender.agency)
    if sender.kind is AgencyKind.VICTIM_SERVICE_PROVIDER:
        raise AgencyRefused(
            f"{sender.agency} is a victim service provider: by law it may not send client records, "
            "not even encoded ones (34 USC 12291(b)(2))",
            hint="It takes part with totals only: tell the coordinator how many clients were served each month.",
        )


def encode_export(
    export: AgencyExport,
    *,
    secret: LinkageSecret,
    profile: Profile,
    sender: Sender,
) -> EncodedExport:
    """Encode an agency's export in memory. Clients with too little information are left out and counted in the header.

    Raises:
        AgencyRefused: a victim service provider.
        InputFileError: not one client has enough information to be matched.
    """
    check_can_encode(sender)
    batch = export.batch.take(_matchable(export))
    batch = batch.with_ages_on(_age_day(export, batch.services))
    encoder = BatchEncoder(profile, EncodingKeys.of(secret, profile, sender.agency))
    rows = encoder.encode(batch, number_digests(batch.client_id)).rows()
    header = _header(batch.services, len(export) - len(batch), epoch_terms(secret, profile), profile, sender)
    return EncodedExport(header, tuple(rows), tuple(batch.client_id.tolist()))


@dataclass(frozen=True, slots=True)
class EncodedFiles:
    """The files that were written, the header in them, and how many clients have services and a consent."""

    written: Written
    header: Header
    served: int
    consenting: int


@collector_paused()
def encode_to_folder(  # noqa: PLR0913 -- by name, as on the command line
    folder: Path,
    export: AgencyExport,
    *,
    secret: LinkageSecret,
    profile: Profile,
    sender: Sender,
    replace: bool = False,
    processes: int = 1,
    progress: Progress = silent,
) -> EncodedFiles:
    """Encode an agency's export and write ``AGENCY.codes.jsonl`` and ``AGENCY.crosswalk.csv`` into *folder*.

    Any number of clients, on *processes* processors, 0 for all: a program that asks for more than one needs the usual
    ``if __name__ == "__main__"``, since the others start as it did. The bytes written do not depend on it.

    Raises:
        AgencyRefused: a victim service provider.
        InputFileError: not one client has enough information to be matched.
        OutputError: the files are there already and may not be *replace* d, or cannot be written.
    """
    check_can_encode(sender)
    check_can_write(folder, sender.agency, replace=replace)
    rows = _matchable(export)
    services, consents = export.batch.services.take(rows), export.batch.consent.take(rows)
    header = _header(services, len(export) - len(rows), epoch_terms(secret, profile), profile, sender)
    batch = export.batch.with_ages_on(_age_day(export, services))
    job = EncodingJob.of(batch, rows, profile, EncodingKeys.of(secret, profile, sender.agency))
    with new_files(folder, header, replace=replace) as files:
        encode_all(job, files, processes=processes or os.cpu_count() or 1, progress=progress)
    served, consenting = (int(np.count_nonzero(column.holds(bool))) for column in (services, consents))
    return EncodedFiles(Written.of(folder, sender.agency), header, served, consenting)


def _matchable(export: AgencyExport) -> NDArray[np.intp]:
    """The rows of clients with enough information."""
    rows = np.flatnonzero(export.batch.is_matchable)
    if not len(rows):
        raise InputFileError(
            "no client in the list has enough information to be matched",
            hint="A name alone is not enough: add birth dates, phone numbers or addresses.",
        )
    return rows


def _header(services: Coded[Services], unmatchable: int, terms: EpochTerms, profile: Profile, sender: Sender) -> Header:
    return Header(
        format=FORMAT,
        agency=sender.agency,
        kind=sender.kind,
        profile=terms.profile,
        profile_digest=terms.profile_digest,
        encoder=profile.encoder,
        epoch=terms.epoch,
        key_check_value=terms.key_check_value,
        canaries=terms.canaries,
        codes={code.name: code.bits for code in profile.codes},
        rows=len(services),
        unmatchable=unmatchable,
        period=_period(services),
    )


def _age_day(export: AgencyExport, services: Coded[Services]) -> date | None:
    """The day for which ages are told: the end of the last month with a service, else the day of reading."""
    period = _period(services)
    if period is None:
        return export.read_on
    year, month = int(period.last[:4]), int(period.last[5:])
    return date(year, month, monthrange(year, month)[1])


def _period(services: Coded[Services]) -> Period | None:
    """From the first month with a service to the last; of the clients that are encoded."""
    used = np.unique(services.places).tolist()
    months = [service.month for place in used for service in services.vocabulary.values[place]]
    return Period(min(months), max(months)) if months else None
