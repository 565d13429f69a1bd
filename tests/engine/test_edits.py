"""Edits against an interpreter that knows nothing of passes: it plays the steps one by one over a dictionary.

Every step must read what the dictionary holds, add to what the dictionary holds, and compute what its formula says;
an edit is an assignment to the dictionary between two steps.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.moment import OVERRIDDEN, STALE, Moment
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edits import Edit
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.engine.steps import Step
from bpstep.scenario.arithmetic import ArithmeticSyntaxError, evaluate, parse_expression
from tests.helpers.array_programs import formulas
from tests.helpers.problems import mazur, networks, trainings


def settable(run: Run) -> list[Cell]:
    graph = run.setup.graph
    found = [cells.clock("lr")] if run.setup.training.learning_rate is not None else []
    for vector in (*graph.parameters, *graph.given):
        found += [
            vector.cell(vector.number(row, column))
            for row in range(len(vector.names))
            for column in range(max(1, len(vector.columns)))
        ]
    return found


def edited(run: Run, position: int, cell: Cell, value: float) -> Edit:
    if position == 0:
        return Edit(0, 0, f"set {cell}", cell, value, run.rows(0)[0])
    place = run.place(position)
    return Edit(
        place.batch,
        position - place.batch_base,
        f"set {cell}",
        cell,
        value,
        run.rows(place.batch)[place.sample],
    )


def bits(number: float) -> bytes:
    return np.float64(number).tobytes()


class Interpreter:
    """A dictionary of cells; the samples' inputs and targets are put in at the start of each sample."""

    def __init__(self, run: Run) -> None:
        self.run = run
        graph = run.setup.graph
        start = run.history.snapshots[0].parameters
        rate = run.setup.training.learning_rate or 0.0
        self.known: dict[Cell, float] = {cells.clock("lr"): rate, cells.d(cells.LOSS): 1.0}
        for vector in graph.gathered:  # what nobody uses has the derivative 0, without a step
            unused = [j for j in range(vector.size) if not graph.uses_of(vector, j)]
            self.known.update({cells.d(vector.cell(j)): 0.0 for j in unused})
        for vector, array in zip(graph.parameters, graph.views(start), strict=True):
            for place, value in enumerate(np.asarray(array).ravel()):
                row, column = divmod(place, max(1, len(vector.columns)))
                self.known[vector.cell(vector.number(row, column))] = float(value)
        self.given = [array.copy() for array in run.given]
        self.sample = -1

    def enter(self, sample: int) -> None:
        self.sample = sample
        for vector, array in zip(self.run.setup.graph.given, self.given, strict=True):
            for row in range(len(vector.names)):
                self.known[vector.cell(row)] = float(array[sample, row])

    def set(self, edit: Edit) -> None:
        assert edit.cell is not None
        self.known[edit.cell] = edit.value
        for vector, array in zip(self.run.setup.graph.given, self.given, strict=True):
            for row in range(len(vector.names)):
                if vector.cell(row) == edit.cell:
                    array[edit.sample, row] = edit.value

    def play(self, step: Step) -> None:
        for factor in step.inputs:
            if factor.cell.kind != "sum":
                assert bits(factor.value) == bits(self.read(factor.cell, step)), (
                    step.number,
                    str(factor.cell),
                )
        if step.was is not None:
            assert bits(step.was) == bits(self.known[step.cell]), (step.number, str(step.cell))
        if step.product is not None and step.part is not None and step.sign == "+=":
            total = step.product if step.was is None else step.was + step.product
            assert bits(total) == bits(step.value) or total != total, step
        self.check_formula(step)
        self.known[step.cell] = step.value

    def read(self, cell: Cell, step: Step) -> float:
        if cell.kind == "setting":
            settings = {**self.run.setup.settings, "t": float(step.when.batch)}
            return settings[str(cell).rstrip("_")]
        return self.known[cell]

    def check_formula(self, step: Step) -> None:
        if step.op not in ("apply", "local") or self.run.setup.rule.name != "correct":
            return
        if step.because.startswith("a^0") or "[" in step.template:
            return  # 0^0 has no formula (the step says which convention it follows), Iverson's bracket knows no nan
        names = {f"q{i}": factor.value for i, factor in enumerate(step.inputs)}
        try:
            node = parse_expression(step.template.format(*names), cells=True, names=names)
        except ArithmeticSyntaxError:
            return
        found = evaluate(node, lambda cell: names[str(cell)])
        assert found == pytest.approx(step.value, rel=1e-9, abs=1e-300, nan_ok=True), step


def check(run: Run, edits: list[Edit]) -> None:
    run = run.revised(edits)
    machine = Interpreter(run)
    waiting = list(run.edits)
    before: tuple[int, int] | None = None
    for number in range(1, run.length + 1):
        place = run.place(number)
        done = number - 1 - place.batch_base
        while waiting and waiting[0].at <= (place.batch, done):
            machine.set(waiting.pop(0))
        now = (place.batch, place.sample)
        if now != before:
            machine.enter(run.rows(place.batch)[place.sample])
            before = now
        machine.play(run.step(number))


