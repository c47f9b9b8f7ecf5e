"""Reads neighbouring inputs whatever the dilation, forward and backward."""

from __future__ import annotations

from suites.meta.implementations._geometry import Axis, Geometry, Sliding, geometry
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class IgnoresDilation(MaxPooling):
    def layout(self) -> Geometry:
        return geometry(without_dilation(self.axes), self.input.device)


def without_dilation(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return as many windows from the same starts, with nothing between their cells."""
    return tuple(axis._replace(step=1) if isinstance(axis, Sliding) else axis for axis in axes)


globals().update(operations(IgnoresDilation))
