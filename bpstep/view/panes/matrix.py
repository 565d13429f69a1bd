"""A layer as matrices: the books' equations, with this step's numbers where a row meets a column.

The scalar steps are grouped as books write them, and every entry is the cell that the steps write and read:

    forward     e = W · y + b         y stands above, W at the side: an entry stands where its row meets its column
    backward    ∂E/∂y = Wᵀ · δ        δ stands beside the same W: what comes out below is a *column* of W times δ
                ∂E/∂W = δ · yᵀ        an entry of δ times an entry of y, where the two meet
    update      W − η · ∂E/∂W

So the transpose of the books needs no second matrix: going back, the columns of W are read instead of its rows.
(Placing the right factor above, and the left one at the side, is Falk's scheme; BP1 to BP4 are the names in Nielsen,
*Neural Networks and Deep Learning*, chapter 2.)  Of an array that has no room a window is drawn, with the step in it,
and its heads say how much is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes.matrix_backward import back_through_layer, gradient_of_weights
from bpstep.view.panes.matrix_rows import draw_by_rows
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.sheet import HEAD, Sheet, Window, heading, room, slope, sources_of
from bpstep.view.panes.table_cells import table_pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import shape_of

__all__ = ["draw_matrices"]


def draw_matrices(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The layer of this step as the books' equation for it, on the rows of the canvas from ``top`` on."""
    pen = table_pen(frame, canvas)
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    step = pen.step or frame.upcoming
    assert step is not None, "a run has steps"
    layers = {layer.name: layer for layer in problem.layers}
    layer = layers.get(step.when.layer, problem.layers[-1])
    sheet = Sheet(pen, top)
    node = step.when.node
    other = _other(pen)
    if frame.options.layout == "rows":
        draw_by_rows(sheet, problem, other)
        return
    if step.when.layer not in layers:
        _of_cost(sheet, layer, step.cell)
    elif step.when.phase == "update":
        _update(sheet, layer, node, other)
    elif step.when.phase == "forward":
        _forward(sheet, layer, node, other)
    elif _is_of_weights(step.cell):
        gradient_of_weights(sheet, layer, node, other)
    else:
        back_through_layer(sheet, problem, layer, node)


def _other(pen: Pen) -> str:
    """The source of the wire that this step is about; "" where there is none."""
    step = pen.step
    if step is None:
        return ""
    named = [step.cell, *(factor.cell for factor in step.inputs)]
    for cell in named:
        inner = cell
        while isinstance(inner.of, Cell):
            inner = inner.of
        if inner.kind == "w":
            return str(inner.of)
    return ""


def _is_of_weights(cell: Cell) -> bool:
    return cell.kind == "d" and isinstance(cell.of, Cell) and cell.of.kind in ("w", "b")


# --- forward ------------------------------------------------------------------------------------------


