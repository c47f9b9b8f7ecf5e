"""What a pass has counted, as a result says it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.giving import FREED, INFINITE, NANS, WILD_COTANGENTS, WILD_GRADIENTS
from oracle.scale.result import Special


def special_of(counts: NDArray[np.int64]) -> Special:
    """Return what was special, of counts numbered as `giving` has them."""
    return Special(
        nan_inputs=int(counts[NANS]),
        infinite_windows=int(counts[INFINITE]),
        wild_cotangents=int(counts[WILD_COTANGENTS]),
        wild_gradients=int(counts[WILD_GRADIENTS]),
        free=int(counts[FREED]),
    )
