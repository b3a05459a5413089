"""The service area of a service as an agency calls it. Only the area leaves the computer, never the name."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from hashing.schema import ServiceArea

# Earlier lines win. Services of HIV programs must never be told apart from others: HOPWA is housing, the rest is care.
_WORDS: tuple[tuple[ServiceArea, str], ...] = (
    (ServiceArea.SUBSTANCE_USE, r"substance|\bsud\b|detox|recovery|methadone|suboxone|naloxone|narcan|needle|syringe|addiction"),
    (ServiceArea.BEHAVIORAL_HEALTH, r"(?<!physical )(?<!occupational )(?<!speech )therap|behavio|\bmental|psych|crisis contact|medication management|^group$|(?<!housing )(?<!nutrition )(?<!financial )(?<!legal )(?<!credit )(?<!debt )(?<!employment )(?<!career )counsel"),
    (ServiceArea.FOOD, r"food|meal|grocer|pantry|lunch|dinner|breakfast|csfp|tefap|efap|nutrition|holiday .*kit"),
    (ServiceArea.SHELTER, r"shelter|bed ?night|motel|hotel|\bhous(e|ing)\b|hopwa|\brent|evict|homeless prevention|weatheriz|(?<!dental )hygiene|shower"),
    (ServiceArea.HEALTH, r"(?<!legal )(?<!tax )clinic|medical|primary care|dental|\blab\b|\brx\b|prescri|office visit|telehealth|vaccin|immuni|health|nurse|\bhiv|(?<!hearing )\baids\b|ryan white|\bexam|doctor|therap"),
    (ServiceArea.OUTREACH, r"outreach|case manage|navigat|engage|referral|street"),
    (ServiceArea.FAMILY_SUPPORT, r"child|youth|family|parent|utilit|liheap|relief|\bgrants?\b|facility|\bcamps?\b|school|tutor|diaper|clothing|advoca|legal|safety plan"),
)  # fmt: skip
_COMPILED = tuple((area, re.compile(pattern)) for area, pattern in _WORDS)

# Services.csv of a HMIS export, RecordType: what stands for a service whose TypeProvided is a code without words.
_RECORD_TYPES = {
    "141": ServiceArea.OUTREACH,  # PATH
    "142": ServiceArea.FAMILY_SUPPORT,  # RHY, runaway and homeless youth
    "144": ServiceArea.SHELTER,  # SSVF
    "152": ServiceArea.SHELTER,  # SSVF, financial assistance
    "161": ServiceArea.OUTREACH,  # PATH referral
    "200": ServiceArea.SHELTER,  # bed night
    "210": ServiceArea.SHELTER,  # HUD-VASH voucher
    "300": ServiceArea.SHELTER,  # moving on
}
HIV_RECORD_TYPES = frozenset({"143", "151"})  # HOPWA: never told, whatever else is said of the service


@lru_cache(maxsize=10_000)
def service_area(service: str) -> ServiceArea:
    """The area of a service's name; OTHER where no word gives it away."""
    text = anyascii(service).lower().strip()
    return next((area for area, pattern in _COMPILED if pattern.search(text)), ServiceArea.OTHER)


def record_type_words(code: str) -> str:
    """What a HMIS record type is called, where that tells more than its area."""
    return {"200": "bed night", "144": "", "152": "rent", "210": "housing voucher", "161": "referral"}.get(code, "")


def record_type_area(code: str) -> ServiceArea:
    """The area of a HMIS record type; OTHER for a code that stands for none."""
    return _RECORD_TYPES.get(code, ServiceArea.OTHER)
