"""The pages: who sees what, what each shows, the headers they carry, and how one signs in."""

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from api_town import BASE, SAME_ORIGIN, Town, a_file, a_row, a_town, an_area, held_by, people, quick_link
from starlette.testclient import TestClient

from api.headers import CONTENT_SECURITY_POLICY
from api.linking import Linking
from api.web.charts import WIDTH, bars
from api.web.wording import line, row_label, sentence
from audit.events import Act, Entry, Event
from audit.verify import verify_bundle
from linkage.agency_table import BY_AGENCY, TrueRow, release_of_report
from linkage.breakdown import Breakdown
from linkage.disclosure import CMS11

EVERY_PAGE = {
    "coordinator": ("/", "/counts", "/counts?purpose=council-report", "/releases", "/uploads", "/people"),
    "food_bank": ("/", "/matches", "/uploads", "/people"),
    "haven": ("/", "/uploads", "/people"),
    "auditor": ("/", "/log", "/log?start=0", "/people"),
    "operator": ("/", "/people"),
}
PAGES = [(member, path) for member, paths in EVERY_PAGE.items() for path in paths]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A linked town with one match between the food bank and the detox, and a small agency."""
    with a_town(tmp_path_factory.mktemp("pages") / "data") as town:
        consent = {"expires": "2026-06-30", "recipients": ["food_bank", "detox"]}
        ada = [a_row("Ada", services=[an_area()], consent=consent)]
        town.upload("food_bank", a_file("food_bank", [*people(*range(20)), *ada]))
        ada = [a_row("Ada", services=[an_area("substance_use")], consent=consent)]
        town.upload("detox", a_file("detox", [*people(1, 2), *ada]))
        town.link()
        yield town


@pytest.fixture(scope="module")
def browsers(linked: Town) -> dict[str, TestClient]:
    """A browser for each member, signed in."""
    return {member: linked.sign_in(member) for member in EVERY_PAGE}


class Outline(HTMLParser):
    """What a page is made of: tags with their attributes, and whether they close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize(("member", "path"), PAGES)
def test_every_page_is_whole_accessible_and_without_script(
    browsers: dict[str, TestClient], member: str, path: str
) -> None:
    answer = browsers[member].get(path)
    page = Outline(answer.text)
    assert answer.status_code == 200
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert page.all("script") == []
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    labels = {attributes.get("for") for attributes in page.all("label")}
    assert {attributes["id"] for attributes in page.all("input")} <= labels
    assert all(attributes.get("scope") for attributes in page.all("th"))


@pytest.mark.parametrize("path", ["/", "/counts", "/nothing-here", "/static/app.css", "/sign-in/x", "/api/v1/me"])
def test_every_answer_carries_the_safety_headers(shared_town: Town, path: str) -> None:
    headers = shared_town.client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    assert "strict-transport-security" not in headers


def test_the_policy_allows_nothing_from_elsewhere_and_only_our_own_script() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_home_offers_each_role_only_what_it_may_do(browsers: dict[str, TestClient]) -> None:
    offered = {member: set(re.findall(r'href="(/\w+)"', browser.get("/").text)) for member, browser in browsers.items()}
    assert offered == {
        "coordinator": {"/approvals", "/counts", "/releases", "/uploads", "/people"},
        "food_bank": {"/matches", "/uploads", "/people"},
        "haven": {"/uploads", "/people"},
        "auditor": {"/approvals", "/log", "/people"},
        "operator": {"/people"},
    }


def test_counts_are_shown_only_once_their_purpose_is_told(linked: Town, browsers: dict[str, TestClient]) -> None:
    before = linked.parts.journal.size
    assert "What are the counts for?" in browsers["coordinator"].get("/counts").text
    assert linked.parts.journal.size == before


