"""The tables of the strip: which there are, their tabs, and what of them has room.

Each is drawn by a module of its own (`weights`, `nodes`, `variables`, …).  The row that is written and the rows that
are read follow the same rules as everywhere: what this step writes is the chip, what it reads is bold, what is not
there yet is a dot.  A table is a window: of a layer of a thousand neurons only the rows around the step are looked up.
`whole` gives all rows, for a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpstep.debugger.session import Session
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.canvas import Row as CanvasRow
from bpstep.view.drawing.hints import link_tabs
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.drawing.numbers import group
from bpstep.view.panes import lines, nodes, variables, weights, your_numbers
from bpstep.view.panes.array_graph import draw_graph
from bpstep.view.panes.found import compare_lines
from bpstep.view.panes.matrix import draw_matrices
from bpstep.view.panes.operation import draw_in_table
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame

__all__ = ["TABLES", "Table", "draw", "left_out", "tables_of", "whole"]

#: So many gradients are checked without being asked to.
_MOST_AT_A_GLANCE = 200
#: So many rows of a whole table are drawn at a time.
_PAGE = 500


@dataclass(frozen=True)
class Table:
    """A view of the strip: its name, for which kind of scenario it is, and how it is drawn.

    ``draw(frame, canvas, top, first)`` draws from the row ``top`` of the canvas on: in one column from the table's
    row ``first`` on or, where that is None, the window around the step.  ``count`` says how many rows a table has that
    may not fit its window, in so many ``columns``.  ``looks_ahead`` marks what the run has not come to yet, which would
    answer a question.  ``is_there`` is whether there is anything to show.
    """

    name: str
    kinds: tuple[str, ...]
    draw: Callable[[Frame, Canvas, int, int | None], None]
    looks_ahead: bool = False
    count: Callable[[Frame], int] | None = None
    columns: Callable[[Frame, int], int] = lambda frame, width: 1
    is_there: Callable[[Frame], bool] = lambda frame: True


def draw(frame: Frame, width: int, height: int, name: str, *, keys: str = "Tab next view") -> Canvas:
    """A table with the tab strip as its title; ``keys`` is what can be done with it."""
    canvas = Canvas(width, height)
    tabs = [[(table.name, "strong" if table.name == name else "dim")] for table in tables_of(frame)]
    hairline(canvas, 0, 0, width, *tabs, right=[(keys, "dim")] if keys else ())
    link_tabs(canvas, [table.name for table in tables_of(frame)])
    TABLES[name].draw(frame, canvas, 1, None)
    return canvas


def left_out(frame: Frame, width: int, height: int, name: str) -> int:
    """How many rows a table has in all, if some of them do not fit a window of this size; else 0."""
    table = TABLES[name]
    rows = 0 if table.count is None else table.count(frame)
    return rows if rows > (height - 2) * table.columns(frame, width) else 0


def whole(frame: Frame, width: int, name: str) -> Iterator[CanvasRow]:
    """All rows of a table that has a window; the first two are its title and its heads."""
    table = TABLES[name]
    assert table.count is not None
    title = Canvas(width, 1)
    hairline(title, 0, 0, width, [(name, "strong")])
    yield from title.rows()
    rows = table.count(frame)
    for first in range(0, rows, _PAGE):
        canvas = Canvas(width, min(_PAGE, rows - first) + 2)
        table.draw(frame, canvas, 0, first)
        yield from canvas.rows()[bool(first) : -1]


def tables_of(frame: Frame) -> list[Table]:
    """The tables for this kind of scenario."""
    asks = frame.session.tutor is not None and frame.session.tutor.is_asking
    kind = frame.session.scenario.kind
    return [
        table
        for table in TABLES.values()
        if kind in table.kinds and not (asks and table.looks_ahead) and table.is_there(frame)
    ]


def _has_matrices(frame: Frame) -> bool:
    return frame.setup.is_network or has_arrays(frame)


def _draw_matrix(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The layer of this step as matrices; of a program over arrays, the operation."""
    draw = draw_in_table if has_arrays(frame) else draw_matrices
    draw(frame, canvas, top, first)


# --- tables that are text -----------------------------------------------------------------------------


def _text(
    name: str, made: Callable[[Session, int], list[tuple[str, str]]]
) -> Callable[[Frame, Canvas, int, int | None], None]:
    """A view that is lines of text, as far as there is room; what is left out is said."""

    def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
        rows = made(frame.session, canvas.width - 3)
        room = canvas.height - top
        cut_off = len(rows) > room
        for y, (text, role) in enumerate(rows[: room - cut_off], top):
            canvas.put(2, y, cut(text, canvas.width - 3), role)
        if cut_off:
            canvas.put(
                2, canvas.height - 1, f"… {counted(len(rows) - room + 1, 'line')} more: show {name}", "dim"
            )

    return draw


_draw_check = _text("check", lines.check)


def _check(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    count = frame.setup.graph.parameter_count
    if count > _MOST_AT_A_GLANCE:
        says = f"{group(count)} gradients are too many to check at every step: check CELL"
        canvas.put(2, top, says, "dim")
    else:
        _draw_check(frame, canvas, top, first)


_BOTH = ("network", "expression")
_ROWS = (
    Table(
        "yours", _BOTH, your_numbers.draw, looks_ahead=True, count=your_numbers.count,
        is_there=lambda frame: bool(frame.yours),
    ),
    Table(
        "weights", ("network",), weights.draw, count=weights.count,
        columns=lambda frame, width: 1 + weights.has_two(frame, width),
    ),
    Table("nodes", ("network",), nodes.draw, count=nodes.count),
    Table("graph", ("expression",), draw_graph, is_there=has_arrays),
    Table("variables", ("expression",), variables.draw, count=variables.count),
    Table("matrix", _BOTH, _draw_matrix, is_there=_has_matrices),
    Table("work", _BOTH, _text("work", lines.work)),
    Table("check", _BOTH, _check, looks_ahead=True),
    Table(
        "diff", _BOTH, _text("diff", lines.diff), looks_ahead=True,
        is_there=lambda frame: frame.twins is not None,
    ),
    Table(
        "compare", _BOTH, _text("compare", compare_lines), looks_ahead=True,
        is_there=lambda frame: frame.marks is not None,
    ),
)  # fmt: skip

#: The tables, by name, in the order of the strip.
TABLES: dict[str, Table] = {row.name: row for row in _ROWS}
