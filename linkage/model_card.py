"""A model card: the weights of a linkage model, what they were fitted on, and how well they did.

The weights are additive, in bits: a pair's match weight is the prior plus, for each comparison, the weight of
the level (or pair of levels) into which the pair falls.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hashing.schema import Header
from linkage.errors import ModelError

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Probability = Annotated[float, msgspec.Meta(gt=0, lt=1)]  # 0 and 1 have no finite odds
Bits = Annotated[float, msgspec.Meta(ge=-64, le=64)]  # 2^64 to 1 is surer than any two records can be
Cut = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
NAME = r"^[a-z][a-z0-9_]{0,31}\Z"  # it goes into the levels' SQL; \Z, since $ lets a newline pass
Name = Annotated[str, msgspec.Meta(pattern=NAME)]
Kind = Literal["dice", "agreement", "mean_dice", "mean_agreement", "lacking", "rarity", "tokens", "fewest", "near"]
OF_CODES = frozenset({"dice", "agreement"})
FIRM = 4  # tokens that a pair shares, or more: see When.firm
MOST_PATTERNS = 2**62  # they are numbered with 64 bits
MOST_CELLS = 400  # of one comparison


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that two records are compared by, in levels: 0 where it is missing, then one more with each cut.

    ``kind`` says what: the Dice coefficient of two Bloom filters of ``code``, or the share of agreeing positions of
    two SAUL codes (one half for strangers); the mean of either over the codes that both have; how many codes one of
    the two lacks; of the blocking tokens that both carry, how rare they are, how many, and how many records carry the
    rarest; whether both are of one agency (1) and one household of it (2).
    """

    name: Name
    kind: Kind
    cuts: Annotated[tuple[Cut, ...], msgspec.Meta(min_length=1, max_length=24)]
    code: str = ""

    @property
    def levels(self) -> int:
        """How many there are, the one for missing among them."""
        return len(self.cuts) + 2


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of one feature's levels, or of every two levels of two features: those of the first one's level 0
    first.
    """

    of: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=2)]
    weights: tuple[Bits, ...]

    @property
    def name(self) -> str:
        """The features' names."""
        return "_by_".join(self.of)


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Match probabilities: for counts, for care matches, and the two that bound a count's range."""

    counts: Probability
    care: Probability
    strict: Probability
    loose: Probability


