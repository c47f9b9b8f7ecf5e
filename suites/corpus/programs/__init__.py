"""The corpus of operations that are piecewise programs: forms of each, and what they are given.

Not to be confused with `oracle.programs`, which says what these operations are.
"""

from suites.corpus.programs.blueprint import (
    ProgramBlueprint as ProgramBlueprint,
    program_blueprints as program_blueprints,
)
from suites.corpus.programs.catalogue import FORMS as FORMS