def test_the_counts_page_shows_the_sum_beside_the_unduplicated_total_and_hides_small_cells(
    linked: Town, browsers: dict[str, TestClient]
) -> None:
    before = linked.parts.journal.size
    text = browsers["coordinator"].get("/counts?purpose=council-report").text
    assert re.search(r"Counted once</dt><dd>21\s", text)
    assert re.search(r"Rows added up</dt><dd>\*\*\*\s", text)
    assert re.search(r"Detox</th>\s*<td class=\"number\">\*\*\*</td>\s*<td class=\"number\">withheld</td>", text)
    assert "Missing:</strong> Clinic, Police." in text
    assert "stands for a number that is withheld" in text
    assert "Never in these counts:</strong> Haven." in text
    assert ">February 2026</th>" in text
    acts = [entry.event.act for entry in linked.parts.journal.entries(before, 20)]
    assert acts == [Act.COUNT_READ, Act.COUNT_RELEASED] * 4
    assert {e.event.purpose for e in linked.parts.journal.entries(before, 20)} == {"council-report"}


def test_an_agency_and_a_service_area_of_one_name_are_told_apart() -> None:
    names = {"behavioral_health": "Anytown Behavioral Health"}
    assert row_label(Breakdown.AGENCY, "behavioral_health", names) == "Anytown Behavioral Health"
    assert row_label(Breakdown.SERVICE, "behavioral_health", names) == "Behavioral health"


def test_the_matches_page_shows_cards_with_the_part_2_notice_and_logs_first(
    linked: Town, browsers: dict[str, TestClient]
) -> None:
    text = browsers["food_bank"].get("/matches").text
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in text
    for words in ("Detox", "substance use", "2026-02 to 2026-02", "detox care desk", "30 June 2026"):
        assert words in text
    assert f"entry {linked.last('matches-read').seq} of the audit log" in text


def test_the_log_page_tells_entries_in_plain_words(linked: Town, browsers: dict[str, TestClient]) -> None:
    text = browsers["auditor"].get("/log?start=0").text
    assert "coordinator added member food_bank to the roster" in text
    assert "food_bank sent a file, which was kept" in text
    assert "headcount audit verify" in text
    assert "headcount service log --service ADDRESS --key KEYFILE --out headcount-log.zip" in text
    assert linked.parts.journal.vkeys.split("+")[0] in text
    assert linked.last("log-read").event.actor == "auditor"


def test_the_copy_of_the_log_that_a_page_offers_verifies(
    linked: Town, browsers: dict[str, TestClient], tmp_path: Path
) -> None:
    answer = browsers["auditor"].get("/log/bundle")
    assert answer.headers["content-disposition"] == 'attachment; filename="headcount-log.zip"'
    bundle = tmp_path / "headcount-log.zip"
    bundle.write_bytes(answer.content)
    verified = verify_bundle(bundle, vkeys=(linked.parts.settings.data / "log.vkey").read_text())
    assert verified.entries == linked.last("log-exported").seq + 1


def test_the_uploads_page_shows_receipts_to_the_agency_and_status_to_the_coordinator(
    linked: Town, browsers: dict[str, TestClient]
) -> None:
    receipt = linked.parts.uploads.current_of("food_bank").receipt_leaf
    assert receipt in browsers["food_bank"].get("/uploads").text
    coordinator = browsers["coordinator"].get("/uploads").text
    assert receipt not in coordinator
    assert "not yet" in coordinator
    assert "finished" in coordinator


