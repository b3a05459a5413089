"""The words in which services and ages leave an agency: areas, types, units and bands. Part of the shared schema.

Listed in docs/formats/encoded-file.md. There is no code here, and nothing that sees a name or the secret.
"""

from __future__ import annotations

from enum import StrEnum


class ServiceArea(StrEnum):
    """The collaborative's service areas; a person-level service leaves the agency only as one of these."""

    SHELTER = "shelter"
    BEHAVIORAL_HEALTH = "behavioral_health"
    SUBSTANCE_USE = "substance_use"
    FOOD = "food"
    FAMILY_SUPPORT = "family_support"
    OUTREACH = "outreach"
    HEALTH = "health"
    OTHER = "other"


class ServiceType(StrEnum):
    """What kind of a service it was, in words that fit any agency of its area."""

    EMERGENCY_SHELTER = "emergency_shelter"
    MOTEL_VOUCHER = "motel_voucher"
    RENT_ASSISTANCE = "rent_assistance"
    HOUSING = "housing"
    HYGIENE = "hygiene"
    MEALS = "meals"
    GROCERIES = "groceries"
    MEDICAL_VISIT = "medical_visit"
    DENTAL_VISIT = "dental_visit"
    PRESCRIPTION = "prescription"
    COUNSELING = "counseling"
    CRISIS = "crisis"
    MEDICATION = "medication"
    DETOX = "detox"
    HARM_REDUCTION = "harm_reduction"
    TREATMENT = "treatment"
    CASE_MANAGEMENT = "case_management"
    STREET_OUTREACH = "street_outreach"
    REFERRAL = "referral"
    UTILITIES = "utilities"
    CHILDCARE = "childcare"
    YOUTH_PROGRAM = "youth_program"
    LEGAL_HELP = "legal_help"
    CLOTHING = "clothing"
    FINANCIAL_HELP = "financial_help"
    OTHER = "other"


class ServiceUnit(StrEnum):
    """What the units of a service count."""

    ENCOUNTERS = "encounters"
    NIGHTS = "nights"
    MEALS = "meals"
    DOLLARS = "dollars"


class AgeBand(StrEnum):
    """How old a client was, as far as it leaves the agency."""

    UNDER_5 = "under_5"
    FROM_5 = "5_12"
    FROM_13 = "13_17"
    FROM_18 = "18_24"
    FROM_25 = "25_34"
    FROM_35 = "35_44"
    FROM_45 = "45_54"
    FROM_55 = "55_64"
    FROM_65 = "65_plus"
