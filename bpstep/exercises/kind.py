"""What a kind of question is, and a question that is being asked.

A kind is a file in `bpstep.exercises.kinds`: where the run stands, what is asked, how an answer is graded.  It knows
how to make a right answer (`Kind.solution`), so an author's check can prove that each item has one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import field

import numpy as np

from bpstep.debugger.console import Console
from bpstep.debugger.destinations import next_final, next_phase
from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.blocks import PHASES
from bpstep.engine.cells import Cell
from bpstep.engine.rules import RULES
from bpstep.exercises.asked import all_writes, cell_named, last_write, writes_of
from bpstep.exercises.grade import CARRIED, CORRECT_ANSWER, WRONG, Grade, Truth, truth_of
from bpstep.exercises.hints import RUNGS
from bpstep.exercises.model import Item
from bpstep.exercises.variants import generator
from bpstep.lazily import dataclass
from bpstep.scenario.model import Scenario
from bpstep.visible import quoted

__all__ = [
    "A_CELL",
    "A_NUMBER",
    "BLANK",
    "WRONG_RULES",
    "ZERO",
    "Kind",
    "Mistake",
    "OnPaper",
    "Posed",
    "ask_cells",
    "go",
    "hints_of",
    "on_paper",
    "the_answer",
    "truth",
]

#: The wrong rules, by their names.
WRONG_RULES = tuple(name for name in RULES if name != "correct")

#: What most questions are about.
A_CELL = "a cell"

#: What a value is answered with.
A_NUMBER = "a number, or an expression over cells that are shown"


@dataclass(eq=False)
class Posed:
    """An item that is being asked: the item, its seed, and what was answered before.

    ``session`` is the examiner's: it stands where the item is asked, shows everything, and nobody else moves it.
    ``learner`` is the session of whoever answers, for what is done there (`train`).
    """

    kind: Kind
    session: Session
    learner: Console
    scenario: Scenario
    item: Item
    exercise: str
    seed: int
    earlier: dict[Cell, float] = field(default_factory=dict)
    #: What a kind remembers while the item is asked.
    memory: dict[str, float] = field(default_factory=dict)

    def stand_on(self, grade: Grade) -> None:
        """Remember an answer that later ones may stand on: a wrong one, until a right one takes its place."""
        if not self.kind.is_number or grade.value is None:
            return
        if grade.verdict in (WRONG, CARRIED):
            self.earlier[self.cell] = grade.value
        elif grade.verdict == CORRECT_ANSWER:
            self.earlier.pop(self.cell, None)

    def numbers(self, what: int) -> np.random.Generator:
        """Random numbers of this item in this variant."""
        place = int(self.item.path[1]) if len(self.item.path) > 1 else 0
        return generator(self.exercise, self.seed, 1000 + place, what)

    @property
    def cell(self) -> Cell:
        """The cell that is asked for."""
        return self.cells[0]

    @property
    def cells(self) -> list[Cell]:
        """All cells that the item is about."""
        return [cell_named(self.session, text) for text in self.item.ask]


@dataclass(frozen=True)
class Mistake:
    """An answer that must not pass, and who gives it: a rule, a slip, somebody who guesses."""

    text: str
    name: str


#: Two answers that pass nowhere, but 0 where it is so.
BLANK, ZERO = Mistake("", "nothing is answered"), Mistake("0", "a guess")


@dataclass(frozen=True)
class OnPaper:
    """A question as it stands on a sheet, where nobody can be asked for a number: its lines, and for the key how the
    answer comes about."""

    lines: tuple[str, ...]
    how: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of question.  ``stand`` puts the session where it is asked; ``solution`` is an answer that passes, ``bad``
    are answers that must not; ``told`` shows a learner the answer; ``hints`` are three, of which an author may have
    written some himself."""

    name: str
    stand: Callable[[Posed], None]
    question: Callable[[Posed], list[str]]
    grade: Callable[[Posed, str], Grade]
    solution: Callable[[Posed], str]
    bad: Callable[[Posed], list[Mistake]]
    #: What an answer is made of, in a few words.
    wants: Callable[[Posed], str]
    hints: Callable[[Posed], Sequence[str]]
    told: Callable[[Posed], list[str]]
    #: Of how many cells, or other things, it asks at least; and what one of them is.
    asks: int = 0
    asks_about: str = A_CELL
    #: Whether the answer is the number in a cell: variants have to tell it from wrong ones, later answers stand on it.
    is_number: bool = False
    #: Whether what lies ahead is hidden, and the cell that is asked for shown as ? on the screen.
    hides: bool = False
    #: Whether the rule that made the run is a secret.
    conceals: bool = False
    #: Whether somebody's numbers are shown beside the right ones: a comparison of them would be the answer.
    compares: bool = False
    #: Whether the answer is a training: the run may be changed while it is asked, and the commands are recorded.
    is_training: bool = False
    #: Whether something in it is drawn from the seed, whatever the exercise varies.
    is_drawn: bool = False
    #: Whether the question is a page to read: it stands in the place of the network, too.
    is_long: bool = False
    #: Whether it can be asked on a sheet of paper; where the answer is a number, it becomes a gap there.
    is_on_paper: bool = True
    #: How it is asked there, where that is not as on the screen.
    on_paper: Callable[[Posed], OnPaper] | None = None
    #: Whether its run has numbers of its own, which stand by themselves on a sheet.
    is_apart: bool = False
    #: The mistakes that an author may name.
    mistakes: Collection[str] = WRONG_RULES
    #: Words that are answers.
    words: tuple[str, ...] = ()
    #: What is answered first, and is not graded.
    first: str = ""


def on_paper(posed: Posed) -> OnPaper:
    """A question as it is asked on paper."""
    made = posed.kind.on_paper
    return OnPaper(tuple(posed.kind.question(posed))) if made is None else made(posed)


def the_answer(posed: Posed) -> list[str]:
    """What most kinds tell at the end: the answer, as it would be typed."""
    return [f"answer: {posed.kind.solution(posed)}"]


def hints_of(posed: Posed) -> list[str]:
    """The hints of an item, one a rung: the author's, and for those that he left out the kind's."""
    written, made = posed.item.hints, posed.kind.hints(posed)
    return [*written, *made[len(written) :]][: max(RUNGS, len(written))]


def go(posed: Posed) -> None:
    """To where the author says, or right before the first step of the first cell that is asked for."""
    session, at = posed.session, posed.item.at
    session.position = 0
    if not at:
        first = all_writes(session, posed.cell)[0]
        session.position = first - 1 - _is_told_by(session, first - 1, first)
    elif at in ("start", "end"):
        session.position = 0 if at == "start" else session.length
    else:
        found = (
            next_phase(session.run, at, 0)
            if at in PHASES
            else next_final(session.run, [cell_named(session, at)], 0)
        )
        if found is None:
            raise CommandError(f"at: no step of this run is the last of {quoted(at)}")
        session.position = found


def _is_told_by(session: Session, before: int, number: int) -> bool:
    """Whether the step before a step is a local derivative that is its value already: upstream is 1."""
    step = session.run.step(before) if before else None
    return step is not None and step.op == "local" and step.value == session.run.step(number).value


def ask_cells(posed: Posed) -> None:
    """Every cell that is asked for is written by some step; to where that is asked."""
    for cell in posed.cells:
        last_write(posed.session, cell)
    go(posed)


def truth(posed: Posed) -> Truth:
    """The truth about the cell that is asked for."""
    session, item = posed.session, posed.item
    steps = [session.run.step(number) for number in writes_of(session, posed.cell)]
    return truth_of(posed.cell, steps, item.rel, item.absolute)
