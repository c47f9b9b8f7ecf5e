"""The second oracle: verdicts from difference quotients near the input (`judge --by limits`).

Each output is a function of the numbers that it reads, written from the documentation. The input is
moved by a tiny step that follows a total order of the tied inputs (and of the place where they
stood, if one is compared with a constant), so that no tie is left; there difference quotients give
the function's gradient, in the limit of no step at all. Over all orders these are the limits of
nearby gradients: their hull is the Clarke set [Clarke 1983, 2.5.1], and one point of the hull of
each function's own limits makes the conservative set. An output that jumps has neither, and nothing
is asked of its inputs. Membership, with the rounding that oracle/THEORY.md allows, is linear; z3
decides it in exact rationals.

It shares with the first oracle the decoding of floats alone, and exists to be compared with it. So
it is slow, proves nothing to a reader (no certificate), and takes only finite cases with at most
five tied inputs in a component; the others raise `LimitsError`.
"""

from oracle.limits.judging import (
    judge_by_limits as judge_by_limits,
    limiting_gradients as limiting_gradients,
    limits_verdict as limits_verdict,
)
from oracle.limits.quotients import LimitsError as LimitsError
