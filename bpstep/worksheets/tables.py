"""The tables of a sheet: a row a neuron, a parameter, a variable, as `show nodes` and `show weights` have them.

A place holds a number that is given or can be worked out without an answer, a gap, or a dash: the number hangs on an
answer, and nobody asks for it.  A column of dashes alone is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from bpstep.debugger.moment import PARTIAL, UNSET
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, LayerSpec, NetworkSpec
from bpstep.lazily import dataclass
from bpstep.scenario.restating import statement_of
from bpstep.view.drawing.numbers import shortest
from bpstep.view.symbols.formula import Symbols, prettified
from bpstep.view.symbols.spelling import symbols_of
from bpstep.worksheets.blocks import Entry, Table
from bpstep.worksheets.worked import paper

__all__ = ["HIDDEN", "Shown", "tables_of"]

#: Stands for a number that would give an answer away.
HIDDEN = "–"

#: So many rows of gaps have room on a page of any paper.
_MOST_ROWS = 24

#: A sample of more numbers than this is not written side by side.
_MOST_BESIDE = 10

_Row = tuple[Entry, ...]


@dataclass
class Shown:
    """What may stand on a sheet: the numbers at the cursor of a session, but for those in ``hanging``; a ``blanks``
    cell is a gap or filled in."""

    session: Session
    blanks: Mapping[Cell, Entry]
    hanging: frozenset[Cell]
    placed: set[Cell] = field(default_factory=set)

    @property
    def symbols(self) -> Symbols:
        """The letters of the scenario's notation."""
        return symbols_of(self.session)

    def entry(self, cell: Cell) -> Entry:
        """What stands in the place of a cell."""
        if cell in self.blanks:
            self.placed.add(cell)
            return self.blanks[cell]
        return self.number(cell)

    def number(self, cell: Cell) -> str:
        """The number in a cell, whether it is asked for or not: of a parameter, the one before its update."""
        reading = self.session.read(cell)
        if reading is None:
            return ""
        if reading.value is None or cell in self.hanging or reading.state in (UNSET, PARTIAL):
            return HIDDEN
        return shortest(reading.value) if reading.state == "given" else paper(reading.value)

    def after(self, cell: Cell) -> Entry:
        """A parameter after its update, where that is asked for."""
        return self.entry(cell) if cell in self.blanks else HIDDEN


def tables_of(shown: Shown) -> list[Table]:
    """All tables, in the order in which the numbers come about."""
    problem = shown.session.setup.problem
    made = _of_network(problem, shown) if isinstance(problem, NetworkSpec) else _of_expression(problem, shown)
    found = [table for table in made if table is not None]
    rest = [cell for cell in shown.blanks if cell not in shown.placed]
    s = shown.symbols
    other = _table("", ("", "value"), [(s.local_name(cell), shown.entry(cell)) for cell in rest])
    whole = [*found, other] if other is not None else found
    return [piece for table in whole for piece in _on_pages(table)]


def _on_pages(table: Table) -> Iterator[Table]:
    """A table in pieces, each of which there is room for on a page."""
    for first in range(0, len(table.rows), _MOST_ROWS):
        title = f"{table.title}, continued" if first and table.title else table.title
        yield replace(table, title=title, rows=table.rows[first : first + _MOST_ROWS])


def _table(title: str, heads: Sequence[str], rows: Iterable[_Row]) -> Table | None:
    """A table without the columns in which there is nothing to read or to write; None where there are no others."""
    whole = list(rows)
    kept = [0] + [k for k in range(1, len(heads)) if any(row[k] not in ("", HIDDEN) for row in whole)]
    if len(kept) < 2 or not whole:
        return None
    return Table(title, tuple(heads[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in whole))


# --- a network ----------------------------------------------------------------------------------------


def _of_network(problem: NetworkSpec, shown: Shown) -> list[Table | None]:
    found = [_of_sample(problem, shown)]
    for layer in problem.layers:
        found.append(_of_parameters(problem, layer, shown))
    for layer in problem.layers:
        found.append(_of_neurons(layer, shown))
    s = shown.symbols
    cost = _table("", ("", "value"), [(s(cell), shown.entry(cell)) for cell in (cells.COST,)])
    return [*found, cost]


def _of_sample(problem: NetworkSpec, shown: Shown) -> Table | None:
    given = [*(cells.y(name) for name in problem.inputs), *(cells.t(name) for name in problem.outputs)]
    names, values = [shown.symbols(cell) for cell in given], [shown.number(cell) for cell in given]
    if len(given) > _MOST_BESIDE:
        return _table("Sample", ("", "value"), zip(names, values, strict=True))
    return _table("Sample", ("", *names), [("value", *values)])


def _of_neurons(layer: LayerSpec, shown: Shown) -> Table | None:
    s = shown.symbols
    n = s.notation
    columns = [
        (s.net, cells.e), (n.output, cells.y), (s.prime, lambda name: cells.local(cells.y(name), cells.e(name))),
        (s.ratio(s.root, n.output), lambda name: cells.d(cells.y(name))),
        (n.delta, lambda name: cells.d(cells.e(name))),
        (f"dot({s.net})", lambda name: cells.dot(cells.e(name))),
        (f"dot({n.output})", lambda name: cells.dot(cells.y(name))),
    ]  # fmt: skip
    rows = [(name, *(shown.entry(of(name)) for _, of in columns)) for name in layer.neurons]
    return _table(f"Neurons of {layer.name} ({layer.activation})", ("", *(head for head, _ in columns)), rows)


def _of_parameters(problem: NetworkSpec, layer: LayerSpec, shown: Shown) -> Table | None:
    s = shown.symbols
    names = {"inputs": problem.inputs, **{one.name: one.neurons for one in problem.layers}}
    sources = [name for source in layer.sources for name in names[source]]
    own = [cells.w(source, name) for name in layer.neurons for source in sources]
    own += [cells.b(name) for name in layer.neurons] if layer.bias is not None else []
    rows = [(s(one), shown.number(one), shown.entry(cells.d(one)), shown.after(one)) for one in own]
    heads = ("", "value", s.ratio(s.root, "…"), "after the update")
    return _table(f"Parameters of {layer.name}", heads, rows)


# --- an expression ------------------------------------------------------------------------------------


def _of_expression(problem: ExpressionSpec, shown: Shown) -> list[Table | None]:
    s = shown.symbols
    rows: list[_Row] = [_of_variable(name, "given", shown) for name in problem.inputs]
    for operation in problem.operations:
        text = statement_of(operation).partition("=")[2].strip()
        rows.append(_of_variable(operation.name, prettified(text), shown))
    heads = ("", "is", "value", f"dot({s.free_letter('A')})", s.ratio(s.root, "…"), "after the update")
    edges = dict.fromkeys(cell for cell in _written(shown.session) if cell.kind == "local")
    local = [(s.local_name(cell), shown.entry(cell)) for cell in edges]
    return [_table("Variables", heads, rows), _table("Local derivatives", ("", "value"), local)]


def _of_variable(name: str, what: str, shown: Shown) -> _Row:
    cell = cells.var(name)
    value = shown.number(cell) if what == "given" else shown.entry(cell)
    after = shown.after(cell) if what == "given" else ""
    return shown.symbols(cell), what, value, shown.entry(cells.dot(cell)), shown.entry(cells.d(cell)), after


def _written(session: Session) -> Iterable[Cell]:
    """The cells that the steps of the batch at the cursor write."""
    place = session.moment.place
    for number in range(place.batch_base + 1, place.batch_base + place.schedule.length + 1):
        yield session.run.step(number).cell
