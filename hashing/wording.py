"""What the commands say of a client list and of an encoded file. Pure: values in, lines of text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import itemgetter

from hashing.clients import Client
from hashing.columns import Table, TableKind
from hashing.command_words import as_typed
from hashing.counted import counted
from hashing.export import AgencyExport
from hashing.fields import Field
from hashing.hmis_columns import looked_at
from hashing.other_people import unused_columns
from hashing.schema import EncodedFile, ServiceArea, ServiceMonth

SAMPLES = 3
LONGEST_HEADER = 28
_UNUSED = frozenset({Field.NAME_QUALITY, Field.SSN_QUALITY, Field.BIRTH_DATE_QUALITY, Field.DELETED})


def describe_export(export: AgencyExport) -> Iterator[str]:
    """What is in a client list, what will encode and what will not. Sample values are for this screen only."""
    for table in export.tables:
        if table.kind is not TableKind.OTHER:
            yield from _describe_table(table)
        elif columns := looked_at(table.sheet):
            yield f"{table.sheet.name}: looked at, for {', '.join(columns)}"
        else:
            yield f"{table.sheet.name}: not used"
    yield ""
    clients = export.clients
    yield f"{counted(len(clients), 'client')}, {sum(c.is_matchable for c in clients):,} of them can be encoded."
    yield from _describe_values(clients)
    yield from (f"  note: {as_typed(note)}." for note in export.notes)
    yield "Nothing was changed or sent; the sample values above are shown on this screen only."


def _describe_table(table: Table) -> Iterator[str]:
    yield f"{table.sheet.name}: {table.kind}, {counted(sum(1 for _ in table.lines()), 'row')}"
    for field in table.columns:
        if field not in _UNUSED:
            samples = " | ".join(_samples(table, field)) or "(empty)"
            yield f"  {_shortened(' + '.join(table.headers_of(field))):<28} {field:<28} e.g. {samples}"
    if table.months.places:
        ends = [end(table.months.places, key=itemgetter(1)) for end in (min, max)]
        headers = [table.sheet.rows[table.header][place] for place, _ in ends]
        unit = "month" if len({month for _, month in table.months.places}) == len(table.months.places) else "day"
        span = f"services from {ends[0][1]} to {ends[1][1]}, a column a {unit}"
        yield f"  {_shortened(' to '.join(dict.fromkeys(headers))):<28} {span}"
    read = {header for field in table.columns for header in table.headers_of(field)}
    also = [header for header in looked_at(table.sheet) if header not in read]
    if also:
        yield f"  looked at: {', '.join(also)}"
    if unused := [label for label in unused_columns(table).values() if label not in also]:
        yield f"  not used: {', '.join(map(_shortened, unused))}"


def _shortened(header: str) -> str:
    return header if len(header) <= LONGEST_HEADER else header[: LONGEST_HEADER - 1] + "…"


def _samples(table: Table, field: Field) -> list[str]:
    found: list[str] = []
    for _, cells in table.lines():
        value = table.value(cells, field)
        if value and value not in found:
            found.append(value)
        if len(found) == SAMPLES:
            break
    return found


def _describe_values(clients: tuple[Client, ...]) -> Iterator[str]:
    filled, areas, kinds = Counter[str](), Counter[ServiceArea](), Counter[str]()
    for client in clients:
        filled["a whole name"] += bool(client.first and client.last)
        filled["a birth date"] += client.birth is not None
        filled["a social security number or its last four"] += bool(client.ssn4)
        filled["a phone number"] += bool(client.phones)
        filled["a home address"] += bool(client.address.building)
        filled["services"] += bool(client.services)
        filled["a valid consent to care coordination"] += client.consent is not None
        areas.update({service.area for service in client.services})
        kinds.update(_kinds(client.services))
    for what, count in filled.items():
        yield f"  {count:>7,} {'has' if count == 1 else 'have'} {what} ({count / max(1, len(clients)):.0%})"
        if what == "services" and areas:
            yield f"          {_listed(Counter({area.replace('_', ' '): n for area, n in areas.items()}))}"
            yield f"          told as {_listed(kinds)}"


def _kinds(services: Iterable[ServiceMonth]) -> Iterator[str]:
    """What leaves of services: a type, and what its units count."""
    kinds = {(service.type, service.unit) for service in services}
    return (f"{kind.replace('_', ' ')} (in {unit})" for kind, unit in kinds)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times:,}" for name, times in sorted(counts.items()))


def describe_encoded(file: EncodedFile) -> Iterator[str]:
    """What the service would see of an encoded file, in words."""
    header, rows = file.header, file.rows
    yield f"{file.path.name}: what the linkage service would see"
    yield f"  from {header.agency} ({header.kind}), {counted(header.rows, 'client')}, {_period(file)}"
    yield f"  profile {header.profile} ({header.profile_digest[:12]}...), {header.encoder}, epoch {header.epoch}"
    yield f"  key check value {header.key_check_value}: tells that the secret is the right one, not the secret"
    lacking = counted(
        header.unmatchable, "client with too little information was", "clients with too little information were"
    )
    yield f"  {lacking} left out; only their number is told"
    yield "Of each client, under a pseudonym:"
    for name, bits in header.codes.items():
        yield f"  {name:<16} {bits} bits, in {_rows(row.codes[name] is not None for row in rows)}"
    tokens = [len(row.blocks) for row in rows]
    yield f"  {'blocking tokens':<16} {min(tokens)} to {max(tokens)} keyed tokens a client"
    yield f"  {'age':<16} a band of years such as 25_34, in {_rows(bool(row.age) for row in rows)}"
    yield f"  {'household':<16} a keyed pseudonym, in {_rows(row.household is not None for row in rows)}"
    yield f"  {'services':<16} area, type, month and number, in {_rows(bool(row.services) for row in rows)}"
    for kind, times in sorted(Counter(kind for row in rows for kind in _kinds(row.services)).items()):
        yield f"  {'':<16} {kind}, in {counted(times, 'row')}"
    yield f"  {'consent':<16} expiry and named agencies, in {_rows(row.consent is not None for row in rows)}"
    example = rows[0]
    shown = next((code for code in example.codes.values() if code), "")
    yield "The first row, as it is sent:"
    yield f"  row {example.row}, code {shown[:44]}..., token {(*example.blocks, 'none')[0]}"
    yield "There is no name, birth date, client number, address or name of a service in the file; open it and look."


def _rows(have: Iterable[bool]) -> str:
    return counted(sum(have), "row")


def _period(file: EncodedFile) -> str:
    period = file.header.period
    return f"services from {period.first} to {period.last}" if period else "no services"
