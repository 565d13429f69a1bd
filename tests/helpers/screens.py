"""The real screen in a test: opened at a size, driven by keys, read as text."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual import events
from textual.app import App
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp

GOLDENS = Path(__file__).parent.parent / "tui" / "goldens"


@asynccontextmanager
async def opened(
    scenario: str | None, size: tuple[int, int], *, story: bool = False
) -> AsyncIterator[Pilot[int]]:
    """bpstep with a scenario on the screen; the home screen where there is none."""
    app = BpstepApp(None if scenario is None else Console(load(scenario)))
    app.tells_story = story
    async with running(app, size) as pilot:
        yield pilot


@asynccontextmanager
async def running(app: BpstepApp, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
    """An app on a screen of a size, driven without waiting for time to pass.

    Textual waits after each key until the process has idled for 20 ms, twice; here a key is waited for until
    everybody who hands it on has done so.
    """

    traffic = Traffic(app)

    async def handled(*_: float) -> None:
        await traffic.settled()

    with patch("textual.app.wait_for_idle", handled), patch("textual.pilot.wait_for_idle", handled):
        async with app.run_test(size=size, message_hook=traffic.count) as pilot:
            await pilot.pause()
            yield pilot


class Traffic:
    """The messages of an app: how many were handled, and when no more are on their way."""

    def __init__(self, app: App[Any]) -> None:
        self.app, self.handled = app, 0

    def count(self, message: Message) -> None:
        """Count every message but those that only ask whether their turn has come."""
        asks = isinstance(message, events.Callback) and isinstance(
            getattr(message.callback, "func", None), _Turn
        )
        self.handled += not asks

    async def settled(self) -> None:
        """Wait until nothing is on its way: all parts of the app had a turn, twice in a row, and nobody used it."""
        quiet = 0
        while quiet < 2 and self.app.is_running:
            before = self.handled
            for _ in range(3):  # what another thread would have sent arrives by way of the event loop
                await asyncio.sleep(0)
            if not await self.turn_of_all():
                return
            quiet = quiet + 1 if self.handled == before else 0
            self.do_what_timers_do()

    async def turn_of_all(self) -> bool:
        """Wait until every part of the app has handled what it has now; False where the app has failed."""
        screens = self.app.screen_stack
        parts = [self.app, *(part for screen in screens for part in screen.walk_children(with_self=True))]
        turns = [turn for turn in map(_Turn, parts) if turn.is_given]
        failed = asyncio.create_task(self.app._exception_event.wait())
        all_had = asyncio.gather(*(turn.had.wait() for turn in turns))
        await asyncio.wait([all_had, failed], timeout=10, return_when=asyncio.FIRST_COMPLETED)
        for late in (all_had, failed):
            late.cancel()
        return not self.app._exception_event.is_set()

    def do_what_timers_do(self) -> None:
        """A change of size is passed on 120 times a second, a layout made 60 times."""
        if self.app._resize_event is not None:
            self.app._check_resize()
        for screen in self.app.screen_stack:
            if screen._layout_required or screen._callbacks:
                screen._on_timer_update()


class _Turn:
    """A place in the queue of a part of the app; a part that is gone gives none."""

    def __init__(self, part: Any) -> None:
        self.had = asyncio.Event()
        self.is_given: bool = part.call_later(self)

    def __call__(self) -> None:
        self.had.set()


async def until(pilot: Pilot[int], holds: Callable[[], bool], timeout: float = 20.0) -> None:
    """Let the app go on until something holds."""
    async with asyncio.timeout(timeout):
        while not holds():
            await asyncio.sleep(0.001)
    await pilot.pause(0)


async def say(pilot: Pilot[int], line: str) -> None:
    """Type a command behind the colon."""
    await pilot.press("colon")
    await pilot.pause()
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = (
        line  # typing it key by key takes most of a test's time; test_walk does it where that matters
    )
    await pilot.press("enter")
    await pilot.pause()


def text_of(pilot: Pilot[int]) -> str:
    """What stands on the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def check_golden(name: str, text: str, folder: Path = GOLDENS) -> None:
    """Compare with a golden; BPSTEP_UPDATE_GOLDENS=1 writes it instead, never in continuous integration."""
    path = folder / f"{name}.txt"
    if os.environ.get("BPSTEP_UPDATE_GOLDENS") and not os.environ.get("CI"):
        path.write_text(text + "\n", encoding="utf-8")
    assert path.exists(), f"no golden {path.name}; run with BPSTEP_UPDATE_GOLDENS=1 and look at it"
    assert text + "\n" == path.read_text(encoding="utf-8")
