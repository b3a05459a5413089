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


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The levels of one code: ``cuts`` are Dice coefficients, rising; ``weights`` has one more entry, lowest first.

    ``missing`` is the weight where either record lacks the code.
    """

    code: str
    cuts: Annotated[tuple[Share, ...], msgspec.Meta(min_length=1, max_length=24)]
    weights: tuple[float, ...]
    missing: float = 0.0


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Match probabilities: for counts, for care matches, and the two that bound a count's range."""

    counts: Share
    care: Share
    strict: Share
    loose: Share


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model for one profile, with its provenance."""

    format: Literal["headcount-model/1"]
    profile: str
    profile_digest: str
    prior: float  # bits: log2 of the odds that a candidate pair is one person, before any comparison
    comparisons: Annotated[tuple[Comparison, ...], msgspec.Meta(min_length=1)]
    unlinked: float  # bits: what a pair that blocking did not propose says against one person, when people are formed
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
    for comparison in card.comparisons:
        fits = len(comparison.weights) == len(comparison.cuts) + 1
        if not fits or list(comparison.cuts) != sorted(set(comparison.cuts)):
            raise ModelError(f"{source}: the levels of {comparison.code} do not fit", hint="Cuts rise strictly.")
    return card


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
