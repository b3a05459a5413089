"""A small OpenID provider on this computer: real HTTP, real signatures; it forges on request."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "headcount"
SECRET = "the-client-secret"


@dataclass
class OpenIdProvider:
    """Vouches for *subject* at once; *claims*, *header* and *key* spoil its tokens on purpose."""

    clock: Callable[[], datetime]
    issuer: str = ""
    subject: str = "robin-7"
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    alg: str = "RS256"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    signing_key: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # the last request to the authorization endpoint

    def reset(self) -> None:
        self.subject, self.claims, self.without, self.alg, self.signing_key = "robin-7", {}, (), "RS256", None

    def authorise(self, url: str) -> str:
        """What a person's browser does there: the address that it is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["client_id"] == CLIENT
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        self.asked = query
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Tokens for a code, for the client that knows its secret and the verifier of the code's challenge."""
        query = self.codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if query is None or authorization != expected or query["redirect_uri"] != form.get("redirect_uri"):
            return None
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != query["code_challenge"]:
            return None
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.token(query["nonce"])}

    def token(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        told = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": nonce,
            "amr": ["pwd", "mfa"],
        }
        told = {name: value for name, value in (told | self.claims).items() if name not in self.without}
        if self.alg == "none":
            parts = ({"alg": "none"}, told)
            return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."
        return jwt.encode({"alg": self.alg, "kid": "one"}, told, self.signing_key or self.key, algorithms=[self.alg])

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorise", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer} | {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        return {"keys": [self.key.as_dict(private=False)]} if path == "/keys" else None


@contextmanager
def openid_provider(clock: Callable[[], datetime]) -> Iterator[OpenIdProvider]:
    """The provider, listening."""
    provider = OpenIdProvider(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorise?"):
                self.send_response(302)
                self.send_header("location", provider.authorise(self.path))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            self.reply(provider.document(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.reply(provider.exchange(form, self.headers.get("authorization", "")))

        def reply(self, told: dict[str, Any] | None) -> None:
            body = json.dumps(told if told is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if told is not None else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        try:
            yield provider
        finally:
            server.shutdown()


def settings_for(provider: OpenIdProvider, folder: Any) -> dict[str, Any]:
    """What an operator sets for this provider."""
    secret = folder / "client.secret"
    secret.write_text(SECRET + "\n")
    return {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_secret": secret}
