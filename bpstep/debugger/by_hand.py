"""The asker's way: the cost as a function of one number, everything without it already a number.

A student takes one hidden weight w, works out whatever does not depend on it, and writes the rest as a formula in w.
That is right, and it is what this module does: one statement for every cell that depends on the number, in which
every other cell is its value.  A statement is a list of pieces: text, cells that depend on the number, numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpstep.engine.cells import Cell
from bpstep.engine.dependence import dependents
from bpstep.engine.graph import Apply, CostSum, Operation, Softmax, Vector, WeightedSum
from bpstep.engine.passes import Pass

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["ByHand", "Piece", "Statement", "by_hand"]

#: Text as it stands, a cell that depends on the number, or a number.
Piece = str | Cell | float

_Masks = list[np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


@dataclass(frozen=True)
class Statement:
    """``cell = pieces``."""

    cell: Cell
    pieces: tuple[Piece, ...]
    value: float


@dataclass(frozen=True)
class ByHand:
    """What the root is as a function of ``cell``: statements in the order in which they are worked out."""

    cell: Cell
    here: float
    statements: tuple[Statement, ...]


def by_hand(session: Session, cell: Cell) -> ByHand | None:
    """The root as a function of one input or parameter; None where a cell is neither."""
    spot = session.index.find(cell)
    if spot is None or spot.kind not in ("given", "parameter") or spot.at.kind == "t":
        return None
    numbers, sample = session.moment.batch.numbers, session.moment.place.sample
    masks = dependents(session.setup, [(spot.at, spot.row, spot.column)]).value
    here = numbers.values[spot.at.id]
    value = float(here[spot.row, spot.column] if spot.at.kind == "w" else here[..., spot.row].ravel()[0])
    if not spot.at.is_parameter and spot.kind == "given":
        value = float(here[sample, spot.row])
    made = [
        Statement(
            operation.head.cell(row),
            tuple(_pieces(operation, row, masks, numbers, sample)),
            float(numbers.values[operation.head.id][sample, row]),
        )
        for operation in numbers.graph.operations
        for row in range(len(operation.head.names))
        if masks[operation.head.id][row]
    ]
    return ByHand(cell, value, tuple(made))


def _pieces(operation: Operation, row: int, masks: _Masks, numbers: Pass, sample: int) -> list[Piece]:
    if isinstance(operation, WeightedSum):
        return _sum(operation, row, masks, numbers, sample)
    if isinstance(operation, Softmax):
        return _softmax(operation, row, masks, numbers, sample)
    if isinstance(operation, CostSum):
        return _cost(operation, masks, numbers, sample)
    assert isinstance(operation, Apply)
    places = {
        letter: _operand(operand, row, masks, numbers, sample)
        for letter, operand in zip("ab", operation.operands, strict=False)
    }
    return _filled(operation.function.text, places)


def _operand(operand: Vector | float, row: int, masks: _Masks, numbers: Pass, sample: int) -> Piece:
    """A cell where it depends on the number, else its value."""
    if not isinstance(operand, Vector):
        return operand
    if masks[operand.id][row]:
        return operand.cell(row)
    return float(numbers.values[operand.id][sample, row])


def _filled(text: str, places: dict[str, Piece]) -> list[Piece]:
    """A text of the function table with pieces in its places."""
    found: list[Piece] = []
    rest = text
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        found += [before, places[name]] if before else [places[name]]
    return [*found, rest] if rest else found


def _sum(operation: WeightedSum, row: int, masks: _Masks, numbers: Pass, sample: int) -> list[Piece]:
    weights = numbers.values[operation.weights.id][row]
    terms: list[Piece] = []
    known, column = 0.0, 0
    for source in operation.sources:
        for place in range(len(source.names)):
            y = float(numbers.values[source.id][sample, place])
            w = float(weights[column])
            if masks[operation.weights.id][row, column]:
                terms += [" + ", y, " * ", operation.weights.cell(row, column)]
            elif masks[source.id][place]:
                terms += [" + ", w, " * ", source.cell(place)]
            else:
                known += w * y
            column += 1
    if operation.bias is not None:
        if masks[operation.bias.id][row]:
            terms += [" + ", operation.bias.cell(row)]
        else:
            known += float(numbers.values[operation.bias.id][row])
    return [*terms[1:], *_constant(known)]


def _softmax(operation: Softmax, row: int, masks: _Masks, numbers: Pass, sample: int) -> list[Piece]:
    net = operation.net
    parts: list[Piece] = []
    known = 0.0
    for place in range(len(net.names)):
        if masks[net.id][place]:
            parts += [" + ", "exp(", net.cell(place), ")"]
        else:
            known += float(np.exp(numbers.values[net.id][sample, place]))
    if known:
        parts += [" + ", known]
    own = _operand(net, row, masks, numbers, sample)
    return ["exp(", own, ") / (", *parts[1:], ")"]


def _cost(operation: CostSum, masks: _Masks, numbers: Pass, sample: int) -> list[Piece]:
    outputs = operation.outputs
    found: list[Piece] = []
    known = 0.0
    for place in range(len(outputs.names)):
        t = float(numbers.values[operation.targets.id][sample, place])
        if not masks[outputs.id][place]:
            known += float(numbers.cost_terms[place, sample])
            continue
        text = operation.cost.texts(t)[0].replace("{K}", str(len(outputs.names)))
        found += [" + ", *_filled(text, {"y": outputs.cell(place), "t": t})]
    return [*found[1:], *_constant(known)]


def _constant(known: float) -> list[Piece]:
    """What does not depend on the number, added up."""
    return [" + ", known] if known else []
