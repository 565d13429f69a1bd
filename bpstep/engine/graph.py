"""The graph of a computation: vectors of cells, the operations that compute them, and their edges.

A network and an expression such as y = exp(sin(x^2)) are the same thing here: a list of small vector
operations, each of which computes one `Vector` from earlier ones.  (A variable of an expression is a
vector of one cell.)

    network      inputs ──▶ weighted sum ──▶ activation ──▶ weighted sum ──▶ ... ──▶ cost
    expression   x ──▶ square ──▶ sin ──▶ exp

Going forward, an operation computes its head.  Going backward, only its *edges* matter.  An `Edge`
leads from an operation's head to one of its operands, its tail, and knows one thing: the local
derivative d(head)/d(tail), evaluated where the forward pass has been.  There are six kinds:

    ==============  ==========================  ====================================
    edge            from -> to                  local derivative
    ==============  ==========================  ====================================
    `Pointwise`     y <- e, any function        f'(e), one number a neuron
    `CostSlope`     cost <- y                   dC/dy, one number an output
    `Coupled`       y <- e of a softmax layer   the Jacobian, neurons x neurons
    `Through`       e <- y of a source          the weights
    `ToWeights`     e <- w                      the source's output y
    `ToBias`        e <- b                      1
    ==============  ==========================  ====================================

`bpstep.engine.chainrule` needs nothing but these edges, and so is one page.  Shapes: a vector that is
computed anew for every sample is an array of (samples, cells); weights are (neurons, sources), biases
(neurons,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.costs import Cost
from bpstep.engine.functions import Function
from bpstep.engine.softmax import jacobian, softmax
from bpstep.engine.specs import Array
from bpstep.engine.sums import ordered_sum

__all__ = [
    "Apply",
    "CostSlope",
    "CostSum",
    "Coupled",
    "Edge",
    "Graph",
    "Operation",
    "Pointwise",
    "Softmax",
    "Through",
    "ToBias",
    "ToWeights",
    "Vector",
    "WeightedSum",
]

#: The arrays of a pass, by `Vector.id`.
Values = Sequence[Array]


@dataclass(frozen=True, eq=False)
class Vector:
    """A row of cells that are computed together: the outputs of a layer, its weights, a variable.

    ``names`` are the neurons that own the cells; of weights, ``columns`` are the sources.  ``layer``
    is where the vector stands in the address of a step.
    """

    id: int
    kind: str
    names: tuple[str, ...]
    layer: str
    columns: tuple[str, ...] = ()

    def cell(self, row: int, column: int = 0) -> Cell:
        """The name of one of its cells."""
        name = self.names[row]
        if self.kind == "w":
            return Cell("w", self.columns[column], name)
        return cells.COST if self.kind == "cost" else Cell(self.kind, name)

    @property
    def is_parameter(self) -> bool:
        """Whether it is the same for all samples: weights and biases are."""
        return self.kind in ("w", "b")


# --- edges: what the chain rule walks over -----------------------------------------------------


@dataclass(frozen=True, eq=False)
class Edge:
    """d(head)/d(tail).  ``shown`` says whether the local derivative has a step of its own.

    Each head cell k that uses a tail cell j contributes ``upstream[k] * local[k, j]`` to it.
    ``width`` is the number of such k for one j.
    """

    id: int
    head: Vector
    tail: Vector
    shown: bool = True

    #: Whether the local derivatives differ from sample to sample.
    local_by_sample: ClassVar[bool] = True

    @property
    def width(self) -> int:
        """How many contributions one tail cell gets over this edge."""
        return 1

    def local(self, values: Values) -> Array:
        """The local derivatives, all of them, where the forward pass has been."""
        raise NotImplementedError

    def products(self, upstream: Array, local: Array) -> Array:
        """upstream * local for every contribution: shape (contributions, *shape of the tail)."""
        return (upstream * local)[np.newaxis]

    def head_row(self, k: int, j: int) -> int:
        """The row of the head cell that makes contribution k to tail cell j."""
        return j


@dataclass(frozen=True, eq=False)
class Pointwise(Edge):
    """An edge of a function applied cell by cell: f'(e), or d(u*v)/du of an expression."""

    function: Function = field(kw_only=True)
    operand: int = field(default=0, kw_only=True)
    operands: tuple[Vector | float, ...] = field(kw_only=True)

    @property
    def place(self) -> int:
        """Which of the places of its variable this is, from 1; 0 where the variable stands in one place only."""
        places = [k for k, operand in enumerate(self.operands) if operand is self.tail]
        return places.index(self.operand) + 1 if len(places) > 1 else 0

    def local(self, values: Values) -> Array:
        arguments = _arguments(self.operands, values)
        return self.function.partials[self.operand](values[self.head.id], *arguments)


