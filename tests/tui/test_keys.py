"""Keys have ids: whoever wants other keys names a row of the table, and every place that has the key follows."""

from __future__ import annotations

import re

from textual.binding import Binding

from bpstep.tui.ask_cover import AskCover
from bpstep.tui.chooser import Chooser
from bpstep.tui.command_line import CommandLine
from bpstep.tui.fold_cover import FoldCover
from bpstep.tui.home import Home
from bpstep.tui.keys import working_keys
from bpstep.tui.loss_cover import LossCover
from bpstep.tui.pages import Pages
from bpstep.tui.path_screen import PathScreen
from bpstep.tui.stepper import Stepper
from bpstep.tui.why_cover import WhyCover
from tests.helpers.screens import opened, text_of

ROOMS = (
    Stepper,
    WhyCover,
    FoldCover,
    LossCover,
    AskCover,
    Pages,
    Chooser,
    CommandLine,
    Home,
    PathScreen,
)


def test_every_key_has_an_id_and_no_id_means_two_things() -> None:
    does: dict[str, str] = {}
    rows = {row.id for row in working_keys()}
    for room in ROOMS:
        for binding in room.BINDINGS:
            assert isinstance(binding, Binding)
            if (
                binding.action == "stop_working"
            ):  # what Esc does while something goes on is nobody's to give away
                continue
            assert binding.id, (room, binding)
            name = binding.action if binding.id not in rows else binding.id
            assert does.setdefault(f"{binding.id}", name) == name


async def test_another_key_does_what_a_row_says_and_is_shown() -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        pilot.app.set_keymap({"step": "x", "help": "f5"})
        await pilot.press("x")
        assert "step 1 of 59" in text_of(pilot)
        await pilot.press("right")
        assert "step 1 of 59" in text_of(pilot)
        assert " x step" in text_of(pilot)
        await pilot.press("f5")
        assert isinstance(pilot.app.screen, Pages)
        assert re.search(r"\bx +one step$", text_of(pilot), re.MULTILINE)
        await pilot.press("x")  # a page is open: it goes, and the key is the stepper's
        assert "step 2 of 59" in text_of(pilot)
