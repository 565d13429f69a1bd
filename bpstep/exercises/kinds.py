"""The seven kinds of items, a row each: where the run stands, what is asked, how an answer is graded.

    value        a number before it is revealed
    formula      an expression over cells, that must hold with other numbers, too
    order        which of these cells comes first; any order that respects the graph
    wrong-rule   a run made by a wrong rule: which rule, and the first cell that is wrong
    check        is this gradient right?  Choose h, look at the difference quotient, decide
    count        how many sweeps or multiplications it takes in a net that is described
    train        bring the loss under a bound in so many updates

A kind knows how to make a right answer (`solution`), so an author's check can prove that each item has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bpstep.debugger.console import Console
from bpstep.debugger.destinations import next_final, next_phase
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import UnsetError, parse
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.check import relative_difference
from bpstep.engine.compare import first_difference
from bpstep.engine.passes import compute
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.schedule import PHASES
from bpstep.english import counted, group, listed
from bpstep.exercises.counting import COUNTS, Stack, drawn_stack
from bpstep.exercises.grading import (
    CARRIED,
    CORRECT_ANSWER,
    NOT_GRADED,
    WRONG,
    Grade,
    Truth,
    by_chance,
    carried_value,
    grade_value,
    in_six_digits,
    named,
    rule_values,
    slip_values,
    tolerance_text,
    truth_of,
)
from bpstep.exercises.model import Item
from bpstep.exercises.slip import evaluated
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import generator, redrawn
from bpstep.scenario.arithmetic import Call, postorder
from bpstep.scenario.model import Scenario
from bpstep.visible import quoted

__all__ = ["A_NUMBER", "KINDS", "Kind", "Mistake", "Posed", "last_write", "needs", "writes_of"]

#: What a value is answered with.
A_NUMBER = "a number, or an expression over cells that are shown"

_FORMULA_POINTS = 8
_NO_NUMBERS = "It agrees here, but not with other weights and inputs: use cells, not their numbers."


@dataclass(eq=False)
class Posed:
    """An item that is being asked: the item, its seed, and what was answered before.

    ``session`` is the examiner's: it stands where the item is asked, shows everything, and nobody else moves it.
    ``learner`` is the session of whoever answers, for what is done there (`train`).
    """

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
        if self.item.kind != "value" or grade.value is None:
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


def cell_named(session: Session, text: str) -> Cell:
    """The cell that a text names; `CommandError` where it names none."""
    found = parse(session.scope, text).cell
    if found is None:
        raise CommandError(f'"{text}" is no cell')
    return found


def writes_of(session: Session, cell: Cell) -> list[int]:
    """The numbers of the steps that write a cell, in the batch at the cursor's start."""
    spot = session.index.find(cell)
    if spot is None:
        return []
    moment = session.moment
    return [int(n) for n in moment.write_steps(spot)]


def last_write(session: Session, cell: Cell) -> int:
    """The number of the step that makes a cell final; `CommandError` where none writes it."""
    return _writes(session, cell)[-1]


def _writes(session: Session, cell: Cell) -> list[int]:
    steps = writes_of(session, cell)
    if not steps:
        raise CommandError(f"no step ever writes {cell}")
    return steps


@dataclass(frozen=True)
class Mistake:
    """An answer that must not pass, and who gives it: a rule, a slip, somebody who guesses."""

    text: str
    name: str


_BLANK, _ZERO = Mistake("", "nothing is answered"), Mistake("0", "a guess")


@dataclass(frozen=True)
class Kind:
    """A row.  ``stand`` puts the session where the question is asked; ``solution`` is an answer that passes, ``bad``
    are answers that must not."""

    name: str
    stand: Callable[[Posed], None]
    question: Callable[[Posed], list[str]]
    grade: Callable[[Posed, str], Grade]
    solution: Callable[[Posed], str]
    bad: Callable[[Posed], list[Mistake]]
    #: What an answer is made of, in a few words.
    wants: Callable[[Posed], str]
    #: Whether what lies ahead is hidden, and the cell that is asked for shown as ? on the screen.
    hides: bool = False
    #: Whether the rule that made the run is a secret.
    conceals: bool = False
    #: Whether the run may be changed while the item is open: where that is the answer.
    open_to_change: bool = False
    #: Whether something in it is drawn from the seed, whatever the exercise varies.
    is_drawn: bool = False
    #: Words that are answers.
    words: tuple[str, ...] = ()
    #: The answer as it is shown to a learner, where that is not as one types it.
    told: Callable[[Posed], str] | None = None


