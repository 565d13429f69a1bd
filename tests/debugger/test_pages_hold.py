"""`paths` and `by-hand` speak of the numbers that the steps of this sample used.

After edits, under every rule, in forward mode, at any position: every product is one; the sum is what the
contributions add up to; every statement of a page holds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.by_hand import ByHand, Piece, by_hand
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.folding import fold_of
from bpstep.debugger.moment import OVERRIDDEN, Moment
from bpstep.debugger.paths import paths, shared_tails
from bpstep.engine import cells
from bpstep.engine.build import Problem
from bpstep.engine.cells import Cell
from bpstep.engine.edits import Edit
from bpstep.engine.run import Run
from bpstep.engine.specs import NetworkSpec, TrainingSpec
from bpstep.engine.steps import Step
from bpstep.scenario.loader import load
from tests.debugger.test_why_holds import over
from tests.engine.test_edits import runs
from tests.engine.test_equations import by_python
from tests.helpers.array_programs import formulas
from tests.helpers.problems import networks


def all_steps(session: Console, cell: Cell) -> list[Step]:
    """The steps that write a cell in this sample (or batch), done or not."""
    spot = session.index.find(cell)
    if spot is None:
        return []
    moment = session.moment
    return [session.run.step(n) for n in moment.write_steps(spot)]


def close(a: float, b: float, scale: float) -> bool:
    return not np.isfinite([a, b, scale]).all() or abs(a - b) <= 1e-9 * scale


def paths_hold(session: Console, cell: Cell) -> None:
    found = paths(session.moment, cell)
    assert found is not None
    for path in found.listed:
        assert close(path.product, math.prod(path.factors), abs(path.product) or 1.0)
    if found.total is None:
        return
    products = [path.product * found.seed for path in found.listed]
    scale = math.fsum(map(abs, products))
    assert close(found.total, math.fsum(products), scale or 1.0)
    rule = session.setup.rule
    steps = all_steps(session, cells.d(cell))
    if rule.upstream_is_output or rule.overwrites or not steps:
        return
    whole = steps[-1].value
    if cell.kind in ("w", "b"):  # of this sample's share
        whole = steps[session.moment.place.sample].product or 0.0
    assert close(found.total, whole, scale or 1.0), (cell, found.total, whole)


def worked_out(hand: ByHand) -> None:
    """Every statement gives its value from the values of the statements before, and from the number itself."""
    known = {hand.cell: hand.here}

    def written(piece: Piece, place: int) -> str:
        return piece if isinstance(piece, str) else f"p{place}"

    for statement in hand.statements:
        text = "".join(written(piece, place) for place, piece in enumerate(statement.pieces))
        names = {
            f"p{place}": np.float64(known[piece] if isinstance(piece, Cell) else piece)
            for place, piece in enumerate(statement.pieces)
            if not isinstance(piece, str)
        }
        found = by_python(text, names)
        size = max([abs(statement.value), *(abs(float(number)) for number in names.values()), 1e-300])
        if np.isfinite([found, statement.value]).all():
            assert abs(found - statement.value) <= 1e-9 * max(size, size * size), (statement, found)
        known[statement.cell] = statement.value


def page_holds(session: Console, cell: Cell) -> None:
    try:
        hand = by_hand(session.moment, cell)
    except CommandError:  # a number that changed between two of its uses has no page, nor what nobody uses
        spot = session.index.find(cell)
        assert spot is not None
        graph = session.setup.graph
        assert any(edit.cell == cell for edit in session.run.edits) or not graph.uses_of(spot.at, spot.j)
        return
    assert hand is not None
    worked_out(hand)
    for statement in hand.statements:
        last = all_steps(session, statement.cell)[-1]
        reading = Moment(session.run, last.number).read(statement.cell)
        assert reading is not None
        assert reading.state == OVERRIDDEN or repr(reading.value) == repr(statement.value + 0.0)


def pages_hold(session: Console) -> None:
    graph = session.setup.graph
    with np.errstate(all="ignore"):
        for vector in graph.vectors:
            for row in range(len(vector.names)):
                cell = vector.cell(vector.number(row, row % max(1, len(vector.columns))))
                if vector in graph.constants:
                    assert paths(session.moment, cell) is None
                    continue
                paths_hold(session, cell)
                if vector in graph.given or vector in graph.parameters:
                    page_holds(session, cell)


@given(runs(), st.data())
@settings(max_examples=25)
def test_networks_with_edits(found: tuple[Run, list[Edit]], data: st.DataObject) -> None:
    run, edits = found
    session = over(run.revised(edits))
    for position in data.draw(st.lists(st.integers(0, run.length), min_size=1, max_size=2)):
        session.position = position
        pages_hold(session)


@given(st.one_of(networks(), formulas()), st.data())
@settings(max_examples=20)
def test_forward_mode_and_expressions(problem: Problem, data: st.DataObject) -> None:
    network = isinstance(problem, NetworkSpec)
    training = TrainingSpec(0.1, batch=None if network else 1, l2=0.01 if network else 0.0)
    graph = Run(problem, training).setup.graph
    inputs = [
        v.cell(row)
        for v in (*graph.parameters, *graph.given)
        if v not in graph.constants
        for row in range(len(v.names))
    ]
    session = over(Run(problem, training, wrt=data.draw(st.sampled_from([*inputs, None]))))
    session.position = data.draw(st.integers(0, session.length))
    pages_hold(session)


@pytest.mark.parametrize("name", ["batch-or-online", "softmax", "fan-out", "xor-direct", "article-2-3-2-1"])
def test_scenarios(name: str) -> None:
    session = Console(load(name))
    end = session.run.timeline.start_of_batch(1)
    for position in (0, end // 2, end):
        session.position = position
        pages_hold(session)


def test_a_weight_that_is_set_behind_the_forward_pass() -> None:
    """The forward pass read the old weight, the backward pass the new one: each page shows what it speaks of."""
    session = Console(load("mazur-2-2-2"))
    session.execute("until cost")
    session.execute("set w[h1->o1] = 0.7")
    session.position = session.length
    hand = by_hand(session.moment, cells.w("h1", "o1"))
    assert hand is not None
    assert hand.here == 0.4
    page = paths(session.moment, cells.w("i1", "h1"))
    assert page is not None
    assert 0.7 in page.listed[0].factors
    assert page.total == pytest.approx(all_steps(session, cells.d(cells.w("i1", "h1")))[-1].value, rel=1e-12)


def test_what_has_two_numbers_has_no_page() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("until y[h1]")
    session.execute("set y[i1] = 3")
    with pytest.raises(CommandError, match="between two of its uses"):
        session.execute("by-hand y[i1]")
    assert fold_of(session.moment, cells.y("i1"), session.folded) is not None
    assert shared_tails(session.moment, cells.y("i1"), cells.w("i1", "h1")) is not None
    with pytest.raises(CommandError, match="two different"):  # from the cost no way leads on
        session.execute("paths cost w[h1->o1]")


@pytest.mark.parametrize("line", ["check t[o1]", "check y[x1]", "check e[h1]", "check delta[h1]"])
def test_what_has_no_gradient_to_check_gets_its_line(line: str) -> None:
    with pytest.raises(CommandError, match="has no gradient to check"):
        Console(load("xor")).execute(line)
