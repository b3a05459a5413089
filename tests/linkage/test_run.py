"""A linkage writes who is one person, whole or not at all, and refuses before it writes what it cannot link."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_files import card, code, header, row, token, write_card, write_file

from evaluation.evaluate import evaluate
from hashing.schema import EncodedFileError
from linkage import run as run_module
from linkage.errors import CannotLink, ModelError, RunError
from linkage.run import link
from linkage.store import read_report, read_table

CONTENTS = ["history.parquet", "pairs.parquet", "people.csv", "records.parquet", "report.json", "services.parquet"]


def test_who_is_one_person_is_told_in_people_csv(tmp_path, files, model):
    link(files, tmp_path / "run", model=model)
    lines = (tmp_path / "run" / "people.csv").read_text().splitlines()
    assert lines[0] == "agency,row,person"
    person = {tuple(line.split(",")[:2]): line.split(",")[2] for line in lines[1:]}
    key = {name: (agency, row(name).row) for agency, names in AGENCIES.items() for name in names}
    assert sorted(person) == sorted(key.values())
    assert person[key["y1"]] == person[key["f1"]] == person[key["c1"]]
    assert person[key["y2"]] == person[key["y3"]]
    assert len(set(person.values())) == 4 + (person[key["f3"]] != person[key["c4"]])


AGENCIES = {"ymca": ("y1", "y2", "y3"), "food_bank": ("f1", "f3"), "clinic": ("c1", "c4", "c5")}


def test_the_demo_town_is_linked_well(anytown_run, encoded_anytown, demo_truth):
    found = evaluate(anytown_run, crosswalks=encoded_anytown, truth=demo_truth)
    assert found.figures.shares.f1 >= 0.96
    assert abs(found.figures.people.error_percent) <= 2
    assert found.is_inside_range
    assert found.calibration_error <= 0.05


def test_pairs_carry_their_evidence(tmp_path, files, model):
    link(files, tmp_path / "run", model=model)
    pairs = pq.read_table(tmp_path / "run" / "pairs.parquet")
    ends = ["agency_l", "row_l", "agency_r", "row_r"]
    assert pairs.column_names == [*ends, "weight", "probability", "weight_birth", "weight_name"]
    for pair in pairs.to_pylist():
        assert pair["weight"] == pytest.approx(-1.0 + pair["weight_birth"] + pair["weight_name"], abs=1e-6)


def test_a_doubtful_pair_is_kept_and_a_hopeless_one_is_not(tmp_path, model):
    """Bits by the card: prior -1; codes that agree 5, by half 0.5, not at all -4."""
    together = (token("door"),)
    ours = row("a", codes={"birth": code(1, 2), "name": code(1, 2)}, blocks=together)
    doubtful = row("b", codes={"birth": code(3, 4), "name": code(2, 3)}, blocks=together)
    hopeless = row("c", codes={"birth": code(5, 6), "name": code(5, 6)}, blocks=together)
    link([write_file(tmp_path, header(), [ours, doubtful, hopeless])], tmp_path / "run", model=model)
    (pair,) = read_table(tmp_path / "run", "pairs").to_pylist()
    assert {pair["row_l"], pair["row_r"]} == {ours.row, doubtful.row}
    assert pair["probability"] == pytest.approx(1 / (1 + 2**4.5))


def test_services_are_kept_for_the_counts(tmp_path, files, model):
    link(files, tmp_path / "run", model=model)
    assert [list(line.values())[2:] for line in read_table(tmp_path / "run", "services").to_pylist()] == [
        ["food", "2026-01", 1, "other", "encounters"],
        ["shelter", "2026-02", 3, "other", "encounters"],
    ]


def test_one_file_alone_finds_the_duplicates_within_it(tmp_path, files, model):
    link(files[:1], tmp_path / "run", model=model)
    assert len(set(read_table(tmp_path / "run", "records")["person"].to_pylist())) == 2


def test_a_taken_folder_is_refused_and_left_alone(tmp_path, files, model):
    out = tmp_path / "run"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="run: there is something already"):
        link(files, out, model=model)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_file_in_the_way_is_refused(tmp_path, files, model):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunError, match="run: there is something already"):
        link(files, tmp_path / "run", model=model)


def test_an_empty_folder_may_be_filled(tmp_path, files, model):
    (tmp_path / "run").mkdir()
    link(files, tmp_path / "run", model=model)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == CONTENTS


def test_what_a_killed_linkage_left_is_swept_away(tmp_path, files, model):
    part = tmp_path / "runs" / ".run.part"
    part.mkdir(parents=True)
    (part / "people.csv").write_text("half")
    link(files, tmp_path / "runs" / "run", model=model)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["run"]
    assert sorted(path.name for path in (tmp_path / "runs" / "run").iterdir()) == CONTENTS


def full(*_args: object, **_kwargs: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "step",
    ["tempfile.mkdtemp", "pyarrow.csv.write_csv", "pyarrow.parquet.write_table", "os.fsync", "pathlib.Path.replace"],
)
def test_a_failing_disk_leaves_nothing(tmp_path, files, model, monkeypatch, step):
    monkeypatch.setattr(step, full)
    with pytest.raises(RunError, match=r"run: the run cannot be written there \(No space left on device\)"):
        link(files, tmp_path / "runs" / "run", model=model)
    assert not list(tmp_path.glob("runs/*"))


def test_a_disk_that_fails_without_a_reason_still_gets_a_sentence(tmp_path, files, model, monkeypatch):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError("lost")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(RunError, match=r"run: the run cannot be written there \(the disk failed\)"):
        link(files, tmp_path / "runs" / "run", model=model)


@pytest.mark.parametrize("error", [pa.ArrowInvalid, KeyboardInterrupt])
def test_a_linkage_that_breaks_off_leaves_nothing(tmp_path, files, model, monkeypatch, error):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error("broken off")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(error, match="broken off"):
        link(files, tmp_path / "runs" / "run", model=model)
    assert not list(tmp_path.glob("runs/*"))


def test_what_does_not_fit_into_memory_is_gone_afterwards(tmp_path, files, model, monkeypatch):
    seen: list[Path] = []

    def compare(*args: Any, **kwargs: Any) -> Any:
        (spill,) = (tmp_path / "runs").iterdir()
        (spill / "encodings.tmp").write_bytes(b"codes")
        seen.append(spill)
        raise KeyboardInterrupt("broken off")

    monkeypatch.setattr(run_module, "_compared", compare)
    with pytest.raises(KeyboardInterrupt, match="broken off"):
        link(files, tmp_path / "runs" / "run", model=model)
    assert seen
    assert not list(tmp_path.glob("runs/*"))


def wrong_files(folder: Path) -> Iterator[tuple[list[Path], type[Exception], str]]:
    good = write_file(folder, header("ymca"), [row("a")])
    odd = write_file(folder, header("clinic", epoch=2), [row("b")])
    damaged = write_file(folder, header("food_bank"), [row("c")])
    damaged.write_bytes(damaged.read_bytes()[:-9])
    yield [good, odd], CannotLink, "clinic.codes.jsonl was encoded with another epoch"
    yield [good, good], CannotLink, "two files come from ymca"
    yield [good, damaged], EncodedFileError, "food_bank.codes.jsonl: line 2 is"
    yield [good, folder / "nowhere"], EncodedFileError, "nowhere: the file cannot be opened"
    yield [], CannotLink, "no encoded files were given"


@pytest.mark.parametrize("which", range(5))
def test_wrong_files_are_refused_before_anything_is_written(tmp_path, model, which):
    files, error, message = list(wrong_files(tmp_path / "files"))[which]
    with pytest.raises(error, match=message):
        link(files, tmp_path / "runs" / "run", model=model)
    assert not (tmp_path / "runs").exists()


def test_files_without_a_model_are_refused_before_anything_is_written(tmp_path, files):
    with pytest.raises(ModelError, match="there is no model for the profile made-up"):
        link(files, tmp_path / "runs" / "run")
    assert not (tmp_path / "runs").exists()


def test_a_model_of_another_profile_is_refused_before_anything_is_written(tmp_path, files):
    other = write_card(tmp_path / "card.json", card(profile_digest="99" * 32))
    with pytest.raises(ModelError, match="made for another profile"):
        link(files, tmp_path / "runs" / "run", model=other)
    assert not (tmp_path / "runs").exists()


def test_progress_rises_to_the_end(tmp_path, files, model):
    told: list[tuple[str, float]] = []
    link(files, tmp_path / "run", model=model, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[0] == ("reading", 0.0)
    assert told[-1] == ("done", 1.0)


@pytest.mark.parametrize("name", ["records", "services", "pairs"])
def test_a_folder_that_is_no_run_is_refused(tmp_path, name):
    with pytest.raises(RunError, match="this is not the folder of a run"):
        read_table(tmp_path / "nowhere", name)
    (tmp_path / f"{name}.parquet").write_bytes(b"PAR1 not quite")
    with pytest.raises(RunError, match="this is not the folder of a run"):
        read_table(tmp_path, name)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[]", b"null"])
def test_a_folder_without_a_whole_report_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(RunError, match="this is not the folder of a run"):
        read_report(tmp_path)
