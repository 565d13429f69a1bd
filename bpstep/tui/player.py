"""Play: steps at a steady rate.

Above twenty frames a second steps are taken several at a time: frames are dropped, never queued.  While it plays the
key line says so, and what its keys do then: a row that is there anyway, so that nothing is laid out anew.
"""

from __future__ import annotations

from textual.timer import Timer

from bpstep.english import counted
from bpstep.tui.stage import Stage

__all__ = ["Player"]

#: Frames a second, and the most steps a second.
_FRAMES, _FASTEST = 20, 1000


class Player:
    """Submits steps to a screen, again and again, until it is paused or does not move any more."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        #: Steps a second.
        self.rate = 4
        self._timer: Timer | None = None

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._timer is not None

    @property
    def says(self) -> str:
        """How fast it plays; "" while it does not."""
        return f"{counted(self.rate, 'step')} a second" if self.is_playing else ""

    def play(self, rate: int = 0) -> None:
        """Play, at a rate of its own where one is given."""
        before, self.rate = self._frames, rate or self.rate
        if self._timer is None or self._frames != before:
            self._stop()
            self._timer = self.stage.set_interval(1 / self._frames, self.go_on)
        self.stage.redraw_keys()

    def pause(self) -> None:
        """Play no more."""
        if self.is_playing:
            self._stop()
            self.stage.redraw_keys()

    def turn_to(self, factor: int) -> None:
        """Twice as fast, or half."""
        rate = min(_FASTEST, self.rate * 2) if factor > 0 else max(1, self.rate // 2)
        if self.is_playing:
            self.play(rate)
        else:
            self.rate = rate

    def go_on(self) -> None:
        """The steps of the next frame."""
        session = self.stage.session
        if session.position >= session.length:
            self.pause()
            return
        count, before = max(1, self.rate // _FRAMES), session.position
        self.stage.action_submit(f"step {count}" if count > 1 else "step")
        if session.position == before:  # an open question lies ahead, or a command goes on
            self.pause()

    @property
    def _frames(self) -> int:
        """How often a second it takes steps."""
        return min(self.rate, _FRAMES)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
