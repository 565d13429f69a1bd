"""The real screen in a test: opened at a size, driven by keys, read as text."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


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
