"""The textbook loop: back-propagation with nothing but ``for``.

This module computes a run the slow way, one number after the other, in exactly the order of the steps.  It
knows no graph, no schedule and no array operation; it is what one would write on a blackboard:

    for each batch:
        for each sample:
            forward     e[n]  = sum of w * y over the sources, + b       y[n] = f(e[n])       cost = sum of terms
            backward    d(y)  = sum of d(e) * w over the consumers       d(e) = d(y) * f'(e)
                        d(w) += d(e) * y                                 d(b) += d(e)
        update          w    -= lr * d(w)                                b   -= lr * d(b)

It is the oracle of the tests: the engine must agree with it in every step, bit for bit.  All that the two have
in common are the rows of the function and the cost table (so that exp has the same bits), the defaults of the
optimizers, and the names of cells.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import reduce
from operator import add

import numpy as np

from bpstep.engine import cells as c
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.optimizers import settings_of
from bpstep.engine.specs import INPUTS, ExpressionSpec, LayerSpec, NetworkSpec, Operand, TrainingSpec

__all__ = ["Line", "Sums", "call", "expression_lines", "in_order", "network_lines", "slope"]

#: (op, cell, value after the step)
Line = tuple[str, Cell, float]


def call(name: str, *numbers: float) -> float:
    """A function of the table, of numbers."""
    return FUNCTIONS[name].value(*(np.array([[x]]) for x in numbers)).item()


def slope(name: str, operand: int, y: float, *numbers: float) -> float:
    """Its local derivative by one operand, where its value is ``y``."""
    return FUNCTIONS[name].partials[operand](np.array([[y]]), *(np.array([[x]]) for x in numbers)).item()


def in_order(numbers: Iterable[float]) -> float:
    """((n0 + n1) + n2) + ...; Python's own ``sum`` corrects rounding errors, since 3.12."""
    return reduce(add, numbers)


class Sums:
    """Cells that gather contributions: the first is put there, every other one is added."""

    def __init__(self) -> None:
        self.of: dict[Cell, float] = {}

    def add(self, op: str, cell: Cell, product: float) -> Line:
        """One contribution, as a step."""
        self.of[cell] = self.of[cell] + product if cell in self.of else product
        return op, cell, self.of[cell]


class _Optimizer:
    """PyTorch's SGD, momentum, Adam and AdamW, for one parameter at a time."""

    def __init__(self, training: TrainingSpec, value: dict[Cell, float]) -> None:
        self.name, self.settings = training.optimizer.name, settings_of(training.optimizer)
        self.lr, self.value = training.learning_rate, value
        self.m: dict[Cell, float] = dict.fromkeys(value, 0.0)
        self.v: dict[Cell, float] = dict.fromkeys(value, 0.0)
        self.updates = 0

    def update(self, trained: list[Cell], d: dict[Cell, float]) -> Iterator[Line]:
        """The update phase; there is none without a learning rate."""
        if self.lr is None:
            return
        self.updates += 1
        change = {"sgd": self.sgd, "momentum": self.momentum, "adam": self.adam, "adamw": self.adam}[
            self.name
        ]
        for w in trained:
            yield from change(w, d[c.d(w)], self.lr)
            yield "update", w, self.value[w]

    def sgd(self, w: Cell, g: float, lr: float) -> Iterator[Line]:
        self.value[w] -= lr * g
        yield from ()

    def momentum(self, w: Cell, g: float, lr: float) -> Iterator[Line]:
        momentum = self.settings["momentum"]
        self.m[w] = momentum * self.m[w] + g
        yield "state", c.state("m", w), self.m[w]
        self.value[w] -= lr * (g + momentum * self.m[w] if self.settings["nesterov"] else self.m[w])

    def adam(self, w: Cell, g: float, lr: float) -> Iterator[Line]:
        beta1, beta2, epsilon = (self.settings[name] for name in ("beta1", "beta2", "epsilon"))
        self.m[w] = beta1 * self.m[w] + (1.0 - beta1) * g
        yield "state", c.state("m", w), self.m[w]
        self.v[w] = beta2 * self.v[w] + (1.0 - beta2) * (g * g)
        yield "state", c.state("v", w), self.v[w]
        if self.name == "adamw":
            self.value[w] -= lr * self.settings["weight_decay"] * self.value[w]
        first = self.m[w] / (1.0 - beta1**self.updates)
        second = self.v[w] / (1.0 - beta2**self.updates)
        self.value[w] -= lr * first / (call("sqrt", second) + epsilon)


# --- expressions --------------------------------------------------------------------------------------


