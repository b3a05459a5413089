"""The red team's attack works where it must, and does not where it must not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bench.agreement import expected_agreement
from bench.attacks import group_tokens, landmark_attack, tokens_of
from bench.blocking import blocks, kind, kinds_of_key
from bench.town_clients import TownClients, read_town, unlike
from bench.towns import TownSpec
from hashing.profile import load_profile

VICTIMS = 300


@pytest.fixture(scope="module")
def town() -> TownClients:
    return read_town(TownSpec(seed=5002, people=2500, agencies=5))


def test_known_pairs_lead_to_everybody_under_bloom_and_to_hardly_anybody_under_hardened(town):
    victims = unlike(town, households=True)[:VICTIMS]
    bloom, hardened = (
        landmark_attack(victims, load_profile(name), known=60, dice=np.random.default_rng(1))
        for name in ("bloom", "hardened")
    )
    assert bloom.found > 0.95
    assert hardened.found < hardened.chance + 0.05


def test_chance_is_what_missing_codes_alone_tell(town):
    profile = load_profile("hardened")
    found = {client: group_tokens(client) for client in town.clients}
    lacking = {
        client: tuple(tokens_of(code, groups) is None for code in profile.codes) for client, groups in found.items()
    }
    (commonest, _), (second, _) = Counter(lacking.values()).most_common(2)
    alike = [client for client in town.clients if lacking[client] == commonest][:60]
    others = [client for client in town.clients if lacking[client] == second][:60]
    dice = np.random.default_rng(1)
    assert landmark_attack(alike, load_profile("hardened"), known=20, dice=dice).chance == 1 / 40
    assert landmark_attack(alike + others, load_profile("hardened"), known=20, dice=dice).chance == 2 / 100


def test_victims_are_one_a_person_and_without_households_share_no_door_and_no_telephone(town):
    together, apart = (unlike(town, households=households) for households in (True, False))
    assert len(together) == len(set(town.people))
    assert len(apart) < len(together)
    for values in (
        [number for client in apart for number in client.phones],
        [(client.address.building, client.address.unit) for client in apart if client.address.building],
    ):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize(("cosine", "planes", "agreement"), [(1, 5, 1), (0, 5, 0.5), (0.5, 1, 2 / 3), (0.5, 2, 5 / 9)])
def test_expected_agreement_is_the_papers(cosine, planes, agreement):
    assert expected_agreement(np.array([cosine]), planes=planes)[0] == pytest.approx(agreement)


def test_near_unique_keys_find_most_pairs_and_group_few_strangers(town):
    strict, loose = blocks(town, loose=False), blocks(town, loose=True)
    assert strict.completeness > 0.9
    assert strict.completeness < loose.completeness <= 1
    assert strict.crowded < 0.03
    assert strict.crowded < loose.crowded
    kinds = kinds_of_key([strict])
    assert set(kinds) == {kind(key) for key in strict.records}
    assert sum(one.keys for one in kinds.values()) == len(strict.records)
    assert sum(one.several for one in kinds.values()) / len(strict.records) == pytest.approx(strict.crowded)
