"""What SAUL makes of similarities: the figures of the paper, for choosing cuts and for attacking."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def expected_agreement(cosines: NDArray[np.floating[Any]], *, planes: int) -> NDArray[np.floating[Any]]:
    """Cosines of token sets -> the shares of positions in which their codes agree in the mean, one half for strangers.

    ``(1 + (1 - 2 theta / pi) ** planes) / 2`` with theta the angle (doi 10.56553/popets-2026-0033).
    """
    angles = np.arccos(np.clip(cosines, 0, 1))
    shares: NDArray[np.floating[Any]] = (1 + (1 - 2 * angles / np.pi) ** planes) / 2
    return shares
