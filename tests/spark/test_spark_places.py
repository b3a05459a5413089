"""Places are paths or addresses; what Spark's processes cannot share is refused before any work."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from hashing.schema import EncodedFileError, HeadcountError
from linkage.errors import RunError
from linkage.spark import run
from linkage.spark.places import check_can_be_shared, for_spark, is_local, local_path, name_of, opened, store_of
from linkage.spark.session import SparkSettings


@pytest.mark.parametrize(
    ("place", "sparks"),
    [
        ("/data/run", "file:///data/run"),
        ("file:///data/a run", "file:///data/a%20run"),
        ("s3://county/run/", "s3a://county/run"),
        ("abfs://county/run", "abfss://county/run"),
        ("gs://county/run", "gs://county/run"),
        ("hdfs://head:9000/run", "hdfs://head:9000/run"),
    ],
)
def test_spark_knows_a_place_by_its_own_name(place, sparks):
    assert for_spark(place) == sparks
    assert is_local(place) == sparks.startswith("file:")


def test_a_path_and_its_address_are_one_place(tmp_path):
    path = tmp_path / "a run"
    assert local_path(str(path)) == local_path(path.as_uri()) == path
    assert name_of(path.as_uri() + "/") == "a%20run"


def test_the_memory_of_one_process_is_no_place(tmp_path):
    with pytest.raises(RunError, match="do not see each other's memory"):
        check_can_be_shared("memory://run")
    with pytest.raises(RunError, match="do not see each other's memory"):
        run.link_on_spark(["memory://a.codes.jsonl"], str(tmp_path / "run"))


@pytest.mark.parametrize("place", ["missing.codes.jsonl", "nowhere://county/missing.codes.jsonl"])
def test_a_file_that_cannot_be_opened_is_named(place):
    with pytest.raises(EncodedFileError, match=r"missing\.codes\.jsonl: the file cannot be opened"), opened(place):
        pass


def test_a_store_that_nobody_knows_is_refused():
    with pytest.raises(RunError, match="nowhere://county/run"):
        store_of("nowhere://county/run")


def test_no_files_and_a_taken_folder_are_refused_before_spark_starts(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "people.csv").write_text("")
    with pytest.raises(RunError, match="there is something already"):
        run.link_on_spark([], str(tmp_path / "run"))
    with pytest.raises(HeadcountError, match="no encoded files"):
        run.link_on_spark([], str(tmp_path / "other"))


def test_a_taken_place_in_a_store_is_refused():
    with fsspec.open("memory://taken/report.json", "w") as stream:
        stream.write("{}")
    with pytest.raises(RunError, match="taken: there is something already"):
        run.check_place_is_free("memory://taken")
    run.check_place_is_free("memory://free")


@pytest.mark.parametrize("fails", [True, False])
def test_in_a_store_a_whole_run_stays_without_its_work_and_half_a_run_goes(fails):
    system, path = store_of(f"memory://county/run{fails}")

    def work() -> None:
        with run.removed_unless_whole(f"memory://county/run{fails}"):
            for name in ("between/codes", "people.csv"):
                with system.open(f"{path}/{name}", "wb") as stream:
                    stream.write(b"x")
            if fails:
                raise RunError("no", hint="no")

    if fails:
        with pytest.raises(RunError, match="no"):
            work()
        assert not system.exists(path)
    else:
        work()
        assert [Path(name).name for name in system.find(path)] == ["people.csv"]


def test_settings_of_spark_are_read_from_texts():
    assert SparkSettings.of("local[2]", ["spark.a=1=2", "spark.b="]) == SparkSettings(
        "local[2]", {"spark.a": "1=2", "spark.b": ""}
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("spark.executor.memory", "no setting of Spark"),
        ("memory=8g", "no setting of Spark"),
        ("spark.ui.enabled=true", "not free to choose"),
        ("spark.sql.session.timeZone=PST", "not free to choose"),
    ],
)
def test_a_setting_that_is_none_or_that_a_run_depends_on_is_refused(text, says):
    with pytest.raises(HeadcountError, match=says):
        SparkSettings.of("local[2]", [text])
