"""Play: steps at a steady rate, or the commands of a script.

Above twenty frames a second steps are taken several at a time: frames are dropped, never queued.  While it plays the
key line says so, and what its keys do then: a row that is there anyway, so that nothing is laid out anew.
"""

from __future__ import annotations

from collections import deque

from textual.timer import Timer

from bpstep.debugger.script import Script
from bpstep.english import counted
from bpstep.tui.stage import Stage
from bpstep.visible import shortened

__all__ = ["Player"]

#: Frames a second, and the most steps a second.
_FRAMES, _FASTEST = 20, 1000


class Player:
    """Submits steps to a screen, again and again, until it is paused or does not move any more.

    A script comes before steps: while there are commands left of it they are submitted, one at a time, until one fails.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        #: Steps a second.
        self.rate = 4
        #: The script that is played, its commands that are yet to come, and how many of them a second.
        self.playing: Script | None = None
        self.script: deque[str] = deque()
        self.pace = 1.0
        #: The command of the script that was submitted last.
        self.played = ""
        self._timer: Timer | None = None

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._timer is not None

    @property
    def says(self) -> str:
        """How fast it plays, or what is left of a script; "" while it does not play."""
        if self.script and self.is_playing:
            return f"{shortened(self.played, 50)}   {counted(len(self.script), 'command')} to come".strip()
        return f"{counted(self.rate, 'step')} a second" if self.is_playing else ""

    def play_script(self, script: Script, pace: float) -> None:
        """Play the commands of a script, so many a second."""
        self.playing, self.script, self.pace = script, deque(line.text for line in script.lines), pace
        self.play()

    def play(self, rate: int = 0) -> None:
        """Play, at a rate of its own where one is given."""
        before, self.rate = self._frames, rate or self.rate
        if self._timer is None or self._frames != before:
            self._start()
            self.stage.went_wrong = False
        self.stage.redraw_keys()

    def pause(self) -> None:
        """Play no more."""
        if self.is_playing:
            self._stop()
            self.stage.redraw_keys()

    def turn_to(self, factor: int) -> None:
        """Twice as fast, or half."""
        if self.script:
            self.pace *= 2 if factor > 0 else 0.5
            if self.is_playing:
                self._start()
            return
        rate = min(_FASTEST, self.rate * 2) if factor > 0 else max(1, self.rate // 2)
        if self.is_playing:
            self.play(rate)
        else:
            self.rate = rate

    def go_on(self) -> None:
        """The steps of the next frame, or the next command of a script."""
        if self.script:
            self._next_command()
            return
        session = self.stage.session
        if session.position >= session.length:
            self.pause()
            return
        count, before = max(1, self.rate // _FRAMES), session.position
        self.stage.action_submit(f"step {count}" if count > 1 else "step")
        if session.position == before:  # an open question lies ahead, or a command goes on
            self.pause()

    def _next_command(self) -> None:
        if self.stage.is_working:
            return
        if self.stage.went_wrong:
            self.pause()
            return
        self.played = self.script.popleft()
        self.stage.action_submit(self.played, self.playing)
        if self.script:
            self.stage.redraw_keys()
        else:
            self.pause()

    @property
    def _frames(self) -> float:
        """How often a second it submits something."""
        return self.pace if self.script else min(self.rate, _FRAMES)

    def _start(self) -> None:
        self._stop()
        self._timer = self.stage.set_interval(1 / self._frames, self.go_on)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
