"""Every word can be read: what does not fit its place goes on, and the place says how to read on."""

from __future__ import annotations

from functools import cache

import pytest
from textual.pilot import Pilot

from bpstep.debugger.console import Console
from bpstep.scenario.loader import load, loads
from bpstep.scenario.model import Note
from bpstep.tui.column import Column
from bpstep.tui.pages import Pages
from bpstep.tui.stepper import Stepper
from bpstep.view.scene.frame import Frame
from bpstep.view.words.narrate import sentence
from bpstep.view.words.notes import note_text
from tests.helpers.moments import moments, opened_at
from tests.helpers.screens import opened, text_of
from tests.helpers.shipped import WALKED

SIZES = [(80, 24), (120, 40), (60, 20)]

#: A note that is longer than any place for notes.
ENDLESS = """
format = 1
title = "A long note"
[expression]
define = ["y = x^2"]
parameters = ["x"]
[expression.inputs]
x = 1.5
[[note]]
at = "start"
say = "WORDS"
""".replace("WORDS", " ".join(f"word{number}" for number in range(120)))


@cache
def longest_notes() -> list[tuple[Console, int, Note]]:
    """Of every scenario the longest note, with the first position at which it is shown."""
    found: list[tuple[Console, int, Note]] = []
    for scenario in (*map(load, WALKED), loads(ENDLESS, "endless")):
        session = Console(scenario)
        at: int | None = 0
        met: dict[Note, int] = {}
        while at is not None and len(met) < len(scenario.notes) and at < 3000:
            session.position = at
            if session.note is not None:
                met.setdefault(session.note, at)
            at = session.next_note(at)
        if met:
            note = max(met, key=lambda note: len(note_text(Frame.of(session), note)))
            found.append((session, met[note], note))
    return found


async def show(pilot: Pilot[int], session: Console, position: int) -> Stepper:
    """Put another session on the screen that is open."""
    stepper = pilot.app.screen
    assert isinstance(stepper, Stepper)
    session.position = position
    stepper.session, stepper.note_from, stepper.view_name = session, 0, ""
    stepper.redraw()
    await pilot.pause()
    return stepper


def seen_in(pilot: Pilot[int], name: str) -> str:
    """What stands on the screen where a pane is, or a part of the main column."""
    screen = pilot.app.screen
    found = screen.query(name)
    x, y, width, height = found.first().region if found else screen.query_one(Column).region_of(name[1:])
    rows = text_of(pilot).split("\n")[y : y + height]
    return "\n".join(row[x : x + width] for row in rows)


def words(text: str) -> str:
    """The words of a text, without the bar of a note."""
    return " ".join(text.replace("┃", " ").split())


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_word_of_a_note_is_there_or_a_key_away(size: tuple[int, int]) -> None:
    async with opened("chain-rule", size) as pilot:
        for session, position, note in longest_notes():
            stepper = await show(pilot, session, position)
            read = [seen_in(pilot, "#note")]
            if not read[0]:
                head, _, part = seen_in(pilot, "#chain").partition("\n")
                read.append(part)
                while "Tab to read on" in head and len(read) < 20:
                    stepper.action_view(1)
                    head, _, part = seen_in(pilot, "#chain").partition("\n")
                    read.append(part)
                assert head.endswith("Tab chain rule ─"), (session.scenario.name, position)
            assert words(" ".join(read)) == words(note_text(Frame.of(session), note)), (
                session.scenario.name,
                position,
            )


#: Scenarios that have together what makes a step long: a long formula, long names, a mean, every optimizer's words.
LONG = ("softmax", "dead-relu", "deep-softmax", "long-names", "summed-kink", "mazur-2-2-2")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_word_of_a_step_is_there_or_a_key_away(size: tuple[int, int]) -> None:
    async with opened("chain-rule", size) as pilot:
        for number, name in enumerate(LONG):
            session = opened_at(name)
            for position in moments(name)[number % 8 :: 8]:
                stepper = await show(pilot, session, position)
                stepper.note_from = None
                stepper.redraw()
                wanted = words(sentence(Frame.of(session), session.run.step(position)))
                if wanted not in words(seen_in(pilot, "#step")):
                    assert "Tab in words ─" in seen_in(pilot, "#chain"), (name, position)
                    stepper.action_view(1)
                    assert wanted in words(seen_in(pilot, "#chain")), (name, position)


#: Marks are no words: those of Markdown, and what stands in the place of some.
_MARKS = str.maketrans("", "", "`*·")


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=str)
async def test_every_word_of_a_story_can_be_read_with_the_arrow_keys(size: tuple[int, int]) -> None:
    async with opened("mazur-2-2-2", size, story=True) as pilot:
        await pilot.pause()
        stepper = pilot.app.screen_stack[-2]
        assert isinstance(stepper, Stepper)
        page, read = pilot.app.screen, list[str]()
        assert isinstance(page, Pages)
        for _ in range(60):
            rows = [row.strip() for row in seen_in(pilot, "#page").split("\n")[1:-1]]
            read += [row for row in rows if row not in read]
            page.action_move(1)
        told = words(" ".join(read))
        story, shown = ("".join(text.split()).translate(_MARKS) for text in (stepper.session.story, told))
        assert story in shown
        assert "`" not in told
