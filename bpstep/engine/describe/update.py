"""The steps of the update: the optimizer's state, and the parameter itself."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.blocks import UPDATE
from bpstep.engine.cells import Cell
from bpstep.engine.describe.here import Here, numbered
from bpstep.engine.optimizers import Optimizer
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step
from bpstep.engine.update import Update

__all__ = ["UPDATE_STEPS"]


def _update(here: Here) -> Step:
    numbers, update = here.numbers, here.update
    assert update is not None, "a schedule with an update phase is described together with its update"
    optimizer = numbers.setup.optimizer
    j, place = here.cell_and_place
    cell = here.piece.vector.cell(j)
    flat = numbers.graph.flat_place(here.piece.vector, j)
    readable = {
        "w": Factor(cell, float(numbers.parameters[flat])),
        "g": Factor(cells.d(cell), float(numbers.gradient[flat])),
        "lr": Factor(cells.clock("lr"), numbers.rate),
        **_settings(here, update),
    }
    if place < len(optimizer.states):
        return _state(here, update, cell, place, flat, readable)
    readable |= _states(optimizer, update.new_states, cell, flat)
    inputs, text = numbered(optimizer.update_text(numbers.setup.settings), readable)
    return here.step(
        "update", cell, "-=", float(update.parameters[flat]), inputs, text, was=readable["w"].value
    )


def _state(
    here: Here, update: Update, cell: Cell, place: int, flat: int, readable: dict[str, Factor]
) -> Step:
    """One state of the optimizer.  At the first update nothing stood there: only what is added is shown."""
    optimizer = here.numbers.setup.optimizer
    there = [*update.new_states[:place], *update.states[place:]]  # those before it are the new ones already
    readable |= _states(optimizer, there, cell, flat)
    is_first = update.number == 1
    inputs, text = numbered(optimizer.state_text(place, is_first=is_first), readable)
    name = optimizer.states[place]
    was = None if is_first else readable[name].value
    value = float(update.new_states[place][flat])
    return here.step("state", cells.state(name, cell), "=", value, inputs, text, was=was)


def _settings(here: Here, update: Update) -> dict[str, Factor]:
    """The optimizer's settings and the number of this update, by their names in the texts."""
    setup = here.numbers.setup
    values = {**setup.settings, "t": float(update.number)}
    return {name: Factor(cell, values[name]) for name, cell in setup.setting_cells.items()}


def _states(optimizer: Optimizer, arrays: list[Array], cell: Cell, flat: int) -> dict[str, Factor]:
    return {
        name: Factor(cells.state(name, cell), float(array[flat]))
        for name, array in zip(optimizer.states, arrays, strict=True)
    }


#: By phase and op.
UPDATE_STEPS: dict[tuple[str, str], Callable[[Here], Step]] = {(UPDATE, "update"): _update}
