"""The picture of a net, or of the graph of an expression: places of nodes and wires, for whoever draws them.

Layers are columns, inputs the first.  On its wire stands a weight, at a share of the way at which no two of them meet;
where there are too many wires for that, the weights are in the tables alone.  Lengths are in points (1/72 inch).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.specs import INPUTS, ExpressionSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.numbers import shortest
from bpstep.view.panes import network
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import shape_text, statements_of
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of

__all__ = ["RADIUS", "Drawing", "Node", "Wire", "drawing_of", "label_width"]

#: The radius of a node, and how far apart nodes and columns are.
RADIUS = 17.0
_BETWEEN, _COLUMNS = 62.0, 128.0

#: How wide a picture is at most: a tenth more than a page has room for, so what is drawn smaller can still be read.
#: A longer net has its columns nearer together, as far as wires are seen between them.
_WIDEST, _NEAREST = 560.0, 2 * RADIUS + 10.0
#: What stands on an arc over the first row has so much more room above it.
_ABOVE = 8.0
#: On both sides of the outer columns, and behind the last, for what stands below.
_MARGIN, _BEHIND = RADIUS + 12, 20.0

#: More neurons than this in a layer leave no room for weights on wires; of more than so many nothing is drawn.
_MOST_LABELLED, _MOST_DRAWN = 5, 8

#: The columns of a picture in letters, and the most layers and neurons that it has room for.
_WIDTH, _MOST_LAYERS, _MOST_CARDS = 80, 2, 6


@dataclass(frozen=True)
class Node:
    """A neuron, an input, a variable: what stands in it, and below it."""

    x: float
    y: float
    name: str
    below: str = ""
    is_given: bool = False


@dataclass(frozen=True)
class Wire:
    """From node to node, by their numbers; ``label`` stands at a share of the way.  One that passes a column by is
    bent."""

    start: int
    end: int
    label: str = ""
    at: float = 0.5
    bent: bool = False


@dataclass(frozen=True)
class Drawing:
    """Nodes and wires, the size of the whole, and the same in letters."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float
    text: str


def drawing_of(session: Session) -> Drawing:
    """The picture of what a session has open, before anything is computed."""
    problem, symbols = session.setup.problem, symbols_of(session)
    if isinstance(problem, NetworkSpec):
        columns = [list(problem.inputs), *(list(layer.neurons) for layer in problem.layers)]
        largest = max(map(len, columns))
        fits = len(problem.layers) <= _MOST_LAYERS and largest <= _MOST_CARDS
        text = _text(session, 2 + 4 * largest) if fits else _in_words(problem)
        return _placed(columns, _below(problem, symbols), _net_wires(problem), text)
    if problem.has_arrays:
        return _of_arrays(problem, Frame.of(session))
    return _of_expression(problem, _text(session, 16))


def _text(session: Session, height: int) -> str:
    lines = network.draw(Frame.of(session), _WIDTH, height).text().split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _in_words(problem: NetworkSpec) -> str:
    """A net that there is no room for: its layers, and what each hears."""
    rows = [f"{INPUTS}: {', '.join(problem.inputs)}"]
    for layer in problem.layers:
        rows.append(
            f"{layer.name} ({layer.activation}): {', '.join(layer.neurons)}; from {', '.join(layer.sources)}"
        )
    return "\n".join(rows)


def _below(problem: NetworkSpec, symbols: Symbols) -> dict[str, str]:
    """What stands below the nodes: of an input its value, of a neuron its bias, of an output its target, too."""
    found = dict(zip(problem.inputs, map(shortest, problem.x[0].tolist()), strict=True))
    for layer in problem.layers:
        for row, name in enumerate(layer.neurons):
            found[name] = "" if layer.bias is None else f"b {shortest(float(layer.bias[row]))}"
    for name, target in zip(problem.outputs, problem.t[0].tolist(), strict=True):
        found[name] = ", ".join(filter(None, (found[name], f"{symbols.notation.target} {shortest(target)}")))
    return found


