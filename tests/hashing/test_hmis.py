"""HUD HMIS CSV exports of every year: by column name, deleted rows aside, and nobody who must not leave."""

import pytest
from client_lists import TODAY, told
from hmis_exports import YEARS, Files, client, columns, enrollment, folder, town, written, zipped

from hashing.client import Sender, encode_export
from hashing.dates import BirthDate
from hashing.errors import AgencyRefused, InputFileError
from hashing.export import AgencyExport, read_export
from hashing.keys import LinkageSecret
from hashing.profile import load_profile
from hashing.schema import ServiceMonth
from hashing.wording import describe_export


def read(path, files: Files, year: str = "FY2026", **how) -> AgencyExport:
    return read_export([folder(path / "export", written(files, year, **how))], today=TODAY)


def services(found: AgencyExport) -> dict[str, list[tuple[str, str, int]]]:
    return {c.client_id: [(s.area.value, s.month, s.units) for s in c.services] for c in found.clients}


def clients_of(found: AgencyExport) -> dict[str, tuple[ServiceMonth, ...]]:
    return {c.client_id: c.services for c in found.clients}


STAYED = ("shelter", "2026-01", 1)  # what e1 tells where no service row belongs to it


@pytest.mark.parametrize("how", [{}, {"case": "upper"}, {"case": "lower"}, {"shuffled": 1}, {"mark": "\ufeff"}])
@pytest.mark.parametrize("year", YEARS)
def test_every_value_of_an_export_is_read_by_the_name_of_its_column(tmp_path, year, how):
    found = read(tmp_path, town(), year, **how).clients
    fields = ["client_id", "first", "middle", "last", "suffix", "birth", "ssn", "ssn4", "household"]
    assert told(found, *fields) == [
        ("p1", "ana", "maria", "nunez garcia", "jr", BirthDate(1971, 5, 2), "512345678", "5678", "h1"),
        ("p2", "bo", "", "made", "", BirthDate(1972, 5, 3), "", "4596", "h2"),
        ("p3", "cy", "", "fict", "", None, "", "", "h3"),
    ]
    assert (found[0].address.building, found[0].address.zip) == ("12 imaginary", "98382")


@pytest.mark.parametrize("within", ["", "HMIS export 2026/", "a/b/"])
def test_a_zip_is_read_like_a_folder_even_with_folders_in_it(tmp_path, within):
    path = zipped(tmp_path / "export.zip", written(town()), within=within)
    assert len(read_export([path], today=TODAY).clients) == 3


def test_a_specification_has_its_own_columns_in_each_year():
    assert "HispanicLatinaeo" in columns("Client", "FY2024")
    assert len(columns("Client", "FY2026")) == 38


@pytest.mark.parametrize(
    ("service", "area"),
    [
        ({"RecordType": "200"}, "shelter"),
        ({"RecordType": "141", "TypeProvided": "5"}, "outreach"),
        ({"RecordType": "144", "OtherTypeProvided": "Grocery box"}, "food"),
        ({"RecordType": "143", "OtherTypeProvided": "HIV clinic"}, "shelter"),
        ({"RecordType": "151", "EnrollmentID": "e2"}, "outreach"),
        ({"RecordType": "143", "EnrollmentID": "gone"}, "other"),
        ({"RecordType": "999"}, "shelter"),
        ({}, "shelter"),
        ({"EnrollmentID": "e2"}, "outreach"),
        ({"EnrollmentID": "gone"}, "other"),
    ],
)
def test_a_service_has_an_area_of_its_own_or_that_of_its_project(tmp_path, service, area):
    row = {"ServicesID": "s1", "EnrollmentID": "e1", "PersonalID": "p1", "DateProvided": "2026-05-01"} | service
    for how in ({}, {"shuffled": 4}):
        found = services(read(tmp_path, town() | {"Services": [row]}, **how))["p1"]
        assert [told for told in found if told != STAYED] == [(area, "2026-05", 1)]


@pytest.mark.parametrize(
    "service", [{"RecordType": "143"}, {"RecordType": "151"}, {"RecordType": "200"}, {"OtherTypeProvided": "Rent"}]
)
def test_what_a_project_for_people_with_hiv_does_is_told_by_its_type_alone(tmp_path, service):
    row = {"ServicesID": "s1", "EnrollmentID": "e3", "PersonalID": "p3", "DateProvided": "2026-05-01"} | service
    (told,) = clients_of(read(tmp_path, town() | {"Services": [row | {"FAAmount": "800"}]}))["p3"]
    assert (told.area, told.type, told.unit, told.month, told.units) == (
        "shelter",
        "housing",
        "encounters",
        "2026-05",
        1,
    )


