"""What stands in the place of the step, or over it: the tree of a number, lists to choose from, another rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bpstep.tui.chooser import Chooser
from bpstep.tui.stepper import Stepper
from bpstep.tui.why_cover import WhyCover
from tests.helpers.screens import check_golden, opened, say, text_of

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


def stepper(pilot: Pilot[int]) -> Stepper:
    screen = pilot.app.screen
    assert isinstance(screen, Stepper)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_why(size: str) -> None:
    async with opened("mazur-2-2-2", SIZES[size]) as pilot:
        await say(pilot, "until delta[h1]")
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("down", "down")
        check_golden(f"{size}-mazur-2-2-2-why", text_of(pilot))


async def test_why_is_folded_rerooted_and_left_for_the_step_of_a_row() -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        await say(pilot, "until delta[h1]")
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("down", "down")
        assert "via o2" in text_of(pilot)
        await pilot.press("left")
        assert "├─ via o1" not in text_of(pilot)
        assert "∂E/∂y(h1) …" in text_of(pilot)
        await pilot.press("right", "w")
        await pilot.pause()
        assert "why  ∂E/∂y(h1)" in text_of(pilot)
        await pilot.press("down", "down", "left", "left")
        cover = stepper(pilot).cover
        assert isinstance(cover, WhyCover)
        assert cover.at == 1, "← on a leaf goes to its branch"
        await pilot.press("down", "enter")
        await pilot.pause()
        assert stepper(pilot).session.position == 23
        assert stepper(pilot).cover is None
        assert "chain rule to here" in text_of(pilot)


async def test_escape_and_any_movement_take_the_tree_away() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 37")
        for key in ("escape", "n"):
            await pilot.press("w")
            await pilot.pause()
            assert "why  δ(h1)" in text_of(pilot) or key == "n"
            await pilot.press(key)
            await pilot.pause()
            assert stepper(pilot).cover is None
            assert "chain rule to here" in text_of(pilot)


async def test_a_rule_is_chosen_and_what_it_spoils_is_marked() -> None:
    async with opened("article-2-3-2-1", (120, 40)) as pilot:
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Chooser)
        assert "bias-forgotten" in text_of(pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        await say(pilot, "goto 29")
        text = text_of(pilot)
        assert "rule article" in text
        assert "article −0.3853  correct −0.09621  × 4.005" in text
        await say(pilot, "goto 44")
        check_golden("120x40-article-2-3-2-1-article", text_of(pilot))
        await pilot.press("r", "up", "enter")
        await pilot.pause()
        assert "rule article" not in text_of(pilot).split("\n")[0] or stepper(pilot).session.run.edits


async def test_what_does_not_apply_is_not_taken() -> None:
    async with opened("article-2-3-2-1", (80, 24)) as pilot:
        await pilot.press("r", "end", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Chooser), "this network has no biases to forget"
        await pilot.press("escape")
        await pilot.pause()
        assert stepper(pilot).session.run.edits == ()


async def test_the_learning_rate_is_chosen_from_a_list() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert stepper(pilot).session.run.edits[-1].text == "set lr = 1.0"


async def test_a_click_is_a_question(tmp_path: Path) -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        await say(pilot, "goto 37")
        await pilot.click("#network", offset=(25, 2))
        await pilot.pause()
        assert "final" in text_of(pilot), "a card answers with what there is to say of its neuron"
        assert "written by step" in text_of(pilot)
        await pilot.press("escape")
        await pilot.click("#network", offset=(27, 4))
        await pilot.pause()
        assert "why  δ(h1)" in text_of(pilot), "a number answers with where it comes from"
        await pilot.press("escape")
        await pilot.click("#program", offset=(10, 5))
        await pilot.pause()
        assert stepper(pilot).session.position != 37


async def test_a_view_is_pinned() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "goto 30")
        await pilot.press("tab", "tab", "v", "right")
        assert "pinned" in text_of(pilot)
        assert "∂E/∂cell" in text_of(pilot)
        await pilot.press("v", "right")
        assert "chain rule to here" in text_of(pilot)


async def test_playing_is_in_the_log() -> None:
    async with opened("chain-rule", (80, 24)) as pilot:
        screen = stepper(pilot)
        screen.player.go_on()
        screen.player.go_on()
        assert screen.session.position == 2
        assert screen.session.log == ["step", "step"]


async def test_the_screen_exports_what_the_prompt_does(tmp_path: Path) -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        stepper(pilot).session.folder = tmp_path
        await say(pilot, "goto 37")
        await say(pilot, "export chain chain.txt")
        assert "chain rule to here" in (tmp_path / "chain.txt").read_text("utf-8")


@pytest.mark.parametrize("size", SIZES)
async def test_the_paths_of_a_weight_are_folded_by_enter_until_one_sweep_is_left(size: str) -> None:
    async with opened("where-is-the-back-propagation", SIZES[size]) as pilot:
        await say(pilot, "paths w[x1->a1]")
        check_golden(f"{size}-where-is-paths", text_of(pilot))
        await pilot.press("enter", "enter", "enter", "enter")
        check_golden(f"{size}-where-is-paths-folded", text_of(pilot))
        await pilot.press("u")
        assert "340 multiplications" in text_of(pilot)
        await pilot.press(*["enter"] * 12)
        assert "42 multiplications" in text_of(pilot)
        assert "a1   +1.000" in text_of(pilot)
        await pilot.press("escape")
        assert stepper(pilot).cover is None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)], ids=str)
async def test_what_is_over_the_screen_covers_whole_panes(size: tuple[int, int]) -> None:
    async with opened("mazur-2-2-2", size) as pilot:
        main, network = (pilot.app.screen.query_one(name).region for name in ("#main", "#network"))
        for key in ("r", "o", "e", "i", "question_mark", "k"):
            await pilot.press(key)
            await pilot.pause()
            page = pilot.app.screen.query_one("#page").region
            assert page.y in (main.y, network.bottom), key
            assert (page.x, page.bottom) == (main.x, main.bottom), key
            assert page.width in (main.width, size[0]), key
            await pilot.press("escape")
            await pilot.pause()


async def test_a_choice_that_is_cut_is_said_in_full_below_the_list() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("r", "down")
        await pilot.pause()
        said = " ".join(text_of(pilot).split())
        assert "without f′, which enters only in a neuron's own gradients" in said


async def test_a_list_that_is_longer_than_its_pane_says_so() -> None:
    async with opened("mazur-2-2-2", (60, 20)) as pilot:
        await pilot.press("r")
        await pilot.pause()
        below = re.search(r"↓ (\d+) more", text_of(pilot))
        assert below is not None
        assert "↑" not in below.string.replace("↑ ↓", "")
        await pilot.press("end")
        await pilot.pause()
        assert f"↑ {below[1]} more" in text_of(pilot)
        assert f"↓ {below[1]} more" not in text_of(pilot)
