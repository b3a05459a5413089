"""What is wrong with a file is told as the other engine tells it, and nothing stays behind."""

from __future__ import annotations

import pytest
from made_files import card, header, row, write_card, write_file

from hashing.schema import EncodedFileError
from linkage.errors import RunError
from linkage.run import link
from linkage.spark import reading, session

pytestmark = pytest.mark.slow


def spoilt(tmp_path, change):
    """Two files, the second of them changed."""
    whole = write_file(tmp_path, header("clinic"), [row(f"c{n}", n) for n in range(5)])
    changed = write_file(tmp_path, header("ymca"), [row(f"y{n}", n) for n in range(5)])
    changed.write_bytes(change(changed.read_bytes()))
    return [whole, changed]


def with_damaged_line_4(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:3], lines[3].replace(b'"codes"', b'"names"'), *lines[4:]])


@pytest.mark.parametrize(
    "change",
    [
        with_damaged_line_4,
        lambda content: content[:-1],
        lambda content: b"".join(content.splitlines(keepends=True)[:-1]),
        lambda content: content.replace(content.splitlines()[2], content.splitlines()[1]),
    ],
    ids=["a damaged line", "cut short", "a row missing", "a row twice"],
)
def test_a_damaged_file_is_refused_in_the_same_words(tmp_path, link_on_spark, monkeypatch, change):
    monkeypatch.setattr(reading, "STRETCH", 300)
    files, model = spoilt(tmp_path, change), write_card(tmp_path / "card.json", card())
    with pytest.raises(EncodedFileError) as here:
        link(files, tmp_path / "runs" / "duckdb", model=model)
    with pytest.raises(EncodedFileError) as there:
        link_on_spark(files, tmp_path / "runs" / "spark", model=model)
    assert (there.value.what, there.value.hint) == (here.value.what, here.value.hint)
    assert not (tmp_path / "runs").exists()


def test_spark_that_cannot_start_says_what_it_needs(tmp_path):
    wrong = session.SparkSettings("no-such-master", {})
    with pytest.raises(RunError, match="Spark cannot be started"), session.spark_session(wrong, spill=tmp_path):
        pass
