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


def search_order(component: Component) -> Window | None:
    """Return the choice per bundle that some total order makes, within rounding; None if not found."""
    chosen = _peel(component)
    return chosen if chosen is not None else _solve(component)


def _peel(component: Component) -> Window | None:
    """Take inputs away, each with all windows left to it, whenever the gradient says that it can."""
    left: dict[int, dict[Window, tuple[int, int]]] = {i: {} for i in component.inputs}
    for tied in component.bundles:
        weight = component.weight(tied)
        for i in tied:
            left[i][tied] = weight
    chosen: dict[Window, int] = {}
    waiting, doubtful = list(reversed(component.inputs)), list(component.inputs)
    blind = component.problem.free.union(component.problem.wild)
    while waiting or doubtful:
        # an input whose gradient is zero says little: take it only where nothing else can be taken
        sure = bool(waiting)
        i = waiting.pop() if sure else heapq.heappop(doubtful)
        v = component.problem.gradient[i]
        if not left[i] or i in blind or (sure and not v) or not _explained(component, i, left[i]):
            continue
        touched = set()
        for tied in list(left[i]):
            chosen[tied] = i
            for j in tied:
                del left[j][tied]
                touched.add(j)
        waiting += sorted(touched - {i}, reverse=True)
        for j in touched - {i}:
            heapq.heappush(doubtful, j)
    if len(chosen) < len(component.bundles):
        return None
    selection = tuple(chosen[tied] for tied in component.bundles)
    return selection if fits(component, selection) else None


def _explained(component: Component, i: int, windows: dict[Window, tuple[int, int]]) -> bool:
    value = sum(weight[0] for weight in windows.values())
    return _is_near(component, i, value, sum(weight[1] for weight in windows.values()))


def _is_near(component: Component, i: int, value: int, magnitude: int) -> bool:
    """Return whether coordinate `i` is within rounding of a value of this magnitude."""
    error = abs(component.problem.gradient[i] - value)
    return error == 0 or error <= component.problem.rounding.bound(i, magnitude)


def fits(component: Component, chosen: Window) -> bool:
    """Return whether the gradient is within rounding of a selection, on the component's inputs."""
    column = component.column(chosen)
    judged = component.program.gamma
    return all(_is_near(component, i, *column.get(i, (0, 0))) for i in judged)


def _solve(component: Component) -> Window | None:
    """Ask z3: a Boolean for each choice, a difference constraint for each preference it implies."""
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
    around: dict[int, list[tuple[int, int]]] = {i: [] for i in component.inputs}
    for tied in component.bundles:
        for i in tied:
            around[i].append(component.weight(tied))
    for i in component.program.gamma:
        sums = {(0, 0)}
        for value, magnitude in around[i] if len(around[i]) <= _FEW else ():
            sums |= {(v + value, m + magnitude) for v, m in sums}
        if len(around[i]) <= _FEW and not any(_is_near(component, i, *pair) for pair in sums):
            return False
    return True
