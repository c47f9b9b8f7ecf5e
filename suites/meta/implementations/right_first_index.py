"""Gives the cotangent to the first of the tied inputs; adds in binary64."""

from __future__ import annotations

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling

globals().update(operations(MaxPooling))
