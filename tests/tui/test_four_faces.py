"""One session in four ways: by key, by command on the screen, at the prompt, in a script; with one result."""

from __future__ import annotations

import io
from pathlib import Path

from bpstep.debugger.console import Console
from bpstep.repl import converse
from bpstep.scenario.loader import load
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import opened, say

LINES = (
    "until backward",
    "step neuron 3",
    "break d(y[h1])",
    "continue",
    "back",
    "set w[h1->o1] = 0.9",
    "step 3",
)


async def by_keys() -> tuple[object, ...]:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("right_square_bracket", "right", "n", "n", "n")
        await say(pilot, "break d(y[h1])")
        await pilot.press("c", "left")
        await say(pilot, "set w[h1->o1] = 0.9")
        await pilot.press("right", "right", "right")
        screen = pilot.app.screen
        assert isinstance(screen, Stepper)
        return seen(screen.session)


async def by_commands() -> tuple[object, ...]:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        for line in LINES:
            await say(pilot, line)
        screen = pilot.app.screen
        assert isinstance(screen, Stepper)
        return seen(screen.session)


def seen(session: Console) -> tuple[object, ...]:
    """Where it stands, and every number in every state."""
    from bpstep.scenario.arithmetic import parse_cell

    readings = [
        session.read(parse_cell(name, vocabulary=session.scope.vocabulary))
        for name in session.scope.known_cells()
    ]
    return session.position, [stop.text for stop in session.stops.stops], readings


async def test_the_same_session_in_four_ways(tmp_path: Path) -> None:
    prompt = Console(load("mazur-2-2-2"))
    assert converse(prompt, io.StringIO("\n".join(LINES) + "\n"), io.StringIO()) == 0
    script = tmp_path / "same.bps"
    script.write_text("\n".join(("load mazur-2-2-2", *LINES)) + "\n", "utf-8")
    replayed = Console(load("chain-rule"))
    replayed.folder = tmp_path
    replayed.execute("source same.bps")
    wanted = seen(prompt)
    assert seen(replayed) == wanted
    assert await by_commands() == wanted
    assert await by_keys() == wanted
    assert any(reading is not None and reading.state == "stale" for reading in wanted[2])  # type: ignore[attr-defined]
    position = prompt.position
    prompt.execute("goto end")
    prompt.execute("rcontinue")
    assert prompt.position == 35 < position, "in reverse it halts where it halted on the way"
