"""Reads a long client list on all processors. Each process goes through the whole file and reads every nth part of it:
going through costs little beside reading, and nobody has to guess where among quotes and line breaks a row begins.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from itertools import repeat
from multiprocessing import get_context

import numpy as np

from hashing import accelerator
from hashing.batch import ClientBatch, stacked
from hashing.collector import collector_paused
from hashing.failures import hide_values
from hashing.importers.large_text import LargeText
from hashing.list_reader import ListReader, Tally
from hashing.rows import ClientReader


def read_list(reader: ClientReader, *, alone: bool, processes: int) -> tuple[list[ClientBatch], Tally]:
    """The clients of a list in its order, and what happened while it was read.

    *alone* as for :class:`ListReader`. A list that is held in memory, or that was changed since it was read, is read
    by this process alone.
    """
    if processes > 1 and accelerator.native is None and type(reader.table.sheet.rows) is LargeText:
        return _read_elsewhere(reader, alone=alone, processes=processes)
    here = ListReader(reader, alone=alone)
    with collector_paused():
        return list(here.batches()), here.tally


def begin_process() -> None:
    """What every process of its own does first: it must not print what it works on, nor look for cycles of objects."""
    hide_values()
    gc.disable()


def _read_elsewhere(reader: ClientReader, *, alone: bool, processes: int) -> tuple[list[ClientBatch], Tally]:
    context = get_context("spawn")  # forking a process that has threads can hang it
    with ProcessPoolExecutor(processes, mp_context=context, initializer=begin_process) as pool:
        shares = range(processes)
        found = list(pool.map(_read_share, repeat(reader), repeat(alone), shares, repeat(processes)))
    batches = [batch for batch, _ in found if batch is not None]
    if not batches:
        return [], _added([tally for _, tally in found])
    whole = stacked(batches)
    return [whole.take(np.argsort(whole.line, kind="stable"))], _added([tally for _, tally in found])


def _read_share(reader: ClientReader, alone: bool, share: int, of: int) -> tuple[ClientBatch | None, Tally]:
    here = ListReader(reader, alone=alone)
    batches = list(here.batches(share=share, of=of))
    return (stacked(batches) if batches else None), here.tally


def _added(tallies: Sequence[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        for column in fields(Tally):
            setattr(whole, column.name, getattr(whole, column.name) + getattr(tally, column.name))
    whole.unread_births.sort()
    return whole