def _go(posed: Posed) -> None:
    """To where the author says, or right before the first step of the first cell that is asked for."""
    session, at = posed.session, posed.item.at
    session.position = 0
    if not at:
        first = _writes(session, posed.cell)[0]
        session.position = first - 1 - _is_told_by(session, first - 1, first)
    elif at in ("start", "end"):
        session.position = 0 if at == "start" else session.length
    else:
        found = (
            next_phase(session.run, at, 0)
            if at in PHASES
            else next_final(session.run, cell_named(session, at), 0)
        )
        if found is None:
            raise CommandError(f"at: no step of this run is the last of {quoted(at)}")
        session.position = found


def _is_told_by(session: Session, before: int, number: int) -> bool:
    """Whether the step before a step is a local derivative that is its value already: upstream is 1."""
    step = session.run.step(before) if before else None
    return step is not None and step.op == "local" and step.value == session.run.step(number).value


def _ask_cells(posed: Posed) -> None:
    for cell in posed.cells:
        last_write(posed.session, cell)
    _go(posed)


# --- value --------------------------------------------------------------------------------------------


def truth(posed: Posed) -> Truth:
    """The truth about the cell that is asked for."""
    session, item = posed.session, posed.item
    steps = [session.run.step(number) for number in writes_of(session, posed.cell)]
    return truth_of(posed.cell, steps, item.rel, item.absolute)


def _value_question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = item.prompt or f"What is {posed.item.ask[0]}?"
    lines = [f"{prompt}   ({tolerance_text(item.rel, item.absolute)})"]
    before = posed.session.read(posed.cell)
    if before is not None and before.value is not None:  # an update: the cell itself is shown as ?
        lines.append(f"Now {named(posed.cell)} is {in_six_digits(before.value)}.")
    return lines


def _value_wants(posed: Posed) -> str:
    return A_NUMBER


def _value_rules(posed: Posed) -> dict[str, float]:
    return rule_values(posed.session, posed.cell, last_write(posed.session, posed.cell), posed.item.wrong)


def _grade_value(posed: Posed, text: str) -> Grade:
    session = posed.session
    carried = carried_value(session, posed.cell, last_write(session, posed.cell), posed.earlier)
    right = truth(posed)
    is_there = right.steps[0].op == "update"  # what it was before is shown, and is part of the answer
    hidden = None if is_there else posed.cell
    return grade_value(session, right, text, rules=_value_rules(posed), carried=carried, hidden=hidden)


def _value_solution(posed: Posed) -> str:
    return repr(truth(posed).value)


def _value_bad(posed: Posed) -> list[Mistake]:
    right = truth(posed)
    wrong = [Mistake(repr(value), f"the rule {name} gives it") for name, value in _value_rules(posed).items()]
    slips = [
        Mistake(repr(value), f"{slip.text}: {slip.says}") for slip, value in slip_values(posed.session, right)
    ]
    return [_BLANK, *([_ZERO] if right.value != 0.0 else []), *wrong, *slips]


# --- formula ------------------------------------------------------------------------------------------


def _formula_question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = item.prompt or f"Write {posed.item.ask[0]} as an expression over cells that are shown."
    most = item.max_multiplications
    if most is not None:
        prompt += f"   (at most {most} multiplication{'' if most == 1 else 's'})"
    return [prompt, "Cells, not their numbers: it is tried with other weights and inputs, too."]


def _formula_wants(posed: Posed) -> str:
    return "an expression over cells that are shown"


