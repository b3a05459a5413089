"""Makes the published vectors of both encoders: ``make vectors``, or ``python tests/hashing/format_vectors.py FOLDER``.

All people are invented, and the secret is one that nobody may use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from hashing import bloom
from hashing.blocking_keys import blocking_keys
from hashing.client import epoch_terms
from hashing.clients import Client
from hashing.columns import understand
from hashing.encode import Encoder
from hashing.importers.sheets import Sheet
from hashing.keys import LinkageSecret
from hashing.profile import BUILT_IN, BloomProfile, Profile, load_profile
from hashing.rows import ClientReader
from hashing.tokens import GROUPS

SECRET = LinkageSecret(1, bytes(range(32)))
AGENCY = "food_bank"
AS_OF = date(2026, 1, 1)
HEADERS = (
    "Client ID|First Name|Middle Name|Last Name|Suffix|Nickname|Date of Birth|SSN|Phone|Address|Unit|ZIP|Household ID"
)
TYPED = (
    "C-1|Zoë|Q|Núñez-García||Zo|03/27/1984|512-34-5678|(360) 555-0101|12 N Imaginary Road|Apt 4|98382-1234|H-1",
    "C-2|Bob||O'Fiction|Jr.||2/29/72|xxx-xx-4321||PO Box 31||98382|",
    "C-3|María de la Luz|||||1991|||transient||98382|H-1",
    "C-4|Kwame||Imani-Example|||01-JAN-2001|000-12-3456|555-0199|302 Legend Ter #D||08382|",
    "C-5|Oksana||Vymyshlena|||||360.555.0109||||H-2",
)
TOKENS_OF_INTEREST = ("n:_a", "d:w19840327", "r:zoe", "a:b12 imaginary", "x:jr")


def made_vectors(profile: Profile) -> dict[str, Any]:
    """Everything that the format's documents promise of a profile's codes, worked out for five people."""
    terms = epoch_terms(SECRET, profile)
    vectors = {
        "format": "headcount-vectors/1",
        "note": "Invented people; a secret that nobody may use.",
        "secret": bytes(range(32)).hex(),
        "epoch": terms.epoch,
        "agency": AGENCY,
        "profile": terms.profile,
        "profile_digest": terms.profile_digest,
        "encoder": profile.encoder,
        "key_check_value": terms.key_check_value,
        "canaries": terms.canaries,
        "keys": _keys(profile),
    }
    if isinstance(profile, BloomProfile):
        vectors["positions"] = [_positions(token, profile) for token in TOKENS_OF_INTEREST]
    return vectors | {
        "headers": HEADERS.split("|"),
        "as_of": AS_OF.isoformat(),
        "clients": [_client(cells, client, profile) for cells, client in zip(TYPED, _clients(), strict=True)],
    }


def vector_files() -> Iterator[tuple[str, str]]:
    """Name and content of each published file: one for every built-in profile, named after its encoder."""
    for profile in map(load_profile, BUILT_IN):
        text = json.dumps(made_vectors(profile), ensure_ascii=False, indent=1)
        yield f"{profile.encoder.replace('/', '-')}.json", text + "\n"


def _clients() -> list[Client]:
    table = understand(Sheet("vectors", [line.split("|") for line in (HEADERS, *TYPED)]))
    assert table is not None
    reader = ClientReader(table, today=AS_OF)
    return [client for line, cells in table.lines() if (client := reader.read(line, cells))]


def _keys(profile: Profile) -> dict[str, str]:
    names = [("code", profile.digest, code.name) for code in profile.codes]
    names += [(purpose, profile.digest, "") for purpose in ("blocking", "kcv")]
    names += [(purpose, "", AGENCY) for purpose in ("row", "household")]
    if not isinstance(profile, BloomProfile):
        names.append(("padding", profile.digest, AGENCY))
    return {
        f"{purpose}|{name}".rstrip("|"): SECRET.derive(purpose, profile_digest=digest, name=name).hex()
        for purpose, digest, name in names
    }


def _positions(token: str, profile: BloomProfile) -> dict[str, Any]:
    code = profile.codes[0]
    key = SECRET.derive("code", profile_digest=profile.digest, name=code.name)
    places = bloom.positions(token, key=key, bits=code.bits, hashes=code.hashes).tolist()
    return {"code": code.name, "token": token, "positions": places}


def _client(typed: str, client: Client, profile: Profile) -> dict[str, Any]:
    (row,) = Encoder(SECRET, profile, AGENCY).encode([client])
    return {
        "typed": typed.split("|"),
        "normalised": _normalised(client),
        "tokens": {group: tokens(client) for group, tokens in GROUPS.items()},
        "blocking_keys": blocking_keys(client, loose=profile.loose_blocking),
        "row": row.row,
        "household": row.household,
        "codes": row.codes,
        "blocks": list(row.blocks),
    }


def _normalised(client: Client) -> dict[str, Any]:
    kept = {k: v for k, v in asdict(client).items() if k not in {"line", "services", "consent"}}
    return json.loads(json.dumps(kept, default=msgspec.structs.asdict))


if __name__ == "__main__":
    for name, content in vector_files():
        (Path(sys.argv[1]) / name).write_text(content, encoding="utf-8")
