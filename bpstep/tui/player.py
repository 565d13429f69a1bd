"""Play: steps at a steady rate.

Above twenty frames a second steps are taken several at a time: frames are dropped, never queued.
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

    def play(self, rate: int = 0) -> None:
        """Play, at a rate of its own where one is given."""
        self.pause()
        self.rate = rate or self.rate
        self._timer = self.stage.set_interval(1 / min(self.rate, _FRAMES), self.go_on)
        text = f"playing, {counted(self.rate, 'step')} a second   Space pause   + − speed"
        self.stage.tell([(text, "dim")])

    def pause(self, *, keep_message: bool = False) -> None:
        """Play no more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            if not keep_message:
                self.stage.clear_message()

    def turn_to(self, factor: int) -> None:
        """Twice as fast, or half."""
        self.rate = min(_FASTEST, self.rate * 2) if factor > 0 else max(1, self.rate // 2)
        if self.is_playing:
            self.play()

    def go_on(self) -> None:
        """The steps of the next frame."""
        session = self.stage.session
        if session.position >= session.length:
            self.pause()
            return
        count, before = max(1, self.rate // _FRAMES), session.position
        self.stage.action_submit(f"step {count}" if count > 1 else "step")
        if session.position == before:  # an open question lies ahead, or a command goes on
            self.pause(keep_message=True)
