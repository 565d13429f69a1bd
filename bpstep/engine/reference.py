"""The textbook loop: back-propagation with nothing but ``for``.

This module computes a run the slow way, one number after the other, in exactly the order of the steps.  It knows
no graph, no schedule and no array operation; it is what one would write on a blackboard.  It is the oracle of the
tests: the engine must agree with it in every step, bit for bit.

    for each sample:      forward, then backward
    after the batch:      the l2 term, then the update

What it shares with the engine are the rows of the function and cost tables (so that exp has the same bits), and
nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from bpstep.engine import cells as c
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.optimizers import settings_of
from bpstep.engine.specs import INPUTS, ExpressionSpec, LayerSpec, NetworkSpec, TrainingSpec

__all__ = ["Line", "expression_lines", "network_lines"]

#: (op, cell, value after the step)
Line = tuple[str, Cell, float]


def call(name: str, *numbers: float) -> float:
    """A function of the table, of numbers."""
    return float(FUNCTIONS[name].value(*(np.array([[x]]) for x in numbers))[0, 0])


def slope(name: str, operand: int, y: float, *numbers: float) -> float:
    """Its local derivative by one operand."""
    arrays = [np.array([[x]]) for x in numbers]
    return float(np.broadcast_to(FUNCTIONS[name].partials[operand](np.array([[y]]), *arrays), (1, 1))[0, 0])


def expression_lines(problem: ExpressionSpec) -> Iterator[Line]:
    """One epoch of an expression, without an update."""
    value = dict(zip(problem.inputs, problem.values, strict=True))
    uses: dict[str, list[tuple[int, int]]] = {}
    for number, step in enumerate(problem.operations):
        operands = [value[o] if isinstance(o, str) else o for o in step.operands]
        value[step.name] = call(step.function, *operands)
        yield "apply", c.var(step.name), value[step.name]
        for place, operand in enumerate(step.operands):
            if isinstance(operand, str):
                uses.setdefault(operand, []).append((number, place))

    d = {problem.output: 1.0}
    yield "seed", c.d(c.var(problem.output)), 1.0
    for name in reversed(list(value)):
        for number, place in reversed(uses.get(name, [])):
            step = problem.operations[number]
            operands = [value[o] if isinstance(o, str) else o for o in step.operands]
            local = slope(step.function, place, value[step.name], *operands)
            yield "local", c.local(c.var(step.name), c.var(name)), local
            product = d[step.name] * local
            d[name] = d[name] + product if name in d else product
            yield "contribute", c.d(c.var(name)), d[name]


def network_lines(problem: NetworkSpec, training: TrainingSpec) -> Iterator[Line]:
    """A whole run of a network."""
    w = {c.w(s, n): float(row[k]) for x in problem.layers for n, row in zip(x.neurons, x.weights, strict=True)
         for k, s in enumerate(_sources(problem, x))}  # fmt: skip
    b = {
        c.b(n): float(x.bias[k])
        for x in problem.layers
        if x.bias is not None
        for k, n in enumerate(x.neurons)
    }
    net = _Net(problem, training, w, b)
    count = len(problem.x)
    size = training.batch or count
    for epoch in range(1, training.epochs + 1):
        order = list(range(count))
        if training.shuffle is not None:
            order = np.random.default_rng([training.shuffle, epoch]).permutation(count).tolist()
        for first in range(0, count, size):
            yield from net.batch(order[first : first + size])


def _sources(problem: NetworkSpec, layer: LayerSpec) -> list[str]:
    names = {INPUTS: problem.inputs, **{x.name: x.neurons for x in problem.layers}}
    return [name for source in layer.sources for name in names[source]]


class _Net:
    """The parameters, and the numbers of the sample at hand."""

    def __init__(
        self, problem: NetworkSpec, training: TrainingSpec, w: dict[Cell, float], b: dict[Cell, float]
    ) -> None:
        self.problem, self.training = problem, training
        self.parameters = {**w, **b}
        self.state: dict[Cell, float] = {}
        self.updates = 0
        self.y: dict[str, float] = {}
        self.e: dict[str, float] = {}
        self.d: dict[Cell, float] = {}
        self.loss: float | None = None

    def batch(self, rows: list[int]) -> Iterator[Line]:
        self.d, self.loss = {}, None
        reduces = len(rows) > 1 or self.training.l2 > 0
        for row in rows:
            cost = yield from self.forward(row)
            if reduces:
                share = cost / len(rows) if self.training.reduction == "mean" else cost
                self.loss = share if self.loss is None else self.loss + share
                yield "reduce", c.LOSS, self.loss
            yield from self.backward(row, 1.0 / len(rows) if self.training.reduction == "mean" else 1.0)
        if self.training.l2 > 0:
            yield from self.decay()
        if self.training.learning_rate is not None:
            yield from self.update(self.training.learning_rate)

    # --- forward ----------------------------------------------------------------------------------------

    def forward(self, row: int) -> Generator[Line, None, float]:
        """Yields the steps, and returns the cost of the sample."""
        self.y = dict(zip(self.problem.inputs, self.problem.x[row].tolist(), strict=True))
        self.e = {}
        for layer in self.problem.layers:
            for n in layer.neurons:
                terms = [
                    ("term", self.parameters[c.w(s, n)] * self.y[s]) for s in _sources(self.problem, layer)
                ]
                if layer.bias is not None:
                    terms.append(("bias", self.parameters[c.b(n)]))
                for op, term in terms:
                    self.e[n] = self.e[n] + term if n in self.e else term
                    yield op, c.e(n), self.e[n]
                if layer.activation != "softmax":
                    self.y[n] = call(layer.activation, self.e[n])
                    yield "apply", c.y(n), self.y[n]
            if layer.activation == "softmax":
                yield from self.softmax(layer)
        cost = None
        for n, t in zip(self.problem.outputs, self.problem.t[row].tolist(), strict=True):
            term = self._cost(0, self.y[n], t)
            cost = term if cost is None else cost + term
            yield "cost", c.COST, cost
        assert cost is not None
        return cost

    def softmax(self, layer: LayerSpec) -> Iterator[Line]:
        largest = max(self.e[n] for n in layer.neurons)
        powers = {n: call("exp", self.e[n] - largest) for n in layer.neurons}
        total = None
        for power in powers.values():
            total = power if total is None else total + power
        assert total is not None
        for n in layer.neurons:
            self.y[n] = powers[n] / total
            yield "apply", c.y(n), self.y[n]

    def _cost(self, which: int, y: float, t: float) -> float:
        row = COSTS[self.problem.cost]
        function = row.slope if which else row.term
        return float(function(np.array([[y]]), np.array([[t]]), len(self.problem.outputs))[0, 0])

    # --- backward ---------------------------------------------------------------------------------------

    def add(self, cell: Cell, product: float) -> Line:
        """One contribution: the first is the product itself."""
        self.d[cell] = self.d[cell] + product if cell in self.d else product
        return "contribute", c.d(cell), self.d[cell]

    def backward(self, row: int, seed: float) -> Iterator[Line]:
        for cell in [cell for cell in self.d if cell.kind not in ("w", "b")]:
            del self.d[cell]
        self.d[c.COST] = seed
        yield "seed", c.d(c.COST), seed
        for layer in reversed(self.problem.layers):
            for n in layer.neurons:
                yield from self.into_output(n, layer, row)
                if layer.activation != "softmax":
                    local = slope(layer.activation, 0, self.y[n], self.e[n])
                    yield "local", c.local(c.y(n), c.e(n)), local
                    yield self.add(c.e(n), self.d[c.y(n)] * local)
            if layer.activation == "softmax":
                yield from self.softmax_backward(layer)
            for n in layer.neurons:
                for s in _sources(self.problem, layer):
                    yield self.add(c.w(s, n), self.d[c.e(n)] * self.y[s])
                if layer.bias is not None:
                    yield self.add(c.b(n), self.d[c.e(n)])
        if self.problem.input_gradients:
            for n in self.problem.inputs:
                yield from self.from_consumers(n, INPUTS)

    def into_output(self, n: str, layer: LayerSpec, row: int) -> Iterator[Line]:
        """All that comes back to y[n]."""
        if layer is not self.problem.layers[-1]:
            yield from self.from_consumers(n, layer.name)
            return
        target = float(self.problem.t[row][layer.neurons.index(n)])
        local = self._cost(1, self.y[n], target)
        yield "local", c.local(c.COST, c.y(n)), local
        yield self.add(c.y(n), self.d[c.COST] * local)

    def from_consumers(self, n: str, name: str) -> Iterator[Line]:
        for layer in self.problem.layers:
            if name in layer.sources:
                for k in layer.neurons:
                    yield self.add(c.y(n), self.d[c.e(k)] * self.parameters[c.w(n, k)])

    def softmax_backward(self, layer: LayerSpec) -> Iterator[Line]:
        for j in layer.neurons:
            for k in layer.neurons:
                local = self.y[j] * (1.0 - self.y[j]) if j == k else -self.y[k] * self.y[j]
                yield "local", c.local(c.y(k), c.e(j)), local
                yield self.add(c.e(j), self.d[c.y(k)] * local)

    # --- what belongs to the whole batch ----------------------------------------------------------------

    def decay(self) -> Iterator[Line]:
        weights = [cell for cell in self.parameters if cell.kind == "w"]
        total = None
        for cell in weights:
            square = self.parameters[cell] * self.parameters[cell]
            total = square if total is None else total + square
        assert self.loss is not None
        assert total is not None
        self.loss += self.training.l2 / 2.0 * total
        yield "reduce", c.LOSS, self.loss
        for cell in weights:
            yield self.add(cell, self.training.l2 * self.parameters[cell])

    def update(self, lr: float) -> Iterator[Line]:
        self.updates += 1
        for layer in self.problem.layers:
            weights = [c.w(s, n) for n in layer.neurons for s in _sources(self.problem, layer)]
            biases = [c.b(n) for n in layer.neurons] if layer.bias is not None else []
            for part, names in (("weights", weights), ("bias", biases)):
                for cell in names if part not in layer.frozen else ():
                    yield from self.one_update(cell, lr)

    def one_update(self, cell: Cell, lr: float) -> Iterator[Line]:
        """PyTorch's SGD, momentum, Adam and AdamW, for one parameter."""
        name, s = self.training.optimizer.name, settings_of(self.training.optimizer)
        w, g = self.parameters[cell], self.d[cell]
        if name == "sgd":
            w = w - lr * g
        elif name == "momentum":
            m = s["momentum"] * self.state.get(c.m(cell), 0.0) + g
            self.state[c.m(cell)] = m
            yield "state", c.m(cell), m
            w = w - lr * (g + s["momentum"] * m if s["nesterov"] else m)
        else:
            m = s["beta1"] * self.state.get(c.m(cell), 0.0) + (1.0 - s["beta1"]) * g
            v = s["beta2"] * self.state.get(c.v(cell), 0.0) + (1.0 - s["beta2"]) * (g * g)
            self.state[c.m(cell)], self.state[c.v(cell)] = m, v
            yield "state", c.m(cell), m
            yield "state", c.v(cell), v
            if name == "adamw":
                w = w - lr * s["weight_decay"] * w
            first = m / (1.0 - s["beta1"] ** self.updates)
            second = v / (1.0 - s["beta2"] ** self.updates)
            w = w - lr * first / (float(np.sqrt(second)) + s["epsilon"])
        self.parameters[cell] = w
        yield "update", cell, w
