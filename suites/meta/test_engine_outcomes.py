"""What becomes of implementations that are right, wrong, incomplete, or die."""

from __future__ import annotations

from pathlib import Path

from suites.meta.processes import IMPLEMENTATIONS, Ended, pytest_suites

SMALL = ("--ops", "max_pool1d", "-k", "k3-s1-p1-d1-1x1x2 or k3-s1-p0-d1-1x1x5")
SELECTION = ("--formats", "bfloat16", "--profile", "smoke", "--layouts", "contiguous")


def run_of(folder: Path, name: str, *options: str) -> Ended:
    """Hold an implementation of this folder against the oracle."""
    file = str(IMPLEMENTATIONS / name)
    return pytest_suites(folder, "--implementation", file, *SELECTION, *options)


def failed(ended: Ended) -> set[str]:
    """Return the requirements that failed."""
    findings = ended.run.findings
    return {finding.requirement for finding in findings if finding.fails_run and not finding.known}


def test_a_right_implementation_passes(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "right_last_index.py", *SMALL)

    assert ended.status == 0
    assert ended.run.header.implementation == "right_last_index.py"
    assert ended.run.header.deviations == []
    assert not failed(ended)


def test_a_wrong_implementation_fails_where_it_is_wrong(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_every_tie_gets_all.py", *SMALL)

    assert ended.status == 1
    assert failed(ended) - {"special"} == {"gradient"}
    finding = next(f for f in ended.run.findings if f.requirement == "gradient")
    assert finding.verdict is not None
    assert finding.verdict["verdict"] == "outside"
    assert finding.expected


def test_wrong_indices_are_shown_beside_those_allowed(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_indices_window_relative.py", *SMALL)

    assert failed(ended) - {"special"} == {"indices"}
    finding = next(f for f in ended.run.findings if f.requirement == "indices")
    assert finding.variant == "contiguous+indices"
    assert finding.expected is not None
    assert set(finding.expected) == {"allowed_indices"}
    assert finding.got is not None
    assert finding.got["indices"]


def test_another_second_gradient_is_found(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_second_backward_differs.py", *SMALL)

    assert failed(ended) - {"special"} == {"second-backward"}


def test_what_a_signature_lacks_is_not_run_and_healthy(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "signature_small.py")

    assert ended.status == 0
    cells = ended.run.cells
    assert {cell.op for cell in cells} == {"max_pool2d"}
    assert {cell.outcome for cell in cells} == {"ran", "not run"}
    reasons = {cell.message for cell in cells if cell.outcome == "not run"}
    assert all("takes no argument" in str(reason) for reason in reasons)


def test_a_missing_kernel_is_unsupported_and_fails_nothing(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_not_implemented.py", "--ops", "max_pool1d")

    assert ended.status == 0
    assert {cell.outcome for cell in ended.run.cells} == {"unsupported"}


def test_a_crash_costs_its_cell_and_the_run_goes_on(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_segfaults.py", "--ops", "max_pool1d", "-k", "p1-d2 or p0-d1")

    assert ended.status == 1
    assert failed(ended) == {"safe"}
    crashed = [cell for cell in ended.run.cells if cell.outcome == "crashed"]
    assert {cell.outcome for cell in ended.run.cells} == {"crashed", "ran"}
    assert all(cell.crash is not None and cell.crash["signal"] == "SIGSEGV" for cell in crashed)
    finding = next(f for f in ended.run.findings if f.outcome == "crashed")
    assert "0x1.8p+1" in finding.input["data"]


def test_an_error_in_the_backward_pass_is_no_crash(tmp_path: Path) -> None:
    ended = run_of(tmp_path, "wrong_raises_in_backward.py", "--ops", "max_pool1d", "-k", "p1-d2")

    assert ended.status == 1
    assert {(cell.outcome, cell.stage) for cell in ended.run.cells} == {("errored", "backward")}
    assert {f.cause for f in ended.run.findings} == {
        "RuntimeError: max_pool_backward: an input is N"
    }
    assert all("0x1.8p+1" in finding.input["data"] for finding in ended.run.findings)
