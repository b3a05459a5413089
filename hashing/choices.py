"""What the agency tells Headcount beside its files: the mapping, the order of its dates, and who is on hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hashing.mapping import NOTHING_SAID, AgencyMapping, SheetMapping


@dataclass(frozen=True, slots=True)
class Choices:
    """The agency's choices. *hold* are client numbers that must not leave the computer; no repr shows them."""

    mapping: AgencyMapping = NOTHING_SAID
    day_first: bool | None = None
    hold: frozenset[str] = field(default=frozenset(), repr=False)

    def of_sheet(self, sheet: str) -> SheetMapping:
        """What is said of a sheet; an order of dates that was chosen for this once goes before the mapping's."""
        said = self.mapping.of_sheet(sheet)
        return said if self.day_first is None else replace(said, day_first=self.day_first)


NO_CHOICES = Choices()
