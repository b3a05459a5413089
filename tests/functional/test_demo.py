"""`headcount demo` plays the whole story and ends by itself."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from audit.report import review
from audit.unusual import Limits
from audit.verify import read_entries, verify_bundle
from hashing.cli import main
from tests.functional.conftest import ROOT, Played

pytestmark = pytest.mark.slow


def test_the_demo_ends_well(played_demo: Played) -> None:
    assert played_demo.exit_code == 0, played_demo.output


@pytest.mark.parametrize(
    "sentence",
    [
        "Encoded 2,611 of 2,625 clients of food_bank",
        "domestic_violence is a victim service provider: by law it may not send client records",
        "counts its own clients and tells one number: 260",
        "key check value differs from the epoch",
        "unduplicated people",
        "Sum of the rows, where the same person counts again and again",
        "very likely also known to",
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
        "takes no part in care matches",
        "Nothing was altered, added or removed up to the last entry here",
        "was altered: it is not what was signed",
        "make run",
    ],
)
def test_the_demo_shows(played_demo: Played, sentence: str) -> None:
    assert sentence in " ".join(played_demo.output.split())


def test_all_nine_exports_can_be_read_with_no_flag_but_three(tmp_path: Path) -> None:
    main_exits_well("secret", "new", "--out", str(tmp_path / "secret"))
    for folder in sorted((ROOT / "demo" / "anytown").iterdir()):
        main_exits_well(
            "hash", *map(str, sorted(folder.iterdir())), "--agency", folder.name,
            "--secret", str(tmp_path / "secret"), "--out", str(tmp_path / "out"),
        )  # fmt: skip
    assert len(list((tmp_path / "out").glob("*.codes.jsonl"))) == 9


def main_exits_well(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0


def test_the_navigator_learns_of_no_client_without_consent(played_demo: Played) -> None:
    consents = read_clients(played_demo.folder / "consents" / "community_action" / "care_consents.csv", "Client ID")
    shown = {
        line.split("Your client ", 1)[1].split(":")[0]
        for line in played_demo.output.splitlines()
        if "Your client " in line
    }
    assert shown
    assert shown <= consents


def read_clients(path: Path, column: str) -> set[str]:
    with path.open(newline="", encoding="utf-8") as stream:
        return {line[column] for line in csv.DictReader(stream)}


def test_nothing_in_the_demos_own_log_is_unusual_and_its_report_tells_who_learned_what(played_demo: Played) -> None:
    bundle, vkeys = played_demo.folder / "log.zip", (played_demo.folder / "log.vkey").read_text("utf-8")
    found = review(verify_bundle(bundle, vkeys=vkeys), read_entries(bundle), Limits())
    assert found.unusual == ()
    told = {(line.who, line.why, line.rule) for line in found.learned}
    assert ("coordinator", "council-report", "cms11") in told
    assert any(why == "care-coordination" and rule == "consent on both sides" for _, why, rule in told)


def test_the_demo_does_not_clear_a_folder_of_somebody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--folder", str(tmp_path)])
    assert stopped.value.code == 1
    assert "the folder is not the demo's" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "precious"
