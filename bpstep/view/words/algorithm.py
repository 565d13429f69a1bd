"""`show algorithm`: back-propagation in six lines for any depth, as this scenario has it.

    ▶ 4  back, layer by layer      δ(j) = f′(e(j)) · Σk δ(k) · w(j→k)

▶ stands on the line that this step belongs to.  A line that has more to say than fits goes on below; behind the six
stands what f and f′ are in each layer.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.rules import CORRECT
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.engine.steps import Step
from bpstep.english import listed
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.array_rules import rules_back, statements_told
from bpstep.view.words.cases import has_update, update_formulas
from bpstep.view.words.general import Expression, Network, activation_formulas

__all__ = ["algorithm_lines", "layers_in_words"]

Lines = list[tuple[str, str]]
#: A line: what it is called, and its formulas.
_Row = tuple[str, Sequence[str]]

_NAME = 24
#: A formula has so many columns at least.
_NARROWEST = 24
_NO_UPDATE = "nothing here: no parameter is changed"


def algorithm_lines(session: Session, width: int) -> Lines:
    """The six lines, and what they stand on."""
    if session.setup.wrt is not None:
        rows, where = _forward_mode(symbols_of(session), session.setup.wrt), []
    elif session.setup.is_network:
        network = Network.of(Frame.of(session))
        rows, where = _network(session, network), _where(network)
    else:
        rows, where = _expression(session), []
    step = session.step
    at = 0 if step is None else _line_of(session, step)
    lines: Lines = []
    for number, row in enumerate(rows, 1):
        mark = "▶" if number == at else " "
        lines += _laid(f"{mark} {number}  ", row, width, "strong" if number == at else "text")
    lines += [line for row in where for line in _laid("     ", row, width, "dim")]
    return lines + _of_a_wrong_rule(session, width)


def _of_a_wrong_rule(session: Session, width: int) -> Lines:
    """The lines are those of the right rule: where the run has another one, what that does instead."""
    rule = session.setup.rule
    if rule is CORRECT or session.conceals or session.setup.wrt is not None:
        return []
    told = f"This is the right rule. The run has another, {rule.name}: {rule.says}."
    return [("", ""), *((line, "alarm") for line in textwrap.wrap(told, max(_NARROWEST, width)))]


def _laid(head: str, row: _Row, width: int, role: str) -> Lines:
    """One line of the algorithm: its formulas beside each other where they fit, else one below the other."""
    name, formulas = row
    left = f"{head}{name:<{_NAME}} "
    formulas = [text.replace(" · ", "·") for text in formulas]
    whole = ",   ".join(formulas)
    room = max(_NARROWEST, width - len(left))
    apart = [line for text in formulas for line in textwrap.wrap(text, room, subsequent_indent="  ")]
    below = [whole] if len(whole) <= room else apart or [""]
    return [
        (f"{left if place == 0 else ' ' * len(left)}{text}".rstrip(), role)
        for place, text in enumerate(below)
    ]


# --- of a network ---------------------------------------------------------------------------------------


def _network(session: Session, network: Network) -> list[_Row]:
    layers = network.problem.layers
    return [
        ("forward, layer by layer", [network.net(*layers), network.outputs(*layers)]),
        ("the cost", [text for text in (network.cost(), network.loss()) if text]),
        ("at each output neuron", _at_the_outputs(network, layers[-1])),
        ("back, layer by layer", _back(network, layers[:-1])),
        ("at each wire", _at_a_wire(network)),
        ("update", _update(session)),
    ]


def _at_the_outputs(network: Network, layer: LayerSpec) -> list[str]:
    delta = network.delta(layer, "j" if layer.activation == SOFTMAX else "k")
    return [delta, network.of_cost() if network.symbols.root == network.symbols.goal else network.to_output()]


def _back(network: Network, hidden: Sequence[LayerSpec]) -> list[str]:
    """What comes back to a hidden layer; through softmax it takes every output of the layer."""
    if not hidden:
        return ["nothing here: there is no hidden layer"]
    plain = [layer for layer in hidden if layer.activation != SOFTMAX]
    coupled = [layer for layer in hidden if layer.activation == SOFTMAX]
    found = [network.delta_and_back(plain[0])] if plain else []
    if coupled:
        of_softmax = network.delta(coupled[0])
        found += [f"{of_softmax} in softmax layers" if plain else of_softmax, network.back()]
    return found


def _at_a_wire(network: Network) -> list[str]:
    found = [network.weight()]
    if any(layer.bias is not None for layer in network.problem.layers):
        found.append(network.bias())
    if network.l2 > 0.0:
        found.append(network.decay())
    return found


def _update(session: Session) -> list[str]:
    if not has_update(Frame.of(session)):
        return [_NO_UPDATE]
    states, update = update_formulas(Frame.of(session))
    problem = session.setup.problem
    if isinstance(problem, NetworkSpec) or len(problem.parameters) == 1:
        return [*states, update]
    return [*states, f"{update}, for every parameter {symbols_of(session).free_letter('p')}"]


def _where(network: Network) -> list[_Row]:
    """What f and f′ are, for each activation that there is."""
    return [
        (f"in {layers_in_words(layers)}", activation_formulas(network, layers[0]))
        for layers in network.by_activation()
    ]


def layers_in_words(layers: Sequence[LayerSpec]) -> str:
    """Layers by their names; by their number where they are many."""
    return listed([layer.name for layer in layers]) if len(layers) <= 3 else f"{len(layers)} layers"


# --- of an expression, and in forward mode --------------------------------------------------------------


def _expression(session: Session) -> list[_Row]:
    rules, frame = Expression.of(symbols_of(session)), Frame.of(session)
    goal, batch = rules.symbols.goal, frame.setup.reduces(frame.moment.place.schedule.samples)
    result = [f"{goal}, the last of them", *([rules.loss(frame)] if batch else [])]
    arrays = has_arrays(frame)
    forward = statements_told(frame) if arrays else [f"{rules.forward}, for every variable {rules.a}"]
    what = "array" if arrays else "variable"
    return [
        ("forward, in order", forward),
        ("the result", result),
        ("begin", [rules.seed(frame)]),
        ("back, the last first", [f"for every {what} {rules.b}, and every user {rules.a} of {rules.b}:"]),
        ("upstream × local, summed", rules_back(frame) if arrays else [rules.contribution]),
        ("update", _update(session)),
    ]


def _forward_mode(s: Symbols, wrt: Cell) -> list[_Row]:
    rules, by = Expression.of(s), s(wrt)
    return [
        ("begin", [f"dot({by}) = 1; every other input and parameter has 0"]),
        ("forward, in order", [rules.forward]),
        ("beside every value", [f"for each operand {rules.b} of {rules.a}:"]),
        ("local × arriving, summed", [rules.tangent]),
        ("at the end", [f"dot({s.root}) = {s.derivative(by)}, and of nothing else"]),
        ("once more", ["for every other parameter: the same sweep again"]),
    ]


# --- where a step stands --------------------------------------------------------------------------------


def _line_of(session: Session, step: Step) -> int:
    if session.setup.wrt is not None:
        return {"seed": 1, "local": 3, "tangent": 4}.get(step.op, 2)
    if step.when.phase == "update":
        return 6
    if step.when.phase == "forward":
        if not session.setup.is_network:
            return 2 if step.op == "reduce" or step.cell == session.setup.graph.root.cell(0) else 1
        return 2 if step.op in ("cost", "reduce") else 1
    if step.op == "seed":
        return 3
    if not session.setup.is_network:
        return 5 if step.op == "contribute" else 4
    of = step.cell.of
    if step.op == "contribute" and isinstance(of, Cell) and of.kind in ("w", "b"):
        return 5
    problem = session.setup.problem
    assert isinstance(problem, NetworkSpec)
    return 3 if step.when.layer in (problem.layers[-1].name, "cost") else 4
