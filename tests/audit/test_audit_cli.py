"""What ``headcount audit`` says, word for word."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from audit.cli import register

GOLDEN = Path(__file__).parent / "golden"
NAME = "anytown.example/headcount"
CUT = (
    "It does not show whether later entries were cut off: that takes a receipt, a checkpoint that somebody kept, "
    "or the keys of witnesses."
)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *words: CliRunner().invoke(app, ["audit", *map(str, words)])


@pytest.fixture
def altered(tmp_path):
    path = tmp_path / "altered"
    path.mkdir()
    for file in (GOLDEN / "bundle").iterdir():
        data = file.read_bytes()
        (path / file.name).write_bytes(data.replace(b"no consent", b"consented!"))
    return path


def test_a_copy_cut_back_to_a_checkpoint_is_not_called_whole(run, log, event, tmp_path):
    (tmp_path / "log.vkey").write_text(log.vkeys)
    kept = [log.append(event()), log.append(event())]
    (tmp_path / "first").write_text(log.checkpoint())
    log.append(event())
    log.checkpoint()
    bundle, key = log.export(tmp_path / "out"), ("--key", tmp_path / "log.vkey")
    cut_back(bundle)
    assert CUT in run("verify", bundle, *key).stdout
    held = run("verify", bundle, *key, "--checkpoint", tmp_path / "first").stdout
    assert "none of these entries may be missing, and none is; of newer ones it says nothing" in held
    (tmp_path / "receipts").write_bytes(msgspec.json.encode(kept[0]))
    some = run("verify", bundle, *key, "--receipts", tmp_path / "receipts").stdout
    assert "the first 1 entries may not be missing, and none is; of those after entry 1 it says nothing" in some


def cut_back(bundle):
    """Cut the last entry off, and every signature over it: nobody needs a key for that."""
    for name in ("entries.jsonl", "leaves"):
        lines = (bundle / name).read_bytes().splitlines(keepends=True)
        (bundle / name).write_bytes(b"".join(lines[:2]))
    path = bundle / "checkpoints"
    name = path.read_text().split("\n")[0]
    states = path.read_text().split(f"{name}\n")[1:]
    path.write_text("".join(f"{name}\n{state}" for state in states if int(state.split("\n")[0]) <= 2))


def test_a_good_log_with_your_key(run):
    done = run("verify", GOLDEN / "bundle", "--key", GOLDEN / "log.vkey")
    assert (
        done.stdout
        == f"""\
Nothing was altered, added or removed up to the last entry here, 4, signed 2026-11-22 09:08:00 UTC.
{CUT}

