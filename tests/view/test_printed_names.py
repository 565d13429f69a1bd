"""What is printed can be typed: every cell, in every scenario, notation and set of characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.engine import cells
from bpstep.engine.cells import CLOCK_KINDS, COST, LOSS, Cell
from bpstep.scenario.loader import load, loads
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.inline import inline
from tests.helpers.shipped import WALKED

#: One of everything with the most awkward names: letters of notations, of cells, of functions.
AWKWARD = """\
format = 1
title = "Names that are letters"
[network]
inputs = ["e", "y", "d"]
cost = "squared-error"
[[network.layer]]
neurons = ["z", "w", "delta", "net", "m"]
activation = "sigmoid"
weights = [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]
bias = 0.5
[[network.layer]]
neurons = ["v", "E", "bar"]
activation = "tanh"
weights = [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]
bias = 0.5
[[sample]]
input = [1, 2, 3]
target = [1, 2, 3]
[training]
learning_rate = 0.1
optimizer = { name = "adam" }
"""

EXPRESSION = """\
format = 1
title = "Variables that are letters"
[expression]
define = ["E = e * d + w", "z = E^2 * m + E * E", "v = sin(z) * e", "y = v^v"]
parameters = ["e", "m"]
[expression.inputs]
e = 1.5
d = 2
w = 3
m = 0.5
[training]
learning_rate = 0.1
optimizer = { name = "adam" }
"""


def cells_of(session: Console) -> Iterator[Cell]:
    """Every cell of a session: of a wide layer, some."""
    graph = session.setup.graph
    for kind in CLOCK_KINDS:
        yield Cell(kind)
    yield from session.setup.setting_cells.values()
    plain = [vector.cell(row * vector.per_row + column) for vector in graph.vectors
             for row in {0, 1, len(vector.names) - 1} if row < len(vector.names)
             for column in {0, vector.per_row - 1}]  # fmt: skip
    yield from plain
    if session.setup.is_network:
        yield from (COST, LOSS, cells.d(LOSS))
    for make in (cells.d, partial(cells.state, "m"), partial(cells.state, "v"), cells.dot):
        yield from (make(cell) for cell in plain)
    for edges in graph.consumers:
        for edge in edges:
            for tail in {0, edge.tail.size - 1}:
                for k in range(min(edge.uses, 2)):
                    head, by = edge.head.cell(edge.head_of(k, tail)), edge.tail.cell(tail)
                    yield cells.local(head, by)
                    yield cells.local(head, by, edge.place)


def read_back(session: Console) -> None:
    """Every name that is printed of a cell, in every set of characters, is read as that cell."""
    known = [cell for cell in cells_of(session) if session.index.find(cell) is not None]
    assert len(known) > 10
    shown: dict[str, Cell] = {}
    for glyphs in GLYPH_SETS.values():
        session.options = replace(session.options, glyphs=glyphs.name)
        for name, cell in printed_names(session, known).items():
            for form in {name, glyphs.translate(name), glyphs.write(name)}:
                assert shown.setdefault(form, cell) == cell, f"{cell} and {shown[form]} are both {form}"
    for form, cell in shown.items():
        try:
            found = parse(session.scope, form).cell
        except CommandError as error:
            raise AssertionError(f"{form} (for {cell}): {error}") from error
        assert found == cell, form


def printed_names(session: Console, known: Sequence[Cell]) -> dict[str, Cell]:
    """The names of some cells, each with the cell that it means."""
    symbols = symbols_of(session)
    names: dict[str, Cell] = {}
    for cell in sorted(known, key=lambda cell: cell.kind == "local"):
        for name in (symbols(cell), symbols.local_name(cell)):
            other = names.setdefault(name, cell)
            # The local derivative of the root has the name of the whole one; it is written out wherever both stand.
            shared = cell.kind == "local" and other == cells.d(cell.by) and symbols(cell.of) == symbols.root
            assert other == cell or shared, f"{cell} and {other} are both {name}"
    return names | {str(cell): cell for cell in known}


@pytest.mark.parametrize("scenario", WALKED)
def test_every_printed_name_parses_back_to_its_cell(scenario: str) -> None:
    session = Console(load(scenario))
    for notation in NOTATIONS:
        session.execute(f"set notation = {notation}")
        read_back(session)


@pytest.mark.parametrize(
    "scenario", ["mazur-2-2-2", "softmax", "adam", "momentum", "batch-or-online", "fan-out"]
)
def test_every_name_in_a_formula_is_read(scenario: str) -> None:
    """What a step reads and writes can be asked for by the very name that its formula has for it."""
    session = Console(load(scenario))
    session.position = (
        session.run.timeline.start_of_batch(1) if session.run.timeline.batches > 1 else session.length
    )
    cells_read = {
        cell
        for step in session.run.steps(1, session.position)
        for cell in (step.cell, *(factor.cell for factor in step.inputs))
        if cell.kind != "sum"
    }
    for name, cell in printed_names(session, list(cells_read)).items():
        assert parse(session.scope, name).cell == cell


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("text", [AWKWARD, EXPRESSION], ids=["network", "expression"])
@pytest.mark.parametrize("forward", [False, True])
def test_so_it_does_where_names_are_letters(text: str, notation: str, forward: bool) -> None:
    session = Console(loads(text, "f.toml"))
    session.execute(f"set notation = {notation}")
    if forward:
        session.execute(f"set mode = forward {'w[e->z]' if text is AWKWARD else 'e'}")
    read_back(session)


@pytest.mark.parametrize("factor", ["2", "10", "0", "1e-09", "1e+16", "2.5"])
@pytest.mark.parametrize("name", ["x", "k2", "e3", "E5", "e"])
def test_a_factor_beside_a_name_is_still_a_factor(factor: str, name: str) -> None:
    """2x is 2 · x; but 2e3 is a number, and in 1e−09x nobody sees where the number ends."""
    text = f'format = 1\ntitle = "t"\n[expression]\ndefine = ["y = {factor} * {name}"]\n[expression.inputs]\n{name} = 3'
    session = Console(loads(text, "factor.toml"))
    session.execute("step")
    step = session.step
    assert step is not None
    printed = inline(Frame.of(session), step).partition(" = ")[2]
    assert parse(session.scope, printed).value(session.moment) == float(factor) * 3.0, printed
    assert not re.search(r"(?:e[−+]?\d+|\b0)[a-zA-Z]", printed), printed