def test_the_coordinator_starts_a_linkage_with_a_button(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(1)))
    browser = town.sign_in("coordinator")
    answer = browser.post("/runs", headers=SAME_ORIGIN, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/uploads")
    assert len(town.parts.runs.latest()) == 1


@pytest.mark.parametrize("act", list(Act))
def test_every_act_has_a_sentence(linked: Town, act: Act) -> None:
    event = Event(actor="someone", role="agency", act=act, object="thing/1", purpose="p", outcome="done")
    sentence = line(Entry(0, event, linked.clock())).sentence
    assert "{" not in sentence
    assert len(sentence) > 5


def test_what_members_are_called_is_shown_and_not_run(town: Town) -> None:
    key = "headcount-ed25519 " + "B" * 42 + "E="
    body = {"name": "<script>alert(1)</script>", "role": "agency", "kind": "health", "public_key": key}
    assert town.send("coordinator", "PUT", "/api/v1/members/clinic2", json=body).status_code == 200
    text = town.sign_in("coordinator").get("/uploads").text
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_bars_share_one_scale_and_withheld_rows_have_none() -> None:
    rows = [TrueRow("a", 102, 81, 204), TrueRow("b", 3, 3, 3), TrueRow("c", 51, 51, 51)]
    table = release_of_report(rows, TrueRow("all", 120, 117, 225, 3), CMS11).table(BY_AGENCY)
    first, second, third = bars(table)
    assert (first.width, first.low, first.high) == (WIDTH / 2, round(WIDTH * 81 / 204, 1), WIDTH)
    assert second is None
    assert third.width == WIDTH / 4


def test_a_missing_page_is_a_page(shared_town: Town) -> None:
    answer = shared_town.client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in answer.text
    assert "URI" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/counts", 403), ("/log?start=x", 403), ("/matches?x", 409), ("/nothing-here", 404), ("/sign-in/x", 401)],
)
def test_whoever_is_signed_in_keeps_the_navigation_on_a_page_of_a_problem(
    shared_town: Town, path: str, status: int
) -> None:
    answer = shared_town.sign_in("food_bank").get(path)
    assert answer.status_code == status
    assert 'aria-label="Main"' in answer.text
    assert 'href="/uploads"' in answer.text
    assert 'action="/sign-out"' in answer.text
    assert "docs/reference" not in answer.text


def test_a_wrong_question_to_a_page_keeps_the_navigation_too(shared_town: Town) -> None:
    answer = shared_town.sign_in("coordinator").get("/counts?purpose=x")
    assert answer.status_code == 422
    assert 'action="/sign-out"' in answer.text
    assert "<strong>&#39;purpose&#39; has to be one of:" in answer.text


def test_whoever_is_not_signed_in_is_shown_no_navigation(shared_town: Town) -> None:
    for path in ("/counts", "/nothing-here", "/sign-in/x"):
        text = shared_town.client.get(path).text
        assert 'aria-label="Main"' not in text
        assert "/sign-out" not in text


def test_a_problem_is_told_in_whole_sentences(shared_town: Town) -> None:
    text = shared_town.sign_in("food_bank").get("/counts").text
    assert "<strong>A member with the role &#39;agency&#39; may not do this.</strong>" in text
    assert "<p>It is for members with the role &#39;coordinator&#39;.</p>" in text


@pytest.mark.parametrize(("words", "said"), [("it broke", "It broke."), ("It broke.", "It broke."), ("", ".")])
def test_an_errors_words_become_a_sentence(words: str, said: str) -> None:
    assert sentence(words) == said


def test_the_counts_page_says_which_files_are_not_linked_yet(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(*range(20))))
    town.link()
    browser = town.sign_in("coordinator")
    assert "Sent since" not in browser.get("/counts?purpose=planning").text
    town.upload("food_bank", a_file("food_bank", people(*range(30))))
    text = browser.get("/counts?purpose=planning").text
    assert "Sent since, and not in these counts:</strong> Food_Bank (1 March 2026, 09:30 UTC)." in text
    assert "Files sent since" not in text  # once is enough


# Signing in.


def link(town: Town, member: str = "coordinator") -> str:
    answer = town.send(member, "POST", "/api/v1/sign-in-links")
    assert answer.status_code == 201
    return answer.json()["url"]


def browser_of(town: Town) -> TestClient:
    return TestClient(town.client.app, base_url=BASE)


