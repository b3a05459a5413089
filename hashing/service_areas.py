"""The service area of a service as an agency calls it. Only the area leaves the computer, never the name."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from hashing.schema import ServiceArea

# Earlier lines win. Services of HIV programs must never be told apart from other health services.
_WORDS: tuple[tuple[ServiceArea, str], ...] = (
    (ServiceArea.SUBSTANCE_USE, r"substance|\bsud\b|detox|recovery|methadone|suboxone|naloxone|needle|syringe|addiction"),
    (ServiceArea.BEHAVIORAL_HEALTH, r"therap|behavio|mental|psych|counsel|crisis contact|medication management|^group$"),
    (ServiceArea.FOOD, r"food|meal|grocer|pantry|lunch|dinner|breakfast|csfp|tefap|nutrition|holiday .*kit"),
    (ServiceArea.SHELTER, r"shelter|bed ?night|motel|hotel|hous(e|ing)|rent|evict|homeless prevention|weatheriz|hygiene|shower"),
    (ServiceArea.HEALTH, r"clinic|medical|primary care|dental|\blab\b|\brx\b|prescri|office visit|telehealth|vaccin|immuni|health|nurse|hiv|hopwa|exam|visit.*doctor"),
    (ServiceArea.OUTREACH, r"outreach|case manage|navigat|engage|referral|street"),
    (ServiceArea.FAMILY_SUPPORT, r"child|youth|family|parent|utilit|liheap|relief|grant|facility|camp|school|tutor|diaper|clothing|advoca|legal|safety plan"),
)  # fmt: skip
_COMPILED = tuple((area, re.compile(pattern)) for area, pattern in _WORDS)


@lru_cache(maxsize=10_000)
def service_area(service: str) -> ServiceArea:
    """The area of a service's name; OTHER where no word gives it away."""
    text = anyascii(service).lower().strip()
    return next((area for area, pattern in _COMPILED if pattern.search(text)), ServiceArea.OTHER)
