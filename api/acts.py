"""What each route puts into the log before it acts: one table.

A route that is not in it keeps the service from starting.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from api.errors import StartError
from api.person_policies import Route
from api.policies import POLICY
from audit.events import Act


class Silent(StrEnum):
    """Routes that change nothing and let nothing out about clients, each with the reason."""

    HEALTH = "says nothing but that the service runs"
    DESCRIPTION = "the same for every service of this version"
    MEMBERS = "the members and the epochs, which every member may know"
    PROGRESS = "how far files and linkages are; no number of people"
    PROMISES = "hashes and signatures, which tell nothing of the entries"
    COSIGNED = "signatures under the log's own state: an entry about one would call for the next"
    PIECE = "bytes on their way, which nothing reads before they are sent as a whole; beginning and sending are told"
    PROPOSALS = "what is proposed about members, epochs and releases; no number of people"
    OWN_STAFF = "the names of the caller's own staff, which it keeps itself"
    FORM = "a form that is still to be sent"


TOLD: Mapping[Route, frozenset[Act] | Silent] = {
    ("GET", "/healthz"): Silent.HEALTH,
    ("GET", "/readyz"): Silent.HEALTH,
    ("GET", "/openapi.json"): Silent.DESCRIPTION,
    ("GET", "/static/app.css"): Silent.DESCRIPTION,
    ("GET", "/static/passkeys.js"): Silent.DESCRIPTION,
    ("GET", "/api/v1/me"): Silent.MEMBERS,
    ("GET", "/api/v1/members"): Silent.MEMBERS,
    ("GET", "/api/v1/members/{member_id}"): Silent.MEMBERS,
    ("PUT", "/api/v1/members/{member_id}"): frozenset(
        {Act.MEMBER_ADDED, Act.KEY_ADDED, Act.SETTINGS_CHANGED, Act.PROPOSED}
    ),
    ("GET", "/api/v1/members/{member_id}/keys"): Silent.MEMBERS,
    ("PUT", "/api/v1/members/{member_id}/keys/{keyid}"): frozenset({Act.KEY_ADDED, Act.PROPOSED}),
    ("DELETE", "/api/v1/members/{member_id}/keys/{keyid}"): frozenset({Act.KEY_REVOKED}),
    ("GET", "/api/v1/epochs"): Silent.MEMBERS,
    ("PUT", "/api/v1/epochs/{number}"): frozenset({Act.EPOCH_OPENED, Act.PROPOSED}),
    ("POST", "/api/v1/uploads"): frozenset({Act.UPLOAD_ACCEPTED, Act.CONSENT_CHANGED}),
    ("GET", "/api/v1/uploads"): Silent.PROGRESS,
    ("GET", "/api/v1/uploads/{digest}"): Silent.PROGRESS,
    ("POST", "/api/v1/upload-sessions"): frozenset({Act.UPLOAD_BEGUN}),
    ("GET", "/api/v1/upload-sessions/{session_id}"): Silent.PROGRESS,
    ("PUT", "/api/v1/upload-sessions/{session_id}/pieces/{offset}"): Silent.PIECE,
    ("POST", "/api/v1/upload-sessions/{session_id}/finish"): frozenset({Act.UPLOAD_SENT}),
    ("GET", "/api/v1/jobs"): Silent.PROGRESS,
    ("GET", "/api/v1/jobs/{job_id}"): Silent.PROGRESS,
    ("DELETE", "/api/v1/jobs/{job_id}"): frozenset({Act.JOB_CANCELLED}),
    ("POST", "/api/v1/purges"): frozenset({Act.JOB_STARTED}),
    ("POST", "/api/v1/runs"): frozenset({Act.RUN_STARTED}),
    ("GET", "/api/v1/runs"): Silent.PROGRESS,
    ("GET", "/api/v1/runs/{run_id}"): Silent.PROGRESS,
    ("GET", "/api/v1/runs/{run_id}/report"): frozenset({Act.REPORT_READ}),
    ("GET", "/api/v1/counts"): frozenset({Act.COUNT_READ, Act.COUNT_RELEASED}),
    ("POST", "/api/v1/releases"): frozenset({Act.COUNT_READ, Act.COUNT_RELEASED, Act.PROPOSED, Act.JOB_STARTED}),
    ("GET", "/api/v1/releases"): Silent.PROGRESS,
    ("GET", "/api/v1/releases/{number}"): frozenset({Act.COUNT_READ}),
    ("GET", "/api/v1/releases/{number}/packet"): frozenset({Act.COUNT_READ}),
    ("GET", "/api/v1/approvals"): Silent.PROPOSALS,
    ("GET", "/api/v1/approvals/{proposal}"): Silent.PROPOSALS,
    ("POST", "/api/v1/approvals/{proposal}/decision"): frozenset({Act.APPROVED, Act.DECLINED}),
    ("GET", "/api/v1/matches"): frozenset({Act.MATCHES_READ, Act.MATCHES_RELEASED}),
    ("GET", "/api/v1/openings"): frozenset({Act.OPENINGS_READ}),
    ("POST", "/api/v1/openings/erasures"): frozenset({Act.OPENINGS_ERASED}),
    ("GET", "/api/v1/log/entries"): frozenset({Act.LOG_READ}),
    ("GET", "/api/v1/log/bundle"): frozenset({Act.LOG_EXPORTED}),
    ("GET", "/api/v1/log/checkpoint"): Silent.PROMISES,
    ("GET", "/api/v1/log/proofs/{index}"): Silent.PROMISES,
    ("GET", "/witness/add-checkpoint"): Silent.PROMISES,
    ("GET", "/witness/checkpoint"): Silent.PROMISES,
    ("POST", "/witness/cosignatures"): Silent.COSIGNED,
    ("POST", "/api/v1/sign-in-links"): frozenset({Act.SIGN_IN_OFFERED}),
    ("GET", "/api/v1/people"): Silent.OWN_STAFF,
    ("POST", "/api/v1/people"): frozenset({Act.PERSON_INVITED}),
    ("POST", "/api/v1/people/{person_id}/links"): frozenset({Act.SIGN_IN_OFFERED}),
    ("DELETE", "/api/v1/people/{person_id}"): frozenset({Act.PERSON_REVOKED}),
    ("GET", "/people"): Silent.OWN_STAFF,
    ("POST", "/people"): frozenset({Act.PERSON_INVITED}),
    ("POST", "/people/{person_id}/links"): frozenset({Act.SIGN_IN_OFFERED}),
    ("POST", "/people/{person_id}/revoke"): frozenset({Act.PERSON_REVOKED}),
    ("GET", "/sign-in"): Silent.FORM,
    ("POST", "/sign-in"): frozenset({Act.SIGN_IN}),
    ("GET", "/openid"): Silent.FORM,
    ("GET", "/openid/callback"): frozenset({Act.SIGN_IN, Act.OPENID_LINKED}),
    ("GET", "/passkeys"): Silent.FORM,
    ("POST", "/passkeys"): frozenset({Act.PASSKEY_ADDED}),
    ("POST", "/passkeys/{passkey_id}/name"): frozenset({Act.SETTINGS_CHANGED}),
    ("POST", "/passkeys/{passkey_id}/delete"): frozenset({Act.PASSKEY_REMOVED}),
    ("GET", "/confirm"): Silent.FORM,
    ("POST", "/confirm"): frozenset({Act.CONFIRMED}),
    ("GET", "/sign-in/{token}"): Silent.FORM,
    ("POST", "/sign-in/{token}"): frozenset({Act.SIGN_IN}),
    ("POST", "/sign-out"): frozenset({Act.SIGN_OUT}),
    ("GET", "/"): Silent.PROGRESS,
    ("GET", "/counts"): frozenset({Act.COUNT_READ, Act.COUNT_RELEASED}),
    ("POST", "/runs"): frozenset({Act.RUN_STARTED}),
    ("GET", "/releases"): Silent.PROGRESS,
    ("POST", "/releases"): frozenset({Act.JOB_STARTED, Act.PROPOSED}),
    ("GET", "/releases/jobs/{job_id}"): Silent.PROGRESS,
    ("GET", "/releases/{number}"): frozenset({Act.COUNT_READ}),
    ("GET", "/releases/{number}/packet"): frozenset({Act.COUNT_READ}),
    ("GET", "/matches"): frozenset({Act.MATCHES_READ, Act.MATCHES_RELEASED}),
    ("GET", "/uploads"): Silent.PROGRESS,
    ("GET", "/approvals"): Silent.PROPOSALS,
    ("POST", "/approvals/{proposal}/decision"): frozenset({Act.APPROVED, Act.DECLINED}),
    ("GET", "/log"): frozenset({Act.LOG_READ}),
    ("GET", "/log/bundle"): frozenset({Act.LOG_EXPORTED}),
}


def check_every_route_is_told(told: Mapping[Route, frozenset[Act] | Silent] = TOLD) -> None:
    """Each route of the policies has its line, and none that changes something is silent.

    Raises:
        StartError: a route is missing here, is here and nowhere else, or changes something in silence.
    """
    harmless = {Silent.COSIGNED, Silent.PIECE}
    changing = {route: acts for route, acts in told.items() if route[0] != "GET" and acts not in harmless}
    silent = {route for route, acts in changing.items() if isinstance(acts, Silent)}
    wrong = sorted(" ".join(route) for route in (POLICY.keys() ^ told.keys()) | silent)
    if wrong:
        raise StartError(
            f"what goes into the log is not settled for: {', '.join(wrong)}",
            hint="Give each route its line in api/acts.py.",
        )
