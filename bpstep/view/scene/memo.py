"""The steps of a run, each described once, however often and by however many panes it is asked for."""

from __future__ import annotations

from bpstep.engine.run import Run
from bpstep.engine.steps import Step

__all__ = ["Steps"]

#: No more steps than these are remembered: some screens full.
_MOST = 2_000


class Steps:
    """A memo: ``steps[number]`` is a step of ``run``."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._known: dict[int, Step] = {}

    def __getitem__(self, number: int) -> Step:
        found = self._known.get(number)
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[number] = self.run.step(number)
        return found

    @classmethod
    def of(cls, run: Run, known: Steps | None) -> Steps:
        """The steps of a run: those that are known, where they are of that run."""
        return known if known is not None and known.run is run else cls(run)
