"""What a service does regularly goes on after it failed, and stops with the service."""

import threading
from datetime import timedelta

import pytest

from api.regularly import regularly


def test_what_failed_is_tried_again_and_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    done, calls = threading.Event(), iter(range(100))

    def act() -> None:
        if next(calls) == 0:
            raise OSError("at /a/place/of/ours")
        done.set()

    end = regularly("sweeping", timedelta(milliseconds=1), act)
    assert done.wait(20)
    end()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["sweeping failed and is tried again later (OSError)"]


def test_nothing_is_done_after_its_end() -> None:
    calls: list[int] = []
    end = regularly("counting", timedelta(milliseconds=1), lambda: calls.append(1))
    end()
    before = len(calls)
    assert "counting" not in {thread.name for thread in threading.enumerate()}
    assert len(calls) == before
