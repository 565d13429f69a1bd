"""One batch, computed: the floats of a pass, without any order.

A pass takes the parameters as they stand and the samples of one batch, runs the operations forward,
the chain rule backward, and keeps every array it made.  There are no steps in it.  Which number was
"computed first" is the business of `bpstep.engine.schedule`; a step looks its number up here.

    forward     values[v]   for every vector v            (samples, cells)
    backward    d[v]        for every gathered vector v   the shape of v
                local[e]    for every edge e              see `bpstep.engine.graph`

Stepping and training call the same `compute` on the same shapes, so they get the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bpstep.engine import cells
from bpstep.engine.build import Problem, build
from bpstep.engine.cells import Cell
from bpstep.engine.chainrule import back_propagate
from bpstep.engine.graph import CostSum, Graph
from bpstep.engine.optimizers import OPTIMIZERS, Optimizer, settings_of
from bpstep.engine.rules import CORRECT, Rule
from bpstep.engine.specs import Array, NetworkSpec, TrainingSpec
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import Mask, Seed, Tangents, carry_forward, reached_from

if TYPE_CHECKING:
    from bpstep.engine.kept import Kept

__all__ = ["Pass", "Setup", "compute", "starting_values"]

#: For what is computed when somebody looks: no warnings, a number that is not finite is a number to look at.
_quiet = np.errstate(all="ignore")


@dataclass(frozen=True, eq=False)
class Setup:
    """All that decides which steps there are and how they are computed, but no numbers.

    A change of structure (another cost, activation, optimizer or rule) is another `Setup`.
    """

    problem: Problem
    training: TrainingSpec
    rule: Rule = CORRECT
    #: Forward mode: the cell that tangents are taken by.  None is reverse mode.
    wrt: Cell | None = None

    @cached_property
    def graph(self) -> Graph:
        """The compiled problem."""
        return build(self.problem)

    @cached_property
    def seed(self) -> Seed:
        """The place of ``wrt`` in the graph."""
        assert self.wrt is not None, "only forward mode has a seed"
        for vector in (*self.graph.given, *self.graph.parameters):
            for row in range(len(vector.names)):
                for column in range(max(1, len(vector.columns))):
                    if vector.cell(row, column) == self.wrt:
                        return vector, row, column
        raise KeyError(str(self.wrt))

    @cached_property
    def reached(self) -> list[Mask]:
        """Which cells hear of the seed of forward mode."""
        return reached_from(self.graph, self.seed)

    @property
    def updates(self) -> bool:
        """Whether the parameters are changed at all."""
        return self.training.learning_rate is not None and self.wrt is None

    @property
    def is_network(self) -> bool:
        """Whether the problem is a network (else it is an expression)."""
        return isinstance(self.problem, NetworkSpec)

    @property
    def optimizer(self) -> Optimizer:
        """The row of the optimizer."""
        return OPTIMIZERS[self.training.optimizer.name]

    @cached_property
    def settings(self) -> dict[str, float]:
        """The optimizer's settings, defaults filled in."""
        return settings_of(self.training.optimizer)

    @cached_property
    def setting_cells(self) -> dict[str, Cell]:
        """The cells of the optimizer's settings, and of ``t``, the number of the update.

        A name that is a variable of the expression is the variable's; the setting's has an underscore behind it.
        """
        taken = {name for vector in self.graph.vectors if vector.kind == "var" for name in vector.names}
        found: dict[str, Cell] = {}
        for setting in (*self.settings, "t") if self.optimizer.states else ():
            name = setting
            while name in taken:
                name += "_"
            found[setting] = cells.setting(name)
        return found

    def reduces(self, samples: int) -> bool:
        """Whether a batch of so many samples has `reduce` steps: a loss beside its costs."""
        return self.is_network and (samples > 1 or self.training.l2 > 0.0)

    def share(self, samples: int) -> float:
        """d(loss)/d(cost) of one sample of a batch: what `seed` writes."""
        return 1.0 / samples if self.training.reduction == "mean" else 1.0


