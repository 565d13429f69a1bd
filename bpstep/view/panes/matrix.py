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

from collections.abc import Callable, Sequence

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.sheet import HEAD, Sheet, Window, heading, room
from bpstep.view.panes.table_cells import table_pen
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import shape_of

__all__ = ["draw_matrices"]

#: Rows of numbers that come out, each with its head.
_Results = list[tuple[str, Callable[[str], Cell]]]


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
    if step.when.layer not in layers:
        _of_cost(sheet, layer, step.cell)
    elif step.when.phase == "update":
        _update(sheet, layer, node, other)
    elif step.when.phase == "forward":
        _forward(sheet, layer, node, other)
    elif _is_of_weights(step.cell):
        _outer_product(sheet, layer, node, other)
    else:
        _backward(sheet, problem, layer, node)


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


def _sources(sheet: Sheet, layer: LayerSpec) -> list[str]:
    """The names of what a layer's weights come from, in the order of their columns."""
    problem = sheet.pen.frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    neurons = {layer.name: layer.neurons for layer in problem.layers} | {INPUTS: problem.inputs}
    return [name for source in layer.sources for name in neurons[source]]


# --- forward ------------------------------------------------------------------------------------------


def _forward(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """e = W · y + b, and y = f(e): the sources above, the weights at the side."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names = _sources(sheet, layer)
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
        canvas.put(x + sheet.step + 1, y + place, cut(f"{n.output}({name})", 12), "dim")
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
            found.insert(3, (s.prime, _slope))
    if layer.bias is not None and _has_room_for(sheet, len(found) + 1):
        found.insert(1, ("b", cells.b))
    return [head for head, _ in found], [of for _, of in found]


def _has_room_for(sheet: Sheet, columns: int) -> bool:
    """Whether so many columns can stand beside one of the weights'."""
    return HEAD + 2 + sheet.step + columns * (sheet.step + 1) <= sheet.pen.canvas.width


# --- backward -----------------------------------------------------------------------------------------


def _backward(sheet: Sheet, problem: NetworkSpec, layer: LayerSpec, node: str) -> None:
    """What arrives at the outputs of a layer, and at its net inputs."""
    after = [other for other in problem.layers if layer.name in other.sources]
    if after:
        _back_through(sheet, layer, after, node)
    else:
        _at_output(sheet, layer, node)


def _at_output(sheet: Sheet, layer: LayerSpec, node: str) -> None:
    """δ = ∂E/∂y ∘ f′ at the outputs."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names = layer.neurons
    by_output = s.ratio(s.root, n.output)
    if s.coupled and names[0] in s.coupled:
        _through_softmax(sheet, layer, node)
        return
    shape = shape_of(len(names), 1)
    heading(sheet, f"{n.delta} = {by_output} ∘ {s.prime}", f"{shape} ∘ {shape} → {shape}", "BP1")
    rows = Window.around(names, node, room(sheet, 0)[1] - 1)
    heads = (n.output, n.target, by_output, s.prime, n.delta)
    of: tuple[Callable[[str], Cell], ...] = (
        cells.y, cells.t, lambda k: cells.d(cells.y(k)), _slope, lambda k: cells.d(cells.e(k)),
    )  # fmt: skip
    y = sheet.top + 1
    for place, (head, cell) in enumerate(zip(heads, of, strict=True)):
        x = HEAD + 1 + place * (sheet.step + 2)
        sheet.pen.canvas.put(x + 1, y, cut(head, sheet.step), "dim")
        sheet.column(x, y + 1, cell, rows.shown)
        sheet.brackets(x, y + 1, 1, rows.count)
    sheet.sides(y + 1, rows)


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
        sheet.pen.canvas.put(x + 1, y, cut(s(single), sheet.step), "dim")
        sheet.number(x, y + 1, single)


def _slope(name: str) -> Cell:
    return cells.local(cells.y(name), cells.e(name))


def _through_softmax(sheet: Sheet, layer: LayerSpec, node: str) -> None:
    """δ = Jᵀ · ∂E/∂y: of softmax every output hears every net input."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names, by_output = layer.neurons, s.ratio(s.root, n.output)
    count = len(names)
    heading(
        sheet,
        f"{n.delta} = Jᵀ · {by_output}",
        f"{shape_of(count, count)}ᵀ·{shape_of(count, 1)} → {shape_of(count, 1)}",
        "BP1",
    )
    wide, lines = room(sheet, 2)
    columns, rows = (
        Window.around(names, node, wide),
        Window.around(names, _head_of_step(sheet.pen) or node, lines - 2),
    )
    _matrix_and_column(
        sheet,
        columns,
        rows,
        lambda i, j: cells.local(cells.y(i), cells.e(j)),
        lambda i: cells.d(cells.y(i)),
        by_output,
    )
    y = sheet.top + 2 + rows.count
    _result(sheet, y, n.delta, lambda j: cells.d(cells.e(j)), columns)
    sheet.leave_out(rows, columns, y + 1)


def _back_through(sheet: Sheet, layer: LayerSpec, after: Sequence[LayerSpec], node: str) -> None:
    """∂E/∂y = Wᵀ · δ, and δ = ∂E/∂y ∘ f′: a column of W meets the deltas beside it."""
    pen = sheet.pen
    s, n = pen.symbols, pen.symbols.notation
    head = _head_of_step(pen)
    to = next((other for other in after if head in other.neurons), after[0])
    by_output = s.ratio(s.root, n.output)
    sign = "=" if len(after) == 1 else "+="
    is_softmax = layer.neurons[0] in s.coupled
    here, there = len(layer.neurons), len(to.neurons)
    follows = "" if is_softmax else f"     {n.delta} = {by_output} ∘ {s.prime}"
    heading(
        sheet, f"{by_output} {sign} Wᵀ · {n.delta}{follows}",
        f"{shape_of(there, here)}ᵀ·{shape_of(there, 1)} → {shape_of(here, 1)}", "" if is_softmax else "BP2",
    )  # fmt: skip
    wide, lines = room(sheet, 2)
    columns = Window.around(layer.neurons, node, wide)
    came: _Results = [(by_output, lambda j: cells.d(cells.y(j)))]
    on: _Results = (
        [] if is_softmax else [(f"∘ {s.prime}", _slope), (f"= {n.delta}", lambda j: cells.d(cells.e(j)))]
    )
    y = sheet.top + 1
    is_tight = lines - 1 - len(came + on) < min(there, 2)
    if is_tight and on and not _is_of_output(pen):  # W has done its part: what is left is cell by cell
        sheet.heads(HEAD + 1, y, columns)
        rows, results = Window.around(to.neurons, head, 1), came + on
    else:
        results = came if is_tight else came + on
        rows = Window.around(to.neurons, head, max(1, lines - 1 - len(results)))
        _matrix_and_column(
            sheet, columns, rows, lambda i, j: cells.w(j, i), lambda i: cells.d(cells.e(i)), f"{n.delta}({to.name})"
        )  # fmt: skip
        y += rows.count
    for place, (name, of) in enumerate(results, 1):
        _result(sheet, y + place, name, of, columns)
    sheet.leave_out(rows, columns, y + len(results) + 1)


def _is_of_output(pen: Pen) -> bool:
    """Whether this step is about what arrives at an output."""
    step = pen.step
    return (
        step is not None
        and isinstance(step.cell.of, Cell)
        and step.cell.of.kind == "y"
        and step.cell.kind == "d"
    )


def _head_of_step(pen: Pen) -> str:
    """The neuron from which this step's contribution comes; "" where it comes from none."""
    step = pen.step
    if step is None:
        return ""
    head = step.cell.of if step.op == "local" else None if step.upstream is None else step.upstream.cell.of
    return str(head.of) if isinstance(head, Cell) else ""


def _matrix_and_column(
    sheet: Sheet,
    columns: Window,
    rows: Window,
    entry: Callable[[str, str], Cell],
    beside: Callable[[str], Cell],
    head: str,
) -> None:
    """A matrix, and the column that its columns meet, at its side."""
    x, y = HEAD + 1, sheet.top + 1
    sheet.heads(x, y, columns)
    sheet.sides(y + 1, rows)
    for place, i in enumerate(rows.shown):
        sheet.row(x, y + 1 + place, lambda j, i=i: entry(i, j), columns.shown)  # type: ignore[misc]
    sheet.brackets(x, y + 1, columns.count, rows.count)
    at = x + columns.count * sheet.step + 2
    sheet.pen.canvas.put(at + 1, y, cut(head, sheet.pen.canvas.width - at - 1), "dim")
    sheet.column(at, y + 1, beside, rows.shown)
    sheet.brackets(at, y + 1, 1, rows.count)


def _result(sheet: Sheet, y: int, head: str, of: Callable[[str], Cell], columns: Window) -> None:
    """A row of what comes out, below the columns that it comes from."""
    sheet.pen.canvas.put(1, y, cut(sheet.pen.symbols.glyphs.spell(head), HEAD - 1), "text")
    sheet.row(HEAD + 1, y, of, columns.shown)
    sheet.brackets(HEAD + 1, y, columns.count, 1)


def _outer_product(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """∂E/∂W = δ · yᵀ: y above, δ at the side, each entry where the two meet; a bias meets a 1."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names = _sources(sheet, layer)
    wide, lines = room(sheet, 1 + (layer.bias is not None))
    columns = Window.around(names, other, wide - 1)
    rows = Window.around(layer.neurons, node, max(1, lines - 2))
    numbers, training = sheet.pen.frame.moment.batch.numbers, sheet.pen.frame.setup.training
    sign = "+=" if numbers.samples > 1 or training.l2 > 0.0 else "="  # a sample of a batch adds its share
    by_bias = f"     {s.ratio(s.root, 'b')} {sign} {n.delta}" if layer.bias is not None else ""
    neurons, sources = len(layer.neurons), len(names)
    shapes = f"{shape_of(neurons, 1)}·{shape_of(1, sources)} → {shape_of(neurons, sources)}"
    heading(sheet, f"{s.ratio(s.root, 'W')} {sign} {n.delta} · {n.output}ᵀ{by_bias}", shapes, "BP4, BP3")
    canvas = sheet.pen.canvas
    x, y = HEAD + 1, sheet.top + 1
    grid = x + sheet.step + 2
    sheet.heads(grid, y, columns)
    canvas.put(x + 1, y, n.delta, "dim")
    canvas.put(grid - 1 - len(n.output) - 2, y + 1, f"{n.output}ᵀ", "dim")
    sheet.row(grid, y + 1, cells.y, columns.shown)
    sheet.brackets(grid, y + 1, columns.count, 1)
    bias = grid + columns.count * sheet.step + 2
    if layer.bias is not None:
        canvas.put(bias + 1, y, "b", "dim")
        canvas.put(bias + 1, y + 1, "1", "value")
    y += 2
    sheet.sides(y, rows)
    sheet.column(x, y, lambda i: cells.d(cells.e(i)), rows.shown)
    sheet.brackets(x, y, 1, rows.count)
    for place, i in enumerate(rows.shown):
        sheet.row(grid, y + place, lambda j, i=i: cells.d(cells.w(j, i)), columns.shown)  # type: ignore[misc]
    sheet.brackets(grid, y, columns.count, rows.count)
    sheet.leave_out(rows, columns, y + rows.count)
    if layer.bias is not None:
        sheet.column(bias, y, lambda i: cells.d(cells.b(i)), rows.shown)
        sheet.brackets(bias, y, 1, rows.count)


# --- the update ---------------------------------------------------------------------------------------


def _update(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """W − η · ∂E/∂W: the weights, beside them what they are changed by, and what the optimizer remembers of it."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names, optimizer = _sources(sheet, layer), sheet.pen.frame.setup.optimizer
    gradient, shape = s.ratio(s.root, "W"), shape_of(len(layer.neurons), len(names))
    plain = f"W −= {n.rate} · {gradient}", f"{shape} − {n.rate}·{shape} → {shape}"
    heading(sheet, *(plain if optimizer.is_plain else (f"W, changed by {optimizer.name}", "")))
    grids: list[tuple[str, Callable[[Cell], Cell]]] = [("W", lambda cell: cell), (gradient, cells.d)]
    grids += [(state, {"m": cells.m, "v": cells.v}[state]) for state in optimizer.states]
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
