"""A session as a face holds it: a line goes in, text comes out, or one line that says what is wrong."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import lru_cache

from bpstep.debugger.answers import Answer
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExpectationError
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from bpstep.visible import visible
from tests.fuzz.case import FALSE, Case, GivenUpError
from tests.fuzz.large import large
from tests.fuzz.truths import check_answer, check_landing, check_text
from tests.fuzz.worlds import LARGE, SMALL, made_up

__all__ = ["any_session", "attached", "opened", "say", "scenario_named"]

_WIDTH = 80


@lru_cache(maxsize=64)
def scenario_named(name: str) -> Scenario:
    """A shipped scenario, read once."""
    return load(name)


def opened(case: Case, scenario: Scenario) -> Console:
    """A session with everything that a face brings along."""
    return attached(case, Console(scenario))


def attached(case: Case, session: Console) -> Console:
    """The session with everything that a face brings along, in the case's folder."""
    session.folder = case.folder
    session.listener = case.hear
    attach(session)
    return session


def any_session(case: Case) -> Console:
    """A shipped scenario or one that is made up; seldom a large one."""
    chance: random.Random = case.chance
    if chance.random() < 0.35:
        text = large(chance) if chance.random() < 0.02 else made_up(chance)
        case.story.append(text)
        path = case.folder / "made-up.toml"
        path.write_text(text, encoding="utf-8")
        with suppress(ScenarioError):  # it may say ln(3 - 10), which no author can mean
            return opened(case, load(path))
    name = LARGE if chance.random() < 0.01 else chance.choice(SMALL)
    case.story.append(f"load {name}")
    return opened(case, scenario_named(name))


def say(case: Case, session: Console, line: str) -> tuple[Answer | None, str]:
    """Put a line in; what it answered, and the text of it.  What is refused answers None and the line of the error.
    The step that it lands on, and what the answer claims, are held to the truth."""
    before = session.position
    with case.input(line):
        try:
            answer = session.execute(line, at_prompt=case.chance.random() < 0.5)
            text = "\n".join(plain_lines(session, answer, _WIDTH))
        except GivenUpError:
            if session.position != before:
                case.found(
                    FALSE,
                    f"position after {_name(line)} was stopped",
                    f"{before}, then {session.position}",
                )
            return None, ""
        except CommandError as error:
            details = error.details if isinstance(error, ExpectationError) else []
            text = "\n".join([visible(line), visible(error.message), *map(visible, details)])
            case.hold_safe(f"error of {_name(line)}", text)
            return None, text
        check_text(
            case, session, f"answer to {' '.join(line.split()[: 2 if line.startswith('show') else 1])}", text
        )
        check_landing(case, session)
        check_answer(case, session, answer)
    return answer, text


def _name(line: str) -> str:
    """The command of a line, if it has one."""
    return (line.split() or ["nothing"])[0]