def test_nothing_tells_a_project_for_people_with_hiv_from_one_for_anybody(tmp_path):
    def told(target: str, record_type: str) -> object:
        files = town() | {
            "Services": [
                {"ServicesID": "s1", "EnrollmentID": "e3", "PersonalID": "p3", "DateProvided": "2026-05-01",
                 "RecordType": record_type},
                {"ServicesID": "s2", "EnrollmentID": "e1", "PersonalID": "p1", "DateProvided": "2026-05-01",
                 "RecordType": record_type},
            ],
        }  # fmt: skip
        files["Project"] = [
            p | ({"TargetPopulation": target} if p["ProjectID"] == "hopwa" else {}) for p in files["Project"]
        ]
        files["Enrollment"] = [e | {"MoveInDate": e["EntryDate"]} for e in files["Enrollment"]]
        path = tmp_path / f"{target}-{record_type}"
        path.mkdir()
        return clients_of(read(path, files))

    anybody = told("4", "999")
    assert told("3", "999") == told("3", "143") == told("3", "151") == told("4", "143") == told("4", "151") == anybody
    assert told("4", "141") != anybody


@pytest.mark.parametrize(
    ("project", "told_of"),
    [("street", [("outreach", "2026-05", 1)]), ("other", [("outreach", "2026-05", 1)]), ("shelter", [STAYED]),
     ("hopwa", [("shelter", "2026-01", 1)]), ("gone", [("outreach", "2026-05", 1)])],
)  # fmt: skip
def test_contacts_on_the_street_are_services_of_outreach(tmp_path, project, told_of):
    files = town() | {
        "Enrollment": [enrollment("e1", "p1", project)],
        "CurrentLivingSituation": [
            {"CurrentLivingSitID": "c1", "EnrollmentID": "e1", "PersonalID": "p1", "InformationDate": "2026-05-01",
             "CurrentLivingSituation": "116", "LocationDetails": "under the bridge"},
            {"CurrentLivingSitID": "c2", "EnrollmentID": "e1", "PersonalID": "p1", "InformationDate": "2026-04-01",
             "CurrentLivingSituation": "116", "DateDeleted": "2026-04-02 10:00:00"},
        ],
    }  # fmt: skip
    assert services(read(tmp_path, files))["p1"] == told_of


def test_deleted_rows_of_every_file_tell_nothing(tmp_path):
    gone = {"DateDeleted": "2026-02-01 08:00:00"}
    files = town()
    files["Client"].append(client("p4", "Di", "Gone", **gone))
    files["Enrollment"].append(
        enrollment(
            "e9", "p2", "shelter", EntryDate="2026-03-01", HouseholdID="h9", LastPermanentStreet="9 Gone Rd", **gone
        )
    )
    files["Services"] = [
        {"ServicesID": "s1", "PersonalID": "p1", "DateProvided": "2026-05-01", "RecordType": "200", **gone}
    ]
    files["Project"].append({"ProjectID": "shelter", "OrganizationID": "o1", "ProjectType": "4", **gone})
    files["Services"].append(
        {"ServicesID": "s2", "EnrollmentID": "e1", "PersonalID": "p1", "DateProvided": "2026-05-02"}
    )
    found = read(tmp_path, files)
    assert services(found) == {
        "p1": [("shelter", "2026-05", 1)],
        "p2": [("outreach", "2026-01", 1)],
        "p3": [("shelter", "2026-01", 1)],
    }
    assert told(found.clients, "household")[1] == ("h2",)


def test_of_a_client_number_that_is_there_twice_the_latest_row_counts(tmp_path):
    files = town()
    files["Client"] += [
        client(
            "p2",
            "Robert",
            "Made",
            DOB="1972-05-03",
            SSN="512345679",
            SSNDataQuality="1",
            DateUpdated="2026-03-01 09:00:00",
        ),
        client("p2", "Rob", "Made", DOB="1972-05-03", DateUpdated="2026-03-01 08:00:00"),
    ]
    found = read(tmp_path, files)
    assert told(found.clients, "client_id", "first", "ssn")[1:] == [("p3", "cy", ""), ("p2", "robert", "512345679")]
    assert "2 older rows of a PersonalID that is there twice were left out: DateUpdated decides" in found.notes


