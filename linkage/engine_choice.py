"""Which engine a command works with, and which Spark: the options that ``link`` and ``tables`` share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Engine(StrEnum):
    """What a command works with."""

    DUCKDB = "duckdb"
    SPARK = "spark"


EngineChoice = Annotated[Engine, typer.Option(help="One machine, or Spark, which takes addresses such as s3:// too.")]
Master = Annotated[str, typer.Option(envvar="HEADCOUNT_SPARK_MASTER", help="Which Spark, with --engine spark.")]
SparkConf = Annotated[
    list[str] | None,
    typer.Option(envvar="HEADCOUNT_SPARK_CONF", help="A setting of Spark, NAME=VALUE; again for more."),
]
