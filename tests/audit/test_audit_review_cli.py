"""``headcount audit export``, ``why``, ``report`` and ``show --unusual``, word for word."""

import csv
import os
import shutil
import subprocess
import sys

import pytest
import typer
from told import AGREED, SAW_AT, SHOWN_TO, a_file, an_event, entries_at, log_consent, log_match, opened, sealed
from typer.testing import CliRunner

from audit.cli import register
from audit.errors import ExportRefused, VerificationError
from audit.events import Act
from audit.export import export_folder
from audit.log import AuditLog
from audit.review_cli import unusual_lines
from audit.unusual import Limits
from audit.verify import verify_bundle


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *words: CliRunner().invoke(app, ["audit", *map(str, words)])


@pytest.fixture
def service(tmp_path, signer, clock):
    """A service's data folder, whose log is open and has three signed entries and one that is not signed."""
    data = tmp_path / "data"
    with AuditLog.open(data / "log", signer, clock=clock) as log:
        (data / "log.vkey").write_text(log.vkeys)
        log.checkpoint()
        log_consent(log, sealed(AGREED))
        log_match(log, sealed(SHOWN_TO, SAW_AT))
        log.append(an_event(Act.COUNT_READ))
        log.checkpoint()
        log.append(an_event(Act.COUNT_RELEASED, details={"by": "agency"}))
        yield data, log


# export


def test_a_copy_is_made_beside_the_running_service(run, service, tmp_path):
    data, log = service
    done = run("export", "--data", data, "--out", tmp_path / "copy")
    assert done.stdout == (
        f"Wrote {tmp_path / 'copy'}: 3 entries, nothing altered, added or removed.\n"
        "1 more not signed yet: with the next copy.\n"
        "Hand it to the auditors. They have log.vkey from you already, or its fingerprint:\n"
        "    03c1 67dd f293 9191 2650 e085 ffb9 bb7c\n"
    )
    assert done.exit_code == 0
    assert verify_bundle(tmp_path / "copy", vkeys=log.vkeys).entries == 3


def test_the_copy_is_that_which_the_service_itself_hands_out(service, tmp_path):
    data, log = service
    log.checkpoint()
    log.export(tmp_path / "its own")
    copy = export_folder(data, tmp_path / "copy").bundle
    for path in sorted((tmp_path / "its own").iterdir()):
        assert (copy / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_torn_last_line_and_a_torn_list_do_not_keep_it_from_being_made(service, tmp_path):
    data = shutil.copytree(service[0], tmp_path / "after a crash")
    with (data / "log" / "entries.jsonl").open("ab") as entries:
        entries.write(b'{"act":"cou')
    listed = data / "log" / "checkpoints"
    listed.write_bytes(listed.read_bytes()[:-900])
    found = export_folder(data, tmp_path / "copy")
    assert (found.log.entries, found.unsigned, found.log.checkpoints) == (3, 1, 2)


def test_a_log_that_was_changed_is_told_and_the_copy_stays_as_evidence(run, service, tmp_path):
    data, _ = service
    entries = data / "log" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"planning", b"plotting", 1))
    done = run("export", "--data", data, "--out", tmp_path / "copy")
    assert done.stderr.startswith("Not exported: ")
    assert done.exit_code == 1
    assert (tmp_path / "copy" / "entries.jsonl").exists()