def test_two_people_under_one_number_stay_two(tmp_path):
    files = town()
    files["Client"].append(client("p2", "Zed", "Otherwise", DOB="1940-01-02", DateUpdated="2026-03-01"))
    found = sorted(told(read(tmp_path, files).clients, "client_id", "first"))
    assert found == [("p1", "ana"), ("p2", "bo"), ("p2", "zed"), ("p3", "cy")]


def test_an_export_of_changes_alone_is_told_of(tmp_path):
    files = town()
    note = "this HMIS export holds only what changed (ExportDirective 1) and cannot stand for all clients: export all"
    assert note not in read(tmp_path, files).notes
    files["Export"][0]["ExportDirective"] = "1"
    assert note in read(tmp_path, files).notes


@pytest.mark.parametrize("status", ["2", "3", "4"])
def test_a_scrambled_export_is_refused_wherever_the_column_stands(tmp_path, status):
    files = town()
    files["Export"][0]["HashStatus"] = status
    with pytest.raises(InputFileError, match=r"^Export\.csv: this export is already scrambled"):
        read(tmp_path, files, shuffled=3, case="lower")


def with_victims(*, victims_alone: int = 2, **flags: str) -> Files:
    """The town, and beside it a victim service provider with people of its own, and p1, whom both know."""
    files = town()
    flag = flags or {"VictimServiceProvider": "1"}
    files["Organization"].append({"OrganizationID": "v1", "OrganizationName": "Safe harbor", **flag})
    files["Project"].append({"ProjectID": "safe", "OrganizationID": "v1", "ProjectType": "1", "TargetPopulation": "1"})
    for n in range(victims_alone):
        files["Client"].append(client(f"p{50 + n}", "Hidden", f"Made{'abc'[n]}"))
        files["Enrollment"].append(enrollment(f"v{n}", f"p{50 + n}", "safe"))
    files["Enrollment"].append(
        enrollment("v9", "p1", "safe", EntryDate="2026-06-01", HouseholdID="secret", LastPermanentStreet="66 Safe St")
    )
    files["Services"] = [
        {
            "ServicesID": "s1",
            "EnrollmentID": "v9",
            "PersonalID": "p1",
            "DateProvided": "2026-06-02",
            "RecordType": "200",
        },
        {
            "ServicesID": "s2",
            "EnrollmentID": "e1",
            "PersonalID": "p1",
            "DateProvided": "2026-05-02",
            "RecordType": "200",
        },
        {
            "ServicesID": "s3",
            "EnrollmentID": "v0",
            "PersonalID": "p50",
            "DateProvided": "2026-05-02",
            "RecordType": "200",
        },
    ]
    return files


def test_clients_of_a_victim_service_provider_alone_are_left_out_and_counted(tmp_path):
    found = read(tmp_path, with_victims())
    assert told(found.clients, "client_id") == [("p1",), ("p2",), ("p3",)]
    assert "2 clients of a victim service provider were left out" in found.notes
    assert not any("Safe harbor" in note or "not in the client list" in note for note in found.notes)


def test_a_client_whom_an_ordinary_organization_knows_too_stays_without_what_the_victim_services_wrote(tmp_path):
    found = read(tmp_path, with_victims())
    ana = found.clients[0]
    assert (ana.household, ana.address.building) == ("h1", "12 imaginary")
    assert services(found)["p1"] == [("shelter", "2026-05", 1)]


def test_an_enrollment_number_that_two_systems_gave_out_keeps_nothing_of_the_victim_services_in(tmp_path):
    files = with_victims()
    files["Enrollment"].append(enrollment("e2", "p1", "safe"))  # e2 is p2's at the ordinary organization
    files["Services"].append(
        {
            "ServicesID": "s9",
            "EnrollmentID": "e2",
            "PersonalID": "p1",
            "DateProvided": "2026-06-09",
            "RecordType": "200",
        }
    )
    assert services(read(tmp_path, files))["p1"] == [("shelter", "2026-05", 1)]


def test_whoever_was_left_out_is_in_no_number_that_is_sent(tmp_path):
    encoded = [
        encode_export(
            read(tmp_path, files),
            secret=LinkageSecret(1, bytes(range(32))),
            profile=load_profile("bloom"),
            sender=Sender("a"),
        )
        for files in (town(), with_victims())
    ]
    assert encoded[0].header.rows == encoded[1].header.rows
    assert encoded[0].header.unmatchable == encoded[1].header.unmatchable
    assert [(row.row, row.codes, row.blocks, row.household) for row in encoded[0].rows] == [
        (row.row, row.codes, row.blocks, row.household) for row in encoded[1].rows
    ]


