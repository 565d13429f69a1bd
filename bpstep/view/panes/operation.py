"""The operation of this step, drawn as the arrays that meet in it.

A product of matrices and the Jacobian of softmax are drawn as products (`array_products`), everything else as arrays
beside each other (`array_operands`).
"""

from __future__ import annotations

from bpstep.engine.operation import Operation
from bpstep.engine.vectors import Vector
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.panes import array_graph
from bpstep.view.panes.abreast import Abreast, cell_of_row, draw_abreast
from bpstep.view.panes.array_operands import back_to_operand, forward_of, loss_over_samples, update_of
from bpstep.view.panes.array_picture import Picture, Title
from bpstep.view.panes.array_products import product_of_matrices, through_softmax
from bpstep.view.panes.falk import Product, cell_of_product, draw_product
from bpstep.view.panes.named import with_words
from bpstep.view.panes.pen import Pen
from bpstep.view.panes.table_cells import table_pen
from bpstep.view.scene.focus import Focus, focus_of
from bpstep.view.scene.frame import Frame
from bpstep.view.words.equations import stated

__all__ = ["draw_in_table", "draw_operation", "draw_with_graph", "rows_wanted", "shows_graph"]

#: The rows of a picture besides those of its arrays: the title, blank ones, names, indices, a stroke below.
_AROUND = 6
#: An operation has so many rows at least, and no more than these where it stands above the graph.
_LEAST_ROWS, _MOST_ROWS = 12, 24


def draw_operation(frame: Frame, width: int, height: int) -> Canvas:
    """The operation that the step belongs to, at the start the first one."""
    canvas = Canvas(width, height)
    pen = table_pen(frame, canvas)
    step = pen.step or frame.upcoming
    assert step is not None, "a run has steps"
    focus = focus_of(frame, step)
    picture = _picture_of(pen, _last(frame) if focus is None else focus)
    _draw_title(canvas, picture.title)
    top = 2 if height >= 12 else 1
    arrays = _with_words(pen, picture.arrays)
    if isinstance(arrays, Product):
        draw_product(pen, top, arrays)
    else:
        draw_abreast(pen, top, arrays)
    return canvas


def draw_with_graph(frame: Frame, width: int, height: int) -> Canvas:
    """The operation, and where there is room for both, below it the program as a graph of arrays."""
    if not shows_graph(frame, height):
        return draw_operation(frame, width, height)
    canvas, rows = Canvas(width, height), array_graph.rows_wanted(frame) + 1
    canvas.blit(0, 0, draw_operation(frame, width, height - rows))
    hairline(canvas, 0, height - rows, width, [("graph", "dim")])
    array_graph.draw_graph(frame, canvas, height - rows + 1, None)
    return canvas


def shows_graph(frame: Frame, height: int) -> bool:
    """Whether the graph stands below the operation in a picture of so many rows: the same at every step of a run."""
    return height >= rows_wanted(frame)


def rows_wanted(frame: Frame) -> int:
    """The rows that the largest operation of the program takes, as far as it is drawn whole, and the graph below it."""
    return frame.drawing("rows of picture", frame.options.layout, lambda: _rows_wanted(frame))


def _rows_wanted(frame: Frame) -> int:
    largest = max((_rows_of(frame, one) for one in frame.setup.graph.operations), default=0)
    return min(max(_LEAST_ROWS, largest), _MOST_ROWS) + array_graph.rows_wanted(frame) + 1


def _rows_of(frame: Frame, operation: Operation) -> int:
    """The rows of an operation, forward and back."""
    spec = stated(frame, operation)
    shapes = [source.shape for source in Focus(operation, 0).meeting.sources] + [operation.head.dims]
    rows = [shape[-2] if len(shape) > 1 else shape[0] if shape else 1 for shape in shapes]
    if spec is not None and spec.function == "matmul":
        return rows[0] + rows[1] + _AROUND
    if spec is not None and spec.function == "softmax":
        return 2 * shapes[0][-1 if spec.axis is None else spec.axis] + _AROUND
    return max(rows) + _AROUND


def _with_words(pen: Pen, arrays: Product | Abreast) -> Product | Abreast:
    """The arrays with their words, where these cost the numbers no room."""
    named = with_words(pen.frame, arrays)
    return named if named is arrays or _cell(pen, named) == _cell(pen, arrays) else arrays


def _cell(pen: Pen, arrays: Product | Abreast) -> int:
    width = pen.canvas.width
    if isinstance(arrays, Product):
        return cell_of_product(pen, arrays, width)
    return cell_of_row(pen, arrays, width)


def draw_in_table(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The same on the rows of a canvas from ``top`` on."""
    canvas.blit(0, top, draw_operation(frame, canvas.width, canvas.height - top))


def _picture_of(pen: Pen, focus: Focus | Vector) -> Picture:
    """The equation of a step, and its arrays: what is drawn of each sort of operation, going forward and going back."""
    if isinstance(focus, Vector):
        return update_of(pen, focus)
    spec, edge = stated(pen.frame, focus.operation), focus.edge
    if spec is None:
        return loss_over_samples(pen, focus)
    if spec.function == "matmul":
        return product_of_matrices(pen, focus)
    if spec.function == "softmax" and edge is not None:
        return through_softmax(pen, focus, edge)
    return forward_of(pen, focus, spec) if edge is None else back_to_operand(pen, focus, edge, spec)


def _last(frame: Frame) -> Focus:
    """The operation whose head is the output."""
    operation = frame.setup.graph.producer(frame.setup.graph.root)
    assert operation is not None, "an output is computed"
    return Focus(operation, 0)


def _draw_title(canvas: Canvas, title: Title) -> None:
    canvas.put(0, 0, "─" * canvas.width, "hairline")
    at = canvas.put(1, 0, cut(f" {title.equation} ", canvas.width - 2), "strong")
    if at + len(title.shapes) + 5 < canvas.width:
        at = canvas.put(at + 1, 0, f" {title.shapes} ", "dim")
    if title.more and at + len(title.more) + 4 < canvas.width:
        canvas.put(canvas.width - len(title.more) - 3, 0, f" {title.more} ", "dim")
