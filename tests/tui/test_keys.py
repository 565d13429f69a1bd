"""Keys have ids: whoever wants other keys names a row of the table, and every place that has the key follows."""

from __future__ import annotations

import re

import pytest
from textual.binding import Binding

from bpstep.debugger.console import Console
from bpstep.debugger.settings import config_file, read_settings
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.ask_cover import AskCover
from bpstep.tui.chooser import Chooser
from bpstep.tui.command_line import CommandLine
from bpstep.tui.fold_cover import FoldCover
from bpstep.tui.home import Home
from bpstep.tui.keys import KEYS
from bpstep.tui.loss_cover import LossCover
from bpstep.tui.pages import Pages
from bpstep.tui.path_screen import PathScreen
from bpstep.tui.remapping import remapped
from bpstep.tui.stepper import Stepper
from bpstep.tui.why_cover import WhyCover
from tests.helpers.screens import opened, running, text_of

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
    rows = {row.id for row in KEYS}
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


async def test_keys_and_looks_of_the_file_hold_and_what_is_wrong_there_is_told() -> None:
    config_file().write_text(
        'theme = "light"\nlooks = 1\n[keys]\nneuron = "w"\nwhy = "j"\nback = "q"\nstep = "wurst"\nthe-step = "a"\n',
        encoding="utf-8",
    )
    app = BpstepApp(Console(load("mazur-2-2-2")), read_settings())
    app.tells_story = False
    async with running(app, (120, 40)) as pilot:
        await pilot.pause()
        told = text_of(pilot)
        assert "unknown setting looks" in told
        assert 'keys.back: "q" is the key of quit' in told
        assert 'keys.step: "wurst" is no key' in told
        assert "keys.the-step: there is no key of this name" in told
        assert app.theme_name == "light"
        await pilot.press("w")
        assert "step 4 of 59" in text_of(pilot)  # the end of a neuron
        await pilot.press("left")
        assert "step 3 of 59" in text_of(pilot)


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"step": "]", "phase": "s"}, None),
        ({"neuron": ","}, "comma"),
        ({"neuron": "ctrl+j, f7"}, "ctrl+j,f7"),
    ],
)
def test_a_key_has_one_row(given: dict[str, str], keys: str | None) -> None:
    keymap, faults = remapped(given)
    if keys is None:  # the row of → has s as well, which it gives away with all its keys
        assert keymap == {"step": "right_square_bracket", "phase": "s"}
    else:
        assert keymap == {"neuron": keys}
    assert faults == []
