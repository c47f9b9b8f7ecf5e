"""The framework runner: what goes in comes out, and whatever a call does, its end is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
import torch

from oracle.formats import FORMATS
from suites.frameworks.bisection import CALLS, Span
from suites.frameworks.protocol import Bits, Call, CallError, FrameworkError, Reply, bits_dtype
from suites.frameworks.runner import Runner

OPS = ("max_pool1d", "max_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d")
WHOLE = {"kernel_size": (2,), "stride": (2,), "padding": (0,), "dilation": (1,), "ceil_mode": False}
"""One window over a whole case of two numbers."""

TROUBLE = """
import ctypes, os, sys, time
import torch

class Backward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return y.clone()
    @staticmethod
    def backward(ctx, g):
        os.abort()

class Raising(Backward):
    @staticmethod
    def backward(ctx, g):
        raise ValueError(str(len(g)))

class Refusing(Backward):
    @staticmethod
    def backward(ctx, g):
        raise RuntimeError("Unsupported memory format. Supports only Contiguous")

def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
               return_indices=False):
    found = set(input.detach().flatten().tolist())
    y = input.amax(-1, keepdim=True)
    if 101 in found: print("about to fail"); ctypes.string_at(0)
    if 102 in found: os.abort()
    if 103 in found: time.sleep(3600)
    if 104 in found: sys.exit(3)
    if 105 in found: os._exit(7)
    if 106 in found: return Backward.apply(input, y)
    if {107, 108} <= found: os.abort()
    if 109 in found and not os.path.exists(__file__ + ".once"):
        open(__file__ + ".once", "w").close(); os.abort()
    if 124 in found and not os.path.exists(__file__ + ".raised"):
        open(__file__ + ".raised", "w").close(); raise ValueError("once")
    if 111 in found: raise NotImplementedError("no such kernel")
    if 112 in found: raise RuntimeError('"max" not implemented for \\'Half\\'')
    if 113 in found: raise ValueError("two\\n lines")
    if 120 in found: raise (ValueError if input.shape[0] == 5 else KeyError)(int(input.max()))
    if 121 in found: return Raising.apply(input, y)
    if {122, 123} <= found: raise ValueError("together")
    if 125 in found: raise RuntimeError("Unsupported memory format. Supports only Contiguous")
    if 126 in found: return Refusing.apply(input, y)
    if 114 in found: return [1, 2]
    if 115 in found: return input
    if 116 in found: return y.double()
    if 117 in found: return y.detach()
    if 118 in found: return y, y
    if 119 in found: return y * torch.tensor(os.getpid() % 2**20)
    return y

def adaptive_max_pool1d(input, output_size):
    return input.amax(-1, keepdim=True)

def max_pool2d(x, kernel, stride, padding=0):
    return x.amax((-2, -1), keepdim=True)
"""


@pytest.fixture(scope="module")
def trouble_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An implementation that does what the numbers in its input ask for."""
    file = tmp_path_factory.mktemp("trouble") / "trouble.py"
    file.write_text(TROUBLE)
    return file


@pytest.fixture(scope="module")
def trouble(trouble_file: Path) -> Iterator[Runner]:
    with Runner(operations=OPS, implementation=trouble_file, cell_timeout=2.0) as runner:
        yield runner


@pytest.fixture(scope="module")
def torch_runner() -> Iterator[Runner]:
    with Runner(operations=OPS) as runner:
        yield runner


def encoded(numbers: object, format_name: str = "binary32") -> Bits:
    """Return the bits of small integers."""
    fmt = FORMATS[format_name]
    return np.vectorize(
        lambda n: fmt.encode(int(n) << -fmt.eta_exponent), otypes=[bits_dtype(format_name)]
    )(np.array(numbers))


def stacked(*numbers: int, **options: object) -> Call:
    """Return a call of one case per number: a window that holds the number and 0."""
    return Call(
        op="max_pool1d",
        params=WHOLE,
        format="binary32",
        input=encoded([[[n, 0]] for n in numbers]),
        cotangent=encoded([[[1]] for _ in numbers]),
        cases=len(numbers),
        **options,
    )


def reply(runner: Runner, call: Call) -> Reply:
    return runner.submit(call).result(timeout=60)


@pytest.mark.parametrize(
    ("number", "signal"),
    [
        (101, "SIGSEGV"),
        (102, "SIGABRT"),
        (103, "timeout"),
        (104, "exit status 3"),
        (105, "exit status 7"),
        (106, "SIGABRT"),
    ],
)
def test_the_end_of_a_process_is_named_and_traced_to_its_case(
    trouble: Runner, number: int, signal: str
) -> None:
    after = trouble.submit(stacked(5))
    came = reply(trouble, stacked(1, 2, 3, number, 4))

    assert came.outcome == "crashed"
    assert came.crash is not None
    assert (came.crash.signal, came.crash.span.first, came.crash.span.end) == (signal, 3, 4)
    assert came.crash.span.reproduced
    assert after.result().outcome == reply(trouble, stacked(6)).outcome == "ran"


