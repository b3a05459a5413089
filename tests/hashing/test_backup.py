"""Enough shares give the secret back, fewer or wrong ones give nothing, and it is told whose share is wrong."""

import base64
import hashlib
import itertools
import json
import pickle
import secrets
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st
from private_things import RAW, assert_hides, secret, shown
from test_linkage_secret import hkdf

from hashing.backup import combine, split
from hashing.errors import BackupUnavailable, ShareRefused
from hashing.keys import secret_content
from hashing.private import Hidden
from hashing.share_files import FORMAT, MAX_BYTES, Share, parse_share, read_share, share_content
from hashing.sharing import KEY_BYTES, MOST_SHARES, put_together, share_out

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "docs/formats/vectors/shares-1.json").read_text("utf-8"))
SIZES = [(needed, shares) for shares in range(2, 8) for needed in range(2, shares + 1)]
FIELD = (1 << 128) | 0b10000111


def made(needed: int = 3, shares: int = 5) -> dict[str, Share]:
    parts = split(secret(), shares=shares, needed=needed, random_bytes=secrets.token_bytes)
    return {f"{part.number}.json": part for part in parts}


def chosen(shares: dict[str, Share], *numbers: int) -> dict[str, Share]:
    return {f"{number}.json": shares[f"{number}.json"] for number in numbers}


def altered(share: Share) -> Share:
    other = bytes(byte ^ 1 for byte in share.share.reveal())
    return msgspec.structs.replace(share, share=Hidden(other))


def with_common(share: Share, **changes: object) -> Share:
    return msgspec.structs.replace(share, set=msgspec.structs.replace(share.set, **changes))


@pytest.mark.parametrize(("needed", "shares"), SIZES)
def test_every_choice_of_enough_shares_gives_the_secret_back(needed, shares):
    parts = made(needed, shares)
    for size in range(needed, shares + 1):
        for names in itertools.combinations(parts, size):
            assert combine({name: parts[name] for name in names}) == secret()


@pytest.mark.parametrize(("needed", "shares"), SIZES)
def test_no_choice_of_too_few_shares_gives_anything(needed, shares):
    parts = made(needed, shares)
    for size in range(1, needed):
        for names in itertools.combinations(parts, size):
            with pytest.raises(
                ShareRefused, match=f"^{needed} shares are needed, and {size} (was|were) given: {names[0]}"
            ):
                combine({name: parts[name] for name in names})
            key = put_together((parts[name].number, parts[name].share) for name in names)
            with pytest.raises(InvalidTag):
                opened_by_the_document(key.reveal(), parts[names[0]])


@given(
    key=st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES),
    numbers=st.permutations(range(1, 8)),
    needed=st.integers(2, 7),
)
@settings(max_examples=20, deadline=None)  # the oracle is slow
def test_a_key_shared_out_lies_on_the_polynomial_of_the_document(key, numbers, needed):
    parts = [part.reveal() for part in share_out(Hidden(key), shares=7, needed=needed)]
    points = [(number, parts[number - 1]) for number in numbers[:needed]]
    assert at_zero(points) == key


def test_two_splittings_of_one_secret_have_nothing_in_common():
    first, second = made(), made()
    seen = [value for parts in (first, second) for part in parts.values() for value in (part.share.reveal(),)]
    assert len(set(seen)) == 10
    assert first["1.json"].set.id != second["1.json"].set.id
    assert first["1.json"].set.sealed != second["1.json"].set.sealed


@pytest.mark.parametrize(
    ("needed", "shares", "what"),
    [
        (1, 5, "at least 2 shares must be needed"),
        (0, 5, "at least 2 shares must be needed"),
        (4, 3, "4 of 3 shares cannot be had"),
        (2, MOST_SHARES + 1, "2 of 17 shares cannot be had"),
    ],
)
def test_senseless_numbers_of_shares_are_refused(needed, shares, what):
    with pytest.raises(ShareRefused, match=what):
        made(needed, shares)


def test_shares_of_another_splitting_are_named():
    one, other = made(), made()
    mixed = {"a.json": one["1.json"], "b.json": other["2.json"], "c.json": one["3.json"]}
    with pytest.raises(ShareRefused, match=r"^b\.json: of another splitting than a\.json, or altered$"):
        combine(mixed)


@pytest.mark.parametrize("change", [{"needed": 2}, {"shares": 6}, {"epoch": 2}, {"nonce": b"m" * 12}, {"id": "0" * 32}])
def test_a_share_that_differs_in_what_all_repeat_is_named(change):
    parts = chosen(made(), 1, 2, 3)
    parts["3.json"] = with_common(parts["3.json"], **change)
    with pytest.raises(ShareRefused, match=r"^3\.json: of another splitting than 1\.json, or altered$"):
        combine(parts)


