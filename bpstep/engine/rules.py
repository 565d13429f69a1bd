"""The right rule, and the mistakes people make, one row each.

Three things can be got wrong in ``d(B) = sum of d(A) * dA/dB``: the upstream derivative d(A), the
local derivative dA/dB, and the sum.  So a wrong rule is not a copy of back-propagation with an error
in it, but a row that replaces one of the three, and says in words what it does:

    >>> RULES["no-derivative"].says
    'f′ is left out everywhere (taken as 1)'

A rule changes values, never the number or the order of steps: so a wrong run can be laid beside the
right one and compared step by step.  Where a rule makes no sense for a problem, ``refuses`` says why.

Sources of the mistakes: questions on public forums and the articles named in the scenarios;
`article` is the procedure of Bernacki and Włodarczyk, "Principles of training multi-layer neural
network using backpropagation".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.graph import CostSlope, Coupled, Edge, Graph, Pointwise, Through, ToBias
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import Array, ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.engine.sums import ordered_sum, running_sum

__all__ = ["CORRECT", "RULES", "Rule", "Sofar"]


@dataclass(frozen=True, eq=False)
class Sofar:
    """What a backward pass knows at a moment: the forward values, and the derivatives until now."""

    graph: Graph
    values: list[Array]
    d: list[Array | None]
    rate: float

    def derivative(self, vector_id: int) -> Array:
        """The derivative by a vector that was gathered before."""
        found = self.d[vector_id]
        assert found is not None, "the backward pass reaches a consumer before what it consumes"
        return found


_SlopeText = Callable[[Edge, Graph, str, bool], str]
_WeightText = Callable[[Through, Graph, int, int], tuple[str, int, int]]
_Refusal = Callable[[Problem, TrainingSpec], str]


def _accept(problem: Problem, training: TrainingSpec) -> str:
    return ""


def _right_slope(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    return right


def _right_weight(edge: Through, graph: Graph, k: int, j: int) -> tuple[str, int, int]:
    return "{w}", k, edge.columns.start + j


@dataclass(frozen=True)
class Rule:
    """A way to back-propagate: the right one, but for the parts that its fields replace.

    ``local`` gives the local derivative of an edge, or None where the right one is meant.  Two texts say what it
    does: ``slope_text(edge, graph, right, own)`` the text of a `local` step from that of the right one (of softmax,
    ``own`` is whether a neuron's output is meant by its own net input); ``weight_text(edge, graph, k, j)`` what
    stands for the weight that a delta goes back through: a text over ``{w} {lr} {g}``, and the row and column of w.
    ``upstream_is_output``: the upstream of a hidden contribution is d(y[k]), not d(e[k]).
    ``overwrites``: the last contribution replaces the sum.
    ``refuses(problem, training)`` is the reason why the rule does not apply, or "".
    """

    name: str
    says: str
    local: Callable[[Edge, Sofar], Array | None] | None = None
    upstream_is_output: bool = False
    overwrites: bool = False
    refuses: _Refusal = _accept
    slope_text: _SlopeText = _right_slope
    weight_text: _WeightText = _right_weight

    def local_of(self, edge: Edge, sofar: Sofar) -> Array:
        """The local derivatives to use for ``edge``."""
        replaced = self.local(edge, sofar) if self.local is not None else None
        return edge.local(sofar.values) if replaced is None else replaced

    def upstream_of(self, edge: Edge, sofar: Sofar) -> Array:
        """The upstream derivatives to use for ``edge``."""
        return sofar.derivative(self.upstream_vector(edge, sofar.graph))

    def upstream_vector(self, edge: Edge, graph: Graph) -> int:
        """The id of the vector whose derivative is the upstream of ``edge``."""
        if self.upstream_is_output and isinstance(edge, Through):
            return _output_of(edge, graph)
        return edge.head.id

    def gather(self, products: Array) -> Array:
        """What becomes of contributions that lie along the first axis."""
        return products[-1].copy() if self.overwrites else ordered_sum(products)

    def gathering(self, products: Array) -> Array:
        """The same, seen growing: what stands there after each contribution."""
        return products if self.overwrites else running_sum(products)


def _output_of(edge: Edge, graph: Graph) -> int:
    """The outputs y that belong to the net inputs e at the head of ``edge``."""
    return graph.consumers[edge.head.id][0].head.id


# --- the local derivatives of wrong rules --------------------------------------------------------


def _is_activation(edge: Edge) -> bool:
    """Whether ``edge`` carries an f′ that one could forget."""
    if isinstance(edge, Coupled):
        return True
    return isinstance(edge, Pointwise) and (edge.tail.kind == "e" or not edge.function.linear)


def _as_if_one(edge: Edge, sofar: Sofar) -> Array:
    """f′ = 1; for softmax, the identity matrix."""
    y = sofar.values[edge.head.id]
    if isinstance(edge, Coupled):
        return np.broadcast_to(np.eye(y.shape[1]), (*y.shape, y.shape[1])).copy()
    return np.ones_like(y)


def _no_derivative(edge: Edge, sofar: Sofar) -> Array | None:
    return _as_if_one(edge, sofar) if _is_activation(edge) else None


def _no_output_derivative(edge: Edge, sofar: Sofar) -> Array | None:
    at_output = any(isinstance(e, CostSlope) for e in sofar.graph.consumers[edge.head.id])
    return _as_if_one(edge, sofar) if at_output and _is_activation(edge) else None


def _derivative_of_output(edge: Edge, sofar: Sofar) -> Array | None:
    """f′ taken at y: what comes of feeding outputs to a function that wants net inputs."""
    if not isinstance(edge, Pointwise):
        return None
    y = sofar.values[edge.head.id]
    return edge.function.partials[0](edge.function.value(y), y)


def _logistic_everywhere(edge: Edge, sofar: Sofar) -> Array | None:
    if not _is_activation(edge):
        return None
    y = sofar.values[edge.head.id]
    slope = y * (1.0 - y)
    return _as_if_one(edge, sofar) * slope[:, np.newaxis, :] if isinstance(edge, Coupled) else slope


def _swapped_sign(edge: Edge, sofar: Sofar) -> Array | None:
    return 0.0 - edge.local(sofar.values) if isinstance(edge, CostSlope) else None


def _early_update(edge: Edge, sofar: Sofar) -> Array | None:
    """The weights that a delta goes back through are already the updated ones: w - lr * d(w)."""
    if not isinstance(edge, Through) or edge.weights in sofar.graph.frozen:
        return None
    step = sofar.rate * sofar.derivative(edge.weights.id)
    return (sofar.values[edge.weights.id] - step)[:, edge.columns]


def _wrong_weights(edge: Edge, sofar: Sofar) -> Array | None:
    if not isinstance(edge, Through):
        return None
    w = edge.local(sofar.values)
    return w.T if w.shape[0] == w.shape[1] else None


def _bias_forgotten(edge: Edge, sofar: Sofar) -> Array | None:
    return np.zeros_like(sofar.values[edge.head.id]) if isinstance(edge, ToBias) else None


# --- what they read as ---------------------------------------------------------------------------


def _one(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    """f′ = 1; of softmax, the identity matrix."""
    return ("1" if own else "0") if _is_activation(edge) else right


def _one_at_output(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    at_output = any(isinstance(e, CostSlope) for e in graph.consumers[edge.head.id])
    return _one(edge, graph, right, own) if at_output else right


def _slope_of_output(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    if not isinstance(edge, Pointwise):
        return right
    again = edge.function.text.replace("{a}", "{y}")
    return edge.function.partial_texts[0].replace("{y}", again).replace("{a}", "{y}")


def _logistic_slope(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    return ("{y} * (1 - {y})" if own else "0") if _is_activation(edge) else right


def _other_sign(edge: Edge, graph: Graph, right: str, own: bool) -> str:
    return f"-({right})" if isinstance(edge, CostSlope) else right


def _updated_weight(edge: Through, graph: Graph, k: int, j: int) -> tuple[str, int, int]:
    text, row, column = _right_weight(edge, graph, k, j)
    return (text if edge.weights in graph.frozen else "{w} - {lr} * {g}"), row, column


def _weight_across(edge: Through, graph: Graph, k: int, j: int) -> tuple[str, int, int]:
    is_square = len(edge.head.names) == len(edge.tail.names)
    return _right_weight(edge, graph, j, k) if is_square else _right_weight(edge, graph, k, j)


# --- where a rule does not apply ------------------------------------------------------------------


def _needs_network(problem: Problem, training: TrainingSpec) -> str:
    return "it is about the layers of a network" if isinstance(problem, ExpressionSpec) else ""


def _needs_no_softmax(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, NetworkSpec) and any(x.activation == SOFTMAX for x in problem.layers):
        return "softmax has no f′ of a single number"
    return _needs_network(problem, training)


def _needs_square_weights(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, NetworkSpec) and not any(_passes_back_square(problem)):
        return "no layer that a delta is passed back through has as many neurons as sources"
    return _needs_network(problem, training)


def _passes_back_square(problem: NetworkSpec) -> list[bool]:
    sizes = {layer.name: len(layer.neurons) for layer in problem.layers}
    return [
        sizes[source] == len(layer.neurons)
        for layer in problem.layers
        for source in layer.sources
        if source in sizes
    ]


def _needs_plain_descent(problem: Problem, training: TrainingSpec) -> str:
    if training.learning_rate is None:
        return "it needs a learning rate"
    if isinstance(problem, NetworkSpec) and training.batch != 1 and len(problem.x) > 1:
        return "it needs batches of one sample"
    if not OPTIMIZERS[training.optimizer.name].is_plain:
        return "it needs plain gradient descent"
    return _needs_network(problem, training)


def _needs_biases(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, NetworkSpec) and all(layer.bias is None for layer in problem.layers):
        return "this network has no biases"
    return _needs_network(problem, training)


CORRECT = Rule("correct", "the chain rule: upstream times local, summed over all consumers")

_ROWS = (
    CORRECT,
    Rule(
        "article",
        "deltas go back through the weights without f′, which enters only in a neuron's own gradients",
        upstream_is_output=True, refuses=_needs_network,
    ),
    Rule("no-derivative", "f′ is left out everywhere (taken as 1)", _no_derivative, slope_text=_one),
    Rule(
        "output-derivative-missing", "f′ is left out at the output layer only",
        _no_output_derivative, refuses=_needs_network, slope_text=_one_at_output,
    ),
    Rule(
        "derivative-of-output", "f′ is taken at the output y instead of the net input e",
        _derivative_of_output, refuses=_needs_no_softmax, slope_text=_slope_of_output,
    ),
    Rule(
        "logistic-everywhere", "y(1 − y) is used for every activation",
        _logistic_everywhere, refuses=_needs_network, slope_text=_logistic_slope,
    ),
    Rule("overwrite", "the last contribution replaces the sum (= for +=)", overwrites=True),
    Rule(
        "swapped-sign", "the cost derivative is t − y, and the update still subtracts",
        _swapped_sign, refuses=_needs_network, slope_text=_other_sign,
    ),
    Rule(
        "early-update", "deltas are passed back through weights that are already updated",
        _early_update, refuses=_needs_plain_descent, weight_text=_updated_weight,
    ),
    Rule(
        "wrong-weights", "the delta is passed back through the weights transposed",
        _wrong_weights, refuses=_needs_square_weights, weight_text=_weight_across,
    ),
    Rule("bias-forgotten", "bias gradients stay 0", _bias_forgotten, refuses=_needs_biases),
)  # fmt: skip

RULES: dict[str, Rule] = {row.name: row for row in _ROWS}
