"""The scripts of findings: run against PyTorch as it is, where the right answer is known."""

from __future__ import annotations

import ast
import itertools
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reports.layouts import statements
from reports.literals import NotNumbersError, source
from reports.record import Finding
from reports.reproducer import NoScriptError, script
from suites.frameworks.layouts import LAYOUTS, applicable, place
from suites.meta.test_record import a_finding, a_header

# Runs the scripts named in its arguments and prints the exit status of each: one import of torch
# serves them all.
_DRIVER = """
import contextlib, io, json, runpy, sys
found = []
for path in sys.argv[1:]:
    sys.argv = [path, "implementation.py"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(path)
        found.append(0)
    except SystemExit as end:
        found.append(end.code)
    except Exception as error:
        found.append(repr(error))
print(json.dumps(found))
"""

_POOL2D: dict[str, Any] = {
    "op": "max_pool2d",
    "params": {
        "kernel_size": [2, 2],
        "stride": [1, 2],
        "padding": [0, 1],
        "dilation": [1, 1],
        "ceil_mode": True,
    },
}
_ONES = ["0x1.0p+0"]


def _tied(**changes: Any) -> Finding:
    """Return a finding over max_pool1d([1, 1, 0, 1.5], 2), cotangent (1, -2): gradient 1 0 0 -2."""
    return a_finding(**changes)


def _box(index: int, low: str, high: str) -> dict[str, object]:
    return {"box": {"index": index, "low": low, "high": high}}


def _numbers(shape: list[int], values: itertools.count[int] | list[int]) -> dict[str, object]:
    data = [float(k).hex() for k, _ in zip(values, range(math.prod(shape)), strict=False)]
    return {"shape": shape, "data": data}


_SHOWS: dict[str, tuple[Finding, object]] = {
    "a gradient in its box": (_tied(expected=_box(0, "1/1", "1/1")), 0),
    "a gradient in a box with a fraction": (_tied(expected=_box(3, "-9/4", "-7/4")), 0),
    "a gradient in a box without an end": (_tied(expected=_box(0, "-inf", "inf")), 0),
    "a gradient below its box": (_tied(expected=_box(0, "3/2", "3/2")), 1),
    "a gradient above its box": (_tied(expected=_box(3, "-5/1", "-9/4")), 1),
    "a gradient on the right side": (
        _tied(expected={"direction": {"0": "1/1", "3": "-1/2"}, "limit": "2/1"}),
        0,
    ),
    "a gradient beyond a direction's limit": (
        _tied(expected={"direction": {"0": "1/1", "3": "-1/2"}, "limit": "1999/1000"}),
        1,
    ),
    "a gradient that is not finite": (
        _tied(
            cotangent={"shape": [1, 1, 2], "data": ["nan", "inf"]},
            expected={"direction": {"0": "1/1"}, "limit": "0/1"},
        ),
        "it is not finite",
    ),
    "the right output": (
        _tied(requirement="output", got=None, expected={"output": ["0x1.0p+0", "0x1.8p+0"]}),
        0,
    ),
    "a wrong output": (
        _tied(requirement="output", got=None, expected={"output": ["0x1.0p+0", "0x1.0p+1"]}),
        1,
    ),
    "a wrong place of the output": (
        _tied(
            requirement="output",
            got={"output": ["0x1.0p+1", "0x1.8p+0"]},
            expected={"output": ["0x1.0p+0", "0x0.0p+0"]},
        ),
        1,
    ),
    "a zero of either sign": (
        _tied(
            requirement="output",
            input={"shape": [1, 1, 4], "data": ["0x0.0p+0"] * 4},
            got=None,
            expected={"output": ["-0x0.0p+0", "0x0.0p+0"]},
        ),
        0,
    ),
    "a zero of the wrong sign": (
        _tied(
            requirement="output",
            input={"shape": [1, 1, 4], "data": ["0x0.0p+0"] * 4},
            got={"output": ["0x0.0p+0", "0x0.0p+0"]},
            expected={"output": ["-0x0.0p+0", "0x0.0p+0"]},
        ),
        1,
    ),
    "NaN where it is right": (
        _tied(
            requirement="special",
            input={"shape": [1, 1, 4], "data": ["nan", "0x1.0p+0", "-inf", "inf"]},
            expected={"output": ["nan", "inf"]},
        ),
        0,
    ),
    "right indices": (_tied(requirement="indices", expected={"allowed_indices": [[0, 1], [3]]}), 0),
    "wrong indices": (_tied(requirement="indices", expected={"allowed_indices": [[1], [3]]}), 1),
    "a second backward pass": (_tied(requirement="second-backward", expected=None), 0),
    "a second backward pass with special values": (
        _tied(
            requirement="special",
            cotangent={"shape": [1, 1, 2], "data": ["nan", "inf"]},
            got={"second_gradient": ["nan"] * 4},
            expected=None,
        ),
        0,
    ),
    "a layout": (_tied(requirement="consistency-layout", variant="sliced+indices"), 0),
    "a cotangent's layout": (
        _tied(
            requirement="consistency-layout",
            variant="cotangent-expanded",
            cotangent={"shape": [1, 1, 2], "data": _ONES * 2},
        ),
        0,
    ),
    "repetition": (_tied(requirement="consistency-repeat", variant="repeat"), 0),
    "nothing raised": (_tied(requirement="safe", outcome="errored"), 0),
    "a shape that does not fit": (
        _tied(requirement="safe", outcome="errored", input={"shape": [4], "data": _ONES * 4}),
        "Expected 2D or 3D",
    ),
    "a cotangent that is refused": (
        _tied(
            op="max_pool3d",
            params=_POOL2D["params"]
            | {name: [1] * 3 for name in ("kernel_size", "stride", "dilation")}
            | {"padding": [0] * 3},
            variant="cotangent-channels-last",
            requirement="safe",
            outcome="errored",
            input=_numbers([2, 3, 2, 2], itertools.count()),
            cotangent=_numbers([2, 3, 2, 2], itertools.count()),
        ),
        "Unsupported memory format",
    ),
    "a process that lives": (
        _tied(
            requirement="safe",
            outcome="crashed",
            crash={"signal": "SIGSEGV", "smallest": [0, 0], "processes": 3},
        ),
        0,
    ),
    "a plane": (
        _tied(
            **_POOL2D,
            input=_numbers([1, 2, 3, 3], itertools.count()),
            cotangent=_numbers([1, 2, 2, 2], itertools.count()),
            expected=_box(17, "7/1", "7/1"),
        ),
        0,
    ),
    "a plane of many numbers": (
        _tied(
            **_POOL2D,
            input=_numbers([1, 1, 31, 31], [3] * 500 + [4] * 461),
            cotangent=_numbers([1, 1, 30, 16], [1, 2] * 240),
            expected=_box(960, "2/1", "2/1"),
        ),
        1,
    ),
}