def _net_wires(problem: NetworkSpec) -> list[tuple[str, str, str]]:
    neurons = {INPUTS: problem.inputs, **{layer.name: layer.neurons for layer in problem.layers}}
    found = []
    for layer in problem.layers:
        sources = [name for source in layer.sources for name in neurons[source]]
        for row, target in enumerate(layer.neurons):
            weights = layer.weights[row].tolist()
            found += [(name, target, shortest(weight)) for name, weight in zip(sources, weights, strict=True)]
    return found


def _of_expression(problem: ExpressionSpec, text: str) -> Drawing:
    """The graph of an expression; below its inputs stand their values."""
    values = map(shortest, map(float, problem.values))
    reads = {
        one.name: tuple(dict.fromkeys(operand for operand in one.operands if isinstance(operand, str)))
        for one in problem.operations
    }
    return _of_graph(problem.inputs, reads, dict(zip(problem.inputs, values, strict=True)), text)


def _of_arrays(problem: ExpressionSpec, frame: Frame) -> Drawing:
    """The graph of a program over arrays, a node for each statement of its author; below them stand the shapes."""
    shapes = {vector.layer: shape_text(vector) for vector in frame.setup.graph.vectors}
    reads = {one.name: one.reads for one in statements_of(frame)}
    given = [" ".join(filter(None, (name, shapes.get(name, "")))) for name in problem.inputs]
    rows = [f"given: {', '.join(given)}"]
    rows += [f"{name} {shapes[name]}".rstrip() + f": from {', '.join(of)}" for name, of in reads.items()]
    return _of_graph(problem.inputs, reads, shapes, "\n".join(rows))


def _of_graph(
    inputs: Sequence[str], reads: Mapping[str, Sequence[str]], below: Mapping[str, str], text: str
) -> Drawing:
    """Variables in columns: each one behind the last of those that it reads."""
    depth = dict.fromkeys(inputs, 0)
    wires: list[tuple[str, str, str]] = []
    for variable, names in reads.items():
        depth[variable] = 1 + max((depth[name] for name in names), default=0)
        wires += [(name, variable, "") for name in names]
    columns: list[list[str]] = [[] for _ in range(1 + max(depth.values()))]
    for name, place in depth.items():
        columns[place].append(name)
    return _placed([column for column in columns if column], below, wires, text)


def _placed(
    columns: Sequence[Sequence[str]],
    below: Mapping[str, str],
    wires: Sequence[tuple[str, str, str]],
    text: str,
) -> Drawing:
    """Nodes in their columns, each column in the middle of the height."""
    tallest = max(map(len, columns))
    if tallest > _MOST_DRAWN:
        return Drawing((), (), 0.0, 0.0, text)
    height = tallest * _BETWEEN
    apart = min(_COLUMNS, max(_NEAREST, (_WIDEST - 2 * _MARGIN - _BEHIND) / max(1, len(columns) - 1)))
    nodes: list[Node] = []
    place, column_of = dict[str, int](), dict[str, int]()
    for k, column in enumerate(columns):
        top = _ABOVE + (height - len(column) * _BETWEEN) / 2 + _BETWEEN / 2 - 6.0
        for row, name in enumerate(column):
            place[name], column_of[name] = len(nodes), k
            node = Node(_MARGIN + k * apart, top + row * _BETWEEN, name, below.get(name, ""), k == 0)
            nodes.append(node)
    shares = {name: _share(len(column), tallest) for column in columns for name in column}
    longest = max((label_width(label) for _, _, label in wires), default=0.0)
    labelled = tallest <= _MOST_LABELLED and apart * min(shares.values()) >= RADIUS + longest / 2
    drawn = [
        Wire(place[start], place[end], label if labelled else "", shares[end],
             column_of[end] - column_of[start] > 1)
        for start, end, label in wires
    ]  # fmt: skip
    width = 2 * _MARGIN + (len(columns) - 1) * apart + _BEHIND
    return Drawing(tuple(nodes), tuple(drawn), width, _ABOVE + height, text)


def _share(neurons: int, tallest: int) -> float:
    """At which share of the way weights stand on the wires to a column: in the middle where no two wires can meet."""
    return 0.5 if tallest == 1 else 1.0 / (1 + max(2, neurons))


def label_width(label: str) -> float:
    """How much room a weight takes on its wire."""
    return 5.4 * len(label) + 3 if label else 0.0
