"""One frame: what a screen shows at one moment, looked up once for all of its panes.

A key moves the cursor and makes one frame; the panes draw from it and ask nobody else.  The step, what comes then, the
letters of the notation, the format of numbers and the run that this one is compared with are the same objects for all
of them, and what two panes need is worked out by whichever comes first (`once`).

Where a pane needs many steps (the program, a ledger) they come from one memo (`Steps`), which the next frame of the
same run takes over: so a key describes the few steps that were not in sight before, on a screen of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bpstep.debugger.moment import Moment, Reading
from bpstep.debugger.options import Options
from bpstep.debugger.session import Session
from bpstep.engine.cells import CLOCK_KINDS, Cell
from bpstep.engine.index import Index
from bpstep.engine.rule import Rule
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass
from bpstep.scenario.model import Note
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.scene.memo import Steps
from bpstep.view.scene.twin import Twin
from bpstep.view.scene.yours import Yours
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of

if TYPE_CHECKING:
    from bpstep.comparison.marked import Marks

__all__ = ["Frame", "array_of"]

T = TypeVar("T")

#: So many drawings are handed on from frame to frame.
_MOST_DRAWN = 2_000

#: Over so few steps the readings of cells are taken along; to describe more steps costs what it saves.
_FEW = 4
#: The kinds of cells that tell of the moment itself.
_OF_THE_MOMENT = frozenset((*CLOCK_KINDS, "value", "was", "part"))
#: Stands for what nobody has read; None is read where the run has no such cell.
_UNREAD = object()


def array_of(cell: Cell) -> str:
    """The name of the array that a cell, its derivative or its tangent belongs to."""
    while isinstance(cell.of, Cell):
        cell = cell.of
    return cell.of.partition("[")[0]


@dataclass(frozen=True, eq=False)
class Frame:
    """A session as it stands now: ``step`` was done last, ``upcoming`` comes then.

    ``steps`` are those of its run; ``twins`` those of the run that it is compared with, whose rule is the ``other``;
    ``marks`` are what a learner has for its numbers.
    ``drawn`` keeps what was drawn of single steps, under keys that say all that it depends on besides the runs, the
    structure and the options; ``readings`` is what stands in cells, ``counts`` how many cells of an array (of its
    derivative: by the kind of the cells, and its name) are written.
    """

    session: Session
    moment: Moment
    options: Options
    steps: Steps
    other: Rule | None
    twins: Steps | None
    marks: Marks | None = None
    drawn: dict[Hashable, Any] = field(default_factory=dict)
    readings: dict[Cell, Reading | None] = field(default_factory=dict)
    counts: dict[tuple[str, str], int | None] = field(default_factory=dict)
    _known: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, before: Frame | None = None) -> Frame:
        """The frame of this moment; what the frame ``before`` knew of the same run need not be looked up again."""
        moment, options = session.moment, session.options
        rule, twin = session.twin or (None, None)
        if before is None:
            twins = None if twin is None else Steps(twin)
            return cls(session, moment, options, Steps(moment.run), rule, twins, session.marks)
        steps = Steps.of(moment.run, before.steps)
        twins = None if twin is None else Steps.of(twin, before.twins)
        readings, counts = before.left_by(moment)
        made = cls(
            session, moment, options, steps, rule, twins, session.marks, readings=readings, counts=counts
        )
        return replace(made, drawn=before.drawn) if made.looks_like(before) else made

    def looks_like(self, before: Frame) -> bool:
        """Whether what was drawn of single steps in a frame before still holds."""
        runs = self.steps is before.steps and self.twins is before.twins
        setup = self.setup is before.setup and self.options == before.options
        looks = setup and self.symbols is before.symbols and self.marks is before.marks
        return runs and looks and len(before.drawn) < _MOST_DRAWN

    def left_by(self, later: Moment) -> tuple[dict[Cell, Reading | None], dict[tuple[str, str], int | None]]:
        """What is known of cells, and of arrays, at another moment of the same sample: no step between the two has
        written them."""
        first, last = sorted((self.position, later.position))
        here, there = self.moment.place, later.place
        is_same = later.run is self.run and (here.batch, here.sample) == (there.batch, there.sample)
        if not is_same or self.run.edits or last - first > _FEW or last > self.run.known:
            return {}, {}
        left, counts = self.readings.copy(), self.counts.copy()
        for number in range(first + 1, last + 1):
            cell = self.steps[number].cell
            left.pop(cell, None)
            counts.pop((cell.kind, array_of(cell)), None)
        return left, counts

    def once(self, work: Callable[..., T], *arguments: Hashable) -> T:
        """``work(frame, *arguments)``, worked out by the first pane that asks for it."""
        key = (work, *arguments)
        if key not in self._known:
            self._known[key] = work(self, *arguments)
        found: T = self._known[key]
        return found

    def drawing(self, name: Hashable, seen: object, draw: Callable[[], T]) -> T:
        """What stands under a name: as it was drawn before, where all that is ``seen`` in it is the same, or drawn now.
        The last two are kept: who draws in two sizes by turns finds both."""
        last = self.drawn.get(name)
        if last is None or last[0] != seen:
            before = last and last[2]
            if before is not None and before[0] == seen:
                last = before
            else:
                last = self.drawn[name] = seen, draw(), last and last[:2]
        found: T = last[1]
        return found

    # --- steps ----------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The number of steps done."""
        return self.moment.position

    @cached_property
    def length(self) -> int:
        """The number of steps of the whole run."""
        return self.moment.run.length

    def step_at(self, number: int) -> Step:
        """The step with this number, from 1."""
        return self.steps[number]

    @cached_property
    def step(self) -> Step | None:
        """The step that was done last; None at the start."""
        return self.steps[self.position] if self.position else None

    @cached_property
    def upcoming(self) -> Step | None:
        """The step that comes next; None at the end."""
        return self.steps[self.position + 1] if self.position < self.length else None

    def hides(self, step: Step) -> bool:
        """Whether a step lies ahead of an open question."""
        return step.number > self.run.known

    # --- cells and structure --------------------------------------------------------------------------

    @cached_property
    def run(self) -> Run:
        """The run, as far as it may be seen."""
        return self.moment.run

    @cached_property
    def setup(self) -> Setup:
        """The structure of this moment's batch: cost, activations, optimizer, rule."""
        return self.moment.setup

    @cached_property
    def index(self) -> Index:
        """The cells of this moment's batch, by name."""
        return self.moment.index

    def read(self, cell: Cell) -> Reading | None:
        """What stands in a cell; None if this run has no such cell."""
        found = self.readings.get(cell, _UNREAD)
        if found is _UNREAD:
            found = self.moment.read(cell)
            if cell.kind not in _OF_THE_MOMENT:  # that one is not left to the next frame
                self.readings[cell] = found
        return cast("Reading | None", found)

    def value(self, cell: Cell) -> float | None:
        """The number in a cell; None where it is unset or unknown."""
        reading = self.read(cell)
        return None if reading is None else reading.value

    def read_all(self, cells: tuple[Cell, ...]) -> tuple[Reading | None, ...]:
        """What stands in each of some cells."""
        known = self.readings
        try:
            return tuple(map(known.__getitem__, cells))
        except KeyError:  # some are asked for the first time, or were written by this step
            return tuple([known[cell] if cell in known else self.read(cell) for cell in cells])

    @cached_property
    def asked(self) -> Cell | None:
        """The cell that is asked for, and shown as ? until it is answered."""
        return self.session.asked

    @cached_property
    def note(self) -> Note | None:
        """The author's note to this moment, if there is one and it may be read."""
        return self.session.note_behind(self.step)

    @property
    def conceals(self) -> bool:
        """Whether the rule of the run is a secret, which nothing may tell."""
        return self.session.conceals

    # --- words ----------------------------------------------------------------------------------------

    @cached_property
    def symbols(self) -> Symbols:
        """The letters of the notation."""
        return symbols_of(self.session)

    @cached_property
    def numbers(self) -> NumberFormat:
        """How numbers are written."""
        return NumberFormat(self.options.digits)

    @cached_property
    def twin(self) -> Twin:
        """The run that this one is compared with."""
        return Twin(self.moment, self.steps, self.other, self.twins)

    @cached_property
    def yours(self) -> Yours:
        """A learner's own numbers, beside those of the run."""
        return Yours(self.moment, self.marks)
