"""The log keeps what it acknowledged, in order, and does not start on less."""

import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.checkpoint import parse_signed_checkpoint
from audit.errors import (
    EntryNotFound,
    EventRefused,
    ExportRefused,
    LogCannotBeWritten,
    LogInUse,
    LogRolledBack,
    SigningKeyError,
    VerificationError,
)
from audit.log import AuditLog, Receipt
from audit.merkle import EMPTY_ROOT, leaf_hash
from audit.signing import signing_time, verify_signatures
from audit.verify import verify_bundle

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def reopen(folder, signer, clock):
    return lambda: AuditLog.open(folder, signer, clock=clock)


def filled(reopen, event, count, *, signed):
    """A closed log of *count* entries whose last *signed* state is that of the first so many."""
    log = reopen()
    for number in range(count):
        log.append(event(number))
        if number + 1 == signed:
            log.checkpoint()
    log._held.close()  # as a crash would: without the final checkpoint


def test_a_receipt_gives_number_leaf_and_time(log, event, folder):
    receipts = [log.append(event(number)) for number in range(3)]
    lines = (folder / "entries.jsonl").read_bytes().splitlines()
    assert [receipt.index for receipt in receipts] == [0, 1, 2]
    assert [receipt.leaf for receipt in receipts] == [leaf_hash(line).hex() for line in lines]
    assert [receipt.time for receipt in receipts] == [entry.time for entry in log.entries()]
    assert log.size == 3


def test_entries_are_handed_out_in_order(log, event):
    for number in range(10):
        log.append(event(number))
    assert [(seq, found.object) for seq, found, _ in log.entries(4, 3)] == [
        (4, "count-4"),
        (5, "count-5"),
        (6, "count-6"),
    ]
    assert len(log.entries(8, 100)) == 2
    assert log.entries(10) == log.entries(99) == log.entries(0, 0) == ()
    assert log.entries(-5, 2) == log.entries(0, 2)


def test_a_new_log_has_signed_that_it_is_empty(log, signer):
    signed = parse_signed_checkpoint(log.checkpoint())
    verify_signatures(signed, signer.keys)
    assert (signed.checkpoint.size, signed.checkpoint.root) == (0, EMPTY_ROOT)


def test_a_checkpoint_is_signed_anew_only_when_there_is_something_new(log, event, folder):
    log.append(event())
    first = log.checkpoint()
    assert log.checkpoint() == first == (folder / "last-signed").read_text()
    log.append(event())
    second = log.checkpoint()
    assert parse_signed_checkpoint(second).checkpoint.size == 2
    assert (folder / "checkpoints").read_text().endswith(f"{first}\n{second}\n")


def test_the_log_goes_on_where_it_stopped(reopen, event):
    with reopen() as log:
        before = [log.append(event(number)) for number in range(3)]
    with reopen() as log:
        assert log.size == 3
        assert log.append(event(3)).index == 3
        assert [entry.seq for entry in log.entries()] == [0, 1, 2, 3]
        assert before[1].leaf == leaf_hash(log._file.path.read_bytes().splitlines()[1]).hex()


def test_the_last_state_is_signed_when_the_log_closes(reopen, event, folder):
    with reopen() as log:
        log.append(event())
    assert parse_signed_checkpoint((folder / "last-signed").read_text()).checkpoint.size == 1


def test_a_closed_log_takes_nothing_more(reopen, event, folder):
    log = reopen()
    log.close()
    log.close()
    for use in (lambda: log.append(event()), log.checkpoint, lambda: log.proof(0), lambda: log.export(folder / "x")):
        with pytest.raises(LogCannotBeWritten, match="is closed"):
            use()


def test_time_never_runs_back_even_if_the_clock_does(log, event, clock, signer):
    first = log.append(event())
    clock.now -= timedelta(days=2)
    assert log.append(event()).time == first.time
    signed = parse_signed_checkpoint(log.checkpoint())
    assert signing_time(signed, signer.keys) == first.time.replace(microsecond=0)


