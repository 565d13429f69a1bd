"""Scenario files: shipped and made-up ones, most of them mangled.

What loads is walked a little, by every face that takes a file: `check`, `work`, `trace`, and a session's views.
"""

from __future__ import annotations

import json
import re

from bpstep.debugger.view_names import SHOWN
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError
from tests.fuzz.case import FALSE, Case
from tests.fuzz.equations import evaluated, holds
from tests.fuzz.intervals import ANYTHING, exactly, minus, plus
from tests.fuzz.large import large
from tests.fuzz.mangling import mangled
from tests.fuzz.program import run
from tests.fuzz.talking import opened, say
from tests.fuzz.truths import check_step, check_text
from tests.fuzz.worlds import SMALL, made_up, shipped

__all__ = ["SIZE", "play"]

SIZE = 10
_STEPS = 12
#: A file may state a run of a thousand million epochs; who goes to the end of it has to wait.
_FARTHEST = 20_000
_COMMAND_LINES = (
    "check", "check --json", "work", "work --json", "trace --last", "trace --last --rule overwrite",
    "trace --last --format csv",
    "trace --last --format text", "diff --rule overwrite", "diff --rule article --json",
)  # fmt: skip


def play(case: Case) -> None:
    """Ten files."""
    for number in range(SIZE):
        _one(case, number)


def _one(case: Case, number: int) -> None:
    chance = case.chance
    is_made_up = chance.random() < 0.4
    text = made_up(chance) if is_made_up else shipped(chance.choice(SMALL))
    is_right = is_made_up and chance.random() < 0.25
    text = text if is_right else large(chance) if chance.random() < 0.01 else mangled(text, chance)
    path = case.folder / f"s{number}.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with case.input(text):
        try:
            scenario = load(str(path))
        except ScenarioError as error:
            case.hold_safe("message of a file", str(error))
            if is_right and "constant is" not in str(error):  # ln(3 - 10), which the author can not mean
                case.found(FALSE, "a right file is refused", str(error))
            if not error.problems:
                case.found(FALSE, "a file is refused without a reason", text)
            return
        _walk(case, scenario)
    if chance.random() < 0.1:
        _on_the_command_line(case, str(path))


def _walk(case: Case, scenario: Scenario) -> None:
    """Some steps at the start, in the middle and at the end, and a view."""
    session, chance = opened(case, scenario), case.chance
    length = min(session.length, _FARTHEST)
    numbers = {1, length, *(chance.randint(1, length) for _ in range(_STEPS))} if length else set()
    for number in sorted(numbers):
        check_step(case, session.run.step(number))
    if length:
        session.position = chance.randint(0, length)
    if chance.random() < 0.3:
        assert session.render is not None
        view = chance.choice(SHOWN)
        check_text(case, session, f"show {view}", session.render(view))
    if chance.random() < 0.2 and length:
        say(case, session, "why")


def _read_trace(case: Case, text: str) -> None:
    """The lines of a trace, read as another program reads them: each formula with its inputs gives its value."""
    for line in text.splitlines()[1 : _STEPS + 1]:
        record = json.loads(line)
        left, sign, right = re.split(r" ([-+]?=) ", record["formula"], maxsplit=1)
        known = {name: exactly(float(value)) for name, value in record["inputs"].items()}
        found = evaluated(right, known) if "sum(" not in right else ANYTHING
        if sign != "=":
            before = exactly(float(record["was"] or 0.0))
            found = plus(before, found) if sign == "+=" else minus(before, found)
        if left != record["cell"] or not holds(float(record["value"]), found):
            case.found(FALSE, f"line of a trace, {record['op']}", f"{line}: {found}")


def _on_the_command_line(case: Case, path: str) -> None:
    """The same file given to the program itself."""
    words = case.chance.choice(_COMMAND_LINES).split()
    _, text = run(case, [words[0], path, *words[1:]])
    if words[0] == "trace" and "--format" not in words:
        _read_trace(case, text)
