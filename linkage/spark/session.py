"""A Spark session that tells nobody, listens to nobody and leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from hashing.schema import HeadcountError
from linkage.errors import RunError

MASTER = "local[*]"
MEMORY = "4g"  # of the one process of a local Spark, as DuckDB's
_JAVA = "spark.driver.extraJavaOptions"
_FIXED = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.eventLog.enabled": "false",
    "spark.hadoop.fs.permissions.umask-mode": "077",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
_LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": MEMORY,
    "spark.sql.shuffle.partitions": "16",
}


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """Which Spark, and settings of it beyond our own."""

    master: str = MASTER
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, master: str, settings: Sequence[str]) -> SparkSettings:
        """Settings from texts such as ``spark.executor.memory=8g``.

        Raises:
            HeadcountError: a text is no setting of Spark, or one that a run depends on.
        """
        return cls(master, dict(map(_setting, settings)))

    @property
    def is_local(self) -> bool:
        """Whether all work is done by this machine."""
        return self.master.startswith("local")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.startswith("spark."):
        raise HeadcountError(f"{name!r} is no setting of Spark", hint="Write --spark-conf spark.executor.memory=8g.")
    if name in _FIXED:
        raise HeadcountError(f"{name} is not free to choose", hint="Leave it out: a run depends on it.")
    return name, value


@contextmanager
def spark_session(chosen: SparkSettings, *, spill: Path) -> Iterator[SparkSession]:
    """A session whose own files go into *spill*; it is stopped in any case.

    Raises:
        RunError: Spark cannot be started, or gave up in the middle.
    """
    session = _started(chosen, spill)
    try:
        yield session
    except (PySparkException, Py4JError) as error:
        raise RunError("Spark gave up in the middle of the run", hint="Its own messages above tell why.") from error
    finally:
        _stop(session)


def _stop(session: SparkSession) -> None:
    """Java lives on, and remembers where its first session kept its files: the next one is not to go there."""
    java: Any = session.sparkContext._jvm  # noqa: SLF001 -- Spark's Python side has no name for it
    with suppress(Py4JError):
        session.stop()
        getattr(getattr(java.org.apache.spark.util, "Utils$"), "MODULE$").clearLocalRootDirs()


def _started(chosen: SparkSettings, spill: Path) -> SparkSession:
    builder = SparkSession.Builder().master(chosen.master).appName("headcount")
    java = f"{chosen.settings.get(_JAVA, '')} -XX:-UsePerfData"  # which would leave a file for each Java
    for name, value in (_own(chosen, spill) | chosen.settings | _FIXED | {_JAVA: java}).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("WARN")
    except (PySparkException, Py4JError, OSError) as error:
        raise RunError(
            "Spark cannot be started",
            hint="It needs Java 17 or newer (Debian: apt install default-jre-headless) and a master within reach.",
        ) from error
    if chosen.is_local:
        session.sparkContext.pythonExec = sys.executable
    return session


def _own(chosen: SparkSettings, spill: Path) -> dict[str, str]:
    """Settings that may be chosen otherwise."""
    folders = {
        "spark.local.dir": str(spill),
        "spark.sql.warehouse.dir": (spill / "warehouse").as_uri(),
        "spark.sql.artifact.isolation.enabled": "false",
    }
    return folders | (_LOCAL if chosen.is_local else {})


@dataclass(frozen=True, slots=True)
class Desk:
    """A session, and a folder that all its workers reach, for what they hand on to each other."""

    session: SparkSession
    work: str
    spill: Path  # the same for this process alone

    def kept(self, table: DataFrame, name: str) -> DataFrame:
        """A table worked out once and for all: what comes after it does not work it out again."""
        where = f"{self.work}/{name}"
        table.write.parquet(where)
        return self.session.read.schema(table.schema).parquet(where)

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        return self.session.sparkContext.defaultParallelism
