"""FHIR R4 Patients, from a Bundle or line by line (NDJSON), as a sheet with headers that Headcount knows.

Only what the sheet needs is decoded (https://hl7.org/fhir/R4/patient.html): the names, addresses, phones, birth date
and identifiers. All other elements, and all other resources, are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

import msgspec

from hashing.errors import InputFileError
from hashing.importers.sheets import Sheet

BY_LINE = (".ndjson", ".jsonl")
_SSN_SYSTEMS = frozenset({"http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"})
_RANKS = {"official": 0, "usual": 1, "": 2, "temp": 3, "nickname": 4, "old": 5, "maiden": 6}
_NAMELESS = "anonymous"  # a use of HumanName: stands for nobody's name
_ONE_EACH = (
    "MRN", "Patient ID", "First Name", "Middle Name", "Last Name", "Suffix", "Patient Name", "Date of Birth", "SSN",
    "Address", "Address 2", "ZIP",
)  # fmt: skip
Decoded = TypeVar("Decoded")
_SEVERAL = ("Preferred Name", "Former Last Name", "Phone", "Confidential")
_RESTRICTED = frozenset({"R", "V"})  # HL7 v3 Confidentiality: restricted, very restricted


class _Coding(msgspec.Struct):
    code: str | None = None


class _Concept(msgspec.Struct):
    coding: list[_Coding] = []


class _Identifier(msgspec.Struct):
    use: str | None = None
    system: str | None = None
    value: str | None = None
    type: _Concept | None = None

    def has_code(self, code: str) -> bool:
        return self.type is not None and any(coding.code == code for coding in self.type.coding)

    @property
    def is_ssn(self) -> bool:
        return (self.system or "") in _SSN_SYSTEMS or self.has_code("SS")


class _Name(msgspec.Struct):
    use: str | None = None
    text: str | None = None
    family: str | None = None
    given: list[str | None] = []
    suffix: list[str | None] = []

    @property
    def rank(self) -> int:
        return _RANKS.get(self.use or "", _RANKS["temp"])


class _Telecom(msgspec.Struct):
    system: str | None = None
    use: str | None = None
    value: str | None = None


class _Period(msgspec.Struct):
    end: str | None = None


class _Address(msgspec.Struct):
    use: str | None = None
    type: str | None = None
    line: list[str | None] = []
    postalCode: str | None = None
    period: _Period | None = None

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The least is where the person lives now: not a former place, not only for letters, a home."""
        is_former = self.use == "old" or bool(self.period and self.period.end)
        return is_former, self.type == "postal", self.use != "home"


class _Meta(msgspec.Struct):
    security: list[_Coding] = []


class _Patient(msgspec.Struct):
    id: str | None = None
    meta: _Meta | None = None
    identifier: list[_Identifier] = []
    name: list[_Name] = []
    telecom: list[_Telecom] = []
    birthDate: str | None = None
    address: list[_Address] = []


class _Kind(msgspec.Struct):
    resourceType: str = ""


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct):
    entry: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class _Read:
    """One Patient as cells: one for each header of _ONE_EACH, and any number for those of _SEVERAL."""

    one_each: tuple[str, ...]
    several: tuple[tuple[str, ...], ...]


