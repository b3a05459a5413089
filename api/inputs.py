"""The shapes of what members ask for and send; checked before a route sees them."""

from __future__ import annotations

import base64
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.people import PersonRole
from api.proposals import ProposalState
from api.roster import Member, MemberKey, Role
from api.storage.epochs import Epoch
from hashing.schema import AgencyKind, ServiceArea

# What texts look like; api/complaints.py has the words for each.
MEMBER_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"
LINE = r"^[^\x00-\x1f\x7f]*$"
PERIOD = r"^\d{4}(-Q[1-4]|-\d\d)?(\.\.\d{4}(-Q[1-4]|-\d\d)?)?$"
HEX64 = r"^[0-9a-f]{64}$"
HEX32 = r"^[0-9a-f]{32}$"
KEYID = r"^[0-9a-f]{16}$"
ROW = r"^[a-z2-7]{16}$"
EMAIL = r"^[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,188}$"
PROFILE = r"^[a-z0-9][a-z0-9-]{0,31}$"

MemberId = Annotated[str, Field(pattern=MEMBER_ID, examples=["food_bank"])]
Line = Annotated[str, Field(max_length=200, pattern=LINE)]
Hex64 = Annotated[str, Field(pattern=HEX64, examples=["5f1c" * 16])]
KeyId = Annotated[str, Field(pattern=KEYID, examples=["a1b2" * 4])]
Hex32 = Annotated[str, Field(pattern=HEX32, examples=["0a1b" * 8])]
EXAMPLE_KEY = f"headcount-ed25519 {base64.b64encode(bytes(range(32))).decode()} food bank"


class CountPurpose(StrEnum):
    """What a count may be asked for; the log keeps it."""

    COUNCIL_REPORT = "council-report"
    FUNDING_REPORT = "funding-report"
    PLANNING = "planning"
    QUALITY = "quality-check"


class CarePurpose(StrEnum):
    """What matches may be asked for."""

    CARE_COORDINATION = "care-coordination"


class AccountingPurpose(StrEnum):
    """What an agency may ask for who was shown its clients."""

    CLIENT_REQUEST = "client-request"
    OWN_REVIEW = "own-review"


class Strict(BaseModel):
    """Nothing but the fields that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MemberIn(Strict):
    """A member as the coordinator registers it."""

    name: Annotated[Line, Field(min_length=1, examples=["Sequim Food Bank"])]
    role: Role
    kind: AgencyKind | None = None
    public_key: Annotated[str, Field(max_length=400, examples=[EXAMPLE_KEY])]
    areas: tuple[ServiceArea, ...] = ()
    contact: Annotated[Line, Field(examples=["Care desk, 360 555 0100"])] = ""
    agreement_from: Annotated[date | None, Field(examples=["2026-01-01"])] = None
    agreement_until: Annotated[date | None, Field(examples=["2026-12-31"])] = None

    def member(self, member_id: str) -> Member:
        """The member that this registers under *member_id*.

        Raises:
            BadRequest: the key is not one, or the kind does not fit the role.
        """
        key = MemberKey.parse(self.public_key)
        return Member(
            member_id,
            self.name.strip(),
            self.role,
            key,
            self.kind,
            tuple(sorted(set(self.areas))),
            self.contact,
            self.agreement_from,
            self.agreement_until,
        )


class KeyIn(Strict):
    """A member's new key, and until when the one before it counts: seven days, if nothing is said."""

    public_key: Annotated[str, Field(max_length=400, examples=[EXAMPLE_KEY])]
    old_ends: Annotated[AwareDatetime | None, Field(examples=["2026-03-08T00:00:00Z"])] = None


class Decision(StrEnum):
    """What a second person says to a proposal."""

    APPROVE = "approve"
    DECLINE = "decline"

    @property
    def state(self) -> ProposalState:
        """Where the proposal stands after it."""
        return ProposalState.APPROVED if self is Decision.APPROVE else ProposalState.DECLINED


class DecisionIn(Strict):
    """A decision on the proposal with this digest, which the answer to reading it names."""

    decision: Decision
    digest: Hex64


class PersonIn(Strict):
    """Somebody of the staff who is invited."""

    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Robin Doe"])]
    email: Annotated[str, Field(pattern=EMAIL, examples=["robin@foodbank.example"])]
    role: PersonRole


class PasskeyNameIn(Strict):
    """What its owner calls a passkey."""

    name: Annotated[Line, Field(min_length=1, max_length=60, examples=["Blue security key"])]


class ReleaseIn(Strict):
    """A question for a release: of which period, and what for."""

    period: Annotated[str, Field(pattern=PERIOD, examples=["2026-Q1"])]
    purpose: CountPurpose
    revise: bool = False


class UploadSessionIn(Strict):
    """A file that is to come in pieces."""

    digest: Hex64
    length: Annotated[int, Field(ge=1, le=2**50, examples=[1_000_000_000])]  # bytes


class EpochIn(Strict):
    """What every file of an epoch must have been made with."""

    profile: Annotated[str, Field(pattern=PROFILE, examples=["bloom"])]
    profile_digest: Hex64
    key_check_value: Hex32
    canaries: Hex64

    def epoch(self, number: int, *, opened: datetime) -> Epoch:
        """The epoch that this opens."""
        return Epoch(number, self.profile, self.profile_digest, self.key_check_value, self.canaries, opened)


class ErasureIn(Strict):
    """The rows about which nothing is to be told any more."""

    rows: Annotated[tuple[Annotated[str, Field(pattern=ROW)], ...], Field(min_length=1, max_length=1000)]
