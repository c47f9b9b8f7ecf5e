"""The known-right implementations are right, and each wrong one is wrong just where it says."""

from __future__ import annotations

import faulthandler
import importlib
import multiprocessing
from types import ModuleType

import pytest
import torch
from torch import Tensor

from suites.meta.implementations import _pooling, catalogue
from suites.meta.implementations._examples import EXAMPLES, SPECIAL

ENTRIES = {entry.name: entry for entry in catalogue.entries()}
RIGHT = [name for name in ENTRIES if name.startswith("right_")]
FORMATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

SHOWN_BY = {
    "wrong_every_tie_gets_all": "two tied",
    "wrong_loses_mass": "two tied",
    "wrong_beta_two": "three tied",
    "wrong_rule_changes": "alternating",
    "wrong_tolerance_ties": "near tie",
    "wrong_one_ulp_off": "plain",
    "wrong_nan_at_smooth": "zeros",
    "wrong_drops_edge_windows": "below zero",
    "wrong_ignores_ceil_mode_backward": "ceil",
    "wrong_ignores_nan": "nan",
    "wrong_nan_spreads": "nan",
    "wrong_infinity_ignored": "infinity",
    "wrong_infinity_leaks": "infinite cotangent",
    "wrong_minus_infinity_ignored": "minus infinity",
    "wrong_padding_is_zero": "below zero",
    "wrong_ignores_dilation": "dilated",
    "wrong_ignores_dilation_backward": "dilated",
    "wrong_compares_low_precision": "near tie",
    "wrong_compares_flushed": "subnormal inputs",
    "wrong_overlap_overwrites": "overlap",
    "wrong_lost_updates": "overlap",
    "wrong_low_precision_accumulation": "inexact",
    "wrong_zero_gradient": "plain",
    "wrong_negated_gradient": "plain",
    "wrong_flushes_subnormals": "subnormal cotangent",
    "wrong_mixes_samples": "samples",
    "wrong_mixes_channels": "channels",
    "wrong_leaks_outside": "gaps",
    "wrong_empty_window_writes": "nothing read",
    "wrong_index_overflow": "large",
    "wrong_second_backward_differs": "plain",
    "wrong_output_one_ulp_off": "plain",
    "wrong_indices_window_relative": "plain",
    "wrong_indices_shifted_by_padding": "below zero",
    "wrong_channels_last_misread": "channels-last",
    "wrong_expanded_cotangent_misread": "expanded",
    "wrong_transposed_cotangent_misread": "transposed",
    "wrong_fractional_windows_shifted": "steps",
    "wrong_fractional_last_not_pinned": "steps",
    "wrong_fractional_samples_swapped": "steps",
    "wrong_fractional_samples_of_channel_0": "steps",
    "wrong_fractional_overlap_lost": "chosen twice",
}
HIDDEN_BY = {
    "wrong_one_ulp_off": "two tied",
    "wrong_zero_gradient": "zeros",
    "wrong_negated_gradient": "zeros",
    "wrong_second_backward_differs": "zeros",
    "wrong_output_one_ulp_off": "zeros",
    "wrong_indices_window_relative": "two tied",
}
"""What hides a fault that the example `plain` shows."""

DEATHS = {
    "wrong_segfaults": -11,
    "wrong_aborts": -6,
    "wrong_memory_runs_out": -9,
    "wrong_exits": 3,
    "wrong_hangs": None,
}
RAISED = {
    "wrong_raises": ("threes", RuntimeError),
    "wrong_raises_in_backward": ("threes", RuntimeError),
    "wrong_not_implemented": ("bfloat16", NotImplementedError),
}


def loaded(name: str) -> ModuleType:
    return importlib.import_module(f"suites.meta.implementations.{name}")


def ran(name: str, example: str) -> dict[str, Tensor]:
    chosen = EXAMPLES[example]
    return chosen.run(getattr(loaded(name), chosen.op))


def differing(name: str, example: str) -> set[str]:
    """Return the requirements in which an implementation differs from the right first index."""
    got, right = ran(name, example), ran("right_first_index", example)
    parts = {part for part in ("output", "indices", "gradient") if not same(got[part], right[part])}
    if parts and example in SPECIAL:
        return {"special"}
    return parts | (set() if same(got["again"], got["gradient"]) else {"second-backward"})


