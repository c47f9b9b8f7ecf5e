"""`python -m oracle judge` and `check`, as case-format.md pins them, through the real command."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from oracle.case import Case, write_case
from oracle.formats import BINARY32
from oracle.judge import judge
from suites.meta.cases import case_of, point_of_choices, sliding, with_gradient, with_output
from suites.meta.test_search import mixed_plane

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "oracle"]
TIE = case_of(sliding((1, 2), 2), BINARY32, (1, 1), (2,), (2, 0))
CLARKE = write_case(TIE)
OUTSIDE = write_case(with_gradient(TIE, (2, 2)))
CONSERVATIVE = write_case(
    case_of(sliding((1, 2), 3, padding=1), BINARY32, (1, 1), (1, -1), (1, -1))
)
WRONG_OUTPUT = write_case(with_output(TIE, (3,)))
WORDS = ("clarke", "outside", "conservative", "clarke")


def undecided_case() -> Case:
    case, rng = mixed_plane(6, 6)
    return with_gradient(case, point_of_choices(case, rng))


UNDECIDED = write_case(undecided_case())


def run(*arguments: str | Path, text: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def stream(*documents: object) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def read(printed: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def written(folder: Path, name: str, document: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize(
    ("documents", "status"),
    [
        ([], 0),
        ([CLARKE], 0),
        ([CLARKE, UNDECIDED], 3),
        ([UNDECIDED, OUTSIDE], 1),
        ([CONSERVATIVE], 1),
        ([WRONG_OUTPUT], 1),
        ([{}, OUTSIDE, UNDECIDED], 2),
    ],
)
def test_the_exit_status_is_that_of_the_worst(documents: Sequence[object], status: int) -> None:
    result = run("judge", "-", text=stream(*documents))
    assert result.returncode == status
    assert len(result.stdout.splitlines()) == len(documents)
    assert result.stderr == b""


def test_a_stream_keeps_its_order_and_goes_on_after_a_bad_line() -> None:
    named = CLARKE | {"name": "first"}
    lines = [json.dumps(named), "", "{", json.dumps({"name": "second"}), json.dumps(OUTSIDE)]
    result = run("judge", "-", text="\r\n".join(lines))
    first, broken, second, outside = read(result.stdout)
    assert (first["schema"], first["name"], first["verdict"]) == ("verdict/1", "first", "clarke")
    assert (broken["schema"], broken["name"], broken["where"]) == ("error/1", None, "line 3")
    assert (second["name"], second["where"]) == ("second", "line 4")
    assert "schema" in second["error"]
    assert (outside["name"], outside["verdict"]) == (None, "outside")
    assert result.returncode == 2


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"   ",
        b"\xff\xfe{",
        b"nul\x00l",
        b"[" * 100_000,
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": [[["deep"]]]}',
        b'{"name": "\\ud800"}',
        b'{"seed": ' + b"9" * 5_000 + b"}",
        b'"case/1"',
        b"null",
        json.dumps(CLARKE | {"gradient": None}).encode(),
        json.dumps({key: value for key, value in CLARKE.items() if key != "gradient"}).encode(),
        json.dumps(CLARKE | {"name": {"a": 1}}).encode(),
    ],
)
def test_no_line_ends_a_stream(line: bytes) -> None:
    result = run("judge", "-", text=line + b"\n" + json.dumps(CLARKE).encode())
    assert result.stderr == b""
    *errors, last = read(result.stdout)
    assert last["verdict"] == "clarke"
    assert [error["schema"] for error in errors] == ["error/1"] * bool(line.strip())
    assert result.returncode == (2 if errors else 0)


def test_a_verdict_has_all_its_keys_in_one_line() -> None:
    (line,) = run("judge", "-", text=stream(CLARKE)).stdout.splitlines()
    assert list(json.loads(line)) == [
        *("schema", "name", "verdict", "rule", "output_exact", "special", "worst_ratio"),
        *("grades", "overflow", "vacuous", "ties", "components", "certificate"),
    ]


def test_folders_are_read_in_the_order_of_names_and_not_below(tmp_path: Path) -> None:
    for name, document in (("b.json", OUTSIDE), ("a.json", CLARKE), ("c.txt", {})):
        written(tmp_path, name, document)
    (tmp_path / "below").mkdir()
    written(tmp_path / "below", "d.json", CLARKE)
    single = written(tmp_path, "z.case", CONSERVATIVE)
    result = run("judge", single, tmp_path, "-", text=stream(CLARKE))
    words = [verdict["verdict"] for verdict in read(result.stdout)]
    assert words == ["conservative", "clarke", "outside", "clarke"]
    assert result.returncode == 1


def test_an_empty_folder_is_no_case(tmp_path: Path) -> None:
    result = run("judge", tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_a_bad_file_is_one_line_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{\n\n")
    foreign = written(tmp_path, "foreign.json", {"a": 1})
    for file in (tmp_path / "broken.json", foreign, tmp_path / "absent.json"):
        result = run("judge", file)
        assert (result.returncode, result.stdout) == (2, b"")
        (line,) = result.stderr.decode().splitlines()
        assert str(file) in line


def test_a_bad_file_among_good_ones_leaves_them_alone(tmp_path: Path) -> None:
    good, bad = written(tmp_path, "good.json", CLARKE), written(tmp_path, "bad.json", [])
    result = run("judge", bad, good)
    assert [verdict["verdict"] for verdict in read(result.stdout)] == ["clarke"]
    assert result.returncode == 2


def test_the_second_oracle_says_the_same_words() -> None:
    result = run("judge", "--by", "limits", "-", text=stream(CLARKE, OUTSIDE, CONSERVATIVE, CLARKE))
    assert [verdict["verdict"] for verdict in read(result.stdout)] == list(WORDS)
    assert result.returncode == 1


@pytest.mark.parametrize(
    "arguments", [[], ["judge"], ["check", "x"], ["judge", "--by", "luck", "-"]]
)
def test_misuse_is_explained(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"usage: python -m oracle" in result.stderr


def test_a_verdict_is_flushed_as_it_is_made() -> None:
    """The answer to each line comes while the stream is still open."""
    with subprocess.Popen(
        [*COMMAND, "judge", "-"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for document, word in ((CLARKE, "clarke"), (OUTSIDE, "outside")):
            process.stdin.write(stream(document).encode())
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], 30)
            assert ready
            assert json.loads(process.stdout.readline())["verdict"] == word
        process.stdin.close()
        assert process.wait(30) == 1


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    with subprocess.Popen(
        [*COMMAND, "judge", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            process.stdin.write(stream(*[CLARKE] * 2_000).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended before it has read everything
        assert process.stderr.read() == b""
        assert process.wait(30) == 2


def checked(folder: Path, case: object, verdict: object) -> subprocess.CompletedProcess[bytes]:
    return run(
        "check", written(folder, "case.json", case), written(folder, "verdict.json", verdict)
    )


VERDICT = judge(TIE).document()


@pytest.mark.parametrize("document", [CLARKE, OUTSIDE, CONSERVATIVE, WRONG_OUTPUT])
def test_check_accepts_what_judge_prints(tmp_path: Path, document: dict[str, Any]) -> None:
    verdict = read(run("judge", "-", text=stream(document)).stdout)[0]
    result = checked(tmp_path, document, verdict)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_check_says_undecided(tmp_path: Path) -> None:
    verdict = judge(undecided_case()).document()
    assert checked(tmp_path, UNDECIDED, verdict).returncode == 3


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "smooth"},
        {"rule": "last-index"},
        {"worst_ratio": 0.5},
        {"certificate": {"kind": "order", "order": [1, 0]}},
        {"certificate": {"kind": "hull", "components": [[]]}},
        {"certificate": {"kind": "separation", "of": "conservative", "windows": [0],
                         "direction": [], "gap": "1/1"}},
        {"components": {}},
    ],
)  # fmt: skip
def test_check_refuses_in_one_line(tmp_path: Path, change: dict[str, Any]) -> None:
    result = checked(tmp_path, CLARKE, VERDICT | change)
    assert (result.returncode, result.stdout) == (1, b"")
    assert len(result.stderr.splitlines()) == 1


def test_check_refuses_the_verdict_of_another_case(tmp_path: Path) -> None:
    assert checked(tmp_path, OUTSIDE, VERDICT).returncode == 1


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ({}, VERDICT),
        (CLARKE, {}),
        (CLARKE, []),
        (CLARKE, CLARKE),
        (CLARKE, VERDICT | {"extra": 1}),
        (CLARKE, {key: VERDICT[key] for key in list(VERDICT)[:-1]}),
        ({key: CLARKE[key] for key in CLARKE if key != "gradient"}, VERDICT),
    ],
)
def test_check_tells_files_that_are_something_else(
    tmp_path: Path, case: object, verdict: object
) -> None:
    result = checked(tmp_path, case, verdict)
    assert (result.returncode, result.stdout) == (2, b"")
    assert len(result.stderr.splitlines()) == 1


def test_check_tells_absent_files(tmp_path: Path) -> None:
    case = written(tmp_path, "case.json", CLARKE)
    assert run("check", case, tmp_path / "absent").returncode == 2
    assert run("check", tmp_path / "absent", case).returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["case.json"]
