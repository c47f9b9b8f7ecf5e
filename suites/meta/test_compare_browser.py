"""The pages of a comparison and of a history in a browser: their numbers, narrow and dark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports import compare, history
from suites.meta.browser import ask, needs_chromium
from suites.meta.compared import base, compared, failing, found, run, variant
from suites.meta.test_record import a_header

pytestmark = needs_chromium

_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the page of a comparison, and that of a history of the same runs."""
    folder = tmp_path_factory.mktemp("pages")
    sides = {}
    for name, version in (("old", "2.13.0"), ("new", "2.14.1")):
        (folder / name).mkdir()
        header = a_header(framework={"name": "torch", "version": version})
        cells = (
            (base(), variant())
            if name == "old"
            else (failing(base(rules="nlff"), 2), found(2), variant(agreement="=~=="))
        )
        sides[name] = run(folder / name, *cells, header=header)
    return {
        "compare": compare.build(compared(sides["old"], sides["new"]), folder),
        "history": history.build(history.found_in(folder), folder),
    }


def test_the_page_has_the_numbers_of_the_document(pages: dict[str, Path]) -> None:
    document = json.loads((pages["compare"].parent / "compare.json").read_text())
    told = ask(
        pages["compare"],
        """
        const all = (selector) => [...document.querySelectorAll(selector)];
        return {
          kinds: Object.fromEntries(all("td[data-kind]").map((cell) =>
            [cell.dataset.kind, Number(cell.textContent)])),
          groups: all("details.failure").map((group) => group.id),
          order: all("section[id]").map((section) => section.id).filter(Boolean),
          open: all("details[open]").length,
        };
        """,
    )
    assert told["kinds"] == {kind["kind"]: kind["groups"] for kind in document["kinds"]}
    assert told["groups"] == [group["slug"] for group in document["groups"]]
    assert told["order"] == ["new", "valid", "consistency"]
    assert told["open"] == 1


@pytest.mark.parametrize("name", ["compare", "history"])
def test_a_page_fits_a_telephone(pages: dict[str, Path], name: str) -> None:
    assert ask(pages[name], _WIDE, width=360) <= 0


@pytest.mark.parametrize("name", ["compare", "history"])
def test_a_page_is_dark_where_that_is_asked_for(pages: dict[str, Path], name: str) -> None:
    question = "return getComputedStyle(document.body).backgroundColor;"
    light = ask(pages[name], question)
    dark = ask(
        pages[name], question, "--force-dark-mode", "--blink-settings=preferredColorScheme=0"
    )
    assert light == "rgb(255, 255, 255)"
    assert dark != light


def test_the_history_marks_what_appeared(pages: dict[str, Path]) -> None:
    question = """return [...document.querySelectorAll("table[data-table=findings] td.new")]
        .map((cell) => cell.textContent);"""
    assert ask(pages["history"], question) == ["shows"]
