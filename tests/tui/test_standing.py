"""The screen stands: what takes long takes turns with it and can be stopped, and no error takes it down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from bpstep.debugger.answers import Answer
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.tui.app import BpstepApp
from bpstep.tui.pane import Pane
from bpstep.tui.stepper import Stepper
from bpstep.tui.turns import Stopped, Turns
from tests.helpers.screens import opened, say, text_of


def stepper(pilot: Pilot[int]) -> Stepper:
    screen = pilot.app.screen
    assert isinstance(screen, Stepper)
    return screen


@pytest.fixture
def always_reporting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reports how far it is hands over to the screen each time."""
    monkeypatch.setattr("bpstep.debugger.session.BETWEEN_REPORTS", 0.0)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with a fault: ``stops`` and ``step`` raise what nobody expects, which is told in a line."""

    def fail(session: Console, arguments: object) -> Answer:
        session.position = 7
        raise KeyError("tangent")

    monkeypatch.delenv("BPSTEP_RAISE")
    for name in ("stops", "step"):
        monkeypatch.setitem(COMMANDS, name, replace(COMMANDS[name], run=fail))


def seen_of(session: Console) -> dict[str, object]:
    """All that a session is, but what it only remembers to be faster."""
    return {
        name: value for name, value in vars(session).items() if name not in ("_moment", "_reported", "stops")
    }


@pytest.mark.usefixtures("always_reporting")
def test_work_is_done_in_turns() -> None:
    session = Console(load("vanishing"))
    session.execute("break update if abs(value) > 100")
    session.execute("goto epoch 100")
    turns = Turns(
        session, lambda: session.execute("break update if abs(value) > 100") and session.execute("continue")
    )
    seen = []
    while turns.go_on():
        seen.append(turns.progress)
        assert session.position == session.run.timeline.start_of_batch(99)
    assert session.position > session.run.timeline.start_of_batch(99)
    assert turns.result() is not None
    assert seen
    assert all(what == "step" and 0 <= done <= of for what, done, of in seen)


@pytest.mark.usefixtures("always_reporting")
def test_work_that_is_stopped_leaves_the_session_as_it_was() -> None:
    session = Console(load("vanishing"))
    session.execute("break update if abs(value) > 100")
    before = seen_of(session)
    turns = Turns(session, lambda: session.execute("continue"))
    assert turns.go_on()
    turns.stop()
    assert not turns.go_on()
    with pytest.raises(Stopped):
        turns.result()
    assert seen_of(session) == before


@pytest.mark.usefixtures("always_reporting")
@pytest.mark.parametrize("line", ["continue", "rcontinue", "until loss < 0", "diff article", "check"])
async def test_escape_stops_a_long_command(line: str) -> None:
    async with opened("vanishing", (80, 24)) as pilot:
        screen = stepper(pilot)
        await say(pilot, "break update if abs(value) > 100")
        await say(pilot, "goto epoch 100")
        await pilot.app.workers.wait_for_complete()
        position = screen.session.position
        screen.action_submit(line)
        assert screen.turns is not None
        screen.action_submit("goto 1")
        assert "a command goes on: Esc stops it" in str(pilot.app.screen.query_one("#message").render())
        screen.action_stop_working()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "stopped; the session is as it was" in text_of(pilot)
        assert screen.session.position == position
        assert screen.turns is None


@pytest.mark.usefixtures("always_reporting")
async def test_a_long_command_ends_by_itself_and_says_how_far_it_is() -> None:
    async with opened("vanishing", (80, 24)) as pilot:
        screen = stepper(pilot)
        screen.action_submit("until epoch > 20")
        assert screen.is_working
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert screen.session.moment.place.epoch == 20
        assert not screen.is_working


@pytest.mark.usefixtures("always_reporting")
async def test_who_leaves_ends_what_goes_on() -> None:
    async with opened("vanishing", (80, 24)) as pilot:
        screen = stepper(pilot)
        screen.action_submit("until epoch > 150")
        turns = screen.turns
        assert turns is not None
        screen.action_leave()
    turns.join()
    with pytest.raises(Stopped):
        turns.result()
    assert screen.session.position == 0


@pytest.mark.usefixtures("failing")
async def test_an_unexpected_error_is_one_line_and_the_screen_goes_on() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "stops")
        assert "bpstep itself failed here (KeyError: 'tangent'" in text_of(pilot)
        assert stepper(pilot).session.position == 0
        await pilot.press("right")
        assert "bpstep itself failed here" in text_of(pilot)
        stepper(pilot).player.go_on()
        await say(pilot, "goto 34")
        assert "step 34 of 59" in text_of(pilot)
        pane = pilot.app.screen.query_one("#network", Pane)
        pane.drawer = lambda width, height: [].pop()
        await say(pilot, "goto 35")
        assert "bpstep itself failed here (IndexError: pop from empty list" in text_of(pilot)
        assert "step 35 of 59" in text_of(pilot)
    assert pilot.app.return_value in (None, 0)


async def test_the_home_screen_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, **_: object) -> Scenario:
        raise ZeroDivisionError

    monkeypatch.delenv("BPSTEP_RAISE")
    monkeypatch.setattr("bpstep.scenario.loader.load", fail)
    async with opened(None, (80, 24)) as pilot:
        await pilot.press("down", "enter")
        assert "bpstep itself failed here (ZeroDivisionError" in text_of(pilot)
        await pilot.press("o", *"xor", "enter")  # what comes of a screen over the screen
        assert "bpstep itself failed here (ZeroDivisionError" in text_of(pilot)
        await pilot.press("up")
        assert "bpstep itself failed here" not in text_of(pilot)
        await pilot.press("q")
    assert pilot.app.return_value == 0


async def test_play_stops_where_an_open_question_lies_ahead() -> None:
    async with opened("chain-rule", (80, 24)) as pilot:
        await say(pilot, "exercise first-chain-rule seed=1")
        await pilot.press("escape")
        screen = stepper(pilot)
        screen.action_play()
        for _ in range(20):
            screen.player.go_on()
        await pilot.pause()
        assert not screen.player.is_playing
        assert "the answer lies ahead" in text_of(pilot)


@pytest.mark.parametrize("begin", ["", "exercise hidden-delta", "why cost"])
async def test_a_screen_that_is_left_before_its_first_paint_does_nothing(begin: str) -> None:
    """No story of it comes over the screen before, and no question is asked on it."""
    async with opened("xor", (80, 24)) as pilot:
        before, session = pilot.app.screen, Console(load("mazur-2-2-2"))
        assert isinstance(pilot.app, BpstepApp)
        pilot.app.tells_story = True
        session.tutor = ExerciseTutor(session)
        pilot.app.push_screen(pilot.app.stepper(session, begin))
        pilot.app.pop_screen()
        await pilot.pause()
        assert pilot.app.screen is before
        assert session.tutor.exercise_now is None
        assert session.log == []
