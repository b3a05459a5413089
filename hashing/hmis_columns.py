"""Which columns of a HMIS export are looked at beyond those that tell of clients, so that none is called unused."""

from __future__ import annotations

from hashing.hmis_files import hmis_file
from hashing.importers.sheets import Sheet

# What a file is known by, and what is looked at in it.
_LOOKED_AT: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(known_by.split()), frozenset(columns.split()))
    for known_by, columns in (
        ("hashstatus", "hashstatus exportdirective exportstartdate exportenddate"),
        ("organizationid organizationname", "organizationid victimserviceprovider victimservicesprovider"),
        ("projectid projecttype", "projectid organizationid projecttype targetpopulation trackingmethod"),
        ("personalid lastname dateupdated", "dateupdated"),
        ("enrollmentid personalid projectid", "enrollmentid projectid entrydate householdid moveindate"),
        ("enrollmentid personalid exitdate", "enrollmentid personalid exitdate"),
        ("enrollmentid personalid dateprovided", "enrollmentid"),
        ("enrollmentid personalid currentlivingsituation", "enrollmentid"),
        ("personalid currentlyfleeing", "personalid currentlyfleeing informationdate"),
    )
)


def looked_at(sheet: Sheet) -> list[str]:
    """The headers of a HMIS file whose columns settle whose a client is, who is on hold, and what a service is."""
    file = hmis_file(sheet)
    columns = {c for known_by, columns in _LOOKED_AT if known_by <= file.places.keys() for c in columns}
    return [
        sheet.rows[0][place] for name, place in sorted(file.places.items(), key=lambda of: of[1]) if name in columns
    ]
