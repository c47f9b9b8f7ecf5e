"""What a search tries: Hypothesis strategies for a case and the way in which it is run.

Whatever is drawn is valid: the draws come in the order in which each bounds the next, and nothing
is ever drawn and thrown away. Each strategy says what it shrinks towards. Nothing here runs an
operation or judges one.
"""

from suites.strategies.example import Example as Example, families as families
from suites.strategies.examples import (
    borders as borders,
    ordinary as ordinary,
    small as small,
    vast as vast,
)
from suites.strategies.features import features as features
