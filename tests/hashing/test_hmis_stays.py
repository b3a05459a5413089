"""What enrollments alone tell of services: nights in shelters and homes, and the day of entry elsewhere."""

import pytest
from client_lists import TODAY
from hmis_exports import Files, Row, enrollment, folder, town, written

from hashing.export import AgencyExport, read_export
from hashing.hmis_projects import Project


def read(path, files: Files) -> AgencyExport:
    path.mkdir(exist_ok=True)
    return read_export([folder(path / "export", written(files))], today=TODAY)


def enrolled(*enrollments: Row, kind: str = "0", **files: list[Row]) -> Files:
    """The town with these enrollments in one project of a kind."""
    found = town() | {"Enrollment": list(enrollments), **files}
    project = {"ProjectID": "here", "OrganizationID": "o1", "ProjectType": kind, "TargetPopulation": "4"}
    return found | {"Project": [*found["Project"], project]}


def left(number: str, person: str, day: str) -> Row:
    return {"ExitID": f"x{number}", "EnrollmentID": number, "PersonalID": person, "ExitDate": day}


def months(found: AgencyExport, person: str = "p1") -> list[tuple[str, str, int]]:
    (client,) = (client for client in found.clients if client.client_id == person)
    return [(service.area.value, service.month, service.units) for service in client.services]


@pytest.mark.parametrize("kind", ["0", "2", "8"])
def test_a_stay_counts_each_night_from_entry_to_exit(tmp_path, kind):
    stay = enrollment("e1", "p1", "here", EntryDate="2026-01-30")
    found = read(tmp_path, enrolled(stay, kind=kind, Exit=[left("e1", "p1", "2026-03-03")]))
    assert months(found) == [("shelter", "2026-01", 2), ("shelter", "2026-02", 28), ("shelter", "2026-03", 2)]
    assert any(note.startswith("1 enrollment counts as services") for note in found.notes)


@pytest.mark.parametrize(
    ("entry", "left_on", "told"),
    [
        ("2026-02-03", "2026-02-03", [("shelter", "2026-02", 1)]),  # in and out on one day
        ("2026-02-03", "2026-02-01", [("shelter", "2026-02", 1)]),  # typed wrongly
        ("2026-02-03", "2026-03-01", [("shelter", "2026-02", 26)]),  # the day of leaving is no night
        ("2026-06-29", "", [("shelter", "2026-06", 2)]),  # still there when the export ends
        ("2025-11-03", "2026-01-03", [("shelter", "2026-01", 2)]),  # the export tells nothing of the time before it
        ("2025-11-03", "2025-12-03", []),
        ("2026-07-02", "", []),
        ("soon", "", []),
    ],
)
def test_a_stay_ends_with_the_exit_or_with_the_export(tmp_path, entry, left_on, told):
    exits = [left("e1", "p1", left_on)] if left_on else []
    found = read(tmp_path, enrolled(enrollment("e1", "p1", "here", EntryDate=entry), Exit=exits))
    assert months(found) == told


def test_a_stay_with_bed_nights_of_its_own_is_not_counted_twice(tmp_path):
    night = {
        "ServicesID": "s1",
        "EnrollmentID": "e1",
        "PersonalID": "p1",
        "DateProvided": "2026-02-03",
        "RecordType": "200",
    }
    stay = enrollment("e1", "p1", "here", EntryDate="2026-01-30")
    assert months(read(tmp_path, enrolled(stay, Services=[night]))) == [("shelter", "2026-02", 1)]
    meal = night | {"RecordType": "144", "OtherTypeProvided": "Meals"}
    assert months(read(tmp_path, enrolled(stay, Services=[meal], Exit=[left("e1", "p1", "2026-02-01")]))) == [
        ("food", "2026-02", 1),
        ("shelter", "2026-01", 2),
    ]


@pytest.mark.parametrize("kind", ["3", "9", "10", "13"])
def test_housing_is_a_home_from_the_day_on_which_the_household_moved_in(tmp_path, kind):
    head = enrollment("e1", "p1", "here", EntryDate="2026-01-30", HouseholdID="h", MoveInDate="2026-04-20")
    child = enrollment("e2", "p2", "here", EntryDate="2026-04-25", HouseholdID="h", RelationshipToHoH="2")
    exits = [left(number, person, "2026-05-03") for number, person in (("e1", "p1"), ("e2", "p2"))]
    found = read(tmp_path, enrolled(head, child, kind=kind, Exit=exits))
    assert months(found) == [("shelter", "2026-04", 11), ("shelter", "2026-05", 2)]
    assert months(found, "p2") == [("shelter", "2026-04", 6), ("shelter", "2026-05", 2)]


def test_who_left_before_the_household_moved_in_had_no_home_there(tmp_path):
    head = enrollment("e1", "p1", "here", EntryDate="2026-01-30", HouseholdID="h", MoveInDate="2026-04-20")
    other = enrollment("e2", "p2", "here", EntryDate="2026-01-30", HouseholdID="h", RelationshipToHoH="3")
    found = read(tmp_path, enrolled(head, other, kind="13", Exit=[left("e2", "p2", "2026-03-01")]))
    assert months(found, "p2") == [("shelter", "2026-01", 1)]  # the day of entry


