"""A run's folder: what a linkage leaves behind, written whole or not at all, and read back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from linkage.errors import RunError

if TYPE_CHECKING:  # pyarrow is loaded when a run is written or read: a service that starts does neither
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The contents of a run folder, before it is written."""

    people: pa.Table  # agency, row, person
    pairs: pa.Table  # agency_l, row_l, agency_r, row_r, probability, weight and a weight a comparison
    records: pa.Table  # agency, row, household, age, person, strict, loose (numbers), missing (codes that a row lacks)
    services: pa.Table  # agency, row, area, month, units, type, unit
    history: pa.Table  # change, earlier, now: what became of the persons of earlier runs
    report: dict[str, Any]


def check_is_free(out: Path) -> None:
    """Whether a run may be written there.

    Raises:
        RunError: something is there already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError(f"{out.name}: there is something already", hint="Choose another folder for the run.")


def write_run(out: Path, run: RunFiles) -> None:
    """Write a run beside its place and move it there whole.

    Raises:
        RunError: the folder is taken, or cannot be written; nothing half-done stays.
    """
    with placed(out) as part:
        _write_files(part, run)


@contextmanager
def placed(out: Path) -> Iterator[Path]:
    """A folder beside *out*, whose files go to the disk and all together to *out* when they are written.

    Raises:
        RunError: the folder is taken, or cannot be written; nothing half-done stays.
    """
    check_is_free(out)
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        _settle(part)
        if out.exists():
            out.rmdir()
        part.replace(out)
        _sync_folder(out.parent)
    except OSError as error:
        raise _cannot_write(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def spill_folder(out: Path) -> Iterator[Path]:
    """A folder beside a run for what does not fit into memory; it goes when the work is done.

    Raises:
        RunError: it cannot be made.
    """
    fresh = not out.parent.exists()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".spill", dir=out.parent))
    except OSError as error:
        raise _cannot_write(out, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if fresh and not any(out.parent.iterdir()):
            out.parent.rmdir()


def _cannot_write(out: Path, error: OSError) -> RunError:
    reason = error.strerror or "the disk failed"
    return RunError(f"{out.name}: the run cannot be written there ({reason})", hint="Check the folder and the disk.")


def _write_files(part: Path, run: RunFiles) -> None:
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    plain = pc.WriteOptions(quoting_style="none", quoting_header="none")
    with (part / "people.csv").open("wb") as stream:
        pc.write_csv(run.people, stream, plain)
    tables = {"pairs": run.pairs, "records": run.records, "services": run.services, "history": run.history}
    for name, table in tables.items():
        pq.write_table(table, part / f"{name}.parquet", compression="zstd")
    (part / "report.json").write_text(json.dumps(run.report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _settle(part: Path) -> None:
    """Everything in a folder to the disk, for its owner alone."""
    for entry in part.iterdir():
        entry.chmod(0o700 if entry.is_dir() else 0o600)
        if entry.is_dir():
            _settle(entry)
        else:
            _sync_file(entry)
    _sync_folder(part)


def _sync_file(file: Path) -> None:
    with file.open("r+b") as stream:  # Windows flushes only what may be written
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """POSIX only: Windows neither opens a folder nor needs it flushed."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_table(run: Path, name: str) -> pa.Table:
    """One Parquet table of a run.

    Raises:
        RunError: the folder is not a run.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(run / f"{name}.parquet")
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{run.name}: this is not the folder of a run", hint="Link first: headcount link.") from error


def read_people(run: Path) -> pa.Table:
    """The agency, row and person of each record.

    Raises:
        RunError: the folder is not a run.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    as_text = pc.ConvertOptions(column_types={name: pa.string() for name in ("agency", "row", "person")})
    try:
        return pc.read_csv(run / "people.csv", convert_options=as_text)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{run.name}: this is not the folder of a run", hint="Link first: headcount link.") from error


def read_report(run: Path) -> dict[str, Any]:
    """The report of a run.

    Raises:
        RunError: the folder is not a run.
    """
    try:
        return msgspec.json.decode((run / "report.json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise RunError(f"{run.name}: this is not the folder of a run", hint="Link first: headcount link.") from error
