"""The network diagram: layers, weights, values, deltas; where this step is, and which way the flow goes.

The columns are the sources (name over value) and as many layers of cards as there is room for, two at least where
there are 80 columns, chosen so that the step and what it reads are among them.  Where a layer is larger than the pane,
a window of it is drawn around the neuron of this step; the window moves by pages, and everything else keeps its place
for the whole run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec
from bpstep.engine.steps import Step
from bpstep.english import counted
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import fitting
from bpstep.view.panes.board import Board
from bpstep.view.panes.cards import is_current, names_in_cards, patch_of
from bpstep.view.panes.columns import CARD_ROWS, Column, Geometry, columns_of
from bpstep.view.panes.pen import Patch, Pen
from bpstep.view.panes.skips import draw_skips
from bpstep.view.panes.wires import Zone
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame

__all__ = ["draw", "rows_wanted"]

#: The rows of the picture that are no card's: the title, a blank one below it, and the last.
_AROUND = 3


def draw(frame: Frame, width: int, height: int) -> Canvas:
    """The picture of the network (of an expression: of its graph) at the cursor."""
    if has_arrays(frame):
        from bpstep.view.panes.operation import draw_with_graph

        return draw_with_graph(frame, width, height)
    if not isinstance(frame.setup.problem, NetworkSpec):
        from bpstep.view.panes.expression import draw as draw_expression

        return draw_expression(frame, width, height)
    canvas = Canvas(width, height)
    geometry = Geometry.of(width, height, frame.options.digits, names_in_cards(frame))
    pen = Pen(frame, canvas, geometry)
    problem = frame.setup.problem
    first = first_layer(problem, pen.step, geometry.layers)
    columns = columns_of(problem, geometry, first, _focus(problem, pen.step), _layer_index(problem, pen.step))
    _draw_columns(pen, columns)
    draw_skips(pen, problem, columns, _wire(pen.step))
    _draw_title(pen, problem, columns, first)
    # Of neurons two or three change at a step, and the wire wanders: it is drawn last, beneath them.
    below = pen.on(canvas.beneath())
    for left, right in itertools.pairwise(columns):
        spec = problem.layers[right.layer]
        sources = frame.drawing(("sources", right.layer), spec, partial(_source_names, problem, spec))
        zone = Zone(below, left, right, spec, sources)
        zone.draw(_wire(pen.step), _fan(pen.step, right))
    return canvas


def rows_wanted(frame: Frame) -> int:
    """The rows in which every neuron of the largest layer has a card of its own, with the title and the blank rows; of
    a program over arrays, its largest operation and its graph."""
    if has_arrays(frame):
        from bpstep.view.panes import operation

        return operation.rows_wanted(frame)
    problem = frame.setup.problem
    if not isinstance(problem, NetworkSpec):
        return 0
    most = max(len(names) for names in (problem.inputs, *(layer.neurons for layer in problem.layers)))
    return most * (CARD_ROWS + 1) - 1 + _AROUND


def _layer_index(problem: NetworkSpec, step: Step | None) -> int:
    """The layer of a step: -1 for the inputs, the last for the cost."""
    if step is None or step.when.layer == INPUTS:
        return -1
    names = [layer.name for layer in problem.layers]
    return names.index(step.when.layer) if step.when.layer in names else len(names) - 1


def first_layer(problem: NetworkSpec, step: Step | None, layers: int = 2) -> int:
    """The layer of the first column of cards: the step's layer and its neighbour in the direction of flow are among
    them; where there is room for one only, the step's.  What is drawn moves on by pages, of which each begins with
    the last layer of the one before."""
    last = len(problem.layers) - 1
    at = _layer_index(problem, step)
    if layers == 1:
        return min(max(0, at), last)
    if step is not None and step.when.phase == "forward":
        at -= 1
    page = layers - 1
    return min(max(0, at) // page * page, max(0, last - page))


def _source_names(problem: NetworkSpec, spec: LayerSpec) -> tuple[str, ...]:
    """The names of the columns of a layer's weights."""
    layers = {layer.name: layer.neurons for layer in problem.layers}
    layers[INPUTS] = problem.inputs
    return tuple(name for source in spec.sources for name in layers[source])


def _focus(problem: NetworkSpec, step: Step | None) -> dict[int, str]:
    """The neurons around which windows are laid: the step's own, and the other end of its wire."""
    if step is None:
        return {}
    focus = {_layer_index(problem, step): step.when.node}
    wire = _wire(step)
    for name in wire or ():
        layer = _layer_of(problem, name)
        if layer is not None:
            focus[layer] = name
    return focus


def _layer_of(problem: NetworkSpec, name: str) -> int | None:
    if name in problem.inputs:
        return -1
    for place, layer in enumerate(problem.layers):
        if name in layer.neurons:
            return place
    return None


