"""A small red team: the landmark attack on all codes of a profile together.

    python -m bench.attacks

The attacker is the service, or whoever stole its folder, and is given more than any real one would have: the
victims' own records in plaintext, letter for letter, and for *known* of them which code is theirs. The secret stays
unknown, so nothing can be encoded again. Each remaining code is described by its similarities to the known codes, each
remaining record by the similarities that its tokens would give to the same known records, and the two descriptions
are laid side by side, over every code of the profile at once; which codes a record lacks is used too.

Chance is what the same attacker reaches from missing codes alone. The control is ``bloom``, where the attack must
find nearly everybody, or it would prove nothing. It is not the strongest attack there is (docs/threat-model.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hashing
from bench.agreement import expected_agreement
from bench.labelled import SECRET
from bench.town_clients import read_town, unlike
from bench.towns import TownSpec
from hashing import bloom, hardened
from hashing.clients import Client
from hashing.profile import BloomCode, Code, Profile
from hashing.tokens import GROUPS

TOWN = TownSpec(seed=4001, people=6000)
VICTIMS = 1000
KNOWN = (50, 200)
DRAWS = 3  # of the known ones; the shares printed are means
PROFILES = ("bloom", "hardened")

Floats = NDArray[np.floating[Any]]
GroupTokens = Mapping[str, list[str]]  # of one client, by token group


@dataclass(frozen=True, slots=True)
class Finding:
    """Shares of the victims not known beforehand: re-identified, and what missing codes alone would give."""

    found: float
    chance: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One code of all victims: similarities to the known, seen and expected, and who has no code."""

    seen: Floats  # (victims, known), of codes
    expected: Floats  # (victims, known), of plaintext tokens
    missing: NDArray[np.bool_]  # (victims,)


def landmark_attack(victims: Sequence[Client], profile: Profile, *, known: int, dice: np.random.Generator) -> Finding:
    """Give the attacker *known* of the victims, drawn with *dice*, and count who else is found."""
    order = dice.permutation(len(victims))
    landmarks, rest = order[:known], order[known:]
    groups = [group_tokens(victim) for victim in victims]
    evidence = [_evidence(code, profile, groups, landmarks) for code in profile.codes]
    costs = sum((_distances(one, landmarks, rest) for one in evidence), start=np.zeros((len(rest), len(rest))))
    patterns = np.unique(np.stack([one.missing[rest] for one in evidence], axis=1), axis=0, return_inverse=True)[1]
    costs[patterns[:, None] != patterns[None, :]] = np.inf
    found = costs.argmin(axis=1) == np.arange(len(rest))
    return Finding(float(found.mean()), len(np.unique(patterns)) / len(rest))


def group_tokens(client: Client) -> GroupTokens:
    """The tokens of each group that a client gives."""
    return {name: group(client) for name, group in GROUPS.items()}


def tokens_of(code: Code, groups: GroupTokens) -> list[str] | None:
    """The tokens that go into a code, or None where an identifier that it needs is missing."""
    if not all(groups[name] for name in code.needs):
        return None
    return list(dict.fromkeys(token for name in code.groups for token in groups[name]))


def _code_values(code: Code, tokens: Sequence[Sequence[str]], key: bytes) -> NDArray[np.uint8]:
    if isinstance(code, BloomCode):
        return bloom.encode(tokens, key=key, bits=code.bits, hashes=code.hashes)
    return hardened.encode(tokens, key=key, bits=code.bits, planes=code.planes)


def _evidence(code: Code, profile: Profile, victims: Sequence[GroupTokens], landmarks: NDArray[np.intp]) -> Evidence:
    found = [tokens_of(code, groups) for groups in victims]
    tokens = [each or () for each in found]
    key = SECRET.derive("code", profile_digest=profile.digest, name=code.name)
    seen = np.unpackbits(_code_values(code, tokens, key), axis=1).astype(np.float32)
    missing = np.array([each is None for each in found])
    return Evidence(_seen(code, seen, landmarks), _expected(code, _incidence(tokens), landmarks), missing)


def _seen(code: Code, bits: Floats, landmarks: NDArray[np.intp]) -> Floats:
    """Dice coefficients of Bloom filters, shares of agreeing bits of SAUL codes."""
    if isinstance(code, BloomCode):
        return _dice(bits, landmarks)
    signs = 1 - 2 * bits
    agreement: Floats = (1 + signs @ signs[landmarks].T / code.bits) / 2
    return agreement


def _expected(code: Code, incidence: Floats, landmarks: NDArray[np.intp]) -> Floats:
    """What tokens give in the mean: for Bloom filters nearly the Dice coefficient of the token sets."""
    if isinstance(code, BloomCode):
        return _dice(incidence, landmarks)
    sizes = np.maximum(incidence.sum(axis=1), 1)
    cosines = incidence @ incidence[landmarks].T / np.sqrt(np.outer(sizes, sizes[landmarks]))
    return expected_agreement(cosines, planes=code.planes)


def _dice(ones: Floats, landmarks: NDArray[np.intp]) -> Floats:
    sizes = ones.sum(axis=1)
    shares: Floats = 2 * ones @ ones[landmarks].T / np.maximum(sizes[:, None] + sizes[landmarks], 1)
    return shares


def _incidence(token_sets: Sequence[Sequence[str]]) -> Floats:
    """Which record holds which token: ones and zeros of shape (records, distinct tokens)."""
    places: dict[str, int] = {}
    rows = [[places.setdefault(token, len(places)) for token in tokens] for tokens in token_sets]
    ones = np.zeros((len(rows), len(places)), dtype=np.float32)
    for one, row in zip(ones, rows, strict=True):
        one[row] = 1
    return ones


def _distances(evidence: Evidence, landmarks: NDArray[np.intp], rest: NDArray[np.intp]) -> Floats:
    """Squared distances between seen and expected descriptions: (codes of the rest, records of the rest)."""
    known = ~evidence.missing[rest][:, None] & ~evidence.missing[landmarks][None, :]
    seen, expected = (_centred(part[rest], known) for part in (evidence.seen, evidence.expected))
    distances: Floats = (seen**2).sum(axis=1)[:, None] - 2 * seen @ expected.T + (expected**2).sum(axis=1)[None, :]
    return distances


def _centred(similarities: Floats, known: NDArray[np.bool_]) -> Floats:
    """Without each landmark's mean, which tells nothing of whom it is near to; nothing where a code is missing."""
    values = np.where(known, similarities, 0).astype(np.float64)
    means = values.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known, values - means, 0)


def main() -> None:
    """Attack each profile, with households in the list and without, and print the shares."""
    print(f"{'profile':<12}{'codes':>6}  {'victims':<28}{'known':>6}{'re-identified':>15}{'chance':>9}")
    town = read_town(TOWN)
    for households in (True, False):
        victims = unlike(town, households=households)[:VICTIMS]
        kind = f"{len(victims):,}, {'with' if households else 'no'} households"
        for name in PROFILES:
            profile = hashing.load_profile(name)
            for known in KNOWN:
                findings = [
                    landmark_attack(victims, profile, known=known, dice=np.random.default_rng(draw))
                    for draw in range(DRAWS)
                ]
                found, chance = np.mean([(f.found, f.chance) for f in findings], axis=0)
                print(f"{name:<12}{len(profile.codes):>6}  {kind:<28}{known:>6}{found:>15.4f}{chance:>9.4f}")


if __name__ == "__main__":
    main()
