"""Encoded files of several agencies -> one table of records, in an order that does not depend on the files' order."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hashing.schema import AgencyKind, EncodedFile, EncodedRow, Header, read_encoded
from linkage.errors import CannotLink


@dataclass(frozen=True, slots=True)
class Records:
    """All rows of all agencies; a record's number is its place in ``rows``."""

    headers: tuple[Header, ...]
    rows: tuple[tuple[str, EncodedRow], ...]  # (agency, row), sorted

    @property
    def codes(self) -> dict[str, int]:
        """Code name -> bits."""
        return self.headers[0].codes

    def code_table(self) -> pa.Table:
        """Columns ``unique_id`` (int64) and a binary column for each code, null where the code is missing."""
        columns = {"unique_id": pa.array(range(len(self.rows)), pa.int64())}
        for name in self.codes:
            columns[name] = pa.array([_bits(row.codes[name]) for _, row in self.rows], pa.binary())
        return pa.table(columns)

    def token_table(self) -> pa.Table:
        """Columns ``unique_id`` and ``token``: one line for each blocking token of each record, repeats left out."""
        sets = [dict.fromkeys(row.blocks) for _, row in self.rows]
        owners = [number for number, tokens in enumerate(sets) for _ in tokens]
        tokens = [token for tokens in sets for token in tokens]
        return pa.table({"unique_id": pa.array(owners, pa.int64()), "token": pa.array(tokens, pa.string())})


def _bits(code: str | None) -> bytes | None:
    """A code without a single bit is as good as none: two of them would divide nothing by nothing."""
    if code is None:
        return None
    content = base64.b64decode(code)
    return content if any(content) else None


def load_records(files: Sequence[Path]) -> Records:
    """Read and check encoded files together.

    Raises:
        EncodedFileError: a file cannot be opened, or is damaged.
        CannotLink: the files were made with different secrets, profiles or epochs, or an agency comes twice.
    """
    if not files:
        raise CannotLink("no encoded files were given", hint="Name the .codes.jsonl files of the agencies.")
    encoded = [read_encoded(path) for path in files]
    check_can_link([file.header for file in encoded], [file.path.name for file in encoded])
    return Records(tuple(sorted((f.header for f in encoded), key=lambda h: h.agency)), _sorted_rows(encoded))


def _sorted_rows(encoded: Sequence[EncodedFile]) -> tuple[tuple[str, EncodedRow], ...]:
    rows = [(file.header.agency, row) for file in encoded for row in file.rows]
    return tuple(sorted(rows, key=lambda item: (item[0], item[1].row)))


def check_can_link(headers: Sequence[Header], names: Sequence[str]) -> None:
    """Whether files belong together.

    Raises:
        CannotLink: another secret, profile, epoch or normalisation, or an agency twice.
    """
    first = headers[0]
    for header, name in zip(headers, names, strict=True):
        _check_may_send(header, name)
        for what, ours, theirs in _must_agree(first, header):
            if ours != theirs:
                raise CannotLink(
                    f"{name} was encoded with another {what} than {names[0]}",
                    hint="All agencies must use the same secret file, profile and version of Headcount.",
                )
    agencies = [header.agency for header in headers]
    twice = sorted({agency for agency in agencies if agencies.count(agency) > 1})
    if twice:
        raise CannotLink(f"two files come from {twice[0]}", hint="Give one file an agency: the newest.")


def _check_may_send(header: Header, name: str) -> None:
    if header.kind is AgencyKind.VICTIM_SERVICE_PROVIDER:
        raise CannotLink(
            f"{name} comes from a victim service provider, which by law sends totals only (34 USC 12291(b)(2))",
            hint="Leave the file out, and delete it.",
        )


def _must_agree(first: Header, other: Header) -> list[tuple[str, object, object]]:
    return [
        ("profile", first.profile_digest, other.profile_digest),
        ("epoch", first.epoch, other.epoch),
        ("secret", first.key_check_value, other.key_check_value),
        ("version of Headcount", first.canaries, other.canaries),
        ("code list", first.codes, other.codes),
    ]
