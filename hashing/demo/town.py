"""The demo town: who its agencies are, where their exports lie, and consents, which the exports do not hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from hashing.errors import InputFileError
from hashing.export import read_export
from hashing.schema import AgencyKind

NAVIGATOR = "community_action"
CONSENTING = 0.5  # share of clients who signed; both sides must hold consent, so a quarter of matches may be shown
CONSENT_FILE = "care_consents.csv"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency of the town."""

    id: str
    name: str
    kind: AgencyKind

    @property
    def may_match(self) -> bool:
        """Whether care matches are open to it at all."""
        return self.kind not in {AgencyKind.VICTIM_SERVICE_PROVIDER, AgencyKind.GOVERNMENT}


AGENCIES = (
    Agency("food_bank", "Anytown Food Bank", AgencyKind.NONPROFIT),
    Agency("free_clinic", "Anytown Free Clinic", AgencyKind.HEALTH),
    Agency("community_action", "Community Action (HOPE outreach)", AgencyKind.NONPROFIT),
    Agency("behavioral_health", "Anytown Behavioral Health", AgencyKind.PART2),
    Agency("community_clinic", "Community Clinic", AgencyKind.HEALTH),
    Agency("ymca", "Anytown YMCA", AgencyKind.NONPROFIT),
    Agency("community_foundation", "Community Foundation", AgencyKind.NONPROFIT),
    Agency("police_outreach", "Police Outreach", AgencyKind.GOVERNMENT),
)
VICTIM_SERVICES = Agency("domestic_violence", "Healthy Families", AgencyKind.VICTIM_SERVICE_PROVIDER)


def check_is_town(town: Path) -> None:
    """Whether the folder holds the demo town.

    Raises:
        InputFileError: it does not.
    """
    for agency in (*AGENCIES, VICTIM_SERVICES):
        if not (town / agency.id).is_dir():
            raise InputFileError(
                f"{town}: the demo town is not there", hint="Run it from a checkout, or give --town FOLDER."
            )


def number_of_clients(folder: Path, *, today: date) -> int:
    """The clients of an agency, counted on its own computer: the total that a victim service provider types in."""
    return len(read_export([folder], today=today).clients)


def write_consents(agency: Agency, source: Path, target: Path, *, today: date) -> int:
    """Invent consents for an agency's clients: half of them signed a month ago, for a year.

    Returns how many signed. The behavioral health agency's clients named the navigator's agency alone.
    """
    random = Random(f"consents of {agency.id}")  # noqa: S311 -- made-up signatures of made-up people
    clients = sorted({client.client_id for client in read_export([source], today=today).clients})
    signed = [client for client in clients if random.random() < CONSENTING]
    names = (
        [NAVIGATOR] if agency.kind is AgencyKind.PART2 else [other.id for other in AGENCIES if other.id != agency.id]
    )
    target.mkdir(parents=True, exist_ok=True)
    with (target / CONSENT_FILE).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(_lines(signed, names, today + timedelta(days=335)))
    return len(signed)


def _lines(signed: list[str], names: list[str], expires: date) -> Iterator[tuple[str, ...]]:
    yield "Client ID", "Consent", "Consent expires", "Share with"
    yield from ((client, "Yes", expires.isoformat(), ";".join(names)) for client in signed)
