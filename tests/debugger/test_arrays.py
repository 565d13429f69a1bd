"""The debugger over programs of arrays: bare names stand for all cells; what nobody uses has the derivative 0."""

from __future__ import annotations

import pytest

from bpstep.debugger.completion import complete
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.moment import FINAL, UNSET, Moment
from bpstep.engine.blocks import BACKWARD
from bpstep.engine.cells import d, var
from bpstep.scenario.loader import loads
from bpstep.view.say.plain import plain_lines

#: One cell of x is used twice, one by nobody; W is used in both passes; of v only the value goes on.
PROGRAM = """
format = 1
title = "Two passes, a part of an array, something detached"
[expression]
define = [
  "for t in 1..2: h{t} = tanh(W @ h{t-1} + x[1..2])",
  "v = a * b",
  "u = h2 * detach(v)",
  "E = squared_error(u, target)",
]
parameters = ["W", "a"]
[expression.inputs]
W = [[0.5, -0.25], [0.75, 0.5]]
x = [0.5, 0.25, 3.0]
h0 = [0.5, 1]
a = [1, 2]
b = [2, 0.5]
target = [0, 1]
[training]
learning_rate = 0.1
epochs = 2
"""


def session(*commands: str) -> Console:
    made = Console(loads(PROGRAM, "arrays"))
    for command in commands:
        made.execute(command)
    return made


def says(made: Console, command: str) -> list[str]:
    return [line.rstrip() for line in plain_lines(made, made.execute(command), 80)]


def test_the_bare_name_of_an_array_is_a_table_of_its_cells() -> None:
    assert says(session(), "print W") == [
        "W (2, 2)   given", "   1            2", "1  0.500000    −0.250000", "2  0.750000     0.500000",
    ]  # fmt: skip
    made = session("until d(W[1,2])")
    assert says(made, "info d(W)")[0] == "d(W) (2, 2)   2 final, 2 unset"
    assert says(made, "info h1")[1] == "written by steps 7 to 8 (2 in all)"


@pytest.mark.parametrize("name", ["h2", "d(W)", "d(x)", "d(h0)"])
def test_an_array_is_final_when_all_of_its_cells_are(name: str) -> None:
    made = session(f"until {name}")
    there = made.position
    made.execute(f"expect state {name} final")
    made.execute("back")
    made.execute(f"! expect state {name} final")
    made.execute("goto start")
    made.execute(f"break {name}")
    made.execute("continue")
    assert made.position == there
    made.execute("goto end")
    stops = []
    while made.position > 1:
        made.execute("rcontinue")
        stops.append(made.position)
    assert there in stops


def test_watching_an_array_stops_where_any_cell_changes() -> None:
    made = session("goto start", "watch d(W)")
    found = []
    for _ in range(5):
        made.execute("continue")
        found.append(str(made.step.cell) if made.step else "")
    assert found == ["d(W[1,1])", "d(W[1,1])", "d(W[1,2])", "d(W[1,2])", "d(W[2,1])"]


@pytest.mark.parametrize("command", ["why h2", "paths W", "by-hand W", "set W = 1", "print W + 1"])
def test_where_one_cell_is_meant_a_line_says_which_there_are(command: str) -> None:
    with pytest.raises(
        CommandError, match=r"expected one of its cells, (h2\[1\] to h2\[2\]|W\[1,1\] to W\[2,2\])"
    ):
        session("goto end").execute(command)


def test_what_is_only_read_has_no_tangents() -> None:
    with pytest.raises(CommandError, match=r"nothing is differentiated by target\[1\]"):
        session().execute("set mode = forward target[1]")


def test_names_of_arrays_are_completed() -> None:
    scope = session().scope
    assert "d(h2)" in complete(scope, "print d(h2")[1]
    assert "W" in complete(scope, "until W")[1]


@pytest.mark.parametrize("cell", ["x[3]", "v[1]", "v[2]"])
def test_what_nobody_uses_has_the_derivative_0_as_soon_as_it_is_its_turn(cell: str) -> None:
    """It has no step of its own: it is there when the arrays behind it are done, and a later step reads it as 0."""
    made = session()
    plan = made.run.timeline.segments[0].full
    turn = next(made.run.step(n).number for n in range(made.length, 0, -1) if _comes_before(made, n, cell))
    in_batch = turn % plan.length
    for position in range(1, made.length + 1):
        moment = Moment(made.run, position)
        reading = moment.read(d(var(cell)))
        assert reading is not None
        done = (position - 1) % plan.length >= in_batch - 1
        assert (reading.state, reading.value) == ((FINAL, 0.0) if done else (UNSET, None)), position
    made.execute(f"until d({cell})")
    assert made.position == in_batch


def _comes_before(made: Console, number: int, cell: str) -> bool:
    """Whether a step of the backward pass is done before it is the turn of a cell."""
    graph, step = made.setup.graph, made.run.step(number)
    order = [graph.root.layer, *(vector.layer for vector in graph.gathered)]
    mine = order.index(cell.partition("[")[0])
    if step.when.phase != BACKWARD:
        return False
    at = order.index(step.when.layer)
    return at < mine or (at == mine and str(step.cell) < f"d({cell})")


def test_detached_values_are_held_while_gradients_are_checked() -> None:
    rows = says(session("goto end"), "check a")
    assert rows[0].startswith("all 2 agree")
    assert says(session("goto end"), "check d(W)")[0].startswith("all 4 agree")
