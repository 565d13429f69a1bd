"""A layer as matrices, on the way back: what arrives at its outputs and net inputs, and the gradient of its weights.

    at the outputs      δ = ∂E/∂y ∘ f′          (BP1; of softmax δ = Jᵀ · ∂E/∂y)
    through a layer     ∂E/∂y = Wᵀ · δ          (BP2) the columns of W are read instead of its rows
    its weights         ∂E/∂W = δ · yᵀ          (BP4, and BP3 of a bias)

How the three stand to each other on a sheet is told in `matrix`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import LayerSpec, NetworkSpec
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.sheet import HEAD, Sheet, Window, heading, room, slope, sources_of
from bpstep.view.scene.planes import shape_of

__all__ = ["back_through_layer", "gradient_of_weights"]

#: Rows of numbers that come out, each with its head.
_Results = list[tuple[str, Callable[[str], Cell]]]


def back_through_layer(sheet: Sheet, problem: NetworkSpec, layer: LayerSpec, node: str) -> None:
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
    by_output = s.derivative(n.output)
    if s.coupled and names[0] in s.coupled:
        _through_softmax(sheet, layer, node)
        return
    shape = shape_of(len(names), 1)
    heading(sheet, f"{n.delta} = {by_output} ∘ {s.prime}", f"{shape} ∘ {shape} → {shape}", "BP1")
    rows = Window.around(names, node, room(sheet, 0)[1] - 1)
    heads = (n.output, n.target, by_output, s.prime, n.delta)
    of: tuple[Callable[[str], Cell], ...] = (
        cells.y, cells.t, lambda k: cells.d(cells.y(k)), slope, lambda k: cells.d(cells.e(k)),
    )  # fmt: skip
    y = sheet.top + 1
    for place, (head, cell) in enumerate(zip(heads, of, strict=True)):
        x = HEAD + 1 + place * (sheet.step + 2)
        sheet.pen.canvas.put(x + 1, y, sheet.pen.symbols.fitted(head, sheet.step), "dim")
        sheet.column(x, y + 1, cell, rows.shown)
        sheet.brackets(x, y + 1, 1, rows.count)
    sheet.sides(y + 1, rows)


def _through_softmax(sheet: Sheet, layer: LayerSpec, node: str) -> None:
    """δ = Jᵀ · ∂E/∂y: of softmax every output hears every net input."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names, by_output = layer.neurons, s.derivative(n.output)
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
    by_output = s.derivative(n.output)
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
        [] if is_softmax else [(f"∘ {s.prime}", slope), (f"= {n.delta}", lambda j: cells.d(cells.e(j)))]
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
    sheet.pen.canvas.put(at + 1, y, sheet.pen.symbols.fitted(head, sheet.pen.canvas.width - at - 1), "dim")
    sheet.column(at, y + 1, beside, rows.shown)
    sheet.brackets(at, y + 1, 1, rows.count)


def _result(sheet: Sheet, y: int, head: str, of: Callable[[str], Cell], columns: Window) -> None:
    """A row of what comes out, below the columns that it comes from."""
    s = sheet.pen.symbols
    sheet.pen.canvas.put(1, y, s.fitted(s.glyphs.spell(head), HEAD - 1), "text")
    sheet.row(HEAD + 1, y, of, columns.shown)
    sheet.brackets(HEAD + 1, y, columns.count, 1)


def gradient_of_weights(sheet: Sheet, layer: LayerSpec, node: str, other: str) -> None:
    """∂E/∂W = δ · yᵀ: y above, δ at the side, each entry where the two meet; a bias meets a 1."""
    s, n = sheet.pen.symbols, sheet.pen.symbols.notation
    names = sources_of(sheet, layer)
    wide, lines = room(sheet, 1 + (layer.bias is not None))
    columns = Window.around(names, other, wide - 1)
    rows = Window.around(layer.neurons, node, max(1, lines - 2))
    numbers, training = sheet.pen.frame.moment.batch.numbers, sheet.pen.frame.setup.training
    sign = "+=" if numbers.samples > 1 or training.l2 > 0.0 else "="  # a sample of a batch adds its share
    by_bias = f"     {s.derivative('b')} {sign} {n.delta}" if layer.bias is not None else ""
    neurons, sources = len(layer.neurons), len(names)
    shapes = f"{shape_of(neurons, 1)}·{shape_of(1, sources)} → {shape_of(neurons, sources)}"
    heading(sheet, f"{s.derivative('W')} {sign} {n.delta} · {n.output}ᵀ{by_bias}", shapes, "BP4, BP3")
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
