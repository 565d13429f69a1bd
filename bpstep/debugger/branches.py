"""A branch: a run that is put aside while the session goes on with another."""

from __future__ import annotations

from bpstep.debugger.options import Options
from bpstep.engine.edits import Edit
from bpstep.engine.run import Run
from bpstep.lazily import dataclass

__all__ = ["Branch", "Undoable"]

#: What `undo` brings back: the edits and the options before a `set`.
Undoable = tuple[tuple[Edit, ...], Options]


@dataclass(frozen=True)
class Branch:
    """A run, where its cursor stood, and what `undo` takes back in it, the last at the end."""

    run: Run
    position: int
    undoable: tuple[Undoable, ...]
