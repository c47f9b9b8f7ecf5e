"""What the smoke profile runs of each stack: every layout, in two of the four formats."""

from __future__ import annotations

from collections import defaultdict

import pytest

from suites.corpus import stacks
from suites.plan import planned
from suites.selection import FORMAT_NAMES, Selection
from suites.variants import VARIANTS, applies


@pytest.mark.parametrize(
    ("op", "kernels"),
    [("max_pool2d", {"contiguous", "contiguous+indices"}), ("amax", {"contiguous"})],
)
def test_each_stack_is_run_in_each_layout_in_two_formats(op: str, kernels: set[str]) -> None:
    selection = Selection(profile="smoke", device="cpu", ops=(op,), modes=("eager",))
    formats: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cell in planned(selection):
        formats[cell.group.stack.name, cell.variant.name].add(cell.group.stack.format)

    suited = {
        (stack.name, variant.name)
        for format_name in FORMAT_NAMES
        for stack in stacks("smoke", op, format_name)
        for variant in VARIANTS
        if applies(variant, stack)
    }
    assert formats.keys() == suited
    everywhere = [key for key, found in formats.items() if len(found) == len(FORMAT_NAMES)]
    assert {variant for _, variant in everywhere} == kernels
    assert {len(found) for key, found in formats.items() if key not in everywhere} == {2}
