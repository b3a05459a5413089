"""Who was shown whom: the log names nobody, the openings tell the agency concerned, and erasing them is for good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from api_town import Town, a_file, a_row, a_town, an_area, held_in_database

from api.disclosures import changed_consents
from api.errors import StartError
from api.linking import Linking
from api.settings import Settings
from api.starting import open_parts
from audit.commitment import Fact, Kind
from audit.events import MAX_ENTRY_BYTES, Act, encode_entry
from audit.openings import read_openings
from audit.verify import verify_bundle
from audit.why import Answer, ask_why
from hashing.schema import Consent

MATCHES = "/api/v1/matches?purpose=care-coordination"
OPENINGS = "/api/v1/openings?purpose=client-request"


def consent(*recipients: str, expires: str = "2026-12-31") -> dict[str, Any]:
    return {"expires": expires, "recipients": list(recipients)}


@pytest.fixture
def rows() -> dict[str, dict[str, Any]]:
    """Ada is a client of both the food bank and the detox, who may tell each other; Ben of one alone."""
    return {
        "here": a_row("Ada", services=[an_area("food")], consent=consent("detox")),
        "there": a_row("Ada", services=[an_area("substance_use", "2026-01")], consent=consent("food_bank")),
        "ben": a_row("Ben", consent=consent("detox", "clinic")),
    }


@pytest.fixture
def seen(town: Town, rows: dict[str, dict[str, Any]]) -> Iterator[Town]:
    """The detox has looked at its matches, once."""
    town.upload("food_bank", a_file("food_bank", [rows["here"], rows["ben"]]))
    town.upload("detox", a_file("detox", [rows["there"]]))
    town.link()
    town.clock.advance(hours=1)
    assert len(town.send("detox", "GET", MATCHES).json()["matches"]) == 1
    return town


def asked(town: Town, agency: str, row: str, *, whole_log: bool = True) -> Answer:
    data = town.send(agency, "GET", OPENINGS).content
    return ask_why(data, [row], vkeys=town.parts.journal.vkeys, log=town.log() if whole_log else None)


def test_an_agency_can_tell_who_was_shown_its_client(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    answer = asked(seen, "food_bank", rows["here"]["row"])
    (shown,) = answer.of(Kind.SHOWN_TO)
    assert (shown.fact.other, str(shown.fact.until)) == ("detox", "2026-12-31")
    event = shown.entry.event
    assert (event.actor, event.purpose, event.rule) == ("detox", "care-coordination", "consent on both sides")
    assert (answer.of(Kind.SAW_AT), answer.closed, answer.missing) == ((), 0, ())
    (agreed,) = answer.of(Kind.CONSENT)
    assert agreed.fact.recipients == ("detox",)


def test_the_agency_that_looked_can_tell_what_it_saw(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    (saw,) = asked(seen, "detox", rows["there"]["row"]).of(Kind.SAW_AT)
    assert (saw.fact.other, saw.entry.event.details["shown"]) == ("food_bank", "1 to 10")


def test_a_client_that_nobody_saw_was_shown_to_nobody(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    answer = asked(seen, "food_bank", rows["ben"]["row"])
    assert [told.fact.kind for told in answer.told] == [Kind.CONSENT]
    assert answer.missing == ()


def test_a_look_at_nothing_is_logged_too(seen: Town) -> None:
    assert seen.send("clinic", "GET", MATCHES).json()["matches"] == []
    assert seen.last("matches-released").event.details["shown"] == "none"
    assert read_openings(seen.send("clinic", "GET", OPENINGS).content) == ("clinic", ())


def test_neither_the_log_nor_anothers_file_names_a_row(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    log = b"\n".join(encode_entry(entry) for entry in seen.log()).decode()
    assert not [row for row in rows.values() if row["row"] in log]
    text = seen.send("detox", "GET", OPENINGS).text
    assert rows["there"]["row"] in text
    assert rows["here"]["row"] not in text
    assert rows["ben"]["row"] not in text


def test_the_answer_and_the_page_do_not_name_the_other_agencys_row(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    for text in (seen.send("detox", "GET", MATCHES).text, seen.sign_in("detox").get("/matches").text):
        assert rows["there"]["row"] in text
        assert rows["here"]["row"] not in text


def test_erased_openings_are_gone_from_the_disk_and_the_log_stays_as_it_is(
    seen: Town, rows: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    row = rows["here"]["row"]
    nonces = {opening.nonce for one in read_openings(seen.send("food_bank", "GET", OPENINGS).content)[1]
              for opening in one.openings if opening.fact.row == row}  # fmt: skip
    assert len(nonces) == 2
    assert all(nonce.encode() in held_in_database(seen) for nonce in nonces)
    answer = seen.send("food_bank", "POST", "/api/v1/openings/erasures", json={"rows": [row]})
    assert answer.json()["openings"] == 2
    held = held_in_database(seen)
    assert not [nonce for nonce in nonces if nonce.encode() in held]
    assert row.encode() not in held
    told = asked(seen, "food_bank", row)
    assert (told.told, told.closed, told.missing) == ((), 2, ())
    assert seen.last("openings-erased").event.details == {"openings": "1 to 10"}
    seen.parts.journal.export(tmp_path / "bundle")
    assert verify_bundle(tmp_path / "bundle", vkeys=seen.parts.journal.vkeys).entries == seen.parts.journal.size


def test_erasing_is_for_the_own_rows_alone(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    answer = seen.send("detox", "POST", "/api/v1/openings/erasures", json={"rows": [rows["here"]["row"]]})
    assert answer.json()["openings"] == 0
    assert len(asked(seen, "food_bank", rows["here"]["row"]).of(Kind.SHOWN_TO)) == 1


@pytest.mark.parametrize("rows_sent", [[], ["no row"], ["a" * 16] * 1001])
def test_what_is_no_list_of_rows_erases_nothing(shared_town: Town, rows_sent: list[str]) -> None:
    answer = shared_town.send("detox", "POST", "/api/v1/openings/erasures", json={"rows": rows_sent})
    assert answer.status_code == 422


def test_many_matches_with_one_agency_are_one_small_entry(town: Town) -> None:
    here = [a_row(f"person {n}", consent=consent("detox")) for n in range(60)]
    there = [a_row(f"person {n}", consent=consent("food_bank")) for n in range(60)]
    town.upload("food_bank", a_file("food_bank", here))
    town.upload("detox", a_file("detox", there))
    town.link()
    before = town.parts.journal.size
    assert len(town.send("detox", "GET", MATCHES).json()["matches"]) == 60
    read, released = town.parts.journal.entries(before, 10)
    assert (read.event.act, released.event.details["shown"]) == (Act.MATCHES_READ, "11 to 100")
    assert len(encode_entry(released)) < MAX_ENTRY_BYTES // 50


# Consents.


def test_only_consents_that_changed_are_logged_with_a_new_file(seen: Town, rows: dict[str, dict[str, Any]]) -> None:
    before = seen.parts.journal.size
    withdrawn = {name: value for name, value in rows["here"].items() if name != "consent"}
    seen.upload("food_bank", a_file("food_bank", [withdrawn, rows["ben"]]))
    accepted, changed = seen.parts.journal.entries(before, 10)
    assert (accepted.event.act, changed.event.act) == (Act.UPLOAD_ACCEPTED, Act.CONSENT_CHANGED)
    assert changed.event.details["changes"] == "1 to 10"
    given, taken = asked(seen, "food_bank", rows["here"]["row"]).of(Kind.CONSENT)
    assert (given.fact.recipients, taken.fact.recipients) == (("detox",), ())
    before = seen.parts.journal.size
    seen.upload("food_bank", a_file("food_bank", [withdrawn, rows["ben"], a_row("Cy")]))
    assert [entry.event.act for entry in seen.parts.journal.entries(before, 10)] == [Act.UPLOAD_ACCEPTED]


HELD = msgspec.convert(consent("detox"), Consent)
GIVEN = Fact(kind=Kind.CONSENT, agency="ymca", row="a", recipients=HELD.recipients, until=HELD.expires)
GONE = Fact(kind=Kind.CONSENT, agency="ymca", row="a")


@pytest.mark.parametrize(
    ("known", "held", "facts"),
    [
        ({}, {}, ()),
        ({}, {"a": HELD}, (GIVEN,)),
        ({"a": GIVEN}, {"a": HELD}, ()),
        ({"a": GIVEN}, {}, (GONE,)),
        ({"a": GONE}, {}, ()),
        ({"a": GONE}, {"a": HELD}, (GIVEN,)),
        ({"a": msgspec.structs.replace(GIVEN, recipients=("clinic",))}, {"a": HELD}, (GIVEN,)),
    ],
)
def test_a_consent_is_told_when_it_is_new_or_other_or_gone(known: Any, held: Any, facts: Any) -> None:
    assert tuple(changed_consents("ymca", known, held)) == facts


# Age.


def test_openings_are_erased_when_they_are_too_old(tmp_path: Path, rows: dict[str, dict[str, Any]]) -> None:
    with a_town(tmp_path / "data", keep_openings_days=30) as town:
        town.upload("food_bank", a_file("food_bank", [rows["here"]]))
        town.clock.advance(days=31)
        town.upload("detox", a_file("detox", [rows["there"]]))
        clock, settings = town.clock, town.parts.settings
    for erased in ("1 to 10", None):
        with open_parts(settings, Linking(), clock) as parts:
            last = parts.journal.entries(parts.journal.size - 1, 1)[0].event
            assert last.details.get("openings") == erased
            assert parts.disclosures.openings.count("detox", [rows["there"]["row"]]) == 1
            assert parts.disclosures.openings.count("food_bank", [rows["here"]["row"]]) == 0


def test_openings_are_kept_for_a_day_at_least(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="a day at least"):
        Settings(data=tmp_path, keep_openings_days=0)
