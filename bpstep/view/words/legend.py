"""`show legend`: what every letter means, in the notation that is chosen and for the scenario that is open."""

from __future__ import annotations

import textwrap

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.optimizers import OPTIMIZERS, settings_of
from bpstep.engine.softmax import SOFTMAX
from bpstep.english import counted
from bpstep.view.drawing.numbers import MARKS, shortest
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import shape_text
from bpstep.view.symbols.formula import LOSS, NOTATIONS, Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.algorithm import layers_in_words
from bpstep.view.words.cases import has_update
from bpstep.view.words.equations import stated_operations
from bpstep.view.words.general import Network
from bpstep.view.words.of_arrays import arrays_told

__all__ = ["legend_lines"]

Lines = list[tuple[str, str]]
#: A letter, the cell as it is typed, what it means.
_Row = tuple[str, str, str]

#: What a letter means has so many columns at least.
_NARROWEST = 24


def legend_lines(session: Session, width: int) -> Lines:
    """The letters, a row each, in at most ``width`` columns as far as that can be."""
    s = symbols_of(session)
    name = session.options.notation
    rows = _of_network(session, s) if session.setup.is_network else _of_expression(session, s)
    rows += _of_update(session, s)
    if session.setup.wrt is not None:
        rows.append(("dot(A)", "dot(A)", f"tangent: the derivative of A by {s(session.setup.wrt)}"))
    rows.append(("·  …  ~  *", "", "not computed yet; partial; stale; set by hand"))
    if session.marks is not None:
        rows.append((f"{MARKS['agrees']}  {MARKS['disagrees']}", "", "your own number agrees; it does not"))
    left = max(16, *(len(symbol) for symbol, _, _ in rows))
    head = f"notation {name} (set notation = {' | '.join(NOTATIONS)})"
    lines: Lines = [(line, "strong") for line in textwrap.wrap(head, width)]
    for symbol, cell, says in rows:
        head = f"  {symbol:<{left}} {cell:<18} "
        wrapped = textwrap.wrap(says, max(_NARROWEST, width - len(head)))
        lines += [(f"{head if k == 0 else ' ' * len(head)}{text}", "text") for k, text in enumerate(wrapped)]
    return [*lines, *((f"  ({text})", "dim") for text in _remarks(s))]


def _of_network(session: Session, s: Symbols) -> list[_Row]:
    network = Network.of(Frame.of(session))
    layers = network.problem.layers
    has_bias = any(layer.bias is not None for layer in layers)
    net, output = cells.e("h"), cells.y("h")
    sums = "net input: weighted sum plus bias" if has_bias else "net input: weighted sum"
    rows: list[_Row] = [
        (s(net), "e[h]", sums),
        (s(output), "y[h]", "output of a neuron; of an input, its value"),
        *_activations(network),
        (s(cells.w("i", "h")), "w[i->h]", "weight of a wire"),
    ]
    if has_bias:
        rows.append((s(cells.b("h")), "b[h]", "bias"))
    rows += [(s(cells.t("o")), "t[o]", "target"), (s(cells.COST), "cost", "cost of one sample")]
    if s.root == LOSS:
        rows.append((LOSS, LOSS, "loss of the batch; what is differentiated"))
    by_net = f"derivative by a net input: always +{s.derivative(s(net))}"
    if session.setup.wrt is None:
        rows += [
            (s(cells.d(output)), "d(y[h])", f"derivative of {s.root_in_words} by an output"),
            (s(cells.d(net)), "delta[h], d(e[h])", by_net),
        ]
    if any(layer.activation == SOFTMAX for layer in layers):
        rows.append(
            (network.slope_name(), "d(y[k], e[j])", "softmax: how each output answers to each net input")
        )
    if any(layer.activation != SOFTMAX for layer in layers):
        rows.append(
            (s.slope("h"), "local[h]", "slope of the activation at the net input: a local derivative")
        )
    return rows


def _activations(network: Network) -> list[_Row]:
    """The letters of the activations: which function each is, in which layers."""
    s = network.symbols
    meant: dict[str, list[str]] = {}
    for layers in network.by_activation():
        name = layers[0].activation
        letter = {"sigmoid": s.notation.logistic, SOFTMAX: SOFTMAX}.get(name, s.notation.activation)
        meant.setdefault(letter, []).append(f"{ACTIVATIONS[name]} in {layers_in_words(layers)}")
    return [(letter, "", f"activation: {'; '.join(functions)}") for letter, functions in meant.items()]