_PLANE: dict[str, Any] = {
    "op": "max_pool2d",
    "params": {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]},
    "input": {
        "shape": [1, 1, 2, 4],
        "data": ["0x1p+0", "0x1p+0", "0x0p+0", "0x1.8p+0", "0x1p+0", "0x0p+0", "0x1p-1", "0x0p+0"],
    },
    "cotangent": {"shape": [1, 1, 1, 2], "data": ["0x1p+0", "-0x1p+1"]},
}
_FRACTIONAL: dict[str, Any] = {
    "op": "fractional_max_pool2d",
    "params": {
        "kernel_size": [2, 2],
        "output_size": None,
        "output_ratio": ["0x1.4p-1", "0x1.4p-1"],
        "_random_samples": {"shape": [1, 1, 2], "data": ["0x0p+0", "0x1p-1"]},
    },
    "input": _numbers([1, 1, 5, 5], itertools.count()),
    "cotangent": _numbers([1, 1, 3, 3], itertools.count(1)),
}
_FRACTIONAL_SIZE = _FRACTIONAL | {
    "params": _FRACTIONAL["params"] | {"output_size": [3, 3], "output_ratio": None}
}
_DRAWN = {
    # with both samples 0, or swapped, place 17 would get nothing
    "fractional windows": (_tied(**_FRACTIONAL, expected=_box(17, "5/1", "5/1")), 0),
    "fractional windows of a size": (_tied(**_FRACTIONAL_SIZE, expected=_box(17, "5/1", "5/1")), 0),
    "fractional windows elsewhere": (_tied(**_FRACTIONAL, expected=_box(17, "0/1", "0/1")), 1),
}


def _compiled(variant: str, **changes: Any) -> Finding:
    """Return a compiled finding over the plane; a right gradient has -2 at place 3, an odd one."""
    return _tied(mode="inductor", variant=variant, **_PLANE | changes)


_COMPILED: dict[str, tuple[Finding, object]] = {
    f"compiled {variant}": (_compiled(variant, expected=_box(3, "-2/1", "-2/1")), 0)
    for variant in ("contiguous", "product", "transposed-view", "sum", "argmax")
} | {
    "compiled, wrong": (_compiled("channels-last", expected=_box(3, "2/1", "2/1")), 1),
    "compiled, a second backward pass": (
        _compiled("contiguous", requirement="second-backward", expected=None),
        0,
    ),
    "compiled, the bits of eager": (
        _compiled("product", requirement="consistency-mode", expected=None),
        0,
    ),
    "compiled, wrong indices": (
        _compiled(
            "sliced+indices", requirement="indices", expected={"allowed_indices": [[0, 1, 4], [2]]}
        ),
        1,
    ),
    "compiled, fractional windows": (
        _tied(mode="inductor", **_FRACTIONAL, expected=_box(17, "5/1", "5/1")),
        0,
    ),
}

