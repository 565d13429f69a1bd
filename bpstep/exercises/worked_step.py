"""The last rung of the hints: what there is to work out, with everything but the result.

    d(y[h1]) = 0.0554 + (-0.0381) * 0.5 = ?

It is an equation for whoever works it out: a factor that is not shown yet where the question is asked is written out
in turn, and what stood in the cell before is a part of it.  Where the numbers would show the result itself (a bias'
gradient *is* δ), names stand in their place; where there is nothing to name either (a sum passes a change on as it
is), the formula is shown whose slope is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Factor, Step
from bpstep.english import counted
from bpstep.exercises.grade import named

__all__ = ["BEFORE", "BRACKET", "worked_step"]

#: What stood in the cell before, where its number would give the result away.
BEFORE = "what is there already"

#: How Iverson's bracket is read.
BRACKET = "   ([p] is 1 where p holds, and 0 where it does not)"

#: So many shares of a sum are written out; and so deep is what is not shown yet.
_MOST_SHARES, _DEEPEST = 6, 3

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d*)?(?:e[+-]?\d+)?")

#: A bracket that is Iverson's, and not a part of a cell's name.
_IVERSON = re.compile(r"(?<!\w)\[")


def worked_step(session: Session, cell: Cell, steps: Sequence[Step], *, is_value: bool = True) -> str:
    """What these steps do, without the result.

    ``is_value``: the result is what is asked for, so it may not stand there.  What is not shown at the position of
    the session is written out.
    """
    whole = [_written_out(session, step, 0) for step in steps[:_MOST_SHARES]]
    if len(steps) == 1:
        text = _alone(session, whole[0], is_value=is_value)
    else:
        text = _sum([_share(part) for part in whole], steps)
    return f"{named(cell)} = {text} = ?{BRACKET if _IVERSON.search(text) else ''}"


def _alone(session: Session, step: Step, *, is_value: bool) -> str:
    """A step by itself, with what stood in the cell before.

    Names are for values that can be looked up: at the first step of a sample the inputs of the last one are shown.
    """
    stale = any(session.moment.value(factor.cell) != factor.value for factor in step.inputs)
    if not is_value or stale or not _tells(step.numbers, step.value):
        return step.numbers
    template, factors = step.whole
    if not step.inputs and step.op in ("seed", "local"):
        return _slope_of(session, step)
    if "{0}" not in step.template and isinstance(session.setup.problem, NetworkSpec):
        template = _vanishing(session.setup.problem.cost, step, template)
    is_sum = step.sign == "+="
    names = [BEFORE if is_sum and factor.cell == step.cell else named(factor.cell) for factor in factors]
    return template.format(*names)


def _vanishing(cost: str, step: Step, template: str) -> str:
    """A term of the cost that is 0 because its factor t is, written as where it is not."""
    places = {"y": "{0}", "t": "{1}", "K": "1"}
    general = COSTS[cost].texts(0.5)[step.op == "local"].format(**places)
    if step.was is None:
        return general
    return template.replace(f"+ {step.template}", f"- {general[1:]}" if general[0] == "-" else f"+ {general}")


def _slope_of(session: Session, step: Step) -> str:
    """A slope that is the same everywhere: the ratio of two changes, by the formula that connects them."""
    head, tail = step.cell.of, step.cell.by
    if step.op == "seed" or not isinstance(head, Cell) or not isinstance(tail, Cell):
        return f"(a change of {step.cell.of}) / (the same change of {step.cell.of})"
    made = _writers(session, head)
    formula = f", where {made[-1].formula}" if made else ""
    return f"(the change of {named(head)}) / (the change of {named(tail)} that makes it{formula})"


def _share(step: Step) -> str:
    """What one of several steps adds."""
    text = step.share_in_numbers(4)
    return f"({text})" if any(sign in text for sign in "*/ ") or text.startswith("-") else text


def _sum(shares: list[str], steps: Sequence[Step]) -> str:
    """Several shares, and what the others come to together."""
    others = steps[_MOST_SHARES:]
    if others:
        rest = sum(step.value if step.product is None else step.product for step in others)
        shares = [*shares, f"({rest:.6g} from the other {counted(len(others), 'share')})"]
    return " + ".join(shares)


def _tells(text: str, value: float) -> bool:
    """Whether a result stands among some numbers, but for its sign."""
    return f"{abs(value):.4g}" in {f"{float(number):.4g}" for number in _NUMBER.findall(text)}


def _written_out(session: Session, step: Step, depth: int) -> Step:
    """A step with each factor that is not shown yet written out in turn."""
    if depth >= _DEEPEST or all(_is_shown(session, factor.cell) for factor in step.inputs):
        return step
    inputs: list[Factor] = []
    places = []
    for factor in step.inputs:
        made = [] if _is_shown(session, factor.cell) else _writers(session, factor.cell)
        if len(made) != 1 or made[0].was is not None:
            places.append(f"{{{len(inputs)}}}")
            inputs.append(factor)
            continue
        inner = _written_out(session, made[0], depth + 1)
        first = len(inputs)
        moved = inner.template.format(*(f"{{{first + k}}}" for k in range(len(inner.inputs))))
        places.append(f"({moved})" if any(sign in moved for sign in " ^") and moved[0] != "[" else moved)
        inputs += inner.inputs
    return step._replace(template=step.template.format(*places), inputs=tuple(inputs))


def _is_shown(session: Session, cell: Cell) -> bool:
    reading = session.read(cell)
    return reading is None or reading.state not in ("unset", "partial")


def _writers(session: Session, cell: Cell) -> list[Step]:
    """The steps that write a cell, in the batch at the cursor."""
    spot = session.index.find(cell)
    if spot is None:
        return []
    moment = session.moment
    numbers = moment.write_steps(spot)
    return [session.run.step(int(number)) for number in numbers]
