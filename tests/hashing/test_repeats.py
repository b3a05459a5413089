"""Clients who stand in a list twice, and doors that no family shares, against a slow and obvious version."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clients import CLIENTS

from hashing.addresses import Address
from hashing.batch import ClientBatch, stacked
from hashing.clients import Client
from hashing.repeats import INSTITUTION_SURNAMES, merged, without_institutions

NUMBERED = st.builds(lambda client, number: replace(client, client_id=number), CLIENTS, st.sampled_from("1234"))
HOMES = st.builds(
    Address,
    st.sampled_from(["", "7", "9"]),
    st.sampled_from(["", "elm", "oak"]),
    st.sampled_from(["", "b"]),
    st.just("98382"),
)
RESIDENTS = st.builds(
    lambda name, home, number: Client(str(number), 2, last=(name,) if name else (), address=home),
    st.sampled_from(["", *"abcdefghijkl"]),
    HOMES,
    st.integers(0, 10**6),
)


def slowly_merged(clients: list[Client]) -> list[Client]:
    """Each client is completed by the later rows that may be the same, at the place of the first of them."""
    kept: list[Client] = []
    for client in clients:
        for place, known in enumerate(kept):
            if known.client_id == client.client_id and known.is_same_entry(client):
                kept[place] = known.completed_by(client)
                break
        else:
            kept.append(client)
    return kept


def slowly_at_home(clients: list[Client], surnames: int) -> tuple[list[Client], int]:
    """Whoever lives at a door of more than so many surnames lives nowhere; the ZIP stays."""

    def door(client: Client) -> tuple[str, str, str] | None:
        home = client.address
        return (home.number, home.street, home.unit) if home.number and home.street else None

    names = {one: {client.last for client in clients if door(client) == one} for one in map(door, clients) if one}
    crowded = {one for one, found in names.items() if len(found) > surnames}
    moved = [
        replace(client, address=Address(zip=client.address.zip)) if door(client) in crowded else client
        for client in clients
    ]
    return moved, len(crowded)


@settings(deadline=None)
@given(clients=st.lists(NUMBERED, max_size=12))
def test_repeated_clients_are_merged_as_one_by_one(clients):
    expected = [replace(client, phones=client.phones[:3]) for client in slowly_merged(clients)]
    assert merged(ClientBatch.of(clients)).clients() == expected


@given(clients=st.lists(NUMBERED, min_size=1, max_size=6, unique_by=lambda client: client.client_id))
def test_a_list_without_repeats_stays_as_it_is(clients):
    batch = ClientBatch.of(clients)
    assert merged(batch) is batch


@settings(deadline=None)
@given(clients=st.lists(RESIDENTS, max_size=30), surnames=st.integers(0, 9))
def test_doors_of_many_surnames_are_left_out_as_one_by_one(clients, surnames):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hashing.repeats.INSTITUTION_SURNAMES", surnames)
        batch, institutions = without_institutions(ClientBatch.of(clients))
    assert (batch.clients(), institutions) == slowly_at_home(clients, surnames)


def lodgers(count: int) -> list[Client]:
    return [Client(str(n), n, last=(f"made{n}",), address=Address("9", "elm", "", "98382")) for n in range(count)]


def test_a_door_is_an_institutions_from_one_surname_more_than_the_most():
    kept, none = without_institutions(ClientBatch.of(lodgers(INSTITUTION_SURNAMES)))
    assert none == 0
    assert all(client.address.building for client in kept.clients())
    left, one = without_institutions(ClientBatch.of(lodgers(INSTITUTION_SURNAMES + 1)))
    assert one == 1
    assert {client.address for client in left.clients()} == {Address(zip="98382")}


@settings(deadline=None)
@given(clients=st.lists(CLIENTS, min_size=1, max_size=8), data=st.data())
def test_a_batch_holds_its_clients_and_any_rows_of_it_theirs(clients, data):
    batch = ClientBatch.of(clients)
    assert batch.clients() == clients
    rows = data.draw(st.lists(st.integers(0, len(clients) - 1), min_size=1, max_size=8))
    assert batch.take(np.array(rows)).clients() == [clients[row] for row in rows]
    assert stacked([batch, batch.take(np.array(rows))]).clients() == clients + [clients[row] for row in rows]
    assert batch.is_matchable.tolist() == [client.is_matchable for client in clients]
