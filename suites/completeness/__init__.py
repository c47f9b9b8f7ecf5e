"""Is every differentiable operator of a release accounted for?

`operators.toml` puts each into a class; what a release has is asked of the release itself. Nothing
here imports a framework, and nothing here judges a gradient.
"""

from suites.completeness.classes import (
    CLASSES as CLASSES,
    PATH as PATH,
    ClassesError as ClassesError,
    Operator as Operator,
    read_operators as read_operators,
)
from suites.completeness.share import (
    SHARE as SHARE,
    Coverage as Coverage,
    coverage as coverage,
    missing_entries as missing_entries,
)
from suites.completeness.survey import Survey as Survey, completeness as completeness
