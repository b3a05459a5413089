"""An export becomes rows of codes under pseudonyms; nothing that was typed is left in them."""

import base64
import dataclasses
import json
import random
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clients import CLIENTS
from test_bloom import oracle

import hashing
from hashing.addresses import Address
from hashing.blocking_keys import blocking_keys
from hashing.canaries import CANARIES
from hashing.client import EncodedExport, Sender, check_can_encode, encode_export
from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.encode import Encoder
from hashing.errors import AgencyRefused, InputFileError
from hashing.export import AgencyExport
from hashing.keys import LinkageSecret
from hashing.profile import load_profile
from hashing.schema import AgencyKind, Consent, HeadcountError, Period, ServiceArea, ServiceMonth
from hashing.tokens import GROUPS

SECRET = LinkageSecret(1, bytes(range(32)))
BLOOM = load_profile("bloom")
SENDER = Sender("food_bank")
KWAME = Client(
    "C-17",
    2,
    first=("kwame",),
    last=("imani", "example"),
    birth=BirthDate(1984, 3, 27),
    ssn="512345678",
    ssn4="5678",
    phones=("3605550101",),
    address=Address("12", "imaginary", "4", "98382"),
    household="H-1",
    services=(ServiceMonth(ServiceArea.FOOD, "2026-05", 2), ServiceMonth(ServiceArea.FOOD, "2026-06", 1)),
    consent=Consent(date(2027, 7, 14), ("ymca",)),
)
ZOE = Client("C-18", 3, first=("zoe",), last=("madeup",), birth=BirthDate(1990, 5, 6), household="H-1")
WEAK = Client("C-19", 4, first=("bo",), last=("fict",))


def encode(*clients: Client, secret=SECRET, profile=BLOOM, sender=SENDER) -> EncodedExport:
    return encode_export(AgencyExport.of(clients), secret=secret, profile=profile, sender=sender)


def row_of(client: Client, **settings: object):
    return encode(client, **settings).rows[0]


@settings(deadline=None, max_examples=50)
@given(client=CLIENTS)
def test_each_code_is_the_bloom_filter_of_its_groups_tokens_under_its_own_key(client):
    (row,) = Encoder(SECRET, BLOOM, "food_bank").encode([client])
    for code in BLOOM.codes:
        tokens = [token for group in code.groups for token in GROUPS[group](client)]
        key = SECRET.derive("code", profile_digest=BLOOM.digest, name=code.name)
        expected = oracle(tokens, key=key, bits=code.bits, hashes=code.hashes)
        is_whole = all(GROUPS[group](client) for group in code.needs)
        assert row.codes[code.name] == (base64.b64encode(expected).decode() if is_whole else None)


@pytest.mark.parametrize("code", BLOOM.codes, ids=lambda code: code.name)
def test_a_code_is_null_where_an_identifier_that_it_needs_is_missing_and_never_shorter(code):
    assert row_of(KWAME).codes[code.name] is not None
    for group in code.needs:
        without = dataclasses.replace(KWAME, **LACKING[group])
        assert row_of(without).codes[code.name] is None


LACKING = {
    "root": {"first": ()},
    "last": {"last": ()},
    "birth": {"birth": None},
    "ssn": {"ssn": "", "ssn4": "5678"},
    "ssn4": {"ssn": "", "ssn4": ""},
    "phone": {"phones": ()},
    "address": {"address": Address(zip="98382")},
    "zip": {"address": Address("12", "imaginary", "4")},
}


def test_the_same_client_has_the_same_codes_and_blocks_at_every_agency():
    rows = [row_of(KWAME, sender=Sender(agency)) for agency in ("food_bank", "ymca")]
    assert rows[0].codes == rows[1].codes
    assert rows[0].blocks == rows[1].blocks


def test_neither_pseudonyms_nor_households_can_be_linked_across_agencies():
    rows = [row_of(KWAME, sender=Sender(agency)) for agency in ("food_bank", "ymca")]
    assert rows[0].row != rows[1].row
    assert rows[0].household != rows[1].household


