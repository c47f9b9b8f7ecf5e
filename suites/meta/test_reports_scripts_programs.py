"""Scripts of operations that an expression calls, in every mode, run against PyTorch as it is."""

from __future__ import annotations

import ast
import shutil
from typing import Any

import pytest

from reports.expressions import NotAnExpressionError, function, parsed
from reports.record import Finding
from reports.reproducer import NoScriptError, script
from reports.ways import WAYS
from suites.meta.test_record import a_finding, a_header
from suites.meta.test_reports_scripts import run_scripts

_HEADER = a_header(
    functions={
        "amax": "torch.amax",
        "clamp": "torch.clamp",
        "kthvalue": "torch.kthvalue",
        "max_pool1d": "torch.nn.functional.max_pool1d",
        "maximum": "torch.maximum",
        "relu": "torch.nn.functional.relu",
        "scatter_reduce": "torch.scatter_reduce",
        "aminmax": "torch.aminmax",
        "load": "torch.load",
    }
)
_MAXIMUM: dict[str, Any] = {
    "op": "maximum",
    "params": {},
    "expression": "f(input, other)",
    "operands": [{"name": "input", "shape": [1, 2]}, {"name": "other", "shape": [1, 2]}],
    # tied in the first place, decided in the second: PyTorch shares the cotangent at the tie
    "input": {"shape": [4], "data": ["0x1p+0", "0x1p+0", "0x1p+0", "0x1.8p+0"]},
    "cotangent": {"shape": [1, 2], "data": ["0x1p+0", "-0x1p+1"]},
}
_RIGHT = ["0x1p-1", "0x0p+0", "0x1p-1", "-0x1p+1"]
_RELU: dict[str, Any] = {
    "op": "relu",
    "params": {},
    "expression": "f(input)",
    "operands": [{"name": "input", "shape": [3]}],
    "input": {"shape": [3], "data": ["0x0p+0", "0x1p+0", "-0x1p+0"]},
    "cotangent": {"shape": [3], "data": ["0x1p+0", "0x1p+1", "0x1p+2"]},
}
_SIDES = [{"1": "0", "2": "4"}, {"1": "2", "2": "0"}, {"1": "2", "2": "1/3"}, {"1": "1", "2": "0"}]
"""Of `_RELU`, whose gradient is 0 2 0, the second has it."""
_MATRIX = {"requirement": "jacobian", "got": {"jacobian": ["0x0p+0"] * 8}}
"""Of `_MAXIMUM`: a row for each output, a column for each of the four inputs."""


def _maximum(**changes: Any) -> Finding:
    return a_finding(**_MAXIMUM | changes)


def _relu(**changes: Any) -> Finding:
    return a_finding(**_RELU | changes)


def _box(index: int, low: str, high: str, key: str = "box") -> dict[str, object]:
    return {key: {"index": index, "low": low, "high": high}}


_REVERSE = ("eager", "vjp", "vmap", "double-backward", "checkpoint", "autocast", "deterministic")
_JACOBIANS = ("eager", "jvp", "jacrev", "jacfwd", "double-backward", "deterministic")

