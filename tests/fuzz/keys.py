"""Keys: the real screen at random sizes, with random keys, clicks, commands and resizes, while timers run.

A key goes in as it comes from the terminal's driver; a few at a time, as fast fingers give them.  Then the screen has
to come to rest, and to paint: whatever was pressed, it stands.
"""

from __future__ import annotations

import asyncio
import inspect
import io
from contextlib import redirect_stderr
from pathlib import Path

from textual import events
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.widgets import Input

from bpstep.debugger.console import Console
from bpstep.scenario.loader import loads
from bpstep.tui.app import BpstepApp
from bpstep.tui.stepper import Stepper
from tests.fuzz.case import TRACEBACK, Case, SpoiltError, TooSlowError
from tests.fuzz.grammar import a_line
from tests.fuzz.talking import scenario_named
from tests.fuzz.worlds import LARGE, SMALL, made_up

__all__ = ["SIZE", "play", "press", "rest"]

SIZE = 100

_KEYS = (
    "left", "right", "up", "down", "home", "end", "tab", "shift+tab", "enter", "escape", "space", "pageup", "pagedown",
    "f1", "f2", "f5", "shift+right", "shift+left", "ctrl+a", "ctrl+u", "ctrl+k", "ctrl+w", "backspace", "delete",
    *"abcdefghijklmnoprstuvwxyzCNPS?:/[]{}+-.,0123456789()<>=*^_ äπ→",
)  # fmt: skip
#: What a walk is made of; the others of the keys are pressed a third of the time.
_COMMON = (
    "right", "left", "n", "]", "[", "}", "{", "c", "w", "l", "escape", "enter", "tab", "p", "space", "down", "up",
)  # fmt: skip
_SIZES = (
    (80, 24), (80, 24), (120, 40), (60, 20), (59, 19), (50, 15), (100, 30), (140, 45), (200, 60), (20, 5), (1, 1),
)  # fmt: skip
_LINES = (
    "why cost", "predict on", "predict off", "show loss", "set theme = light", "set theme = mono", "set glyphs = ascii",
    "exercise output-delta", "exercise next", "exercise", "answer 0.1", "load fan-out", "load chain-rule", "play 50",
    "train 3", "set digits = 12", "break delta[h1]", "show story", "show explain", "diff article", "check",
    "exercise the-article",
)  # fmt: skip


def play(case: Case) -> None:
    """A hundred keys, on screens that are opened at some size; after `quit` comes another one."""
    with redirect_stderr(io.StringIO()):  # where a screen that falls paints its own traceback
        while case.inputs < SIZE:
            asyncio.run(_screen(case))


class _App(BpstepApp):
    CSS_PATH = Path(inspect.getfile(BpstepApp)).with_name(str(BpstepApp.CSS_PATH))

    def _fatal_error(self) -> None:
        """It ends, without a page about it, which would take longer than the fault."""
        self._close_messages_no_wait()


def _app(case: Case) -> BpstepApp:
    chance = case.chance
    what = chance.random()
    if what < 0.12:
        case.story.append("home")
        return _App(None)
    if what < 0.3:
        text = made_up(chance)
        case.story.append(text)
        return _App(Console(loads(text, "made-up.toml")))
    name = LARGE if chance.random() < 0.01 else chance.choice(SMALL)
    case.story.append(f"load {name}")
    app = _App(Console(scenario_named(name)))
    app.tells_story = chance.random() < 0.3
    return app


async def _screen(case: Case) -> None:
    app, size = _app(case), case.chance.choice(_SIZES)
    case.story.append(f"at {size}")
    try:
        async with app.run_test(size=size) as pilot:
            await rest(pilot)
            while case.inputs < SIZE and app.is_running and app._exception is None:
                await _some(case, pilot)
    except (SpoiltError, TooSlowError):
        raise
    except WaitForScreenTimeout:
        case.found(TRACEBACK, "the screen never comes to rest", "\n".join(case.story))
        raise SpoiltError from None
    except Exception as error:
        # What goes wrong on a screen comes out where the application ends.
        with case.input("; ".join(case.story[-12:]), 0):
            raise error


async def _some(case: Case, pilot: Pilot[int]) -> None:
    """A few things at once, and the rest after them."""
    chance, app = case.chance, pilot.app
    what = chance.random()
    if what < 0.12 and isinstance(app.screen, Stepper):
        line = chance.choice(_LINES) if chance.random() < 0.4 else a_line(chance, app.screen.session)
        with case.input(f": {line}"):
            await _type(pilot, line)
    elif what < 0.17:
        width, height = chance.choice(_SIZES)
        with case.input(f"resize {width} × {height}"):
            _resize(app, Size(width, height))
            await rest(pilot)
    elif what < 0.23:
        x, y = chance.randrange(app.size.width), chance.randrange(app.size.height)
        with case.input(f"click {x}, {y}"):
            _click(app, x, y)
            await rest(pilot)
    else:
        keys = [
            chance.choice(_COMMON if chance.random() < 0.65 else _KEYS)
            for _ in range(chance.choice((1, 1, 2, 4)))
        ]
        with case.input(" ".join(keys), len(keys)):
            for key in keys:
                press(app, key)
            await rest(pilot)
    if chance.random() < 0.05:
        await asyncio.sleep(0.06)  # timers get their turn


def press(app: App[int], key: str) -> None:
    """A key, as the terminal's driver brings it."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    character = key if len(key) == 1 else {"space": " ", "tab": "\t", "enter": "\r"}.get(key)
    app.post_message(events.Key(name, character))


def _click(app: App[int], x: int, y: int) -> None:
    for event in (events.MouseDown, events.MouseUp):
        app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))


def _resize(app: App[int], size: Size) -> None:
    assert isinstance(app._driver, HeadlessDriver)
    app._driver._size = size
    app.post_message(events.Resize(size, size))


async def _type(pilot: Pilot[int], line: str) -> None:
    """A command behind the colon."""
    press(pilot.app, ":")
    await rest(pilot)
    field = pilot.app.focused
    if isinstance(field, Input):
        field.value = line
        press(pilot.app, "enter")
        await rest(pilot)


async def rest(pilot: Pilot[int]) -> None:
    """Until every widget has nothing more to do, and what is new is painted."""
    for _ in range(2):
        await pilot._wait_for_screen()
    if pilot.app.is_running:
        pilot.app.screen._on_timer_update()
