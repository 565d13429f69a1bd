"""What `why` says of the contributions that came together is true of them: of each who is named, and of the rest."""

from __future__ import annotations

import math
import re

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.why import why
from bpstep.engine import cells
from bpstep.engine.rules import CORRECT
from bpstep.scenario.loader import loads
from bpstep.view.words.arrived import Arrived, arrived
from tests.helpers.moments import EVERY, moments, opened_at

#: What a learner may have done before: nothing, a number that is too large for what comes, or 0; a wrong rule.
BEFORE = ((), ("set {} = -1e300",), ("set {} = 0",), ("set rule = no-derivative",))

NO_NUMBER = """
format = 1
title = "The slope of a root at 0"
[expression]
define = ["p = x * 0", "y = relu(x) + sqrt(p) * x"]
[expression.inputs]
x = 2
"""


@pytest.mark.parametrize("before", BEFORE, ids=" ".join)
@pytest.mark.parametrize("name", EVERY)
def test_who_is_said_to_pull_one_way_does(name: str, before: tuple[str, ...]) -> None:
    first = opened_at(name).scope.known_cells()[0]
    commands = tuple(command.format(first) for command in before)
    try:
        session = opened_at(name, commands)
    except CommandError:
        pytest.skip("a rule that does not apply here")
    for position in moments(name)[::2]:
        session.position = min(position, session.length)
        step = session.step
        found = arrived(session, why(session.moment, step.cell)) if step is not None else None
        if found is not None:
            is_true(session, found)


def test_what_is_no_number_is_not_called_0() -> None:
    session = Console(loads(NO_NUMBER, "root.toml"))
    session.position = session.length
    found = arrived(session, why(session.moment, cells.d(cells.var("x"))))
    assert found is not None
    assert "no finite number" in found.says[0]
    is_true(session, found)


def is_true(session: Console, found: Arrived) -> None:
    said, values = found.says[0], [value for _, value in found.pulls]
    reading = session.read(found.cell)
    assert ("o far: " in said) <= (reading is None or reading.state == "partial" or session.setup.reduces(2))
    assert (session.setup.rule is CORRECT) == (not re.match(r"By \S+: ", said))
    if "no finite number" in said or not all(map(math.isfinite, values)):
        assert "no finite number" in said
        assert not all(map(math.isfinite, values))
        return
    signs = [{who.removeprefix("via ") for who, value in found.pulls if value * sign > 0} for sign in (1, -1)]
    assert ("every contribution is 0" in said) == (signs == [set(), set()])
    assert ("All agree" in said) <= (0 not in values and signs.count(set()) == 1)
    assert ("the other way" in said) == (0 in values and signs.count(set()) == 1)
    named = [names for names in signs if names and len(names) <= 4]
    for names in named:
        assert "All agree" in said or all(who in said for who in names), (said, found.pulls)
    for who, value in found.pulls:
        assert (
            value != 0
            or any(who.removeprefix("via ") in names for names in signs)
            or f" {who[4:]} " not in said
        )
    way = {"smaller": 0, "larger": 1, "grows by": 0, "falls by": 1}
    for words, side in way.items():
        assert words not in said or signs[side], (said, found.pulls)
    for outcome in found.says[1:]:
        assert "negative side" not in outcome or found.total < 0 < len(signs[0])
        assert "positive side" not in outcome or found.total > 0 < len(signs[1])
