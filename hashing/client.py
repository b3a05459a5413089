"""The client library: the few calls that an agency's own system needs.

::

    import hashing
    secret = hashing.open_secret(Path("secret"))
    export = hashing.read_export([Path("clients.xlsx")], today=date.today())
    encoded = hashing.encode_export(export, secret=secret, profile=hashing.load_profile("bloom"), sender=sender)
    hashing.write_encoded(Path("out"), encoded.header, encoded.rows, encoded.client_ids)
"""

from __future__ import annotations

from dataclasses import dataclass

from hashing.clients import Client
from hashing.encode import Encoder, Progress, silent
from hashing.errors import AgencyRefused, InputFileError
from hashing.export import AgencyExport
from hashing.keys import LinkageSecret
from hashing.profile import Profile
from hashing.schema import FORMAT, AgencyKind, EncodedRow, Header, Period, check_agency_id


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
    progress: Progress = silent,
) -> EncodedExport:
    """Encode an agency's export. Clients with too little information are left out and counted in the header.

    Raises:
        AgencyRefused: a victim service provider.
        InputFileError: not one client has enough information to be matched.
    """
    check_can_encode(sender)
    clients = [client for client in export.clients if client.is_matchable]
    if not clients:
        raise InputFileError(
            "no client in the list has enough information to be matched",
            hint="A name alone is not enough: add birth dates, phone numbers or addresses.",
        )
    encoder = Encoder(secret, profile, sender.agency)
    rows = encoder.encode(clients, progress=progress)
    terms = epoch_terms(secret, profile)
    header = Header(
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
        rows=len(rows),
        unmatchable=len(export.clients) - len(clients),
        period=_period(clients),
    )
    return EncodedExport(header, tuple(rows), tuple(client.client_id for client in clients))


def _period(clients: list[Client]) -> Period | None:
    months = sorted({service.month for client in clients for service in client.services})
    return Period(months[0], months[-1]) if months else None
