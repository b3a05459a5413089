"""What the people of a run may be counted by."""

from enum import StrEnum


class Breakdown(StrEnum):
    """What a count is broken down by."""

    AGENCY = "agency"
    SERVICE = "service"
    MONTH = "month"
    HOUSEHOLD = "household"
