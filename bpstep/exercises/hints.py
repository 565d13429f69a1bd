"""Hints, in three rungs: the principle, which factors meet here, and a worked step from the learner's own numbers.

They are made from the steps that write the value.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import LOSS, Cell, d
from bpstep.engine.steps import Step
from bpstep.english import counted, listed
from bpstep.exercises.grade import named
from bpstep.exercises.worked_step import worked_step

__all__ = ["RUNGS", "hints_about"]

RUNGS = 3

#: No more groups of factors are named.
_MOST_GROUPS = 4

_PRINCIPLES = {
    "e": "A net input is a weighted sum: every source times the weight of its wire, and the bias.",
    "y": "The output of a neuron is its activation, taken at its net input.",
    "cost": "The cost compares each output with its target; the terms add up.",
    "loss": "The loss of a batch gathers the cost of each sample.",
    "penalty of the loss": "The penalty is half its factor times the sum of the squares of all weights.",
    "d(y)": "A value is felt through all that use it: each user sends back upstream times local, and they add up.",
    "d(e)": "δ is what comes back to the output, times the slope f′ of the activation at the net input.",
    "d(w)": "A weight's gradient is δ of the neuron that the wire leads to, times what came in over the wire.",
    "d(e) of many": "Every output of a softmax hears this net input: what came back to each, times its answer; add.",
    "penalty": "The penalty on large weights pulls a weight towards 0, the harder the larger it is.",
    "d(b)": "A bias is a weight on a constant one: what came in over it leaves δ as it is.",
    "d": "Chain rule: for every user of the value, upstream times local; then add.",
    "local": "A local derivative belongs to one operation alone: its slope at the value that went in.",
    "seed": "The way begins here: the derivative of the last value by itself, or of the loss by one cost.",
    "memory": "An optimizer's memory fades by a factor, and takes in the new gradient, or a share of it.",
    "memory of squares": "An optimizer's memory of squares fades by a factor, and takes in a share of the new "
    "gradient's square.",
    "tangent": "A tangent says how fast a value changes: for each source, its tangent times the local derivative; add.",
    "update": "The new value is the old one minus the learning rate times the gradient.",
    "update by memory": "The new value is the old one minus a step, which is made of the optimizer's memory, too.",
    "value": "Do what the operation says, with the values that are shown.",
}


def hints_about(session: Session, cell: Cell, steps: Sequence[Step], *, is_value: bool = True) -> list[str]:
    """Principle, factors, and a worked step, for a value that these steps write; ``is_value``: which is asked for."""
    principle = _PRINCIPLES[_kind(session, cell, steps[0])]
    return [principle, _factors(steps), worked_step(session, cell, steps, is_value=is_value)]


def _kind(session: Session, cell: Cell, step: Step) -> str:
    """The principle of a value, by what its (first) step reads: the optimizer's memory, say, or only the gradient."""
    read = [factor.cell for factor in step.inputs]
    if step.op == "update":
        return "update by memory" if any(one.is_state for one in read) else "update"
    if step.op in ("local", "seed", "tangent"):
        return step.op
    if step.op == "state":
        return "memory of squares" if session.setup.optimizer.is_of_squares(cell.kind) else "memory"
    if cell == LOSS and all(one.kind in ("w", "sum") for one in read):
        return "penalty of the loss"
    if cell.kind == "d" and isinstance(cell.of, Cell):
        if step.upstream is not None and step.upstream.cell == d(LOSS) and cell.of.kind == "w":
            return "penalty"
        if _is_of_many(step):
            return "d(e) of many"
        name = f"d({cell.of.kind})"
        return name if name in _PRINCIPLES else "d"
    return cell.kind if cell.kind in _PRINCIPLES else "value"


def _is_of_many(step: Step) -> bool:
    """Whether a step brings one of several contributions to a delta, as in a layer of softmax: none has an f′."""
    is_delta = step.cell.kind == "d" and isinstance(step.cell.of, Cell) and step.cell.of.kind == "e"
    return is_delta and step.part is not None and step.part[1] > 1


def _factors(steps: Sequence[Step]) -> str:
    name = str if _is_of_many(steps[0]) else named
    groups = [listed(list(dict.fromkeys(name(factor.cell) for factor in step.inputs))) for step in steps]
    groups = [group for group in groups if group]
    if not groups:
        return "No other value is read here: it is the same whatever the numbers are."
    if len(groups) > 1 and len(set(groups)) == 1:
        return f"What meets here: {groups[0]}, once for each sample."
    more = f"; and so on, {counted(len(groups), 'share')} in all" if len(groups) > _MOST_GROUPS else ""
    return f"What meets here: {'; then '.join(groups[:_MOST_GROUPS])}{more}."
