"""Blocking tokens: the keys of many clients at once; nobody without the secret can tell what one stands for.

A token is 64 bits of ``AES(D(kind) ^ D(part) ^ D(part) ^ ...)``, where D is AES-CMAC of the part's role and value
(:mod:`hashing.prf`). The sum is never shown: under a secret key it is an almost universal hash of the parts, and AES
under a second key makes a pseudo-random function of it (Wegman and Carter 1981, doi
10.1016/0022-0000(81)90033-7), as in PMAC. Each part is keyed once however many keys it stands in. A full name is the
sum of two names' D in 64-bit lanes, so that either may come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.batch import ClientBatch
from hashing.blocking_keys import FULL, MOST_FULL_NAMES, PARTS, Key, Part
from hashing.coded import Coded, Places, Vocabulary
from hashing.facets import SINGULAR, Singular, column_of, texts_of
from hashing.prf import BLOCK, KeyedFunction
from hashing.texts import Texts

NO_TOKEN = np.uint64(2**64 - 1)
_FULL = 255  # of a program: the part that joins two names
Tokens = NDArray[np.uint64]  # shape (clients, slots)
Lanes = NDArray[np.uint64]  # shape (..., 2): sixteen bytes as two little-endian numbers
Present = NDArray[np.bool_]
Slot = tuple[Lanes, Present]  # one value of each client, and which clients have it
# Which clients have all parts of a key, the places of those whose lanes are given, and what is to be encrypted of them.
_Filled = tuple[Present, slice | NDArray[np.intp], Lanes]
_MOST = 0.6  # of the clients: then it is quicker to do what is not needed than to leave it out


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RowTokens:
    """Tokens of clients, one client's behind the other's: each client's sorted, without repeats."""

    flat: NDArray[np.uint64]
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, table: Tokens) -> RowTokens:
        """Those of a table that is filled up with NO_TOKEN."""
        present = table != NO_TOKEN
        return cls(table[present], np.count_nonzero(present, axis=1).astype(np.int32))

    def table(self) -> Tokens:
        """Each client's tokens, filled up with NO_TOKEN."""
        table = np.full((len(self.counts), int(self.counts.max(initial=0))), NO_TOKEN, dtype=np.uint64)
        table[np.arange(table.shape[1]) < self.counts[:, None]] = self.flat
        return table


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PartValues:
    """D of the values that a part gives: of a column's values, and the clients' places there; or of each client."""

    lanes: Lanes  # shape (values, most, 2)
    counts: NDArray[np.int8]  # of values
    places: Places | None = None

    def of_rows(self, rows: slice) -> PartValues:
        """The same of some clients next to each other."""
        if self.places is None:
            return PartValues(self.lanes[rows], self.counts[rows])
        return PartValues(self.lanes, self.counts, self.places[rows])

    def slots(self) -> list[Slot]:
        """The first value of each client, the second, and so on."""
        if self.places is None:
            return [(self.lanes[:, 0], self.counts > 0)] if self.counts.any() else []
        counts = self.counts[self.places]
        return [self._nth(counts > nth, nth) for nth in range(max(0, int(counts.max(initial=0))))]

    def _nth(self, present: Present, nth: int) -> Slot:
        places: Places = self.places  # type: ignore[assignment]
        if nth == 0:
            return self.lanes[places, 0], present
        lanes, rows = np.zeros((len(places), 2), dtype=np.uint64), np.flatnonzero(present)
        lanes[rows] = self.lanes[places[rows], nth]
        return lanes, present


Parts = dict[str, PartValues]


