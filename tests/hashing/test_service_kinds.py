"""Types and units of services: generic words, and nothing by which a HIV program could be told."""

from __future__ import annotations

import pytest

from hashing.schema import ServiceArea, ServiceType, ServiceUnit
from hashing.service_areas import service_area
from hashing.service_kinds import service_type, service_unit


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Motel voucher", ServiceType.MOTEL_VOUCHER),
        ("Rental Assistance", ServiceType.RENT_ASSISTANCE),
        ("Eviction prevention", ServiceType.RENT_ASSISTANCE),
        ("Rapid Re-Housing", ServiceType.HOUSING),
        ("Bed night", ServiceType.EMERGENCY_SHELTER),
        ("Shower", ServiceType.HYGIENE),
        ("Hot meal", ServiceType.MEALS),
        ("Food box", ServiceType.GROCERIES),
        ("Dental cleaning", ServiceType.DENTAL_VISIT),
        ("Rx refill", ServiceType.PRESCRIPTION),
        ("Primary Care Visit", ServiceType.MEDICAL_VISIT),
        ("Individual therapy", ServiceType.COUNSELING),
        ("Crisis contact", ServiceType.CRISIS),
        ("Medication management", ServiceType.MEDICATION),
        ("Detox", ServiceType.DETOX),
        ("Syringe exchange", ServiceType.HARM_REDUCTION),
        ("Recovery group", ServiceType.TREATMENT),
        ("Case Management", ServiceType.CASE_MANAGEMENT),
        ("Street outreach", ServiceType.STREET_OUTREACH),
        ("LIHEAP Utility Assistance", ServiceType.UTILITIES),
        ("Child care", ServiceType.CHILDCARE),
        ("Teen night for youth", ServiceType.YOUTH_PROGRAM),
        ("Legal Support", ServiceType.LEGAL_HELP),
        ("COVID Relief Grant", ServiceType.FINANCIAL_HELP),
        ("Something else", ServiceType.OTHER),
    ],
)
def test_a_name_tells_its_type(name, kind):
    assert service_type(service_area(name), name) is kind


@pytest.mark.parametrize(
    "name", ["HIV testing", "AIDS services", "Ryan White program", "HIV medical visit", "hiv/aids health clinic"]
)
def test_a_hiv_program_is_a_medical_visit_like_any_other(name):
    area = service_area(name)
    kind = service_type(area, name)
    plain = service_type(ServiceArea.HEALTH, "Office visit")
    assert (area, kind) == (ServiceArea.HEALTH, plain)
    for header in ("", "Nights", "Amount", "Units", "FAAmount"):
        assert service_unit(area, kind, name, header) is ServiceUnit.ENCOUNTERS


@pytest.mark.parametrize("header", ["", "Nights", "Amount", "Units", "FAAmount"])
def test_housing_for_people_with_aids_is_housing_like_any_other(header):
    def told(name: str) -> tuple[ServiceArea, ServiceType, ServiceUnit]:
        area = service_area(name)
        kind = service_type(area, name)
        return area, kind, service_unit(area, kind, name, header)

    assert told("HOPWA") == told("HOPWA supportive services") == told("Supportive housing")


@pytest.mark.parametrize(
    ("area", "name", "header", "unit"),
    [
        (ServiceArea.SHELTER, "Shelter", "Nights", ServiceUnit.NIGHTS),
        (ServiceArea.SHELTER, "Bed night", "", ServiceUnit.NIGHTS),
        (ServiceArea.SHELTER, "Rent", "FAAmount", ServiceUnit.DOLLARS),
        (ServiceArea.FAMILY_SUPPORT, "Utility help", "Amount ($)", ServiceUnit.DOLLARS),
        (ServiceArea.HEALTH, "Clinic", "Amount", ServiceUnit.ENCOUNTERS),
        (ServiceArea.BEHAVIORAL_HEALTH, "Detox stay", "Nights", ServiceUnit.ENCOUNTERS),
        (ServiceArea.FOOD, "Lunch", "Units", ServiceUnit.MEALS),
        (ServiceArea.FOOD, "Food box", "Units", ServiceUnit.ENCOUNTERS),
        (ServiceArea.OUTREACH, "Case management", "", ServiceUnit.ENCOUNTERS),
    ],
)
def test_the_header_and_the_name_tell_the_unit(area, name, header, unit):
    assert service_unit(area, service_type(area, name), name, header) is unit


@pytest.mark.parametrize("area", ServiceArea)
def test_every_area_knows_what_it_cannot_tell(area):
    expected = ServiceType.MEDICAL_VISIT if area is ServiceArea.HEALTH else ServiceType.OTHER
    assert service_type(area, "Xyzzy") is expected
