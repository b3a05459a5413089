"""Receipts as people keep them: what ``headcount`` writes beside a key, answers of the service, and its header."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from audit.errors import FileUnfit
from audit.events import HeldReceipt

_HEADER_NAME = re.compile(r"headcount-receipt:\s*", re.IGNORECASE)
_HEADER_FORM = re.compile(r'(?P<index>[0-9]{1,16})\s*;\s*leaf="(?P<leaf>[^"]*)"(?:\s*;\s*time="(?P<time>[^"]*)")?')
_FORMS = (
    "A line is JSON with index and leaf, an answer of the service that holds its receipt, or its header "
    "Headcount-Receipt. The commands keep receipts in NAME.receipts.jsonl beside the key."
)


def read_receipts(text: str, name: str) -> list[HeldReceipt]:
    """The receipts in *text*, which is that of the file *name*: each once, however often it was kept.

    Raises:
        FileUnfit: a line is none, or there is none at all.
    """
    found = [receipt for number, line in _lines(text) for receipt in _receipts_on(line, f"{name}, line {number}")]
    if not found:
        raise FileUnfit(f"{name} holds no receipts", f"Check the file's name. {_FORMS}")
    return list(dict.fromkeys(found))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number; an answer of the service may go over several."""
    text = text.removeprefix("\ufeff")
    if _is_json(text):
        yield 1, text
        return
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _receipts_on(line: str, where: str) -> Iterator[HeldReceipt]:
    try:
        for one in _values(line.strip()):
            yield msgspec.convert(one, HeldReceipt)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise FileUnfit(f"{where}, is not a receipt", _FORMS) from error


def _values(line: str) -> list[object]:
    """What has to be a receipt on a line.

    Raises:
        ValueError: it is neither JSON nor the header.
    """
    if line[:1] not in "{[":
        return _in_header(_HEADER_NAME.sub("", line, count=1))
    value = msgspec.json.decode(line)
    values = value if isinstance(value, list) else [value]
    return [one["receipt"] if isinstance(one, dict) and "receipt" in one else one for one in values]


def _in_header(line: str) -> list[object]:
    found = [_HEADER_FORM.fullmatch(part.strip()) for part in line.split(",")]
    if not all(found):
        raise ValueError("not the header")
    return [
        {"index": int(one["index"]), "leaf": one["leaf"]} | ({"time": one["time"]} if one["time"] else {})
        for one in found
        if one
    ]
