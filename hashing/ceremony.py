"""The joining ceremony: how an agency gets the secret by e-mail from one that has it, and from nobody else.

::

    joining agency                                      agency that has the secret
    new_request  -- join request ------------------->   parse_request
                 -- eight words, by telephone ------>   seal: refuses other words
    open_sealed  <------------------ sealed secret --   (sealed to the request's key, signed)
                 <------ eight words, by telephone --   (of the sender's member key)

HPKE (RFC 9180) in base mode does not tell who sealed; the signature and the second eight words do. Whatever
carries the files may read, keep, alter and repeat them, and learns who joins, but not the secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidTag

from hashing.errors import AgencyRefused, JoinRefused
from hashing.join_files import REQUEST, SEALED, JoinRequest, Recipient, Roster, SealedSecret
from hashing.join_key import JoinKey, new_join_key, seal_to
from hashing.keys import LinkageSecret
from hashing.member_key import MemberKey, key_words
from hashing.schema import AgencyKind, check_agency_id
from hashing.words import check_words

VALID = timedelta(days=14)  # long enough for two people to reach each other, short enough that both remember
CLOCK_DIFFERENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Applicant:
    """The agency that asks for the secret."""

    agency: str
    kind: AgencyKind


@dataclass(frozen=True, slots=True)
class SecretHolder:
    """The agency that has the secret, and signs what it seals."""

    secret: LinkageSecret
    member: MemberKey


@dataclass(frozen=True, slots=True)
class Opening:
    """What the joining agency opens a sealed secret with: its own keys, and the words it was told."""

    member: MemberKey
    join_key: JoinKey
    sender_words: str


def new_request(applicant: Applicant, member: MemberKey, *, now: datetime) -> tuple[JoinRequest, JoinKey]:
    """A request for the secret, and the private half of the key to which it is to be sealed.

    Raises:
        AgencyRefused: a victim service provider, which takes part with totals only.
        HeadcountError: the identifier is not one.
    """
    check_agency_id(applicant.agency)
    check_can_hold_secret(applicant.agency, applicant.kind)
    key = new_join_key()
    created = now.replace(microsecond=0)
    request = JoinRequest(REQUEST, applicant.agency, applicant.kind, member.public_bytes, key.public_bytes, created)
    return request, key


def check_can_hold_secret(agency: str, kind: AgencyKind) -> None:
    """Whether an agency of this kind has a use for the secret.

    Raises:
        AgencyRefused: a victim service provider: it sends no encoded records (34 USC 12291(b)(2)).
    """
    if kind is AgencyKind.VICTIM_SERVICE_PROVIDER:
        raise AgencyRefused(
            f"{agency} is a victim service provider: it sends no client records, so it needs no secret",
            hint="It takes part with totals only.",
        )


def seal(
    request: JoinRequest, *, spoken: str, holder: SecretHolder, roster: Roster, now: datetime
) -> tuple[SealedSecret, Roster]:
    """Seal the secret for the maker of a request, whose eight words were *spoken* over another channel.

    Returns what is to be signed and sent, and the roster with the new recipient.

    Raises:
        JoinRefused: other words, a request that is too old or was sealed before, or another epoch's roster.
        AgencyRefused: a victim service provider.
    """
    check_words(spoken, request.words, whose=f"the request of {request.agency}")
    check_can_hold_secret(request.agency, request.kind)
    _check_is_recent(request, now)
    recipient = Recipient.of(request)
    _check_roster(roster, recipient, holder.secret.epoch)
    longer = msgspec.structs.replace(roster, recipients=(*roster.recipients, recipient))
    info = _info(roster.epoch, recipient, holder.member.public_bytes)
    sealed = SealedSecret(
        format=SEALED,
        epoch=roster.epoch,
        recipient=recipient,
        roster=longer.recipients,
        sealed=seal_to(request.join_key, holder.secret.disclose(), info=info),
        sender_key=holder.member.public_bytes,
        created=now.replace(microsecond=0),
    )
    return sealed, longer


def open_sealed(sealed: SealedSecret, opening: Opening, *, epoch: int | None = None) -> LinkageSecret:
    """Open a sealed secret whose sender's eight words were heard over another channel.

    Where *epoch* is given, the secret of any other epoch is refused.

    Raises:
        JoinRefused: another sender, another recipient, another epoch, or altered by whoever signed it.
    """
    check_words(opening.sender_words, key_words(sealed.sender_key), whose="the sender of this secret")
    _check_is_mine(sealed, opening)
    if epoch is not None and sealed.epoch != epoch:
        raise JoinRefused(
            f"this is the secret of epoch {sealed.epoch}, not of epoch {epoch}", hint="Ask for the current one."
        )
    try:
        content = opening.join_key.unseal(sealed.sealed, info=_info(sealed.epoch, sealed.recipient, sealed.sender_key))
    except InvalidTag as error:
        raise JoinRefused(
            "the secret was sealed for another key or epoch than the file says", hint="Ask for a new one."
        ) from error
    return LinkageSecret(sealed.epoch, content.reveal())


def _check_is_recent(request: JoinRequest, now: datetime) -> None:
    if request.created > now + CLOCK_DIFFERENCE:
        raise JoinRefused(
            f"the request of {request.agency} is dated in the future", hint="Check the clocks of both computers."
        )
    if now - request.created > VALID:
        raise JoinRefused(
            f"the request of {request.agency} is more than {VALID.days} days old",
            hint="Ask for a new one: 'headcount join new'.",
        )


def _check_roster(roster: Roster, recipient: Recipient, epoch: int) -> None:
    if roster.epoch != epoch:
        raise JoinRefused(
            f"the roster is of epoch {roster.epoch}, the secret of epoch {epoch}",
            hint="Each epoch has a roster of its own.",
        )
    if any(known.join_key == recipient.join_key for known in roster.recipients):
        raise JoinRefused(
            f"this request of {recipient.agency} has been answered before",
            hint="If the answer was lost, ask for a new request: 'headcount join new'.",
        )


def _check_is_mine(sealed: SealedSecret, opening: Opening) -> None:
    mine = (opening.member.public_bytes, opening.join_key.keyid)
    if (sealed.recipient.member_key, sealed.recipient.join_key) != mine or sealed.recipient not in sealed.roster:
        raise JoinRefused(
            f"this secret was sealed for another request, of {sealed.recipient.agency}",
            hint="Give the answer to your last request, and the keys that you made it with.",
        )


def _info(epoch: int, recipient: Recipient, sender_key: bytes) -> bytes:
    """What the sealing is bound to; no part can hold the separator."""
    parts = ("headcount/seal/v1", str(epoch), recipient.agency, recipient.join_key, sender_key.hex())
    return "|".join(parts).encode()
