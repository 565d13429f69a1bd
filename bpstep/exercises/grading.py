"""Grading a number: right, carried forward, wrong with a diagnosis, or not graded.

An answer a is right where |a − t| ≤ max(rel·|t|, 0.001·|largest contribution to t|), t being the true value; where t
is 0, within 1e-9.  So who rounds every step to the four digits on the screen passes, and 0 never does unless t is 0.
What is wrong is compared with the value of every wrong rule, with every slip that can be made in this step
(`bpstep.exercises.slips`), and, last, with what would be right if the learner's own earlier wrong answer were true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bpstep.debugger.answers import Hole
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import UnsetError, parse
from bpstep.debugger.session import Session
from bpstep.debugger.why import writers
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.steps import Step
from bpstep.english import listed
from bpstep.exercises.slip import Slip, evaluated
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import generator, redrawn, redrawn_alike
from bpstep.scenario.arithmetic import Number, cells_of, evaluate, parse_expression, postorder
from bpstep.scenario.model import Scenario

__all__ = [
    "CARRIED", "CORRECT_ANSWER", "MOST_CHARACTERS", "NOT_GRADED", "WRONG", "Grade", "Truth", "by_chance",
    "carried_value", "grade_value", "in_six_digits", "named", "read_answer", "rule_values", "slip_values",
    "tolerance_text", "truth_of",
]  # fmt: skip

CORRECT_ANSWER, CARRIED, WRONG, NOT_GRADED = "correct", "carried-forward", "wrong", "not-graded"

#: No answer is longer than this.
MOST_CHARACTERS = 500
_LEAST_SHARE = 0.001
_OF_ZERO = 1e-9


@dataclass(frozen=True)
class Grade:
    """What came of an answer.  ``echo`` is the answer with its value; ``diagnoses`` are the wrong rules that match."""

    verdict: str
    says: tuple[str, ...] = ()
    echo: str = ""
    value: float | None = None
    diagnoses: tuple[str, ...] = ()
    hole: Hole | None = None

    @property
    def is_right(self) -> bool:
        """Whether the item is solved."""
        return self.verdict in (CORRECT_ANSWER, CARRIED)


@dataclass(frozen=True)
class Truth:
    """The right value of a cell, what was added up to it, and how far off an answer may be."""

    cell: Cell
    value: float
    steps: tuple[Step, ...]
    tolerance: float

    def holds(self, answer: float) -> bool:
        """Whether an answer is near enough."""
        return abs(answer - self.value) <= self.tolerance


def truth_of(cell: Cell, steps: Sequence[Step], rel: float, absolute: float | None) -> Truth:
    """The truth about a cell that these steps write."""
    value = steps[-1].value
    if absolute is not None:
        return Truth(cell, value, tuple(steps), absolute)
    if value == 0.0:
        return Truth(cell, value, tuple(steps), _OF_ZERO)
    parts = [step.product if step.product is not None else step.value for step in steps]
    largest = max(abs(part) for part in parts)
    return Truth(cell, value, tuple(steps), max(rel * abs(value), _LEAST_SHARE * largest))


def tolerance_text(rel: float, absolute: float | None) -> str:
    """How far off an answer may be, in words."""
    return f"within {absolute:g}" if absolute is not None else f"within {rel * 100:g}%"


def in_six_digits(value: float) -> str:
    """A number that a learner goes on with: more digits than an answer needs.

    >>> in_six_digits(-0.0554000001)
    '−0.0554'
    """
    return f"{value:.6g}".replace("-", "−")


def read_answer(session: Session, text: str, hidden: Cell | None) -> tuple[float, str] | Grade:
    """The value of an answer and its echo; or why it is not graded, which costs no try."""
    text = text.strip()
    if not text:
        return _not_graded("Nothing was answered; this costs no try.")
    if len(text) > MOST_CHARACTERS:
        return _not_graded(f"An answer has at most {MOST_CHARACTERS} characters; this costs no try.")
    try:
        expression = parse(session.scope, _typed(text))
        if hidden is not None and hidden in expression.cells:
            return _not_graded(f"{hidden} is what is asked for; use cells that are shown already.")
        value = expression.value(session.moment)
    except CommandError as error:
        return _not_graded(f"{error.message}; this costs no try.")
    except UnsetError as error:
        return _not_graded(f"{error}: only cells that are shown already can be used; this costs no try.")
    if not math.isfinite(value):
        return _not_graded(f"{text} is {value}, which is no number to compare; this costs no try.")
    shown = f"{value:+.4g}".replace("-", "−")
    is_number = not expression.cells and text.lstrip("+-").replace(".", "", 1).isdigit()
    return value, text if is_number else f"{text} = {shown}"


def _not_graded(why: str) -> Grade:
    return Grade(NOT_GRADED, (why,))


def rule_values(
    session: Session, cell: Cell, number: int, names: Sequence[str] | None = None
) -> dict[str, float]:
    """What each wrong rule that applies gives for the step of a number, where it differs from the truth."""
    found: dict[str, float] = {}
    if session.setup.wrt is not None:  # a rule is a way to go back
        return found
    truth = session.run.step(number).value
    for name in names if names is not None else RULES:
        rule = RULES[name]
        if rule is CORRECT or rule.refuses(session.setup.problem, session.setup.training):
            continue
        value = session.run_under(rule).step(number).value
        if value != truth or names is not None:
            found[name] = value
    return found


def grade_value(
    session: Session,
    truth: Truth,
    text: str,
    *,
    rules: Mapping[str, float],
    carried: float | None = None,
    hidden: Cell | None = None,
) -> Grade:
    """Grade an answer about a number."""
    read = read_answer(session, text, hidden)
    if isinstance(read, Grade):
        return read
    value, echo = read
    if truth.holds(value):
        lucky = _right_by_chance(session, truth, text)
        return Grade(WRONG, lucky, echo, value) if lucky else Grade(CORRECT_ANSWER, ("right",), echo, value)
    matching = tuple(name for name, wrong in rules.items() if _near(value, wrong, truth))
    if carried is not None and not matching and _near(value, carried, truth):
        return Grade(CARRIED, ("Method right, carried from your own earlier answer.",), echo, value)
    slip, matching = _nearest(session, truth, text, value, {name: rules[name] for name in matching})
    slip = _in_part(truth, value) or slip
    says = [f"That is what the rule {name} gives: {RULES[name].says}." for name in matching[:1]]
    if len(matching) > 1:
        says.append(f"Here this is also what {listed(matching[1:])} gives.")
    if slip:
        says.insert(0, slip)
    is_told = any("sign" in line for line in says)
    if truth.value != 0.0 and abs(value + truth.value) <= truth.tolerance and not is_told:
        says.insert(0, "The size is right, the sign is not.")
    if not says:
        says.append(_alone(truth, value) or _how_far(value, truth, is_exact=_is_expression(session, text)))
    return Grade(WRONG, tuple(says), echo, value, matching, _hole(session, truth, value))


def slip_values(
    session: Session, truth: Truth, variants: Sequence[Scenario] = ()
) -> list[tuple[Slip, float]]:
    """The slips that can be made here with their values, without those that are the right one to the last digit.

    The latter are among them where another of the ``variants`` tells them from the right one: two weights are equal
    here, and other numbers should be drawn.  Where the weight is always 1, leaving it out is no mistake to be found.
    """
    number = truth.steps[-1].number
    slips = slips_of(session, truth.cell, truth.steps)
    found = [(slip, value) for slip in slips if (value := evaluated(session, slip.text, number)) is not None]
    room = 1e-9 * max(abs(truth.value), _OF_ZERO)
    values = [(slip, value) for slip, value in found if abs(value - truth.value) > room]
    equal = [(slip, value) for slip, value in found if abs(value - truth.value) <= room]
    if equal and variants:
        others = [Session(variant) for variant in variants]
        values += [
            (slip, value)
            for slip, value in equal
            if not all(_is_right_in(o, slip.text, number) for o in others)
        ]
    return values


def _is_right_in(session: Session, text: str, number: int) -> bool:
    """Whether an expression has the value of a step in another variant, too."""
    value, right = evaluated(session, text, number), session.run.step(number).value
    return value is not None and abs(value - right) <= 1e-9 * max(abs(right), _OF_ZERO)


def _right_by_chance(session: Session, truth: Truth, text: str) -> tuple[str, ...]:
    """Why an expression whose value is right is wrong all the same; nothing where it is not.

    With other weights and inputs it has another value: e(1 − e) is near y(1 − y) where y is near e.  What is made of
    numbers is taken as it is: who rounds, rounds the numbers of this net.
    """
    changed = len(session.run.edits) > (session.scenario.wrt is not None)
    if changed or not _is_of_cells(session, text):
        return ()
    number = truth.steps[-1].number
    if _is_of_a_twin(session, truth, text):
        return ()
    points = _other_numbers(session.scenario)
    pairs = [(evaluated(p, _typed(text), session.position + 1), p.run.step(number).value) for p in points]
    if all(a is None or abs(a - b) <= 1e-6 * max(abs(b), 1e-9) for a, b in pairs):
        return ()
    return by_chance(session, truth, text)


def by_chance(session: Session, truth: Truth, text: str) -> tuple[str, ...]:
    """What is said of an expression that has the right value here and another one elsewhere: its slip, where it is one,
    and why it does not show here."""
    number, points = truth.steps[-1].number, _other_numbers(session.scenario)
    slips = slips_of(session, truth.cell, truth.steps)
    told = [slip.says for slip in slips if _same(points, text, slip.text, number)]
    ones = dict.fromkeys(named(f.cell) for step in truth.steps for f in step.inputs if f.value == 1.0)
    if told and ones:
        is_ = "is" if len(ones) == 1 else "are"
        return told[0], f"Its value is right here only because {listed(list(ones))} {is_} 1."
    return (*told[:1], "Its value is right here by chance: with other weights and inputs it is not.")


def _is_of_a_twin(session: Session, truth: Truth, text: str) -> bool:
    """Whether an answer is the same cell of another neuron, or weight, that is alike: it has the same value wherever
    what is equal here is equal.  Who sees that need not work it out again."""
    found, asked = parse(session.scope, _typed(text)).cell, truth.cell
    if found is None or _sort(found) != _sort(asked):
        return False
    number = truth.steps[-1].number
    points = [redrawn_alike(session.scenario, generator("alike", 0, k)) for k in range(3)]
    pairs = [
        (evaluated(s, str(found), session.position + 1), s.run.step(number).value)
        for s in map(Session, points)
    ]
    return all(a is not None and abs(a - b) <= 1e-9 * max(abs(b), 1e-9) for a, b in pairs)


def _sort(cell: Cell) -> str:
    """What a cell is, whoever has it; a weight and a bias are both parameters."""
    kind = "parameter" if cell.kind in ("w", "b") else cell.kind
    return " ".join([kind, *(_sort(of) for of in (cell.of, cell.by) if isinstance(of, Cell))])


@lru_cache(maxsize=4)
def _other_numbers(scenario: Scenario) -> tuple[Session, ...]:
    """The same net with other weights and inputs, three times."""
    return tuple(Session(redrawn(scenario, generator("other numbers", 0, k))) for k in range(3))


def _is_of_cells(session: Session, text: str) -> bool:
    """Whether an answer is an expression over cells with no numbers in it but those that formulas have."""
    try:
        node = parse(session.scope, _typed(text)).node
    except CommandError:
        return False
    numbers = [part.value for part in postorder(node) if isinstance(part, Number)]
    return bool(list(cells_of(node))) and all(number in (0.0, 0.5, 1.0, 2.0) for number in numbers)


def _nearest(
    session: Session, truth: Truth, text: str, value: float, rules: Mapping[str, float]
) -> tuple[str, tuple[str, ...]]:
    """What was done: the slip that an answer is, in a sentence, and the rules that give the same.

    An expression is a slip where both have one value on other numbers, too.  A number is the nearest of all slips and
    rules that it may be; what is as near as that is told as well, what is farther off is not.
    """
    number = truth.steps[-1].number
    slips = [
        (slip, evaluated(session, slip.text, number)) for slip in slips_of(session, truth.cell, truth.steps)
    ]
    may_be = [(slip, found) for slip, found in slips if found is not None and _near(value, found, truth)]
    may_be = [(slip, found) for slip, found in may_be if not truth.holds(found) and (value or found == 0.0)]
    if _is_expression(session, text):
        points = _other_numbers(session.scenario)
        may_be = [(slip, found) for slip, found in may_be if _same(points, text, slip.text, number)]
    best = min(
        (abs(value - found) for found in (*rules.values(), *(found for _, found in may_be))), default=0.0
    )
    room = best + 1e-9 * abs(value)
    told = next((slip.says for slip, found in may_be if abs(value - found) <= room), "")
    return told, tuple(name for name, found in rules.items() if abs(value - found) <= room)


def _same(points: Sequence[Session], text: str, other: str, number: int) -> bool:
    """Whether two expressions have the same value at each of some points."""
    for point in points:
        a, b = evaluated(point, _typed(text), number), evaluated(point, other, number)
        if a is None or b is None or abs(a - b) > 1e-9 * max(abs(a), abs(b), 1e-6):
            return False
    return True


def _is_expression(session: Session, text: str) -> bool:
    try:
        return bool(parse(session.scope, _typed(text)).cells)
    except CommandError:
        return False


def _typed(text: str) -> str:
    return text.strip().replace("−", "-").replace("×", "*").replace("·", "*")


def _in_part(truth: Truth, value: float) -> str:
    """One step of a sum that grows: what it adds without what was there, or the other way round."""
    step = truth.steps[0]
    if len(truth.steps) > 1 or step.sign != "+=" or step.was is None or value == 0.0:
        return ""
    if step.product is not None and _near(value, step.product, truth):
        return "That is this contribution alone; what had arrived before it is missing."
    return (
        "That is what had arrived before; this contribution is missing."
        if _near(value, step.was, truth)
        else ""
    )


def _alone(truth: Truth, value: float) -> str:
    """One contribution in the place of all, where cells can not say which (each sample has its own)."""
    if len(truth.steps) > 1:
        for step in truth.steps:
            if step.product is not None and _near(value, step.product, truth):
                return f"That is contribution {_place(step)} of {len(truth.steps)} alone; all of them add up."
    return ""


def _near(value: float, other: float, truth: Truth) -> bool:
    """Whether an answer is another number, to the same precision."""
    if not math.isfinite(other) or (truth.value == 0.0 and other == 0.0):
        return False
    rel = truth.tolerance / abs(truth.value) if truth.value else 0.01
    return abs(value - other) <= max(min(rel, 0.02) * abs(other), _OF_ZERO)


def _how_far(value: float, truth: Truth, *, is_exact: bool) -> str:
    if value == 0.0:
        return "It is not 0."
    if truth.value == 0.0:
        return "Ask of each factor what it is here."
    if (value > 0) != (truth.value > 0):
        return "The sign is not right, nor is the size."
    ratio = abs(value / truth.value)
    if 0.9 < ratio < 1.1:
        return (
            "Close, but not the same."
            if is_exact
            else "Close, but not close enough: is a number rounded too early?"
        )
    return (
        "The sign is right; the size is too large."
        if ratio > 1
        else "The sign is right; the size is too small."
    )


def named(cell: Cell) -> str:
    """A cell as a learner knows it: f′(e[o1]) for a neuron's own slope."""
    head, tail = cell.of, cell.by
    own = cell.kind == "local" and isinstance(head, Cell) and isinstance(tail, Cell) and head.of == tail.of
    if own and isinstance(head, Cell) and head.kind == "y":
        return f"f′({tail})"
    is_delta = cell.kind == "d" and isinstance(head, Cell) and head.kind == "e"
    return f"delta[{head.of}]" if is_delta and isinstance(head, Cell) else str(cell)