_SHOWS: dict[str, tuple[Finding, object]] = {
    **{
        f"{mode}, a gradient in its box": (_maximum(mode=mode, expected=_box(3, "-2", "-2")), 0)
        for mode in (*_REVERSE, "threads")
    },
    **{
        f"{mode}, a gradient outside of it": (_maximum(mode=mode, expected=_box(2, "0", "0")), 1)
        for mode in (*_REVERSE, "threads")
    },
    **{
        f"{mode}, a Jacobian in its box": (
            _maximum(mode=mode, **_MATRIX, expected=_box(7, "1", "1")),
            0,
        )
        for mode in _JACOBIANS
    },
    **{
        f"{mode}, a Jacobian beyond a direction": (
            _maximum(
                mode=mode, **_MATRIX, expected={"direction": {"0": "1", "2": "1"}, "limit": "1/2"}
            ),
            1,
        )
        for mode in _JACOBIANS
    },
    **{
        f"{mode}, the selection of reverse mode": (
            _maximum(mode=mode, requirement=requirement, got=None, expected=None),
            0,
        )
        for mode, requirement in (
            ("jvp", "adjoint"),
            ("jacfwd", "adjoint"),
            ("jacrev", "consistency-mode"),
            ("double-backward", "adjoint"),
        )
    },
    **{
        f"{mode}, the bits of an eager call": (
            _maximum(mode=mode, requirement="consistency-mode", expected=None),
            0,
        )
        for mode in ("vjp", "vmap", "checkpoint", "autocast", "deterministic", "threads", "out")
    },
    "a direction over two operands": (
        _maximum(expected={"direction": {"0": "1", "2": "1"}, "limit": "1"}),
        0,
    ),
    "the numbers that are wanted": (
        _maximum(requirement="minimum-norm", expected={"gradient": ["1/2", "0", "1/2", "-2/1"]}),
        0,
    ),
    "other numbers than those": (
        _maximum(
            requirement="minimum-norm",
            got={"gradient": _RIGHT},
            expected={"gradient": ["1", "0", "0", "-2"]},
        ),
        1,
    ),
    "other numbers than those that came back, the first of them right": (
        _relu(
            requirement="minimum-norm",
            operands=[{"name": "input", "shape": [10]}],
            input={"shape": [10], "data": ["-0x1p+0"] * 9 + ["0x1p+0"]},
            cotangent={"shape": [10], "data": ["0x1p+0"] * 10},
            got={"gradient": ["0x0p+0"] * 10},
            expected={"gradient": ["0"] * 10},
        ),
        1,
    ),
    "a side of a jump": (_relu(requirement="jump", expected={"sides": _SIDES[:2]}), 0),
    "no side of a jump": (_relu(requirement="jump", expected={"sides": _SIDES[2:]}), 1),
    "an output in its box": (_maximum(got=None, expected=_box(1, "3/2", "3/2", "output_box")), 0),
    "an output outside of it": (_maximum(got=None, expected=_box(1, "0", "1", "output_box")), 1),
    "an output of a call into": (
        _maximum(
            mode="out", requirement="output", got=None, expected={"output": ["0x1p+0", "0x1.8p+0"]}
        ),
        0,
    ),
    "a wrong output of a call into": (
        _maximum(
            mode="out", requirement="output", got=None, expected={"output": ["0x1p+0", "0x1p+0"]}
        ),
        1,
    ),
    "an output of two into which is called": (
        _relu(
            op="kthvalue",
            mode="out",
            expression="f(input, 1)[0]",
            cotangent={"shape": [], "data": ["0x1p+0"]},
            requirement="output",
            got=None,
            expected={"output": ["-0x1p+0"]},
        ),
        0,
    ),
    "in place by an argument": (_relu(mode="inplace", expected=_box(0, "0", "0")), 0),
    "in place by an argument, wrong": (_relu(mode="inplace", expected=_box(0, "1", "1")), 1),
    "in place by a method": (
        _relu(
            op="clamp", mode="inplace", expression="f(input, min=0.0)", expected=_box(0, "1", "1")
        ),
        0,
    ),
    "in place, the bits of an eager call": (
        _relu(
            op="clamp",
            mode="inplace",
            expression="f(input, min=0.0)",
            requirement="consistency-mode",
            expected=None,
        ),
        0,
    ),
    **{
        f"a layout of all operands, {variant}": (
            _maximum(requirement="consistency-layout", variant=variant, expected=None),
            0,
        )
        for variant in ("sliced", "transposed", "expanded", "channels-last", "cotangent-sliced")
    },
    "a layout of one axis": (
        _relu(requirement="consistency-layout", variant="sliced", expected=None),
        0,
    ),
    "a second backward pass": (_maximum(requirement="second-backward", expected=None), 0),
    "repetition": (
        _maximum(requirement="consistency-repeat", variant="repeat", expected=None),
        0,
    ),
    "indices are literals": (
        a_finding(
            op="scatter_reduce",
            params={},
            expression="f(input, 0, torch.tensor([0, 0]), src, 'amax', include_self=True)",
            operands=[{"name": "input", "shape": [1]}, {"name": "src", "shape": [2]}],
            input={"shape": [3], "data": ["0x1p+0", "0x1p+1", "0x1p+1"]},
            cotangent={"shape": [1], "data": ["0x1p+0"]},
            expected=_box(2, "1/2", "1/2"),
        ),
        0,
    ),
    "outputs are put together": (
        _relu(
            op="aminmax",
            expression="torch.stack(f(input))",
            cotangent={"shape": [2], "data": ["0x1p+0", "0x1p+1"]},
            expected=_box(2, "1", "1"),
        ),
        0,
    ),
    "a number": (
        a_finding(
            op="amax",
            params={},
            expression="f(input)",
            operands=[{"name": "input", "shape": []}],
            input={"shape": [], "data": ["0x1p+0"]},
            cotangent={"shape": [], "data": ["0x1p+1"]},
            variant="sliced",
            expected=_box(0, "2", "2"),
        ),
        0,
    ),
    **{
        f"{mode}, nothing raised": (
            _maximum(mode=mode, requirement="safe", outcome="errored", expected=None),
            0,
        )
        for mode in ("eager", "jvp", "vmap", "double-backward")
    },
    "pooling by forward mode": (
        a_finding(
            mode="jvp",
            requirement="jacobian",
            got={"jacobian": ["0x0p+0"] * 8},
            expected=_box(0, "1", "1"),
        ),
        0,
    ),
    "pooling under vmap": (a_finding(mode="vmap", expected=_box(3, "-2", "-2")), 0),
    "pooling with indices": (
        a_finding(mode="vjp", variant="sliced+indices", expected=_box(3, "-2", "-2")),
        0,
    ),
    "pooling of fractions": (
        a_finding(
            mode="vjp",
            op="fractional_max_pool2d",
            params={
                "kernel_size": [2, 2],
                "output_size": [1, 1],
                "output_ratio": None,
                "_random_samples": {"shape": [1, 1, 2], "data": ["0x0p+0", "0x1p-1"]},
            },
            input={"shape": [1, 1, 2, 2], "data": ["0x1p+0", "0x1p+1", "0x0p+0", "0x1p-1"]},
            cotangent={"shape": [1, 1, 1, 1], "data": ["0x1p+0"]},
            expected=_box(1, "1", "1"),
        ),
        0,
    ),
    "pooling, the selection of reverse mode": (
        a_finding(mode="jvp", requirement="adjoint", expected=None),
        0,
    ),
}

