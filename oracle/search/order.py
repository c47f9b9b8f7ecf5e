"""Search one total order of a component's tied inputs that explains the gradient.

First greedily: along an order, the most preferred input gets all its windows, the next all that are
left to it, and so on. Where the gradient leaves a doubt (cotangents that cancel), z3 decides.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import z3

from oracle.check.bound import Exact
from oracle.search.component import Component
from oracle.search.linear import Within
from oracle.windows import Window

_RESOURCES = 4_000_000  # z3's rlimit: a count of its steps, so the answer is the same everywhere


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
    waiting, doubtful = list(reversed(component.inputs)), set(component.inputs)
    blind = component.problem.free.union(component.problem.wild)
    while waiting or doubtful:
        # an input whose gradient is zero says little: take it only where nothing else can be taken
        sure = bool(waiting)
        i = waiting.pop() if sure else min(doubtful)
        if not sure:
            doubtful.discard(i)
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
        doubtful |= touched - {i}
    if len(chosen) < len(component.bundles):
        return None
    selection = tuple(chosen[tied] for tied in component.bundles)
    return selection if fits(component, selection) else None


def _explained(component: Component, i: int, windows: dict[Window, tuple[int, int]]) -> bool:
    value = sum(weight[0] for weight in windows.values())
    magnitude = sum(weight[1] for weight in windows.values())
    error = abs(component.problem.gradient[i] - value)
    return error == 0 or error <= component.problem.rounding.bound(i, magnitude)


def fits(component: Component, chosen: Window) -> bool:
    """Return whether the gradient is within rounding of a selection, on the component's inputs."""
    problem = component.problem
    column = component.column(chosen)
    blind = problem.free.union(problem.wild)
    for i in component.inputs:
        value, magnitude = column.get(i, (0, 0))
        error = abs(problem.gradient[i] - value) if i not in blind else 0
        if error and error > problem.rounding.bound(i, magnitude):
            return False
    return True


def _solve(component: Component) -> Window | None:
    """Ask z3: a Boolean for each choice, a difference constraint for each preference it implies."""
    solver = z3.Solver()
    solver.set("rlimit", _RESOURCES)
    place = {i: z3.Int(f"p{i}") for i in component.inputs}
    choices: dict[tuple[Window, int], z3.BoolRef] = {}
    for number, tied in enumerate(component.bundles):
        names = [z3.Bool(f"c{number}_{i}") for i in tied]
        solver.add(z3.PbEq([(name, 1) for name in names], 1) if len(tied) > 1 else names[0])
        for i, name in zip(tied, names, strict=True):
            choices[tied, i] = name
            solver.add(*(z3.Implies(name, place[i] < place[j]) for j in tied if j != i))
    program = component.program
    limits = program.limits[Within.ROUNDING]
    sums: dict[tuple[int, int], list[tuple[Exact, z3.BoolRef]]] = {row: [] for row in limits}
    for (tied, i), name in choices.items():
        for row, value in program.coefficients({i: component.weight(tied)}).items():
            sums[row].append((value, name))
    for row, terms in sums.items():
        solver.add(_at_most(terms, limits[row]))
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    return tuple(
        next(i for i in tied if z3.is_true(model.eval(choices[tied, i]))) for tied in component.bundles
    )


def _at_most(terms: list[tuple[Exact, z3.BoolRef]], limit: Exact) -> z3.BoolRef:
    """Return `sum of the chosen values <= limit`, in integers."""
    scale = lcm(*(Fraction(value).denominator for value, _ in terms), Fraction(limit).denominator)
    parts = [z3.If(name, z3.IntVal(int(value * scale)), z3.IntVal(0)) for value, name in terms if value]
    return z3.Sum(parts) <= z3.IntVal(int(limit * scale))
