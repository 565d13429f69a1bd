"""Every derivative of the engine agrees with an independent automatic differentiation (autograd)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd.scipy.special import erf
from hypothesis import given, settings

from bpstep.engine.build import initial_parameters, sample_values
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.passes import compute
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.specs import INPUTS, ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from tests.helpers.meanings import with_definitions
from tests.helpers.problems import expressions, mazur, networks

Numbers = dict[str, Any]

UNARY: dict[str, Callable[[Any], Any]] = {
    "exp": anp.exp, "ln": anp.log, "sqrt": anp.sqrt, "tan": anp.tan,
    "sin": anp.sin, "cos": anp.cos, "tanh": anp.tanh, "sinh": anp.sinh, "cosh": anp.cosh,
    "sigmoid": lambda a: 1 / (1 + anp.exp(-a)), "softplus": lambda a: anp.logaddexp(0.0, a),
    "relu": lambda a: anp.where(a > 0, a, 0.0), "abs": anp.abs, "neg": lambda a: -a, "linear": lambda a: 1.0 * a,
    "erf": erf, "gelu": lambda a: a * (1 + erf(a / 2**0.5)) / 2, "silu": lambda a: a / (1 + anp.exp(-a)),
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "pow": lambda a, b: a**b, "max": anp.maximum, "min": anp.minimum,
}  # fmt: skip
_CALLED = {row.call: {**UNARY, **BINARY}.get(name) for name, row in FUNCTIONS.items() if row.call}
_KNOWN = with_definitions({call: known for call, known in _CALLED.items() if known is not None})
UNARY |= {name: _KNOWN[row.call] for name, row in FUNCTIONS.items() if row.definition and name not in UNARY}


def nudged_expression(problem: ExpressionSpec, nudges: Numbers) -> Any:
    """The output when each variable is nudged after it is computed: its derivative by a nudge is d(variable)."""
    value: Numbers = {n: v + nudges[n] for n, v in zip(problem.inputs, problem.values, strict=True)}
    for step in problem.operations:
        operands = [value[o] if isinstance(o, str) else o for o in step.operands]
        table: dict[str, Callable[..., Any]] = {**UNARY, **BINARY}
        value[step.name] = table[step.function](*operands) + nudges[step.name]
    return value[problem.output]


def compare_expression(problem: ExpressionSpec) -> None:
    """The derivative by every variable, inputs and intermediates, side by side."""
    names = [*problem.inputs, *(step.name for step in problem.operations)]
    steps = list(Run(problem, TrainingSpec()).steps())
    if any(step.because or not np.isfinite(step.value) for step in steps):
        return  # at a kink every library has conventions of its own
    with np.errstate(all="ignore"):
        expected = grad(lambda n: nudged_expression(problem, n))(dict.fromkeys(names, 0.0))
    found = {str(s.cell.of): s.value for s in steps if s.op in ("contribute", "seed")}
    for name in names:
        assert found[name] == pytest.approx(float(expected[name]), rel=1e-9, abs=1e-12)


@given(expressions())
@settings(max_examples=150)
def test_expressions(problem: ExpressionSpec) -> None:
    compare_expression(problem)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_planted_wrong_derivative_is_seen(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every function in turn, and of every operand: the right row passes, the wrong one does not."""
    row = FUNCTIONS[function]
    for place, right in enumerate(row.partials):
        operands = ("x1", "x2")[: row.arity]
        problem = ExpressionSpec(("x1", "x2"), (0.7, 1.9), (Operation("y", function, operands),
                                 Operation("z", "mul", ("y", "x2"))), "z")  # fmt: skip
        compare_expression(problem)
        unseen = replace(problem)  # the graph of one that was run is kept, with its right derivatives
        partials = list(row.partials)
        partials[place] = lambda *arrays, right=right: right(*arrays) + 1e-6
        with monkeypatch.context() as patch:
            patch.setitem(FUNCTIONS, function, replace(row, partials=tuple(partials)))
            with pytest.raises(AssertionError):
                compare_expression(unseen)


def _activation(name: str, e: Any) -> Any:
    if name == "softmax":
        powers = anp.exp(e - anp.max(e, axis=1, keepdims=True))
        return powers / anp.sum(powers, axis=1, keepdims=True)
    return UNARY[name](e)


def _cost(name: str, y: Any, t: Any) -> Any:
    if name == "half-squared-error":
        return 0.5 * anp.sum((y - t) ** 2, axis=1)
    if name == "squared-error":
        return anp.sum((y - t) ** 2, axis=1)
    if name == "mean-squared-error":
        return anp.sum((y - t) ** 2, axis=1) / t.shape[1]
    logs = anp.log(anp.where(t == 0, 1.0, y)) * t
    if name == "cross-entropy":
        return -anp.sum(logs, axis=1)
    others = anp.log(anp.where(t == 1, 1.0, 1.0 - y)) * (1.0 - t)
    total = -anp.sum(logs + others, axis=1)
    return total / t.shape[1] if name.startswith("mean-") else total


def nudged_loss(problem: NetworkSpec, nudges: Numbers) -> Any:
    """The loss when every array is nudged after it is computed."""
    value: Numbers = {INPUTS: problem.x + nudges["inputs:y"]}
    for layer in problem.layers:
        y = anp.concatenate([value[source] for source in layer.sources], axis=1)
        e = anp.dot(y, (layer.weights + nudges[f"{layer.name}:w"]).T) + nudges[f"{layer.name}:e"]
        if layer.bias is not None:
            e = e + layer.bias + nudges[f"{layer.name}:b"]
        value[layer.name] = _activation(layer.activation, e) + nudges[f"{layer.name}:y"]
    return anp.mean(_cost(problem.cost, value[problem.layers[-1].name], problem.t))


def _nudges(problem: NetworkSpec) -> Numbers:
    m = len(problem.x)
    made: Numbers = {"inputs:y": np.zeros_like(problem.x)}
    for layer in problem.layers:
        made[f"{layer.name}:w"] = np.zeros_like(layer.weights)
        for kind in ("e", "y"):
            made[f"{layer.name}:{kind}"] = np.zeros((m, len(layer.neurons)))
        if layer.bias is not None:
            made[f"{layer.name}:b"] = np.zeros_like(layer.bias)
    return made


def compare(problem: NetworkSpec, rule: Rule = CORRECT) -> None:
    """Every cell's derivative of a whole batch, side by side."""
    setup = Setup(problem, TrainingSpec(batch=None), rule)
    rows = tuple(range(len(problem.x)))
    numbers = compute(setup, 0.0, rows, initial_parameters(problem), sample_values(problem))
    with np.errstate(all="ignore"):
        expected = grad(lambda n: nudged_loss(problem, n))(_nudges(problem))
    for vector in setup.graph.gathered:
        name = f"{'inputs' if vector.layer == INPUTS else vector.layer}:{vector.kind}"
        ours, theirs = numbers.derivative(vector.id), expected[name]
        if np.isfinite(ours).all() and np.isfinite(theirs).all():
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11, err_msg=name)


@given(networks(smooth=True))
@settings(max_examples=120)
def test_networks(problem: NetworkSpec) -> None:
    compare(problem)


def test_a_planted_mistake_is_seen() -> None:
    """Forget f′ in one place only, and the comparison fails."""
    for name in ("article", "no-derivative", "overwrite", "wrong-weights", "bias-forgotten"):
        with pytest.raises(AssertionError):
            compare(mazur(), RULES[name])
