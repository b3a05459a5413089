"""FHIR Patients as clinics' systems write them, of invented people, with all that Headcount must never read."""

from __future__ import annotations

import json
from typing import Any

SSN = "http://hl7.org/fhir/sid/us-ssn"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}

ANA: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "7f3c",
    "active": False,
    "text": {"status": "generated", "div": "<div>never read</div>"},
    "extension": [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": []}],
    "identifier": [
        {"use": "usual", "type": MR, "system": "urn:oid:1.2.36", "value": "M-0017"},
        {"system": SSN, "value": "512-34-5678"},
    ],
    "name": [
        {"use": "maiden", "family": "Fict", "given": ["Ana"]},
        {"use": "nickname", "given": ["Anita"]},
        {"use": "official", "family": "Núñez-García", "given": ["Ana", "María"], "suffix": ["Jr."]},
        {"use": "old", "family": "Older", "given": ["Anna", "Maria"]},
    ],
    "telecom": [
        {"system": "email", "value": "ana@example.org"},
        {"system": "phone", "value": "360-555-0199", "use": "old"},
        {"system": "phone", "value": "(360) 555-0101", "use": "home"},
        {"system": "phone", "value": "360-555-0102", "use": "mobile"},
    ],
    "gender": "female",
    "birthDate": "1984-03-27",
    "deceasedDateTime": "2025-01-04",
    "address": [
        {"use": "old", "line": ["1 Former Rd"], "city": "Sequim", "postalCode": "98381"},
        {"use": "home", "line": ["12 N Imaginary Rd", "Apt 4"], "city": "Sequim", "postalCode": "98382-1234"},
    ],
    "contact": [{"name": {"family": "Somebody", "given": ["Else"]}, "telecom": [{"system": "phone", "value": "1"}]}],
    "communication": [{"language": {"text": "es"}}],
    "generalPractitioner": [{"display": "Dr. Nobody"}],
}
BO: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "b0",
    "name": [{"family": "Made", "given": ["Bo"]}],
    "telecom": [{"system": "phone", "value": "3605550103"}],
    "birthDate": "1972-02",
}
VISIT: dict[str, Any] = {"resourceType": "Encounter", "id": "e1", "identifier": "not what a Patient has", "name": 7}


def bundle(*resources: dict[str, Any], kind: str = "searchset") -> str:
    """A Bundle of these, as a server answers a search or a system exports a collection."""
    entries = [{"fullUrl": f"urn:uuid:{place}", "resource": resource} for place, resource in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": kind, "total": len(entries), "entry": entries}, indent=2)


def lines(*resources: dict[str, Any]) -> str:
    """One resource a line, as bulk exports are."""
    return "".join(json.dumps(resource, ensure_ascii=False) + "\n" for resource in resources)
