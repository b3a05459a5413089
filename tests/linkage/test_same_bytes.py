"""The same files give the same people byte for byte, in whatever order and however the work is shared out."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest
from made_files import header, pseudonym, received, row, token, write_file

from hashing.schema import EncodedRow, ServiceArea
from linkage import accelerator, blocking, levels, parts, weights
from linkage import records as records_module
from linkage.run import Wishes, link
from linkage.store import read_report


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "report.json"}


def test_files_in_any_order_give_the_same_bytes(tmp_path, files, model):
    for place, order in enumerate(itertools.permutations(files)):
        link(order, tmp_path / str(place), model=model)
    first, *others = [contents(tmp_path / str(place)) for place in range(6)]
    assert sorted(first) == ["history.parquet", "pairs.parquet", "people.csv", "records.parquet", "services.parquet"]
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


@pytest.mark.parametrize(
    ("order", "native"), [([0, 1, 2], accelerator.native), ([2, 0, 1], None)], ids=["built", "numpy"]
)
@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize(("stretch", "bucket", "task", "at_once"), [(700, 7, 5, 2), (1 << 20, 1 << 20, 64, 64)])
def test_how_the_work_is_shared_out_changes_no_byte(
    tmp_path, many, model, monkeypatch, order, native, processors, stretch, bucket, task, at_once
):
    files, wanted = many
    for module, name, value in (
        (accelerator, "native", native),
        (parts, "STRETCH", stretch),
        (parts, "WORTH_IT", 0),
        (blocking, "BUCKET", bucket),
        (levels, "TASK", task),
        (levels, "AT_ONCE", at_once),
        (weights, "AT_ONCE", at_once),
        (records_module, "AT_ONCE", at_once),
    ):
        monkeypatch.setattr(module, name, value)
    link([files[place] for place in order], tmp_path / "run", model=model, wishes=Wishes(processors=processors))
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
