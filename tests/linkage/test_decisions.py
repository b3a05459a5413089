"""What people decided holds in every run; who contradicts himself is told where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.csv as pc
import pytest
from made_files import card, code, codes, header, pseudonym, row, token, write_card, write_file

from linkage.decisions import overruled, read_decisions
from linkage.errors import CannotLink, DecisionError
from linkage.people import Links
from linkage.run import Wishes, link

HEAD = "agency_l,row_l,agency_r,row_r,decision\n"
HALF_LIKE_1 = {"birth": codes(1)["birth"], "name": code(2, 40)}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two rows of one person at two agencies, one that could be hers, and one like nobody."""
    return [
        write_file(tmp_path, header("food_bank"), [row("f1", 1), row("f2", 2)]),
        write_file(
            tmp_path,
            header("ymca"),
            [row("y1", 1), row("y9", codes=HALF_LIKE_1, blocks=(token("person 1"), token("person 2")))],
        ),
    ]


def decided(folder: Path, *lines: tuple[str, str, str]) -> Path:
    """A file of decisions about rows of the files above."""
    agency = {"f": "food_bank", "y": "ymca"}
    text = "".join(
        f"{agency[a[0]]},{pseudonym(a)},{agency[b[0]]},{pseudonym(b)},{decision}\n" for a, b, decision in lines
    )
    path = folder / "decisions.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def people(tmp_path: Path, files: Sequence[Path], wishes: Wishes) -> list[set[str]]:
    """The rows of each person with more than one."""
    out = tmp_path / f"run{len(list(tmp_path.glob('run*')))}"
    link(files, out, model=write_card(tmp_path / "card.json", card()), wishes=wishes)
    names = {pseudonym(name): name for name in ("f1", "f2", "y1", "y9")}
    found: dict[str, set[str]] = {}
    for line in pc.read_csv(out / "people.csv").to_pylist():
        found.setdefault(line["person"], set()).add(names[line["row"]])
    return sorted((each for each in found.values() if len(each) > 1), key=sorted)


def test_without_decisions_the_evidence_decides(tmp_path, files):
    assert people(tmp_path, files, Wishes()) == [{"f1", "y1", "y9"}]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("f2", "y1", "same")], [{"f1", "f2", "y1"}]),
        ([("f1", "y1", "different")], [{"f1", "y9"}]),
        ([("y1", "f1", "different"), ("y9", "f1", "different")], [{"y1", "y9"}]),
        ([("f1", "y1", "different"), ("y1", "f1", "same")], [{"f1", "y1", "y9"}]),
        ([("f1", "f2", "same"), ("f2", "y9", "different")], [{"f1", "f2", "y1"}]),
    ],
    ids=[
        "same, though nothing agrees; who is unlike the two together goes",
        "different",
        "both",
        "the last one holds",
        "same here, different there",
    ],
)
def test_decisions_hold_whatever_the_evidence(tmp_path, files, lines, expected):
    assert people(tmp_path, files, Wishes(decisions=decided(tmp_path, *lines))) == expected


def test_whom_a_decision_keeps_apart_nobody_brings_together(tmp_path, files):
    """Both go with y9 as far as evidence goes; one of them stays alone."""
    (found,) = people(tmp_path, files, Wishes(decisions=decided(tmp_path, ("f1", "y1", "different"))))
    assert not {"f1", "y1"} <= found


def test_a_decision_about_rows_that_are_gone_waits_for_them(tmp_path, files):
    path = decided(tmp_path, ("f1", "y1", "different"))
    path.write_text(path.read_text() + f"ymca,{pseudonym('gone')},food_bank,{pseudonym('f1')},same\n")
    assert people(tmp_path, files, Wishes(decisions=path)) == [{"f1", "y9"}]


def test_decisions_that_contradict_each_other_are_refused(tmp_path, files):
    path = decided(tmp_path, ("f1", "f2", "same"), ("f2", "y1", "same"), ("y1", "f1", "different"))
    with pytest.raises(DecisionError, match=r"decisions.csv: line 4 keeps apart what other lines make one person"):
        people(tmp_path, files, Wishes(decisions=path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"agency_l,row_l,agency_r,row_r\n", "it lacks a column"),
        (b"", "it lacks a column"),
        (HEAD.encode() + b"a,b,c,d,maybe\n", "line 2 is no decision about two records"),
        (HEAD.encode() + b"a,b,c,d,same\na,b,a,b,same\n", "line 3 is no decision about two records"),
        (HEAD.encode() + b"a,b,c\n", "line 2 is no decision about two records"),
        (HEAD.encode() + b"a,,c,d,same\n", "line 2 is no decision about two records"),
        (b"\xff\xfe\xff", "the file cannot be read"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path, content, message):
    path = tmp_path / "decisions.csv"
    path.write_bytes(content)
    with pytest.raises(DecisionError, match=f"decisions.csv: {message}"):
        read_decisions(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DecisionError, match=r"decisions.csv: the file cannot be read"):
        read_decisions(tmp_path / "decisions.csv")


def test_a_decision_takes_the_place_of_the_models_word():
    links = Links(np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32), np.array([1.0, 2.0, 3.0]))
    said = Links(np.array([0, 2], np.int32), np.array([2, 3], np.int32), np.array([-1e9, 1e6]))
    found = overruled(links, said, records=4)
    lines = zip(found.left.tolist(), found.right.tolist(), found.weight.tolist(), strict=True)
    assert sorted(lines) == [(0, 1, 1.0), (0, 2, -1e9), (1, 2, 3.0), (2, 3, 1e6)]


def test_a_clean_list_names_nobody_twice(tmp_path, files):
    assert people(tmp_path, files, Wishes(clean=frozenset({"ymca"}))) == [{"f1", "y1"}]


def test_a_clean_agency_without_a_file_is_refused(tmp_path, files):
    with pytest.raises(CannotLink, match="no file comes from clinic"):
        people(tmp_path, files, Wishes(clean=frozenset({"clinic"})))
