"""Whatever goes wrong, no cell reaches the screen: not by a message, a cause, a thread, a finalizer or a warning."""

import logging
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import pytest

from hashing.cli import main
from hashing.errors import InputFileError
from hashing.failures import FAILED, FIRST, LAST, REFUSED, STOPPED, describe_failure, failing_in_words, hide_values

CELL = "Xavierus"


def fails_on_a_cell(*_: object) -> None:
    float(CELL)


def fails_because_of_a_cell() -> None:
    try:
        fails_on_a_cell()
    except ValueError as error:
        raise KeyError(CELL) from error


def fails_while_telling_of_a_cell() -> None:
    try:
        fails_on_a_cell()
    except ValueError:
        raise LookupError(CELL)  # noqa: B904 -- what it happened beside is to be told too


def fails_with_notes() -> None:
    error = RuntimeError(CELL)
    error.add_note(CELL)
    raise error


def fails_many_times() -> None:
    raise ExceptionGroup(CELL, [ValueError(CELL), KeyError(CELL)])


def fails_to_decode() -> None:
    (CELL.encode() + b"\xff").decode("utf-8")


def fails_without_end() -> None:
    fails_without_end()


def said(capsys: pytest.CaptureFixture[str]) -> str:
    output = capsys.readouterr()
    assert output.out == ""
    return output.err


@pytest.mark.parametrize(
    ("fail", "told"),
    [
        (fails_on_a_cell, "ValueError"),
        (fails_because_of_a_cell, "KeyError"),
        (fails_while_telling_of_a_cell, "LookupError"),
        (fails_with_notes, "RuntimeError"),
        (fails_many_times, "ExceptionGroup"),
        (fails_to_decode, "UnicodeDecodeError"),
    ],
)
def test_an_error_that_nobody_foresaw_is_told_without_its_message(fail, told, capsys):
    with pytest.raises(SystemExit) as ended, failing_in_words():
        fail()
    assert ended.value.code == FAILED
    error = said(capsys)
    assert error.startswith(f"headcount: an error in Headcount itself: {told}.\n  Please report it")
    assert f" {fail.__name__}\n" in error
    assert CELL not in error


@pytest.mark.parametrize("fail", [fails_because_of_a_cell, fails_while_telling_of_a_cell])
def test_the_error_behind_an_error_is_told_with_its_place(fail, capsys):
    with pytest.raises(SystemExit), failing_in_words():
        fail()
    assert "\n  ValueError\n    test_failures:" in said(capsys)


def test_a_hidden_context_stays_hidden():
    try:
        try:
            fails_on_a_cell()
        except ValueError:
            raise KeyError(CELL) from None
    except KeyError as error:
        told = "\n".join(describe_failure(error))
    assert "ValueError" not in told


def test_errors_that_cause_each_other_are_told_once():
    one, other = ValueError(CELL), KeyError(CELL)
    one.__cause__, other.__cause__ = other, one
    assert [line for line in describe_failure(one) if line in {"  ValueError", "  KeyError"}] == [
        "  ValueError",
        "  KeyError",
    ]


def test_a_long_way_down_is_told_by_its_ends(capsys):
    with pytest.raises(SystemExit), failing_in_words():
        fails_without_end()
    lines = said(capsys).splitlines()
    places = [line for line in lines if line.startswith("    ")]
    assert len(places) == FIRST + 1 + LAST
    assert places[FIRST].endswith("more ...")


def test_a_place_is_a_module_and_a_line_and_no_path_of_the_computer():
    try:
        fails_on_a_cell()
    except ValueError as error:
        places = [line for line in describe_failure(error) if line.startswith("    ")]
    line = fails_on_a_cell.__code__.co_firstlineno + 1
    assert places[-1] == f"    test_failures:{line} fails_on_a_cell"
    assert not any("/" in place for place in places)


def test_a_refusal_is_told_in_its_own_words(capsys):
    with pytest.raises(SystemExit) as ended, failing_in_words():
        raise InputFileError("row 7: no date", hint="Write one.")
    assert ended.value.code == REFUSED
    assert said(capsys) == "headcount: row 7: no date.\n  Write one.\n"


def test_a_person_who_stops_it_sees_no_traceback(capsys):
    with pytest.raises(SystemExit) as ended, failing_in_words():
        raise KeyboardInterrupt
    assert ended.value.code == STOPPED
    assert said(capsys) == "headcount: stopped.\n"


