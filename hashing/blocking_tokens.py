"""Blocking tokens: the keys of many clients at once; nobody without the secret can tell what one stands for.

A token is 64 bits of ``AES(D(kind) ^ D(part) ^ D(part) ^ ...)``, where D is AES-CMAC of the part's role and value
(:mod:`hashing.prf`). The sum is never shown: under a secret key it is an almost universal hash of the parts, and AES
under a second key makes a pseudo-random function of it (Wegman and Carter 1981, doi
10.1016/0022-0000(81)90033-7), as in PMAC. Each part is keyed once however many keys it stands in. A full name is the
sum of two names' D in 64-bit lanes, so that either may come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch
from hashing.blocking_keys import FULL, MOST_FULL_NAMES, PARTS, Key, Part
from hashing.coded import Coded, Vocabulary
from hashing.facets import SINGULAR, Singular, column_of, texts_of
from hashing.prf import BLOCK, KeyedFunction
from hashing.texts import Texts

NO_TOKEN = np.uint64(2**64 - 1)
Tokens = NDArray[np.uint64]  # shape (clients, slots)
Lanes = NDArray[np.uint64]  # shape (..., 2): sixteen bytes as two little-endian numbers
Present = NDArray[np.bool_]
Slot = tuple[Lanes, Present]  # one value of each client, and which clients have it
# Which clients have all parts of a key, the places of those whose lanes are given, and what is to be encrypted of them.
_Filled = tuple[Present, slice | NDArray[np.intp], Lanes]
_MOST = 0.6  # of the clients: then it is quicker to do what is not needed than to leave it out


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

    def of(self, batch: ClientBatch) -> Tokens:
        """The tokens of each client, each row sorted, without repeats, NO_TOKEN at its end."""
        parts = {name: memory.of(batch) for name, memory in self._parts.items()}
        parts[FULL] = _full_names(parts["root"], parts["last"])
        slots = [slot for key in self._keys for slot in self._slots(parts, key)]
        if not slots:
            return np.full((len(batch), 1), NO_TOKEN, dtype=np.uint64)
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


def lanes_of(texts: Texts, keyed: KeyedFunction) -> Lanes:
    """D of each text: shape (texts, 2)."""
    return keyed.tags(texts).view("<u8").astype(np.uint64, copy=False)


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

    def of(self, batch: ClientBatch) -> list[Slot]:
        """The part's values of each client: the first of all clients, the second, and so on."""
        if self._part.facet in SINGULAR:
            return self._singular(texts_of(batch, self._part.facet), len(batch))
        column = column_of(batch, self._part.facet)
        self._take_in(column)
        counts = self._counts[column.places]
        return [self._nth(column, counts > nth, nth) for nth in range(max(0, int(counts.max(initial=0))))]

    def _nth(self, column: Coded[object], present: Present, nth: int) -> Slot:
        if nth == 0:
            return self._lanes[column.places, 0], present
        lanes, rows = np.zeros((len(column), 2), dtype=np.uint64), np.flatnonzero(present)
        lanes[rows] = self._lanes[column.places[rows], nth]
        return lanes, present

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
        return lanes_of(texts.behind(f"{self._part.role}|"), self._keyed)

    def _singular(self, found: Singular, rows: int) -> list[Slot]:
        if not len(found.rows):
            return []
        lanes, present = np.zeros((rows, 2), dtype=np.uint64), np.zeros(rows, dtype=np.bool_)
        lanes[found.rows] = self._keyed_texts(found.texts)
        present[found.rows] = True
        return [(lanes, present)]


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
