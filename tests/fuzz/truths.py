"""What must be true at any moment of a session, whatever was typed before: asked of the program, answered by others.

* A step's formula with its inputs put in gives its value; its numbers give it within their rounding.
* Every row of `why` is such a step; what it says of a cell is the cell's value right after that step.
* A line that is printed says number = number only where that is so.
* What is printed holds nothing that a terminal would obey.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from bpstep.debugger.answers import Answer, Why
from bpstep.debugger.console import Console
from bpstep.debugger.moment import OVERRIDDEN, Moment
from bpstep.debugger.why import WhyNode
from bpstep.engine.steps import Step
from tests.fuzz.case import FALSE, Case
from tests.fuzz.equations import NotAFormulaError, evaluated, holds
from tests.fuzz.intervals import Interval, exactly, minus, plus
from tests.fuzz.printed import false_equations

__all__ = ["check_answer", "check_landing", "check_step", "check_text"]

_MOST_ROWS = 60


def check_landing(case: Case, session: Console) -> None:
    """Where a command has led to: the step that was done last, and what stands in its cell now."""
    step = session.step
    if step is None:
        return
    check_step(case, step)
    reading = session.read(step.cell)
    if reading is None or (reading.state != OVERRIDDEN and not _near(reading.value, step.value)):
        case.found(
            FALSE, f"the cell after {step.op}", f"{reading}, but step {step.number} made {step.value!r}"
        )


def check_step(case: Case, step: Step) -> None:
    """Formula and numbers of a step against its value."""
    for what, problem in _problems(step):
        case.found(FALSE, f"{what} of {step.op}", f"step {step.number}: {step.formula}: {problem}\n{step}")


def _problems(step: Step) -> Iterator[tuple[str, str]]:
    left, _, right = step.formula.partition(f" {step.sign} ")
    if left != str(step.cell) or not right:
        yield "formula", "it does not begin with the cell and the sign"
        return
    names = {str(factor.cell): exactly(factor.value) for factor in step.inputs}
    names |= _all_of_a_layer(step)
    try:
        found = evaluated(right, names)
        if step.sign != "=":
            before = exactly(step.was if step.was is not None else 0.0)
            found = plus(before, found) if step.sign == "+=" else minus(before, found)
        if not holds(step.value, found):
            yield "formula", f"gives {found}, the value is {step.value!r}"
        found = evaluated(step.numbers, _all_of_a_layer(step), digits=4)
        if not holds(step.value, found):
            yield "numbers", f"{step.numbers} gives {found}, the value is {step.value!r}"
    except NotAFormulaError as error:
        yield "formula", str(error)


def _all_of_a_layer(step: Step) -> dict[str, Interval]:
    """What a wide formula sums up in a word: ``sum(exp(e))`` over the inputs, ``sum(w^2)``."""
    if step.op == "apply" and "sum(exp(e))" in step.template:
        with_care = [math.exp(min(factor.value, 709.0)) for factor in step.inputs]
        return {"sum(exp(e))": _about(math.fsum(with_care))}
    if step.op == "reduce" and "sum(w^2)" in step.template:
        return {"sum(w^2)": _about(math.fsum(factor.value**2 for factor in step.inputs))}
    return {}


def _about(number: float) -> Interval:
    return Interval(number * (1 - 1e-12), number * (1 + 1e-12)) if math.isfinite(number) else exactly(number)


# --- answers --------------------------------------------------------------------------------------------


def check_text(case: Case, session: Console, what: str, text: str) -> None:
    """What is printed: safe for a terminal, and true."""
    case.hold_safe(what, text)
    for line in false_equations(text, session.options.digits):
        case.found(FALSE, f"equation in {what}", line)


def check_answer(case: Case, session: Console, answer: Answer) -> None:
    """What an answer says of where a number comes from."""
    if isinstance(answer, Why):
        for node in islice(_nodes(answer.tree), _MOST_ROWS):
            _check_row(case, session, node)


def _nodes(node: WhyNode) -> Iterator[WhyNode]:
    waiting = [node]
    while waiting:
        at = waiting.pop()
        yield at
        waiting += reversed(at.children)


def _check_row(case: Case, session: Console, node: WhyNode) -> None:
    """A row of `why`: an equation that holds, in numbers as they were when its step was done."""
    step, value = node.step, node.reading.value
    if step is None or value is None:
        return
    check_step(case, step)
    where = "via" if node.via else "row"
    told = f"{node.reading.cell} = {value!r} at step {step.number}: {step.formula}"
    if node.via:
        if step.upstream is not None and step.local is not None:
            wanted = step.upstream.value * step.local.value
            if not _near(wanted, value):
                case.found(FALSE, f"why, {where} of {step.op}", f"{told}: {wanted!r}")
        return
    if not _near(step.value, value):
        case.found(FALSE, f"why, {where} of {step.op}", f"{told}: its step made {step.value!r}")
    then = Moment(session.run, step.number).read(node.reading.cell)
    # What was set by hand right behind the step has its new value there already.
    if (
        then is not None
        and then.value is not None
        and then.state != OVERRIDDEN
        and not _near(then.value, value)
    ):
        case.found(FALSE, f"why, {where} of {step.op}", f"{told}: it was {then.value!r} then")
    vias = [child for child in node.children if child.via]
    if vias and not node.left_out and session.setup.rule.name == "correct":
        values = [child.reading.value or 0.0 for child in vias]
        scale = max(map(abs, values))
        if math.isfinite(scale) and abs(math.fsum(values) - value) > 1e-9 * max(scale, abs(value)):
            case.found(FALSE, f"why, sum of {step.op}", f"{told}: the contributions are {values}")


def _near(a: float | None, b: float) -> bool:
    if a is None:
        return False
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))
