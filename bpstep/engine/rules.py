"""The right rule, and the mistakes people make, one row each.

A wrong rule is not a copy of back-propagation with an error in it, but a row that replaces one of the three things
that can be got wrong (`bpstep.engine.rule`), and says in words what it does:

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

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.costs import COSTS
from bpstep.engine.edge import HANDED_ON, STATISTIC, Edge
from bpstep.engine.graph import Graph
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rule import Mistake, Refusal, Rule, Sofar
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import Array, ExpressionSpec, NetworkSpec, Operation, TrainingSpec

__all__ = ["CORRECT", "RULES"]


# --- the local derivatives of wrong rules, and how they read -----------------------------------------


def _at_output(edge: Edge, graph: Graph) -> bool:
    return any(other.role == "cost" for other in graph.consumers[edge.head.id])


def _as_if_one(edge: Edge, sofar: Sofar) -> Array:
    """f′ = 1; of softmax, the identity matrix."""
    return edge.diagonal(np.ones_like(sofar.values[edge.head.id]))


def _one(edge: Edge, right: str, own: bool) -> str:
    return "1" if own else "0"


def _logistic(edge: Edge, sofar: Sofar) -> Array:
    """y(1 − y); of softmax, its own diagonal and nothing beside it."""
    y = sofar.values[edge.head.id]
    return edge.diagonal(y * (1.0 - y))


def _logistic_text(edge: Edge, right: str, own: bool) -> str:
    return "{y} * (1 - {y})" if own else "0"


def _is_function(edge: Edge, graph: Graph) -> bool:
    return edge.function is not None


def _at_y(edge: Edge, sofar: Sofar) -> Array:
    """f′ taken at y: what comes of feeding outputs to a function that wants net inputs."""
    assert edge.function is not None, "the mistake is made at functions only"
    y = sofar.values[edge.head.id]
    return edge.function.partials[0](edge.function.value(y), y)


def _at_y_text(edge: Edge, right: str, own: bool) -> str:
    assert edge.function is not None, "the mistake is made at functions only"
    again = edge.function.text.replace("{a}", "{y}")
    return edge.function.partial_texts[0].replace("{y}", again).replace("{a}", "{y}")


def _other_sign(edge: Edge, sofar: Sofar) -> Array:
    return 0.0 - edge.local(sofar.values)


def _weights_learn(edge: Edge, graph: Graph) -> bool:
    return edge.weights not in graph.frozen


def _updated(edge: Edge, sofar: Sofar) -> Array:
    """The weights that a delta goes back through are already the updated ones: w - lr * d(w)."""
    assert edge.weights is not None
    gradient = sofar.d[edge.weights.id]
    assert gradient is not None, "weights gather before what a delta goes back to"
    values = list(sofar.values)
    values[edge.weights.id] = values[edge.weights.id] - sofar.rate * gradient
    return edge.local(values)


def _is_square(edge: Edge, graph: Graph) -> bool:
    return edge.is_square


def _transposed(edge: Edge, sofar: Sofar) -> Array:
    return edge.turned(sofar.values)


def _turned_weight(edge: Edge, i: int, j: int) -> tuple[str, int, int]:
    return "{w}", *edge.turned_pair(i, j)


def _couples(edge: Edge, graph: Graph) -> bool:
    return edge.couples


def _marked(mark: str) -> Callable[[Edge, Graph], bool]:
    return lambda edge, graph: mark in edge.marks


def _to_all(edge: Edge, sofar: Sofar) -> Array:
    return np.ones_like(edge.local(sofar.values))


def _zero(edge: Edge, right: str, own: bool) -> str:
    return "0"


def _no_factor(edge: Edge, i: int, j: int) -> tuple[str, int, int]:
    return "0", i, j


def _nothing(edge: Edge, sofar: Sofar) -> Array:
    return np.zeros_like(edge.local(sofar.values))


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


def _needs(what: str, has: Callable[[Problem], bool]) -> Refusal:
    return lambda problem, training: "" if has(problem) else what


def _some(of: Callable[[Operation], bool]) -> Callable[[Problem], bool]:
    """Whether some operation of a program is such."""
    return lambda problem: isinstance(problem, ExpressionSpec) and any(map(of, problem.operations))


_needs_loop = _needs(
    "it needs a for, one pass of which hands something to the next", _some(lambda one: bool(one.handed_on))
)
_needs_normalisation = _needs("it needs batch_norm or layer_norm", _some(lambda one: one.is_statistic))
_needs_maximum = _needs(
    "it needs max over cells, or max_pool", _some(lambda one: one.function in ("largest", "max-pool"))
)


def _needs_softmax(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, NetworkSpec):
        return "" if any(layer.activation == SOFTMAX for layer in problem.layers) else "it needs a softmax"
    return "" if any(one.function == "softmax" for one in problem.operations) else "it needs a softmax"


def _needs_square_factor(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, ExpressionSpec) and any(map(problem.has_square_factor, problem.operations)):
        return ""
    return "it needs a square matrix W in W @ x"


def _needs_cost(problem: Problem, training: TrainingSpec) -> str:
    if isinstance(problem, NetworkSpec) or any(one.function in COSTS for one in problem.operations):
        return ""
    return "it is about the derivative of a cost"


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
    Rule(
        "no-derivative", "f′ is left out everywhere (taken as 1)",
        Mistake("activation", _as_if_one, text=_one),
    ),
    Rule(
        "output-derivative-missing", "f′ is left out at the output layer only",
        Mistake("activation", _as_if_one, _at_output, _one), refuses=_needs_network,
    ),
    Rule(
        "derivative-of-output", "f′ is taken at the output y instead of the net input e",
        Mistake("activation", _at_y, _is_function, _at_y_text), refuses=_needs_no_softmax,
    ),
    Rule(
        "logistic-everywhere", "y(1 − y) is used for every activation",
        Mistake("activation", _logistic, text=_logistic_text), refuses=_needs_network,
    ),
    Rule("overwrite", "the last contribution replaces the sum (= for +=)", overwrites=True),
    Rule(
        "swapped-sign", "the cost derivative is t − y, and the update still subtracts",
        Mistake("cost", _other_sign, text=lambda edge, right, own: f"-({right})"), refuses=_needs_cost,
    ),
    Rule(
        "early-update", "deltas are passed back through weights that are already updated",
        Mistake("weights", _updated, _weights_learn, weight=lambda edge, i, j: ("{w} - {lr} * {g}", i, j)),
        refuses=_needs_plain_descent,
    ),
    Rule(
        "wrong-weights", "the delta is passed back through the weights transposed",
        Mistake("weights", _transposed, _is_square, weight=_turned_weight),
        refuses=_needs_square_weights,
    ),
    Rule("bias-forgotten", "bias gradients stay 0", Mistake("bias", _nothing), refuses=_needs_biases),
    Rule(
        "truncated", "through what one pass of a for hands to the next no derivative goes back",
        Mistake(None, _nothing, _marked(HANDED_ON), _zero, _no_factor), refuses=_needs_loop,
    ),
    Rule(
        "constant-statistics", "mean and variance of a normalisation are taken for constants",
        Mistake(None, _nothing, _marked(STATISTIC), _zero, _no_factor), refuses=_needs_normalisation,
    ),
    Rule(
        "softmax-diagonal", "of the softmax Jacobian only the diagonal is used",
        Mistake("activation", _logistic, _couples, lambda edge, right, own: right if own else "0"),
        refuses=_needs_softmax,
    ),
    Rule(
        "max-to-all", "the derivative goes to every cell that a maximum was chosen from",
        Mistake("choice", _to_all, text=lambda edge, right, own: "1"), refuses=_needs_maximum,
    ),
    Rule(
        "transpose-forgotten", "back through W @ x goes W instead of its transpose",
        Mistake("factor", _transposed, _is_square, weight=_turned_weight), refuses=_needs_square_factor,
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {row.name: row for row in _ROWS}