@pytest.mark.parametrize("value", ["1", "1.0", "Yes", "8", "99", "?"])
def test_a_flag_that_is_no_plain_no_is_a_victim_service_providers(tmp_path, value):
    assert len(read(tmp_path, with_victims(VictimServiceProvider=value)).clients) == 3


@pytest.mark.parametrize("value", ["0", "0.0", "No", "F"])
def test_a_plain_no_is_none(tmp_path, value):
    assert len(read(tmp_path, with_victims(VictimServiceProvider=value)).clients) == 5


def test_where_nothing_tells_whether_an_organization_is_a_victim_service_provider_its_clients_are_left_out(tmp_path):
    found = read(tmp_path, with_victims(VictimServiceProvider=""))
    assert told(found.clients, "client_id") == [("p1",), ("p2",), ("p3",)]
    assert services(found)["p1"] == [("shelter", "2026-05", 1)]
    assert (
        "2 clients of an organization whose VictimServiceProvider is empty were left out: write 0 there, in "
        "Organization.csv, if the organization is none" in found.notes
    )


def test_an_export_of_organizations_of_which_nothing_tells_is_refused(tmp_path):
    files = town()
    files["Organization"][0]["VictimServiceProvider"] = ""
    with pytest.raises(AgencyRefused, match=r"^Organization\.csv: VictimServiceProvider is empty") as refusal:
        read(tmp_path, files)
    assert "0 beside each that is none" in refusal.value.hint


def test_a_deleted_organization_of_which_nothing_tells_leaves_nobody_out(tmp_path):
    files = town()
    gone = {"OrganizationID": "o2", "DateDeleted": "2026-01-02", "VictimServiceProvider": ""}
    files["Organization"].append(gone)
    assert len(read(tmp_path, files).clients) == 3


def test_a_deleted_client_is_in_no_number_of_those_left_out(tmp_path):
    files = with_victims()
    files["Client"] += [
        client("p60", "No", "Enrollment"),
        client("p61", "Gone", "Enrollment", DateDeleted="2026-02-01 08:00:00"),
    ]
    notes = read(tmp_path, files).notes
    assert any(note.startswith("1 client without an enrollment at a known organization was left out") for note in notes)


def test_a_deleted_enrollment_elsewhere_keeps_nobody_in(tmp_path):
    files = with_victims()
    files["Enrollment"].append(enrollment("e7", "p50", "shelter", DateDeleted="2026-02-01 10:00:00"))
    assert "p50" not in {c.client_id for c in read(tmp_path, files).clients}


def test_a_deleted_enrollment_at_the_victim_services_still_tells_whose_a_client_is(tmp_path):
    files = with_victims()
    files["Enrollment"] = [
        row | {"DateDeleted": "2026-02-01"} if row["PersonalID"] == "p50" else row for row in files["Enrollment"]
    ]
    found = read(tmp_path, files)
    assert "p50" not in {c.client_id for c in found.clients}
    assert "2 clients of a victim service provider were left out" in found.notes


def test_a_client_of_whom_nothing_tells_whose_they_are_is_left_out_beside_victim_services(tmp_path):
    files = with_victims()
    files["Client"] += [client("p60", "No", "Enrollment"), client("p61", "Lost", "Project")]
    files["Enrollment"].append(enrollment("e8", "p61", "nowhere"))
    found = read(tmp_path, files)
    assert {"p60", "p61"} & {c.client_id for c in found.clients} == set()
    assert any(note.startswith("2 clients without an enrollment at a known organization") for note in found.notes)


def test_a_client_without_an_enrollment_stays_where_no_victim_services_are(tmp_path):
    files = town()
    files["Client"].append(client("p60", "No", "Enrollment"))
    assert "p60" in {c.client_id for c in read(tmp_path, files).clients}


@pytest.mark.parametrize("missing", [("Enrollment",), ("Project",), ("Enrollment", "Project")])
def test_an_export_that_does_not_tell_whose_clients_are_whose_is_refused(tmp_path, missing):
    files = {name: rows for name, rows in with_victims().items() if name not in missing}
    with pytest.raises(
        AgencyRefused, match=r"^Organization\.csv: the export holds clients of a victim service provider"
    ):
        read(tmp_path, files)


def test_an_export_of_victim_services_alone_is_refused(tmp_path):
    files = with_victims()
    files["Organization"][0]["VictimServiceProvider"] = "1"
    with pytest.raises(
        AgencyRefused, match=r"^Organization\.csv: the export holds clients of a victim service provider"
    ) as refusal:
        read(tmp_path, files)
    assert "totals only" in refusal.value.hint


