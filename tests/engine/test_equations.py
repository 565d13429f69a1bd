"""What a step prints is an equation: its formula with its inputs put in, and its rounded numbers as they stand.

For every shipped scenario and for random problems, in both modes, under all rules and all optimizers, and after edits.
The arithmetic here is Python's own, not that of `bpstep.engine.calculator`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpstep.engine import cells
from bpstep.engine.build import Problem
from bpstep.engine.calculator import short_texts, worked_out
from bpstep.engine.cells import Cell
from bpstep.engine.edits import Edit
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, OptimizerSpec, TrainingSpec
from bpstep.engine.steps import Factor, Step
from bpstep.scenario.loader import load
from tests.engine.test_edits import runs
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.meanings import with_definitions
from tests.helpers.problems import (
    OPTIMIZERS,
    mazur,
    network,
    networks,
    trainings,
)
from tests.helpers.shipped import WALKED

_FUNCTIONS: dict[str, Any] = with_definitions({
    "exp": np.exp, "ln": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "sqrt": np.sqrt, "abs": abs, "max": max, "min": min,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "softplus": lambda a: np.logaddexp(0, a),
    "relu": lambda a: max(a, 0.0), "leaky_relu": lambda a: a if a > 0 else 0.01 * a,
    "erf": math.erf, "silu": lambda a: a / (1 + np.exp(-a)), "gelu": lambda a: a * (1 + math.erf(a / 2**0.5)) / 2,
})  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:e[-+]?\d+)?")


def by_python(text: str, names: dict[str, Any]) -> float:
    """The value of a text in the arithmetic of scenario files; [p] is 1 where p holds, else 0."""
    text = re.sub(r"\[([^\[\]]+)\]", r"number(\1)", text).replace("^", "**")
    with np.errstate(all="ignore"):
        return float(eval(text, {"__builtins__": {}, "number": np.float64, **_FUNCTIONS, **names}))


def typed_in(text: str) -> float:
    """What a calculator says to a text of numbers."""
    return by_python(_NUMBER.sub(lambda found: f"number({found.group()})", text), {})


def right_side(step: Step, numbers: Iterable[float]) -> float:
    """The formula's right-hand side with numbers for its inputs, and on top of what stood in the cell."""
    names = {f"x{i}": np.float64(number) for i, number in enumerate(numbers)}
    right = by_python(step.template.format(*names), names)
    before = 0.0 if step.was is None else step.was
    return {"=": right, "+=": before + right, "-=": before - right}[step.sign]


def as_exact_as_floats_are(step: Step) -> float:
    """How far a right value may be off: as much as it moves when the last bits of the inputs do."""
    numbers = [factor.value for factor in step.inputs]
    there, off = right_side(step, numbers), 1e-13
    moved = [
        right_side(step, [x * (1 + off) if i == k else x for i, x in enumerate(numbers)])
        for k in range(len(numbers))
    ]
    size = max([abs(there), abs(step.was or 0.0), *(abs(m - there) / off for m in moved)], default=0.0)
    return 10 * off * size if np.isfinite(size) else np.inf


def holds(step: Step) -> None:
    """The three forms of one equation: formula and inputs, numbers, equation."""
    assert not re.search(r"(?<![\w{])[A-Za-z_]\w*(?!\()\b(?!\()", step.template), (
        f"a name without a number: {step}"
    )
    known: dict[str, float] = {}
    for factor in step.inputs:
        assert repr(known.setdefault(str(factor.cell), factor.value)) == repr(factor.value), step
    if not np.isfinite([step.value, *(factor.value for factor in step.inputs)]).all():
        return
    value = right_side(step, (factor.value for factor in step.inputs))
    assert abs(value - step.value) <= as_exact_as_floats_are(step), (step, value)
    for digits in (4, 10):
        numbers, _, shown = step.equation(digits).partition(" = ")
        assert shown == f"{step.value + 0.0:.{digits}g}"
        found = typed_in(numbers)
        if f"{found + 0.0:.{digits}g}" != shown:  # on the edge between two last digits all digits decide
            assert re.search(r"\d\.?\d{15}", numbers), step.equation(digits)
            assert abs(found - step.value) <= as_exact_as_floats_are(step), step.equation(digits)
    assert step.numbers == step.equation(4).partition(" = ")[0]
    assert "0 + " not in step.numbers if step.was is None and step.sign == "+=" else True
    assert not re.search(r"-0(?![.\d])", step.equation()), step.equation()


