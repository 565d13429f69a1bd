"""A step of an operation over arrays, as sentences need it: which operation, which cells, and how they are told.

A cell is told with its number, where it has one: ``U[2,1] = 0.2000``.  An operation is told with the shapes of its
arrays: ``v1 (3) = U (3×2) @ x1 (2)``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.arrays import Source
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.specs import Operation
from bpstep.engine.steps import Step
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.view.scene.focus import Focus, focus_of
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import name_of
from bpstep.view.scene.statements import dims_text, shape_text
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.equations import equation, gathering_sign, stated

__all__ = ["Met", "met_in"]


@dataclass(frozen=True, eq=False)
class Met:
    """A step, the operation that it belongs to, and where it is in it (`Focus`)."""

    frame: Frame
    step: Step
    focus: Focus
    spec: Operation

    # --- what it is about -----------------------------------------------------------------------------

    @property
    def head(self) -> Vector:
        """The array that the operation computes."""
        return self.focus.operation.head

    @property
    def result(self) -> Cell:
        """The cell of the head that the step is about."""
        return self.head.cell(self.focus.i)

    @property
    def edge(self) -> Edge:
        """The way back."""
        assert self.focus.edge is not None, "going forward there is no edge"
        return self.focus.edge

    @property
    def tail(self) -> Cell:
        """The cell to which the way back leads."""
        return self.edge.tail.cell(self.focus.j)

    @property
    def sources(self) -> Sequence[Source]:
        """The operands."""
        return self.focus.meeting.sources

    def source(self, place: int) -> Source:
        """An operand."""
        return self.sources[place]

    def cells_of(self, place: int) -> list[Cell]:
        """The cells of an operand that the cell of the head is computed from."""
        numbers = self.focus.meeting.index[place][self.focus.i]
        return [vector.cell(j) for vector, j in map(self.source(place).cell, numbers[numbers >= 0].tolist())]

    def times_read(self, place: int, number: int) -> int:
        """How many cells of the head read a cell of an operand."""
        return int(np.count_nonzero(self.focus.meeting.index[place] == number))

    # --- how it is told -------------------------------------------------------------------------------

    def name(self, cell: Cell) -> str:
        """A cell by its symbol."""
        return self.frame.symbols(cell)

    def value(self, cell: Cell) -> float | None:
        """The number of a cell; None where it has none, or none that may be seen."""
        return self.frame.value(cell)

    def told(self, cell: Cell, value: float | None = None) -> str:
        """A cell with its number, or with the one that the step has read of it."""
        value = self.value(cell) if value is None else value
        if value is None:
            return self.name(cell)
        return f"{self.name(cell)} = {self.frame.numbers.show(kind_of(cell), value).strip()}"

    @property
    def product(self) -> str:
        """What the step multiplies, each with its number."""
        return " times ".join(self.told(factor.cell, factor.value) for factor in self.step.inputs)

    def by(self, name: str) -> str:
        """The derivative of the root by an array."""
        return self.frame.symbols.derivative(name)

    @property
    def sign(self) -> str:
        """How what comes back is written into the tail."""
        return gathering_sign(self.frame, self.edge)

    @property
    def with_shapes(self) -> str:
        """The operation, each array with its shape behind it."""
        names = [self.with_shape(place) for place in range(len(self.sources))]
        return equation(self.spec, f"{self.head.layer} {shape_text(self.head)}".strip(), names)

    def with_shape(self, place: int) -> str:
        """An operand with its shape; of an array that stands in another one, with both."""
        source = self.source(place)
        name, vector, shape = name_of(source), source.vectors[0], dims_text(source.shape)
        if name == vector.layer and source.shape != vector.dims:
            return f"{name} {shape_text(vector)} as {shape}"
        return f"{name} {shape}".strip()


def met_in(frame: Frame, step: Step) -> Met | None:
    """The operation over arrays that a step belongs to; None where it is none that the program states."""
    focus = focus_of(frame, step)
    if not isinstance(focus, Focus):
        return None
    spec = stated(frame, focus.operation)
    return None if spec is None else Met(frame, step, focus, spec)