Log          {NAME}
Entries      5, from 2026-11-22 09:02:00 UTC to 2026-11-22 09:07:00 UTC
Checkpoints  3, the last one signed 2026-11-22 09:08:00 UTC
Signed by    {NAME}, Ed25519 key 62eeb2c5
Signed by    {NAME}, ML-DSA-44 key 30a4f45c
"""
    )
    assert done.exit_code == 0


def test_a_good_log_with_the_key_that_came_with_it(run):
    done = run("verify", GOLDEN / "bundle")
    assert done.stdout.startswith(
        "Nothing was altered, added or removed up to the last entry here, 4, signed 2026-11-22 09:08:00 UTC, "
        "if these are the log's own keys.\n"
        "They came with the copy itself. Ask the people who run the log for their fingerprint; this one is\n"
        "    03c1 67dd f293 9191 2650 e085 ffb9 bb7c\n"
        f"or give the log.vkey that you were given with --key.\n{CUT}\n\nLog "
    )
    assert done.exit_code == 0


def test_an_altered_log_names_the_entry(run, altered):
    done = run("verify", altered, "--key", GOLDEN / "log.vkey")
    assert done.stdout == ""
    assert done.stderr == (
        "Not verified: entry 4 was altered: it is not what was signed.\n"
        "What to do: Keep this copy as it is, ask the service for a fresh export, and tell the other auditors.\n"
    )
    assert done.exit_code == 1


def test_an_altered_log_is_not_shown(run, altered):
    done = run("show", altered)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "entry 4 was altered" in done.stderr


def test_receipts_and_checkpoints_that_you_kept_are_looked_for(run, log, event, tmp_path):
    first = log.append(event())
    (tmp_path / "kept").write_text(log.checkpoint())
    (tmp_path / "receipts").write_bytes(msgspec.json.encode(first) + b"\n" + msgspec.json.encode(log.append(event())))
    (tmp_path / "log.vkey").write_text(log.vkeys)
    words = ("--key", tmp_path / "log.vkey", "--receipts", tmp_path / "receipts", "--checkpoint", tmp_path / "kept")
    done = run("verify", log.export(tmp_path / "out"), *words)
    assert "By what you hold, none of these entries may be missing, and none is; of newer ones" in done.stdout
    assert done.stdout.endswith(
        "Yours        2 of your receipts are in it\nYours        1 of your checkpoints is in it\n"
    )
    assert done.exit_code == 0
    done = run("verify", GOLDEN / "bundle", *words[2:])
    assert "entry 0 is not the one you have a receipt for" in done.stderr
    assert "it shows that the log was rewritten" in done.stderr


def test_the_entries_are_shown_in_plain_words(run):
    done = run("show", GOLDEN / "bundle", "--key", GOLDEN / "log.vkey", "--last", 2)
    rows = [line for line in done.stdout.splitlines() if line.startswith("│")]
    shown = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]
    text = " ".join(" ".join(column) for column in zip(*shown, strict=True))
    assert done.stdout.endswith(f"signed 2026-11-22 09:08:00 UTC.\n{CUT}\n")
    for words in ("read a count", "council report – été 2026", "was denied", "care coordination", "no consent"):
        assert words in text
    assert "founded" not in text


def test_all_entries_are_shown_unless_told_otherwise(run):
    done = run("show", GOLDEN / "bundle")
    assert "founded the" in done.stdout
    assert "if these are the log's own keys" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "nowhere"), "there is no bundle at nowhere"),
        (("verify", GOLDEN / "bundle", "--key", "nowhere"), "nowhere cannot be read as text"),
        (("verify", GOLDEN / "bundle", "--key", GOLDEN / "bundle" / "leaves"), "this is not a verifier key"),
        (("verify", GOLDEN / "bundle", "--receipts", GOLDEN / "log.vkey"), "log.vkey, line 1, is not a receipt"),
        (("verify", GOLDEN / "bundle", "--checkpoint", GOLDEN / "log.vkey"), "is not a signed checkpoint"),
        (("show", "nowhere"), "there is no bundle at nowhere"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(run, words, said):
    done = run(*words)
    assert done.stderr.startswith("Not verified: ")
    assert said in done.stderr
    assert "What to do: " in done.stderr
    assert done.exit_code == (3 if words[2:] else 1)


def test_what_a_forged_log_says_cannot_steer_the_terminal(run, altered):
    path = altered / "checkpoints"
    path.write_text(path.read_text().replace(NAME, "\x9b31mred"))
    done = run("verify", altered)
    assert "\x9b" not in done.stderr
    assert done.exit_code == 1


def test_loading_the_commands_loads_nothing_heavy():
    script = (
        "import sys, audit.cli; print(*(name for name in sys.modules if name.startswith(('audit', 'crypt', 'msg'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ["audit", "audit.cli", "audit.cli_files", "audit.review_cli", "audit.witness_cli"]
    assert sorted(done.stdout.split()) == loaded


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n",
    ],
)
def test_a_checkpoint_copied_from_a_page_is_read(run, tmp_path, change):
    text = (GOLDEN / "bundle" / "checkpoints").read_text(encoding="utf-8")
    last = text[text.rindex(f"{NAME}\n5\n") :].rstrip("\n") + "\n"
    (tmp_path / "kept.txt").write_bytes(change(last).encode())
    done = run("verify", GOLDEN / "bundle", "--key", GOLDEN / "log.vkey", "--checkpoint", tmp_path / "kept.txt")
    assert done.stdout.endswith("Yours        1 of your checkpoints is in it\n"), done.stderr


@pytest.mark.parametrize(
    "text", ["", "something else", (GOLDEN / "bundle" / "checkpoints").read_text(encoding="utf-8")]
)
def test_a_wrong_file_of_ones_own_is_not_told_as_tampering(run, tmp_path, text):
    path = tmp_path / "kept.txt"
    path.write_text(text, encoding="utf-8")
    done = run("verify", GOLDEN / "bundle", "--key", GOLDEN / "log.vkey", "--checkpoint", path)
    assert done.stderr.startswith(f"Not verified: {path} is not a signed checkpoint.\nWhat to do: Check that file:")


def test_a_key_file_that_an_editor_marked_is_read(run, tmp_path):
    text = (GOLDEN / "log.vkey").read_text(encoding="utf-8")
    (tmp_path / "log.vkey").write_bytes(("\ufeff" + text).replace("\n", "\r\n").encode())
    assert run("verify", GOLDEN / "bundle", "--key", tmp_path / "log.vkey").exit_code == 0


def test_a_bundle_that_may_not_be_read_is_told(run, tmp_path, monkeypatch):
    def no(_path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "is_dir", no)
    done = run("verify", tmp_path / "log.zip")
    assert done.stderr.startswith(f"Not verified: {tmp_path / 'log.zip'} cannot be read: Permission denied.")
