"""A session: a run, a cursor in it, and the options of whoever looks.

Time is a number.  The cursor is the number of steps done, and every movement, forward or back, is an
assignment to it; nothing is replayed and nothing undone.  A session prints nothing and knows no screen:
its run is seen through a `Gate`, which keeps back what an open question asks for.  Commands are typed at a
`bpstep.debugger.console`.

    >>> from bpstep.scenario.loader import load
    >>> session = Session(load("mazur-2-2-2"))
    >>> session.position = 37
    >>> str(session.step.cell)
    'd(e[h1])'
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bpstep.debugger.branches import Branch, Undoable
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import Scope
from bpstep.debugger.gate import Gate
from bpstep.debugger.moment import Reading
from bpstep.debugger.notes import next_note, note_at
from bpstep.debugger.options import Options
from bpstep.debugger.progress import BETWEEN_REPORTS
from bpstep.debugger.stops import StopList
from bpstep.engine.cells import Cell
from bpstep.engine.edits import Edit
from bpstep.engine.index import Index
from bpstep.engine.progress import Listener
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.steps import Step
from bpstep.engine.timeline import Segment
from bpstep.scenario.model import Note, Scenario

if TYPE_CHECKING:
    from bpstep.comparison.marked import Marks
    from bpstep.comparison.report import Report

__all__ = ["Session"]

#: A number that a text states: three digits or more.
_STATED = re.compile(r"\d[\d.]{2,}")


class Session(Gate):
    """One learner, one run, one cursor."""

    def __init__(self, scenario: Scenario, *, rule: Rule = CORRECT, epochs: int | None = None) -> None:
        self.options = Options(notation=scenario.notation)
        self.tutor = None
        #: Who is told now and then how far long work is; it may raise, and then the session is as it was.
        self.listener: Listener | None = None
        self._reported = 0.0
        self._lifted = 0
        self.open(scenario, rule=rule, epochs=epochs)

    def open(self, scenario: Scenario, *, rule: Rule = CORRECT, epochs: int | None = None) -> None:
        """Begin anew with a scenario; the options stay."""
        self.scenario, self._rule, self._epochs = scenario, rule, epochs
        self.options_at_start = self.options
        self.restart()

    def stand_like(self, other: Session) -> None:
        """Open what another session has open, and stand where it stands."""
        self.open(other.scenario, rule=other._rule)
        self._position = other.position

    def restart(self) -> None:
        """Begin anew with this scenario, as it was when it was opened, options included; what was asked is not asked
        any more."""
        scenario = self.scenario
        edits = [_forward_by(scenario.wrt)] if scenario.wrt is not None else []
        self._run = Run(
            scenario.problem, scenario.training, rule=self._rule, epochs=self._epochs, edits=edits
        )
        self._veiled = {}
        self.stops = StopList()
        self.options = self.options_at_start
        #: The rule that every step is compared with (`diff`), if one is.
        self.compared_with: Rule | None = None
        #: What was held against the run last (`compare`): a learner's own numbers.
        self.held: Report | None = None
        self._marks: Marks | None = None
        self._twins: dict[tuple[Run, str], Run] = {}
        #: What `undo` takes back, the last first: the edits and the options before each `set`.
        self.undoable: list[Undoable] = []
        #: The name of this run, and the runs that are put aside.
        self.branch = "main"
        self.branches: dict[str, Branch] = {}
        #: The run as it was before the last change, where an epoch of it was trained: a curve to compare with.
        self.before: Run | None = None
        #: The neurons whose tails a learner has folded, in that order; and the cell whose paths they look at.
        self.folded: tuple[str, ...] = ()
        self.page: Cell | None = None
        self._position = 0
        #: The furthest that the cursor came in this run.
        self._furthest = 0
        self._moment = None
        if self.tutor is not None:
            self.tutor.opened()

    # --- time -----------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The number of steps done."""
        return self._position

    @position.setter
    def position(self, position: int) -> None:
        if not 0 <= position <= self.length:
            raise IndexError(position)
        limit = self.tutor.limit if self.tutor is not None else None
        if limit is not None and position > limit:
            raise CommandError("the answer lies ahead: answer, hint or reveal first", 0, ExitCode.FAILED)
        self._position, self._moment = position, None
        self._furthest = max(self._furthest, position)

    @property
    def length(self) -> int:
        """The number of steps of the whole run."""
        return self._run.length

    @property
    def step(self) -> Step | None:
        """The step that was done last; None at the start."""
        return self.run.step(self._position) if self._position else None

    @property
    def upcoming(self) -> Step | None:
        """The step that comes next; None at the end."""
        return self.run.step(self._position + 1) if self._position < self.length else None

    @property
    def setup(self) -> Setup:
        """The structure at the cursor: cost, activations, optimizer, rule."""
        return self.moment.setup

    @property
    def index(self) -> Index:
        """The cells at the cursor, by name."""
        return self.moment.index

    @property
    def stretches(self) -> Sequence[Segment]:
        """All stretches of the run, each of one structure: what no step of any of them does is never done."""
        return self._run.timeline.segments

    @property
    def asked(self) -> Cell | None:
        """The cell that is asked for, and shown as ? until it is answered."""
        return self.tutor.asked if self.tutor is not None else None

    # --- edits ---------------------------------------------------------------------------------------

    def revise(self, edits: Sequence[Edit], epochs: int | None = None) -> None:
        """The same run with these edits, and perhaps more epochs; the cursor stays where it is, if that is there."""
        at = self._run.place(self._position) if self._position else None
        done = self._position - at.batch_base if at is not None else 0
        self.refuse_changes()
        changed = tuple(edits) != self._run.edits
        if changed and self._furthest >= self._run.timeline.start_of_batch(
            self._run.timeline.batches_per_epoch
        ):
            self.before = self._run
        self.run = self._run.revised(edits, epochs)
        self.stops.forget()
        if at is not None:
            # Steps have other numbers behind a change of structure; the place in the batch is what stays.
            timeline = self._run.timeline
            batch = min(at.batch, timeline.batches - 1)
            start, end = timeline.start_of_batch(batch), timeline.start_of_batch(batch + 1)
            self._position = min(start + done, end) if batch == at.batch else end
        if changed:
            self._furthest = self._position
        self._moment = None

    def run_under(self, rule: Rule) -> Run:
        """The same run under another rule, from its first step on; as far as it may be seen."""
        self.refuse_judging()
        run = self._run
        key = (run, rule.name)
        if key not in self._twins:
            edits = [edit for edit in run.edits if not edit.text.startswith("set rule")]
            setup = run.setup
            made = Run(setup.problem, setup.training, rule=rule, epochs=run.timeline.epochs, edits=edits)
            others = {known: twin for known, twin in self._twins.items() if known[0] is run}
            self._twins = {**others, key: made}
        return self.seen(self._twins[key], self._position)

    @property
    def twin(self) -> tuple[Rule, Run] | None:
        """The run that this one is compared with, and its rule: the right one beside a wrong one, or the other way
        round; None where there is nothing to compare."""
        own = self.setup.rule
        other = self.compared_with or CORRECT
        if self.conceals or other is own or self.setup.wrt is not None:
            return None
        return other, self.run_under(other)

    @property
    def marks(self) -> Marks | None:
        """What a learner has for the numbers of the run, where it was held against them; None while anything is asked,
        for right and wrong would tell."""
        asks = self.tutor is not None and self.tutor.is_asking
        if self.held is None or asks or self.is_veiled:
            return None
        if self._marks is None or self._marks.report is not self.held:
            from bpstep.comparison.marked import Marks

            self._marks = Marks(self.held)
        return self._marks

    # --- several runs ---------------------------------------------------------------------------------

    def keep_branch(self) -> None:
        """Put the run at hand aside, under its name."""
        self.branches[self.branch] = Branch(self._run, self._position, tuple(self.undoable))

    def take_branch(self, name: str) -> None:
        """Go on with a run that was put aside, where its cursor stood."""
        found = self.branches.pop(name)
        self.branch, self._run, self._position = name, found.run, found.position
        self.undoable, self._moment, self._furthest = list(found.undoable), None, found.position
        self.stops.forget()

    @property
    def runs(self) -> dict[str, Run]:
        """All runs by name, the one at hand last; as far as they may be seen."""
        found = {name: self.seen(aside.run, aside.position) for name, aside in self.branches.items()}
        return {**found, self.branch: self.run}

    # --- cells ----------------------------------------------------------------------------------------

    def read(self, cell: Cell) -> Reading | None:
        """What stands in a cell now; None if this run has no such cell."""
        return self.moment.read(cell)

    @property
    def scope(self) -> Scope:
        """What names mean at the cursor."""
        return Scope(self.moment, self.options.notation)

    def stops_between(self, first: int, last: int) -> frozenset[int]:
        """The steps from ``first`` to ``last`` at which a stop halts."""
        found: set[int] = set()
        at = first - 1
        while (halt := self.stops.next(self.run, at, last, self.report)) is not None and halt[0] <= last:
            at = halt[0]
            found.add(at)
        return frozenset(found)

    # --- notes ----------------------------------------------------------------------------------------

    @property
    def note(self) -> Note | None:
        """The author's note to this position, if there is one."""
        return self.note_behind(self.step) if self.scenario.notes else None

    def note_behind(self, step: Step | None) -> Note | None:
        """The same for whoever has the step that was done last: while something is hidden, no note that states numbers,
        for they may be those that lie ahead."""
        found = note_at(self.scenario.notes, self.moment, step)
        if found is None or not self.is_veiled:
            return found
        stated = any(isinstance(piece, str) and _STATED.search(piece) for piece in found.say)
        return None if stated or self.conceals else found

    @property
    def story(self) -> str:
        """The author's story; while something is hidden, that it waits."""
        if self.is_veiled:
            return "The story tells numbers that lie ahead: it waits until the question is answered."
        return self.scenario.story or "This scenario has no story."

    def next_note(self, position: int) -> int | None:
        """The next position with a note."""
        return next_note(self.scenario.notes, self.run, position, conceals=self.conceals)

    # --- long work ------------------------------------------------------------------------------------

    def begin_work(self) -> None:
        """Work begins now: what takes no longer than the time between two reports is not told."""
        self._reported = time.perf_counter()

    def report(self, what: str, done: int, of: int) -> None:
        """Long work is so far: ``done`` of so many steps, updates, gradients, whatever is counted."""
        if self.listener is None:
            return
        now = time.perf_counter()
        if now - self._reported >= BETWEEN_REPORTS:
            self._reported = now
            self.listener(what, done, of)


def _forward_by(cell: Cell) -> Edit:
    """A run in forward mode from its beginning."""
    return Edit(0, 0, f"set mode = forward {cell}", change=lambda setup: replace(setup, wrt=cell))
