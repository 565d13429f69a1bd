"""The curve behind a local derivative: a function of one number, and the point where it is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.functions import constant_text
from bpstep.engine.specs import Array
from bpstep.engine.steps import Step
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.view.drawing.braille import Function
from bpstep.view.scene.frame import Frame

__all__ = ["Curve", "curve_of"]


@dataclass(frozen=True)
class Curve:
    """``value`` and ``slope`` as functions of many numbers at a time, how it is written, and where we are on it."""

    name: str
    variable: str
    at: float
    value: Function
    slope: Function


def curve_of(frame: Frame, step: Step) -> Curve | None:
    """The function that a `local` step differentiates; None where it is no function of one number, or has no
    tangent there that could be drawn."""
    edge = _edge(frame, step)
    tail = step.cell.by
    maker = None if edge is None else frame.setup.graph.producer(edge.head)
    if edge is None or maker is None or edge.function is None or not isinstance(tail, Cell):
        return None
    free = [o for o in maker.operands if isinstance(o, Vector)]
    at = frame.read(tail)
    if len(free) != 1 or at is None or at.value is None:
        return None
    function, operands, which = edge.function, maker.operands, edge.operand

    def arguments(xs: Sequence[float]) -> list[Array]:
        x = np.array(xs)
        return [x if isinstance(o, Vector) else np.full(len(xs), o) for o in operands]

    def value(xs: Sequence[float]) -> list[float]:
        with np.errstate(all="ignore"):
            found: list[float] = function.value(*arguments(xs)).tolist()
        return found

    def slope(xs: Sequence[float]) -> list[float]:
        operands = arguments(xs)
        with np.errstate(all="ignore"):
            slopes = function.partials[which](function.value(*operands), *operands)
        found: list[float] = np.broadcast_to(slopes, len(xs)).tolist()
        return found

    here = [at.value]
    if not all(map(math.isfinite, (at.value, *value(here), *slope(here), step.value))):
        return None
    s = frame.symbols
    variable = s.net if frame.setup.is_network else str(tail.of)
    letters = [variable if isinstance(o, Vector) else constant_text(o) for o in operands]
    name = s.written(function.text).format(**dict(zip("ab", letters, strict=False)))
    return Curve(name, variable, at.value, value, slope)


def _edge(frame: Frame, step: Step) -> Edge | None:
    """The edge whose local derivative a step writes."""
    tail, head = step.cell.by, step.cell.of
    if not isinstance(tail, Cell) or not isinstance(head, Cell):
        return None
    spot = frame.index.find(tail)
    if spot is None or spot.vector is None:
        return None
    for edge in frame.setup.graph.consumers[spot.vector.id]:
        if edge.function is not None and head.of in edge.head.names and edge.head.kind == head.kind:
            return edge
    return None
