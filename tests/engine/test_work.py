"""Counts against an independent count: every scalar edge written down, every path walked."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpstep.documents import json_text
from bpstep.engine.build import build
from bpstep.engine.graph import Graph
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.engine.work import Work, work_of, work_of_layers
from bpstep.scenario.loader import load
from bpstep.view.panes.work import count_text
from tests.helpers.array_programs import formulas
from tests.helpers.problems import networks


def brute_force(graph: Graph, by_parameters: bool) -> Work:
    users: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for vector in graph.vectors:
        for j in range(vector.size):
            found = []
            for edge in graph.consumers[vector.id]:
                found += [(edge.head.id, edge.head_of(k, j)) for k in range(edge.uses_of(j))]
            users[vector.id, j] = found
    starts = [
        cell
        for cell in users
        if graph.vectors[cell[0]] not in graph.constants
        and graph.vectors[cell[0]]
        in (graph.parameters if by_parameters else (*graph.given, *graph.parameters))
    ]
    paths = by_hand = forward = 0
    for start in starts:
        waiting = [(start, 0)]
        while waiting:
            at, length = waiting.pop()
            if at[0] == graph.root.id:
                paths, by_hand = paths + 1, by_hand + length
            waiting += [(user, length + 1) for user in users[at]]
        reached, waiting_cells = {start}, [start]
        while waiting_cells:
            for user in users[waiting_cells.pop()]:
                if user not in reached:
                    reached.add(user)
                    waiting_cells.append(user)
        forward += sum(len(users[cell]) for cell in reached)
    return Work(len(starts), paths, by_hand, forward, 0)


def check(problem: NetworkSpec | ExpressionSpec) -> None:
    graph = build(problem)
    found = work_of(graph)
    wanted = brute_force(graph, graph.loss is not None and bool(graph.parameters))
    assert (found.parameters, found.paths, found.by_hand, found.forward) == (
        wanted.parameters, wanted.paths, wanted.by_hand, wanted.forward,
    )  # fmt: skip
    run = Run(problem, TrainingSpec())
    steps = [s for s in run.steps(1, run.timeline.start_of_batch(1)) if s.op == "contribute"]
    assert found.reverse == len(steps)


@given(networks())
@settings(max_examples=60)
def test_networks(problem: NetworkSpec) -> None:
    check(problem)


@given(formulas())
@settings(max_examples=60)
def test_expressions(problem: ExpressionSpec) -> None:
    check(problem)


def test_the_published_count() -> None:
    assert work_of_layers([2, 2, 2, 2, 2, 1]) == Work(18, 62, 578, 218, 42)
    found = work_of(build(load("where-is-the-back-propagation").problem))
    assert (found.by_hand, found.forward, found.reverse) == (578, 218, 42)


def test_a_stack_of_layers_is_the_network_it_stands_for() -> None:
    problem = load("mazur-2-2-2").problem
    assert work_of_layers([2, 2, 2], biases=True) == work_of(build(problem))


@pytest.mark.parametrize("depth", [10, 1000])
def test_closed_forms(depth: int) -> None:
    """Layers of width 2: a first-layer weight has 2^(depth - 1) ways through the hidden layers."""
    work = work_of_layers([2] * (depth + 1) + [1])
    assert work.reverse == 4 * depth + 2 + 4 * (depth - 1) + 2 + 2 * depth + 2
    assert work.paths == sum(4 * 2 ** (depth - k) for k in range(1, depth + 1)) + 2


def test_a_net_of_thousands_of_layers_is_counted() -> None:
    """The number of its paths has more digits than Python writes without being asked to."""
    work = work_of_layers([2, *[10] * 4_400, 1])
    assert count_text(work.paths) == f"{Decimal(work.paths):.3e}".replace("e+", "e")
    assert len(json_text({"paths": work.paths})) > 4_300


@given(st.integers(0, 10**40))
@example(10**20 - 1)
@example(10**20)
def test_a_count_is_told_in_four_digits(number: int) -> None:
    told = count_text(number)
    if number < 10**15:
        assert told.replace(" ", "") == str(number)
    else:
        assert told == f"{number:.3e}".replace("e+", "e")
