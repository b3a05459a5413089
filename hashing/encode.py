"""Clients -> encoded rows. What goes in holds names; what comes out holds only codes under pseudonyms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.batch import ClientBatch
from hashing.blocking_keys import MOST_KEYS, keys_in_use
from hashing.blocking_tokens import BlockingTokens, Parts
from hashing.canaries import CANARIES
from hashing.client_numbers import number_digests
from hashing.clients import Client
from hashing.coded import Coded
from hashing.codes import Facets, Work, code_columns
from hashing.keys import LinkageSecret
from hashing.prf import BLOCK, KeyedFunction
from hashing.profile import Profile, SaulProfile
from hashing.row_text import PSEUDONYM_LETTERS, CodeValues, Writer, as_strings, pseudonym_texts, row_tails
from hashing.schema import EncodedRow
from hashing.texts import Texts

Progress = Callable[[str, float], None]
BLOCKS_A_ROW = 64  # of a hardened profile; nine clients in ten have under 40, and no pair was lost for want of a 65th
PSEUDONYM_BYTES = 10
_ROW = msgspec.json.Decoder(EncodedRow)


def silent(_stage: str, _share: float) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True, repr=False)
class EncodingKeys:
    """The keys that one agency encodes with: all that encoding needs of the secret, and not the secret.

    Unlike the secret they can be handed to another process of this computer.
    """

    codes: dict[str, bytes]
    blocking: bytes
    row: bytes
    household: bytes
    padding: bytes

    @classmethod
    def of(cls, secret: LinkageSecret, profile: Profile, agency: str) -> EncodingKeys:
        """Derive the keys of an agency under a profile."""
        digest = profile.digest
        return cls(
            codes={c.name: secret.derive("code", profile_digest=digest, name=c.name) for c in profile.codes},
            blocking=secret.derive("blocking", profile_digest=digest),
            row=secret.derive("row", profile_digest="", name=agency),
            household=secret.derive("household", profile_digest="", name=agency),
            padding=secret.derive("padding", profile_digest=digest, name=agency),
        )

    @classmethod
    def for_canaries(cls, secret: LinkageSecret, profile: Profile) -> EncodingKeys:
        """Keys of their own for fictional people, or the service would hold known pairs of plaintext and code."""
        digest = profile.digest
        return cls(
            codes={c.name: secret.derive("canary", profile_digest=digest, name=c.name) for c in profile.codes},
            blocking=secret.derive("canary-blocks", profile_digest=digest),
            row=secret.derive("canary-row", profile_digest=digest),
            household=secret.derive("canary-row", profile_digest=digest),
            padding=secret.derive("canary-blocks", profile_digest=digest),
        )


@dataclass(frozen=True, slots=True, repr=False)
class EncodedBatch:
    """Encoded clients in rows: pseudonyms, lines of the encoded file, and the client numbers that stay here."""

    pseudonyms: list[str]
    content: bytes
    client_ids: list[str]

    def __len__(self) -> int:
        return len(self.pseudonyms)

    @property
    def lines(self) -> list[bytes]:
        """The lines, each with its line break."""
        return self.content.splitlines(keepends=True)

    def rows(self) -> list[EncodedRow]:
        """The lines, parsed."""
        return [_ROW.decode(line) for line in self.lines]


@dataclass(frozen=True, slots=True, repr=False)
class EncodingJob:
    """A list, which of its clients are encoded, the digests of their numbers, and what they are encoded with."""

    batch: ClientBatch
    rows: NDArray[np.intp]
    digests: NDArray[np.uint8]  # one for each of these rows
    profile: Profile
    keys: EncodingKeys

    @classmethod
    def of(cls, batch: ClientBatch, rows: NDArray[np.intp], profile: Profile, keys: EncodingKeys) -> EncodingJob:
        """A job to encode the clients in some *rows* of a list."""
        return cls(batch, rows, number_digests(batch.client_id[rows]), profile, keys)

    def clients(self, some: NDArray[np.intp]) -> ClientBatch:
        """Some of the clients that are encoded."""
        return self.batch.take(self.rows[some])


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Learned:
    """What is to be written of some *rows* of a batch of clients, before it is worked out row by row."""

    codes: dict[str, Work]
    present: dict[str, NDArray[np.bool_]]
    parts: Parts
    tails: list[bytes]
    rows: slice

    def of_rows(self, start: int, stop: int) -> Learned:
        """The same of fewer rows: from one up to another."""
        return replace(self, rows=slice(start, min(stop, len(self.tails))))


class BatchEncoder:
    """Encodes batches of one agency's clients; what it learned of one batch's values speeds up the next."""

    def __init__(self, profile: Profile, keys: EncodingKeys) -> None:
        """Nothing is encoded yet."""
        self._profile = profile
        self._is_hardened = isinstance(profile, SaulProfile)
        self._facets = Facets(profile.codes)
        self._columns = code_columns(profile.codes, lambda code: keys.codes[code.name])
        kinds, most = keys_in_use(loose=profile.loose_blocking), BLOCKS_A_ROW if self._is_hardened else MOST_KEYS
        self._blocking = BlockingTokens(kinds, KeyedFunction(keys.blocking), most=most)
        self._padding = KeyedFunction(keys.padding)
        self._row, self._household = KeyedFunction(keys.row), KeyedFunction(keys.household)

    def encode(self, batch: ClientBatch, digests: NDArray[np.uint8]) -> EncodedBatch:
        """Encode the clients of a batch, a row each, in their order; *digests* are those of their numbers.

        A row depends on its client and its digest alone.
        """
        pseudonyms = as_strings(pseudonym_texts(self.pseudonyms(digests)))
        content = bytes(self.written(self.learned(batch), digests, Writer()))
        return EncodedBatch(pseudonyms, content, batch.client_id.tolist())

    def pseudonyms(self, digests: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The bytes of the clients' pseudonyms."""
        return self._row.stretched(digests, PSEUDONYM_BYTES)

    def learned(self, batch: ClientBatch) -> Learned:
        """All that is to be written of the clients, up to what is worked out row by row; one batch after the other."""
        facets = self._facets.of(batch)
        return Learned(
            {code.name: column(facets) for code, column in zip(self._profile.codes, self._columns, strict=True)},
            {code.name: facets.has_all(code) for code in self._profile.codes},
            self._blocking.parts_of(batch),
            row_tails(batch.age, self._households(batch), batch.services, batch.consent),
            slice(0, len(batch)),
        )

    def written(self, learned: Learned, digests: NDArray[np.uint8], writer: Writer) -> bytes | memoryview:
        """The lines of the encoded file; *digests* are those of the rows.

        Several threads may do this at once, each with a *writer* of its own.

        Under a hardened profile everybody has as many blocking tokens, or their number would tell how complete the
        record is and how many forms the name has: what is lacking is filled up with tokens that only this row has. They
        meet nothing.
        """
        rows = learned.rows
        codes = {name: CodeValues(work(rows), learned.present[name][rows]) for name, work in learned.codes.items()}
        filling = None
        if self._is_hardened:
            filling = self._padding.stretched(self._row.stretched(digests, BLOCK), 8 * BLOCKS_A_ROW)
        parts = {name: part.of_rows(rows) for name, part in learned.parts.items()}
        tokens = self._blocking.made(parts, filling)
        return writer.row_texts(self.pseudonyms(digests), codes, tokens, learned.tails[rows])

    def _households(self, batch: ClientBatch) -> Coded[str]:
        column = batch.household
        used, places = np.unique(column.places, return_inverse=True)
        values = [column.vocabulary.values[place] for place in used.tolist()]
        drawn = self._household.bytes_of(Texts.of(values), PSEUDONYM_BYTES)
        texts = zip(as_strings(pseudonym_texts(drawn)), values, strict=True)
        return Coded.of([text if value else "" for text, value in texts]).take(places)


