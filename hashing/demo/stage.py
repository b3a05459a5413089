"""Runs the commands of the demo and shows them, and keeps the service running meanwhile."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from hashing.errors import ConnectionFailed, OutputError

MARK = ".headcount-demo"  # a folder with this file was made by the demo, and may be made again
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: its folder, and the console that it tells the story on."""

    folder: Path
    console: Console

    def title(self, text: str) -> None:
        """A chapter."""
        self.console.print(f"\n[bold]{text}[/bold]")

    def say(self, text: str) -> None:
        """A sentence."""
        self.console.print(text)

    def run(self, *arguments: str | Path) -> None:
        """Show and run a ``headcount`` command that must succeed.

        Raises:
            ConnectionFailed: it did not.
        """
        if self._run(arguments) != 0:
            raise ConnectionFailed("a step of the demo failed", hint="The lines above say why.")

    def run_refused(self, *arguments: str | Path) -> None:
        """Show and run a ``headcount`` command that must be refused.

        Raises:
            ConnectionFailed: it was not refused.
        """
        if self._run(arguments) == 0:
            raise ConnectionFailed("a step of the demo should have been refused", hint="Please report this.")

    def quietly(self, *arguments: str | Path) -> None:
        """Run a command without showing it."""
        subprocess.run(self._command(arguments), check=True, stdout=subprocess.DEVNULL, cwd=self.folder)  # noqa: S603

    def _run(self, arguments: tuple[str | Path, ...]) -> int:
        shown = " ".join(str(argument) for argument in arguments)
        self.console.print(f"[cyan]$ headcount {shown}[/cyan]", soft_wrap=True)
        done = subprocess.run(  # noqa: S603 -- our own command, with arguments that we wrote
            self._command(arguments), cwd=self.folder, check=False, stderr=subprocess.STDOUT
        )
        return done.returncode

    @staticmethod
    def _command(arguments: tuple[str | Path, ...]) -> list[str]:
        return [sys.executable, "-m", "hashing", *map(str, arguments)]


def clear(folder: Path) -> None:
    """Make the demo's folder, or make it anew.

    Raises:
        OutputError: the folder holds something that the demo did not make.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise OutputError(f"{folder}: the folder is not the demo's", hint="Give an empty folder with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


@contextmanager
def running_service(folder: Path, *, port: int = 0) -> Iterator[str]:
    """Start the service on a free loopback port; yields its address, and stops it in good order.

    Raises:
        ConnectionFailed: it did not start.
    """
    command = [sys.executable, "-m", "hashing", "serve", "--data", "service", "--port", str(port)]
    command += ["--coordinator", "keys/coordinator.pub", "--name", "anytown.example/headcount"]
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise ConnectionFailed("the service cannot be heard", hint="Please report this.")
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            if " at http" in line:
                return line.rsplit(" ", 1)[1].strip()
    finally:
        timer.cancel()
    raise ConnectionFailed("the service did not start", hint="See service.log in the demo's folder.")
