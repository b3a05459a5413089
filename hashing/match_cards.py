"""Care matches beside the agency's own crosswalk: which of its clients they are about, in plain words."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from hashing.errors import InputFileError
from hashing.service_answers import Match


def check_belongs(own: dict[str, str], cards: Sequence[Match], crosswalk: Path) -> None:
    """Whether a crosswalk leads to the clients of these matches.

    Raises:
        InputFileError: it is another agency's, or of another secret.
    """
    if cards and not any(card.row in own for card in cards):
        raise InputFileError(
            f"{crosswalk.name}: none of your matches is in this crosswalk",
            hint="Give the crosswalk that was written beside the file you sent: AGENCY.crosswalk.csv.",
        )


def read_crosswalk(path: Path) -> dict[str, str]:
    """Row pseudonym -> own client number."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            return {line["row"]: line["client_id"] for line in csv.DictReader(stream)}
    except FileNotFoundError as error:
        raise InputFileError(f"{path.name}: there is no such file", hint="Check the name and the folder.") from error
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(
            f"{path.name}: this is not a crosswalk", hint="It lies beside the encoded file: AGENCY.crosswalk.csv."
        ) from error


def describe_match(card: Match, own: dict[str, str]) -> list[str]:
    """A match card in plain words."""
    client = own.get(card.row)
    who = f"Your client {client}" if client else f"Your row {card.row}"
    areas = ", ".join(area.replace("_", " ") for area in card.areas) or "no service rows"
    months = f"{card.first_month} to {card.last_month}" if card.first_month else "no dates"
    contact = f"; ask {card.other_contact}" if card.other_contact else ""
    lines = [
        f"{who}: {card.confidence} also known to {card.other_name} ({areas}; {months})",
        f"  consent on both sides until {card.consent_until}{contact}",
    ]
    return lines + [f"  {notice}" for notice in card.notices]
