"""The types that both sides share: what an encoded file says, and nothing about how it was made.

This is the one module of ``hashing`` that the service may import; its words stand in ``hashing.kinds``. Neither holds
code that sees a name or the secret. The file format is described in docs/formats/encoded-file.md.

Errors::

    HeadcountError            what went wrong, and what to do next; never a client's value
    └── EncodedFileError      an encoded file is not what it should be
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from hashing.kinds import AgeBand as AgeBand
from hashing.kinds import ServiceArea as ServiceArea
from hashing.kinds import ServiceType as ServiceType
from hashing.kinds import ServiceUnit as ServiceUnit

FORMAT = "headcount-codes/2"
MAX_LINE_BYTES = 256 * 1024  # the largest row: 32 codes of 8,192 bits, 2,000 service months, 200 recipients
MOST_TOKENS = 128  # blocking tokens of a row
MOST_SERVICES = 2_000  # service months of a row

# \Z and not $, which lets a line break follow.
AgencyId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\Z")]
Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
CheckValue = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Pseudonym = Annotated[str, msgspec.Meta(pattern=r"^[a-z2-7]{16}\Z")]
BlockingToken = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{11}\Z")]


class HeadcountError(Exception):
    """Something a person can mend: *what* happened, and a *hint* of what to do next."""

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., HeadcountError], tuple[str, str]]:
        """An error of one process can be told by another."""
        return partial(_raised_again, type(self)), (self.what, self.hint)


def _raised_again(kind: type[HeadcountError], what: str, hint: str) -> HeadcountError:
    return kind(what, hint=hint)


class EncodedFileError(HeadcountError):
    """An encoded file is damaged, cut short, or of another kind."""


class AgencyKind(StrEnum):
    """What the law makes of an agency; decides what it may send and see."""

    NONPROFIT = "nonprofit"
    HEALTH = "health"
    PART2 = "part2"  # 42 CFR Part 2: substance use treatment
    VICTIM_SERVICE_PROVIDER = "victim-service-provider"
    GOVERNMENT = "government"


class ServiceMonth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Units of one kind of service that a client received in one month."""

    area: ServiceArea
    month: Month
    units: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    type: ServiceType = ServiceType.OTHER
    unit: ServiceUnit = ServiceUnit.ENCOUNTERS


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A client's consent to care coordination, as held on paper by the agency that sent the row.

    *recipients* are the agencies named when the client signed: a partner that joins later is not among
    them (42 CFR 2.31(a)(4)(ii)). *expires* is the last day on which the consent holds.
    """

    expires: date
    recipients: Annotated[tuple[AgencyId, ...], msgspec.Meta(min_length=1, max_length=200)]


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First and last month with a service in the file."""

    first: Month
    last: Month


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of an encoded file."""

    format: str
    agency: AgencyId
    kind: AgencyKind
    profile: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    profile_digest: Digest
    encoder: str
    epoch: Annotated[int, msgspec.Meta(ge=1)]
    key_check_value: CheckValue
    canaries: Digest
    codes: dict[str, Annotated[int, msgspec.Meta(ge=64, le=8192)]]  # code name -> bits
    rows: Annotated[int, msgspec.Meta(ge=1, le=50_000_000)]
    unmatchable: Annotated[int, msgspec.Meta(ge=0)]  # clients left out: too little information to match
    period: Period | None = None


class EncodedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One client: codes, blocking tokens and services under a pseudonym; nothing else may leave."""

    row: Pseudonym
    codes: dict[str, str | None]  # base64 of bits/8 bytes; None where an identifier is missing
    blocks: Annotated[tuple[BlockingToken, ...], msgspec.Meta(max_length=MOST_TOKENS)]
    age: AgeBand | msgspec.UnsetType = msgspec.UNSET
    household: Pseudonym | None = None
    services: Annotated[tuple[ServiceMonth, ...], msgspec.Meta(max_length=MOST_SERVICES)] = ()
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A strictly parsed encoded file; its rows are already checked against the header."""

    path: Path
    header: Header
    rows: tuple[EncodedRow, ...]


_HEADER = msgspec.json.Decoder(Header)
_ROW = msgspec.json.Decoder(EncodedRow)
_NOT_ONE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what a decoder says of what it cannot take
_RETRY = "Encode the client list again and send the new file."


def parse_header(line: bytes, *, source: str) -> Header:
    """Parse the first line.

    Raises:
        EncodedFileError: not an encoded file, or of a format version that this Headcount does not know.
    """
    try:
        header = _HEADER.decode(line)
    except _NOT_ONE as error:
        raise EncodedFileError(f"{source}: this is not a file of encodings", hint=_RETRY) from error
    if header.format != FORMAT:
        raise EncodedFileError(f"{source}: format {header.format!r} is not {FORMAT!r}", hint=_RETRY)
    return header


def parse_row(line: bytes, header: Header, *, source: str, number: int) -> EncodedRow:
    """Parse one row and check its codes against the header's; *number* is the line in the file.

    Raises:
        EncodedFileError: the line is cut short, too long, or holds more or less than the format allows.
    """
    try:
        row = _ROW.decode(line)
    except _NOT_ONE as error:
        raise EncodedFileError(f"{source}: line {number} is damaged or cut short", hint=_RETRY) from error
    if row.codes.keys() != header.codes.keys():
        raise EncodedFileError(f"{source}: line {number} holds other codes than the header", hint=_RETRY)
    for name, bits in header.codes.items():
        _check_code(row.codes[name], bits, where=f"{source}: line {number}, code {name}")
    return row


def _check_code(code: str | None, bits: int, *, where: str) -> None:
    if code is not None and len(decode_code(code, where=where)) * 8 != bits:
        raise EncodedFileError(f"{where} is not {bits} bits long", hint=_RETRY)


def decode_code(code: str, *, where: str = "a row") -> bytes:
    """Base64 -> bytes, strictly.

    Raises:
        EncodedFileError: not base64.
    """
    try:
        return base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncodedFileError(f"{where} is not base64", hint=_RETRY) from error


def read_encoded(path: Path) -> EncodedFile:
    """Read and check a whole encoded file.

    Raises:
        EncodedFileError: missing, not an encoded file, damaged, cut short, or a row given twice.
    """
    try:
        with path.open("rb") as stream:
            lines = _lines(stream, source=path.name)
            header = parse_header(next(lines, b""), source=path.name)
            rows = tuple(parse_row(line, header, source=path.name, number=n) for n, line in enumerate(lines, 2))
    except OSError as error:
        raise EncodedFileError(
            f"{path.name}: the file cannot be opened ({error.strerror})", hint="Check the name and the folder."
        ) from error
    check_rows(rows, header, source=path.name)
    return EncodedFile(path, header, rows)


def check_rows(rows: tuple[EncodedRow, ...], header: Header, *, source: str) -> None:
    """Check the count and the pseudonyms of a file's rows.

    Raises:
        EncodedFileError: rows are missing, added, or given twice.
    """
    check_row_count(len(rows), header, source=source)
    check_are_distinct(len({row.row for row in rows}), header, source=source)


def check_row_count(found: int, header: Header, *, source: str) -> None:
    """Check the number of a file's rows.

    Raises:
        EncodedFileError: rows are missing or added.
    """
    if found != header.rows:
        raise EncodedFileError(
            f"{source}: the header promises {header.rows:,} rows, the file holds {found:,}: it was cut short",
            hint="Copy or send the whole file again.",
        )


def check_are_distinct(pseudonyms: int, header: Header, *, source: str) -> None:
    """Check the number of different pseudonyms of a file's rows.

    Raises:
        EncodedFileError: a row is given twice.
    """
    if pseudonyms != header.rows:
        raise EncodedFileError(f"{source}: two rows carry the same pseudonym", hint=_RETRY)


def _lines(stream: Iterator[bytes], *, source: str) -> Iterator[bytes]:
    for number, line in enumerate(stream, 1):
        check_line(line, source=source, number=number)
        yield line


def check_line(line: bytes, *, source: str, number: int) -> None:
    """Check the length and the end of a line.

    Raises:
        EncodedFileError: it is longer than any row can be, or cut short.
    """
    if len(line) > MAX_LINE_BYTES:
        raise EncodedFileError(f"{source}: line {number} is longer than any row can be", hint=_RETRY)
    if not line.endswith(b"\n"):
        raise EncodedFileError(f"{source}: line {number} is cut short", hint=_RETRY)


_AGENCY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def check_agency_id(agency: str) -> None:
    """Agency identifiers are short and lower case, so that they can be file names everywhere.

    Raises:
        HeadcountError: the identifier is not one.
    """
    if not _AGENCY.fullmatch(agency):
        raise HeadcountError(
            "the agency identifier may hold only lower-case letters, digits, '-' and '_'",
            hint="Use the identifier on your invite, such as food_bank.",
        )
