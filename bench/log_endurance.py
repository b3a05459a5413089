"""The service's audit log under fire: many processes at once, and ``kill -9`` at random moments.

``python -m bench.log_endurance --writers 8 --entries 10000 --kills 200`` starts the service itself, speaks to it as
its members do, with signed requests, and holds every receipt that came back against the log afterwards. Numbers to the
screen; a figure that is not as it has to be ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue

import httpx2

from audit.events import Receipt
from audit.export import export_folder
from audit.verify import verify_bundle
from hashing.connection import Connection, connect
from hashing.errors import ConnectionFailed
from hashing.member_key import new_member_key, open_member_key, public_path

LIMITS = ("RATE_PER_KEY", "RATE_PER_MEMBER", "RATE_OF_ALL")  # this is about the log, not about patience
SERVE = ("-c", "from hashing.cli import main; main()", "serve", "--port", "0", "--data")
MOST_SECONDS = 5.0  # to start again after a kill
THREADS = 4  # that append while the service is killed


@dataclass(frozen=True, slots=True)
class Endured:
    """What came of it: acknowledged entries, those in the log, the slowest start."""

    acknowledged: int
    entries: int
    slowest_start: float


def append_at_once(folder: Path, *, writers: int, entries: int) -> Endured:
    """*writers* processes have the service append *entries* each; every receipt and place is checked.

    Raises:
        RuntimeError: a place was given twice or to nobody.
        VerificationError: a receipt is not in the log.
    """
    data, key = _founded(folder)
    with _running(data, key) as (process, address, seconds):
        turns = [(address, key, entries)] * writers
        with ProcessPoolExecutor(writers, mp_context=get_context("spawn")) as pool:
            receipts = [receipt for own in pool.map(_append_many, turns) for receipt in own]
        _stop(process)
    places = sorted(receipt.index for receipt in receipts)
    if places != list(range(places[0], places[0] + writers * entries)):
        raise RuntimeError("the places of the log were not given one by one")
    found = verify_bundle(_exported(data, folder / "bundle"), receipts=receipts)
    return Endured(len(receipts), found.entries, seconds)


def kill_at_random(folder: Path, *, kills: int, seed: int) -> Endured:
    """Kill the service *kills* times while it appends; whatever it acknowledged must be in the log, without a gap.

    Raises:
        VerificationError: a receipt is not in the log, or the log has a gap.
    """
    data, key = _founded(folder)
    moments = random.Random(seed)
    receipts: list[Receipt] = []
    slowest = 0.0
    for _ in range(kills):
        with _running(data, key) as (process, address, seconds), ThreadPoolExecutor(THREADS) as team:
            heard: SimpleQueue[Receipt] = SimpleQueue()
            working = [team.submit(_append_until_cut_off, address, key, heard) for _ in range(THREADS)]
            try:
                for _ in range(moments.randint(1, 20)):
                    heard.get(timeout=60)
                time.sleep(moments.uniform(0, 0.05))
            finally:
                process.send_signal(signal.SIGKILL)  # or the threads would never end
            receipts += [receipt for work in working for receipt in work.result()]
            slowest = max(slowest, seconds)
    with _running(data, key) as (process, _, seconds):
        _stop(process)
    found = verify_bundle(_exported(data, folder / "bundle"), receipts=receipts)
    return Endured(len(receipts), found.entries, max(slowest, seconds))


def _append_many(turn: tuple[str, Path, int]) -> list[Receipt]:
    address, key, entries = turn
    with connect(address, open_member_key(key)) as connection:
        return [_append(connection) for _ in range(entries)]


def _append_until_cut_off(address: str, key: Path, heard: SimpleQueue[Receipt]) -> list[Receipt]:
    receipts: list[Receipt] = []
    with connect(address, open_member_key(key)) as connection:
        try:
            while True:
                receipts.append(_append(connection))
                heard.put(receipts[-1])
        except ConnectionFailed:
            return receipts


def _append(connection: Connection) -> Receipt:
    """Ask for a sign-in link: the cheapest act that is logged."""
    return receipt_in(connection.sign_in_answer().headers)


def receipt_in(headers: httpx2.Headers) -> Receipt:
    """The one receipt that an answer names."""
    index, leaf, when = headers["headcount-receipt"].split(";")
    text = when.removeprefix('time="').removesuffix('"')
    return Receipt(int(index), leaf.removeprefix('leaf="').removesuffix('"'), datetime.fromisoformat(text))


def _founded(folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True)
    key = folder / "coordinator"
    new_member_key(key)
    return folder / "data", key


@contextmanager
def _running(data: Path, key: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """The service, its address, and how many seconds it took to answer."""
    began = time.perf_counter()
    command = [sys.executable, *SERVE, str(data), "--coordinator", str(public_path(key))]
    without_limits = os.environ | {f"HEADCOUNT_{name}": "0" for name in LIMITS}
    with subprocess.Popen(  # noqa: S603 -- our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=without_limits
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if " ready " not in f" {line}":
                raise RuntimeError("the service did not start")
            yield process, line.split()[-1], time.perf_counter() - began
        finally:
            process.kill()


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def _exported(data: Path, out: Path) -> Path:
    return export_folder(data, out).bundle


def main() -> int:
    """Do both, and tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        many = append_at_once(Path(folder) / "many", writers=chosen.writers, entries=chosen.entries)
        rate = many.acknowledged / (time.perf_counter() - began)
        print(
            f"{chosen.writers} processes: {many.acknowledged:,} entries acknowledged, each once ({rate:,.0f} a second)"
        )
        killed = kill_at_random(Path(folder) / "killed", kills=chosen.kills, seed=chosen.seed)
    print(f"{chosen.kills} kills: {killed.acknowledged:,} entries acknowledged, all in a log of {killed.entries:,}")
    print(f"slowest start {killed.slowest_start:.1f} s, of at most {MOST_SECONDS:g}")
    return int(killed.slowest_start > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
