"""Training on a screen: an epoch, a frame, an epoch, so that the screen stays live and Esc stops it.

Of training, what is done is kept when it is stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Protocol

from textual.geometry import Size

from bpstep.debugger.console import Console
from bpstep.debugger.training import Progress, how_it_went, train
from bpstep.view.panes.timeline import progress_line

__all__ = ["Trainer"]


class Place(Protocol):
    """What a trainer asks of its screen."""

    @property
    def session(self) -> Console: ...
    @property
    def size(self) -> Size: ...
    @property
    def is_there(self) -> bool: ...
    def tell(self, lines: list[tuple[str, str]]) -> None: ...
    def redraw(self) -> None: ...


class Trainer:
    """Trains the session of a screen."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._training: Generator[Progress, None, None] | None = None

    @property
    def is_training(self) -> bool:
        """Whether it trains."""
        return self._training is not None

    def begin(self, epochs: int) -> None:
        """From now on so many epochs are to be trained: by `go_on`."""
        self._training = train(self.place.session, epochs)

    def stop(self) -> None:
        """After the epoch at hand it ends."""
        self._training = None

    async def go_on(self, careful: AbstractContextManager[None]) -> None:
        """Train, until all is done or it is stopped."""
        with careful:
            try:
                await self._train()
            finally:
                self._training = None

    async def _train(self) -> None:
        place, training = self.place, self._training
        started, progress, first = time.perf_counter(), Progress(0, 1), place.session.run.timeline.epochs
        assert training is not None
        for progress in training:
            if self._training is None or not place.is_there:
                break  # stopped, or the screen is gone
            seconds = time.perf_counter() - started
            line = progress_line(progress.done, progress.wanted, seconds, place.size.width - 3)
            place.tell([(line, "value")])
            place.redraw()
            await asyncio.sleep(0)
        training.close()
        self._training = None
        self._log(progress, first)
        if place.is_there:
            self._tell(progress)

    @staticmethod
    def _is_stopped(progress: Progress) -> bool:
        return progress.done < progress.wanted and progress.broken is None

    def _log(self, progress: Progress, epochs_before: int) -> None:
        session = self.place.session
        wanted = progress.done if self._is_stopped(progress) else progress.wanted
        if wanted or session.run.timeline.epochs != epochs_before:
            session.log.append(f"train {max(1, wanted)}")

    def _tell(self, progress: Progress) -> None:
        """How it went, and how to go on."""
        session = self.place.session
        answer, tutor = how_it_went(session, progress.broken), session.tutor
        back = "   p back to the question" if tutor is not None and tutor.is_asking else ""
        why = ("stopped; " if self._is_stopped(progress) else "") + answer.why + back
        self.place.tell([(why, "alarm" if progress.broken else "text")])
        self.place.redraw()
