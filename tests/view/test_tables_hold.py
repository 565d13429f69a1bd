"""The tables of the strip are about this run: what a variable is, what has a number, what can still get one."""

from __future__ import annotations

import re

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.expressions import parse
from bpstep.engine.specs import ExpressionSpec, NetworkSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import tables
from bpstep.view.scene.frame import Frame
from tests.helpers.moments import EVERY, forward_mode, opened_at

#: Scenarios whose tables have a row for each number.
OF_NUMBERS = [name for name in EVERY if not name.startswith("deep-784")]
RUNS = [(name, mode) for name in OF_NUMBERS for mode in ("reverse", "forward")]
OF_VARIABLES = [
    (name, mode)
    for name, mode in RUNS
    if isinstance(found := opened_at(name).setup.problem, ExpressionSpec) and not found.has_arrays
]


def computed(name: str, mode: str) -> Console:
    """A session behind all that is computed of the first batch, before anything is updated."""
    session = opened_at(name, forward_mode(name) if mode == "forward" else ())
    run, end = session.run, session.run.timeline.start_of_batch(1)
    session.position = next((k - 1 for k in range(1, end + 1) if run.step(k).when.phase == "update"), end)
    return session


def rows(session: Console, name: str) -> list[str]:
    """A table with all its rows, without its heads."""
    frame = Frame.of(session)
    canvas: Canvas = tables.draw(frame, 110, 120, name)
    return [row for row in canvas.text().split("\n")[2:] if row.strip()]


@pytest.mark.parametrize(("name", "mode"), OF_VARIABLES)
def test_a_variable_is_what_its_row_says(name: str, mode: str) -> None:
    session = computed(name, mode)
    problem = session.setup.problem
    assert isinstance(problem, ExpressionSpec)
    for row in rows(session, "variables"):
        cell, told, *_ = re.split(r"\s{2,}", row.strip())
        if told in ("given", "parameter"):
            assert (told == "parameter") == (cell in problem.parameters), row
        elif not told.endswith("…"):
            typed, value = (parse(session.scope, text).value(session.moment) for text in (told, cell))
            assert typed == pytest.approx(value, nan_ok=True), row


@pytest.mark.parametrize(("name", "mode"), RUNS)
def test_what_is_not_computed_yet_will_be(name: str, mode: str) -> None:
    """A dot says that a step is still to come: where all are done there is none."""
    session = computed(name, mode)
    is_network = isinstance(session.setup.problem, NetworkSpec)
    for table in ("nodes", "weights") if is_network else ("variables",):
        for row in rows(session, table):
            assert not re.search(r" ·(?:  |$)", row), (table, row)
