"""CLKs are those of clkhash 0.18.3, bit for bit, and what it refuses is refused."""

import json
from base64 import b64encode

import pytest

from hashing.clk import encode_clks
from hashing.clk_keys import ClkSecret
from hashing.errors import InputFileError
from tests.hashing.clkhash_schemas import DATA, parsed

ANSWERS = json.loads((DATA / "known_answers.json").read_text(encoding="utf-8"))
CORPUS = json.loads((DATA / "corpus.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", ANSWERS["cases"], ids=range(len(ANSWERS["cases"])))
def test_every_row_of_the_known_answers_has_its_clk(case):
    secret = ClkSecret(ANSWERS["secret"].encode())
    clks = encode_clks(ANSWERS["rows"], schema=parsed(case["schema"]), secret=secret)
    assert [b64encode(clk).decode() for clk in clks] == case["clks"]


@pytest.mark.parametrize("case", CORPUS, ids=range(len(CORPUS)))
def test_every_row_of_the_corpus_that_clkhash_accepts_has_its_clk(case):
    accepted = [(row, clk) for row, clk in zip(case["rows"], case["clks"], strict=True) if clk]
    secret = ClkSecret(case["secret"].encode())
    clks = encode_clks([row for row, _ in accepted], schema=parsed(case["schema"]), secret=secret)
    assert [b64encode(clk).decode() for clk in clks] == [clk for _, clk in accepted]


REFUSED = [
    (n, row) for n, case in enumerate(CORPUS) for row, clk in zip(case["rows"], case["clks"], strict=True) if not clk
]


@pytest.mark.parametrize(("number", "row"), REFUSED)
def test_every_row_that_clkhash_refuses_is_refused_without_telling_the_value(number, row):
    case = CORPUS[number]
    with pytest.raises(InputFileError, match=r"^the list: row 2, column 'f\d': the value (is|has|does)") as refusal:
        list(encode_clks([row], schema=parsed(case["schema"]), secret=ClkSecret(case["secret"].encode())))
    assert refusal.value.__cause__.__cause__ is None, "Python's own message would quote the value"


def test_the_corpus_is_as_large_and_varied_as_it_claims():
    settings = {json.dumps(case["schema"]["clkConfig"]) for case in CORPUS}
    assert len(CORPUS) == 30
    assert len(settings) == 30
    assert all(len(case["rows"]) == len(case["clks"]) == 50 for case in CORPUS)
    assert len(REFUSED) > 40
    text = json.dumps(CORPUS)
    kinds = ("ngram", "exact", "numeric", "string", "integer", "date", "enum", "blakeHash", "doubleHash", "SHA512")
    assert not [kind for kind in kinds if f'"{kind}"' not in text]
