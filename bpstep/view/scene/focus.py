"""Which operation over arrays a step belongs to, and which of its cells meet there.

A step of a program over arrays reads two or three cells and writes one.  What is seen of it is the operation as a
whole, so the pane that draws it asks where in which arrays these cells stand:

    v1[2] += U[2,1] * x1[1]         the operation v1 = U @ x1; cell 2 of its head, term 1
    d(U[2,1]) += d(v1[2]) * x1[1]   the same operation, on the way back over its edge to U
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bpstep.engine.arrays import Meeting
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.index import Spot
from bpstep.engine.operation import Operation
from bpstep.engine.steps import Step
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import whole

__all__ = ["Focus", "focus_of", "has_arrays"]


@dataclass(frozen=True, eq=False)
class Focus:
    """The operation of a step: ``i`` is the cell of its head, ``term`` what it adds there.

    Going back, ``edge`` leads to the ``tail`` whose cell ``j`` gathers; it is None going forward.
    """

    operation: Operation
    i: int
    term: int = 0
    edge: Edge | None = None
    j: int = 0

    @cached_property
    def meeting(self) -> Meeting:
        """Which cells meet in the operation; of single numbers, those."""
        if self.operation.met is not None:
            return self.operation.met
        sources = tuple(whole(edge.tail) for edge in self.operation.edges)
        return Meeting(sources, lambda: tuple(np.zeros((1, 1), dtype=np.intp) for _ in sources))

    @property
    def source(self) -> int:
        """Which operand the edge leads back to."""
        assert self.edge is not None, "going forward there is no edge"
        return self.operation.edges.index(self.edge) if self.edge.met is None else self.edge.met

    @property
    def number(self) -> int:
        """The number that the cell of the tail has in this operand."""
        assert self.edge is not None, "going forward there is no edge"
        return self.number_in(self.source, self.edge.tail, self.j)

    def number_in(self, source: int, vector: Vector, j: int) -> int:
        """The number that a cell of a variable has in an operand that is taken from it."""
        numbers, places = self.meeting.sources[source].taken_from(vector)
        found = numbers[places == j]
        return int(found[0]) if len(found) else 0


def has_arrays(frame: Frame) -> bool:
    """Whether this is a program over arrays."""
    return bool(frame.index.arrays)


def focus_of(frame: Frame, step: Step) -> Focus | Vector | None:
    """What a step is about: an operation; of an update, the parameter; None where it is about neither."""
    graph = frame.setup.graph
    spot = frame.index.find(step.cell)
    if spot is None or spot.vector is None:
        return None
    if step.when.phase == "update":
        return spot.at
    if step.op == "local":
        return _back(graph, spot, spot.contributions.start, spot.i)
    if step.op == "contribute" and step.upstream is not None:
        head = frame.index.find(step.upstream.cell.owner)
        if head is None or head.vector is None:
            return None
        nth = step.part[0] - 1 if step.part is not None else 0
        found = _back(graph, spot, nth % max(1, graph.uses_of(spot.at, spot.j)), head.j)
        return found if found is not None and found.operation.head is head.at else None
    operation = graph.producer(spot.at)
    if operation is None:
        return None
    nth = step.part[0] - 1 if step.op == "term" and step.part is not None else 0
    return Focus(operation, spot.j, operation.term(spot.j, nth))


def _back(graph: Graph, spot: Spot, nth: int, i: int) -> Focus | None:
    """The way back to a cell over its ``nth`` use."""
    if nth >= graph.uses_of(spot.at, spot.j):
        return None
    edge = graph.use(spot.at, spot.j, nth).edge
    operation = graph.producer(edge.head)
    return None if operation is None else Focus(operation, i, 0, edge, spot.j)
