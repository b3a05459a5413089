"""Where there is no Spark, its tests say so; where there is, one small Spark serves them all."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # compiling takes longer than so few rows, ...
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",  # ... of projections too
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def why_there_is_no_spark() -> str:
    """Why Spark cannot work here; nothing if it can."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'headcount[spark]'"
    java = Path(os.environ.get("JAVA_HOME", ""), "bin", "java")
    if not java.is_file() and shutil.which("java") is None:
        return "there is no Java: apt install default-jre-headless"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = why_there_is_no_spark()
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def small_spark() -> dict[str, str]:
    """Settings of a Spark for few rows."""
    return SMALL


@pytest.fixture(scope="session")
def link_on_spark() -> Callable[..., dict[str, object]]:
    """Links on two processors of this machine."""
    from linkage.spark import run
    from linkage.spark.session import SparkSettings

    def link(files: Sequence[Path], out: Path, **options: object) -> dict[str, object]:
        return run.link_on_spark(
            [str(file) for file in files], str(out), chosen=SparkSettings("local[2]", SMALL), **options
        )

    return link
