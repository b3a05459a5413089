"""A linkage in ten readable lines: encoded files -> blocks -> scored pairs -> people -> a run folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from linkage.blocking import candidate_pairs
from linkage.compare import Compared, Engine, compare
from linkage.engine import open_engine
from linkage.model import ScoredPairs
from linkage.model_card import ModelCard, check_fits, load_model
from linkage.people import People, form_people
from linkage.pseudonyms import pseudonyms
from linkage.records import Records, check_can_read, loaded_records
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


def link(
    files: Sequence[Path],
    out: Path,
    *,
    model: Path | None = None,
    processors: int = 1,
    progress: Progress = silent,
) -> RunReport:
    """Link encoded files and write the run folder *out*, whole or not at all.

    The same files in any order, on any number of *processors*, give the same people, byte for byte.

    Raises:
        EncodedFileError: a file is damaged.
        CannotLink: the files do not belong together.
        ModelError: there is no model for their profile.
        RunError: *out* is taken or cannot be written.
    """
    check_is_free(out)
    first = check_can_read(files)[0]
    card = load_model(first.profile, model)
    check_fits(card, header=first)
    clock = Timings(time.perf_counter)
    progress("reading", 0.0)
    with spill_folder(out) as spill, loaded_records(files, spill=spill, processes=processors) as records:
        clock.mark("read")
        with open_engine(spill=spill) as connection:
            found = _compare(Engine(connection, processors), records, card, clock=clock, progress=progress)
        progress("forming people", 0.8)
        people = form_people(found.links, records=len(records), card=card)
        clock.mark("people")
        report = describe_run(records, found, people, card, timings=clock.seconds)
        write_run(out, _files(records, found.pairs, people, report))
    progress("done", 1.0)
    return RunReport(out, report)


def _compare(engine: Engine, records: Records, card: ModelCard, *, clock: Timings, progress: Progress) -> Compared:
    progress("finding candidate pairs", 0.2)
    candidates = candidate_pairs(records, threads=engine.threads)
    clock.mark("block")
    progress("comparing", 0.4)
    compared = compare(engine, records, candidates, card)
    clock.mark("score")
    return compared


def _files(records: Records, pairs: ScoredPairs, people: People, report: dict[str, object]) -> RunFiles:
    keys = {"agency": records.agency_names, "row": records.rows}
    return RunFiles(
        people=pa.table(keys | {"person": pseudonyms(people.best, keys["agency"], keys["row"])}),
        pairs=_named_pairs(pairs, keys),
        records=pa.table(
            keys
            | {
                "household": records.households,
                "person": people.best,
                "strict": people.strict,
                "loose": people.loose,
                "missing": (records.ones == 0).sum(axis=1, dtype=np.int16),
            }
        ),
        services=_services(records, keys),
        report=report,
    )


def _named_pairs(pairs: ScoredPairs, keys: dict[str, pa.Array]) -> pa.Table:
    kept = pairs.where(pairs.probability >= KEPT_PROBABILITY)
    named = {
        f"{name}_{side}": column.take(pa.array(ends))
        for side, ends in (("l", kept.left), ("r", kept.right))
        for name, column in keys.items()
    }
    evidence = kept.evidence.take(pa.array(kept.pattern))
    scores = {"weight": kept.weight, "probability": kept.probability}
    return pa.table(named | scores | dict(zip(evidence.column_names, evidence.columns, strict=True)))


def _services(records: Records, keys: dict[str, pa.Array]) -> pa.Table:
    whose = records.services["record"].combine_chunks()
    named = {name: column.take(whose) for name, column in keys.items()}
    return pa.table(named | {name: records.services[name] for name in ("area", "month", "units")})
