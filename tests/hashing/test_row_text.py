"""The text of rows is what msgspec writes, byte for byte, and reads back."""

import base64
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashing import accelerator
from hashing.blocking_tokens import NO_TOKEN, RowTokens
from hashing.coded import Coded
from hashing.encode import _ranked
from hashing.row_text import CodeValues, Writer, as_strings, pseudonym_texts, row_tails
from hashing.schema import AgeBand, Consent, EncodedRow, ServiceArea, ServiceMonth, ServiceType, ServiceUnit

ROWS = st.integers(1, 7)
SERVICES = st.lists(
    st.builds(
        ServiceMonth,
        st.sampled_from(ServiceArea),
        st.sampled_from(["2026-05", "1999-12"]),
        st.integers(1, 99),
        st.sampled_from(ServiceType),
        st.sampled_from(ServiceUnit),
    ),
    max_size=3,
).map(tuple)
CONSENTS = st.none() | st.builds(
    Consent, st.dates(date(2000, 1, 1)), st.lists(st.sampled_from(["ymca", "food_bank"]), min_size=1).map(tuple)
)
AGES = st.sampled_from([None, *AgeBand])
HOUSEHOLDS = st.sampled_from(["", "aaaqeayeaudaocaj", "abcdefghijklmno2"])


def several(values: st.SearchStrategy, rows: int) -> st.SearchStrategy:
    return st.lists(values, min_size=rows, max_size=rows)


def drawn(data: st.DataObject, rows: int, size: int) -> np.ndarray:
    content = data.draw(st.binary(min_size=rows * size, max_size=rows * size))
    return np.frombuffer(content, dtype=np.uint8).reshape(rows, size)


def base64_of(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()


@settings(deadline=None)
@given(
    data=st.data(), rows=ROWS, most=st.integers(0, 4), names=st.lists(st.sampled_from("abc"), unique=True, min_size=1)
)
def test_each_line_is_what_msgspec_writes(data, rows, most, names):
    ten = drawn(data, rows, 10)
    pseudonyms = pseudonym_texts(ten)
    bits = {name: data.draw(st.sampled_from([64, 256, 512, 1024])) for name in names}
    codes = {
        name: CodeValues(drawn(data, rows, bits[name] // 8), np.array(data.draw(several(st.booleans(), rows))))
        for name in names
    }
    numbers = data.draw(several(st.sets(st.integers(0, 2**64 - 2), max_size=most), rows))
    tokens = np.full((rows, most), NO_TOKEN, dtype=np.uint64)
    for row, found in zip(tokens, numbers, strict=True):
        row[: len(found)] = sorted(found)
    ages, households, services, consents = (
        data.draw(several(one, rows)) for one in (AGES, HOUSEHOLDS, SERVICES, CONSENTS)
    )
    tails = row_tails(*(Coded.of(column) for column in (ages, households, services, consents)))
    expected = [
        EncodedRow(
            row=as_strings(pseudonyms)[n],
            codes={name: base64_of(code.values[n]) if code.present[n] else None for name, code in codes.items()},
            blocks=tuple(
                base64.urlsafe_b64encode(token.to_bytes(8, "big")).rstrip(b"=").decode() for token in sorted(numbers[n])
            ),
            age=ages[n] or msgspec.UNSET,
            household=households[n] or None,
            services=services[n],
            consent=consents[n],
        )
        for n in range(rows)
    ]
    content = bytes(Writer().row_texts(ten, codes, RowTokens.of(tokens), tails))
    assert content.splitlines(keepends=True) == [msgspec.json.encode(row) + b"\n" for row in expected]
    assert [msgspec.json.decode(line, type=EncodedRow) for line in content.splitlines()] == expected


@given(content=st.binary(min_size=10, max_size=10))
def test_a_pseudonym_is_base32_in_lower_case(content):
    (text,) = as_strings(pseudonym_texts(np.frombuffer(content, dtype=np.uint8)[None]))
    assert text == base64.b32encode(content).decode().lower()


def test_rows_of_which_none_has_a_token_are_written():
    code = CodeValues(np.zeros((2, 8), dtype=np.uint8), np.array([True, False]))
    nothing = RowTokens.of(np.full((2, 3), NO_TOKEN, dtype=np.uint64))
    content = bytes(Writer().row_texts(np.zeros((2, 10), np.uint8), {"a": code}, nothing, [b"]}\n"] * 2))
    assert [line.partition(b'"codes"')[2] for line in content.splitlines()] == [
        b':{"a":"AAAAAAAAAAA="},"blocks":[]}',
        b':{"a":null},"blocks":[]}',
    ]


@pytest.mark.parametrize("native", [True, False])
@settings(deadline=None, max_examples=60)
@given(drawn=st.lists(st.binary(min_size=10, max_size=10), min_size=1, max_size=20, unique=True))
def test_ranks_order_pseudonyms_as_their_letters_do(drawn, native):
    ten = np.frombuffer(b"".join(drawn), dtype=np.uint8).reshape(len(drawn), 10)
    with pytest.MonkeyPatch.context() as patch:
        if not native:
            patch.setattr(accelerator, "native", None)
        texts, ranks = as_strings(pseudonym_texts(ten)), _ranked(ten).tolist()
    assert texts == [base64.b32encode(one).decode().lower() for one in drawn]
    assert [text for _, text in sorted(zip(ranks, [text[:12] for text in texts], strict=True))] == sorted(
        text[:12] for text in texts
    )
