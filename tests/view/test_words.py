"""What is said in words: explain, algorithm, legend, narration; for every op, both kinds, every rule and notation."""

from __future__ import annotations

import re

import pytest

from bpstep.debugger.console import Console
from bpstep.engine.rules import RULES
from bpstep.scenario.loader import load
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.views import VIEWS, lines_of
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import NOTATIONS
from bpstep.view.words.narrate import sentence
from tests.helpers.moments import opened_at

SCENARIOS = ("mazur-2-2-2", "chain-rule", "fan-out", "softmax", "xor", "xor-direct", "article-2-3-2-1")


def text(session: Console, name: str, width: int = 78) -> str:
    return "\n".join(line for line, _ in lines_of(session, name, width))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_step_has_a_sentence_of_its_own_words(scenario: str) -> None:
    session = Console(load(scenario))
    said: dict[str, set[str]] = {}
    for number in range(1, min(session.length, 400) + 1):
        session.position = number
        step = session.step
        assert step is not None
        words = sentence(Frame.of(session), step)
        assert words.endswith((".", "?"))
        assert len(words) > 20
        assert "None" not in words
        said.setdefault(step.op, set()).add(words)
        assert words[:30] in text(session, "explain").replace("\n", " ")
    assert len(said) >= 4
    shared = [a & b for x, a in said.items() for y, b in said.items() if x != y]
    assert not any(shared), "steps of different kinds say different things"


MAZUR = load("mazur-2-2-2")
#: Where a rule is at home that does not apply to mazur-2-2-2, or changes nothing there.
HOME = {"logistic-everywhere": "softmax", "softmax-diagonal": "softmax"}


@pytest.mark.parametrize(
    "rule",
    [
        name
        for name, row in RULES.items()
        if name != "correct" and (name in HOME or not row.refuses(MAZUR.problem, MAZUR.training))
    ],
)
def test_every_rule_says_where_it_parts_and_where_the_mistake_came_in(rule: str) -> None:
    session = Console(load(HOME.get(rule, "mazur-2-2-2")))
    session.execute(f"set rule = {rule}")
    found = session.twin
    assert found is not None
    first = next(
        n for n in range(1, session.length + 1) if session.run.step(n).value != found[1].step(n).value
    )
    session.position = first
    assert f"Here {rule} parts from the chain rule." in text(session, "explain")
    assert RULES[rule].says[:30] in text(session, "explain")
    later = []
    for number in range(first + 1, session.length + 1):
        session.position = number
        later.append("The mistake came in with" in text(session, "explain"))
    assert any(later), "what was made earlier comes in later"
    session.position = first - 1
    assert "parts from" not in text(session, "explain")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_writes_every_view_without_the_letters_of_another(notation: str) -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute(f"set notation = {notation}")
    session.execute("until delta[h1]")
    n = NOTATIONS[notation]
    for name in ("explain", "algorithm", "legend"):
        shown = text(session, name)
        assert f"∂{n.cost}" in shown
        assert n.delta in shown
    if n.cost != "E":
        assert "∂E/" not in re.sub(r"always \+∂E", "", text(session, "algorithm") + text(session, "explain"))


@pytest.mark.parametrize(
    ("scenario", "until", "line"),
    [
        ("mazur-2-2-2", "goto 3", 1),
        ("mazur-2-2-2", "goto 17", 2),
        ("mazur-2-2-2", "until delta[o1]", 3),
        ("mazur-2-2-2", "until delta[h1]", 4),
        ("mazur-2-2-2", "until d(w[i1->h1])", 5),
        ("mazur-2-2-2", "until update", 6),
        ("chain-rule", "goto 2", 1),
        ("chain-rule", "goto 3", 2),
        ("chain-rule", "goto 4", 3),
        ("chain-rule", "goto 5", 4),
        ("chain-rule", "goto 6", 5),
    ],
)
def test_the_algorithm_marks_the_line_of_the_step(scenario: str, until: str, line: int) -> None:
    session = Console(load(scenario))
    assert "▶" not in text(session, "algorithm")
    session.execute(until)
    rows = text(session, "algorithm").split("\n")
    assert [row[:3] for row in rows if row.startswith("▶")] == [f"▶ {line}"]


def test_explain_draws_the_function_and_its_slope_at_a_local_step() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("goto 22")
    shown = text(session, "explain")
    assert "its slope" in shown
    assert "s(e)" in shown
    assert any("⠀" < char <= "⣿" for char in shown)
    session.execute("goto 23")
    assert "its slope" not in text(session, "explain")


def test_forward_mode_says_what_it_does() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("set mode = forward w[i1->h1]")
    rows = text(session, "algorithm").split("\n")
    assert "dot(w(i1→h1)) = 1" in rows[0]
    for number in range(1, session.length + 1):
        session.position = number
        assert "None" not in text(session, "explain")


@pytest.mark.parametrize("name", [view.name for view in VIEWS.values() if view.lines])
@pytest.mark.parametrize(
    "scenario", ["mazur-2-2-2", "chain-rule", "deep-784-128-10", "where-is-the-back-propagation"]
)
def test_every_view_of_lines_can_be_shown_anywhere(scenario: str, name: str) -> None:
    session = Console(load(scenario))
    if name == "check" and scenario == "deep-784-128-10":
        return  # a thousand gradients by three ways: tests/engine/test_check.py has its own
    for position in (0, 1, session.length // 2, session.length):
        session.position = position
        assert text(session, name)


@pytest.mark.parametrize(("command", "columns"), [("check", 5), ("diff article", 3)])
def test_columns_stand_under_each_other_whatever_the_names(command: str, columns: int) -> None:
    session = opened_at("long-names")
    attach(session)
    lines = plain_lines(session, session.execute(command), 120)
    at = next(place for place, line in enumerate(lines) if line.startswith("cell "))
    starts = [found.start() for found in re.finditer(r"(?<=  )[a-z]", lines[at])][:columns]
    rows = [line for line in lines[at + 1 :] if re.match(r"[wb]\[", line)]
    assert len(rows) > 10
    for row in rows:
        assert all(row[start - 1] in " +−" and row[start] != " " for start in starts if start < len(row)), (
            lines[at],
            row,
        )
