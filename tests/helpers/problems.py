"""Problems for tests: the known ones by name, and random ones for hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from bpstep.engine.specs import (
    INPUTS,
    Array,
    ExpressionSpec,
    LayerSpec,
    NetworkSpec,
    Operation,
    OptimizerSpec,
    TrainingSpec,
)

ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax")
UNARY = (
    "exp", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "abs", "sigmoid", "softplus", "relu",
    "neg", "linear",
)  # fmt: skip
BINARY = ("add", "sub", "mul", "div", "pow", "max", "min")
OPTIMIZERS = (
    OptimizerSpec(),
    OptimizerSpec("momentum", (("momentum", 0.8),)),
    OptimizerSpec("momentum", (("nesterov", True),)),
    OptimizerSpec("adam"),
    OptimizerSpec("adamw", (("weight_decay", 0.1),)),
)


def network(
    *layers: tuple[str, list[list[float]], list[float] | None],
    x: list[list[float]],
    t: list[list[float]],
    cost: str = "half-squared-error",
) -> NetworkSpec:
    """A plain stack of layers: (activation, weights, bias); neurons are called a1, a2, ..., b1, ..."""
    specs, source = [], INPUTS
    for letter, (activation, weights, bias) in zip("abcdefg", layers, strict=False):
        neurons = tuple(f"{letter}{k + 1}" for k in range(len(weights)))
        b = None if bias is None else np.array(bias, dtype=float)
        specs.append(LayerSpec(letter, neurons, activation, (source,), np.array(weights, dtype=float), b))
        source = letter
    inputs = tuple(f"x{k + 1}" for k in range(len(x[0])))
    return NetworkSpec(inputs, tuple(specs), cost, np.array(x, dtype=float), np.array(t, dtype=float))


def mazur() -> NetworkSpec:
    """The 2-2-2 network of Matt Mazur's example, with its names."""
    hidden = LayerSpec(
        "hidden",
        ("h1", "h2"),
        "sigmoid",
        (INPUTS,),
        np.array([[0.15, 0.2], [0.25, 0.3]]),
        np.array([0.35, 0.35]),
    )
    output = LayerSpec(
        "output",
        ("o1", "o2"),
        "sigmoid",
        ("hidden",),
        np.array([[0.4, 0.45], [0.5, 0.55]]),
        np.array([0.6, 0.6]),
    )
    x, t = np.array([[0.05, 0.1]]), np.array([[0.01, 0.99]])
    return NetworkSpec(("i1", "i2"), (hidden, output), "half-squared-error", x, t)


def _numbers(draw: st.DrawFn, *shape: int) -> Array:
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).normal(0.0, 1.0, shape).round(3)


@st.composite
def networks(draw: st.DrawFn, *, smooth: bool = False) -> NetworkSpec:
    """Random nets: skips, softmax anywhere, with and without biases, frozen parts, several samples."""
    inputs = tuple(f"x{k + 1}" for k in range(draw(st.integers(1, 3))))
    sizes = {INPUTS: len(inputs)}
    activations = ("linear", "sigmoid", "tanh", "softplus", "softmax") if smooth else ACTIVATIONS
    layers: list[LayerSpec] = []
    for place in range(draw(st.integers(1, 4))):
        name = "abcd"[place]
        previous = list(sizes)[-1]
        more = draw(st.lists(st.sampled_from(list(sizes)), unique=True, max_size=2)) if place else []
        sources = tuple(dict.fromkeys([previous, *more]))
        width = draw(st.integers(1, 3))
        columns = sum(sizes[source] for source in sources)
        bias = _numbers(draw, width) if draw(st.booleans()) else None
        frozen = frozenset(draw(st.lists(st.sampled_from(["weights", "bias"]), max_size=1)))
        neurons = tuple(f"{name}{k + 1}" for k in range(width))
        activation = draw(st.sampled_from(activations))
        layers.append(
            LayerSpec(name, neurons, activation, sources, _numbers(draw, width, columns), bias, frozen)
        )
        sizes[name] = width
    samples = draw(st.integers(1, 4))
    last = layers[-1]
    costs = ["half-squared-error", "squared-error", "mean-squared-error"]
    costs += [] if smooth else ["absolute-error"]
    target = _numbers(draw, samples, len(last.neurons))
    if last.activation in ("sigmoid", "softmax"):
        costs += ["binary-cross-entropy", "mean-binary-cross-entropy", "cross-entropy"]
        target = np.abs(target) % 1.0
        target[0, 0] = draw(st.sampled_from([0.0, 1.0, 0.25]))
    gradients = draw(st.booleans())
    x, cost = _numbers(draw, samples, len(inputs)), draw(st.sampled_from(costs))
    return NetworkSpec(inputs, tuple(layers), cost, x, target, gradients)


@st.composite
def trainings(draw: st.DrawFn) -> TrainingSpec:
    """Random ways to train."""
    return TrainingSpec(
        learning_rate=draw(st.sampled_from([None, 0.1, 0.5])),
        batch=draw(st.sampled_from([None, 1, 2, 3])),
        reduction=draw(st.sampled_from(["mean", "sum"])),
        epochs=draw(st.integers(1, 3)),
        shuffle=draw(st.sampled_from([None, 3])),
        l2=draw(st.sampled_from([0.0, 0.01])),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
    )


@st.composite
def expression_trainings(draw: st.DrawFn) -> TrainingSpec:
    """Random ways to train an expression, which has one sample and no weights."""
    return TrainingSpec(
        learning_rate=draw(st.sampled_from([None, 0.1])),
        epochs=draw(st.integers(1, 3)),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
    )


@st.composite
def expressions(draw: st.DrawFn) -> ExpressionSpec:
    """Random graphs of scalar operations with fan-out; everything leads to the output."""
    inputs = tuple(f"x{k + 1}" for k in range(draw(st.integers(1, 3))))
    values = tuple(draw(st.floats(-2, 2).map(lambda v: round(v, 3))) for _ in inputs)
    names = list(inputs)
    made: list[Operation] = []
    for number in range(draw(st.integers(1, 6))):
        name = f"v{number + 1}"
        operand = st.sampled_from(names)
        if draw(st.booleans()):
            made.append(Operation(name, draw(st.sampled_from(UNARY)), (draw(operand),)))
        else:
            other: str | float = (
                draw(operand) if draw(st.booleans()) else draw(st.sampled_from([2.0, -1.5, 0.5]))
            )
            made.append(Operation(name, draw(st.sampled_from(BINARY)), (draw(operand), other)))
        names.append(name)
    loose = [n for n in names if not any(n in operation.operands for operation in made)]
    total = loose[0]
    for number, name in enumerate(loose[1:]):
        made.append(Operation(f"s{number + 1}", "add", (total, name)))
        total = f"s{number + 1}"
    if total in inputs:
        made.append(Operation("s", "linear", (total,)))
        total = "s"
    parameters = draw(st.lists(st.sampled_from(inputs), unique=True))
    return ExpressionSpec(inputs, values, tuple(made), total, tuple(parameters))
