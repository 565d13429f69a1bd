"""Esc and the key behind it: however fast they come, and whatever a terminal makes of them, what was open closes, and
the key acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from bpstep.debugger.console import Console
from bpstep.debugger.settings import Settings
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.escape import BehindEscape, _Parser
from bpstep.tui.stepper import Stepper
from tests.fuzz import keys
from tests.helpers.screens import opened, running, text_of

#: What is open when Esc comes: the keys that open it, at step 30.
ROOMS = {
    "question": "p",
    "command line": ":",
    "go to": "g",
    "why": "w",
    "loss": "l",
    "rules": "r",
    "help": "?",
}

#: The keys behind Esc: a movement, a view, a field; behind a question's, a cover and a page, too.
BEHIND = ("n", "tab", ":")


def sent_at_once(key: str) -> list[events.Key]:
    """Esc and a key, as the parser hears them of a terminal that sends them together."""
    parser = _Parser()
    sent = "\x1b" + {"tab": "\t"}.get(key, key)
    return [event for event in (*parser.feed(sent), *parser.feed("")) if isinstance(event, events.Key)]


async def one_by_one(pilot: Pilot[int], key: str) -> None:
    keys.press(pilot.app, "escape")
    await pilot.pause()
    keys.press(pilot.app, key)


async def before_the_screen_knows(pilot: Pilot[int], key: str) -> None:
    keys.press(pilot.app, "escape")
    keys.press(pilot.app, key)


async def together(pilot: Pilot[int], key: str) -> None:
    for event in sent_at_once(key):
        pilot.app.post_message(event)


Press = Callable[[Pilot[int], str], Awaitable[None]]


async def state_after(pilot: Pilot[int], opens: str, key: str, press: Press) -> tuple[object, ...]:
    """How the screen stands after Esc and a key that come while something is open; and then it is as before."""
    base = pilot.app.screen
    assert isinstance(base, Stepper)
    keys.press(pilot.app, opens)
    await pilot.pause()
    await press(pilot, key)
    await pilot.pause()
    state = type(pilot.app.screen), type(base.cover), base.session.position, base.view_name, text_of(pilot)
    while pilot.app.screen is not base or base.cover is not None:
        keys.press(pilot.app, "escape")
        await pilot.pause()
    for line in ("predict off", "goto 30"):
        base.action_submit(line)
    keys.press(pilot.app, "escape")
    await pilot.pause()
    return state


@pytest.mark.parametrize("opens", ROOMS.values(), ids=ROOMS.keys())
async def test_a_key_right_behind_esc_acts_on_what_is_there_then(opens: str) -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        pilot.app.screen.action_submit("goto 30")  # type: ignore[attr-defined]
        await pilot.pause()
        for key in (*BEHIND, *("w?" if opens == "p" else "")):
            wanted = await state_after(pilot, opens, key, one_by_one)
            for press in (before_the_screen_knows, together):
                assert await state_after(pilot, opens, key, press) == wanted, (key, press.__name__)


@pytest.mark.parametrize("key", [*"nN1:] ?/+\t\r"])
def test_no_esc_is_forgotten(key: str) -> None:
    (event,) = sent_at_once(key)
    assert isinstance(event, BehindEscape)
    assert event.key.startswith("alt+")
    assert event.plain.character == key


async def test_a_key_with_alt_that_does_something_is_that_key() -> None:
    """One that was given to a row of the table; and in a field, what goes by words."""
    app = BpstepApp(Console(load("mazur-2-2-2")), Settings(keys={"phase": "alt+j"}))
    app.tells_story = False
    async with running(app, (80, 24)) as pilot:
        app.post_message(sent_at_once("j")[0])
        await pilot.pause()
        assert app.session is not None
        assert app.session.position == 18
        keys.press(app, ":")
        await pilot.pause()
        for key in ("a", " ", "c"):
            keys.press(app, key)
        app.post_message(sent_at_once("b")[0])
        await pilot.pause()
        keys.press(app, "b")
        await pilot.pause()
        assert isinstance(app.focused, Input)
        assert app.focused.value == "a bc"
