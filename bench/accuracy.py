"""How good the shipped model is: on the demo town, and on generated towns that no weight has seen.

    python -m bench.accuracy --profile hardened

Every line is a whole linkage of encoded files (hash, link, evaluate), as a user would run it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from bench.labelled import TRUTH, encode_town
from bench.towns import TownSpec, make_town, write_town
from evaluation.evaluate import Evaluation, evaluate
from linkage.run import link

DEMO = Path(__file__).resolve().parents[1] / "demo"
VICTIM_SERVICES = "domestic_violence"  # a victim service provider sends totals only
TOWNS = (
    TownSpec(seed=3001),
    TownSpec(seed=3002, name_mix="mixed", agencies=9),
    TownSpec(seed=3003, name_mix="hispanic", people=3000, agencies=7, noise=1.2),
    TownSpec(seed=3004, name_mix="asian", people=2500, agencies=6, noise=0.8),
    TownSpec(seed=3005, people=12_000, agencies=8),
    TownSpec(seed=3006, name_mix="slavic", people=1500, agencies=5),
    TownSpec(seed=3007, people=150, agencies=4),
    TownSpec(seed=3008, people=6000, agencies=10, noise=1.4),
    TownSpec(seed=3009, people=600, agencies=5, name_mix="mixed"),
    TownSpec(seed=3010, people=4500, overlap=1.5),
)
COLUMNS = f"{'town':<44}{'clients':>9}{'P':>8}{'R':>8}{'F1':>8}{'people':>9}{'true':>8}{'error %':>9}  range"


def measure(town: Path, truth: Path, work: Path, profile: str) -> Evaluation:
    """Encode, link and evaluate one town."""
    encode_town(town, work / "codes", profile)
    link(sorted((work / "codes").glob("*.codes.jsonl")), work / "run")
    return evaluate(work / "run", crosswalks=work / "codes", truth=truth)


def measure_demo(work: Path, profile: str) -> Evaluation:
    """The demo town without its victim service provider."""
    leave_out = shutil.ignore_patterns(VICTIM_SERVICES)
    shutil.copytree(DEMO / "anytown", work / "town", ignore=leave_out)
    return measure(work / "town", DEMO / "truth" / "records.csv", work, profile)


def measure_generated(spec: TownSpec, work: Path, profile: str) -> Evaluation:
    """A generated town."""
    write_town(make_town(spec), work / "town")
    return measure(work / "town", work / "town" / TRUTH, work, profile)


def line(name: str, found: Evaluation) -> str:
    """One town as a line of text."""
    place = "inside" if found.is_inside_range else "OUTSIDE"
    shares, people = found.figures.shares, found.figures.people
    return (
        f"{name:<44}{found.figures.clients:>9,}{shares.precision:>8.4f}{shares.recall:>8.4f}{shares.f1:>8.4f}"
        f"{people.found:>9,}{people.true:>8,}{people.error_percent:>+9.2f}"
        f"  {found.low:,} to {found.high:,} {place}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description="Measure the shipped model.")
    parser.add_argument("--profile", default="bloom")
    profile = parser.parse_args().profile
    print(COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        print(line("anytown (demo, eight agencies)", measure_demo(Path(folder), profile)), flush=True)
    results = []
    for spec in TOWNS:
        with tempfile.TemporaryDirectory() as folder:
            results.append(measure_generated(spec, Path(folder), profile))
        name = f"seed {spec.seed}: {spec.people:,} people, {spec.name_mix}, noise {spec.noise}"
        print(line(name, results[-1]), flush=True)
    inside = sum(found.is_inside_range for found in results)
    print(
        f"\ngenerated towns: median F1 {statistics.median(r.figures.shares.f1 for r in results):.4f}, "
        f"worst {min(r.figures.shares.f1 for r in results):.4f}; "
        f"median error of people {statistics.median(abs(r.figures.people.error_percent) for r in results):.2f} %, "
        f"worst {max(abs(r.figures.people.error_percent) for r in results):.2f} %; "
        f"truth inside the range in {inside} of {len(results)}; "
        f"median calibration error {statistics.median(r.calibration_error for r in results):.4f}"
    )


if __name__ == "__main__":
    main()
