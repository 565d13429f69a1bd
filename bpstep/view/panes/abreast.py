"""Arrays beside each other: what an operation reads, and at the right of it what it computes.

      X    1     2     3        K    1     2         y    1     2
      1 ┃ 1.00  2.00┃ 0.50 │    1 │ 0.50 −1.00 │     1 │−1.50  … │
      2 ┃ 0.20  0.10┃ 1.00 │  ⋆ 2 │ 2.00  0.30 │  ▶  2 │ ·     · │
      3 │ 3.00  1.00  0.70 │

Going back the same places hold the derivatives: d(y) at the right, what it is multiplied with in the middle, and at the
left what gathers.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.lazily import dataclass
from bpstep.view.drawing.layout import cut
from bpstep.view.panes.blocks import SHADE, Block, Stretch, Window, cell_widths, draw_block, label_width
from bpstep.view.panes.pen import Pen

__all__ = ["Abreast", "cell_of_row", "draw_abreast"]


@dataclass(frozen=True, eq=False)
class Abreast:
    """Arrays from left to right, and the signs between them, one fewer."""

    blocks: Sequence[Block]
    signs: Sequence[str]


def draw_abreast(pen: Pen, top: int, row: Abreast) -> None:
    """Draw arrays beside each other from the row ``top`` of the canvas on; rows below each other."""
    canvas = pen.canvas
    if _are_rows(row) and canvas.height - top > len(row.blocks):
        _draw_rows(pen, top, row)
        return
    has_heads = any(block.columns > 1 for block in row.blocks)
    y = top + 1 + has_heads
    windows = _windows(pen, row, canvas.width, max(1, canvas.height - y))
    x = 1
    for place, (block, window) in enumerate(zip(row.blocks, windows, strict=True)):
        x += label_width(block)
        draw_block(pen, x, y, block, window, labels=True, heads=True)
        name_y = top if block.columns > 1 else y - 1
        canvas.put(x + 1, name_y, cut(block.name, canvas.width - x - 1), "strong")
        x += window.width
        if place < len(row.signs):
            sign = f" {row.signs[place]} "
            first = block.at[0] - window.rows.first if block.at[0] in window.rows else 0
            role = pen.active if row.signs[place] in "▶◀" else "text"
            canvas.put(x, y + first, sign, role)
            x += len(sign)


def _are_rows(row: Abreast) -> bool:
    """Whether all arrays are rows, and one of them of several cells."""
    return all(block.rows == 1 for block in row.blocks) and any(block.columns > 1 for block in row.blocks)


def _draw_rows(pen: Pen, top: int, row: Abreast) -> None:
    """Rows below each other, a sign before each but the first: where it stands cell by cell, cells are in columns."""
    canvas = pen.canvas
    signs = ["", *row.signs]
    left = max(len(block.name) for block in row.blocks) + max(len(sign) for sign in signs) + 4
    windows = _windows_of_rows(pen, row, canvas.width - left - 2)
    for y, (block, window, sign) in enumerate(zip(row.blocks, windows, signs, strict=True), top + 1):
        role = pen.active if sign and sign in "▶◀" else "text"
        canvas.put(1, y, sign, role)
        canvas.put(left - 1 - len(block.name), y, block.name, "strong")
        draw_block(pen, left, y, block, window, labels=False, heads=y == top + 1)


def _windows_of_rows(pen: Pen, row: Abreast, room: int) -> list[Window]:
    """The part of each row that is drawn."""
    most = max(block.columns for block in row.blocks)
    cell = next((cell for cell in cell_widths(pen) if most * (cell + 1) <= room), SHADE)
    count = max(1, room // (cell + 1))
    return [
        Window(Stretch(0, 1, 1), Stretch.around(block.columns, block.at[1], count), cell)
        for block in row.blocks
    ]


def _windows(pen: Pen, row: Abreast, width: int, height: int) -> list[Window]:
    """The part of each array that is drawn; those that are too wide share what the others leave."""
    cell = cell_of_row(pen, row, width)
    counts = _shared([block.columns for block in row.blocks], _room(row, width) // (cell + 1))
    return [
        Window(
            Stretch.around(block.rows, block.at[0], height),
            Stretch.around(block.columns, block.at[1], count),
            cell,
        )
        for block, count in zip(row.blocks, counts, strict=True)
    ]


def cell_of_row(pen: Pen, row: Abreast, width: int) -> int:
    """The columns of a cell where arrays stand beside each other in so many."""
    if _are_rows(row):
        return max(cell_widths(pen))
    room, wanted = _room(row, width), sum(block.columns for block in row.blocks)
    return next((cell for cell in cell_widths(pen) if wanted * (cell + 1) <= room), SHADE)


def _room(row: Abreast, width: int) -> int:
    """What labels, brackets and signs leave."""
    fixed = 2 + sum(label_width(block) + 1 for block in row.blocks) + sum(len(s) + 2 for s in row.signs)
    return width - fixed


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """How many columns each gets: the narrowest all of theirs, the others equal parts of the rest."""
    found = [0] * len(wanted)
    left = max(room, len(wanted))
    for done, place in enumerate(sorted(range(len(wanted)), key=lambda k: wanted[k])):
        found[place] = max(1, min(wanted[place], left // (len(wanted) - done)))
        left -= found[place]
    return found
