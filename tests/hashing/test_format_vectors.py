"""The published vectors hold: for this Headcount, and for one written from the documents alone."""

import base64
import hmac
import json
from pathlib import Path

import pytest
from format_vectors import made_vectors
from test_bloom import oracle
from test_linkage_secret import hkdf

from hashing.profile import load_profile

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "docs/formats/vectors/bloom-1.json").read_text("utf-8"))
SECRET = bytes.fromhex(VECTORS["secret"])
DIGEST, EPOCH, AGENCY = VECTORS["profile_digest"], VECTORS["epoch"], VECTORS["agency"]
PROFILE = load_profile(VECTORS["profile"])


def key(purpose: str, digest: str, name: str = "") -> bytes:
    """A key as docs/formats/encoded-file.md tells it."""
    info = f"headcount/v1|{purpose}|{EPOCH}|{digest}|{name}".encode()
    return hkdf(SECRET, salt=b"headcount/1", info=info, length=32)


def pseudonym(purpose: str, value: str) -> str:
    """A pseudonym as docs/formats/encoded-file.md tells it."""
    octets = hmac.digest(key(purpose, "", AGENCY), value.encode(), "sha256")[:10]
    return base64.b32encode(octets).decode().lower()


def test_this_headcount_gives_the_published_vectors():
    made = made_vectors()
    assert made.keys() == VECTORS.keys()
    for part, value in made.items():
        assert value == VECTORS[part], part


def test_the_keys_follow_from_the_secret_by_the_documents():
    for label, published in VECTORS["keys"].items():
        purpose, _, name = label.partition("|")
        digest = "" if purpose in {"row", "household"} else DIGEST
        assert key(purpose, digest, name).hex() == published


def test_the_check_value_follows_by_the_documents():
    message = f"{EPOCH}|{DIGEST}|{VECTORS['encoder']}".encode()
    assert hmac.digest(key("kcv", DIGEST), message, "sha256")[:16].hex() == VECTORS["key_check_value"]


@pytest.mark.parametrize("given", VECTORS["positions"], ids=lambda given: given["token"])
def test_positions_follow_by_the_documents(given):
    code = next(code for code in PROFILE.codes if code.name == given["code"])
    digest = hmac.digest(key("code", DIGEST, code.name), given["token"].encode(), "sha512")
    words = [int.from_bytes(digest[2 * n : 2 * n + 2], "big") % code.bits for n in range(code.hashes)]
    assert words == given["positions"]


@pytest.mark.parametrize("client", VECTORS["clients"], ids=lambda client: client["normalised"]["client_id"])
def test_codes_blocks_and_pseudonyms_follow_from_the_tokens_by_the_documents(client):
    for code in PROFILE.codes:
        tokens = [token for group in code.groups for token in client["tokens"][group]]
        whole = all(client["tokens"][group] for group in code.needs)
        octets = oracle(tokens, key=key("code", DIGEST, code.name), bits=code.bits, hashes=code.hashes)
        assert client["codes"][code.name] == (base64.b64encode(octets).decode() if whole else None)
    digests = [hmac.digest(key("blocking", DIGEST), value.encode(), "sha256") for value in client["blocking_keys"]]
    assert client["blocks"] == sorted(base64.urlsafe_b64encode(digest[:12]).decode() for digest in digests)
    assert client["row"] == pseudonym("row", client["normalised"]["client_id"])
    household = client["normalised"]["household"]
    assert client["household"] == (pseudonym("household", household) if household else None)


def test_the_vectors_show_codes_that_are_whole_and_codes_that_are_null():
    for code in PROFILE.codes:
        found = {client["codes"][code.name] is None for client in VECTORS["clients"]}
        assert found == {True, False}