@dataclass(frozen=True, eq=False)
class CostSlope(Edge):
    """From the cost to the outputs.  ``targets`` is the vector of targets."""

    cost: Cost = field(kw_only=True)
    targets: Vector = field(kw_only=True)

    def local(self, values: Values) -> Array:
        y = values[self.tail.id]
        return self.cost.slope(y, values[self.targets.id], y.shape[1])

    def head_row(self, k: int, j: int) -> int:
        return 0


@dataclass(frozen=True, eq=False)
class Coupled(Edge):
    """From the outputs of a softmax layer to its net inputs: every output hears every net input."""

    @property
    def width(self) -> int:
        return len(self.head.names)

    def local(self, values: Values) -> Array:
        return jacobian(values[self.head.id])

    def products(self, upstream: Array, local: Array) -> Array:
        # (samples, k) and (samples, k, j) -> (k, samples, j)
        return np.ascontiguousarray((upstream[:, :, np.newaxis] * local).transpose(1, 0, 2))

    def head_row(self, k: int, j: int) -> int:
        return k


@dataclass(frozen=True, eq=False)
class Through(Edge):
    """From the net inputs of a layer back through its weights to the outputs of one source."""

    weights: Vector = field(kw_only=True)
    columns: slice = field(kw_only=True)
    local_by_sample: ClassVar[bool] = False

    @property
    def width(self) -> int:
        return len(self.head.names)

    def local(self, values: Values) -> Array:
        return values[self.weights.id][:, self.columns]

    def products(self, upstream: Array, local: Array) -> Array:
        # (samples, k) and (k, j) -> (k, samples, j)
        return np.multiply(upstream.T[:, :, np.newaxis], local[:, np.newaxis, :], order="C")

    def head_row(self, k: int, j: int) -> int:
        return k


@dataclass(frozen=True, eq=False)
class ToWeights(Edge):
    """From the net inputs of a layer to its weights; the samples of a batch contribute in turn."""

    sources: tuple[Vector, ...] = field(kw_only=True)

    def local(self, values: Values) -> Array:
        return side_by_side(self.sources, values)

    def products(self, upstream: Array, local: Array) -> Array:
        # (samples, j) and (samples, i) -> (samples, j, i)
        return np.multiply(upstream[:, :, np.newaxis], local[:, np.newaxis, :], order="C")


@dataclass(frozen=True, eq=False)
class ToBias(Edge):
    """From the net inputs of a layer to its biases: the local derivative is 1."""

    def local(self, values: Values) -> Array:
        return np.ones_like(values[self.head.id])

    def products(self, upstream: Array, local: Array) -> Array:
        return upstream * local


# --- operations: what the forward pass walks over ------------------------------------------------