def test_an_export_of_whose_clients_none_is_left_is_refused(tmp_path):
    files = with_victims()
    files["Enrollment"] = [row for row in files["Enrollment"] if row["ProjectID"] == "safe"]
    with pytest.raises(AgencyRefused, match=r"and none that surely are not$"):
        read(tmp_path, files)


def test_a_project_of_an_unknown_organization_keeps_nobody_in(tmp_path):
    files = with_victims()
    files["Project"].append({"ProjectID": "unknown", "OrganizationID": "o9", "ProjectType": "1"})
    files["Enrollment"].append(enrollment("e8", "p50", "unknown"))
    assert told(read(tmp_path, files).clients, "client_id") == [("p1",), ("p2",), ("p3",)]


def test_the_flag_of_fy2020_is_known(tmp_path):
    export = written(with_victims(), "FY2020")
    plural = export["Organization.csv"].replace(b"VictimServiceProvider", b"VictimServicesProvider")
    found = read_export([folder(tmp_path / "export", export | {"Organization.csv": plural})], today=TODAY)
    assert len(found.clients) == 3


def fleeing(*records: tuple[str, str], **more: str) -> Files:
    rows = [
        {
            "HealthAndDVID": f"d{n}",
            "EnrollmentID": "e1",
            "PersonalID": "p1",
            "InformationDate": day,
            "CurrentlyFleeing": answer,
        }
        for n, (day, answer) in enumerate(records)
    ]
    return town() | {"HealthAndDV": [row | more for row in rows]}


@pytest.mark.parametrize(
    ("records", "is_held"),
    [
        ([("2026-01-01", "1")], True),
        ([("2026-01-01", "0")], False),
        ([("2026-01-01", "1"), ("2026-02-01", "0")], False),
        ([("2026-02-01", "1"), ("2026-01-01", "0")], True),
        ([("2026-01-01", "0"), ("2026-01-01", "1")], True),
        ([("2026-01-01", "1"), ("2026-02-01", "99")], True),
        ([("2026-01-01", "1"), ("2026-02-01", "")], True),
        ([("2026-01-01", "9")], False),
        ([("2026-01-01", "maybe")], True),
        ([("soon", "1"), ("2026-01-01", "0")], True),
    ],
)
def test_whoever_is_fleeing_by_the_latest_answer_is_held(tmp_path, records, is_held):
    found = read(tmp_path, fleeing(*records))
    assert ("p1" not in {c.client_id for c in found.clients}) is is_held
    assert (
        any(n.startswith("1 client is on hold (by CurrentlyFleeing in HealthAndDV.csv)") for n in found.notes)
        is is_held
    )


def test_the_household_of_whoever_is_fleeing_is_held_too(tmp_path):
    files = fleeing(("2026-01-01", "1"))
    files["Client"].append(client("p4", "Di", "Núñez-García"))
    files["Enrollment"].append(enrollment("e4", "p4", "shelter", HouseholdID="h1", RelationshipToHoH="2"))
    assert told(read(tmp_path, files).clients, "client_id") == [("p2",), ("p3",)]


def test_a_deleted_record_holds_nobody(tmp_path):
    found = read(tmp_path, fleeing(("2026-01-01", "1"), DateDeleted="2026-01-02 10:00:00"))
    assert len(found.clients) == 3


def test_files_that_were_looked_at_are_not_called_unused(tmp_path):
    (note,) = (
        n
        for n in read(tmp_path, fleeing(("2026-01-01", "0")) | {"Exit": [], "User": []}).notes
        if n.startswith("nothing was used")
    )
    assert "HealthAndDV" not in note
    assert "Project" not in note


def test_no_column_that_was_looked_at_is_called_unused(tmp_path):
    files = fleeing(("2026-01-01", "0")) | {
        "Exit": [{"EnrollmentID": "e1", "PersonalID": "p1"}],
        "User": [{"UserID": "u"}],
    }
    said = list(describe_export(read(tmp_path, files)))
    assert "Exit.csv: looked at, for EnrollmentID, PersonalID, ExitDate" in said
    assert "HealthAndDV.csv: looked at, for PersonalID, InformationDate, CurrentlyFleeing" in said
    assert "  looked at: EnrollmentID, ProjectID, MoveInDate" in said
    assert "  looked at: DateUpdated" in said
    assert "  note: nothing was used of User.csv: no known column of client numbers beside another." in said
    of_clients = next(line for line in said if line.startswith("  not used: Sex"))
    assert "DateUpdated" not in of_clients
