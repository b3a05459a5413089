"""From a client list to a count, a care match and a verified log: the real encoder, linkage, client and verifier."""

import csv
import secrets
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from test_api_serve import SERVE, running

from audit.commitment import Kind
from audit.events import Receipt
from audit.verify import read_entries, verify_bundle
from audit.why import ask_why
from hashing.client import Sender, encode_export, epoch_terms
from hashing.connection import Connection, NewMember, connect
from hashing.export import read_export
from hashing.files import write_encoded
from hashing.keys import LinkageSecret, new_secret
from hashing.member_key import MemberKey, new_member_key, public_path
from hashing.profile import BUILT_IN, Profile, load_profile
from hashing.schema import AgencyKind
from hashing.service_commands import erase_openings, openings

FIRST = ["Ada", "Bela", "Carmen", "Dmitri", "Esther", "Farid", "Grace", "Hiro", "Ines", "Jamal", "Kofi", "Lena"]
LAST = [
    "Quintero",
    "Okafor",
    "Lindqvist",
    "Baptiste",
    "Nakagawa",
    "Petrov",
    "Yazzie",
    "Abernathy",
    "Castellanos",
    "Fitzgerald",
    "Oyelaran",
]
FEWEST = 7  # characters: megabytes of base64 hold shorter words by chance
TODAY = datetime.now(UTC).date()


def person(number: int) -> dict[str, str]:
    digits = f"{int.from_bytes(sha256(bytes([number])).digest()) % 10**8:08}"
    return {
        "first_name": FIRST[number % len(FIRST)],
        "last_name": LAST[number % len(LAST)],
        "date_of_birth": date(1950 + number, 1 + int(digits[:2]) % 12, 1 + int(digits[2:4]) % 28).isoformat(),
        "ssn": f"5{digits[:2]}-{digits[2:4]}-{digits[4:]}",
    }


def write_list(folder: Path, agency: str, numbers: range, consents_to: str) -> list[Path]:
    """A client list and, beside it, one consent: of person 10."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [{"client_id": f"{agency}-{number}", **person(number)} for number in numbers]
    consent = {"client_id": f"{agency}-10", "consent": "yes", "expires": f"{TODAY.year + 1}-12-31"}
    tables = {"clients.csv": lines, "consents.csv": [consent | {"recipients": consents_to}]}
    for name, rows in tables.items():
        with (folder / name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return [folder / name for name in tables]


def encode(files: list[Path], out: Path, sender: Sender, secret: LinkageSecret, profile: Profile) -> Path:
    export = read_export(files, today=TODAY)
    encoded = encode_export(export, secret=secret, profile=profile, sender=sender)
    return write_encoded(out, encoded.header, encoded.rows, encoded.client_ids).encoded


def found(service: Connection, keys: dict[str, MemberKey], secret: LinkageSecret, profile: Profile) -> None:
    """What the coordinator does first."""
    for name, role, kind in (
        ("food_bank", "agency", AgencyKind.NONPROFIT),
        ("detox", "agency", AgencyKind.PART2),
        ("auditor", "auditor", None),
    ):
        if name == "auditor":  # with whom there are two, who would both be needed for it
            service.open_epoch(epoch_terms(secret, profile))
        service.add_member(NewMember(name, name.title(), role, keys[name].public_line(name), kind, "front desk"))


@pytest.mark.slow
@pytest.mark.parametrize("built_in", BUILT_IN)
def test_the_whole_story(tmp_path: Path, built_in: str) -> None:
    profile = load_profile(built_in)
    keys = {name: new_member_key(tmp_path / name) for name in ("coordinator", "food_bank", "detox", "auditor")}
    secret = new_secret(random_bytes=secrets.token_bytes)
    first = write_list(tmp_path / "first", "food_bank", range(24), consents_to="detox")
    second = write_list(tmp_path / "second", "detox", range(8, 32), consents_to="food_bank")
    files = {
        "food_bank": encode(first, tmp_path / "out", Sender("food_bank"), secret, profile),
        "detox": encode(second, tmp_path / "out", Sender("detox", AgencyKind.PART2), secret, profile),
    }
    data, pub = tmp_path / "data", public_path(tmp_path / "coordinator")
    with running("-c", SERVE, "serve", "--data", str(data), "--port", "0", "--coordinator", str(pub)) as (_, address):
        with connect(address, keys["coordinator"]) as service:
            found(service, keys, secret, profile)
        receipts = []
        for name, path in files.items():
            with connect(address, keys[name]) as service:
                receipts.append(msgspec.convert(msgspec.to_builtins(service.send(path).receipt), Receipt))
        with connect(address, keys["coordinator"]) as service:
            service.wait_for_run(service.start_run(), progress=lambda stage, share: None)
            table = service.count("agency", purpose="council-report").table
        with connect(address, keys["food_bank"]) as service:
            (match,) = service.matches().matches
        with connect(address, keys["auditor"]) as service:
            bundle = tmp_path / "log.zip"
            bundle.write_bytes(service.log_bundle())
        told, forgotten = _ask_and_forget(tmp_path, address)
    assert (table.total.people, table.duplicated) == (33, 48)
    crosswalk = (tmp_path / "out" / "food_bank.crosswalk.csv").read_text()
    assert f"{match.row},food_bank-10\n" in crosswalk
    assert match.notices == ("42 CFR part 2 prohibits unauthorized use or disclosure of these records.",)
    verified = verify_bundle(bundle, vkeys=(data / "log.vkey").read_text(), receipts=receipts)
    assert verified.receipts == 2
    _check_told_and_forgotten(told, forgotten, bundle, data, theirs(tmp_path, "detox-10"))
    _check_nothing_personal(data, secret, profile)


def theirs(folder: Path, client: str) -> str:
    """The row of the detox's own client."""
    lines = (folder / "out" / "detox.crosswalk.csv").read_text().splitlines()
    return next(line.split(",")[0] for line in lines if line.endswith(f",{client}"))


def _ask_and_forget(folder: Path, address: str) -> tuple[Path, Path]:
    """The detox's openings before and after it has those about its own client erased."""
    before, after = folder / "openings.jsonl", folder / "left.jsonl"
    openings(address, folder / "detox", before)
    erase_openings(address, folder / "detox", [theirs(folder, "detox-10")])
    openings(address, folder / "detox", after)
    return before, after


def _check_told_and_forgotten(before: Path, after: Path, bundle: Path, data: Path, row: str) -> None:
    """The detox can tell that the food bank was shown its client, until it has that erased."""
    vkeys = (data / "log.vkey").read_text()
    told = ask_why(before.read_bytes(), [row], vkeys=vkeys, log=read_entries(bundle))
    (shown,) = told.of(Kind.SHOWN_TO)
    assert (shown.fact.other, shown.entry.event.purpose) == ("food_bank", "care-coordination")
    assert (told.closed, told.missing) == (0, ())
    forgotten = ask_why(after.read_bytes(), [row], vkeys=vkeys)
    assert (forgotten.told, forgotten.closed) == ((), 2)


def _check_nothing_personal(data: Path, secret: LinkageSecret, profile: Profile) -> None:
    """Neither a name nor a number nor the secret is anywhere on the service's disk."""
    everything = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file()).lower()
    for number in range(32):
        for value in person(number).values():
            assert len(value) < FEWEST or value.lower().encode() not in everything
    assert secret.derive("kcv", profile_digest=profile.digest).lower() not in everything
    assert secret.disclose().reveal().lower() not in everything
