"""Backups: whole although the service runs, verified before they are put back, and honest about their age."""

import hashlib
import io
import json
import shutil
import signal
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from api_town import Clock, Town, a_file, a_town, people
from postgres import Server
from test_api_serve import SERVE, ask, coordinator, found, running
from typer.testing import CliRunner

from api.backup import FORMAT, MANIFEST, back_up
from api.callers import own_event
from api.cli import register
from api.errors import BackupError, StartError
from api.outside import leave_note, take_up_notes
from api.restore import restore
from api.retention import purge
from api.storage.engine import database_address
from audit.events import Act
from audit.log import AuditLog
from audit.signing import LogSigner

__all__ = ["coordinator"]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COUNTS = "/api/v1/counts?by=agency&purpose=planning"


def filled(town: Town) -> None:
    for agency in ("food_bank", "clinic"):
        assert town.upload(agency, a_file(agency, people(*range(30)))).status_code == 201
    town.link()


def backed_up(town: Town, out: Path) -> Path:
    settings = town.parts.settings
    back_up(settings.data, database_address(settings.data, settings.database_url), out, now=NOW)
    return out


@pytest.fixture(scope="module")
def a_backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that no test changes, beside the data folder that it is of."""
    folder = tmp_path_factory.mktemp("backed-up")
    with a_town(folder / "data", database_url="") as town:
        assert town.upload("food_bank", a_file("food_bank", people(1, 2, 3))).status_code == 201
        return backed_up(town, folder / "backup.tar")


def put_back(backup: Path, data: Path, **options: object) -> None:
    restore(backup, data, database_address(data, ""), **({"clock": Clock()} | options))


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_running_town_is_backed_up_and_lives_on_elsewhere(
    tmp_path: Path, database_url: str, target: str, postgres: Server
) -> None:
    there = tmp_path / "elsewhere" / "data"
    there.parent.mkdir()
    new_url = postgres.new_database() if target == "postgresql" else ""
    with a_town(tmp_path / "data", database_url=database_url) as town:
        filled(town)
        out = backed_up(town, tmp_path / "backup.tar")
        size = town.parts.journal.size
        told = town.send("coordinator", "GET", COUNTS).json()
    assert out.stat().st_mode & 0o077 == 0
    done = restore(out, there, database_address(there, new_url), clock=Clock())
    assert done.log.entries == size  # not the reading that came after it
    assert (there / "headcount.sqlite").exists() is (not new_url)
    shutil.rmtree(tmp_path / "data")
    with a_town(there, database_url=new_url) as town:
        assert town.last("restored").event.purpose == "backup"
        assert town.send("coordinator", "GET", COUNTS).json()["table"] == told["table"]
        assert town.upload("food_bank", a_file("food_bank", people(7))).status_code == 201
        town.link()


@pytest.mark.slow
def test_the_commands_back_up_a_served_town_and_serve_it_again(tmp_path: Path, coordinator: Path) -> None:
    data, out, there = tmp_path / "data", tmp_path / "backup.tar", tmp_path / "there"
    serve = ("-c", SERVE, "serve", "--port", "0", "--data")
    with running(*serve, str(data), "--coordinator", str(coordinator)) as (process, address):
        found(address)
        assert ran("backup", "--data", str(data), "--out", str(out)).startswith(f"Wrote {out}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "every one and every signed state was verified" in ran("restore", str(out), "--data", str(there))
    with running(*serve, str(there)) as (_, address):
        assert len(ask(address, "food_bank", "GET", "/api/v1/uploads").json()) == 1


def test_what_was_removed_as_too_old_and_what_is_on_its_way_is_not_missed(tmp_path: Path, database_url: str) -> None:
    with a_town(tmp_path / "data", database_url=database_url) as town:
        for last in (1, 2):
            assert town.upload("food_bank", a_file("food_bank", people(last))).status_code == 201
        town.clock.advance(days=31)
        assert purge(town.parts, own_event).files == 1
        body = {"digest": "ab" * 32, "length": 1000}
        assert town.send("clinic", "POST", "/api/v1/upload-sessions", json=body).status_code == 201
        out = backed_up(town, tmp_path / "backup.tar")
        clock = town.clock
    put_back(out, tmp_path / "there", clock=clock)
    with a_town(tmp_path / "there", database_url="", clock=clock) as town:
        assert len(town.parts.uploads.all()) == 2
        assert town.parts.pieces.sessions.all() == ()
        assert town.send("clinic", "POST", "/api/v1/upload-sessions", json=body).status_code == 201


def test_backups_are_logged_by_the_service_once_and_in_order(
    town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, journal = town.parts.settings.data, town.parts.journal
    for day in (2, 1):
        leave_note(data, Act.BACKED_UP, now=NOW + timedelta(days=day))
    (data / "outside" / "torn.json").write_text("{")
    for _ in range(2):
        take_up_notes(data, journal)
    told = [entry.event.details["time"] for entry in town.log() if entry.event.act is Act.BACKED_UP]
    assert told == [(NOW + timedelta(days=day)).isoformat(timespec="seconds") for day in (1, 2)]
    assert "the note torn.json of what was done outside the service cannot be read" in caplog.text


def test_a_backup_that_cannot_be_noted_is_not_made(tmp_path: Path, a_backup: Path) -> None:
    data = a_backup.parent / "data"
    shutil.rmtree(data / "outside")
    (data / "outside").write_text("")
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(data, database_address(data, ""), tmp_path / "other.tar", now=NOW)
    assert not (tmp_path / "other.tar").exists()


def ran(*command: str, code: int = 0) -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == code, done.output
    return done.output


def test_nothing_is_ever_overwritten(tmp_path: Path, a_backup: Path) -> None:
    data = a_backup.parent / "data"
    with pytest.raises(BackupError, match="is there already"):
        back_up(data, database_address(data, ""), a_backup, now=NOW)
    with pytest.raises(BackupError, match="is not empty"):
        put_back(a_backup, data)
    with pytest.raises(BackupError, match="no service's data"):
        back_up(tmp_path / "none", database_address(tmp_path / "none", ""), tmp_path / "b.tar", now=NOW)
    assert not (tmp_path / "b.tar").exists()


def test_a_database_that_is_in_use_is_not_filled(tmp_path: Path, a_backup: Path, postgres: Server) -> None:
    url = postgres.new_database()
    restore(a_backup, tmp_path / "one", database_address(tmp_path / "one", url), clock=Clock())
    with pytest.raises(BackupError, match="the database is not empty"):
        restore(a_backup, tmp_path / "two", database_address(tmp_path / "two", url), clock=Clock())
    assert not (tmp_path / "two").exists()


Members = dict[str, bytes]


def rewritten(backup: Path, change: Callable[[Members], None], out: Path, *, honest: bool) -> Path:
    """The backup with other contents; with *honest* the manifest says so."""
    with tarfile.open(backup) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}
    change(members)
    if honest:
        manifest = json.loads(members.pop(MANIFEST))
        manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
        members[MANIFEST] = json.dumps(manifest).encode()
    with tarfile.open(out, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out


def spoil(name: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        found = next(each for each in members if each.startswith(name))
        members[found] = members[found][:-1] + bytes([members[found][-1] ^ 1])

    return change


def lose(name: str) -> Callable[[Members], None]:
    return lambda members: [members.pop(each) for each in tuple(members) if each.startswith(name)]  # type: ignore[return-value]


def cut_log(members: Members) -> None:
    members["log/entries.jsonl"] = b"".join(members["log/entries.jsonl"].splitlines(keepends=True)[:2])


def climb(members: Members) -> None:
    members["../outside"] = b"x"


@pytest.mark.parametrize(
    ("change", "honest", "says"),
    [
        (spoil("uploads/"), False, "1 files of the backup are not as they were written: uploads/"),
        (spoil("log/entries"), False, "are not as they were written: log/entries"),
        (lose("uploads/"), False, "are not as they were written: uploads/"),
        (lose("log.key"), True, "has no file log.key"),
        (lose("uploads/"), True, "encoded file of an agency is missing"),
        (spoil("uploads/"), True, "encoded file of an agency is missing or altered"),
        (cut_log, True, "does not hold"),
        (climb, True, "holds something that no backup"),
        (lose(MANIFEST), False, "no backup, or it was cut short"),
    ],
)
def test_a_backup_that_was_changed_is_refused_before_anything_exists(
    tmp_path: Path, a_backup: Path, change: Callable[[Members], None], honest: bool, says: str
) -> None:
    there = tmp_path / "there"
    with pytest.raises(BackupError, match=says):
        put_back(rewritten(a_backup, change, tmp_path / "other.tar", honest=honest), there)
    assert not there.exists()
    assert not (tmp_path / ".there.restoring").exists()
    assert not (tmp_path / "outside").exists()


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, a_backup: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(a_backup.read_bytes()[:20_000])
    for path in (cut, a_backup.parent / "coordinator.pub"):
        with pytest.raises(BackupError, match="no backup, or it was cut short"):
            put_back(path, tmp_path / "there")
    with pytest.raises(BackupError, match="there is no file"):
        put_back(tmp_path / "nothing.tar", tmp_path / "there")


def test_an_older_format_is_told(tmp_path: Path, a_backup: Path) -> None:
    def age(members: Members) -> None:
        members[MANIFEST] = members[MANIFEST].replace(FORMAT.encode(), b"headcount-backup/9")

    with pytest.raises(BackupError, match="of another format"):
        put_back(rewritten(a_backup, age, tmp_path / "other.tar", honest=False), tmp_path / "there")


def test_a_backup_that_is_older_than_a_state_somebody_kept_is_noticed(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", database_url="") as town:
        early = town.parts.journal.checkpoint()
        out = backed_up(town, tmp_path / "backup.tar")
        assert town.upload("food_bank", a_file("food_bank", people(1))).status_code == 201
        late = town.parts.journal.checkpoint()
    with pytest.raises(BackupError, match=r"you hold a checkpoint of \d+ entries, and the log has \d+") as refused:
        put_back(out, tmp_path / "there", signed=[late])
    assert "tell the auditors which entries are lost" in refused.value.hint
    put_back(out, tmp_path / "there", signed=[early])


def test_a_log_whose_lost_entries_are_of_any_kind_is_noticed_at_the_start(tmp_path: Path, database_url: str) -> None:
    data = tmp_path / "data"
    with a_town(data, database_url=database_url):
        pass
    shutil.copytree(data / "log", tmp_path / "yesterday")
    with a_town(data, database_url=database_url) as town:
        assert town.send("auditor", "GET", "/api/v1/log/entries").status_code == 200
    shutil.rmtree(data / "log")
    shutil.copytree(tmp_path / "yesterday", data / "log")
    with pytest.raises(StartError, match="was rolled back"), a_town(data, database_url=database_url):
        pass


def test_a_lost_log_is_told_and_none_is_begun_in_its_place(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with a_town(data):
        pass
    shutil.rmtree(data / "log")
    with pytest.raises(StartError, match="has no log any more") as refused, a_town(data):
        pass
    assert "Restore" in refused.value.hint
    assert not (data / "log").exists()


@pytest.mark.parametrize("whole", [True, False])
def test_a_log_put_back_alone_is_noticed_at_the_start(tmp_path: Path, database_url: str, whole: bool) -> None:
    """The log's folder of yesterday, with its own last signed state, beside the database of today."""
    data = tmp_path / "data"
    with a_town(data, database_url=database_url):
        pass
    shutil.copytree(data / "log", tmp_path / "yesterday")
    with a_town(data, database_url=database_url) as town:
        assert town.upload("food_bank", a_file("food_bank", people(1))).status_code == 201
    shutil.rmtree(data / "log")
    shutil.copytree(tmp_path / "yesterday", data / "log")
    says = "the audit log was rolled back"
    if not whole:  # it went on without the database, until it was as long
        with AuditLog.open(data / "log", LogSigner.load(data / "log.key"), clock=Clock()) as log:
            for _ in range(10):
                log.append(own_event(Act.STARTED, "service"))
        says = "not of the same service"
    with pytest.raises(StartError, match=says) as refused, a_town(data, database_url=database_url):
        pass
    assert "tell the auditors" in refused.value.hint
