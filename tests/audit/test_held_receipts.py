"""Receipts that people kept: in every form in which they come, and told by file and line where they are none."""

from datetime import timedelta

import pytest

from audit.errors import FileUnfit, VerificationError
from audit.events import HeldReceipt
from audit.held import read_receipts
from audit.log import AuditLog
from audit.verify import verify_bundle

LEAF = "ab" * 32
SAID = "2026-03-01T09:30:00.000000Z"
KEPT = f'{{"index":7,"leaf":"{LEAF}","time":"{SAID}"}}'
BARE = f'{{"index": 7, "leaf": "{LEAF}"}}'


def pairs(text: str) -> list[tuple[int, bool]]:
    return [(one.index, one.time is not None) for one in read_receipts(text, "mine")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (KEPT, [(7, True)]),
        (f"{KEPT}\n", [(7, True)]),
        (f"\ufeff{KEPT}\r\n\r\n{BARE}\r\n", [(7, True), (7, False)]),
        (f"{KEPT}\n{KEPT}\n", [(7, True)]),
        (f'{{"upload": "x", "rows": 3, "receipt": {KEPT}}}', [(7, True)]),
        (f'{{\n  "rows": 3,\n  "receipt": {KEPT}\n}}\n', [(7, True)]),
        (f"[{KEPT}, {BARE}]", [(7, True), (7, False)]),
        (f'7;leaf="{LEAF}";time="{SAID}"', [(7, True)]),
        (f'Headcount-Receipt: 7;leaf="{LEAF}", 8;leaf="{LEAF}";time="{SAID}"', [(7, False), (8, True)]),
        (f'headcount-receipt: 7; leaf="{LEAF}"\n{KEPT}', [(7, False), (7, True)]),
    ],
)
def test_every_form_is_read(text, found):
    assert pairs(text) == found


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", "[]"])
def test_a_file_without_receipts_is_told_by_name(text):
    with pytest.raises(FileUnfit, match=r"^mine holds no receipts$") as refused:
        read_receipts(text, "mine")
    assert "NAME.receipts.jsonl beside the key" in refused.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "headcount+62eeb2c5+AS",
        "{",
        "null",
        "[1]",
        "[" * 100_000,
        '{"receipt": null}',
        '{"index": 7}',
        f'{{"index": -1, "leaf": "{LEAF}"}}',
        '{"index": 7, "leaf": "AB"}',
        f'{{"index": 7, "leaf": "{LEAF}", "time": "noon"}}',
        '7;leaf="cd"',
        f'7;leaf="{LEAF}";time="noon"',
        f'7;leaf="{LEAF}",',
    ],
)
def test_what_is_none_is_told_by_file_and_line(line):
    with pytest.raises(FileUnfit, match=r"^mine, line 2, is not a receipt$") as refused:
        read_receipts(f"{KEPT}\n{line}\n", "mine")
    assert "A line is JSON with index and leaf" in refused.value.hint


def test_a_receipt_is_right_with_its_time_or_without_one_but_not_with_another(log: AuditLog, event, tmp_path):
    first, second = log.append(event()), log.append(event())
    bundle = log.export(tmp_path / "out")
    bare = HeldReceipt(first.index, first.leaf)
    found = verify_bundle(bundle, vkeys=log.vkeys, receipts=[bare, first, second])
    assert found.receipts == 3
    late = HeldReceipt(second.index, second.leaf, second.time + timedelta(microseconds=1))
    for held in ([first, late], [late, second], [second, late]):
        with pytest.raises(VerificationError, match="entry 1 has another time than your receipt for it") as refused:
            verify_bundle(bundle, vkeys=log.vkeys, receipts=held)
        assert refused.value.entry == 1
        assert "The receipt was changed, or was never right" in refused.value.hint
