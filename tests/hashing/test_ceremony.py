"""Only the agency that was spoken to gets the secret, only from the agency that it spoke to, and only once."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from private_things import NOW, RAW, assert_hides, member, secret

from hashing.ceremony import Applicant, Opening, SecretHolder, new_request, open_sealed, seal
from hashing.errors import AgencyRefused, JoinRefused
from hashing.join_files import (
    JoinRequest,
    Recipient,
    Roster,
    SealedSecret,
    parse_request,
    parse_roster,
    parse_sealed,
    roster_content,
    sign_request,
    sign_sealed,
)
from hashing.join_key import JoinKey, join_key_id, new_join_key, seal_to
from hashing.schema import AgencyKind, HeadcountError

FOUNDER, CLINIC, STRANGER = member(1), member(2), member(3)
HOLDER = SecretHolder(secret(), FOUNDER)
APPLICANT = Applicant("clinic", AgencyKind.HEALTH)
REQUEST, KEY = new_request(APPLICANT, CLINIC, now=NOW)
OPENING = Opening(CLINIC, KEY, FOUNDER.words)


def sealed_by(holder: SecretHolder = HOLDER, request: JoinRequest = REQUEST, **changes) -> SealedSecret:
    roster = Roster.empty(holder.secret.epoch)
    sealed, _ = seal(request, spoken=request.words, holder=holder, roster=roster, now=NOW)
    return msgspec.structs.replace(sealed, **changes)


SEALED = sealed_by()
REQUEST_FILE, SEALED_FILE = sign_request(REQUEST, CLINIC), sign_sealed(SEALED, FOUNDER)


def test_the_secret_arrives():
    request = parse_request(REQUEST_FILE, name="r")
    sealed, roster = seal(request, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)
    opened = open_sealed(parse_sealed(sign_sealed(sealed, FOUNDER), name="s"), OPENING)
    assert opened == secret()
    assert [recipient.agency for recipient in roster.recipients] == ["clinic"]
    assert sealed.roster == roster.recipients


def test_what_is_sent_holds_no_secret():
    for content in (REQUEST_FILE, SEALED_FILE, roster_content(Roster.empty(1))):
        assert_hides(content.decode(), RAW)
        assert_hides(content.decode(), bytes([2]) * 32)


def test_mail_programs_may_end_lines_as_they_like():
    assert parse_request(REQUEST_FILE.rstrip() + b"\r\n", name="r") == REQUEST
    assert parse_sealed(SEALED_FILE.rstrip(), name="s") == SEALED


@pytest.mark.parametrize(
    ("content", "key", "purpose"),
    [(REQUEST_FILE, CLINIC, b"headcount-join-request-1"), (SEALED_FILE, FOUNDER, b"headcount-sealed-secret-1")],
)
def test_a_signature_covers_the_kind_of_file_and_the_body_as_it_is_written(content, key, purpose):
    signature = base64.b64decode(json.loads(content)["signature"])
    body = content.removeprefix(b'{"body":').rpartition(b',"signature":')[0]
    key.private.public_key().verify(signature, purpose + b"\n" + body)


def test_files_that_earlier_versions_wrote_are_read():
    kept = JoinKey(
        MLKEM768PrivateKey.from_seed_bytes(bytes(range(64))), X25519PrivateKey.from_private_bytes(bytes(range(64, 96)))
    )
    folder = Path(__file__).parent
    request = parse_request((folder / "clinic.join.json").read_bytes(), name="r")
    sealed = parse_sealed((folder / "clinic.sealed.json").read_bytes(), name="s")
    assert request.words == "lodug sumom pugor nahop huzog kibar posub hidug"
    assert sealed.recipient == Recipient.of(request)
    assert open_sealed(sealed, Opening(CLINIC, kept, FOUNDER.words)) == secret()


# --- the request


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(REQUEST_FILE) - 2), st.integers(1, 255))
def test_no_altered_byte_of_a_request_is_accepted(place, change):
    altered = bytearray(REQUEST_FILE)
    altered[place] ^= change
    with pytest.raises(JoinRefused, match=r"r: this is not a join request|r: the file was altered"):
        parse_request(bytes(altered), name="r")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(REQUEST_FILE) - 3))
def test_no_cut_request_is_accepted(length):
    with pytest.raises(JoinRefused, match=r"not a join request|altered"):
        parse_request(REQUEST_FILE[:length], name="r")


def test_there_is_one_way_to_write_a_request():
    with pytest.raises(JoinRefused, match="r: the file was altered"):
        parse_request(REQUEST_FILE.replace(b'{"body":{', b'{"body": {'), name="r")
    with pytest.raises(JoinRefused, match="not a join request"):
        parse_request(REQUEST_FILE.replace(b'"kind"', b'"more":1,"kind"'), name="r")
    with pytest.raises(JoinRefused, match="not a join request"):
        parse_request(b" " * 300_000 + REQUEST_FILE, name="r")


def test_a_request_must_be_signed_with_the_key_it_names():
    with pytest.raises(JoinRefused, match="r: the file was altered"):
        parse_request(sign_request(REQUEST, STRANGER), name="r")


def test_a_sealed_secret_is_no_request_and_a_request_no_sealed_secret():
    with pytest.raises(JoinRefused, match="r: this is not a join request"):
        parse_request(SEALED_FILE, name="r")
    with pytest.raises(JoinRefused, match="s: this is not a sealed secret"):
        parse_sealed(REQUEST_FILE, name="s")


def test_words_cover_everything_in_a_request():
    other, _ = new_request(APPLICANT, STRANGER, now=NOW)
    changes = [
        {"agency": "pantry"},
        {"kind": AgencyKind.GOVERNMENT},
        {"member_key": other.member_key},
        {"join_key": other.join_key},
        {"created": NOW + timedelta(seconds=1)},
    ]
    words = {msgspec.structs.replace(REQUEST, **change).words for change in changes}
    assert len(words | {REQUEST.words}) == 6


def test_a_victim_service_provider_neither_asks_for_the_secret_nor_gets_it():
    provider = replace(APPLICANT, kind=AgencyKind.VICTIM_SERVICE_PROVIDER)
    with pytest.raises(AgencyRefused, match="clinic is a victim service provider"):
        new_request(provider, CLINIC, now=NOW)
    with pytest.raises(AgencyRefused, match="clinic is a victim service provider"):
        sealed_by(request=msgspec.structs.replace(REQUEST, kind=AgencyKind.VICTIM_SERVICE_PROVIDER))


def test_an_agency_needs_an_identifier():
    with pytest.raises(HeadcountError, match="agency"):
        new_request(replace(APPLICANT, agency="Free Clinic"), CLINIC, now=NOW)


# --- sealing


def test_a_request_put_in_the_place_of_another_is_not_answered():
    forged, _ = new_request(APPLICANT, STRANGER, now=NOW)
    with pytest.raises(JoinRefused, match="the words are not those of the request of clinic"):
        seal(forged, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (timedelta(days=14), None),
        (timedelta(days=14, seconds=1), "the request of clinic is more than 14 days old"),
        (timedelta(days=-1), None),
        (timedelta(days=-1, seconds=-1), "the request of clinic is dated in the future"),
    ],
)
def test_a_request_is_answered_for_two_weeks(age, sentence):
    asked = {"spoken": REQUEST.words, "holder": HOLDER, "roster": Roster.empty(1)}
    if sentence is None:
        assert seal(REQUEST, **asked, now=NOW + age)[0].recipient.agency == "clinic"
    else:
        with pytest.raises(JoinRefused, match=sentence):
            seal(REQUEST, **asked, now=NOW + age)


def test_a_request_is_answered_once():
    _, roster = seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)
    with pytest.raises(JoinRefused, match="this request of clinic has been answered before"):
        seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=roster, now=NOW)


def test_an_agency_that_lost_its_computer_joins_again_and_both_keys_stay_on_the_roster():
    _, roster = seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)
    again, key = new_request(APPLICANT, STRANGER, now=NOW)
    sealed, longer = seal(again, spoken=again.words, holder=HOLDER, roster=roster, now=NOW)
    assert [recipient.agency for recipient in longer.recipients] == ["clinic", "clinic"]
    assert open_sealed(sealed, Opening(STRANGER, key, FOUNDER.words)) == secret()


def test_a_roster_of_another_epoch_is_refused():
    with pytest.raises(JoinRefused, match="the roster is of epoch 2, the secret of epoch 1"):
        seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(2), now=NOW)


def test_a_roster_is_read_as_it_was_written():
    _, roster = seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)
    assert parse_roster(roster_content(roster), name="roster") == roster
    with pytest.raises(JoinRefused, match="roster: this is not a roster"):
        parse_roster(b"[]", name="roster")
    with pytest.raises(JoinRefused, match="roster: the file was altered"):
        parse_roster(roster_content(roster).replace(b":", b": ", 1), name="roster")


@pytest.mark.parametrize("public", [bytes(1184 + 32), b"\xff" * (1184 + 32)])
def test_a_join_key_that_is_none_is_refused(public):
    with pytest.raises(JoinRefused, match="the join key in the request is not a usable key"):
        seal_to(public, secret().disclose(), info=b"")


# --- opening


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SEALED_FILE) - 2), st.integers(1, 255))
def test_no_altered_byte_of_a_sealed_secret_is_accepted(place, change):
    altered = bytearray(SEALED_FILE)
    altered[place] ^= change
    with pytest.raises(JoinRefused, match=r"s: this is not a sealed secret|s: the file was altered"):
        parse_sealed(bytes(altered), name="s")


def test_a_secret_sealed_by_somebody_else_is_refused():
    impostor = sealed_by(SecretHolder(secret(raw=bytes(32)), STRANGER))
    with pytest.raises(JoinRefused, match="the words are not those of the sender of this secret"):
        open_sealed(impostor, OPENING)


def test_nobody_can_put_their_name_on_a_secret_that_another_sealed():
    stolen = msgspec.structs.replace(SEALED, sender_key=STRANGER.public_bytes)
    parse_sealed(sign_sealed(stolen, STRANGER), name="s")
    with pytest.raises(JoinRefused, match="sealed for another key or epoch than the file says"):
        open_sealed(stolen, replace(OPENING, sender_words=STRANGER.words))


@pytest.mark.parametrize(
    "opening",
    [replace(OPENING, member=STRANGER), replace(OPENING, join_key=new_join_key())],
    ids=["another member", "another request"],
)
def test_nobody_else_opens_it(opening):
    with pytest.raises(JoinRefused, match="this secret was sealed for another request, of clinic"):
        open_sealed(SEALED, opening)


def test_a_recipient_whom_the_roster_does_not_name_is_refused():
    _, roster = seal(REQUEST, spoken=REQUEST.words, holder=HOLDER, roster=Roster.empty(1), now=NOW)
    other = msgspec.structs.replace(roster.recipients[0], agency="pantry")
    with pytest.raises(JoinRefused, match="sealed for another request"):
        open_sealed(sealed_by(roster=(other,)), OPENING)


def test_the_sealing_is_bound_to_the_recipient_and_not_only_to_the_key():
    renamed = msgspec.structs.replace(SEALED.recipient, agency="pantry")
    with pytest.raises(JoinRefused, match="sealed for another key or epoch"):
        open_sealed(sealed_by(recipient=renamed, roster=(renamed,)), OPENING)


def test_what_was_sealed_to_another_key_does_not_open():
    other = seal_to(new_join_key().public_bytes, secret().disclose(), info=b"")
    with pytest.raises(JoinRefused, match="sealed for another key or epoch"):
        open_sealed(sealed_by(sealed=other), OPENING)


def test_even_the_sender_cannot_say_that_it_is_of_another_epoch():
    with pytest.raises(JoinRefused, match="sealed for another key or epoch"):
        open_sealed(sealed_by(epoch=2), OPENING)


def test_the_secret_of_an_old_epoch_is_refused_where_the_epoch_is_known():
    assert open_sealed(SEALED, OPENING, epoch=1) == secret()
    with pytest.raises(JoinRefused, match="this is the secret of epoch 1, not of epoch 2"):
        open_sealed(SEALED, OPENING, epoch=2)


def test_each_request_has_a_key_of_its_own():
    _, again = new_request(APPLICANT, CLINIC, now=NOW)
    assert again.keyid != KEY.keyid
    assert join_key_id(REQUEST.join_key) == KEY.keyid
