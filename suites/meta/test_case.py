"""The strict reader: whatever is wrong gives one clear line that names its place."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from typing import Any

import pytest

from oracle.case import CaseError, case_id, read_case, write_case
from oracle.formats import FORMATS
from suites.meta.cases import Document, confined, through_json

WHOLE: Document = {
    "schema": "case/1",
    "op": "max_pool2d",
    "params": {
        "kernel_size": [2, 2],
        "stride": [2, 2],
        "padding": [0, 0],
        "dilation": [1, 1],
        "ceil_mode": False,
    },
    "format": "binary16",
    "input": {"shape": [1, 1, 2, 2], "data": ["0x1.0p+0", "0x1.0p+0", "-0x1.8p-1", "0x0.0p+0"]},
    "cotangent": {"shape": [1, 1, 1, 1], "data": ["0x1.0p+1"]},
    "output": {"shape": [1, 1, 1, 1], "data": ["0x1.0p+0"]},
    "gradient": {"shape": [1, 1, 2, 2], "data": ["0x1.0p+1", "0x0.0p+0", "-0x0.0p+0", "nan"]},
    "name": "two of four",
    "provenance": {"framework": "torch", "version": "2.13.0"},
    "seed": 7,
    "comment": "the example of case-format.md",
    "flags": ["documented"],
    "source": "https://example.org",
}


def changed(path: str, value: object) -> Document:
    """Return the whole case with the entry at a dotted path replaced."""
    document = copy.deepcopy(WHOLE)
    *parents, last = path.split(".")
    entry: Any = document
    for key in parents:
        entry = entry[key]
    entry[int(last) if isinstance(entry, list) else last] = value
    return document


def test_a_case_is_written_as_it_was_read() -> None:
    case = read_case(WHOLE)
    assert through_json(write_case(case)) == WHOLE
    assert read_case(through_json(write_case(case))) == case
    assert case.name == "two of four"


def test_the_optional_keys_may_all_be_absent() -> None:
    required = ("schema", "op", "params", "format", "input", "cotangent")
    case = read_case({key: WHOLE[key] for key in required})
    assert (case.output, case.gradient, case.name, case.metadata) == (None, None, None, None)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_reads_its_corners(fmt: str) -> None:
    texts = [FORMATS[fmt].text_of[bits] for bits in (1, FORMATS[fmt].infinity_bits - 1)]
    document = changed("format", fmt)
    document["input"]["data"] = [*texts, "-inf", "nan"]
    assert write_case(read_case(document))["input"] == document["input"]


@pytest.mark.parametrize("key", ["schema", "op", "params", "format", "input", "cotangent"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(CaseError, match=f"^{key} is missing"):
        read_case({k: v for k, v in WHOLE.items() if k != key})


@pytest.mark.parametrize("key", ["inputs", "gradients", "grad", "Name", "", "input "])
def test_an_unknown_key_is_named(key: str) -> None:
    with pytest.raises(CaseError, match=f"'{key}' is no key"):
        read_case(WHOLE | {key: {}})


@pytest.mark.parametrize("document", [None, [], "case/1", 1, True, [WHOLE]])
def test_only_an_object_is_a_case(document: object) -> None:
    with pytest.raises(CaseError, match="expected a JSON object"):
        read_case(document)


WRONG = [
    *[("schema", value, "schema") for value in ("case/2", None, 1, ["case/1"])],
    *[("op", value, "op") for value in ("maxpool", None, 2, [], {})],
    *[("format", value, "format") for value in ("float16", None, 16, ["binary16"], {}, True)],
    *[("params", value, "params") for value in (None, [], "2", 1, {})],
    ("params.kernel_size", 2, "params.kernel_size"),
    ("params.kernel_size", [2], "params.kernel_size"),
    ("params.stride", None, "params.stride"),
    ("params.stride", [2, 2.0], "params.stride"),
    ("params.padding", [0, True], "params.padding"),
    ("params.dilation", [1, "1"], "params.dilation"),
    ("params.ceil_mode", 0, "params.ceil_mode"),
    ("params.return_indices", True, "return_indices"),
    *[(key, value, key) for key in ("input", "cotangent", "output", "gradient")
      for value in (None, [], "x", 1, {}, {"shape": [1]}, {"shape": [], "data": [], "dtype": 1})],
    *[(f"{key}.shape", value, f"{key}.shape") for key in ("input", "cotangent", "gradient")
      for value in (None, 4, "1", {}, [1.0], [True], [-1], [None], ["1"])],
    ("input.shape", [4], "input.shape"),
    *[(f"{key}.shape", [1, 1, 2, 3], f"{key}.shape") for key in ("cotangent", "gradient")],
    *[(f"{key}.data", value, f"{key}.data") for key in ("input", "cotangent", "gradient")
      for value in (None, "0x1p0", {}, [], ["0x1p0"] * 9)],
    *[("input.data.3", value, "input.data[3]")
      for value in (1, 1.0, None, True, [], {}, "1.0", "0x1.001p+0", "0x1p+99", "+inf", "")],
    ("cotangent.data.0", 0.5, "cotangent.data[0]"),
    ("output.shape", [1], "output.shape"),
    ("output.data.0", "0x1", "output.data[0]"),
    ("gradient.data.2", "-nan", "gradient.data[2]"),
    *[("name", value, "name") for value in (1, None, ["a"], {}, math.nan)],
    *[("seed", value, "seed") for value in ("1", 1.0, None, True, [])],
    *[("provenance", value, "provenance") for value in ("torch", None, [], 1)],
    *[("flags", value, "flags") for value in ("a", None, {}, 1)],
    *[(key, value, key) for key in ("comment", "source") for value in (1, None, [], {})],
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place"), WRONG)
def test_an_error_is_one_line_that_names_its_place(path: str, value: object, place: str) -> None:
    with pytest.raises(CaseError) as error:
        read_case(changed(path, value))
    message = str(error.value)
    assert place in message
    assert "\n" not in message
    assert len(message) < 300


def test_a_huge_shape_is_refused_like_any_other() -> None:
    with pytest.raises(CaseError, match=r"input\.data"):
        read_case(changed("input", {"shape": [10**9] * 600, "data": []}))


def test_a_tiny_file_cannot_ask_for_huge_windows() -> None:
    """The cotangent's shape gives the lie to the parameters, whatever they are."""
    document = changed("op", "adaptive_max_pool2d") | {"params": {"output_size": [2**31 - 1] * 2}}
    result = confined("-m", "oracle", "judge", "-", text=json.dumps(document))
    assert (result.returncode, result.stderr) == (2, "")
    assert "cotangent.shape" in json.loads(result.stdout)["error"]


def test_an_id_is_the_hash_of_the_canonical_json() -> None:
    parts = {key: WHOLE[key] for key in ("op", "params", "format", "input", "cotangent")}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert case_id(read_case(WHOLE), "lattice") == f"max_pool2d/lattice-{digest}"


def test_an_id_depends_on_nothing_but_the_case() -> None:
    expected = case_id(read_case(WHOLE), "lattice")
    bare = {k: WHOLE[k] for k in ("cotangent", "input", "format", "params", "op", "schema")}
    assert case_id(read_case(bare), "lattice") == expected
    other_spelling = changed("input.data.0", "0x8p-3")
    assert case_id(read_case(other_spelling), "lattice") == expected
    shuffled = bare | {"params": dict(reversed(WHOLE["params"].items()))}
    assert case_id(read_case(shuffled), "lattice") == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "bfloat16"),
        ("params.ceil_mode", True),
        ("input.data.3", "-0x0.0p+0"),
        ("cotangent.data.0", "0x1.0p+2"),
    ],
)
def test_an_id_tells_cases_apart(path: str, value: object) -> None:
    assert case_id(read_case(changed(path, value)), "f") != case_id(read_case(WHOLE), "f")
