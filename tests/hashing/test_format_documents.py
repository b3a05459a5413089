"""What docs/formats says of the files is what the code reads and writes."""

import json
import re
from pathlib import Path
from typing import get_args

import documented_codes
import msgspec
import numpy as np
import pytest
from client_lists import table
from format_vectors import AS_OF, made_vectors

from hashing.batch import MOST_PHONES
from hashing.blocking_keys import FULL, LOOSE, MOST_FULL_NAMES, MOST_KEYS, NEAR_UNIQUE, PARTS
from hashing.encode import BLOCKS_A_ROW
from hashing.profile import BloomCode, BloomProfile, SaulCode, SaulProfile, load_profile, parse_profile
from hashing.rows import ClientReader
from hashing.schema import FORMAT, MAX_LINE_BYTES, EncodedRow, Header, ServiceArea, parse_header, parse_row
from hashing.share_files import Share, ShareSet
from hashing.tokens import GROUPS, MAX_ROOTS, MOST_TOKENS
from linkage.model_card import Comparison, Feature, Kind, ModelCard, Thresholds, parse_model

FORMATS = Path(__file__).resolve().parents[2] / "docs/formats"
ENCODED, PROFILE, MODEL, SAUL, SHARES = (
    (FORMATS / f"{name}.md").read_text("utf-8")
    for name in ("encoded-file", "profile", "model-card", "saul-codes", "secret-shares")
)


def examples(text: str) -> list[str]:
    return re.findall(r"```json\n(.*?)```", text, re.DOTALL)


def first_column(text: str, before: str) -> list[str]:
    """The words in backquotes that lead the rows of the first table behind a line of text."""
    found = re.search(r"(?:^\|.*\n)+", text[text.index(before) :], re.MULTILINE)
    assert found is not None
    return re.findall(r"^\| `(\w+)`", found[0], re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "before", "struct"),
    [
        (ENCODED, "## The header", Header),
        (ENCODED, "## A row", EncodedRow),
        (PROFILE, "## The file", BloomProfile),
        (PROFILE, "## The file", SaulProfile),
        (PROFILE, "A code of `bloom/2`:", BloomCode),
        (PROFILE, "A code of `saul/2`:", SaulCode),
        (MODEL, "## The file", ModelCard),
        (MODEL, "A feature:", Feature),
        (MODEL, "A comparison:", Comparison),
        (MODEL, "The thresholds, each", Thresholds),
        (SHARES, "The body:", Share),
        (SHARES, "The set:", ShareSet),
    ],
)
def test_a_table_lists_exactly_the_keys_that_are_read(text, before, struct):
    keys = {field.encode_name for field in msgspec.structs.fields(struct)} | {struct.__struct_config__.tag_field}
    assert sorted(first_column(text, before)) == sorted(keys - {None})


def test_the_examples_of_the_encoded_file_are_read():
    header_line, row_line = examples(ENCODED)
    header = parse_header(header_line.encode(), source="the example")
    assert header.format == FORMAT
    assert parse_row(row_line.encode(), header, source="the example", number=2).consent is not None


def test_the_header_of_the_example_is_that_of_the_vectors():
    header, vectors = json.loads(examples(ENCODED)[0]), made_vectors(load_profile("bloom"))
    for key in ("profile_digest", "key_check_value", "canaries", "encoder", "epoch", "agency"):
        assert header[key] == vectors[key]


def test_the_example_of_a_profile_is_read_and_has_the_digest_that_is_told():
    (example,) = examples(PROFILE)
    assert parse_profile(example.encode(), source="the example").digest in PROFILE


def test_the_example_of_a_model_card_is_read_and_fits_the_example_of_a_profile():
    (profile,), (card,) = examples(PROFILE), examples(MODEL)
    read = parse_model(card.encode(), source="the example")
    assert read.profile_digest == parse_profile(profile.encode(), source="the example").digest
    assert {each.code for each in read.features if each.code} == {code["name"] for code in json.loads(profile)["codes"]}


def test_the_kinds_of_features_are_all_told():
    assert first_column(MODEL, "The kinds:") == list(get_args(Kind))


