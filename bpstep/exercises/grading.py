"""Grading a number: right, carried forward, wrong with a diagnosis, or not graded.

An answer a is right where |a − t| ≤ max(rel·|t|, 0.001·|largest contribution to t|), t being the true value; where t
is 0, within 1e-9.  So who rounds every step to the four digits on the screen passes, and 0 never does unless t is 0.
What is wrong is compared with the value of every wrong rule; with the factors that the step multiplies, one left
out; and, last, with what would be right if the learner's own earlier wrong answer were true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpstep.debugger.answers import Hole
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import UnsetError, parse
from bpstep.debugger.session import Session
from bpstep.debugger.why import writers
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.steps import Step
from bpstep.scenario.arithmetic import evaluate, parse_expression

__all__ = [
    "CARRIED", "CORRECT_ANSWER", "MOST_CHARACTERS", "NOT_GRADED", "WRONG", "Grade", "Truth", "carried_value",
    "grade_value", "named", "read_answer", "rule_values", "tolerance_text", "truth_of",
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


def read_answer(session: Session, text: str, hidden: Cell | None) -> tuple[float, str] | Grade:
    """The value of an answer and its echo; or why it is not graded, which costs no try."""
    text = text.strip()
    if not text:
        return _not_graded("Nothing was answered; this costs no try.")
    if len(text) > MOST_CHARACTERS:
        return _not_graded(f"An answer has at most {MOST_CHARACTERS} characters; this costs no try.")
    try:
        expression = parse(session, text.replace("−", "-").replace("×", "*").replace("·", "*"))
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
        return Grade(CORRECT_ANSWER, ("right",), echo, value)
    matching = tuple(name for name, wrong in rules.items() if _near(value, wrong, truth))
    if carried is not None and not matching and _near(value, carried, truth):
        return Grade(CARRIED, ("Method right, carried from your own earlier answer.",), echo, value)
    says = [f"That is what the rule {name} gives: {RULES[name].says}." for name in matching[:1]]
    if len(matching) > 1:
        says.append(f"Here this is also what {' and '.join(matching[1:])} gives.")
    hole = _hole(truth, value)
    if hole:
        says.insert(0, f"That is what you get without {named(hole.local)}.")
    elif factor := _partly(session, truth, value):
        says.insert(0, factor)
    if truth.value != 0.0 and abs(value + truth.value) <= truth.tolerance:
        says.insert(0, "The size is right, the sign is not.")
    if not says:
        says.append(_how_far(value, truth))
    return Grade(WRONG, tuple(says), echo, value, matching, hole)


def _near(value: float, other: float, truth: Truth) -> bool:
    """Whether an answer is another number, to the same precision."""
    if not math.isfinite(other) or (truth.value == 0.0 and other == 0.0):
        return False
    rel = truth.tolerance / abs(truth.value) if truth.value else 0.01
    return abs(value - other) <= max(min(rel, 0.02) * abs(other), _OF_ZERO)


def _how_far(value: float, truth: Truth) -> str:
    if value == 0.0:
        return "It is not 0."
    if truth.value == 0.0:
        return "It is 0 here: ask which factor is."
    if (value > 0) != (truth.value > 0):
        return "The sign is not right, nor is the size."
    ratio = abs(value / truth.value)
    if 0.9 < ratio < 1.1:
        return "Close, but not close enough: is a number rounded too early?"
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


def _hole(truth: Truth, value: float) -> Hole | None:
    """The local derivative that was left out of a product, if that is what happened."""
    step = truth.steps[0]
    if len(truth.steps) > 1 or step.upstream is None or step.local is None or step.local.value == 1.0:
        return None
    return (
        Hole(step.upstream, _local_of(step), step.cell) if _near(value, step.upstream.value, truth) else None
    )


def _local_of(step: Step) -> Cell:
    """What a step multiplies the upstream derivative by, by the name of the cell that it reads."""
    assert step.local is not None
    return step.inputs[1].cell if len(step.inputs) > 1 else step.local.cell


def _partly(session: Session, truth: Truth, value: float) -> str:
    """What else was left out, or taken from the neighbour, in a product or in one product of a sum."""
    for step in truth.steps:
        if step.upstream is None or step.local is None or step.product is None:
            continue
        local, rest = _local_of(step), truth.value - step.product
        if (
            len(truth.steps) > 1
            and step.local.value != 1.0
            and _near(value, rest + step.upstream.value, truth)
        ):
            return f"That is what you get without {named(local)} in contribution {_place(step)} of {len(truth.steps)}."
        if len(truth.steps) == 1 and _near(value, step.local.value, truth) and step.upstream.value != 1.0:
            return f"That is {named(local)} alone: what comes back, {named(step.upstream.cell)}, is missing."
        neighbour = _other_weight(session, step, value, rest, truth)
        if neighbour:
            return neighbour
    if len(truth.steps) > 1:
        for step in truth.steps:
            part = step.product if step.product is not None else None
            if part is not None and _near(value, part, truth):
                return f"That is contribution {_place(step)} of {len(truth.steps)} alone; all of them add up."
    return ""


def _place(step: Step) -> int:
    return step.part[0] if step.part else 1


def _other_weight(session: Session, step: Step, value: float, rest: float, truth: Truth) -> str:
    """The same product with a weight of another wire."""
    weight = step.inputs[1].cell if len(step.inputs) > 1 else None
    if weight is None or weight.kind != "w" or step.upstream is None:
        return ""
    for vector in session.setup.graph.parameters:
        if vector.kind != "w" or len(vector.names) * len(vector.columns) > 400:
            continue
        for row in range(len(vector.names)):
            for column in range(len(vector.columns)):
                other = vector.cell(row, column)
                reading = session.read(other)
                if other == weight or reading is None or reading.value is None:
                    continue
                if _near(value, rest + step.upstream.value * reading.value, truth):
                    return f"That is what you get with {other}; the wire in question is {weight}."
    return ""


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
    numbers = writers(session, cell)
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
