"""A veiled run has the numbers of the steps that are known, to the last bit, and none of the others."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.moment import Moment
from bpstep.engine import cells
from bpstep.engine.describe import Describer
from bpstep.engine.edits import Edit
from bpstep.engine.run import Run
from bpstep.engine.specs import Array
from bpstep.engine.veil import VeiledRun
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import networks, trainings


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Random runs in both modes, some of them with a weight that was changed on the way."""
    problem = draw(st.one_of(networks(), formulas()))
    training = draw(trainings() if hasattr(problem, "layers") else formula_trainings())
    run = Run(problem, training)
    graph = run.setup.graph
    if draw(st.integers(0, 3)) == 0:
        vector = draw(
            st.sampled_from([v for v in (*graph.given, *graph.parameters) if v not in graph.constants])
        )
        wrt = vector.cell(vector.number(len(vector.names) - 1, max(0, len(vector.columns) - 1)))
        return Run(problem, training, wrt=wrt)
    if graph.parameters and hasattr(problem, "layers") and draw(st.booleans()):
        cell = graph.parameters[0].cell(0)
        batch = draw(st.integers(0, run.timeline.batches - 1))
        length = run.timeline.start_of_batch(batch + 1) - run.timeline.start_of_batch(batch)
        return run.revised([Edit(batch, draw(st.integers(0, length)), f"set {cell} = 0.25", cell, 0.25, 0)])
    return run


def arrays_of(batch: Describer) -> Iterator[Array]:
    """Every array of a batch."""
    numbers, update = batch.numbers, batch.update
    yield from numbers.values
    yield from (array for array in (*numbers.d, *numbers.local) if array is not None)
    yield numbers.gradient
    if numbers.tangents is not None:
        yield from numbers.tangents.dot
    if numbers.setup.is_network:
        for operation in numbers.graph.forward:
            if operation.by_term or not operation.head.per_sample:
                yield from (batch.sums.value_terms(operation, s, 0) for s in range(numbers.samples))
        yield np.array([numbers.loss])
    if update is not None:
        yield from (*update.new_states, update.parameters)


def bits(*numbers: float | None) -> set[bytes]:
    found = (x for x in numbers if x is not None and not math.isnan(x) and abs(x) not in (0.0, 1.0))
    return {np.float64(x).tobytes() for x in found}


@settings(max_examples=20, deadline=None)
@given(runs(), st.data())
def test_known_steps_are_the_same_and_the_others_are_nowhere(run: Run, data: st.DataObject) -> None:
    known = data.draw(st.integers(0, run.length))
    veiled = VeiledRun(run, known)
    shown, ahead = set(), set()
    for real, step in zip(run.steps(), map(veiled.step, range(1, run.length + 1)), strict=True):
        if step.number <= known:
            assert repr(step) == repr(real)
            factors = [f.value for f in (*real.inputs, real.upstream, real.local) if f is not None]
            shown |= bits(real.value, real.was, real.product, *factors)
        else:
            assert math.isnan(step.value)
            assert (step.cell, step.op, step.part) == (real.cell, real.op, real.part)
            ahead |= bits(real.value)
    shown |= {
        bit for batch in range(run.timeline.batches) for bit in bits(1.0 / len(run.rows(batch)))
    }  # no secret
    shown |= bits(*run.snapshot(0).parameters, *(x for array in run.given for x in array.ravel()))
    for batch in range(run.timeline.batches):
        told = bits(*(x for array in arrays_of(veiled.batch(batch)) for x in array.ravel()))
        told |= bits(*veiled.snapshot(batch).parameters, veiled.loss(batch))
        assert not (told & ahead) - shown - bits(0.25), f"batch {batch} of a run known to step {known}"


@settings(max_examples=20, deadline=None)
@given(runs(), st.data())
def test_what_is_read_where_it_is_known_is_the_same(run: Run, data: st.DataObject) -> None:
    known = data.draw(st.integers(0, run.length))
    position = data.draw(st.integers(0, known))
    veiled = VeiledRun(run, known)
    here, there, ahead = (
        Moment(run, position),
        Moment(veiled, position),
        Moment(veiled, min(run.length, known + 1)),
    )
    graph = here.setup.graph
    for vector in graph.vectors:
        for row in range(len(vector.names)):
            value = vector.cell(row)
            for cell in (value, cells.d(value), cells.dot(value), cells.state("m", value)):
                assert repr(here.read(cell)) == repr(there.read(cell))
                reading = ahead.read(cell)
                if ahead.position > known and reading is not None and vector not in graph.given:
                    assert reading.value is None or cell.kind in ("d", "dot"), cell
