"""The report: who learned what about whom, and why, on a page that runs nothing and in tables that do nothing."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from told import SAW_AT, SHOWN_TO, an_event, entries_at, log_match, sealed

from audit import report
from audit.cosignature import Cosigned
from audit.events import Act
from audit.learned import TELLING, shortly, who_learned_what
from audit.report import ENTRIES, LEARNED, MOST_CHANGES, PAGE, UNUSUAL, page, report_files, review
from audit.unusual import READS, Limits
from audit.verify import Witnessed, read_entries, verify_bundle

ROOT = Path(__file__).parents[2]
MATCH = ("that 1 to 10 of its clients are theirs, too", "clients of ymca", "care-coordination", "consent on both sides")
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def reviewed(log, tmp_path):
    log.append(an_event(Act.COUNT_READ, details={"by": "agency"}))
    log.append(an_event(Act.COUNT_RELEASED, details={"by": "agency"}))
    log.append(an_event(Act.COUNT_RELEASED, details={"by": "agency"}))
    log_match(log, sealed(SHOWN_TO, SAW_AT))
    log.append(an_event(Act.MEMBER_ADDED, object="member/<script>alert(1)</script>"))
    for _ in range(6):
        log.append(an_event(Act.DENIED, "ymca", "agency", object="GET /counts", outcome="refused", rule="role"))
    log.append(an_event(Act.LOG_READ, "=cmd|' /C calc'!A0", "auditor"))
    log.export(tmp_path / "bundle")
    return review(verify_bundle(tmp_path / "bundle", vkeys=log.vkeys), read_entries(tmp_path / "bundle"), Limits())


def table(found, name):
    return list(csv.DictReader(io.StringIO(report_files(found)[name].decode("utf-8-sig"), newline="")))


class Page(HTMLParser):
    """The text of each row of the tables, and every tag and attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip()


def test_each_line_is_one_who_what_about_whom_why_and_rule(reviewed):
    counts = "how many people there are by agency, small numbers withheld"
    assert [(one.who, one.what, one.about, one.why, one.rule, one.times) for one in reviewed.learned] == [
        ("coordinator", counts, "everybody in run 1", "planning", "cms11", 2),
        ("clinic", *MATCH, 1),
        ("=cmd|' /C calc'!A0", "entries of this log", "the members", "planning", "cms11", 1),
    ]


def test_the_page_has_what_was_learned_what_is_unusual_and_what_changed(reviewed):
    rows = Page(page(reviewed)).rows
    (line,) = [row for row in rows if row[0] == "clinic (agency)"]
    assert line[1:6] == [*MATCH, "1"]
    (finding,) = [row for row in rows if "was refused 6 times" in " ".join(row)]
    assert finding[-1] == "5, 6, 7, 8, 9, 10"
    assert [row[3] for row in rows if row[0] in {"4", "5"}] == ["added a member", "was denied"]


def test_what_the_log_says_is_shown_and_not_run(reviewed):
    text = page(reviewed)
    assert "member &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text


def test_the_page_fetches_nothing_and_runs_nothing(reviewed):
    text = page(reviewed)
    found = Page(text)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not {name for name in found.attributes if name.startswith("on") or name in {"src", "href", "style"}}
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text


def test_the_page_stands_without_a_placeholder_left(reviewed):
    assert "$" not in page(reviewed)


def test_keys_that_came_with_the_copy_are_doubted_aloud(reviewed):
    doubted = page(replace(reviewed, log=replace(reviewed.log, keys_given=False)))
    assert 'class="panel problem"' in doubted
    assert "ask the people who run the log for their fingerprint" in doubted
    assert "problem" not in page(reviewed).split("</style>")[1]


def test_the_page_says_what_witnesses_saw(reviewed):
    assert "<dt>Witnesses</dt><dd>none was named" in page(reviewed)
    by = (Cosigned("food_bank", datetime(2026, 11, 22, 9, 5, tzinfo=UTC)),)
    some = page(replace(reviewed, log=replace(reviewed.log, witnessed=Witnessed(10, by))))
    assert "<dt>Witnessed</dt><dd>10 entries; 2 are newer</dd>" in some
    assert "<dt>Cosigned by</dt><dd>food_bank, 2026-11-22 09:05 UTC</dd>" in some
    whole = page(replace(reviewed, log=replace(reviewed.log, witnessed=Witnessed(12, by))))
    assert "<dt>Witnessed</dt><dd>all 12 entries</dd>" in whole