def _hole(session: Session, truth: Truth, value: float) -> Hole | None:
    """The local derivative that was left out of a product, if that is what happened.

    Nobody has worked out the derivative of the root by itself: who answers 1 has not left out a factor.
    """
    step = truth.steps[0]
    if step.upstream is not None and step.upstream.cell.of == session.setup.graph.root.cell(0):
        return None
    if len(truth.steps) > 1 or step.upstream is None or step.local is None or step.local.value == 1.0:
        return None
    return (
        Hole(step.upstream, _local_of(step), step.cell) if _near(value, step.upstream.value, truth) else None
    )


def _local_of(step: Step) -> Cell:
    """What a step multiplies the upstream derivative by, by the name of the cell that it reads."""
    assert step.local is not None
    return step.inputs[1].cell if len(step.inputs) > 1 else step.local.cell


def _place(step: Step) -> int:
    return step.part[0] if step.part else 1


def carried_value(session: Session, cell: Cell, number: int, given: Mapping[Cell, float]) -> float | None:
    """The value of a cell if the learner's own earlier answers were true; None where it does not depend on them."""
    if not given or cell in given:
        return None
    at = session.position
    session.position = number
    try:
        memory: dict[Cell, tuple[float, bool]] = {}
        value, depends = _recomputed(session, cell, given, memory, 0)
    finally:
        session.position = at
    return value if depends else None


