"""The rule that a step is a case of, and the rules of the update.

The rules themselves are told in `general`; here they are found for a step.  What an optimizer does is taken from the
texts of its row.
"""

from __future__ import annotations

from bpstep.engine import cells
from bpstep.engine.blocks import UPDATE
from bpstep.engine.cells import Cell
from bpstep.engine.optimizers import OPTIMIZERS, settings_of
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.scene.frame import Frame
from bpstep.view.words.general import Expression, Network

__all__ = ["general_formula", "has_update", "update_formulas"]


def has_update(frame: Frame) -> bool:
    """Whether anything is updated in this batch."""
    blocks = frame.moment.place.schedule.tail.blocks
    return any(block.phase == UPDATE for block in blocks)


def update_formulas(frame: Frame) -> tuple[list[str], str]:
    """The optimizer of a session: how its states change, and how a parameter does."""
    s, setup = frame.symbols, frame.setup
    optimizer = OPTIMIZERS[setup.training.optimizer.name]
    settings = settings_of(setup.training.optimizer)
    parameter = _parameter(frame)
    speaks_of = ("w", "g", *optimizer.states, "lr", "t", *settings)
    letters = {name: "{" + str(place) + "}" for place, name in enumerate(speaks_of)}
    of_cell = {"w": parameter, "g": cells.d(parameter), "lr": cells.clock("lr")}
    of_cell |= {state: cells.state(state, parameter) for state in optimizer.states}
    names = [s(of_cell.get(name, Cell("setting", name))) for name in speaks_of]
    states = [
        f"{s(of_cell[state])} = {s.filled(optimizer.state_text(place).format(**letters), names)}"
        for place, state in enumerate(optimizer.states)
    ]
    update = s.filled(optimizer.update_text(settings).format(**letters), names)
    return states, f"{s(parameter)} −= {update}"


def _parameter(frame: Frame) -> Cell:
    """Any parameter: w in a network, the one there is, or x, in an expression."""
    problem = frame.setup.problem
    if isinstance(problem, NetworkSpec):
        return cells.var("w")
    return cells.var(
        problem.parameters[0] if len(problem.parameters) == 1 else frame.symbols.free_letter("p")
    )


def general_formula(frame: Frame, step: Step) -> str:
    """The rule that a step is a case of."""
    s = frame.symbols
    if step.when.phase == "update":
        states, update = update_formulas(frame)
        return update if step.op == "update" else states[frame.setup.optimizer.states.index(step.cell.kind)]
    rules = Expression.of(s)
    if step.op == "tangent":
        return rules.whole_tangent
    if step.cell.kind == "dot":
        return f"{s(step.cell)} = 1; every other input and parameter has 0"
    if not frame.setup.is_network:
        local = f"{rules.local}: how the operation answers to one operand"
        return {
            "apply": rules.forward,
            "term": rules.sum,
            "reduce": rules.loss(frame),
            "seed": rules.seed(frame),
            "local": local,
            "contribute": rules.whole,
        }[step.op]
    return _of_network(Network.of(frame), frame, step)


def _of_network(rules: Network, frame: Frame, step: Step) -> str:
    layer = rules.layer(step.when.layer)
    if step.op in ("term", "bias"):
        return rules.net(layer)
    if step.op == "apply":
        return rules.output(layer)
    if step.op == "local":
        return rules.of_cost() if step.cell.owner.kind == "cost" else rules.slope(layer)
    if step.op == "contribute":
        return _of_contribution(rules, step, layer)
    return {"cost": rules.cost, "reduce": rules.loss, "seed": rules.seed}[step.op]()


def _of_contribution(rules: Network, step: Step, layer: LayerSpec) -> str:
    assert step.upstream is not None
    if step.upstream.cell.owner.kind == "loss":
        return rules.decay()
    of = step.cell.owner
    if of.kind == "y":
        return rules.to_output() if step.upstream.cell.owner.kind == "cost" else rules.back()
    return rules.delta(layer) if of.kind == "e" else rules.weight() if of.kind == "w" else rules.bias()
