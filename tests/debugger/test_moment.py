"""What a cell shows at a moment, against a replay of all steps from the beginning."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.moment import FINAL, GIVEN, PARTIAL, UNSET, Moment
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from bpstep.engine.steps import Step
from tests.helpers.array_programs import formulas
from tests.helpers.problems import mazur, networks, trainings


@dataclass
class Replay:
    """Plays steps one after the other and keeps a dictionary of what stands where."""

    values: dict[Cell, tuple[float, bool]] = field(default_factory=dict)
    sample: tuple[int, int, int] | None = None
    batch: int = 0

    def play(self, step: Step, sample: tuple[int, int, int], by_batch: set[Cell], kept: set[Cell]) -> None:
        if step.when.batch != self.batch:
            self.values = {c: v for c, v in self.values.items() if c in kept}
            self.batch = step.when.batch
        elif sample != self.sample:
            self.values = {c: v for c, v in self.values.items() if c in kept or c in by_batch}
        self.sample = sample
        self.values[step.cell] = (step.value, step.is_final)


def check(run: Run, positions: set[int]) -> None:
    steps = list(run.steps())
    written = {step.cell for step in steps}
    parameters = {
        v.cell(v.number(row, column))
        for v in run.setup.graph.parameters
        for row in range(len(v.names))
        for column in range(max(1, len(v.columns)))
    }
    by_batch = {cells.LOSS} | {cells.d(p) for p in parameters if p.kind in ("w", "b")}
    kept = parameters | {cells.state(name, p) for p in parameters for name in ("m", "v")}
    replay = Replay()
    for step in steps:
        place = run.place(step.number)
        replay.play(step, (place.epoch, place.batch, place.sample), by_batch, kept)
        if step.number not in positions:
            continue
        moment = Moment(run, step.number)
        for cell in written:
            reading = moment.read(cell)
            assert reading is not None, cell
            expected = replay.values.get(cell)
            if expected is None:
                assert reading.state == (GIVEN if cell in parameters else UNSET), (step.number, cell)
                continue
            value, final = expected
            assert reading.value is not None
            assert (
                np.array([reading.value]).tobytes() == np.array([value + 0.0]).tobytes() or value != value
            ), cell
            assert reading.state == (FINAL if final else PARTIAL), (step.number, cell)


@given(networks(), trainings(), st.data())
@settings(max_examples=40)
def test_networks(problem: NetworkSpec, training: TrainingSpec, data: st.DataObject) -> None:
    run = Run(problem, training)
    positions = data.draw(st.sets(st.integers(1, run.length), min_size=1, max_size=12))
    with np.errstate(all="ignore"):
        check(run, positions)


@given(formulas())
@settings(max_examples=40)
def test_expressions(problem: ExpressionSpec) -> None:
    run = Run(problem, TrainingSpec())
    with np.errstate(all="ignore"):
        check(run, set(range(1, run.length + 1)))


def test_nothing_is_computed_at_the_start() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    moment = Moment(run, 0)
    for cell in (cells.e("h1"), cells.y("o1"), cells.COST, cells.d(cells.e("h1"))):
        reading = moment.read(cell)
        assert reading is not None
        assert reading.value is None
    given = moment.read(cells.y("i1"))
    assert given is not None
    assert (given.value, given.state) == (0.05, GIVEN)


def test_a_local_derivative_that_is_another_cell() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    moment = Moment(run, 47)
    assert moment.value(cells.local(cells.e("o1"), cells.y("h1"))) == 0.4
    assert moment.value(cells.local(cells.e("h1"), cells.w("i1", "h1"))) == 0.05
    assert moment.value(cells.local(cells.e("h1"), cells.b("h1"))) == 1.0
    assert moment.read(cells.local(cells.e("h2"), cells.b("h1"))) is None


def test_a_variable_in_two_places_has_a_local_derivative_for_each_and_their_sum() -> None:
    """y = x^x at 2: 4 ln 2 by the exponent, the later place, comes first; then 2 · 2 by the base."""
    power = Operation("y", "pow", ("x", "x"))
    run = Run(ExpressionSpec(("x",), (2.0,), (power,), "y"), TrainingSpec())
    y, x = cells.var("y"), cells.var("x")
    assert [str(step.cell) for step in run.steps() if step.op == "local"] == ["d(y, x, 2)", "d(y, x, 1)"]
    end = Moment(run, run.length)
    assert end.value(cells.local(y, x, 2)) == 4.0 * np.log(2.0)
    assert end.value(cells.local(y, x, 1)) == 4.0
    assert end.value(cells.local(y, x)) == 4.0 * np.log(2.0) + 4.0
    half = Moment(run, 3).read(cells.local(y, x))
    assert half is not None
    assert (half.value, half.state, half.part) == (4.0 * np.log(2.0), PARTIAL, (1, 2))
    assert Moment(run, 3).value(cells.local(y, x, 1)) is None
