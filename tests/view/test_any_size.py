"""Whatever the size, the digits and the step: every pane can be drawn.  A screen that is being resized asks for odd
ones."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import cycle, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.console import Console
from bpstep.engine.cells import COST
from bpstep.engine.specs import ExpressionSpec
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.line import Line
from bpstep.view.panes import chain, network, step, tables, timeline
from bpstep.view.scene.frame import Frame
from bpstep.view.words.arrived import Arrived, draw_bars
from tests.helpers.moments import EVERY, forward_mode, moments, opened_at
from tests.helpers.shipped import WALKED

#: Tables that compute; they are drawn as text, which any size can hold.
_SLOW = {"work", "check", "diff"}


@cache
def session_of(name: str) -> Console:
    return Console(load(name))


@given(
    st.sampled_from(WALKED),
    st.floats(0, 1),
    st.integers(20, 200),
    st.integers(1, 60),
    st.integers(2, 12),
)
def test_every_pane(name: str, place: float, width: int, height: int, digits: int) -> None:
    session = session_of(name)
    session.execute(f"set digits = {digits}")
    session.position = round(place * session.length)
    frame = Frame.of(session)
    drawn = [draw(frame, width, height) for draw in (timeline.draw, network.draw, step.draw, chain.draw)]
    names = [table.name for table in tables.tables_of(frame) if table.name not in _SLOW]
    drawn += [tables.draw(frame, width, height, table) for table in names]
    for canvas in drawn:
        lines = canvas.text().split("\n")
        assert len(lines) <= height
        assert max(map(len, lines)) <= width


# --- nothing is written over anything -------------------------------------------------------------------------

#: Panes as they are on screens of 80 and 120 columns.
SIZES = ((80, 10), (85, 14))
#: What stands above the panes, on the narrowest screen, too.
NARROW = ((60, 2), (80, 2))


@pytest.fixture
def written_over(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What was written over by what: (text, character before, character after); lines may be."""
    found: list[tuple[str, str, str]] = []
    put = Line.put

    def watched(self: Line, x: int, text: str, role: str, *, beneath: bool = False) -> None:
        for before, char in zip(self.chars[x : x + len(text)], text, strict=True):
            set_off = before in ("[", "]") and char == "┃"  # the bracket of a row that is set off
            covered = "─" if not beneath else char  # what comes beneath a label is not seen
            if before not in ("", " ", covered, char) and not set_off:
                found.append((text, before, char))
        put(self, x, text, role, beneath=beneath)

    monkeypatch.setattr(Line, "put", watched)
    return found


@pytest.mark.parametrize("notation", NOTATIONS)
def test_nothing_is_written_over_anything(notation: str, written_over: list[tuple[str, str, str]]) -> None:
    sizes = cycle(SIZES)
    for number, name in enumerate(EVERY, list(NOTATIONS).index(notation)):
        commands = forward_mode(name) if number % 3 == 0 else ()
        session = opened_at(name, commands)
        session.options = replace(session.options, notation=notation)
        for position in moments(name, commands)[number % 5 :: 5]:
            session.position = position
            for draw in (network.draw, timeline.draw, step.draw, chain.draw):
                for width, height in {network.draw: SIZES, timeline.draw: NARROW}.get(draw, (next(sizes),)):
                    picture = draw(Frame.of(session), width, height).text().split("\n")
                    where = (name, session.options.notation, position, width, draw.__module__)
                    assert not written_over, where
                    assert not broken_frames(picture), where


def broken_frames(picture: list[str]) -> list[str]:
    """The rows in which the numbers of a card run into its frame."""
    tops = [
        (y, top) for y, row in enumerate(picture) for top in re.finditer(r"[╭┏][─━] \w+ [^╭┏]*?[╮┓]", row)
    ]
    return [
        row
        for y, top in tops
        for row in picture[y + 1 : y + 3]
        for side in (row[top.start() : top.start() + 1], row[top.end() - 1 : top.end()])
        if side.isalnum() or side in "+−.~*…"
    ]


NOT_ONLY_FINITE = [1.0, -0.5, 0.0, float("inf"), -float("inf"), float("nan")]


@pytest.mark.parametrize("values", list(product(NOT_ONLY_FINITE, repeat=3)))
def test_bars_of_whatever_arrived(values: tuple[float, float, float]) -> None:
    session = session_of("mazur-2-2-2")
    pulls = Arrived(COST, (("via a", values[0]), ("via b", values[1])), values[2], ())
    assert draw_bars(session, pulls, Canvas(78, 6), 1, 4) == 3


def test_the_root_of_an_expression_is_always_in_sight() -> None:
    for name in EVERY:
        session = opened_at(name)
        problem = session.setup.problem
        if not isinstance(problem, ExpressionSpec) or problem.has_arrays:
            continue
        root = session.setup.graph.root.names[0]
        for position in (0, *moments(name)):
            session.position = position
            for width, height in SIZES:
                text = network.draw(Frame.of(session), width, height).text()
                assert re.search(rf"[┃│┤┫┨] {root if len(root) <= 2 else '='} ", text), (
                    name,
                    position,
                    width,
                )
                if name in WALKED:
                    assert "…" not in text.replace("… ", ""), (name, position, text)
