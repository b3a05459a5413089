"""A disk that fails at any point makes the log refuse, and never lie."""

import errno
import os
import sys
from pathlib import Path

import pytest

from audit.disk import Disk, put_file
from audit.errors import ExportRefused, LogCannotBeWritten
from audit.log import AuditLog, Receipt
from audit.verify import verify_bundle

CALLS = ("open_append", "create", "write", "sync", "cut", "replace", "sync_folder")


class FailingDisk(Disk):
    """Fails the calls that *fails* picks by their running number; a failing write leaves half behind."""

    def __init__(self, fails, code: int = errno.EIO) -> None:
        self.calls: list[str] = []
        self.fails, self.code = fails, code

    def reach(self, name: str) -> None:
        self.calls.append(name)
        if self.fails(len(self.calls) - 1, name):
            raise OSError(self.code, os.strerror(self.code))

    def open_append(self, path: Path) -> int:
        self.reach("open_append")
        return super().open_append(path)

    def create(self, path: Path) -> int:
        self.reach("create")
        return super().create(path)

    def write(self, descriptor: int, data: bytes) -> int:
        try:
            self.reach("write")
        except OSError:
            super().write(descriptor, data[: len(data) // 2])
            raise
        return super().write(descriptor, data[: len(data) // 2 + 1])  # and never all at once

    def sync(self, descriptor: int) -> None:
        self.reach("sync")
        super().sync(descriptor)

    def cut(self, descriptor: int, length: int) -> None:
        self.reach("cut")
        super().cut(descriptor, length)

    def replace(self, source: Path, target: Path) -> None:
        self.reach("replace")
        super().replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        self.reach("sync_folder")
        super().sync_folder(folder)


def a_day(folder, signer, clock, event, disk) -> list[Receipt]:
    """Found a log, use it, stop it, start it again; return what was acknowledged."""
    receipts: list[Receipt] = []

    def tried(act):
        try:
            return act()
        except LogCannotBeWritten:
            return None

    for _ in range(2):
        log = tried(lambda: AuditLog.open(folder, signer, clock=clock, disk=disk))
        if log is None:
            continue
        for number in range(3):
            receipt = tried(lambda log=log, number=number: log.append(event(number)))
            receipts += [receipt] if receipt else []
            if number == 1:
                tried(log.checkpoint)
        tried(log.close)
    return receipts


def check_nothing_was_lost(folder, signer, clock, receipts, out):
    with AuditLog.open(folder, signer, clock=clock) as log:
        assert log.size in (len(receipts), len(receipts) + 1, len(receipts) + 2)
        found = verify_bundle(log.export(out), vkeys=signer.vkeys, receipts=receipts)
    assert found.receipts == len(receipts)


def number_of_calls(tmp_path, signer, clock, event) -> int:
    disk = FailingDisk(lambda place, name: False)
    assert len(a_day(tmp_path / "whole", signer, clock, event, disk)) == 6
    assert {*CALLS} - {"cut"} == set(disk.calls)
    return len(disk.calls)


def test_no_single_failure_loses_an_acknowledged_entry(tmp_path, signer, clock, event):
    for failing in range(number_of_calls(tmp_path, signer, clock, event)):
        folder = tmp_path / f"failing-{failing}"
        disk = FailingDisk(lambda place, name, failing=failing: place == failing)
        receipts = a_day(folder, signer, clock, event, disk)
        assert len(receipts) >= 2
        check_nothing_was_lost(folder, signer, clock, receipts, tmp_path / f"out-{failing}")


def test_no_disk_that_dies_for_good_loses_an_acknowledged_entry(tmp_path, signer, clock, event):
    for dying in range(number_of_calls(tmp_path, signer, clock, event)):
        folder = tmp_path / f"dying-{dying}"
        disk = FailingDisk(lambda place, name, dying=dying: place >= dying)
        receipts = a_day(folder, signer, clock, event, disk)
        check_nothing_was_lost(folder, signer, clock, receipts, tmp_path / f"out-{dying}")


@pytest.mark.parametrize("call", ["write", "sync"])
def test_a_full_disk_refuses_and_the_log_goes_on_when_it_is_freed(tmp_path, signer, clock, event, call):
    full = []
    disk = FailingDisk(lambda place, name: bool(full) and name == call, errno.ENOSPC)
    with AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk) as log:
        log.append(event(0))
        before = (tmp_path / "log" / "entries.jsonl").read_bytes()
        full.append(True)
        for _ in range(3):
            with pytest.raises(LogCannotBeWritten, match="No space left on device") as caught:
                log.append(event(1))
            assert "Nothing was done" in caught.value.hint
            assert (tmp_path / "log" / "entries.jsonl").read_bytes() == before
        with pytest.raises(LogCannotBeWritten, match="No space left on device"):
            log.checkpoint()
        assert log.size == 1
        full.clear()
        assert log.append(event(2)).index == 1
        assert [entry.event.object for entry in log.entries()] == ["count-0", "count-2"]


def test_half_a_line_that_cannot_be_taken_back_at_once_is_taken_back_before_the_next(tmp_path, signer, clock, event):
    broken = []
    disk = FailingDisk(lambda place, name: bool(broken) and name in ("write", "cut"))
    with AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk) as log:
        log.append(event(0))
        broken.append(True)
        for _ in range(2):
            with pytest.raises(LogCannotBeWritten, match="Input/output error"):
                log.append(event(1))
        broken.clear()
        assert log.append(event(2)).index == 1
        assert len((tmp_path / "log" / "entries.jsonl").read_bytes().splitlines()) == 2


def test_a_final_checkpoint_that_fails_still_lets_the_next_writer_in(tmp_path, signer, clock, event):
    broken = []
    disk = FailingDisk(lambda place, name: bool(broken) and name == "create")
    log = AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk)
    log.append(event())
    broken.append(True)
    with pytest.raises(LogCannotBeWritten, match="Input/output error"):
        log.close()
    with AuditLog.open(tmp_path / "log", signer, clock=clock) as again:
        assert again.size == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path, signer, clock):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LogCannotBeWritten, match="cannot be written"):
        AuditLog.open(tmp_path / "file" / "log", signer, clock=clock)


