"""A linkage on Spark: encoded files -> shared tokens -> scored pairs -> people -> a run, here or in an object store."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from linkage.errors import RunError
from linkage.model_card import ModelCard, Survey, check_fits, load_model
from linkage.report import SOFTWARE, Figures, Timings, describe
from linkage.run import KEPT_PROBABILITY, Progress, silent
from linkage.spark.comparing import Comparer, Scored
from linkage.spark.grouping import grouped
from linkage.spark.numbering import numbered
from linkage.spark.output import Tables, write_report
from linkage.spark.places import check_can_be_shared, for_spark, is_local, local_path, name_of, store_of
from linkage.spark.reading import Source, read_rows, read_sources
from linkage.spark.session import Desk, SparkSettings, spark_session
from linkage.spark.tokens import Proposed, proposed_pairs
from linkage.store import check_is_free, placed, spill_folder


def link_on_spark(
    files: Sequence[str],
    out: str,
    *,
    model: Path | None = None,
    chosen: SparkSettings | None = None,
    progress: Progress = silent,
) -> dict[str, object]:
    """Link encoded files at paths or addresses, write the run to *out*, whole or not at all, and return its report.

    The people are those of :func:`linkage.run.link`, byte for byte.

    Raises:
        EncodedFileError: a file is damaged.
        CannotLink: the files do not belong together.
        ModelError: there is no model for their profile.
        RunError: *out* is taken or cannot be written, or Spark cannot work.
    """
    for place in (*files, out):
        check_can_be_shared(place)
    check_place_is_free(out)
    sources = read_sources(files)
    card = load_model(sources[0].header.profile, model)
    check_fits(card, header=sources[0].header)
    with _place_for(out) as (target, spill), spark_session(chosen or SparkSettings(), spill=spill) as session:
        desk = Desk(session, f"{for_spark(str(spill) if is_local(out) else target)}/between", spill)
        report = _linked(desk, sources, card, target, progress=progress)
        write_report(report, target)
    progress("done", 1.0)
    return report


def _linked(
    desk: Desk, sources: Sequence[Source], card: ModelCard, out: str, *, progress: Progress
) -> dict[str, object]:
    clock = Timings(time.perf_counter)
    progress("reading", 0.0)
    read = read_rows(desk, sources)
    records = numbered(desk, read.table, sources)
    clock.mark("read")
    progress("finding candidate pairs", 0.2)
    count = sum(source.header.rows for source in sources)
    proposed = proposed_pairs(desk, records, count=count, tokens=read.tokens)
    clock.mark("block")
    progress("comparing", 0.4)
    alternative = card.suited(Survey(len(sources), count, proposed.count, proposed.firm))
    used = card.with_weights_of(alternative)
    scored = Comparer(desk, records, tuple(source.header for source in sources), used.among(count)).compare(proposed)
    clock.mark("score")
    progress("forming people", 0.7)
    narrow = records.select("number", "agency", "row", "household", "age", "missing", "services")
    named = desk.kept(grouped(desk, narrow, scored.pairs, used), "grouped")
    clock.mark("people")
    progress("writing", 0.9)
    tables = Tables(desk, [source.header.agency for source in sources], named, scored.pairs)
    tables.write(out, kept_probability=KEPT_PROBABILITY)
    figures = replace(_figures(sources, proposed, scored, tables), alternative=alternative)
    clock.mark("write")
    return describe(figures, card, (*SOFTWARE, "pyspark"), timings=clock.seconds)


def _figures(sources: Sequence[Source], proposed: Proposed, scored: Scored, tables: Tables) -> Figures:
    people, everybody = tables.counted()
    largest, weakest = tables.largest()
    return Figures(
        headers=[source.header for source in sources],
        people=people,
        everybody=everybody,
        largest=largest,
        weakest=weakest,
        proposed=proposed.count,
        suggested=scored.suggested,
        faint=proposed.faint,
        oversized=proposed.oversized,
        oversized_records=proposed.oversized_records,
    )


def check_place_is_free(out: str) -> None:
    """Whether a run may be written there.

    Raises:
        RunError: something is there already.
    """
    if is_local(out):
        check_is_free(local_path(out))
        return
    system, path = store_of(out)
    if system.exists(path):
        raise RunError(f"{name_of(out)}: there is something already", hint="Choose another place for the run.")


@contextmanager
def _place_for(out: str) -> Iterator[tuple[str, Path]]:
    """Where to write, and a folder of this machine for what goes when the work is done."""
    if is_local(out):
        path = local_path(out)
        with spill_folder(path) as spill, placed(path) as part:
            yield str(part), spill
        return
    spill = Path(tempfile.mkdtemp(prefix="headcount."))
    try:
        with removed_unless_whole(out):
            yield out, spill
    finally:
        shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def removed_unless_whole(out: str) -> Iterator[None]:
    """An object store knows no renaming: what is half-done is taken away again, and the work folder in any case."""
    system, path = store_of(out)
    try:
        yield
    except BaseException:
        _remove(system, path)
        raise
    _remove(system, f"{path}/between")


def _remove(system: object, path: str) -> None:
    if system.exists(path):  # type: ignore[attr-defined]
        system.rm(path, recursive=True)  # type: ignore[attr-defined]