def _grade_formula(posed: Posed, text: str) -> Grade:
    session, item = posed.session, posed.item
    text = text.strip().replace("−", "-").replace("×", "*").replace("·", "*")
    if not text:
        return Grade(NOT_GRADED, ("Nothing was answered; this costs no try.",))
    if len(text) > 500:
        return Grade(NOT_GRADED, ("An answer has at most 500 characters; this costs no try.",))
    try:
        expression = parse(session.scope, text)
        if posed.cell in expression.cells:
            return Grade(NOT_GRADED, (f"{posed.cell} is what is asked for.",))
        value = expression.value(session.moment)
    except CommandError as error:
        return Grade(NOT_GRADED, (f"{error.message}; this costs no try.",))
    except UnsetError as error:
        return Grade(NOT_GRADED, (f"{error}: use cells that are shown already; this costs no try.",))
    echo = f"{text} = " + f"{value:+.4g}".replace("-", "−")
    here = truth(posed).value
    if not _agrees(value, here):
        return _wrong_formula(posed, text, echo, value)
    for point in range(_FORMULA_POINTS):
        other = Session(redrawn(posed.scenario, posed.numbers(point)))
        number = last_write(other, posed.cell)
        other.position = session.position
        try:
            found = expression.value(other.moment)
        except UnsetError:
            found = math.nan
        if not _agrees(found, other.run.step(number).value):
            return Grade(
                WRONG,
                by_chance(session, truth(posed), text) if expression.cells else (_NO_NUMBERS,),
                echo,
                value,
            )
    most = item.max_multiplications
    used = _multiplications(posed, text)
    if most is not None and used > most:
        return Grade(
            WRONG,
            (f"Right, but with {counted(used, 'multiplication')}; {most} {'is' if most == 1 else 'are'} enough: "
             "which product is known already, and has a name?",),
            echo, value,
        )  # fmt: skip
    return Grade(CORRECT_ANSWER, ("right, here and with eight other sets of numbers",), echo, value)


def _agrees(a: float, b: float) -> bool:
    return math.isfinite(a) and abs(a - b) <= max(1e-6 * abs(b), 1e-12)


def _wrong_formula(posed: Posed, text: str, echo: str, value: float) -> Grade:
    """What is wrong with the formula's value here says what is wrong with the formula."""
    found = _grade_value(posed, text)
    if found.verdict != WRONG:  # near enough for a number, but not the same thing
        return Grade(WRONG, ("Near, but a formula has to agree exactly.",), echo, value)
    return Grade(WRONG, found.says, echo, value, found.diagnoses)


def _multiplications(posed: Posed, text: str) -> int:
    node = parse(posed.session.scope, text).node
    return sum(isinstance(part, Call) and part.function in ("mul", "div", "pow") for part in postorder(node))


def _formula_solution(posed: Posed) -> str:
    """The steps' own formulas, added up; a cell that is not shown yet is written out in turn."""
    return _written_out(posed, posed.cell, 0)


def _written_out(posed: Posed, cell: Cell, depth: int) -> str:
    session = posed.session
    parts = []
    for number in writes_of(session, cell):
        step = session.run.step(number)
        names = []
        for factor in step.inputs:
            reading = session.read(factor.cell)
            shown = (
                reading is not None
                and reading.value is not None
                and reading.state not in ("unset", "partial")
            )
            names.append(
                str(factor.cell) if shown or depth > 8 else f"({_written_out(posed, factor.cell, depth + 1)})"
            )
        parts.append(step.template.format(*names))
    return " + ".join(parts)


def _formula_bad(posed: Posed) -> list[Mistake]:
    right = truth(posed)
    slips = slips_of(posed.session, posed.cell, right.steps)
    number = right.steps[-1].number
    values = [(slip, evaluated(posed.session, slip.text, number)) for slip in slips]
    wrong = [
        Mistake(slip.text, slip.says)
        for slip, value in values
        if value is not None and not _agrees(value, right.value)
    ]
    return [_BLANK, _ZERO, Mistake(repr(right.value), "the number, not an expression"), *wrong]


# --- order --------------------------------------------------------------------------------------------

#: In a batch of more steps nobody asks what comes first: all that a cell is computed from is gone through.
_MOST_STEPS = 5_000


def _stand_order(posed: Posed) -> None:
    steps = posed.session.moment.place.schedule.length
    if steps > _MOST_STEPS:
        message = f"a batch of {group(steps)} steps is too large for a question of order"
        raise CommandError(f"{message}; expected at most {group(_MOST_STEPS)}")
    _ask_cells(posed)


