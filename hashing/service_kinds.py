"""What kind of a service it was, in generic words, and in what it is counted. No name of a service leaves the computer.

Services of HIV programs are housing or medical visits like any other, and counted like any other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from hashing.schema import ServiceArea, ServiceType, ServiceUnit

# For each area, earlier lines win.
_WORDS: dict[ServiceArea, tuple[tuple[ServiceType, str], ...]] = {
    ServiceArea.SHELTER: (
        (ServiceType.MOTEL_VOUCHER, r"motel|hotel"),
        (ServiceType.RENT_ASSISTANCE, r"\brent|evict|deposit|prevention|arrears|mortgage"),
        (ServiceType.HYGIENE, r"hygiene|shower|laundry"),
        (ServiceType.HOUSING, r"permanent|transitional|rapid|\bhous(e|ing)\b|hopwa|weatheriz|home repair"),
        (ServiceType.EMERGENCY_SHELTER, r"(?<!day )shelter|bed ?night|warming|cooling|overnight"),
    ),
    ServiceArea.FOOD: (
        (ServiceType.MEALS, r"meal|lunch|dinner|breakfast|soup|supper"),
        (ServiceType.GROCERIES, r"grocer|pantry|box|csfp|tefap|efap|commodit|holiday|food"),
    ),
    ServiceArea.HEALTH: (
        (ServiceType.DENTAL_VISIT, r"dental|dentist|teeth"),
        (ServiceType.PRESCRIPTION, r"\brx\b|prescri|pharmac"),
        (ServiceType.MEDICAL_VISIT, r""),
    ),
    ServiceArea.BEHAVIORAL_HEALTH: (
        (ServiceType.CRISIS, r"crisis|emergency"),
        (ServiceType.MEDICATION, r"medication|psychiatr"),
        (ServiceType.COUNSELING, r"counsel|therap|\bgroup\b|psych|mental|behavio|intake|assess"),
    ),
    ServiceArea.SUBSTANCE_USE: (
        (ServiceType.DETOX, r"detox|withdrawal"),
        (ServiceType.HARM_REDUCTION, r"naloxone|narcan|needle|syringe|harm"),
        (ServiceType.TREATMENT, r"methadone|suboxone|recovery|substance|\bsud\b|addiction|treatment"),
    ),
    ServiceArea.OUTREACH: (
        (ServiceType.CASE_MANAGEMENT, r"case manage|navigat"),
        (ServiceType.REFERRAL, r"referral|referred"),
        (ServiceType.STREET_OUTREACH, r"outreach|street|engage|contact|check"),
    ),
    ServiceArea.FAMILY_SUPPORT: (
        (ServiceType.UTILITIES, r"utilit|liheap|energy|electric|water bill|power bill"),
        (ServiceType.CHILDCARE, r"child ?care|day ?care|preschool|\bcamps?\b|after ?school|head start"),
        (ServiceType.YOUTH_PROGRAM, r"youth|teen|school|tutor|mentor"),
        (ServiceType.LEGAL_HELP, r"legal|advoca|attorney|safety plan"),
        (ServiceType.CLOTHING, r"cloth|diaper|\bcoats?\b|shoes"),
        (ServiceType.FINANCIAL_HELP, r"grant|relief|financial|loan|\bfund"),
    ),
}
_COMPILED = {area: tuple((kind, re.compile(words)) for kind, words in lines) for area, lines in _WORDS.items()}
_DOLLARS = re.compile(r"amount|dollar|\$|\busd\b|\bvalue\b|\bcost\b|\bpaid\b")
_MONEY_AREAS = frozenset({ServiceArea.SHELTER, ServiceArea.FAMILY_SUPPORT, ServiceArea.FOOD, ServiceArea.OUTREACH})


@lru_cache(maxsize=10_000)
def service_type(area: ServiceArea, service: str) -> ServiceType:
    """The type of a service by its name, within its area; OTHER where no word tells."""
    text = anyascii(service).lower().strip()
    return next((kind for kind, words in _COMPILED.get(area, ()) if words.search(text)), ServiceType.OTHER)


def counts_dollars(header: str) -> bool:
    """Whether numbers under a header are dollars."""
    return bool(_DOLLARS.search(header.lower()))


@lru_cache(maxsize=10_000)
def service_unit(area: ServiceArea, kind: ServiceType, service: str, header: str) -> ServiceUnit:
    """What the numbers of a service count: by the header over them, else by the service's name.

    Nights are told of shelter alone and dollars not of health, or they would tell which health program it was.
    """
    over, name = (anyascii(text).lower() for text in (header, service))
    if area is ServiceArea.SHELTER and ("night" in over or re.search(r"bed ?night|\bnights?\b", name)):
        return ServiceUnit.NIGHTS
    if area in _MONEY_AREAS and counts_dollars(header):
        return ServiceUnit.DOLLARS
    if kind is ServiceType.MEALS or (area is ServiceArea.FOOD and "meal" in over):
        return ServiceUnit.MEALS
    return ServiceUnit.ENCOUNTERS
