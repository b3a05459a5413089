# ruff: noqa: E501 -- specifications are as wide as they are
"""The columns of a HUD HMIS CSV export in each year's specification, in their order."""

from __future__ import annotations

_END = "DateCreated DateUpdated UserID DateDeleted ExportID"
_NAME = "PersonalID FirstName MiddleName LastName NameSuffix NameDataQuality SSN SSNDataQuality DOB DOBDataQuality"
_VETERAN = (
    "VeteranStatus YearEnteredService YearSeparated WorldWarII KoreanWar VietnamWar DesertStorm AfghanistanOEF IraqOIF "
    "IraqOND OtherTheater MilitaryBranch DischargeStatus"
)
CLIENT = {
    "FY2020": f"{_NAME} AmIndAKNative Asian BlackAfAmerican NativeHIOtherPacific White RaceNone Ethnicity Gender {_VETERAN} {_END}",
    "FY2022": f"{_NAME} AmIndAKNative Asian BlackAfAmerican NativeHIPacific White RaceNone Ethnicity Female Male NoSingleGender "
    f"Transgender Questioning GenderNone {_VETERAN} {_END}",
    "FY2024": f"{_NAME} AmIndAKNative Asian BlackAfAmerican HispanicLatinaeo MidEastNAfrican NativeHIPacific White RaceNone "
    f"AdditionalRaceEthnicity Woman Man NonBinary CulturallySpecific Transgender Questioning DifferentIdentity GenderNone "
    f"DifferentIdentityText {_VETERAN} {_END}",
    "FY2026": f"{_NAME} Sex AmIndAKNative Asian BlackAfAmerican HispanicLatinao MidEastNAfrican NativeHIPacific White RaceNone "
    f"AdditionalRaceEthnicity {_VETERAN} {_END}",
}  # fmt: skip
YEARS = tuple(CLIENT)
_OTHERS = {
    "Export": "ExportID SourceType SourceID SourceName SourceContactFirst SourceContactLast SourceContactPhone "
    "SourceContactExtension SourceContactEmail ExportDate ExportStartDate ExportEndDate SoftwareName SoftwareVersion "
    "CSVVersion ExportPeriodType ExportDirective HashStatus ImplementationID",
    "Organization": f"OrganizationID OrganizationName VictimServiceProvider OrganizationCommonName {_END}",
    "Project": "ProjectID OrganizationID ProjectName ProjectCommonName OperatingStartDate OperatingEndDate ContinuumProject "
    f"ProjectType HousingType RRHSubType ResidentialAffiliation TargetPopulation HOPWAMedAssistedLivingFac PITCount {_END}",
    "Enrollment": "EnrollmentID PersonalID ProjectID EntryDate HouseholdID RelationshipToHoH EnrollmentCoC LivingSituation "
    "RentalSubsidyType LengthOfStay DisablingCondition DateOfEngagement MoveInDate DateOfPATHStatus LastPermanentStreet "
    f"LastPermanentCity LastPermanentState LastPermanentZIP HOHLeaseholder TargetScreenReqd {_END}",
    "Exit": f"ExitID EnrollmentID PersonalID ExitDate Destination OtherDestination {_END}",
    "Services": "ServicesID EnrollmentID PersonalID DateProvided RecordType TypeProvided OtherTypeProvided MovingOnOtherType "
    f"SubTypeProvided FAAmount FAStartDate FAEndDate ReferralOutcome {_END}",
    "CurrentLivingSituation": "CurrentLivingSitID EnrollmentID PersonalID InformationDate CurrentLivingSituation "
    f"CLSSubsidyType VerifiedBy LeaveSituation14Days SubsequentResidence LocationDetails {_END}",
    "HealthAndDV": "HealthAndDVID EnrollmentID PersonalID InformationDate DomesticViolenceSurvivor WhenOccurred "
    f"CurrentlyFleeing GeneralHealthStatus DataCollectionStage {_END}",
    "Disabilities": f"DisabilitiesID EnrollmentID PersonalID InformationDate DisabilityType DisabilityResponse {_END}",
    "User": "UserID UserFirstName UserLastName UserPhone UserExtension UserEmail DateCreated DateUpdated DateDeleted ExportID",
}  # fmt: skip


def columns(file: str, year: str) -> list[str]:
    """A file's columns in the order of a year's specification."""
    return (CLIENT[year] if file == "Client" else _OTHERS[file]).split()
