"""Narration: each step in one plain sentence that says what happens, and why.

A row for every kind of step.  The sentences name the cells in the learner's notation and speak of flow, not
of formulas: the formula stands right above them.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.formula import NOTATIONS, Symbols

__all__ = ["sentence"]

_ORDINALS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_CURVES = {
    "sigmoid": "the logistic function", "tanh": "tanh", "relu": "relu", "leaky-relu": "leaky relu",
    "softplus": "softplus", "linear": "a linear neuron", "softmax": "softmax",
}  # fmt: skip


def sentence(session: Session, step: Step) -> str:
    """What a step does, in one sentence."""
    root = session.setup.graph.root
    symbols = Symbols(NOTATIONS[session.options.notation], root.names[0] if root.kind == "var" else None)
    if step.because:
        return f"{_OPS[step.op](session, step, symbols).removesuffix('.')} ({step.because})."
    return _OPS[step.op](session, step, symbols)


def _inner(cell: Cell) -> Cell:
    assert isinstance(cell.of, Cell)
    return cell.of


def _ordinal(k: int) -> str:
    return _ORDINALS[k] if k < len(_ORDINALS) else f"{k}th"


def _activation(session: Session, layer: str) -> str:
    problem = session.setup.problem
    if isinstance(problem, NetworkSpec):
        for spec in problem.layers:
            if spec.name == layer:
                return _CURVES[spec.activation]
    return "its function"


# --- forward ---------------------------------------------------------------------------------------------


def _term(session: Session, step: Step, s: Symbols) -> str:
    source = step.inputs[1].cell.of
    return f"{source} sends its output over the wire to {step.when.node}, times the weight of the wire."


def _bias(session: Session, step: Step, s: Symbols) -> str:
    return f"The bias shifts the sum; now the net input {s(step.cell)} is complete."


def _apply(session: Session, step: Step, s: Symbols) -> str:
    if step.cell.kind == "var":
        read = " and ".join(s(factor.cell) for factor in step.inputs) or "constants"
        return f"{s(step.cell)} is computed from {read}, and nothing else."
    curve = _activation(session, step.when.layer)
    if len(step.inputs) > 1:
        return (
            f"{curve} turns the layer's net inputs into shares of 1; this is the share of {step.when.node}."
        )
    return (
        f"{step.when.node} answers its net input: {curve} turns {s(step.inputs[0].cell)} into {s(step.cell)}."
    )


def _cost(session: Session, step: Step, s: Symbols) -> str:
    return f"How far {step.when.node} is from its target is added to the cost {s(step.cell)} of this sample."


def _reduce(session: Session, step: Step, s: Symbols) -> str:
    if step.inputs and step.inputs[0].cell.kind == "w":
        return "The penalty on large weights is added to the loss of the batch."
    if step.part is not None and "/" in step.template:
        samples = step.template.split("/")[1].strip()
        return f"The loss is the mean over the batch: this sample adds its {samples}th part."
    return "This sample's cost is added to the loss of the batch."


# --- backward --------------------------------------------------------------------------------------------


def _seed(session: Session, step: Step, s: Symbols) -> str:
    what = s(_inner(step.cell))
    if step.cell.kind == "dot":
        return f"{what} changes exactly as much as itself; every other input and parameter is held still."
    if step.value != 1.0:
        return f"The way back begins: of the loss, {what} is one share, so ∂loss/∂{what} is that share."
    return f"The way back begins: {what} changes exactly as much as itself. All else follows from this 1."


def _local(session: Session, step: Step, s: Symbols) -> str:
    head, tail = _inner(step.cell), step.cell.by
    assert isinstance(tail, Cell)
    if head.kind == "cost":
        direction = "grows" if step.value > 0 else "falls" if step.value < 0 else "stays"
        return f"If {s(tail)} were a little larger, {s(head)} {direction}: this is how fast."
    if tail.kind == "e":
        flat = "; it is nearly flat here" if abs(step.value) < 0.01 else ""
        return f"How strongly {s(head)} answers to a small change of {s(tail)}: the slope here{flat}."
    return f"How fast {s(head)} changes with {s(tail)}, all else held still."


def _contribute(session: Session, step: Step, s: Symbols) -> str:
    of = _inner(step.cell)
    assert step.upstream is not None
    via = _inner(step.upstream.cell)
    if of.kind == "w":
        return _into_weight(step, of, s)
    if of.kind == "b":
        return f"A bias is a weight on a constant 1, so its gradient is {s(step.upstream.cell)} itself."
    if of.kind == "e" and via.kind == "y" and (step.part is None or step.part[1] == 1):
        return (
            f"Back through the activation: {s(step.cell)} is how the cost feels {s(of)}. Others will use it."
        )
    k, n = step.part or (1, 1)
    name = of.of if of.kind == "y" else s(of)
    if n == 1:
        return f"{name} acts on {s.root} only through {_name(via, s)}: upstream times local is the whole derivative."
    users = f"{name} has {n} users, so {n} signals come back and add up"
    if k == n:
        return f"{users}: with this the sum is complete."
    return f"{users}: this is the {_ordinal(k)}."


def _tangent(session: Session, step: Step, s: Symbols) -> str:
    of = _inner(step.cell)
    name = str(of.of) if of.kind in ("e", "y") else s(of)
    seed = s(session.setup.wrt) if session.setup.wrt is not None else ""
    k, n = step.part or (1, 1)
    if n == 1:
        return f"{name} hears of {seed} only through this operand: local times what arrives."
    return f"{name} hears of {seed} over {n} ways, which add up: this is the {_ordinal(k)}."


def _name(cell: Cell, s: Symbols) -> str:
    return str(cell.of) if cell.kind in ("e", "y") else s(cell)


def _into_weight(step: Step, of: Cell, s: Symbols) -> str:
    assert step.upstream is not None
    if _inner(step.upstream.cell).kind == "loss":
        return f"The penalty pulls {s(of)} towards 0, the harder the larger it is."
    return f"The wire's share: what came in from {of.of}, times {s(step.upstream.cell)} of the neuron it went to."


# --- update ----------------------------------------------------------------------------------------------


def _state(session: Session, step: Step, s: Symbols) -> str:
    return f"The optimizer remembers: its state for {s(_inner(step.cell))} takes in the new gradient."


def _update(session: Session, step: Step, s: Symbols) -> str:
    if step.was is None or step.value == step.was:
        return f"The gradient is 0, so {s(step.cell)} stays."
    way = "down" if step.value < step.was else "up"
    return f"Downhill for the loss means {way} for {s(step.cell)}, by {s.notation.rate} times the gradient."


_OPS: dict[str, Callable[[Session, Step, Symbols], str]] = {
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