def _shuffled(posed: Posed) -> list[Cell]:
    cells = posed.cells
    order = posed.numbers(0).permutation(len(cells)).tolist()
    if order == list(range(len(cells))):
        order = order[::-1]
    return [cells[k] for k in order]


def _order_question(posed: Posed) -> list[str]:
    prompt = posed.item.prompt or "In which order can these be computed?"
    rows = (f"  {place}  {named(cell)}" for place, cell in enumerate(_shuffled(posed), 1))
    return [prompt, *rows, "Answer with all their numbers, the first one first, such as 2 1 3 …"]


def _order_wants(posed: Posed) -> str:
    count = len(posed.item.ask)
    return f"all the numbers from 1 to {count} in order, such as {' '.join(map(str, range(count, 0, -1)))}"


def needs(session: Session, cell: Cell) -> set[Cell]:
    """Every cell that a cell is computed from.  An update comes after what it reads: of the cells that a step reads,
    only the steps before it count."""
    found: set[Cell] = set()
    waiting = [(cell, last_write(session, cell) + 1)]
    while waiting:
        one, before = waiting.pop()
        for number in writes_of(session, one):
            for factor in session.run.step(number).inputs if number < before else ():
                if factor.cell not in found:
                    found.add(factor.cell)
                    waiting.append((factor.cell, number))
    return found


def _grade_order(posed: Posed, text: str) -> Grade:
    shuffled = _shuffled(posed)
    words = text.replace(",", " ").split()
    if sorted(words) != sorted(str(k) for k in range(1, len(shuffled) + 1)):
        return Grade(
            NOT_GRADED, (f"Answer with the numbers 1 to {len(shuffled)}, each once; this costs no try.",)
        )
    order = [shuffled[int(word) - 1] for word in words]
    for place, cell in enumerate(order):
        needed = needs(posed.session, cell)
        missing = [other for other in order[place + 1 :] if other in needed]
        if missing:
            says = (
                f"{named(cell)} can not come there: it needs {named(missing[0])}, which is not computed yet."
            )
            return Grade(WRONG, (says,), " ".join(words))
    return Grade(CORRECT_ANSWER, ("right: everything is there before it is needed",), " ".join(words))


def _order_solution(posed: Posed) -> str:
    shuffled = _shuffled(posed)
    return " ".join(
        str(shuffled.index(cell) + 1) for cell in sorted(shuffled, key=lambda c: last_write(posed.session, c))
    )


def _order_told(posed: Posed) -> str:
    shuffled, solution = _shuffled(posed), _order_solution(posed)
    return f"{solution}: {', '.join(named(shuffled[int(k) - 1]) for k in solution.split())}"


def _order_bad(posed: Posed) -> list[Mistake]:
    backwards = " ".join(_order_solution(posed).split()[::-1])
    return [_BLANK, _ZERO, Mistake(backwards, "the order is the wrong way round")]


# --- wrong-rule ---------------------------------------------------------------------------------------


def _played(posed: Posed, *, with_correct: bool = False) -> str:
    """The rule that this variant is made by."""
    names = list(posed.item.wrong or [name for name in RULES if name != "correct"])
    setup = posed.session.run.setup
    names = [name for name in names if not RULES[name].refuses(setup.problem, setup.training)]
    if with_correct:
        names = ["correct", *names]
    return str(names[int(posed.numbers(0).integers(0, len(names)))])


def _stand_wrong_rule(posed: Posed) -> None:
    name = _played(posed)
    posed.session.open(posed.scenario, rule=RULES[name])
    if posed.item.at or posed.item.ask:
        _go(posed)
    else:
        posed.session.position = posed.session.length


def _wrong_rule_question(posed: Posed) -> list[str]:
    names = posed.item.wrong or [name for name in RULES if name != "correct"]
    prompt = (
        posed.item.prompt
        or "This run was made by a wrong rule. Which, and which cell is the first that is wrong?"
    )
    return [prompt, f"Answer RULE CELL; the rules: {', '.join(names)}. Step back and forth, and use print."]


def _wrong_rule_wants(posed: Posed) -> str:
    return "a rule and a cell: RULE CELL"


