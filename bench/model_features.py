"""What the shipped models compare: features with their cuts, and the crossings of two that are worth their weights.

Chosen on towns that neither train nor judge a model, by what each adds; a fourth crossing added nothing there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bench.agreement import expected_agreement
from hashing.profile import BloomCode, Code, Profile, SaulCode
from linkage.model_card import Comparison, Feature

DICE_CUTS = (0.3, 0.4, 0.5, 0.58, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88, 0.91, 0.94, 0.97, 0.995)
COSINE_CUTS = (0.5, 0.6, 0.7, 0.76, 0.81, 0.85, 0.89, 0.92, 0.945, 0.965, 0.985, 0.997)  # of SAUL's tokens
MEAN_DICE_CUTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
MEAN_AGREEMENT_CUTS = (0.5, 0.51, 0.52, 0.53, 0.55, 0.57, 0.6, 0.63, 0.66, 0.7, 0.74, 0.78, 0.82, 0.86, 0.9, 0.95)
SHARED = (
    Feature("rarity", "rarity", (0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24)),
    Feature("near", "near", (1, 2)),
    Feature("tokens", "tokens", (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40)),
)
LACKING = Feature("lacking", "lacking", tuple(range(1, 11)))
FEWEST = Feature("fewest", "fewest", (1, 2.5, 3.5, 5.5, 8.5, 12.5, 20.5, 40.5, 80.5))
CROSSINGS = {
    BloomCode: (("given_home", "tokens"), ("name", "mean"), ("family_birth", "tokens")),
    SaulCode: (("tokens", "lacking"), ("tokens", "mean"), ("name_birth", "fewest")),
}
_ALONE = ("rarity", "near")


def features(profile: Profile) -> tuple[Feature, ...]:
    """All that a profile's pairs are compared by."""
    of_codes = tuple(_similarity(code) for code in profile.codes)
    if isinstance(profile.codes[0], BloomCode):
        return (*of_codes, *SHARED, Feature("mean", "mean_dice", MEAN_DICE_CUTS))
    return (*of_codes, *SHARED, Feature("mean", "mean_agreement", MEAN_AGREEMENT_CUTS), LACKING, FEWEST)


def _similarity(code: Code) -> Feature:
    if isinstance(code, BloomCode):
        return Feature(code.name, "dice", DICE_CUTS, code.name)
    agreements = expected_agreement(np.array(COSINE_CUTS), planes=code.planes)
    return Feature(code.name, "agreement", tuple(agreements.round(4).tolist()), code.name)


def comparisons(profile: Profile) -> tuple[Comparison, ...]:
    """Each code, what is compared alone, and the crossings that the profile has the codes for; weights are zero."""
    known = features(profile)
    of = [(code.name,) for code in profile.codes] + [(name,) for name in _ALONE]
    crossings = [pair for pair in CROSSINGS[type(profile.codes[0])] if {*pair} <= {each.name for each in known}]
    return tuple(Comparison(names, (0.0,) * _cells(known, names)) for names in (*of, *crossings))


def _cells(known: Sequence[Feature], names: tuple[str, ...]) -> int:
    levels = {feature.name: feature.levels for feature in known}
    return math.prod(levels[name] for name in names)