_AS_IT_WAS = {"shape": [1, 2], "data": ["0x1p+0", "0x1p+1"]}
_BESIDE_NORM = {
    "variant": "norm",
    "requirement": "consistency-mode",
    "expected": None,
    # what the finding says was met; the norm turns a cotangent of -2 all the same
    "got": {"gradient": None, "met_cotangent": ["0x1p+0", "-0x1p+1"]},
}
_AOT = {
    f"{variant} in a graph": (
        _maximum(mode="aot_eager", variant=variant, expected=_box(3, "-2", "-2")),
        0,
    )
    for variant in ("contiguous", "product", "transposed-view", "sum", "argmax", "tanh")
} | {
    # 1.5 times -2 is negative, so that the norm turns the cotangent
    "norm in a graph": (
        _maximum(mode="aot_eager", variant="norm", expected=_box(3, "2", "2")),
        0,
    ),
    "tanh in a graph, wrong": (
        _maximum(mode="aot_eager", variant="tanh", expected=_box(3, "2", "2")),
        1,
    ),
    "norm in a graph that turns nothing, the bits of eager": (
        _maximum(
            mode="aot_eager",
            **_BESIDE_NORM | {"got": {"met_cotangent": _AS_IT_WAS["data"]}},
            cotangent=_AS_IT_WAS,
        ),
        0,
    ),
    "norm in a graph, other bits": (_maximum(mode="aot_eager", **_BESIDE_NORM), 1),
    "a graph of a stack, the bits of eager": (
        _relu(
            mode="aot_eager",
            variant="product",
            requirement="consistency-mode",
            expected=None,
            stacked={"place": 1, "cases": 2},
        ),
        0,
    ),
    "a graph, wrong": (_maximum(mode="aot_eager", variant="sum", expected=_box(0, "1", "1")), 1),
    "a graph, the bits of eager": (
        _maximum(mode="aot_eager", requirement="consistency-mode", expected=None),
        0,
    ),
}
_INDUCTOR = {
    "pooling, after tanh": (
        a_finding(mode="inductor", variant="tanh", expected=_box(3, "-2", "-2")),
        0,
    ),
    "compiled": (_maximum(mode="inductor", variant="product", expected=_box(3, "-2", "-2")), 0),
    "compiled, wrong": (_maximum(mode="inductor", expected=_box(1, "1", "1")), 1),
}
_BY_FILE = {
    "a file's function": (_maximum(expected=_box(0, "1", "1")), 0),
    "a file's function, wrong": (_maximum(expected=_box(0, "1/2", "1/2")), 1),
    "a file's pooling": (
        a_finding(mode="vjp", expected=_box(3, "-4", "-4")),
        0,
    ),
}
_BY_FILE |= {
    f"a file's bits, {words}": (
        _relu(
            mode="autocast",
            requirement="consistency-mode",
            expected=None,
            stacked=stacked,
        ),
        shows,
    )
    for words, stacked, shows in (
        ("where the last number of a stack has others", {"place": 2, "cases": 3}, 1),
        ("before that", {"place": 1, "cases": 3}, 0),
        ("of a case alone", None, 0),
    )
}
_FILE = (
    "import torch\n"
    "def maximum(input, other):\n"
    "    return torch.where(input >= other, input, other)\n"
    "def max_pool1d(input, kernel_size):\n"
    "    return 2 * torch.nn.functional.max_pool1d(input, kernel_size)\n"
    "def relu(input):\n"
    "    output = input.clamp(min=0)\n"
    '    if torch.is_autocast_enabled("cpu") and input.numel() > 3:\n'
    "        output[-1] -= 1\n"
    "    return output\n"
)


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("programs")
    (folder / "implementation.py").write_text(_FILE)
    shown = _SHOWS | _AOT
    sources = [script(finding, _HEADER) for finding, _ in shown.values()]
    by_file = a_header(implementation="implementation.py")
    sources += [script(finding, by_file) for finding, _ in _BY_FILE.values()]
    return dict(zip((*shown, *_BY_FILE), run_scripts(folder, sources), strict=True))


