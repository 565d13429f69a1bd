"""How much work it is: multiplications by hand, in forward mode and in reverse mode.

All three ways multiply the same local derivatives; they differ in how often.  For one sample, and with one
multiplication an edge:

    by hand     every path from every parameter to the cost, multiplied out on its own
    forward     one sweep per parameter, over every edge that it reaches
    reverse     one sweep for all: every edge once

Paths are counted, not walked (`bpstep.engine.ways`).  All cells of a layer of a network have as many of them, so
there one number a layer is enough.

    >>> work_of_layers([2, 2, 2, 2, 2, 1])          # 2 inputs, four hidden layers of 2, one output; no biases
    Work(parameters=18, paths=62, by_hand=578, forward=218, reverse=42)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import reduce
from itertools import pairwise
from operator import or_

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.graph import Graph
from bpstep.engine.tangents import reached_from
from bpstep.engine.vectors import Vector
from bpstep.engine.ways import ways_to_root
from bpstep.lazily import dataclass

__all__ = ["Work", "work_of", "work_of_layers"]


@dataclass(frozen=True)
class Work:
    """Counts for one sample."""

    parameters: int
    paths: int
    by_hand: int
    forward: int
    reverse: int


@dataclass
class _Node:
    """A vector of ``size`` alike cells; ``to`` are its users: the node, and how many of its cells use each cell."""

    size: int
    is_parameter: bool = False
    is_gathered: bool = True
    to: list[tuple[int, int]] = field(default_factory=list)


def work_of(graph: Graph) -> Work:
    """The work of a graph; of an expression, every input counts as a parameter."""
    if any(vector.dims for vector in graph.vectors):
        return _work_by_cells(graph)
    gathered = {vector.id for vector in graph.gathered}
    pages = {vector.id for vector in graph.page}
    nodes = []
    for vector in graph.vectors:
        node = _Node(vector.size, vector.id in pages, vector.id in gathered)
        node.to = [(edge.head.id, edge.uses) for edge in graph.consumers[vector.id]]
        nodes.append(node)
    return _count(nodes, graph.root.id)


def _work_by_cells(graph: Graph) -> Work:
    """The same where the cells of an array are used in different numbers: counted cell by cell."""
    pages = [vector for vector in graph.page if vector in graph.gathered]
    ways = ways_to_root(graph)
    return Work(
        parameters=sum(vector.size for vector in pages),
        paths=sum(sum(ways.count[vector.id]) for vector in pages),
        by_hand=sum(sum(ways.length[vector.id]) for vector in pages),
        forward=sum(_swept(graph, vector) for vector in pages),
        reverse=sum(int(_uses(graph, vector).sum()) for vector in graph.gathered),
    )


def _uses(graph: Graph, vector: Vector) -> NDArray[np.int64]:
    """How many uses each cell of a vector has."""
    return np.array([graph.uses_of(vector, j) for j in range(vector.size)], dtype=np.int64)


def _swept(graph: Graph, vector: Vector) -> int:
    """The edges that the sweeps of forward mode walk over, one for each cell of a vector.  Cells that are used by the
    same cells reach the same ones."""
    alike: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for j in range(vector.size):
        users = tuple((use.edge.id, use.i) for use in graph.users(vector, j))
        alike.setdefault(users, []).append(j)
    uses = {one.id: _uses(graph, one) for one in graph.gathered}
    total = 0
    for cells in alike.values():
        reached = reached_from(graph, (vector, cells[0]))
        walked = sum(int(count[reached[at]].sum()) for at, count in uses.items())
        total += len(cells) * walked
    return total


def work_of_layers(sizes: Sequence[int], *, biases: bool = False) -> Work:
    """The work of a plain stack of layers; ``sizes`` are the inputs, then the neurons of each layer."""
    nodes = [_Node(sizes[0], is_gathered=False)]
    source = 0
    for before, size in pairwise(sizes):
        net = len(nodes)
        nodes += [_Node(size), _Node(size), _Node(before * size, is_parameter=True)]
        nodes[net].to = [(net + 1, 1)]
        nodes[net + 2].to = [(net, 1)]
        if biases:
            nodes.append(_Node(size, is_parameter=True, to=[(net, 1)]))
        nodes[source].to = [(net, size)]
        source = net + 1
    root = len(nodes)
    nodes.append(_Node(1))
    nodes[source].to = [(root, 1)]
    return _count(nodes, root)


def _count(nodes: list[_Node], root: int) -> Work:
    paths, lengths = [0] * len(nodes), [0] * len(nodes)
    paths[root] = 1
    for at in _backwards(nodes, root):
        for user, times in nodes[at].to:
            paths[at] += times * paths[user]
            lengths[at] += times * (lengths[user] + paths[user])
    forward = _forward(nodes, root)
    parameters = [k for k, node in enumerate(nodes) if node.is_parameter]
    return Work(
        parameters=sum(nodes[k].size for k in parameters),
        paths=sum(nodes[k].size * paths[k] for k in parameters),
        by_hand=sum(nodes[k].size * lengths[k] for k in parameters),
        forward=sum(nodes[k].size * forward[k] for k in parameters),
        reverse=sum(n.size * times for n in nodes if n.is_gathered for _, times in n.to),
    )


def _backwards(nodes: list[_Node], root: int) -> list[int]:
    """Every node after all its users."""
    waiting = [len(node.to) for node in nodes]
    users_of: list[list[int]] = [[] for _ in nodes]
    for at, node in enumerate(nodes):
        for user, _ in node.to:
            users_of[user].append(at)
    ready, order = [root], []
    while ready:
        at = ready.pop()
        order.append(at)
        for source in users_of[at]:
            waiting[source] -= 1
            if not waiting[source]:
                ready.append(source)
    return order[1:]


def _forward(nodes: list[_Node], root: int) -> list[int]:
    """For one cell of each node: the number of edges that its sweep walks over.

    As long as a cell has a single user (a weight its net input, a net input its output) one cell is reached; from
    there on, whole nodes.  ``closure`` is the set of nodes that a whole node reaches, itself included, as the bits of
    one number.
    """
    edges = [node.size * sum(times for _, times in node.to) for node in nodes]
    closure, reached = [1 << at for at in range(len(nodes))], list(edges)
    found = [0] * len(nodes)

    def behind(at: int) -> int:
        """The edges of all that the users of a node reach: those of the one that reaches most, and what others add."""
        users = [user for user, _ in nodes[at].to]
        most = max(users, key=lambda user: reached[user])
        if len(users) == 1:
            return reached[most]
        whole = reduce(or_, (closure[user] for user in users))
        return reached[most] + sum(edges[k] for k in _bits(whole & ~closure[most]))

    for at in _backwards(nodes, root):
        for user, _ in nodes[at].to:
            closure[at] |= closure[user]
        reached[at] += behind(at)
        along = at
        found[at] = sum(times for _, times in nodes[at].to)
        while alone := [user for user, times in nodes[along].to if times != nodes[user].size]:
            along = alone[0]
            found[at] += sum(times for _, times in nodes[along].to)
        found[at] += behind(along)
    return found


def _bits(number: int) -> Iterator[int]:
    """The places of the ones in a number."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