def _same_rules(posed: Posed) -> list[str]:
    """The rules that give the same run, to the last bit."""
    played = _played(posed)
    right = Session(posed.scenario).run
    run = posed.session.run_under(RULES[played])
    last = min(run.length, 400)
    found = []
    for name, rule in RULES.items():
        if rule is CORRECT or rule.refuses(right.setup.problem, right.setup.training):
            continue
        other = run if name == played else Session(posed.scenario, rule=rule).run
        if all(other.step(n).value == run.step(n).value for n in range(1, last + 1)):
            found.append(name)
    return found


def _first_wrong(posed: Posed) -> Cell | None:
    right = Session(posed.scenario, epochs=1).run
    found = first_difference(right, Session(posed.scenario, rule=RULES[_played(posed)], epochs=1).run)
    return found.correct.cell if found is not None else None


def _grade_wrong_rule(posed: Posed, text: str) -> Grade:
    name, _, rest = text.strip().partition(" ")
    if name not in RULES or not rest.strip():
        return Grade(NOT_GRADED, ("Answer RULE CELL, such as article d(y[h1]); this costs no try.",))
    try:
        cell = cell_named(posed.session, rest.strip())
    except CommandError as error:
        return Grade(NOT_GRADED, (f"{error.message}; this costs no try.",))
    rules, first = _same_rules(posed), _first_wrong(posed)
    if name in rules and cell == first:
        return Grade(CORRECT_ANSWER, (f"right: {RULES[name].says}",), text.strip())
    if name in rules:
        return Grade(WRONG, (f"The rule is right. But before {cell}, another cell is wrong already, or {cell} is not "
                             "wrong at all.",), text.strip())  # fmt: skip
    if cell == first:
        return Grade(
            WRONG, (f"{cell} is the first wrong one. But {name} would not make it so.",), text.strip()
        )
    return Grade(WRONG, ("Neither. Go through the backward steps and work each out by hand until one is off.",),
                 text.strip())  # fmt: skip


def _wrong_rule_solution(posed: Posed) -> str:
    return f"{_played(posed)} {_first_wrong(posed)}"


def _wrong_rule_bad(posed: Posed) -> list[Mistake]:
    same = _same_rules(posed)
    others = [name for name in RULES if name not in same and name != "correct"]
    first = _first_wrong(posed)
    return [_BLANK, _ZERO, *(Mistake(f"{name} {first}", "it is another rule") for name in others)]


# --- check --------------------------------------------------------------------------------------------


def _stand_check(posed: Posed) -> None:
    name = _played(posed, with_correct=True)
    posed.session.open(posed.scenario, rule=RULES[name])
    _parameter_place(posed)
    posed.session.position = last_write(posed.session, posed.cell)


def _check_question(posed: Posed) -> list[str]:
    value = posed.session.run.step(last_write(posed.session, posed.cell)).value
    prompt = posed.item.prompt or f"This run says {posed.cell} = {value:.8g}. Is that right?"
    return [
        prompt,
        "A step h, such as 1e-4, shows the difference quotient; then right or wrong decides.",
    ]


def _check_wants(posed: Posed) -> str:
    return "a step h such as 1e-4; then right or wrong"


def _parameter_place(posed: Posed) -> int:
    """Where the parameter whose gradient is asked for stands among all; `CommandError` where it is none."""
    session, parameter = posed.session, posed.cell.of
    spot = session.index.find(parameter) if isinstance(parameter, Cell) and posed.cell.kind == "d" else None
    if spot is None or spot.kind != "parameter":
        raise CommandError(f"{posed.cell} is no gradient of a parameter, such as d(w[i1->h1])")
    return session.setup.graph.flat_place(spot.at, spot.j)


def _quotient(posed: Posed, h: float) -> float:
    """(L(w + h) − L(w − h)) / 2h, from forward passes alone."""
    numbers, place = posed.session.run.numbers(0), _parameter_place(posed)
    given = [numbers.values[vector.id] for vector in numbers.graph.given]
    losses = []
    for sign in (1.0, -1.0):
        moved = numbers.parameters.copy()
        moved[place] += sign * h
        losses.append(compute(numbers.setup, numbers.rate, numbers.rows, moved, given).loss)
    return (losses[0] - losses[1]) / (2.0 * h)


