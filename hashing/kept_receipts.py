"""The log's receipts, kept beside the member's key: what a rewritten log is caught with.

One line of JSON each (``index``, ``leaf``, ``time``), only ever added to. They hold nothing of a client.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from hashing.private_files import sync_folder
from hashing.service_answers import Answer, Receipt

HEADER = "headcount-receipt"
Keep = Callable[[Sequence[Receipt]], None]
_MEMBER = re.compile(r'([0-9]{1,16})((?:;[a-z]+="[^"\\]*")*)')  # of an RFC 9651 list; parameters may be added to it
_LEAF = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z")
_TERM = re.compile(r';([a-z]+)="([^"\\]*)"')
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would end lines with two characters


class _Result(Answer, frozen=True):
    receipt: Receipt


def keep_nothing(receipts: Sequence[Receipt]) -> None:
    """For programs that look after their receipts themselves."""


def receipts_in_header(value: str) -> tuple[Receipt, ...]:
    """The receipts that the header of an answer names; what cannot be read is left out."""
    members = (_MEMBER.fullmatch(part.strip()) for part in value.split(","))
    found = ((int(one[1]), dict(_TERM.findall(one[2]))) for one in members if one)
    return _readable(Receipt(index, terms.get("leaf", ""), terms.get("time", "")) for index, terms in found)


def receipt_in_result(result: object) -> tuple[Receipt, ...]:
    """The receipt in what came of a job, whose entry is written after the request for it was answered."""
    try:
        return _readable([msgspec.convert(result, _Result).receipt])
    except msgspec.ValidationError:
        return ()


def _readable(receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """Those that can be read again: no answer may spoil the file in which the others are."""
    return tuple(one for one in receipts if _LEAF.fullmatch(one.leaf) and (not one.time or _TIME.fullmatch(one.time)))


def receipts_path(key: Path) -> Path:
    """Where the receipts of a key's holder are: beside ``food_bank.key`` in ``food_bank.receipts.jsonl``."""
    return key.with_name(f"{key.name.removesuffix('.key')}.receipts.jsonl")


def keep_receipts(path: Path, receipts: Sequence[Receipt]) -> None:
    """Add receipts to a file that only its owner can read, down to the disk.

    Raises:
        OSError: the disk refused; what was kept before is as it was.
    """
    new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _BINARY, 0o600)
    try:
        _append(handle, b"".join(line_of(receipt) for receipt in receipts))
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        sync_folder(path.parent)


def line_of(receipt: Receipt) -> bytes:
    """A receipt as it is kept; one whose time nobody said is kept without."""
    told = {"index": receipt.index, "leaf": receipt.leaf} | ({"time": receipt.time} if receipt.time else {})
    return msgspec.json.encode(told) + b"\n"


def _append(handle: int, lines: bytes) -> None:
    """In one write, so that two commands at once do not mix their lines; after a torn line, on a line of its own."""
    end = os.lseek(handle, 0, os.SEEK_END)
    if end and _byte_at(handle, end - 1) != b"\n":
        lines = b"\n" + lines
    while lines:
        lines = lines[os.write(handle, lines) :]


def _byte_at(handle: int, place: int) -> bytes:
    os.lseek(handle, place, os.SEEK_SET)
    return os.read(handle, 1)