def _of_expression(session: Session, s: Symbols) -> list[_Row]:
    """A variable, and the derivatives by it: of the first input, say."""
    frame = Frame.of(session)
    if has_arrays(frame):
        return _of_arrays(frame, s)
    graph = session.setup.graph
    edge = next(edge for vector in graph.vectors for edge in graph.consumers[vector.id])
    of, by = edge.head.cell(0), edge.tail.cell(0)
    gathered = (s(cells.d(by)), str(cells.d(by)), f"derivative of {s.root} by a variable, accumulated")
    return [
        (s(by), str(by), "a variable, like all the others"),
        *([gathered] if session.setup.wrt is None else []),
        (s(cells.local(of, by)), str(cells.local(of, by)), "local derivative: one edge"),
    ]


def _of_arrays(frame: Frame, s: Symbols) -> list[_Row]:
    """The arrays of this program, a cell of one and the derivatives by it, and the signs between arrays."""
    graph = frame.setup.graph
    array = next((vector for vector in (*graph.parameters, *graph.vectors) if vector.dims), graph.vectors[0])
    cell, axes = array.cell(0), ("", "", ": row, column", ": its indices along each axis")
    rows = arrays_told(frame)
    says = f"a cell of {array.layer} {shape_text(array)}, counted from 1{axes[min(len(array.dims), 3)]}"
    rows.append((s(cell), str(cell), says))
    if frame.setup.wrt is None:
        uses = graph.uses_of(array, 0)
        gathers = f"the sum over its {counted(uses, 'use')}" if uses > 1 else "over its one use"
        if uses:
            rows.append((s(cells.d(cell)), str(cells.d(cell)), f"derivative of {s.root} by it, {gathers}"))
    edge = next((one for vector in graph.vectors for one in graph.consumers[vector.id] if one.shown), None)
    if edge is not None:
        j = next(j for j in range(edge.tail.size) if edge.uses_of(j))
        local = cells.local(edge.head.cell(int(edge.head_of(0, j))), edge.tail.cell(j), edge.place)
        rows.append(
            (
                s(local),
                str(local),
                "local derivative of a cell by another; through @, conv and sum a cell, or 1",
            )
        )
    functions = {one.function for one in stated_operations(frame).values()}
    return rows + [row for function, row in _SIGNS.items() if function in functions]


#: The signs between arrays, by the function that they stand for.
_SIGNS: dict[str, _Row] = {
    "matmul": ("@", "@", "product of matrices: a row of the left one meets a column of the right one"),
    "conv": ("⋆", "conv", "convolution, as nets define it: the kernel is not turned"),
}


def _of_update(session: Session, s: Symbols) -> list[_Row]:
    """The learning rate, the optimizer's states and its settings."""
    setup = session.setup
    if not has_update(Frame.of(session)):
        return []
    optimizer = OPTIMIZERS[setup.training.optimizer.name]
    rows: list[_Row] = [(s.notation.rate, "lr", "learning rate")]
    parameter = cells.var("w" if setup.is_network else "x")
    for state in optimizer.states:
        cell = cells.state(state, parameter)
        rows.append(
            (s(cell), f"{state}(CELL)", f"state of the optimizer {optimizer.name}, one for each parameter")
        )
    settings = settings_of(setup.training.optimizer)
    texts = [*(text for state in optimizer.state_texts for text in state), optimizer.update_text(settings)]
    used = [name for name in (*settings, "t") if any(f"{{{name}}}" in text for text in texts)]
    for name in used:
        says = f"{name} = {shortest(settings[name])}" if name in settings else "the number of the update"
        rows.append((s(Cell("setting", name)), "", says))
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
    if s.is_network and n.delta_says:
        found.append(f"{n.delta} {n.delta_says}")
    if s.is_network and n.delta_is_negative:
        found.append(f"the book's δ has the opposite sign; here it is always +∂{s.root}/∂{n.net}")
    return found
