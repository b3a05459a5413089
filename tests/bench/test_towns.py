"""A town is reproducible, as large as asked for, and as complete, wrong and overlapping as real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import mean

import pytest

from bench.families import plain
from bench.figures import Rates, overlaps, rates, summary
from bench.heritage import NAME_MIXES
from bench.schema import Town, TownSpec, TownSpecError
from bench.towns import main, make_town

ROOT = Path(__file__).parents[2]
USUAL = tuple(TownSpec(seed) for seed in (201, 202, 203))


@cache
def town(spec: TownSpec) -> Town:
    return make_town(spec)


@cache
def usual_rates() -> list[Rates]:
    return [rates(town(spec)) for spec in USUAL]


def test_the_same_spec_gives_the_same_town():
    spec = TownSpec(31, people=400, name_mix="mixed")
    assert make_town(spec) == make_town(spec)


def test_a_town_does_not_depend_on_the_order_of_sets_in_memory(tmp_path):
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "bench.towns", "--seed", "5", "--people", "200", "--out", tmp_path / hash_seed]
        subprocess.run(
            command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, check=True, stdout=subprocess.DEVNULL
        )
    files = sorted(p.relative_to(tmp_path / "1") for p in (tmp_path / "1").rglob("*.csv"))
    assert len(files) == 10  # eight agencies, who is who, and what was written
    assert all((tmp_path / "1" / f).read_bytes() == (tmp_path / "2" / f).read_bytes() for f in files)


def test_towns_of_different_seeds_share_no_identity():
    one, other = (town(spec).people for spec in USUAL[:2])
    assert not {p.person_id for p in one} & {p.person_id for p in other}
    assert not {p.household_id for p in one} & {p.household_id for p in other}
    assert not {p.ssn for p in one} & {p.ssn for p in other} - {""}
    same = {(p.name.first, p.name.last, p.born) for p in one} & {(p.name.first, p.name.last, p.born) for p in other}
    assert not same


def test_no_two_towns_have_the_same_agencies():
    first, second = (town(spec).agencies for spec in USUAL[:2])
    assert {a.name for a in first} != {a.name for a in second}
    assert not set(first) & set(second)
    assert [sum(a.style.one_cell_name for a in agencies) for agencies in (first, second)] == [1, 1]


@pytest.mark.parametrize(("people", "agencies"), [(50, 1), (150, 3), (1000, 8), (700, 24), (12_000, 8)])
def test_a_town_has_the_people_and_agencies_asked_for(people, agencies):
    made = make_town(TownSpec(77, people=people, agencies=agencies))
    assert len(made.people) == len({p.person_id for p in made.people}) == people
    assert len(made.agencies) == len({a.name for a in made.agencies}) == agencies
    assert {r.person_id for r in made.records} == {p.person_id for p in made.people}
    assert min(Counter(r.agency for r in made.records)[a.name] for a in made.agencies) >= 3
    numbers = Counter((r.agency, r.client_id) for r in made.records)
    assert max(numbers.values()) == 1


@pytest.mark.parametrize(
    ("kind", "field", "low", "high"),
    [
        ("missing", "first", 0, 0.01),
        ("missing", "middle", 0.5, 0.8),
        ("missing", "last", 0, 0.005),
        ("missing", "dob", 0.025, 0.13),
        ("missing", "ssn", 0.4, 0.82),
        ("missing", "address", 0.07, 0.28),
        ("missing", "phone", 0.18, 0.5),
        ("differs", "first", 0.05, 0.17),
        ("differs", "last", 0.06, 0.15),
        ("differs", "dob", 0.015, 0.06),
        ("differs", "ssn", 0.004, 0.03),
        ("differs", "zip", 0.04, 0.17),
        ("differs", "phone", 0.05, 0.16),
    ],
)
def test_usual_noise_is_that_of_real_lists(kind, field, low, high):
    found = [getattr(rates_of_one, kind)[field] for rates_of_one in usual_rates()]
    assert low <= mean(found) <= high
    assert len(set(found)) == len(found) or max(found) < 0.005


def test_usual_overlaps_are_those_of_real_agencies():
    for spec in USUAL:
        found = overlaps(town(spec))
        assert 1.45 < len(town(spec).records) / spec.people < 2.05
        assert 0.5 < found.people_by_agencies[1] / spec.people < 0.75
        assert max(found.people_by_agencies) >= 5
        assert 3000 < found.pairs_across < 9000
        assert 80 < found.pairs_within < 600
        assert max(found.shared.values()) > 5 * min(found.shared.values())


def test_three_in_four_records_have_name_and_birth_date_exactly():
    assert 0.64 < mean(found.exact for found in usual_rates()) < 0.84


def test_agencies_of_a_town_differ_in_care():
    found = [rates(town(spec), a.name) for spec in USUAL for a in town(spec).agencies]
    assert min(r.exact for r in found) < 0.7
    assert max(r.exact for r in found) > 0.85
    assert min(r.missing["ssn"] for r in found) < 0.4
    assert max(r.missing["ssn"] for r in found) == 1
    assert any(r.ssn_last4 > 0.1 for r in found)


def test_without_noise_whatever_is_written_is_true():
    found = rates(make_town(TownSpec(3, people=600, noise=0)))
    assert {name: share for name, share in found.differs.items() if name != "zip"} == {
        "first": 0, "last": 0, "dob": 0, "ssn": 0, "phone": 0,
    }  # fmt: skip


def test_more_noise_makes_more_errors():
    quiet, usual, loud = (rates(make_town(TownSpec(9, people=1500, noise=n))) for n in (0.3, 1, 2))
    for field in ("first", "last", "dob", "phone"):
        assert quiet.differs[field] < usual.differs[field] < loud.differs[field]


def test_overlap_scales_how_many_agencies_people_use():
    spread = [overlaps(make_town(TownSpec(9, people=1500, overlap=o))).people_by_agencies for o in (0, 0.5, 1, 2)]
    assert spread[0] == {1: 1500}
    assert spread[0][1] > spread[1][1] > spread[2][1] > spread[3][1]


@pytest.mark.parametrize("name_mix", NAME_MIXES)
def test_each_name_mix_has_names_of_its_own(name_mix):
    people = make_town(TownSpec(4, people=1500, name_mix=name_mix)).people
    shares = {h: n / len(people) for h, n in Counter(p.heritage for p in people).items()}
    wanted = {h: share / sum(NAME_MIXES[name_mix].values()) for h, share in NAME_MIXES[name_mix].items()}
    assert set(shares) <= set(wanted)
    assert sum(abs(shares.get(h, 0) - share) for h, share in wanted.items()) < 0.5


@pytest.mark.parametrize(
    ("name_mix", "is_telling"),
    [
        ("hispanic", lambda last: plain(last).endswith(("ez", "ia", "os"))),
        ("asian", lambda last: last in {"Nguyen", "Tran", "Pham", "Kim", "Park", "Wang", "Chen", "Li", "Le"}),
        ("slavic", lambda last: last.endswith(("ov", "ova", "ev", "eva", "enko", "ski", "chuk"))),
    ],
)
def test_surnames_tell_the_name_mixes_apart(name_mix, is_telling):
    share = {
        mix: sum(is_telling(p.name.last) for p in make_town(TownSpec(4, people=600, name_mix=mix)).people) / 600
        for mix in (name_mix, "us", "mixed")
    }
    assert share[name_mix] > 2.5 * share["us"]
    assert share[name_mix] > 1.5 * share["mixed"]


def test_mixes_bring_two_surnames_and_feminine_endings():
    hispanic = make_town(TownSpec(4, people=800, name_mix="hispanic")).people
    slavic = make_town(TownSpec(4, people=800, name_mix="slavic")).people
    assert sum(" " in p.name.last or "-" in p.name.last for p in hispanic) > 0.2 * len(hispanic)
    assert sum(p.name.last.endswith(("ova", "eva")) for p in slavic if p.sex == "F") > 20
    assert not any(p.name.last.endswith(("ova", "eva")) for p in slavic if p.sex == "M")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"people": 49}, "49 people"),
        ({"people": 60_001}, "60001 people"),
        ({"agencies": 0}, "0 agencies"),
        ({"agencies": 25}, "25 agencies"),
        ({"name_mix": "martian"}, "no name mix 'martian'"),
        ({"noise": -0.1}, "negative"),
        ({"overlap": float("nan")}, "negative"),
    ],
)
def test_a_town_that_cannot_be_made_is_refused(wrong, message):
    with pytest.raises(TownSpecError, match=message):
        TownSpec(**{"seed": 1, **wrong})


def test_a_negative_seed_is_refused():
    with pytest.raises(TownSpecError, match="seed is negative"):
        TownSpec(-1)


def test_the_command_writes_a_town_and_says_what_it_is_like(tmp_path, capsys):
    assert main(["--seed", "7", "--people", "150", "--agencies", "3", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == summary(make_town(TownSpec(7, people=150, agencies=3)))
    assert len(list(tmp_path.glob("*/clients.csv"))) == 3


def test_the_command_explains_what_it_cannot_make(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--seed", "7", "--people", "5", "--out", str(tmp_path)])
    assert "5 people. Ask for 50 to 60000 people." in capsys.readouterr().err