def expression_lines(problem: ExpressionSpec, training: TrainingSpec) -> Iterator[Line]:
    """A whole run of an expression."""
    value = {c.var(name): float(number) for name, number in zip(problem.inputs, problem.values, strict=True)}
    optimizer = _Optimizer(training, value)
    for _ in range(training.epochs):
        for made in problem.operations:
            value[c.var(made.name)] = call(made.function, *_operands(made.operands, value))
            yield "apply", c.var(made.name), value[c.var(made.name)]
        d = Sums()
        yield from _expression_backward(problem, value, d)
        yield from optimizer.update([c.var(name) for name in problem.parameters], d.of)


def _expression_backward(problem: ExpressionSpec, value: dict[Cell, float], d: Sums) -> Iterator[Line]:
    """Every variable in reverse order of creation; per variable, its uses, the latest first."""
    yield d.add("seed", c.d(c.var(problem.output)), 1.0)
    for name in reversed([*problem.inputs, *(made.name for made in problem.operations)]):
        x = c.var(name)
        for made in reversed(problem.operations):
            for place, operand in reversed(list(enumerate(made.operands))):
                if operand == name:
                    y = c.var(made.name)
                    local = slope(made.function, place, value[y], *_operands(made.operands, value))
                    several = made.operands.count(made.operands[place]) > 1
                    nth = made.operands[: place + 1].count(made.operands[place]) if several else 0
                    yield "local", c.local(y, x, nth), local
                    yield d.add("contribute", c.d(x), d.of[c.d(y)] * local)


def _operands(operands: tuple[Operand, ...], value: dict[Cell, float]) -> list[float]:
    return [o if isinstance(o, float) else value[c.var(str(o))] for o in operands]


# --- networks -----------------------------------------------------------------------------------------


def network_lines(problem: NetworkSpec, training: TrainingSpec) -> Iterator[Line]:
    """A whole run of a network."""
    net = _Network(problem, training)
    optimizer = _Optimizer(training, net.value)
    size = training.batch or len(problem.x)
    for epoch in range(1, training.epochs + 1):
        order = list(range(len(problem.x)))
        if training.shuffle is not None:
            order = np.random.default_rng([training.shuffle, epoch]).permutation(len(order)).tolist()
        for first in range(0, len(order), size):
            yield from net.batch(order[first : first + size])
            yield from optimizer.update(net.trained, net.gradient.of)


