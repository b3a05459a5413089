"""Links two long lists, encoded, beside plaintext Splink on the same rows: python -m bench.linking_speed.

    python -m bench.linking_speed --rows 100000 --profile bloom
    python -m bench.linking_speed --lists FOLDER       a.csv, b.csv and truth.csv (agency, client_id, person_id)

Both are commands of their own, in turn. Splink's seconds are those of training, predicting and clustering;
Headcount's of blocking, scoring and forming people; reading and checking the encoded files stands apart. Ratios and
medians count: machines differ and are shared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pc

from bench.encoding_speed import Command, measured
from bench.two_lists import write_lists

LINKING = ("block", "score", "people")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One linkage: seconds of its stages, memory of its processes, and how well it did."""

    stages: dict[str, float]
    megabytes: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Of pairs, within and across the lists."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def seconds(self, *stages: str) -> float:
        """Of some stages together."""
        return sum(self.stages[stage] for stage in stages)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each list")
    parser.add_argument("--lists", type=Path, help="a folder with lists instead of made-up ones")
    parser.add_argument("--profile", default="bloom")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/linking-speed"))
    given = parser.parse_args(arguments)
    lists = given.lists or given.folder / f"lists-{given.rows}"
    if not (lists / "truth.csv").exists():
        write_lists(lists, given.rows)
    codes = _encoded(lists, given.folder / f"codes-{given.rows}", given.profile)
    ours, theirs = [], []
    for _ in range(given.repeat):
        ours.append(_linked(codes, given.folder / "run", lists / "truth.csv"))
        theirs.append(_plaintext(lists, given.folder / "splink.csv"))
        print(_line("headcount", ours[-1]), _line("splink", theirs[-1]), sep="\n", flush=True)
    _summarise(ours, theirs)


def _line(name: str, outcome: Outcome) -> str:
    stages = "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in outcome.stages.items())
    scores = f"P {outcome.precision:.4f}  R {outcome.recall:.4f}  F1 {outcome.f1:.4f}"
    return f"{name:<10} {scores}  {outcome.megabytes:6.0f} MB  {stages}"


def _summarise(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> None:
    mine = statistics.median(each.seconds(*LINKING) for each in ours)
    splinks = statistics.median(sum(each.stages.values()) for each in theirs)
    read = statistics.median(each.stages["read"] for each in ours)
    print(
        f"\nmedians: headcount {mine:.1f} s (and {read:.1f} s to read), splink {splinks:.1f} s: {splinks / mine:.2f} x"
    )
    print(f"F1: headcount {ours[-1].f1:.4f}, splink {theirs[-1].f1:.4f}")


def _headcount(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("headcount")), *arguments]


def _encoded(lists: Path, out: Path, profile: str) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    secret = out / "secret"
    if not secret.exists():
        measured(Command(_headcount("secret", "new", "--out", str(secret))))
    files = [out / profile / f"{agency}.codes.jsonl" for agency in "ab"]
    for agency, path in zip("ab", files, strict=True):
        told = ("--agency", agency, "--secret", str(secret), "--out", str(path.parent), "--profile", profile)
        if not path.exists():
            measured(Command(_headcount("hash", str(lists / f"{agency}.csv"), *told)))
    return files


def _linked(codes: Sequence[Path], out: Path, truth: Path) -> Outcome:
    shutil.rmtree(out, ignore_errors=True)
    run = measured(Command(_headcount("link", *map(str, codes), "--out", str(out))))
    stages = json.loads((out / "report.json").read_text("utf-8"))["seconds"]
    people = pc.read_csv(out / "people.csv").to_pandas()
    clients = pd.concat(
        pc.read_csv(path.with_name(f"{path.name.split('.')[0]}.crosswalk.csv"))
        .to_pandas()
        .assign(agency=path.name.split(".")[0])
        for path in codes
    )
    return Outcome(stages, run.megabytes, *_scores(people.merge(clients, on=["agency", "row"]), truth))


def _plaintext(lists: Path, out: Path) -> Outcome:
    stages = out.with_suffix(".json")
    with stages.open("wb") as told:
        run = measured(Command([sys.executable, "-m", "bench.plaintext_scale", str(lists), str(out)]), told)
    scores = _scores(pc.read_csv(out).to_pandas(), lists / "truth.csv")
    return Outcome(json.loads(stages.read_text("utf-8")), run.megabytes, *scores)


def _scores(found: pd.DataFrame, truth: Path) -> tuple[float, float]:
    """Precision and recall of pairs; clients that were not found stand alone."""
    table = pc.read_csv(truth).to_pandas().merge(found, on=["agency", "client_id"], how="left")
    alone = table["person"].isna()
    said = table["person"].astype("string").where(~alone, "alone|" + table["agency"] + "|" + table["client_id"])
    people, true = (pd.factorize(column)[0] for column in (said, table["person_id"]))
    both = _pairs(people.astype(np.int64) * (true.max() + 1) + true)
    return both / _pairs(people), both / _pairs(true)


def _pairs(labels: Iterable[int]) -> int:
    sizes = np.unique(np.asarray(labels), return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


if __name__ == "__main__":
    main()
