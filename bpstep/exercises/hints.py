"""Hints, in three rungs: the principle, which factors meet here, and a worked step from the learner's own numbers.

An author's hints come first; what he left out is made from the steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.english import counted, listed
from bpstep.exercises.grading import named
from bpstep.exercises.kinds import Posed, needs, writes_of
from bpstep.exercises.model import Item
from bpstep.exercises.worked_step import worked_step

__all__ = ["RUNGS", "hints_about", "hints_of"]

RUNGS = 3

#: No more groups of factors are named.
_MOST_GROUPS = 4

_PRINCIPLES = {
    "e": "A net input is a weighted sum: every source times the weight of its wire, and the bias.",
    "y": "The output of a neuron is its activation, taken at its net input.",
    "cost": "The cost compares each output with its target; the terms add up.",
    "loss": "The loss of a batch gathers the cost of each sample.",
    "d(y)": "A value is felt through all that use it: each user sends back upstream times local, and they add up.",
    "d(e)": "δ is what comes back to the output, times the slope f′ of the activation at the net input.",
    "d(w)": "A weight's gradient is δ of the neuron that the wire leads to, times what came in over the wire.",
    "d(b)": "A bias is a weight on a constant one: what came in over it leaves δ as it is.",
    "d": "Chain rule: for every user of the value, upstream times local; then add.",
    "local": "A local derivative belongs to one operation alone: its slope at the value that went in.",
    "seed": "The way begins here: the derivative of the last value by itself, or of the loss by one cost.",
    "state": "An optimizer's memory fades by a factor, and takes in a share of the new gradient.",
    "tangent": "A tangent says how fast a value changes: for each source, its tangent times the local derivative; add.",
    "update": "The new value is the old one minus the learning rate times the gradient.",
    "value": "Do what the operation says, with the values that are shown.",
}

_OTHERS = {
    "order": (
        "A value can be computed as soon as everything that it is made of is there.",
        "Forward values come first; then, from the last of them back, every derivative needs those of its users.",
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
    "count": (
        "Forward mode asks of one weight how everything changes; reverse mode asks of one cost what changes it.",
        "A sweep multiplies once at every edge that it goes along. Which edges does a weight reach, which the cost?",
        "Count by layers: the edges behind a weight are its net input's, then those of all that hear of it.",
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
        if item.kind == "order":
            made[-1] = f"{named(_first_of(posed))} needs none of the others: it can come first."
    else:
        steps = [posed.session.run.step(number) for number in writes_of(posed.session, posed.cell)]
        made = hints_about(posed.session, posed.cell, steps, is_value=item.kind == "value")
    return _authors_first(item, made)


def _authors_first(item: Item, made: Sequence[str]) -> list[str]:
    return [*item.hints, *made[len(item.hints) :]][: max(RUNGS, len(item.hints))]


def _first_of(posed: Posed) -> Cell:
    """Of the cells that are to be put in order, one that can be computed before all others."""
    return next(cell for cell in posed.cells if not needs(posed.session, cell).intersection(posed.cells))


def hints_about(session: Session, cell: Cell, steps: Sequence[Step], *, is_value: bool = True) -> list[str]:
    """Principle, factors, and a worked step, for a value that these steps write; ``is_value``: which is asked for."""
    return [
        _PRINCIPLES[_kind(cell, steps[0])], _factors(steps), worked_step(session, cell, steps, is_value=is_value)
    ]  # fmt: skip


def _kind(cell: Cell, step: Step) -> str:
    if step.op in ("update", "local", "seed", "state", "tangent"):
        return step.op
    if cell.kind == "d" and isinstance(cell.of, Cell):
        name = f"d({cell.of.kind})"
        return name if name in _PRINCIPLES else "d"
    return cell.kind if cell.kind in _PRINCIPLES else "value"


def _factors(steps: Sequence[Step]) -> str:
    groups = [listed(list(dict.fromkeys(named(factor.cell) for factor in step.inputs))) for step in steps]
    groups = [group for group in groups if group]
    if not groups:
        return "No other value is read here: it is the same whatever the numbers are."
    if len(groups) > 1 and len(set(groups)) == 1:
        return f"What meets here: {groups[0]}, once for each sample."
    more = f"; and so on, {counted(len(groups), 'share')} in all" if len(groups) > _MOST_GROUPS else ""
    return f"What meets here: {'; then '.join(groups[:_MOST_GROUPS])}{more}."
