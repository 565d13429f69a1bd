"""Whatever the size, the digits and the step: every pane can be drawn.  A screen that is being resized asks for odd
ones."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.session import Session
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from bpstep.view import chain, network, step, tables, timeline

#: Tables that compute; they are drawn as text, which any size can hold.
_SLOW = {"work", "check", "diff"}


@cache
def session_of(name: str) -> Session:
    return Session(load(name))


@given(
    st.sampled_from(builtin_names()),
    st.floats(0, 1),
    st.integers(20, 200),
    st.integers(1, 60),
    st.integers(2, 12),
)
def test_every_pane(name: str, place: float, width: int, height: int, digits: int) -> None:
    session = session_of(name)
    session.execute(f"set digits = {digits}")
    session.position = round(place * session.length)
    drawn = [draw(session, width, height) for draw in (timeline.draw, network.draw, step.draw, chain.draw)]
    names = [table.name for table in tables.tables_of(session) if table.name not in _SLOW]
    drawn += [tables.draw(session, width, height, table) for table in names]
    for canvas in drawn:
        lines = canvas.text().split("\n")
        assert len(lines) <= height
        assert max(map(len, lines)) <= width
