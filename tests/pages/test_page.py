"""The page of a session says what the trace and the screen say, step by step, and nothing in it can become markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.rules import RULES
from bpstep.scenario.loader import load
from bpstep.view.drawing.canvas import row_text
from bpstep.view.page import whole
from bpstep.view.page.collected import LAYOUTS, drawn, rules_beside
from bpstep.view.page.drawings import LETTERS, lengthened
from bpstep.view.page.whole import page, steps_shown
from bpstep.view.say.exports import attach, write_page
from bpstep.view.scene.frame import Frame
from bpstep.view.words.inline import inline
from bpstep.view.words.narrate import sentence

SMALL = ("mazur-2-2-2", "fan-out")
#: The rules that the tests look at; each is drawn by the same few lines.
BESIDE = ("no-derivative", "overwrite")
VOID = {"meta", "input"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the items of the list of steps."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.items: list[dict[str, str]] = []
        self.scripts: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(markup)
        self.close()
        assert self._open == [], "every element is closed"
        kind = next(attrs["type"] for tag, attrs in self.elements if attrs.get("id") == "data")
        text = (
            self.scripts[0]
            if kind == "application/json"
            else zlib.decompress(base64.b64decode(self.scripts[0]))
        )
        self.data: dict[str, Any] = json.loads(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag in VOID:
            return
        self._open.append((tag, found.get("class") or ""))
        if tag == "li" and (found.get("id") or "").startswith("step-"):
            self.items.append({"all": "", **{name: value or "" for name, value in attrs}})
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script":
            self.scripts[-1] += data
        elif self.items and any(tag == "ol" for tag, _ in self._open):
            item, kind = self.items[-1], self._open[-1][1]
            item["all"] += data
            item[kind] = item.get(kind, "") + data

    def rows(self, drawing: int) -> list[list[tuple[str, str]]]:
        """The rows of a drawing, each a list of (text, role)."""
        rows = [self.data["rows"][number] for number in self.data["drawings"][drawing]]
        runs = (
            [
                (lengthened(run[1:]), self.data["roles"][LETTERS.index(run[0])])
                for run in row.split("\n")
                if run
            ]
            for row in rows
        )
        return list(runs)


@cache
def opened(name: str) -> tuple[Console, Page, str]:
    session = Console(load(name))
    attach(session)
    beside = [rule for rule in rules_beside(session) if rule.name in BESIDE]
    text = page(session, steps_shown(session), rules=beside)
    return session, Page(text), text


def standing(name: str, rule: str = "") -> Iterator[Frame]:
    """The frames of a run, from its start on, made afresh."""
    session = Console(load(name))
    session.compared_with = RULES[rule] if rule else None
    for position in range(session.length + 1):
        session.position = position
        yield Frame.of(session)


@pytest.mark.parametrize("name", SMALL)
def test_the_text_is_that_of_the_trace(name: str) -> None:
    session, found, _ = opened(name)
    assert [item["id"] for item in found.items] == [f"step-{k}" for k in range(session.length + 1)]
    for item, frame in zip(found.items, standing(name), strict=True):
        assert ("note" in item) == (frame.note is not None)
        step = frame.step
        if step is None:
            continue
        assert item["data-cell"] == str(step.cell)
        assert float(item["data-value"]) == step.value, "in full: the same float"
        assert item["op"] == f"{step.when.phase}, {step.op}"
        assert item["formula"] == inline(frame, step)
        assert item["words"] == sentence(frame, step)
        assert float(item["numbers"].rpartition("= ")[2].replace("−", "-")) == pytest.approx(
            step.value, rel=1e-5
        )
        if step.part is not None and step.part[1] > 1:
            assert item["part"] == "{} of {}".format(*step.part)


@pytest.mark.parametrize("rule", ["", "no-derivative", "overwrite"])
@pytest.mark.parametrize("name", ["mazur-2-2-2", "fan-out"])
def test_the_pictures_are_those_of_the_screen(name: str, rule: str) -> None:
    _, found, _ = opened(name)
    beside = next((one["steps"] for one in found.data["rules"] if one["name"] == rule), {})
    assert not rule or beside, "a wrong rule shows somewhere"
    for k, frame in enumerate(standing(name, rule)):
        for layout, numbers in zip(LAYOUTS, beside.get(str(k)) or found.data["steps"][k], strict=True):
            for canvas, number in zip(drawn(frame, layout), numbers, strict=True):
                shown = [[run for run in row if run[0].strip()] for row in found.rows(number)]
                wanted = [[(text, role) for text, role in row if text.strip()] for row in canvas.rows()]
                text = [row_text(row) for row in found.rows(number)]
                assert "\n".join(text).rstrip() == canvas.text().rstrip(), (k, layout.name)
                assert [[role for _, role in row] for row in shown] == [
                    [role for _, role in row] for row in wanted[: len(shown)]
                ]


@pytest.mark.parametrize("name", SMALL)
def test_every_step_is_a_link_and_every_link_leads_to_a_step(name: str) -> None:
    session, found, _ = opened(name)
    links = {
        attrs["href"] for tag, attrs in found.elements if tag == "a" and (attrs["href"] or "").startswith("#")
    }
    assert links == {f"#step-{k}" for k in range(session.length + 1)}
    leads = {step for tree in found.data["why"] for layout in tree for step in layout[1]}
    assert leads <= set(range(session.length + 1))
    assert set(map(len, found.data["why"][1:])) == {len(LAYOUTS)}, "every number has its why"
    for level in ("neuron", "phase"):
        stops = found.data[level]
        assert (stops[0], stops[-1]) == (0, session.length)
        assert all(later == session.run.timeline.next_boundary(at, level) for at, later in pairwise(stops))


@pytest.mark.parametrize("name", SMALL)
def test_it_stands_alone_and_is_small(name: str) -> None:
    _, found, text = opened(name)
    assert len(text.encode()) < 1_000_000
    assert not any(attrs.get("src") or attrs.get("srcset") for _, attrs in found.elements)
    assert {tag for tag, _ in found.elements} & {"img", "link", "iframe", "object", "base", "form"} == set()
    assert not re.search(r"url\(|@import|https?://", re.sub(r"<p class=\"source\">.*?</p>", "", text)), (
        "no network"
    )
    policy = next(attrs["content"] for tag, attrs in found.elements if attrs.get("http-equiv")) or ""
    digest = base64.b64encode(hashlib.sha256(found.scripts[1].encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}';" in policy, "the one script that is there may run, and no other"
    assert len(found.scripts) == 2


def test_the_data_of_a_large_page_is_packed_and_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    session, found, text = opened("fan-out")
    monkeypatch.setattr(whole, "LARGE", 1_000)
    rules = [rule for rule in rules_beside(session) if rule.name in BESIDE]
    packed = page(session, steps_shown(session), rules=rules)
    assert Page(packed).data == found.data
    assert [item["all"] for item in Page(packed).items] == [item["all"] for item in found.items]
    assert len(packed) < len(text) * 2 / 3


def test_a_program_of_a_thousand_steps_is_a_page_that_a_browser_opens_gladly() -> None:
    """Held for a part of it: what a step takes, times the steps that there are."""
    session = Console(load("bptt"))
    shown = range(session.length - 80, session.length - 50)
    text = page(session, shown, rules=rules_beside(session)[:1])
    packed = len(zlib.compress(json.dumps(Page(text).data, ensure_ascii=False).encode(), 9)) * 4 / 3
    items = sum(len(line.encode()) for line in text.split("\n") if line.startswith('<li id="step-'))
    assert (packed + items) / len(shown) * session.length < 2_500_000


@pytest.mark.parametrize(
    ("name", "its_own"),
    [("bptt", "truncated"), ("max-pool", "max-to-all"), ("batch-norm", "constant-statistics")],
)
def test_where_there_is_room_for_two_rules_one_is_about_this_problem(name: str, its_own: str) -> None:
    rules = rules_beside(Console(load(name)))
    chosen = whole.chosen_rules(rules, 2)
    assert its_own in [rule.name for rule in chosen]
    assert [rule for rule in rules if rule in chosen] == chosen
    assert whole.chosen_rules(rules, len(rules)) == rules


NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\\\"'&lt; $title </pre> --"


def test_nothing_in_a_file_becomes_markup(tmp_path: Path) -> None:
    path = tmp_path / "nasty.toml"
    story = "# Head <b>\\n\\n![x](http://evil/x.png) [a](javascript:alert(1)) <img src=x> | </li>"
    path.write_text(
        f"""format = 1
