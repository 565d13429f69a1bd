"""The real screen in a test: opened at a size, driven by keys, read as text."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from bpstep.debugger.session import Session
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp

GOLDENS = Path(__file__).parent.parent / "tui" / "goldens"


@asynccontextmanager
async def opened(
    scenario: str | None, size: tuple[int, int], *, story: bool = False
) -> AsyncIterator[Pilot[int]]:
    """bpstep with a scenario on the screen; the home screen where there is none."""
    app = BpstepApp(None if scenario is None else Session(load(scenario)))
    app.tells_story = story
    async with running(app, size) as pilot:
        yield pilot


@asynccontextmanager
async def running(app: BpstepApp, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
    """An app on a screen of a size, driven without waiting for time to pass.

    Textual waits after each key until the process has idled for 20 ms, twice; here a key is waited for until
    everybody who hands it on has done so.
    """

    async def handled(*_: float) -> None:
        await settled(app)

    with patch("textual.app.wait_for_idle", handled), patch("textual.pilot.wait_for_idle", handled):
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot


async def settled(app: App[Any]) -> None:
    """Wait until no message is on its way: twice in a row, every part of the app has handled all that it had."""
    quiet = 0
    while quiet < 2 and app.is_running:
        for _ in range(3):  # what another thread would have sent arrives by way of the event loop
            await asyncio.sleep(0)
        parts = [app, *(part for screen in app.screen_stack for part in screen.walk_children(with_self=True))]
        waiting = any(part.message_queue_size for part in parts)
        passed = [event for event in map(_passage, parts) if event is not None]
        _, late = await asyncio.wait(
            [asyncio.create_task(_all(passed)), asyncio.create_task(app._exception_event.wait())],
            timeout=10,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in late:
            task.cancel()
        if app._exception_event.is_set():
            return
        quiet = 0 if waiting else quiet + 1
        screen = app.screen
        # What timers do, 120 and 60 times a second; it may send more messages.
        if app._resize_event is not None:
            app._check_resize()
            quiet = 0
        if quiet == 1 and (screen._layout_required or screen._callbacks):
            screen._on_timer_update()


def _passage(part: Any) -> asyncio.Event | None:
    """Set when a part has handled what it has now; None for a part that is gone."""
    event = asyncio.Event()
    return event if part.call_later(event.set) else None


async def _all(events: list[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


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


def check_golden(name: str, text: str) -> None:
    """Compare with a golden; BPSTEP_UPDATE_GOLDENS=1 writes it instead, never in continuous integration."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("BPSTEP_UPDATE_GOLDENS") and not os.environ.get("CI"):
        path.write_text(text + "\n", encoding="utf-8")
    assert path.exists(), f"no golden {path.name}; run with BPSTEP_UPDATE_GOLDENS=1 and look at it"
    assert text + "\n" == path.read_text(encoding="utf-8")
