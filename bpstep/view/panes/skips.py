"""Where wires lead that pass over what is drawn, to a layer off the screen: told at the neuron that they leave.

    ╭─ q ──────────── r › ─╮     q is also used by r, which is further to the right
    │e −0.4061 ▶ y −0.4061 ┣◀━━━
    ┃δ ·       ◀ ∂y+0.7629 ┃     while that wire is used: ╭─ q ────────── ◀ r ─╮

A layer that comes next needs no telling: the title says that there are more.  The wires that come from the left of
the screen stand, with the names of their sources, in the bracket of the neuron that they lead to (`wires`).
"""

from __future__ import annotations

from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec
from bpstep.view.drawing.layout import fitting
from bpstep.view.panes.columns import Column, Slot
from bpstep.view.panes.pen import Pen

__all__ = ["draw_skips"]

#: The columns of a card's upper edge that stay an edge: corners, strokes, and the blanks around what stands in it.
_EDGE = 9


def draw_skips(
    pen: Pen, problem: NetworkSpec, columns: tuple[Column, ...], wire: tuple[str, str] | None
) -> None:
    """Tell of each neuron which layers off the screen use it besides the next; and where the ``wire`` of this step,
    (source, target), leaves the screen, that it does."""
    last = columns[-1].layer
    beyond = problem.layers[last + 1 :]
    shown = tuple(column.layer for column in columns)
    skipped = pen.frame.drawing(
        ("skips",), (shown, problem), lambda: [_skipped(problem, beyond, layer) for layer in shown]
    )
    for column, names in zip(columns, skipped, strict=True):
        texts = [f"{', '.join(names)} ›", f"{names[0]} … ›", "›"] if names else []
        for slot in column.slots:
            leaves = wire is not None and wire[0] == slot.name
            if leaves and any(wire[1] in layer.neurons for layer in beyond):  # type: ignore[index]
                arrow = "◀" if pen.phase == "backward" else "▶"
                _draw(pen, column, slot, [f"{arrow} {wire[1]}", arrow], pen.active)  # type: ignore[index]
            elif texts:
                _draw(pen, column, slot, texts, "dim")


def _skipped(problem: NetworkSpec, beyond: tuple[LayerSpec, ...], layer: int) -> list[str]:
    """What uses a layer over the heads of others: the neuron of a layer that has one, or the layer."""
    name = INPUTS if layer < 0 else problem.layers[layer].name
    following = problem.layers[layer + 1] if layer + 1 < len(problem.layers) else None
    users = [user for user in beyond if name in user.sources and user is not following]
    return [user.neurons[0] if len(user.neurons) == 1 else user.name for user in users]


def _draw(pen: Pen, column: Column, slot: Slot, texts: list[str], role: str) -> None:
    """In the upper edge of a card, or behind the name of a source, as much as there is room for."""
    if slot.form == "card":
        room = column.width - _EDGE - min(len(slot.name), column.width - 14)
        whole = [text for text in texts if len(text) <= room]
        text = whole[0] if whole else pen.symbols.fitted(texts[0], room)
        pen.canvas.put(column.right - 3 - len(text), slot.row, f" {text} ", role)
    elif slot.form == "source":
        room = column.width - len(slot.name) - 1
        text = fitting(texts, room)
        if text in texts:
            pen.canvas.put(column.x + len(slot.name) + 1, slot.row, text, role)
