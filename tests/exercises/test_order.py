"""In which order cells can be computed: whatever is asked, in whatever scenario, there is one, and it is accepted."""

from __future__ import annotations

import random

import pytest

from bpstep.debugger.console import Console
from bpstep.engine.cells import Cell
from bpstep.exercises.asked import last_write
from bpstep.exercises.grade import CORRECT_ANSWER
from bpstep.exercises.kind import Posed, hints_of
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Item
from bpstep.exercises.needs import Needs
from bpstep.scenario.loader import load
from tests.helpers.shipped import SMALL


def posed(session: Console, cells: list[Cell]) -> Posed:
    item = Item(kind="order", ask=tuple(map(str, cells)), path=("item", 0))
    return Posed(KINDS["order"], session, session, session.scenario, item, "test", 1)


@pytest.mark.parametrize("name", SMALL)
def test_whatever_is_asked_has_an_order(name: str) -> None:
    """Of any four cells; and of a parameter that an update makes, and its derivative, which reads the one of before."""
    session, chance = Console(load(name)), random.Random(name)
    needs = Needs(session)
    steps = list(session.run.steps(1, min(session.moment.place.schedule.length, 400)))
    cells = list({step.cell: None for step in steps})
    updated = [step.cell for step in steps if Cell("d", step.cell) in cells]
    for _ in range(4):
        asked = [*chance.sample(cells, 4)]
        if updated:
            changed = chance.choice(updated)
            asked = [
                changed,
                Cell("d", changed),
                *(cell for cell in asked if cell.of != changed and cell != changed),
            ]
        question = posed(session, asked)
        kind = question.kind
        assert kind.grade(question, kind.solution(question)).verdict == CORRECT_ANSWER, asked
        assert "needs none of the others" in hints_of(question)[-1]
        for cell in asked:
            others = needs.of(cell).intersection(asked)
            assert all(last_write(session, other) < last_write(session, cell) for other in others)
