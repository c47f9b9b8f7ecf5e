"""Whole layers, verified at about the cost of running them: a certified filter, then the core.

Takes what a framework stored, as raw bits, and says the same words as `oracle.judge` for each input
of a tensor of any size. README.md in this folder says how. A compiled pass proves that a gradient
is within rounding of a rule's point, or proves nothing; what it does not prove goes, component by
component, to the exact core. No framework takes part, and what is beyond the core's budget is
`undecided`, never a pass.
"""

from oracle.scale.layers import check_pool as check_pool, check_program as check_program
from oracle.scale.result import (
    Budget as Budget,
    Finding as Finding,
    LayerResult as LayerResult,
    ScaleError as ScaleError,
    Special as Special,
)
