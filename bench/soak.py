"""The service in use for an hour: its memory and its open files stay where they were.

``python -m bench.soak --seconds 3600`` (or HEADCOUNT_SOAK_SECONDS) starts the service itself. Agencies send files, read
and are refused, a coordinator links and counts, each by a new connection every time; the figures of the last third are
held against those of the third before. What grew ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import founded, member
from bench.made_up_files import write_file
from bench.served import Served
from hashing.connection import Connection
from hashing.errors import ServiceRefused
from hashing.schema import HeadcountError
from hashing.service_answers import UploadStatus

MEBIBYTE = 1 << 20
AGENCIES = ("food", "shelter", "clinic")
ROWS = 200
EVERY = 2.0  # seconds between two looks at memory and open files
MORE_MEMORY, MORE_FILES = 0.05, 4  # as a share, and in number, that may be chance


@dataclass(frozen=True, slots=True)
class Look:
    """The service at one moment."""

    memory: int  # bytes
    files: int


def main() -> int:
    """Use it, look at it, and tell what grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("HEADCOUNT_SOAK_SECONDS", "3600")))
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with founded(folder, AGENCIES) as served:
            looks, answers = soak(served, folder, seconds)
        traces = (folder / "log").read_text(encoding="utf-8").count("Traceback")
    grown = tell(looks)
    print(f"{sum(answers.values()):,} answers in {seconds:g} s: {dict(sorted(answers.items()))}; {traces} tracebacks")
    return int(grown or traces > 0 or answers["failed"] > 0)


def soak(served: Served, folder: Path, seconds: float) -> tuple[list[Look], Counter[str]]:
    """Use the service for so long; what was seen of it, and what came back."""
    using, looks = Using(served, folder), list[Look]()
    with ThreadPoolExecutor() as team:
        work = [team.submit(using.until_over, agency, using.as_agency) for agency in AGENCIES]
        work.append(team.submit(using.until_over, "coordinator", using.as_coordinator))
        end = time.monotonic() + seconds
        while time.monotonic() < end and not any(one.done() for one in work):
            time.sleep(min(EVERY, seconds / 30))
            looks.append(Look(served.memory(), served.descriptors()))
        using.over.set()
    for one in work:
        one.result()
    return looks, using.answers


@dataclass(frozen=True, slots=True)
class Using:
    """Members who use the service until it is over, each turn by a new connection; and what came back."""

    served: Served
    folder: Path
    answers: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def until_over(self, who: str, turn: Callable[[Connection, int], None]) -> None:
        """Take turns as *who*; an answer that is not as it has to be ends it."""
        try:
            for number in itertools.count():
                if self.over.is_set():
                    return
                with member(self.served, self.folder, who) as connection:
                    turn(connection, number)
        except HeadcountError as error:
            self.answers["failed"] += 1
            print(f"{who}: {error.what}")

    def as_agency(self, connection: Connection, number: int) -> None:
        """Now and then a file; readings; and something that is not for agencies."""
        me = connection.whoami().member.id
        if number % 5 == 0:
            path = self.folder / f"{me}.codes.jsonl"
            write_file(path, me, ROWS, seed=number)
            connection.send(path)
            self.answers["file"] += 1
        for question in (connection.members, connection.uploads, connection.sign_in_link):
            question()
        try:
            connection.runs()
        except ServiceRefused:
            self.answers["refused"] += 1
        self.answers["read"] += 4

    def as_coordinator(self, connection: Connection, number: int) -> None:
        """Now and then a linkage and a count of it; readings."""
        sent = [one for one in connection.uploads() if isinstance(one, UploadStatus) and one.sent is not None]
        if number % 10 == 0 and sent:
            connection.wait_for_run(connection.start_run(), progress=lambda _stage, _part: None)
            connection.count("agency", purpose="planning")
            self.answers["linkage"] += 1
        connection.checkpoint()
        self.answers["read"] += 2
        time.sleep(0.2)


def tell(looks: Sequence[Look]) -> bool:
    """Print the figures; whether anything grew in the last third."""
    third = len(looks) // 3
    before, after = looks[third : 2 * third], looks[2 * third :]
    memory = [statistics.median(look.memory for look in part) / MEBIBYTE for part in (before, after)]
    files = [statistics.median(look.files for look in part) for part in (before, after)]
    print(
        f"memory {memory[0]:,.1f} -> {memory[1]:,.1f} MiB, open files {files[0]:g} -> {files[1]:g}, {len(looks)} looks"
    )
    return memory[1] > memory[0] * (1 + MORE_MEMORY) or files[1] > files[0] + MORE_FILES


if __name__ == "__main__":
    sys.exit(main())
