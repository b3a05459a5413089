"""Encodes the same rows with ``headcount hash`` and with clkhash 0.18.3, in turn: python -m bench.encoding_speed.

clkhash gets an environment of its own. Both are whole commands, reading and writing included, on all processors. Times
are told as medians and as ratios, since machines differ and are shared; so is the time that processors worked. Memory
is the sum over a command's processes of what each holds alone and its part of what it shares (Linux). ``--numpy`` also
measures Headcount as it runs where its machine code was not built.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from bench.names import read_rows

CLKHASH = "clkhash==0.18.3"
HEADERS = (
    "rec_id", "first_name", "middle", "last_name", "dob", "sex", "ssn", "street_number", "street_name", "city", "zip",
    "phone",
)  # fmt: skip
_LOOK_EVERY = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command."""

    seconds: float
    worked: float  # seconds of all processors
    megabytes: float


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, and what is on the path of its Python."""

    arguments: list[str]
    path: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--file", type=Path, help="a CSV with these columns instead of made-up rows")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/encoding-speed"))
    parser.add_argument("--without-clkhash", action="store_true")
    parser.add_argument("--numpy", action="store_true", help="also without machine code")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    source = given.file or _made_rows(given.folder / "rows.csv", given.rows)
    commands = _commands(source, given.folder, with_clkhash=not given.without_clkhash, with_numpy=given.numpy)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(given.repeat):
        for name, command in commands.items():
            shutil.rmtree(given.folder / "out", ignore_errors=True)  # giving up an earlier file is not this run's work
            (given.folder / "clks.json").unlink(missing_ok=True)
            runs[name].append(measured(command))
            last = runs[name][-1]
            print(f"{name:<18}{last.seconds:8.1f} s{last.worked:8.1f} s worked{last.megabytes:8.0f} MB", flush=True)
    with source.open(encoding="utf-8") as stream:
        _print(runs, sum(1 for _ in stream) - 1)


def _print(runs: dict[str, list[Run]], rows: int) -> None:
    rates = {name: rows / statistics.median(run.seconds for run in some) for name, some in runs.items()}
    worked = {name: statistics.median(run.worked for run in some) for name, some in runs.items()}
    print(f"\n{rows:,} rows, medians of whole commands: by the clock, and by the time that processors worked")
    for name, rate in rates.items():
        ratio = f"{rate / rates['clkhash']:8.2f} x clkhash" if "clkhash" in rates else ""
        share = f"{worked['clkhash'] / worked[name]:8.2f} x" if "clkhash" in worked else ""
        microseconds = f"{worked[name] / rows * 1e6:8.1f} us a row"
        memory = f"{max(run.megabytes for run in runs[name]):8.0f} MB"
        print(f"{name:<18}{rate:10,.0f} rows/s{ratio}{microseconds}{share}{memory}")


def _commands(source: Path, folder: Path, *, with_clkhash: bool, with_numpy: bool) -> dict[str, Command]:
    headcount = shutil.which("headcount", path=str(Path(sys.executable).parent))
    if headcount is None:
        raise SystemExit("run 'make setup' first: there is no command headcount beside this Python")
    secret = folder / "secret"
    if not secret.exists():
        subprocess.run([headcount, "secret", "new", "--out", str(secret)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    told = ["--agency", "a", "--secret", str(secret), "--out", str(folder / "out"), "--replace"]
    commands = {
        profile: Command([headcount, "hash", str(source), *told, "--profile", profile])
        for profile in ("bloom", "hardened")
    }
    if with_numpy:
        blocked = str(Path(__file__).with_name("numpy_alone"))
        commands |= {f"{name}, numpy": Command(one.arguments, blocked) for name, one in commands.items()}
    if with_clkhash:
        python, script = _clkhash_python(folder / "clkhash"), Path(__file__).with_name("clkhash_rows.py")
        clkhash = Command([str(python), str(script), str(source), str(folder / "clks.json")])
        commands = {"clkhash": clkhash, **commands}
    return commands


def _clkhash_python(folder: Path) -> Path:
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", CLKHASH], check=True)  # noqa: S603
    return python


def measured(command: Command, out: BinaryIO | None = None) -> Run:
    """Run a command to its end; what it prints goes to *out*, or nowhere."""
    start, before, most = time.perf_counter(), _worked(), 0.0
    environment = os.environ | ({"PYTHONPATH": command.path} if command.path else {})
    process = subprocess.Popen(command.arguments, stdout=out or subprocess.DEVNULL, env=environment)  # noqa: S603
    while process.poll() is None:
        most = max(most, _megabytes(process.pid))
        time.sleep(_LOOK_EVERY)
    if process.returncode:
        raise SystemExit(f"{command.arguments[0]} failed")
    return Run(time.perf_counter() - start, _worked() - before, most)


def _worked() -> float:
    """Seconds of all processors for the processes that were started here and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _megabytes(pid: int) -> float:
    """What a process and those that it started hold in memory; 0 where the system does not tell."""
    total = 0.0
    for one in [pid, *_descendants(pid)]:
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text("utf-8").splitlines()
        except OSError:  # it has ended, or this is no Linux
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def _descendants(pid: int) -> list[int]:
    try:
        children = [
            int(one)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for one in (task / "children").read_text("utf-8").split()
        ]
    except OSError:
        return []
    return children + [one for child in children for one in _descendants(child)]