def sampled(run: Run, most: int = 40) -> Iterator[Step]:
    """The steps of the first batches, of the last one, and some in between."""
    first = min(run.length, run.timeline.start_of_batch(min(2, run.timeline.batches)))
    wanted = {*range(1, first + 1), *range(max(1, run.length - most), run.length + 1)}
    chosen = sorted(wanted)
    return (run.step(number) for number in chosen[:: max(1, len(chosen) // most)])


# --- all that is shipped ------------------------------------------------------------------------------


def applicable(problem: Problem, training: TrainingSpec) -> list[str]:
    return [name for name, rule in RULES.items() if not rule.refuses(problem, training)]


@pytest.mark.parametrize("name", WALKED)
def test_scenarios_under_all_rules(name: str) -> None:
    scenario = load(name)
    for rule in applicable(scenario.problem, scenario.training):
        run = Run(
            scenario.problem, scenario.training, rule=RULES[rule], epochs=min(3, scenario.training.epochs)
        )
        for step in sampled(run):
            holds(step)


@pytest.mark.parametrize("name", WALKED)
def test_scenarios_in_forward_mode(name: str) -> None:
    scenario = load(name)
    graph = Run(scenario.problem, scenario.training).setup.graph
    for vector in [v for v in (*graph.parameters[:2], *graph.given[:1]) if v.names]:
        run = Run(scenario.problem, scenario.training, wrt=vector.cell(len(vector.names) - 1), epochs=1)
        for step in sampled(run, 50):
            holds(step)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_optimizers(optimizer: OptimizerSpec) -> None:
    """Every number of an update is an input: settings and the count of updates, too."""
    for l2 in (0.0, 0.1):
        run = Run(mazur(), TrainingSpec(0.3, epochs=3, l2=l2, optimizer=optimizer))
        for step in run.steps():
            holds(step)
    last = run.step(run.length)
    names = {str(factor.cell) for factor in last.inputs}
    if optimizer.name.startswith("adam"):
        assert {"beta1", "beta2", "epsilon", "t", "lr"} <= names
        assert next(factor.value for factor in last.inputs if str(factor.cell) == "t") == 3


def test_a_setting_steps_aside_for_a_variable() -> None:
    problem = ExpressionSpec(("t",), (2.0,), (Operation("y", "exp", ("t",)),), "y", parameters=("t",))
    run = Run(problem, TrainingSpec(0.1, epochs=2, optimizer=OptimizerSpec("adamw")))
    for step in run.steps():
        holds(step)
    assert {cells.var("t"), cells.setting("t_")} <= {factor.cell for factor in run.step(run.length).inputs}


# --- random problems ----------------------------------------------------------------------------------


def check(run: Run) -> None:
    for step in sampled(run, 60):
        holds(step)


@given(networks(), trainings(), st.data())
@settings(max_examples=28)
def test_networks(problem: NetworkSpec, training: TrainingSpec, data: st.DataObject) -> None:
    check(Run(problem, training, rule=RULES[data.draw(st.sampled_from(applicable(problem, training)))]))


@given(formulas(), formula_trainings(), st.data())
@settings(max_examples=28)
def test_expressions(problem: ExpressionSpec, training: TrainingSpec, data: st.DataObject) -> None:
    check(Run(problem, training, rule=RULES[data.draw(st.sampled_from(applicable(problem, training)))]))


@given(st.one_of(networks(), formulas()), st.data())
@settings(max_examples=25)
def test_forward_mode(problem: Problem, data: st.DataObject) -> None:
    graph = Run(problem, TrainingSpec()).setup.graph
    vectors = [vector for vector in (*graph.parameters, *graph.given) if vector not in graph.constants]
    vector = data.draw(st.sampled_from(vectors))
    row = data.draw(st.integers(0, len(vector.names) - 1))
    batch = 1 if isinstance(problem, ExpressionSpec) else None
    check(Run(problem, TrainingSpec(batch=batch, l2=0.01 if batch is None else 0.0), wrt=vector.cell(row)))


@given(runs())
@settings(max_examples=25)
def test_after_edits(found: tuple[Run, list[Edit]]) -> None:
    run, edits = found
    with np.errstate(all="ignore"):
        check(run.revised(edits))


def test_wide_sums_are_one_number() -> None:
    """Of more weights than a line can hold, and of a wide softmax layer: the sum is an input like any other."""
    rng = np.random.default_rng(1)
    problem = network(("softmax", rng.normal(size=(20, 2)).tolist(), None), x=[[1, 2]], t=[[1.0] + [0.0] * 19],
                      cost="cross-entropy")  # fmt: skip
    for scale in (1.0, 1000.0):  # exp of more than 709 has no value: what is subtracted is in the formula
        layer = replace(problem.layers[0], weights=problem.layers[0].weights * scale)
        run = Run(replace(problem, layers=(layer,)), TrainingSpec(0.1, l2=0.1))
        for step in run.steps():
            holds(step)
        names = {str(factor.cell) for step in run.steps() for factor in step.inputs}
        assert "sum(w^2)" in names
        assert any(name.startswith("sum(exp(e") for name in names)


# --- the property is no formality ---------------------------------------------------------------------


def test_planted_mistakes_are_seen() -> None:
    run = Run(mazur(), TrainingSpec(0.5, optimizer=OptimizerSpec("adamw")))
    local, update = run.step(22), run.step(run.length)
    for step in (local, update):
        holds(step)
    with pytest.raises(AssertionError):
        holds(local._replace(template="{0} * (1 + {0})"))
    with pytest.raises(AssertionError):
        holds(local._replace(value=local.value * (1 + 1e-9)))
    with pytest.raises(AssertionError, match="a name without a number"):
        holds(update._replace(template=update.template + " + 0 * beta1"))
    with pytest.raises(AssertionError):  # w - a + b for w - (a + b)
        holds(update._replace(sign="=", template="{0} - " + update.template, value=update.value, was=None))
    other: Cell = update.inputs[0].cell
    with pytest.raises(AssertionError):
        holds(update._replace(inputs=(*update.inputs, Factor(other, 0.25))))


@given(
    st.sampled_from(["{0}^{1}", "ln({0}) * {1}", "sqrt({0}) + {1}", "exp({0}) * {1}", "{0} / ({0} - {1})"]),
    st.lists(st.floats(-2000.0, 2000.0).filter(lambda x: x == 0.0 or abs(x) > 1e-9), min_size=2, max_size=2),
)
@example("{0}^{1}", [-1.0, 1721.344])
@example("{0} / ({0} - {1})", [2.00001, 2.0])
@example("exp({0}) * {1}", [709.79, 1.0])
def test_short_numbers_give_the_result_even_where_it_is_none(template: str, numbers: list[float]) -> None:
    result = worked_out(template, numbers)
    texts = short_texts(template, numbers, result, 4)
    assert f"{worked_out(template, [*map(float, texts)]) + 0.0:.4g}" == f"{result + 0.0:.4g}"
