"""However a list is cut and handed out, and whatever is forgotten on the way, the same bytes are written, or none."""

from __future__ import annotations

import os
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_clients import CLIENTS
from test_encode import KWAME, SECRET, SENDER, ZOE

from hashing import accelerator, codes, hand_out, thread_team
from hashing.batch import ClientBatch
from hashing.canaries import CANARIES
from hashing.client import Sender, encode_export, encode_to_folder
from hashing.clients import Client
from hashing.coded import Coded, Vocabulary
from hashing.dates import BirthDate
from hashing.errors import OutputError
from hashing.export import AgencyExport
from hashing.files import write_encoded
from hashing.keys import LinkageSecret
from hashing.profile import BUILT_IN, load_profile
from hashing.schema import EncodedRow, ServiceArea, ServiceMonth, read_encoded
from hashing.turns import AnotherFailed, first_done

NAMES = ("ana", "bo", "carla", "dinh", "eva", "faye", "gus", "hana")
MANY = [
    replace(
        person,
        client_id=f"{turn}-{person.client_id}",
        first=(NAMES[(turn + place) % 8],),
        birth=BirthDate(1950 + turn, 3, 1 + place % 28),
        household=f"H-{place % 5}" if turn % 2 else "",
        services=(ServiceMonth(ServiceArea.FOOD, f"2026-0{1 + place % 6}", 1 + turn),) if place % 3 else (),
    )
    for turn in range(3)
    for place, person in enumerate(CANARIES)
]
every_profile = pytest.mark.parametrize("profile", BUILT_IN)


def written(folder: Path, export: AgencyExport, profile: str = "bloom", *, processes: int = 1) -> tuple[bytes, bytes]:
    """The bytes of the encoded file and of the crosswalk; nothing else is in the folder."""
    files = encode_to_folder(
        folder, export, secret=SECRET, profile=load_profile(profile), sender=SENDER, processes=processes
    ).written
    assert sorted(path.name for path in folder.iterdir()) == [files.encoded.name, files.crosswalk.name]
    return files.encoded.read_bytes(), files.crosswalk.read_bytes()


@every_profile
def test_what_is_written_piece_by_piece_is_what_is_encoded_in_memory(tmp_path, profile, monkeypatch):
    monkeypatch.setattr(hand_out, "SLICE", 7)
    made = encode_export(AgencyExport.of(MANY), secret=SECRET, profile=load_profile(profile), sender=SENDER)
    files = write_encoded(tmp_path / "memory", made.header, made.rows, made.client_ids)
    expected = files.encoded.read_bytes(), files.crosswalk.read_bytes()
    assert written(tmp_path / "pieces", AgencyExport.of(MANY), profile) == expected


@every_profile
@pytest.mark.parametrize(("size", "most"), [(1, 0), (2, 3), (9, 1), (1_000, 5), (16, 100_000)])
def test_neither_the_size_of_a_slice_nor_forgetting_changes_a_byte(tmp_path, profile, size, most, monkeypatch):
    whole = written(tmp_path / "whole", AgencyExport.of(MANY), profile)
    monkeypatch.setattr(hand_out, "SLICE", size)
    monkeypatch.setattr(codes, "MOST_VALUES", most)
    assert written(tmp_path / "slices", AgencyExport.of(MANY), profile) == whole


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clients=st.lists(CLIENTS, min_size=1, max_size=9), size=st.integers(1, 4), most=st.integers(0, 6))
def test_slices_and_forgetting_change_no_byte_of_any_list(tmp_path_factory, clients, size, most):
    numbered = [replace(client, client_id=str(n)) for n, client in enumerate([*clients, KWAME])]
    whole = written(tmp_path_factory.mktemp("whole"), AgencyExport.of(numbered), "hardened")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hand_out, "SLICE", size)
        patch.setattr(codes, "MOST_VALUES", most)
        assert written(tmp_path_factory.mktemp("slices"), AgencyExport.of(numbered), "hardened") == whole


@pytest.fixture
def two_processes(monkeypatch):
    """Even short lists go to processes of their own, in slices of four."""
    monkeypatch.setattr(accelerator, "native", None)
    monkeypatch.setattr(hand_out, "WORTH_IT", 1)
    monkeypatch.setattr(hand_out, "SLICE", 4)


@pytest.fixture(params=["threads", "processes"])
def two_at_work(request, monkeypatch):
    """Even short lists go to threads, or to processes of their own, in slices of four."""
    if request.param == "processes":
        request.getfixturevalue("two_processes")
        return
    if accelerator.native is None:
        pytest.skip("there is no machine code here")
    monkeypatch.setattr(hand_out, "WORTH_IT", 1)
    monkeypatch.setattr(hand_out, "SLICE", 4)


@every_profile
def test_two_processes_write_what_one_writes(tmp_path, profile, two_at_work):
    one = written(tmp_path / "one", AgencyExport.of(MANY), profile)
    assert written(tmp_path / "two", AgencyExport.of(MANY), profile, processes=2) == one


