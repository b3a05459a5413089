"""Links the same made-up town with both engines, whole commands in turn: python -m bench.engines.

The town is made and encoded once and kept in the folder. Both commands must write the same people.csv, byte for byte.
Memory is the sum over a command's processes, Java's among them.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.encoding_speed import Command, measured
from bench.labelled import encode_town
from bench.towns import TownSpec, make_town, write_town
from linkage.store import read_report, read_table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.engines", description="Link a town with both engines.")
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--profile", default="bloom")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--codes", type=Path, help="a folder of encoded files instead of a made-up town's")
    parser.add_argument("--folder", type=Path, default=Path("build/engines"))
    given = parser.parse_args(arguments)
    folder = given.folder / (given.codes.name if given.codes else f"{given.seed}-{given.people}-{given.profile}")
    codes = given.codes or _encoded(TownSpec(seed=given.seed, people=given.people), folder, given.profile)
    files = sorted(codes.glob("*.codes.jsonl"))
    for engine, options in (("duckdb", ()), ("spark", ("--engine", "spark", "--master", given.master))):
        _run(engine, [*map(str, files), *options], folder)
    same = len({(folder / engine / "people.csv").read_bytes() for engine in ("duckdb", "spark")}) == 1
    print("people.csv: the same bytes" if same else "people.csv: DIFFERENT")
    return 0 if same else 1


def _encoded(spec: TownSpec, folder: Path, profile: str) -> Path:
    """The folder of a town's encoded files, made unless they are there."""
    if not (folder / "codes").exists():
        write_town(make_town(spec), folder / "town")
        encode_town(folder / "town", folder / "making", profile)
        (folder / "making").rename(folder / "codes")
    return folder / "codes"


def _run(engine: str, arguments: Sequence[str], folder: Path) -> None:
    out = folder / engine
    shutil.rmtree(out, ignore_errors=True)
    run = measured(Command([sys.executable, "-m", "hashing", "link", *arguments, "--out", str(out)]))
    stages = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in read_report(out)["seconds"].items())
    records = read_table(out, "records").num_rows
    print(f"{engine:<8}{records:>10,} records{run.seconds:>8.1f} s{run.megabytes:>8.0f} MB   {stages}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
