"""The networks, each written once; pooling, activation and normalization are parameters."""

from suites.networks.architectures.build import (
    NETWORKS as NETWORKS,
    PIXELS as PIXELS,
    NetworkError as NetworkError,
    build as build,
    check as check,
    widths as widths,
)
from suites.networks.architectures.parts import Parts as Parts
from suites.networks.architectures.plane import PLANE as PLANE
