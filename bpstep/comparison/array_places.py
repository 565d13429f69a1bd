"""Where in a program over arrays a mistake is made: not at one cell, but at an array, and at what an array is made of.

overwrite, at W only            d(W) keeps the last contribution, in each of its cells
no-derivative, in h4 only       the step from h4 back, all cells of it
zero, from v2 to v1 only        what v1 hears from v2
gradient-transposed, at W only  d(W) itself, which nobody reads
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.comparison.walk import Walk, array_of
from bpstep.lazily import dataclass

__all__ = ["Group", "edges_of_arrays", "groups"]

#: Single arrays are not looked at where their edges, times all edges, are more than this.
_MOST_WORK = 30_000


@dataclass(frozen=True)
class Group:
    """Cells at which a mistake is made together, and how that is said."""

    where: str
    cells: frozenset[str]


def groups(walk: Walk, shared: Sequence[str]) -> Iterator[Group]:
    """The parameters, and each array, as far as their cells have several uses."""
    if not walk.has_arrays:
        return
    arrays: dict[str, list[str]] = {}
    for cell in shared:
        arrays.setdefault(array_of(cell), []).append(cell)
    parameters = [name for name in walk.parameters if name in arrays]
    of_parameters = [cell for name in parameters for cell in arrays[name]]
    if len(parameters) > 1 and len(of_parameters) < len(shared):
        yield Group("at the parameters only", frozenset(of_parameters))
    for name, cells in arrays.items():
        if 1 < len(cells) < len(shared):
            yield Group(f"at {name} only", frozenset(cells))


def edges_of_arrays(walk: Walk) -> Iterator[tuple[str, frozenset[int]]]:
    """The edges from an array, those of all operations that an array stands in, and those from one array to another,
    by their numbers; no set of edges twice, nor one that is all of a function."""
    if not walk.has_arrays:
        return
    from_head: dict[str, set[int]] = {}
    between: dict[tuple[str, str], set[int]] = {}
    of_function: dict[str, set[int]] = {}
    for edge in walk.edges:
        head, tail = array_of(edge.head), array_of(edge.tail)
        from_head.setdefault(head, set()).add(edge.number)
        between.setdefault((head, tail), set()).add(edge.number)
        of_function.setdefault(edge.function, set()).add(edge.number)
    if len(between) * len(walk.edges) > _MOST_WORK:
        return
    seen = {frozenset(numbers) for numbers in of_function.values()}
    ways = [(f"in {head} only", numbers) for head, numbers in from_head.items()]
    for name in dict.fromkeys(tail for _, tail in between):
        heads = [head for head, tail in between if tail == name]
        ways.append((f"where {name} is used", {number for head in heads for number in from_head[head]}))
    ways += [(f"from {head} to {tail} only", numbers) for (head, tail), numbers in between.items()]
    for where, numbers in ways:
        if len(numbers) > 1 and frozenset(numbers) not in seen:
            seen.add(frozenset(numbers))
            yield where, frozenset(numbers)