@pytest.mark.parametrize(
    ("kind", "area"), [("1", "shelter"), ("4", "outreach"), ("6", "other"), ("13", "shelter"), ("14", "outreach")]
)
def test_elsewhere_the_day_of_entry_counts_where_nothing_else_is_told(tmp_path, kind, area):
    entry = enrollment("e1", "p1", "here", EntryDate="2026-02-03")
    assert months(read(tmp_path, enrolled(entry, kind=kind))) == [(area, "2026-02", 1)]


def test_an_enrollment_of_which_a_contact_is_told_needs_no_entry(tmp_path):
    contact = {"CurrentLivingSitID": "c1", "EnrollmentID": "e1", "PersonalID": "p1", "InformationDate": "2026-05-01",
               "CurrentLivingSituation": "116"}  # fmt: skip
    entry = enrollment("e1", "p1", "here", EntryDate="2026-02-03")
    assert months(read(tmp_path, enrolled(entry, kind="4", CurrentLivingSituation=[contact]))) == [
        ("outreach", "2026-05", 1)
    ]
    assert months(read(tmp_path, enrolled(entry, kind="11", CurrentLivingSituation=[contact]))) == [
        ("shelter", "2026-02", 1)
    ]


def test_a_project_of_which_nothing_is_known_tells_no_service(tmp_path):
    assert months(read(tmp_path, enrolled(enrollment("e1", "p1", "nowhere")))) == []
    files = {name: rows for name, rows in town().items() if name != "Project"}
    assert months(read(tmp_path / "without", files)) == []


def test_deleted_enrollments_and_exits_tell_nothing(tmp_path):
    gone = {"DateDeleted": "2026-02-01 08:00:00"}
    stay, out = enrollment("e1", "p1", "here", EntryDate="2026-01-30"), left("e1", "p1", "2026-02-01")
    assert months(read(tmp_path, enrolled(stay | gone))) == []
    later = left("e1", "p1", "2026-02-03")
    assert months(read(tmp_path, enrolled(stay, Exit=[out | gone, later])))[-1] == ("shelter", "2026-02", 2)


def test_nights_for_people_with_hiv_are_told_as_nights_for_anybody(tmp_path):
    def told(project: str) -> list[tuple[str, str, int]]:
        stay = enrollment("e1", "p1", project, EntryDate="2026-01-30", MoveInDate="2026-01-30")
        return months(read(tmp_path / project, enrolled(stay, kind="3", Exit=[left("e1", "p1", "2026-03-03")])))

    assert (
        told("hopwa")
        == told("here")
        == [("shelter", "2026-01", 2), ("shelter", "2026-02", 28), ("shelter", "2026-03", 2)]
    )


@pytest.mark.parametrize(("tracking", "is_stay"), [("0", True), ("3", False), ("", False)])
def test_a_shelter_of_the_years_before_2024_says_how_it_counts(tracking, is_stay):
    assert Project("1", tracking=tracking).is_stay is is_stay


def test_a_stay_is_told_whole_where_the_export_tells_no_period(tmp_path):
    files = enrolled(enrollment("e1", "p1", "here", EntryDate="2020-01-30"))
    del files["Export"]
    assert months(read(tmp_path, files))[0] == ("shelter", "2020-01", 2)


@pytest.mark.parametrize(
    ("kind", "type_", "unit", "units"),
    [
        ("0", "emergency_shelter", "nights", 2),
        ("8", "emergency_shelter", "nights", 2),
        ("2", "housing", "nights", 2),
        ("3", "housing", "nights", 2),
        ("9", "housing", "nights", 2),
        ("10", "housing", "nights", 2),
        ("13", "housing", "nights", 2),
        ("1", "emergency_shelter", "encounters", 1),  # by nights, of which none is recorded
        ("4", "street_outreach", "encounters", 1),
        ("11", "other", "encounters", 1),  # a day shelter has no nights
        ("12", "rent_assistance", "encounters", 1),
        ("14", "referral", "encounters", 1),
        ("6", "other", "encounters", 1),
    ],
)
def test_the_type_of_a_project_tells_the_type_of_its_services(tmp_path, kind, type_, unit, units):
    stay = enrollment("e1", "p1", "here", EntryDate="2026-01-30", MoveInDate="2026-01-30")
    found = read(tmp_path, enrolled(stay, kind=kind, Exit=[left("e1", "p1", "2026-02-01")]))
    (told,) = (client.services for client in found.clients if client.client_id == "p1")
    assert [(s.type, s.unit, s.units) for s in told] == [(type_, unit, units)]


def test_entering_a_project_for_housing_is_no_night(tmp_path):
    found = read(tmp_path, enrolled(enrollment("e1", "p1", "here", EntryDate="2026-01-30"), kind="3"))
    (told,) = (client.services for client in found.clients if client.client_id == "p1")
    assert [(s.type, s.unit, s.units) for s in told] == [("housing", "encounters", 1)]
