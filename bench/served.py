"""A service of its own for a bench: started as an operator would, without limits, and ended with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVE = ("-c", "from hashing.cli import main; main()", "serve", "--port", "0", "--data")
LIMITS = ("RATE_PER_KEY", "RATE_PER_MEMBER", "RATE_OF_ALL", "RATE_OF_REFUSALS")


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: where it answers, and its process."""

    address: str
    process: int

    def memory(self) -> int:
        """Bytes of memory that it holds now."""
        return self._kilobytes("VmRSS:") * 1024

    def peak(self) -> int:
        """The most bytes of memory that it ever held."""
        return self._kilobytes("VmHWM:") * 1024

    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.process}/fd"))  # noqa: PTH208 -- names that vanish while they are read

    def _kilobytes(self, name: str) -> int:
        lines = Path(f"/proc/{self.process}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


@contextmanager
def serving(data: Path, coordinator: Path, log: Path, **environment: str) -> Iterator[Served]:
    """The service on *data*, whose own log goes to *log*; stopped in the usual way at the end.

    Raises:
        RuntimeError: it did not start, or did not stop as it should.
    """
    command = [sys.executable, *SERVE, str(data), "--coordinator", str(coordinator)]
    chosen = os.environ | {f"HEADCOUNT_{name}": "0" for name in LIMITS} | environment
    with (
        log.open("wb") as told,
        subprocess.Popen(  # noqa: S603 -- our own command
            command, stdout=subprocess.PIPE, stderr=told, text=True, env=chosen
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if " ready " not in f" {line}":
                raise RuntimeError(f"the service did not start: {log.read_text(encoding='utf-8')}")
            yield Served(line.split()[-1], process.pid)
            process.send_signal(signal.SIGTERM)
            if process.wait(60):
                raise RuntimeError(f"the service ended with {process.returncode}")
        finally:
            process.kill()