_SMALLEST = {
    "binary16": "0x1.0p-24",
    "bfloat16": "0x1.0p-133",
    "binary32": "0x1.0p-149",
    "binary64": "0x0.0000000000001p-1022",
}
_VARIANTS = (
    "contiguous",
    "channels-last",
    "transposed",
    "sliced",
    "channels-last-sliced",
    "cotangent-expanded",
    "cotangent-transposed",
    "cotangent-channels-last",
    "channels-last+cotangent-channels-last",
    "sliced+indices",
)
_EXACT = {
    f"{name} {variant}": _tied(
        op="max_pool2d",
        params=_POOL2D["params"] | {"padding": [0, 0]},
        format=name,
        variant=variant,
        input={"shape": [1, 2, 2, 2], "data": ["0x0.0p+0", least] * 3 + [least, "0x0.0p+0"]},
        cotangent={"shape": [1, 2, 1, 1], "data": [least, least]},
        requirement="output",
        got=None,
        expected={"output": [least, least]},
    )
    for name, least in _SMALLEST.items()
    for variant in _VARIANTS
}

_FILES = {
    "neighbour.py": "FACTOR = 2\n",
    "implementation.py": (
        "import torch\n"
        "from neighbour import FACTOR\n"
        "def max_pool1d(input, kernel_size, stride=None):\n"
        "    return FACTOR * torch.nn.functional.max_pool1d(input, kernel_size, stride)\n"
    ),
}
_BY_FILE = {
    "what the file returns": (
        _tied(requirement="output", got=None, expected={"output": ["0x1p+1", "0x1.8p+1"]}),
        0,
    ),
    "what the file does not return": (
        _tied(requirement="output", got=None, expected={"output": ["0x1p+0", "0x1.8p+1"]}),
        1,
    ),
}


def run_scripts(folder: Path, sources: list[str]) -> list[object]:
    """Run scripts in one process; return their exit statuses, or the exceptions' texts."""
    for number, text in enumerate(sources):
        (folder / f"{number}.py").write_text(text, encoding="ascii")
    names = [f"{number}.py" for number in range(len(sources))]
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def compiled_statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    sources = [script(finding, a_header()) for finding, _ in _COMPILED.values()]
    found = run_scripts(tmp_path_factory.mktemp("compiled"), sources)
    return dict(zip(_COMPILED, found, strict=True))


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("scripts")
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    by_file = a_header(implementation="implementation.py")
    sources = [script(finding, a_header()) for finding, _ in (_SHOWS | _DRAWN).values()]
    sources += [script(finding, a_header()) for finding in _EXACT.values()]
    sources += [script(finding, by_file) for finding, _ in _BY_FILE.values()]
    found = run_scripts(folder, sources)
    return dict(zip((*_SHOWS, *_DRAWN, *_EXACT, *_BY_FILE), found, strict=True))


@pytest.mark.skipif(
    shutil.which("c++") is None, reason="no C++ compiler here, so that nothing can be compiled"
)
@pytest.mark.parametrize("name", _COMPILED)
def test_a_script_of_a_compiled_finding_compiles_and_says_whether_it_shows(
    compiled_statuses: dict[str, object], name: str
) -> None:
    assert compiled_statuses[name] == _COMPILED[name][1]


@pytest.mark.parametrize("variant", ["contiguous", "product", "sum", "argmax"])
def test_a_compiled_call_is_one_graph_of_fixed_shapes(variant: str) -> None:
    text = script(_compiled(variant, expected=_box(3, "0/1", "0/1")), a_header())

    assert "@torch.compile(fullgraph=True, dynamic=False)\ndef f(x" in text
    assert len(ast.parse(text).body) <= 16


@pytest.mark.parametrize("name", [*_SHOWS, *_DRAWN])
def test_a_script_ends_with_1_only_where_the_deviation_shows(
    statuses: dict[str, object], name: str
) -> None:
    expected = (_SHOWS | _DRAWN)[name][1]
    if isinstance(expected, str):
        assert expected in str(statuses[name])
    else:
        assert statuses[name] == expected


@pytest.mark.parametrize("name", _EXACT)
def test_every_format_and_layout_brings_the_exact_numbers(
    statuses: dict[str, object], name: str
) -> None:
    assert statuses[name] == 0


@pytest.mark.parametrize("name", _BY_FILE)
def test_an_implementation_is_named_on_the_command_line(
    statuses: dict[str, object], name: str
) -> None:
    assert statuses[name] == _BY_FILE[name][1]


def test_a_script_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "alone.py"
    path.write_text(script(_tied(), a_header()))

    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert done.returncode == 1
    assert done.stdout == "gradient[3] is -0x1.0000000000000p+1, allowed: -1 to -1\n"


