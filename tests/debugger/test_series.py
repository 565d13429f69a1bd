"""Where a run is halted is where a walk step by step would halt, in both modes, edits included."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import Expression, parse, value_or_none
from bpstep.debugger.moment import Moment
from bpstep.debugger.series import change_points, changed_at, holding, steps_of
from tests.helpers.commands import SMALL, Lines, carried_out, opened

#: As much of a run as a walk has the time for.
_BATCHES = 2


def drawn(lines: Lines) -> Expression | None:
    """An expression that this run has the cells for."""
    try:
        return parse(lines.session.scope, lines.one(lines.condition(), lines.expression(), lines.cell()))
    except CommandError:
        return None


def changed(session: Console, scenario: str, chance: random.Random) -> None:
    """Stand somewhere, and change something there; now and then in forward mode."""
    lines = Lines(chance, session)
    if chance.random() < 0.5:
        carried_out(session, f"set mode = forward {lines.settable()}")
    for _ in range(3):
        carried_out(session, f"goto {chance.randint(0, min(60, session.length))}")
        carried_out(session, f"set {lines.settable()} = {lines.value()}")


@pytest.mark.parametrize("scenario", SMALL)
def test_as_step_by_step(scenario: str, tmp_path: Path) -> None:
    chance = random.Random(scenario)
    session = opened(scenario, tmp_path)
    for _ in range(3):
        changed(session, scenario, chance)
        found = [one for _ in range(4) if (one := drawn(Lines(chance, session))) is not None]
        for batch in range(min(_BATCHES, session.run.timeline.batches)):
            for expression in found:
                held_against_a_walk(session, expression, batch)


def held_against_a_walk(session: Console, expression: Expression, batch: int) -> None:
    """Every position of a batch, looked at one by one."""
    positions = steps_of(session.run, batch)
    moments = [Moment(session.run, at) for at in positions.tolist()]
    holds = [expression.holds(moment) for moment in moments]
    assert holding(session.run, expression, batch, positions).tolist() == holds, expression.text
    values = [
        value_or_none(moment, expression.node)
        for moment in [Moment(session.run, int(positions[0]) - 1), *moments]
    ]
    changes = [
        at
        for at, before, now in zip(positions.tolist(), values, values[1:], strict=False)
        if now is not None and now != before and not (before is not None and now != now and before != before)
    ]
    assert changed_at(session.run, expression, batch).tolist() == changes, expression.text
    assert set(changes) <= set(change_points(session.run, expression, batch).tolist())


def test_a_change_by_hand_halts_where_it_was_made(tmp_path: Path) -> None:
    session = opened("mazur-2-2-2", tmp_path)
    for line in ("goto 20", "set w[i1->h1] = 0.3", "set lr = 0.1"):
        session.execute(line)
    session.execute("until lr < 0.2")
    assert session.position == 21  # the first step that it acts on
    session.execute("goto start")
    session.execute("until lr < 0.2")
    assert session.position == 20
    session.execute("goto start")
    session.execute("watch w[i1->h1]")
    session.execute("continue")
    assert session.position == 20
    session.execute("continue")
    assert session.position == 48
