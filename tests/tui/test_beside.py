"""A learner's own numbers beside the right ones, on the real screen: opened, from wrong to wrong, left."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import check_golden, running, say, text_of

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}


def without_slope() -> dict[str, list[object]]:
    """Mazur's example by a student who leaves f′ out in the hidden layer, and gives all but the weights."""
    x, t, b = np.array([0.05, 0.10]), np.array([0.01, 0.99]), (0.35, 0.60)
    w1, w2 = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])
    z1 = w1 @ x + b[0]
    a1 = 1 / (1 + np.exp(-z1))
    z2 = w2 @ a1 + b[1]
    a2 = 1 / (1 + np.exp(-z2))
    dz2 = (a2 - t) * a2 * (1 - a2)
    dz1 = w2.T @ dz2
    found = {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "dz2": dz2, "da1": w2.T @ dz2, "dz1": dz1}
    found |= {"dW2": np.outer(dz2, a1), "db2": dz2, "dW1": np.outer(dz1, x), "db1": dz1}
    return {name: array.tolist() for name, array in found.items()}


@pytest.fixture
def session(tmp_path: Path) -> Console:
    (tmp_path / "mine.json").write_text(json.dumps(without_slope()), "utf-8")
    opened = Console(load("mazur-2-2-2"))
    opened.folder = tmp_path
    opened.execute("compare mine.json")
    return opened


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_at_the_first_wrong_number_and_says_what_was_found(
    session: Console, size: str
) -> None:
    async with running(BpstepApp(session), SIZES[size]) as pilot:
        text = text_of(pilot)
        assert "8 of your 26 numbers are wrong; the first is delta[h1] (step 37)." in text
        assert "The mistake: no-derivative, in layer hidden only" in text
        assert "show compare has it all" in text
        check_golden(f"{size}-mazur-2-2-2-beside", text)


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_goes_to_the_next_wrong_number(session: Console, size: str) -> None:
    async with running(BpstepApp(session), SIZES[size]) as pilot:
        await pilot.press("x")
        assert session.position == 41
        text = text_of(pilot)
        assert "✗ yours is 4.156 × the right one" in text
        assert "+0.04137✗" in text
        check_golden(f"{size}-mazur-2-2-2-beside-next", text)


async def test_back_to_the_first_and_no_further_and_out(session: Console) -> None:
    async with running(BpstepApp(session), (80, 24)) as pilot:
        await pilot.press("x", "x", "X", "X")
        assert session.position == 37
        await pilot.press("X")
        assert session.position == 37
        assert "no earlier number disagrees" in text_of(pilot)
        await pilot.press("tab", "tab")
        assert "─ yours ─ weights ─ nodes" in text_of(pilot)
        assert "δ(h1)                    +0.008771✗  +0.03635     4.144" in text_of(pilot)
        await say(pilot, "show compare")
        assert "f′(e[h1]) = 0.2413 is missing" in text_of(pilot)
        await pilot.press("escape", "q")
        assert not pilot.app.is_running or pilot.app._exit


async def test_while_a_value_is_asked_nothing_is_marked(session: Console) -> None:
    async with running(BpstepApp(session), (120, 40)) as pilot:
        assert "✗" in text_of(pilot)
        await pilot.press("left", "p")
        text = text_of(pilot)
        assert session.asked is not None
        assert not set(text) & {"✓", "✗"}
        await say(pilot, "step wrong")
        assert session.position == 36
        await pilot.press("escape", "escape")
        await say(pilot, "predict off")
        assert "✓" in text_of(pilot)


async def test_numbers_that_are_compared_on_the_screen_stand_there_at_once(session: Console) -> None:
    session.execute("restart")
    app = BpstepApp(session)
    app.tells_story = False
    async with running(app, (160, 40)) as pilot:
        assert isinstance(pilot.app.screen, Stepper)
        await say(pilot, "compare mine.json")
        assert "first wrong   delta[h1]" in text_of(pilot)
        await pilot.press("escape")
        assert session.position == 37
        assert "+0.008771✗ +0.03635" in text_of(pilot)  # the program has become wide enough for both
