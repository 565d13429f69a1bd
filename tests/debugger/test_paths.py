"""Paths, shared tails and the page by hand: sums equal the gradient, whatever the net."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.by_hand import Statement, by_hand
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.paths import MOST_PATHS, SharedTails, paths, shared_tails
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.scenario.arithmetic import evaluate, parse_expression
from bpstep.scenario.loader import load, loads
from bpstep.scenario.model import Scenario
from bpstep.view.say.answers import answer_lines
from tests.helpers.array_programs import programs as array_programs
from tests.helpers.problems import networks


def opened(name: str) -> Console:
    session = Console(load(name))
    session.position = session.length
    return session


def of(problem: NetworkSpec) -> Console:
    session = Console(Scenario("test", "test", problem, TrainingSpec()))
    session.position = session.run.timeline.start_of_batch(1)
    return session


def parameters(session: Console) -> list[Cell]:
    return [
        v.cell(v.number(row, column))
        for v in session.setup.graph.parameters
        for row in range(len(v.names))
        for column in range(max(1, len(v.columns)))
    ]


@given(networks(), st.data())
@settings(max_examples=40)
def test_two_pages_share_their_tails(problem: NetworkSpec, data: st.DataObject) -> None:
    session = of(problem)
    choices = parameters(session)
    if len(choices) < 2:
        return
    first, second = data.draw(st.lists(st.sampled_from(choices), min_size=2, max_size=2, unique=True))
    with np.errstate(all="ignore"):
        found = shared_tails(session.moment, first, second)
        assert found is not None
        for cell, total in zip(found.cells, found.totals, strict=True):
            assert total == pytest.approx(
                session.moment.value(cells.d(cell)), rel=1e-8, abs=1e-12, nan_ok=True
            )
        one = paths(session.moment, first)
        assert one is not None
        if one.total is not None:
            assert one.total == pytest.approx(one.derivative, rel=1e-8, abs=1e-12, nan_ok=True)
        check_counts(session, found)


@given(array_programs(smooth=True), st.data())
@settings(max_examples=40)
def test_two_pages_of_a_program_over_arrays_share_their_tails(
    problem: ExpressionSpec, data: st.DataObject
) -> None:
    session = Console(Scenario("test", "test", problem, TrainingSpec()))
    session.position = session.run.timeline.start_of_batch(1)
    graph = session.setup.graph
    vectors = [v for v in (*graph.given, *graph.parameters) if v not in graph.constants]
    choices = [vector.cell(j) for vector in vectors for j in range(vector.size)]
    if len(choices) < 2:
        return
    first, second = data.draw(st.lists(st.sampled_from(choices), min_size=2, max_size=2, unique=True))
    with np.errstate(all="ignore"):
        found = shared_tails(session.moment, first, second)
    if found is not None:
        check_counts(session, found)


def test_each_cell_of_an_array_has_its_own_number_of_ways() -> None:
    """Ways join at a cell that is used twice, of an array whose other cell is used once."""
    text = """
    format = 1
    title = "t"
    [expression]
    define = ["h = A + B", "s = sum(h)", "y = s * h[2]"]
    [expression.inputs]
    A = [1, 2]
    B = [3, 4]
    """
    session = Console(loads(text, "test.toml"))
    session.position = session.length
    for j, count in ((1, 1), (2, 2)):
        found = shared_tails(session.moment, cells.var(f"A[{j}]"), cells.var(f"B[{j}]"))
        assert found is not None
        assert [(str(tail.join), tail.count) for tail in found.tails] == [(f"h[{j}]", count)]
        check_counts(session, found)


def check_counts(session: Console, found: SharedTails) -> None:
    """As many ways are told of as are walked one by one: from both cells, and from every cell where theirs join; and a
    way from one of them comes by exactly one such cell first."""
    assert found.counts == tuple(len(ways(session, cell)) for cell in found.cells)
    joins = {tail.join for tail in found.tails}
    for tail in found.tails:
        walked = [way for way, _ in ways(session, tail.join)]
        assert tail.count == len(walked)
        assert Counter(path.cells for path in tail.listed) == Counter(walked) or tail.count > MOST_PATHS
    for cell in found.cells:
        for way, _ in ways(session, cell):
            assert joins.intersection(way[1:]), "no way leads past them"


@given(array_programs(smooth=True), st.data())
@settings(max_examples=100)
def test_the_paths_of_a_program_over_arrays_are_those_that_are_walked_one_by_one(
    problem: ExpressionSpec, data: st.DataObject
) -> None:
    """The same ways over the same cells, each with the product of the local derivatives of its steps; their sum is the
    derivative."""
    session = Console(Scenario("test", "test", problem, TrainingSpec()))
    session.position = session.run.timeline.start_of_batch(1)
    graph = session.setup.graph
    choices = [v for v in (*graph.given, *graph.parameters) if v not in graph.constants]
    if not choices:
        return
    vector = data.draw(st.sampled_from(choices))
    cell = vector.cell(data.draw(st.integers(0, vector.size - 1)))
    with np.errstate(all="ignore"):
        walked = ways(session, cell)
        found = paths(session.moment, cell)
    assert found is not None
    assert found.count == len(walked)
    if found.count <= MOST_PATHS:
        assert found.total is not None
        assert Counter(path.cells for path in found.listed) == Counter(way for way, _ in walked)
        products = sorted(path.product for path in found.listed)
        assert products == pytest.approx(sorted(product for _, product in walked), nan_ok=True)
        assert found.total == pytest.approx(found.derivative or 0.0, rel=1e-8, abs=1e-9, nan_ok=True)


def ways(session: Console, start: Cell) -> list[tuple[tuple[Cell, ...], float]]:
    """Every way from a cell to the root, with its product, by what the steps of the way back say: who contributed to
    whom, and times what."""
    users: dict[Cell, list[tuple[Cell, float]]] = {}
    sample = session.run.step(1).when.sample
    for step in session.run.steps(1, session.position):
        if (
            step.when.sample == sample
            and step.op == "contribute"
            and step.upstream is not None
            and step.local is not None
        ):
            head, tail = step.upstream.cell.of, step.cell.of
            assert isinstance(head, Cell)
            assert isinstance(tail, Cell)
            users.setdefault(tail, []).append((head, step.local.value))
    root, found = session.setup.graph.root.cell(0), []
    waiting: list[tuple[tuple[Cell, ...], float]] = [((start,), 1.0)]
    while waiting:
        way, product = waiting.pop()
        if way[-1] == root:
            found.append((way, product))
        waiting += [((*way, head), product * local) for head, local in users.get(way[-1], [])]
    return found


def test_the_story_of_scenario_9() -> None:
    session = opened("where-is-the-back-propagation")
    found = shared_tails(session.moment, cells.w("x1", "a1"), cells.w("x1", "a2"))
    assert found is not None
    assert [str(tail.join) for tail in found.tails] == ["e[b1]", "e[b2]"]
    products = [[round(path.product, 5) for path in tail.listed] for tail in found.tails]
    assert products == [[0.01709, 0.02302, 0.02296, 0.01547], [-0.00774, -0.01042, -0.02772, -0.01868]]
    assert [round(tail.total, 5) for tail in found.tails] == [0.07854, -0.06456]
    assert [round(total, 5) for total in found.totals] == [0.05044, -0.03683]
    text = "\n".join(line for line, _ in answer_lines(session, session.execute("paths w[x1->a1] w[x1->a2]")))
    assert "its name is δ(b1)" in text


def evaluated(statements: tuple[Statement, ...], start: dict[Cell, float]) -> dict[Cell, float]:
    known = dict(start)
    for statement in statements:
        names = {cell: f"q{k}" for k, cell in enumerate(known)}
        text = "".join(
            names[p] if isinstance(p, Cell) else f"({p!r})" if isinstance(p, float | int) else p
            for p in statement.pieces
        )
        values = {names[cell]: value for cell, value in known.items()}
        known[statement.cell] = evaluate(
            parse_expression(text, cells=True, names=values),
            lambda c, values=values: values[str(c)],  # type: ignore[misc]
        )
    return known


@pytest.mark.parametrize(
    ("name", "cell"),
    [("mazur-2-2-2", "w[i1->h1]"), ("softmax", "w[x1->h1]"), ("where-is-the-back-propagation", "w[x1->a1]"),
     ("chain-rule", "x"), ("fan-out", "x"), ("mazur-2-2-2", "b[o1]"), ("mazur-2-2-2", "y[i1]")],
)  # fmt: skip
def test_the_page_by_hand_is_the_cost(name: str, cell: str) -> None:
    """The statements, worked out at the number itself, give every value of the run; and a little beside it they give
    a difference quotient that is the derivative."""
    session = Console(load(name))
    session.position = next(s.number for s in session.run.steps() if s.op == "seed")
    spot = parse_expression(cell, cells=True, names=session.scope.names).cell  # type: ignore[union-attr]
    hand = by_hand(session.moment, spot)
    assert hand is not None
    at = evaluated(hand.statements, {spot: hand.here})
    for statement in hand.statements:
        assert at[statement.cell] == pytest.approx(statement.value, rel=1e-9)
    root = hand.statements[-1].cell
    h = 1e-5
    up, down = (evaluated(hand.statements, {spot: hand.here + way})[root] for way in (h, -h))
    session.position = session.length
    found = paths(session.moment, spot)
    assert found is not None
    assert found.total is not None
    assert (up - down) / (2 * h) == pytest.approx(found.total / found.seed, rel=1e-6)


def test_what_has_no_page() -> None:
    session = opened("mazur-2-2-2")
    for line in ("by-hand y[h1]", "by-hand t[o1]", "paths t[o1]", "paths w[i1->h1] w[i1->h1]"):
        with pytest.raises(CommandError):
            session.execute(line)


def test_far_too_many_paths_are_counted_and_a_few_listed() -> None:
    layers = [("a", 30)] * 12
    from bpstep.engine.specs import INPUTS, LayerSpec

    source, specs, rng = INPUTS, [], np.random.default_rng(1)
    width = 2
    for k, (letter, size) in enumerate(layers):
        name = f"{letter}{k}"
        neurons = tuple(f"{name}_{j}" for j in range(size))
        specs.append(LayerSpec(name, neurons, "tanh", (source,), rng.normal(size=(size, width)) / 6))
        source, width = name, size
    problem = NetworkSpec(
        ("x1", "x2"), tuple(specs), "half-squared-error", np.ones((1, 2)), np.zeros((1, 30))
    )
    session = of(problem)
    found = paths(session.moment, cells.w("x1", "a0_0"))
    assert found is not None
    assert found.count == 30**11
    assert len(found.listed) == 64
    assert found.total is None


@pytest.mark.parametrize("bias", ["700", "709.9", "1e5", "-1e5"])
def test_a_softmax_of_large_numbers_has_its_page(bias: str) -> None:
    """What is too large for a number stays a power, so that no line divides by inf."""
    session = opened("softmax")
    other, output = session.run.setup.problem.outputs[-2:]  # type: ignore[union-attr]
    for line in ("goto start", f"set b[{output}] = {bias}", "step phase"):
        session.execute(line)
    for parameter in (cells.w("x1", "h1"), cells.b(output), cells.b(other)):
        hand = by_hand(session.moment, parameter)
        assert hand is not None
        numbers = [
            piece
            for s in hand.statements
            if s.cell.kind == "y"
            for piece in s.pieces
            if isinstance(piece, float)
        ]
        assert np.isfinite(numbers).all()
