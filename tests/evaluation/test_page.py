"""The report is one file that fetches nothing, runs nothing and names nobody."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from evaluation import pictures
from evaluation.page import page, write_page
from evaluation.scored import precision_recall_curve
from evaluation.subgroups import Breakdown
from linkage.errors import RunError


@pytest.fixture(scope="module")
def html(findings) -> str:
    return page(findings)


class Elements(HTMLParser):
    """All elements of a page with their attributes; refuses what is closed without being open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def test_the_report_fetches_nothing(html):
    """No address but the names of XML's vocabularies, which nobody opens; style and pictures point into the page."""
    addresses = set(re.findall(r"[a-z]+://[^\s\"'<>]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    for _, attributes in Elements(html).found:
        for name in ("src", "href", "xlink:href", "data", "action", "poster", "srcset"):
            assert attributes.get(name, "#").startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", html))
    assert "@import" not in html
    assert "<!DOCTYPE" not in html.replace("<!DOCTYPE html>", "", 1)


def test_the_report_runs_nothing(html):
    elements = Elements(html).found
    assert not {"script", "iframe", "object", "embed", "form", "link", "img"} & {tag for tag, _ in elements}
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]


def test_the_report_says_what_it_is_for(html):
    assert "For labelled test data only." in html
    assert "Never\nmake such a report of real clients to hand it on." in html


def test_every_picture_has_its_own_ids_and_says_what_it_shows(html):
    elements = Elements(html).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids)) > 0
    figures = [attributes for tag, attributes in elements if tag == "figure"]
    assert len(figures) == sum(tag == "svg" for tag, _ in elements) >= 8
    assert all(attributes.get("role") == "img" and attributes.get("aria-label") for attributes in figures)


def test_the_report_holds_no_value_of_any_client(small_town, html):
    with small_town.values.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    words = set(re.findall(r"[A-Za-z0-9À-ž'-]+", re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style.*?</style>", "", html))))
    for column in ("last", "ssn", "phone", "dob", "address"):
        assert not words & {row[column] for row in rows if len(row[column]) > 3}


def test_the_figures_are_in_the_report(findings, html):
    figures = findings.evaluation.figures
    for share in (figures.shares.precision, figures.bcubed.f1, findings.evaluation.care.shares.recall):
        assert f"<td>{share:.4f}</td>" in html
    for one in findings.baselines:
        assert f"<td>{one.figures.shares.f1:.4f}</td>" in html
    for title in ("By agency", "By missing codes", "By age", "By origin of names"):
        assert f"<h3>{title}</h3>" in html


def test_the_same_findings_give_the_same_report(findings, html):
    assert page(findings) == html


def test_a_report_without_baselines_has_no_place_for_them(findings):
    alone = page(replace(findings, baselines=(), breakdowns=()))
    assert "Beside other methods" not in alone
    assert alone.count("<svg") == 3


def test_a_group_that_tells_too_little_is_in_the_table_only(findings):
    (agencies,) = (one for one in findings.breakdowns if one.column == "agency")
    small = [replace(group, pairs=replace(group.pairs, true=9)) for group in agencies.groups]
    assert pictures.subgroup_chart(Breakdown("agency", tuple(small))) == ""
    html = page(replace(findings, breakdowns=(Breakdown("agency", tuple(small)),)))
    assert f'<th scope="row">{small[0].name}</th>' in html


def test_a_name_of_a_group_is_no_markup(findings):
    (agencies,) = (one for one in findings.breakdowns if one.column == "agency")
    group = replace(agencies.groups[0], name="<script>alert(1)</script>")
    html = page(replace(findings, breakdowns=(Breakdown("agency", (group,)),)))
    assert "<script" not in html


def test_the_curve_falls_from_the_surest_pair_to_all_of_them(findings):
    scored, true = findings.material.scored, findings.evaluation.figures.pairs.true
    curve = precision_recall_curve(scored, true)
    for place in range(0, len(curve.threshold), 25):
        shares = scored.from_threshold(float(curve.threshold[place]), true).shares
        assert (curve.precision[place], curve.recall[place]) == pytest.approx((shares.precision, shares.recall))
    assert (curve.recall[1:] >= curve.recall[:-1]).all()


def test_a_report_is_never_written_over(tmp_path, findings):
    findings = replace(findings, baselines=(), breakdowns=())
    out = tmp_path / "report.html"
    out.write_text("mine")
    with pytest.raises(RunError, match=r"report\.html: the report cannot be written \(File exists\)"):
        write_page(findings, out)
    assert out.read_text() == "mine"
