"""Whatever is pressed, clicked and typed, at whatever size: the screen stands.  The keys are random, and the same in
every run."""

from __future__ import annotations

import random

import pytest
from textual.pilot import OutOfBounds

from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened

KEYS = [
    "left", "right", "up", "down", "home", "end", "tab", "shift+tab", "enter", "escape", "space", "pageup", "pagedown",
    "f1", "f2", "f3", "shift+right", *"bcdeghijklmnoprstuvwxyzNPS?:/[]{}+-.,0123456789",
]  # fmt: skip
LINES = (
    "goto 10", "set lr = 2", "undo", "break delta[h1]", "continue", "rcontinue", "why cost", "predict on",
    "predict off", "set w[x1->h1] = 0.3", "train 3", "show loss", "set theme = light", "set glyphs = ascii", "fork",
    "runs", "exercise output-delta", "answer 0.1", "hint", "reveal", "load fan-out", "set rule = article",
    "diff article", "check", "step epoch", "restart", "set digits = 12", "load chain-rule",
)  # fmt: skip
SIZES = ((80, 24), (120, 40), (60, 20), (50, 15), (200, 60))


@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "xor", "fan-out", None])
async def test_the_screen_stands(scenario: str | None) -> None:
    chance = random.Random(scenario or "home")
    async with opened(scenario, chance.choice(SIZES)) as pilot:
        app = pilot.app
        for _ in range(25):
            if not app.is_running:
                break
            what = chance.random()
            if what < 0.2 and isinstance(app.screen, Stepper):
                app.screen.action_submit(chance.choice(LINES))
            elif what < 0.25:
                await pilot.resize_terminal(*chance.choice(SIZES))
            elif what < 0.3:
                try:
                    await pilot.click(
                        offset=(chance.randrange(app.size.width), chance.randrange(app.size.height))
                    )
                except OutOfBounds:
                    continue
            else:
                await pilot.press(chance.choice(KEYS))
            await pilot.pause()
        assert app.return_value in (None, 0)
