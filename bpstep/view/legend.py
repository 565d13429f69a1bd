"""`show legend`: what every letter means, in the notation that is chosen and for the scenario that is open."""

from __future__ import annotations

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.optimizers import OPTIMIZERS, settings_of
from bpstep.engine.softmax import SOFTMAX
from bpstep.view.algorithm import layers_in_words
from bpstep.view.formula import LOSS, NOTATIONS, Symbols
from bpstep.view.general import Network, has_update
from bpstep.view.numbers import shortest
from bpstep.view.spelling import symbols_of

__all__ = ["legend_lines"]

Lines = list[tuple[str, str]]
#: A letter, the cell as it is typed, what it means.
_Row = tuple[str, str, str]


def legend_lines(session: Session) -> Lines:
    """The letters, one a line."""
    s = symbols_of(session)
    name = session.options.notation
    rows = _of_network(session, s) if session.setup.is_network else _of_expression(s)
    rows += _of_update(session, s)
    if session.setup.wrt is not None:
        rows.append(("dot(A)", "dot(A)", f"tangent: the derivative of A by {s(session.setup.wrt)}"))
    rows.append(("·  …  ~  *", "", "not computed yet; partial; stale; set by hand"))
    left = max(16, *(len(symbol) for symbol, _, _ in rows))
    lines: Lines = [(f"notation {name} (set notation = {' | '.join(NOTATIONS)})", "strong")]
    lines += [(f"  {symbol:<{left}} {cell:<18} {says}", "text") for symbol, cell, says in rows]
    return [*lines, *((f"  ({text})", "dim") for text in _remarks(s))]


def _of_network(session: Session, s: Symbols) -> list[_Row]:
    n, network = s.notation, Network.of(session)
    has_bias = any(layer.bias is not None for layer in network.problem.layers)
    delta = s(cells.d(cells.e("h")))
    rows: list[_Row] = [
        (
            s(cells.e("h")),
            "e[h]",
            "net input: weighted sum plus bias" if has_bias else "net input: weighted sum",
        ),
        (s(cells.y("h")), "y[h]", "output of a neuron; of an input, its value"),
        *_activations(network),
        (s(cells.w("i", "h")), "w[i->h]", "weight of a wire"),
        *([(s(cells.b("h")), "b[h]", "bias")] if has_bias else []),
        (s(cells.t("o")), "t[o]", "target"),
        (s(cells.COST), "cost", "cost of one sample"),
        *([(LOSS, LOSS, "loss of the batch; what is differentiated")] if s.root == LOSS else []),
        (s(cells.d(cells.y("h"))), "d(y[h])", f"derivative of {s.root_in_words} by an output"),
        (delta, "delta[h], d(e[h])", f"derivative by a net input: always +∂{s.root}/∂{s.net}"),
    ]
    if any(layer.activation == SOFTMAX for layer in network.problem.layers):
        rows.append(
            (network.slope_name(), "d(y[k], e[j])", "softmax: how every output answers to every net input")
        )
    if any(layer.activation != SOFTMAX for layer in network.problem.layers):
        rows.append(
            (s.slope("h"), "local[h]", f"slope of {n.activation} at the net input: a local derivative")
        )
    return rows


def _activations(network: Network) -> list[_Row]:
    """Which activation each layer has."""
    s = network.symbols
    found: list[_Row] = []
    for layers in network.by_activation():
        name = layers[0].activation
        letter = {"sigmoid": s.notation.logistic, SOFTMAX: SOFTMAX}.get(name, s.notation.activation)
        found.append((letter, "", f"activation: {ACTIVATIONS[name]}, in {layers_in_words(layers)}"))
    return found


def _of_expression(s: Symbols) -> list[_Row]:
    return [
        ("x, v, …", "x", "a variable"),
        (s.ratio(s.root, "x"), "d(x)", f"derivative of {s.root} by a variable, accumulated"),
        (s.ratio("v", "x"), "d(v, x)", "local derivative: one edge"),
    ]


def _of_update(session: Session, s: Symbols) -> list[_Row]:
    """The learning rate, the optimizer's states and its settings."""
    setup = session.setup
    if not has_update(session):
        return []
    optimizer = OPTIMIZERS[setup.training.optimizer.name]
    rows: list[_Row] = [(s.notation.rate, "lr", "learning rate")]
    parameter = cells.var("w" if setup.is_network else "x")
    for state in optimizer.states:
        cell = {"m": cells.m, "v": cells.v}[state](parameter)
        rows.append(
            (s(cell), f"{state}(CELL)", f"state of the optimizer {optimizer.name}, one for each parameter")
        )
    settings = settings_of(setup.training.optimizer)
    texts = [*(text for state in optimizer.state_texts for text in state), optimizer.update_text(settings)]
    for name, value in settings.items():
        if any(f"{{{name}}}" in text for text in texts):
            rows.append((s(Cell("setting", name)), "", f"{name} = {shortest(value)}"))
    return rows


def _remarks(s: Symbols) -> list[str]:
    """Where a book means something else, or has one letter for two things."""
    n = s.notation
    found = []
    if s.is_network and n.net_mark:
        net, output = s(cells.e("h")), s(cells.y("h"))
        found.append(
            f"{n.name} calls every value {n.output}: {net} is what runs into h, {output} what comes out"
        )
    if s.is_network and n.name == "autodiff":
        found.append(f"{n.delta} is v with a bar: the derivative by that v")
    if s.is_network and n.name == "pdp":
        found.append(f"the book's δ has the opposite sign; here it is always +∂{s.root}/∂{n.net}")
    return found