def _recomputed(
    session: Session,
    cell: Cell,
    given: Mapping[Cell, float],
    memory: dict[Cell, tuple[float, bool]],
    depth: int,
) -> tuple[float, bool]:
    if cell in given:
        return given[cell], True
    if cell in memory:
        return memory[cell]
    numbers = writers(session.moment, cell)
    reading = session.read(cell)
    known = reading.value if reading is not None and reading.value is not None else math.nan
    found, depends = known, False
    if numbers and depth < 60 and len(numbers) <= 100:
        total, any_given = 0.0, False
        for number in numbers:
            step = session.run.step(number)
            value, mine = _of_step(session, step, given, memory, depth)
            any_given |= mine
            total = value if step.was is None or step.op in ("apply", "local", "seed") else total + value
        if any_given:
            found, depends = total, True
    memory[cell] = found, depends
    return found, depends


def _of_step(
    session: Session,
    step: Step,
    given: Mapping[Cell, float],
    memory: dict[Cell, tuple[float, bool]],
    depth: int,
) -> tuple[float, bool]:
    """What a step brings, with its inputs recomputed."""
    values, depends = [], False
    for factor in step.inputs:
        value, mine = _recomputed(session, factor.cell, given, memory, depth + 1)
        values.append(value if mine else factor.value)
        depends |= mine
    if not depends:
        return (step.product if step.product is not None else step.value), False
    names = [f"x{k}" for k in range(len(values))]
    node = parse_expression(step.template.format(*names), cells=True, names=frozenset(names))
    return evaluate(node, lambda cell: values[int(str(cell.of)[1:])]), True
