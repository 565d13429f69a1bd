"""What a face loads before it is there: each room of the house that it does not need at that moment is left alone.

A start of the program is loading, most of all.  These are held in a fresh interpreter, as the rooms that are not
entered, so that an import at the top of a module that only one command in a hundred needs does not slow down all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpstep.cli import parser_of_all
from bpstep.subcommands.opening import usual_arguments

#: What no face needs before somebody asks for it.
LATER = {
    "comparison",
    "exercises",
    "importing",
    "library",
    "worksheets",
    "view.say.views",
    "view.page",
    "view.formats",
}

#: Parts of the standard library, and others, that take milliseconds, for what hardly any run of the program does.
RARE = {"csv", "hashlib", "secrets", "shtab", "zipfile"}

#: The screen, as far as its first frame: what is to be loaded after that waits for this call.
SCREEN = """
import sys
from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.stepper import Stepper
assert Stepper._get_ready
Stepper._get_ready = lambda self: self.app.exit(0)
BpstepApp(Console(load(sys.argv[1]))).run(headless=True, size=(80, 24))
"""

COMMAND = "import sys; from bpstep.cli import main; main(sys.argv[1:])"

TOLD = "\nimport sys; print('\\nloaded', *(name for name in sys.modules))"


def loaded(code: str, *arguments: str, given: str = "") -> set[str]:
    """The modules that a program has loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-c", code + TOLD, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded")[2].split())


def rooms(modules: set[str], names: set[str]) -> list[str]:
    """Those of some rooms of the house that a module of is loaded."""
    return sorted(
        name
        for name in names
        if any(module == f"bpstep.{name}" or module.startswith(f"bpstep.{name}.") for module in modules)
    )


@pytest.fixture
def training(tmp_path: Path) -> str:
    script = tmp_path / "train.bps"
    script.write_text("load xor\ntrain 3\n", encoding="utf-8")
    return str(script)


def test_the_first_frame_needs_no_room_that_only_a_key_leads_to() -> None:
    modules = loaded(SCREEN, "xor")
    assert rooms(modules, LATER | {"debugger.commands"}) == []
    assert not RARE & modules


@pytest.mark.parametrize("word", ["list", "--help"])
def test_a_list_needs_argparse_and_hardly_anything_else(word: str) -> None:
    leaving = "\nimport sys, atexit; atexit.register(lambda: print('\\nloaded', *sys.modules)); " + COMMAND
    done = subprocess.run(
        [sys.executable, "-c", leaving, word],
        env=dict(os.environ),  # readline puts a width into the environment behind Python's back
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(done.stdout.rpartition("loaded")[2].split())
    assert not {"dataclasses", "numpy", "pathlib", "shutil", "socket", "typing", "inspect", *RARE} & modules


def test_a_script_that_trains_draws_nothing_and_asks_nothing(training: str) -> None:
    modules = loaded(COMMAND, "replay", training)
    assert rooms(modules, LATER | {"tui", "view.drawing", "view.panes", "view.words", "view.scene"}) == []
    assert not (RARE | {"rich", "textual"}) & modules


def test_a_trace_needs_no_debugger_and_no_picture() -> None:
    modules = loaded(COMMAND, "trace", "mazur-2-2-2")
    assert rooms(modules, LATER | {"tui", "view.panes", "view.scene"}) == []
    assert "textual" not in modules


def test_a_prompt_asks_and_draws_when_it_is_told_to() -> None:
    modules = loaded(COMMAND, "repl", "mazur-2-2-2", given="quit\n")
    later = LATER - {"exercises", "view.say.views"} | {"exercises.kinds", "exercises.tutor"}
    assert rooms(modules, later | {"tui"}) == []  # where progress is kept, and how a step is told, it knows
    assert "textual" not in modules


def test_a_scenario_alone_is_opened_as_the_parser_would_have_it() -> None:
    parsed = vars(parser_of_all().parse_args(["open", "xor"]))
    ours = {name: value for name, value in parsed.items() if name not in ("command", "run", "version")}
    assert vars(usual_arguments("xor")) == ours


def test_a_scenario_alone_needs_no_parser() -> None:
    opening = "import bpstep.cli as c; c.opening._need_terminal = lambda name: sys.exit()"
    leaving = "import sys, atexit; atexit.register(lambda: print('\\nloaded', *sys.modules))"
    code = f"{leaving}; {opening}; c.main(['xor'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.rpartition("loaded")[2].split())
    assert "bpstep.scenario.loader" in modules
    assert "argparse" not in modules