def test_a_log_that_is_shorter_than_what_was_signed_is_told(service, tmp_path):
    data, _ = service
    entries = data / "log" / "entries.jsonl"
    entries.write_bytes(b"".join(entries.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(VerificationError, match="an entry between 0 and 2 was altered, added or removed"):
        export_folder(data, tmp_path / "copy")


@pytest.mark.parametrize("missing", ["log.vkey", "log/last-signed", "log/entries.jsonl", "log/checkpoints"])
def test_a_folder_without_a_log_is_refused(service, tmp_path, missing):
    data, _ = service
    (data / missing).unlink()
    with pytest.raises(ExportRefused, match=missing.rsplit("/", 1)[-1]):
        export_folder(data, tmp_path / "copy")


def test_nothing_is_overwritten(run, service, tmp_path):
    done = run("export", "--data", service[0], "--out", tmp_path)
    assert f"Not exported: {tmp_path} is there already.\n" in done.stderr


# why


@pytest.fixture
def asked(service, tmp_path):
    data, log = service
    path = tmp_path / "openings.jsonl"
    lists = (opened(log, 0, sealed(AGREED)), opened(log, 1, sealed(SHOWN_TO, SAW_AT)))
    path.write_bytes(a_file(*lists))
    log.export(tmp_path / "bundle")
    return path, data / "log.vkey", tmp_path / "bundle"


def test_who_was_shown_a_client_and_why(run, asked):
    openings, key, bundle = asked
    done = run("why", openings, "--agency", "ymca", "--row", "ymcarowymcarow22", "--key", key, "--log", bundle)
    assert done.stdout == (
        "Who was shown this client\n"
        "  2026-11-22 09:00 UTC  clinic was shown that this client is also its own: care-coordination, "
        "by the rule 'consent on both sides', until 2026-12-31 (entry 1)\n"
        "What ymca was shown about this client\n"
        "  Nothing that the file tells of.\n"
        "What the client had agreed to, as your files said\n"
        "  2026-11-22 09:00 UTC  may be shown to clinic, until 2026-12-31 (entry 0)\n"
        "The file speaks of every entry of the log that concerns ymca.\n"
    )
    assert done.exit_code == 0


def test_a_row_of_which_the_file_has_nothing_is_no_reassurance(run, asked):
    openings, key, _ = asked
    done = run("why", openings, "--agency", "ymca", "--row", "a" * 16, "--key", key)
    assert done.stdout == (
        "The file holds nothing about this row. That is no answer yet: look in the crosswalk whether it is the\n"
        "client's row, and whether there are other epochs, in which it is another.\n"
        "Whether your file leaves entries out shows with a copy of the log: --log BUNDLE.\n"
    )


@pytest.mark.parametrize("row", ["3ACF88", "YMCAROWYMCAROW22", "ymcarow", ""])
def test_what_is_no_row_is_refused_and_not_repeated(run, asked, row):
    openings, key, _ = asked
    done = run("why", openings, "--agency", "ymca", "--row", row, "--key", key)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "Not verified: a row is 16 small letters and digits, and what --row was given is not.\n"
        "What to do: Look the client up in the crosswalk beside your encoded file: it has the row of each epoch.\n"
    )


def test_what_the_file_leaves_out_and_what_was_erased_is_told(run, service, asked):
    _, log = service
    openings, key, bundle = asked
    openings.write_bytes(a_file(opened(log, 1, sealed(SHOWN_TO, SAW_AT), openings=())))
    done = run("why", openings, "--agency", "ymca", "--row", "ymcarowymcarow22", "--key", key, "--log", bundle)
    assert done.stdout.splitlines()[-2:] == [
        "Erased facts about clients of ymca: 1. Nobody can tell whose they were.",
        "Entries that concern you, about which the file says nothing: 0. Ask why.",
    ]
    assert done.exit_code == 1


def test_the_viewers_own_side_and_a_withdrawn_consent(run, service, tmp_path):
    data, log = service
    path = tmp_path / "clinic.jsonl"
    gone = sealed(AGREED.__class__(kind="consent", agency="ymca", row="ymcarowymcarow22"))
    index = log_consent(log, gone)
    path.write_bytes(a_file(opened(log, 1, sealed(SHOWN_TO, SAW_AT), agency="clinic"), agency="clinic"))
    words = ("--key", data / "log.vkey", "--row")
    assert "  2026-11-22 09:00 UTC  that ymca knows this client, too: care-coordination" in run(
        "why", path, "--agency", "clinic", *words, "clinicrowclinic2"
    ).stdout  # fmt: skip
    path.write_bytes(a_file(opened(log, index, gone)))
    assert (
        "may be shown to nobody any more (entry 4)"
        in run("why", path, "--agency", "ymca", *words, "ymcarowymcarow22").stdout
    )


def test_only_the_agencys_own_file_answers(run, asked):
    openings, key, _ = asked
    done = run("why", openings, "--agency", "clinic", "--row", "ymcarowymcarow22", "--key", key)
    assert done.stderr == (
        "Not verified: the openings are those of ymca.\nWhat to do: An agency can ask about its own clients only.\n"
    )
    assert done.exit_code == 1


# report and show --unusual


def test_the_report_is_written_and_told(run, asked, tmp_path):
    _, key, bundle = asked
    done = run("report", bundle, "--out", tmp_path / "report", "--key", key)
    assert done.stdout == (
        f"Wrote {tmp_path / 'report' / 'report.html'} and three tables: 2 lines of who learned what,\n"
        "0 of unusual access, 4 entries.\n"
    )
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "entries.csv",
        "learned.csv",
        "report.html",
        "unusual.csv",
    ]
    assert "Not reported: " in run("report", bundle, "--out", tmp_path / "report").stderr


