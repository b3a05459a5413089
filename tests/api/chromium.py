"""Chromium without a window, driven over a pipe (Chrome DevTools Protocol), with an authenticator of its own."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
    "--window-size=1000,900",
)
WAIT = 30.0  # seconds, so that a broken test ends


def browser_path() -> str | None:
    """A Chromium of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """One page."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._from = to, os.fdopen(answers, "rb", buffering=0)
        self._number, self._session, self._rest = 0, "", b""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "WebAuthn"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Ask the browser, and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, (method, told["error"])
                return told["result"]
            self.events.append(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._from.read(65536)
            assert more, "the browser went away"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def script(self, code: str) -> Any:
        """The value of an expression in the page."""
        return self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)["result"].get(
            "value"
        )

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def until(self, condition: str) -> None:
        """Wait until an expression holds in the page."""
        deadline = time.monotonic() + WAIT
        while not self.script(condition):
            assert time.monotonic() < deadline, (condition, self.script("document.body.innerText"))
            time.sleep(0.05)

    def read(self, words: str) -> None:
        """Wait until the page says *words*."""
        self.until(f"document.readyState === 'complete' && document.body.innerText.includes({json.dumps(words)})")

    def press(self, words: str) -> None:
        """Reach the button that says *words* by keyboard alone, and press Enter."""
        for _ in range(60):
            self._key("Tab", 9)
            if self.script("document.activeElement.innerText") == words:
                self._key("Enter", 13, text="\r")
                return
        raise AssertionError(f"no button {words!r} is reached with the Tab key")

    def write(self, field: str, text: str) -> None:
        self.script(f"document.getElementById({json.dumps(field)}).focus()")
        self.call("Input.insertText", text=text)

    def _key(self, key: str, code: int, **more: str) -> None:
        told = {"key": key, "code": key, "windowsVirtualKeyCode": code} | more
        self.call("Input.dispatchKeyEvent", type="keyDown", **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def authenticator(self) -> str:
        """Plug a security key in whose owner always says yes."""
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        return self.call("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]

    def picture(self, name: str) -> None:
        """Keep a picture of the page, where HEADCOUNT_PICTURES names a folder."""
        folder = os.environ.get("HEADCOUNT_PICTURES")
        if folder:
            data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(data))

    def complaints(self) -> list[str]:
        """What the browser did not like, such as a violation of the content security policy."""
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        thrown = [str(event["params"]) for event in self.events if event.get("method") == "Runtime.exceptionThrown"]
        errors = [entry for entry in entries if entry["level"] == "error" and "favicon" not in entry.get("url", "")]
        return [entry["text"] for entry in errors] + thrown

    def close(self) -> None:
        self._from.close()
        os.close(self._to)


@contextmanager
def chromium(path: str) -> Iterator[Chromium]:
    """A browser with a profile of its own; ended with everything that it started."""
    asked, to_browser = os.pipe()
    from_browser, told = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The browser listens on descriptor 3 and answers on 4.
        command = f'exec "$0" "$@" 3<&{asked} 4>&{told}'
        process = subprocess.Popen(
            ["/bin/bash", "-c", command, path, *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(asked, told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(told)
        page = Chromium(to_browser, from_browser)
        try:
            yield page
        finally:
            process.terminate()
            process.wait(WAIT)
            page.close()
