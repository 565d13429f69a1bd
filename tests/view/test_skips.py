"""A wire that leaves the screen is told at the neuron that it leaves, whatever the size of the screen."""

from __future__ import annotations

import pytest

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.scenario.loader import load
from bpstep.view.panes import network
from bpstep.view.scene.frame import Frame

SIZES = [(60, 9), (80, 10), (85, 12), (125, 30)]


def card(text: str, name: str) -> str:
    """The upper edge of a neuron's card, or the name of a source and what stands behind it; "" without either."""
    for line in text.split("\n")[1:]:
        for left, right in ("┏┓", "╭╮"):
            _, found, behind = line.partition(f"{left}{'━' if left == '┏' else '─'} {name} ")
            if found:
                return behind.partition(right)[0]
        if line.startswith(f" {name} "):
            return line[:9]
    return ""


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", ["residual-chain", "xor-direct", "mazur-2-2-2"])
def test_the_wire_of_a_step_is_on_the_screen_or_told_to_leave_it(name: str, width: int, height: int) -> None:
    session = Session(load(name))
    for position in range(1, session.run.timeline.start_of_batch(1)):
        session.position = position
        frame = Frame.of(session)
        step = frame.step
        assert step is not None
        if step.op != "contribute" or step.local is None or step.cell.kind != "d":
            continue
        head, tail = step.local.cell.of, step.local.cell.by
        assert isinstance(head, Cell)
        assert isinstance(tail, Cell)
        if head.kind != "e" or tail.kind != "y" or not isinstance(tail.of, str):
            continue
        text = network.draw(frame, width, height).text()
        assert card(text, str(head.of)) or f"◀ {head.of} " in card(text, tail.of), (position, text)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_who_is_used_over_the_heads_of_others_says_by_whom(width: int, height: int) -> None:
    session = Session(load("residual-chain"))
    order = ["x", "a", "p", "b", "q", "c", "r", "g", "o"]
    for position in range(session.run.timeline.start_of_batch(1)):
        session.position = position
        text = network.draw(Frame.of(session), width, height).text()
        shown = [name for name in order if card(text, name)]
        for one, user in zip(("p", "q", "r", "x"), ("q", "r", "o", "p"), strict=True):
            if one in shown[1:] or (one in shown and one == "x"):
                is_told = f"{user} ›" in card(text, one) or "◀" in card(text, one)
                assert is_told == (user not in shown), (position, one, text)
