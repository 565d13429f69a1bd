"""Which layers stand side by side: as many as fit, the step's and its neighbour among them, whatever the width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpstep.debugger.session import Session
from bpstep.engine.specs import NetworkSpec
from bpstep.scenario.loader import load
from bpstep.view.panes.columns import Geometry, columns_of
from bpstep.view.panes.network import first_layer

VANISHING = Session(load("vanishing"))
PROBLEM = VANISHING.setup.problem
assert isinstance(PROBLEM, NetworkSpec)
NAMES = [layer.name for layer in PROBLEM.layers]


@pytest.mark.parametrize("width", [60, 80, 85, 122, 123, 160, 176, 220, 400])
def test_columns_fit_and_no_more_would(width: int) -> None:
    g = Geometry.of(width, 12)
    columns = columns_of(PROBLEM, g, 0, {}, 0)
    assert columns[-1].right < width
    assert len(columns) == 1 + min(g.layers, len(NAMES))
    if 1 < g.layers < len(NAMES):
        more = columns_of(PROBLEM, replace(g, layers=g.layers + 1), 0, {}, 0)
        assert more[-1].right >= width - 1


@pytest.mark.parametrize("layers", range(1, 12))
def test_a_step_and_what_it_reads_are_drawn(layers: int) -> None:
    g = replace(Geometry.of(400, 12), layers=layers)
    for number in range(1, 60):
        step = VANISHING.run.step(number)
        first = first_layer(PROBLEM, step, layers)
        names = [column.name for column in columns_of(PROBLEM, g, first, {}, 0)]
        at = NAMES.index(step.when.layer) if step.when.layer in NAMES else len(NAMES) - 1
        assert NAMES[at] in names
        if step.when.phase == "forward" and at:
            assert NAMES[at - 1] in names
        if step.when.phase == "backward" and at + 1 < len(NAMES) and layers > 1:
            assert NAMES[at + 1] in names