class BlockingTokens:
    """Makes the blocking tokens of batches of clients; what it keyed once it remembers."""

    def __init__(self, keys: Sequence[Key], keyed: KeyedFunction, *, most: int) -> None:
        """A client's first *most* keys count, in the order of *keys*."""
        self._keys = keys
        self._keyed = keyed
        self._most = most
        self._kinds = {key.tag: lanes_of(Texts.of([f"kind|{key.tag}"]), keyed)[0] for key in keys}
        used = {name for key in keys for name in key.parts} - {FULL} | {"root", "last"}
        self._parts = {name: _PartMemory(PARTS[name], keyed) for name in sorted(used)}
        self._program = key_program(keys, list(self._parts))

    def of(self, batch: ClientBatch) -> Tokens:
        """The tokens of each client, each row sorted, without repeats, NO_TOKEN at its end."""
        return self.made(self.parts_of(batch)).table()

    def parts_of(self, batch: ClientBatch) -> Parts:
        """The parts of the clients' keys, keyed."""
        return {name: memory.of(batch) for name, memory in self._parts.items()}

    def made(self, parts: Parts, filling: NDArray[np.uint8] | None = None) -> RowTokens:
        """The tokens of the clients whose *parts* these are; several threads may call it at once.

        Each client's are filled up with words of the *filling*, of which there is a row each: shape (clients, 8 words).
        """
        if accelerator.native is not None:
            return self._quickly_made(parts, np.zeros((0, 0), dtype=np.uint8) if filling is None else filling)
        table = self._table(parts)
        return RowTokens.of(table if filling is None else _filled_up(table, filling))

    def _quickly_made(self, parts: Parts, filling: NDArray[np.uint8]) -> RowTokens:
        some = next(part.places for part in parts.values() if part.places is not None)
        kinds = np.stack([self._kinds[key.tag] for key in self._keys])
        blocks = np.empty((len(some) * self._most, BLOCK), dtype=np.uint8)
        counts, names = np.empty(len(some), dtype=np.int32), list(parts)
        values = tuple((part.lanes, part.counts, part.places) for part in parts.values())
        native: Any = accelerator.native
        root, last = names.index("root"), names.index("last")
        made = native.key_blocks(values, self._program, root, last, kinds, self._most, blocks, counts)
        finished = self._keyed.stretched(blocks[:made], BLOCK)
        width = filling.shape[1] // 8
        flat = np.empty(max(made, len(some) * width), dtype=np.uint64)
        total = native.finished_tokens(finished, counts, filling, width, flat)
        return RowTokens(flat[:total], counts)

    def _table(self, values: Parts) -> Tokens:
        parts = {name: some.slots() for name, some in values.items()}
        parts[FULL] = _full_names(parts["root"], parts["last"])
        slots = [slot for key in self._keys for slot in self._slots(parts, key)]
        if not slots:
            rows = next(len(some.places) for some in values.values() if some.places is not None)
            return np.full((rows, 1), NO_TOKEN, dtype=np.uint64)
        present = self._at_most(np.stack([there for there, _, _ in slots]))
        finished = self._finished(np.concatenate([lanes for _, _, lanes in slots]))
        tokens, start = np.full(present.shape, NO_TOKEN, dtype=np.uint64), 0
        for row, (_, places, lanes) in zip(tokens, slots, strict=True):
            row[places] = finished[start : start + len(lanes)]
            start += len(lanes)
        tokens[~present] = NO_TOKEN
        return _distinct(np.ascontiguousarray(tokens.T))

    def _at_most(self, present: Present) -> Present:
        """Without the last slots of clients who have too many."""
        if int(np.count_nonzero(present, axis=0).max(initial=0)) <= self._most:
            return present
        return present & (np.cumsum(present, axis=0) <= self._most)

    def _slots(self, parts: dict[str, list[Slot]], key: Key) -> Iterator[_Filled]:
        """Each choice of values that a key may be made of."""
        for values in product(*(parts[name] for name in key.parts)):
            present = reduce(np.logical_and, (there for _, there in values))
            having = int(np.count_nonzero(present))
            if having > _MOST * len(present):
                yield present, slice(None), reduce(np.bitwise_xor, (lanes for lanes, _ in values), self._kinds[key.tag])
            elif having:
                rows = np.flatnonzero(present)
                lanes = reduce(np.bitwise_xor, (lanes[rows] for lanes, _ in values), self._kinds[key.tag])
                yield present, rows, lanes

    def _finished(self, lanes: Lanes) -> NDArray[np.uint64]:
        tags = lanes.astype("<u8", copy=False).view(np.uint8).reshape(len(lanes), BLOCK)
        first_eight = np.ascontiguousarray(self._keyed.stretched(tags, BLOCK)[:, :8])
        return first_eight.view(">u8").ravel().astype(np.uint64)


def key_program(keys: Sequence[Key], names: Sequence[str]) -> bytes:
    """The kinds of keys for machine code: of each, how many parts it has, and the places of these among *names*."""
    places = {name: place for place, name in enumerate(names)} | {FULL: _FULL}
    return b"".join(bytes([len(key.parts), *(places[name] for name in key.parts)]) for key in keys)


def lanes_of(texts: Texts, keyed: KeyedFunction, lead: bytes = b"") -> Lanes:
    """D of each text behind a *lead*: shape (texts, 2)."""
    return keyed.tags(texts, lead).view("<u8").astype(np.uint64, copy=False)


