"""A learner's arrays against a program over arrays: dU as NumPy has it; the first wrong cell, and the mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpstep.comparison.entries import NumbersError, entries_of
from bpstep.comparison.first import first_wrong, wrong_start
from bpstep.comparison.mutants import mutants, right_gradients
from bpstep.comparison.population import Key
from bpstep.comparison.reading import read_numbers
from bpstep.comparison.report import Report, compare_numbers
from bpstep.comparison.sheet import Mask, Place, Sheet, sheet_of
from bpstep.comparison.training import compare_training
from bpstep.engine.cells import Cell
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, OptimizerSpec, TrainingSpec
from bpstep.scenario.loader import loads
from bpstep.view.say.trace import write_trace
from tests.helpers.array_programs import ARRAYS, formulas, programs

#: Where a named mistake gives the same as another one, made in a single place.
TWINS = """
format = 1
title = "A normalisation and a pool"
[expression]
define = ["m = max_pool(A * B, 2)", "N = batch_norm(A, gain, shift)", "E = sum(m) + half_squared_error(N, T)"]
[expression.inputs]
A = [[1, 4], [3, -2], [2, 1], [6, 5]]
B = [[2, 1], [1, 2], [2, 1], [1, 2]]
gain = [1, 0.5]
shift = [0, 0.2]
T = [[0, 1], [1, 0], [0, 0], [1, 1]]
"""
#: A program of single numbers, over a batch.
NUMBERS = """
format = 1
title = "Three samples"
[expression]
define = ["y = tanh(w * x + b)", "E = (y - t)^2 + w^2"]
parameters = ["w", "b"]
[expression.inputs]
w = 0.8
b = -0.3
[[sample]]
values = { x = 1, t = 0.5 }
[[sample]]
values = { x = -2, t = 0 }
[[sample]]
values = { x = 0.5, t = -1 }
[training]
batch = "full"
learning_rate = 0.1
epochs = 3
"""
SCENARIOS = {name: loads(text, name) for name, text in {**ARRAYS, "twins": TWINS, "numbers": NUMBERS}.items()}


def learnt(name: str, rule: Rule = CORRECT) -> dict[str, object]:
    """What a program of one's own would have: a value and a gradient for every array that is differentiated by; of what
    differs from sample to sample one for each of them, in front."""
    scenario = SCENARIOS[name]
    return learnt_of(Run(scenario.problem, scenario.training, rule=rule))


def learnt_of(run: Run) -> dict[str, object]:
    numbers = run.numbers(0)
    found: dict[str, object] = {}
    for vector in numbers.graph.gathered:
        lead = (numbers.samples,) if vector.per_sample and numbers.samples > 1 else ()
        derivative = np.asarray(numbers.derivative(vector.id))
        found[vector.layer] = numbers.values[vector.id].reshape(lead + vector.dims).tolist()
        found[f"d{vector.layer}"] = derivative.reshape(lead + vector.dims).tolist()
    return found


def held(name: str, numbers: dict[str, object]) -> Report:
    scenario = SCENARIOS[name]
    return compare_numbers(Run(scenario.problem, scenario.training), entries_of(numbers.items()))


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_right_agrees(name: str) -> None:
    report = held(name, learnt(name))
    assert report.wrong == 0
    assert not report.unread


@pytest.mark.parametrize("name", ["attention", "samples"])
def test_the_first_wrong_cell_is_found(name: str) -> None:
    numbers = learnt(name)
    for array in [key for key in numbers if key.startswith("d")][:1]:
        wrong = np.array(numbers[array], dtype=float)
        wrong.reshape(-1)[-1] += 0.5
        report = held(name, {**numbers, array: wrong.tolist()})
        assert report.wrong == 1
        assert report.first[0].name.startswith(f"d({array[1:]}")


#: The mistakes that are made in programs over arrays.
FIVE = ("truncated", "constant-statistics", "softmax-diagonal", "max-to-all", "transpose-forgotten")


@pytest.mark.parametrize("rule", FIVE)
def test_the_mistakes_of_arrays_are_named_before_others_that_give_the_same(rule: str) -> None:
    told = 0
    for name, scenario in SCENARIOS.items():
        if RULES[rule].refuses(scenario.problem, scenario.training):
            continue
        numbers = learnt(name, RULES[rule])
        if numbers != learnt(name):
            first, *_ = held(name, numbers).finding.matches
            assert first.hypotheses[0].mistake.name == rule, name
            told += 1
    assert told


@pytest.mark.parametrize("epoch", [0, 2])
def test_parameters_after_an_epoch_are_those_of_the_program(epoch: int) -> None:
    """Each array at its place; with another rate than the scenario's, that is told."""
    scenario = SCENARIOS["samples"]
    problem, training = scenario.problem, replace(scenario.training, optimizer=OptimizerSpec())
    for rate, ok in ((training.learning_rate, True), (0.25, epoch == 0)):
        run = Run(problem, replace(training, learning_rate=rate))
        graph, flat = run.setup.graph, run.snapshot(epoch * run.timeline.batches_per_epoch).parameters
        mine = {v.layer: a.reshape(v.dims) for v, a in zip(graph.parameters, graph.views(flat), strict=True)}
        report = compare_training(problem, training, entries_of(mine.items()), epoch=epoch)
        assert report.parameters == flat.size
        assert (report.wrong == 0) is ok
        assert ok or any("0.25" in one.says or "rate" in one.name for one in report.mistakes)


