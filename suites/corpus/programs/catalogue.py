"""All forms, by the operation's name."""

from suites.corpus.programs.bounds import BOUNDS
from suites.corpus.programs.elementwise import ELEMENTWISE
from suites.corpus.programs.factoring import FACTORING
from suites.corpus.programs.form import Form
from suites.corpus.programs.indexed import INDEXED
from suites.corpus.programs.jumps import JUMPS
from suites.corpus.programs.pools import POOLS
from suites.corpus.programs.rows import ROWS
from suites.corpus.programs.sampling import SAMPLING
from suites.corpus.programs.unpooling import UNPOOLING

FORMS: dict[str, tuple[Form, ...]] = {
    **ROWS,
    **INDEXED,
    **UNPOOLING,
    **ELEMENTWISE,
    **BOUNDS,
    **JUMPS,
    **POOLS,
    **SAMPLING,
    **FACTORING,
}
"""Name -> forms; the first of each has every family."""

WITHOUT_KINKS = frozenset(
    (*UNPOOLING, *POOLS, *JUMPS, "where", "nan_to_num", "hardshrink", "celu", "lu_factor")
)
"""Operations of one piece, or whose pieces have one slope where they meet, or a jump there."""

JUMPING = frozenset(
    (
        *("mode", "hardshrink", "threshold", "nan_to_num", "copysign", "grid_sample", "lu_factor"),
        *JUMPS,
    )
)
"""Operations that are discontinuous, `nan_to_num` at infinities and NaN alone."""
