"""A way to back-propagate: what the rows of `bpstep.engine.rules` are made of.

Three things can be got wrong in ``d(B) = sum of d(A) * dA/dB``: the upstream derivative d(A), the local derivative
dA/dB, and the sum.  A `Rule` replaces one of the three (of the right rule, none); where it is the local derivative, a
`Mistake` says at which edges, by what, and how that reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.specs import Array, TrainingSpec
from bpstep.engine.sums import ordered_sum, running_sum
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["Mistake", "Refusal", "Rule", "Sofar"]


@dataclass(frozen=True, eq=False)
class Sofar:
    """What a backward pass knows at a moment: the forward values, and the derivatives until now."""

    graph: Graph
    values: list[Array]
    d: list[Array | None]
    rate: float


#: Why a rule does not apply to a problem and its training; "" where it does.
Refusal = Callable[[Problem, TrainingSpec], str]


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
    refuses: Refusal = _accept

    @property
    def is_general(self) -> bool:
        """Whether it applies to whatever there is: then it says nothing of a problem in particular."""
        return self.refuses is _accept

    def _errs_at(self, edge: Edge, graph: Graph) -> Mistake | None:
        return self.mistake if self.mistake is not None and self.mistake.is_at(edge, graph) else None

    def local_of(self, edge: Edge, sofar: Sofar) -> Array:
        """The local derivatives to use for ``edge``."""
        mistake = self.mistake
        if mistake is None or not mistake.is_at(edge, sofar.graph):
            return edge.local(sofar.values)
        return mistake.local(edge, sofar)

    def slope_text(self, edge: Edge, graph: Graph, right: str, own: bool) -> str:
        """How a local derivative reads; ``right`` is the text of the right one."""
        mistake = self._errs_at(edge, graph)
        return right if mistake is None else mistake.text(edge, right, own)

    def weight_text(self, edge: Edge, graph: Graph, i: int, j: int) -> tuple[str, int, int]:
        """What stands in the place of a weight, or of another factor, between two cells: a text over ``{w} {lr} {g}``,
        and the cells that w is between."""
        mistake = self._errs_at(edge, graph)
        return ("{w}", i, j) if mistake is None else mistake.weight(edge, i, j)

    def upstream_of(self, edge: Edge, graph: Graph, d: Sequence[Array | None]) -> Array:
        """The upstream derivatives to use for ``edge``, of those by each vector: (samples or 1, cells of the head)."""
        found = d[self.upstream_vector(edge, graph).id]
        assert found is not None, "the backward pass reaches a consumer before what it consumes"
        return found if edge.head.per_sample else found[np.newaxis]

    def upstream_vector(self, edge: Edge, graph: Graph) -> Vector:
        """The vector whose derivative is the upstream of ``edge``."""
        if self.upstream_is_output and edge.role == "weights":
            return graph.consumers[edge.head.id][0].head  # the outputs that belong to these net inputs
        return edge.head

    def gather(self, products: Array) -> Array:
        """What becomes of contributions that lie along the first axis of an array that nobody else has."""
        if len(products) == 1:  # as of a weight that one sample uses: there is nothing to add up, nor to copy
            found: Array = products[0]
            return found
        return products[-1].copy() if self.overwrites else ordered_sum(products)

    def gather_in_turn(self, products: Iterable[Array]) -> Array:
        """The same of contributions that come one after the other, arrays that nobody else has."""
        arriving = iter(products)
        total = next(arriving)
        for product in arriving:
            total = product if self.overwrites else np.add(total, product, out=total)
        return total

    def running(self, products: Array) -> Array:
        """The same, seen growing: what stands there after each contribution."""
        return products if self.overwrites else running_sum(products)
