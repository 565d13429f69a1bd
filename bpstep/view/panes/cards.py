"""The cards of the network diagram: a neuron, with its four numbers and its f′.

    ╭─ o1 ──────── t 0.01 ─╮     name · target
    │e  1.106  ▶ y  0.7514 │     values go right
    │δ +0.1385 ◀ ∂y+0.7414 │     derivatives go left
    ╰─ f′ +0.1868 ─────────╯     f′ · how much of the sum has arrived

Values run to the right in the upper row, derivatives to the left in the lower one; the factor between δ and ∂y
stands in the frame below them.  Neurons that are no card are a single line; inputs are a name over a value.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from bpstep.debugger.moment import Reading
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.layout import number_run
from bpstep.view.drawing.naming import told_apart
from bpstep.view.drawing.numbers import MARKS, NumberFormat, shortest
from bpstep.view.drawing.roles import Part, active_edge
from bpstep.view.panes.columns import Column, Geometry, Slot
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.twin import Beside
from bpstep.view.scene.yours import state_of
from bpstep.view.symbols.formula import Symbols, kind_of

__all__ = ["Patch", "Pen", "draw_slot", "names_in_cards", "short_number"]


class Patch(NamedTuple):
    """A part of a picture that shows ``cells`` and depends on them and on ``what`` alone: its name and its size."""

    name: tuple[object, ...]
    what: tuple[object, ...]
    width: int
    height: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Pen:
    """Draws the numbers of a session in their roles: written, read, known or not yet."""

    frame: Frame
    canvas: Canvas
    geometry: Geometry

    @cached_property
    def step(self) -> Step | None:
        """The step that was done last; while its next is asked for, that one."""
        if self.asked is not None:
            upcoming = self.frame.upcoming
            if upcoming is not None and upcoming.cell == self.asked:
                return upcoming
        return self.frame.step

    @cached_property
    def asked(self) -> Cell | None:
        """The cell that is asked for, and not shown."""
        return self.frame.asked

    @cached_property
    def symbols(self) -> Symbols:
        """The letters of the notation."""
        return self.frame.symbols

    @cached_property
    def numbers(self) -> NumberFormat:
        """How numbers are written."""
        return self.frame.numbers

    @cached_property
    def beside(self) -> Beside:
        """The run that this one is compared with."""
        return self.frame.beside

    @cached_property
    def reads(self) -> frozenset[Cell]:
        """The cells that this step reads."""
        step = self.step
        if step is None or self.asked is not None:
            return frozenset()
        more = [f.cell for f in (step.upstream, step.local) if f is not None]
        return frozenset([*(f.cell for f in step.inputs), *more])

    @property
    def phase(self) -> str:
        """The phase of this step; forward at the start."""
        return self.step.when.phase if self.step is not None else "forward"

    @property
    def active(self) -> str:
        """The role of the heavy strokes of this step."""
        return active_edge(self.phase)

    @cached_property
    def parts(self) -> dict[Cell, Part]:
        """The parts of the cells that play one in this step: it reads some, and writes one."""
        if self.asked is not None:
            return {self.asked: "written"}
        parts: dict[Cell, Part] = dict.fromkeys(self.reads, "read")
        return parts if self.step is None else {**parts, self.step.cell: "written"}

    def part(self, cell: Cell) -> Part:
        """The part that a cell plays in this step."""
        return self.parts.get(cell, "known")

    def reading(self, cell: Cell) -> Reading:
        """What stands in a cell; unset where this run has no such cell."""
        return self.frame.read(cell) or Reading(cell, None, "unset")

    def state(self, cell: Cell) -> str:
        """The state of a cell as it is shown: whether a learner has its number, too, is one."""
        reading = self.reading(cell)
        return state_of(self.frame.yours.of(reading), reading.state)

    def patch(self, x: int, y: int, patch: Patch, draw: Callable[[Pen], None]) -> None:
        """Draw a part of the picture, with a pen whose canvas is that part; where all that it depends on is as in the
        frame before, it is there already."""

        def drawn() -> Canvas:
            canvas = Canvas(patch.width, patch.height)
            draw(self.on(canvas))
            return canvas

        seen = patch, self.seen(patch.cells)
        self.canvas.blit(x, y, self.frame.drawing(patch.name, seen, drawn))

    def seen(self, cells: tuple[Cell, ...]) -> tuple[object, ...]:
        """All that can be seen in a picture of some cells."""
        found: tuple[object, ...] = self.frame.read_all(cells)
        if self.frame.twins is not None or self.frame.marks is not None:
            yours = self.frame.yours
            found += tuple([(self.beside.spoils(cell), yours.of(self.reading(cell))) for cell in cells])
        return found, tuple(map(self.parts.get, cells)), self._around

    @cached_property
    def _around(self) -> tuple[object, ...]:
        """What can be seen in every part of the picture."""
        return self.phase, self.asked is None, self.geometry, bool(self.frame.yours)

    def on(self, canvas: Canvas) -> Pen:
        """The same pen on another canvas; what it has looked up holds there, too."""
        twin = copy(self)
        object.__setattr__(twin, "canvas", canvas)
        return twin

    def aside(self, cell: Cell, width: int) -> tuple[Run, str]:
        """The number of a cell in at most ``width`` columns, and the mark of a learner's own where it would cost the
        number a digit: then it is to stand beside it."""
        shown, bare = self.run(cell, width), self.run(cell, width, marked=False)
        mark = MARKS[self.state(cell)] if shown.text != bare.text else ""
        if not mark or shown.text == bare.text + mark:
            return shown, ""
        return Run(bare.text, shown.role), mark

    def mark_role(self, cell: Cell) -> str:
        """The role of a mark that stands beside a number."""
        return "alarm" if self.state(cell) == "disagrees" else "dim"

    def run(self, cell: Cell, width: int, *, marked: bool = True) -> Run:
        """The number of a cell, in at most ``width`` columns, perhaps without the mark of a learner's own number; of
        the one that is asked for what it starts from."""
        reading = self.reading(cell)
        if cell == self.asked:
            before = reading.value
            text = (
                " " if before is None else short_number(before, kind_of(cell), width - 1, self.numbers.digits)
            )
            return Run(f"{text}?", f"{kind_of(cell)}-chip")
        # In a card the count in the frame stands for the mark of a partial sum.
        state = "final" if reading.state == "partial" else self.state(cell) if marked else reading.state
        shown = number_run(self.numbers, kind_of(cell), reading.value, state, part=self.part(cell))
        if self.beside.spoils(cell) and self.part(cell) == "known":
            shown = Run(shown.text, "alarm")
        if len(shown.text) <= width or reading.value is None:
            return shown
        return Run(short_number(reading.value, kind_of(cell), width, self.numbers.digits, state), shown.role)


def short_number(value: float, kind: str, width: int, digits: int, state: str = "final") -> str:
    """A number with its sign column in at most ``width`` columns: digits go; sign, exponent and mark stay."""
    for fewer in range(digits, 1, -1):
        text = NumberFormat(fewer).show(kind, value, state)
        if len(text) <= width:
            return text
    return NumberFormat(2).packed(kind, value, state, width)


def draw_slot(pen: Pen, column: Column, slot: Slot) -> None:
    """Draw one neuron in the form that its slot gives it, where it does not look as before."""
    shown = _cells_shown(slot.form, slot.name)
    draw, rows, spare = _FORMS[slot.form]
    what = slot.form, slot.name, _is_current(pen, column, slot)
    patch = Patch(("neuron", column.layer, slot.index), what, column.width + spare, rows, shown)
    pen.patch(column.x, slot.row, patch, lambda pen: draw(pen, replace(column, x=0), replace(slot, row=0)))


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


def _is_current(pen: Pen, column: Column, slot: Slot) -> bool:
    when = pen.step.when if pen.step is not None else None
    return when is not None and when.node == slot.name and (when.layer == column.name or when.layer == "cost")


def _card(pen: Pen, column: Column, slot: Slot) -> None:
    canvas, g, name = pen.canvas, pen.geometry, slot.name
    x, row, width = column.x, slot.row, column.width
    current = _is_current(pen, column, slot)
    canvas.link(x, row, width, 4, f"info {cells.y(name)}")
    canvas.box(x, row, width, 4, pen.active if current else "edge", heavy=current)
    canvas.put(x + 2, row, f" {told_apart(name, column.names, width - 14)} ", "strong")
    target = _target(pen, name, width - min(len(name), width - 14) - 8)
    if target:
        canvas.put(x + width - len(target) - 4, row, f" {target} ", "dim")
    for y, names, pair in ((row + 1, *_values(pen, name)), (row + 2, *_derivatives(pen, name))):
        _number(pen, x + 1, y, names[0], pair[0], x + g.middle, edge=x)
        arrow = "▶" if y == row + 1 or pen.frame.setup.wrt is not None else "◀"
        of_arrow = pair[1] if arrow == "▶" else pair[0]
        canvas.put(x + g.middle, y, arrow, kind_of(of_arrow) if pen.reading(of_arrow).is_set else "dim")
        _number(pen, x + g.right_half, y, f"{names[1]:<2}", pair[1], x + width - 1, edge=x + width - 1)
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
    x, row, width, name = column.x, slot.row + 3, column.width, slot.name
    end, count = x + width - 2, _count(pen, name)
    if count:
        text, role = count
        end -= len(text) + 2
        pen.canvas.put(end, row, f" {text} ", role)
    slope = cells.local(cells.y(name), cells.e(name))
    head = f" {pen.symbols.prime} "
    room = end - (x + 2 + len(head))
    if pen.frame.index.find(slope) is None or _coupled(pen, column):
        return
    shown = pen.run(slope, min(room, 8 + pen.geometry.extra))
    number = shown.text.strip()
    if len(number) <= room:
        at = pen.canvas.put(x + 2, row, head, "deriv" if pen.reading(slope).is_set else "dim")
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
            if cell.kind == "e" and reading.state == "final" and pen.part(cell) != "written":
                return None
            k, n = reading.part
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
    canvas, name, row = pen.canvas, slot.name, slot.row
    role = "strong" if _is_current(pen, column, slot) else "text"
    width = column.width
    if width < 16:
        canvas.put(column.x, row, told_apart(name, column.names, 5), role)
        shown = pen.run(cells.y(name), width)
        canvas.put(
            column.x + min(5, len(name)) + 1,
            row,
            shown.text.strip() if shown.text.startswith(" ") else shown.text,
            shown.role,
        )
        return
    at = canvas.put(column.x + (len(name) < 4), row, f"{told_apart(name, column.names, 5):<4} ", role)
    at -= len(name) < 4
    end = column.x + width
    at = _pair(pen, at, row, pen.symbols.notation.output, cells.y(name), end)
    behind = cells.d(cells.e(name)) if pen.reading(cells.d(cells.e(name))).is_set else cells.d(cells.y(name))
    letter = pen.symbols.notation.delta if behind.of == cells.e(name) else f"∂{pen.symbols.notation.output}"
    _pair(pen, at + 1, row, letter, behind, end)


def _pair(pen: Pen, x: int, row: int, letter: str, cell: Cell, end: int) -> int:
    at = pen.canvas.put(x, row, letter, kind_of(cell) if pen.reading(cell).is_set else "dim")
    shown = pen.run(cell, min(8, end - at))
    return max(pen.canvas.put(at, row, *shown), at + 7)


def _source(pen: Pen, column: Column, slot: Slot) -> None:
    """A name over its value: an input, or a neuron of a layer that only sends."""
    pen.canvas.put(column.x, slot.row, told_apart(slot.name, column.names, column.width), "strong")
    cell = cells.y(slot.name)
    shown, mark = pen.aside(cell, column.width + 1)  # a blank for the sign is not written
    if not shown.text.startswith(" "):
        shown, mark = pen.aside(cell, column.width)
    text = shown.text.removeprefix(" ")
    pen.canvas.put(column.x, slot.row + 1, text, shown.role)
    pen.canvas.put(column.x + len(text), slot.row + 1, " " * (column.width - len(text)), "")
    pen.canvas.put(column.x + len(text), slot.row + 1, mark, pen.mark_role(cell))


#: What draws each form, its rows, and the columns that a long number may take beside it.
_FORMS = {"card": (_card, 4, 0), "line": (_line, 1, 8), "source": (_source, 2, 1)}
