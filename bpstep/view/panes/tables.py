"""The tables of the strip: weights, nodes, variables.

The row that is written and the rows that are read follow the same rules as everywhere: what this step writes is
the chip, what it reads is bold, what is not there yet is a dot.  A table is a window: of a layer of a thousand
neurons only the rows around the step are looked up.  `whole` gives all rows, for a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, NetworkSpec
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.canvas import Row as CanvasRow
from bpstep.view.drawing.hints import link_tabs
from bpstep.view.drawing.layout import cut, hairline, number_run
from bpstep.view.drawing.naming import told_apart
from bpstep.view.drawing.numbers import group
from bpstep.view.panes import lines, your_numbers
from bpstep.view.panes.array_graph import draw_graph
from bpstep.view.panes.array_table import draw_arrays
from bpstep.view.panes.cards import Patch, Pen
from bpstep.view.panes.columns import Geometry
from bpstep.view.panes.found import compare_lines
from bpstep.view.panes.matrix import draw_matrices
from bpstep.view.panes.operation import draw_in_table
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import your_run
from bpstep.view.symbols.formula import kind_of

__all__ = ["TABLES", "Table", "draw", "left_out", "tables_of", "whole"]

_VALUE, _NAME = 11, 11
#: The columns of a weight's name and value where a learner's gradient stands beside the right one.
_BESIDE = 10
#: So many gradients are checked without being asked to.
_MOST_AT_A_GLANCE = 200


#: From this width on the weights stand in two columns; with a learner's gradients beside the right ones, from this on.
_TWO_COLUMNS, _TWO_WITH_YOURS = 76, 84
#: From this width on the table of nodes has room for a learner's numbers.
_NODES_WITH_YOURS = 119
#: The columns of a parameter with its value and its gradient, and of how many parameters all names are measured.
_HALF, _FEW = 42, 200
#: So many rows of a whole table are drawn at a time.
_PAGE = 500


@dataclass(frozen=True)
class Table:
    """A view of the strip: its name, for which kind of scenario it is, and how it is drawn.

    ``draw(frame, canvas, top, first)`` draws from the row ``top`` of the canvas on: in one column from the table's
    row ``first`` on or, where that is None, the window around the step.  ``count`` says how many rows a table has that
    may not fit its window.  ``looks_ahead`` marks what the run has not come to yet, which would answer a question.
    """

    name: str
    kinds: tuple[str, ...]
    draw: Callable[[Frame, Canvas, int, int | None], None]
    looks_ahead: bool = False
    count: Callable[[Frame], int] | None = None


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
    count = TABLES[name].count
    rows = 0 if count is None else count(frame)
    columns = 2 if name == "weights" and _has_two(frame, width) else 1
    return rows if rows > (height - 2) * columns else 0


def _has_two(frame: Frame, width: int) -> bool:
    """Whether the weights stand in two columns."""
    return width >= (_TWO_WITH_YOURS if frame.yours else _TWO_COLUMNS)


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
    shown = [
        table
        for table in TABLES.values()
        if frame.session.scenario.kind in table.kinds and not (asks and table.looks_ahead)
    ]
    arrays = frame.setup.is_network, has_arrays(frame)
    there = {
        "matrix": any(arrays),
        "graph": arrays[1],
        "diff": frame.twins is not None,
        "yours": bool(frame.yours),
        "compare": frame.marks is not None,
    }
    return [table for table in shown if there.get(table.name, True)]


def _pen(frame: Frame, canvas: Canvas) -> Pen:
    return Pen(frame, canvas, Geometry.of(canvas.width, 12, frame.options.digits))


def _cell(pen: Pen, x: int, y: int, cell: Cell, *, mark: bool = True) -> None:
    """A number in its column; partial sums carry their mark and count."""
    reading = pen.reading(cell)
    if cell == pen.asked:
        pen.canvas.put(x, y, *pen.run(cell, 9))
        return
    shown = number_run(pen.numbers, kind_of(cell), reading.value, pen.state(cell), part=pen.part(cell))
    at = pen.canvas.put(x, y, *shown)
    pen.canvas.link(x, y, len(shown.text), 1, f"why {cell}")
    if mark and reading.state == "partial" and reading.part is not None:
        pen.canvas.put(at + 1, y, f"{reading.part[0]}/{reading.part[1]}", "dim")


def _your_cell(pen: Pen, x: int, y: int, cell: Cell) -> None:
    """What a learner has for a number, in its column."""
    pen.canvas.put(x, y, *your_run(pen.frame.yours.of(pen.reading(cell)), kind_of(cell), pen.numbers))


def _name_role(pen: Pen, *of: Cell) -> str:
    parts = {pen.part(cell) for cell in of}
    return "strong" if parts & {"written", "read"} else "text"


# --- weights ------------------------------------------------------------------------------------------


def _weights(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every parameter with its value and its gradient, in two columns where there is width."""
    pen = _pen(frame, canvas)
    problem = frame.setup.problem
    rows = canvas.height - top - 1
    parameters = frame.drawing("parameters", None, lambda: _Parameters(problem))
    halves = 2 if _has_two(frame, canvas.width) and first is None else 1
    if halves == 2 and not frame.yours and len(parameters) > 2 * rows > 0:
        halves = max(2, min(canvas.width // _HALF, -(-len(parameters) // rows)))
    name, value = _weight_columns(pen, parameters, canvas.width // halves)
    if first is None:
        first = _first(parameters, pen, rows * halves)
    half = canvas.width // halves if halves == 1 else _HALF + name - _weight_columns(pen)[0]
    layout = _by_layer(parameters, rows) if halves == 2 and first == 0 else None
    for side in range(halves):
        x = 2 + side * half
        canvas.put(x, top, "cell", "dim")
        canvas.put(x + name, top, "value", "dim")
        canvas.put(x + name + value, top, f"∂{pen.symbols.root}/∂cell", "dim")
        if frame.yours:
            canvas.put(x + name + value + _VALUE, top, "yours", "dim")
        for row in range(rows):
            index = layout[side][row] if layout is not None and row < len(layout[side]) else None
            if layout is None:
                index = first + side * rows + row
            if index is not None and index < len(parameters):
                cell = parameters[index]
                patch = Patch(("weight", cell), (), min(half, canvas.width - x), 1, (cell, cells.d(cell)))
                pen.patch(x, top + 1 + row, patch, partial(_weight_row, cell=cell, at=(name, value)))


def _weight_columns(pen: Pen, parameters: Sequence[Cell] = (), room: int = 0) -> tuple[int, int]:
    """How wide the names of parameters are, and the values; in a ``room`` that has columns to spare, as wide as it
    takes to have the names whole."""
    name, value = (_BESIDE, _BESIDE) if pen.frame.yours else (_NAME, _VALUE)
    if room > _HALF and len(parameters) <= _FEW:
        longest = max((len(pen.symbols(cell)) + 2 for cell in parameters), default=0)
        name = max(name, min(longest, name + room - _HALF))
    return name, value


def _weight_row(pen: Pen, cell: Cell, at: tuple[int, int]) -> None:
    x, y, gradient = 0, 0, cells.d(cell)
    name, value = at
    pen.canvas.put(x, y, cut(pen.symbols(cell), name - 1), _name_role(pen, cell, gradient))
    _cell(pen, x + name - 1, y, cell)
    _cell(pen, x + name + value - 1, y, gradient)
    _your_cell(pen, x + name + value + _VALUE - 1, y, gradient)
    if pen.reading(cell).state == "overridden" and pen.reading(gradient).state != "partial":
        pen.canvas.put(x + name + 2 * value, y, "by hand", "dim")


class _Parameters(Sequence[Cell]):
    """The parameters of a problem in file order, named when they are looked at."""

    def __init__(self, problem: NetworkSpec | ExpressionSpec) -> None:
        self.problem = problem
        self.blocks: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
        self.size = 0
        if isinstance(problem, ExpressionSpec):
            self.size = len(problem.parameters)
            return
        names = {"inputs": problem.inputs, **{layer.name: layer.neurons for layer in problem.layers}}
        for layer in problem.layers:
            sources = tuple(name for source in layer.sources for name in names[source])
            self._add(layer.neurons, sources)
            if layer.bias is not None:
                self._add(layer.neurons, ())

    def _add(self, neurons: tuple[str, ...], sources: tuple[str, ...]) -> None:
        self.blocks.append((self.size, neurons, sources))
        self.size += len(neurons) * max(1, len(sources))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Cell:  # type: ignore[override]
        if isinstance(self.problem, ExpressionSpec):
            return cells.var(self.problem.parameters[index])
        first, neurons, sources = next(block for block in reversed(self.blocks) if block[0] <= index)
        if not sources:
            return cells.b(neurons[index - first])
        row, column = divmod(index - first, len(sources))
        return cells.w(sources[column], neurons[row])

    def place(self, cell: Cell) -> int | None:
        """Where a parameter stands."""
        for first, neurons, sources in self.blocks:
            if cell.kind == "w" and sources and cell.by in neurons and cell.of in sources:
                return first + neurons.index(str(cell.by)) * len(sources) + sources.index(str(cell.of))
            if cell.kind == "b" and not sources and cell.of in neurons:
                return first + neurons.index(str(cell.of))
        return None


def _by_layer(parameters: _Parameters, rows: int) -> list[list[int]] | None:
    """Two columns that break between layers, where each of two layers fits one."""
    starts = [first for first, _, sources in parameters.blocks if sources]
    if len(starts) != 2 or starts[1] > rows or len(parameters) - starts[1] > rows:
        return None
    return [list(range(starts[1])), list(range(starts[1], len(parameters)))]


def _first(parameters: _Parameters, pen: Pen, room: int) -> int:
    """The first parameter of the window: pages, so that it stays while the step is in it."""
    if len(parameters) <= room:
        return 0
    step = pen.step
    candidates = [] if step is None else [step.cell, *(f.cell for f in step.inputs)]
    for cell in candidates:
        of = cell.of if cell.kind in ("d", "m", "v") and isinstance(cell.of, Cell) else cell
        place = parameters.place(of)
        if place is not None:
            return min(place // max(1, room) * room, max(0, len(parameters) - room))
    return 0


# --- nodes --------------------------------------------------------------------------------------------


def _nodes(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every neuron with its five numbers, in a window around that of the step."""
    pen = _pen(frame, canvas)
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    n = pen.symbols.notation
    s = pen.symbols
    heads = (s.net, n.output, s.prime, s.ratio(s.root, n.output), n.delta)
    with_yours = bool(frame.yours) and canvas.width >= _NODES_WITH_YOURS
    x = [2 + 7 + (22 if with_yours else 15) * k for k in range(5)]
    canvas.put(2, top, "node", "dim")
    for place, head in zip(x, heads, strict=True):
        canvas.put(place + 1, top, head, "dim")
        canvas.put(place + 12, top, "yours" if with_yours else "", "dim")
    names = tuple(_neurons(frame))
    rows = canvas.height - top - 1
    node = pen.step.when.node if pen.step is not None else names[0]
    if first is None:
        at = names.index(node) if node in names else len(names) - 1
        first = min(max(0, at - rows // 3), max(0, len(names) - rows))
    for row, name in enumerate(names[first : first + rows]):
        y = top + 1 + row
        net, output = cells.e(name), cells.y(name)
        columns = (net, output, cells.local(output, net), cells.d(output), cells.d(net))
        canvas.put(2, y, told_apart(name, names, 7), "strong" if name == node else "text")
        for place, cell in zip(x, columns, strict=True):
            if frame.index.find(cell) is not None:
                _cell(pen, place, y, cell)
                if with_yours:
                    _your_cell(pen, place + 11, y, cell)


def _neurons(frame: Frame) -> list[str]:
    problem = frame.setup.problem
    assert isinstance(problem, NetworkSpec)
    return [name for layer in problem.layers for name in layer.neurons]


# --- variables of an expression -----------------------------------------------------------------------


def _variables(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """Every variable: what it is, its value, its derivative."""
    if has_arrays(frame):
        draw_arrays(frame, canvas, top, first)
        return
    pen = _pen(frame, canvas)
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    names = tuple(_names(problem))
    value, derivative = (35, 57) if frame.yours else (35, 49)
    heads = [(2, "cell"), (12, "is"), (value + 1, "value"), (derivative + 1, f"∂{pen.symbols.root}/∂cell")]
    heads += [(value + 12, "yours"), (derivative + 12, "yours")] if frame.yours else []
    for place, head in heads:
        canvas.put(place, top, head, "dim")
    rows = canvas.height - top - 1
    node = pen.step.when.node if pen.step is not None else names[0]
    if first is None:
        at = names.index(node) if node in names else 0
        first = min(max(0, at - rows // 2), max(0, len(names) - rows))
    steps = {operation.name: number for number, operation in enumerate(problem.operations, 1)}
    for row, name in enumerate(names[first : first + rows]):
        y = top + 1 + row
        cell = cells.var(name)
        canvas.put(2, y, told_apart(name, names, 9), _name_role(pen, cell, cells.d(cell)))
        told = "given"
        if name in steps:
            step = frame.step_at(steps[name])
            told = pen.symbols.filled(step.template, [str(factor.cell) for factor in step.inputs])
        canvas.put(12, y, cut(told, 22), "dim")
        for place, shown in ((value, cell), (derivative, cells.d(cell))):
            _cell(pen, place, y, shown)
            _your_cell(pen, place + 11, y, shown)


def _names(problem: NetworkSpec | ExpressionSpec) -> list[str]:
    assert isinstance(problem, ExpressionSpec)
    return [*problem.inputs, *(operation.name for operation in problem.operations)]


def _matrix(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
    """The layer of this step as matrices; of a program over arrays, the operation."""
    draw = draw_in_table if has_arrays(frame) else draw_matrices
    draw(frame, canvas, top, first)


# --- tables that are text -----------------------------------------------------------------------------


def _text(
    name: str, made: Callable[[Session, int], list[tuple[str, str]]]
) -> Callable[[Frame, Canvas, int, int | None], None]:
    """A view that is lines of text, as far as there is room; what is left out is said."""

    def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
        if name == "check" and frame.setup.graph.parameter_count > _MOST_AT_A_GLANCE:
            count = group(frame.setup.graph.parameter_count)
            canvas.put(2, top, f"{count} gradients are too many to check at every step: check CELL", "dim")
            return
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


_ROWS = (
    Table("yours", ("network", "expression"), your_numbers.draw, looks_ahead=True, count=your_numbers.count),
    Table("weights", ("network",), _weights, count=lambda s: len(_Parameters(s.setup.problem))),
    Table("nodes", ("network",), _nodes, count=lambda s: len(_neurons(s))),
    Table("graph", ("expression",), draw_graph),
    Table("variables", ("expression",), _variables, count=lambda s: len(_names(s.setup.problem))),
    Table("matrix", ("network", "expression"), _matrix),
    Table("work", ("network", "expression"), _text("work", lines.work)),
    Table("check", ("network", "expression"), _text("check", lines.check), looks_ahead=True),
    Table("diff", ("network", "expression"), _text("diff", lines.diff), looks_ahead=True),
    Table("compare", ("network", "expression"), _text("compare", compare_lines), looks_ahead=True),
)

#: The tables, by name, in the order of the strip.
TABLES: dict[str, Table] = {row.name: row for row in _ROWS}