def test_a_report_without_a_key_tells_the_doubt(run, asked, tmp_path):
    done = run("report", asked[2], "--out", tmp_path / "report")
    assert done.stdout.splitlines()[-1].startswith("All of it holds only if the keys that came with the copy are")


@pytest.mark.parametrize("option", ["--checkpoint", "--receipts"])
def test_a_report_checks_what_the_auditor_kept(run, asked, tmp_path, option):
    _, key, bundle = asked
    kept = tmp_path / "kept"
    kept.write_text("nothing of the kind\n")
    done = run("report", bundle, "--out", tmp_path / "report", "--key", key, option, kept)
    assert done.stderr.startswith(f"Not reported: {kept}")
    assert done.exit_code == 3
    assert not (tmp_path / "report").exists()


def test_a_finding_names_its_own_entries_only():
    told = [(n, an_event(Act.DENIED, "shelter" if n % 2 else "food_bank", rule="role")) for n in range(12)]
    lines = unusual_lines(entries_at(*told), Limits())
    assert [line.rpartition("(")[2] for line in lines[:2]] == [
        "entries 0, 2, 4, 6, 8, 10)",
        "entries 1, 3, 5, 7, 9, 11)",
    ]


def test_disclosures_are_told_apart(run, asked, monkeypatch):
    monkeypatch.setenv("COLUMNS", "240")
    _, key, bundle = asked
    (line,) = [line for line in run("show", bundle, "--key", key).stdout.splitlines() if "was shown care" in line]
    assert "agency ymca; clients: 1 to 10; rule" in line


def test_a_date_does_not_break_in_a_narrow_window(run, asked, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, key, bundle = asked
    lines = run("show", bundle, "--key", key).stdout.splitlines()
    assert sum("2026-11-22" in line for line in lines if line.startswith("│")) == 4


def test_a_zone_brings_office_hours(run, asked, tmp_path):
    _, key, bundle = asked
    done = run("report", bundle, "--out", tmp_path / "report", "--key", key, "--zone", "America/Los_Angeles")
    assert "1 of unusual access" in done.stdout
    with (tmp_path / "report" / "unusual.csv").open(newline="", encoding="utf-8-sig") as stream:
        (line,) = csv.DictReader(stream)
    assert line["what"] == "read something on Sunday 2026-11-22 at 01:00 (America/Los_Angeles), out of office hours"


def test_unusual_access_is_shown_instead_of_the_entries(run, asked):
    _, key, bundle = asked
    done = run("show", bundle, "--key", key, "--unusual", "--zone", "UTC")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2026-11-22 09:00 UTC  coordinator read something on Sunday 2026-11-22 at 09:00 (UTC)")
    assert lines[0].endswith("(entry 2)")
    assert lines[-2].startswith("Nothing was altered, added or removed up to the last entry here, 3, signed ")
    assert run("show", bundle, "--unusual").stdout.splitlines()[0] == "Nothing unusual."


@pytest.mark.parametrize("zone", ["Nowhere/Atall", "../etc", ""])
def test_a_zone_that_is_none_is_refused(run, asked, zone):
    done = run("show", asked[2], "--unusual", "--zone", zone)
    assert done.stderr.startswith(f"Not verified: this computer knows no time zone {zone!r}.")


def test_a_bundle_that_does_not_hold_has_no_report(run, asked, tmp_path):
    _, key, bundle = asked
    (bundle / "leaves").write_text("")
    done = run("report", bundle, "--out", tmp_path / "report", "--key", key)
    assert done.exit_code == 1
    assert not (tmp_path / "report").exists()


# A base install.


def test_an_auditor_needs_nothing_of_the_server(asked, tmp_path):
    """With every package of a server kept from loading, the report and the answer are the same."""
    openings, key, bundle = asked
    blocked = ("fastapi", "sqlalchemy", "jinja2", "duckdb", "pyarrow", "dbos", "splink", "api", "linkage")
    script = (
        "import sys, typer\n"
        f"sys.modules.update(dict.fromkeys({blocked!r}))\n"
        "from audit.cli import register\n"
        "app = typer.Typer(); app.callback()(lambda: None); register(app); app()\n"
    )
    for words in (
        ("report", bundle, "--out", tmp_path / "report"),
        ("why", openings, "--agency", "ymca", "--row", "ymcarowymcarow22", "--key", key, "--log", bundle),
        ("show", bundle, "--unusual"),
    ):
        command = [sys.executable, "-c", script, "audit", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)
        assert done.returncode == 0, done.stderr
