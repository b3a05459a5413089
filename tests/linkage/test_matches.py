"""A match is shown to an agency only where the law and both sides' consent allow it, and otherwise leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import msgspec
import pytest
from made_files import Line, MadeRun, Pair, header, row, write_file

from hashing.schema import AgencyKind, Consent, EncodedFileError
from linkage.errors import RunError
from linkage.matches import PART2_NOTICE, CareMatch, care_matches

TODAY = date(2026, 5, 20)
YESTERDAY, TOMORROW = date(2026, 5, 19), date(2026, 5, 21)
LINES = (
    Line("clinic", "ada", person=0, services=(("health", "2026-03"), ("health", "2026-01"), ("food", "2026-02"))),
    Line("ymca", "ada", person=0, services=(("shelter", "2026-04"),)),
)


def consent(*recipients: str, expires: date = TOMORROW) -> Consent:
    return Consent(expires=expires, recipients=recipients)


@dataclass(frozen=True)
class Case:
    """A client of the clinic and of the YMCA, linked beyond doubt, who signed at both; and what is changed of that."""

    lines: Sequence[Line] = LINES
    probability: float = 0.99
    kinds: Mapping[str, AgencyKind] = field(
        default_factory=lambda: {"clinic": AgencyKind.HEALTH, "ymca": AgencyKind.NONPROFIT}
    )
    clinic: Consent | None = field(default_factory=lambda: consent("ymca"))
    ymca: Consent | None = field(default_factory=lambda: consent("clinic"))
    present: frozenset[str] = frozenset({"clinic", "ymca"})  # whose newest upload still holds the client

    def seen_by(self, agency: str, folder: Path) -> tuple[CareMatch, ...]:
        run = MadeRun(self.lines, [Pair(0, 1, self.probability)]).write(folder / "run")
        return care_matches(run, agency, today=TODAY, uploads=self._uploads(folder), kinds=self.kinds)

    def _uploads(self, folder: Path) -> list[Path]:
        consents = {"clinic": self.clinic, "ymca": self.ymca}
        return [
            write_file(
                folder,
                header(agency),
                [row("somebody else")]
                + [
                    row(f"{line.agency} {line.client}", consent=consents[agency])
                    for line in self.lines
                    if line.agency == agency and agency in self.present
                ],
            )
            for agency in sorted({line.agency for line in self.lines})
        ]


def test_with_consent_on_both_sides_each_sees_its_own_client_and_the_other_agency(tmp_path):
    (seen,) = Case().seen_by("ymca", tmp_path)
    assert seen == CareMatch(
        row=LINES[1].row,
        other_agency="clinic",
        areas=("food", "health"),
        first_month="2026-01",
        last_month="2026-03",
        confidence="very likely",
        consent_until=TOMORROW,
        notices=(),
    )


def test_the_other_side_sees_the_same_match_from_its_side(tmp_path):
    (seen,) = Case().seen_by("clinic", tmp_path)
    assert (seen.row, seen.other_agency, seen.areas) == (LINES[0].row, "ymca", ("shelter",))


SHOWN = {
    "consent on both sides": Case(),
    "both expire today": Case(clinic=consent("ymca", expires=TODAY), ymca=consent("clinic", expires=TODAY)),
    "others are named too": Case(clinic=consent("food_bank", "ymca"), ymca=consent("clinic", "food_bank")),
    "as likely as not by themselves": Case(probability=0.5),
}
NO_TRACE = {
    "no consent at the clinic": Case(clinic=None),
    "no consent at the YMCA": Case(ymca=None),
    "no consent at all": Case(clinic=None, ymca=None),
    "the clinic's expired yesterday": Case(clinic=consent("ymca", expires=YESTERDAY)),
    "the YMCA's expired yesterday": Case(ymca=consent("clinic", expires=YESTERDAY)),
    "the clinic's names others only": Case(clinic=consent("food_bank")),
    "the YMCA's names others only": Case(ymca=consent("food_bank", "ymca")),
    "the clinic is a government body": Case(
        kinds={"clinic": AgencyKind.GOVERNMENT, "ymca": AgencyKind.NONPROFIT},
    ),
    "the YMCA is a government body": Case(kinds={"clinic": AgencyKind.HEALTH, "ymca": AgencyKind.GOVERNMENT}),
    "the clinic is a victim service provider": Case(
        kinds={"clinic": AgencyKind.VICTIM_SERVICE_PROVIDER, "ymca": AgencyKind.NONPROFIT}
    ),
    "the YMCA is a victim service provider": Case(
        kinds={"clinic": AgencyKind.HEALTH, "ymca": AgencyKind.VICTIM_SERVICE_PROVIDER}
    ),
    "the clinic is no member any more": Case(kinds={"ymca": AgencyKind.NONPROFIT}),
    "the YMCA is no member any more": Case(kinds={"clinic": AgencyKind.HEALTH}),
    "not sure enough for care": Case(lines=(LINES[0], replace(LINES[1], care=1))),
    "one person by way of a third only": Case(probability=0.4999),
    "two people after all": Case(lines=(LINES[0], replace(LINES[1], person=1))),
    "one agency's own duplicate": Case(
        lines=(LINES[0], replace(LINES[1], agency="clinic", client="ada again")), clinic=consent("clinic", "ymca")
    ),
    "the clinic's newest upload lacks the client": Case(present=frozenset({"ymca"})),
    "the YMCA's newest upload lacks the client": Case(present=frozenset({"clinic"})),
}


@pytest.mark.parametrize("case", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("viewer", ["clinic", "ymca"])
def test_a_match_is_shown(tmp_path, case, viewer):
    assert len(case.seen_by(viewer, tmp_path)) == 1


@pytest.mark.parametrize("case", NO_TRACE.values(), ids=NO_TRACE)
@pytest.mark.parametrize("viewer", ["clinic", "ymca"])
def test_a_match_that_may_not_be_shown_is_as_if_it_were_not_there(tmp_path, case, viewer):
    """Neither a placeholder nor a number of hidden matches: the answer is that of a town without any match."""
    nobody = care_matches(
        MadeRun(case.lines).write(tmp_path / "without pairs"), viewer, today=TODAY, uploads=[], kinds=case.kinds
    )
    assert case.seen_by(viewer, tmp_path) == nobody == ()


@pytest.mark.parametrize("viewer", ["food_bank", "nobody"])
def test_a_third_agency_sees_nothing(tmp_path, viewer):
    kinds = {**Case().kinds, "food_bank": AgencyKind.NONPROFIT}
    assert replace(Case(), kinds=kinds).seen_by(viewer, tmp_path) == ()


@pytest.mark.parametrize("later", [None, consent("food_bank"), consent("ymca", expires=YESTERDAY)])
def test_a_consent_withdrawn_in_a_newer_upload_acts_at_once(tmp_path, later):
    """The run is the old one; the upload that the agency sent since then decides."""
    assert Case().seen_by("ymca", tmp_path / "before")
    assert replace(Case(), clinic=later).seen_by("ymca", tmp_path / "after") == ()


def test_a_consent_given_since_the_run_acts_at_once(tmp_path):
    assert Case(clinic=None).seen_by("ymca", tmp_path / "before") == ()
    assert Case().seen_by("ymca", tmp_path / "after")


@pytest.mark.parametrize("part2", ["clinic", "ymca"])
@pytest.mark.parametrize("viewer", ["clinic", "ymca"])
def test_records_of_substance_use_treatment_carry_their_notice(tmp_path, part2, viewer):
    (seen,) = replace(Case(), kinds={**Case().kinds, part2: AgencyKind.PART2}).seen_by(viewer, tmp_path)
    assert seen.notices == (PART2_NOTICE,)
    assert PART2_NOTICE == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


def test_the_earlier_of_the_two_expiries_is_shown(tmp_path):
    case = Case(clinic=consent("ymca", expires=date(2026, 9, 1)), ymca=consent("clinic", expires=date(2026, 7, 1)))
    assert {case.seen_by(agency, tmp_path / agency)[0].consent_until for agency in Case().kinds} == {date(2026, 7, 1)}


def test_a_client_without_services_is_shown_without_months(tmp_path):
    (seen,) = Case(lines=(replace(LINES[0], services=()), LINES[1])).seen_by("ymca", tmp_path)
    assert (seen.areas, seen.first_month, seen.last_month) == ((), None, None)


def test_a_card_holds_nothing_that_could_identify_beyond_the_agencys_own_client(tmp_path):
    text = msgspec.json.encode(Case().seen_by("ymca", tmp_path)).decode()
    assert LINES[1].row in text
    assert LINES[0].row not in text
    assert "0.99" not in text


def test_of_several_matches_each_is_judged_by_itself(tmp_path):
    """Two clients at both agencies; only one signed at both."""
    lines = [Line(agency, client, person) for person, client in enumerate(("ada", "ben")) for agency in Case().kinds]
    run = MadeRun(lines, [Pair(0, 1), Pair(2, 3)]).write(tmp_path / "run")
    uploads = [
        write_file(
            tmp_path,
            header(agency),
            [
                row(f"{agency} {name}", consent=consent(other) if (agency, name) != ("clinic", "ben") else None)
                for name in ("ada", "ben")
            ],
        )
        for agency, other in (("clinic", "ymca"), ("ymca", "clinic"))
    ]
    seen = care_matches(run, "ymca", today=TODAY, uploads=uploads, kinds=Case().kinds)
    assert [match.row for match in seen] == [lines[1].row]


def twice_at_the_clinic(folder: Path, first: Consent | None, second: Consent | None) -> tuple[CareMatch, ...]:
    """What the YMCA sees of a client whom the clinic holds twice, each time with a consent of its own."""
    lines = [
        Line("clinic", "ada", 0, services=(("health", "2026-03"), ("food", "2026-02"))),
        Line("clinic", "ada again", 0, services=(("shelter", "2026-05"), ("health", "2026-01"))),
        LINES[1],
    ]
    run = MadeRun(lines, [Pair(0, 2), Pair(1, 2)]).write(folder / "run")
    uploads = [
        write_file(
            folder, header("clinic"), [row("clinic ada", consent=first), row("clinic ada again", consent=second)]
        ),
        write_file(folder, header("ymca"), [row("ymca ada", consent=consent("clinic", expires=date(2026, 12, 1)))]),
    ]
    return care_matches(run, "ymca", today=TODAY, uploads=uploads, kinds=Case().kinds)


def test_a_client_whom_the_other_agency_holds_twice_is_one_match(tmp_path):
    later = date(2026, 9, 1)
    (seen,) = twice_at_the_clinic(tmp_path, consent("ymca"), consent("ymca", expires=later))
    assert (seen.row, seen.other_agency) == (LINES[1].row, "clinic")
    assert seen.areas == ("food", "health", "shelter")
    assert (seen.first_month, seen.last_month) == ("2026-01", "2026-05")
    assert seen.consent_until == TOMORROW


@pytest.mark.parametrize("withheld", [None, consent("food_bank"), consent("ymca", expires=YESTERDAY)])
def test_a_row_without_consent_adds_nothing_to_the_match_of_its_double(tmp_path, withheld):
    (seen,) = twice_at_the_clinic(tmp_path, consent("ymca"), withheld)
    assert (seen.areas, seen.first_month, seen.last_month) == (("food", "health"), "2026-02", "2026-03")


def test_two_rows_of_ones_own_are_two_matches(tmp_path):
    lines = [LINES[0], LINES[1], Line("ymca", "ada again", 0)]
    run = MadeRun(lines, [Pair(0, 1), Pair(0, 2)]).write(tmp_path / "run")
    rows = [row(f"ymca {name}", consent=consent("clinic")) for name in ("ada", "ada again")]
    uploads = [
        write_file(tmp_path, header("clinic"), [row("clinic ada", consent=consent("ymca"))]),
        write_file(tmp_path, header("ymca"), rows),
    ]
    seen = care_matches(run, "ymca", today=TODAY, uploads=uploads, kinds=Case().kinds)
    assert [match.row for match in seen] == sorted(line.row for line in lines[1:])


def test_matches_come_sorted_by_the_agencys_own_rows(tmp_path):
    people = range(6)
    lines = [Line(agency, f"client {n}", n) for agency in Case().kinds for n in people]
    run = MadeRun(lines, [Pair(n, 6 + n) for n in reversed(people)]).write(tmp_path / "run")
    uploads = [
        write_file(tmp_path, header(a), [row(f"{a} client {n}", consent=consent(other)) for n in people])
        for a, other in (("clinic", "ymca"), ("ymca", "clinic"))
    ]
    seen = care_matches(run, "clinic", today=TODAY, uploads=uploads, kinds=Case().kinds)
    assert [match.row for match in seen] == sorted(line.row for line in lines[:6])


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="nowhere: this is not the folder of a run"):
        care_matches(tmp_path / "nowhere", "ymca", today=TODAY, uploads=[], kinds=Case().kinds)


def test_a_damaged_upload_is_refused_rather_than_read_as_no_consent(tmp_path):
    run = MadeRun(LINES, [Pair(0, 1)]).write(tmp_path / "run")
    damaged = tmp_path / "clinic.codes.jsonl"
    damaged.write_bytes(b"{}\n")
    with pytest.raises(EncodedFileError, match=r"clinic\.codes\.jsonl: this is not a file of encodings"):
        care_matches(run, "ymca", today=TODAY, uploads=[damaged], kinds=Case().kinds)
