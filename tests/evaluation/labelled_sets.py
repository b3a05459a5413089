"""Writes small labelled sets beside made-up runs, and measures them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from made_files import Line, MadeRun, Pair

from evaluation.evaluate import Evaluation, Material, measure, read_material
from evaluation.truth import Key


def write_csv(path: Path, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([heads, *rows])
    return path


def write_truth(path: Path, truth: Mapping[Key, str], **columns: Mapping[Key, str]) -> Path:
    heads = ("agency", "client_id", "person_id", *columns)
    return write_csv(path, heads, [(*key, truth[key], *(c.get(key, "") for c in columns.values())) for key in truth])


def write_crosswalks(folder: Path, lines: Sequence[Line]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for agency in {line.agency for line in lines}:
        rows = [(line.row, line.client) for line in lines if line.agency == agency]
        write_csv(folder / f"{agency}.crosswalk.csv", ("row", "client_id"), rows)


def material(
    folder: Path,
    lines: Sequence[Line],
    truth: Mapping[Key, str],
    pairs: Sequence[Pair] = (),
    **columns: Mapping[Key, str],
) -> Material:
    """A run of these lines beside this truth."""
    write_crosswalks(folder, lines)
    run = MadeRun(lines, pairs).write(folder / "run")
    return read_material(run, crosswalks=folder, truth=write_truth(folder / "truth.csv", truth, **columns))


def measured(folder: Path, lines: Sequence[Line], truth: Mapping[Key, str], pairs: Sequence[Pair] = ()) -> Evaluation:
    """The figures of these lines by this truth."""
    return measure(material(folder, lines, truth, pairs))
