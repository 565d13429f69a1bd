"""Narration: each step in one plain sentence that says what happens, and why.

A row for every kind of step.  The sentences name the cells in the learner's notation and speak of flow, not
of formulas: the formula stands right above them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from bpstep.debugger.session import Session
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.english import listed, ordinal, share, times
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols

__all__ = ["as_the_right_rule_has_it", "as_the_rule_has_it", "sentence"]


def sentence(frame: Frame, step: Step) -> str:
    """What a step does, in one sentence; under a wrong rule, as that has it."""
    s = frame.symbols
    text = _OPS[step.op](frame, step, s)
    if step.because:
        text = f"{text.removesuffix('.')} ({_because(step, s)})."
    return s.glyphs.spell(text if step.when.phase == "forward" else as_the_rule_has_it(frame.session) + text)


def _because(step: Step, s: Symbols) -> str:
    """The convention that a step applies; that of a cost speaks of y and t, in the letters of the book."""
    if step.op != "local" or step.cell.owner.kind != "cost":
        return step.because
    letters = {"y": s.notation.output, "t": s.notation.target}
    return re.sub(r"\b[yt]\b", lambda found: letters[found[0]], step.because)


def as_the_rule_has_it(session: Session) -> str:
    """Before words about derivatives: what they say is true of the right rule; of one that is kept secret nothing may
    be said."""
    if session.conceals:
        return "If the rule is right: "
    rule = session.setup.rule
    return "" if rule is CORRECT else f"By {rule.name}: "


def as_the_right_rule_has_it(frame: Frame) -> str:
    """Before words about the right rule, where the run has another one, or one that is kept secret."""
    if frame.conceals:
        return "If the rule is right: "
    return "" if frame.setup.rule is CORRECT else "By the right rule: "


def _activation(frame: Frame, layer: str) -> str:
    problem = frame.setup.problem
    if isinstance(problem, NetworkSpec):
        for spec in problem.layers:
            if spec.name == layer:
                return ACTIVATIONS[spec.activation]
    return "its function"


def _samples(frame: Frame) -> int:
    return frame.moment.place.schedule.samples


def _is_mean(frame: Frame) -> bool:
    """Whether the loss is a mean over several samples."""
    return _samples(frame) > 1 and frame.setup.training.reduction == "mean"


# --- forward ---------------------------------------------------------------------------------------------


def _term(frame: Frame, step: Step, s: Symbols) -> str:
    if step.cell.kind == "var":
        term = " times ".join(s(factor.cell) for factor in step.inputs)
        k, of = step.part or (1, 1)
        return f"{term} is added to {s(step.cell)}: term {k} of {of}."
    source = step.inputs[1].cell.of
    return f"{source} sends its output over the wire to {step.when.node}, times the weight of the wire."


def _bias(frame: Frame, step: Step, s: Symbols) -> str:
    return f"The bias shifts the sum; now the net input {s(step.cell)} is complete."


def _apply(frame: Frame, step: Step, s: Symbols) -> str:
    if step.cell.kind == "var":
        read = listed([s(factor.cell) for factor in step.inputs]) or "constants"
        return f"{s(step.cell)} is computed from {read}, and nothing else."
    curve = _activation(frame, step.when.layer)
    if step.when.node in s.coupled:
        shares = "the layer's net inputs into shares of 1"
        return f"{curve.capitalize()} turns {shares}; this is {step.when.node}'s share."
    return (
        f"{step.when.node} answers its net input: {curve} turns {s(step.inputs[0].cell)} into {s(step.cell)}."
    )


def _cost(frame: Frame, step: Step, s: Symbols) -> str:
    return f"How far {step.when.node} is from its target is added to the cost {s(step.cell)} of this sample."


def _reduce(frame: Frame, step: Step, s: Symbols) -> str:
    if not step.inputs or step.inputs[0].cell.kind in ("w", "sum"):
        return "The penalty on large weights is added to the loss of the batch."
    if _is_mean(frame):
        return (
            f"The loss is the mean over the batch: this sample adds a {share(_samples(frame))} of its cost."
        )
    return "This sample's cost is added to the loss of the batch."


# --- backward --------------------------------------------------------------------------------------------


def _seed(frame: Frame, step: Step, s: Symbols) -> str:
    what = s(step.cell.owner)
    if step.cell.kind == "dot":
        return f"{what} changes at the rate 1; all other inputs and parameters are held."
    if s.root == s.goal:
        return f"The way back begins: {what} changes just as {what} does. All else follows from this 1."
    if _is_mean(frame):
        part = share(_samples(frame))
        return f"The way back begins: {s.root_in_words} changes by a {part} of what {what} changes by."
    return (
        f"The way back begins: {s.root_in_words} changes just as {what} does. All else follows from this 1."
    )


def _local(frame: Frame, step: Step, s: Symbols) -> str:
    head, tail = step.cell.owner, step.cell.by
    assert isinstance(tail, Cell)
    if head.kind == "cost":
        direction = "grow" if step.value > 0 else "fall" if step.value < 0 else "not change"
        return f"If {s(tail)} were a little larger, {s(head)} would {direction}: this is how fast."
    if tail.kind == "e":
        slope = "a slope of nearly 0" if abs(step.value) < 0.01 else "the slope here"
        return f"How strongly {s(head)} answers to a small change of {s(tail)}: {slope}."
    return f"How fast {s(head)} changes with {s(tail)}, all else held still."


def _contribute(frame: Frame, step: Step, s: Symbols) -> str:
    of = step.cell.owner
    assert step.upstream is not None
    via = step.upstream.cell.owner
    if of.kind == "w":
        return _into_weight(step, of, s)
    if of.kind == "b":
        return f"A bias is a weight on a constant 1, so what it gets is {s(step.upstream.cell)} itself."
    k, n = step.part or (1, 1)
    if of.kind == "e" and via.kind == "y" and n == 1:
        feels = f"{s(step.cell)} is how {s.root_in_words} feels {s(of)}"
        return f"Back through the activation: {feels}. Others use it."
    name = str(of.of) if of.kind == "y" else s(of)
    if n == 1:
        return f"{name} acts on {_through(via, s)}: upstream times local is all there is."
    spot = frame.index.find(of)
    over = " in this batch" if spot is not None and spot.kind == "parameter" and _samples(frame) > 1 else ""
    uses = f"{name} is used {times(n)}{over}, so {n} signals come back and add up"
    return f"{uses}: now all are here." if k == n else f"{uses}: this is the {ordinal(k)}."


def _through(via: Cell, s: Symbols) -> str:
    """What a cell acts on, by way of its only user."""
    if s(via) == s.root:
        return f"{s.root_in_words} directly"
    return f"{s.root_in_words} only through {via.of if via.kind in ('e', 'y') else s(via)}"


def _tangent(frame: Frame, step: Step, s: Symbols) -> str:
    of = step.cell.owner
    name = str(of.of) if of.kind in ("e", "y") else s(of)
    seed = s(frame.setup.wrt) if frame.setup.wrt is not None else ""
    k, n = step.part or (1, 1)
    if n == 1:
        return f"{name} hears of {seed} only this one way: local times what arrives."
    return f"{name} hears of {seed} over {n} ways, which add up: this is the {ordinal(k)}."


def _into_weight(step: Step, of: Cell, s: Symbols) -> str:
    assert step.upstream is not None
    if step.upstream.cell.owner.kind == "loss":
        return f"The penalty pulls {s(of)} towards 0, the harder the larger it is."
    return f"The wire's share: what came in from {of.of}, times {s(step.upstream.cell)} of the neuron it went to."


# --- update ----------------------------------------------------------------------------------------------


def _state(frame: Frame, step: Step, s: Symbols) -> str:
    read = [factor.cell for factor in step.inputs]
    if frame.setup.optimizer.is_of_squares(step.cell.kind):
        what = "the square of the new gradient"
    elif any(cell.kind == "d" for cell in read):
        what = "the new gradient"
    else:
        what = listed([s(cell) for cell in read if cell.is_state and cell != step.cell])
    return f"The optimizer remembers: its state {s(step.cell)} takes in {what}."


def _update(frame: Frame, step: Step, s: Symbols) -> str:
    name = s(step.cell)
    assert step.was is not None
    if not math.isfinite(step.value):
        return f"{name} is no finite number any more."
    plain = not frame.setup.optimizer.states
    if step.value == step.was:
        if all(factor.value != 0.0 for factor in step.inputs):
            return f"The change is too small to move {name}."
        return (
            f"The gradient is 0, so {name} stays." if plain else f"There is nothing to move {name}: it stays."
        )
    way = "down" if step.value < step.was else "up"
    if plain:
        return (
            f"Downhill for {s.root_in_words} means {way} for {name}, by {s.notation.rate} times the gradient."
        )
    return f"{frame.setup.optimizer.name} moves {name} {way}: not this gradient alone decides, but all it remembers."


_OPS: dict[str, Callable[[Frame, Step, Symbols], str]] = {
    "term": _term,
    "bias": _bias,
    "apply": _apply,
    "cost": _cost,
    "reduce": _reduce,
    "seed": _seed,
    "local": _local,
    "contribute": _contribute,
    "tangent": _tangent,
    "state": _state,
    "update": _update,
}