@pytest.mark.parametrize("name", ["attention", "samples", "numbers"])
def test_a_mutant_of_a_program_has_whole_arrays_and_is_found(name: str) -> None:
    run = Run(SCENARIOS[name].problem, SCENARIOS[name].training)
    sheet = sheet_of(run)
    right = right_gradients(sheet)
    assert compare_numbers(run, entries_of(right.items())).ok
    mine = learnt(name)
    for vector in run.setup.graph.gathered:
        assert np.shape(right[f"d({vector.layer})"]) == np.shape(mine[f"d{vector.layer}"])
    every = list(mutants(sheet))
    single = [one for one in every if one.hypothesis.where.startswith("from ") or "[" in one.hypothesis.where]
    assert not single or name == "numbers"
    named = [one for one in every if one.hypothesis.mistake.name in RULES]
    assert named
    for one in named[: 1 if name == "attention" else 3]:
        found = compare_numbers(run, entries_of(one.gradients.items())).finding
        assert one.hypothesis.title in [match.title for match in found.matches]


# --- a batch: each sample has its own ------------------------------------------------------------------------

BATCHES = ("samples", "numbers")


@given(programs(samples=True), st.integers(1, 3))
@settings(max_examples=25)
def test_in_a_batch_every_array_of_a_program_is_known(problem: ExpressionSpec, batch: int) -> None:
    """Whatever it computes, by array and cell by cell: all of it is read, and all of it agrees."""
    with np.errstate(all="ignore"):
        run = Run(problem, TrainingSpec(batch=batch))
        entries = learnt_of(run)
    assume(all(np.isfinite(np.array(value)).all() for value in entries.values()))
    report = compare_numbers(run, entries_of(entries.items()))
    assert report.wrong == 0
    assert not report.unread
    assert report.read == sum(np.size(np.array(value)) for value in entries.values())


@given(st.one_of(formulas(), programs(samples=True)), st.integers(2, 3), st.data())
@settings(max_examples=60)
def test_the_first_wrong_numbers_are_those_that_the_steps_say(
    problem: ExpressionSpec, batch: int, data: st.DataObject
) -> None:
    """Some numbers are wrong and some not given: what hears of what, worked out step by step, comes to the same; but
    for the derivatives by what is never used, which are 0 without a step."""
    with np.errstate(all="ignore"):
        sheet = sheet_of(Run(problem, TrainingSpec(batch=batch)))
        chance = np.random.default_rng(data.draw(st.integers(0, 1000)))
        wrong = {}
        for key, slot in sheet.slots.items():
            is_given = chance.random(slot.right.shape) < 0.7
            sheet.yours[key] = np.where(is_given, 0.0, np.nan)
            wrong[key] = is_given & (chance.random(slot.right.shape) < 0.3)
        found = first_wrong(sheet, wrong)
        assert len(found) == len(set(found))
        unused = {(k, i) for k, i in found if k[0] == "d" and not sheet.writing(sheet.slots[k].cell(i), 0)}
        assert set(found) - unused == set(by_steps(sheet, wrong))