def test_an_export_is_whole_or_absent(tmp_path, signer, clock, event):
    with AuditLog.open(tmp_path / "log", signer, clock=clock) as log:
        for number in range(3):
            log.append(event(number))
    failing = 0
    while True:
        reached = []
        disk = FailingDisk(lambda place, name, reached=reached, at=failing: bool(reached) and place - reached[0] == at)
        log = AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk)
        reached.append(len(disk.calls))
        out = tmp_path / f"out-{failing}"
        try:
            log.export(out)
        except ExportRefused:
            assert not out.exists() or disk.calls[-1] == "sync_folder"
        else:
            break
        finally:
            log.close()
        failing += 1
    assert failing > 10
    assert verify_bundle(out).entries == 3
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".new")]


def test_a_replaced_file_is_the_old_or_the_new_one(tmp_path):
    path = tmp_path / "file"
    for failing in range(6):
        path.write_bytes(b"old")
        try:
            put_file(FailingDisk(lambda place, name, failing=failing: place == failing), path, b"new")
        except OSError:
            assert path.read_bytes() in (b"old", b"new")
        else:
            assert path.read_bytes() == b"new"


def test_bytes_reach_the_disk_before_anyone_hears_of_them(tmp_path, signer, clock, event):
    disk = FailingDisk(lambda place, name: False)

    def calls(act):
        start = len(disk.calls)
        act()
        made = disk.calls[start:]
        return [name for place, name in enumerate(made) if made[place - 1 : place] != [name]]

    with AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk) as log:
        assert disk.calls[-1] == "sync_folder"
        assert calls(lambda: log.append(event())) == ["write", "sync"]
        replaced, listed = ["create", "write", "sync", "replace", "sync_folder"], ["write", "sync"]
        assert calls(log.checkpoint) == replaced + listed
        written = ["create", "write", "sync"] * 5 + ["sync_folder", "replace", "sync_folder"]
        assert calls(lambda: log.export(tmp_path / "out")) == written
    with (tmp_path / "log" / "entries.jsonl").open("ab") as file:
        file.write(b"torn")
    start = len(disk.calls)
    with AuditLog.open(tmp_path / "log", signer, clock=clock, disk=disk):
        assert disk.calls[start:] == [*["open_append"] * 3, "cut", "sync", "sync_folder"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these sync in other ways")
def test_a_sync_is_a_sync(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    disk = Disk()
    descriptor = disk.create(tmp_path / "file")
    disk.sync(descriptor)
    os.close(descriptor)
    assert synced == [descriptor]
    disk.sync_folder(tmp_path)
    assert len(synced) == 2