def _is_right_gradient(posed: Posed) -> bool:
    right = Session(posed.scenario).run
    number = last_write(posed.session, posed.cell)
    ours, theirs = posed.session.run.step(number).value, right.step(number).value
    return relative_difference(ours, theirs) < 1e-6


def _grade_check(posed: Posed, text: str) -> Grade:
    word = text.strip().lower()
    if word in ("right", "wrong"):
        if "h" not in posed.memory:
            return Grade(NOT_GRADED, ("First choose an h, and look at the difference; this costs no try.",))
        said = f"“it is {word}”"
        if (word == "right") == _is_right_gradient(posed):
            rule = _played(posed, with_correct=True)
            why = "the gradient is right" if word == "right" else f"it was made by {rule}: {RULES[rule].says}"
            return Grade(CORRECT_ANSWER, (f"right: {why}",), said)
        return Grade(WRONG, ("The difference says otherwise. With 1e-3 to 1e-6 a right gradient agrees to 6 digits or "
                             "more; with a much smaller h only rounding is left, with a larger one the curve.",),
                     said)  # fmt: skip
    try:
        h = float(word)
    except ValueError:
        h = math.nan
    if not math.isfinite(h) or not 0.0 < h <= 10.0:
        return Grade(NOT_GRADED, ("Answer a step h, such as 1e-4, or right, or wrong; this costs no try.",))
    posed.memory["h"] = h
    value = posed.session.run.step(last_write(posed.session, posed.cell)).value
    quotient = _quotient(posed, h)
    off = relative_difference(value, quotient)
    return Grade(
        NOT_GRADED,
        (f"with h = {h:g}: (L(w+h) − L(w−h)) / 2h = {quotient:.8g}, this run says {value:.8g}".replace(" -", " −"),
         f"relative difference {off:.2g}: up to 1e-7 good, to 1e-4 fair, to 1e-2 doubtful, above that wrong"),
        text.strip(), quotient,
    )  # fmt: skip


def _check_solution(posed: Posed) -> str:
    posed.memory["h"] = 1e-5
    return "right" if _is_right_gradient(posed) else "wrong"


def _check_bad(posed: Posed) -> list[Mistake]:
    opposite = "wrong" if _check_solution(posed) == "right" else "right"
    return [_BLANK, _ZERO, Mistake(opposite, "the opposite is so")]


# --- train --------------------------------------------------------------------------------------------


#: So many numbers are worked out for a question at most: the updates, times the parameters, times the samples.
_MOST_WORK = 20_000_000


def _stand_train(posed: Posed) -> None:
    graph, run = posed.session.setup.graph, posed.session.run
    if posed.item.updates * graph.parameter_count * run.timeline.samples > _MOST_WORK:
        raise CommandError(
            f"{counted(posed.item.updates, 'update')} of a net of this size are too many to grade"
        )
    posed.session.position = 0


def _train_question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = (
        item.prompt
        or f"Bring the loss under {item.loss_below:g} in at most {counted(item.updates, 'update')}."
    )
    return [
        prompt,
        "set lr = …, set optimizer = …, train N; then answer alone: the run is the answer. goto start begins anew. "
        "Weights to begin with, samples and cost are those of the file.",
    ]


def _train_wants(posed: Posed) -> str:
    return "a command: set lr = …, train N; then answer"


def _best_loss(posed: Posed) -> tuple[float, int]:
    """The smallest loss within the updates allowed, over all samples, by the scenario's own cost; and when."""
    run, original = posed.learner.whole_run, Session(posed.scenario).run
    everything = tuple(range(original.timeline.samples))
    best, when = math.inf, 0
    for update in range(1, min(posed.item.updates, run.timeline.batches) + 1):
        loss = compute(original.setup, 0.0, everything, run.snapshot(update).parameters, original.given).loss
        if loss < best:
            best, when = loss, update
        if best < posed.item.loss_below:
            break
    return best, when


