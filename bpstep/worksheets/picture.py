"""The picture of a net, or of the graph of an expression: places of nodes and wires, for whoever draws them.

Layers are columns, inputs the first.  On its wire stands a weight, at a share of the way at which no two of them meet;
where there are too many wires for that, the weights are in the tables alone.  Lengths are in points (1/72 inch).
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.engine.specs import INPUTS, ExpressionSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.numbers import shortest
from bpstep.view.panes import network
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.worksheets.numbers import scalars

__all__ = ["RADIUS", "Drawing", "Node", "Wire", "drawing_of"]

#: The radius of a node, and how far apart nodes and columns are.
RADIUS = 17.0
_BETWEEN, _COLUMNS = 62.0, 128.0

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
    return _of_expression(problem, symbols, _text(session, 16))


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


def _of_expression(problem: ExpressionSpec, symbols: Symbols, text: str) -> Drawing:
    """Variables in columns: each one behind the last of its operands."""
    depth = dict.fromkeys(problem.inputs, 0)
    below = dict(zip(problem.inputs, map(shortest, scalars(problem)), strict=True))
    wires: list[tuple[str, str, str]] = []
    for operation in problem.operations:
        names = [operand for operand in operation.operands if isinstance(operand, str)]
        depth[operation.name] = 1 + max((depth[name] for name in names), default=0)
        wires += [(name, operation.name, "") for name in dict.fromkeys(names)]
    columns: list[list[str]] = [[] for _ in range(1 + max(depth.values()))]
    for name, place in depth.items():
        columns[place].append(name)
    return _placed([column for column in columns if column], below, wires, text)


def _placed(
    columns: Sequence[Sequence[str]],
    below: dict[str, str],
    wires: Sequence[tuple[str, str, str]],
    text: str,
) -> Drawing:
    """Nodes in their columns, each column in the middle of the height."""
    tallest = max(map(len, columns))
    if tallest > _MOST_DRAWN:
        return Drawing((), (), 0.0, 0.0, text)
    height = tallest * _BETWEEN
    nodes: list[Node] = []
    place, column_of = dict[str, int](), dict[str, int]()
    for k, column in enumerate(columns):
        top = (height - len(column) * _BETWEEN) / 2 + _BETWEEN / 2 - 6.0
        for row, name in enumerate(column):
            place[name], column_of[name] = len(nodes), k
            node = Node(RADIUS + 12 + k * _COLUMNS, top + row * _BETWEEN, name, below.get(name, ""), k == 0)
            nodes.append(node)
    labelled = tallest <= _MOST_LABELLED
    drawn = [
        Wire(place[start], place[end], label if labelled else "", 1.0 / (1 + max(2, len(columns[column_of[end]]))),
             column_of[end] - column_of[start] > 1)
        for start, end, label in wires
    ]  # fmt: skip
    width = 2 * (RADIUS + 12) + (len(columns) - 1) * _COLUMNS + 20
    return Drawing(tuple(nodes), tuple(drawn), width, height, text)
