"""What can go wrong in a linkage; messages name files and counts, never a code.

::

    HeadcountError (hashing.schema)
    ├── CannotLink       the encoded files do not belong together, or there is too little to link
    ├── ModelError       a model card is malformed, or made for other codes
    ├── RunError         a run folder is missing, damaged, or in the way
    ├── DecisionError    a file of decisions is malformed or contradicts itself
    ├── RuleError        a rule of disclosure control that would tell more than it seems to
    ├── CannotRelease    numbers that may not leave: beside what was released they would tell too much
    ├── PacketError      what a packet is made of cannot be read
    ├── LedgerError      what was released before cannot be read or kept
    └── RequestRefused   a count or a match that may not be shown
"""

from hashing.schema import HeadcountError


class CannotLink(HeadcountError):
    """The encoded files do not belong together, or hold nothing that could be linked."""


class ModelError(HeadcountError):
    """A model card is malformed, or was made for other codes."""


class RunError(HeadcountError):
    """A run folder is missing, damaged, or in the way."""


class DecisionError(HeadcountError):
    """A file of decisions is malformed, or contradicts itself."""


class RuleError(HeadcountError):
    """A rule of disclosure control that would tell more than it seems to."""


class CannotRelease(HeadcountError):
    """Numbers that may not leave: beside what was released before they would tell too much."""


class LedgerError(HeadcountError):
    """What was released before cannot be read or kept."""


class PacketError(HeadcountError):
    """What a packet is made of cannot be read."""


class RequestRefused(HeadcountError):
    """A count or a match that may not be shown."""
