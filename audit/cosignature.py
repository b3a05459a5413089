"""Witnesses' cosignatures (c2sp.org/tlog-cosignature): made, read, and counted.

A cosignature says: at this time, this was the largest state of the log that I had seen, and every state I
saw before is contained in it. Two histories of one log cannot both be cosigned by the same witness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from audit.checkpoint import SignedCheckpoint
from audit.errors import SigningKeyError, VerificationError
from audit.keypair import KeyPair
from audit.note import MAX_SIGNATURES, Algorithm, Signature, VerifierKey, parse_vkey_lines
from audit.signing import lines_by, stamped, stamped_time, verify_line

MAX_WITNESSES = MAX_SIGNATURES // 2 - 1  # two lines each, beside the two of the log
LATER = "Ask for it again in an hour; if it stays, ask the witnesses why they do not cosign."
NEW_WITNESS = "Do not cosign with it. Make a new witness under another name, and tell those who trusted this one."
_GET_KEYS = "Ask each witness for its file witness.vkey."


class WitnessSigner(KeyPair):
    """The private keys of one witness."""

    __slots__ = ()
    ALGORITHMS = (Algorithm.COSIGNATURE, Algorithm.ML_DSA_44)
    OWNER = "witness"
    RESTORE = NEW_WITNESS

    def cosign(self, signed: SignedCheckpoint, *, time: datetime) -> tuple[Signature, Signature]:
        """The witness's two signature lines under *signed* at *time* (whole seconds, UTC).

        Whoever calls this has checked that the checkpoint grew from the last one cosigned, and kept it.
        """
        checkpoint, timestamp = signed.checkpoint, int(time.timestamp())
        values = (
            stamped(timestamp, lambda at: self._ed25519.sign(checkpoint.stamped_text(at))),
            stamped(timestamp, lambda at: self._ml_dsa.sign(checkpoint.cosigned_message(self.name, at))),
        )
        first, second = (Signature(key.name, key.key_id, value) for key, value in zip(self.keys, values, strict=True))
        return first, second


@dataclass(frozen=True, slots=True)
class TrustedWitness:
    """A witness that somebody trusts: its name and its public keys, each of which has to cosign."""

    name: str
    keys: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """That the witness *name* cosigned a checkpoint, and when (UTC, whole seconds)."""

    name: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of which witnesses have to have cosigned a checkpoint for somebody to rely on it."""

    witnesses: tuple[TrustedWitness, ...]
    need: int

    @classmethod
    def of(cls, vkeys: str, need: int | None = None) -> Quorum:
        """*need* of the witnesses whose keys are in *vkeys*, one key a line; all of them if not said otherwise.

        Raises:
            SigningKeyError: the keys cannot be read, or so many cannot be asked for.
        """
        witnesses = parse_witnesses(vkeys)
        wanted = len(witnesses) if need is None else need
        if not 1 <= wanted <= len(witnesses):
            raise SigningKeyError(
                f"{wanted} of {len(witnesses)} witnesses cannot be asked for",
                "Give the key file of each witness, and a number from 1 to how many they are.",
            )
        return cls(witnesses, wanted)

    def check(self, signed: SignedCheckpoint) -> tuple[Cosigned, ...]:
        """Check that enough witnesses cosigned this checkpoint, and tell which did.

        Raises:
            VerificationError: too few did, or a line of theirs does not fit.
        """
        found = cosigned_by(signed, self.witnesses)
        if len(found) < self.need:
            raise VerificationError(
                f"the checkpoint of {signed.checkpoint.size} entries is cosigned by {len(found)} of your "
                f"{len(self.witnesses)} witnesses, and {self.need} are needed",
                LATER,
            )
        return found


def parse_witnesses(text: str) -> tuple[TrustedWitness, ...]:
    """Parse the keys of several witnesses, one key a line; keys of one name are one witness.

    Raises:
        SigningKeyError: no key, a damaged one, one of a log, too many, or one key under two names.
    """
    keys = sorted(dict.fromkeys(parse_vkey_lines(text)), key=attrgetter("name", "algorithm"))
    if Algorithm.ED25519 in {key.algorithm for key in keys}:
        raise SigningKeyError("the verifier key is of a log, not of a witness", _GET_KEYS)
    if len({key.public for key in keys}) != len(keys):
        raise SigningKeyError("two witnesses have the same key", _GET_KEYS)  # an Ed25519 cosignature has no name in it
    witnesses = tuple(TrustedWitness(name, tuple(own)) for name, own in groupby(keys, attrgetter("name")))
    if len(witnesses) > MAX_WITNESSES:
        raise SigningKeyError(f"there are more than {MAX_WITNESSES} witnesses", "Choose those that you trust most.")
    return witnesses


def cosigned_by(signed: SignedCheckpoint, witnesses: Iterable[TrustedWitness]) -> tuple[Cosigned, ...]:
    """Who of *witnesses* cosigned this checkpoint, with every key; lines of others are not looked at.

    Raises:
        VerificationError: a line by one of their keys does not fit, or a witness has the log's own name.
    """
    return tuple(
        Cosigned(witness.name, stamped_time(signed, witness.keys[0]))
        for witness in witnesses
        if _has_cosigned(witness, signed)
    )


def furthest(
    states: Iterable[SignedCheckpoint], witnesses: Iterable[TrustedWitness]
) -> dict[str, tuple[int, Cosigned]]:
    """How many entries each of *witnesses* cosigned at most, and when, by its name; who cosigned none is left out.

    Raises:
        VerificationError: a line by one of their keys does not fit, in whichever state.
    """
    known, found = tuple(witnesses), dict[str, tuple[int, Cosigned]]()
    for state in states:
        for one in cosigned_by(state, known):
            mine = (state.checkpoint.size, one)
            found[one.name] = max(found.get(one.name, mine), mine, key=itemgetter(0))
    return found


def cosignature_lines(signed: SignedCheckpoint, witnesses: Iterable[TrustedWitness]) -> tuple[Signature, ...]:
    """The first line by each key of *witnesses*, checked."""
    chosen = [witness for witness in witnesses if _has_cosigned(witness, signed)]
    return tuple(lines_by(key, signed)[0] for witness in chosen for key in witness.keys)


def _has_cosigned(witness: TrustedWitness, signed: SignedCheckpoint) -> bool:
    if witness.name == signed.checkpoint.origin:
        raise VerificationError(f"{witness.name!r} is the log itself, which cannot be its own witness")
    lines = [lines_by(key, signed) for key in witness.keys]
    for key, own in zip(witness.keys, lines, strict=True):
        for line in own:
            verify_line(line, key, signed)
    return all(lines)
