"""Clients -> encoded rows. What goes in holds names; what comes out holds only codes under pseudonyms."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashing import bloom, hardened
from hashing.blocking_keys import blocking_keys
from hashing.canaries import CANARIES
from hashing.clients import Client
from hashing.keys import LinkageSecret
from hashing.profile import BloomCode, Code, Profile, SaulProfile
from hashing.schema import EncodedRow
from hashing.tokens import GROUPS

Progress = Callable[[str, float], None]
GroupTokens = Mapping[str, list[str]]
BLOCKS_A_ROW = 64  # of a hardened profile; nine clients in ten have under 40, and no pair was lost for want of a 65th
_TOKEN_BYTES = 12


def silent(_stage: str, _share: float) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True, repr=False)
class Encoder:
    """Encodes the clients of one agency under one secret and profile."""

    secret: LinkageSecret
    profile: Profile
    agency: str

    def encode(self, clients: Sequence[Client], *, progress: Progress = silent) -> list[EncodedRow]:
        """Encode clients in their order, a row each. The same client number always gets the same pseudonym.

        Values never depend on the order of the clients or on the other clients in the list.
        """
        columns, parts = {}, group_tokens(self.profile, clients)
        for place, code in enumerate(self.profile.codes):
            progress("encoding", place / (len(self.profile.codes) + 1))
            columns[code.name] = self._column(code, parts, purpose="code")
        progress("blocking keys", len(self.profile.codes) / (len(self.profile.codes) + 1))
        rows = self._rows(clients, columns)
        progress("encoding", 1.0)
        return rows

    def canaries(self) -> str:
        """Digest of fictional people's codes under a key of their own: finds agencies that normalise differently.

        The key is not the codes' key, or the service would hold known pairs of plaintext and code.
        """
        digest, parts = hashlib.sha256(), group_tokens(self.profile, CANARIES)
        for code in self.profile.codes:
            for value in self._column(code, parts, purpose="canary"):
                digest.update((value or "-").encode())
        key = self.secret.derive("canary-blocks", profile_digest=self.profile.digest)
        for client in CANARIES:
            digest.update("\n".join(self._blocks(client, key)).encode())
        return digest.hexdigest()

    def _column(self, code: Code, parts: Sequence[GroupTokens], *, purpose: str) -> list[str | None]:
        key = self.secret.derive(purpose, profile_digest=self.profile.digest, name=code.name)
        token_sets = [tokens_of(code, groups) for groups in parts]
        values = code_values(code, [tokens or () for tokens in token_sets], key)
        return [
            None if tokens is None else base64.b64encode(row.tobytes()).decode()
            for tokens, row in zip(token_sets, values, strict=True)
        ]

    def _rows(self, clients: Sequence[Client], columns: dict[str, list[str | None]]) -> list[EncodedRow]:
        keys = self._row_keys()
        pseudonyms = _pseudonyms(clients, keys.row)
        return [
            EncodedRow(
                row=pseudonyms[place],
                codes={name: column[place] for name, column in columns.items()},
                blocks=tuple(self._company(client, pseudonyms[place], keys)),
                household=_pseudonym(client.household, keys.household) if client.household else None,
                services=client.services,
                consent=client.consent,
            )
            for place, client in enumerate(clients)
        ]

    def _row_keys(self) -> _RowKeys:
        digest = self.profile.digest
        return _RowKeys(
            row=self.secret.derive("row", profile_digest="", name=self.agency),
            household=self.secret.derive("household", profile_digest="", name=self.agency),
            blocking=self.secret.derive("blocking", profile_digest=digest),
            padding=self.secret.derive("padding", profile_digest=digest, name=self.agency),
        )

    def _company(self, client: Client, pseudonym: str, keys: _RowKeys) -> list[str]:
        """A row's blocking tokens; under a hardened profile as many for everybody, or their number would tell how
        complete the record is and how many forms the name has.

        What is lacking is filled up with tokens that only this row has: they meet nothing.
        """
        blocks = self._blocks(client, keys.blocking)
        if not isinstance(self.profile, SaulProfile):
            return blocks
        lacking = BLOCKS_A_ROW - len(blocks)
        filling = hashlib.shake_256(hmac.digest(keys.padding, pseudonym.encode(), "sha256")).digest(
            lacking * _TOKEN_BYTES
        )
        return sorted(blocks + [_token(filling[at : at + _TOKEN_BYTES]) for at in range(0, len(filling), _TOKEN_BYTES)])

    def _blocks(self, client: Client, key: bytes) -> list[str]:
        """Keyed blocking tokens, sorted so that their order does not tell which key made them."""
        values = blocking_keys(client, loose=self.profile.loose_blocking)
        most = BLOCKS_A_ROW if isinstance(self.profile, SaulProfile) else len(values)
        return sorted(_token(hmac.digest(key, value.encode(), "sha256")[:_TOKEN_BYTES]) for value in values[:most])


@dataclass(frozen=True, slots=True, repr=False)
class _RowKeys:
    """The keys of what each row carries besides its codes, derived once for the whole list."""

    row: bytes
    household: bytes
    blocking: bytes
    padding: bytes


def _pseudonyms(clients: Sequence[Client], key: bytes) -> list[str]:
    """Row pseudonyms; a client number that stands for two people gets one for each."""
    times: dict[str, int] = {}
    found = []
    for client in clients:
        again = times[client.client_id] = times.get(client.client_id, 0) + 1
        found.append(_pseudonym(client.client_id if again == 1 else f"{client.client_id}\x00{again}", key))
    return found


def _pseudonym(value: str, key: bytes) -> str:
    return base64.b32encode(hmac.digest(key, value.encode(), "sha256")[:10]).decode().lower()


def _token(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode()


def group_tokens(profile: Profile, clients: Sequence[Client]) -> list[GroupTokens]:
    """Each client's tokens by group, for the groups that the profile's codes speak of; made once for all codes."""
    groups = sorted({group for code in profile.codes for group in (*code.groups, *code.needs)})
    return [{group: GROUPS[group](client) for group in groups} for client in clients]


def tokens_of(code: Code, groups: GroupTokens) -> list[str] | None:
    """A client's tokens for a code, or None where an identifier that the code needs is missing."""
    if any(not groups[group] for group in code.needs):
        return None
    return [token for group in code.groups for token in groups[group]]


def code_values(code: Code, token_sets: Sequence[Sequence[str]], key: bytes) -> NDArray[np.uint8]:
    """Encode token sets as *code* says: an array of shape (rows, bits/8)."""
    if isinstance(code, BloomCode):
        return bloom.encode(token_sets, key=key, bits=code.bits, hashes=code.hashes)
    return hardened.encode(token_sets, key=key, bits=code.bits, planes=code.planes)
