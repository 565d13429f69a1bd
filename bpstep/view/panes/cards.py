"""The cards of the network diagram: a neuron, with its four numbers and its f′.

    ╭─ o1 ──────── t 0.01 ─╮     name · target
    │e  1.106  ▶ y  0.7514 │     values go right
    │δ +0.1385 ◀ ∂y+0.7414 │     derivatives go left
    ╰─ f′ +0.1868 ─────────╯     f′ · how much of the sum has arrived

Values run to the right in the upper row, derivatives to the left in the lower one; the factor between δ and ∂y
stands in the frame below them.  Neurons that are no card are a single line; inputs are a name over a value.
"""

from __future__ import annotations

from functools import lru_cache, partial

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.view.drawing.naming import told_apart
from bpstep.view.drawing.numbers import MARKS, shortest
from bpstep.view.panes.columns import Column, Slot
from bpstep.view.panes.pen import Patch, Pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import state_of
from bpstep.view.symbols.formula import kind_of

__all__ = ["is_current", "names_in_cards", "patch_of"]


def patch_of(column: Column, slot: Slot) -> Patch:
    """One neuron, in the form that its slot gives it."""
    draw, rows, spare = _FORMS[slot.form]
    name, shown = ("neuron", column.layer, slot.index), _cells_shown(slot.form, slot.name)
    drawn = partial(draw, column=column, slot=slot)
    return Patch(name, (slot.form,), column.x, slot.row, column.width + spare, rows, shown, drawn)


@lru_cache(maxsize=4096)
def _cells_shown(form: str, name: str) -> tuple[Cell, ...]:
    """What a neuron shows in each form."""
    net, output = cells.e(name), cells.y(name)
    if form == "source":
        return (output,)
    if form == "line":
        return output, cells.d(net), cells.d(output)
    more = cells.dot(net), cells.dot(output), cells.t(name), cells.local(output, net)
    return (net, output, cells.d(net), cells.d(output), *more)


def is_current(pen: Pen, column: Column, slot: Slot) -> bool:
    """Whether this step is a neuron's."""
    when = pen.step.when if pen.step is not None else None
    return when is not None and when.node == slot.name and (when.layer == column.name or when.layer == "cost")


def _card(pen: Pen, column: Column, slot: Slot) -> None:
    canvas, g, name = pen.canvas, pen.geometry, slot.name
    width, current = column.width, is_current(pen, column, slot)
    canvas.link(0, 0, width, 4, f"info {cells.y(name)}")
    canvas.box(0, 0, width, 4, pen.active if current else "edge", heavy=current)
    canvas.put(2, 0, f" {told_apart(name, column.names, width - 14)} ", "strong")
    target = _target(pen, name, width - min(len(name), width - 14) - 8)
    if target:
        canvas.put(width - len(target) - 4, 0, f" {target} ", "dim")
    for y, names, pair in ((1, *_values(pen, name)), (2, *_derivatives(pen, name))):
        _number(pen, 1, y, names[0], pair[0], g.middle, edge=0)
        arrow = "▶" if y == 1 or pen.frame.setup.wrt is not None else "◀"
        of_arrow = pair[1] if arrow == "▶" else pair[0]
        canvas.put(g.middle, y, arrow, kind_of(of_arrow) if pen.reading(of_arrow).is_set else "dim")
        _number(pen, g.right_half, y, f"{names[1]:<2}", pair[1], width - 1, edge=width - 1)
    _bottom(pen, column, slot)


_Names = tuple[str, str]
_Pair = tuple[Cell, Cell]


def _values(pen: Pen, neuron: str) -> tuple[_Names, _Pair]:
    """The upper row of a card: net input and output."""
    return (pen.symbols.net, pen.symbols.notation.output), (cells.e(neuron), cells.y(neuron))


def _derivatives(pen: Pen, neuron: str) -> tuple[_Names, _Pair]:
    """The lower row: the derivatives by them; in forward mode their tangents, which run beside the values."""
    s, net, output = pen.symbols, cells.e(neuron), cells.y(neuron)
    by_output = f"∂{s.notation.output}"
    if pen.frame.setup.wrt is not None:
        return (f"∂{s.net}", by_output), (cells.dot(net), cells.dot(output))
    return (s.notation.delta, by_output), (cells.d(net), cells.d(output))


def names_in_cards(frame: Frame) -> tuple[str, str]:
    """What stands before the numbers in the left half of the cards."""
    s = frame.symbols
    return s.net, s.notation.delta if frame.setup.wrt is None else f"∂{s.net}"


def _number(pen: Pen, x: int, row: int, name: str, cell: Cell, end: int, edge: int) -> None:
    """A name and its number, which ends before ``end``: the digits in their column, or one earlier where they need
    it.  A learner's mark that would cost the number a digit stands in the ``edge`` of the card."""
    room = end - x - len(name)
    shown, mark = pen.aside(cell, room)
    pen.canvas.put(edge, row, mark, pen.mark_role(cell))
    pen.canvas.put(x, row, name, kind_of(cell) if pen.reading(cell).is_set else "dim")
    pen.canvas.link(x, row, len(name) + room, 1, f"why {cell}")
    blank = len(name) == 1 and pen.geometry.wide and len(shown.text) < room
    pen.canvas.put(x + len(name) + blank, row, *shown)


