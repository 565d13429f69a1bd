"""The pen that every picture of a run is drawn with: the number of a cell in its role, and parts that are drawn once.

A part of a picture (a `Patch`) that shows the same cells as in the frame before is not drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import NamedTuple

from bpstep.debugger.moment import Reading
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.layout import number_role, number_run
from bpstep.view.drawing.numbers import MARKS, NumberFormat
from bpstep.view.drawing.roles import Part, active_edge
from bpstep.view.panes.columns import Geometry
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.twin import Twin
from bpstep.view.scene.yours import state_of
from bpstep.view.symbols.formula import Symbols, kind_of

__all__ = ["Patch", "Pen", "short_number"]


class Patch(NamedTuple):
    """A part of a picture that shows ``cells`` and depends on them and on ``what`` alone: its name, its place and its
    size, and what draws it with a pen whose canvas is that part."""

    name: tuple[object, ...]
    what: tuple[object, ...]
    x: int
    y: int
    width: int
    height: int
    cells: tuple[Cell, ...]
    draw: Callable[[Pen], None]


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
    def twin(self) -> Twin:
        """The run that this one is compared with."""
        return self.frame.twin

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

    def patch(self, patch: Patch, *, lit: bool = False) -> None:
        """Draw a part of the picture, which may look unlike others at this step (``lit``), whatever it shows; where all
        that it depends on is as in the frame before, it is there already."""

        def drawn() -> Canvas:
            canvas = Canvas(patch.width, patch.height)
            patch.draw(self.on(canvas))
            return canvas

        size = patch.width, patch.height
        seen = patch.what, size, lit, patch.cells, self.seen_of(patch.cells), self.around
        self.canvas.blit(patch.x, patch.y, self.frame.drawing(patch.name, seen, drawn))

    def seen_of(self, cells: tuple[Cell, ...]) -> tuple[Sequence[object], ...]:
        """All that can be seen of each of some cells: one sequence, as long as ``cells``, for each sort of fact."""
        found: tuple[Sequence[object], ...] = self.frame.read_all(cells), tuple(map(self.parts.get, cells))
        if self.frame.twins is not None or self.frame.marks is not None:
            yours = self.frame.yours
            found += (tuple([(self.twin.spoils(cell), yours.of(self.reading(cell))) for cell in cells]),)
        return found

    @cached_property
    def around(self) -> tuple[object, ...]:
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

    def role(self, cell: Cell) -> str:
        """The role of a number, whatever stands for it."""
        reading = self.reading(cell)
        state = "final" if reading.state == "partial" else self.state(cell)
        if self.twin.spoils(cell) and self.part(cell) == "known":
            return "alarm"
        return number_role(kind_of(cell), reading.value, state, self.part(cell))

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
        if self.twin.spoils(cell) and self.part(cell) == "known":
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
