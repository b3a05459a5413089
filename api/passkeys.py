"""Passkeys: what an authenticator is asked to sign, and whether its answer counts (WebAuthn Level 3, by py_webauthn).

Who sits at the computer must be verified by the authenticator (PIN, finger, face), the challenge is ours, unused and
at most five minutes old, and the counter goes up. Why an answer does not count is one of `Refused`, without its values.
py_webauthn is loaded when the first passkey is used: it takes a fifth of a second of a start.
"""

from __future__ import annotations

import json
import secrets
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.errors import PasskeyRefused, Refused
from api.people import Person
from api.storage.passkeys import CHALLENGE_LIFE, Passkey, Passkeys, Purpose

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

NAME = "Headcount"
_TIMEOUT = int(CHALLENGE_LIFE.total_seconds() * 1000)  # milliseconds
# How py_webauthn words each refusal, as far as its words stay the same; the tests forge every one of them.
_WORDS = {
    "Unexpected client data origin": Refused.ORIGIN,
    "Unexpected RP ID hash": Refused.SITE,
    "User verification is required": Refused.UNVERIFIED,
    "Response sign count": Refused.COUNTER,
    "Could not verify authentication signature": Refused.SIGNATURE,
}


@dataclass(frozen=True, slots=True)
class Site:
    """The place that passkeys are bound to: an RP id, and the origin that pages are opened at."""

    rp_id: str
    origin: str

    @classmethod
    def at(cls, base: str) -> Site:
        """The site whose pages are at *base*, such as ``https://headcount.example.org`` or ``http://localhost:8470``."""
        parts = urlsplit(base)
        return cls(rp_id=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True, slots=True)
class Ceremonies:
    """Everything that is asked of authenticators."""

    passkeys: Passkeys

    def enrolment(self, person: Person, site: Site, *, now: datetime) -> str:
        """What ``navigator.credentials.create`` is given, as JSON; a device that has a passkey of theirs says so."""
        import webauthn
        from webauthn.helpers import options_to_json
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = webauthn.generate_registration_options(
            rp_id=site.rp_id,
            rp_name=NAME,
            user_id=person.id.encode(),
            user_name=person.email,
            user_display_name=person.name,
            challenge=self.passkeys.challenge(Purpose.ENROL, person.id, now=now),
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,  # nobody types a name at sign-in
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=self._descriptors(person.id),
        )
        return options_to_json(options)

    def question(self, purpose: Purpose, person: str | None, site: Site, *, now: datetime) -> str:
        """What ``navigator.credentials.get`` is given, as JSON: for *person*, or for whoever signs in."""
        import webauthn
        from webauthn.helpers import options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        options = webauthn.generate_authentication_options(
            rp_id=site.rp_id,
            challenge=self.passkeys.challenge(purpose, person, now=now),
            timeout=_TIMEOUT,
            allow_credentials=self._descriptors(person) if person is not None else None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def enrolled(self, person: Person, answer: str, site: Site, *, name: str, now: datetime) -> Passkey:
        """The new passkey that *answer* brings; it is not kept yet.

        Raises:
            PasskeyRefused: the answer does not count.
        """
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = self._take(answer, Purpose.ENROL, person.id, now=now)
        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise _refused(error) from error
        if self.passkeys.find(found.credential_id) is not None:
            raise PasskeyRefused(Refused.KNOWN)
        public_key, count = found.credential_public_key, found.sign_count
        return Passkey(secrets.token_hex(8), found.credential_id, person.id, name, public_key, count, now)

    def known(self, answer: str) -> Passkey:
        """The passkey that *answer* says it comes from; nothing is checked yet.

        Raises:
            PasskeyRefused: none of ours.
        """
        passkey = self.passkeys.find(_decoded(_object(answer).get("id")))
        if passkey is None:
            raise PasskeyRefused(Refused.UNKNOWN)
        return passkey

    def check(self, passkey: Passkey, answer: str, site: Site, *, purpose: Purpose, now: datetime) -> int:
        """What the authenticator of *passkey* now counts, if *answer* is good for *purpose*.

        Raises:
            PasskeyRefused: the answer does not count.
        """
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        person = None if purpose is Purpose.SIGN_IN else passkey.person
        challenge = self._take(answer, purpose, person, now=now)
        try:
            found = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise _refused(error) from error
        return found.new_sign_count

    def _take(self, answer: str, purpose: Purpose, person: str | None, *, now: datetime) -> bytes:
        response = _object(answer).get("response")
        told = _decoded(response.get("clientDataJSON") if isinstance(response, dict) else None)
        challenge = _decoded(_object(told).get("challenge"))
        if not self.passkeys.take(challenge, purpose, person, now=now):
            raise PasskeyRefused(Refused.CHALLENGE)
        return challenge

    def _descriptors(self, person: str) -> list[PublicKeyCredentialDescriptor]:
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor

        return [PublicKeyCredentialDescriptor(id=passkey.credential) for passkey in self.passkeys.of(person)]


def _object(text: str | bytes) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused(Refused.MALFORMED) from error
    if not isinstance(found, dict):
        raise PasskeyRefused(Refused.MALFORMED)
    return found


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise PasskeyRefused(Refused.MALFORMED)
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(text)
    except (NotBase64, ValueError) as error:
        raise PasskeyRefused(Refused.MALFORMED) from error


def _refused(error: Exception) -> PasskeyRefused:
    words = str(error)
    return PasskeyRefused(next((why for start, why in _WORDS.items() if words.startswith(start)), Refused.MALFORMED))
