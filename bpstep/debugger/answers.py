"""What a command answers: facts, not text.

The debugger says *what* is so; how it is written (digits, notation, colours, columns) is the business of
`bpstep.view`, which has a way to render each of these records.  So the screen, the prompt and a script
say the same thing, each in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.lazily import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from bpstep.comparison.report import Report
    from bpstep.debugger.by_hand import ByHand
    from bpstep.debugger.folding import Folded
    from bpstep.debugger.moment import Reading
    from bpstep.debugger.paths import SharedTails
    from bpstep.debugger.why import Info, WhyNode
    from bpstep.engine.cells import Cell
    from bpstep.engine.check import CheckRow
    from bpstep.engine.compare import Comparison
    from bpstep.engine.steps import Factor

__all__ = [
    "AllPaths", "Answer", "Asked", "BranchRow", "Branches", "Checked", "Compared", "Derived", "DerivedLine",
    "ExercisePath", "Facts", "Graded", "Hand", "Hole", "Moved", "Notations", "PathRow", "Play", "Quit", "Reads", "Said",
    "Show", "Stopped", "Stops", "Table", "TwoPaths", "Value", "Why", "WorkedOut",
]  # fmt: skip


@dataclass(frozen=True)
class Reads:
    """A line of the log, a command that reads a file: from another folder the file has another name."""

    command: str
    path: Path


@dataclass(frozen=True)
class Answer:
    """What any command answers."""

    @property
    def is_logged(self) -> bool:
        """Whether the command is part of the session that `save` writes."""
        return True

    @property
    def logged_as(self) -> tuple[str | Reads, ...]:
        """The commands that lead to the same place again, where they are not the one that was given."""
        return ()


@dataclass(frozen=True)
class Moved(Answer):
    """The session stands at another position.  ``why`` says what stopped it there, if that is news; ``anew`` that
    the log of the session begins here.  ``warnings`` are those of a scenario that was loaded."""

    position: int
    why: str = ""
    anew: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def is_logged(self) -> bool:
        return not self.anew


@dataclass(frozen=True)
class Value(Answer):
    """An expression and its value; ``reading`` where it is a single cell."""

    text: str
    value: float
    reading: Reading | None = None


@dataclass(frozen=True)
class Table(Answer):
    """The cells of an array, row by row, in its ``shape``.

    ``steps`` are the numbers of all steps that write them here, ascending; None where only the values are asked for.
    """

    name: Cell
    shape: tuple[int, ...]
    readings: tuple[Reading, ...]
    steps: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Said(Answer):
    """One or more lines of plain text; ``logged`` says whether the command belongs into a saved session, and
    ``instead`` as what, where that is something else."""

    text: str
    logged: bool = True
    instead: str = ""

    @property
    def is_logged(self) -> bool:
        return self.logged

    @property
    def logged_as(self) -> tuple[str, ...]:
        return (self.instead,) if self.instead else ()


@dataclass(frozen=True)
class Show(Answer):
    """Please show a view, such as ``network`` or ``nodes``."""

    view: str
    argument: str = ""


@dataclass(frozen=True)
class Quit(Answer):
    """The session ends."""

    @property
    def is_logged(self) -> bool:
        return False


@dataclass(frozen=True)
class Stopped(Answer):
    """A stop was made."""

    number: int
    text: str


@dataclass(frozen=True)
class Stops(Answer):
    """The stops there are: number and text."""

    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Why(Answer):
    """Where a number comes from."""

    tree: WhyNode


@dataclass(frozen=True)
class Facts(Answer):
    """What there is to say of a cell."""

    info: Info


@dataclass(frozen=True)
class AllPaths(Answer):
    """Every path of a cell, with what is folded."""

    folded: Folded


@dataclass(frozen=True)
class TwoPaths(Answer):
    """The paths of two cells side by side."""

    tails: SharedTails


@dataclass(frozen=True)
class Hand(Answer):
    """The cost as a function of one number, and the number's paths."""

    hand: ByHand
    folded: Folded | None


