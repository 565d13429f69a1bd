"""In a notebook: pictures that are text, from which nothing can break out, in two sets of colours; and buttons."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpstep
from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.view.drawing.roles import PALETTES, ROLES
from bpstep.view.say.views import view
from bpstep.visible import visible

MAZUR = "mazur-2-2-2"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>&lt;\"'</pre></div></style>\u202e"


class Page(HTMLParser):
    """What a browser makes of a picture: which elements there are, with which attributes, and the text that is seen."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text, self.style = "", ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        else:
            self.text += data


SAFE = {("div", "bpstep"), ("style", ""), ("pre", ""), *(("span", f"bp-{role}") for role in ROLES)}


def seen(shown: Any) -> str:
    """The text of a picture, which has nothing in it but text in roles."""
    page = Page(shown._repr_html_())
    found = {(tag, dict(attributes).get("class") or "") for tag, attributes in page.elements}
    assert found <= SAFE
    assert all(set(dict(attributes)) <= {"class"} for _, attributes in page.elements)
    assert page.text.isprintable() or "\n" in page.text
    return page.text


def trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n")]


@pytest.mark.parametrize("name", [MAZUR, "chain-rule", "softmax", "deep-784-128-10"])
def test_a_picture_is_the_view_of_the_screen_as_text(name: str) -> None:
    run = bpstep.load(name)
    for position in (0, 1, len(run) // 2, len(run)):
        step = run.step(position) if position else None
        text = trimmed(seen(run))
        picture = trimmed(view(run._console, "network", 100).text().rstrip())
        assert text[0] == f"{run.title}   step {position} of {len(run)}"
        assert text[2 : 2 + len(picture)] == picture
        if step is not None:
            run.restart()
            assert trimmed(seen(step))[: len(text)] == text, (
                "a step shows its own moment, wherever the run stands"
            )
            assert [visible(line).rstrip() for line, _ in step.lines] == text[3 + len(picture) :][
                : len(step.lines)
            ]


def test_a_report_is_its_text() -> None:
    report = bpstep.compare(bpstep.load(MAZUR), {"delta[h1]": 0.0363503064})
    assert trimmed(seen(report)) == trimmed(str(report))
    checked = bpstep.check(lambda x: float(np.abs(x).sum()), np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    assert trimmed(seen(checked)) == trimmed(str(checked))


@given(st.text(max_size=30).map(lambda text: text + NASTY[len(text) :]))
@settings(max_examples=20)
def test_no_name_becomes_markup(name: str) -> None:
    run = bpstep.load(MAZUR)
    report = bpstep.compare(run, {name: 1.0, "delta[h1]": run["delta[h1]"]})
    assert trimmed(seen(report)) == trimmed(str(report))
    checked = bpstep.check(lambda x: 0.0, {name: np.zeros(1)}, {name: np.ones(1)})
    assert trimmed(seen(checked)) == trimmed(str(checked))


def test_no_text_of_a_file_becomes_markup() -> None:
    text = bpstep.load(MAZUR).to_toml()
    nasty = json.dumps(NASTY[:-1], ensure_ascii=False)
    lines = [f"title = {nasty}" if line.startswith("title") else line for line in text.split("\n")]
    lines += ["[[note]]", 'at = "delta[o1]"', f"say = {nasty}"]
    run = bpstep.load("\n".join(lines))
    step = run.until("delta[o1]")
    assert NASTY[:-1] in seen(run)
    assert NASTY[:-1] in seen(step).replace("\n", " ")
    assert "<script" not in run._repr_html_() + step._repr_html_()


def test_every_colour_is_there_for_light_and_for_dark() -> None:
    style = Page(bpstep.load(MAZUR)._repr_html_()).style
    dark = style.partition("@media (prefers-color-scheme: dark){")[2].partition("}}")[0]
    for theme, where in (("light", style.partition("@media")[0]), ("dark", dark)):
        for name, colour in PALETTES[theme].items():
            assert f"--bp-{name}:{colour}" in where
    used = {part.partition(")")[0] for part in style.split("var(--bp-")[1:]}
    assert used <= set(PALETTES["light"]) == set(PALETTES["dark"])


def test_without_ipywidgets_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(
        ImportError, match=r"^run.widget\(\) needs ipywidgets: pip install 'bpstep\[notebook\]'$"
    ):
        bpstep.load(MAZUR).widget()


needs_widgets = pytest.mark.skipif(find_spec("ipywidgets") is None, reason="ipywidgets is not installed")


@needs_widgets
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_buttons_step_the_run() -> None:
    run = bpstep.load(MAZUR)
    box = run.widget()
    buttons, (slider, until), picture = box.children[0].children, box.children[1].children, box.children[2]
    by_name = {button.tooltip: button.click for button in buttons}
    by_name["on by a phase"]()
    by_name["one step forward"]()
    assert run.explain().phase == "backward"
    by_name["one step back"]()
    by_name["back by a neuron"]()
    desk = Console(load(MAZUR))
    for line in ("step phase", "step", "back", "back neuron"):
        desk.execute(line)
    assert run.position == slider.value == desk.position
    until.value = "delta[h1]"
    assert (run.position, slider.value, until.value) == (37, 37, "")
    assert "step 37 of 59" in Page(picture.value).text
    until.value = "<b>delta</b>"
    assert run.position == 37, "what can not be done changes nothing"
    assert "<b>" not in picture.value
    slider.value = 3
    assert run.position == 3
    by_name["to the end"]()
    by_name["to the start"]()
    assert (run.position, slider.value) == (0, 0)


NOTEBOOK = """
import sys, json, nbformat
from nbclient import NotebookClient
cells = json.loads(sys.stdin.read())
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
print(json.dumps([[output.get("data", output.get("text")) for output in cell.outputs] for cell in notebook.cells]))
"""


@pytest.mark.skipif(
    any(find_spec(name) is None for name in ("nbclient", "ipykernel", "ipywidgets")),
    reason="a notebook needs nbclient, ipykernel and ipywidgets",
)
def test_a_real_notebook_shows_the_pictures() -> None:
    cells = [
        "import bpstep\nrun = bpstep.load('mazur-2-2-2')\nrun",
        "run.until('delta[h1]')",
        "bpstep.compare(run, {'delta[h1]': 0.0363503064})",
        "bpstep.check(lambda x: (x * x, 2 * x), 3.0)",
        "run.widget()",
        "print(run['delta[h1]'])",
    ]
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], input=json.dumps(cells), capture_output=True, text=True, check=True
    )
    outputs = json.loads(done.stdout.splitlines()[-1])
    run, step, report, checked = (Page(output[-1]["text/html"]).text for output in outputs[:4])
    assert run.startswith("Matt Mazur's 2-2-2 example") or "step 0 of 59" in run
    assert "step 37 of 59" in step
    assert "first wrong   delta[h1]" in report
    assert checked.startswith("it agrees")
    assert outputs[1][0]["text/plain"].startswith("<step 37:"), "where no HTML is shown there is text"
    assert "application/vnd.jupyter.widget-view+json" in outputs[4][0]
    assert float(outputs[5][0]) == bpstep.load(MAZUR)["delta[h1]"]


def test_a_run_is_a_page_in_a_frame_of_its_own(tmp_path: Path) -> None:
    run = bpstep.load("fan-out")
    run.step(5)
    made = run.page()
    shown = Page(made._repr_html_())
    (tag, attributes), *others = shown.elements
    assert (tag, others) == ("iframe", []), "what is in the page is no part of the notebook"
    assert dict(attributes)["srcdoc"] == made.html
    assert dict(attributes)["sandbox"] == "allow-scripts", "and can not reach it"
    assert run.position == 5
    made.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == made.html
    assert 'id="step-3"' in run.page(3, 4).html
    assert 'id="step-5"' not in run.page(3, 4).html
    for first, last in ((0, 4), (4, 3), (3, 99)):
        with pytest.raises(ValueError, match="expected some of the steps 1 to 14"):
            run.page(first, last)
