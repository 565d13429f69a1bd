"""Whatever names a key or a view can be clicked, and does what the key does."""

from __future__ import annotations

import re

import pytest
from textual.pilot import Pilot

from bpstep.tui.keys import KEYS, key_named
from bpstep.tui.pages import Pages
from bpstep.view.drawing.canvas import Press
from bpstep.view.drawing.hints import keys_in
from bpstep.view.drawing.keyline import draw
from tests.helpers.screens import opened, text_of


async def click(pilot: Pilot[int], word: str, nth: int = -1) -> None:
    """Click on a word where it stands; on the last of them, which is the lowest."""
    rows = text_of(pilot).split("\n")
    y, x = [(y, found.start()) for y, row in enumerate(rows) for found in re.finditer(re.escape(word), row)][
        nth
    ]
    await pilot.click(offset=(x, y))


async def test_the_key_line_can_be_clicked() -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        await click(pilot, "→ step")
        assert "step 1 of 59" in text_of(pilot)
        await click(pilot, "neuron")
        assert "step 4 of 59" in text_of(pilot)
        await click(pilot, "why")
        assert "Esc close" in text_of(pilot)
        await click(pilot, "Esc back to the step")
        assert "step 4 of 59" in text_of(pilot)
        await click(pilot, "? help")
        assert isinstance(pilot.app.screen, Pages)
        await click(pilot, "↓ to read on")
        assert pilot.app.screen.first == 1
        await click(pilot, "phase")  # the key line behind the page
        assert not isinstance(pilot.app.screen, Pages)
        assert pilot.app.session.position > 4  # type: ignore[attr-defined]


async def test_tabs_and_hints_in_titles_can_be_clicked() -> None:
    async with opened("xor", (120, 40)) as pilot:
        before = text_of(pilot)
        await click(pilot, " nodes ", 0)
        await click(pilot, "Tab next view")
        assert text_of(pilot) != before
        await click(pilot, "loss")
        await click(pilot, " gradients ", 0)
        assert "gradients" in text_of(pilot)


async def test_a_row_of_the_lessons_and_of_the_path_is_opened_where_it_is_clicked() -> None:
    async with opened(None, (120, 40)) as pilot:
        await click(pilot, "fan-out", 0)
        assert pilot.app.session.scenario.name == "fan-out"  # type: ignore[attr-defined]
        await pilot.press("escape", "q")
        assert "▶ · fan-out" in text_of(pilot), "one comes back to the row"
        await pilot.press("e")
        await click(pilot, "The delta of an output neuron", 0)
        assert "output-delta · question 1" in text_of(pilot)


async def test_a_key_with_another_name_is_clicked_under_it() -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        pilot.app.set_keymap({"step": "ctrl+j"})
        await pilot.press("ctrl+j")
        await click(pilot, pilot.app.key_shown(KEYS[0]) + " step")  # type: ignore[attr-defined]
        assert "step 2 of 59" in text_of(pilot)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_what_a_key_is_called_on_the_screen_leads_back_to_it(key) -> None:  # type: ignore[no-untyped-def]
    names = [{"shift+tab": "shift+tab"}.get(name, name) for name in key.keys.split(",")]
    assert key_named(key.shown) in names


def test_of_two_keys_with_one_label_each_is_its_own() -> None:
    canvas = draw([("↑ ↓", "row"), ("Enter", "open")], 60)
    assert [canvas.target_at(x, 0) for x in (1, 3, 5, 40)] == ["↑", "↓", "↑", None]
    assert isinstance(canvas.target_at(12, 0), Press)


def test_a_title_that_names_no_key_presses_none() -> None:
    assert keys_in("1 of 2 questions") == ()
    assert keys_in("then  e(o1) += w(h1→o1) · y(h1)") == ()
    assert [key for *_, key in keys_in("pinned · Tab next view")] == ["Tab"]


async def test_the_help_can_be_searched_and_shows_every_word() -> None:
    async with opened("xor", (60, 20)) as pilot:
        await pilot.press("question_mark")
        page = pilot.app.screen
        assert isinstance(page, Pages)
        words = " ".join(text for text, _ in page.lines).split()
        shown = " ".join(text for row in page.rows(56) for text, _ in row).split()
        assert shown == words
        await pilot.press("slash", *"unfold", "enter")
        assert "unfold" in text_of(pilot)
        at = page.first
        await pilot.press("slash", "enter")
        assert page.first > at  # a blank word goes on
        await pilot.press("slash", "escape")
        await pilot.press("slash", *"zzz", "enter")
        assert "zzz: 0 lines" in text_of(pilot)