def test_two_cases_that_crash_only_together_are_both_in_the_smallest_stack(
    trouble: Runner,
) -> None:
    crash = reply(trouble, stacked(1, 107, 2, 108, 3)).crash
    assert crash is not None
    assert (crash.span.first, crash.span.end) == (1, 4)


def test_a_crash_that_does_not_come_again_is_not_blamed_on_a_case(trouble: Runner) -> None:
    came = reply(trouble, stacked(1, 109, 2))
    assert came.crash is not None
    assert came.crash.span == Span(first=0, end=3, calls=1, reproduced=False)
    assert "not again in a fresh process" in (came.message or "")


@pytest.mark.parametrize(
    ("numbers", "raised"),
    [
        ((1, 2, 3, 113, 4), (3, 4, True)),
        ((1, 121, 2, 3), (1, 2, True)),
        ((1, 122, 2, 123, 3), (1, 4, True)),
        ((1, 2, 120, 3, 4), (0, 5, True)),
    ],
)
def test_an_error_is_traced_to_the_smallest_stack_that_still_raises_its_type(
    trouble: Runner, numbers: tuple[int, ...], raised: tuple[int, int, bool]
) -> None:
    came = reply(trouble, stacked(*numbers))
    assert came.outcome == "errored"
    assert came.raised is not None
    assert (came.raised.first, came.raised.end, came.raised.reproduced) == raised
    assert came.raised.calls <= CALLS


def test_an_error_that_does_not_come_again_is_not_blamed_on_a_case(trouble: Runner) -> None:
    came = reply(trouble, stacked(1, 124, 2))
    assert came.raised == Span(first=0, end=3, calls=1, reproduced=False)


def test_the_last_line_that_a_process_printed_is_in_the_message(trouble: Runner) -> None:
    assert reply(trouble, stacked(101)).message == "the process ended: SIGSEGV: about to fail"


@pytest.mark.parametrize(
    ("number", "outcome", "stage", "message"),
    [
        (111, "unsupported", "forward", "NotImplementedError: no such kernel"),
        (112, "unsupported", "forward", "RuntimeError: \"max\" not implemented for 'Half'"),
        (113, "errored", "forward", "ValueError: two lines"),
        (114, "errored", "forward", "returned a list of 2 (int, int), expected a tensor"),
        (115, "errored", "forward", "float32 [1, 1, 2] on cpu, expected float32 [1, 1, 1] on cpu"),
        (116, "errored", "forward", "float64 [1, 1, 1] on cpu, expected float32 [1, 1, 1] on cpu"),
        (117, "errored", "backward", "does not require grad"),
        (125, "unsupported", "forward", "Unsupported memory format"),
        (126, "errored", "backward", "Unsupported memory format"),
        (118, "errored", "forward", "a tuple of 2 (Tensor, Tensor), expected a tensor"),
    ],
)
def test_what_a_function_raises_or_returns_is_classified(
    trouble: Runner, number: int, outcome: str, stage: str, message: str
) -> None:
    came = reply(trouble, stacked(number))
    assert (came.outcome, came.stage) == (outcome, stage)
    assert message in (came.message or "")
    assert (came.output is not None) == (stage == "backward")


def test_indices_that_are_not_returned_are_an_error(trouble: Runner) -> None:
    came = reply(trouble, stacked(1, return_indices=True))
    assert came.message == (
        "ReturnError: max_pool1d returned a value of type Tensor, "
        "expected a tuple of output and indices"
    )