@dataclass(frozen=True, eq=False)
class Pass:
    """The numbers of one batch.

    ``parameters`` is the flat array that it started from, ``rows`` the samples' places in the file.
    ``gradient`` is flat like the parameters.  ``kept`` is what was done before an edit, where there was one.
    """

    setup: Setup
    rate: float
    rows: tuple[int, ...]
    parameters: Array
    values: list[Array]
    d: list[Array | None]
    local: list[Array | None]
    gradient: Array
    kept: Kept | None = None
    tangents: Tangents | None = None

    @property
    def graph(self) -> Graph:
        """The graph that was computed."""
        return self.setup.graph

    @property
    def samples(self) -> int:
        """The number of samples in this batch."""
        return len(self.rows)

    def derivative(self, vector_id: int) -> Array:
        """d of a vector that is gathered."""
        found = self.d[vector_id]
        assert found is not None, "only gathered vectors have a derivative"
        return found

    def local_of(self, edge_id: int) -> Array:
        """The local derivatives that were used on an edge."""
        found = self.local[edge_id]
        assert found is not None, "only edges to gathered vectors have been walked"
        return found

    @cached_property
    @_quiet
    def cost_terms(self) -> Array:
        """What each output adds to the cost of each sample: (outputs, samples)."""
        operation = self.graph.operations[-1]
        assert isinstance(operation, CostSum)
        return np.ascontiguousarray(operation.terms(self.values).T)

    @cached_property
    @_quiet
    def cost_sums(self) -> Array:
        """The cost of each sample, seen growing: (outputs, samples)."""
        if self.kept is None:
            return running_sum(self.cost_terms)
        grown = [self.kept.cost_sums(self.cost_terms[:, sample], sample) for sample in range(self.samples)]
        return np.stack(grown, axis=1)

    @cached_property
    @_quiet
    def weights_squared(self) -> float:
        """The sum of w**2 over all weights, in file order."""
        weights = [self.values[v.id].ravel() for v in self.graph.parameters if v.kind == "w"]
        flat = np.concatenate(weights)
        return float(running_sum(flat * flat)[-1])

    @cached_property
    @_quiet
    def loss_terms(self) -> Array:
        """What the loss is made of: one entry a sample, and one for l2 where it applies."""
        cost = self.values[self.graph.root.id][:, 0]
        terms = cost / self.samples if self.setup.training.reduction == "mean" else cost
        if self.setup.training.l2 > 0.0:
            terms = np.append(terms, self.setup.training.l2 / 2.0 * self.weights_squared)
        return terms

    @cached_property
    @_quiet
    def loss_sums(self) -> Array:
        """The loss, seen growing."""
        return running_sum(self.loss_terms) if self.kept is None else self.kept.loss_sums(self.loss_terms)

    @cached_property
    @_quiet
    def loss_tangent_sums(self) -> Array:
        """dot(loss), seen growing: one entry a sample, and one for l2 where it hears of the seed."""
        assert self.tangents is not None
        dots = self.tangents.dot[self.graph.root.id][:, 0]
        terms = dots / self.samples if self.setup.training.reduction == "mean" else dots
        if not self.setup.reached[self.graph.root.id][0]:
            terms = terms[:0]
        vector, row, column = self.setup.seed
        if self.setup.training.l2 > 0.0 and vector.kind == "w":
            terms = np.append(terms, self.setup.training.l2 * self.values[vector.id][row, column])
        return running_sum(terms)

    @property
    def loss(self) -> float:
        """The loss of the batch; of a batch without `reduce` steps, the cost of its sample."""
        return float(self.loss_number)

    @property
    def loss_number(self) -> np.float64:
        """The same, as it stands in its array."""
        found: np.float64 = (
            self.loss_sums[-1]
            if self.setup.reduces(self.samples)
            else self.values[self.graph.root.id].ravel()[0]
        )
        return found


def compute(
    setup: Setup,
    rate: float,
    rows: tuple[int, ...],
    parameters: Array,
    given: list[Array],
    kept: Kept | None = None,
) -> Pass:
    """One batch: forward, and backward.

    ``given`` are the values of `Graph.given` for these rows, (samples, cells) each; ``rate`` is the
    learning rate.  What was done before an edit is in ``kept``, and stays.  Nothing here raises: a number
    that is not finite is a number to look at.
    """
    graph = setup.graph
    values = starting_values(graph, parameters, given)
    with np.errstate(all="ignore"):
        for operation in graph.operations:
            found = operation.value(values)
            values[operation.head.id] = found if kept is None else kept.value(operation, values, found)
        seed = np.full((len(rows), 1), setup.share(len(rows)))
        if setup.wrt is not None:
            tangents = carry_forward(graph, values, setup.seed, setup.reached, len(rows))
            none: list[Array | None] = [None] * len(graph.vectors)
            return Pass(
                setup, rate, rows, parameters, values, none, tangents.local, np.zeros_like(parameters),
                kept, tangents,
            )  # fmt: skip
        backward = back_propagate(graph, values, seed, setup.rule, rate, kept)
        _add_decay(setup, values, backward.d, kept)
    gradient = _flat_gradient(graph, backward.d)
    return Pass(setup, rate, rows, parameters, values, backward.d, backward.local, gradient, kept)


def starting_values(graph: Graph, parameters: Array, given: list[Array]) -> list[Array]:
    """The arrays before the first operation: what is given, and the parameters; else empty arrays."""
    nothing = np.empty((0, 0))
    values = [nothing] * len(graph.vectors)
    for vector, array in zip(graph.given, given, strict=True):
        values[vector.id] = array
    for vector, view in zip(graph.parameters, graph.views(parameters), strict=True):
        values[vector.id] = view
    return values


def _add_decay(setup: Setup, values: list[Array], d: list[Array | None], kept: Kept | None) -> None:
    """The last contribution to the gradient of every weight: d(l2/2 * sum of w**2)/dw = l2 * w."""
    if setup.training.l2 <= 0.0:
        return
    for vector in setup.graph.parameters:
        before = d[vector.id]
        if vector.kind == "w" and before is not None:
            decay = setup.training.l2 * values[vector.id]
            found = setup.rule.gather(np.stack([before, decay]))
            d[vector.id] = found if kept is None else kept.decayed(vector, found)


def _flat_gradient(graph: Graph, d: list[Array | None]) -> Array:
    parts = [array.ravel() for v in graph.parameters if (array := d[v.id]) is not None]
    return np.concatenate(parts) if parts else np.empty(0)
