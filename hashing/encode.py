"""Clients -> encoded rows. What goes in holds names; what comes out holds only codes under pseudonyms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch
from hashing.blocking_keys import MOST_KEYS, keys_in_use
from hashing.blocking_tokens import NO_TOKEN, BlockingTokens
from hashing.canaries import CANARIES
from hashing.clients import Client
from hashing.coded import Coded
from hashing.codes import Facets, code_columns
from hashing.keys import LinkageSecret
from hashing.prf import BLOCK, KEY_BYTES, KeyedFunction
from hashing.profile import Profile, SaulProfile
from hashing.row_text import CodeValues, as_strings, pseudonym_texts, row_tails, row_texts
from hashing.schema import EncodedRow
from hashing.texts import Texts

Progress = Callable[[str, float], None]
BLOCKS_A_ROW = 64  # of a hardened profile; nine clients in ten have under 40, and no pair was lost for want of a 65th
PSEUDONYM_BYTES, PSEUDONYM_LETTERS = 10, 16
_ROW = msgspec.json.Decoder(EncodedRow)
_NUMBERS = KeyedFunction(bytes(KEY_BYTES))  # a digest, not a secret: it only brings client numbers to one length


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
        client_ids = batch.client_id.tolist()
        pseudonyms = pseudonym_texts(self._row.stretched(digests, PSEUDONYM_BYTES))
        tails = row_tails(self._households(batch), batch.services, batch.consent)
        content = row_texts(pseudonyms, self._codes(batch), self._tokens(batch, digests), tails)
        return EncodedBatch(as_strings(pseudonyms), content, client_ids)

    def _codes(self, batch: ClientBatch) -> dict[str, CodeValues]:
        facets = self._facets.of(batch)
        return {
            code.name: CodeValues(column(facets), facets.has_all(code))
            for code, column in zip(self._profile.codes, self._columns, strict=True)
        }

    def _tokens(self, batch: ClientBatch, digests: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """Blocking tokens, sorted so that their order does not tell which key made them.

        Under a hardened profile everybody has as many, or their number would tell how complete the record is and how
        many forms the name has: what is lacking is filled up with tokens that only this row has. They meet nothing.
        """
        tokens = self._blocking.of(batch)
        if not self._is_hardened:
            return tokens
        tokens = tokens[:, :BLOCKS_A_ROW]
        tokens = np.pad(tokens, ((0, 0), (0, BLOCKS_A_ROW - tokens.shape[1])), constant_values=NO_TOKEN)
        filling = self._padding.stretched(self._row.stretched(digests, BLOCK), 8 * BLOCKS_A_ROW).view(">u8")
        filled = np.where(tokens == NO_TOKEN, filling.astype(np.uint64), tokens)
        filled.sort(axis=1)
        return filled

    def _households(self, batch: ClientBatch) -> Coded[str]:
        column = Coded.of(batch.household.tolist())
        values = column.vocabulary.values
        drawn = self._household.bytes_of(Texts.of(values), PSEUDONYM_BYTES)
        texts = zip(as_strings(pseudonym_texts(drawn)), values, strict=True)
        return Coded.of([text if value else "" for text, value in texts]).take(column.places)


def number_digests(client_ids: Sequence[str]) -> NDArray[np.uint8]:
    """Client numbers -> sixteen bytes each, of which pseudonyms are made; a second person under one gets others."""
    return _NUMBERS.tags(Texts.of(_told_apart(client_ids)))


def pseudonym_order(digests: NDArray[np.uint8], keys: EncodingKeys) -> NDArray[np.intp]:
    """The rows in the order of their pseudonyms, which tells nothing of the order of the client list."""
    drawn = KeyedFunction(keys.row).stretched(digests, PSEUDONYM_BYTES)
    return np.argsort(pseudonym_texts(drawn).view(f"S{PSEUDONYM_LETTERS}").ravel(), kind="stable")


def _told_apart(client_ids: Sequence[str]) -> list[str]:
    """Client numbers, each further person under one number told apart from the first."""
    if len(set(client_ids)) == len(client_ids):
        return list(client_ids)
    times: dict[str, int] = {}
    found = []
    for number in client_ids:
        again = times[number] = times.get(number, 0) + 1
        found.append(number if again == 1 else f"{number}\x00{again}")
    return found


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
        digests = number_digests([client.client_id for client in clients])
        return BatchEncoder(self.profile, keys).encode(ClientBatch.of(clients), digests).rows() if clients else []

    def canaries(self) -> str:
        """Digest of fictional people's codes under keys of their own: finds agencies that normalise differently."""
        digest = hashlib.sha256()
        encoder = BatchEncoder(self.profile, EncodingKeys.for_canaries(self.secret, self.profile))
        digest.update(encoder.encode(ClientBatch.of(CANARIES), number_digests([c.client_id for c in CANARIES])).content)
        return digest.hexdigest()
