"""From the name of a cell to the place where its number is kept.

Faces speak in cells; a pass keeps arrays.  An `Index` is the phone book between them: `find` gives the
`Spot` of a cell (which vector, and its number there), and `writes` the steps that write it.  Three local derivatives
have no steps and no arrays of their own, because they are another cell under another name:

    d(e[o1], y[h1]) is w[h1->o1]        d(e[h1], w[i1->h1]) is y[i1]        d(e[h1], b[h1]) is 1
"""

from __future__ import annotations

from bpstep.engine.cells import CLOCK_KINDS, Cell
from bpstep.engine.edge import Edge
from bpstep.engine.schedule import BatchSchedule, Writes
from bpstep.engine.setup import Setup
from bpstep.engine.specs import ExpressionSpec
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = ["Index", "Spot"]


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a number is kept.

    ``kind`` is one of ``value`` (computed for each sample, or of the loss for each batch), ``given`` (an input or a
    target), ``parameter``, ``gradient``, ``local``, ``state`` (of the optimizer), ``setting`` (of the optimizer,
    called ``name``, or ``t``), ``clock``, ``one`` (the constant 1) and ``step`` (what the last step says of itself).
    ``j`` is the cell's number in its vector.  ``contributions`` are those of a local derivative: more than one, next
    to each other, where an operation uses the same variable twice; it knows its ``edges`` and ``head``, and its
    number ``i`` there.  ``place`` is which of the optimizer's states it is.  Forward mode has ``tangent`` and ``zero``
    (the tangent of what the seed does not reach).
    """

    kind: str
    vector: Vector | None = None
    j: int = 0
    contributions: range = range(0)
    place: int = 0
    edges: tuple[Edge, ...] = ()
    head: Vector | None = None
    i: int = 0
    name: str = ""

    @property
    def at(self) -> Vector:
        """The vector, of a spot that has one."""
        assert self.vector is not None, f"a {self.kind} spot has no vector"
        return self.vector


_ONE = Spot("one")


class Index:
    """The cells of one setup, by name."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.graph = graph = setup.graph
        self.rows = {
            (vector.kind, name): (vector, row)
            for vector in graph.vectors
            for row, name in enumerate(vector.names)
        }
        self._columns = {
            vector.id: {name: k for k, name in enumerate(vector.columns)}
            for vector in graph.vectors
            if vector.columns
        }
        self.gathered = (
            {vector.id for vector in graph.gathered} | {graph.root.id} if setup.wrt is None else set()
        )
        self.given = {vector.id for vector in graph.given}
        problem = setup.problem
        #: The shapes of the variables that are arrays, and other names for cells of variables.
        self.arrays = {vector.layer: vector.dims for vector in graph.vectors if vector.dims}
        self.aliases = problem.aliases if isinstance(problem, ExpressionSpec) else {}
        self.settings = {cell: name for name, cell in setup.setting_cells.items()}

    def find(self, cell: Cell) -> Spot | None:
        """Where a cell's number is kept; None if this run has no such cell."""
        if cell.kind in CLOCK_KINDS:
            return Spot("clock")
        if cell.kind == "setting":
            return Spot("setting", name=self.settings[cell]) if cell in self.settings else None
        if cell.kind in ("value", "was", "part"):
            return Spot("step")
        if cell.kind == "dot" and isinstance(cell.of, Cell):
            return self._tangent(cell.of)
        if cell.kind == "d" and isinstance(cell.of, Cell):
            return self._gradient(cell.of)
        if cell.kind == "local" and isinstance(cell.of, Cell) and isinstance(cell.by, Cell):
            return self._local(cell.of, cell.by, cell.place)
        return self._state(cell.kind, cell.of) if isinstance(cell.of, Cell) else self._value(cell)

    def _value(self, cell: Cell) -> Spot | None:
        found = self.rows.get((cell.kind, str(cell.by or cell.of or cell.kind)))
        if found is None:
            return None
        vector, row = found
        column = self._columns[vector.id].get(str(cell.of)) if vector.columns else 0
        if column is None:
            return None
        kind = "given" if vector.id in self.given else "parameter" if vector.is_parameter else "value"
        return Spot(kind, vector, vector.number(row, column))

    def _tangent(self, of: Cell) -> Spot | None:
        spot = self._value(of) if self.setup.wrt is not None else None
        if spot is None or spot.at in self.graph.constants:
            return None
        hears = bool(self.setup.reached[spot.at.id][spot.j])
        return Spot("tangent" if hears else "zero", spot.at, spot.j)

    def _gradient(self, of: Cell) -> Spot | None:
        spot = self._value(of)
        if spot is None or self.setup.wrt is not None:
            return None
        if self.graph.loss is not None and spot.at is self.graph.loss.head:
            return _ONE
        return Spot("gradient", spot.at, spot.j) if spot.at.id in self.gathered else None

    def _state(self, name: str, of: Cell) -> Spot | None:
        spot = self._value(of)
        names = self.setup.optimizer.states
        if spot is None or spot.kind != "parameter" or name not in names or spot.at in self.graph.frozen:
            return None
        return Spot("state", spot.at, spot.j, place=names.index(name))

    def _local(self, of: Cell, by: Cell, place: int) -> Spot | None:
        head, tail = self._value(of), self._value(by)
        if head is None or tail is None:
            return None
        found: list[int] = []
        edges: list[Edge] = []
        for edge in self.graph.consumers[tail.at.id]:
            if edge.head is head.at and place in (0, edge.place):
                uses = edge.uses_between(head.j, tail.j)
                if uses and not edge.shown:
                    other = edge.stands_for(head.j, tail.j)
                    return _ONE if other is None else self._value(other[0].cell(other[1]))
                first = self.graph.uses_before(edge, tail.j)
                found += [first + nth for nth in uses]
                edges.append(edge)
        if not found:
            return None
        spot = Spot(
            "local", tail.at, tail.j, contributions=range(found[0], found[-1] + 1),
            edges=tuple(edges), head=head.at, i=head.j,
        )  # fmt: skip
        if self.setup.wrt is not None:
            return spot if self.setup.reached[tail.at.id][tail.j] else None
        return spot if tail.at.id in self.gathered else None

    def writes(self, plan: BatchSchedule, spot: Spot) -> Writes:
        """The steps of a batch that write a cell."""
        if spot.kind == "value":
            own = plan.value_writes(spot.at, spot.j)
            if not own.each and self.graph.loss is not None and spot.at is self.graph.loss.head:
                return plan.value_writes(self.graph.root, 0)  # of one sample, the loss is its cost
            return own
        if spot.kind == "gradient":
            return plan.gradient_writes(spot.at, spot.j)
        if spot.kind == "tangent":
            return plan.tangent_writes(spot.at, spot.j)
        if spot.kind == "local" and spot.head is not None and self.setup.wrt is not None:
            return plan.forward_local_writes(spot.edges, spot.head, spot.i, spot.j)
        if spot.kind == "local":
            return plan.local_writes(spot.at, spot.j, spot.contributions)
        if spot.kind == "parameter":
            return plan.learn_writes(spot.at, spot.j, len(self.setup.optimizer.states))
        if spot.kind == "state":
            return plan.learn_writes(spot.at, spot.j, spot.place)
        return Writes()
