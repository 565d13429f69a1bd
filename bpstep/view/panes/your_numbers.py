"""The table of a learner's own numbers: every one of them beside the right one, in the order in which a pass has them.

It is a window around the number of this step, as the other tables are; what a step does not write has the window stay
at the last number that one did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.engine.cells import Cell
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import number_run
from bpstep.view.drawing.roles import Part
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import state_of, your_run
from bpstep.view.symbols.formula import Symbols, kind_of

if TYPE_CHECKING:
    from bpstep.comparison.marked import Marks
    from bpstep.comparison.sheet import Place

__all__ = ["count", "draw"]

#: So many steps back it is looked for one that writes a number of the learner's.
_LOOK_BACK = 40

#: Where the columns begin: the right number, the learner's, what one is of the other.
_NAME, _RIGHT, _YOURS, _RATIO = 2, 27, 39, 52


def count(frame: Frame) -> int:
    """The number of rows."""
    return 0 if frame.marks is None else len(frame.marks.places)


def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Draw the heads and, from the table's row ``first`` on or around this step's, what there is room for."""
    marks = frame.marks
    if marks is None:
        return
    for x, head in ((_NAME, "cell"), (_RIGHT + 1, "right"), (_YOURS + 1, "yours"), (_RATIO, "yours / right")):
        canvas.put(x, top, head, "dim")
    rows = canvas.height - top - 1
    if first is None:
        at = _row_of_step(frame, marks)
        first = min(max(0, at - rows // 2), max(0, len(marks.places) - rows))
    for y, place in enumerate(marks.places[first : first + rows], top + 1):
        _row(frame, canvas, y, marks, place)


def _row(frame: Frame, canvas: Canvas, y: int, marks: Marks, place: Place) -> None:
    mark, (cell, sample) = marks.at(place), marks.cell_at(place)
    assert mark is not None, "these are the places of a learner's numbers"
    numbers, kind = frame.numbers, kind_of(cell)
    step = frame.step
    here = step is not None and step.cell == cell and sample in (0, step.when.sample)
    name = _name(frame.symbols, cell, sample)
    canvas.put(_NAME, y, frame.symbols.fitted(name, _RIGHT - _NAME - 1), "strong" if here else "text")
    part: Part = "written" if here else "known"
    canvas.put(_RIGHT, y, *number_run(numbers, kind, mark.right, state_of(mark), part=part))
    canvas.put(_YOURS, y, *your_run(mark, kind, numbers))
    ratio = mark.ratio
    if not mark.agrees and ratio is not None:
        canvas.put(_RATIO, y, f"{ratio:.4g}".replace("-", "−"), "alarm")


def _name(symbols: Symbols, cell: Cell, sample: int) -> str:
    return f"{symbols(cell)} · sample {sample}" if sample else symbols(cell)


def _row_of_step(frame: Frame, marks: Marks) -> int:
    """The row of the number that a step writes; of the last one before it that writes any, where it writes none."""
    for number in range(frame.position, max(0, frame.position - _LOOK_BACK), -1):
        at = frame.run.place(number)
        place = marks.place_of(frame.step_at(number).cell, at.batch, at.sample)
        if place is not None and place in marks.rows:
            return marks.rows[place]
    return 0
