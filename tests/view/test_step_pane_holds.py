"""The row of numbers in the step pane, typed into a calculator, gives the value at its end, to its last digit.

At every step of the shipped scenarios that is looked at, under every notation and every rule that applies.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from bpstep.debugger.console import Console
from bpstep.engine.rules import RULES
from bpstep.engine.steps import Step
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.panes.step import formula_table
from bpstep.view.scene.frame import Frame
from tests.engine.test_equations import applicable, sampled, typed_in
from tests.helpers.shipped import WALKED


def row_of_numbers(session: Console, step: Step) -> str:
    canvas = Canvas(400, 12)
    formula_table(Frame.of(session), step).draw(canvas, 0, 0, 400)
    return canvas.text().split("\n")[1].strip()


def gives_its_value(session: Console, step: Step) -> None:
    row = row_of_numbers(session, step)
    left, _, shown = row.rpartition("=")
    if not np.isfinite(step.value) or "[" in row or "!" in row:
        return
    right = left.split("=", 1)[1] if step.sign == "=" else left.strip().lstrip("·").strip()
    typed = right.replace("−", "-").replace("×", "*").replace("·", "*").replace("²", "^2").replace(" ^", "^")
    typed = re.sub(r"\b[sσgfφ]\(", "sigmoid(", typed)
    found = NumberFormat(session.options.digits).bare(typed_in(typed.strip()))
    exact = re.search(r"\d\.?\d{11}", right)
    assert found == shown.strip().lstrip("+").rstrip("…").strip() or exact, (row, found, step)


@pytest.mark.parametrize("name", WALKED)
def test_every_rule(name: str) -> None:
    scenario = load(name)
    for rule in applicable(scenario.problem, scenario.training):
        session = Console(scenario, rule=RULES[rule], epochs=min(2, scenario.training.epochs))
        for step in sampled(session.run, 12):
            gives_its_value(session, step)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", ["mazur-2-2-2", "softmax", "adam"])
def test_every_notation(name: str, notation: str) -> None:
    session = Console(load(name), epochs=1)
    session.execute(f"set notation = {notation}")
    for step in sampled(session.run, 30):
        gives_its_value(session, step)
