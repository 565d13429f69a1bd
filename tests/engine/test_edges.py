"""The sorts of edges know short ways to what the general edge works out: here the one is held to the other.

For random nets and expressions: who uses whom is said alike from both ends, and products and dependences all at once
are those of the pairs one by one.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation
from bpstep.engine.passes import Pass
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import networks, trainings


def pairs(edge: Edge) -> list[tuple[int, int, int]]:
    """Every use: its number, the cell of the head, the cell of the tail."""
    return [(k, edge.head_of(k, j), j) for j in range(edge.tail.size) for k in range(edge.uses_of(j))]


def upstream_of(edge: Edge, samples: int, chance: np.random.Generator) -> np.ndarray:  # type: ignore[type-arg]
    return chance.normal(size=(samples if edge.head.per_sample else 1, edge.head.size))


def check(edge: Edge, numbers: Pass, chance: np.random.Generator) -> None:
    samples = numbers.samples
    with np.errstate(all="ignore"):
        local = edge.local(numbers.values)
        from_tails = sorted((i, j) for _, i, j in pairs(edge))
        from_heads = sorted((i, j) for i in range(edge.head.size) for j in edge.tails(i))
        assert from_tails == from_heads
        assert edge.is_dense == (len(set(from_tails)) == edge.head.size * edge.tail.size)
        upstream = upstream_of(edge, samples, chance)
        found = edge.products(upstream, local)
        if not edge.is_ragged:
            general = Edge.products(edge, upstream, local)
            assert found.shape == general.shape
            assert found.tobytes() == np.ascontiguousarray(general).tobytes()
        for use, i, j in pairs(edge):
            k = use + edge.uses - edge.uses_of(j)  # the last rows are a cell's own
            for sample in range(samples):
                row = upstream[sample if edge.head.per_sample else 0]
                product = np.float64(row[i]) * edge.slope(local, sample, i, j)
                whole = found.reshape(found.shape[0], -1)
                if edge.tail.per_sample:
                    assert same(whole[k, sample * edge.tail.size + j], product)
                elif edge.head.per_sample:
                    assert same(whole[sample * edge.uses + k, j], product)
        one_by_one = [edge.slope(local, 0, edge.head_of(k, 0), 0) for k in range(edge.uses_of(0))]
        assert np.array_equal(edge.slopes_to(local, 0, edge.heads_of(0), 0), one_by_one, equal_nan=True)
    for j in range(edge.tail.size):
        changed = np.zeros(edge.tail.size, dtype=bool)
        changed[j] = True
        assert set(np.flatnonzero(edge.reach(changed))) == {i for _, i, at in pairs(edge) if at == j}


def check_operation(operation: Operation, graph: Graph) -> None:
    """A cell is computed from what its edges lead to, and from nothing else but what is only read."""
    for vector in {edge.tail for edge in operation.edges}:
        for j in range(vector.size):
            changed = [np.zeros(one.size, dtype=bool) for one in graph.vectors]
            changed[vector.id][j] = True
            over_edges = [edge.reach(changed[vector.id]) for edge in operation.edges if edge.tail is vector]
            if vector not in operation.constants:
                assert np.array_equal(operation.reach(changed), np.any(over_edges, axis=0))


def same(a: float, b: float) -> bool:
    return np.float64(a).tobytes() == np.float64(b).tobytes() or (np.isnan(a) and np.isnan(b))


def check_all(problem: NetworkSpec | ExpressionSpec, training: TrainingSpec, seed: int) -> None:
    numbers = Run(problem, training).numbers(0)
    chance = np.random.default_rng(seed)
    for edge in numbers.graph.edges:
        check(edge, numbers, chance)
    for operation in numbers.graph.forward:
        check_operation(operation, numbers.graph)


@settings(max_examples=40)
@given(networks(), trainings(), st.integers(0, 2**32 - 1))
def test_the_sorts_of_a_network(problem: NetworkSpec, training: TrainingSpec, seed: int) -> None:
    check_all(problem, training, seed)


@settings(max_examples=40)
@given(formulas(), formula_trainings(), st.integers(0, 2**32 - 1))
def test_the_sorts_of_an_expression(problem: ExpressionSpec, training: TrainingSpec, seed: int) -> None:
    check_all(problem, training, seed)
