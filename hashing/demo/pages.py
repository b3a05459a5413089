"""Starts the demo's service again and hands out links to its pages."""

from __future__ import annotations

import time

from hashing.connection import connect
from hashing.demo.stage import MARK, Stage, running_service
from hashing.demo.town import NAVIGATOR
from hashing.errors import OutputError
from hashing.member_key import open_member_key

PORT = 8470
_PAGES = (
    ("coordinator", "unduplicated counts, uploads, linkages"),
    (NAVIGATOR, "a navigator's care matches"),
    ("auditor", "the audit log"),
)


def serve_pages(stage: Stage) -> None:
    """Serve until interrupted.

    Raises:
        OutputError: the demo has not been played in this folder.
    """
    if not (stage.folder / MARK).exists() or not (stage.folder / "service").is_dir():
        raise OutputError(f"{stage.folder}: the demo has not been played here", hint="Run: make demo")
    with running_service(stage.folder, port=PORT) as address:
        stage.say(f"The service runs at {address}. Each link opens its pages once, within two minutes:")
        for member, what in _PAGES:
            with connect(address, open_member_key(stage.folder / "keys" / member)) as connection:
                stage.say(f"  {member:<18} {what}\n      {connection.sign_in_link()}")
        again = f"headcount open --service {address} --key {stage.folder / 'keys' / 'coordinator'}"
        stage.say(f"For a new link: {again}\nStop with Ctrl+C.")
        _wait()


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
