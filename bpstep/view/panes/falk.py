"""A product of matrices, laid out so that an entry stands where its row meets its column (Falk's scheme).

The right factor stands above, the left one at the side, the product where they meet:

                               x1
                             ┃  1.000 ┃
                             ┃  0     ┃
      U      1        2          v1
      1 │  0.1728   0.4108 │ │  0.1728 │
      2 ┃  0.1652  −0.6516 ┃▶┃  0.1652…┃
      3 │  0.4527   0.2232 │ │  ·      │

Going back to the right factor nothing is moved: d(v1) stands where v1 stood, and a *column* of U meets it; what comes
of it goes up to where x1 stood.  That is the transpose of the books, Uᵀ · d(v1).  Back to the left factor it is an
outer product: d(v1) at the side, x1 lying above, and every entry of d(U) is one number of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes.blocks import SHADE, Block, Stretch, Window, cell_widths, draw_block, label_width
from bpstep.view.panes.pen import Pen

__all__ = ["Product", "cell_of_product", "draw_product"]

#: From the left factor to the product: a stroke between their brackets, or room for indices.
_BETWEEN = 3


@dataclass(frozen=True, eq=False)
class Product:
    """The three arrays of a product; ``arrow`` is drawn from the left factor to the product, in the row of this step.
    ``words`` stand in the corner that is free; ``beside`` are lines in their roles, for the room at the right."""

    side: Block
    above: Block
    cross: Block
    arrow: str
    words: Sequence[str] = ()
    beside: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class _Plan:
    side: Window
    above: Window
    cross: Window
    left: int
    right: int


def draw_product(pen: Pen, top: int, product: Product) -> None:
    """Draw a product from the row ``top`` of the canvas on."""
    canvas = pen.canvas
    plan = _plan(pen, product, canvas.width, canvas.height - top)
    above_y = top + 1
    heads_y = above_y + plan.above.rows.count
    y = heads_y + 1
    draw_block(pen, plan.right, above_y, product.above, plan.above, labels=True, heads=True)
    draw_block(pen, plan.left, y, product.side, plan.side, labels=True, heads=True)
    draw_block(pen, plan.right, y, product.cross, plan.cross, labels=False, heads=True)
    _draw_names(pen, product, plan, top, heads_y)
    _close_columns(pen, product.side, plan.side, plan.left, y)
    if product.side.at[0] in plan.side.rows:
        row = y + product.side.at[0] - plan.side.rows.first
        start = plan.left + plan.side.width
        canvas.put(start, row, product.arrow.center(plan.right - start, "━"), pen.active)


def _plan(pen: Pen, product: Product, width: int, height: int) -> _Plan:
    """Which rows and columns are drawn, and how wide a cell is."""
    side, above, cross = product.side, product.above, product.cross
    label, between = _margins(product)
    room, cell = width - label - between - 4, cell_of_product(pen, product, width)
    if cell == SHADE:  # the name of what is narrow needs its room, too
        room -= len(cross.name)
    across = max(2, room // (cell + 1))
    left, right = _shared(side.columns, cross.columns, across)
    rows_above, rows = _shared(above.rows, side.rows, max(2, height - 2))
    columns = Stretch.around(cross.columns, cross.at[1], right)
    down = Stretch.around(side.rows, side.at[0], rows)
    return _Plan(
        Window(down, Stretch.around(side.columns, side.at[1], left), cell),
        Window(Stretch.around(above.rows, above.at[0], rows_above), columns, cell),
        Window(down, columns, cell),
        label,
        label + left * (cell + 1) + 1 + between,
    )


def cell_of_product(pen: Pen, product: Product, width: int) -> int:
    """The columns of a cell where a product stands in so many."""
    room, wanted = width - sum(_margins(product)) - 4, product.side.columns + product.cross.columns
    return next((cell for cell in cell_widths(pen) if wanted * (cell + 1) <= room), SHADE)


def _margins(product: Product) -> tuple[int, int]:
    """The columns before the left factor, and those between it and the product."""
    return max(2, label_width(product.side)), max(_BETWEEN, label_width(product.above) + 1)


def _shared(one: int, other: int, room: int) -> tuple[int, int]:
    """How much of two lengths is drawn where there is room for so much: of the shorter as much as may be."""
    if one + other <= room:
        return one, other
    half = room // 2
    first = one if one <= half else max(half, room - other)
    return first, min(other, room - first)


def _draw_names(pen: Pen, product: Product, plan: _Plan, top: int, heads_y: int) -> None:
    """The names of the three, and what is said in the corner."""
    canvas = pen.canvas
    side, above, cross = product.side, product.above, product.cross
    if above.columns == 1:
        canvas.put(plan.right + 2, top, above.name, "strong")
    else:
        canvas.put(max(1, plan.right - len(above.name) - 1), top, above.name, "strong")
    row = heads_y if side.columns == 1 else heads_y - 1
    canvas.put(plan.left + 2, row, side.name, "strong")
    if cross.columns == 1:
        canvas.put(plan.right + 2, heads_y, cross.name, "strong")
    elif (end := plan.right + plan.cross.width + 1) + len(cross.name) <= canvas.width:
        canvas.put(end, heads_y + 1, cross.name, "strong")
    _draw_words(canvas, product, plan, range(top, row))


def _draw_words(canvas: Canvas, product: Product, plan: _Plan, rows: range) -> None:
    """What is said: in the corner, or where that is too narrow at the right, before what stands there."""
    above, cross = product.above, product.cross
    room = plan.right - max(0, label_width(above)) - 3
    taken = len(above.name) if above.columns > 1 else 0  # of the first row, by the name
    in_corner = all(len(text) < room - taken * (k == 0) for k, text in enumerate(product.words[: len(rows)]))
    beside = list(product.beside)
    if in_corner:
        for y, text in zip(rows, product.words, strict=False):
            canvas.put(2, y, text, "dim")
    elif not beside:
        beside = [(text, "dim") for text in product.words]
    at = plan.right + plan.cross.width + (len(cross.name) + 3 if cross.columns > 1 else 3)
    if at + max((len(text) for text, _ in beside), default=0) < canvas.width:
        for y, (text, role) in enumerate(beside, rows.start + 1):
            canvas.put(at, y, text, role)


def _close_columns(pen: Pen, block: Block, window: Window, x: int, y: int) -> None:
    """A column that is used as a whole is closed above and below: it is read downwards."""
    if block.used is None or block.rows == 1 or block.used[:2] != (0, block.rows - 1):
        return
    columns = window.columns.clip(*block.used[2:])
    if columns is None or (block.columns > 1 and block.used[2:] == (0, block.columns - 1)):
        return
    step = window.cell + 1
    left, right = x + columns[0] * step, x + (columns[1] + 1) * step
    below = y + window.rows.count
    pen.canvas.put(left, below, f"┗{'━' * (right - left - 1)}┛", pen.active)
    pen.canvas.put(left, y - 1, "┏", pen.active)
    pen.canvas.put(right, y - 1, "┓", pen.active)