class Crowding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Among more records, more strangers agree by chance: ``bits`` less for each doubling beyond ``records``."""

    records: Annotated[int, msgspec.Meta(ge=1)]
    bits: Annotated[float, msgspec.Meta(ge=0, le=4)]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the lists of an alternative are like, told by what blocking proposes before anything is compared."""

    lists: Annotated[int, msgspec.Meta(ge=1)]  # at most
    records: Annotated[int, msgspec.Meta(ge=1)]  # at most
    pairs: Annotated[int, msgspec.Meta(ge=1)]  # at least
    firm: Share  # of the pairs, at least: those that share FIRM tokens or more, which families seldom do
    pairs_each: Annotated[float, msgspec.Meta(ge=0)]  # pairs for each record, at least


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of lists before their records are compared."""

    lists: int
    records: int
    pairs: int  # that blocking proposes
    firm: int  # of these

    def fits(self, when: When) -> bool:
        """Whether the lists are of that kind."""
        small = self.lists <= when.lists and self.records <= when.records
        many = self.pairs >= max(when.pairs, when.pairs_each * self.records)
        return small and many and self.firm >= when.firm * self.pairs


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other weights for the same features, for lists of another kind."""

    name: Name
    when: When
    prior: Bits
    comparisons: Annotated[tuple[Comparison, ...], msgspec.Meta(min_length=1)]
    thresholds: Thresholds
    trained_on: str
    figures: dict[str, float]


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model for one profile, with its provenance."""

    format: Literal["headcount-model/2"]
    profile: str
    profile_digest: str
    prior: Bits  # bits: log2 of the odds that a candidate pair is one person, before any comparison
    features: Annotated[tuple[Feature, ...], msgspec.Meta(min_length=1)]
    comparisons: Annotated[tuple[Comparison, ...], msgspec.Meta(min_length=1)]
    unlinked: Bits  # bits: what a pair that blocking did not propose says against one person, when people are formed
    thresholds: Thresholds
    trained_on: str
    figures: dict[str, float]
    crowding: Crowding | None = None
    alternatives: tuple[Alternative, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, as 64 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def among(self, records: int) -> ModelCard:
        """The card for so many records: its prior with what their crowding takes from it."""
        if self.crowding is None or records <= self.crowding.records:
            return self
        less = self.crowding.bits * math.log2(records / self.crowding.records)
        return msgspec.structs.replace(self, prior=max(-64.0, self.prior - less))

    def suited(self, survey: Survey) -> str:
        """The name of the first alternative for lists of that kind; empty for the card's own weights."""
        return next((each.name for each in self.alternatives if survey.fits(each.when)), "")

    def with_weights_of(self, name: str) -> ModelCard:
        """The card with an alternative's weights, thresholds and figures, or with its own for an empty name."""
        found = {each.name: each for each in self.alternatives}.get(name)
        if found is None:
            return self
        return msgspec.structs.replace(
            self,
            prior=found.prior,
            comparisons=found.comparisons,
            thresholds=found.thresholds,
            trained_on=found.trained_on,
            figures=found.figures,
            alternatives=(),
        )

    def levels_of(self, comparison: Comparison) -> list[int]:
        """The numbers of levels of the features that a comparison is over."""
        levels = {feature.name: feature.levels for feature in self.features}
        return [levels[name] for name in comparison.of]

    def cells(self, comparison: Comparison, levels: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
        """Levels of pairs -> the place of each pair's weight in a comparison."""
        place = np.zeros_like(levels[comparison.of[0]])
        for name, count in zip(comparison.of, self.levels_of(comparison), strict=True):
            place = place * count + levels[name]
        return place


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
        ModelError: malformed, or features, levels and weights that do not fit each other.
    """
    try:
        card = msgspec.json.decode(content, type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{source}: {error}", hint="See docs/formats/model-card.md.") from error
    _check_features(card, source)
    _check_weights(card, source)
    names = [each.name for each in card.alternatives]
    if len(set(names)) != len(names):
        raise ModelError(f"{source}: two alternatives have one name", hint="Name each alternative once.")
    for name in names:
        _check_weights(card.with_weights_of(name), f"{source}, {name}")
    return card


def _check_weights(card: ModelCard, source: str) -> None:
    _check_comparisons(card, source)
    limits = card.thresholds
    if not limits.loose <= limits.counts <= limits.strict:
        raise ModelError(f"{source}: the thresholds are out of order", hint="They rise: loose, counts, strict.")


def _check_features(card: ModelCard, source: str) -> None:
    if len({feature.name for feature in card.features}) != len(card.features):
        raise ModelError(f"{source}: two features have one name", hint="Name each feature once.")
    for feature in card.features:
        if list(feature.cuts) != sorted(set(feature.cuts)):
            raise ModelError(f"{source}: the cuts of {feature.name} do not rise", hint="Cuts rise strictly.")
        if bool(feature.code) != (feature.kind in OF_CODES):
            raise ModelError(
                f"{source}: the feature {feature.name} names no code, or one too many",
                hint="Dice and agreement are of a code, the other kinds of none.",
            )
    if math.prod(feature.levels for feature in card.features) > MOST_PATTERNS:
        raise ModelError(f"{source}: its features have too many levels together", hint="Use fewer cuts.")


def _check_comparisons(card: ModelCard, source: str) -> None:
    known = {feature.name for feature in card.features}
    if len({comparison.name for comparison in card.comparisons}) != len(card.comparisons):
        raise ModelError(f"{source}: a feature is compared twice", hint="Give one comparison a feature.")
    for comparison in card.comparisons:
        if not known.issuperset(comparison.of) or len(set(comparison.of)) != len(comparison.of):
            raise ModelError(f"{source}: {comparison.name} is over no such features", hint="Name features of the card.")
        cells = math.prod(card.levels_of(comparison))
        if len(comparison.weights) != cells or cells > MOST_CELLS:
            raise ModelError(
                f"{source}: the weights of {comparison.name} do not fit its levels",
                hint=f"It needs {cells}, one for each level and for what is missing; no more than {MOST_CELLS}.",
            )


def check_fits(card: ModelCard, *, header: Header) -> None:
    """Whether a model was made for the codes of an encoded file.

    Raises:
        ModelError: it was made for another profile.
    """
    needed = {feature.code for feature in card.features if feature.code}
    if card.profile_digest != header.profile_digest or needed - header.codes.keys():
        raise ModelError(
            "the model was made for another profile than the encoded files'",
            hint="Use the model that comes with the profile, or fit one for it.",
        )
