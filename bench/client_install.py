"""What an agency installs, and how long the command takes to start: a wheel, alone, in an empty environment.

    python -m bench.client_install           (make client; needs the network)
    python -m bench.client_install --wheels  also asks whether every dependency has wheels for all systems

Builds Headcount's wheel, installs it without extras as ``pip install headcount`` would, weighs every package, starts
the command several times, and plays an agency's first steps with what was installed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "server.lock"
LIST = ROOT / "demo" / "anytown" / "free_clinic"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
GLIBC_2_28 = ("manylinux2014", "manylinux_2_17", "manylinux_2_24", "manylinux_2_27", "manylinux_2_28")
STARTS = 11
SLOWEST = 8
LIMIT = 0.5  # seconds until `headcount --help` has answered
_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s*([\w.]+)$")
_WEIGH = """
import importlib.metadata as m
for d in m.distributions():
    print(d.name, sum(f.locate().stat().st_size for f in d.files or () if f.locate().is_file()))
"""


@dataclass(frozen=True, slots=True)
class System:
    """A kind of computer: what pip calls it, and what the markers of dependencies see of it."""

    name: str
    platforms: tuple[str, ...]
    sys_platform: str
    machine: str


SYSTEMS = (
    System("Windows, Intel", ("win_amd64",), "win32", "AMD64"),
    System("Windows, ARM", ("win_arm64",), "win32", "ARM64"),
    System("macOS 11, Apple silicon", ("macosx_11_0_arm64",), "darwin", "arm64"),
    System("macOS 10.15, Intel", ("macosx_10_15_x86_64",), "darwin", "x86_64"),
    System("Linux (glibc 2.28), Intel", tuple(f"{kind}_x86_64" for kind in GLIBC_2_28), "linux", "x86_64"),
    System("Linux (glibc 2.28), ARM", tuple(f"{kind}_aarch64" for kind in GLIBC_2_28), "linux", "aarch64"),
)


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the base install."""

    name: str
    version: str
    wheel_bytes: int
    installed_bytes: int
    is_pure: bool


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with Headcount and what it needs, and nothing else."""

    python: Path
    packages: tuple[Package, ...]

    @property
    def command(self) -> Path:
        """The ``headcount`` command."""
        return self.python.with_name("headcount")


def install(work: Path) -> Installed:
    """Build the wheel and install it, with its base dependencies, into a fresh environment under *work*."""
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", work / "own", ROOT)
    _run(sys.executable, "-m", "venv", work / "venv")
    python = work / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    (own,) = (work / "own").glob("*.whl")
    _run(python, "-m", "pip", "download", "-q", "-d", work / "wheels", own)
    wheels = sorted((work / "wheels").glob("*.whl"))
    _run(python, "-m", "pip", "install", "-q", "--no-deps", *wheels)
    weights = {canonicalize_name(name): int(size) for name, size in map(str.split, _run(python, "-c", _WEIGH))}
    return Installed(python, tuple(_package(wheel, weights) for wheel in wheels))


def _package(wheel: Path, weights: Mapping[NormalizedName, int]) -> Package:
    name, version, _, tags = parse_wheel_filename(wheel.name)
    return Package(
        name, str(version), wheel.stat().st_size, weights[name], {str(tag.platform) for tag in tags} == {"any"}
    )


def start_times(installed: Installed, *, starts: int = STARTS) -> list[float]:
    """Seconds of each run of ``headcount --help``, after one that does not count."""
    times = []
    for _ in range(starts + 1):
        before = time.perf_counter()
        _run(installed.command, "--help")
        times.append(time.perf_counter() - before)
    return times[1:]


def slowest_imports(trace: str) -> list[tuple[str, float]]:
    """Seconds that each top-level package spends on its own imports, of what ``-X importtime`` prints."""
    spent: Counter[str] = Counter()
    for line in trace.splitlines():
        if found := _IMPORT.match(line):
            spent[found[2].partition(".")[0]] += int(found[1])
    return [(name, microseconds / 1e6) for name, microseconds in spent.most_common(SLOWEST)]


def locked_requirements(lock: str, names: Collection[str], *, python: str, system: System) -> list[str]:
    """The pins of *names* in a lock, as they apply to a version of Python on a system."""
    pins = [Requirement(line.removesuffix(" \\")) for line in lock.splitlines() if re.match(r"[a-z0-9]", line)]
    at = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "sys_platform": system.sys_platform,
        "platform_machine": system.machine,
    }
    wanted = [pin for pin in pins if canonicalize_name(pin.name) in names]
    return [f"{pin.name}{pin.specifier}" for pin in wanted if pin.marker is None or pin.marker.evaluate(at)]


def missing_wheels(pins: Sequence[str], platforms: Sequence[str], *, python: str, folder: Path) -> list[str]:
    """Of some pins, those without a wheel for a system."""
    if _has_wheels(pins, platforms, python=python, folder=folder):
        return []
    return [pin for pin in pins if not _has_wheels([pin], platforms, python=python, folder=folder)]


def _has_wheels(pins: Sequence[str], platforms: Sequence[str], *, python: str, folder: Path) -> bool:
    where = [option for platform in platforms for option in ("--platform", platform)]
    options = ["--only-binary=:all:", "--python-version", python, "--implementation", "cp", "--no-deps", *where]
    done = subprocess.run(  # noqa: S603 -- pip, with the pins of our own lock
        [sys.executable, "-m", "pip", "download", "-q", "-d", str(folder), *options, *pins],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


def wheel_table(packages: Sequence[Package], lock: str) -> Iterator[str]:
    """For each system and Python, whether the locked versions of all platform-bound packages have wheels."""
    names = {canonicalize_name(package.name) for package in packages if not package.is_pure}
    yield f"| system | {' | '.join(PYTHONS)} |"
    yield f"| --- |{' --- |' * len(PYTHONS)}"
    for system in SYSTEMS:
        cells = []
        for python in PYTHONS:
            pins = locked_requirements(lock, names, python=python, system=system)
            with tempfile.TemporaryDirectory() as folder:
                missing = missing_wheels(pins, system.platforms, python=python, folder=Path(folder))
            cells.append("none for " + ", ".join(missing) if missing else f"all {len(pins)}")
        yield f"| {system.name} | {' | '.join(cells)} |"


def size_table(packages: Sequence[Package]) -> Iterator[str]:
    """The packages, heaviest first, in megabytes of 10^6 bytes."""
    yield "| package | version | wheel, MB | installed, MB | for any system |"
    yield "| --- | --- | ---: | ---: | --- |"
    for package in sorted(packages, key=lambda package: (-package.installed_bytes, package.name)):
        sizes = f"{package.wheel_bytes / 1e6:.2f} | {package.installed_bytes / 1e6:.2f}"
        yield f"| {package.name} | {package.version} | {sizes} | {'yes' if package.is_pure else 'no'} |"
    wheels, installed = (sum(getattr(p, name) for p in packages) / 1e6 for name in ("wheel_bytes", "installed_bytes"))
    yield f"| **all {len(packages)}** | | **{wheels:.2f}** | **{installed:.2f}** | |"


def play_first_steps(installed: Installed, folder: Path) -> Iterator[str]:
    """An agency's first steps with the base install, and what the commands of the extras say without them.

    Raises:
        RuntimeError: a step did not end or speak as it should.
    """
    hash_list = f"hash {LIST} --agency free_clinic --secret secret --out out"
    steps = (
        ("secret new --out secret", 0, "never get it"),
        (f"check {LIST}", 0, "can be encoded"),
        (hash_list, 0, "may leave this computer"),
        ("inspect out/free_clinic.codes.jsonl", 0, "what the linkage service would see"),
        ("link out/free_clinic.codes.jsonl --out run", 1, "pip install 'headcount[server]'"),
        ("secret split secret --shares 3 --needed 2 --out shares", 1, "pip install 'headcount[backup]'"),
    )
    for typed, code, words in steps:
        done = subprocess.run(  # noqa: S603 -- the command that was just installed
            [str(installed.command), *typed.split(" ")], cwd=folder, check=False, capture_output=True, text=True
        )
        if done.returncode != code or words not in " ".join((done.stdout + done.stderr).split()):
            raise RuntimeError(f"headcount {typed}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
        yield f"headcount {typed.replace(str(LIST), LIST.name)}: {'works' if code == 0 else 'says: ' + words}"


def _run(*arguments: str | Path) -> list[str]:
    done = subprocess.run(  # noqa: S603 -- pip and the command that it installed
        [str(argument) for argument in arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.splitlines()


def _import_trace(installed: Installed) -> str:
    done = subprocess.run(  # noqa: S603 -- the command that was just installed
        [str(installed.python), "-X", "importtime", "-m", "hashing", "--help"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return done.stderr


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheels", action="store_true", help="ask for wheels for all systems and Pythons (slow)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        installed = install(work)
        print(*size_table(installed.packages), "", sep="\n")
        print(*play_first_steps(installed, work), "", sep="\n")
        times = start_times(installed)
        median = statistics.median(times)
        print(f"headcount --help: median of {len(times)} starts {median:.2f} s, {min(times):.2f} to {max(times):.2f} s")
        for name, seconds in slowest_imports(_import_trace(installed)):
            print(f"  {name:<20} {seconds:.3f} s of its own imports")
        if options.wheels:
            print("", *wheel_table(installed.packages, LOCK.read_text("utf-8")), sep="\n")
    sys.exit(median > LIMIT and f"slower than {LIMIT} s")


if __name__ == "__main__":
    main()
