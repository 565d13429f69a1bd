"""A key makes one frame: how much is parsed, described, drawn and painted for it is counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.pilot import Pilot

import bpstep.debugger.console
import bpstep.tui.running
from bpstep.engine.run import Run
from bpstep.tui import tidying
from bpstep.tui.pane import Pane
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, say, text_of

SIZES = [(80, 24), (120, 40), (200, 60)]

Counts = Counter[str]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """What is done from now on: steps described, lines parsed, frames made, panes drawn, rows repainted, screens laid
    out and painted."""
    found = Counts()

    def count(owner: Any, name: str, tell: Callable[[tuple[Any, ...], Any], dict[str, int]]) -> None:
        work = getattr(owner, name)

        def counting(*arguments: Any, **options: Any) -> Any:
            result = work(*arguments, **options)
            found.update(tell(arguments, result))
            return result

        monkeypatch.setattr(owner, name, counting)

    count(Run, "step", lambda _, step: {"steps": 1})
    for module in (bpstep.debugger.console, bpstep.tui.running):
        count(module, "parse_line", lambda _, call: {"lines": 1})
    count(Stepper, "redraw", lambda _, nothing: {"frames": 1})
    count(Compositor, "reflow", lambda _, changed: {"layouts": 1})
    count(Compositor, "render_update", lambda _, painted: {"paints": 1})
    count(Pane, "_draw", lambda of, rows: {f"drawn {of[0].id}": 1, "rows": len(rows)})
    return found


def rows_shown(pilot: Pilot[int]) -> dict[str, list[str]]:
    """The rows of each pane, as they stand on the screen."""
    panes = pilot.app.screen.query(Pane)
    return {
        str(pane.id): [str(pane.render_line(y)._segments) for y in range(pane.size.height)]
        for pane in panes
        if pane.display
    }


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(("name", "start"), [("xor", 100), ("deep-784-128-10", 103_440)])
async def test_a_key_describes_a_handful_of_steps_and_draws_each_pane_once(
    name: str, start: int, size: tuple[int, int], counts: Counts
) -> None:
    async with opened(name, size) as pilot:
        await say(pilot, f"goto {start}")
        await pilot.press("right")
        for key in ["right"] * 6 + ["left"] * 3:
            before = rows_shown(pilot)
            counts.clear()
            await pilot.press(key)
            assert counts["lines"] == counts["frames"] == 1
            assert counts["layouts"] == 0
            # The step that comes then, what the ledger of another sum has; half a page where the page turns.
            turned = before["program"][0] != rows_shown(pilot)["program"][0] if "program" in before else False
            assert counts["steps"] <= (size[1] if turned else 8), counts
            assert all(counts[what] == 1 for what in counts if what.startswith("drawn"))
            after = rows_shown(pilot)
            differ = sum(a != b for pane in after for a, b in zip(before[pane], after[pane], strict=True))
            assert counts["rows"] == differ


async def test_a_key_of_a_cover_describes_no_step_again(counts: Counts) -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        await say(pilot, "goto 34")
        await pilot.press("w", "down")
        counts.clear()
        await pilot.press("down", "up")
        assert counts["steps"] == 0
        assert counts["frames"] == 0


async def test_playing_lays_nothing_out_and_says_its_speed_all_the_while(counts: Counts) -> None:
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, Stepper)
        last_row = text_of(pilot).split("\n")[-2]
        counts.clear()
        await pilot.press("space")
        assert "playing 4 steps a second" in text_of(pilot)
        assert text_of(pilot).split("\n")[-2] == last_row
        for key, speed in (("+", "8 steps"), ("-", "4 steps"), ("-", "2 steps")):
            counts.clear()
            await pilot.press({"+": "plus", "-": "minus"}[key])
            assert f"playing {speed} a second   Space pause" in text_of(pilot)
            assert counts["frames"] == 0
            screen.player.go_on()
            await pilot.pause()
            assert f"playing {speed} a second" in text_of(pilot)
            assert counts["frames"] == 1
        await pilot.press("space")
        assert "playing" not in text_of(pilot)
        assert counts["layouts"] == 0


async def test_garbage_is_collected_behind_a_frame(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "_A_FEW", -1)
    monkeypatch.setattr(tidying.gc, "isenabled", lambda: True)
    painted: list[int] = []
    monkeypatch.setattr(tidying, "_collect", lambda: painted.append(counts["paints"]))
    async with opened("mazur-2-2-2", (120, 40)) as pilot:
        await pilot.press("right")
        counts.clear()
        painted.clear()
        await pilot.press("right")
        assert painted == [1]