def test_an_argument_that_a_signature_lacks_is_left_out_or_the_reason(trouble: Runner) -> None:
    adaptive = Call(
        op="adaptive_max_pool1d",
        params={"output_size": (1,)},
        format="binary32",
        input=encoded([[[1, 2]]]),
        cotangent=encoded([[[1]]]),
    )
    assert reply(trouble, adaptive).outcome == "ran"

    flat = {"stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}
    square = Call(
        op="max_pool2d",
        params={"kernel_size": (2, 2), **flat},
        format="binary32",
        input=encoded([[[[1, 2], [3, 4]]]]),
        cotangent=encoded([[[[1]]]]),
    )
    assert reply(trouble, square).outcome == "ran"

    for name, value in (("dilation", (1, 2)), ("ceil_mode", True)):
        other = Call(
            op="max_pool2d",
            params={**square.params, name: value},
            format="binary32",
            input=square.input,
            cotangent=square.cotangent,
        )
        came = reply(trouble, other)
        assert came.outcome == "not run"
        assert came.message == f"max_pool2d(x, kernel, stride, padding) takes no argument `{name}`"


def test_an_operation_that_the_file_lacks_is_not_run(trouble: Runner) -> None:
    came = reply(
        trouble,
        Call(
            op="adaptive_max_pool2d",
            params={"output_size": (1, 1)},
            format="binary32",
            input=encoded([[[[1]]]]),
            cotangent=encoded([[[[1]]]]),
        ),
    )
    assert (came.outcome, came.message) == ("not run", "trouble.py defines no adaptive_max_pool2d")


def test_an_isolated_call_has_a_process_of_its_own(trouble: Runner) -> None:
    def process(*, isolated: bool) -> list[int]:
        came = reply(trouble, stacked(119, isolated=isolated))
        assert came.output is not None
        return came.output.tolist()

    assert process(isolated=False) == process(isolated=False)
    assert process(isolated=True) != process(isolated=True)


def test_probe_returns_the_operations_that_the_file_defines(trouble: Runner) -> None:
    assert trouble.probe() == {"max_pool1d", "max_pool2d", "adaptive_max_pool1d"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def max_pool1d(:", "SyntaxError"),
        ("raise SystemExit(2)", "SystemExit: 2"),
        ("import os; os.abort()", "SIGABRT"),
        ("def max_pool9d(x): pass", "file.py defines no known operation, expected max_pool1d"),
        (None, "FileNotFoundError"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_in_one_line(
    tmp_path: Path, text: str | None, message: str
) -> None:
    file = tmp_path / "file.py"
    if text is not None:
        file.write_text(text)
    with (
        Runner(operations=OPS, implementation=file) as runner,
        pytest.raises(FrameworkError) as raised,
    ):
        runner.probe()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_can_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("def max_pool1d(input, kernel_size): return input\n")
    (tmp_path / "file.py").write_text("from neighbour import max_pool1d\n")
    with Runner(operations=OPS, implementation=tmp_path / "file.py") as runner:
        assert runner.probe() == {"max_pool1d"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_device_is_refused_in_one_line() -> None:
    with (
        Runner(operations=OPS, device="cuda") as runner,
        pytest.raises(FrameworkError, match=r"^no CUDA device: .* finds none; .* --device cpu$"),
    ):
        runner.probe()


def test_a_runner_can_be_left_while_a_call_hangs(trouble_file: Path) -> None:
    with Runner(operations=OPS, implementation=trouble_file, workers=1) as runner:
        hanging, waiting = (runner.submit(stacked(103)) for _ in range(2))
    assert waiting.cancelled()
    assert isinstance(hanging.exception(), CancelledError)


@pytest.mark.parametrize("format_name", FORMATS)
def test_torch_max_pooling_runs_in_every_format(torch_runner: Runner, format_name: str) -> None:
    came = reply(
        torch_runner,
        Call(
            op="max_pool2d",
            params={
                "kernel_size": (1, 2),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "ceil_mode": False,
            },
            format=format_name,
            input=encoded([[[[1, 3, 2]]]], format_name),
            cotangent=encoded([[[[5, 7]]]], format_name),
            return_indices=True,
        ),
    )
    assert came.outcome == "ran"
    assert came.indices is not None
    assert came.indices.tolist() == [[[[1, 1]]]]
    for array, numbers in (
        (came.output, [[[[3, 3]]]]),
        (came.gradient, [[[[0, 12, 0]]]]),
        (came.second_gradient, [[[[0, 12, 0]]]]),
    ):
        assert array is not None
        assert array.dtype == bits_dtype(format_name)
        assert array.tolist() == encoded(numbers, format_name).tolist()


def test_what_torch_refuses_comes_back_in_its_words(torch_runner: Runner) -> None:
    too_large = {**WHOLE, "kernel_size": (3,)}
    came = reply(
        torch_runner,
        Call(
            op="max_pool1d",
            params=too_large,
            format="binary32",
            input=encoded([[[1, 2]]]),
            cotangent=encoded([[[1]]]),
        ),
    )
    assert (came.outcome, came.stage) == ("errored", "forward")
    assert "max_pool1d() Invalid computed output size" in (came.message or "")


def test_a_description_names_what_results_depend_on(torch_runner: Runner) -> None:
    facts = torch_runner.describe()
    assert facts["threads"] == 1
    assert facts["flushes_subnormals"] is False
    assert {type(value) for value in facts.values()} <= {str, int, bool, type(None)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "diagonal"}, "layout is 'diagonal', expected one of contiguous"),
        ({"mode": "hasty"}, "mode is 'hasty', expected one of eager"),
        ({"format": "binary16"}, "input holds uint32, expected uint16, the bits of binary16"),
        ({"cases": 2}, r"2 cases can't share dimension 0 of input, shape \(1, 1, 2\)"),
    ],
)
def test_a_call_that_contradicts_itself_is_refused(
    options: dict[str, object], message: str
) -> None:
    parts: dict[str, object] = {
        "op": "max_pool1d",
        "params": WHOLE,
        "format": "binary32",
        "input": encoded([[[1, 0]]]),
        "cotangent": encoded([[[1]]]),
    }
    with pytest.raises(CallError, match=message):
        Call(**parts | options)


def test_a_call_for_another_device_is_refused(torch_runner: Runner) -> None:
    with pytest.raises(CallError, match="the call is for cuda, this runner's device is cpu"):
        torch_runner.submit(stacked(1, device="cuda"))