def test_a_script_has_some_ten_statements_and_imports_torch_alone() -> None:
    tree = ast.parse(script(_tied(variant="transposed+indices"), a_header()))

    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported == {"torch"}
    assert len(tree.body) <= 13


@pytest.mark.parametrize(
    "changes",
    [
        {"op": "max_pool1d(); import os"},
        {"params": {"kernel_size": "os.system('x')"}},
        {"params": {"kernel_size": [2], "output_ratio": ["0x1p-1", "evil()"]}},
        {"params": {"kernel_size": [2], "output_ratio": ["inf"]}},
        {"params": {"kernel_size": [2], "_random_samples": "evil()"}},
        {"params": {"kernel_size": [2], "_random_samples": {"shape": ["evil()"], "data": []}}},
        {"params": {"kernel_size": [2], "_random_samples": {"shape": [1], "data": ["evil()"]}}},
        {"requirement": "consistency-windows", "expected": None},
        {"requirement": "consistency-mode", "expected": None},
        {"params": {"x); evil(": [1]}},
        {"input": {"shape": [1], "data": ['0x1p+0"); evil("']}},
        {"format": "binary32; evil"},
        {"variant": "evil"},
        {"mode": "jvp"},
        {"expected": {"box": {"index": "0); evil(", "low": "0", "high": "1"}}},
        {"expected": {"box": {"index": 0, "low": "evil()", "high": "1"}}},
        {"expected": {"direction": {"0; evil": "1"}, "limit": "0"}},
        {"expected": {"output": ["evil()"]}, "requirement": "output"},
        {"expected": {"allowed_indices": [["evil()"]]}},
        {"expected": None},
    ],
)
def test_what_is_no_number_and_no_name_gets_into_no_script(changes: dict[str, Any]) -> None:
    with pytest.raises(NoScriptError):
        script(_tied(**changes), a_header())


def test_comments_can_not_be_left() -> None:
    words = 'x\nevil()\r\u2028evil()\x0c"""\udcff'
    crash = {"signal": words, "smallest": [0, 0], "processes": 1}
    finding = _tied(case=words, cause=words, outcome="crashed", requirement=words, crash=crash)

    text = script(finding, a_header(framework={"name": words, "version": words}))

    assert text.isascii()
    assert not any(
        isinstance(node, ast.Name) and node.id == "evil" for node in ast.walk(ast.parse(text))
    )


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["0x1.8p+0", "-inf", "nan", "-0x0.0p+0"],
        [f"0x1.{k:02x}p+0" for k in range(150)],
        ["0x1p+0"] * 3000 + ["0x1p+1"] + ["0x1p+0"] * 3000,
        ["0x1p+0", "0x1p+1", "-0x1p+3"] * 2000 + ["0x1p+0"],
        [f"0x1.{k * k % 4096:03x}p+0" for k in range(1000)],
    ],
)
def test_numbers_come_back_from_their_source(texts: list[str]) -> None:
    def numbers(text: str) -> list[float]:
        return [float.fromhex(word) for word in text.split()]

    found = eval(source(texts), {"numbers": numbers})

    assert [value.hex() for value in found] == [float.fromhex(text).hex() for text in texts]


def test_large_inputs_have_short_scripts() -> None:
    runs = ["0x1p+0"] * 40_000 + ["0x1p+1"] + ["0x1p+0"] * 30_000

    assert len(source(runs)) < 150
    assert len(source(["0x1p+0", "0x1p+1", "-0x1p+3"] * 30_000)) < 150
    with pytest.raises(NotNumbersError, match=r"number 1 is '1\.0', expected C99 hexadecimal"):
        source(["0x1p+0", "1.0"])


def _array(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return an array that is constant along all axes but the last."""
    array = np.zeros(shape, np.float32)
    array[..., 0] = 1
    return array


_SHAPES = ((2, 3), (2, 1, 4), (1, 2, 1, 3), (2, 2, 3, 4), (1, 1, 2, 2), (2, 3, 2, 2, 2))


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        (layout, shape)
        for layout in LAYOUTS
        for shape in _SHAPES
        if applicable(layout, _array(shape), dims=max(len(shape) - 2, 1))
    ],
)
def test_a_tensor_lies_in_memory_as_the_cells_did(layout: str, shape: tuple[int, ...]) -> None:
    array = _array(shape)
    placed = place(layout, array, gaps=(0,))
    tensor = {"shape": list(shape), "data": [float(value).hex() for value in array.ravel()]}
    names = {"torch": torch, "x": torch.from_numpy(array.copy())}

    for line in statements("x", layout, tensor):  # type: ignore[arg-type]  # as in a run file
        exec(line, names)

    assert names["x"].stride() == placed.strides
    assert names["x"].storage_offset() == placed.offset
    assert names["x"].flatten().tolist() == array.ravel().tolist()
