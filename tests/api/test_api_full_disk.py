"""A disk that is really full, and freed again: a running service with its data on a file system of 24 megabytes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from api_town import a_file, new_key, people, public_line
from test_api_acts import receipts_of
from test_api_serve import SERVE, ask, found, running

from audit.export import export_folder
from audit.verify import verify_bundle

MEBIBYTE = 1 << 20
SIZE = 24 * MEBIBYTE
LEFT = 200 * 1024  # bytes that are free when a file is refused in the middle of its arrival


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory; whoever may not mount one is told so."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes Linux and root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount") or "mount"
    made = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", folder], check=True)


def send(address: str, body: bytes) -> httpx2.Response:
    return ask(
        address, "food_bank", "POST", "/api/v1/uploads", content=body, headers={"content-type": "application/jsonl"}
    )


def fill(folder: Path, left: int) -> Path:
    """A file that takes all but *left* bytes."""
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    path = folder / "ballast"
    path.write_bytes(bytes(max(free - left, 0)))
    return path


def fill_up(folder: Path) -> Path:
    """A file that takes every last byte."""
    path = folder / "ballast"
    with path.open("ab", buffering=0) as stream:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while stream.write(bytes(size)):
                    pass
            except OSError:
                continue
    return path


def kept(data: Path) -> set[str]:
    return {path.stem for path in (data / "uploads").iterdir()}


@pytest.mark.slow
def test_a_disk_that_was_full_and_is_free_again(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "coordinator.pub").write_text(public_line(new_key("coordinator"), "the coordinator"))
    data = small_disk / "data"
    options = ("-c", SERVE, "serve", "--data", str(data), "--port", "0")
    with running(*options, "--coordinator", str(tmp_path / "coordinator.pub")) as (process, address):
        found(address)
        receipts = receipts_of(send(address, a_file("food_bank", people(*range(100)))))
        answers = [refused_and_then_taken(address, data, left) for left in (LEFT, 0)]
        receipts += [receipt for answer in answers for receipt in receipts_of(answer)]
        assert ask(address, "coordinator", "POST", "/api/v1/runs").status_code == 202
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(*options) as (process, address):
        listed = [one["upload"] for one in ask(address, "food_bank", "GET", "/api/v1/uploads").json()]
        assert (set(listed), listed[-1]) == (kept(data), answers[-1].json()["upload"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    export_folder(data, tmp_path / "bundle")
    verify_bundle(tmp_path / "bundle", vkeys=(data / "log.vkey").read_text(), receipts=receipts)


def refused_and_then_taken(address: str, data: Path, left: int) -> httpx2.Response:
    """Send a file while there is no room for it, and once more when there is: what the service says then."""
    before, body = kept(data), a_file("food_bank", people(*range(5000)))
    assert len(body) > LEFT
    ballast = fill(data.parent, left) if left else fill_up(data.parent)
    refused = [send(address, body) for _ in range(3)]
    assert {answer.status_code for answer in refused} <= {503, 507}, [answer.text for answer in refused]
    assert (kept(data), list((data / "incoming").iterdir())) == (before, [])
    ballast.unlink()
    answer = send(address, body)
    assert answer.status_code == 201, answer.text
    assert len(kept(data)) == len(before) + 1
    return answer
