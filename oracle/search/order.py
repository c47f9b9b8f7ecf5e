"""Search one total order of a component's tied inputs that explains the gradient.

First greedily: along an order, the most preferred input gets all its windows, the next all that are
left to it, and so on. Where the gradient leaves a doubt (cotangents that cancel), z3 decides.
"""

from __future__ import annotations

import heapq
from fractions import Fraction
from math import lcm

from oracle.check.bound import Exact
from oracle.search import smt
from oracle.search.component import Component
from oracle.search.linear import Row, Within
from oracle.windows import Window

_RESOURCES = 4_000_000  # z3's rlimit: a count of its steps, so the answer is the same everywhere
_FEW = 6  # bundles around an input whose subsets are tried


def peel_order(component: Component) -> Window | None:
    """Return the choice per bundle of an order that taking inputs away, one by one, gives away."""
    left = _bundles_around(component)
    chosen: dict[Window, int] = {}
    # an input whose gradient is zero says little: it is taken where nothing else can be
    sure = [i for i in component.program.gradient if component.problem.gradient[i]]
    doubtful = list(component.program.gradient)
    while sure or doubtful:
        i = heapq.heappop(sure or doubtful)
        if not left[i] or not _explained(component, i, left[i]):
            continue
        touched = {j for tied in left[i] for j in tied if j in component.program.gradient}
        for tied in list(left[i]):
            chosen[tied] = i
            for j in tied:
                del left[j][tied]
        for j in touched - {i}:
            heapq.heappush(sure if component.problem.gradient[j] else doubtful, j)
    if len(chosen) < len(component.bundles):
        return None
    selection = tuple(chosen[tied] for tied in component.bundles)
    return selection if _fits(component, selection) else None


def _bundles_around(component: Component) -> dict[int, dict[Window, tuple[int, int]]]:
    """Return, for each input, the bundles that may choose it, and what they weigh."""
    around: dict[int, dict[Window, tuple[int, int]]] = {i: {} for i in component.inputs}
    for tied in component.bundles:
        weight = component.weight(tied)
        for i in tied:
            around[i][tied] = weight
    return around


def _explained(component: Component, i: int, windows: dict[Window, tuple[int, int]]) -> bool:
    value = sum(weight[0] for weight in windows.values())
    return _is_near(component, i, value, sum(weight[1] for weight in windows.values()))


def _is_near(component: Component, i: int, value: Exact, magnitude: Exact) -> bool:
    """Return whether coordinate `i` is within rounding of a value of this magnitude."""
    error: Exact = abs(component.problem.gradient[i] - value)
    return error == 0 or error <= component.problem.rounding.bound(i, magnitude)


def _fits(component: Component, chosen: Window) -> bool:
    """Return whether the gradient is within rounding of a selection, on the component's inputs."""
    column = component.column(chosen)
    judged = component.program.gamma
    return all(_is_near(component, i, *column.get(i, (0, 0))) for i in judged)


def solve_order(component: Component) -> Window | None:
    """Return the choice per bundle of an order that z3 finds; None for none, or if it gives up.

    A Boolean stands for each choice, a difference constraint for each preference it implies.
    """
    if not _is_plausible(component):
        return None
    script = [f"(declare-const p{i} Int)" for i in component.inputs]
    limits = component.program.limits[Within.ROUNDING]
    sums: dict[Row, list[tuple[Exact, str]]] = {row: [] for row in limits}
    for number, tied in enumerate(component.bundles):
        names = {i: f"c{number}_{i}" for i in tied}
        script += [f"(declare-const {name} Bool)" for name in names.values()]
        script.append(f"(assert (or {' '.join(names.values())}))")
        for i, name in names.items():
            script += [f"(assert (=> {name} (< p{i} p{j})))" for j in tied if j != i]
            column = {i: component.weight(tied)}
            for row, value in component.program.coefficients(column).items():
                sums[row].append((value, name))
    script += [_at_most(terms, limits[row]) for row, terms in sums.items()]
    try:
        model = smt.solve("QF_LIA", script, resources=_RESOURCES)
    except smt.OutOfResourcesError:
        return None
    if model is None:
        return None
    true = smt.truths(model)
    return tuple(
        next(i for i in tied if f"c{number}_{i}" in true)
        for number, tied in enumerate(component.bundles)
    )


def _at_most(terms: list[tuple[Exact, str]], limit: Exact) -> str:
    """Return the assertion that the chosen values sum to `limit` at most, in integers."""
    scale = lcm(*(Fraction(value).denominator for value, _ in terms), Fraction(limit).denominator)
    chosen = [f"(ite {name} {smt.numeral(int(value * scale))} 0)" for value, name in terms if value]
    return f"(assert (<= {smt.total(chosen)} {smt.numeral(int(limit * scale))}))"


def _is_plausible(component: Component) -> bool:
    """Return whether every coordinate is explained by some of its bundles, where these are few."""
    around = _bundles_around(component)
    for i in component.program.gradient:
        if len(around[i]) > _FEW:
            continue
        sums = {(0, 0)}
        for value, magnitude in around[i].values():
            sums |= {(v + value, m + magnitude) for v, m in sums}
        if not any(_is_near(component, i, *pair) for pair in sums):
            return False
    return True