title = "{NASTY}"
summary = "{NASTY}"
source = "{NASTY}"
story = "{story} {NASTY}"
[expression]
define = "y = x^2"
[expression.inputs]
x = 2
[[note]]
at = "y"
say = "{NASTY} {{y}}"
""",
        encoding="utf-8",
    )
    session = Console(load(str(path)))
    plain = {tag for tag, _ in opened("chain-rule")[1].elements}
    text = page(session, steps_shown(session), [(1, NASTY)])
    found = Page(text)
    assert len(found.scripts) == 2
    assert {tag for tag, _ in found.elements} - plain <= {"h3", "p", "nav", "aside", "em"}
    assert not any(name.startswith("on") for _, attrs in found.elements for name in attrs)
    assert not any((attrs.get("href") or "#").startswith("javascript") for _, attrs in found.elements)
    assert "alert(1)" in found.items[1]["note"], "what was written is read"


def test_every_rule_that_applies_is_offered() -> None:
    session = Console(load("chain-rule"))
    found = Page(page(session, steps_shown(session)))
    names = [rule.name for rule in RULES.values() if rule.name != "correct"]
    offered = [rule["name"] for rule in found.data["rules"]]
    assert offered == [
        name for name in names if not RULES[name].refuses(session.scenario.problem, session.scenario.training)
    ]
    assert "no-derivative" in offered
    session.execute("set rule = no-derivative")
    assert Page(page(session, steps_shown(session))).data["rules"] == [], (
        "beside a wrong rule stands the right one"
    )


def test_a_long_run_is_a_slice_and_says_so() -> None:
    session = Console(load("xor"))
    length = session.run.timeline.start_of_batch(session.run.timeline.batches_per_epoch)
    assert steps_shown(session) == range(length + 1), "its first epoch"
    session.position = 2 * length + 3
    assert steps_shown(session) == range(2 * length, 3 * length + 1), "the epoch in which one stands"
    assert len(steps_shown(Console(load("deep-784-128-10")))) == 301
    text = page(session, range(140, 150), rules=[])
    found = Page(text)
    assert [item["id"] for item in found.items] == [f"step-{k}" for k in range(140, 150)]
    assert "steps 141 to 149 of 145 000" in text
    assert (found.data["first"], len(found.data["steps"])) == (140, 10)


def test_making_a_page_moves_nothing_and_tells_no_answer(tmp_path: Path) -> None:
    session = Console(load("fan-out"))
    session.folder = tmp_path
    attach(session)
    session.execute("goto 7")
    before = dict(vars(session))
    with (tmp_path / "page.html").open("w", encoding="utf-8") as to:
        write_page(session, to, range(4, 8))
    assert {name: vars(session)[name] for name in before} == before
    session.execute("predict on")
    with pytest.raises(CommandError, match="it waits until the question is answered"):
        session.execute("export html mine.html")
    assert not (tmp_path / "mine.html").exists()


def test_the_parts_of_the_page_are_in_the_package() -> None:
    for name in ("page.html", "page.css", "page.js"):
        assert files("bpstep.view.page").joinpath(name).is_file()
