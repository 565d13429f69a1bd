"""One set of numbers on a sheet: what is shown of it, its gaps, and what the key says about each.

What a gap hangs on is shown, what hangs on a gap is not: the steps of the pass are gone through once, and whatever
reads an answer, or what was made of one, is hidden.  Where somebody needs such a number on the way to a gap, the key
has its worked step as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import field

from bpstep.debugger.session import Session
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, NetworkSpec
from bpstep.exercises.asked import writes_of
from bpstep.exercises.grade import Truth
from bpstep.exercises.needs import Needs
from bpstep.lazily import dataclass
from bpstep.scenario.model import Scenario
from bpstep.scenario.restating import statement_of
from bpstep.view.drawing.numbers import shortest
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import statements_of
from bpstep.view.symbols.formula import Symbols, prettified
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.algorithm import layers_in_words
from bpstep.view.words.equations import equations_of
from bpstep.view.words.general import Network
from bpstep.worksheets.blocks import Entry, Filled, Gap, Table
from bpstep.worksheets.mistakes import Mistakes, Wrong, told_mistakes
from bpstep.worksheets.picture import Drawing, drawing_of
from bpstep.worksheets.shown import Shown
from bpstep.worksheets.tables import tables_of
from bpstep.worksheets.worked import paper, worked_line

__all__ = ["Asked", "Blank", "Part", "Question", "made_part"]


@dataclass(frozen=True)
class Asked:
    """A cell that is asked for: the truth about it, the rules that its author names, and whether it is worked out on
    the sheet."""

    truth: Truth
    wrong: Sequence[str] | None = None
    is_worked: bool = False


@dataclass(frozen=True)
class Blank:
    """A gap of a sheet, or where ``number`` is 0 a cell that is worked out on it: its name and right value, the worked
    step with those on the way to it, and what mistakes give."""

    number: int
    cell: Cell
    name: str
    value: str
    lines: tuple[str, ...]
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question that is answered in words: its lines, an answer that is right, wrong ones with what they are, and how
    the right one comes about, where there is more to say than what is asked."""

    number: int
    lines: tuple[str, ...]
    solution: tuple[str, ...]
    wrong: tuple[Wrong, ...] = ()
    how: str = ""


@dataclass(frozen=True)
class Part:
    """What a sheet has of one set of numbers, which are those of a scenario; ``opened`` is how the screen shows the
    very same, "" where that takes a file of the scenario."""

    scenario: Scenario
    title: str
    opened: str
    drawing: Drawing
    formulas: tuple[str, ...]
    tables: tuple[Table, ...]
    blanks: tuple[Blank, ...]
    questions: tuple[Question, ...] = field(default=())


def made_part(
    session: Session,
    asked: Sequence[Asked],
    mistakes: Mistakes,
    *,
    title: str,
    opened: str = "",
    first: int = 1,
    since: int = 0,
    secret: Collection[Cell] = (),
    questions: Sequence[Question] = (),
) -> Part:
    """A part whose gaps are numbered from ``first`` on.

    The session stands where everything that may be shown is there; from the step after ``since`` on, what reads an
    answer, or a ``secret`` cell, is hidden.
    """
    cells = [one.truth.cell for one in asked]
    secret = {*secret, *(cell for one in asked for cell in _telling(one.truth))}
    hanging = _hanging(session, {*cells, *secret}, since) | frozenset(secret)
    numbers = iter(range(first, first + len(asked)))
    blanks = [_blank(session, one, 0 if one.is_worked else next(numbers), mistakes) for one in asked]
    places: dict[Cell, Entry] = {
        blank.cell: Gap(blank.number) if blank.number else Filled(blank.value) for blank in blanks
    }
    tables = tables_of(Shown(session, places, hanging))
    start = Session(session.scenario)
    told = _with_ways(session, blanks, hanging)
    return Part(
        session.scenario,
        title,
        opened,
        drawing_of(start),
        _formulas(start, cells),
        tuple(tables),
        tuple(told),
        tuple(questions),
    )


def _telling(truth: Truth) -> Iterator[Cell]:
    """The local derivatives that are the answer already, since what comes back is 1."""
    for step in truth.steps:
        if step.local is not None and abs(step.local.value) == abs(truth.value):
            yield step.local.cell


def _hanging(session: Session, secrets: Collection[Cell], since: int) -> frozenset[Cell]:
    """Every cell that is made of a secret one in the steps behind ``since``."""
    known = set(secrets)
    for number in range(since + 1, session.position + 1):
        step = session.run.step(number)
        if any(factor.cell in known for factor in step.inputs):
            known.add(step.cell)
    return frozenset(known)


def _blank(session: Session, asked: Asked, number: int, mistakes: Mistakes) -> Blank:
    truth, symbols = asked.truth, symbols_of(session)
    wrong = told_mistakes(mistakes.found(session, truth, asked.wrong)) if number else []
    line = worked_line(truth.steps, symbols)
    return Blank(
        number, truth.cell, symbols.local_name(truth.cell), paper(truth.value), (line,), tuple(wrong)
    )


def _with_ways(session: Session, blanks: Sequence[Blank], hanging: frozenset[Cell]) -> Iterator[Blank]:
    """The blanks, each with the worked steps of what nobody asks for on the way to it, told once."""
    symbols, needs, told = symbols_of(session), Needs(session), {blank.cell for blank in blanks}
    for blank in blanks:
        way = {cell for cell in needs.of(blank.cell) if cell in hanging and cell not in told}
        writes = sorted((numbers, cell) for cell in way if (numbers := writes_of(session, cell)))
        before = [worked_line([session.run.step(n) for n in numbers], symbols) for numbers, _ in writes]
        told |= way
        yield Blank(blank.number, blank.cell, blank.name, blank.value, (*before, *blank.lines), blank.wrong)


def _formulas(session: Session, asked: Collection[Cell]) -> tuple[str, ...]:
    """How the values are made, and where it is asked for the update; the way back is for the reader to know."""
    s, problem = symbols_of(session), session.setup.problem
    if isinstance(problem, ExpressionSpec) and problem.has_arrays:
        return _statements(session)
    if isinstance(problem, ExpressionSpec):
        return tuple(prettified(statement_of(operation)) for operation in problem.operations)
    assert isinstance(problem, NetworkSpec)
    rules = Network.of(Frame.of(session))
    outputs = [
        f"{rules.output(layers[0])}   ({ACTIVATIONS[layers[0].activation]} in {layers_in_words(layers)})"
        for layers in rules.by_activation()
    ]
    found = [rules.net(*problem.layers), *outputs, rules.cost(), *filter(None, (rules.loss(),))]
    if any(cell.kind in ("w", "b") for cell in asked):
        found.append(_update(session, s))
    return tuple(found)


def _statements(session: Session) -> tuple[str, ...]:
    """A program over arrays as its author wrote it, and the operations of each statement that is made of several."""
    frame, stated = Frame.of(session), session.scenario.stated
    equations = equations_of(frame)
    if stated is None:
        return tuple(equations.values())
    whole = {one.name for one in statements_of(frame) if len(one.parts) == 1}
    return (*stated.define, *(text for name, text in equations.items() if name not in whole))


def _update(session: Session, s: Symbols) -> str:
    """The rate, with which a parameter is updated."""
    training = session.setup.training
    how = "" if training.optimizer.name == "sgd" else f", by {training.optimizer.name}"
    return f"{s.notation.rate} = {shortest(training.learning_rate or 0.0)}{how}"
