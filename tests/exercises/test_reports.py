"""`grade` believes nothing in a file but the answers themselves; what is not as the file says is named."""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Graded
from bpstep.debugger.console import Console
from bpstep.exercises import progress
from bpstep.exercises.loading import load_path
from bpstep.exercises.offering import open_items, standing_of
from bpstep.exercises.progress import fresh, recorded
from bpstep.exercises.reports import Report, report_of
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from tests.helpers.learners import learnt

EXERCISES = load_path()[0]


@pytest.fixture(autouse=True)
def learners(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same learners at every run of the tests: of two that come at random some have a number in common."""
    numbers = random.Random(7)
    monkeypatch.setattr(progress.secrets, "randbelow", numbers.randrange)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "learner.json"


def session_of(path: Path) -> Console:
    session = Console(load("chain-rule"))
    session.tutor = ExerciseTutor(session, store=Store(path))
    return session


def said(session: Console, *lines: str) -> list[str]:
    """The verdicts on some answers."""
    answers = [session.execute(line) for line in lines]
    return [answer.verdict for answer in answers if isinstance(answer, Graded)]


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Report:
    """The report on a file in which something was changed by hand."""
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")
    return report_of([path], EXERCISES)


def events_of(document: dict[str, Any], name: str, item: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = document["exercises"][name]["items"][str(item)]["events"]
    return events


# --- honest files ---------------------------------------------------------------------------------------


def test_what_was_said_while_learning_is_what_the_report_says(file: Path) -> None:
    chance = random.Random(1)
    learnt(file, chance.sample(EXERCISES, 9), chance)
    items = {
        (name, int(key) + 1): item
        for name, entry in Store(file).read()["exercises"].items()
        for key, item in entry["items"].items()
    }
    report = report_of([file], EXERCISES)
    assert len(report.rows) == len(items) > 12
    for row in report.rows:
        item = items[row.exercise, row.item]
        assert row.verdict == row.recorded, row
        assert (row.state, row.tries, row.hints, row.first_try) == (
            item.get("state", ""), item.get("tries", 0), item.get("hints", 0), item.get("first_try", False),
        ), row  # fmt: skip
        assert row.remarks == ""
    (learner,) = report.learners
    assert learner.solved == sum(item.get("state") == "solved" for item in items.values())
    questions = sum(len(exercise.items) for exercise in EXERCISES)
    assert (learner.questions, learner.imported, learner.remarks) == (questions, 0, "")


def test_what_is_carried_forward_is_found_again(file: Path) -> None:
    session = session_of(file)
    assert said(session, "exercise hidden-delta", "answer 0.2", "exercise next", "answer 0.2 * local[h1]") == [
        "wrong", "carried-forward",
    ]  # fmt: skip
    row = report_of([file], EXERCISES).rows[1]
    assert (row.verdict, row.state, row.remarks) == ("carried-forward", "solved", "")

    def forget(document: dict[str, Any]) -> None:
        events_of(document, "hidden-delta", 0).clear()

    row = changed(file, forget).rows[1]
    assert (row.verdict, row.state) == ("wrong", "tried")
    assert row.remarks == "recorded as carried-forward, but the answer is wrong"


def test_a_right_answer_ends_what_is_carried_forward(file: Path) -> None:
    right = "answer delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]"
    session = session_of(file)
    lines = ("exercise hidden-delta", "answer 0.2", right, "answer 0.2 * local[h1]")
    assert said(session, *lines) == ["wrong", "correct", "wrong"]


def test_who_comes_back_may_still_stand_on_the_answer_of_before(file: Path) -> None:
    assert said(session_of(file), "exercise hidden-delta", "answer 0.2", "reveal") == ["wrong"]
    again = session_of(file)
    assert said(again, "exercise hidden-delta", "answer 0.2 * local[h1]") == ["carried-forward"]
    assert {row.remarks for row in report_of([file], EXERCISES).rows} == {""}


def test_a_training_is_carried_out_again(file: Path) -> None:
    session = session_of(file)
    lines = ("exercise train-xor", "train 100", "answer", "goto epoch 2", "set lr = 8", "train 500", "answer")
    assert said(session, *lines) == ["wrong", "correct"]
    events = events_of(Store(file).read(), "train-xor", 0)
    assert events[1]["commands"] == ["goto 145", "set lr = 8.0", f"train {session.run.timeline.epochs}"]
    row = report_of([file], EXERCISES).rows[0]
    assert (row.verdict, row.state, row.tries, row.remarks) == ("correct", "solved", 2, "")


# --- files that say what is not so ----------------------------------------------------------------------


def test_a_forged_verdict_is_named(file: Path) -> None:
    said(session_of(file), "exercise hidden-delta", "answer 0.2")

    def forge(document: dict[str, Any]) -> None:
        events_of(document, "hidden-delta", 0)[0]["verdict"] = "correct"
        document["exercises"]["hidden-delta"]["items"]["0"] |= {"state": "solved", "first_try": True}

    report = changed(file, forge)
    row = report.rows[0]
    assert (row.verdict, row.recorded, row.state, row.first_try) == ("wrong", "correct", "tried", False)
    assert row.remarks == "recorded as correct, but the answer is wrong"
    assert (report.learners[0].solved, report.learners[0].remarks) == (0, "remarks on 1 of 1 question")


@pytest.mark.parametrize("events", [[], [{"what": "hint", "seed": 1}], [{"what": "reveal", "seed": 1}]])
def test_a_state_without_an_answer_is_named(file: Path, events: list[dict[str, Any]]) -> None:
    items = {"0": {"state": "solved", "tries": 1, "first_try": True, "events": events}}
    file.write_text(json.dumps({**fresh(), "exercises": {"hidden-delta": {"items": items}}}), "utf-8")
    report = report_of([file], EXERCISES)
    assert report.rows[0].remarks == "recorded as solved, but no answer in the record solves it"
    assert report.learners[0].solved == report.learners[0].first_try == 0


def test_an_answer_under_another_seed_is_named(file: Path) -> None:
    said(
        session_of(file),
        "exercise hidden-delta seed=3",
        "answer delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]",
    )
    learner = Store(file).read()["learner"]
    row = report_of([file], EXERCISES).rows[0]
    assert (row.verdict, row.seed) == ("correct", 3)
    assert row.remarks == f"answered under seed 3, which learner {learner} was not given"


def test_a_number_that_was_copied_is_wrong_under_ones_own_seed(file: Path, tmp_path: Path) -> None:
    session = session_of(file)
    session.execute("exercise hidden-delta")
    assert session.tutor is not None
    value = session.whole_run.step(35).value
    assert said(session, f"answer {value!r}") == ["correct"]
    mine = Store(tmp_path / "mine.json").read()

    def copy(document: dict[str, Any]) -> None:
        document["learner"] = mine["learner"]

    assert "was not given" in changed(file, copy).rows[0].remarks
    seed = mine["learner"] % 10**6
    row = changed(file, lambda d: events_of(d, "hidden-delta", 0)[0].update(seed=seed)).rows[0]
    assert (row.verdict, row.state) == ("wrong", "tried")


def test_work_of_somebody_else_is_named_and_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, theirs = tmp_path / "mine" / "progress.json", tmp_path / "theirs.json"
    said(session_of(theirs), "exercise hidden-delta", "answer delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]")
    said(session_of(mine), "exercise output-delta", "answer d(y[o1]) * local[o1]")
    monkeypatch.setenv("BPSTEP_STATE", str(mine.parent))
    assert main(["progress", "import", str(theirs)]) == 0
    other = Store(theirs).read()["learner"]
    assert f"learner {other}" in capsys.readouterr().out
    report = report_of([mine], EXERCISES)
    rows = {row.exercise: row for row in report.rows}
    assert (rows["output-delta"].imported, rows["output-delta"].remarks) == (None, "")
    assert (rows["hidden-delta"].imported, rows["hidden-delta"].verdict) == (other, "correct")
    assert rows["hidden-delta"].remarks == f"imported from learner {other}"
    assert (report.learners[0].solved, report.learners[0].imported) == (1, 1)


def test_one_learner_in_two_files_is_named(file: Path, tmp_path: Path) -> None:
    said(session_of(file), "exercise hidden-delta", "answer 0.2")
    twin = tmp_path / "other" / "learner.json"
    twin.parent.mkdir()
    twin.write_bytes(file.read_bytes())
    learners = report_of([file, twin], EXERCISES).learners
    assert [(one.file, one.remarks) for one in learners] == [
        (str(file), f"the same learner as in {twin}"), (str(twin), f"the same learner as in {file}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "commands",
    [[], ["train 400"], ["set w[x1->h1] = 5", "train 400"], ["export jsonl OUT", "train 400"], ["save OUT", "train 1"],
     ["goto 0", "set digits = 3", "train 400"], ["train 99999999999999999"], ["source OUT"] * 1000, ["train 400", "x"],
     ["goto 0", "set lr = " + "(" * 180 + "1", "train 400"], ["goto 999999999999", "set lr = 8", "train 400"]],
)  # fmt: skip
def test_only_a_training_is_carried_out(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    document, event = (
        fresh(),
        {"what": "answer", "answer": "", "verdict": "correct", "seed": 0, "commands": commands},
    )
    recorded(document, "train-xor", 0, event, varies=False)
    file.write_text(json.dumps(document), "utf-8")
    row = report_of([file], EXERCISES).rows[0]
    assert row.verdict in ("not verifiable", "wrong")
    assert not row.state.startswith("solved")
    assert row.remarks
    assert [path.name for path in tmp_path.iterdir()] == ["learner.json"]


# --- files of version 1 -----------------------------------------------------------------------------------


def test_a_file_of_version_1_is_read_as_far_as_it_can_be_verified(file: Path) -> None:
    right = "delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]"
    old = {
        "hidden-delta": {
            "0": [
                {"answer": "0.2", "verdict": "wrong", "seed": 5},
                {"answer": right, "verdict": "correct", "seed": 5},
            ],
            "1": [{"answer": "0.3 * local[h1]", "verdict": "carried-forward", "seed": 5}],
        },
        "weight-gradient": {"0": [{"answer": "0.2", "verdict": "correct", "seed": 5}]},
        "train-xor": {"0": [{"answer": "", "verdict": "correct", "seed": 5}]},
    }
    exercises = {
        name: {
            "items": {
                key: {"state": "solved", "tries": 1, "answers": answers} for key, answers in items.items()
            }
        }
        for name, items in old.items()
    }
    document = {"format": "bpstep-progress", "version": 1, "learner": 5, "exercises": exercises}
    file.write_text(json.dumps(document), "utf-8")
    rows = report_of([file], EXERCISES).rows
    assert [(row.verdict, row.state) for row in rows] == [
        ("correct", "solved"), ("not verifiable", ""), ("wrong", "tried"), ("not verifiable", ""),
    ]  # fmt: skip
    assert rows[0].remarks == ""
    assert rows[1].remarks == "not verifiable: the answer that it stands on is not recorded"
    assert rows[2].remarks == "recorded as correct, but the answer is wrong"
    assert rows[3].remarks == "not verifiable: the commands of the training are not recorded"


# --- the command ------------------------------------------------------------------------------------------


def converse(monkeypatch: pytest.MonkeyPatch, text: str, *argv: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return main(["exercise", *argv])


def test_a_lecturer_with_a_folder_of_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "week 3"
    folder.mkdir()
    for student in range(2):
        monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / f"s{student}"))
        first = "answer delta[o2] * w[h1->o2]\n" if student % 2 else ""
        right = "answer delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]\n"
        assert converse(monkeypatch, first + right, "hidden-delta") == student % 2
        assert main(["progress", "export", str(folder / f"student-{student}.json")]) == 0
    capsys.readouterr()
    assert main(["grade", "--json", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["first_try"] for row in found["rows"]] == [True, False]
    assert {(row["verdict"], row["state"]) for row in found["rows"]} == {("correct", "solved")}
    assert [learner["solved"] for learner in found["learners"]] == [1, 1]
    cheat = json.loads((folder / "student-0.json").read_text("utf-8"))
    events_of(cheat, "hidden-delta", 0)[-1]["answer"] = "delta[o2] * w[h1->o2]"
    (folder / "student-0.json").write_text(json.dumps(cheat), "utf-8")
    assert main(["grade", "--csv", str(folder)]) == 0
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (row["verdict"], row["recorded"], row["diagnoses"]) == ("wrong", "correct", "overwrite")
    assert main(["grade", "--csv", "--totals", str(folder)]) == 0
    totals = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["file"], row["solved"]) for row in totals] == [
        (f"student-{k}.json", str(int(k > 0))) for k in range(2)
    ]
    (folder / "notes.json").write_text("{}", "utf-8")
    assert main(["grade", str(folder)]) == 2
    out, err = capsys.readouterr()
    assert "! hidden-delta 1: recorded as correct, but the answer is wrong" in out
    assert out.count("learner ") == 2
    assert err.count("\n") == 1
    assert "notes.json is no progress of bpstep" in err


def test_an_answer_can_not_become_a_formula_of_a_spreadsheet(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, event = (
        fresh(),
        {"what": "answer", "answer": "=HYPERLINK(1)\x1b[2J", "verdict": "wrong", "seed": 1},
    )
    recorded(document, "hidden-delta", 0, event, varies=True)
    file.write_text(json.dumps(document), "utf-8")
    for form in (["--csv"], ["--json"], []):
        assert main(["grade", str(file), *form]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert form != ["--csv"] or "'=HYPERLINK(1)" in out


# --- what is off the path -------------------------------------------------------------------------------


def test_answers_to_a_retired_exercise_are_graded_as_before(file: Path) -> None:
    """They count as done, and as so many questions more; for the path of those who have not done it, as none."""
    every = load_path(retired=True)[0]
    off = next(exercise for exercise in every if exercise.id == "minus-or-plus")
    session = session_of(file)
    session.execute(f"exercise {off.id}")
    assert said(session, "answer t[o1] - y[o1]", "answer y[o1] - t[o1]") == ["wrong", "correct"]
    document = Store(file).read()
    assert open_items(document, EXERCISES[0]) == [0, 1, 2]
    assert not any(exercise.id == off.id for exercise, _ in standing_of(document, EXERCISES, 0.0).states)
    report = report_of([file], every)
    assert [(row.exercise, row.item, row.verdict, row.state, row.remarks) for row in report.rows] == [
        ("minus-or-plus", 1, "correct", "solved", "")
    ]
    (learner,) = report.learners
    assert (learner.solved, learner.questions) == (1, sum(len(e.items) for e in EXERCISES) + 1)
