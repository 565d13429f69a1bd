"""What is not in sight is counted, and a click on the timeline leads to the step under it."""

from __future__ import annotations

import re

import pytest

from bpstep.scenario.catalogue import entries
from bpstep.view.panes import home, timeline
from bpstep.view.scene.frame import Frame
from tests.helpers.moments import moments, opened_at


@pytest.mark.parametrize("height", [8, 20, 60])
def test_the_list_says_how_many_lessons_are_above_and_below(height: int) -> None:
    lessons = entries()
    for at in range(len(lessons)):
        head, *rows = home.draw_list(lessons, [], at, 80, height).text().split("\n")
        shown = [
            place for place, entry in enumerate(lessons) if any(f"  {entry.name} " in row for row in rows)
        ]
        assert at in shown
        told = dict(re.findall(r"([↑↓]) (\d+) more", head))
        assert int(told.get("↑", 0)) == shown[0]
        assert int(told.get("↓", 0)) == len(lessons) - 1 - shown[-1]


@pytest.mark.parametrize("name", ["mazur-2-2-2", "chain-rule", "xor", "deep-784-128-10", "batch-or-online"])
def test_a_click_on_the_timeline_puts_the_cursor_there(name: str) -> None:
    session = opened_at(name)
    for position in moments(name)[::40]:
        session.position = position
        canvas = timeline.draw(Frame.of(session), 80)
        for x in [x for x, char in enumerate(canvas.text().split("\n")[1]) if char in "━─◆"]:
            line = canvas.target_at(x, 1)
            assert line is not None
            session.execute(line)
            assert timeline.draw(Frame.of(session), 80).text().split("\n")[1].index("◆") >= x
            assert session.position == 1 or cursor_at(name, session.position - 1) <= x
            session.position = position


def cursor_at(name: str, position: int) -> int:
    """Where the cursor stands at a position."""
    return timeline.draw(Frame.of(opened_at(name, position=position)), 80).text().split("\n")[1].find("◆")
