"""The parameters of a problem, in file order.

A layer of a thousand neurons has a million of them: names are made when they are looked at, and where a parameter
stands is found from the blocks of its layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, NetworkSpec

__all__ = ["Parameters"]


class Parameters(Sequence[Cell]):
    """The parameters of a problem in file order, named when they are looked at."""

    def __init__(self, problem: NetworkSpec | ExpressionSpec) -> None:
        self.problem = problem
        self.blocks: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
        self.size = 0
        if isinstance(problem, ExpressionSpec):
            self.size = len(problem.parameters)
            return
        names = {"inputs": problem.inputs, **{layer.name: layer.neurons for layer in problem.layers}}
        for layer in problem.layers:
            sources = tuple(name for source in layer.sources for name in names[source])
            self._add(layer.neurons, sources)
            if layer.bias is not None:
                self._add(layer.neurons, ())

    def _add(self, neurons: tuple[str, ...], sources: tuple[str, ...]) -> None:
        self.blocks.append((self.size, neurons, sources))
        self.size += len(neurons) * max(1, len(sources))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Cell:  # type: ignore[override]
        if isinstance(self.problem, ExpressionSpec):
            return cells.var(self.problem.parameters[index])
        first, neurons, sources = next(block for block in reversed(self.blocks) if block[0] <= index)
        if not sources:
            return cells.b(neurons[index - first])
        row, column = divmod(index - first, len(sources))
        return cells.w(sources[column], neurons[row])

    def place(self, cell: Cell) -> int | None:
        """Where a parameter stands."""
        for first, neurons, sources in self.blocks:
            if cell.kind == "w" and sources and cell.by in neurons and cell.of in sources:
                return first + neurons.index(str(cell.by)) * len(sources) + sources.index(str(cell.of))
            if cell.kind == "b" and not sources and cell.of in neurons:
                return first + neurons.index(str(cell.of))
        return None
