"""Whole layers of operations beside pooling: right ones are proved, wrong ones are caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from oracle.check import check
from suites.meta.indexed_layers import CONSTANT, DIVIDED, LISTED, UNPOOLED, divided, scattered
from suites.meta.scale import Bits, bits_of
from suites.meta.whole_layers import Layer, Operation

F = torch.nn.functional
TWO = ("input", "other")
BOUNDS = ("input", "min", "max")
NO_BOUNDS = {"min": None, "max": None}
DIM = {"dim": 1}
KEPT = {"dim": 1, "keepdim": False}
ORDER = {"dim": 1, "descending": False, "stable": True}


def pooled(kernel: int, stride: int, padding: int) -> dict[str, object]:
    return {
        "kernel_size": [kernel] * 2,
        "stride": [stride] * 2,
        "padding": [padding] * 2,
        "ceil_mode": False,
        "count_include_pad": True,
        "divisor_override": None,
    }


def clamp_with_number(x: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
    return torch.minimum(torch.maximum(lower, x), torch.tensor(2.5, dtype=x.dtype))


def condition(*shape: int) -> tuple[torch.Tensor, dict[str, object]]:
    flags = torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(5)).bool()
    return flags, {"condition": {"shape": list(shape), "data": flags.flatten().tolist()}}


FLAGS, WHERE = condition(200, 500)


def two(op: str, *shapes: tuple[int, ...]) -> Operation:
    return Operation(op=op, function=getattr(torch, op), shapes=shapes, names=TWO)


PICKS = [
    *(two(op, (200, 500), (200, 500)) for op in ("maximum", "minimum", "fmax", "fmin")),
    *(two("maximum", *shapes) for shapes in (((200, 500), (500,)), ((200, 1), (1, 500)))),
    two("minimum", (20, 50, 20), (50, 1)),
    replace(two("max", (200, 500), (200, 500)), params={"dim": None, "keepdim": False}),
    Operation(
        op="where",
        function=lambda x, y: torch.where(FLAGS, x, y),
        shapes=((200, 500), (500,)),
        names=TWO,
        params=WHERE,
    ),
    Operation(
        op="clamp",
        function=clamp_with_number,
        shapes=((200, 500), (200, 500)),
        names=("input", "min"),
        params={"min": None, "max": (2.5).hex()},
    ),
    Operation(
        op="clamp_min",
        function=torch.clamp_min,
        shapes=((200, 500), (500,)),
        names=("input", "min"),
        params={"min": None},
        constants=("min",),
    ),
]
LEAKS = [
    Operation(op="prelu", function=F.prelu, shapes=(shape, (size,)), names=("input", "weight"))
    for shape, size in (((8, 5, 40, 20), 5), ((80, 60), 1))
]
AVERAGES = [
    Operation(
        op="avg_pool2d",
        function=lambda x: F.avg_pool2d(x, 3, 2, 1),
        shapes=((2, 4, 100, 120),),
        params=pooled(3, 2, 1),
    ),
    Operation(
        op="avg_pool2d",
        function=lambda x: F.avg_pool2d(x, 3, 1, 1),
        shapes=((2, 4, 100, 120),),
        params=pooled(3, 1, 1),
    ),
    Operation(
        op="adaptive_avg_pool2d",
        function=lambda x: F.adaptive_avg_pool2d(x, (7, 9)),
        shapes=((2, 4, 100, 120),),
        params={"output_size": [7, 9]},
    ),
]
ROWS = [
    Operation(
        op="sort",
        function=lambda x: torch.sort(x, dim=1, stable=True)[0],
        shapes=((2500, 40),),
        params=ORDER,
    ),
    Operation(
        op="topk",
        function=lambda x: torch.topk(x, 20, 1)[0],
        shapes=((2500, 40),),
        params={"k": 20, "dim": 1, "largest": True, "sorted": True},
    ),
    Operation(
        op="kthvalue",
        function=lambda x: torch.kthvalue(x, 9, 1)[0],
        shapes=((2500, 40),),
        params={"k": 9, **KEPT},
    ),
    Operation(
        op="median",
        function=lambda x: torch.median(x, 1)[0],
        shapes=((2500, 40),),
        params=KEPT,
    ),
    Operation(
        op="median",
        function=torch.median,
        shapes=((2500, 40),),
        params={"dim": None, "keepdim": False},
    ),
    Operation(
        op="cummax",
        function=lambda x: torch.cummax(x, 1)[0],
        shapes=((2500, 40),),
        params=DIM,
    ),
    Operation(
        op="cummin",
        function=lambda x: torch.cummin(x, 1)[0],
        shapes=((2500, 40),),
        params=DIM,
    ),
    Operation(
        op="cummax",
        function=lambda x: torch.cummax(x, 0)[0],
        shapes=((40, 2500),),
        params={"dim": 0},
    ),
]
ALL = [*PICKS, *LEAKS, *AVERAGES, *ROWS, *LISTED, CONSTANT, *UNPOOLED, *DIVIDED]
UNTIED = [*AVERAGES, *UNPOOLED, *DIVIDED]
APART = [
    operation
    for operation in ALL
    if operation.shapes != ((200, 1), (1, 500)) and operation.function is not torch.median
]
"""Those whose layer is not one large component."""


@pytest.mark.parametrize("operation", ALL, ids=repr)
def test_the_framework_s_layers_conform_by_the_filter_alone(operation: Operation) -> None:
    result = Layer(operation).checked()
    assert result.conforms
    assert result.output_exact
    assert result.proved == result.elements
    assert result.undecided == result.components == 0
    assert sum(result.verdicts.values()) == result.elements
    assert sum(result.grades.values()) == result.elements
    assert result.worst_ratio is not None
    assert result.worst_ratio <= 1
    assert (result.tied > 0) == (operation.op not in ("where",) and operation not in UNTIED)


def touched(bits: Bits, number: int = 40) -> int:
    """A coordinate that is not 0, if there is one."""
    places = np.flatnonzero(bits.view(np.float32))
    return int(places[number % places.size]) if places.size else 0


def an_ulp(bits: Bits) -> None:
    bits.flat[touched(bits)] += 1


def lost(bits: Bits) -> None:
    bits[-3:][..., -1:] = 0


def another_sign(bits: Bits) -> None:
    bits.flat[touched(bits)] ^= np.uint32(1 << 31)


def doubled(bits: Bits) -> None:
    bits.flat[touched(bits)] += np.uint32(1 << 23)


def a_leak(bits: Bits) -> None:
    place = int(np.flatnonzero(bits == 0)[0]) if (bits == 0).any() else 0
    bits.flat[place] = np.uint32(0x41000000)


FAULTS = (lost, another_sign, doubled, a_leak)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", APART, ids=repr)
def test_a_fault_anywhere_is_outside(operation: Operation, fault: Callable[[Bits], None]) -> None:
    layer = Layer(operation)
    for name in layer.gradients:
        changed = layer.bits()
        fault(changed[name])
        if (changed[name].view(np.float32) == layer.bits()[name].view(np.float32)).all():
            continue
        result = layer.checked(changed)
        assert result.verdict == "outside", name
        assert not result.conforms
        worst = next(finding for finding in result.findings if finding.word == "outside")
        assert worst.case is not None
        assert worst.verdict is not None
        check(worst.case, worst.verdict.document())


@pytest.mark.parametrize(
    "operation", [*PICKS, *LEAKS, *ROWS, *LISTED, *UNPOOLED, DIVIDED[0], DIVIDED[-1]], ids=repr
)
def test_wrong_outputs_are_counted(operation: Operation) -> None:
    layer = Layer(operation)
    output = bits_of(layer.output.contiguous()).copy()
    output.flat[-1] ^= 1
    result = layer.checked(output=output)
    assert result.output_exact is False
    assert result.wrong_outputs == 1


@pytest.mark.parametrize("operation", [PICKS[0], PICKS[3], ROWS[0], ROWS[1], ROWS[-1]], ids=repr)
def test_an_untied_gradient_has_no_tolerance(operation: Operation) -> None:
    layer = Layer(operation)
    x = layer.operands["input"].detach()
    lone = torch.arange(x.numel(), dtype=torch.float32).reshape(x.shape)
    layer.operands["input"] = (x + lone / x.numel()).requires_grad_()
    layer.output = operation.function(*layer.operands.values())
    found = torch.autograd.grad(layer.output, [*layer.operands.values()], layer.cotangent)
    layer.gradients = dict(zip(operation.names, found, strict=True))
    assert layer.checked().conforms
    changed = layer.bits()
    an_ulp(changed["input"])
    result = layer.checked(changed)
    assert result.verdict == "outside"


def shared(x: torch.Tensor, y: torch.Tensor, g: torch.Tensor, part: float) -> Bits:
    """The gradient of `maximum` in its first operand that gives it a part of the cotangent."""
    share = (x > y).double() + part * (x == y).double()
    return bits_of((share * g.double()).to(x.dtype))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("part", [0.0, 0.25, 1 / 3, 1.0, 1.5])
def test_any_mixture_of_tied_operands_is_proved_and_nothing_beyond(
    dtype: torch.dtype, part: float
) -> None:
    layer = Layer(two("maximum", (200, 50), (200, 50)), dtype)
    x, y = (tensor.detach() for tensor in layer.operands.values())
    g = layer.cotangent
    result = layer.checked({"input": shared(x, y, g, part), "other": shared(y, x, g, 1 - part)})
    assert result.verdict == ("clarke" if 0 <= part <= 1 else "outside")
    if 0 <= part <= 1:
        assert result.undecided == 0
        assert result.rule == {0.0: "last-index", 1.0: "first-index"}.get(part, "other")


def test_a_broadcast_operand_has_what_the_other_leaves() -> None:
    layer = Layer(two("maximum", (200, 50), (50,)))
    x, y = (tensor.detach() for tensor in layer.operands.values())
    part = torch.rand(x.shape, dtype=torch.float64).to(torch.float32)
    share = (x > y).float() + (x == y) * part
    v = share * layer.cotangent
    rest = (layer.cotangent.double() - v.double()).sum(0).float()
    right = layer.checked({"input": bits_of(v), "other": bits_of(rest)})
    assert (right.verdict, right.proved) == ("clarke", right.elements)
    rest[3] += 0.01
    wrong = layer.checked({"input": bits_of(v), "other": bits_of(rest)})
    assert (wrong.verdict, wrong.undecided) == ("outside", 0)


@pytest.mark.parametrize("op", ["sort", "cummax"])
def test_other_selections_of_tied_rows_are_right(op: str) -> None:
    layer = Layer(next(one for one in ROWS if one.op == op))
    v = layer.gradients["input"]
    x = layer.operands["input"].detach()
    flipped = x.flip(1) if op == "sort" else x
    order = torch.sort(flipped, dim=1, stable=True)[1]
    if op == "sort":
        v = torch.zeros_like(v).scatter(1, order, layer.cotangent).flip(1)
    else:
        first = (x.unsqueeze(1) == layer.output.detach().unsqueeze(2)).int().argmax(2)
        v = torch.zeros_like(v).double().scatter_add(1, first, layer.cotangent.double()).float()
    result = layer.checked({"input": bits_of(v.contiguous())})
    assert result.verdict == "clarke"
    assert result.proved == result.elements
    assert result.rule == {"sort": "last-index", "cummax": "first-index"}[op]


def mixed(layer: Layer, share: torch.Tensor) -> dict[str, Bits]:
    """A gradient of scattered maxima that gives shares in these proportions to what is equal."""
    operation = layer.operation
    to = torch.tensor(operation.params["index"]["data"])
    x, y = (tensor.detach() for tensor in layer.operands.values())
    own, given = share[: x.numel()], share[x.numel() :]
    tied = [(x == layer.output).double() * own, (y == layer.output[to]).double() * given]
    total = tied[0].clone().index_add(0, to, tied[1])
    g = layer.cotangent.double() / total
    parts = ((tied[0] * g).to(x.dtype), (tied[1] * g[to]).to(x.dtype))
    return dict(zip(operation.names, map(bits_of, parts), strict=True))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_any_mixture_within_a_list_is_proved_and_nothing_beyond(dtype: torch.dtype) -> None:
    layer = Layer(scattered(500, 4000), dtype)
    share = torch.rand(4500, dtype=torch.float64)
    right = layer.checked(mixed(layer, share))
    assert (right.verdict, right.rule) == ("clarke", "other")
    assert right.proved == right.elements
    wrong = layer.checked(mixed(layer, share - 0.3))
    assert (wrong.verdict, wrong.undecided) == ("outside", 0)


def test_an_entry_that_is_not_read_has_gradient_0() -> None:
    layer = Layer(LISTED[1])
    changed = layer.bits()
    changed["src"][-1, -1] = 0x40000000
    result = layer.checked(changed)
    assert result.verdict == "outside"
    assert result.verdicts["outside"] == 1


@pytest.mark.parametrize("shapes", [((100, 200), (100, 200)), ((1, 200), (100, 200))])
def test_a_zero_with_a_sign_has_any_share(shapes: tuple[tuple[int, ...], ...]) -> None:
    layer = Layer(divided("copysign", *shapes))
    x = layer.operands["input"].detach().round()
    layer.operands["input"] = x.requires_grad_()
    layer.output = torch.copysign(*layer.operands.values())
    layer.gradients = layer.differentiated()
    right = layer.checked()
    assert (right.verdict, right.rule, right.proved) == ("clarke", "even-split", right.elements)
    changed = layer.bits()
    changed["input"].flat[int((x == 0).flatten().nonzero()[0])] = 0x44000000
    assert layer.checked(changed).verdict == "outside"


@pytest.mark.parametrize("mode", ["trunc", "floor"])
def test_a_quotient_without_its_fraction_has_gradient_0(mode: str) -> None:
    layer = Layer(
        replace(
            divided("div", (100, 200), (200,)),
            function=lambda x, y: torch.div(x, y, rounding_mode=mode),
            params={"rounding_mode": mode},
        )
    )
    result = layer.checked()
    assert (result.verdict, result.output_exact) == ("smooth", True)
    assert result.proved + result.special.free == result.elements
    changed = layer.bits()
    changed["input"][40, 40:60] = 0x3F800000
    found = layer.checked(changed)
    assert found.verdict == "outside"
    assert 0 < found.verdicts["outside"] <= 20


MILLION = [
    two("maximum", (1000, 1000), (1000, 1000)),
    two("minimum", (1000, 1000), (1000,)),
    *(replace(operation, shapes=((8, 16, 100, 120),)) for operation in AVERAGES[:1]),
    *(replace(operation, shapes=((25_000, 40),)) for operation in (ROWS[0], ROWS[1], ROWS[-2])),
]


@pytest.mark.parametrize("operation", MILLION, ids=repr)
def test_a_million_elements_are_decided(operation: Operation) -> None:
    result = Layer(operation).checked()
    assert result.elements >= 1_000_000
    assert result.conforms
    assert result.undecided == 0