@st.composite
def runs(draw: st.DrawFn) -> tuple[Run, list[Edit]]:
    problem, training = draw(networks()), draw(trainings())
    rules = [rule for rule in RULES.values() if not rule.refuses(problem, training)]
    run = Run(problem, training, rule=draw(st.sampled_from(rules)))
    choices = settable(run)
    edits = []
    for position in draw(st.lists(st.integers(0, run.length), min_size=1, max_size=4)):
        value = draw(st.sampled_from([0.0, -0.5, 0.3, 1.7, 0.9]))
        edits.append(edited(run, position, draw(st.sampled_from(choices)), value))
    return run, edits


@given(runs())
@settings(max_examples=120)
def test_networks(found: tuple[Run, list[Edit]]) -> None:
    run, edits = found
    with np.errstate(all="ignore"):
        check(run, edits)


@given(formulas(), st.data())
@settings(max_examples=40)
def test_expressions(problem: ExpressionSpec, data: st.DataObject) -> None:
    run = Run(problem, TrainingSpec())
    cell = data.draw(st.sampled_from(settable(run)))
    position = data.draw(st.integers(0, run.length))
    with np.errstate(all="ignore"):
        check(run, [edited(run, position, cell, 0.7)])


@given(runs())
@settings(max_examples=30)
def test_what_was_done_before_has_the_same_bits(found: tuple[Run, list[Edit]]) -> None:
    run, edits = found
    first = min(edit.at for edit in edits)
    end = run.timeline.start_of_batch(first[0]) + first[1]
    with np.errstate(all="ignore"):
        after = run.revised(edits)
        assert [bits(step.value) for step in after.steps(1, end)] == [
            bits(s.value) for s in run.steps(1, end)
        ]
        assert after.length == run.length


def changed(run: Run, position: int, cell: Cell, value: float) -> Run:
    return run.revised([edited(run, position, cell, value)])


def state(run: Run, position: int, cell: Cell) -> str:
    reading = Moment(run, position).read(cell)
    assert reading is not None
    return reading.state


def test_stale_is_what_was_computed_from_it_and_nothing_else() -> None:
    run = changed(Run(mazur(), TrainingSpec(0.5)), 36, cells.w("i1", "h1"), 0.9)
    for cell in (cells.e("h1"), cells.y("h1"), cells.e("o1"), cells.COST, cells.d(cells.e("o2"))):
        assert state(run, 36, cell) == STALE, cell
    assert state(run, 36, cells.e("h2")) == "final"
    assert state(run, 36, cells.y("i1")) == "given"
    assert state(run, 36, cells.w("i1", "h1")) == OVERRIDDEN
    assert state(run, 35, cells.e("h1")) == "final"
    assert state(run, 35, cells.w("i1", "h1")) == "given"


def test_what_a_later_step_writes_is_no_longer_stale() -> None:
    run = changed(Run(mazur(), TrainingSpec(0.5)), 2, cells.w("i1", "h1"), 0.9)
    assert state(run, 2, cells.e("h1")) == STALE
    assert state(run, 3, cells.e("h1")) == "final"
    assert Moment(run, 3).value(cells.e("h1")) == Run(mazur(), TrainingSpec(0.5)).step(3).value


def test_an_update_writes_over_what_was_set_by_hand() -> None:
    plain = Run(mazur(), TrainingSpec(0.5, epochs=2))
    run = changed(plain, 10, cells.w("i1", "h1"), 0.9)
    update = next(s for s in run.steps() if s.op == "update" and s.cell == cells.w("i1", "h1"))
    assert update.was == 0.9
    assert state(run, update.number - 1, update.cell) == OVERRIDDEN
    assert state(run, update.number, update.cell) == "final"
    late = changed(plain, 59, cells.w("i1", "h1"), 0.9)
    assert state(late, 59, update.cell) == OVERRIDDEN
    assert state(late, 80, update.cell) == OVERRIDDEN
    assert late.step(60).inputs[0].value == 0.9
    assert state(late, 118, update.cell) == "final"


def test_a_changed_input_stays_in_its_sample() -> None:
    spec = mazur()
    spec = NetworkSpec(
        spec.inputs, spec.layers, spec.cost, np.repeat(spec.x, 2, axis=0), np.repeat(spec.t, 2, axis=0)
    )
    run = Run(spec, TrainingSpec(0.5, epochs=2))
    run = changed(run, 3, cells.y("i1"), 0.7)
    seen = [Moment(run, run.timeline.start_of_batch(batch) + 3).value(cells.y("i1")) for batch in range(4)]
    assert seen == [0.7, 0.05, 0.7, 0.05]


def test_another_structure_begins_with_a_batch() -> None:
    from dataclasses import replace

    from bpstep.engine.specs import OptimizerSpec

    plain = Run(mazur(), TrainingSpec(0.5, epochs=3))

    def adam(setup: object) -> object:
        return replace(setup, training=replace(setup.training, optimizer=OptimizerSpec("adam")))  # type: ignore

    run = plain.revised([Edit(1, 0, "set optimizer = adam", change=adam)])  # type: ignore[arg-type]
    assert [run.timeline.start_of_batch(k) for k in range(4)] == [0, 59, 59 + 83, 59 + 83 * 2]
    assert [bits(s.value) for s in run.steps(1, 59)] == [bits(s.value) for s in plain.steps(1, 59)]
    first = next(s for s in run.steps(60) if s.op == "state")
    assert first.was is None
    alone = Run(mazur(), TrainingSpec(0.5, optimizer=OptimizerSpec("adam")))
    assert len(list(alone.steps())) == 83
