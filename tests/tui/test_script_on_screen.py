"""A script on the screen: its commands one at a time, halted by Space, by a command that fails, and at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.script import Script, parse_script
from bpstep.reach import Reach
from bpstep.tui.app import BpstepApp
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, text_of


def script(*lines: str) -> Script:
    return parse_script("\n".join(lines), "demo.bps", Reach.below(Path()))


async def test_commands_are_played_one_at_a_time() -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        player = stepper.player
        player.play_script(script("until delta[h1]", "expect delta[h1] = 5", "back", "step 2"), 0.001)
        assert "4 commands to come" in text_of(pilot)
        player.go_on()
        await pilot.pause()
        assert stepper.session.position == 37
        assert "until delta[h1]   3 commands to come" in text_of(pilot), "what was played stands there"
        player.go_on()
        player.go_on()
        await pilot.pause()
        assert not player.is_playing, "a command that fails halts it"
        assert "expect delta[h1] = 5" in text_of(pilot)
        await pilot.press("space")
        player.go_on()
        assert stepper.session.position == 36, "and Space goes on with the next"
        await pilot.press("space")
        assert (player.is_playing, list(player.script)) == (False, ["step 2"])
        await pilot.press("space")
        player.go_on()
        assert (stepper.session.position, player.is_playing) == (38, False), "it ends with its last command"


async def test_an_app_begins_with_what_is_to_be_played() -> None:
    async with opened("chain-rule", (80, 24), story=True) as pilot:
        app = pilot.app
        assert isinstance(app, BpstepApp)
        app.to_play = (script("until u"), 0.001)
        assert app.session is not None
        await app.push_screen(app.stepper(app.session))
        await pilot.pause()
        stepper = app.screen
        assert isinstance(stepper, Stepper), "no story lies over it"
        assert list(stepper.player.script) == ["until u"]
        assert app.to_play is None, "it is played once"


async def test_a_key_saves_the_screen(tmp_path: Path) -> None:
    async with opened("chain-rule", (100, 30)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        stepper.session.folder = tmp_path
        await pilot.press("right", "P", "P")
        await pilot.pause()
        assert "step-1-2.svg is written" in text_of(pilot)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["step-1-2.svg", "step-1.svg"], "nothing is written over"
    assert (tmp_path / "step-1.svg").read_text("utf-8") == (tmp_path / "step-1-2.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("script", "words", "says"),
    [
        ("load chain-rule\nuntil delta[nothing]\n", [], "demo.bps:2:7: "),
        ("stpe\n", [], "demo.bps:1:1: "),
        ("step\n", ["--speed", "0"], "--speed goes with --script: 0.01 to 100"),
        ("load xor\nuntil delta[h1]\n", [], "the screen needs a terminal"),
        ("until delta[h1]\n", ["--speed", "2"], "the screen needs a terminal"),
    ],
)
def test_a_script_is_checked_before_the_screen_opens(
    script: str, words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "demo.bps"
    path.write_text(script, encoding="utf-8")
    assert main(["mazur-2-2-2", "--script", str(path), *words]) == 2
    assert says in capsys.readouterr().err
