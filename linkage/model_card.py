"""A model card: the weights of a linkage model, what they were fitted on, and how well they did.

The weights are additive, in bits: a pair's match weight is the prior plus, for each comparison, the weight of
the level into which the similarity of its codes falls.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from linkage.errors import ModelError

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Probability = Annotated[float, msgspec.Meta(gt=0, lt=1)]  # 0 and 1 have no finite odds
Bits = Annotated[float, msgspec.Meta(ge=-64, le=64)]  # 2^64 to 1 is surer than any two records can be
CODE_NAME = r"^[a-z][a-z0-9_]{0,31}\Z"  # it goes into the levels' SQL; \Z, since $ lets a newline pass
CodeName = Annotated[str, msgspec.Meta(pattern=CODE_NAME)]


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The levels of one code: ``cuts`` are similarities, rising; ``weights`` has one more entry, lowest first.

    ``similarity`` says which: the Dice coefficient of two Bloom filters, or the share of agreeing positions of two
    SAUL codes (one half for strangers). ``missing`` is the weight where either record lacks the code.
    """

    code: CodeName
    cuts: Annotated[tuple[Share, ...], msgspec.Meta(min_length=1, max_length=24)]
    weights: tuple[Bits, ...]
    missing: Bits = 0.0
    similarity: Literal["dice", "agreement"] = "dice"


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Match probabilities: for counts, for care matches, and the two that bound a count's range."""

    counts: Probability
    care: Probability
    strict: Probability
    loose: Probability


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model for one profile, with its provenance."""

    format: Literal["headcount-model/1"]
    profile: str
    profile_digest: str
    prior: Bits  # bits: log2 of the odds that a candidate pair is one person, before any comparison
    comparisons: Annotated[tuple[Comparison, ...], msgspec.Meta(min_length=1)]
    unlinked: Bits  # bits: what a pair that blocking did not propose says against one person, when people are formed
    thresholds: Thresholds
    trained_on: str
    figures: dict[str, float]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, as 64 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def load_model(profile: str, path: Path | None = None) -> ModelCard:
    """The shipped model of a profile, or one from a file.

    Raises:
        ModelError: there is none, or the card is malformed.
    """
    try:
        content = path.read_bytes() if path else files("linkage").joinpath(f"models/{profile}.json").read_bytes()
    except OSError as error:
        raise ModelError(
            f"there is no model for the profile {profile}", hint="Give one with --model, or use a built-in profile."
        ) from error
    return parse_model(content, source=path.name if path else profile)


def parse_model(content: bytes, *, source: str) -> ModelCard:
    """Parse a model card strictly.

    Raises:
        ModelError: malformed, or levels and weights that do not fit each other.
    """
    try:
        card = msgspec.json.decode(content, type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{source}: {error}", hint="See docs/formats/model-card.md.") from error
    _check_levels(card, source)
    limits = card.thresholds
    if not limits.loose <= limits.counts <= limits.strict:
        raise ModelError(f"{source}: the thresholds are out of order", hint="They rise: loose, counts, strict.")
    return card


def _check_levels(card: ModelCard, source: str) -> None:
    if len({comparison.code for comparison in card.comparisons}) != len(card.comparisons):
        raise ModelError(f"{source}: a code is compared twice", hint="Give one comparison a code.")
    for comparison in card.comparisons:
        fits = len(comparison.weights) == len(comparison.cuts) + 1
        if not fits or list(comparison.cuts) != sorted(set(comparison.cuts)):
            raise ModelError(f"{source}: the levels of {comparison.code} do not fit", hint="Cuts rise strictly.")


def check_fits(card: ModelCard, *, profile_digest: str, codes: dict[str, int]) -> None:
    """Whether a model was made for these codes.

    Raises:
        ModelError: it was made for another profile.
    """
    if card.profile_digest != profile_digest or {c.code for c in card.comparisons} - codes.keys():
        raise ModelError(
            "the model was made for another profile than the encoded files'",
            hint="Use the model that comes with the profile, or fit one for it.",
        )
