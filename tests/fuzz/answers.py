"""Answers: every shipped exercise, answered rightly, wrongly and wildly, with any commands in between.

While a question is open, no output may contain the value that is asked for.  A number may stand there by chance; so
the exercise exists in other worlds, too, with other numbers in its scenario, and what is given away in this world has
to be given away in the others by the same commands.  In the end the progress file is handed in: `grade` has to come to
the same verdicts, whatever was written over them.
"""

from __future__ import annotations

import re

from tests.fuzz import forging
from tests.fuzz.case import LEAK, Case
from tests.fuzz.exercises import file_texts
from tests.fuzz.grammar import a_line, filled
from tests.fuzz.learning import World, exercise_id, world
from tests.fuzz.talking import say

__all__ = ["SIZE", "play"]

SIZE = 30
#: Stands for the right answer of whichever world it is said in.
_SOLVE = "answer SOLUTION"
_STUDY = ("hint", "hint", "reveal", "exercise next", "answer hint", "answer next", "predict on")
#: What one might try to get at the answer; {asked} is the cell, {inner} what it is a derivative by.
_ATTEMPTS = (
    "print {asked}", "why {asked}", "info {asked}", "paths {inner}", "by-hand {inner}", "check {inner}", "check",
    "show check", "show diff", "diff overwrite", "diff article", "show nodes", "show weights", "show variables",
    "show chain", "show step", "show network", "show program", "explain", "show loss", "show gradients", "runs",
    "export jsonl t.txt", "export text t.txt", "export csv t.txt", "export check t.txt", "expect {asked} = 0.5",
    "expect {asked} > 0", "watch {asked}", "until {asked}", "break {asked}", "! until {asked}", "fork", "goto end",
    "! goto end", "continue", "set rule = article", "train 1", "set lr = {asked}", "step phase",
    "set {inner} = {inner}",
    "! print {asked}", "! expect {asked} = 0.1", "save s.bps --expect", "source s.bps", "restart", "switch main",
    "undo", "set mode = forward {inner}", "why {inner}", "print {asked} + 1", "step", "edits", "stops",
)  # fmt: skip
_WILD = (
    "0", "1", "-1", "1e308", "1/0", "", "{cell}", "{cell} * {cell}", "{cell} + {cell}",
    "{cell} * {cell} * (1 - {cell})",
    "right", "wrong", "1e-4", "1 2 3", "3 2 1", "article d(y[h1])", "overwrite cost", "(" * 300 + "1", "x" * 600, "𝟙",
    "٣", "0.5 # no", "\u202e1", "{expression}",
)  # fmt: skip
_NUMBER = re.compile(r"\d+\.\d+(?:e[−+-]?\d+)?|\d+e[−+-]?\d+")


def play(case: Case) -> None:
    """Thirty lines at one exercise, or at its scenario when the steps are predicted."""
    chance = case.chance
    name = chance.choice(list(file_texts()))
    here = world(case, name, 0)
    _line(case, name, here, f"exercise {exercise_id(name)} seed={chance.randint(0, 5)}")
    if chance.random() < 0.15:
        _line(case, name, here, "predict on")
    while case.inputs < SIZE:
        _line(case, name, here, _any_line(case, here))
    record = here.tutor.record
    if record is not None and record.store.path.exists():
        forging.hand_in(case, record.store.path, case.folder / "0")


def _any_line(case: Case, here: World) -> str:
    chance, session = case.chance, here.session
    what = chance.random()
    if what < 0.12:
        return _SOLVE
    if what < 0.4:
        return f"answer {_answer(case, here)}"
    if what < 0.5:
        return chance.choice(_STUDY)
    if what < 0.8:
        asked = str(session.asked) if session.asked is not None else "cost"
        inner = asked[2:-1] if asked.startswith("d(") else asked
        return filled(chance.choice(_ATTEMPTS), chance, session, {"asked": [asked], "inner": [inner]})
    return a_line(chance, session)


def _answer(case: Case, here: World) -> str:
    """A number near the truth, of a wrong rule, or a formula; not always wrong."""
    chance, value = case.chance, here.hidden
    what = chance.random()
    if what < 0.3 and value is not None:
        return chance.choice(
            (repr(-value), repr(value * 1.02), repr(value / 2), f"{value:.2g}", f"{value:.3g}")
        )
    wrong = here.wrong if what < 0.6 else []
    return chance.choice(wrong) if wrong else filled(chance.choice(_WILD), chance, here.session)


# --- leaks ----------------------------------------------------------------------------------------------


def _line(case: Case, name: str, here: World, line: str) -> None:
    """A line in this world; what it seems to give away is looked at in the others."""
    if _given_away(case, here, line) is None:
        return
    inputs, story = case.inputs, list(case.story)
    if all(_same_elsewhere(case, name, here.said) for _ in range(2)):
        text = "\n".join(here.said)
        case.found(
            LEAK,
            " ".join(line.split()[:2]),
            f"the value of the cell that is asked for is in the output\n{text}",
        )
    case.inputs, case.story = inputs, story


def _same_elsewhere(case: Case, name: str, said: list[str]) -> bool:
    """Whether the last of these lines gives the value away in another world, too."""
    other, found = world(case, name, len(list(case.folder.iterdir())) + 100), None
    for line in said:
        found = _given_away(case, other, line)
    return found is not None


def _given_away(case: Case, here: World, line: str) -> float | None:
    """Say a line; the value that its output gives away, while the question stays open."""
    with case.input(f"what is asked before {line}", 0):
        question, before = here.question, here.session.position
        value = question[-1]
        shown = here.visible() if value is not None else frozenset()
        told = f"answer {here.solution}" if line == _SOLVE else line
    here.said.append(line)
    _, text = say(case, here.session, told)
    text += _exported(case)
    # What closes the question may tell the answer; who goes on in predict mode has passed it.
    is_open = value is not None and here.question == question and here.session.position <= before
    return value if is_open and value is not None and _stands_in(text, told, value, shown) else None


def _exported(case: Case) -> str:
    """What the last line exported, which counts as its output; it is taken away."""
    path = case.folder / "t.txt"
    if not path.exists():
        return ""
    text = path.read_text(encoding="utf-8")
    path.unlink()
    return text


def _stands_in(text: str, line: str, value: float, shown: frozenset[str]) -> bool:
    """Whether the value stands in a text, in four digits or more, and neither as another number nor as an echo."""
    if f"{abs(value):.3e}" in shown:
        return False
    echoed = {f"{float(number.replace('−', '-')):.3e}" for number in _NUMBER.findall(line)}
    for found in _NUMBER.findall(text):
        digits = len(re.sub(r"e.*|\.", "", found).lstrip("0"))
        number = float(found.replace("−", "-"))
        is_it = digits >= 4 and number == float(f"{abs(value):.{digits - 1}e}")
        if is_it and f"{number:.3e}" not in echoed:
            return True
    return False
