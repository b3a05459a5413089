"""A consent counts only when it says yes, still holds, and names who may learn of the client."""

from datetime import date

import pytest
from client_lists import TODAY, export, table
from hypothesis import given
from hypothesis import strategies as st

from hashing.consents import read_consents
from hashing.schema import Consent

HEADER = "Client ID | Consent | Consent expires | Share with"


def consents(*rows: str):
    return read_consents([table("\n".join((HEADER, *rows)))], today=TODAY)


@pytest.mark.parametrize("yes", ["Yes", "y", "TRUE", "1", "X", "signed", "Sí", "consented"])
def test_a_yes_that_holds_and_names_agencies_counts(yes):
    found, notes = consents(f"1 | {yes} | 2027-07-14 | food_bank; ymca")
    assert found == {"1": Consent(date(2027, 7, 14), ("food_bank", "ymca"))}
    assert notes == []


@pytest.mark.parametrize("answer", ["No", "revoked", "declined", "", "Yes - verbal", "N/A", "pending"])
def test_anything_but_a_yes_is_no_consent(answer):
    assert consents(f"1 | {answer} | 2027-07-14 | food_bank") == ({}, [])


@pytest.mark.parametrize(
    ("row", "note"),
    [
        ("1 | yes | | food_bank", "1 consent has no expiry date and does not count"),
        ("1 | yes | next year | food_bank", "1 consent has an expiry date that is none and does not count"),
        ("1 | yes | 2026-07-14 | food_bank", "1 consent has expired"),
        ("1 | yes | 2027-07-14 |", "1 consent names no agency and does not count"),
        ("1 | yes | 2027-07-14 | all / everyone!", "1 consent names no agency and does not count"),
    ],
)
def test_a_consent_that_lacks_something_is_left_out_and_counted(row, note):
    assert consents(row) == ({}, [note])


def test_a_consent_holds_on_its_last_day():
    assert consents(f"1 | yes | {TODAY} | ymca")[0]["1"].expires == TODAY


@pytest.mark.parametrize("rows", [("yes", "revoked"), ("revoked", "yes"), ("yes", "no", "yes")])
def test_a_consent_beside_a_refusal_does_not_count(rows):
    found, notes = consents(*(f"1 | {answer} | 2027-07-14 | ymca" for answer in rows), "2 | yes | 2027-07-14 | ymca")
    assert list(found) == ["2"]
    assert notes == ["1 consent stands beside a refusal by the same client and does not count"]


def test_expiry_dates_are_read_in_the_order_of_their_column():
    found, _ = consents("1 | yes | 05/08/2026 | ymca", "2 | yes | 31/12/2026 | ymca")
    assert found["1"].expires == date(2026, 8, 5)
    assert "2" in found


@pytest.mark.parametrize(
    ("typed", "agencies"),
    [
        ("food_bank", ("food_bank",)),
        ("YMCA, Food Bank", ("food_bank", "ymca")),
        ("ymca|food_bank;ymca", ("food_bank", "ymca")),
        ("ymca, everyone else!", ("ymca",)),
    ],
)
def test_agencies_are_named_by_their_identifiers(typed, agencies):
    assert consents(f"1 | yes | 2027-07-14 | {typed}".replace("ymca|", "ymca;"))[0]["1"].recipients == agencies


@given(answer=st.text(max_size=8), expires=st.text(max_size=12), names=st.text(max_size=20))
def test_whatever_a_row_holds_a_consent_that_counts_is_whole(answer, expires, names):
    found, _ = consents(" | ".join(("1", answer, expires, names)).replace("\n", " ").replace("\r", " "))
    for consent in found.values():
        assert consent.expires >= TODAY
        assert consent.recipients


def test_consents_reach_their_clients(tmp_path):
    found = export(
        tmp_path,
        c="Client ID|First|Last|DOB\n1|Ana|Made|1990-05-06\n2|Bo|Fict|1991-05-06",
        consents="Client ID|Consent|Expires|Share with\n1|Yes|2027-07-14|ymca\n3|Yes|2027-07-14|ymca",
    )
    assert [client.consent for client in found.clients] == [Consent(date(2027, 7, 14), ("ymca",)), None]
