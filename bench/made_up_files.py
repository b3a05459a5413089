"""Encoded files of any size whose codes are dice: the service takes them for real ones, and no two rows are alike."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hashing.client import EpochTerms
from hashing.profile import load_profile
from hashing.schema import FORMAT

PROFILE = load_profile("bloom")
TERMS = EpochTerms(1, PROFILE.name, PROFILE.digest, "cd" * 16, "ef" * 32)
BITS = {code.name: 1024 for code in PROFILE.codes}
GIVEN = ("name", "given_birth", "family_birth")  # of a client without telephone, address and number
BLOCKS, BLOCK_BYTES, CODE_BYTES, ROW_BYTES = 6, 8, 128, 10
SERVICES = [{"area": "food", "month": "2026-02", "units": 1}]


def write_file(path: Path, agency: str, rows: int, *, seed: int) -> None:
    """An encoded file of *agency* with so many rows; another *seed*, other rows."""
    header = {
        "format": FORMAT,
        "agency": agency,
        "kind": "nonprofit",
        "profile": TERMS.profile,
        "profile_digest": TERMS.profile_digest,
        "encoder": PROFILE.encoder,
        "epoch": TERMS.epoch,
        "key_check_value": TERMS.key_check_value,
        "canaries": TERMS.canaries,
        "codes": BITS,
        "rows": rows,
        "unmatchable": 0,
        "period": {"first": "2026-02", "last": "2026-02"},
    }
    with path.open("wb") as file:
        file.writelines(json.dumps(line).encode() + b"\n" for line in (header, *_rows(rows, seed)))


def _rows(rows: int, seed: int) -> Iterator[dict[str, object]]:
    dice = np.random.default_rng(seed)
    for _ in range(rows):
        codes = {name: base64.b64encode(dice.bytes(CODE_BYTES)).decode() if name in GIVEN else None for name in BITS}
        blocks = [_block(dice.bytes(BLOCK_BYTES)) for _ in range(BLOCKS)]
        token = base64.b32encode(dice.bytes(ROW_BYTES)).decode().lower()
        yield {"row": token, "codes": codes, "blocks": blocks, "services": SERVICES}


def _block(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
