"""OpenID Connect: where a provider is asked who somebody is, and whether its answer counts (Core 1.0, by Authlib).

Authorization code with PKCE and state; the ID token must be signed by the provider's keys with a public-key algorithm,
be from this issuer, for this client, in its time, of this sign-in (nonce), and say that a second factor was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core.claims import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from api.errors import OpenIdRefused, Unaccepted
from api.settings import is_loopback
from api.storage.openids import Started

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")  # neither none nor anything with a shared secret
LEEWAY = 60  # seconds between the provider's clock and ours
TIMEOUT = 10.0  # seconds for each question to the provider
MAX_SUBJECT = 255  # Core 1.0, 2
_CLAIMS = {"iss": Unaccepted.ISSUER, "aud": Unaccepted.AUDIENCE, "azp": Unaccepted.AUDIENCE, "nonce": Unaccepted.NONCE}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is, and when it last asked them."""

    issuer: str
    subject: str
    confirmed: datetime | None


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that the operator named, and which values of ``acr`` and ``amr`` stand for a second factor."""

    issuer: str
    client_id: str
    secret: str
    acr: frozenset[str]
    amr: frozenset[str]

    def address(self, redirect_uri: str, state: str, started: Started, *, anew: bool) -> str:
        """Where the browser is sent; *anew* has the provider ask for the factors even of who is signed in there.

        Raises:
            OpenIdRefused: the provider cannot be asked.
        """
        more = {"prompt": "login", "max_age": "0"} if anew else {}
        with self._client(redirect_uri) as client:
            endpoint = self._endpoint(self._metadata(client), "authorization_endpoint")
            address, _ = client.create_authorization_url(
                endpoint, state=state, nonce=started.nonce, code_verifier=started.verifier, **more
            )
        return str(address)

    def identity(self, code: str, redirect_uri: str, started: Started, *, now: datetime) -> Identity:
        """Who the code stands for.

        Raises:
            OpenIdRefused: the provider cannot be asked, or its answer does not count.
        """
        with self._client(redirect_uri) as client:
            metadata = self._metadata(client)
            token = self._token(client, self._endpoint(metadata, "token_endpoint"), code, started.verifier)
            keys = self._get(client, self._endpoint(metadata, "jwks_uri"))
        claims = self._claims(token, keys, started.nonce, now=now)
        self._check_factors(claims)
        return Identity(self.issuer, _subject(claims), _asked(claims))

    def _client(self, redirect_uri: str) -> Any:  # noqa: ANN401  # Authlib has no types
        return OAuth2Client(
            client_id=self.client_id,
            client_secret=self.secret or None,
            scope="openid",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def _metadata(self, client: Any) -> dict[str, Any]:  # noqa: ANN401
        found = self._get(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise OpenIdRefused(Unaccepted.ISSUER)
        return found

    def _get(self, client: Any, url: str) -> dict[str, Any]:  # noqa: ANN401
        try:
            found = client.request("GET", url, withhold_token=True).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise OpenIdRefused(Unaccepted.UNREACHABLE) from error
        if not isinstance(found, dict):
            raise OpenIdRefused(Unaccepted.UNREACHABLE)
        return found

    def _endpoint(self, metadata: dict[str, Any], name: str) -> str:
        url = str(metadata.get(name, ""))
        if not is_private_way(url):
            raise OpenIdRefused(Unaccepted.UNREACHABLE)
        return url

    def _token(self, client: Any, url: str, code: str, verifier: str) -> dict[str, Any]:  # noqa: ANN401
        try:
            return dict(client.fetch_token(url, code=code, code_verifier=verifier))
        except (AuthlibBaseError, httpx2.HTTPError, ValueError) as error:
            raise OpenIdRefused(Unaccepted.CODE) from error

    def _claims(self, token: dict[str, Any], keys: dict[str, Any], nonce: str, *, now: datetime) -> CodeIDToken:
        expected = {"iss": self.issuer, "aud": self.client_id}
        options = {name: {"essential": True, "value": value} for name, value in expected.items()}
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        try:
            key_set = KeySet.import_key_set({"keys": keys["keys"]})
            decoded = jwt.decode(str(token.get("id_token", "")), key_set, algorithms=ALGORITHMS)
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except ExpiredTokenError as error:
            raise OpenIdRefused(Unaccepted.EXPIRED) from error
        except ClaimError as error:
            raise OpenIdRefused(_CLAIMS.get(error.claim, Unaccepted.TOKEN)) from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OpenIdRefused(Unaccepted.TOKEN) from error
        return claims

    def _check_factors(self, claims: CodeIDToken) -> None:
        methods = {str(method) for method in claims.get("amr") or ()}
        if claims.get("acr") not in self.acr and not methods & self.amr:
            raise OpenIdRefused(Unaccepted.FACTOR)


def is_private_way(url: str) -> bool:
    """Whether nobody on the way to *url* can read or change anything: TLS, or this very computer."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _subject(claims: CodeIDToken) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise OpenIdRefused(Unaccepted.TOKEN)
    return subject


def _asked(claims: CodeIDToken) -> datetime | None:
    when = claims.get("auth_time")
    return None if when is None else datetime.fromtimestamp(float(when), UTC)
