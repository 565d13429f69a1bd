"""Walking: keys, commands, views, sizes; what a learner does, by keys alone."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from bpstep.tui.home import Home
from bpstep.tui.keys import KEYS
from bpstep.tui.pages import Pages
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, say, text_of, until


def stepper(pilot: Pilot[int]) -> Stepper:
    screen = pilot.app.screen
    assert isinstance(screen, Stepper)
    return screen


async def test_every_movement_has_an_inverse() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        for forward, back in (("right", "left"), ("n", "N"), ("right_square_bracket", "left_square_bracket")):
            await pilot.press("home")
            places, texts = [], []
            for _ in range(3):
                places.append(stepper(pilot).session.position)
                texts.append(text_of(pilot))
                await pilot.press(forward)
            for place, text in zip(reversed(places), reversed(texts), strict=True):
                await pilot.press(back)
                assert stepper(pilot).session.position == place
                assert text_of(pilot) == text


async def test_the_students_task() -> None:
    """From the story to the delta of a hidden neuron, and to where it came from, by keys and commands."""
    async with opened("mazur-2-2-2", (80, 24), story=True) as pilot:
        await pilot.pause()
        assert "Matt Mazur" in text_of(pilot)
        await pilot.press("right")
        await pilot.pause()
        assert "Nothing is computed yet" in text_of(pilot)
        await pilot.press("right")
        assert "step 1 of 59" in text_of(pilot)
        await say(pilot, "until d(y[h1])")
        assert "step 35 of 59" in text_of(pilot)
        await pilot.press("left")
        assert "1 of 2 arrived" in text_of(pilot)
        assert "δ(k) known" in text_of(pilot)
        await say(pilot, "print delta[o1] * w[h1->o1]")
        assert "0.0553994" in text_of(pilot)
        await pilot.press("q")
    assert pilot.app.return_value == 0


async def test_an_error_is_one_line_and_nothing_moves() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 34")
        await say(pilot, "until delta[h7]")
        assert 'there is no cell "delta[h7]"' in text_of(pilot)
        assert stepper(pilot).session.position == 34
        await say(pilot, "goto 60")
        assert "there are steps 0 to 59, not 60" in text_of(pilot)
        await say(pilot, "stepp")
        assert 'did you mean "step"?' in text_of(pilot)


async def test_the_command_line_recalls_and_completes() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 12")
        await pilot.press("colon", "up", "enter")
        await pilot.pause()
        assert stepper(pilot).session.position == 12
        await pilot.press("colon", "u", "n", "tab")
        await pilot.pause()
        assert "until" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Stepper)


async def test_tab_completes_the_word_before_the_cursor() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("colon")
        await pilot.pause()
        field = pilot.app.focused
        assert isinstance(field, Input)
        field.value, field.cursor_position = "print 2*delta[h1 - 3", len("print 2*delta[h1")
        await pilot.press("tab")
        assert field.value == "print 2*delta[h1] - 3"
        assert field.cursor_position == len("print 2*delta[h1]")


def press_at_once(pilot: Pilot[int], *keys: str) -> None:
    """Keys as a terminal sends what is typed fast: all of them before any is looked at."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else ":" if key == "colon" else None))


@pytest.mark.parametrize("over", ["story", "rules", "nothing"])
async def test_the_colon_works_wherever_the_footer_offers_it_however_fast_one_types(over: str) -> None:
    async with opened("xor", (80, 24), story=over == "story") as pilot:
        if over == "rules":
            await pilot.press("r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Stepper) == (over == "nothing")
        assert ": command" in text_of(pilot)
        press_at_once(pilot, "colon", *"until delta[h1]", "enter")
        for _ in range(200):
            await pilot.pause(0.01)
            if isinstance(pilot.app.screen, Stepper) and stepper(pilot).session.position:
                break
        session = stepper(pilot).session
        assert session.log == ["until delta[h1]"]
        assert session.moment.rate == 4.0


@pytest.mark.parametrize("key", [row.keys.split(",")[0] for row in KEYS if row.label])
async def test_every_key_of_the_footer_works_on_a_page(key: str) -> None:
    async with opened("mazur-2-2-2", (80, 24), story=True) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app.screen, Pages)
        await pilot.press(key)
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Pages), "it leaves the page, by doing something or by itself"