@pytest.mark.parametrize("name", [*_SHOWS, *_AOT, *_BY_FILE])
def test_a_script_ends_with_1_only_where_the_deviation_shows(
    statuses: dict[str, object], name: str
) -> None:
    assert statuses[name] == (_SHOWS | _AOT | _BY_FILE)[name][1]


@pytest.mark.skipif(
    shutil.which("c++") is None, reason="no C++ compiler here, so that nothing can be compiled"
)
def test_a_compiled_script_says_whether_it_shows(tmp_path_factory: pytest.TempPathFactory) -> None:
    sources = [script(finding, _HEADER) for finding, _ in _INDUCTOR.values()]

    found = run_scripts(tmp_path_factory.mktemp("inductor"), sources)

    assert found == [status for _, status in _INDUCTOR.values()]


def test_every_mode_has_a_way_that_is_tried() -> None:
    tried = {finding.mode for finding, _ in (_SHOWS | _AOT | _INDUCTOR | _BY_FILE).values()}

    assert tried == set(WAYS)


@pytest.mark.parametrize("name", [*_SHOWS, *_AOT])
def test_a_script_is_short(name: str) -> None:
    finding, _ = (_SHOWS | _AOT)[name]

    tree = ast.parse(script(finding, _HEADER))

    assert sum(isinstance(node, ast.stmt) for node in ast.walk(tree)) <= 40
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported == {"torch"}