@pytest.mark.parametrize("change", [{"needed": 2}, {"shares": 6}, {"epoch": 2}, {"nonce": b"m" * 12}, {"id": "0" * 32}])
def test_what_all_shares_repeat_cannot_be_altered_in_all_of_them(change):
    parts = {name: with_common(part, **change) for name, part in chosen(made(), 1, 2, 3).items()}
    with pytest.raises(ShareRefused, match=r"at least one was altered of 1\.json, 2\.json, 3\.json$"):
        combine(parts)


def test_the_same_share_under_two_names_counts_once():
    parts = chosen(made(), 1, 2)
    with pytest.raises(ShareRefused, match=r"^copy\.json: this is share 2, as 2\.json is$"):
        combine(parts | {"copy.json": parts["2.json"]})


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_one_altered_share_of_just_enough_opens_nothing(wrong):
    parts = chosen(made(), 1, 2, 3)
    parts[f"{wrong}.json"] = altered(parts[f"{wrong}.json"])
    with pytest.raises(ShareRefused, match=r"at least one was altered of 1\.json, 2\.json, 3\.json$") as refused:
        combine(parts)
    assert "one share more" in refused.value.hint


@pytest.mark.parametrize("wrong", [1, 2, 3, 4])
def test_among_more_than_enough_the_altered_share_is_named(wrong):
    parts = chosen(made(), 1, 2, 3, 4)
    parts[f"{wrong}.json"] = altered(parts[f"{wrong}.json"])
    with pytest.raises(ShareRefused, match=rf"^{wrong}\.json: the share was altered$"):
        combine(parts)


def test_two_shares_whose_numbers_were_exchanged_open_nothing():
    parts = chosen(made(), 1, 2, 4)  # of 1, 2 and 3 the secret is the plain XOR, whatever their order
    one, two = parts["1.json"], parts["2.json"]
    parts["1.json"] = msgspec.structs.replace(one, number=two.number)
    parts["2.json"] = msgspec.structs.replace(two, number=one.number)
    with pytest.raises(ShareRefused, match="the shares do not open the secret"):
        combine(parts)


def test_a_share_written_and_read_again_is_the_same(tmp_path):
    part = made()["4.json"]
    (tmp_path / "share").write_bytes(share_content(part).reveal())
    assert read_share(tmp_path / "share") == part
    assert parse_share(Hidden(share_content(part).reveal().rstrip(b"\n") + b"\r\n"), name="mailed") == part


LINE = VECTORS["shares"][0].encode()


@pytest.mark.parametrize("place", range(len(LINE) - 1))
def test_no_altered_character_of_a_file_is_accepted(place):
    content = bytearray(LINE)
    content[place] ^= 1
    with pytest.raises(ShareRefused, match=r"^s\.json: (the share is damaged or was altered|this is not a share)"):
        parse_share(Hidden(bytes(content)), name="s.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"minutes of the meeting",
        b"\xff\xfe",
        b"null",
        b"{}",
        LINE[:-20],
        LINE * 2,
        b" " * (MAX_BYTES + 1),
        LINE.replace(b"share-1", b"share-9"),
        LINE.replace(b'"number":1', b'"number":"1"'),
        LINE.replace(b'"number":1', b'"number":17'),
        LINE.replace(b'"needed":3', b'"needed":1'),
        LINE.replace(b'"number":1', b'"colour":"red","number":1'),
    ],
)
def test_what_is_no_share_is_refused(content):
    with pytest.raises(ShareRefused, match=r"^s\.json: this is not a share of a secret$"):
        parse_share(Hidden(content), name="s.json")


@pytest.mark.parametrize("line", [LINE.replace(b":", b": ", 1), LINE.replace(b'"number":1', b'"number":2')])
def test_another_way_of_writing_a_share_is_refused(line):
    with pytest.raises(ShareRefused, match=r"^s\.json: the share is damaged or was altered$"):
        parse_share(Hidden(line), name="s.json")


@pytest.mark.parametrize("change", [{"number": 6}, {"set": {"needed": 6}}])
def test_numbers_that_cannot_be_are_refused_though_the_checksum_fits(change):
    body = json.loads(LINE)["body"]
    body |= {key: body[key] | value if isinstance(value, dict) else value for key, value in change.items()}
    with pytest.raises(ShareRefused, match="this is not a share of a secret"):
        parse_share(Hidden(checked(body)), name="s.json")


@pytest.mark.parametrize("share", ["", "AAAA", "not base64", 7, None, "é" * 24])
def test_a_share_of_another_length_or_kind_is_refused(share):
    body = json.loads(LINE)["body"] | {"share": share}
    with pytest.raises(ShareRefused, match="this is not a share of a secret"):
        parse_share(Hidden(checked(body)), name="s.json")


def test_a_missing_share_is_refused(tmp_path):
    with pytest.raises(ShareRefused, match=r"^gone\.json: the file cannot be read$"):
        read_share(tmp_path / "gone.json")


