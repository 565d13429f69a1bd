"""A key makes one frame: how much is parsed, described, drawn and painted for it is counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

import bpstep.debugger.console
import bpstep.tui.running
from bpstep.engine.run import Run
from bpstep.tui.pane import Pane
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, say

SIZES = [(80, 24), (120, 40), (200, 60)]

Counts = Counter[str]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """What is done from now on: steps described, lines parsed, frames made, panes drawn, rows repainted."""
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
