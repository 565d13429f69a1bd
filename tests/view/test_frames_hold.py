"""A frame takes over what the frame before knew; a screen drawn from it looks, and answers to clicks, as one that is
drawn from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.errors import CommandError
from bpstep.debugger.moment import Moment
from bpstep.engine.cells import CLOCK_KINDS, clock
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import chain, network, program, step, tables, timeline
from bpstep.view.scene.frame import Frame
from tests.helpers.moments import EVERY, moments, opened_at

#: What a learner does between two frames: near moves, far ones, and what changes looks, run or structure.
LINES = (
    "step", "step", "step 2", "step 4", "step 5", "step 12", "back", "back 3", "step neuron", "step phase",
    "back phase", "step epoch", "goto start", "goto end", "set digits = 6", "set digits = 4", "set notation = nielsen",
    "set notation = bpstep", "set lr = 0.25", "set cost = mse", "undo", "set rule = article", "set rule = correct",
    "diff article", "break delta[h1]", "delete 1", "set y[i1] = 0.75", "set w[i1->h1] = 0.5",
    "set optimizer = adam", "predict on", "predict off", "train 2",
)  # fmt: skip


def pictures(frame: Frame, width: int, height: int, top: int) -> Iterator[Canvas]:
    """The panes of a screen; ``top`` is the first step of the program's page."""
    yield timeline.draw(frame, width, 2)
    yield network.draw(
        frame, width, 7 if width > 100 else 12
    )  # in a low one neurons are lines, and windows move
    yield step.draw(frame, width, 6)
    yield chain.draw(frame, width, 10)
    rows = program.rows_from(frame, top, height)
    stops = frame.session.stops_between(rows[0].step, rows[-1].step)
    yield program.draw(frame, 35, height, top, stops)
    yield program.draw(frame, 36, height, top, stops, ruled=True)
    for table in tables.tables_of(frame):
        if table.name in ("weights", "nodes", "variables"):
            yield tables.draw(frame, width, 8, table.name)


def answers(canvas: Canvas) -> list[list[str | None]]:
    """What a click on each cell of a picture stands for: what `Canvas.target_at` says, for all cells at once."""
    found: list[list[str | None]] = [[None] * canvas.width for _ in range(canvas.height)]
    for link in canvas._links:
        for y in range(max(link.y, 0), min(link.y + link.height, canvas.height)):
            for x in range(max(link.x, 0), min(link.x + link.width, canvas.width)):
                target = link.target
                found[y][x] = target if isinstance(target, str) else target(x - link.x, y - link.y)
    return found


def check_as_drawn_anew(handed_on: Canvas, anew: Canvas, told: object) -> None:
    """A picture looks as one that is drawn from nothing, and what is clicked on it is what is seen there."""
    assert handed_on.rows() == anew.rows(), told
    assert answers(handed_on) == answers(anew), told


@settings(max_examples=40)
@given(
    st.sampled_from(
        ["mazur-2-2-2", "xor", "deep-softmax", "chain-rule", "article-2-3-2-1", "adam", "vanishing"]
    ),
    st.lists(st.sampled_from(LINES), min_size=2, max_size=8),
    st.integers(0, 100),
    st.sampled_from([(80, 20), (120, 38)]),
)
def test_what_was_drawn_before_changes_nothing(
    name: str, lines: list[str], percent: int, size: tuple[int, int]
) -> None:
    session = opened_at(name)
    session.position = session.run.timeline.start_of_batch(1) * percent // 100
    frame, top = Frame.of(session), 1
    for line in lines:
        with suppress(CommandError):
            session.execute(line)
        frame = Frame.of(session, frame)
        top = program.page(frame, top, size[1])
        pairs = zip(pictures(frame, *size, top), pictures(Frame.of(session), *size, top), strict=True)
        for number, (handed_on, anew) in enumerate(pairs):
            check_as_drawn_anew(handed_on, anew, (line, number))


@pytest.mark.parametrize(
    ("name", "height"), [("mazur-2-2-2", 12), ("mazur-2-2-2", 7), ("article-2-3-2-1", 30), ("vanishing", 12)]
)
def test_a_walk_hands_on_what_is_so(name: str, height: int) -> None:
    session = opened_at(name)
    frame = Frame.of(session)
    end = session.run.timeline.start_of_batch(1)
    for position in [*range(end + 1), *range(end, 0, -3)]:
        session.position = position
        frame = Frame.of(session, frame)
        for draw in (
            lambda frame: network.draw(frame, 110, height),
            lambda frame: tables.draw(frame, 90, 9, "weights"),
        ):
            check_as_drawn_anew(draw(frame), draw(Frame.of(session)), position)


@pytest.mark.parametrize("name", EVERY)
def test_a_cell_that_no_step_has_written_is_as_it_was(name: str) -> None:
    session = opened_at(name)
    told = {factor.cell for number in moments(name) for factor in session.run.step(number).inputs}
    told |= {session.run.step(number).cell for number in moments(name)}
    told |= {clock(kind) for kind in CLOCK_KINDS}
    for position in moments(name)[::5]:
        for start in (position - 3, position + 2):
            if 0 <= start <= session.length:
                session.position = start
                before = Frame.of(session)
                for cell in told:
                    before.read(cell)
                session.position = position
                taken, moment = Frame.of(session, before).readings, Moment(session.run, position)
                wrong = {cell for cell, reading in taken.items() if reading != moment.read(cell)}
                assert not wrong, (start, position)
