"""From what the user wrote to the graph that is run: two small compilers, one for each kind.

Both end in the same `Graph`, so nothing after this module asks whether it runs a network or an
expression.  The order in which vectors and edges are created here is the order of the steps later:

* forward: operations in order of creation;
* backward: `Graph.gathered`, the vectors from the last to the first, each with the edges of its
  consumers in the order in which their contributions arrive.

A network's consumers come in file order (layer by layer, neuron by neuron).  An expression's uses come
latest first, each operand place on its own: the mirror image of the forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.arrays import cell_names
from bpstep.engine.costs import COSTS
from bpstep.engine.edge import HANDED_ON, STATISTIC, Edge
from bpstep.engine.edges import CostSlope, Coupled, Pointwise
from bpstep.engine.factors import Penalty, Share, Through, ToBias, ToWeights
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation
from bpstep.engine.operations import Apply, CostSum, LossSum, Softmax, WeightedSum
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import INPUTS, Array, ExpressionSpec, LayerSpec, NetworkSpec, Operand, TrainingSpec
from bpstep.engine.specs import Operation as ArrayOperation
from bpstep.engine.vectors import Vector

__all__ = ["Problem", "build", "initial_parameters", "sample_values"]

#: What the engine can be asked to run.
Problem = NetworkSpec | ExpressionSpec

_PLAIN = TrainingSpec()


def build(problem: Problem, training: TrainingSpec = _PLAIN) -> Graph:
    """The graph of a network or an expression; of ``training`` it takes what the loss is made of."""
    if isinstance(problem, NetworkSpec):
        return _NetworkCompiler(problem, training).graph()
    return _ExpressionCompiler(problem, training).graph()


def initial_parameters(problem: Problem) -> Array:
    """The parameters as the user gave them, end to end: weights row by row, then biases, per layer."""
    if isinstance(problem, ExpressionSpec):
        given = dict(zip(problem.inputs, problem.values, strict=True))
        each = [np.ravel(np.float64(given[name])) for name in problem.parameters]
        return np.concatenate(each) if each else np.empty(0)
    parts: list[Array] = []
    for layer in problem.layers:
        parts.append(layer.weights.ravel())
        if layer.bias is not None:
            parts.append(layer.bias)
    return np.concatenate(parts, dtype=np.float64)


def sample_values(problem: Problem) -> list[Array]:
    """The values of `Graph.given`, each (samples, cells): all inputs and targets of the problem."""
    if isinstance(problem, NetworkSpec):
        return [problem.x, problem.t]
    found = []
    for name, value in zip(problem.inputs, problem.values, strict=True):
        if name in problem.by_sample:
            found.append(problem.by_sample[name].reshape(problem.samples, -1))
        elif name not in problem.parameters:
            found.append(np.tile(np.ravel(np.float64(value)), (problem.samples, 1)))
    return found


class _Compiler:
    """What both compilers share: numbering of vectors and edges, and the list of consumers."""

    def __init__(self) -> None:
        self.vectors: list[Vector] = []
        self.operations: list[Operation] = []
        self.consumers: list[list[Edge]] = []
        self.parameters: list[Vector] = []
        self.given: list[Vector] = []
        self.edge_count = 0

    def vector(
        self, kind: str, names: Sequence[str], layer: str, columns: Sequence[str] = (), *,
        is_parameter: bool = False, per_sample: bool = True, dims: tuple[int, ...] = (),
    ) -> Vector:  # fmt: skip
        made = Vector(
            len(self.vectors),
            kind,
            tuple(names),
            layer,
            tuple(columns),
            is_parameter,
            per_sample and not is_parameter,
            dims,
        )
        self.vectors.append(made)
        self.consumers.append([])
        if is_parameter:
            self.parameters.append(made)
        return made

    def next_edge(self) -> int:
        self.edge_count += 1
        return self.edge_count - 1

    def operation(self, made: Operation) -> None:
        self.operations.append(made)
        for edge in made.edges:
            self.consumers[edge.tail.id].append(edge)

    def loss(self, root: Vector, training: TrainingSpec) -> Operation:
        """The loss of a batch, with an edge to the cost and one to all that l2 weighs on."""
        made = self.vector("loss", ("loss",), root.layer, per_sample=False)
        mean, l2 = training.reduction == "mean", training.l2
        edges: list[Edge] = [Share(self.next_edge(), made, root, False, mean=mean)]
        weighed = tuple(v for v in self.parameters if v.kind == "w") if l2 > 0.0 else ()
        edges += [Penalty(self.next_edge(), made, w, False, l2=l2) for w in weighed]
        return LossSum(made, tuple(edges), root, mean=mean, l2=l2, weights=weighed)

    def finish(
        self,
        gathered: Sequence[Vector],
        root: Vector,
        frozen: frozenset[Vector],
        loss: Operation | None = None,
    ) -> Graph:
        sizes = np.cumsum([0, *(vector.size for vector in self.parameters)]).tolist()
        places = [
            (slice(first, last), vector.shape)
            for first, last, vector in zip(sizes, sizes[1:], self.parameters, strict=False)
        ]
        return Graph(
            vectors=tuple(self.vectors),
            operations=tuple(self.operations),
            consumers=tuple(tuple(edges) for edges in self.consumers),
            gathered=tuple(gathered),
            root=root,
            given=tuple(self.given),
            parameters=tuple(self.parameters),
            places=tuple(places),
            frozen=frozen,
            loss=loss,
        )


class _NetworkCompiler(_Compiler):
    """Layers in file order, then the cost, then the loss."""

    def __init__(self, spec: NetworkSpec, training: TrainingSpec) -> None:
        super().__init__()
        self.spec, self.training = spec, training
        self.inputs = self.vector("y", spec.inputs, INPUTS)
        self.outputs_of = {INPUTS: self.inputs}
        self.targets = self.vector("t", spec.outputs, spec.layers[-1].name)
        self.given += [self.inputs, self.targets]
        self.frozen: set[Vector] = set()
        self.backward: list[list[Vector]] = []

    def graph(self) -> Graph:
        for layer in self.spec.layers:
            self.layer(layer)
        last = self.outputs_of[self.spec.layers[-1].name]
        root = self.cost(last)
        loss = self.loss(root, self.training)
        gathered = [vector for layer in reversed(self.backward) for vector in layer]
        if self.spec.input_gradients:
            gathered.append(self.inputs)
        return self.finish(gathered, root, frozenset(self.frozen), loss)

    def layer(self, spec: LayerSpec) -> None:
        sources = tuple(self.outputs_of[name] for name in spec.sources)
        columns = [name for source in sources for name in source.names]
        w = self.vector("w", spec.neurons, spec.name, columns, is_parameter=True)
        b = None
        if spec.bias is not None:
            b = self.vector("b", spec.neurons, spec.name, is_parameter=True)
        self.frozen |= {v for v in (w, b) if v is not None and _frozen_name(v) in spec.frozen}
        e = self.vector("e", spec.neurons, spec.name)
        self.operation(WeightedSum(e, self.sum_edges(e, sources, w, b), sources, w, b))
        y = self.vector("y", spec.neurons, spec.name)
        self.operation(self.activation(spec.activation, y, e))
        self.outputs_of[spec.name] = y
        self.backward.append([y, e, w] if b is None else [y, e, w, b])

    def sum_edges(
        self, e: Vector, sources: tuple[Vector, ...], w: Vector, b: Vector | None
    ) -> tuple[Edge, ...]:
        edges: list[Edge] = []
        first = 0
        for source in sources:
            edges.append(Through(self.next_edge(), e, source, False, through=w, first=first))
            first += source.size
        edges.append(ToWeights(self.next_edge(), e, w, False, sources=sources))
        if b is not None:
            edges.append(ToBias(self.next_edge(), e, b, False))
        return tuple(edges)

    def activation(self, name: str, y: Vector, e: Vector) -> Operation:
        if name == SOFTMAX:
            return Softmax(y, (Coupled(self.next_edge(), y, e),), e)
        function = FUNCTIONS[name]
        edge = Pointwise(self.next_edge(), y, e, of=function, operands=(e,))
        return Apply(y, (edge,), function, (e,))

    def cost(self, outputs: Vector) -> Vector:
        cost = COSTS[self.spec.cost]
        root = self.vector("cost", ("cost",), "cost")
        edge = CostSlope(self.next_edge(), root, outputs, cost=cost, targets=self.targets)
        self.operation(CostSum(root, (edge,), cost, outputs, self.targets, constants=(self.targets,)))
        return root


class _ExpressionCompiler(_Compiler):
    """A vector for every variable: one cell, or the cells of an array row by row."""

    def __init__(self, spec: ExpressionSpec, training: TrainingSpec) -> None:
        super().__init__()
        self.spec, self.training = spec, training
        self.named: dict[str, Vector] = {}
        self.statistics = {one.name for one in spec.operations if one.is_statistic}

    def graph(self) -> Graph:
        for name, value in zip(self.spec.inputs, self.spec.values, strict=True):
            is_parameter = name in self.spec.parameters
            made = self.variable(name, np.shape(value), is_parameter=is_parameter)
            if not is_parameter:
                self.given.append(made)
        self.parameters = [self.named[name] for name in self.spec.parameters]
        for operation in self.spec.operations:
            numbers = not operation.shape and all(map(self.is_number, operation.operands))
            if numbers and operation.function in FUNCTIONS:
                self.one(operation)
            else:
                self.over_arrays(operation)
        for edges in self.consumers:
            edges.reverse()  # the latest use contributes first
        root = self.named[self.spec.output]
        # What nobody uses has the derivative 0; of what is given and only read there is none.
        gathered = [
            v
            for v in reversed(self.vectors)
            if v is not root and (self.consumers[v.id] or v not in self.given)
        ]
        loss = self.loss(root, self.training) if self.spec.by_sample else None
        return self.finish(gathered, root, frozenset(), loss)

    def is_number(self, operand: Operand) -> bool:
        """Whether an operand is a constant, or a variable that is no array."""
        return isinstance(operand, float) or (isinstance(operand, str) and self.named[operand].dims == ())

    def variable(self, name: str, shape: tuple[int, ...], *, is_parameter: bool = False) -> Vector:
        names = cell_names(name, shape)
        made = self.named[name] = self.vector("var", names, name, is_parameter=is_parameter, dims=shape)
        return made

    def one(self, spec: ArrayOperation) -> None:
        """An operation on single numbers."""
        function = FUNCTIONS[spec.function]
        operands = tuple(o if isinstance(o, float) else self.named[str(o)] for o in spec.operands)
        head = self.variable(spec.name, ())
        edges = tuple(
            Pointwise(
                self.next_edge(),
                head,
                o,
                of=function,
                which=place,
                operands=operands,
                marks=self.marks(spec, o),
            )
            for place, o in enumerate(operands)
            if isinstance(o, Vector)
        )
        self.operation(Apply(head, edges, function, operands))

    def marks(self, spec: ArrayOperation, tail: Vector) -> frozenset[str]:
        """What is to be known of an operand, for those who take its derivative wrongly."""
        found = {HANDED_ON} if tail.layer in spec.handed_on else set()
        return frozenset(found | {STATISTIC} if tail.layer in self.statistics else found)

    def over_arrays(self, spec: ArrayOperation) -> None:
        """An operation whose operands, or whose head, have several cells."""
        from bpstep.engine.array_build import array_operation  # most problems have no arrays

        head = self.variable(spec.name, spec.shape)
        self.operation(array_operation(head, spec, self.named, self.next_edge, self.marks))


def _frozen_name(vector: Vector) -> str:
    return "weights" if vector.kind == "w" else "bias"
