"""From the name of a cell to the place where its number is kept.

Faces speak in cells; a pass keeps arrays.  An `Index` is the phone book between them: `find` gives the
`Spot` of a cell (which vector, which row), and `writes` the steps that write it.  Three local derivatives
have no steps and no arrays of their own, because they are another cell under another name:

    d(e[o1], y[h1]) is w[h1->o1]        d(e[h1], w[i1->h1]) is y[i1]        d(e[h1], b[h1]) is 1
"""

from __future__ import annotations

from dataclasses import dataclass

from bpstep.engine import cells
from bpstep.engine.cells import CLOCK_KINDS, Cell
from bpstep.engine.graph import Edge, Pointwise, Through, ToBias, ToWeights, Vector
from bpstep.engine.passes import Setup
from bpstep.engine.schedule import BatchSchedule, Writes

__all__ = ["Index", "Spot"]


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a number is kept.

    ``kind`` is one of ``value`` (computed for each sample), ``given`` (an input or a target),
    ``parameter``, ``gradient``, ``local``, ``loss``, ``state`` (of the optimizer), ``setting`` (of the
    optimizer, called ``name``, or ``t``), ``clock``, ``one`` (the constant 1) and ``step`` (what the last step
    says of itself).  ``contributions`` are those of a local derivative: more than one, next to each other, where
    an operation uses the same variable twice.
    ``place`` is which of the optimizer's states it is.  Forward mode has ``tangent``, ``loss-tangent`` and
    ``zero`` (the tangent of what the seed does not reach); its ``local`` spots know their ``edges`` and ``head``.
    """

    kind: str
    vector: Vector | None = None
    row: int = 0
    column: int = 0
    contributions: range = range(0)
    place: int = 0
    edges: tuple[Edge, ...] = ()
    head: Vector | None = None
    head_row: int = 0
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
        self.rows: dict[tuple[str, str], tuple[Vector, int]] = {}
        for vector in graph.vectors:
            if vector.kind != "cost":
                for row, name in enumerate(vector.names):
                    self.rows[vector.kind, name] = vector, row
        self.columns = {
            vector.id: {name: k for k, name in enumerate(vector.columns)}
            for vector in graph.vectors
            if vector.kind == "w"
        }
        self.gathered = {vector.id for vector in graph.gathered} | {graph.root.id}
        if setup.wrt is not None:
            self.gathered = set()
        self.given = {vector.id for vector in graph.given}
        self.parameters = {vector.id for vector in graph.parameters}
        self.settings = {cell: name for name, cell in setup.setting_cells.items()}

    def find(self, cell: Cell) -> Spot | None:
        """Where a cell's number is kept; None if this run has no such cell."""
        if cell.kind in CLOCK_KINDS:
            return Spot("clock")
        if cell.kind == "setting":
            return Spot("setting", name=self.settings[cell]) if cell in self.settings else None
        if cell.kind in ("value", "was", "part"):
            return Spot("step")
        if cell.kind == "loss":
            return Spot("loss", self.graph.root) if self.setup.is_network else None
        if cell.kind == "dot" and isinstance(cell.of, Cell):
            return self._tangent(cell.of)
        if cell.kind in ("d", "m", "v", "local") and isinstance(cell.of, Cell):
            if cell.kind == "d":
                return self._gradient(cell.of)
            if cell.kind == "local":
                assert isinstance(cell.by, Cell)
                return self._local(cell.of, cell.by, cell.place)
            return self._state(cell.kind, cell.of)
        return self._value(cell)

    def _value(self, cell: Cell) -> Spot | None:
        if cell == cells.COST:
            return Spot("value", self.graph.root) if self.setup.is_network else None
        found = self.rows.get((cell.kind, str(cell.by if cell.kind == "w" else cell.of)))
        if found is None:
            return None
        vector, row = found
        column = 0
        if cell.kind == "w":
            place = self.columns[vector.id].get(str(cell.of))
            if place is None:
                return None
            column = place
        kind = (
            "given" if vector.id in self.given else "parameter" if vector.id in self.parameters else "value"
        )
        return Spot(kind, vector, row, column)

    def _tangent(self, of: Cell) -> Spot | None:
        if self.setup.wrt is None:
            return None
        if of == cells.LOSS:
            return Spot("loss-tangent", self.graph.root) if self.setup.is_network else None
        spot = self._value(of)
        if spot is None or spot.at.kind == "t":
            return None
        reached = self.setup.reached[spot.at.id]
        hears = bool(reached[(spot.row, spot.column) if spot.at.kind == "w" else spot.row])
        return Spot("tangent" if hears else "zero", spot.at, spot.row, spot.column)

    def _gradient(self, of: Cell) -> Spot | None:
        if of == cells.LOSS:
            return _ONE if self.setup.is_network and self.setup.wrt is None else None
        spot = self._value(of)
        if spot is None or spot.at.id not in self.gathered:
            return None
        return Spot("gradient", spot.at, spot.row, spot.column)

    def _state(self, name: str, of: Cell) -> Spot | None:
        spot = self._value(of)
        names = self.setup.optimizer.states
        if spot is None or spot.kind != "parameter" or name not in names or spot.at in self.graph.frozen:
            return None
        return Spot("state", spot.at, spot.row, spot.column, place=names.index(name))

    def _local(self, of: Cell, by: Cell, place: int) -> Spot | None:
        head, tail = self._value(of), self._value(by)
        if head is None or tail is None:
            return None
        found: list[int] = []
        edges: list[Edge] = []
        first = 0
        for edge in self.graph.consumers[tail.at.id]:
            own = edge.place if isinstance(edge, Pointwise) else 0
            if edge.head is head.at and place in (0, own):
                if isinstance(edge, Through):
                    return self._value(cells.w(str(by.of), str(of.of)))
                if isinstance(edge, ToWeights):
                    return self._value(cells.y(str(by.of))) if tail.row == head.row else None
                if isinstance(edge, ToBias):
                    return _ONE if tail.row == head.row else None
                found += [first + k for k in range(edge.width) if edge.head_row(k, tail.row) == head.row]
                edges.append(edge)
            first += edge.width
        if not found:
            return None
        spot = Spot(
            "local", tail.at, tail.row, contributions=range(found[0], found[-1] + 1),
            edges=tuple(edges), head=head.at, head_row=head.row,
        )  # fmt: skip
        if self.setup.wrt is not None:
            return spot if self.setup.reached[tail.at.id][tail.row] else None
        return spot if tail.at.id in self.gathered else None

    def writes(self, plan: BatchSchedule, spot: Spot) -> Writes:
        """The steps of a batch that write a cell."""
        if spot.kind == "value":
            return plan.value_writes(spot.at, spot.row)
        if spot.kind == "gradient":
            return plan.gradient_writes(spot.at, spot.row, spot.column)
        if spot.kind == "loss":
            own = plan.loss_writes()
            return own if own.each else plan.value_writes(spot.at, 0)
        if spot.kind == "tangent":
            if spot.at is self.setup.seed[0] and (spot.row, spot.column) == self.setup.seed[1:]:
                return plan.start_writes(spot.at, spot.row)
            return plan.tangent_writes(spot.at, spot.row)
        if spot.kind == "loss-tangent":
            return plan.loss_tangent_writes()
        if spot.kind == "local" and spot.head is not None and self.setup.wrt is not None:
            return plan.forward_local_writes(spot.edges, spot.head, spot.head_row, spot.row)
        if spot.kind == "local":
            return plan.local_writes(spot.at, spot.row, spot.contributions)
        if spot.kind == "parameter":
            return plan.learn_writes(spot.at, spot.row, spot.column, len(self.setup.optimizer.states))
        if spot.kind == "state":
            return plan.learn_writes(spot.at, spot.row, spot.column, spot.place)
        return Writes()