@every_profile
@pytest.mark.parametrize("at_once", [1, 3, 7, 50])
def test_how_many_rows_are_learned_at_once_changes_no_byte(tmp_path, profile, at_once, two_at_work, monkeypatch):
    one = written(tmp_path / "one", AgencyExport.of(MANY), profile)
    monkeypatch.setattr(thread_team, "LEARNED_AT_ONCE", at_once)
    monkeypatch.setattr(codes, "MOST_VALUES", 5)
    assert written(tmp_path / "two", AgencyExport.of(MANY), profile, processes=2) == one


def test_rows_stand_in_the_order_of_their_pseudonyms_and_the_crosswalk_beside_them(tmp_path, two_at_work):
    encoded, crosswalk = written(tmp_path, AgencyExport.of(MANY), processes=2)
    rows = [row.row for row in read_encoded(tmp_path / "food_bank.codes.jsonl").rows]
    assert rows == sorted(rows)
    assert [line.split(",")[0] for line in crosswalk.decode().splitlines()[1:]] == rows
    assert len(encoded.splitlines()) == len(rows) + 1


@pytest.mark.parametrize("place", [0, 20, 55])
def test_an_error_in_a_process_comes_out_and_no_file_is_left(tmp_path, place, two_at_work):
    clients = [*MANY[:place], replace(MANY[place], first=("\ud800",)), *MANY[place + 1 :]]  # no text that can be keyed
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        written(tmp_path / "out", AgencyExport.of(clients), processes=2)
    assert list((tmp_path / "out").iterdir()) == []


class Deadly(str):
    """Ends the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (3,)


def test_a_process_that_dies_is_told_and_no_file_is_left(tmp_path, two_processes):
    batch = ClientBatch.of(MANY)
    batch = replace(batch, suffix=Coded(Vocabulary(["", Deadly("x")]), np.zeros(len(MANY), dtype=np.int32)))
    with pytest.raises(BrokenProcessPool, match="terminated abruptly"):
        written(tmp_path / "out", AgencyExport(batch), processes=2)
    assert list((tmp_path / "out").iterdir()) == []


def failed(error: Exception) -> Future[bytes]:
    future: Future[bytes] = Future()
    future.set_exception(error)
    return future


def test_of_slices_that_failed_the_one_that_knows_why_is_heard():
    waiting = [failed(AnotherFailed()), failed(AnotherFailed()), failed(ValueError("why"))]
    with pytest.raises(ValueError, match="why"):
        first_done(waiting)


def test_files_that_are_there_are_replaced_only_on_request(tmp_path):
    terms = {"secret": SECRET, "profile": load_profile("bloom"), "sender": SENDER}
    encode_to_folder(tmp_path, AgencyExport.of([KWAME]), **terms)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OutputError, match=r"codes\.jsonl and food_bank\.crosswalk\.csv are there already") as refusal:
        encode_to_folder(tmp_path, AgencyExport.of([ZOE]), **terms)
    assert "replace=True" in refusal.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    encode_to_folder(tmp_path, AgencyExport.of([ZOE]), **terms, replace=True)
    assert {path.name for path in tmp_path.iterdir()} == before.keys()
    assert (tmp_path / "food_bank.crosswalk.csv").read_bytes() != before["food_bank.crosswalk.csv"]


@pytest.mark.parametrize("kept", ["food_bank.codes.jsonl", "food_bank.crosswalk.csv"])
def test_one_of_the_two_files_is_enough_to_refuse(tmp_path, kept):
    (tmp_path / kept).write_text("earlier")
    with pytest.raises(OutputError, match=f"{kept} is there already"):
        written(tmp_path, AgencyExport.of([KWAME]))
    assert (tmp_path / kept).read_text() == "earlier"


def test_another_agencys_files_are_in_nobodys_way(tmp_path):
    terms = {"secret": SECRET, "profile": load_profile("bloom")}
    for agency in ("food_bank", "ymca"):
        encode_to_folder(tmp_path, AgencyExport.of([KWAME]), sender=Sender(agency), **terms)
    assert len(list(tmp_path.iterdir())) == 4


def rows_of(secret: LinkageSecret, profile: str, clients: list[Client]) -> tuple[EncodedRow, ...]:
    terms = {"secret": secret, "profile": load_profile(profile), "sender": SENDER}
    return encode_export(AgencyExport.of(clients), **terms).rows


@settings(deadline=None, max_examples=15)
@given(clients=st.lists(CLIENTS, max_size=4), raw=st.binary(min_size=32, max_size=32), epoch=st.integers(2, 999_999))
def test_another_secret_epoch_or_profile_never_gives_an_equal_code_token_or_check_value(clients, raw, epoch):
    people = [replace(client, client_id=str(n)) for n, client in enumerate([*clients, KWAME])]
    secrets = [SECRET, LinkageSecret(epoch, bytes(range(32)))]
    secrets += [LinkageSecret(1, raw)] if raw != bytes(range(32)) else []
    made = [rows_of(secret, profile, people) for secret in secrets for profile in BUILT_IN]
    for kind in (lambda row: set(filter(None, row.codes.values())), lambda row: set(row.blocks)):
        values = [set().union(*map(kind, rows)) for rows in made]
        assert all(values)
        assert sum(map(len, values)) == len(set().union(*values))