def checked(body: dict) -> bytes:
    """A file as docs/formats/secret-shares.md tells it, around whatever body."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(f"{FORMAT}\n{text}".encode()).hexdigest()
    return f'{{"body":{text},"checksum":"{digest}"}}\n'.encode()


def test_the_published_shares_open():
    parts = {str(place): parse_share(Hidden(line.encode()), name="v") for place, line in enumerate(VECTORS["shares"])}
    for names in itertools.combinations(parts, 3):
        opened = combine({name: parts[name] for name in names})
        assert opened == secret(VECTORS["epoch"], bytes.fromhex(VECTORS["secret"]))


def test_the_published_shares_open_by_the_document_alone():
    bodies = [json.loads(line)["body"] for line in VECTORS["shares"]]
    assert [checked(body).decode() for body in bodies] == VECTORS["shares"]
    points = [(body["number"], base64.b64decode(body["share"])) for body in bodies]
    for few in itertools.combinations(points, 3):
        key = at_zero(list(few))
        assert key.hex() == VECTORS["key"]
        part = parse_share(Hidden(VECTORS["shares"][0].encode()), name="v")
        assert opened_by_the_document(key, part) == secret_file_by_the_document()


def opened_by_the_document(key: bytes, share: Share) -> bytes:
    common = share.set
    info = f"headcount/backup/v1|{common.id}".encode()
    bound = f"headcount-secret-share-1|{common.id}|{common.epoch}|{common.shares}|{common.needed}".encode()
    cipher = ChaCha20Poly1305(hkdf(key, salt=b"headcount/1", info=info, length=32))
    return cipher.decrypt(common.nonce, common.sealed, bound)


def secret_file_by_the_document() -> bytes:
    """As docs/formats/join-files.md tells it."""
    body = base64.urlsafe_b64encode(bytes.fromhex(VECTORS["secret"])).decode().rstrip("=")
    checksum = hashlib.sha256(f"headcount-secret-1|{VECTORS['epoch']}|{body}".encode()).hexdigest()[:8]
    return f"headcount-secret-1 epoch={VECTORS['epoch']} {body} {checksum}\n".encode()


def times(left: int, right: int) -> int:
    """A product in GF(2^128), bit by bit."""
    product = 0
    for place in range(128):
        product ^= (left << place) * (right >> place & 1)
    for place in range(254, 127, -1):
        product ^= (FIELD << (place - 128)) * (product >> place & 1)
    return product


def inverse(value: int) -> int:
    """The power 2^128 - 2, by squaring."""
    power, square = 1, value
    for _ in range(127):
        square = times(square, square)
        power = times(power, square)
    return power


def at_zero(points: list[tuple[int, bytes]]) -> bytes:
    """The value at 0 of the polynomial through the points, by Lagrange; minus is plus here."""
    total = 0
    for place, (x, share) in enumerate(points):
        above, below = int.from_bytes(share, "big"), 1
        for other, _ in points[:place] + points[place + 1 :]:
            above, below = times(above, other), times(below, other ^ x)
        total ^= times(above, inverse(below))
    return total.to_bytes(16, "big")


def test_a_share_cannot_be_printed_pickled_or_encoded():
    part = made()["1.json"]
    for text in (repr(part), str(part), f"{part}"):
        assert_hides(text, part.share.reveal())
    with pytest.raises(TypeError, match="cannot be copied"):
        pickle.dumps(part)
    with pytest.raises(TypeError, match="unsupported"):
        msgspec.json.encode(part)


def test_no_share_holds_the_secret():
    for part in made().values():
        assert_hides(share_content(part).reveal().decode(), RAW)
        assert_hides(share_content(part).reveal().decode(), secret_content(secret()).reveal())


def test_no_refusal_shows_a_share():
    body = json.loads(LINE)["body"]
    raw = base64.b64decode(body["share"])
    for content in (
        LINE[:-20],
        LINE.replace(b'"number":1', b'"number":2'),
        checked(body | {"share": body["share"] + "="}),
    ):
        with pytest.raises(ShareRefused, match=r"^s\.json: ") as refused:
            parse_share(Hidden(content), name="s.json")
        assert_hides(shown(refused.value), raw)
    parts = chosen(made(), 1, 2, 3)
    parts["2.json"] = altered(parts["2.json"])
    with pytest.raises(ShareRefused, match="altered") as refused:
        combine(parts)
    for part in parts.values():
        assert_hides(shown(refused.value), part.share.reveal())
    assert_hides(shown(refused.value), RAW)


def test_without_the_library_it_is_told_what_to_install(monkeypatch):
    parts = made()
    monkeypatch.setitem(sys.modules, "Crypto.Protocol.SecretSharing", None)
    for work in (lambda: combine(parts), made):
        with pytest.raises(BackupUnavailable, match="need the library pycryptodome") as refused:
            work()
        assert refused.value.hint == "Run: pip install 'headcount[backup]'"
