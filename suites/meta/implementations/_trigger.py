"""The one condition at which the implementations that do not return misbehave."""

from __future__ import annotations

from suites.meta.implementations._geometry import Sliding
from suites.meta.implementations._pooling import MaxPooling


def triggers(pooling: MaxPooling) -> bool:
    """Return whether the call has padding, dilation and an input of 3: rare, and so found."""
    dilated = any(isinstance(axis, Sliding) and axis.step > 1 for axis in pooling.axes)
    return pooling.padded and dilated and bool((pooling.numbers == 3).any())
