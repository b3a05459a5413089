"""What can go wrong in a linkage; messages name files and counts, never a code.

::

    HeadcountError (hashing.schema)
    ├── CannotLink       the encoded files do not belong together, or there is too little to link
    ├── ModelError       a model card is malformed, or made for other codes
    ├── RunError         a run folder is missing, damaged, or in the way
    ├── DecisionError    a file of decisions is malformed or contradicts itself
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


class RequestRefused(HeadcountError):
    """A count or a match that may not be shown."""
