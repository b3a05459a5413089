"""Two persons: what one proposes another approves, word for word, and nobody both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_town import (
    EPOCH,
    SAME_ORIGIN,
    Town,
    a_file,
    a_town,
    copy_town,
    keyid,
    new_key,
    people,
    public_line,
    wait_until,
)

from api.errors import StartError
from api.proposals import NEXT, PENDING, ProposalState
from api.settings import Settings
from api.storage.proposals import Proposals

YMCA = {"name": "YMCA", "role": "agency", "kind": "nonprofit", "public_key": public_line(new_key("ymca"))}
QUESTION = {"period": "2026-02", "purpose": "council-report"}


@pytest.fixture
def pair(founded: Path, tmp_path: Path) -> Iterator[Town]:
    """A town that one person founded and two lead."""
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data", approvals="two") as town:
        yield town


def put(town: Town, member: str = "ymca", /, who: str = "coordinator", **changes: Any) -> Any:
    return town.send(who, "PUT", f"/api/v1/members/{member}", json=YMCA | changes)


def test_a_new_agency_waits_for_a_second_person_and_is_then_added_by_the_first(pair: Town) -> None:
    answer = put(pair)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert answer.headers["location"] == f"/api/v1/approvals/{answer.json()['proposal']}"
    assert pair.parts.members.find("ymca") is None
    said = pair.decide("auditor", answer.json())
    assert (said.status_code, said.json()["state"], said.json()["decider"]) == (200, "approved", "auditor")
    assert pair.parts.members.find("ymca") is None
    assert put(pair).status_code == 200
    assert pair.parts.members.find("ymca") is not None
    shown = pair.send("auditor", "GET", answer.headers["location"]).json()
    assert (shown["state"], shown["content"]["keyid"]) == ("done", keyid(new_key("ymca")))


def test_the_log_holds_the_digest_of_what_was_proposed_and_of_what_was_approved(pair: Town) -> None:
    proposal = put(pair).json()
    pair.decide("auditor", proposal)
    proposed, approved = pair.last("proposed").event, pair.last("approved").event
    assert (proposed.actor, approved.actor) == ("coordinator", "auditor")
    assert proposed.details["sha256"] == approved.details["sha256"] == proposal["digest"]
    assert approved.request_signature
    assert (approved.object, approved.details["proposer"]) == (f"proposal/{proposal['proposal']}", "coordinator")


def test_who_proposes_cannot_approve(pair: Town) -> None:
    proposal = put(pair).json()
    answer = pair.decide("coordinator", proposal)
    assert (answer.status_code, answer.json()["detail"]) == (403, "who proposes something cannot approve it")
    assert pair.last("denied").event.rule == "not one's own proposal"
    assert put(pair).status_code == 202


@pytest.mark.parametrize(
    "changes",
    [
        {"public_key": public_line(new_key("another"))},
        {"name": "YMCA of Anytown"},
        {"agreement_until": "2026-12-31"},
        {"kind": "health"},
        {"contact": "desk"},
    ],
)
def test_whatever_is_altered_after_the_approval_needs_a_new_one(pair: Town, changes: dict[str, str]) -> None:
    first = put(pair).json()
    pair.decide("auditor", first)
    altered = put(pair, **changes)
    assert (altered.status_code, altered.json()["state"]) == (202, "waiting")
    assert altered.json()["digest"] != first["digest"]
    assert pair.parts.members.find("ymca") is None
    replaced = pair.send("auditor", "GET", f"/api/v1/approvals/{first['proposal']}").json()
    assert replaced["state"] == "replaced"
    assert put(pair).status_code == 202  # what was approved first went with it


def test_an_approval_is_good_for_one_member_alone(pair: Town) -> None:
    pair.decide("auditor", put(pair).json())
    assert put(pair, "ymca2", public_key=public_line(new_key("ymca2"))).status_code == 202


def test_the_same_request_again_is_the_same_proposal(pair: Town) -> None:
    first, second = put(pair).json(), put(pair).json()
    assert first["proposal"] == second["proposal"]
    assert pair.last("proposed").event.outcome == "unchanged"
    assert len(pair.send("auditor", "GET", "/api/v1/approvals").json()) == 1


def test_an_approval_is_used_once(pair: Town) -> None:
    town = pair
    fresh = {"name": "Clinic", "role": "agency", "kind": "health", "public_key": public_line(new_key("fresh"))}
    assert town.agreed("coordinator", "PUT", "/api/v1/members/clinic", json=fresh).status_code == 200
    older = fresh | {"public_key": public_line(new_key("older"))}
    assert town.agreed("coordinator", "PUT", "/api/v1/members/clinic", json=older).status_code == 200
    assert [one.state for one in town.parts.proposals.all()] == [ProposalState.DONE, ProposalState.DONE]
    for proposal in town.send("auditor", "GET", "/api/v1/approvals").json():
        assert town.decide("auditor", proposal).json()["detail"] == "this proposal is done already"


def test_what_was_declined_is_not_done_and_can_be_proposed_anew(pair: Town) -> None:
    proposal = put(pair).json()
    assert pair.decide("auditor", proposal, "decline").json()["state"] == "declined"
    again = put(pair)
    assert (again.status_code, again.json()["proposal"] != proposal["proposal"]) == (202, True)
    late = pair.decide("auditor", proposal)
    assert (late.status_code, late.json()["detail"]) == (409, "this proposal is declined already")


def test_the_proposer_withdraws_even_what_was_approved(pair: Town) -> None:
    proposal = put(pair).json()
    pair.decide("auditor", proposal)
    assert pair.decide("coordinator", proposal, "decline").status_code == 200
    assert put(pair).status_code == 202


@pytest.mark.parametrize("approved", [False, True])
def test_a_proposal_ends_after_fourteen_days_approved_or_not(pair: Town, approved: bool) -> None:
    proposal = put(pair).json()
    if approved:
        pair.decide("auditor", proposal)
    pair.clock.advance(days=14, seconds=-1)
    states = {one["state"] for one in pair.send("auditor", "GET", "/api/v1/approvals").json()}
    assert states == {"approved" if approved else "waiting"}
    pair.clock.advance(seconds=1)
    assert pair.send("auditor", "GET", "/api/v1/approvals").json()[0]["state"] == "expired"
    late = pair.decide("auditor", proposal)
    assert (late.status_code, late.json()["detail"]) == (409, "this proposal is expired already")
    assert put(pair).json()["proposal"] != proposal["proposal"]


def test_only_what_was_read_is_approved(pair: Town) -> None:
    proposal = put(pair).json()
    answer = pair.decide("auditor", proposal | {"digest": "00" * 32})
    assert (answer.status_code, answer.json()["detail"]) == (409, "this is not what you read")
    assert pair.parts.proposals.find(proposal["proposal"]).state is ProposalState.WAITING


def test_a_second_coordinator_approves_as_well_as_an_auditor(pair: Town) -> None:
    key = new_key("second coordinator")
    body = {"name": "Deputy", "role": "coordinator", "public_key": public_line(key)}
    assert pair.agreed("coordinator", "PUT", "/api/v1/members/deputy", json=body).status_code == 200
    pair.keys["deputy"] = key
    assert pair.decide("deputy", put(pair).json()).status_code == 200
    assert put(pair, who="deputy").status_code == 202  # approved for whoever proposed it, not for the approver
    assert put(pair).status_code == 200


def test_a_sole_coordinator_cannot_make_an_approver_of_its_own(pair: Town) -> None:
    """Neither a new one, nor by a key for one that is there."""
    body = {"name": "Puppet", "role": "auditor", "public_key": public_line(new_key("puppet"))}
    assert pair.send("coordinator", "PUT", "/api/v1/members/puppet", json=body).status_code == 202
    stolen = {"name": "Auditor", "role": "auditor", "public_key": public_line(new_key("stolen"))}
    assert pair.send("coordinator", "PUT", "/api/v1/members/auditor", json=stolen).status_code == 202
    path = f"/api/v1/members/auditor/keys/{keyid(new_key('stolen'))}"
    sent = {"public_key": stolen["public_key"]}
    assert pair.send("coordinator", "PUT", path, json=sent).status_code == 202
    assert pair.send("auditor", "GET", "/api/v1/me").json()["member"]["keyid"] == keyid(pair.keys["auditor"])


def test_a_second_key_from_the_coordinator_is_added_once_it_is_approved(pair: Town) -> None:
    path = f"/api/v1/members/clinic/keys/{keyid(new_key('given'))}"
    body = {"public_key": public_line(new_key("given"))}
    pair.decide("auditor", pair.send("coordinator", "PUT", path, json=body).json())
    pair.clock.advance(hours=5)  # the usual end of the old key counts from the act, and was approved so
    assert pair.send("coordinator", "PUT", path, json=body).status_code == 200


def test_ones_own_key_and_the_details_of_a_member_need_nobody_else(pair: Town) -> None:
    same = {"name": "The clinic", "role": "agency", "kind": "health", "public_key": public_line(pair.keys["clinic"])}
    assert pair.send("coordinator", "PUT", "/api/v1/members/clinic", json=same).status_code == 200
    fresh = new_key("clinic's own")
    path = f"/api/v1/members/clinic/keys/{keyid(fresh)}"
    assert pair.send("clinic", "PUT", path, json={"public_key": public_line(fresh)}).status_code == 200


def test_of_two_who_decide_at_the_same_moment_one_is_told_so(pair: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = put(pair).json()
    read = pair.parts.proposals.find(proposal["proposal"])
    pair.decide("coordinator", proposal, "decline")
    size = pair.parts.journal.size
    monkeypatch.setattr(Proposals, "find", lambda _proposals, _id: read)  # as it was before the other's decision
    answer = pair.decide("auditor", proposal)
    assert (answer.status_code, answer.json()["detail"]) == (409, "somebody decided on this at the same moment")
    assert [entry.event.act for entry in pair.parts.journal.entries(size, 9)] == ["refused"]


def test_an_epoch_needs_two(pair: Town) -> None:
    answer = pair.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH)
    assert (answer.status_code, answer.json()["object"]) == (202, "epoch/2")
    assert pair.parts.epochs.current().number == 1
    pair.decide("auditor", answer.json())
    other = EPOCH | {"key_check_value": "00" * 16}
    assert pair.send("coordinator", "PUT", "/api/v1/epochs/2", json=other).status_code == 202
    assert pair.parts.epochs.current().number == 1
    assert pair.agreed("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH).status_code == 200
    assert pair.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH).status_code == 200  # nothing new


def test_the_first_release_needs_two_and_the_next_does_not(pair: Town) -> None:
    pair.upload("clinic", a_file("clinic", people(*range(20))))
    pair.link()
    asked = pair.send("coordinator", "POST", "/api/v1/releases", json=QUESTION)
    assert (asked.status_code, asked.json()["kind"], "tables" in asked.text) == (202, "release", False)
    assert not [entry for entry in pair.log() if entry.event.act in {"count-read", "count-released"}]
    pair.decide("auditor", asked.json())
    assert pair.send("coordinator", "POST", "/api/v1/releases", json=QUESTION).status_code == 201
    second = {"period": "2026-01", "purpose": "planning"}
    assert pair.send("coordinator", "POST", "/api/v1/releases", json=second).status_code in {201, 409}
    assert len(pair.parts.proposals.all()) == 1


def test_the_first_release_is_approved_of_one_linkage_and_not_of_the_next(pair: Town) -> None:
    pair.upload("clinic", a_file("clinic", people(*range(20))))
    pair.link()
    pair.decide("auditor", pair.send("coordinator", "POST", "/api/v1/releases", json=QUESTION).json())
    pair.upload("detox", a_file("detox", people(*range(9))))
    pair.clock.advance(minutes=1)
    pair.link()
    assert pair.send("coordinator", "POST", "/api/v1/releases", json=QUESTION).status_code == 202


def test_a_first_release_in_the_background_waits_for_a_second_person_too(pair: Town) -> None:
    pair.upload("clinic", a_file("clinic", people(*range(20))))
    pair.link()
    later = {"json": QUESTION, "headers": {"prefer": "respond-async", "idempotency-key": "the-first"}}
    asked = pair.send("coordinator", "POST", "/api/v1/releases", **later)
    assert (asked.status_code, asked.json()["kind"], pair.parts.job_table.all()) == (202, "release", ())
    pair.decide("auditor", asked.json())
    job = pair.send("coordinator", "POST", "/api/v1/releases", **later).json()  # the key did not keep it waiting
    wait_until(lambda: pair.parts.job_table.find(job["job"]).ended)
    assert pair.send("coordinator", "GET", f"/api/v1/jobs/{job['job']}").json()["result"]["release"] == 0
    assert pair.send("coordinator", "POST", "/api/v1/releases", **later).headers["idempotent-replayed"] == "true"


def test_nonsense_is_refused_before_anybody_is_asked(pair: Town) -> None:
    assert put(pair, "haven", name="Haven", kind="health").status_code == 409
    assert pair.send("coordinator", "PUT", "/api/v1/epochs/1", json=EPOCH | {"profile": "other"}).status_code == 409
    assert pair.parts.proposals.all() == ()


def test_one_person_founds_a_town_alone_until_there_is_a_second_who_may_approve(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", approvals="two", empty=True) as town:
        assert put(town).status_code == 200
        auditor = {"name": "Auditor", "role": "auditor", "public_key": public_line(new_key("auditor"))}
        assert town.send("coordinator", "PUT", "/api/v1/members/auditor", json=auditor).status_code == 200
        assert put(town, "late", public_key=public_line(new_key("late"))).status_code == 202


def test_with_one_nobody_waits_and_the_log_says_so(town: Town) -> None:
    assert put(town).status_code == 200
    assert town.last("started").event.details["approvals"] == "one"


def test_a_setting_that_is_neither_is_refused() -> None:
    with pytest.raises(StartError, match="by one person or by two"):
        Settings.read({"data": Path("x")}, {"HEADCOUNT_APPROVALS": "three"})


def test_the_page_shows_all_of_it_and_offers_only_what_may_be_done(pair: Town) -> None:
    proposal = put(pair, contact="<b>desk</b>").json()
    own, other = pair.sign_in("coordinator"), pair.sign_in("auditor")
    page = other.get("/approvals").text
    assert proposal["digest"] in page
    assert "&lt;b&gt;desk&lt;/b&gt;" in page
    assert ('value="approve"' in page, 'value="decline"' in page) == (True, True)
    mine = own.get("/approvals").text
    assert ('value="approve"' in mine, "Withdraw" in mine) == (False, True)
    form = {"decision": "approve", "digest": proposal["digest"]}
    path = f"/approvals/{proposal['proposal']}/decision"
    assert own.post(path, data=form, headers=SAME_ORIGIN, follow_redirects=False).status_code == 403
    assert other.post(path, data=form, headers=SAME_ORIGIN, follow_redirects=False).status_code == 303
    assert "approved it" in own.get("/approvals").text


def test_the_home_of_whoever_may_approve_says_that_something_waits(pair: Town) -> None:
    put(pair)
    words = "1 proposal waits for a second person."
    assert [words in pair.sign_in(who).get("/").text for who in ("auditor", "coordinator", "clinic")] == [
        True,
        False,
        False,
    ]


def test_the_log_page_tells_it_in_words(pair: Town) -> None:
    pair.decide("auditor", put(pair).json())
    page = pair.sign_in("auditor").get("/log").text
    assert "coordinator proposed member ymca, which waits for a second person" in page
    assert "auditor approved member ymca, as coordinator proposed it" in page


def test_every_state_has_its_line_and_the_ends_are_ends() -> None:
    assert NEXT.keys() == set(ProposalState)
    assert {ProposalState.WAITING, ProposalState.APPROVED} == PENDING
