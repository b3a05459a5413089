"""Makes small encoded files, model cards and run folders, without any client list behind them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from hashing.schema import FORMAT, AgencyKind, EncodedRow, Header, ServiceArea, ServiceMonth
from linkage.model_card import Comparison, Feature, ModelCard, Thresholds
from linkage.store import RunFiles, write_run

BITS = 64
CODES = ("birth", "name")
PROFILE_DIGEST = "ab" * 32
LIMITS = Thresholds(counts=0.5, care=0.95, strict=0.9, loose=0.2)


def pseudonym(name: str) -> str:
    """A row's or household's pseudonym: the same for the same name."""
    return base64.b32encode(hashlib.sha256(name.encode()).digest()[:10]).decode().lower()


def token(name: str) -> str:
    """A blocking token: the same for the same name."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:8]).rstrip(b"=").decode()


def code(*ones: int, bits: int = BITS) -> str:
    """A code with these bits set, counted from the left."""
    flags = np.zeros(bits, dtype=np.uint8)
    flags[list(ones)] = 1
    return base64.b64encode(np.packbits(flags).tobytes()).decode()


def codes(person: int) -> dict[str, str | None]:
    """Codes of one made-up person, unlike anybody else's below 30."""
    return {name: code(2 * person, 2 * person + 1) for name in CODES}


def header(agency: str = "food_bank", **changes: Any) -> Header:
    """The header of an encoded file of the made-up profile."""
    usual: dict[str, Any] = {
        "format": FORMAT,
        "agency": agency,
        "kind": AgencyKind.NONPROFIT,
        "profile": "made-up",
        "profile_digest": PROFILE_DIGEST,
        "encoder": "made-up/1",
        "epoch": 1,
        "key_check_value": "cd" * 16,
        "canaries": "ef" * 32,
        "codes": dict.fromkeys(CODES, BITS),
        "rows": 1,
        "unmatchable": 0,
    }
    return Header(**usual | changes)


def row(name: str, person: int = 0, **changes: Any) -> EncodedRow:
    """A client of one made-up person, who shares a blocking token with that person's other rows."""
    usual: dict[str, Any] = {"row": pseudonym(name), "codes": codes(person), "blocks": (token(f"person {person}"),)}
    return EncodedRow(**usual | changes)


def received(area: ServiceArea, month: str, units: int = 1) -> ServiceMonth:
    """Units of a service in a month."""
    return ServiceMonth(area, month, units)


def write_file(folder: Path, head: Header, rows: Sequence[EncodedRow]) -> Path:
    """Write an encoded file; the header's number of rows is set right."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{head.agency}.codes.jsonl"
    head = msgspec.structs.replace(head, rows=len(rows))
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in (head, *rows)))
    return path


def feature(name: str, cuts: Sequence[float] = (0.5, 0.9), **changes: Any) -> Feature:
    """The Dice coefficient of the code of that name."""
    usual: dict[str, Any] = {"name": name, "kind": "dice", "cuts": tuple(cuts), "code": name}
    return Feature(**usual | changes)


def card(
    features: Iterable[Feature] | None = None, comparisons: Iterable[Comparison] | None = None, **changes: Any
) -> ModelCard:
    """A model card for the made-up profile: codes that agree say yes, codes that differ say no."""
    agreeing = tuple(Comparison((name,), (0.0, -4.0, 0.5, 5.0)) for name in CODES)
    usual: dict[str, Any] = {
        "format": "headcount-model/2",
        "profile": "made-up",
        "profile_digest": PROFILE_DIGEST,
        "prior": -1.0,
        "features": tuple(map(feature, CODES)) if features is None else tuple(features),
        "comparisons": agreeing if comparisons is None else tuple(comparisons),
        "unlinked": -2.0,
        "thresholds": LIMITS,
        "trained_on": "nothing",
        "figures": {},
    }
    return ModelCard(**usual | changes)


def write_card(path: Path, model: ModelCard) -> Path:
    """Write a model card."""
    path.write_bytes(msgspec.json.encode(model))
    return path


@dataclass(frozen=True)
class Line:
    """A record of a made-up run: whose it is, and the person it was put to under each threshold."""

    agency: str
    client: str
    person: int
    loose: int = -1
    strict: int = -1
    care: int = -1
    household: str | None = None
    missing: int = 0
    services: tuple[tuple[str, str], ...] = ()  # area, month

    @property
    def row(self) -> str:
        """The row pseudonym."""
        return pseudonym(f"{self.agency} {self.client}")


@dataclass(frozen=True)
class Pair:
    """A scored pair of a made-up run, by the places of its records."""

    left: int
    right: int
    probability: float = 0.99


@dataclass(frozen=True)
class MadeRun:
    """What to write into a made-up run folder."""

    lines: Sequence[Line]
    pairs: Sequence[Pair] = ()
    care: float = 0.95
    unmatchable: int | None = 0

    def write(self, out: Path) -> Path:
        """Write the run folder as a linkage would."""
        tables = (self._people(), self._pairs(), self._records(), self._services())
        history = pa.table({name: pa.array([], pa.string()) for name in ("change", "earlier", "now")})
        write_run(out, RunFiles(*tables, history, self._report()))
        return out

    def _people(self) -> pa.Table:
        return pa.table(
            {
                "agency": [line.agency for line in self.lines],
                "row": [line.row for line in self.lines],
                "person": [pseudonym(f"person {line.person}") for line in self.lines],
            }
        )

    def _pairs(self) -> pa.Table:
        ends = [(self.lines[pair.left], self.lines[pair.right]) for pair in self.pairs]
        texts = {
            "agency_l": [left.agency for left, _ in ends],
            "row_l": [left.row for left, _ in ends],
            "agency_r": [right.agency for _, right in ends],
            "row_r": [right.row for _, right in ends],
        }
        columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
        return pa.table(columns | {"probability": pa.array([pair.probability for pair in self.pairs], pa.float64())})

    def _records(self) -> pa.Table:
        return pa.table(
            {
                "agency": [line.agency for line in self.lines],
                "row": [line.row for line in self.lines],
                "household": pa.array([line.household for line in self.lines], pa.string()),
                "person": [line.person for line in self.lines],
                "strict": [line.person if line.strict < 0 else line.strict for line in self.lines],
                "loose": [line.person if line.loose < 0 else line.loose for line in self.lines],
                "care": [line.person if line.care < 0 else line.care for line in self.lines],
                "missing": [line.missing for line in self.lines],
            }
        )

    def _services(self) -> pa.Table:
        lines = [(line.agency, line.row, area, month) for line in self.lines for area, month in line.services]
        columns = [list(column) for column in zip(*lines, strict=True)] if lines else [[]] * 4
        table = {
            name: pa.array(column, pa.string())
            for name, column in zip(("agency", "row", "area", "month"), columns, strict=True)
        }
        return pa.table(table | {"units": pa.array([1] * len(lines), pa.int64())})

    def _report(self) -> dict[str, Any]:
        agencies = sorted({line.agency for line in self.lines})
        return {
            "agencies": [{"agency": agency, "data_through": None} for agency in agencies],
            "people": {"unmatchable": self.unmatchable},
            "model": {"thresholds": {"counts": 0.5, "care": self.care, "strict": 0.9, "loose": 0.2}},
            "profile": {"name": "made-up"},
        }