@dataclass(frozen=True, eq=False)
class Operation:
    """Computes ``head`` from earlier vectors; ``edges`` lead back to each of them, in order."""

    head: Vector
    edges: tuple[Edge, ...]

    def value(self, values: Values) -> Array:
        """The head's array, (samples, cells), from the arrays before it."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class WeightedSum(Operation):
    """e = sum of w * y over the sources, plus b, added up in that order."""

    sources: tuple[Vector, ...]
    weights: Vector
    bias: Vector | None

    def value(self, values: Values) -> Array:
        y = side_by_side(self.sources, values)
        w = values[self.weights.id]
        bias = values[self.bias.id] if self.bias is not None else None
        if y.shape[0] * w.size > _ROOMY:
            return np.concatenate([_weighted_sum(w, row, bias) for row in y[:, np.newaxis]])
        return _weighted_sum(w, y, bias)


@dataclass(frozen=True, eq=False)
class Apply(Operation):
    """A function cell by cell: an activation, or one operation of an expression."""

    function: Function
    operands: tuple[Vector | float, ...]

    def value(self, values: Values) -> Array:
        return self.function.value(*_arguments(self.operands, values))


@dataclass(frozen=True, eq=False)
class Softmax(Operation):
    """Softmax over a layer."""

    net: Vector

    def value(self, values: Values) -> Array:
        return softmax(values[self.net.id])


@dataclass(frozen=True, eq=False)
class CostSum(Operation):
    """The cost of a sample: its terms, one an output, added up in order."""

    cost: Cost
    outputs: Vector
    targets: Vector

    def terms(self, values: Values) -> Array:
        """The terms before they are added, (samples, outputs)."""
        y = values[self.outputs.id]
        return self.cost.term(y, values[self.targets.id], y.shape[1])

    def value(self, values: Values) -> Array:
        return ordered_sum(np.ascontiguousarray(self.terms(values).T))[:, np.newaxis]


@dataclass(frozen=True, eq=False)
class Graph:
    """Vectors in order of creation, the operations that compute them, and who uses whom.

    ``consumers[vector.id]`` are the edges that lead to a vector, in the order in which back-propagation
    gathers them.  ``gathered`` are the vectors that get a derivative, in the order of the backward
    pass; ``root`` is what is differentiated.  ``given`` are the vectors that the sample brings along.
    ``parameters`` are the vectors that an update changes, in file order: end to end they are one flat
    array, and ``places`` says which part of it each one is, and in which shape.
    """

    vectors: tuple[Vector, ...]
    operations: tuple[Operation, ...]
    consumers: tuple[tuple[Edge, ...], ...]
    gathered: tuple[Vector, ...]
    root: Vector
    given: tuple[Vector, ...]
    parameters: tuple[Vector, ...]
    places: tuple[tuple[slice, tuple[int, ...]], ...]
    frozen: frozenset[Vector] = frozenset()

    @property
    def parameter_count(self) -> int:
        """How many numbers an update changes."""
        return self.places[-1][0].stop if self.places else 0

    def views(self, flat: Array) -> list[Array]:
        """The parts of one flat array of parameters, in the order of ``parameters``, without copying."""
        return [flat[place].reshape(shape) for place, shape in self.places]


#: Above this many products at once, samples are taken one by one: same bits, less memory.
_ROOMY = 1 << 22


def side_by_side(vectors: Sequence[Vector], values: Values) -> Array:
    """The values of several sources as one array (samples, sources)."""
    if len(vectors) == 1:
        return values[vectors[0].id]
    return np.concatenate([values[v.id] for v in vectors], axis=1)


def _weighted_sum(w: Array, y: Array, bias: Array | None) -> Array:
    samples, sources = y.shape
    rows = sources + (bias is not None)
    terms = np.empty((rows, samples, w.shape[0]), dtype=w.dtype)
    np.multiply(w.T[:, np.newaxis, :], y.T[:, :, np.newaxis], out=terms[:sources])
    if bias is not None:
        terms[sources] = bias
    return ordered_sum(terms)


def _arguments(operands: Sequence[Vector | float], values: Values) -> list[Array]:
    """The operands' arrays; a constant becomes an array, so that every function sees one shape."""
    return [values[o.id] if isinstance(o, Vector) else _constant(o) for o in operands]


def _constant(number: float) -> Array:
    return np.array([[number]])
