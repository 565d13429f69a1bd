"""Hints, in three rungs: the principle, which factors meet here, and a worked step from the learner's own numbers.

An author's hints come first; what he left out is made from the steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.exercises.grading import named
from bpstep.exercises.kinds import Posed, writes_of
from bpstep.exercises.model import Item

__all__ = ["RUNGS", "hints_about", "hints_of"]

RUNGS = 3

_PRINCIPLES = {
    "e": "A net input is a weighted sum: every source times the weight of its wire, and the bias.",
    "y": "The output of a neuron is its activation, taken at its net input.",
    "cost": "The cost compares each output with its target; the terms add up.",
    "loss": "The loss of a batch gathers the cost of each sample.",
    "d(y)": "A value is felt through all that use it: each user sends back upstream times local, and they add up.",
    "d(e)": "δ is what comes back to the output, times the slope f′ of the activation at the net input.",
    "d(w)": "A weight's gradient is δ of the neuron that the wire leads to, times what came in over the wire.",
    "d(b)": "A bias is a weight on a constant 1: its gradient is δ times 1.",
    "d": "Chain rule: for every user of the value, upstream times local; then add.",
    "local": "A local derivative belongs to one operation alone: its slope at the value that went in.",
    "update": "The new value is the old one minus the learning rate times the gradient.",
    "value": "Do what the operation says, with the values that are shown.",
}

_OTHERS = {
    "order": (
        "A value can be computed as soon as everything that it is made of is there.",
        "Forward values come first; then, from the cost back, every derivative needs those of its users.",
        "Within a neuron: first ∂E/∂y is complete, then f′, then δ, then the gradients of its weights.",
    ),
    "wrong-rule": (
        "Go to the first backward step, and work out each value by hand from the ones before it.",
        "Three things can be got wrong: the upstream that is used, the local derivative, and the sum.",
        "A wrong value that is made from right ones is the first; one that is made from wrong ones is not.",
    ),
    "check": (
        "A gradient says how the loss changes; so change the weight a little, both ways, and look.",
        "h must be small, so that the curve does not matter, and not too small, so that rounding does not.",
        "Try 1e-4. A right gradient then agrees to six digits or more.",
    ),
    "train": (
        "A larger rate goes farther with each update, until it goes too far.",
        "Double the rate until the loss rises or jumps, then go back by half.",
        "set lr = … at the start, train, look with show loss; set optimizer = adam is another way.",
    ),
}


def hints_of(posed: Posed) -> list[str]:
    """The hints of an item, one a rung."""
    item = posed.item
    if item.kind in _OTHERS:
        made = list(_OTHERS[item.kind])
    else:
        steps = [posed.session.run.step(number) for number in writes_of(posed.session, posed.cell)]
        made = hints_about(posed.cell, steps)
    return _authors_first(item, made)


def _authors_first(item: Item, made: Sequence[str]) -> list[str]:
    return [*item.hints, *made[len(item.hints) :]][: max(RUNGS, len(item.hints))]


def hints_about(cell: Cell, steps: Sequence[Step]) -> list[str]:
    """Principle, factors, and a worked step, for a value that these steps write."""
    return [_PRINCIPLES[_kind(cell, steps[0])], _factors(steps), _worked(cell, steps)]


def _kind(cell: Cell, step: Step) -> str:
    if step.op in ("update", "local"):
        return step.op
    if cell.kind == "d" and isinstance(cell.of, Cell):
        name = f"d({cell.of.kind})"
        return name if name in _PRINCIPLES else "d"
    return cell.kind if cell.kind in _PRINCIPLES else "value"


def _factors(steps: Sequence[Step]) -> str:
    groups = [" and ".join(dict.fromkeys(named(factor.cell) for factor in step.inputs)) for step in steps[:4]]
    groups = [group for group in groups if group]
    if not groups:
        return "Nothing is read here: it is where the way begins."
    more = f" … and {len(steps) - 4} more" if len(steps) > 4 else ""
    return f"What meets here: {'; then '.join(groups)}{more}."


def _worked(cell: Cell, steps: Sequence[Step]) -> str:
    """The numbers that meet here, with the digits that the answer takes; what they make is left to the learner."""
    if len(steps) == 1:
        return f"{cell} = {steps[0].numbers} = ?"
    parts = [f"({step.share_in_numbers(4)})" for step in steps[:6]]
    more = " + …" if len(steps) > 6 else ""
    return f"{cell} = {' + '.join(parts)}{more} = ?"
