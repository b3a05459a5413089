"""The story itself, from founding a collaborative to catching a forger."""

from __future__ import annotations

import shutil
import sys
import time
from datetime import date
from pathlib import Path

from hashing.connection import Connection, NewMember, connect
from hashing.demo.stage import Stage, clear, running_service
from hashing.demo.town import (
    AGENCIES,
    NAVIGATOR,
    VICTIM_SERVICES,
    check_is_town,
    number_of_clients,
    write_consents,
)
from hashing.match_cards import describe_match, read_crosswalk
from hashing.member_key import MemberKey, new_member_key, open_member_key
from hashing.schema import AgencyKind

SHOWN_MATCHES = 5
PEOPLE = ("coordinator", "auditor", "operator")


def tell(stage: Stage, town: Path, *, today: date) -> None:
    """Play the whole demo; leaves its folder behind for a look around.

    Raises:
        InputFileError: the town is not there.
        OutputError: the folder is not the demo's.
        ConnectionFailed: a step failed.
    """
    check_is_town(town)
    clear(stage.folder)
    started = time.monotonic()
    _found(stage)
    _encode(stage, town, today)
    victims = _refuse_victim_services(stage, town, today)
    with running_service(stage.folder) as address:
        _register(stage, address)
        _send(stage, address, town)
        _count(stage, address, victims)
        _coordinate(stage, address)
        _audit(stage, address)
    _say_what_next(stage, time.monotonic() - started)


def _found(stage: Stage) -> None:
    stage.title("1. Found a collaborative")
    stage.say("One agency makes the secret; only agencies ever hold it. Everybody makes a key of their own.")
    stage.run("secret", "new", "--out", "secret")
    (stage.folder / "keys").mkdir()
    for member in (*PEOPLE, *(agency.id for agency in AGENCIES), VICTIM_SERVICES.id):
        new_member_key(stage.folder / "keys" / member)
    stage.say(f"Made {len(PEOPLE) + len(AGENCIES) + 1} keys, one for each member.")


def _encode(stage: Stage, town: Path, today: date) -> None:
    stage.title("2. Each agency encodes its own export, on its own computer")
    stage.say(f"The commands below run in {stage.folder}.")
    stage.say("The exports hold no consents, so the demo invents them: half of the clients signed a month ago.")
    for agency in AGENCIES:
        files: list[str | Path] = [town / agency.id]
        if agency.may_match:
            write_consents(agency, town / agency.id, stage.folder / "consents" / agency.id, today=today)
            files.append(f"consents/{agency.id}")
        stage.run(
            "hash", *files, "--agency", agency.id, "--secret", "secret", "--out", f"office/{agency.id}",
            "--kind", agency.kind.value,
        )  # fmt: skip


def _refuse_victim_services(stage: Stage, town: Path, today: date) -> int:
    stage.title("3. A victim service provider takes part with totals only")
    stage.run_refused(
        "hash", town / VICTIM_SERVICES.id, "--agency", VICTIM_SERVICES.id, "--secret", "secret",
        "--out", "office", "--kind", VICTIM_SERVICES.kind.value,
    )  # fmt: skip
    total = number_of_clients(town / VICTIM_SERVICES.id, today=today)
    stage.say(f"{VICTIM_SERVICES.name} counts its own clients and tells one number: {total}.")
    return total


def _register(stage: Stage, address: str) -> None:
    stage.title(f"4. The linkage service runs at {address}; the coordinator registers the members")
    agencies = (*AGENCIES, VICTIM_SERVICES)
    with connect(address, _key(stage, "coordinator")) as connection:
        for agency in agencies:
            connection.add_member(NewMember(agency.id, agency.name, "agency", _public(stage, agency.id), agency.kind))
        _add_person(connection, stage, "operator")
        stage.say(f"Registered {len(agencies)} agencies and an operator by their public keys.")
        stage.run("service", "open-epoch", "--secret", "secret", *_as(address, "coordinator"))
        _add_person(connection, stage, "auditor")
    stage.say(
        "With the auditor there is a second person: from now on new members, epochs and the first release need two."
    )


def _add_person(connection: Connection, stage: Stage, person: str) -> None:
    connection.add_member(NewMember(person, f"The {person}", person, _public(stage, person)))


def _key(stage: Stage, member: str) -> MemberKey:
    return open_member_key(stage.folder / "keys" / member)


def _public(stage: Stage, member: str) -> str:
    return _key(stage, member).public_line(member)


def _as(address: str, member: str) -> tuple[str, ...]:
    return "--service", address, "--key", f"keys/{member}"


def _send(stage: Stage, address: str, town: Path) -> None:
    stage.title("5. The agencies send their encoded files")
    stage.say("First a mistake: a file encoded with another secret. The service refuses it and keeps nothing.")
    first = AGENCIES[0]
    stage.quietly("secret", "new", "--out", "wrong-secret")
    stage.quietly(
        "hash", town / first.id, "--agency", first.id, "--secret", "wrong-secret", "--out", "mistake"
    )  # fmt: skip
    stage.run_refused("send", f"mistake/{first.id}.codes.jsonl", *_as(address, first.id))
    for agency in AGENCIES:
        stage.run("send", f"office/{agency.id}/{agency.id}.codes.jsonl", *_as(address, agency.id))


