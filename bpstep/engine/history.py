"""The parameters at the start of batches, as many of them as there is room for.

Any step of any batch can be described from the parameters with which its batch began.  Of a small network those of
every batch are kept; where they become too many, those of every 2nd batch, then of every 4th, and so on, and what lies
between is computed again when somebody looks.
"""

from __future__ import annotations

from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["KEEP_BYTES", "History", "Snapshot"]

#: How much memory the snapshots of a run may take.
KEEP_BYTES = 32 * 2**20

#: The bytes of an array object, and of its place in a table.
_AROUND_AN_ARRAY = 200


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The parameters (flat) and the optimizer's states at the start of a batch."""

    parameters: Array
    states: list[Array]

    @property
    def nbytes(self) -> int:
        """The memory it takes: the numbers, and what Python needs around each array."""
        return (self.parameters.nbytes + _AROUND_AN_ARRAY) * (1 + len(self.states))

    def alone(self) -> Snapshot:
        """The same in memory of its own, so that it holds no larger array of which it was a part."""
        return Snapshot(_alone(self.parameters), [_alone(state) for state in self.states])


def _alone(array: Array) -> Array:
    return array if array.base is None else array.copy()


class History:
    """Snapshots at the start of batches: all of them while they fit, then every 2nd, 4th, 8th, ..."""

    def __init__(self, start: Snapshot, limit: int = KEEP_BYTES) -> None:
        self.room = max(2, limit // max(1, start.nbytes))
        self.spacing = 1
        self.snapshots = {0: start}
        #: The last batch whose start was reached.
        self.last = 0
        #: The losses of batches that were computed on the way.
        self.losses: dict[int, float] = {}

    def keep(self, batch: int, snapshot: Snapshot) -> None:
        """Remember a snapshot, if its turn comes at this spacing."""
        self.last = max(self.last, batch)
        if batch % self.spacing:
            return
        self.snapshots[batch] = snapshot
        if len(self.snapshots) > self.room:
            self.spacing *= 2
            self.snapshots = {b: s.alone() for b, s in self.snapshots.items() if b % self.spacing == 0}

    def take(self, other: History, end: int) -> None:
        """Remember what another history knows of the batches before ``end``."""
        self.spacing = other.spacing
        self.snapshots |= {batch: snapshot for batch, snapshot in other.snapshots.items() if 0 < batch < end}
        self.last = max(self.snapshots)
        self.losses |= {batch: loss for batch, loss in other.losses.items() if batch < end}

    def before(self, batch: int) -> tuple[int, Snapshot]:
        """The last snapshot kept at or before ``batch``."""
        if batch in self.snapshots:
            return batch, self.snapshots[batch]
        found = min(batch, self.last)  # nothing beyond is kept, however far it is
        found -= found % self.spacing
        while found not in self.snapshots:
            found -= self.spacing
        return found, self.snapshots[found]