@dataclass(frozen=True)
class Notations(Answer):
    """Notations to set side by side, by name."""

    names: tuple[str, ...]

    @property
    def is_logged(self) -> bool:
        return False


@dataclass(frozen=True)
class Held(Answer):
    """A learner's own numbers, which are in a file, held against those of the run."""

    report: Report
    file: Path

    @property
    def logged_as(self) -> tuple[str | Reads, ...]:
        return (Reads("compare", self.file),)


@dataclass(frozen=True)
class Checked(Answer):
    """Gradients by three ways, which agree."""

    rows: tuple[CheckRow, ...]


@dataclass(frozen=True)
class Compared(Answer):
    """A rule beside the right one; None where nothing stands beside it any more."""

    comparison: Comparison | None


@dataclass(frozen=True)
class BranchRow:
    """One of several runs: its name, the epochs that were computed, its loss in the first of them and in the last
    (None while that lies ahead of a question), and what was changed by hand."""

    name: str
    is_now: bool
    epochs: int
    first_loss: float | None
    last_loss: float | None
    edits: tuple[str, ...]


@dataclass(frozen=True)
class Branches(Answer):
    """The runs of a session."""

    rows: tuple[BranchRow, ...]

    @property
    def is_logged(self) -> bool:
        return False


@dataclass(frozen=True)
class Asked(Answer):
    """A question, a hint, or what was revealed; ``log_as`` are the commands that ask the same again.

    ``then`` is what is asked next, or that this was the last question: it stands apart from what was revealed.
    """

    lines: tuple[str, ...]
    log_as: tuple[str, ...] = ()
    then: tuple[str, ...] = ()

    @property
    def logged_as(self) -> tuple[str, ...]:
        return self.log_as


@dataclass(frozen=True)
class Hole:
    """The factor that an answer left out of a product: who gave ``upstream`` lacks ``local`` to get ``asked``."""

    upstream: Factor
    local: Cell
    asked: Cell


@dataclass(frozen=True)
class Graded(Answer):
    """What came of an answer, the how manieth it was, and why.

    ``after`` is what there is to say of a question that is solved.  ``then`` is what is asked next, or that this was
    the last question: it stands apart from the verdict.
    """

    verdict: str
    says: tuple[str, ...]
    echo: str
    diagnoses: tuple[str, ...]
    then: tuple[str, ...]
    tries: int = 1
    hole: Hole | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class PathRow:
    """An exercise of the path, with the state of each of its questions ("" where nothing was done)."""

    id: str
    title: str
    states: tuple[str, ...]

    @property
    def solved(self) -> int:
        """How many of its questions are solved."""
        return sum(state.startswith("solved") for state in self.states)


@dataclass(frozen=True)
class ExercisePath(Answer):
    """The path of exercises, what is offered of it ("" where nothing is left), and why."""

    rows: tuple[PathRow, ...]
    offered: str
    why: str

    @property
    def is_logged(self) -> bool:
        return False


@dataclass(frozen=True)
class DerivedLine:
    """A line of a derivation, as it was written, with its value at the moment where the derivation began."""

    text: str
    value: float


@dataclass(frozen=True)
class WorkedOut:
    """Of which neurons (variables) a derivation made use of the derivative.

    ``named``: where it is used by name.  ``worked``: where it is worked out, and how often in the line where it is
    most often, the nearest to the cost first.  ``left_out``: so many products were too long to be looked into.
    """

    named: tuple[str, ...]
    worked: tuple[tuple[str, int], ...]
    left_out: int


@dataclass(frozen=True)
class Derived(Answer):
    """A derivation of the derivative by ``cell``, which is ``value``: the lines that hold; the line that was not
    taken, and what is wrong with it; at the end what it made use of.  ``alone``: one sample of several is meant."""

    cell: Cell
    value: float
    lines: tuple[DerivedLine, ...]
    refused: DerivedLine | None = None
    slip: str = ""
    used: WorkedOut | None = None
    alone: bool = False


@dataclass(frozen=True)
class Play(Answer):
    """Please play, so many steps a second."""

    speed: int

    @property
    def is_logged(self) -> bool:
        return False
