"""What an agency and an auditor hold against the log, made and checked with nothing but commands, at a real service."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_api_serve import SERVE, running

from audit.signing import LogSigner
from hashing.cli import main
from hashing.member_key import new_member_key

Typed = Callable[..., tuple[int, str]]
MEMBERS = ("boss", "auditor", "food_bank")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the members' keys and the log's, and the address of the service."""
    folder = tmp_path_factory.mktemp("place")
    for member in MEMBERS:
        new_member_key(folder / f"{member}.key")
    command = ("serve", "--data", str(folder / "data"), "--port", "0", "--coordinator", str(folder / "boss.key.pub"))
    with running("-c", SERVE, *command) as (_, address):
        yield folder, address


@pytest.fixture
def typed(place: tuple[Path, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What a command ends with, and what it says."""
    folder, address = place
    monkeypatch.chdir(folder)

    def run(*words: str, who: str = "") -> tuple[int, str]:
        own = ["--service", address, "--key", f"{who}.key"] if who else []
        code = 0
        try:
            main([*words, *own])
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_everything_an_audit_needs_is_made_with_commands(typed: Typed, place: tuple[Path, str]) -> None:
    folder, _ = place
    for member, more in (("food_bank", ("--kind", "nonprofit")), ("auditor", ("--role", "auditor"))):
        words = ("service", "add-member", member, "--name", member, "--public-key", f"{member}.key.pub", *more)
        assert typed(*words, who="boss")[0] == 0
    assert typed("service", "log", "--out", "refused.zip", who="food_bank")[0] == 1
    assert typed("open", "--no-browser", who="food_bank")[0] == 0
    code, told = typed("service", "receipts", "--key", "food_bank.key")
    assert (code, told.splitlines()[0]) == (0, "food_bank.receipts.jsonl: 2 receipts of the audit log.")
    _checkpoints(typed, folder)
    _proofs(typed, folder)
    assert typed("service", "log", "--out", "log.zip", who="auditor")[0] == 0
    for member, count in (("food_bank", 2), ("boss", 2), ("auditor", 1)):
        held = ("--receipts", f"{member}.receipts.jsonl", "--checkpoint", "checkpoint.txt")
        code, told = typed("audit", "verify", "log.zip", "--key", "data/log.vkey", *held)
        assert (code, f"{count} of your receipts" in told, "1 of your checkpoints is in it" in told) == (0, True, True)


def _checkpoints(typed: Typed, folder: Path) -> None:
    wrong = folder / "wrong.vkey"
    wrong.write_text(LogSigner.create("headcount").vkeys)
    words = ("service", "checkpoint", "--out", "checkpoint.txt")
    code, told = typed(*words, "--log-key", "wrong.vkey", who="auditor")
    assert (code, "Not verified: " in told, (folder / "checkpoint.txt").exists()) == (1, True, False)
    code, told = typed(*words, "--log-key", "data/log.vkey", who="auditor")
    assert (code, re.search(r"^The log headcount signed \d+ entries\.$", told, re.MULTILINE) is None) == (0, False)
    first = (folder / "checkpoint.txt").read_bytes()
    code, told = typed(*words, who="auditor")
    assert (code, "checkpoint.txt: there is a file already" in told) == (1, True)
    assert (folder / "checkpoint.txt").read_bytes() == first
    assert typed(*words, "--replace", who="auditor")[0] == 0
    assert typed("audit", "verify-checkpoint", "checkpoint.txt", "--key", "data/log.vkey")[0] == 0
    assert typed("service", "checkpoint", "--out", "nowhere/checkpoint.txt", who="auditor")[0] == 1


def _proofs(typed: Typed, folder: Path) -> None:
    index = re.findall(r'"index":(\d+)', (folder / "food_bank.receipts.jsonl").read_text())[-1]
    words = ("service", "proof", index, "--out", "mine.tlog-proof")
    code, told = typed(*words, "--witnesses", "2", who="food_bank")
    assert (code, "no state of the log is cosigned by 2 witnesses yet" in told) == (1, True)
    code, told = typed(*words, "--log-key", "wrong.vkey", who="food_bank")
    assert (code, "Not verified: " in told, (folder / "mine.tlog-proof").exists()) == (1, True, False)
    code, told = typed(
        "service", "proof", "0", "--out", "mine.tlog-proof", "--log-key", "data/log.vkey", who="food_bank"
    )
    assert (code, "you have no receipt for entry 0" in told) == (1, True)
    code, told = typed(*words, "--log-key", "data/log.vkey", who="food_bank")
    assert (code, f"Entry {index} is in the log." in told, "Wrote mine.tlog-proof" in told) == (0, True, True)
    words = ("audit", "verify-proof", "mine.tlog-proof", "--receipts", "food_bank.receipts.jsonl")
    assert typed(*words, "--key", "data/log.vkey")[0] == 0
    assert not list(folder.glob("*.part"))
    assert not list(folder.glob(".*.part"))