def _grade_train(posed: Posed, text: str) -> Grade:
    learner = posed.learner
    edits = [edit for edit in learner.whole_run.edits if edit.cell is not None and edit.cell.kind != "lr"]
    if edits:
        return Grade(
            NOT_GRADED, (f"Weights, inputs and targets stay as they are: undo {edits[0].text!r} first.",)
        )
    if not learner.setup.updates or learner.whole_run.trained == 0:
        return Grade(NOT_GRADED, ("Nothing is trained yet: train N first; this costs no try.",))
    best, when = _best_loss(posed)
    if best < posed.item.loss_below:
        return Grade(
            CORRECT_ANSWER, (f"right: the loss is {best:.4g} after {counted(when, 'update')}",), value=best
        )
    done = min(posed.item.updates, learner.whole_run.timeline.batches)
    if done < posed.item.updates:
        return Grade(WRONG, (f"After {counted(done, 'update')} it is {best:.4g} at best; "
                             f"{posed.item.updates} are allowed: train on.",), value=best)  # fmt: skip
    return Grade(WRONG, (f"In {counted(posed.item.updates, 'update')} it comes down to {best:.4g}, not under "
                         f"{posed.item.loss_below:g}. goto start, change lr or optimizer, and train again.",),
                 value=best)  # fmt: skip


def _train_solution(posed: Posed) -> str:
    """Some rate and optimizer that reach it; the empty text where none is found."""
    session = posed.learner
    for line in (
        "",
        *(f"set lr = {rate:g}" for rate in (0.01, 0.03, 0.1, 0.3, 1, 2, 4, 8, 16)),
        "set optimizer = adam",
    ):
        session.restart()
        if line:
            session.execute(line)
        per_epoch = session.run.timeline.batches_per_epoch
        session.execute(f"train {max(1, math.ceil(posed.item.updates / per_epoch))}")
        if _best_loss(posed)[0] < posed.item.loss_below:
            return "answer"
    return ""


def _train_bad(posed: Posed) -> list[Mistake]:
    return [_BLANK]


# --- count --------------------------------------------------------------------------------------------


def _stand_count(posed: Posed) -> None:
    if posed.item.ask[0] not in COUNTS:
        raise CommandError(
            f"{quoted(posed.item.ask[0])} is nothing to count; expected {listed([*COUNTS], 'or')}"
        )
    posed.session.position = 0


def _stack(posed: Posed) -> Stack:
    """The net that is described: one for all questions of an exercise."""
    return drawn_stack(generator(posed.exercise, posed.seed, 999))


def _count_question(posed: Posed) -> list[str]:
    prompt = posed.item.prompt or f"How many are {COUNTS[posed.item.ask[0]]}?"
    return [prompt, _stack(posed).says]


def _count_wants(posed: Posed) -> str:
    return "a whole number"


def _grade_count(posed: Posed, text: str) -> Grade:
    return _stack(posed).grade(posed.item.ask[0], text)


def _count_solution(posed: Posed) -> str:
    return str(_stack(posed).counts[posed.item.ask[0]])


def _count_bad(posed: Posed) -> list[Mistake]:
    wrong = _stack(posed).wrong(posed.item.ask[0])
    return [_BLANK, _ZERO, *(Mistake(str(count), says) for says, count in wrong.items())]


_Rows = Sequence[Kind]

_ROWS: _Rows = (
    Kind("value", _ask_cells, _value_question, _grade_value, _value_solution, _value_bad, _value_wants, hides=True),
    Kind(
        "formula", _ask_cells, _formula_question, _grade_formula, _formula_solution, _formula_bad, _formula_wants,
        hides=True,
    ),
    Kind(
        "order", _stand_order, _order_question, _grade_order, _order_solution, _order_bad, _order_wants,
        is_drawn=True, told=_order_told,
    ),
    Kind(
        "wrong-rule", _stand_wrong_rule, _wrong_rule_question, _grade_wrong_rule, _wrong_rule_solution,
        _wrong_rule_bad, _wrong_rule_wants, conceals=True, is_drawn=True,
    ),
    Kind(
        "check", _stand_check, _check_question, _grade_check, _check_solution, _check_bad, _check_wants,
        conceals=True, is_drawn=True, words=("right", "wrong"),
    ),
    Kind(
        "count", _stand_count, _count_question, _grade_count, _count_solution, _count_bad, _count_wants,
        is_drawn=True,
    ),
    Kind(
        "train", _stand_train, _train_question, _grade_train, _train_solution, _train_bad, _train_wants,
        open_to_change=True,
    ),
)  # fmt: skip

#: The kinds, by name.
KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
