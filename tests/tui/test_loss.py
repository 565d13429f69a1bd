"""The loss view and training on the screen: what a learner does, by keys alone, at 80×24."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.tui.loss_cover import LossCover
from bpstep.tui.stepper import Stepper
from bpstep.view.panes import loss
from tests.helpers.screens import check_golden, opened, say, text_of, until

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


def stepper(pilot: Pilot[int]) -> Stepper:
    screen = pilot.app.screen
    assert isinstance(screen, Stepper)
    return screen


async def trained(pilot: Pilot[int], line: str) -> None:
    """Train behind t, and wait until it is done."""
    await pilot.press("t")
    await pilot.pause()
    await pilot.press(*("space" if c == " " else c for c in line), "enter")
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_the_story_of_xor_by_keys_alone(size: str) -> None:
    async with opened("xor", SIZES[size]) as pilot:
        await trained(pilot, "2000")
        session = stepper(pilot).session
        assert session.run.timeline.epochs == 2000
        assert "epoch 2000, loss 0.000428508" in text_of(pilot)
        await pilot.press("up", "up", "up")
        check_golden(f"{size}-xor-loss", text_of(pilot))
        await pilot.press("tab")
        assert "root mean square of ∂loss/∂w" in text_of(pilot)
        await pilot.press("tab")
        assert "[1]" in text_of(pilot)
        check_golden(f"{size}-xor-decision", text_of(pilot))
        await pilot.press("l")
        await say(pilot, "goto epoch 300")
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert session.run.edits[-1].text == "set lr = 8.0"
        await say(pilot, "undo")
        assert session.run.edits == ()
        await say(pilot, "goto epoch 1237")
        await pilot.press("right")
        assert "epoch 1 237" in text_of(pilot)
        assert "chain rule" in text_of(pilot) or "sum to here" in text_of(pilot)


async def test_escape_stops_training_and_keeps_what_is_done() -> None:
    async with opened("xor", (80, 24)) as pilot:
        screen = stepper(pilot)
        screen.action_submit("train 9000000")
        await until(pilot, lambda: screen.session.run.trained > 1000)
        assert "Esc stops, keeps them" in text_of(pilot)
        screen.action_submit("goto 3")
        assert "training goes on" in text_of(pilot) or screen.trainer.is_training
        await pilot.press("escape")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        session = screen.session
        done = session.run.timeline.epochs
        assert 1000 < done < 9_000_000
        assert session.position == session.length
        assert session.log == [f"train {done}"]
        assert "stopped" in text_of(pilot)
        assert isinstance(screen.cover, LossCover)
        await pilot.press("escape")
        assert screen.cover is None


async def test_enter_opens_the_first_step_of_a_moment() -> None:
    async with opened("xor", (80, 24)) as pilot:
        await trained(pilot, "100")
        await pilot.press("up", "up", "enter")
        await pilot.pause()
        session = stepper(pilot).session
        assert session.step is not None
        assert session.step.when.epoch == 50
        assert session.position == session.run.timeline.start_of_batch(49) + 1


async def test_divergence_is_said_and_the_screen_stands_at_the_step() -> None:
    async with opened("explode", (80, 24)) as pilot:
        await trained(pilot, "3000")
        assert "diverged: cost = inf" in text_of(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert "inf!" in text_of(pilot)


async def test_what_can_not_be_trained_is_one_line() -> None:
    async with opened("chain-rule", (80, 24)) as pilot:
        await trained(pilot, "5")
        assert "no learning rate" in text_of(pilot)
        assert stepper(pilot).cover is None


async def test_runs_are_drawn_together() -> None:
    session = Console(load("xor"))
    for line in ("train 400", "fork slow", "goto epoch 100", "set lr = 0.5", "goto end"):
        session.execute(line)
    text = loss.draw(session, 80, 22).text()
    assert "main" in text
    assert "slow" in text


@pytest.mark.parametrize("part", loss.PARTS)
@pytest.mark.parametrize("scenario", ["xor", "explode", "momentum", "mazur-2-2-2", "deep-784-128-10"])
@pytest.mark.parametrize("size", [(80, 22), (85, 37), (60, 17), (20, 5)])
def test_every_part_can_be_drawn_at_any_size(scenario: str, part: str, size: tuple[int, int]) -> None:
    session = Console(load(scenario))
    if part not in loss.parts_of(session):
        return
    assert "No epoch is finished yet" in loss.draw(session, 80, 22, loss.Look(part)).text()
    if scenario != "deep-784-128-10":
        session.execute("train 60")
    else:
        session.execute("goto end")
    for log in (True, False):
        canvas = loss.draw(session, *size, loss.Look(part, log))
        assert (canvas.width, canvas.height) == size


def test_nothing_is_trained_in_order_to_be_drawn() -> None:
    session = Console(load("xor"))
    session.execute("goto epoch 20")
    text = loss.draw(session, 80, 22).text()
    assert session.run.trained == 19
    assert "in 19 epochs." in text, "what the cursor has passed is counted, looked at or not"
