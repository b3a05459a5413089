"""Ten thousand signed requests that were altered, mixed, sent again or made at another time: none is accepted.

HEADCOUNT_FORGERIES says how many of each kind there are; by default ten thousand altogether.
"""

from __future__ import annotations

import base64
import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from api_town import Town, keyid, sign
from starlette.datastructures import Headers

from api.errors import NotSigned
from api.gate import authenticate
from api.signatures import Message

EACH = int(os.environ.get("HEADCOUNT_FORGERIES", "10000")) // 20
BODY = b'{"period": "2026-Q1", "purpose": "planning"}'
OTHER = b'{"period": "2026-Q2", "purpose": "planning"}'
ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=:;,"()-@ _\\%'


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire: its lines, each of which may be forged."""

    method: str
    url: str
    lines: tuple[tuple[str, str], ...]

    def message(self) -> Message:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in self.lines]
        headers = Headers(raw=raw)
        path = self.url.split("/", 3)[3]
        return Message(self.method, f"http://{headers.get('host', '')}/{path}", headers)  # as `Message.of` makes it

    def value(self, name: str) -> str:
        return dict(self.lines)[name]

    def having(self, name: str, value: str) -> Sent:
        return replace(self, lines=tuple((key, value if key == name else old) for key, old in self.lines))

    def told(self, name: str, found: str, instead: str) -> Sent:
        return self.having(name, re.sub(found, lambda _: instead, self.value(name), count=1))


def signed(town: Town, member: str, *, content: bytes | None = BODY, path: str = "/api/v1/releases") -> Sent:
    """What *member* would send."""
    headers = {"content-type": "application/json"} if content is not None else {}
    request = town.request("POST" if content is not None else "GET", path, content=content, headers=headers)
    sign(request, town.keys[member], now=town.clock())
    wanted = {"host", "content-type", "content-digest", "signature-input", "signature"}
    lines = tuple((name.lower(), value) for name, value in request.headers.items() if name.lower() in wanted)
    return Sent(request.method, str(request.url), lines)


Forge = Callable[[Sent, Town, random.Random], Sent]


def one_letter(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    """One letter of one line is another one."""
    name, value = dice.choice(sent.lines)
    at = dice.randrange(len(value))
    return sent.having(name, value[:at] + dice.choice(ALPHABET.replace(value[at], "")) + value[at + 1 :])


def a_letter_less(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    name, value = dice.choice([line for line in sent.lines if line[0] != "host"])
    at = dice.randrange(len(value))
    return sent.having(name, value[:at] + value[at + 1 :])


def a_bit_of_the_signature(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    raw = bytearray(base64.b64decode(sent.value("signature").split(":")[1]))
    raw[dice.randrange(64)] ^= 1 << dice.randrange(8)
    return sent.having("signature", f"headcount=:{base64.b64encode(raw).decode()}:")


def another_time(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    created = int(re.search(r"created=(\d+)", sent.value("signature-input"))[1])
    return sent.told(
        "signature-input", r"created=\d+", f"created={created + dice.choice((-1, 1)) * dice.randint(1, 59)}"
    )


def another_nonce(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    return sent.told("signature-input", r'nonce="[^"]+"', f'nonce="{dice.getrandbits(160):040x}"')


def another_key(sent: Sent, town: Town, dice: random.Random) -> Sent:
    own = re.search(r'keyid="([^"]+)"', sent.value("signature-input"))[1]
    others = sorted({keyid(key) for key in town.keys.values()} - {own})
    return sent.told("signature-input", r'keyid="[^"]+"', f'keyid="{dice.choice(others)}"')


def another_method(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    return replace(sent, method=dice.choice(sorted({"GET", "PUT", "DELETE", "PATCH", "post", "HEAD"} - {sent.method})))


def another_path(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    path = dice.choice(
        ("/api/v1/runs", "/api/v1/releases/", "/api/v1//releases", "/api/v1/Releases", "/api/v1/%72eleases")
    )
    return replace(sent, url=sent.url.replace("/api/v1/releases", path))


def a_query_more(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    return replace(sent, url=f"{sent.url}?{dice.choice(('x=1', 'by=agency', '%00', 'x', '&', '?', '=='))}")


def another_host(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    host = re.search(r"//([^/]+)", sent.url)[1]
    other = dice.choice((f"{host}.example", f"x.{host}", "127.0.0.1:1", f"{host}:81", "[::1]"))
    return replace(sent, url=sent.url.replace(host, other, 1)).having("host", other)


def another_digest(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    digest = base64.b64encode(dice.randbytes(32)).decode()
    return sent.having("content-digest", f"sha-256=:{digest}:")


def another_type(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    return sent.having("content-type", dice.choice(("application/jsonl", "text/plain", "application/json; a=b", "")))


def components_otherwise(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    """A component less, more, twice, or in another order."""
    inside = re.search(r"\(([^)]*)\)", sent.value("signature-input"))[1]
    parts = inside.split(" ")
    changed = list(parts)
    act = dice.randrange(4)
    if act == 0:
        changed.pop(dice.randrange(len(parts)))
    elif act == 1:
        changed.insert(dice.randrange(len(parts) + 1), dice.choice(('"host"', '"@scheme"', '"@target-uri"', '"date"')))
    elif act == 2:
        changed.insert(dice.randrange(len(parts) + 1), dice.choice(parts))
    else:
        changed.append(changed.pop(dice.randrange(len(parts) - 1)))
    return sent.told("signature-input", r"\([^)]*\)", f"({' '.join(changed)})")


def a_parameter_less(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    name = dice.choice(("created", "keyid", "nonce", "tag"))
    return sent.told("signature-input", rf';{name}=("[^"]*"|\d+)', "")


def parameters_in_another_order(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    head, *params = sent.value("signature-input").split(";")
    moved = params.pop(dice.randrange(len(params) - 1))
    return sent.having("signature-input", ";".join([head, *params, moved]))


def a_parameter_more(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    more = dice.choice(
        (';alg="ed25519"', ";expires=9999999999", ";x", ';tag="other"', ";created=1", ';alg="rsa-v1_5-sha256"')
    )
    return sent.having("signature-input", sent.value("signature-input") + more)


def another_label(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    label = dice.choice(("sig1", "Headcount", "headcount2", "*headcount"))
    moved = sent.told("signature-input", r"^headcount", label)
    return dice.choice((moved, moved.told("signature", r"^headcount", label)))


def a_second_signature(sent: Sent, town: Town, dice: random.Random) -> Sent:
    """Somebody else's signature beside one's own, as a line more or in the same line."""
    other = signed(town, "coordinator")
    name = dice.choice(("signature", "signature-input"))
    if dice.random() < 0.5:
        return replace(sent, lines=(*sent.lines, (name, other.value(name))))
    more = other.value(name).replace("headcount=", "other=")
    return sent.having(name, f"{sent.value(name)}, {more}")


def mixed_with_another(sent: Sent, town: Town, dice: random.Random) -> Sent:
    """A line of another request that the same member signed."""
    other = signed(town, "auditor", content=OTHER)
    name = dice.choice(("signature", "signature-input", "content-digest"))
    return sent.having(name, other.value(name))


def without_a_line(sent: Sent, _town: Town, dice: random.Random) -> Sent:
    name = dice.choice(("signature", "signature-input", "content-digest", "content-type"))
    return replace(sent, lines=tuple(line for line in sent.lines if line[0] != name))


FORGERIES = (
    one_letter, a_letter_less, a_bit_of_the_signature, another_time, another_nonce, another_key, another_method,
    another_path, a_query_more, another_host, another_digest, another_type, components_otherwise, a_parameter_less,
    parameters_in_another_order, a_parameter_more, another_label, a_second_signature, mixed_with_another,
    without_a_line,
)  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_no_forged_request_is_accepted(shared_town: Town, forge: Forge) -> None:
    """The request that was forged would itself be accepted: it is never sent, so no nonce is used up."""
    dice = random.Random(forge.__name__)
    genuine = [signed(shared_town, "auditor") for _ in range(4)]
    accepted = []
    for _ in range(EACH):
        forged = forge(dice.choice(genuine), shared_town, dice)
        if forged in genuine:
            continue
        try:
            authenticate(shared_town.parts, forged.message())
        except NotSigned:
            continue
        accepted.append(forged)
    assert accepted == []
    for one in genuine:
        assert authenticate(shared_town.parts, one.message())[0].member.id == "auditor"


def test_no_request_is_accepted_twice_whenever_it_comes_back(town: Town) -> None:
    dice = random.Random(1)
    started = town.clock()
    for _ in range(EACH // 10):
        sent = signed(town, "auditor").message()
        assert authenticate(town.parts, sent)[0].member.id == "auditor"
        for seconds in sorted(dice.choices(range(900), k=10)):
            town.clock.now = started + timedelta(seconds=seconds)
            with pytest.raises(NotSigned):
                authenticate(town.parts, sent)
        town.clock.now = started


@pytest.mark.parametrize("seconds", [-86_400, -3_600, -301, -61, 61, 301, 3_600, 86_400])
def test_no_request_of_another_time_is_accepted(town: Town, seconds: int) -> None:
    sent = signed(town, "auditor").message()
    town.clock.advance(seconds=seconds)
    with pytest.raises(NotSigned, match="signed too long ago"):
        authenticate(town.parts, sent)
