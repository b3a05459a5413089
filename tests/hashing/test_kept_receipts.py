"""The receipts that are kept beside a member's key: all of them, whole, and for their owner's eyes."""

import json
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from hashing import kept_receipts
from hashing.kept_receipts import keep_receipts, receipt_in_result, receipts_in_header, receipts_path
from hashing.second_person_commands import keep_beside
from hashing.service_answers import Receipt

LEAF = "ab" * 32
TIME = "2026-03-01T09:30:00.000000Z"
ONE = Receipt(7, LEAF, TIME)


def told(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", ()),
        (f'7;leaf="{LEAF}";time="{TIME}"', (ONE,)),
        (f'7;leaf="{LEAF}";time="{TIME}", 8;leaf="{LEAF}"', (ONE, Receipt(8, LEAF, ""))),
        (f'7;later="more";leaf="{LEAF}";time="{TIME}"', (ONE,)),
        (f'7;leaf="{LEAF}";time="today", 8;leaf="cd", 9, x, 7;leaf="{LEAF}";time="{TIME}"', (ONE,)),
    ],
)
def test_the_header_is_read_and_what_is_not_a_receipt_left_out(value, found):
    assert receipts_in_header(value) == found


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (None, ()),
        ({"files": 0, "receipt": None}, ()),
        ({"receipt": {"index": 7, "leaf": "cd", "time": TIME}}, ()),
        ({"files": 1, "receipt": {"index": 7, "leaf": LEAF, "time": TIME}}, (ONE,)),
    ],
)
def test_what_came_of_a_job_has_its_receipt(result, found):
    assert receipt_in_result(result) == found


@pytest.mark.parametrize(
    ("key", "beside"),
    [
        ("food_bank.key", "food_bank.receipts.jsonl"),
        ("food_bank", "food_bank.receipts.jsonl"),
        ("a.b", "a.b.receipts.jsonl"),
    ],
)
def test_they_are_beside_the_key(key, beside):
    assert receipts_path(Path("keys") / key) == Path("keys") / beside


def test_earlier_ones_stay_and_only_the_owner_reads_them(tmp_path):
    path = tmp_path / "kept"
    keep_receipts(path, [ONE, Receipt(8, LEAF, "")])
    keep_receipts(path, [Receipt(9, LEAF, TIME)])
    assert told(path) == [
        {"index": 7, "leaf": LEAF, "time": TIME},
        {"index": 8, "leaf": LEAF},
        {"index": 9, "leaf": LEAF, "time": TIME},
    ]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_a_power_cut_tore_does_not_spoil_the_next(tmp_path):
    path = tmp_path / "kept"
    path.write_text('{"index": 6, "le')
    keep_receipts(path, [ONE])
    assert path.read_text().split("\n") == ['{"index": 6, "le', f'{{"index":7,"leaf":"{LEAF}","time":"{TIME}"}}', ""]


def _keep_many(path: Path, first: int) -> None:
    for index in range(first, first + 50):
        keep_receipts(path, [Receipt(index, LEAF, TIME), Receipt(index + 1000, LEAF, TIME)])


def test_two_commands_at_once_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "kept"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_keep_many, (path, path), (0, 50)))
    wanted = {*range(100), *range(1000, 1100)}
    assert sorted(str(line["index"]) for line in told(path)) == sorted(map(str, wanted))


def test_what_the_disk_takes_in_pieces_is_written_whole(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(kept_receipts.os, "write", lambda handle, data: write(handle, data[:10]))
    keep_receipts(tmp_path / "kept", [ONE])
    assert told(tmp_path / "kept") == [{"index": 7, "leaf": LEAF, "time": TIME}]


def test_receipts_that_cannot_be_kept_are_shown_instead(tmp_path, capsys):
    keep_beside(tmp_path / "no folder" / "food_bank.key", [ONE])
    said = capsys.readouterr().err.splitlines()
    assert "could not be kept" in said[0]
    assert json.loads(said[1]) == {"index": 7, "leaf": LEAF, "time": TIME}
