"""The commands for keys and for what needs a second person, as people type them, against a service that runs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from test_api_serve import SERVE, running

from hashing.cli import main
from hashing.member_key import new_member_key, open_member_key, public_keyid, read_public_line
from hashing.schema import HeadcountError

Type = Callable[..., tuple[int, str]]
MEMBERS = ("boss", "deputy", "auditor", "food_bank", "food_bank-2", "clinic")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for member in MEMBERS:
        new_member_key(folder / member)
    return folder


@pytest.fixture(scope="module")
def address(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("service") / "data"
    command = ("-c", SERVE, "serve", "--data", str(data), "--port", "0", "--coordinator", str(keys / "boss.pub"))
    with running(*command) as (_, found):
        yield found


@pytest.fixture
def typed(address: str, keys: Path, capsys: pytest.CaptureFixture[str]) -> Type:
    """What a command ends with, and what it says."""

    def run(who: str, *words: str) -> tuple[int, str]:
        code = 0
        try:
            main(["service", *words, "--service", address, "--key", str(keys / who)])
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def add(typed: Type, keys: Path, member: str, role: str, *more: str) -> tuple[int, str]:
    pub = str(keys / f"{member}.pub")
    return typed("boss", "add-member", member, "--name", member, "--role", role, "--public-key", pub, *more)


def waiting(typed: Type) -> tuple[str, str]:
    """The proposal that waits, and its digest, as the auditor reads them."""
    _, told = typed("auditor", "approvals")
    return re.findall(r"^([0-9a-f]{16}):", told, re.MULTILINE)[0], re.findall(r"SHA-256 ([0-9a-f]{64})", told)[0]


def test_a_town_is_founded_by_one_led_by_two_and_its_keys_change(typed: Type, keys: Path, address: str) -> None:
    assert add(typed, keys, "food_bank", "agency", "--kind", "nonprofit")[0] == 0
    assert add(typed, keys, "auditor", "auditor")[0] == 0
    _two_persons(typed, keys)
    _keys_change(typed, keys)
    assert httpx2.get(f"{address}/readyz").json() == {"status": "ready"}


def _two_persons(typed: Type, keys: Path) -> None:
    code, told = add(typed, keys, "deputy", "coordinator")
    assert (code, "member deputy waits for the approval of a second person" in told) == (1, True)
    assert "headcount service approvals" in told
    proposal, digest = waiting(typed)
    _, shown = typed("auditor", "approvals")
    assert public_keyid(read_public_line(keys / "deputy.pub")) in shown
    assert typed("boss", "approve", proposal, "--digest", digest)[0] == 1
    code, told = typed("auditor", "approve", proposal, "--digest", "00000000")
    assert (code, "is not the one with that SHA-256" in told) == (1, True)
    assert typed("auditor", "approve", proposal, "--digest", digest[:6])[0] == 1
    assert typed("auditor", "approve", proposal, "--digest", digest[:8])[0] == 0
    assert add(typed, keys, "deputy", "coordinator")[0] == 0
    assert typed("deputy", "approvals") == (0, "Nothing waits for a second person.\n")
    assert "done by auditor" in typed("deputy", "approvals", "--all")[1]
    assert add(typed, keys, "clinic", "agency", "--kind", "health")[0] == 1
    proposal, _ = waiting(typed)
    assert typed("deputy", "decline", proposal) == (0, f"Declined {proposal}.\n")


def _keys_change(typed: Type, keys: Path) -> None:
    old, new = (public_keyid(read_public_line(keys / f"{name}.pub")) for name in ("food_bank", "food_bank-2"))
    code, told = typed("food_bank", "key", "add", str(keys / "food_bank-2.pub"), "--days", "3")
    assert (code, told.splitlines()[1]) == (0, f"Key {new}: stays")
    assert re.fullmatch(rf"Key {old}: ends \d{{4}}-\d\d-\d\d \d\d:\d\d UTC", told.splitlines()[0])
    assert typed("food_bank-2", "key", "list")[1] == told
    assert typed("deputy", "key", "list", "--member", "food_bank")[1] == told
    assert typed("food_bank-2", "key", "retire", old)[0] == 0
    code, told = typed("food_bank", "key", "list")
    assert (code, "is not registered" in told) == (1, True)
    assert typed("food_bank-2", "key", "list")[1] == f"Key {new}: stays\n"


def test_the_id_of_a_key_is_the_one_that_it_signs_with(keys: Path) -> None:
    for member in MEMBERS:
        assert public_keyid(read_public_line(keys / f"{member}.pub")) == open_member_key(keys / member).keyid


@pytest.mark.parametrize("line", ["", "headcount-ed25519", "headcount-ed25519 !!!"])
def test_what_is_no_key_has_no_id(line: str) -> None:
    with pytest.raises(HeadcountError, match="not a public key"):
        public_keyid(line)
