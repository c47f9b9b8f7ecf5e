"""The case file `case/1`: an operation, its exact input and cotangent, and what came back.

Reading is strict: an unknown key, a missing one, a number in another spelling, a length or a shape
that does not fit raises `CaseError`, which names the place and says what was expected.
"""

from oracle.case.case import (
    FLUSH_FLAG as FLUSH_FLAG,
    Case as Case,
    Tensor as Tensor,
    matrix_shape as matrix_shape,
)
from oracle.case.errors import CaseError as CaseError
from oracle.case.keys import SCHEMA as SCHEMA
from oracle.case.reading import WINDOWS_FLAGS as WINDOWS_FLAGS, read_case as read_case
from oracle.case.writing import case_id as case_id, write_case as write_case