def test_a_link_signs_in_once(town: Town) -> None:
    url = link(town)
    browser = browser_of(town)
    assert "Sign in" in browser.get(url).text  # looking does not use it up
    answer = browser.post(url, headers=SAME_ORIGIN, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Welcome, Coordinator" in browser.get("/").text
    assert town.last("sign-in").event.actor == "coordinator"
    again = browser_of(town).post(url, headers=SAME_ORIGIN)
    assert again.status_code == 401
    assert "used before" in again.text


def test_a_link_expires_after_two_minutes(town: Town) -> None:
    url = link(town)
    town.clock.advance(minutes=2)
    assert offers_the_button(town, url)
    town.clock.advance(seconds=1)
    assert not offers_the_button(town, url)
    assert browser_of(town).post(url, headers=SAME_ORIGIN).status_code == 401


def test_a_made_up_link_signs_nobody_in(shared_town: Town) -> None:
    assert not offers_the_button(shared_town, "/sign-in/guess")
    assert browser_of(shared_town).post("/sign-in/guess", headers=SAME_ORIGIN).status_code == 401


def test_a_link_that_was_used_offers_no_button_any_more(town: Town) -> None:
    url = link(town)
    browser_of(town).post(url, headers=SAME_ORIGIN)
    assert not offers_the_button(town, url)


def offers_the_button(town: Town, url: str) -> bool:
    """Whether the page of a link can sign in; if not, it says so at once."""
    answer = browser_of(town).get(url)
    if answer.status_code == 200:
        return '<button type="submit">Sign in</button>' in answer.text
    assert answer.status_code == 401
    assert "used before, or is older than two minutes" in answer.text
    assert "<button" not in answer.text
    return False


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(town: Town) -> None:
    answer = browser_of(town).post(link(town), headers=SAME_ORIGIN, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("headcount=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie  # plain loopback: a browser would not send it back


def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    public = "https://headcount.example.org"
    with a_town(tmp_path / "data", public_url=public, linking=Linking(link=quick_link)) as town:
        url = link(town)
        assert url.startswith(f"{public}/sign-in/")
        browser = TestClient(town.client.app, base_url=public)
        answer = browser.post(url, headers=SAME_ORIGIN, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-headcount=")
        for part in ("HttpOnly", "SameSite=strict", "Path=/", "Secure"):
            assert part in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
        assert browser.get("/").status_code == 200


def test_no_token_is_kept_in_the_clear(town: Town) -> None:
    token = link(town).rsplit("/", 1)[1]
    browser = town.sign_in("coordinator")
    cookie = browser.cookies["headcount"]
    everything = held_by(town)
    assert hashlib.sha256(cookie.encode()).hexdigest().encode() in everything
    assert token.encode() not in everything
    assert cookie.encode() not in everything


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_click(town: Town) -> None:
    browser = town.sign_in("coordinator")
    for _ in range(3):
        town.clock.advance(minutes=14)
        assert browser.get("/").status_code == 200
    town.clock.advance(minutes=15, seconds=1)
    assert browser.get("/").status_code == 401


def test_a_session_ends_after_eight_hours_in_any_case(town: Town) -> None:
    browser = town.sign_in("coordinator")
    for _ in range(8 * 60 // 10):
        town.clock.advance(minutes=10)
        assert browser.get("/").status_code == 200
    town.clock.advance(seconds=1)
    assert browser.get("/").status_code == 401


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(town: Town) -> None:
    browser = town.sign_in("coordinator")
    cookie = browser.cookies["headcount"]
    assert "signed out" in browser.post("/sign-out", headers=SAME_ORIGIN).text
    assert town.last("sign-out").event.actor == "coordinator"
    thief = browser_of(town)
    thief.cookies.set("headcount", cookie)
    assert thief.get("/").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_a_form_from_elsewhere_is_refused(town: Town, headers: dict[str, str]) -> None:
    town.upload("food_bank", a_file("food_bank", people(1)))
    browser = town.sign_in("coordinator")
    answer = browser.post("/runs", headers=headers, follow_redirects=False)
    assert answer.status_code == 400
    assert town.parts.runs.latest() == ()


def test_an_older_browser_is_believed_by_its_origin(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(1)))
    browser = town.sign_in("coordinator")
    assert browser.post("/runs", headers={"origin": BASE}, follow_redirects=False).status_code == 303


def test_a_session_does_not_open_the_api(town: Town) -> None:
    assert town.sign_in("coordinator").get("/api/v1/members").status_code == 401
