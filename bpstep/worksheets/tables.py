"""The tables of a sheet: a row a neuron, a parameter, a variable, as `show nodes` and `show weights` have them.

What may stand in a place `bpstep.worksheets.shown` says; a column of dashes alone is left out.  Arrays are in
`bpstep.worksheets.array_tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, LayerSpec, NetworkSpec
from bpstep.scenario.restating import statement_of
from bpstep.view.symbols.formula import prettified
from bpstep.worksheets.array_tables import tables_of_arrays
from bpstep.worksheets.blocks import Table
from bpstep.worksheets.shown import Row, Shown, table_of

__all__ = ["tables_of"]

#: So many rows of gaps have room on a page of any paper.
_MOST_ROWS = 24

#: A sample of more numbers than this is not written side by side.
_MOST_BESIDE = 10


def tables_of(shown: Shown) -> list[Table]:
    """All tables, in the order in which the numbers come about."""
    problem = shown.session.setup.problem
    if isinstance(problem, NetworkSpec):
        made = _of_network(problem, shown)
    elif problem.has_arrays:
        made = tables_of_arrays(shown)
    else:
        made = _of_expression(problem, shown)
    found = [table for table in made if table is not None]
    rest = [cell for cell in shown.blanks if cell not in shown.placed]
    s = shown.symbols
    other = table_of("", ("", "value"), [(s.local_name(cell), shown.entry(cell)) for cell in rest])
    whole = [*found, other] if other is not None else found
    return [piece for table in whole for piece in _on_pages(table)]


def _on_pages(table: Table) -> Iterator[Table]:
    """A table in pieces, each of which there is room for on a page."""
    for first in range(0, len(table.rows), _MOST_ROWS):
        title = f"{table.title}, continued" if first and table.title else table.title
        yield replace(table, title=title, rows=table.rows[first : first + _MOST_ROWS])


# --- a network ----------------------------------------------------------------------------------------


def _of_network(problem: NetworkSpec, shown: Shown) -> list[Table | None]:
    found = [_of_sample(problem, shown)]
    for layer in problem.layers:
        found.append(_of_parameters(problem, layer, shown))
    for layer in problem.layers:
        found.append(_of_neurons(layer, shown))
    s = shown.symbols
    cost = table_of("", ("", "value"), [(s(cell), shown.entry(cell)) for cell in (cells.COST,)])
    return [*found, cost]


def _of_sample(problem: NetworkSpec, shown: Shown) -> Table | None:
    given = [*(cells.y(name) for name in problem.inputs), *(cells.t(name) for name in problem.outputs)]
    names, values = [shown.symbols(cell) for cell in given], [shown.number(cell) for cell in given]
    if len(given) > _MOST_BESIDE:
        return table_of("Sample", ("", "value"), zip(names, values, strict=True))
    return table_of("Sample", ("", *names), [("value", *values)])


def _of_neurons(layer: LayerSpec, shown: Shown) -> Table | None:
    s = shown.symbols
    n = s.notation
    columns = [
        (s.net, cells.e), (n.output, cells.y), (s.prime, lambda name: cells.local(cells.y(name), cells.e(name))),
        (s.derivative(n.output), lambda name: cells.d(cells.y(name))),
        (n.delta, lambda name: cells.d(cells.e(name))),
        (f"dot({s.net})", lambda name: cells.dot(cells.e(name))),
        (f"dot({n.output})", lambda name: cells.dot(cells.y(name))),
    ]  # fmt: skip
    rows = [(name, *(shown.entry(of(name)) for _, of in columns)) for name in layer.neurons]
    return table_of(
        f"Neurons of {layer.name} ({layer.activation})", ("", *(head for head, _ in columns)), rows
    )


def _of_parameters(problem: NetworkSpec, layer: LayerSpec, shown: Shown) -> Table | None:
    s = shown.symbols
    names = {"inputs": problem.inputs, **{one.name: one.neurons for one in problem.layers}}
    sources = [name for source in layer.sources for name in names[source]]
    own = [cells.w(source, name) for name in layer.neurons for source in sources]
    own += [cells.b(name) for name in layer.neurons] if layer.bias is not None else []
    rows = [(s(one), shown.number(one), shown.entry(cells.d(one)), shown.after(one)) for one in own]
    heads = ("", "value", s.derivative("…"), "after the update")
    return table_of(f"Parameters of {layer.name}", heads, rows)


# --- an expression ------------------------------------------------------------------------------------


def _of_expression(problem: ExpressionSpec, shown: Shown) -> list[Table | None]:
    s = shown.symbols
    rows: list[Row] = [_of_variable(name, "given", shown) for name in problem.inputs]
    for operation in problem.operations:
        text = statement_of(operation).partition("=")[2].strip()
        rows.append(_of_variable(operation.name, prettified(text), shown))
    heads = ("", "is", "value", f"dot({s.free_letter('A')})", s.derivative("…"), "after the update")
    edges = dict.fromkeys(cell for cell in _written(shown.session) if cell.kind == "local")
    local = [(s.local_name(cell), shown.entry(cell)) for cell in edges]
    return [table_of("Variables", heads, rows), table_of("Local derivatives", ("", "value"), local)]


def _of_variable(name: str, what: str, shown: Shown) -> Row:
    cell = cells.var(name)
    value = shown.number(cell) if what == "given" else shown.entry(cell)
    after = shown.after(cell) if what == "given" else ""
    return shown.symbols(cell), what, value, shown.entry(cells.dot(cell)), shown.entry(cells.d(cell)), after


def _written(session: Session) -> Iterable[Cell]:
    """The cells that the steps of the batch at the cursor write."""
    place = session.moment.place
    for number in range(place.batch_base + 1, place.batch_base + place.schedule.length + 1):
        yield session.run.step(number).cell
