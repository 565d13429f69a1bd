"""What every picture of an operation over arrays is made of: a title, and arrays that meet.

The title says the equation, and the shapes: ``v1 = U @ x1   (3×2)·(2×1) → (3×1)``.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.arrays import Source
from bpstep.lazily import dataclass
from bpstep.view.panes.abreast import Abreast
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.falk import Product
from bpstep.view.panes.pen import Pen
from bpstep.view.scene.planes import Of, Plane, Span, itself

__all__ = ["Picture", "Title", "block_of", "plane_of", "seen_forward", "set_off"]


@dataclass(frozen=True)
class Title:
    """The equation of a step, the shapes of the arrays in it, and what else is said where there is room."""

    equation: str
    shapes: str
    more: str = ""


@dataclass(frozen=True)
class Picture:
    """An operation as it is drawn: as a product of matrices, or as arrays beside each other."""

    title: Title
    arrays: Product | Abreast


def block_of(name: str, plane: Plane, of: Of, at: tuple[int, int], used: Span | None) -> Block:
    """What a plane holds, the values themselves or what is ``of`` them, as an array that is drawn."""
    return Block(name, plane.rows, plane.columns, lambda r, c: of(plane.cell(r, c)), at, used)


def set_off(plane: Plane, n: int, of: Of, name: str = "") -> Block:
    """The same, with its cell ``n`` alone set off; it is called as the plane is, if nothing else is said."""
    row, column = plane.place(n)
    return block_of(name or plane.name, plane, of, (row, column), (row, row, column, column))


def plane_of(pen: Pen, source: Source, n: int = 0) -> Plane:
    """The last two axes of an array, where its cell ``n`` lies; one axis is a column or, as a learner may have it, a
    row."""
    plane = Plane.of(source, n)
    return plane.turned if pen.frame.options.layout == "rows" and len(source.shape) == 1 else plane


def seen_forward(pen: Pen) -> Of:
    """Which cell of a variable is seen going forward: its value; its tangent, in a step that adds to one."""
    step = pen.step
    return cells.dot if step is not None and step.op == "tangent" else itself
