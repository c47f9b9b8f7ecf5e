"""Whole networks on real images: built, run once forward and backward, and verified layer by layer.

README.md in this folder says how. `suites.networks.verify` judges any model. This folder imports
the framework; what is true it asks of `oracle`, and what it recomputes it does in numpy.
"""

from suites.networks.result import LayerVerdict as LayerVerdict, Verification as Verification
from suites.networks.verifying import VerifyError as VerifyError, verify as verify
from suites.networks.watching import (
    CompiledError as CompiledError,
    MemoryLimitError as MemoryLimitError,
)
