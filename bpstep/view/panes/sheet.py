"""A sheet on which arrays of cells are drawn: rows, columns and brackets, each entry the number of a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.numbers import group
from bpstep.view.panes.pen import Pen
from bpstep.view.symbols.formula import kind_of

__all__ = ["HEAD", "Sheet", "Window", "heading", "room", "slope", "sources_of"]

#: Columns of the names of rows.
HEAD = 8


@dataclass(frozen=True)
class Window:
    """The part of some names that is drawn: those from ``first`` on, ``count`` of them."""

    names: tuple[str, ...]
    first: int
    count: int

    @classmethod
    def around(cls, names: Sequence[str], name: str, room: int) -> Window:
        """As many as there is room for, ``name`` among them."""
        count = max(1, min(room, len(names)))
        at = names.index(name) if name in names else 0
        return cls(tuple(names), min(max(0, at - count // 2), len(names) - count), count)

    @property
    def shown(self) -> tuple[str, ...]:
        """The names that are drawn."""
        return self.names[self.first : self.first + self.count]

    @property
    def left_out(self) -> int:
        """How many are not."""
        return len(self.names) - self.count


@dataclass(frozen=True)
class Sheet:
    """What is drawn on: a pen, the row that comes next, and the columns of a number."""

    pen: Pen
    top: int

    @property
    def step(self) -> int:
        """From one column of numbers to the next."""
        return self.pen.numbers.card + 1

    def number(self, x: int, y: int, cell: Cell) -> None:
        """The number of a cell, if this run has the cell."""
        pen = self.pen
        if pen.frame.index.find(cell) is None:
            return
        shown = pen.run(cell, pen.numbers.card)
        reading = pen.reading(cell)
        if reading.state == "partial" and cell != pen.asked:  # a sum that is not complete bears its mark
            shown = shown._replace(
                text=pen.numbers.show(kind_of(cell), reading.value, "partial", pen.numbers.card)
            )
        pen.canvas.put(x, y, *shown)
        pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")

    def row(self, x: int, y: int, of: Callable[[str], Cell], names: Sequence[str]) -> None:
        """A row of numbers, one for each name."""
        for place, name in enumerate(names):
            self.number(x + place * self.step, y, of(name))

    def column(self, x: int, y: int, of: Callable[[str], Cell], names: Sequence[str]) -> None:
        """The same as a column."""
        for place, name in enumerate(names):
            self.number(x, y + place, of(name))

    def heads(self, x: int, y: int, window: Window) -> None:
        """The names above some columns."""
        for place, name in enumerate(window.shown):
            self.pen.canvas.put(
                x + place * self.step + 1, y, self.pen.symbols.fitted(name, self.step - 1), "dim"
            )

    def sides(self, y: int, window: Window) -> None:
        """The names beside some rows."""
        for place, name in enumerate(window.shown):
            self.pen.canvas.put(1, y + place, self.pen.symbols.fitted(name, HEAD - 2), "dim")

    def leave_out(self, rows: Window, columns: Window, below: int) -> None:
        """Say how much of a matrix is left out, in the row ``below`` it, where there is one."""
        parts = [
            f"{group(window.left_out)} more {what}{'' if window.left_out == 1 else 's'}"
            for window, what in ((rows, "row"), (columns, "column"))
            if window.left_out
        ]
        if parts:
            self.pen.canvas.put(1, below, f"… {' and '.join(parts)}", "dim")

    def brackets(self, x: int, y: int, columns: int, rows: int) -> None:
        """What holds an array together: a stroke at its left and at its right."""
        self.pen.canvas.brackets(x - 1, y, columns * self.step + 1, rows)


def heading(sheet: Sheet, equation: str, shapes: str, book: str = "") -> None:
    """The equation, its shapes, and its name in the book."""
    canvas = sheet.pen.canvas
    at = canvas.put(2, sheet.top, "in books  ", "dim")
    at = canvas.put(at, sheet.top, sheet.pen.symbols.glyphs.spell(equation), "strong")
    shapes = sheet.pen.symbols.glyphs.spell(shapes)
    if at + 4 + len(shapes) < canvas.width:
        at = canvas.put(at + 4, sheet.top, shapes, "dim")
    if book and at + 4 + len(book) < canvas.width:
        canvas.put(at + 4, sheet.top, book, "dim")


def room(sheet: Sheet, taken: int) -> tuple[int, int]:
    """For how many columns of a matrix there is room, if ``taken`` columns of numbers stand beside it; and the lines
    below the heading."""
    canvas = sheet.pen.canvas
    return (canvas.width - HEAD - 2) // sheet.step - taken, canvas.height - sheet.top - 1


def sources_of(sheet: Sheet, layer: LayerSpec) -> list[str]:
    """The names of what a layer's weights come from, in the order of their columns."""
    problem = sheet.pen.frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    neurons = {layer.name: layer.neurons for layer in problem.layers} | {INPUTS: problem.inputs}
    return [name for source in layer.sources for name in neurons[source]]


def slope(name: str) -> Cell:
    """f′ of a neuron."""
    return cells.local(cells.y(name), cells.e(name))