def _count(stage: Stage, address: str, victims: int) -> None:
    stage.title("6. The coordinator links the files and counts people once")
    stage.run("service", "link", *_as(address, "coordinator"))
    for by in ("agency", "service"):
        stage.run("service", "count", "--by", by, "--purpose", "council-report", *_as(address, "coordinator"))
    with connect(address, _key(stage, "coordinator")) as connection:
        total = connection.count("agency", purpose="council-report").table.total
    stage.say(
        f"{VICTIM_SERVICES.name} served {victims} more clients, and nobody can say who of them is among the others: "
        f"together between {max(total.low or 0, victims):,} and {(total.high or 0) + victims:,} people, "
        "and the clients who could not be matched."
    )
    stage.say("For the council, all tables of the year are released together, protected beside each other, and kept:")
    release = ("service", "release", "--period", "2020", "--packet", "packet.zip", *_as(address, "coordinator"))
    stage.run_refused(*release)
    stage.say("It is the first release of all. The auditor reads what is asked for, and approves exactly that:")
    stage.run("service", "approvals", *_as(address, "auditor"))
    stage.run("service", "approve", *_waiting(stage, address), *_as(address, "auditor"))
    stage.run(*release)


def _waiting(stage: Stage, address: str) -> tuple[str, ...]:
    """The proposal that waits, as the auditor names it and what was read of it."""
    with connect(address, _key(stage, "auditor")) as connection:
        (proposal,) = (one for one in connection.approvals() if one.state == "waiting")
    return proposal.proposal, "--digest", proposal.digest[:12]


def _coordinate(stage: Stage, address: str) -> None:
    stage.title("7. A navigator sees which of her clients are known elsewhere, where both sides hold consent")
    own = read_crosswalk(stage.folder / "office" / NAVIGATOR / f"{NAVIGATOR}.crosswalk.csv")
    with connect(address, _key(stage, NAVIGATOR)) as connection:
        cards = connection.matches().matches
    parts = [card for card in cards if card.notices][:1] + [card for card in cards if not card.notices]
    for card in parts[:SHOWN_MATCHES]:
        for line in describe_match(card, own):
            stage.console.print(f"  {line}", soft_wrap=True)
    stage.say(f"  ... {len(cards)} matches in all; the client numbers are her own agency's, resolved on her computer.")
    police = next(agency.id for agency in AGENCIES if agency.kind is AgencyKind.GOVERNMENT)
    stage.say("The police outreach team may count, but never match:")
    stage.run_refused("matches", *_as(address, police))


def _audit(stage: Stage, address: str) -> None:
    stage.title("8. An auditor verifies the log without trusting the service")
    stage.run("service", "log", "--out", "log.zip", *_as(address, "auditor"))
    shutil.copy(stage.folder / "service" / "log.vkey", stage.folder / "log.vkey")
    stage.run("audit", "verify", "log.zip", "--key", "log.vkey")
    stage.run("audit", "show", "log.zip", "--last", "6")
    stage.say("Now somebody edits a copy of the log, to hide who read the counts.")
    stage.run_refused("audit", "verify", _forge(stage.folder), "--key", "log.vkey")


def _forge(folder: Path) -> Path:
    """A copy of the exported log in which the purpose of the last count reads differently."""
    shutil.unpack_archive(folder / "log.zip", folder / "forged")
    entries = next((folder / "forged").rglob("entries.jsonl"))
    lines = entries.read_bytes().splitlines(keepends=True)
    place = max(number for number, line in enumerate(lines) if b'"council-report"' in line)
    lines[place] = lines[place].replace(b'"council-report"', b'"quality-check"')
    entries.write_bytes(b"".join(lines))
    return entries.parent.relative_to(folder)


def _command() -> str:
    """How to call ``headcount`` from here: by its place, where the shell would not find it."""
    beside = Path(sys.executable).with_name("headcount")
    if shutil.which("headcount") or not beside.exists():
        return "headcount"
    return str(beside.relative_to(Path.cwd())) if beside.is_relative_to(Path.cwd()) else str(beside)


def _say_what_next(stage: Stage, seconds: float) -> None:
    stage.title(f"Done in {seconds:.0f} seconds; the service has stopped")
    stage.say(
        f"Everything is in {stage.folder}: each agency's files in office/, the service's own in service/.\n"
        "Try next:\n"
        "  make run\n      start the service again and get links to its pages\n"
        f"  {_command()} check FILE\n      see what your own client list holds\n"
        f"  {_command()} inspect FILE\n      see what an encoded file shows to the service\n"
        f"  {_command()} audit show {stage.folder / 'log.zip'}\n      read the audit log\n"
        "The README says how to found a real collaborative."
    )