def _filled_up(tokens: Tokens, filling: NDArray[np.uint8]) -> Tokens:
    """A table as wide as there are words for each client, which stand where there are no tokens; sorted."""
    words = filling.view(">u8").astype(np.uint64)
    lacking = max(0, words.shape[1] - tokens.shape[1])
    tokens = np.pad(tokens, ((0, 0), (0, lacking)), constant_values=NO_TOKEN)[:, : words.shape[1]]
    filled = np.where(tokens == NO_TOKEN, words, tokens)
    filled.sort(axis=1)
    return filled


def _distinct(tokens: Tokens) -> Tokens:
    tokens.sort(axis=1)
    again = (tokens[:, 1:] == tokens[:, :-1]) & (tokens[:, 1:] != NO_TOKEN)
    rows = np.flatnonzero(again.any(axis=1))
    tokens[:, 1:][again] = NO_TOKEN
    tokens[rows] = np.sort(tokens[rows], axis=1)
    return tokens


class _PartMemory:
    """D of the values of one part, as long as they come from one vocabulary."""

    def __init__(self, part: Part, keyed: KeyedFunction) -> None:
        self._part = part
        self._keyed = keyed
        self._begin(Vocabulary())

    def _begin(self, vocabulary: Vocabulary[object]) -> None:
        self._vocabulary = vocabulary
        self._lanes: Lanes = np.zeros((0, self._part.most, 2), dtype=np.uint64)
        self._counts: NDArray[np.int8] = np.zeros(0, dtype=np.int8)  # of values; -1 where not yet known

    def of(self, batch: ClientBatch) -> PartValues:
        """The part's values of each client. What was handed out does not change any more."""
        if self._part.facet in SINGULAR:
            return self._singular(texts_of(batch, self._part.facet), len(batch))
        column = column_of(batch, self._part.facet)
        self._take_in(column)
        return PartValues(self._lanes, self._counts, column.places)

    def _take_in(self, column: Coded[object]) -> None:
        if column.vocabulary is not self._vocabulary:
            self._begin(column.vocabulary)
        lacking = len(column.vocabulary) - len(self._counts)
        if lacking:
            self._counts = np.pad(self._counts, (0, lacking), constant_values=-1)
            self._lanes = np.pad(self._lanes, ((0, lacking), (0, 0), (0, 0)))
        unknown = column.places[self._counts[column.places] < 0]
        if not len(unknown):
            return
        unknown = np.unique(unknown)
        values = [self._part.values_of(column.vocabulary.values[place]) for place in unknown.tolist()]
        self._counts[unknown] = [len(own) for own in values]
        for nth in range(self._part.most):
            some = [place for place, own in enumerate(values) if len(own) > nth]
            self._lanes[unknown[some], nth] = self._keyed_texts(Texts.of([values[place][nth] for place in some]))

    def _keyed_texts(self, texts: Texts) -> Lanes:
        return lanes_of(texts, self._keyed, f"{self._part.role}|".encode())

    def _singular(self, found: Singular, rows: int) -> PartValues:
        lanes, counts = np.zeros((rows, 1, 2), dtype=np.uint64), np.zeros(rows, dtype=np.int8)
        if len(found.rows):
            lanes[found.rows, 0] = self._keyed_texts(found.texts)
            counts[found.rows] = 1
        return PartValues(lanes, counts)


def _full_names(roots: Sequence[Slot], lasts: Sequence[Slot]) -> list[Slot]:
    """The nth pair of a sounding given name and a sounding surname, the surnames of the first given name first."""
    if not roots or not lasts:
        return []
    has_roots, has_lasts = (np.sum([there for _, there in slots], axis=0, dtype=np.intp) for slots in (roots, lasts))
    all_roots, all_lasts = (np.stack([lanes for lanes, _ in slots], axis=1) for slots in (roots, lasts))
    found = []
    for nth in range(MOST_FULL_NAMES):
        root, last = np.divmod(nth, np.maximum(has_lasts, 1))
        present = (has_lasts > 0) & (root < has_roots)
        rows = np.flatnonzero(present)
        if len(rows):
            lanes = np.zeros((len(present), 2), dtype=np.uint64)
            lanes[rows] = all_roots[rows, root[rows]] + all_lasts[rows, last[rows]]
            found.append((lanes, present))
    return found
