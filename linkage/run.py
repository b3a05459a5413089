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
from linkage.decisions import Decision, find_decided, overruled, read_decisions
from linkage.engine import open_engine
from linkage.history import NONE, Earlier, name_people, read_earlier
from linkage.model_card import ModelCard, check_fits, load_model
from linkage.people import form_people
from linkage.records import Records, check_are_known, check_can_read, clean_lists, loaded_records
from linkage.report import Found, Timings, describe_run
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


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a linkage may be told beyond its files."""

    previous: Path | None = None  # an earlier run, whose person pseudonyms stay
    decisions: Path | None = None  # a file of what people decided about pairs
    clean: frozenset[str] = frozenset()  # agencies whose lists name nobody twice
    processors: int = 1


AS_USUAL = Wishes()


def link(
    files: Sequence[Path],
    out: Path,
    *,
    model: Path | None = None,
    wishes: Wishes = AS_USUAL,
    progress: Progress = silent,
) -> RunReport:
    """Link encoded files and write the run folder *out*, whole or not at all.

    The same files in any order, on any number of processors, give the same people, byte for byte.

    Raises:
        EncodedFileError: a file is damaged.
        CannotLink: the files do not belong together, or an agency said to be clean is not among theirs.
        ModelError: there is no model for their profile.
        DecisionError: the file of decisions is malformed or contradicts itself.
        RunError: *out* is taken or cannot be written, or the earlier run is not one.
    """
    check_is_free(out)
    task = _prepared(files, model, wishes)
    clock = Timings(time.perf_counter)
    progress("reading", 0.0)
    with spill_folder(out) as spill, loaded_records(files, spill=spill, processes=wishes.processors) as records:
        clock.mark("read")
        found = _found(records, task, _Work(spill, wishes.processors, clock, progress))
        report = describe_run(records, found, task.card, timings=clock.seconds)
        write_run(out, _files(records, found, report))
    progress("done", 1.0)
    return RunReport(out, report)


@dataclass(frozen=True, slots=True)
class _Task:
    """All that a linkage needs beside its records, read and checked."""

    card: ModelCard
    clean: frozenset[str]
    decisions: Sequence[Decision]
    source: str  # of the decisions
    earlier: Earlier


@dataclass(frozen=True, slots=True)
class _Work:
    """Where and how a linkage works."""

    spill: Path
    processors: int
    clock: Timings
    progress: Progress


def _prepared(files: Sequence[Path], model: Path | None, wishes: Wishes) -> _Task:
    """Whatever can be refused before anything long or large is done is refused here."""
    headers = check_can_read(files)
    card = load_model(headers[0].profile, model)
    check_fits(card, header=headers[0])
    check_are_known(wishes.clean, headers)
    decisions = read_decisions(wishes.decisions) if wishes.decisions else []
    source = wishes.decisions.name if wishes.decisions else ""
    earlier = read_earlier(wishes.previous) if wishes.previous else NONE
    return _Task(card, wishes.clean, decisions, source, earlier)


def _found(records: Records, task: _Task, work: _Work) -> Found:
    decided = find_decided(task.decisions, records, source=task.source)
    with open_engine(spill=work.spill) as connection:
        compared = _compared(Engine(connection, work.processors), records, task.card, work)
    work.progress("forming people", 0.8)
    links = overruled(compared.pairs.links, decided.links, records=len(records))
    card = task.card.with_weights_of(compared.alternative)
    people = form_people(links, clean_lists(records, task.clean), card)
    named = name_people(people.best, records.agency_names, records.rows, task.earlier)
    work.clock.mark("people")
    return Found(compared, people, links, named, decided)


def _compared(engine: Engine, records: Records, card: ModelCard, work: _Work) -> Compared:
    work.progress("finding candidate pairs", 0.2)
    candidates = candidate_pairs(records, threads=engine.threads)
    work.clock.mark("block")
    work.progress("comparing", 0.4)
    compared = compare(engine, records, candidates, card)
    work.clock.mark("score")
    return compared


def _files(records: Records, found: Found, report: dict[str, object]) -> RunFiles:
    keys = {"agency": records.agency_names, "row": records.rows}
    people = found.people
    return RunFiles(
        people=pa.table(keys | {"person": found.named.people}),
        pairs=_named_pairs(found.compared, keys),
        records=pa.table(
            keys
            | {
                "household": records.households,
                "age": records.ages,
                "person": people.best,
                "care": people.care,
                "strict": people.strict,
                "loose": people.loose,
                "missing": (records.ones == 0).sum(axis=1, dtype=np.int16),
            }
        ),
        services=_services(records, keys),
        history=found.named.change_table(),
        report=report,
    )


def _named_pairs(compared: Compared, keys: dict[str, pa.Array]) -> pa.Table:
    kept = compared.pairs.where(compared.pairs.probability >= KEPT_PROBABILITY)
    named = {
        f"{name}_{side}": column.take(pa.array(ends))
        for side, ends in (("l", kept.left), ("r", kept.right))
        for name, column in keys.items()
    }
    evidence = compared.weights.evidence(kept.pattern)
    scores = {"weight": kept.weight, "probability": kept.probability}
    return pa.table(named | scores | dict(zip(evidence.column_names, evidence.columns, strict=True)))


def _services(records: Records, keys: dict[str, pa.Array]) -> pa.Table:
    whose = records.services["record"].combine_chunks()
    named = {name: column.take(whose) for name, column in keys.items()}
    return pa.table(named | {name: records.services[name] for name in ("area", "month", "units", "type", "unit")})