async def test_tab_goes_through_the_views_and_a_step_brings_the_chain_back() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 33")
        for title in ("program", "weights", "nodes", "in books", "by hand", "agree", "chain rule to here"):
            await pilot.press("tab")
            assert title in text_of(pilot)
        await pilot.press("tab", "right")
        assert "chain rule to here" in text_of(pilot)


async def test_a_note_is_shown_with_its_step() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "until note")
        assert "the net input is 0.3775" in text_of(pilot)
        await pilot.press("tab")
        assert "sum to here" in text_of(pilot)


async def test_playing_goes_on_by_itself_and_stops() -> None:
    async with opened("chain-rule", (80, 24)) as pilot:
        stepper(pilot).rate = 200
        await pilot.press("space")
        await until(pilot, lambda: stepper(pilot).session.position == 10)
        await until(pilot, lambda: not stepper(pilot).player.is_playing)


async def test_a_screen_that_is_too_small_says_so_and_recovers() -> None:
    async with opened("mazur-2-2-2", (50, 15)) as pilot:
        assert "bpstep needs 60×20, here are 50×15" in text_of(pilot)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert "program" in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "what will be computed" in text_of(pilot)


async def test_home_opens_a_scenario_and_q_returns() -> None:
    async with opened(None, (80, 24)) as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert stepper(pilot).session.scenario.name == "fan-out"
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Home)
        await pilot.press("o")
        await pilot.pause()
        for char in "nothing.toml":
            await pilot.press(char)
        await pilot.press("enter")
        await pilot.pause()
        assert "can not read the file" in text_of(pilot)


async def test_looks_can_be_changed() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 34")
        await say(pilot, "set glyphs = ascii")
        assert text_of(pilot).isascii()
        await say(pilot, "set glyphs = full")
        await say(pilot, "set notation = nielsen")
        assert "∂C/∂a(h1)" in text_of(pilot)
        await say(pilot, "set digits = 6")
        assert "+0.0553994" in text_of(pilot)
        await say(pilot, "set theme = light")


@pytest.mark.parametrize(("size", "opens_on"), [((120, 40), "graph"), ((160, 60), "variables")])
async def test_of_a_program_over_arrays_the_graph_is_always_seen_where_there_is_room(
    size: tuple[int, int], opens_on: str
) -> None:
    """On a high screen it stands below the operation, and the strip opens on what comes next; else in the strip."""
    async with opened("bptt", size) as pilot:
        await pilot.press("right")
        assert stepper(pilot).shown_view == opens_on
        cards = [line for line in text_of(pilot).split("\n") if "h1 (3)" in line and "h2 (3)" in line]
        assert len(cards) == 1
        await say(pilot, "set layout = rows")
        assert "v1 = x1 @ Uᵀ" in text_of(pilot)


def test_every_key_submits_a_command_that_exists() -> None:
    from bpstep.debugger.language import parse_line

    for key in KEYS:
        assert key.line or key.action
        if key.line:
            assert parse_line(key.line) is not None


async def test_an_interrupt_ends_it_wherever_one_is() -> None:
    for scenario, story in (("mazur-2-2-2", True), ("mazur-2-2-2", False), (None, False)):
        async with opened(scenario, (80, 24), story=story) as pilot:
            await pilot.pause()
            await pilot.press("ctrl+c")
            await pilot.pause()
        assert pilot.app.return_value == 130


async def test_the_home_screen_lists_every_scenario() -> None:
    from bpstep.scenario.catalogue import entries

    async with opened(None, (120, 40)) as pilot:
        text = text_of(pilot)
        assert "Three functions in a row" in text
        for entry in entries():
            if entry.name not in text:  # what is below comes into sight with the cursor
                await pilot.press(*["down"] * 40)
                await pilot.pause()
                text += text_of(pilot)
            assert entry.name in text
