"""Machine code gives what numpy gives, byte for byte, and refuses arrays that do not fit together.

Without a compiler there is none; then the first kind of test has nothing to compare.
"""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_files import CODES, card, feature, header, pseudonym
from made_records import candidates, records

from hashing.schema import MAX_LINE_BYTES, MOST_TOKENS, EncodedFileError, Header
from linkage import accelerator
from linkage.encoded_columns import Chunk, read_chunks
from linkage.levels import patterns
from linkage.lines import read_text
from linkage.model_card import OF_CODES
from linkage.records import Records
from linkage.run import link

NATIVE: Any = accelerator.native
built = pytest.mark.skipif(NATIVE is None, reason="there was no compiler")
KINDS = ("dice", "agreement", "mean_dice", "mean_agreement", "lacking", "rarity", "tokens", "fewest", "near")
quiet = settings(deadline=None)


@contextmanager
def with_numpy_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accelerator, "native", None)
        yield


# ---- pairs


def made_town(seed: int, widths: Sequence[int]) -> Records:
    """Records some of whose codes are missing, full or alike."""
    dice = random.Random(seed)
    bits = dict(zip(CODES, widths, strict=True))
    common = {name: dice.randbytes(width // 8) for name, width in bits.items()}

    def code(name: str) -> bytes | None:
        kind = dice.randrange(6)
        near = bytearray(common[name])
        near[dice.randrange(len(near))] ^= 1 << dice.randrange(8)
        return [None, common[name], bytes(near), dice.randbytes(len(near)), b"\xff" * len(near), bytes(len(near))][kind]

    rows = [{name: code(name) for name in bits} for _ in range(24)]
    agencies = sorted(dice.randrange(3) for _ in rows)
    households = [dice.choice([None, "a", "b", "c"]) for _ in rows]
    return records(rows, bits=bits, agencies=agencies, households=households)


def levels_of_all(made: Records, seed: int) -> np.ndarray:
    dice = random.Random(seed)
    ends = list(combinations(range(len(made)), 2))
    shared = [[dice.randrange(40) / 8 for _ in ends], *([dice.randrange(300) for _ in ends] for _ in range(2))]
    cuts = [tuple(sorted({dice.randrange(1, 40) / 20 for _ in range(dice.randrange(1, 7))})) for _ in KINDS]
    kinds = [
        feature(f"f{n}", own, kind=kind, code=dice.choice(CODES) if kind in OF_CODES else "")
        for n, (kind, own) in enumerate(zip(KINDS, cuts, strict=True))
    ]
    return patterns(made, candidates(ends, *shared), card(kinds), threads=2)


@built
@pytest.mark.parametrize("widths", [(64, 64), (72, 1000), (1024, 1024), (8192, 65528)])
@pytest.mark.parametrize("seed", range(4))
def test_patterns_are_the_same(seed, widths):
    quick = levels_of_all(made_town(seed, widths), seed)
    with with_numpy_alone():
        assert (levels_of_all(made_town(seed, widths), seed) == quick).all()
    assert len(set(quick.tolist())) > 20


@built
@pytest.mark.parametrize("widths", [(64, 64), (72, 1000), (1024, 1024), (8192, 65528)])
def test_bits_are_counted_alike(widths):
    quick = made_town(1, widths).ones
    with with_numpy_alone():
        assert (made_town(1, widths).ones == quick).all()


@built
@pytest.mark.parametrize("numbers", [10, 64, 65])
def test_a_card_of_many_features_is_compared_one_way_or_the_other(numbers):
    """Machine code has room for 64; and MOST_PATTERNS holds no more features of three levels than 39."""
    made = made_town(2, (64, 64))
    model = card([feature(f"f{n}", (0.5,), code=CODES[0]) for n in range(min(numbers, 39))])
    ends = candidates([(0, 1), (2, 3)])
    quick = patterns(made, ends, model)
    with with_numpy_alone():
        assert (patterns(made, ends, model) == quick).all()


# ---- lines

HEAD = header(codes={"birth": 64, "class": 72, "name": 80})


def written(width: int) -> st.SearchStrategy[str | None]:
    return st.none() | st.binary(min_size=width, max_size=width).map(lambda each: base64.b64encode(each).decode())


tokens = st.binary(min_size=8, max_size=8).map(lambda each: base64.urlsafe_b64encode(each).rstrip(b"=").decode())
service = st.fixed_dictionaries(
    {"area": st.just("food"), "month": st.just("2026-01"), "units": st.integers(0, 9)},
    optional={"type": st.sampled_from(["meals", "other", "food"]), "unit": st.sampled_from(["meals", "encounters"])},
)
AGES = ("under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus")
consent = st.fixed_dictionaries(
    {"expires": st.sampled_from(["2027-01-31", "2027-02-31"]), "recipients": st.just(["ymca"])}
)
ORDER = ("row", "codes", "blocks", "age", "household", "services", "consent")
ROWS = st.fixed_dictionaries(
    {
        "row": st.text().map(pseudonym),
        "codes": st.fixed_dictionaries({"birth": written(8), "class": written(9), "name": written(10)}),
        "blocks": st.lists(tokens, max_size=5),
        "household": st.none() | st.text().map(pseudonym),
        "services": st.lists(service, max_size=2),
        "consent": st.none() | consent,
    },
    optional={"age": st.sampled_from([*AGES, "66_plus", None])},
).map(lambda row: {name: row[name] for name in ORDER if name in row})
PLAIN = {
    "row": pseudonym("a"),
    "codes": {"birth": "AAAAAAAAAAA=", "class": None, "name": "AAECAwQFBgcICQ=="},
    "blocks": ["AAECAwQFBgc", "BAECAwQFBgc"],
    "household": pseudonym("b"),
    "services": [],
    "consent": None,
}


def line(row: Any) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def columns(chunks: Iterator[Chunk]) -> Any:
    """What was read, or the words of the refusal."""
    found: list[list[Any]] = [[] for _ in range(7)]
    try:
        for chunk in chunks:
            services = [(len(found[0]) + place, *rest) for place, *rest in chunk.services]
            own = (chunk.rows.to_pylist(), chunk.codes.tolist(), chunk.tokens.tolist(), chunk.token_counts.tolist())
            texts = (chunk.households.to_pylist(), chunk.ages.to_pylist())
            for column, values in zip(found, (*own, *texts, services), strict=True):
                column += values
    except EncodedFileError as error:
        return error.what, error.hint
    return found


def check_are_read_alike(content: bytes, head: Header = HEAD) -> Any:
    quick = columns(read_text(content, head, source="a.codes.jsonl", first_line=7))
    assert quick == columns(read_chunks(io.BytesIO(content), head, source="a.codes.jsonl", first_line=7))
    return quick


@quiet
@given(st.lists(ROWS, max_size=6))
def test_lines_are_read_alike(made):
    check_are_read_alike(b"".join(map(line, made)))


@pytest.mark.parametrize("age", AGES)
def test_every_age_band_is_read_alike(age):
    row = {name: (PLAIN | {"age": age})[name] for name in ORDER}
    assert check_are_read_alike(line(row))[5] == [age]


@quiet
@given(st.integers(0, 600), st.integers(0, 255))
@example(0, 0)
def test_a_damaged_byte_is_read_alike(place, byte):
    """Nearly all are refused, and in the same words."""
    damaged = bytearray(line(PLAIN) * 3)
    damaged[place % len(damaged)] = byte
    check_are_read_alike(bytes(damaged))


@pytest.mark.parametrize("end", range(0, 330, 3))
def test_a_text_cut_short_is_read_alike(end):
    check_are_read_alike(line(PLAIN) + line(PLAIN)[:end])


@pytest.mark.parametrize(
    "change",
    [
        {"codes": {"birth": "AAAAAAAAAAB=", "class": None, "name": None}},  # a spare bit of the last letter is set
        {"codes": {"birth": "AAAAAAAAAA==", "class": None, "name": None}},
        {"codes": {"class": None, "birth": None, "name": None}},
        {"blocks": ["AAECAwQFBgd"]},  # a spare bit of the last letter is set
        {"blocks": ["AAECAwQFBgc"] * MOST_TOKENS},
        {"blocks": ["AAECAwQFBgc"] * (MOST_TOKENS + 1)},
        {"services": [{"area": "food", "month": "2026-01", "units": 3}] * 2_000},
        {"services": [{"area": "food", "month": "2026-01", "units": 3}] * 2_001},
        {"household": "Ada Lovelace 181"},
        {"row": "abcdefghijklmno1"},
        {"name": "Ada"},
        {"age": "25_34"},  # not where it belongs, which is no fault
        {"age": "25"},
        {"age": None},
    ],
)
def test_odd_rows_are_read_alike(change):
    check_are_read_alike(line(PLAIN) + line(PLAIN | change) + line(PLAIN))


def test_a_line_too_long_is_refused_alike():
    spaced = line(PLAIN)[:-2] + b" " * MAX_LINE_BYTES + b"}\n"
    assert "line 8 is longer" in check_are_read_alike(line(PLAIN) + spaced)[0]
    long = line(PLAIN | {"services": [{"area": "behavioral_health", "month": "2026-01", "units": 1}] * 9_000})
    assert "line 8 is longer" in check_are_read_alike(line(PLAIN) + long)[0]


def test_lines_written_in_two_ways_are_read_in_their_order():
    spaced = msgspec.json.format(line(PLAIN), indent=0) + b"\n"
    made = [line(PLAIN | {"row": pseudonym(str(n))}) if n % 3 else spaced for n in range(5_000)]
    assert len(check_are_read_alike(b"".join(made))[0]) == 5_000


@pytest.mark.parametrize("name", ["Ömer", 'a"b', "a\\b", "a\nb"])
def test_codes_of_any_name_are_read_alike(name):
    head = header(codes={name: 64})
    check_are_read_alike(line(PLAIN | {"codes": {name: "AAAAAAAAAAA="}}), head)


def test_codes_of_odd_bits_are_left_to_python():
    head = header(codes={"birth": 65})
    check_are_read_alike(line(PLAIN | {"codes": {"birth": None}}), head)


# ---- the whole


@built
def test_the_demo_towns_people_are_the_same(tmp_path: Path, encoded_anytown: Path, anytown_run: Path):
    with with_numpy_alone():
        link(sorted(encoded_anytown.glob("*.codes.jsonl")), tmp_path / "run")
    for name in ("people.csv", "pairs.parquet", "records.parquet", "services.parquet"):
        assert (tmp_path / "run" / name).read_bytes() == (anytown_run / name).read_bytes()


# ---- arrays that do not fit

Change = Callable[[list[Any]], None]


def pair_arrays() -> list[Any]:
    """Of two records with two codes each, three pairs and two features."""
    numbers = np.zeros
    return [
        numbers((2, 3), np.uint64),
        np.array([64, 72], np.int32),
        numbers((2, 2), np.uint16),
        numbers(2, np.int16),
        numbers(2, np.int32),
        *(numbers(3, kind) for kind in (np.int32, np.int32, np.float32, np.int16, np.int16)),
        np.array([0, 5], np.int32),
        np.array([1, 0], np.int32),
        np.array([1, 3], np.int32),
        numbers(3),
        np.full(3, -1, np.int64),
    ]


@built
def test_pairs_that_fit_are_compared():
    arrays = pair_arrays()
    NATIVE.pair_patterns(*arrays)
    assert arrays[-1].tolist() == [9, 9, 9]  # nothing to compare; a rarity of 0 reaches the two cuts at 0


@built
@pytest.mark.parametrize("nth", range(15))
@pytest.mark.parametrize("spoil", [lambda array: array.ravel()[:-1], lambda array: np.append(array, array.ravel()[:1])])
def test_pairs_of_a_wrong_size_are_refused(nth, spoil):
    arrays = pair_arrays()
    arrays[nth] = np.ascontiguousarray(spoil(arrays[nth]))
    with pytest.raises(ValueError, match="an array is not as large as the others need it"):
        NATIVE.pair_patterns(*arrays)


@built
@pytest.mark.parametrize(
    ("nth", "value"),
    [(1, 0), (1, -64), (1, 70_000), (5, -1), (5, 2), (6, -1), (6, 2), (10, -1), (10, 9), (11, -1), (11, 2), (12, -1)],
)
def test_places_that_are_in_no_table_are_refused(nth, value):
    arrays = pair_arrays()
    arrays[nth][-1] = value
    with pytest.raises(ValueError, match="or a place is in no table"):
        NATIVE.pair_patterns(*arrays)


@built
def test_ones_are_written_only_where_there_is_room():
    bits = np.array([64], np.int32)
    with pytest.raises(ValueError, match="an array is not as large"):
        NATIVE.count_ones(np.zeros(3, np.uint64), bits, np.zeros(2, np.uint16))
    with pytest.raises(TypeError, match="too many arrays, or too few"):
        NATIVE.count_ones(np.zeros(3, np.uint64), bits)


def line_arrays() -> list[Any]:
    """Room for two rows with a code of 64 bits and one token."""
    shapes = ((2, 16), (2, 16), 2, 2, (2, 1), (2, 2), (2, 1), 2)
    kinds = (np.uint8, np.uint8, np.uint8, np.uint8, np.uint64, np.int64, np.uint64, np.uint8)
    room = [np.zeros(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    lead = np.frombuffer(b'"a":', np.uint8)
    row = line(PLAIN | {"codes": {"a": "AAAAAAAAAAE="}, "blocks": ["AAECAwQFBgc"]})
    return [row * 3, lead, np.array([4], np.int32), np.array([8], np.int32), *room]


@built
def test_no_more_rows_are_read_than_there_is_room_for():
    arrays = line_arrays()
    size = len(arrays[0]) // 3
    assert NATIVE.read_lines(0, 4_096, tuple(arrays)) == (2, 2 * size, 2, 2)
    assert arrays[-2].view(np.uint8).tolist() == [[0] * 7 + [1]] * 2
    assert NATIVE.read_lines(2 * size, 4_096, tuple(arrays)) == (1, size, 1, 1)
    assert NATIVE.read_lines(3 * size, 4_096, tuple(arrays)) == (0, 0, 0, 0)
    assert NATIVE.read_lines(0, size - 1, tuple(arrays)) == (0, 0, 0, 0)


@built
@pytest.mark.parametrize("nth", range(1, 12))
def test_room_of_a_wrong_size_is_refused(nth):
    arrays = line_arrays()
    arrays[nth] = np.ascontiguousarray(arrays[nth].ravel()[:-1])
    with pytest.raises(ValueError, match="an array is not as large as the others need it"):
        NATIVE.read_lines(0, 4_096, tuple(arrays))


@built
@pytest.mark.parametrize(("start", "longest"), [(-1, 9), (10_000, 9), (0, 0), (0, -1)])
def test_a_place_outside_the_text_is_refused(start, longest):
    with pytest.raises(ValueError, match="or a place is in no table"):
        NATIVE.read_lines(start, longest, tuple(line_arrays()))
