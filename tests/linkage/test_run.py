"""A linkage writes the same people for the same files, whole or not at all, and counts nobody who could be known."""

from __future__ import annotations

import errno
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_files import card, code, codes, header, pseudonym, received, row, token, write_card, write_file
from made_records import candidates, links

from evaluation.evaluate import evaluate
from hashing.schema import EncodedFileError, EncodedRow, ServiceArea
from linkage import blocking, levels, parts, store
from linkage import records as records_module
from linkage import run as run_module
from linkage.compare import Compared
from linkage.decisions import Decided
from linkage.errors import CannotLink, ModelError, RunError
from linkage.history import name_people
from linkage.model import ScoredPairs
from linkage.model_card import load_model
from linkage.people import People
from linkage.records import loaded_records
from linkage.report import Found, describe_run
from linkage.run import link
from linkage.store import read_report, read_table

CONTENTS = ["pairs.parquet", "people.csv", "records.parquet", "report.json", "services.parquet"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_card(tmp_path_factory.mktemp("model") / "card.json", card())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three agencies: person 1 at all of them, person 2 twice at one, person 3 like person 4 but for a bit."""
    services = (received(ServiceArea.FOOD, "2026-01"), received(ServiceArea.SHELTER, "2026-02", 3))
    like_3 = {"birth": codes(3)["birth"], "name": code(6, 8)}
    return [
        write_file(tmp_path, header("ymca"), [row("y1", 1), row("y2", 2), row("y3", 2)]),
        write_file(tmp_path, header("food_bank"), [row("f1", 1, services=services), row("f3", 3)]),
        write_file(
            tmp_path,
            header("clinic"),
            [row("c1", 1), row("c4", 4, codes=like_3, blocks=(token("person 3"),)), row("c5", 5)],
        ),
    ]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "report.json"}


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


def test_files_in_any_order_give_the_same_bytes(tmp_path, files, model):
    for place, order in enumerate(itertools.permutations(files)):
        link(order, tmp_path / str(place), model=model)
    first, *others = [contents(tmp_path / str(place)) for place in range(6)]
    assert sorted(first) == [name for name in CONTENTS if name != "report.json"]
    assert all(other == first for other in others)


MANY = [(agency, place) for agency in ("ymca", "clinic", "food_bank") for place in range(30)]


def write_many(folder: Path) -> list[Path]:
    """Ninety records of thirty people, with services; each shares tokens with others too."""
    rows: dict[str, list[EncodedRow]] = {}
    for agency, place in MANY:
        blocks = tuple(map(token, (f"person {place}", f"door {place // 3}", f"street {place // 5}")))
        services = (received(ServiceArea.FOOD, "2026-01", place + 1),)
        made = row(f"{agency} {place}", place, blocks=blocks, services=services, household=pseudonym(f"{place // 2}"))
        rows.setdefault(agency, []).append(made)
    return [write_file(folder, header(agency), each) for agency, each in rows.items()]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, model: Path) -> tuple[list[Path], dict[str, bytes]]:
    """Files, and what linking them in one go writes."""
    folder = tmp_path_factory.mktemp("many")
    files = write_many(folder / "codes")
    link(files, folder / "run", model=model)
    return files, contents(folder / "run")


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize(("stretch", "bucket", "task", "at_once"), [(700, 7, 5, 2), (1 << 20, 1 << 20, 64, 64)])
def test_how_the_work_is_shared_out_changes_no_byte(
    tmp_path, many, model, monkeypatch, order, processors, stretch, bucket, task, at_once
):
    files, wanted = many
    for module, name, value in (
        (parts, "STRETCH", stretch),
        (parts, "WORTH_IT", 0),
        (blocking, "BUCKET", bucket),
        (levels, "TASK", task),
        (levels, "AT_ONCE", at_once),
        (records_module, "AT_ONCE", at_once),
    ):
        monkeypatch.setattr(module, name, value)
    link([files[place] for place in order], tmp_path / "run", model=model, processors=processors)
    assert contents(tmp_path / "run") == wanted


def test_the_thirty_people_of_many_records_are_found(many):
    lines = [line.split(",") for line in many[1]["people.csv"].decode().splitlines()[1:]]
    assert len(lines) == len(MANY)
    assert sorted(Counter(person for _, _, person in lines).values()) == [3] * 30


def test_the_demo_towns_files_in_another_order_give_the_same_bytes(tmp_path, encoded_anytown, anytown_run):
    shuffled = sorted(encoded_anytown.glob("*.codes.jsonl"))
    random.Random(5).shuffle(shuffled)
    link(shuffled, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(anytown_run)
    one, other = read_report(tmp_path / "run"), read_report(anytown_run)
    assert {**one, "seconds": None} == {**other, "seconds": None}


def test_the_demo_town_is_linked_well(anytown_run, encoded_anytown, demo_truth):
    found = evaluate(anytown_run, crosswalks=encoded_anytown, truth=demo_truth)
    assert found.figures.shares.f1 >= 0.95
    assert abs(found.figures.people.error_percent) <= 4
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
        ["food", "2026-01", 1],
        ["shelter", "2026-02", 3],
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

    monkeypatch.setattr(store.pq, "write_table", fail)
    with pytest.raises(RunError, match=r"run: the run cannot be written there \(the disk failed\)"):
        link(files, tmp_path / "runs" / "run", model=model)


@pytest.mark.parametrize("error", [pa.ArrowInvalid, KeyboardInterrupt])
def test_a_linkage_that_breaks_off_leaves_nothing(tmp_path, files, model, monkeypatch, error):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error("broken off")

    monkeypatch.setattr(store.pq, "write_table", fail)
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

    monkeypatch.setattr(run_module, "_compare", compare)
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


def whole_numbers(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from whole_numbers(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from whole_numbers(part, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value


NOT_OF_PEOPLE = {("profile", "epoch")}


def test_the_report_of_a_tiny_run_holds_no_small_count(tmp_path, files, model):
    report = link(files, tmp_path / "run", model=model).report
    assert report == read_report(tmp_path / "run")
    assert [found for found in whole_numbers(report) if found[0] not in NOT_OF_PEOPLE and 0 < found[1] < 11] == []


def test_the_report_of_the_demo_town_holds_no_small_count(anytown_run):
    report = read_report(anytown_run)
    assert [found for found in whole_numbers(report) if found[0] not in NOT_OF_PEOPLE and 0 < found[1] < 11] == []
    assert report["people"]["low"] <= report["people"]["estimate"] <= report["people"]["high"]
    assert report["people"]["duplicated_sum"] == sum(agency["records"] for agency in report["agencies"])


def compared(*, proposed: int = 0, suggested: int = 0, **left_out: int) -> Compared:
    """Pairs of whomsoever, so many of them."""
    pairs = [(0, 1)] * (proposed + suggested)
    ends = candidates(pairs)
    zeros = np.zeros(len(pairs))
    scored = ScoredPairs(ends.left, ends.right, zeros, zeros, zeros.astype(np.int64), pa.table({}))
    return Compared(replace(candidates(pairs[:proposed]), **left_out), scored)


def describe(
    tmp_path: Path, sizes: dict[str, int], people: People | None = None, found: Compared | None = None
) -> dict[str, Any]:
    files = [
        write_file(tmp_path, header(agency, unmatchable=4), [row(f"{agency} {n}") for n in range(size)])
        for agency, size in sizes.items()
    ]
    with loaded_records(files) as records:
        alone = np.arange(len(records))
        everybody = people or People(alone, alone, alone, alone)
        named = name_people(everybody.best, records.agency_names, records.rows)
        result = Found(found or compared(), everybody, links([]), named, Decided(links([]), 0))
        report: Any = describe_run(records, result, card(), timings={})
    return report


def test_a_report_tells_what_was_compared_and_what_was_left_out(tmp_path):
    found = compared(proposed=40, suggested=20, faint=30, oversized=50, oversized_records=60)
    assert describe(tmp_path, {"ymca": 40}, found=found)["pairs"] == {
        "proposed_by_blocking": 40,
        "suggested_by_links": 20,
        "left_out_as_too_faint": 30,
        "tokens_left_out_as_too_common": 50,
        "records_on_the_commonest_token": 60,
    }


def test_a_report_withholds_few_pairs(tmp_path):
    found = compared(proposed=4, suggested=2, faint=3, oversized=5, oversized_records=6)
    assert set(describe(tmp_path, {"ymca": 40}, found=found)["pairs"].values()) == {None}


def test_a_report_does_not_give_a_withheld_agency_away_by_its_sum(tmp_path):
    report = describe(tmp_path, {"ymca": 40, "clinic": 5})
    assert [agency["records"] for agency in report["agencies"]] == [None, 40]
    assert report["people"]["duplicated_sum"] is None


def test_a_report_does_not_give_a_withheld_agency_away_by_its_estimate(tmp_path):
    """45 people in all, 40 of them at the one agency that is shown: the other would have at least five."""
    people = describe(tmp_path, {"ymca": 40, "clinic": 5})["people"]
    assert (people["estimate"], people["low"], people["high"]) == (None, None, None)


def test_a_report_shows_what_gives_nobody_away(tmp_path):
    people = describe(tmp_path, {"ymca": 40, "clinic": 15})["people"]
    assert people == {"estimate": 55, "low": 55, "high": 55, "duplicated_sum": 55, "unmatchable": None}


def test_a_reports_range_holds_its_estimate(tmp_path):
    """Groupings under three thresholds need not be nested."""
    one, other = (np.arange(60) // width for width in (2, 3))
    people = describe(tmp_path, {"ymca": 60}, People(best=one, care=one, strict=other, loose=one))["people"]
    assert (people["low"], people["estimate"], people["high"]) == (20, 30, 30)


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


def test_the_run_stores_what_it_was_made_with(anytown_run):
    report = read_report(anytown_run)
    shipped = load_model("bloom")
    assert report["model"]["digest"] == shipped.digest
    assert report["profile"]["digest"] == shipped.profile_digest
    assert report["versions"].keys() == {"headcount", "splink", "duckdb"}
