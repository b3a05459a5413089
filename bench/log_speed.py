"""The audit log in numbers: appends, proofs, the size of a bundle and its check: python -m bench.log_speed.

Appends are timed on a log that waits for the disk at each. The large log is written without waiting, since only its
size matters for the rest: proofs, export, restart, and the whole check with witnesses. Times are one run each, or a
median.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import Quorum, WitnessSigner, parse_witnesses
from audit.disk import Disk
from audit.events import Act, Event
from audit.log import AuditLog
from audit.proof import verify_proof
from audit.signing import LogSigner
from audit.verify import verify_bundle

WITNESSES = 3
_STARTED = datetime(2026, 1, 1, tzinfo=UTC)


class HastyDisk(Disk):
    """A disk that nobody waits for."""

    def sync(self, descriptor: int) -> None:
        """Do not wait."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--checkpoints", type=int, default=1_000, help="how often the large log is signed and cosigned")
    parser.add_argument("--appends", type=int, default=5_000, help="how many appends are timed that wait for the disk")
    parser.add_argument("--proofs", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, default=Path("build/log-speed"))
    chosen = parser.parse_args(arguments)
    shutil.rmtree(chosen.folder, ignore_errors=True)
    chosen.folder.mkdir(parents=True)
    signer = LogSigner.create("bench.example/headcount")
    _appends(chosen.folder / "synced", signer, chosen.appends)
    _large(chosen, signer)
    print(f"Most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def an_event(number: int) -> Event:
    """An event as a service writes it: with a request's digest and two details."""
    return Event(
        actor=f"key-{number % 40:016x}",
        role="agency",
        act=Act.MATCHES_READ,
        object=f"run/{number:032x}",
        purpose="care-coordination",
        outcome="allowed",
        rule="consent",
        agency=f"agency-{number % 9}",
        epoch=1,
        request_signature=f"{number:064x}",
        details={"matches": number % 17, "start": number},
    )


def _appends(folder: Path, signer: LogSigner, count: int) -> None:
    with AuditLog.open(folder, signer, clock=_clock()) as log:
        seconds = []
        for number in range(count):
            start = time.perf_counter()
            log.append(an_event(number))
            seconds.append(time.perf_counter() - start)
        signing = _median(20, lambda: (log.append(an_event(0)), log.checkpoint()))
    print(f"Appends that wait for the disk: {count / sum(seconds):,.0f} a second, one after the other")
    print(f"  median {statistics.median(seconds) * 1e3:.2f} ms, 99 of 100 below {_high(seconds) * 1e3:.2f} ms")
    print(f"An append and a checkpoint: {signing * 1e3:.1f} ms")


def _large(chosen: argparse.Namespace, signer: LogSigner) -> None:
    witnesses = [WitnessSigner.create(f"witness-{number}.example") for number in range(WITNESSES)]
    vkeys = "".join(witness.vkeys for witness in witnesses)
    folder, known = chosen.folder / "large", parse_witnesses(vkeys)
    clock = _clock()
    with AuditLog.open(folder, signer, clock=clock, disk=HastyDisk(), witnesses=known) as log:
        with _timed(f"Appends that do not wait, of {chosen.entries:,}, {chosen.checkpoints:,} times cosigned"):
            _fill(log, witnesses, chosen.entries, chosen.entries // chosen.checkpoints)
        _prove(log, signer, chosen)
        with _timed("Export"):
            bundle = log.export(chosen.folder / "bundle")
    _sizes(bundle)
    with _timed("Start of a service on it"):
        AuditLog.open(folder, signer, clock=clock, disk=HastyDisk(), witnesses=known).close()
    with _timed("headcount audit verify, with witnesses"):
        found = verify_bundle(bundle, vkeys=signer.vkeys, quorum=Quorum.of(vkeys, 2))
    print(f"  {found.entries:,} entries, {found.checkpoints:,} checkpoints")


def _fill(log: AuditLog, witnesses: Sequence[WitnessSigner], entries: int, every: int) -> None:
    for number in range(1, entries + 1):
        log.append(an_event(number))
        if number % every == 0:
            signed = parse_signed_checkpoint(log.checkpoint())
            lines = [line for one in witnesses for line in one.cosign(signed, time=_STARTED + timedelta(days=300))]
            log.witnessing.take(str(signed.with_signatures(lines)))


def _prove(log: AuditLog, signer: LogSigner, chosen: argparse.Namespace) -> None:
    chance = random.Random(1)
    size = log.witnessing.newest(WITNESSES).checkpoint.size
    numbers = iter([chance.randrange(size) for _ in range(chosen.proofs)])
    print(f"Proof of an entry: {_median(chosen.proofs, lambda: log.proof(next(numbers))) * 1e3:.2f} ms")
    old = iter([chance.randrange(size) for _ in range(chosen.proofs)])
    consistency = _median(chosen.proofs, lambda: log.witnessing.submission(next(old)))
    print(f"Proof that the log grew from an earlier state: {consistency * 1e3:.2f} ms")
    receipt, text = log.append(an_event(0)), ""
    text = log.proof(receipt.index)
    check = _median(chosen.proofs, lambda: verify_proof(text, receipt=receipt, vkeys=signer.vkeys))
    print(f"Check of a proof, with both signatures: {check * 1e3:.2f} ms; its file: {len(text.encode()):,} bytes")


def _sizes(bundle: Path) -> None:
    packed = Path(shutil.make_archive(str(bundle), "zip", bundle.parent, bundle.name))
    whole = sum(path.stat().st_size for path in bundle.iterdir())
    print(f"Bundle: {whole / 1e6:,.0f} MB, as a zip {packed.stat().st_size / 1e6:,.0f} MB")
    for path in sorted(bundle.iterdir()):
        print(f"  {path.name}: {path.stat().st_size / 1e6:,.1f} MB")


def _clock() -> Callable[[], datetime]:
    ticks: Iterator[int] = iter(range(sys.maxsize))
    return lambda: _STARTED + timedelta(seconds=next(ticks))


def _median(times: int, act: Callable[[], object]) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _high(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start, worked = time.perf_counter(), time.process_time()
    yield
    print(f"{what}: {time.perf_counter() - start:,.1f} s ({time.process_time() - worked:,.1f} s of a processor)")
    sys.stdout.flush()


if __name__ == "__main__":
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    main()
