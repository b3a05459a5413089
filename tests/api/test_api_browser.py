"""One journey in a real browser: invited, enrolled, out, in again, a second passkey, confirmed; by keyboard."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from api_town import new_key, public_line, sign
from chromium import Chromium, browser_path, chromium
from openid_provider import openid_provider, settings_for

SERVE = "import typer, api.cli; app = typer.Typer(); app.callback()(lambda: None); api.cli.register(app); app()"
CHROMIUM = browser_path()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine (apt-get install chromium)"),
]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """A service as a process of its own, which has a coordinator and nobody else."""
    key = folder / "coordinator.pub"
    key.write_text(public_line(new_key("coordinator"), "the coordinator"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADCOUNT_")}
    environment |= {f"HEADCOUNT_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-c", SERVE, "serve", "--data", str(folder / "data"), "--port", "0"]
    command += ["--coordinator", str(key)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path) as address:
        yield address


def invited(address: str, name: str) -> str:
    """The link of a new coordinator."""
    with httpx2.Client(base_url=address) as client:
        body = {"name": name, "email": "robin@town.example", "role": "coordinator"}
        request = client.build_request("POST", "/api/v1/people", json=body)
        sign(request, new_key("coordinator"), now=datetime.now(UTC))
        return client.send(request).json()["url"]


def enrol(page: Chromium, url: str) -> None:
    page.go(url)
    page.read("Welcome, Robin Doe")
    page.picture("1-invitation")
    page.press("Go on")
    page.read("Add your first passkey")
    page.picture("2-first-passkey")
    page.write("name", "Desk laptop")
    page.press("Add a passkey")
    page.read("What you can do here")
    page.read("You have one passkey.")
    page.picture("3-home")


def come_back(page: Chromium, base: str) -> None:
    page.press("Sign out")
    page.read("You are signed out")
    page.go(f"{base}/sign-in")
    page.picture("4-sign-in")
    page.press("Sign in with a passkey")
    page.read("What you can do here")


def add_another(page: Chromium, base: str, first: str) -> None:
    page.go(f"{base}/passkeys")
    page.write("name", "Desk laptop once more")
    page.press("Add a passkey")
    page.read("This device has a passkey of yours already.")
    page.picture("5-known-device")
    page.call("WebAuthn.removeVirtualAuthenticator", authenticatorId=first)
    page.authenticator()
    page.go(f"{base}/passkeys")
    page.write("name", "Key ring")
    page.press("Add a passkey")
    page.read("Key ring")
    page.picture("6-two-passkeys")


def confirm_and_invite(page: Chromium, base: str) -> None:
    page.go(f"{base}/confirm?back=/people")
    page.picture("7-confirm")
    page.press("Confirm with a passkey")
    page.read("People of Coordinator")
    page.picture("8-people")
    page.write("name", "Kim Poe")
    page.write("email", "kim@town.example")
    page.press("Make the link")
    page.read("The link for Kim Poe")
    page.picture("9-invited")


def test_a_person_enrols_comes_back_and_confirms(address: str) -> None:
    url = invited(address, "Robin Doe")
    base = url.partition("/sign-in/")[0]
    with chromium(CHROMIUM or "") as page:
        first = page.authenticator()
        enrol(page, url)
        come_back(page, base)
        add_another(page, base, first)
        confirm_and_invite(page, base)
        assert page.complaints() == []


MAKES_HTML = "try { document.body.innerHTML = '<b>x</b>'; 'made' } catch (error) { error.name }"


def test_a_script_that_makes_html_from_text_is_stopped_by_the_policy(address: str) -> None:
    with chromium(CHROMIUM or "") as page:
        page.go(f"http://localhost:{address.rpartition(':')[2]}/sign-in")
        assert page.script(MAKES_HTML) == "TypeError"
        assert page.script("document.querySelector('b')") is None


def test_an_account_joins_and_comes_back_from_another_site(tmp_path: Path) -> None:
    with openid_provider(lambda: datetime.now(UTC)) as provider:
        settings = {name: str(value) for name, value in settings_for(provider, tmp_path).items()}
        with serving(tmp_path, **settings) as address, chromium(CHROMIUM or "") as page:
            url = invited(address, "Robin Doe")
            page.go(url)
            page.press("Go on")
            page.read("use your organisation's account")
            page.picture("10-account")
            page.script("document.querySelector('a[href=\"/openid\"]').click()")
            page.read("What you can do here")
            page.press("Sign out")
            page.read("You are signed out")
            page.go(f"{url.partition('/sign-in/')[0]}/sign-in")
            page.script("document.querySelector('a[href=\"/openid\"]').click()")
            page.read("What you can do here")
            assert page.complaints() == []