def test_time_does_not_run_back_over_a_restart(reopen, event, clock, folder):
    with reopen() as log:
        log.append(event())
        clock.now += timedelta(hours=1)
    clock.now -= timedelta(days=2)
    with reopen() as log:
        last = log.entries()[-1].time
        assert log.append(event()).time >= last + timedelta(hours=1)


def test_an_event_that_does_not_fit_leaves_the_log_as_it_was(log, event, folder):
    log.append(event())
    before = (folder / "entries.jsonl").read_bytes()
    with pytest.raises(EventRefused, match="cannot be logged"):
        log.append(event(purpose="x" * 201))
    assert (folder / "entries.jsonl").read_bytes() == before
    assert log.append(event()).index == 1


def test_threads_share_the_log_without_a_gap(log, event, tmp_path):
    receipts: list[Receipt] = []

    def write(start):
        for number in range(start, start + 25):
            receipts.append(log.append(event(number)))

    threads = [threading.Thread(target=write, args=(100 * place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.index for receipt in receipts) == list(range(200))
    assert verify_bundle(log.export(tmp_path / "out"), receipts=receipts).entries == 200


def test_a_second_writer_is_refused_and_the_first_goes_on(log, event, folder, signer, clock):
    with pytest.raises(LogInUse, match="another process writes"):
        AuditLog.open(folder, signer, clock=clock)
    assert log.append(event()).index == 0


def test_a_second_process_is_refused(log, folder, tmp_path, signer):
    signer.save(tmp_path / "key")
    script = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from audit.log import AuditLog; from audit.signing import LogSigner\n"
        "AuditLog.open(Path(sys.argv[1]), LogSigner.load(Path(sys.argv[2])), clock=lambda: datetime.now(UTC))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, folder, tmp_path / "key"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "audit.errors.LogInUse: another process writes to the log or the witness" in done.stderr


def test_the_next_writer_may_start_after_a_refused_start(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    saved = (folder / "entries.jsonl").read_bytes()
    (folder / "entries.jsonl").write_bytes(b"")
    with pytest.raises(LogRolledBack, match="3 entries were signed, but only 0 are on disk"):
        reopen()
    (folder / "entries.jsonl").write_bytes(saved)
    with reopen() as log:
        assert log.size == 3


@pytest.mark.parametrize("tail", [b'{"act":"count-re', b"{", b"\0" * 40, b'{"act":\0\0\0\0}\n', b"\0\0\n"])
def test_a_last_line_that_was_never_whole_is_cut_off(reopen, event, folder, tail):
    filled(reopen, event, 3, signed=2)
    whole = (folder / "entries.jsonl").read_bytes()
    (folder / "entries.jsonl").write_bytes(whole + tail)
    with reopen() as log:
        assert (log.size, log.torn_bytes) == (3, len(tail))
        assert (folder / "entries.jsonl").read_bytes() == whole
        assert log.append(event()).index == 3


def test_an_unsigned_entry_torn_in_the_middle_is_cut_off(reopen, event, folder):
    filled(reopen, event, 3, signed=2)
    whole = (folder / "entries.jsonl").read_bytes()
    (folder / "entries.jsonl").write_bytes(whole[:-10])
    with reopen() as log:
        assert log.size == 2


def test_an_untouched_log_has_nothing_torn(reopen, event):
    filled(reopen, event, 3, signed=2)
    with reopen() as log:
        assert (log.size, log.torn_bytes) == (3, 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda lines: lines[:-1], "3 entries were signed, but only 2 are on disk"),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], "3 entries were signed, but only 2 are on disk"),
        (lambda lines: [lines[0], lines[2]], "entry 1 on disk is not in its place"),
        (lambda lines: [lines[0], lines[0], lines[1], lines[2]], "entry 1 on disk is not in its place"),
        (lambda lines: [lines[1], lines[0], lines[2]], "entry 0 on disk is not in its place"),
        (lambda lines: [lines[0].replace(b"allowed", b"refused"), *lines[1:]], "are not those that were signed"),
        (lambda lines: [lines[0].replace(b'"seq":0', b'"seq": 0'), *lines[1:]], "entry 0 on disk is not an entry"),
        (lambda lines: [b"\0" + lines[0], *lines[1:]], "entry 0 on disk is not an entry"),
        (lambda lines: [*lines, b"nonsense\n"], "entry 3 on disk is not an entry"),
        (lambda lines: [lines[0].replace(b"T09:", b"T10:"), *lines[1:]], "entry 1 on disk is not in its place"),
    ],
)
def test_a_log_that_is_not_what_was_signed_does_not_start(reopen, event, folder, change, why):
    filled(reopen, event, 3, signed=3)
    lines = (folder / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "entries.jsonl").write_bytes(b"".join(change(lines)))
    with pytest.raises(LogRolledBack, match=why) as caught:
        reopen()
    assert "Restore the newest backup" in caught.value.hint


