"""Programs over arrays against an independent automatic differentiation (autograd), in every cell and in both modes."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, make_jvp
from autograd.extend import defjvp
from autograd.scipy.special import erf
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, Operand, Operation, Taken, TrainingSpec, Window
from tests.engine.test_autograd import BINARY, UNARY
from tests.helpers.array_programs import programs

Numbers = dict[str, Any]
TABLE = {**UNARY, **BINARY}

# autograd lacks this one in forward mode
defjvp(erf, lambda g, ans, x: 2.0 / np.sqrt(np.pi) * anp.exp(-(x**2)) * g)


def operand(value: Numbers, one: Operand) -> Any:
    """An operand: an array, a constant, or cells that are taken from arrays."""
    if isinstance(one, float):
        return one
    if not isinstance(one, Taken):
        return value[one]
    ends = np.cumsum([0, *(np.size(value[name]) for name in one.arrays)])
    flat = anp.concatenate([anp.reshape(value[name], (-1,)) for name in one.arrays])
    return anp.reshape(flat[(ends[one.which] + one.places).reshape(-1)], one.shape)


def windows(x: Any, window: Window) -> list[Any]:
    """What lies under a window at each of its places, a picture of zeros around it: (lead, *size) each."""
    axes = len(window.size)
    lead = np.ndim(x) - axes
    padded = anp.pad(x, [(0, 0)] * lead + [(p, p) for p in window.padding], "constant")
    moved = [
        range(0, n - size + 1, step)
        for n, size, step in zip(np.shape(padded)[lead:], window.size, window.stride, strict=True)
    ]
    return [
        padded[(..., *(slice(k, k + size) for k, size in zip(at, window.size, strict=True)))]
        for at in np.stack(np.meshgrid(*moved, indexing="ij"), axis=-1).reshape(-1, axes).tolist()
    ]


def value_of(made: Operation, given: list[Any]) -> Any:
    """What an operation computes."""
    name = made.function
    if name in TABLE:
        return TABLE[name](*given)
    a = given[0]
    if name == "matmul":
        return anp.matmul(a, given[1])
    if name == "sum":
        return anp.sum(a, axis=made.axis)
    if name == "softmax":
        powers = anp.exp(a - anp.max(a, axis=made.axis, keepdims=True))
        return powers / anp.sum(powers, axis=made.axis, keepdims=True)
    if name == "where":
        return anp.where(a != 0.0, given[1], given[2])
    if name in ("conv", "sum-pool"):
        assert made.window is not None
        axes = len(made.window.size)
        under = windows(a, made.window)
        if name == "conv":
            return anp.reshape(anp.array([anp.sum(one * given[1]) for one in under]), made.shape)
        summed = [anp.sum(one, axis=tuple(range(-axes, 0))) for one in under]
        return anp.reshape(anp.moveaxis(anp.array(summed), 0, -1), made.shape)
    half = {"half-squared-error": 0.5, "squared-error": 1.0, "mean-squared-error": 1.0 / max(1, np.size(a))}
    return half[name] * anp.sum((a - given[1]) ** 2)


def values(problem: ExpressionSpec, nudges: Numbers, sample: int = 0) -> Numbers:
    """All arrays, each nudged after it is computed: the derivative of the output by a nudge is d(array)."""
    value: Numbers = {}
    for name, first in zip(problem.inputs, problem.values, strict=True):
        mine = problem.by_sample[name][sample] if name in problem.by_sample else first
        value[name] = np.asarray(mine) + nudges[name]
    for made in problem.operations:
        value[made.name] = value_of(made, [operand(value, one) for one in made.operands]) + nudges[made.name]
    return value


def no_nudges(problem: ExpressionSpec) -> Numbers:
    shapes = {name: np.shape(value) for name, value in zip(problem.inputs, problem.values, strict=True)}
    shapes |= {made.name: made.shape for made in problem.operations}
    return {name: np.zeros(shape) for name, shape in shapes.items()}


def compare(problem: ExpressionSpec, rule: Rule = CORRECT) -> None:
    """Every cell's derivative of a whole batch side by side; of a parameter, summed over the samples."""
    run = Run(problem, TrainingSpec(batch=None), rule=rule)
    numbers, m = run.numbers(0), problem.samples
    each = [grad(lambda n, s=s: values(problem, n, s)[problem.output])(no_nudges(problem)) for s in range(m)]
    for vector in numbers.graph.gathered:
        theirs = np.stack([np.reshape(one[vector.layer], -1) for one in each]) / m
        ours = numbers.derivative(vector.id)
        wanted = theirs if vector.per_sample else theirs.sum(axis=0)
        if np.isfinite(ours).all() and np.isfinite(wanted).all():
            size = max(1.0, float(np.abs(theirs).max(initial=0.0)))
            np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-12 * size, err_msg=vector.layer)


@given(programs(smooth=True, samples=None, detached=False))
@settings(max_examples=60)
def test_every_derivative(problem: ExpressionSpec) -> None:
    with np.errstate(all="ignore"):
        compare(problem)


@given(programs(smooth=True, detached=False), st.data())
@settings(max_examples=30)
def test_every_tangent(problem: ExpressionSpec, data: st.DataObject) -> None:
    """Forward mode against `make_jvp`, in every cell that the seed reaches."""
    graph = Run(problem, TrainingSpec()).setup.graph
    vectors = [v for v in (*graph.given, *graph.parameters) if v not in graph.constants]
    if not vectors:
        return
    vector = data.draw(st.sampled_from(vectors))
    j = data.draw(st.integers(0, vector.size - 1))
    run = Run(problem, TrainingSpec(), wrt=vector.cell(j))
    direction: Array = np.zeros(vector.size)
    direction[j] = 1.0
    with np.errstate(all="ignore"):
        for made in problem.operations:
            head = next(v for v in graph.vectors if v.layer == made.name)

            if not run.setup.reached[head.id].any():
                continue

            def to_head(x: Any, name: str = made.name) -> Any:
                return values(problem, {**no_nudges(problem), vector.layer: x})[name]

            _, wanted = make_jvp(to_head)(np.zeros(vector.dims))(direction.reshape(vector.dims))
            tangents = run.numbers(0).tangents
            assert tangents is not None
            ours = tangents.dot[head.id].reshape(-1)
            if np.isfinite(ours).all() and np.isfinite(wanted).all():
                size = max(1.0, float(np.abs(ours).max(initial=0.0)))
                np.testing.assert_allclose(ours, np.reshape(wanted, -1), rtol=1e-9, atol=1e-12 * size)


def test_a_planted_mistake_is_seen() -> None:
    """Sums that keep their last contribution only, a softmax of which only the diagonal is used."""
    made = (
        Operation("v", "softmax", ("A",), (2,), axis=0), Operation("u", "mul", ("v", "A"), (2,)),
        Operation("y", "sum", ("u",)),
    )  # fmt: skip
    problem = ExpressionSpec(("A",), (np.array([0.3, -0.8]),), made, "y")
    compare(problem)
    for name in ("overwrite", "softmax-diagonal", "no-derivative"):
        with pytest.raises(AssertionError):
            compare(problem, RULES[name])
