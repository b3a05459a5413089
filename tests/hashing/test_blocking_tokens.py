"""Blocking tokens of many clients at once are those that the documents give for one client's parts."""

from dataclasses import replace

import numpy as np
import pytest
from documented_codes import LOOSE, NEAR_UNIQUE, blocking_tokens
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clients import CLIENTS
from test_blocking_keys import KWAME

from hashing.batch import ClientBatch
from hashing.blocking_keys import FULL, blocking_keys, keys_in_use, part_values
from hashing.blocking_tokens import NO_TOKEN, BlockingTokens
from hashing.clients import Client
from hashing.prf import KeyedFunction

KEY = bytes(range(32))
LOOSE_KEYS = keys_in_use(loose=True)
LISTS = st.lists(CLIENTS, min_size=1, max_size=5)


def maker(*, loose: bool = True, most: int = 96, key: bytes = KEY) -> BlockingTokens:
    return BlockingTokens(keys_in_use(loose=loose), KeyedFunction(key), most=most)


def made(clients: list[Client], tokens: BlockingTokens | None = None) -> list[list[int]]:
    """Each client's tokens, without what fills the rows up."""
    found = (tokens or maker()).of(ClientBatch.of(clients))
    return [[token for token in row if token != NO_TOKEN] for row in found.tolist()]


@settings(deadline=None, max_examples=40)
@given(clients=LISTS, loose=st.booleans(), most=st.sampled_from([1, 5, 20, 64, 96]))
def test_tokens_are_those_of_the_documents(clients, loose, most):
    kinds = NEAR_UNIQUE + LOOSE if loose else NEAR_UNIQUE
    expected = [sorted(blocking_tokens(part_values(client), kinds, KEY, most=most)) for client in clients]
    assert made(clients, maker(loose=loose, most=most)) == expected


@settings(deadline=None, max_examples=40)
@given(clients=LISTS, loose=st.booleans(), most=st.sampled_from([1, 5, 20, 64, 96]))
def test_there_is_one_token_for_each_key_and_they_are_equal_where_the_keys_are(clients, loose, most):
    keys = [blocking_keys(client, loose=loose, most=most) for client in clients]
    tokens = made(clients, maker(loose=loose, most=most))
    assert [len(row) for row in tokens] == [len(row) for row in keys]
    for one, mine in zip(keys, tokens, strict=True):
        for other, theirs in zip(keys, tokens, strict=True):
            assert len(set(mine) & set(theirs)) == len(set(one) & set(other))


@settings(deadline=None, max_examples=30)
@given(batches=st.lists(LISTS, min_size=1, max_size=3))
def test_what_was_keyed_before_changes_no_token(batches):
    remembering = maker()
    assert [made(clients, remembering) for clients in batches] == [made(clients) for clients in batches]


def test_a_vocabulary_that_goes_on_is_keyed_only_for_its_new_values():
    clients = [replace(KWAME, client_id=str(n), first=(name,)) for n, name in enumerate(("ana", "bo", "kwame", "zoe"))]
    batch, remembering = ClientBatch.of(clients), maker()
    halves = [batch.take(np.array(rows)) for rows in ([0, 1], [2, 3, 0])]
    found = [remembering.of(half)[:, :20].tolist() for half in halves]
    whole = maker().of(batch)[:, :20].tolist()
    assert found == [whole[:2], [whole[2], whole[3], whole[0]]]


def test_each_row_is_sorted_without_repeats_and_filled_up_at_its_end():
    for row in maker().of(ClientBatch.of([KWAME, Client("2", 3, ssn="512345678")])).tolist():
        filled = [token for token in row if token != NO_TOKEN]
        assert row == sorted(set(filled)) + [int(NO_TOKEN)] * (len(row) - len(filled))


def test_a_batch_of_clients_without_a_key_has_no_token():
    assert made([Client("1", 2, first=("ana",)), Client("2", 3)]) == [[], []]


@pytest.mark.parametrize(("first", "last"), [("kwame", "made"), ("ana", "ana"), ("li", "lee")])
def test_a_full_name_meets_itself_with_its_names_exchanged(first, last):
    full = BlockingTokens([key for key in LOOSE_KEYS if FULL in key.parts], KeyedFunction(KEY), most=96)
    straight, swapped = replace(KWAME, first=(first,), last=(last,)), replace(KWAME, first=(last,), last=(first,))
    found = [made([one], full)[0] for one in (straight, swapped)]
    assert found[0] == found[1]
    assert len(found[0]) >= 9


def test_names_that_sound_alike_do_not_cancel_each_other():
    """Under XOR a full name of twice the same sound would be as good as none, and all such names would meet."""
    bare = {"ssn": "", "ssn4": "", "phones": (), "middle": ()}
    twice = [replace(KWAME, first=(name,), last=(name,), **bare) for name in ("ana", "bo", "li")]
    full = [set(made([one])[0]) - set(made([replace(one, first=(), last=())])[0]) for one in twice]
    assert all(full)
    assert not full[0] & full[1] | full[0] & full[2] | full[1] & full[2]


@settings(deadline=None, max_examples=30)
@given(clients=LISTS, other=st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_under_another_key_no_token_is_equal(clients, other):
    one, two = made(clients), made(clients, maker(key=other))
    assert not {token for row in one for token in row} & {token for row in two for token in row}