def test_a_log_whose_entries_are_gone_does_not_start(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    (folder / "entries.jsonl").unlink()
    with pytest.raises(LogRolledBack, match="3 entries were signed, but only 0"):
        reopen()


def test_a_log_without_its_last_signed_state_does_not_start(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    (folder / "last-signed").unlink()
    with pytest.raises(LogRolledBack, match="last signed state is gone"):
        reopen()


def test_a_log_with_a_damaged_last_signed_state_does_not_start(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    (folder / "last-signed").write_text("nonsense")
    with pytest.raises(LogRolledBack, match="last signed state is damaged"):
        reopen()


def test_an_older_last_signed_state_is_found_out(reopen, event, folder):
    filled(reopen, event, 3, signed=2)
    old = (folder / "last-signed").read_bytes()
    with reopen():
        pass
    (folder / "last-signed").write_bytes(old)
    with pytest.raises(LogRolledBack, match="older than the list of checkpoints"):
        reopen()


def test_entries_and_state_of_an_older_backup_are_found_out_by_the_list(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    backup = {name: (folder / name).read_bytes() for name in ("entries.jsonl", "last-signed")}
    with reopen() as log:
        log.append(event())
    for name, data in backup.items():
        (folder / name).write_bytes(data)
    with pytest.raises(LogRolledBack, match="older than the list of checkpoints"):
        reopen()


def test_another_key_cannot_go_on_with_the_log(reopen, event, folder, other_signer, clock):
    filled(reopen, event, 3, signed=3)
    with pytest.raises(SigningKeyError, match="was not signed with this key"):
        AuditLog.open(folder, other_signer, clock=clock)


def test_a_crash_between_the_two_files_of_checkpoints_is_made_good(reopen, event, folder):
    filled(reopen, event, 3, signed=2)
    listed = (folder / "checkpoints").read_bytes()
    with reopen():
        pass
    complete = (folder / "checkpoints").read_bytes()
    for torn in (
        listed,
        listed + complete[len(listed) :][:200],
        complete[:-1],
        listed + b"\0" * 50,
        listed + b"\0\n\n\0\n\n",
    ):
        (folder / "checkpoints").write_bytes(torn)
        with reopen():
            assert (folder / "checkpoints").read_bytes() == complete


def test_a_damaged_list_of_checkpoints_does_not_start(reopen, event, folder):
    filled(reopen, event, 3, signed=3)
    (folder / "checkpoints").write_text("nonsense\n\nnonsense\n\n")
    with pytest.raises(LogRolledBack, match="list of checkpoints is damaged"):
        reopen()


def test_a_crash_while_the_log_was_founded_leaves_a_new_log(reopen, event, folder):
    with reopen():
        pass
    (folder / "entries.jsonl").unlink()
    (folder / "checkpoints").unlink()
    with reopen() as log:
        assert log.append(event()).index == 0


def test_an_entry_changed_on_disk_is_not_handed_out(log, event, folder):
    for number in range(3):
        log.append(event(number))
    path = folder / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"count-1", b"count-7"))
    assert log.entries(0, 1)
    with pytest.raises(VerificationError, match="entry 1 was changed on the service's disk") as caught:
        log.entries()
    assert caught.value.entry == 1


def test_an_entry_cut_off_the_disk_is_not_passed_over(log, event, folder):
    for number in range(3):
        log.append(event(number))
    path = folder / "entries.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(VerificationError, match="entry 2 was changed on the service's disk"):
        log.entries()


def test_a_page_of_entries_is_a_hundred_unless_asked_otherwise(log, event):
    for number in range(101):
        log.append(event(number))
    assert [len(log.entries()), len(log.entries(1)), len(log.entries(2))] == [100, 100, 99]
    assert log.entries()[0].seq == 0


def test_a_clock_that_stands_still_does_no_harm(folder, signer, event, tmp_path):
    for start in (0, 2):
        with AuditLog.open(folder, signer, clock=lambda: NOON) as log:
            assert log.size == start
            log.append(event())
            log.checkpoint()
            log.append(event())
            found = verify_bundle(log.export(tmp_path / f"out-{start}"))
    assert (found.entries, found.first, found.last, found.signed_at) == (4, NOON, NOON, NOON)


def test_another_signature_of_the_same_state_is_found_out(reopen, event, folder, signer):
    filled(reopen, event, 3, signed=3)
    last = parse_signed_checkpoint((folder / "last-signed").read_text()).checkpoint
    (folder / "last-signed").write_text(str(signer.sign(size=3, root=last.root, time=NOON)))
    with pytest.raises(LogRolledBack, match="older than the list of checkpoints"):
        reopen()


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_only_the_owner_may_read_the_log(log, event, folder):
    log.append(event())
    log.checkpoint()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="counts open files as Linux shows them")
def test_no_file_stays_open(reopen, event, folder, other_signer, clock, tmp_path):
    before = len(list(OPEN_FILES.iterdir()))
    with reopen() as log:
        log.append(event())
        log.entries()
        log.export(tmp_path / "out")
    verify_bundle(tmp_path / "out")
    with pytest.raises(SigningKeyError, match="not signed with this key"):
        AuditLog.open(folder, other_signer, clock=clock)
    (folder / "entries.jsonl").unlink()
    with pytest.raises(LogRolledBack, match="only 0 are on disk"):
        reopen()
    (folder / "checkpoints").write_text("nonsense\n\nnonsense\n\n")
    with pytest.raises(LogRolledBack, match="is damaged"):
        reopen()
    assert len(list(OPEN_FILES.iterdir())) == before


def test_nothing_is_appended_after_a_strangers_bytes(log, event, folder):
    log.append(event())
    with (folder / "entries.jsonl").open("ab") as file:
        file.write(b"stranger\n")
    with pytest.raises(LogCannotBeWritten, match="another program changed the file"):
        log.append(event())


def test_the_state_in_memory_must_be_the_one_that_was_signed(log, event):
    log.append(event())
    log.checkpoint()
    log.append(event())
    log._entries.tree._levels[0][0] ^= 1
    log._entries.tree._levels[1][0] ^= 1
    with pytest.raises(LogRolledBack, match="in memory is not the one that was signed"):
        log.checkpoint()
    log._entries.tree._levels[0][0] ^= 1
    log._entries.tree._levels[1][0] ^= 1


def test_an_export_overwrites_nothing(log, event, tmp_path):
    log.append(event())
    out = log.export(tmp_path / "out")
    assert sorted(path.name for path in out.iterdir()) == [
        "README.txt",
        "checkpoints",
        "entries.jsonl",
        "leaves",
        "log.vkey",
    ]
    with pytest.raises(ExportRefused, match="is there already"):
        log.export(tmp_path / "out")
    assert (out / "entries.jsonl").read_bytes() == log._file.path.read_bytes()
    assert "anytown.example/headcount" in (out / "README.txt").read_text()


def test_an_entry_that_is_not_there_is_told(log, event):
    log.append(event())
    for index in (-1, 1):
        with pytest.raises(EntryNotFound, match=f"no entry {index}"):
            log.proof(index)
