"""The update at the end of a batch: what becomes of the parameters and of what the optimizer remembers of them.

    states      <-  next_states(states, gradient)
    parameters  <-  stepped(parameters, gradient, states)

Both are the optimizer's (`bpstep.engine.optimizers`); all arrays are flat, like the parameters.  What is frozen stays
as it is.  The same function is called on numbers and, where the batch is written out as code, on symbols
(`bpstep.engine.straight`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.setup import Setup
from bpstep.engine.specs import Array
from bpstep.engine.vectors import Mask
from bpstep.lazily import dataclass

__all__ = ["Update", "update"]


@dataclass(frozen=True, eq=False)
class Update:
    """What an update did.

    ``number`` counts the updates from 1; ``states`` and ``new_states`` are the optimizer's arrays before
    and after; ``parameters`` are those after.
    """

    number: int
    states: list[Array]
    new_states: list[Array]
    parameters: Array


def update(
    setup: Setup, number: int, parameters: Array, states: list[Array], gradient: Array, rate: float,
    earlier: Update | None = None, done: Sequence[Mask] = (),
) -> Update:  # fmt: skip
    """Update ``number``, from the parameters and states before it.

    ``done`` says which of its steps an ``earlier`` one had done before somebody changed a value: a flag a parameter for
    each state, and then for the parameter itself.
    """
    optimizer, settings, graph = setup.optimizer, setup.settings, setup.graph
    with np.errstate(all="ignore"):
        new_states = optimizer.next_states(states, gradient, settings)
        if earlier is not None:
            pairs = zip(done, earlier.new_states, new_states, strict=False)
            new_states = [np.where(mask, old, new) for mask, old, new in pairs]
        moved = optimizer.stepped(parameters, gradient, new_states, rate, number, settings)
    for vector, (place, _) in zip(graph.parameters, graph.places, strict=True):
        if vector in graph.frozen:
            moved[place] = parameters[place]
    if earlier is not None:
        moved = np.where(done[-1], earlier.parameters, moved)
    return Update(number, states, new_states, moved)
