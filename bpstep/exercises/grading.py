"""Grading a number: right, carried forward, wrong with a diagnosis, or not graded.

What is wrong is compared with the value of every wrong rule, with every slip that can be made in this step
(`bpstep.exercises.slips`), and, last, with what would be right if the learner's own earlier wrong answer were true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bpstep.debugger.answers import Hole
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.steps import Step
from bpstep.english import listed, plural
from bpstep.exercises.answer_text import answered, is_expression, read_answer
from bpstep.exercises.chance import other_numbers, right_by_chance, same_value
from bpstep.exercises.grade import CARRIED, CORRECT_ANSWER, OF_ZERO, WRONG, Grade, Truth
from bpstep.exercises.slip import Slip, evaluated
from bpstep.exercises.slips import slips_of
from bpstep.scenario.model import Scenario

__all__ = ["grade_value", "rule_values", "slip_values"]


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
    text = answered(session, text, truth.cell)
    read = read_answer(session, text, hidden)
    if isinstance(read, Grade):
        return read
    value, echo = read
    if truth.holds(value):
        lucky = right_by_chance(session, truth, text)
        return Grade(WRONG, lucky, echo, value) if lucky else Grade(CORRECT_ANSWER, ("right",), echo, value)
    if of_right_rule := _by_the_right_rule(session, truth, value):
        return Grade(WRONG, (of_right_rule,), echo, value)
    matching = tuple(name for name, wrong in rules.items() if _near(value, wrong, truth))
    if carried is not None and not matching and _near(value, carried, truth):
        return Grade(CARRIED, ("Method right, carried from your own earlier answer.",), echo, value)
    slip, matching = _nearest(session, truth, text, value, {name: rules[name] for name in matching})
    says = _of_mistakes(truth, value, _in_part(truth, value) or slip, matching)
    if not says:
        says.append(_alone(truth, value) or _how_far(value, truth, is_exact=is_expression(session, text)))
    return Grade(WRONG, tuple(says), echo, value, matching, _hole(session, truth, value))


def _of_mistakes(truth: Truth, value: float, slip: str, matching: Sequence[str]) -> list[str]:
    """What a wrong answer comes of, as far as that is known: a slip, the sign, the rules that match."""
    says = [f"That is what the rule {name} gives: {RULES[name].says}." for name in matching[:1]]
    if len(matching) > 1:
        says.append(
            f"Here this is also what {listed(matching[1:])} {plural(len(matching) - 1, 'gives', 'give')}."
        )
    if slip:
        says.insert(0, slip)
    is_told = any("sign" in line for line in says)
    if truth.value != 0.0 and abs(value + truth.value) <= truth.tolerance and not is_told:
        says.insert(0, "The size is right, the sign is not.")
    return says


def _by_the_right_rule(session: Session, truth: Truth, value: float) -> str:
    """That an answer is right by the chain rule, where the run is made by a wrong rule that everybody knows of."""
    rule = session.setup.rule
    if rule is CORRECT or session.conceals or session.setup.wrt is not None:
        return ""
    right = session.run_under(CORRECT).step(truth.steps[-1].number).value
    if not _near(value, right, truth):
        return ""
    return f"By the right rule it would be so. This run is made by the rule {rule.name}: {rule.says}."


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
    room = 1e-9 * max(abs(truth.value), OF_ZERO)
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
    return value is not None and abs(value - right) <= 1e-9 * max(abs(right), OF_ZERO)


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
    if is_expression(session, text):
        points = other_numbers(session.scenario)
        may_be = [(slip, found) for slip, found in may_be if same_value(points, text, slip.text, number)]
    best = min(
        (abs(value - found) for found in (*rules.values(), *(found for _, found in may_be))), default=0.0
    )
    room = best + 1e-9 * abs(value)
    told = next((slip.says for slip, found in may_be if abs(value - found) <= room), "")
    return told, tuple(name for name, found in rules.items() if abs(value - found) <= room)


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
    return abs(value - other) <= max(min(rel, 0.02) * abs(other), OF_ZERO)


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