def pseudonym_order(digests: NDArray[np.uint8], keys: EncodingKeys) -> NDArray[np.intp]:
    """The rows in the order of their pseudonyms, which tells nothing of the order of the client list."""
    drawn = KeyedFunction(keys.row).stretched(digests, PSEUDONYM_BYTES)
    first = _ranked(drawn)
    order = np.argsort(first)
    if (first[order[1:]] == first[order[:-1]]).any():
        order = np.argsort(pseudonym_texts(drawn).view(f"S{PSEUDONYM_LETTERS}").ravel(), kind="stable")
    return order


def _ranked(drawn: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The first twelve letters of pseudonyms as numbers in their order."""
    ranks = np.zeros(len(drawn), dtype=np.uint64)
    if accelerator.native is not None:
        accelerator.native.pseudonym_ranks(np.ascontiguousarray(drawn), ranks)
        return ranks
    for column in pseudonym_texts(drawn)[:, :12].T:
        ranks <<= np.uint64(5)
        ranks |= np.where(column < ord("a"), column - ord("2"), column - (ord("a") - 6)).astype(np.uint64)
    return ranks


@dataclass(frozen=True, slots=True, repr=False)
class Encoder:
    """Encodes the clients of one agency under one secret and profile."""

    secret: LinkageSecret
    profile: Profile
    agency: str

    def encode(self, clients: Sequence[Client]) -> list[EncodedRow]:
        """Encode clients in their order, a row each. The same client number always gets the same pseudonym.

        Values never depend on the order of the clients or on the other clients in the list.
        """
        keys = EncodingKeys.of(self.secret, self.profile, self.agency)
        batch = ClientBatch.of(clients)
        return BatchEncoder(self.profile, keys).encode(batch, number_digests(batch.client_id)).rows() if clients else []

    def canaries(self) -> str:
        """Digest of fictional people's codes under keys of their own: finds agencies that normalise differently."""
        digest = hashlib.sha256()
        encoder = BatchEncoder(self.profile, EncodingKeys.for_canaries(self.secret, self.profile))
        batch = ClientBatch.of(CANARIES)
        digest.update(encoder.encode(batch, number_digests(batch.client_id)).content)
        return digest.hexdigest()