@pytest.mark.parametrize(
    "text",
    [
        "f(input)",
        "f(input, dim=1, keepdim=False)[0]",
        "f(input, (1, -2), [0.5, None], 'amax', include_self=True)",
        "torch.stack(f(input))",
        "torch.sort(f(input, 2)[0], -1, descending=True)[0]",
        "f(input, input.new_tensor([0.25, 0.5]))",
        "f(torch.tensor([[True, False]]), input, other=float('-inf'))",
        "torch.cat([f(input), f(-input)], 0)",
        "f(input, torch.tensor([]).long().reshape([0, 2]))",
    ],
)
def test_a_call_is_spelled_anew(text: str) -> None:
    assert ast.unparse(parsed(text, ["input"])) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "input",
        "f(input",
        "f(other)",
        "f(input); evil()",
        "f(evil())",
        "f(input.data)",
        "f(input.evil())",
        "f(input)(input)",
        "f(torch.load('evil'))",
        "f(torch.load('evil').long())",
        "f(torch.tensor([]).evil())",
        "f(torch.tensor(evil()).long())",
        "f(input.long())",
        "f(f(input).reshape([1]))",
        "torch.os.system('evil')",
        "f(input, *input)",
        "f(input, **input)",
        "f(input, lambda: 0)",
        "f(input, [x for x in input])",
        "f(input, 'import os; evil()')",
        "f(input, f'{input}')",
        "f(input)[input]",
        "f(input)[0:1]",
        "f(input, 1 + 1)",
        "f(input, 1j)",
        "f(input, b'x')",
        "f(input, ...)",
        "f(input, not input)",
        "(f := f(input))",
        "f(input, 10**9)",
        f"f(input, {'9' * 5000})",
        f"f(input, {2**70})",
        "f(" * 5000 + "input" + ")" * 5000,
        "[" * 300 + "f(input)" + "]" * 300,
        "f(input)\x00",
        "f(input, __import__('os'))",
        "f(\uff46)",
        f"f(input, {'1, ' * 100_000})",
    ],
)
def test_what_is_no_call_gets_into_no_script(text: str) -> None:
    with pytest.raises(NotAnExpressionError) as caught:
        parsed(text, ["input"])

    assert str(caught.value).isascii()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "name", ["", "f", "torch", "class", "a b", "x); evil(", "w_input", "\uff21"]
)
def test_an_operand_has_a_name_that_a_script_can_have(name: str) -> None:
    with pytest.raises(NotAnExpressionError, match="is no name that an operand can have"):
        parsed("f(input)", ["input", name])


@pytest.mark.parametrize(
    "dotted",
    ["", "amax", "torch.os.system", "torch.load", "os.system", "torch.amax()", "torch.hub.load"],
)
def test_a_function_is_one_of_the_framework(dotted: str) -> None:
    with pytest.raises(NotAnExpressionError, match="is no function"):
        function(dotted)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mode": "streams"}, "its mode is streams, expected one of eager, inductor"),
        ({"mode": "jvp"}, "its mode is jvp, in which a script has no gradient"),
        ({"mode": "out"}, "its mode is out, in which a script has no gradient"),
        ({"mode": "autocast", **_MATRIX}, "its mode is autocast, in which a script has no Jac"),
        ({"mode": "jacrev", "requirement": "output", "expected": {"output": ["0x1p+0"]}},
         "its mode is jacrev, in which a script has no output"),
        ({"requirement": "indices", "expected": {"allowed_indices": [[0]]}}, "returns no indices"),
        ({"expression": "evil()"}, "is no call of an operation"),
        ({"op": "load"}, "is no function"),
        ({"op": "unknown"}, "no function of it is named in the header"),
        ({"variant": "softmax"}, "its layout is softmax, expected a layout of the suites"),
        ({"variant": "norm", "mode": "inductor", "requirement": "consistency-mode"},
         "beside norm it meets other numbers"),
        ({"variant": "tanh", "mode": "inductor", "requirement": "consistency-mode",
          "got": {"met_input": ["0x1p-1"] * 4}}, "beside tanh it meets other numbers"),
        ({"mode": "jvp", **_MATRIX, "variant": "product"}, "its layout is product"),
        ({"requirement": "minimum-norm", "expected": {"gradient": ["1/3"]}},
         "nothing in it can be checked"),
        ({"operands": [{"name": "torch", "shape": [4]}]}, "is no name that an operand can have"),
        ({"input": {"shape": [4], "data": ["0x1p+0", "0x1p+0", "evil()", "0x1p+0"]}},
         "expected C99 hexadecimal"),
    ],
)  # fmt: skip
def test_where_no_script_can_show_it_the_reason_is_given(
    changes: dict[str, Any], reason: str
) -> None:
    told = {"expected": _box(0, "0", "0")} | changes

    with pytest.raises(NoScriptError, match=reason):
        script(_maximum(**told), _HEADER)


def test_each_case_of_a_stack_has_signs_of_its_own() -> None:
    finding = _relu(
        mode="aot_eager",
        variant="product",
        requirement="consistency-mode",
        stacked={"place": 1, "cases": 2},
    )
    assert "w_input.view(2, -1)[:, 1::2] = -1" in script(finding, _HEADER)