def _forward(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """e = W · y + b, and y = f(e): the sources above, the weights at the side."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names = sources_of(sheet, layer)
    heads, of = _of_neuron(sheet, layer)
    wide, lines = room(sheet, len(heads) + 1)
    wide = max(1, wide)
    above = max(1, lines - 1 - min(len(layer.neurons), (lines - 1) // 2))
    columns = Window.around(names, other, min(wide, above))
    rows = Window.around(layer.neurons, node, max(1, lines - 1 - columns.count))
    plus = " + b" if layer.bias is not None else ""
    function = SOFTMAX if layer.neurons[0] in s.coupled else n.activation
    heading(
        sheet, f"{s.net} = W · {n.output}{plus}     {n.output} = {function}({s.net})",
        f"{shape_of(len(layer.neurons), len(names))}·{shape_of(len(names), 1)} → {shape_of(len(layer.neurons), 1)}",
    )  # fmt: skip
    weights, y = HEAD + 1, sheet.top + 1
    x = weights + columns.count * sheet.step + 1
    canvas = sheet.pen.canvas
    sheet.column(x, y, cells.y, columns.shown)
    sheet.brackets(x, y, 1, columns.count)
    for place, name in enumerate(columns.shown):
        canvas.put(x + sheet.step + 1, y + place, s.fitted(f"{n.output}({name})", 12), "dim")
    y += columns.count
    sheet.heads(weights, y, columns)
    apart = sheet.step + 1
    for place, head in enumerate(heads):
        canvas.put(x + place * apart + 1, y, head, "dim")
    y += 1
    sheet.sides(y, rows)
    for place, name in enumerate(rows.shown):
        sheet.row(weights, y + place, lambda source, name=name: cells.w(source, name), columns.shown)  # type: ignore[misc]
    sheet.brackets(weights, y, columns.count, rows.count)
    sheet.leave_out(rows, columns, y + rows.count)
    for place, cell in enumerate(of):
        sheet.column(x + place * apart, y, cell, rows.shown)
        sheet.brackets(x + place * apart, y, 1, rows.count)


def _of_neuron(sheet: Sheet, layer: LayerSpec) -> tuple[list[str], list[Callable[[str], Cell]]]:
    """What stands beside the weights of a neuron: its net input, below what W meets; its bias, its output; and in
    forward mode the tangents of both."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    found: list[tuple[str, Callable[[str], Cell]]] = [(s.net, cells.e), (n.output, cells.y)]
    if sheet.pen.frame.setup.wrt is not None:
        found += [
            (f"dot({s.net})", lambda k: cells.dot(cells.e(k))),
            (f"dot({n.output})", lambda k: cells.dot(cells.y(k))),
        ]
        if layer.neurons[0] not in s.coupled and _has_room_for(sheet, len(found) + 1):
            found.insert(3, (s.prime, slope))
    if layer.bias is not None and _has_room_for(sheet, len(found) + 1):
        found.insert(1, ("b", cells.b))
    return [head for head, _ in found], [of for _, of in found]


def _has_room_for(sheet: Sheet, columns: int) -> bool:
    """Whether so many columns can stand beside one of the weights'."""
    return HEAD + 2 + sheet.step + columns * (sheet.step + 1) <= sheet.pen.canvas.width


def _of_cost(sheet: Sheet, layer: LayerSpec, cell: Cell) -> None:
    """E = C(y, t): the outputs, the targets, and what the two come to; going back, what its derivative begins with."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    shape = shape_of(len(layer.neurons), 1)
    heading(sheet, f"{n.cost} = C({n.output}, {n.target})", f"{shape}, {shape} → (1×1)")
    rows = Window.around(layer.neurons, layer.neurons[0], room(sheet, 0)[1] - 1)
    y = sheet.top + 1
    for place, (head, of) in enumerate(((n.output, cells.y), (n.target, cells.t))):
        x = HEAD + 1 + place * (sheet.step + 2)
        sheet.pen.canvas.put(x + 1, y, head, "dim")
        sheet.column(x, y + 1, of, rows.shown)
        sheet.brackets(x, y + 1, 1, rows.count)
    sheet.sides(y + 1, rows)
    for place, single in enumerate(dict.fromkeys((cells.COST, cell))):
        x = HEAD + 1 + (place + 2) * (sheet.step + 2)
        sheet.pen.canvas.put(x + 1, y, s.fitted(s(single), sheet.step), "dim")
        sheet.number(x, y + 1, single)


# --- the update ---------------------------------------------------------------------------------------


def _update(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """W − η · ∂E/∂W: the weights, beside them what they are changed by, and what the optimizer remembers of it."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names, optimizer = sources_of(sheet, layer), sheet.pen.frame.setup.optimizer
    gradient, shape = s.derivative("W"), shape_of(len(layer.neurons), len(names))
    plain = f"W −= {n.rate} · {gradient}", f"{shape} − {n.rate}·{shape} → {shape}"
    heading(sheet, *(plain if optimizer.is_plain else (f"W, changed by {optimizer.name}", "")))
    grids: list[tuple[str, Callable[[Cell], Cell]]] = [("W", lambda cell: cell), (gradient, cells.d)]
    grids += [(state, partial(cells.state, state)) for state in optimizer.states]
    wide, lines = room(sheet, len(grids) - 1)
    columns = Window.around(names, other, max(1, wide // len(grids)))
    rows = Window.around(layer.neurons, node, lines - 2)
    x, y = HEAD + 1, sheet.top + 1
    for head, of in grids:
        sheet.heads(x, y, columns)
        for k, i in enumerate(rows.shown):
            sheet.row(x, y + 1 + k, lambda j, i=i, of=of: of(cells.w(j, i)), columns.shown)  # type: ignore[misc]
        sheet.brackets(x, y + 1, columns.count, rows.count)
        sheet.pen.canvas.put(x + 1, y + 1 + rows.count, head, "dim")
        x += columns.count * sheet.step + 2
    if layer.bias is not None and x + sheet.step < sheet.pen.canvas.width:
        sheet.pen.canvas.put(x + 1, y, "b", "dim")
        sheet.column(x, y + 1, cells.b, rows.shown)
        sheet.brackets(x, y + 1, 1, rows.count)
    sheet.sides(y + 1, rows)
    sheet.leave_out(rows, columns, y + 2 + rows.count)
