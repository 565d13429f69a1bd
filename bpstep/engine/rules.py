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

from collections.abc import Callable, Sequence

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.costs import COSTS
from bpstep.engine.graph import HANDED_ON, STATISTIC, Edge, Graph
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import Array, ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from bpstep.engine.sums import ordered_sum, running_sum
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["CORRECT", "RULES", "Mistake", "Rule", "Sofar"]


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


_Refusal = Callable[[Problem, TrainingSpec], str]


def _accept(problem: Problem, training: TrainingSpec) -> str:
    return ""


def _everywhere(edge: Edge, graph: Graph) -> bool:
    return True


@dataclass(frozen=True)
class Mistake:
    """A local derivative that is taken wrongly.

    ``role`` is that of the edges where it is (`Edge.role`; None: all), and ``where`` says which of them.
    ``local`` gives what is taken.  How it reads: ``text`` from that of the right one (``own`` is whether the two
    cells have the same number, which of softmax they need not), and where another cell stands for it ``weight``: a
    text over ``{w} {lr} {g}``, and the cells between which that cell is.
    """

    role: str | None
    local: Callable[[Edge, Sofar], Array]
    where: Callable[[Edge, Graph], bool] = _everywhere
    text: Callable[[Edge, str, bool], str] = lambda edge, right, own: right
    weight: Callable[[Edge, int, int], tuple[str, int, int]] = lambda edge, i, j: ("{w}", i, j)

    def is_at(self, edge: Edge, graph: Graph) -> bool:
        """Whether it is made at an edge."""
        return self.role in (None, edge.role) and self.where(edge, graph)


@dataclass(frozen=True)
class Rule:
    """A way to back-propagate: the right one, but for the parts that its fields replace.

    ``mistake`` is a local derivative that is taken wrongly.
    ``upstream_is_output``: the upstream of a hidden contribution is d(y[k]), not d(e[k]).
    ``overwrites``: the last contribution replaces the sum.
    ``refuses(problem, training)`` is the reason why the rule does not apply, or "".
    """

    name: str
    says: str
    mistake: Mistake | None = None
    upstream_is_output: bool = False
    overwrites: bool = False
    refuses: _Refusal = _accept

    def _errs_at(self, edge: Edge, graph: Graph) -> Mistake | None:
        return self.mistake if self.mistake is not None and self.mistake.is_at(edge, graph) else None

    def local_of(self, edge: Edge, sofar: Sofar) -> Array:
        """The local derivatives to use for ``edge``."""
        mistake = self._errs_at(edge, sofar.graph)
        return edge.local(sofar.values) if mistake is None else mistake.local(edge, sofar)

    def slope_text(self, edge: Edge, graph: Graph, right: str, own: bool) -> str:
        """How a local derivative reads; ``right`` is the text of the right one."""
        mistake = self._errs_at(edge, graph)
        return right if mistake is None else mistake.text(edge, right, own)

    def weight_text(self, edge: Edge, graph: Graph, i: int, j: int) -> tuple[str, int, int]:
        """What stands in the place of a weight, or of another factor, between two cells: a text over ``{w} {lr} {g}``,
        and the cells that w is between."""
        mistake = self._errs_at(edge, graph)
        return ("{w}", i, j) if mistake is None else mistake.weight(edge, i, j)

    def upstream_of(self, edge: Edge, sofar: Sofar) -> Array:
        """The upstream derivatives to use for ``edge``: (samples, cells of the head)."""
        found = sofar.derivative(self.upstream_vector(edge, sofar.graph).id)
        return found if edge.head.per_sample else found[np.newaxis]

    def upstream_vector(self, edge: Edge, graph: Graph) -> Vector:
        """The vector whose derivative is the upstream of ``edge``."""
        if self.upstream_is_output and edge.role == "weights":
            return graph.consumers[edge.head.id][0].head  # the outputs that belong to these net inputs
        return edge.head

    def gather(self, products: Array) -> Array:
        """What becomes of contributions that lie along the first axis."""
        return products[-1].copy() if self.overwrites else ordered_sum(products)

    def gather_in_turn(self, products: Sequence[Array]) -> Array:
        """The same of contributions that are arrays of their own."""
        if self.overwrites:
            return products[-1].copy()
        total = products[0].copy()
        for product in products[1:]:
            total += product
        return total

    def gathering(self, products: Array) -> Array:
        """The same, seen growing: what stands there after each contribution."""
        return products if self.overwrites else running_sum(products)


# --- the local derivatives of wrong rules, and how they read -----------------------------------------


def _at_output(edge: Edge, graph: Graph) -> bool:
    return any(other.role == "cost" for other in graph.consumers[edge.head.id])


def _as_if_one(edge: Edge, sofar: Sofar) -> Array:
    """f′ = 1; of softmax, the identity matrix."""
    return edge.diagonal(np.ones_like(sofar.values[edge.head.id]))


def _one_everywhere(edge: Edge, right: str, own: bool) -> str:
    return "1"


def _one(edge: Edge, right: str, own: bool) -> str:
    return "1" if own else "0"


def _logistic(edge: Edge, sofar: Sofar) -> Array:
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
    values = list(sofar.values)
    values[edge.weights.id] = values[edge.weights.id] - sofar.rate * sofar.derivative(edge.weights.id)
    return edge.local(values)


def _is_square(edge: Edge, graph: Graph) -> bool:
    return edge.is_square


def _transposed(edge: Edge, sofar: Sofar) -> Array:
    return edge.turned(sofar.values)


def _turned_weight(edge: Edge, i: int, j: int) -> tuple[str, int, int]:
    return "{w}", *edge.turned_pair(i, j)


def _cut(edge: Edge, sofar: Sofar) -> Array:
    return np.zeros_like(edge.local(sofar.values))


def _diagonal(edge: Edge, sofar: Sofar) -> Array:
    y = sofar.values[edge.head.id]
    return edge.diagonal(y * (1.0 - y))


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
    return np.zeros_like(sofar.values[edge.head.id])


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


def _needs(what: str, has: Callable[[Problem], bool]) -> _Refusal:
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
        Mistake(None, _cut, _marked(HANDED_ON), _zero, _no_factor), refuses=_needs_loop,
    ),
    Rule(
        "constant-statistics", "mean and variance of a normalisation are taken for constants",
        Mistake(None, _cut, _marked(STATISTIC), _zero, _no_factor), refuses=_needs_normalisation,
    ),
    Rule(
        "softmax-diagonal", "of the softmax Jacobian only the diagonal is used",
        Mistake("activation", _diagonal, _couples, lambda edge, right, own: right if own else "0"),
        refuses=_needs_softmax,
    ),
    Rule(
        "max-to-all", "the derivative goes to every cell that a maximum was chosen from",
        Mistake("choice", _to_all, text=_one_everywhere), refuses=_needs_maximum,
    ),
    Rule(
        "transpose-forgotten", "back through W @ x goes W instead of its transpose",
        Mistake("factor", _transposed, _is_square, weight=_turned_weight), refuses=_needs_square_factor,
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {row.name: row for row in _ROWS}
