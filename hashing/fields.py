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
    HOUSE_NUMBER = "house number"
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
    HOLD = "safety hold"


NAME_FIELDS = frozenset({Field.FULL_NAME, Field.FIRST, Field.LAST})


def _run_together(pattern: str) -> str:
    """The same pattern for a header without blanks or capitals that would part its words: NAMEDATAQUALITY."""
    return pattern.replace(r"\b", "").replace(" ?", "").replace(" ", "")


# Each pattern must match the whole header, written as lower-case words ("Client #" is "client number").
# Earlier lines win: "SSN last 4" must not become a last name.
_PATTERNS: tuple[tuple[Field, str], ...] = (
    (Field.DELETED, r"(date )?deleted( date)?"),
    (Field.NAME_QUALITY, r"name (data )?quality( code)?"),
    (Field.SSN_QUALITY, r"ssn (data )?quality( code)?"),
    (Field.BIRTH_DATE_QUALITY, r"(dob|birth date|date of birth) (data )?quality( code)?"),
    (Field.HOLD, r"(please )?(do not|dont|don t) (match|share|link|send|encode|hash|report|disclose|release)( data| info\w*| client| record| name)?|((safety|privacy|security|protection|confidentiality|confidential|dv|match|matching|sharing|linkage) )?(hold|lock)|(safety|privacy|security|confidentiality|dv|protected) (flag|alert|concern|status)|(is )?(confidential|restricted|protected|sealed)( client| record| person| identity| status| y n)?|(opt|opted) ?out( of (sharing|matching|data sharing))?|no (match|matching|sharing|data sharing)|on hold|acp( participant)?|address confidential(ity)?( program)?|confidential address|no compartir|confidencial"),
    (Field.CONSENT_EXPIRES, r".*\bconsent\b.*\b(expir\w*|until|end\w*|valid to)\b.*|(expires|expiration)( on| date)?"),
    (Field.CONSENT_RECIPIENTS, r".*\b(share[sd]? with|recipients?|named agencies|consent names)\b.*|agencies"),
    (Field.CONSENT, r"(care (coordination )?|signed )?consent\w*( to| for)?( care| share| sharing| coordination)*( given| signed)?|roi( signed)?|(signed )?release( of information)?( signed)?"),
    (Field.SSN, r"(ssn|ss number|ss no|ssn number|nss|soc|soc sec( no| number)?|social( security)?( number| no| num)?|seguro social)( last (4|four)( digits)?)?|last (4|four)( digits)?( of)?( ssn| social)?|ssn ?4|l4 ?ssn|ssn (4|last4)|last4( ssn)?|(ssn|social) last ?4( digits)?|soc sec no (un)?dashed|full ssn|ssn full|(numero de )?seguro social"),
    (Field.BIRTH_DATE, r"(dob|d o b|(date of )?birth ?(date|day|dt)?|birthdate|birth dt|bday|b date|date of birth)( (mm|m) (dd|d) (yyyy|yy|y))?|born|(year of birth|birth year|yob)|(fecha|f)( de)? nac(imiento)?|nacimiento|dateofbirth"),
    (Field.ALIAS, r"(preferred|nick|chosen|common)( (first )?name|name)?|nickname|alias(es)?( names?)?|aka|a k a|also known as|goes by|preferred first( name)?|name used|apodo"),
    (Field.FORMER_LAST, r"(maiden|former|previous|prior|birth|other|alternate|alias) ((last|family) ?name|surname|last|name)s?|maiden|(apellido|nombre) de soltera|(last|family) name at birth|surname at birth"),
    (Field.SUFFIX, r"(name )?suffix|generation|sufijo|jr sr"),
    (Field.SECOND_LAST, r"second (last|sur) ?name|last name 2|apellido materno|segundo apellido|mothers? (last|sur) ?name"),
    (Field.MIDDLE, r"(legal )?(middle|mid|mi|m i)( name| initial| init)?|segundo nombre|mname|name middle"),
    (Field.FIRST, r"(legal )?(first|given|fore)( ?na?me?)?s?( legal)?|(first|given|fore)name|fname|f name|nombre( s|s)?|primer nombre|name (first|given)"),
    (Field.LAST, r"(legal )?((last|family)( ?na?me?)|last|surname|sur name)s?( legal)?|lname|l name|apellido( s|s)?( paterno)?|primer apellido|name (last|family)"),
    (Field.HOUSEHOLD_ID, r"(household|house hold|hh|family|fam|case family|hogar|familia)( id| number| no| num| key| code)?|householdid|familyid"),
    (Field.CLIENT_ID, r"((hmis|unique|agency|our|internal) )*(client|patient|pt|pat|member|person|personal|participant|contact|case|guest|applicant|application|app|chart|acct|account|record|rec|internal person|id cliente|customer|resident|unique|hmis|patron|neighbor|shopper|visitor|enrollee|student|inmate|consumer|individual|tenant)( id| uid| unique id| (unique )?identifier| number| no| num| key| code| ref){1,2}|(pat )?mrn( id| number)?|id( number| no)?|rec id|personalid|clientid|patientid|memberid|(medical record|chart)( number| no)?|case ?no|(numero|no|num|id)( de| del)? (cliente|paciente)|expediente|ref( no| number)?|cl ?no|card( number| no| id)?"),
    (Field.FULL_NAME, r"(full |legal |household |hh |your )*(full ?name|name)( last( and| comma)? first.*| first( middle)?( and)? last)?|client|patient|applicant|member|participant|guest|neighbor|shopper|nombres?( completo| y apellidos?| del? (cliente|paciente))|cliente|paciente|last (name )?first( name)?.*|(first|given)( name)?( and)? (last|family)( name)?s?|head of household|(full )?name of (client|patient|head of household)|apellidos? y nombres?"),
    (Field.PHONE, r"(home |cell |mobile |primary |safe |contact |telecom |main |best |day ?time |alt |alternate |other |secondary )*(phone|tel|telephone|cell|mobile|cellphone|telefono|celular|ph|(no|numero|num) de (telefono|celular|tel))( number| no| num| home| cell| movil| ?[123]| primary| [hcm])*"),
    (Field.UNIT, r"(apt|unit|apartment|suite|apt unit|unit apt|(address|addr|add) (line )?2|street (address )?2|line 2|addr 2|address2|unit number|apt number|apt no|depto|apartamento)( number| no)?"),
    (Field.HOUSE_NUMBER, r"(street|house|building|bldg) (number|num|no|nbr)"),
    (Field.ADDRESS, r"street ?name|(home |mailing |street |residential |physical |current |last permanent |primary |residence |full |complete )*(address|addr|street|direccion|domicilio|calle|location)( de casa)?( line)?( ?1| address)?|(home |mailing |street |full )*(address|addr|street|direccion)( (apt|unit))?( (and )?(city|ciudad|town))( (and )?(st|state|estado))?( (and )?(zip|zip code|postal code|codigo postal))?|line 1|add line 1|last permanent street|where staying|residence"),
    (Field.ZIP, r"(home |mailing |address |last permanent )?(zip|zip ?code|postal( code)?|post ?code|codigo postal|cp|c p|zip postal|zip code postal|postal zip( code)?)( ?5| code)?|zip( code)? of residence"),
    (Field.SERVICE_DATE, r"date( of)?( services?| visit| provided| encounter| award| contact| served| seen| attended| stay| attendance)?|dos|((service|svc|bed|bed night|stay|visit|encounter|award|contact|appointment|appt|check ?in|attendance|activity|program|service provide)( start| begin)? ?(date|dt|day|date ?time))( provided)?|date ?time|check ?in( time| time ?stamp)?|fecha( de)?( servicio| visita)?|date ?provided|(pick ?up|distribution)( date)?"),
    (Field.SERVICE, r"record type|(type|other type) provided|(services?|service provide|visit|grant|encounter|programs?|activity|assistance|benefit)( type| name| provided| category| code| desc\w*)*|servicio|programa|type of (service|visit)"),
    (Field.UNITS, r"units?( of service)?|quantity|qty|nights|meals|cantidad|(fa ?)?amount( (paid|granted|of (assistance|service|grant)))?|dollars|dollar amount"),
    (Field.ENTRY_DATE, r"entry date"),
)  # fmt: skip
_COMPILED = tuple((field, re.compile(pattern), re.compile(_run_together(pattern))) for field, pattern in _PATTERNS)
_CLIENTS_OWN = re.compile(
    r"\b(client|patient|pt|pat|member|person|personal|participant|guest|applicant|neighbor|shopper|visitor|hmis|mrn|"
    r"medical|chart|cliente|paciente|resident|customer|enrollee|student|clientid|personalid|patientid|memberid)\b"
)
_WHOSE = re.compile(
    r"^((client|patient|pt|pat|member|applicant|participant|guest|person|individual|consumer|customer|resident|tenant|"
    r"inmate|camper|youth|student|neighbor|shopper|enrollee|head of household|hoh)s? )+"
)
_WHOSE_AFTER = re.compile(r"(?<=\w) (client|patient|participant|member|applicant|guest|individual|consumer)$")
_ASKED = re.compile(  # a form's question: "What is your name?"
    r"^((what( is| are| was)?|when( is| was| were)?( you)?|please|enter|type|write|provide|select|your|the|cual es|cual|escriba|indique|su|tu) )+"
)
_ADVICE = re.compile(  # in brackets, for whoever fills the column in
    r"(?i)\((with|incl\w*|optional|required|if |please|e\.?g|format|as on|[0-9]+ digits|legal|[mdyx #0-9/.-]+\)).*"
)
_LANGUAGES = re.compile(r"[/|\n]|\s[-–]\s")
_POSSESSIVE = re.compile(r"'s?\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def header_words(header: str) -> str:
    """A header as lower-case words: "SSN (last 4)" -> "ssn last 4", "PersonalID" -> "personal id"."""
    spaced = _CAMEL.sub(" ", header.replace("#", " number "))
    plain = _POSSESSIVE.sub("", anyascii(spaced).lower())
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def field_of_header(header: str) -> Field | None:
    """The field that a header names, or None."""
    words, without_advice = header_words(header), header_words(_ADVICE.sub(" ", header))
    asked = _ASKED.sub("", without_advice)
    readings = (
        words, without_advice, _WHOSE.sub("", words), _WHOSE.sub("", without_advice), asked, _WHOSE_AFTER.sub("", asked)
    )  # fmt: skip
    found = next((field for reading in dict.fromkeys(readings) if (field := _field_of_words(reading))), None)
    return found or _field_in_two_languages(header)


def _field_in_two_languages(header: str) -> Field | None:
    """The field of "Last Name / Apellido": of all parts, or of none ("Email / Phone")."""
    parts = [part for part in _LANGUAGES.split(header) if part.strip()]
    fields = {field_of_header(part) for part in parts} if len(parts) > 1 else set()
    if fields == {Field.FULL_NAME, Field.FIRST}:
        return Field.FULL_NAME  # "Name / Nombre": nombre alone stands for a first name as well
    return fields.pop() if len(fields) == 1 else None


def _field_of_words(words: str) -> Field | None:
    joined = words.replace(" ", "")
    for field, apart, joint in _COMPILED:
        if apart.fullmatch(words) or apart.fullmatch(joined) or (words == joined and joint.fullmatch(joined)):
            return field
    return None


def says_whose_number(words: str) -> bool:
    """Whether a header of a client number, in words, names the client rather than a record, case or account."""
    return bool(_CLIENTS_OWN.search(words))
