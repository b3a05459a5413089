"""The service under load: many agencies send their lists at once while others read.

``python -m bench.load --agencies 40 --rows 25000`` starts the service itself, speaks to it as its members do, with
signed requests, and does so twice: while nothing else happens, and while a linkage of all these lists runs.
Throughput, latencies at the median and the 99th percentile, and the service's memory to the screen; an answer that is
not as it has to be ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.made_up_files import TERMS, write_file
from bench.served import Served, serving
from hashing.connection import Connection, NewMember, connect
from hashing.member_key import new_member_key, open_member_key, public_path
from hashing.schema import AgencyKind, HeadcountError

MEBIBYTE = 1 << 20
READERS = 4


@dataclass(slots=True)
class Heard:
    """Seconds that each answer took, by what was asked; and what was refused."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, name: str, question: Callable[[], object]) -> None:
        """Ask one question, and note how long the answer took."""
        began = time.perf_counter()
        try:
            question()
        except HeadcountError as error:
            with self.lock:
                self.wrong.append(f"{name}: {error.what}")
            return
        with self.lock:
            self.seconds.setdefault(name, []).append(time.perf_counter() - began)


def main() -> int:
    """Both rounds, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=40)
    parser.add_argument("--rows", type=int, default=25_000)
    chosen = parser.parse_args()
    agencies = [f"agency{number:02}" for number in range(chosen.agencies)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with founded(folder, agencies) as served:
            wrong = _round(served, folder, agencies, rows=chosen.rows, linking=False)
            wrong += _round(served, folder, agencies, rows=chosen.rows, linking=True)
        wrong += [line for line in (folder / "log").read_text(encoding="utf-8").splitlines() if "Traceback" in line]
    print("\n".join(wrong) or "nothing was refused")
    return int(bool(wrong))


def _round(served: Served, folder: Path, agencies: Sequence[str], *, rows: int, linking: bool) -> list[str]:
    """Everybody sends a new file at once, while some read all the time; the figures go to the screen."""
    files = [_file(folder, agency, rows, seed=number + 1000 * linking) for number, agency in enumerate(agencies)]
    heard = Heard()
    with member(served, folder, "coordinator") as coordinator:
        run = coordinator.start_run() if linking else ""
        took = _seconds_of(served, folder, dict(zip(agencies, files, strict=True)), heard)
        during = f"while a linkage ran ({coordinator.run(run).state} at the end)" if linking else "alone"
        if linking:
            coordinator.wait_for_run(run, progress=lambda _stage, _part: None)
    size = sum(path.stat().st_size for path in files) / MEBIBYTE
    print(f"{len(files)} files of {rows:,} rows {during}: {took:.1f} s,", end=" ")
    print(f"{rows * len(files) / took:,.0f} rows a second, {size / took:.1f} MiB a second")
    _tell(heard, served)
    shutil.rmtree(folder / "files")
    return heard.wrong


def _seconds_of(served: Served, folder: Path, files: Mapping[str, Path], heard: Heard) -> float:
    """Send every file at once while some read; how long it took until the last one was taken."""
    over, agencies = threading.Event(), [*files]
    began = time.perf_counter()
    with ThreadPoolExecutor(READERS) as readers, ThreadPoolExecutor(len(files)) as senders:
        reading = [readers.submit(_read, served, folder, agency, heard, over) for agency in agencies[:READERS]]
        sending = [senders.submit(_send, served, folder, *turn, heard) for turn in files.items()]
        wait(sending)
        took = time.perf_counter() - began
        over.set()
    for work in (*reading, *sending):
        work.result()
    return took


def _tell(heard: Heard, served: Served) -> None:
    for name, seconds in sorted(heard.seconds.items()):
        median, late = np.percentile(seconds, [50, 99])
        print(f"  {name:<12} {len(seconds):>6,} answers, p50 {median * 1000:,.0f} ms, p99 {late * 1000:,.0f} ms")
    memory, peak = served.memory() / MEBIBYTE, served.peak() / MEBIBYTE
    print(f"  memory of the service {memory:,.0f} MiB, at most {peak:,.0f} MiB; {served.descriptors()} files open")


def _send(served: Served, folder: Path, agency: str, file: Path, heard: Heard) -> None:
    with member(served, folder, agency) as connection:
        heard.ask("send", lambda: connection.send(file))


def _read(served: Served, folder: Path, agency: str, heard: Heard, over: threading.Event) -> None:
    with member(served, folder, agency) as connection:
        while not over.is_set():
            heard.ask("who am I", connection.whoami)
            heard.ask("members", connection.members)
            heard.ask("own files", connection.uploads)
            heard.ask("logged", connection.sign_in_link)


def _file(folder: Path, agency: str, rows: int, *, seed: int) -> Path:
    (folder / "files").mkdir(exist_ok=True)
    path = folder / "files" / f"{agency}.codes.jsonl"
    write_file(path, agency, rows, seed=seed)
    return path


def member(served: Served, folder: Path, name: str) -> AbstractContextManager[Connection]:
    """A new connection of the member of that *name*, whose key is in *folder*."""
    return connect(served.address, open_member_key(folder / name))


@contextmanager
def founded(folder: Path, agencies: Sequence[str]) -> Iterator[Served]:
    """A service in *folder* with a coordinator, *agencies* and an open epoch; its own log is the file ``log`` there."""
    for name in ("coordinator", *agencies):
        new_member_key(folder / name)
    with serving(folder / "data", public_path(folder / "coordinator"), folder / "log") as served:
        with member(served, folder, "coordinator") as coordinator:
            for agency in agencies:
                key = public_path(folder / agency).read_text(encoding="utf-8")
                coordinator.add_member(NewMember(agency, agency, "agency", key, AgencyKind.NONPROFIT))
            coordinator.open_epoch(TERMS)
        yield served


if __name__ == "__main__":
    sys.exit(main())
