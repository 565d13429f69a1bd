"""Marks: who handed it in, points, tries that count, and an exam in which nothing helps."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Asked, Graded
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.exercises.checking import check_path
from bpstep.exercises.exam import ExamTutor
from bpstep.exercises.loading import load_path
from bpstep.exercises.marks import marks_of
from bpstep.exercises.model import Exercise
from bpstep.exercises.reports import report_of
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load

FIRST = """format = 1
id = "first"
title = "The first"
scenario = "one-neuron"
vary = { "w[x->n]" = { low = 0.5, high = 1.0, step = 0.125 } }
[[item]]
kind = "value"
ask = "e[n]"
points = 2
max_tries = 2
[[item]]
kind = "value"
ask = "y[n]"
points = 0.5
"""
SECOND = FIRST.replace('"first"', '"second"').replace("The first", "The second").split("vary")[0] + (
    '[[item]]\nkind = "formula"\nask = "delta[n]"\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two exercises; and a state folder that is empty."""
    made = tmp_path / "path"
    made.mkdir()
    (made / "1.toml").write_text(FIRST, "utf-8")
    (made / "2.toml").write_text(SECOND, "utf-8")
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / "state"))
    return made


class Clock:
    """A clock that goes on by a minute whenever it is looked at."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


def session_of(folder: Path, *, exam: bool = False) -> Console:
    session = Console(load("one-neuron"))
    made = ExamTutor if exam else ExerciseTutor
    session.tutor = made(session, store=Store(clock=Clock()), folder=folder)
    return session


def right(session: Console) -> str:
    assert isinstance(session.tutor, ExerciseTutor)
    assert session.tutor.posed is not None
    return session.tutor.posed.kind.solution(session.tutor.posed)


def text_of(answer: object) -> str:
    assert isinstance(answer, Asked | Graded)
    lines = answer.lines if isinstance(answer, Asked) else (*answer.says, *answer.after)
    return " ".join((*lines, *answer.then))


def graded(folder: Path, *options: str) -> str:
    """What `grade` prints of the progress in the state folder, as it is exported."""
    export = folder.parent / "mine.json"
    assert main(["progress", "export", str(export)]) == 0
    return str(export)


# --- tries that count -----------------------------------------------------------------------------------


def test_behind_the_last_try_comes_the_next_question(folder: Path) -> None:
    session = session_of(folder)
    assert "2 tries count" in text_of(session.execute("exercise first"))
    assert "last" not in text_of(session.execute("answer 9"))
    told = text_of(session.execute("answer 8"))
    assert "That was the last of 2 tries." in told
    assert "question 2 of 2" in told
    session.execute(f"answer {right(session)}")
    again = text_of(session.execute("exercise first"))
    assert "question 1 of 2" in again, "all are done: who likes begins anew, for practice"
    assert "counts for nothing" in text_of(session.execute(f"answer {right(session)}"))
    found = report_of([Store().path], load_path(folder)[0])
    assert [(row.item, row.state) for row in found.rows] == [(1, "tried"), (2, "solved")]
    assert "answered again after the last try that counts" in found.rows[0].remarks


def test_an_exercise_with_few_tries_can_be_proved(folder: Path) -> None:
    assert check_path(folder, (0,))[1] == []


def test_a_forged_number_of_tries_changes_nothing(folder: Path) -> None:
    session = session_of(folder)
    session.execute("exercise first")
    for answer in ("9", "8"):
        session.execute(f"answer {answer}")

    def forge(document: dict[str, Any]) -> None:
        item = document["exercises"]["first"]["items"]["0"]
        right_answer = {**item["events"][-1], "n": 9, "answer": "e[n] + 0", "verdict": "correct"}
        item["events"].append(right_answer)
        item |= {"state": "solved", "tries": 1}

    Store().change(forge)
    row = report_of([Store().path], load_path(folder)[0]).rows[0]
    assert row.state == "tried"
    assert row.remarks


@pytest.mark.parametrize(
    "exercise", [one for one in load_path()[0] if not one.vary][:3], ids=lambda one: one.id
)
def test_an_answer_to_a_question_that_is_not_there_is_no_answer(exercise: Exercise, tmp_path: Path) -> None:
    event = {"what": "answer", "n": 1, "seed": 4, "answer": "1", "verdict": "correct"}
    entry = {"items": {"99": {"state": "solved", "events": [event]}}}
    document = {"format": "bpstep-progress", "version": 2, "learner": 5, "exercises": {exercise.id: entry}}
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    (row,) = report_of([path], [exercise]).rows
    assert not row.verdict.startswith("correct")


# --- points ---------------------------------------------------------------------------------------------


def test_a_row_a_student_and_a_column_an_exercise(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = tmp_path / "hands"
    hands.mkdir()
    for who, answered in (("ada", 2), ("bob", 1), ("cy", 0)):
        monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / who))
        session = session_of(folder)
        session.execute("exercise first")
        for _ in range(answered):
            session.execute(f"answer {right(session)}")
        name = ["--name", f"={who}", "--id", f"00{answered}"] if who != "cy" else []
        assert main(["progress", "export", str(hands / f"{who}.json"), *name]) == 0
    capsys.readouterr()
    assert main(["grade", str(hands), "--path", str(folder), "--summary", "--csv", "--bom"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\ufeffname,id,file,learner,first,second,points,maximum,remarks\n")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert [(row["name"], row["id"], row["first"], row["second"]) for row in rows] == [
        ("'=ada", "002", "2.5", "0"), ("'=bob", "001", "2", "0"), ("", "", "0", "0"),
    ]  # fmt: skip
    assert [(row["points"], row["maximum"]) for row in rows] == [("2.5", "3.5"), ("2", "3.5"), ("0", "3.5")]
    assert main(["grade", str(hands), "--path", str(folder), "--summary"]) == 0
    assert "2.5 of 3.5   =ada  002   ada.json" in capsys.readouterr().out
    assert main(["grade", str(hands), "--path", str(folder), "--summary", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["students"][0]
    assert (first["name"], first["exercises"], first["points"]) == ("=ada", {"first": 2.5, "second": 0}, 2.5)


def test_what_was_solved_with_help_is_worth_its_share_and_what_was_shown_nothing(folder: Path) -> None:
    session = session_of(folder)
    session.execute("exercise first")
    session.execute("hint")
    session.execute(f"answer {right(session)}")
    session.execute("reveal")
    exercises = load_path(folder)[0]
    report = report_of([Store().path], exercises)
    assert [marks_of(report, exercises, share)[0].points for share in (1.0, 0.5, 0.0)] == [2.0, 1.0, 0.0]


def test_an_export_is_anonymous_unless_it_is_signed(folder: Path, tmp_path: Path) -> None:
    session = session_of(folder)
    session.execute("exercise first")
    session.execute("answer 9")
    export = tmp_path / "mine.json"
    assert main(["progress", "export", str(export), "--name", "Ada Lovelace", "--id", "1815"]) == 0
    signed = json.loads(export.read_text("utf-8"))
    assert (signed["name"], signed["id"]) == ("Ada Lovelace", "1815")
    assert main(["progress", "reset"]) == 0
    assert main(["progress", "import", str(export)]) == 0
    assert main(["progress", "export", str(export)]) == 0
    assert not {"name", "id"} & json.loads(export.read_text("utf-8")).keys()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["progress", "--name", "Ada"], "--name: it goes with progress export"),
        (["progress", "import", "x.json", "--id", "1"], "--id: it goes with progress export"),
        (["progress", "export", "x.json", "--name", "A\x1bda"], r"--name: the character \x1b is not allowed"),
        (["progress", "export", "x.json", "--id", "1" * 201], "--id: expected at most 200 characters"),
        (["grade", "x.json", "--bom"], "--bom goes with --csv"),
        (["grade", "x.json", "--summary", "--totals"], "expected one of them"),
        (["grade", "x.json", "--summary", "--with-help", "2"], "invalid share from 0 to 1 value"),
    ],
)
def test_what_does_not_go_together_is_one_line(
    words: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(words)
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == 2
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_a_name_that_is_none_is_no_progress(folder: Path, tmp_path: Path) -> None:
    session_of(folder).execute("exercise first")
    document = Store().read()
    for name in (7, "x" * 201, None):
        (tmp_path / "x.json").write_text(json.dumps({**document, "name": name}), "utf-8")
        assert report_of([tmp_path / "x.json"], load_path(folder)[0]).broken


# --- an exam ----------------------------------------------------------------------------------------------


def test_in_an_exam_an_answer_is_taken_once_and_not_judged(folder: Path) -> None:
    session = session_of(folder, exam=True)
    session.execute("exercise")
    told = text_of(session.execute("answer 9"))
    assert told.startswith("Taken: 9 ")
    assert "question 2 of 2" in told
    assert session.tutor is not None
    assert (session.tutor.verdict, session.tutor.diagnoses) == ("", ())
    answer = right(session)
    told = text_of(session.execute(f"answer {answer}"))
    assert told == f"Taken: {answer} The first: done. next goes on to second, “The second”"
    with pytest.raises(CommandError, match="every question of first has been answered"):
        session.execute("exercise first")
    session.execute("next")
    assert "end of the exam" in text_of(session.execute("next"))
    assert "Every question has been answered" in text_of(session.execute("exercise"))
    rows = report_of([Store().path], load_path(folder)[0]).rows
    assert [(row.exercise, row.item, row.state, row.exam) for row in rows] == [
        ("first", 1, "tried", True), ("first", 2, "solved", True), ("second", 1, "", False),
    ]  # fmt: skip
    assert rows[0].asked < rows[0].answered < rows[1].answered


def test_an_exam_goes_on_where_it_was_left_with_the_same_numbers(folder: Path) -> None:
    session = session_of(folder, exam=True)
    session.execute("exercise first")
    session.execute("answer 9")
    later = session_of(folder, exam=True)
    assert "question 2 of 2" in text_of(later.execute("exercise first"))
    later.execute("next")
    with pytest.raises(CommandError, match="has been answered"):
        later.execute("exercise first")
    rows = report_of([Store().path], load_path(folder)[0]).rows
    assert {row.seed for row in rows if row.answer} == {Store().read()["learner"] % 10**6}


def test_a_malformed_answer_is_not_taken(folder: Path) -> None:
    session = session_of(folder, exam=True)
    session.execute("exercise first")
    answer = session.execute("answer nonsense(")
    assert isinstance(answer, Graded)
    assert answer.verdict == "not-graded"
    assert not answer.then


def test_in_an_exam_no_command_helps(folder: Path) -> None:
    """Of all commands, those that look at what is shown, and no other."""
    session = session_of(folder, exam=True)
    session.execute("exercise first")
    allowed = set()
    for name, command in COMMANDS.items():
        try:
            session.execute(command.example or name)
        except CommandError as error:
            if "in an exam" in error.message:
                continue
        if command.name not in ("answer", "quit"):
            allowed.add(command.name)
        assert session.tutor is not None
        if not session.tutor.is_asking:
            session = session_of(folder, exam=True)
            session.execute("exercise second")
    assert not allowed & {
        "why", "paths", "check", "compare", "diff", "explain", "export", "save", "load", "set", "derive", "by-hand",
        "hint", "reveal", "predict", "source", "train", "fork", "expect", "cmp",
    }  # fmt: skip


@pytest.mark.parametrize("line", ["hint", "reveal", "answer hint", "answer reveal", "exercise first seed=3",
                                  "show check", "show chain", "= y[n]"])  # fmt: skip
def test_what_would_help_is_refused_with_a_line(line: str, folder: Path) -> None:
    session = session_of(folder, exam=True)
    session.execute("exercise first")
    with pytest.raises(CommandError) as error:
        session.execute(line)
    assert "exam" in error.value.message
    assert "\n" not in error.value.message


def test_a_second_answer_in_an_exam_counts_for_nothing(folder: Path) -> None:
    session = session_of(folder, exam=True)
    session.execute("exercise first")
    answer = right(session)
    session.execute("answer 9")

    def forge(document: dict[str, Any]) -> None:
        events = document["exercises"]["first"]["items"]["0"]["events"]
        events.append({**events[-1], "n": 50, "answer": answer, "verdict": "correct"})

    Store().change(forge)
    row = report_of([Store().path], load_path(folder)[0]).rows[0]
    assert (row.state, row.answer) == ("tried", "9")
    assert "answered again after the last try that counts" in row.remarks


def test_an_exam_at_a_prompt(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("9\nshow nodes\nnext\nquit\n"))
    assert main(["exercise", "--exam", "--path", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "Nothing" in out
    assert "Taken: 9" in out
    assert "wrong" not in out
    assert "hint" not in out
