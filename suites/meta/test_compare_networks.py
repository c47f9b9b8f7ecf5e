"""What changed in networks that were run whole: said in every form, and worse where one fails."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports import compare
from reports.__main__ import main
from reports.record import RUN_FILE, Network, RunWriter
from suites.meta.compared import base
from suites.meta.test_networks_suite import WRONG, a_network
from suites.meta.test_record import a_footer, a_header

_SCHEMA = json.loads(
    Path(compare.__file__).parents[1].joinpath("schemas", "compare.schema.json").read_text()
)
_LAYER = a_network().layers[0]
_RIGHT = a_network(network=WRONG.network)
_OTHER_RULE = a_network(layers=[{**_LAYER, "rule": "even-split"}])
_UNTIED = a_network(layers=[{**_LAYER, "rule": "none", "tied": 0}])
_TWO_WRONG = a_network(
    network=WRONG.network,
    outcome="deviates",
    layers=[*WRONG.layers, {**WRONG.layers[0], "layer": "0:relu"}],
)
_LESS = a_network(outcome="incomplete", judged_parameters=5)
_UNSEEN = a_network(
    outcome="incomplete", layers=[{**_LAYER, "rule": "none", "tied": 0, "outcome": "not judged"}]
)


def a_side(folder: Path, *networks: Network) -> compare.Side:
    """Return a run of one cell and some networks."""
    with RunWriter(folder / RUN_FILE) as writer:
        writer.append(a_header(), base(), *networks)
        writer.append(a_footer(base(), digest=writer.digest()))
    return compare.read_side(folder)


def a_baseline(side: compare.Side) -> compare.Side:
    """Return a run as its baseline has it."""
    path = side.path.parent / f"one{compare.SUFFIX}"
    compare.write_baseline(side, path)
    return compare.read_side(path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (a_network(), a_network(seconds=9.0, judged_seconds=9.0), []),
        (_RIGHT, WRONG, ["new"]),
        (WRONG, _RIGHT, ["fixed"]),
        (a_network(), a_network(outcome="crashed", message="SIGSEGV"), ["new"]),
        (a_network(), _LESS, ["lost"]),
        (a_network(), _UNSEEN, ["lost"]),
        (_UNSEEN, a_network(), ["gained"]),
        # the share of the time is another, and nothing else
        (a_network(), a_network(outcome="incomplete", judged_seconds=0.0), []),
        (a_network(), a_network(outcome="not run", message="no images"), ["lost"]),
        (a_network(outcome="unsupported", message="no kernel"), a_network(), ["gained"]),
        (a_network(outcome="crashed", message="SIGSEGV"), a_network(), ["fixed"]),
        (a_network(network=WRONG.network, outcome="crashed"), WRONG, ["changed"]),
        (a_network(outcome="crashed", message="1"), a_network(outcome="crashed", message="2"), []),
        (WRONG, _TWO_WRONG, ["new"]),
        (_TWO_WRONG, WRONG, ["changed"]),
        (a_network(), _OTHER_RULE, ["valid"]),
        (a_network(), _UNTIED, []),
    ],
)
def test_what_changed_in_a_network_is_of_its_kind(
    tmp_path: Path, old: Network, new: Network, found: list[str], packed: bool
) -> None:
    sides = [a_side(tmp_path / name, network) for name, network in (("old", old), ("new", new))]
    if packed:
        sides = [a_baseline(side) for side in sides]

    comparison = compare.compare(*sides)

    assert [remark.kind for remark in comparison.remarks] == found
    assert all(remark.of == "network" for remark in comparison.remarks)
    assert comparison.nothing_changed == (not found)
    assert bool(comparison.worse) == (not {"new", "lost"}.isdisjoint(found))


def test_a_network_that_fails_is_worse_and_stands_in_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = a_side(tmp_path / "old", _RIGHT), a_side(tmp_path / "new", WRONG)

    assert main(["compare", str(old.path), str(new.path)]) == 1

    told = capsys.readouterr().out
    assert "answer: worse: 1 new deviation beside the cells" in told
    assert main(["compare", str(old.path), str(new.path), "--fail-on", "none"]) == 0
    for form in ("compare.md", "compare.html", "compare.json"):
        text = (new.path.parent / form).read_text()
        assert "network/lenet5-28/bfloat16/cpu" in text
        assert "4 entries are outside" in text
    jsonschema.validate(json.loads((new.path.parent / "compare.json").read_text()), _SCHEMA)


@pytest.mark.parametrize(("fails_on", "status"), [("none", 0), ("gone", 1), ("added", 1)])
def test_networks_that_only_one_run_has_are_said(
    tmp_path: Path, fails_on: str, status: int
) -> None:
    old, new = a_side(tmp_path / "old", a_network()), a_side(tmp_path / "new", WRONG)

    assert main(["compare", str(old.path), str(new.path), "--fail-on", fails_on]) == status

    folder = new.path.parent
    document: dict[str, Any] = json.loads((folder / "compare.json").read_text())
    jsonschema.validate(document, _SCHEMA)
    assert document["answer"]["word"] == ("worse" if status else "changed")
    assert not document["remarks"]
    assert [n["network"] for n in document["networks"]["added"]] == [WRONG.network]
    assert [n["network"] for n in document["networks"]["gone"]] == [a_network().network]
    for text in ((folder / "compare.md").read_text(), (folder / "compare.html").read_text()):
        assert "Networks added" in text
        assert "Networks gone" in text
    if not status:
        assert document["answer"]["sentence"].endswith("1 network added; 1 network gone")


def test_added_networks_that_conform_are_not_worse(tmp_path: Path) -> None:
    old, new = a_side(tmp_path / "old"), a_side(tmp_path / "new", a_network())
    assert not compare.compare(old, new, fail_on=("added",)).worse
    assert not compare.compare(old, new).nothing_changed


def test_a_baseline_keeps_the_layers_that_say_something(tmp_path: Path) -> None:
    plain = {**_LAYER, "layer": "1:conv2d", "rule": "none", "windows": 0, "tied": 0}
    side = a_side(tmp_path, a_network(layers=[_LAYER, plain]))
    (network,) = a_baseline(side).networks
    assert [layer["layer"] for layer in network.layers] == [_LAYER["layer"]]
    assert network.seconds == network.layers[0]["seconds"] == 0
    assert network.answer == a_network().answer


def test_an_earlier_baseline_without_networks_is_read(tmp_path: Path) -> None:
    path = a_baseline(a_side(tmp_path, a_network())).path
    document = json.loads(lzma.decompress(path.read_bytes()))
    assert document.pop("networks")
    path.write_bytes(lzma.compress(json.dumps(document).encode()))
    assert not compare.read_side(path).networks