def test_what_a_thread_fails_with_is_told_without_its_message(capsys):
    with failing_in_words():
        thread = threading.Thread(target=fails_on_a_cell)
        thread.start()
        thread.join()
    error = said(capsys)
    assert "an error in Headcount itself: ValueError" in error
    assert CELL not in error


def test_a_thread_that_ends_itself_has_not_failed(capsys):
    with failing_in_words():
        thread = threading.Thread(target=sys.exit)
        thread.start()
        thread.join()
    assert said(capsys) == ""


def test_what_a_finalizer_fails_with_is_told_without_its_message(capsys):
    class Fragile:
        __del__ = fails_on_a_cell

    with failing_in_words():
        fragile = Fragile()
        del fragile
    error = said(capsys)
    assert "an error in Headcount itself: ValueError" in error
    assert CELL not in error


def test_a_warning_is_told_without_its_message(capsys):
    with failing_in_words():
        warnings.simplefilter("always")
        warnings.warn(f"cannot read {CELL}", UserWarning, stacklevel=1)
    error = said(capsys)
    assert error.startswith("headcount: UserWarning in test_failures.py:")
    assert CELL not in error


def test_what_a_library_logs_is_told_without_its_message(capsys):
    logger = logging.getLogger("library")
    logger.propagate = False  # as if nobody had said where records go
    with failing_in_words():
        logger.warning("cannot read %s", CELL)
        try:
            fails_on_a_cell()
        except ValueError:
            logger.exception("cannot read %s", CELL)
    error = said(capsys)
    assert error.startswith("headcount: warning of library in test_failures:")
    assert "headcount: error of library in test_failures:" in error
    assert "    test_failures:" in error
    assert CELL not in error


def stumbles_at_the_start(cell: str) -> None:
    hide_values()
    float(cell)


def test_a_process_of_its_own_tells_no_values_once_it_was_told_to_hide_them(capfd):
    given = {"mp_context": get_context("spawn"), "initializer": stumbles_at_the_start, "initargs": (CELL,)}
    with (
        ProcessPoolExecutor(1, **given) as pool,
        pytest.raises(BrokenProcessPool, match=r"terminated abruptly|not usable"),
    ):
        pool.submit(abs, 1).result()
    error = capfd.readouterr().err
    assert "an error in Headcount itself: ValueError" in error
    assert CELL not in error


def test_afterwards_the_hooks_are_as_they_were():
    before = threading.excepthook, sys.unraisablehook, warnings.showwarning, logging.lastResort
    with failing_in_words():
        assert threading.excepthook is not before[0]
    assert (threading.excepthook, sys.unraisablehook, warnings.showwarning, logging.lastResort) == before


@pytest.fixture
def clinic(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text(f"Client ID,First Name,Last Name,DOB\n1,{CELL},Unlikelyname,1980-01-02\n")
    return path


@pytest.mark.parametrize("command", ["check", "hash"])
def test_no_command_shows_a_cell_that_it_stumbles_over(command, clinic, capsys, monkeypatch, tmp_path):
    with pytest.raises(SystemExit):
        main(["secret", "new", "--out", str(tmp_path / "secret")])
    capsys.readouterr()

    def stumble_over(files: list[Path], **_: object) -> None:
        """Stands where a reader of client lists would meet a cell that nobody foresaw."""
        float(files[0].read_text("utf-8"))

    monkeypatch.setattr("hashing.export.read_export", stumble_over)
    options = ["--agency", "clinic", "--secret", str(tmp_path / "secret"), "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        main([command, str(clinic), *(options if command == "hash" else [])])
    assert ended.value.code == FAILED
    error = said(capsys)
    assert "stumble_over" in error
    for value in (CELL, CELL.lower(), "Unlikelyname", "1980"):
        assert value not in error
    assert not (tmp_path / "out").exists()


def test_a_command_of_its_own_ends_with_70_and_shows_no_cell(clinic):
    code = (
        "import sys, hashing.export\n"
        "def stumble(files, **_):\n"
        "    cells = open(files[0]).read()\n"
        "    float(cells)\n"
        "hashing.export.read_export = stumble\n"
        "from hashing.cli import main\n"
        "main(['check', sys.argv[1]])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(clinic)], capture_output=True, text=True, check=False)
    assert done.returncode == FAILED
    assert done.stdout == ""
    assert "    __main__:4 stumble" in done.stderr
    for value in (CELL, "Unlikelyname", "1980", "Traceback"):
        assert value not in done.stderr