def by_steps(sheet: Sheet, wrong: dict[Key, Mask]) -> Iterator[Place]:
    """The wrong numbers that no step makes, or whose steps read nothing that is astray."""
    yield from wrong_start(sheet, wrong)
    astray: dict[tuple[Cell, int], bool] = {}
    operands: dict[tuple[Cell, int], set[tuple[Cell, int]]] = {}

    def own(cell: Cell, row: int) -> tuple[Cell, int]:
        place = sheet.find.get(cell)
        return (cell, row if place is None or sheet.slots[place[0]].by_sample else -1)

    def place_of(one: tuple[Cell, int]) -> Place | None:
        place = sheet.find.get(one[0])
        return place if place is None or one[1] < 0 else (place[0], (one[1], *place[1][1:]))

    def is_wrong(place: Place | None) -> bool:
        return place is not None and bool(wrong[place[0]][place[1]])

    for step in sheet.steps():
        row = sheet.run.place(step.number).sample
        one = own(step.cell, row)
        operands.setdefault(one, set()).update(own(f.cell, row) for f in step.inputs if f.cell != step.cell)
        if step.is_final:
            hears = any(astray.get(read, is_wrong(place_of(read))) for read in operands[one])
            place = place_of(one)
            is_given = place is not None and bool(sheet.given(place[0])[place[1]])
            astray[one] = is_wrong(place) if is_given else hears
            if place is not None and is_wrong(place) and not hears:
                yield place


@pytest.mark.parametrize("name", BATCHES)
def test_in_a_batch_a_wrong_number_is_told_with_its_sample_and_its_step(name: str) -> None:
    run = Run(SCENARIOS[name].problem, SCENARIOS[name].training)
    right = learnt(name)
    for array in (
        key
        for key, value in right.items()
        if not key.startswith("d") and np.ndim(value) > 1 - (name == "numbers")
    ):
        if array in run.setup.problem.parameters:
            continue
        wrong = np.array(right[array], dtype=float)
        wrong[1] += 0.5
        report = held(name, {**right, array: wrong.tolist()})
        assert report.wrong == wrong[1].size
        assert report.first
        assert (report.finding.verdict == "given") is (array in ("x", "t"))
        for number in report.first:
            assert number.name.endswith(" of sample 2")
            assert array in ("x", "t") or run.step(number.step).when.sample == 2
            assert array in ("x", "t") or run.step(number.step).value == number.right


@pytest.mark.parametrize("name", BATCHES)
def test_a_trace_of_a_batch_agrees_with_it(name: str, tmp_path: Path) -> None:
    scenario, file = SCENARIOS[name], tmp_path / "mine.jsonl"
    run = Run(scenario.problem, scenario.training, epochs=1)
    with file.open("w", encoding="utf-8") as to:
        write_trace(scenario, run, "jsonl", to)
    report = compare_numbers(run, read_numbers(str(file)))
    assert report.ok
    assert {key[0] for key in report.disagreeing} >= {"value", "d", "loss"}


@pytest.mark.parametrize("rule", ["overwrite", "no-derivative"])
@pytest.mark.parametrize("name", BATCHES)
def test_what_is_wrong_everywhere_is_named_in_a_batch_too(name: str, rule: str) -> None:
    names = [
        one.mistake.name
        for match in held(name, learnt(name, RULES[rule])).finding.matches
        for one in match.hypotheses
    ]
    assert rule in names


@pytest.mark.parametrize("name", BATCHES)
def test_a_sum_over_the_samples_for_their_mean_is_told(name: str) -> None:
    run = Run(SCENARIOS[name].problem, replace(SCENARIOS[name].training, reduction="sum"))
    summed, parameters = learnt_of(run), run.setup.problem.parameters
    assert "cost-factor" in held(name, summed).mistake
    alone = {key: value for key, value in summed.items() if key[1:] in parameters}
    both = held(name, alone).finding.matches
    assert {match.hypotheses[0].mistake.name for match in both} == {"cost-factor", "gradient-factor"}
    mixed = {**learnt(name), **alone}
    assert held(name, mixed).mistake.startswith("gradient-factor")


def test_a_mistake_is_found_in_a_later_batch_from_the_parameters_of_then() -> None:
    scenario = SCENARIOS["samples"]
    run = Run(scenario.problem, scenario.training)
    wrong = Run(scenario.problem, scenario.training, rule=RULES["no-derivative"])
    numbers = wrong.computed_from(2, run.snapshot(2)).numbers
    mine = {
        f"d{v.layer}": np.asarray(numbers.derivative(v.id)).reshape(v.dims).tolist()
        for v in numbers.graph.parameters
    }
    report = compare_numbers(run, entries_of(mine.items()), batch=2)
    assert report.mistake == "no-derivative"


def test_what_does_not_fit_is_said() -> None:
    report = held("attention", {"dWq": [[0.0, 0.0, 0.0]], "X": learnt("attention")["X"], "nobody": [1.0]})
    assert not report.ok
    assert sorted(report.unread) == [
        "dWq (1, 3): expected (2, 2)", "nobody (1,): no variable of the expression, no derivative by one",
    ]  # fmt: skip
    with pytest.raises(NumbersError, match="nothing in it fits"):
        held("attention", {"nobody": [1.0]})
