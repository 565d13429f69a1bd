"""How the work of back-propagation grows as a net gets deeper or wider, by hand and in both modes."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine.specs import NetworkSpec
from bpstep.engine.work import Work, work_of_layers
from bpstep.lazily import dataclass

__all__ = ["Growth", "growth_with_depth", "growth_with_width"]


@dataclass(frozen=True)
class Growth:
    """The work of nets that differ in one number only: ``what`` (hidden layers, or neurons in each)."""

    what: str
    rows: tuple[tuple[int, Work], ...]


def growth_with_depth(problem: NetworkSpec, depths: Sequence[int] = (1, 2, 3, 4, 6, 8, 12, 16)) -> Growth:
    """Nets as wide as this one's widest hidden layer, with more and more hidden layers."""
    width, inputs, outputs, biases = _shape(problem)
    return Growth(
        "hidden layers",
        tuple((d, work_of_layers([inputs, *[width] * d, outputs], biases=biases)) for d in depths),
    )


def growth_with_width(problem: NetworkSpec, widths: Sequence[int] = (1, 2, 4, 8, 16, 32, 64, 128)) -> Growth:
    """Nets as deep as this one, with wider and wider hidden layers."""
    _, inputs, outputs, biases = _shape(problem)
    hidden = max(1, len(problem.layers) - 1)
    return Growth(
        "neurons a layer",
        tuple((w, work_of_layers([inputs, *[w] * hidden, outputs], biases=biases)) for w in widths),
    )


def _shape(problem: NetworkSpec) -> tuple[int, int, int, bool]:
    hidden = [len(layer.neurons) for layer in problem.layers[:-1]] or [len(problem.inputs)]
    biases = all(layer.bias is not None for layer in problem.layers)
    return max(hidden), len(problem.inputs), len(problem.outputs), biases
