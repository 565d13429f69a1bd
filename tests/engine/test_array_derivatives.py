"""Every local derivative of a program over arrays, as its steps tell it, is what sympy makes of the forward text.

What a step says on the way forward (``max(max(a, b), c)``, ``exp(a) / (exp(a) + exp(b))``, a term of a sum) is read as
mathematics and differentiated by each cell in it; what the steps say on the way back, all places of that cell added up,
must be the same number.  So the text of a reducing function is held as those of the table are (test_functions.py).
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
import sympy

from bpstep.engine.calculator import worked_out
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, TrainingSpec
from bpstep.engine.steps import Step
from bpstep.scenario.loader import stated
from tests.engine.test_functions import formula

INPUTS = {
    "A": [[0.3, 1.2, 0.7], [0.9, 0.2, 1.6]], "B": [[1.1, 0.4], [0.5, 1.9], [0.8, 0.6]], "x": [0.5, 1.4, 0.9],
    "P": [[0.2, 1.3, 0.6], [1.7, 0.4, 0.9], [0.8, 1.1, 0.1]], "K": [[0.5, 0.3], [0.7, 0.2]], "m": [1, 0, 1],
    "t": [0.2, 0.5, 0.3], "g": [1.2, 0.7],
}  # fmt: skip

#: Programs, by the function that they are about.
REDUCING = {
    "matmul": "E = sum(A @ B)", "matmul of itself": "E = sum(P @ P)", "sum": "E = sum(x) * sum(sum(A, axis=2))",
    "largest": "E = max(x) * sum(max(A, axis=1))", "softmax": "E = sum(softmax(x) * t)",
    "softmax along an axis": "E = sum(softmax(A, axis=1) * A)", "conv": "E = sum(conv(P, K, padding=1))",
    "max-pool": "E = sum(max_pool(A, 2, stride=1))", "sum-pool": "E = sum(mean_pool(P, 2, stride=1))",
    "where": "E = sum(where(m, x, t))", "detach": "E = sum(detach(x) * x)", "var": "E = var(A)",
    "batch-norm": "E = sum(batch_norm(B, g, g) * B)", "log-softmax": "E = sum(log_softmax(x) * t)",
}  # fmt: skip
#: What the engine has of such functions, as `bpstep.engine.specs.Operation` lists them.
REDUCED = ("matmul", "sum", "largest", "softmax", "conv", "max-pool", "sum-pool", "where", "detach")
PROGRAMS = REDUCING | {cost: f"E = {cost.replace('-', '_')}(x / 2, t)" for cost in COSTS}


def problem_of(define: str) -> ExpressionSpec:
    inputs = {name: value for name, value in INPUTS.items() if re.search(rf"\b{name}\b", define)}
    document = {"format": 1, "title": "one", "expression": {"define": define, "inputs": inputs}}
    problem = stated(document, "one").problem
    assert isinstance(problem, ExpressionSpec)
    return problem


def differences(steps: list[Step]) -> list[tuple[Cell, Cell, float, float]]:
    """Of each pair of cells, the later one's derivative by the earlier one as the steps tell it and as sympy finds it,
    where they are not the same."""
    symbols: dict[Cell, sympy.Symbol] = {}
    values: dict[sympy.Symbol, float] = {}
    forward: dict[Cell, sympy.Expr] = defaultdict(lambda: sympy.Integer(0))
    told: dict[tuple[Cell, Cell], float] = defaultdict(float)
    for step in steps:
        for factor in step.inputs:
            symbols.setdefault(factor.cell, sympy.Symbol(f"c{len(symbols)}", real=True))
            values[symbols[factor.cell]] = factor.value
        if step.op in ("term", "apply"):
            names = [str(symbols[factor.cell]) for factor in step.inputs]
            cells = {str(symbol): symbol for symbol in symbols.values()}
            forward[step.cell] += formula(step.template.format(*names), cells)
        elif step.op == "contribute" and step.upstream is not None and step.local is not None:
            head, tail = step.upstream.cell.of, step.cell.of
            assert isinstance(head, Cell)
            assert isinstance(tail, Cell)
            told[head, tail] += step.local.value
    found = []
    for (head, tail), local in told.items():
        # What is not read, the other side of a where, changes nothing.
        slope = sympy.diff(forward[head], symbols[tail]) if tail in symbols else sympy.Integer(0)
        right = float(slope.subs(values).evalf(30))
        if local != pytest.approx(right, rel=1e-9, abs=1e-12):
            found.append((head, tail, local, right))
    assert told
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_the_steps_tell_is_the_derivative_of_what_they_told_before(name: str) -> None:
    steps = list(Run(problem_of(PROGRAMS[name]), TrainingSpec()).steps())
    assert differences(steps) == []
    for step in steps:
        if step.op == "local":
            assert worked_out(step.template, [f.value for f in step.inputs]) == pytest.approx(
                step.value, rel=1e-9
            )


def test_every_function_over_arrays_is_among_them() -> None:
    used = {one.function for define in PROGRAMS.values() for one in problem_of(define).operations}
    assert used >= {*REDUCED, *COSTS}