def _bottom(pen: Pen, column: Column, slot: Slot) -> None:
    """f′, and the count of whatever is being summed."""
    row, name = 3, slot.name
    end, count = column.width - 2, _count(pen, name)
    if count:
        text, role = count
        end -= len(text) + 2
        pen.canvas.put(end, row, f" {text} ", role)
    slope = cells.local(cells.y(name), cells.e(name))
    head = f" {pen.symbols.prime} "
    room = end - (2 + len(head))
    if pen.frame.index.find(slope) is None or _coupled(pen, column):
        return
    shown = pen.run(slope, min(room, 8 + pen.geometry.extra))
    number = shown.text.strip()
    if len(number) <= room:
        at = pen.canvas.put(2, row, head, "deriv" if pen.reading(slope).is_set else "dim")
        at = pen.canvas.put(at, row, number, shown.role)
        pen.canvas.put(at, row, " " if at < end else "", "")


def _coupled(pen: Pen, column: Column) -> bool:
    problem = pen.frame.setup.problem
    return (
        isinstance(problem, NetworkSpec)
        and column.layer >= 0
        and problem.layers[column.layer].activation == "softmax"
    )


def _count(pen: Pen, name: str) -> tuple[str, str] | None:
    """``k of n``: bold while it grows, dim when all have arrived."""
    sums = (cells.d(cells.e(name)), cells.d(cells.y(name)), cells.e(name))
    for cell in sums if pen.phase != "forward" else sums[2:]:
        reading = pen.reading(cell)
        if reading.part is not None and reading.part[1] > 1 and reading.part[0] > 0:
            k, n = reading.part
            if cell.kind == "e" and k == n and pen.part(cell) != "written":
                return None
            return f"{k} of {n}", f"{kind_of(cell)}-read" if k < n else "dim"
    return None


def _target(pen: Pen, name: str, room: int) -> str:
    """The target of an output neuron, as written in the file, with the mark of a learner's own; where there is no room
    for that, rounded."""
    reading = pen.frame.read(cells.t(name))
    if reading is None or reading.value is None:
        return ""
    letter, written = pen.symbols.notation.target, shortest(reading.value)
    mark = MARKS.get(state_of(pen.frame.yours.of(reading)), "")
    if len(letter) + 1 + len(written) + len(mark) > room:
        written = pen.numbers.bare(reading.value)
    return f"{letter} {written}{mark}"


def _line(pen: Pen, column: Column, slot: Slot) -> None:
    """A neuron on one line: as much as fits the column."""
    canvas, name = pen.canvas, slot.name
    role = "strong" if is_current(pen, column, slot) else "text"
    width = column.width
    if width < 16:
        canvas.put(0, 0, told_apart(name, column.names, 5), role)
        shown = pen.run(cells.y(name), width)
        canvas.put(
            min(5, len(name)) + 1,
            0,
            shown.text.strip() if shown.text.startswith(" ") else shown.text,
            shown.role,
        )
        return
    at = canvas.put(int(len(name) < 4), 0, f"{told_apart(name, column.names, 5):<4} ", role)
    at -= len(name) < 4
    at = _pair(pen, at, pen.symbols.notation.output, cells.y(name), width)
    behind = cells.d(cells.e(name)) if pen.reading(cells.d(cells.e(name))).is_set else cells.d(cells.y(name))
    letter = pen.symbols.notation.delta if behind.of == cells.e(name) else f"∂{pen.symbols.notation.output}"
    _pair(pen, at + 1, letter, behind, width)


def _pair(pen: Pen, x: int, letter: str, cell: Cell, end: int) -> int:
    at = pen.canvas.put(x, 0, letter, kind_of(cell) if pen.reading(cell).is_set else "dim")
    shown = pen.run(cell, min(8, end - at))
    return max(pen.canvas.put(at, 0, *shown), at + 7)


def _source(pen: Pen, column: Column, slot: Slot) -> None:
    """A name over its value: an input, or a neuron of a layer that only sends."""
    pen.canvas.put(0, 0, told_apart(slot.name, column.names, column.width), "strong")
    cell = cells.y(slot.name)
    shown, mark = pen.aside(cell, column.width + 1)  # a blank for the sign is not written
    if not shown.text.startswith(" "):
        shown, mark = pen.aside(cell, column.width)
    text = shown.text.removeprefix(" ")
    pen.canvas.put(0, 1, text, shown.role)
    pen.canvas.put(len(text), 1, " " * (column.width - len(text)), "")
    pen.canvas.put(len(text), 1, mark, pen.mark_role(cell))


#: What draws each form, its rows, and the columns that a long number may take beside it.
_FORMS = {"card": (_card, 4, 0), "line": (_line, 1, 8), "source": (_source, 2, 1)}
