"""A software authenticator (WebAuthn Level 3, chapter 6) that also lies on request, to see each lie refused."""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import cbor2
import httpx2
from api_town import SAME_ORIGIN, Town
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.testclient import TestClient

AT_HOME = "http://localhost:8470"  # a passkey's RP id is a name, so its pages are never at 127.0.0.1
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40  # flags of authenticator data, 6.1
ES256 = -7


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey on one device; what a forger would change are its attributes and the arguments of `answer`."""

    origin: str = AT_HOME
    rp_id: str = "localhost"
    count: int = 0
    verified: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to ``navigator.credentials.create``."""
        client = self._client("webauthn.create", options["challenge"], changes)
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + self._cose()
        data = self._data(PRESENT | ATTESTED, changes) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._told({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def answer(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"], changes)
        data = self._data(PRESENT, changes)
        signed = changes.get("key", self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._told(
            {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signed)},
        )

    def _client(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | {name: changes[name] for name in told.keys() & changes.keys()}).encode()

    def _data(self, flags: int, changes: dict[str, Any]) -> bytes:
        verified = VERIFIED if changes.get("verified", self.verified) else 0
        site = hashlib.sha256(changes.get("rp_id", self.rp_id).encode()).digest()
        present = flags | verified if changes.get("present", True) else (flags | verified) & ~PRESENT
        return site + bytes([present]) + changes.get("count", self.count).to_bytes(4, "big")

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: x, -3: y})

    def _told(self, response: dict[str, str]) -> str:
        name = b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def question(html: str) -> dict[str, Any]:
    """What a page asks an authenticator."""
    found = re.search(r'data-options="([^"]*)"', html)
    assert found is not None, "the page asks no passkey"
    return json.loads(unescape(found[1]))


@dataclass
class Human:
    """Somebody at a browser, with an authenticator."""

    town: Town
    browser: TestClient
    id: str
    device: Authenticator

    def post(self, path: str, **fields: str) -> httpx2.Response:
        return self.browser.post(path, data=fields, headers=SAME_ORIGIN, follow_redirects=False)

    def get(self, path: str) -> httpx2.Response:
        return self.browser.get(path, follow_redirects=False)

    def enrol(self, device: Authenticator, name: str = "Laptop", **changes: Any) -> httpx2.Response:
        asked = question(self.get("/passkeys").text)
        return self.post("/passkeys", name=name, credential=device.create(asked, **changes))

    def sign_in(self, **changes: Any) -> httpx2.Response:
        asked = question(self.get("/sign-in").text)
        return self.post("/sign-in", credential=self.device.answer(asked, **changes))

    def confirm(self, back: str = "/", **changes: Any) -> httpx2.Response:
        asked = question(self.get("/confirm").text)
        return self.post("/confirm", back=back, credential=self.device.answer(asked, **changes))


def invitation(town: Town, member: str, role: str, name: str = "Robin") -> dict[str, Any]:
    body = {"name": name, "email": f"{secrets.token_hex(4)}@{member}.example", "role": role}
    answer = town.send(member, "POST", "/api/v1/people", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def newcomer(town: Town, url: str, person: str) -> Human:
    """Somebody who has just opened their link."""
    browser = TestClient(town.client.app, base_url=AT_HOME)
    path = url.removeprefix(AT_HOME)
    answer = browser.post(path, headers=SAME_ORIGIN, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/passkeys"), answer.text
    return Human(town, browser, person, Authenticator())


def a_person(town: Town, member: str, role: str, name: str = "Robin") -> Human:
    """Somebody of *member*, enrolled and signed in."""
    made = invitation(town, member, role, name)
    human = newcomer(town, made["url"], made["person"]["id"])
    assert human.enrol(human.device).status_code == 303
    return human