def read_fhir(content: bytes, *, name: str) -> Sheet:
    """Read the Patients of a Bundle, of a list, or of lines of resources.

    A file of other resources, or of JSON that is not FHIR, gives a sheet without rows.

    Raises:
        InputFileError: it is not JSON, or a Patient is not what FHIR says.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    is_by_line = name.lower().endswith(BY_LINE) or _is_by_line(text)
    resources = _of_lines(text, name) if is_by_line else _of_document(text, name)
    patients = ((where, _patient(raw, name=name, where=where)) for where, raw in resources)
    found = [(where or "entry 1", patient) for where, patient in patients if patient is not None]
    rows = _rows([_cells(patient, unnumbered=f"{name}, {where}") for where, patient in found])
    return Sheet(name, rows, places=("the file", *(where for where, _ in found)))


def _is_by_line(text: bytes) -> bool:
    """Whether the first line is whole by itself, and another follows."""
    first, line_break, _ = text.partition(b"\n")
    if not line_break or first.strip() in {b"{", b"["}:
        return False
    try:
        msgspec.json.decode(first, type=_Kind)
    except msgspec.DecodeError:
        return False
    return True


def _of_lines(text: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            yield from _resources(line, name=name, where=f"line {number}")


def _of_document(text: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    if not text.startswith(b"["):
        yield from _resources(text, name=name, where="")
        return
    for place, item in enumerate(_decoded(text, list[msgspec.Raw], name=name, where=""), 1):
        yield from _resources(bytes(item), name=name, where=f"entry {place}")


def _resources(text: bytes, *, name: str, where: str) -> Iterator[tuple[str, bytes]]:
    """A resource itself, or those inside it where it is a Bundle."""
    if _kind(text, name=name, where=where) != "Bundle":
        yield where, text
        return
    for place, entry in enumerate(_decoded(text, _Bundle, name=name, where=where).entry, 1):
        yield f"{where}, entry {place}".removeprefix(", "), bytes(entry.resource)


def _kind(text: bytes, *, name: str, where: str) -> str:
    if not text.lstrip().startswith(b"{"):
        return "" if where else _kind_of_value(text, name)
    return _decoded(text, _Kind, name=name, where=where).resourceType


def _kind_of_value(text: bytes, name: str) -> str:
    _decoded(text, msgspec.Raw, name=name, where="")
    return ""


def _patient(raw: bytes, *, name: str, where: str) -> _Patient | None:
    return _decoded(raw, _Patient, name=name, where=where) if _kind(raw, name=name, where=where) == "Patient" else None


def _decoded(text: bytes, kind: type[Decoded], *, name: str, where: str) -> Decoded:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        place = _element(error)
        raise InputFileError(
            f"{name}: {where or 'the file'} is not what FHIR R4 says{place}",
            hint="Export the patients again as FHIR R4, or as CSV.",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFileError(
            f"{name}: {where or _line(text, error)} cannot be read as JSON",
            hint="The file may be cut short or edited by hand: export it again.",
        ) from error


def _element(error: msgspec.ValidationError) -> str:
    """Which element is wrong, by its path: never by its value."""
    found = re.search(r"at `\$\.?([\w.\[\]]*)`", str(error))
    return f" (element {found[1]})" if found and found[1] else ""


def _line(text: bytes, error: Exception) -> str:
    found = re.search(r"\(byte (\d+)\)", str(error))
    at = int(found[1]) if found else len(text)
    lines_before = text.count(b"\n", 0, at)
    return f"line {lines_before + 1}"


def _cells(patient: _Patient, *, unnumbered: str) -> _Read:
    """A patient's cells; *unnumbered* stands for a number where the system gave none."""
    main, *others = _names(patient) or [_Name()]
    first, *middle = _filled(main.given) or [""]
    address = min(patient.address, key=lambda address: address.rank, default=_Address())
    lines = _filled(address.line)
    if address.rank[0]:
        address, lines = _Address(), []
    number = _number(patient)
    one_each = (
        number, patient.id or ("" if number else unnumbered), first, " ".join(middle), main.family,
        " ".join(_filled(main.suffix)),
        "" if first or main.family else main.text, patient.birthDate, _ssn(patient),
        "".join(lines[:1]), " ".join(lines[1:]), address.postalCode,
    )  # fmt: skip
    aliases = _other_firsts(first, others), _other_lasts(main.family or "", others)
    several = (*aliases, _phones(patient), _hold(patient))
    return _Read(tuple(_plain(cell) for cell in one_each), several)


def _names(patient: _Patient) -> list[_Name]:
    return sorted((name for name in patient.name if name.use != _NAMELESS), key=lambda name: name.rank)


def _other_firsts(main: str, others: Sequence[_Name]) -> tuple[str, ...]:
    """The first given name of each other name, and a nickname's text."""
    typed = (_filled(name.given)[:1] or ([_plain(name.text)] if name.use == "nickname" else []) for name in others)
    return _apart_from(main, (word for words in typed for word in words))


def _other_lasts(main: str, others: Sequence[_Name]) -> tuple[str, ...]:
    return _apart_from(main, (_plain(name.family) for name in others))


def _apart_from(main: str, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word and word.lower() != main.lower()))


def _number(patient: _Patient) -> str:
    """The medical record number, where one is marked as such (HL7 table 0203, MR)."""
    return _value(found for found in patient.identifier if found.has_code("MR"))


def _ssn(patient: _Patient) -> str:
    return _value(found for found in patient.identifier if found.is_ssn)


def _value(identifiers: Iterable[_Identifier]) -> str:
    return next((_plain(found.value) for found in identifiers if found.use != "old"), "")


def _phones(patient: _Patient) -> tuple[str, ...]:
    spoken = (t for t in patient.telecom if t.system in {"phone", "sms"} and t.use not in {"old", "work"})
    return tuple(dict.fromkeys(number for t in spoken if (number := _plain(t.value))))


def _hold(patient: _Patient) -> tuple[str, ...]:
    labels = patient.meta.security if patient.meta is not None else []
    return ("yes",) if any(label.code in _RESTRICTED for label in labels) else ()


def _filled(words: Sequence[str | None]) -> list[str]:
    return [text for word in words if (text := _plain(word))]


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _rows(found: Sequence[_Read]) -> list[list[str]]:
    if not found:
        return []
    widths = [max(len(read.several[group]) for read in found) for group in range(len(_SEVERAL))]
    header = [*_ONE_EACH, *(_SEVERAL[group] for group, width in enumerate(widths) for _ in range(width))]
    return [header, *(_row(read, widths) for read in found)]


def _row(read: _Read, widths: Sequence[int]) -> list[str]:
    wide = (zip_longest(cells, range(width), fillvalue="") for cells, width in zip(read.several, widths, strict=True))
    return [*read.one_each, *(cell for group in wide for cell, _ in group)]
