"""What the log says of clients: commitments that name nobody, and beside the log the openings that may be erased."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.callers import Caller
from api.clock import Clock
from api.journal import Journal
from api.storage.openings import Openings, Sealed
from api.storage.runs import Run
from audit.bands import band_of
from audit.commitment import COMMITMENTS, OTHER_COMMITMENTS, Fact, Kind, Opening, list_hash, seal
from audit.events import Act, Event, Receipt
from audit.openings import CHANGES, SHOWN
from hashing.schema import Consent
from linkage.matches import Sighting

CONSENT_RULE = "consent on both sides"
FILE_RULE = "consents as the agency's file states them"


@dataclass(frozen=True, slots=True)
class Disclosures:
    """Logs what is about to be let out about clients, then keeps what opens it; only after that may it be let out."""

    journal: Journal
    openings: Openings
    clock: Clock

    def matches(self, caller: Caller, run: Run, purpose: str, shown: Sequence[Sighting]) -> tuple[Receipt, ...]:
        """Log that *caller* is shown these matches: one entry for each other agency, or one that says there is none.

        Raises:
            LogUnavailable: it could not be logged, so nothing may be shown.
        """
        by_other: dict[str, list[Sighting]] = {}
        for match in shown:
            by_other.setdefault(match.card.other_agency, []).append(match)
        lists = [by_other[other] for other in sorted(by_other)] or [[]]
        return tuple(self._shown_with(caller, run, purpose, one) for one in lists)

    def consents(
        self, caller: Caller, epoch: int, known: Mapping[str, Fact], now_held: Mapping[str, Consent]
    ) -> Sealed | None:
        """Log how the consents of a new file differ from those *known*; None where they do not.

        What opens the entry is to be kept together with the file: consents of a file that was not kept never held.

        Raises:
            LogUnavailable: it could not be logged, so the file may not be kept.
        """
        facts = tuple(changed_consents(caller.member.id, known, now_held))
        if not facts:
            return None
        openings = _sealed(facts)
        told: dict[str, str | int] = {CHANGES: band_of(len(facts)), COMMITMENTS: _hash(openings)}
        event = caller.event(
            Act.CONSENT_CHANGED,
            f"epoch/{epoch}",
            purpose="care-coordination",
            epoch=epoch,
            rule=FILE_RULE,
            details=told,
        )
        return self._log(event, openings)[1]

    def _shown_with(self, caller: Caller, run: Run, purpose: str, shown: Sequence[Sighting]) -> Receipt:
        facts = tuple(match_facts(caller.member.id, shown))
        own, others = (_sealed(fact for fact in facts if fact.kind is kind) for kind in (Kind.SAW_AT, Kind.SHOWN_TO))
        told: dict[str, str | int] = {
            SHOWN: band_of(len(shown)),
            COMMITMENTS: _hash(own),
            OTHER_COMMITMENTS: _hash(others),
        }
        event = caller.event(
            Act.MATCHES_RELEASED,
            f"run/{run.id}",
            purpose=purpose,
            epoch=run.epoch,
            rule=CONSENT_RULE,
            agency=shown[0].card.other_agency if shown else caller.member.id,
            details=told,
        )
        receipt, sealed = self._log(event, (*own, *others))
        self.openings.keep(sealed)
        return receipt

    def _log(self, event: Event, openings: tuple[Opening, ...]) -> tuple[Receipt, Sealed]:
        receipt = self.journal.append(event)
        return receipt, Sealed(receipt.index, openings, self.clock())


def _sealed(facts: Iterable[Fact]) -> tuple[Opening, ...]:
    return seal(facts, random_bytes=secrets.token_bytes)


def _hash(openings: Iterable[Opening]) -> str:
    return list_hash([opening.commitment for opening in openings])


def match_facts(viewer: str, shown: Iterable[Sighting]) -> Iterable[Fact]:
    """Two sides of each match: what the viewer saw of its row, and which rows of the other agency it was shown."""
    for one in shown:
        card = one.card
        yield Fact(kind=Kind.SAW_AT, agency=viewer, row=card.row, other=card.other_agency, until=card.consent_until)
        for row in one.other_rows:
            yield Fact(kind=Kind.SHOWN_TO, agency=card.other_agency, row=row, other=viewer, until=card.consent_until)


def changed_consents(agency: str, known: Mapping[str, Fact], now_held: Mapping[str, Consent]) -> Iterable[Fact]:
    """A fact for each row whose consent is new, other than before, or gone."""
    for row, consent in now_held.items():
        fact = Fact(kind=Kind.CONSENT, agency=agency, row=row, recipients=consent.recipients, until=consent.expires)
        if known.get(row) != fact:
            yield fact
    for row, before in known.items():
        if row not in now_held and before.recipients:
            yield Fact(kind=Kind.CONSENT, agency=agency, row=row)