@pytest.mark.parametrize(
    "other",
    [
        {"secret": LinkageSecret(1, bytes(32))},
        {"secret": LinkageSecret(2, bytes(range(32)))},
        {"profile": msgspec.structs.replace(BLOOM, description="another")},
    ],
)
def test_another_secret_epoch_or_profile_shares_no_code_and_no_block(other):
    one, another = row_of(KWAME), row_of(KWAME, **other)
    assert all(one.codes[name] != another.codes[name] for name in one.codes)
    assert not set(one.blocks) & set(another.blocks)


def test_blocks_are_sorted_so_that_their_order_tells_nothing():
    blocks = row_of(KWAME).blocks
    assert list(blocks) == sorted(blocks)
    assert len(set(blocks)) == len(blocking_keys(KWAME, loose=True))


@settings(deadline=None, max_examples=30)
@given(clients=st.lists(CLIENTS, min_size=1, max_size=6), chance=st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_other_clients_change_a_row(clients, chance):
    numbered = [dataclasses.replace(client, client_id=f"c{n}") for n, client in enumerate(clients)]
    encoder = Encoder(SECRET, BLOOM, "food_bank")
    whole = {row.row: row for row in encoder.encode(numbered)}
    chance.shuffle(numbered)
    assert {row.row: row for row in encoder.encode(numbered)} == whole
    assert all(whole[row.row] == row for client in numbered for row in encoder.encode([client]))


def test_pseudonyms_stay_the_same_from_month_to_month():
    assert row_of(KWAME).row == row_of(dataclasses.replace(KWAME, line=99, first=("other",))).row


def test_pseudonyms_change_with_the_secret_the_epoch_and_the_client_number():
    secrets = (SECRET, LinkageSecret(1, bytes(32)), LinkageSecret(2, bytes(range(32))))
    clients = (KWAME, dataclasses.replace(KWAME, client_id="C-20"))
    assert len({row_of(client, secret=secret).row for secret in secrets for client in clients}) == 6


def test_a_client_number_that_stands_for_two_people_gets_two_pseudonyms():
    twice = encode(KWAME, dataclasses.replace(ZOE, client_id="C-17"))
    assert len({row.row for row in twice.rows}) == 2
    assert twice.client_ids == ("C-17", "C-17")
    assert twice.rows[0].row == row_of(KWAME).row


def test_members_of_a_household_share_its_pseudonym_and_others_have_none():
    rows = encode(KWAME, ZOE, dataclasses.replace(ZOE, client_id="C-20", household="")).rows
    assert rows[0].household == rows[1].household is not None
    assert rows[2].household is None


def test_services_and_consent_go_with_the_row_and_the_period_with_the_header():
    encoded = encode(KWAME, ZOE)
    assert encoded.rows[0].services == KWAME.services
    assert encoded.rows[0].consent == KWAME.consent
    assert encoded.rows[1].consent is None
    assert encoded.header.period == Period("2026-05", "2026-06")
    assert encode(ZOE).header.period is None


def test_clients_too_weak_to_match_are_left_out_and_counted():
    encoded = encode(KWAME, WEAK, ZOE)
    assert encoded.client_ids == ("C-17", "C-18")
    assert (encoded.header.rows, encoded.header.unmatchable) == (2, 1)


def test_a_list_in_which_nobody_can_be_matched_is_refused():
    with pytest.raises(InputFileError, match="no client in the list has enough information to be matched"):
        encode(WEAK)


def test_the_header_says_how_the_file_was_made():
    header = encode(KWAME).header
    assert header.agency == "food_bank"
    assert (header.profile, header.profile_digest) == ("bloom", BLOOM.digest)
    assert header.key_check_value == SECRET.check_value(profile_digest=BLOOM.digest, encoder="bloom/1")
    assert header.codes == {code.name: code.bits for code in BLOOM.codes}


def test_a_victim_service_provider_is_refused():
    sender = Sender("safe_house", AgencyKind.VICTIM_SERVICE_PROVIDER)
    for act in (lambda: check_can_encode(sender), lambda: encode(KWAME, sender=sender)):
        with pytest.raises(AgencyRefused, match="it may not send client records, not even encoded ones") as refusal:
            act()
        assert "totals only" in refusal.value.hint


@pytest.mark.parametrize("agency", ["", "Food Bank", "food.bank", "../etc", "a" * 65, "food_bank\n", "-x", "ñ"])
def test_an_agency_identifier_that_could_not_be_a_file_name_is_refused(agency):
    with pytest.raises(HeadcountError, match="the agency identifier may hold only lower-case letters"):
        check_can_encode(Sender(agency))


def test_nothing_that_was_typed_is_left_in_the_rows():
    sent = msgspec.json.encode([row_of(KWAME), row_of(ZOE)]).decode().lower()
    for typed in ("kwame", "imani", "zoe", "madeup", "1984", "512345678", "5678", "3605550101", "imaginary", "98382"):
        assert typed not in "".join(json.loads(sent)[0]["blocks"]).lower()
        assert f'"{typed}' not in sent
    for number in ("c-17", "c-18", "h-1"):
        assert number not in sent


def test_printing_an_export_shows_no_client():
    encoded = encode(KWAME)
    assert "C-17" not in repr(encoded)
    assert "kwame" not in repr(Encoder(SECRET, BLOOM, "food_bank"))


def test_progress_rises_to_one():
    told: list[float] = []
    export = AgencyExport((KWAME,), (), ())
    encode_export(export, secret=SECRET, profile=BLOOM, sender=SENDER, progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_the_canaries_are_twenty_people_who_cover_what_drifts_first():
    assert len(CANARIES) == 20
    filled = [sum(bool(GROUPS[group](canary)) for canary in CANARIES) for group in GROUPS]
    assert min(filled) >= 2


def test_the_canaries_agree_across_agencies_and_tell_every_other_setting_apart():
    def digest(secret=SECRET, profile=BLOOM, agency="food_bank"):
        return Encoder(secret, profile, agency).canaries()

    assert digest() == digest(agency="ymca")
    others = [
        digest(secret=LinkageSecret(2, bytes(range(32)))),
        digest(secret=LinkageSecret(1, bytes(32))),
        digest(profile=msgspec.structs.replace(BLOOM, loose_blocking=False)),
        digest(profile=msgspec.structs.replace(BLOOM, codes=BLOOM.codes[:-1])),
    ]
    assert len({digest(), *others}) == 5


def test_the_canaries_codes_are_never_under_the_key_of_real_codes(monkeypatch):
    purposes: set[str] = set()
    derive = LinkageSecret.derive

    def noted(self: LinkageSecret, purpose: str, **names: str) -> bytes:
        purposes.add(purpose)
        return derive(self, purpose, **names)

    monkeypatch.setattr(LinkageSecret, "derive", noted)
    Encoder(SECRET, BLOOM, "food_bank").canaries()
    assert purposes == {"canary", "canary-blocks"}


def test_the_crosswalk_leads_back_to_every_client(tmp_path):
    clients = [dataclasses.replace(ZOE, client_id=f"C-{n}", first=(f"z{'abcdefghij'[n]}",)) for n in range(10)]
    random.Random(4).shuffle(clients)
    encoded = encode(*clients)
    written = hashing.write_encoded(tmp_path, encoded.header, encoded.rows, encoded.client_ids)
    lines = written.crosswalk.read_text().splitlines()
    back = dict(line.split(",") for line in lines[1:])
    assert lines[0] == "row,client_id"
    assert {back[row_of(client).row] for client in clients} == {client.client_id for client in clients}
    assert all(back[row_of(client).row] == client.client_id for client in clients)