def same(got: Tensor, expected: Tensor) -> bool:
    return bool(((got == expected) | (got.isnan() & expected.isnan())).all())


@pytest.mark.parametrize("name", [name for name in RIGHT if name != "right_random_order"])
def test_parts_of_a_call_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    numbers = torch.randint(0, 3, (5, 2, 4, 3)).float().requires_grad_()
    whole = gradient_of(name, numbers)
    monkeypatch.setattr(_pooling, "_ENTRIES", 300)
    assert torch.equal(gradient_of(name, numbers), whole)


def gradient_of(name: str, numbers: Tensor) -> Tensor:
    output = loaded(name).max_pool2d(numbers, 3, 1, padding=1)
    cotangent = torch.arange(1.0, 1 + output.numel()).view_as(output)
    return torch.autograd.grad(output, numbers, cotangent)[0]


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("dtype", FORMATS)
def test_right_gradients_pass_on_the_whole_cotangent(name: str, dtype: torch.dtype) -> None:
    """Exactly, but for a rounded reciprocal: up to six tied inputs divide 60."""
    torch.manual_seed(0)
    numbers = torch.randint(0, 3, (5, 2, 4, 3)).to(dtype).requires_grad_()
    output = loaded(name).max_pool2d(numbers, (3, 2), 1, padding=(1, 0))
    cotangent = (60 * torch.randint(-1, 2, output.shape)).to(dtype)
    first, second = (
        torch.autograd.grad(output, numbers, cotangent, retain_graph=True)[0] for _ in range(2)
    )
    slack = 1.0 if name == "right_even_split_reciprocal" else 0.0
    sums = first.double().sum((2, 3)) - cotangent.double().sum((2, 3))
    assert sums.abs().max() <= slack
    assert torch.equal(first, second)


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("example", ["plain", "overlap", "nan", "infinity", "nothing read"])
def test_right_ones_agree_where_nothing_is_tied(name: str, example: str) -> None:
    assert not differing(name, example)


@pytest.mark.parametrize(("name", "example"), SHOWN_BY.items())
def test_wrong_one_differs_where_its_name_says(name: str, example: str) -> None:
    # the index of another tied input is right, too
    legal = {"indices"} if name == "wrong_rule_changes" else set()
    assert differing(name, example) - legal == set(ENTRIES[name].fails)


@pytest.mark.parametrize("name", SHOWN_BY)
def test_wrong_one_agrees_elsewhere(name: str) -> None:
    assert not differing(name, HIDDEN_BY.get(name, "plain"))


def died(name: str) -> None:
    faulthandler.disable()  # or it would write the child's last words among the parent's
    ran(name, "threes")


@pytest.mark.parametrize(("name", "status"), DEATHS.items())
def test_death_is_real(name: str, status: int | None) -> None:
    child = multiprocessing.get_context("fork").Process(target=died, args=(name,))
    child.start()
    child.join(1 if status is None else 20)
    assert child.exitcode == status
    child.kill()
    child.join()
    assert not differing(name, "plain")


@pytest.mark.parametrize(("name", "raised"), RAISED.items())
def test_error_is_raised(name: str, raised: tuple[str, type[Exception]]) -> None:
    example, kind = raised
    with pytest.raises(kind):
        ran(name, example)
    assert not differing(name, "plain")


def test_small_signature_pools_windows_side_by_side() -> None:
    numbers = torch.arange(16.0).view(1, 1, 4, 4)
    pooled = loaded("signature_small").max_pool2d(numbers, 2)
    assert torch.equal(pooled, torch.nn.functional.max_pool2d(numbers, 2))


def test_catalogue_and_folder_hold_the_same() -> None:
    files = {path.name for path in catalogue.FOLDER.glob("*_*.py") if path.name[0] != "_"}
    assert files == {entry.file for entry in ENTRIES.values()}
    assert all(entry.sentence for entry in ENTRIES.values())
    assert ENTRIES.keys() == {*RIGHT, *SHOWN_BY, *DEATHS, *RAISED, "signature_small"}