class _Network:
    """A network: ``value`` holds its parameters and the numbers of the sample at hand."""

    def __init__(self, problem: NetworkSpec, training: TrainingSpec) -> None:
        self.problem, self.training, self.layers = problem, training, problem.layers
        neurons = {INPUTS: problem.inputs, **{layer.name: layer.neurons for layer in self.layers}}
        self.sources = {x.name: [n for source in x.sources for n in neurons[source]] for x in self.layers}
        self.value: dict[Cell, float] = {}
        self.weights: list[Cell] = []
        self.trained: list[Cell] = []
        for layer in self.layers:
            wires = [c.w(s, n) for n in layer.neurons for s in self.sources[layer.name]]
            biases = [] if layer.bias is None else [c.b(n) for n in layer.neurons]
            numbers = [*layer.weights.ravel(), *([] if layer.bias is None else layer.bias)]
            self.value |= zip([*wires, *biases], map(float, numbers), strict=True)
            self.weights += wires
            self.trained += wires * ("weights" not in layer.frozen) + biases * ("bias" not in layer.frozen)

    def batch(self, rows: list[int]) -> Iterator[Line]:
        """Forward and backward for each sample, then what l2 adds."""
        self.gradient, loss, l2 = Sums(), Sums(), self.training.l2
        averaged = self.training.reduction == "mean"
        for row in rows:
            cost = yield from self.forward(row)
            if len(rows) > 1 or l2 > 0:
                yield loss.add("reduce", c.LOSS, cost / len(rows) if averaged else cost)
            yield from self.backward(1.0 / len(rows) if averaged else 1.0)
        if l2 > 0:
            squares = in_order(self.value[w] * self.value[w] for w in self.weights)
            yield loss.add("reduce", c.LOSS, l2 / 2.0 * squares)
            for w in self.weights:
                yield self.gradient.add("contribute", c.d(w), l2 * self.value[w])

    # --- forward --------------------------------------------------------------------------------------

    def forward(self, row: int) -> Generator[Line, None, float]:
        """Layer by layer, neuron by neuron; returns the cost."""
        self.value |= {
            c.y(n): float(x) for n, x in zip(self.problem.inputs, self.problem.x[row], strict=True)
        }
        self.value |= {
            c.t(n): float(t) for n, t in zip(self.problem.outputs, self.problem.t[row], strict=True)
        }
        for layer in self.layers:
            sums = Sums()
            for n in layer.neurons:
                for s in self.sources[layer.name]:
                    yield sums.add("term", c.e(n), self.value[c.w(s, n)] * self.value[c.y(s)])
                if layer.bias is not None:
                    yield sums.add("bias", c.e(n), self.value[c.b(n)])
                self.value[c.e(n)] = sums.of[c.e(n)]
                if layer.activation != "softmax":
                    self.value[c.y(n)] = call(layer.activation, self.value[c.e(n)])
                    yield "apply", c.y(n), self.value[c.y(n)]
            if layer.activation == "softmax":
                yield from self.softmax(layer)
        cost = Sums()
        for n in self.problem.outputs:
            yield cost.add("cost", c.COST, self.cost_of(n, slope=False))
        return cost.of[c.COST]

    def softmax(self, layer: LayerSpec) -> Iterator[Line]:
        """y_k = exp(e_k) / sum of exp(e_i), the largest e subtracted first."""
        largest = max(self.value[c.e(n)] for n in layer.neurons)
        powers = {n: call("exp", self.value[c.e(n)] - largest) for n in layer.neurons}
        total = in_order(powers.values())
        for n in layer.neurons:
            self.value[c.y(n)] = powers[n] / total
            yield "apply", c.y(n), self.value[c.y(n)]

    def cost_of(self, n: str, *, slope: bool) -> float:
        """What output n adds to the cost, or the derivative of that by y[n]."""
        table, y, t = COSTS[self.problem.cost], self.value[c.y(n)], self.value[c.t(n)]
        function = table.slope if slope else table.term
        return function(np.array([[y]]), np.array([[t]]), len(self.problem.outputs)).item()

    # --- backward -------------------------------------------------------------------------------------

    def backward(self, seed: float) -> Iterator[Line]:
        """Layers from the last to the first: d(y) and d(e) of every neuron, then the gradients."""
        d = Sums()
        yield d.add("seed", c.d(c.COST), seed)
        for layer in reversed(self.layers):
            for n in layer.neurons:
                yield from self.into_output(n, layer, d)
                if layer.activation != "softmax":
                    local = slope(layer.activation, 0, self.value[c.y(n)], self.value[c.e(n)])
                    yield "local", c.local(c.y(n), c.e(n)), local
                    yield d.add("contribute", c.d(c.e(n)), d.of[c.d(c.y(n))] * local)
            if layer.activation == "softmax":
                yield from self.softmax_backward(layer, d)
            for n in layer.neurons:
                delta = d.of[c.d(c.e(n))]
                for s in self.sources[layer.name]:
                    yield self.gradient.add("contribute", c.d(c.w(s, n)), delta * self.value[c.y(s)])
                if layer.bias is not None:
                    yield self.gradient.add("contribute", c.d(c.b(n)), delta)
        if self.problem.input_gradients:
            for n in self.problem.inputs:
                yield from self.from_consumers(n, INPUTS, d)

    def into_output(self, n: str, layer: LayerSpec, d: Sums) -> Iterator[Line]:
        """All that comes back to y[n]: from the cost, or from the neurons that it feeds."""
        if layer is self.layers[-1]:
            local = self.cost_of(n, slope=True)
            yield "local", c.local(c.COST, c.y(n)), local
            yield d.add("contribute", c.d(c.y(n)), d.of[c.d(c.COST)] * local)
        else:
            yield from self.from_consumers(n, layer.name, d)

    def from_consumers(self, n: str, name: str, d: Sums) -> Iterator[Line]:
        """Deltas come back over the wires on which y[n] went forward."""
        for layer in self.layers:
            if name in layer.sources:
                for k in layer.neurons:
                    yield d.add("contribute", c.d(c.y(n)), d.of[c.d(c.e(k))] * self.value[c.w(n, k)])

    def softmax_backward(self, layer: LayerSpec, d: Sums) -> Iterator[Line]:
        """Every net input hears from every output of its layer."""
        for j in layer.neurons:
            for k in layer.neurons:
                y_j, y_k = self.value[c.y(j)], self.value[c.y(k)]
                local = y_j * (1.0 - y_j) if j == k else -y_k * y_j
                yield "local", c.local(c.y(k), c.e(j)), local
                yield d.add("contribute", c.d(c.e(j)), d.of[c.d(c.y(k))] * local)
