"""Forward mode against reverse mode, and step by step against a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.console import Console
from bpstep.debugger.moment import Moment
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.scenario.loader import load
from tests.helpers.array_programs import formulas
from tests.helpers.problems import mazur, networks, trainings


def seeds(run: Run) -> list[Cell]:
    graph = run.setup.graph
    vectors = [v for v in (*graph.given, *graph.parameters) if v not in graph.constants]
    return [
        v.cell(v.number(row, column))
        for v in vectors
        for row in range(len(v.names))
        for column in range(max(1, len(v.columns)))
    ]


def root_of(run: Run) -> Cell:
    if not run.setup.is_network:
        return run.setup.graph.root.cell(0)
    return cells.LOSS if run.setup.reduces(len(run.rows(0))) else cells.COST


def follow(run: Run) -> None:
    """Each step reads what stands there, adds up, and a cell that is not reached is 0 throughout."""
    known: dict[Cell, float] = {}
    sample = None
    for step in run.steps():
        place = run.place(step.number)
        now = (place.batch, place.sample)
        if now != sample:
            known = {cell: value for cell, value in known.items() if cell == cells.dot(cells.LOSS)}
            sample = now
        for factor in step.inputs:
            if factor.cell.kind in ("dot", "local"):
                assert np.float64(factor.value).tobytes() == np.float64(known[factor.cell]).tobytes(), step
        if step.op == "tangent":
            assert step.product is not None
            total = step.product if step.was is None else step.was + step.product
            assert total == step.value or total != total
            assert step.was is None or step.was == known[step.cell] or step.was != step.was
        known[step.cell] = step.value
        reading = Moment(run, step.number).read(step.cell)
        assert reading is not None
        if step.op in ("tangent", "local", "seed"):
            assert reading.value == step.value or step.value != step.value, step


@given(networks(), trainings(), st.data())
@settings(max_examples=60)
def test_networks(problem: NetworkSpec, training: TrainingSpec, data: st.DataObject) -> None:
    reverse = Run(problem, training, epochs=1)
    seed = data.draw(st.sampled_from(seeds(reverse)))
    forward = Run(problem, training, epochs=1, wrt=seed)
    with np.errstate(all="ignore"):
        follow(forward)
        end = Moment(forward, forward.timeline.start_of_batch(1))
        found = end.value(cells.dot(root_of(forward)))
        if seed.kind == "y":
            return
        wanted = Moment(reverse, reverse.timeline.start_of_batch(1)).value(cells.d(seed))
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)
    ops = {step.op for step in forward.steps()}
    assert ops <= {"seed", "term", "bias", "apply", "cost", "reduce", "local", "tangent"}
    assert {step.when.phase for step in forward.steps()} == {"forward"}


@given(formulas(), st.data())
@settings(max_examples=60)
def test_expressions(problem: ExpressionSpec, data: st.DataObject) -> None:
    reverse = Run(problem, TrainingSpec())
    seed = data.draw(st.sampled_from(seeds(reverse)))
    forward = Run(problem, TrainingSpec(), wrt=seed)
    with np.errstate(all="ignore"):
        follow(forward)
        found = Moment(forward, forward.length).value(cells.dot(root_of(forward)))
        wanted = Moment(reverse, reverse.length).value(cells.d(seed))
    if np.isfinite(wanted or 0.0) and np.isfinite(found or 0.0):
        assert found == pytest.approx(wanted, rel=1e-7, abs=1e-9)


def test_what_the_seed_does_not_reach_is_zero_and_has_no_step() -> None:
    run = Run(mazur(), TrainingSpec(0.5), wrt=cells.w("i1", "h1"))
    assert run.length == 32
    assert not [s for s in run.steps() if s.op == "tangent" and s.when.node == "h2"]
    moment = Moment(run, run.length)
    assert moment.value(cells.dot(cells.y("h2"))) == 0.0
    assert moment.read(cells.d(cells.e("h1"))) is None
    assert Moment(run, 4).value(cells.dot(cells.e("h1"))) is None
    assert moment.value(cells.dot(cells.COST)) == pytest.approx(0.000438567727)


def test_what_is_set_behind_a_batch_changes_no_tangent_of_it() -> None:
    """In forward mode a value is set before a batch or behind it: what stands in a cell is what its step made."""
    console = Console(load("fan-out"))
    console.execute("set mode = forward x")
    console.execute("goto end")
    before = {step.cell: step.value for step in console.run.steps()}
    console.execute("set x = 0.25")
    for cell, value in before.items():
        reading = console.read(cell)
        assert reading is not None
        assert reading.value == value, cell
