"""The steps of the update: the optimizer's state, and the parameter itself."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.describe.at import At
from bpstep.engine.graph import Graph, Vector
from bpstep.engine.steps import Factor, Step

__all__ = ["UPDATE_STEPS", "flat_index"]


def _learn(at: At) -> Step:
    numbers, update = at.numbers, at.update
    assert update is not None, "a schedule with an update phase is described together with its update"
    optimizer = numbers.setup.optimizer
    column, place = divmod(at.within, 1 + len(optimizer.states))
    cell = at.piece.vector.cell(at.row, column)
    flat = flat_index(numbers.graph, at.piece.vector, at.row, column)
    readable = {
        "w": Factor(cell, float(numbers.parameters[flat])),
        "g": Factor(cells.d(cell), float(numbers.gradient[flat])),
        "lr": Factor(cells.clock("lr"), numbers.rate),
    }
    wrappers = {"m": cells.m, "v": cells.v}
    if place < len(optimizer.states):
        name = optimizer.states[place]
        was = float(update.states[place][flat])
        readable[name] = Factor(wrappers[name](cell), was)
        inputs, text = _named(optimizer.state_texts[place], readable)
        before = was if update.number > 1 else None
        value = float(update.new_states[place][flat])
        return at.step("state", wrappers[name](cell), "=", value, inputs, text, was=before)
    for name, array in zip(optimizer.states, update.new_states, strict=True):
        readable[name] = Factor(wrappers[name](cell), float(array[flat]))
    inputs, text = _named(optimizer.update_text(numbers.setup.settings), readable)
    return at.step(
        "update", cell, "-=", float(update.parameters[flat]), inputs, text, was=readable["w"].value
    )


def _named(text: str, readable: dict[str, Factor]) -> tuple[tuple[Factor, ...], str]:
    """Numbered places for the names in a text, and the factors in that order."""
    used = sorted((name for name in readable if f"{{{name}}}" in text), key=lambda n: text.index(f"{{{n}}}"))
    places = {name: f"{{{i}}}" for i, name in enumerate(used)}
    return tuple(readable[name] for name in used), text.format(**places)


def flat_index(graph: Graph, vector: Vector, row: int, column: int) -> int:
    """Where a parameter stands in the flat array."""
    place, _ = graph.places[graph.parameters.index(vector)]
    first: int = place.start
    return first + row * max(1, len(vector.columns)) + column


UPDATE_STEPS: dict[str, Callable[[At], Step]] = {"learn": _learn}