def _made_rows(path: Path, rows: int) -> Path:
    """A CSV of made-up people; cells are empty as often as agencies leave them empty, and some hold a slip."""
    dice = random.Random(7)
    draws = draw_names(dice, rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADERS)
        for row in range(rows):
            drawn = [some[row] for some in draws]
            typed = [with_slip(text, dice) if dice.random() < 0.03 else text for text in drawn]
            writer.writerow([f"A{row:09}", *lacking(made_row(typed, dice), dice)])
    return path


def draw_names(dice: random.Random, count: int) -> list[list[str]]:
    """First names, surnames and streets, as often as they occur."""
    return [_draws(read_rows(f"{part}.csv.gz"), dice, count) for part in ("first_names", "surnames", "streets")]


def _draws(some: Sequence[dict[str, str]], dice: random.Random, rows: int) -> list[str]:
    texts = [" ".join(filter(None, (row.get("direction"), row["name"], row.get("kind")))) for row in some]
    return dice.choices(texts, weights=[float(row.get("count") or 1) for row in some], k=rows)


def made_row(drawn: Sequence[str], dice: random.Random) -> list[str]:
    """The cells of a made-up person, from a first name, a surname and a street; all but the client number."""
    first, last, street = drawn
    born = date(1930, 1, 1) + timedelta(days=dice.randrange(32_000))
    ssn = f"{dice.randrange(1, 650):03}{dice.randrange(1, 100):02}{dice.randrange(1, 10_000):04}"
    return [
        first,
        dice.choice("ABCDEFGHJKLM"),
        last,
        born.isoformat(),
        dice.choice("FM"),
        ssn,
        str(dice.randrange(1, 9_990)),
        street,
        "Anytown",
        str(dice.randrange(96_000, 99_999)),
        f"{dice.randrange(200, 999)}555{dice.randrange(10_000):04}",
    ]


def lacking(cells: Sequence[str], dice: random.Random) -> list[str]:
    """Cells, empty as often as agencies leave them empty."""
    shares = (0.002, 0.4, 0.0, 0.01, 0.01, 0.25, 0.03, 0.03, 0.03, 0.03, 0.1)
    return ["" if dice.random() < share else cell for cell, share in zip(cells, shares, strict=True)]


def with_slip(text: str, dice: random.Random) -> str:
    """Text with one letter mistyped."""
    place = dice.randrange(len(text))
    return text[:place] + dice.choice("aeiourst") + text[place + 1 :]


if __name__ == "__main__":
    main()
