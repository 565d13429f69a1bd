"""Edits: what somebody changed by hand, and when.

A run is a pure function of its problem, its training and its edits.  An edit stands at a time: so many steps
of a batch are done (``offset``), and all of them keep their numbers; everything after it is computed from the
new value.  To take an edit back is to leave it out.

There are two kinds.  A *value* (a weight, a bias, an input, a target, the learning rate) acts at once, even in
the middle of a sum.  A change of *structure* (cost, activation, optimizer, rule) makes another `Setup`, and
acts from the first step of a batch.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.cells import Cell
from bpstep.engine.setup import Setup
from bpstep.lazily import dataclass

__all__ = ["LEARNING_RATE", "Edit"]

LEARNING_RATE = Cell("lr")


@dataclass(frozen=True)
class Edit:
    """One change, after ``offset`` steps of ``batch`` (from 0); ``text`` is how it was written.

    Of a value: ``cell`` and ``value``, and for an input or a target the ``sample`` (its place in the file).  Of
    the structure: ``change``, from the setup before to the setup after.
    """

    batch: int
    offset: int
    text: str
    cell: Cell | None = None
    value: float = 0.0
    sample: int = 0
    change: Callable[[Setup], Setup] | None = None

    @property
    def at(self) -> tuple[int, int]:
        """The time, in an order that does not depend on the numbers of steps."""
        return self.batch, self.offset
