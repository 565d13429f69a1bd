"""A kind of question is a file: one that only this file knows is read, proved, asked, hinted at, graded and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Asked, Graded
from bpstep.debugger.console import Console
from bpstep.debugger.moment import STATES
from bpstep.exercises.checking import check_exercise
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed, go
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path, read_exercise
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.repl import as_answer
from bpstep.scenario.loader import load

FILE = """format = 1
id = "which-state"
title = "What is there already"
scenario = "mazur-2-2-2"
skills = ["forward pass"]

[[item]]
kind = "state"
ask = "y[h1]"
at = "start"

[[item]]
kind = "state"
ask = "d(y[h1])"
at = "d(e[o1])"
after = "The other output has its share still to bring."
"""


def _state(posed: Posed) -> str:
    reading = posed.session.read(posed.cell)
    assert reading is not None
    return reading.state


def _grade(posed: Posed, text: str) -> Grade:
    if text.strip() not in STATES:
        return Grade(NOT_GRADED, (f"Answer one of {', '.join(STATES)}; this costs no try.",))
    return Grade(CORRECT_ANSWER if text.strip() == _state(posed) else WRONG, ("See info.",), text.strip())


STATE = Kind(
    "state",
    go,
    lambda posed: [posed.item.prompt or f"In what state is {posed.item.ask[0]} here?"],
    _grade,
    _state,
    lambda posed: [BLANK, ZERO, *(Mistake(name, "another") for name in STATES if name != _state(posed))],
    lambda posed: "a state",
    lambda posed: ("Has a step written it?", "Have all of them?", "info tells."),
    lambda posed: [f"answer: {_state(posed)}"],
    asks=1,
    words=STATES,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(KINDS, STATE.name, STATE)
    (tmp_path / "1.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_it_is_read_and_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_exercise(read_exercise(folder / "1.toml")) == []
    assert main(["exercises", "check", str(folder)]) == 0
    (folder / "1.toml").write_text(FILE.replace('ask = "y[h1]"\n', ""), encoding="utf-8")
    assert [problem.message for problem in load_path(folder)[1]] == ["item[0].ask: expected a cell"]


def test_it_is_asked_hinted_at_graded_and_shown(folder: Path) -> None:
    session = Console(load("mazur-2-2-2"))
    session.tutor = ExerciseTutor(session, store=Store(), folder=folder)
    asked = session.execute("exercise which-state")
    assert isinstance(asked, Asked)
    assert asked.lines[-1] == "In what state is y[h1] here?"
    assert session.tutor.wants == "a state"
    assert as_answer(session, "final") == "answer final"
    hint = session.execute("hint")
    assert isinstance(hint, Asked)
    assert hint.lines == ("hint 1 of 3: Has a step written it?",)
    for text, verdict in (("so", NOT_GRADED), ("final", WRONG), ("unset", CORRECT_ANSWER)):
        grade = session.execute(f"answer {text}")
        assert isinstance(grade, Graded)
        assert grade.verdict == verdict
    shown = session.execute("reveal")
    assert isinstance(shown, Asked)
    assert shown.lines == ("answer: unset", "The other output has its share still to bring.")
    assert shown.then[0] == "What is there already: done."


def test_without_it_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text(FILE, encoding="utf-8")
    assert all('found "state"; expected one of' in problem.message for problem in load_path(tmp_path)[1])
