"""The options of `pytest suites`: what they refuse, and what they select."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from suites.meta.processes import IMPLEMENTATIONS, pytest_suites, python

REFUSED = {
    ("--ops", "max_pool4d"): "expected one of max_pool1d, max_pool2d, max_pool3d, adaptive_max",
    ("--formats", "binary16,binary128"): "expected one of binary16, bfloat16, binary32, binary64",
    ("--modes", "reverse"): "'reverse' is unknown, expected one of eager, inductor, aot_eager, jvp",
    ("--layouts", "diagonal"): "expected one of contiguous, channels-last, transposed, sliced",
    ("--device", "tpu"): "expected one of cpu, cuda",
    ("--profile", "quick"): "expected one of smoke, standard, deep",
    ("--seed", "some"): "expected a number, random or corpus",
    ("--cell-timeout", "0"): "expected a number of seconds above 0",
    ("--case", "pool/x-1"): "'pool' is unknown, expected one of max_pool1d",
    ("--case", "max_pool1d/lattice-0"): "the standard corpus has no 'max_pool1d/lattice-0'",
    ("--deviations", "none.toml"): "there is no file none.toml",
    ("--implementation", "none.py"): "there is no file none.py",
    ("--run-file", "conftest.py"): "conftest.py exists already, expected a new file",
}


@pytest.mark.parametrize(("options", "words"), REFUSED.items(), ids=map(" ".join, REFUSED))
def test_usage_errors_are_one_line_that_names_the_values(
    options: tuple[str, str], words: str
) -> None:
    ended = python("-m", "pytest", "suites", *options)

    assert ended.status == 4
    assert ended.said("ERROR").startswith(f"ERROR: {options[0]}")
    assert words in ended.said("ERROR")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_missing_cuda_device_is_one_line(tmp_path: Path) -> None:
    ended = pytest_suites(tmp_path, "--device", "cuda", "--profile", "smoke")

    assert ended.status == 4
    assert "no CUDA device" in ended.said("ERROR")
    assert not ended.run_file.exists()


def test_a_file_without_an_operation_is_one_line(tmp_path: Path) -> None:
    ended = pytest_suites(tmp_path, "--implementation", str(IMPLEMENTATIONS / "__init__.py"))

    assert ended.status == 4
    assert "defines no known operation" in ended.said("ERROR")


def test_a_selection_without_cells_is_refused(tmp_path: Path) -> None:
    options = ("--ops", "max_pool1d", "--layouts", "channels-last", "--profile", "smoke")
    ended = pytest_suites(tmp_path, *options)

    assert ended.status == 4
    assert "channels-last applies to no case of max_pool1d" in ended.said("ERROR")


def test_collect_only_ends_with_the_numbers_of_cells_cases_and_graphs() -> None:
    selection = ("--ops", "max_pool1d", "--formats", "binary16", "--profile", "smoke")
    ended = python("-m", "pytest", "suites", "--collect-only", "-q", *selection)

    items = [line for line in ended.lines if "::" in line]
    assert ended.status == 0
    assert all("::max_pool1d/" in item and "/binary16/eager/" in item for item in items)
    assert ended.lines[-1].startswith(f"{len(items)} cells, ")
    assert ended.lines[-1].endswith(" cases, 0 compiled graphs")


def test_the_tests_of_our_own_code_are_collected_only_if_asked_for() -> None:
    file = "suites/meta/test_engine_options.py"
    ended = python("-m", "pytest", file, "--collect-only", "-q")
    assert ended.status == 0
    assert all(file in line for line in ended.lines if "::" in line)

    selection = ("--ops", "max_pool1d", "--formats", "binary16", "--profile", "smoke")
    ended = python("-m", "pytest", "suites", "--collect-only", "-q", *selection)
    assert not any("suites/meta" in line for line in ended.lines)
