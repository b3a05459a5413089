"""A linkage in ten readable lines: encoded files -> blocks -> scored pairs -> people -> a run folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.blocking import Candidates, candidate_pairs
from linkage.engine import Connection, open_engine
from linkage.model import score_pairs
from linkage.model_card import ModelCard, check_fits, load_model
from linkage.people import People, form_people, pseudonyms
from linkage.records import Records, load_records
from linkage.report import Timings, describe_run
from linkage.store import RunFiles, check_is_free, spill_folder, write_run

Progress = Callable[[str, float], None]
KEPT_PROBABILITY = 0.01  # pairs below are no evidence of anything and would only fill the disk


def silent(_stage: str, _share: float) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Where the run is, and its report: safe counts, ranges, timings, versions, model."""

    folder: Path
    report: dict[str, object]


def link(files: Sequence[Path], out: Path, *, model: Path | None = None, progress: Progress = silent) -> RunReport:
    """Link encoded files and write the run folder *out*, whole or not at all.

    The same files in any order give the same people, byte for byte.

    Raises:
        EncodedFileError: a file is damaged.
        CannotLink: the files do not belong together.
        ModelError: there is no model for their profile.
        RunError: *out* is taken or cannot be written.
    """
    check_is_free(out)
    clock = Timings(time.perf_counter)
    progress("reading", 0.0)
    records = load_records(files)
    card = load_model(records.headers[0].profile, model)
    check_fits(card, profile_digest=records.headers[0].profile_digest, codes=records.codes)
    clock.mark("read")
    with spill_folder(out) as spill, open_engine(spill=spill) as connection:
        candidates, pairs = _compare(connection, records, card, clock=clock, progress=progress)
    progress("forming people", 0.8)
    people = form_people(pairs, records=len(records.rows), card=card)
    clock.mark("people")
    report = describe_run(records, candidates, people, card, timings=clock.seconds)
    write_run(out, _files(records, pairs, people, report))
    progress("done", 1.0)
    return RunReport(out, report)


def _compare(
    connection: Connection, records: Records, card: ModelCard, *, clock: Timings, progress: Progress
) -> tuple[Candidates, pa.Table]:
    progress("finding candidate pairs", 0.2)
    candidates = candidate_pairs(connection, records)
    clock.mark("block")
    progress("comparing", 0.4)
    pairs = score_pairs(connection, records.code_table(), candidates.pairs, card)
    clock.mark("score")
    return candidates, pairs


def _files(records: Records, pairs: pa.Table, people: People, report: dict[str, object]) -> RunFiles:
    keys = [(agency, row.row) for agency, row in records.rows]
    agencies, rows = pa.array([a for a, _ in keys]), pa.array([r for _, r in keys])
    return RunFiles(
        people=pa.table({"agency": agencies, "row": rows, "person": pseudonyms(people.best, keys)}),
        pairs=_named_pairs(pairs, agencies, rows),
        records=pa.table(
            {
                "agency": agencies,
                "row": rows,
                "household": pa.array([row.household for _, row in records.rows], pa.string()),
                "person": people.best,
                "strict": people.strict,
                "loose": people.loose,
                "missing": [sum(code is None for code in row.codes.values()) for _, row in records.rows],
            }
        ),
        services=_services(records),
        report=report,
    )


def _named_pairs(pairs: pa.Table, agencies: pa.Array, rows: pa.Array) -> pa.Table:
    kept = pairs.filter(pa.compute.greater_equal(pairs["probability"], KEPT_PROBABILITY))
    named = {
        "agency_l": agencies.take(kept["left"].combine_chunks()),
        "row_l": rows.take(kept["left"].combine_chunks()),
        "agency_r": agencies.take(kept["right"].combine_chunks()),
        "row_r": rows.take(kept["right"].combine_chunks()),
    }
    evidence = {name: kept[name] for name in kept.column_names if name not in {"left", "right"}}
    return pa.table(named | evidence)


def _services(records: Records) -> pa.Table:
    lines = [
        (agency, row.row, service.area.value, service.month, service.units)
        for agency, row in records.rows
        for service in row.services
    ]
    columns = zip(*lines, strict=True) if lines else iter([()] * 5)
    types = (pa.string(), pa.string(), pa.string(), pa.string(), pa.int64())
    names = ("agency", "row", "area", "month", "units")
    return pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)})