def test_the_page_tells_rules_in_words_and_what_a_log_cannot_show(reviewed):
    text = page(reviewed)
    assert ">what the role may do<" in text
    assert ">role<" not in text
    assert "What this log cannot show" in text
    assert {line["rule"] for line in table(reviewed, ENTRIES)} >= {"role"}


def test_an_empty_log_says_so(reviewed):
    nothing = replace(reviewed, log=replace(reviewed.log, first=None, last=None), entries=(), learned=(), unusual=())
    text = page(nothing)
    for words in ("has no entry yet", "Nothing was let out.", "Nothing unusual.", "Nothing was changed or refused."):
        assert words in text


def test_the_tables_hold_everything(reviewed):
    assert len(table(reviewed, ENTRIES)) == reviewed.log.entries == 12
    assert [line["times"] for line in table(reviewed, LEARNED)] == ["2", "1", "1"]
    assert [line["entries"] for line in table(reviewed, LEARNED)] == ["1 2", "3", "11"]
    (line,) = table(reviewed, UNUSUAL)
    assert (line["rule"], line["who"], line["entries"]) == ("refused again and again", "ymca", "5 6 7 8 9 10")
    third = table(reviewed, ENTRIES)[3]
    assert (third["act"], third["agency"]) == ("matches-released", "ymca")
    assert "shown=1" in third["details"]


def test_no_cell_is_a_formula(reviewed):
    assert [line["who"] for line in table(reviewed, LEARNED)][-1].startswith("'=")
    for name in (ENTRIES, LEARNED, UNUSUAL):
        for line in table(reviewed, name):
            assert not [cell for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_page_of_a_long_log_stays_readable(reviewed):
    many = entries_at(*[(n, an_event(Act.MEMBER_ADDED, object=f"member/{n}")) for n in range(MOST_CHANGES + 50)])
    text = page(replace(reviewed, entries=many))
    assert text.count("<td>member ") == MOST_CHANGES
    assert "member 49<" not in text
    assert len(table(replace(reviewed, entries=many), ENTRIES)) == MOST_CHANGES + 50


def test_the_golden_log_has_a_report():
    bundle = GOLDEN / "bundle"
    found = review(verify_bundle(bundle), read_entries(bundle), Limits())
    assert {*report_files(found)} == {PAGE, LEARNED, UNUSUAL, ENTRIES}


@pytest.mark.parametrize(
    ("thing", "short"),
    [
        ("run/1", "run 1"),
        ("run/" + "ab" * 16, "run abababab"),
        ("upload/" + "cd" * 32, "upload cdcdcdcd"),
        ("member/community_foundation", "member community_foundation"),
        ("pages", "pages"),
        ("GET /api/v1/log/proofs/{index}", "GET /api/v1/log/proofs/{index}"),
    ],
)
def test_things_are_named_shortly(thing, short):
    assert shortly(thing) == short


@pytest.mark.parametrize("act", sorted(TELLING))
def test_each_telling_act_is_told_even_without_details(act):
    (line,) = who_learned_what(entries_at((0, an_event(act))))
    assert line.what
    assert line.about


@pytest.mark.parametrize(
    ("shown", "words"),
    [("none", "no match"), ("1 to 10", "that 1 to 10 of its"), ("101 to 1000", "that 101 to 1000 of its")],
)
def test_how_many_matches_there_were_is_told_as_a_band(shown, words):
    (line,) = who_learned_what(entries_at((0, an_event(Act.MATCHES_RELEASED, details={"shown": shown}))))
    assert line.what.startswith(words)


def test_a_read_that_lets_something_out_is_among_the_reads_or_follows_one():
    assert {*TELLING} - READS == {Act.COUNT_RELEASED, Act.MATCHES_RELEASED}


def test_the_report_looks_like_the_pages():
    """The same colours, light and dark, as the service's own sheet."""
    sheet, report = ((ROOT / path).read_text("utf-8") for path in ("api/web/static/app.css", "audit/report.html"))
    colours = [re.findall(r"--[a-z-]+: #[0-9a-f]{6}(?=;)", text) for text in (sheet, report)]
    assert {*colours[1]} <= {*colours[0]}
    assert len({*colours[1]}) == 18


def test_how_many_consents_changed_is_told_as_a_band():
    (entry,) = entries_at((0, an_event(Act.CONSENT_CHANGED, "ymca", "agency", details={"changes": "11 to 100"})))
    assert report._change_cells(entry)[3] == "changed consents: 11 to 100"
