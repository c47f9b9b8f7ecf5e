"""Which of several functions that are equal give the same gradient at a tie?

Equal functions have one Clarke set, and any of its points is right: a difference is nobody's error.
But a program in which one is put in another's place trains otherwise.
"""

from suites.agreement.asking import agreement as agreement
from suites.agreement.table import (
    EQUAL as EQUAL,
    Equal as Equal,
    Question as Question,
    questions as questions,
)
