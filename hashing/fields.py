"""The columns that Headcount reads, and the headers by which it knows them. All other columns are never read."""

from __future__ import annotations

import re
from enum import StrEnum

from anyascii import anyascii


class Field(StrEnum):
    """What a column of an agency's export means."""

    CLIENT_ID = "client number"
    HOUSEHOLD_ID = "household number"
    FULL_NAME = "name in one cell"
    FIRST = "first name"
    MIDDLE = "middle name"
    LAST = "last name"
    SECOND_LAST = "second last name"
    SUFFIX = "name suffix"
    ALIAS = "other first name"
    FORMER_LAST = "former last name"
    BIRTH_DATE = "date of birth"
    SSN = "social security number"
    PHONE = "phone"
    ADDRESS = "address"
    UNIT = "apartment or unit"
    ZIP = "ZIP code"
    NAME_QUALITY = "name data quality"
    SSN_QUALITY = "SSN data quality"
    BIRTH_DATE_QUALITY = "birth date data quality"
    DELETED = "date deleted"
    SERVICE = "service"
    SERVICE_DATE = "date of service"
    UNITS = "units of service"
    ENTRY_DATE = "date of entry"
    CONSENT = "consent to care coordination"
    CONSENT_EXPIRES = "consent expires"
    CONSENT_RECIPIENTS = "consent names these agencies"


NAME_FIELDS = frozenset({Field.FULL_NAME, Field.FIRST, Field.LAST})

# Each pattern must match the whole header, written as lower-case words ("Client #" is "client number").
# Earlier lines win: "SSN last 4" must not become a last name.
_PATTERNS: tuple[tuple[Field, str], ...] = (
    (Field.DELETED, r"(date )?deleted( date)?"),
    (Field.NAME_QUALITY, r"name data quality"),
    (Field.SSN_QUALITY, r"ssn data quality"),
    (Field.BIRTH_DATE_QUALITY, r"(dob|birth date) data quality"),
    (Field.CONSENT_EXPIRES, r".*\bconsent\b.*\b(expir\w*|until|end\w*|valid to)\b.*|(expires|expiration)( on| date)?"),
    (Field.CONSENT_RECIPIENTS, r".*\b(share[sd]? with|recipients?|named agencies|consent names)\b.*"),
    (Field.CONSENT, r"(care (coordination )?|signed )?consent\w*( to| for)?( care| share| sharing| coordination)*( given| signed)?"),
    (Field.SSN, r"(client |patient |member )?(ssn|ss number|ssn number|soc|soc sec( no| number)?|social( security)?( number| no| num)?|seguro social)( last (4|four))?|last (4|four)( of)?( ssn| social)?|ssn ?4|ssn (4|last4)|last4( ssn)?|(ssn|social) last ?4( digits)?"),
    (Field.BIRTH_DATE, r"(client |patient |member |applicant )?(dob|d o b|(date of )?birth ?(date|day|dt)?|birthdate|birth dt|bday|b date|date of birth)( mm dd yyyy)?|fecha( de)? nac(imiento)?|nacimiento|dateofbirth"),
    (Field.ALIAS, r"(preferred|nick|chosen|common)( (first )?name|name)?|nickname|alias(es)?( names?)?|aka|a k a|also known as|goes by|preferred first( name)?|name used|apodo"),
    (Field.FORMER_LAST, r"(maiden|former|previous|prior|birth|other|alternate|alias) ((last|family) ?name|surname|last|name)s?|maiden|(last|family) name at birth|surname at birth"),
    (Field.SUFFIX, r"(name )?suffix|generation|sufijo|jr sr"),
    (Field.SECOND_LAST, r"second (last|sur) ?name|last name 2|apellido materno|segundo apellido|mothers (last|sur) ?name"),
    (Field.MIDDLE, r"(client |patient |pt |member |applicant )?(middle|mid|mi|m i)( name| initial| init)?|segundo nombre|mname|name middle"),
    (Field.FIRST, r"(client |patient |pt |member |applicant |participant |legal |guest |person )*(first|given|fore)( ?name)?s?|(first|given|fore)name|fname|f name|nombres?|primer nombre|name first"),
    (Field.LAST, r"(client |patient |pt |member |applicant |participant |legal |guest |person )*((last|family)( ?name)|last|surname|sur name)s?|lname|l name|apellidos?( paterno)?|primer apellido|name last"),
    (Field.HOUSEHOLD_ID, r"(household|house hold|hh|family|fam|case family|hogar|familia)( id| number| no| num| key| code)?|householdid|familyid"),
    (Field.CLIENT_ID, r"(client|patient|pt|member|person|personal|participant|contact|case|guest|applicant|application|app|chart|acct|account|record|rec|internal person|id cliente|customer|resident|unique)( id| number| no| num| key| code| ref)|mrn|id|rec id|personalid|clientid|patientid|memberid|(medical record|chart)( number| no)?|case ?no|numero de cliente|expediente"),
    (Field.FULL_NAME, r"(client |patient |member |applicant |participant |full |guest |head of household |hoh |customer |person |persons |resident )*(full ?name|name)( last first.*)?|client|patient|applicant|member|participant|guest|nombre completo|last first|head of household|name of client"),
    (Field.PHONE, r"(home |cell |mobile |primary |safe |contact |client |main |best |day ?time |telefono )*(phone|tel|telephone|cell|mobile|cellphone|telefono|celular|ph)( number| no| num| home| cell| 1| primary)?"),
    (Field.UNIT, r"(apt|unit|apartment|suite|apt unit|unit apt|address (line )?2|street (address )?2|line 2|addr 2|address2|unit number|apt number|apt no|depto|apartamento)( number| no)?"),
    (Field.ADDRESS, r"(client |home |mailing |street |residential |physical |current |last permanent |primary |residence )*(address|addr|street|direccion|domicilio|calle|location)( line)?( 1| address)?|address1|line 1|last permanent street|street 1|where staying"),
    (Field.ZIP, r"(home |mailing |last permanent )?(zip|zip ?code|postal( code)?|post ?code|codigo postal|cp)( 5| code)?"),
    (Field.SERVICE_DATE, r"date( of)?( service| visit| provided| encounter| award| contact)?|((service|visit|encounter|award|contact|appointment|appt|check ?in|attendance|activity|program) ?(date|dt|day))( provided)?|fecha( de)?( servicio| visita)?|date ?provided"),
    (Field.SERVICE, r"(type|other type) provided|(service|visit|grant|encounter|program|activity|assistance|benefit)( type| name| provided| category| code| desc\w*)?|servicio|programa|type of (service|visit)"),
    (Field.UNITS, r"units?( of service)?|quantity|qty|nights|cantidad"),
    (Field.ENTRY_DATE, r"entry date"),
)  # fmt: skip
_COMPILED = tuple((field, re.compile(pattern)) for field, pattern in _PATTERNS)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def header_words(header: str) -> str:
    """A header as lower-case words: "SSN (last 4)" -> "ssn last 4", "PersonalID" -> "personal id"."""
    spaced = _CAMEL.sub(" ", header.replace("#", " number "))
    return re.sub(r"[^a-z0-9]+", " ", anyascii(spaced).lower()).strip()


def field_of_header(header: str) -> Field | None:
    """The field that a header names, or None."""
    words = header_words(header)
    joined = words.replace(" ", "")
    for field, pattern in _COMPILED:
        if pattern.fullmatch(words) or pattern.fullmatch(joined):
            return field
    return None