def test_the_weight_that_is_told_is_that_of_the_example():
    card = parse_model(examples(MODEL)[0].encode(), source="the example")
    levels = {"birth": 3, "home": 0, "rare": 2}
    places = [tuple(levels[name] for name in each.of) for each in card.comparisons]
    weights = [
        np.array(each.weights).reshape(card.levels_of(each))[place]
        for each, place in zip(card.comparisons, places, strict=True)
    ]
    assert [card.prior, *weights] == [-1.5, 3.5, 0.5]
    assert "-1.5 + 3.5 + 0.5 = 2.5, which is a probability of 0.85" in MODEL
    assert round(1 / (1 + 2**-2.5), 2) == 0.85


def test_the_token_groups_are_all_told():
    assert first_column(PROFILE, "## Token groups") == list(GROUPS)


def test_the_examples_of_the_token_groups_are_what_the_code_makes():
    found = table(
        "First|Nickname|Middle|Last|Suffix|DOB|SSN|Phone|Address|Unit|Zip\n"
        "Zoë|Zo|Q.|Núñez-García|Jr.|1984-03-27|512-34-5678|360-555-0101|12 N Imaginary Rd|4|98382"
    )
    ((line, cells),) = found.lines()
    client = ClientReader(found, today=AS_OF).read(line, cells)
    rows = re.findall(r"^\| `(\w+)` \| `\w` \| .* \| `([^|]*)` \|$", PROFILE, re.MULTILINE)
    assert [group for group, _ in rows] == list(GROUPS)
    for group, shown in rows:
        made = " ".join(GROUPS[group](client))
        assert all(part.strip() in made for part in shown.split("..."))
        assert made.startswith(shown.split("...")[0].strip())


def rows_of(text: str, before: str) -> list[list[str]]:
    """The cells of the first table behind a line of text, without its header."""
    found = re.search(r"(?:^\|.*\n)+", text[text.index(before) :], re.MULTILINE)
    assert found is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()[2:]]


def test_the_parts_of_blocking_keys_are_all_told_with_their_roles_and_how_many_count():
    told = [(name.strip("`"), role.strip("`"), int(most)) for name, role, _, most in rows_of(PROFILE, "### Parts")]
    assert told == [(name, part.role, part.most) for name, part in PARTS.items()]


@pytest.mark.parametrize(
    ("keys", "before"), [(NEAR_UNIQUE, "### Kinds"), (LOOSE, "If `loose_blocking` is true, behind")]
)
def test_the_kinds_of_blocking_keys_are_all_told_in_their_order(keys, before):
    told = [kind.strip("`") for kind, _ in rows_of(PROFILE, before)]
    assert told == list(dict.fromkeys(key.tag for key in keys))
    for kind, parts in rows_of(PROFILE, before):
        first = next(key for key in keys if key.tag == kind.strip("`"))
        assert parts.split(";")[0] == ", ".join("full name" if part == FULL else part for part in first.parts)


def test_the_independent_oracle_has_the_kinds_and_caps_of_the_code():
    ours = [(NEAR_UNIQUE, documented_codes.NEAR_UNIQUE), (LOOSE, documented_codes.LOOSE)]
    for keys, kinds in ours:
        assert [" ".join((key.tag, *(part.replace(" ", "_") for part in key.parts))) for key in keys] == list(kinds)
    assert {"bloom/2": MOST_KEYS, "saul/2": BLOCKS_A_ROW} == documented_codes.MOST


def test_the_areas_and_limits_are_those_of_the_code():
    told = re.search(r"^Areas: (.*?)\.", ENCODED, re.MULTILINE | re.DOTALL)
    assert told is not None
    assert re.findall(r"`(\w+)`", told[1]) == [area.value for area in ServiceArea]
    assert f"{MAX_LINE_BYTES:,} bytes" in ENCODED
    assert f"Of more than {MOST_KEYS} keys the first {MOST_KEYS} are used" in PROFILE
    assert f"of a profile of SAUL codes the first {BLOCKS_A_ROW};" in PROFILE
    assert f"its first {MOST_KEYS} keys" in ENCODED
    assert f"its first {BLOCKS_A_ROW} under a profile of SAUL codes" in ENCODED
    assert f"the first {MOST_FULL_NAMES} count" in PROFILE
    assert f"at most {MOST_TOKENS} tokens" in PROFILE
    assert MOST_PHONES == 3
    assert "| phones | the first three," in PROFILE
    assert f"unless they are more than {MAX_ROOTS}" in PROFILE


def test_every_link_between_the_documents_leads_somewhere():
    for text in (ENCODED, PROFILE, MODEL, SAUL, SHARES):
        for target in re.findall(r"\]\(([\w./-]+)\)", text):
            assert (FORMATS / target).is_file()