def _wire(step: Step | None) -> tuple[str, str] | None:
    """The (source, target) of the wire that a step uses; source "" is the bias; None where it uses none."""
    if step is None:
        return None
    if step.op == "term":
        weight = step.inputs[0].cell
        return str(weight.of), str(weight.by)
    if step.op == "bias":
        return "", step.when.node
    if step.op == "contribute" and step.local is not None:
        head, tail = step.local.cell.of, step.local.cell.by
        if isinstance(head, Cell) and isinstance(tail, Cell) and head.kind == "e":
            return ("" if tail.kind == "b" else str(tail.of)), str(head.of)
    return None


def _fan(step: Step | None, right: Column) -> tuple[str, str] | None:
    """Which fan to draw where there is no room for all wires: what leads into the neuron of this step, or,
    while derivatives come back to its output, what leads out of it."""
    if step is None:
        return None
    wire = _wire(step)
    if right.name == step.when.layer and right.slot(step.when.node) is not None:
        uses_it = step.when.phase != "backward" or (wire is not None and wire[1] == step.when.node)
        return ("in", step.when.node) if uses_it else None
    return ("out", step.when.node) if step.when.phase == "backward" else None


def _draw_columns(pen: Pen, columns: tuple[Column, ...]) -> None:
    """Draw the neurons, where they do not look as before."""
    board = pen.frame.drawing("neurons", columns, partial(_board_of, columns, pen.geometry.top))
    slots = ((column, slot) for column in columns for slot in column.slots)
    lit = frozenset([number for number, pair in enumerate(slots) if is_current(pen, *pair)])
    board.draw(pen, "board of neurons", lit)


def _board_of(columns: tuple[Column, ...], top: int) -> Board:
    """The neurons of the columns, one after the other; then how many more there are."""
    neurons = [patch_of(column, slot) for column in columns for slot in column.slots]
    return Board([*neurons, *(patch for column in columns for patch in _more(column, top))])


def _more(column: Column, top: int) -> Iterator[Patch]:
    """How many neurons of a layer there is no room for, above and below those that are drawn."""
    x = column.x + (1 if column.layer >= 0 and column.width > 16 else 0)
    counts = [("above", column.above, top)]
    if column.slots:
        last = patch_of(column, column.slots[-1])
        counts.append(("below", column.below, last.y + last.height))
    for where, count, row in counts:
        if count:
            texts = f"… {count} {where}", f"…{count} more", f"…{count}"
            text = fitting(texts, max(9, column.width)) or texts[-1]
            yield Patch((where, column.layer), (text,), x, row, len(text), 1, (), partial(_write, text=text))


def _write(pen: Pen, text: str) -> None:
    pen.canvas.put(0, 0, text, "dim")


def _draw_title(pen: Pen, problem: NetworkSpec, columns: tuple[Column, ...], first: int) -> None:
    """The names of the columns, how many layers there are to the right, and the cost."""
    canvas = pen.canvas
    canvas.put(0, 0, "─" * canvas.width, "hairline")
    end = _draw_cost(pen)
    hidden = len(problem.layers) - first - pen.geometry.layers
    last = columns[-1]
    name = f" {_titles(pen, problem, last)[0]} "
    if hidden > 0:
        for more in (f" {counted(hidden, 'layer')} › ", f" {hidden} › "):
            if last.x + len(name) + len(more) <= end or more == f" {hidden} › ":
                end -= len(more) + 1
                canvas.put(end, 0, more, "dim")
                break
    limits = [column.x - 1 for column in columns[1:]] + [end]
    for column, limit in zip(columns, limits, strict=True):
        canvas.put(
            column.x,
            0,
            fitting([f" {title} " for title in _titles(pen, problem, column)], limit - column.x),
            "dim",
        )


def _draw_cost(pen: Pen) -> int:
    """The cost at the right end of the title; the column where it begins."""
    canvas, reading = pen.canvas, pen.reading(cells.COST)
    shown = pen.run(cells.COST, 9)
    text = f" {pen.symbols.notation.cost} {shown.text.strip()} "
    start = canvas.width - len(text) - (2 if pen.geometry.wide else 1)
    at = canvas.put(start, 0, f" {pen.symbols.notation.cost} ", "value" if reading.is_set else "dim")
    at = canvas.put(at, 0, shown.text.strip(), shown.role)
    canvas.put(at, 0, " ", "")
    return start


def _titles(pen: Pen, problem: NetworkSpec, column: Column) -> list[str]:
    """A column's name, its size where it is a window, and the sign of its activation; and what of it to do without
    where there is no room for all."""
    name = column.name
    if column.layer >= 0 and column.width < 16:
        name = f"‹ {name}"
    sized = name if column.full else f"{name} · {column.size}"
    if column.layer < 0 or column.width < 16:
        return [sized, name]
    activation = _sign(pen, problem.layers[column.layer].activation)
    return [f"{sized}{activation}", f"{name}{activation}", name]


def _sign(pen: Pen, activation: str) -> str:
    """The sign of an activation, behind a name; a linear layer has none."""
    if activation == "linear":
        return ""
    if activation == "sigmoid":
        return f" · {pen.symbols.notation.logistic}"
    return f" · {FUNCTIONS[activation].symbol if activation in FUNCTIONS else activation}"
