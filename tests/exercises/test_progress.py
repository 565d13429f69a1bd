"""Progress: what is recorded, how it adds up, versions, two files as one; and the commands about it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bpstep.cli import main
from bpstep.exercises.loading import load_path
from bpstep.exercises.progress import MOST_EVENTS, ProgressError, fresh, merged, read_document, recorded
from bpstep.exercises.store import Store, state_file


def answer(verdict: str, text: str = "1", seed: int = 1) -> dict[str, Any]:
    return {"what": "answer", "answer": text, "verdict": verdict, "seed": seed}


def record(store: Store, name: str, item: int, event: dict[str, Any], *, varies: bool = False) -> None:
    store.change(lambda document: recorded(document, name, item, event, varies=varies))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', '{"format": "bpstep-progress", "version": 1}', "\x00\xff",
             '{"format": "bpstep-progress", "version": 2, "learner": -1, "exercises": {}}',
             '{"format": "bpstep-progress", "version": 1, "learner": 3, "exercises": {"a": 7}}',
             '{"format": "bpstep-progress", "version": 1, "learner": 3, "exercises": {"a": {"seed": "x"}}}',
             '{"format": "bpstep-progress", "version": 1, "learner": 3,'
             ' "exercises": {"a": {"items": {"0": {"tries": [], "answers": 3}}}}}',
             '{"format": "bpstep-progress", "version": 2, "learner": 3,'
             ' "exercises": {"a": {"items": {"0": {"events": [{"what": "answer", "commands": "train"}]}}}}}',
             "[" * 100_000],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_and_never_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    for number in (1, 2):
        path.write_text(text, "utf-8")
        store = Store(path)
        record(store, "a", 0, answer("correct"))
        assert f"set aside as progress.damaged-{number}.json" in store.message
        assert (tmp_path / f"progress.damaged-{number}.json").read_text("utf-8") == text
        assert store.read()["exercises"]["a"]["items"]["0"]["state"] == "solved"


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    text = json.dumps({**fresh(), "version": 99})
    path.write_text(text, "utf-8")
    with pytest.raises(ProgressError, match="newer bpstep"):
        record(Store(path), "a", 0, answer("correct"))
    assert path.read_text("utf-8") == text


def test_a_file_of_version_1_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    old = [{"answer": "2", "verdict": "wrong", "seed": 5}, {"answer": "3", "verdict": "correct", "seed": 5}]
    item = {"state": "solved", "tries": 2, "hints": 1, "first_try": False, "answers": old}
    exercises = {"a": {"seed": 5, "begun": 1, "items": {"0": item}}}
    path.write_text(
        json.dumps({"format": "bpstep-progress", "version": 1, "learner": 3, "exercises": exercises})
    )
    record(Store(path), "a", 1, answer("wrong"))
    now = read_document(path)
    assert (now["version"], now["learner"]) == (2, 3)
    assert [event["answer"] for event in now["exercises"]["a"]["items"]["0"]["events"]] == ["2", "3"]
    assert now["exercises"]["a"]["items"]["0"]["state"] == "solved"
    assert now["exercises"]["a"]["items"]["1"]["events"][0]["n"] == 1


@pytest.mark.parametrize(
    "line", [["exercise"], ["exercise", "hidden-delta"], ["progress"], ["progress", "export", "x.json"]]
)
def test_a_newer_file_is_one_line_at_every_command(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "progress.json").write_text(json.dumps({**fresh(), "version": 99}), "utf-8")
    assert main(line) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "newer bpstep (version 99)" in shown.err


@pytest.mark.parametrize("what", [["reset"], ["import", "good.json"], ["export", "no/such/folder.json"]])
def test_a_state_that_can_not_be_written_is_one_line(
    what: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / "file" / "below"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "good.json").write_text(json.dumps(fresh()), "utf-8")
    code, shown = main(["progress", *what]), capsys.readouterr()
    if what == ["reset"]:
        assert (code, shown.out) == (0, "there was no progress\n")
    else:
        assert code == (3 if what[0] == "export" else 2)  # what the system does not let be written is 3
        assert shown.err.count("\n") == 1
        assert str(tmp_path) not in shown.out


def test_unknown_ids_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "progress.json")
    record(store, "from-the-future", 3, answer("correct"))
    record(store, "hidden-delta", 0, answer("wrong"))
    assert set(store.read()["exercises"]) == {"from-the-future", "hidden-delta"}


def test_states() -> None:
    hint, reveal, passed = ({"what": what, "seed": 1} for what in ("hint", "reveal", "pass"))
    story: list[tuple[list[dict[str, Any]], tuple[str, bool | None]]] = [
        ([answer("correct")], ("solved", True)),
        ([answer("wrong"), answer("correct")], ("solved", False)),
        ([answer("not-graded"), answer("correct")], ("solved", True)),
        ([hint, answer("correct")], ("solved with help", False)),
        ([reveal, answer("correct")], ("shown", None)),
        ([reveal, answer("correct", seed=2)], ("solved with help", False)),
        ([passed, answer("correct")], ("shown", None)),
        ([passed, answer("correct", seed=2)], ("solved", True)),
        ([answer("carried-forward")], ("solved", True)),
        ([answer("wrong")], ("tried", None)),
        ([answer("correct"), reveal, answer("wrong")], ("solved", True)),
    ]
    for events, (state, first_try) in story:
        document = fresh()
        for event in events:
            recorded(document, "a", 0, event, varies=True)
        item = document["exercises"]["a"]["items"]["0"]
        assert (item["state"], item.get("first_try")) == (state, first_try), events
    document = fresh()
    for event in (reveal, answer("correct", seed=2)):
        recorded(document, "a", 0, event, varies=False)
    assert document["exercises"]["a"]["items"]["0"]["state"] == "shown", "the same numbers under another seed"


def test_of_very_many_answers_the_wrong_ones_are_forgotten_first() -> None:
    document = fresh()
    for event in (answer("correct"), *(answer("wrong", str(k)) for k in range(2 * MOST_EVENTS))):
        recorded(document, "a", 0, event, varies=False)
    item = document["exercises"]["a"]["items"]["0"]
    assert (item["tries"], item["state"], len(item["events"])) == (2 * MOST_EVENTS + 1, "solved", MOST_EVENTS)
    assert item["events"][0]["verdict"] == "correct"


def test_of_two_files_the_better_state_is_kept_and_says_whose_it_is() -> None:
    mine, other = {**fresh(), "learner": 1}, {**fresh(), "learner": 2}
    mine["exercises"] = {
        "a": {"items": {"0": {"state": "solved"}, "1": {"state": "tried"}, "2": {"state": "tried"}}}
    }
    other["exercises"] = {
        "a": {
            "items": {"0": {"state": "tried"}, "1": {"state": "shown"}, "2": {"state": "solved", "from": 1}}
        },
        "b": {"items": {"0": {"state": "solved", "from": 3}}},
    }
    both = merged(mine, other)["exercises"]
    assert both["a"]["items"] == {
        "0": {"state": "solved"}, "1": {"state": "shown", "from": 2}, "2": {"state": "solved"},
    }  # fmt: skip
    assert both["b"]["items"] == {"0": {"state": "solved", "from": 3}}


def test_who_has_done_nothing_goes_on_as_the_learner_whose_file_it_is() -> None:
    other = {**fresh(), "learner": 2, "exercises": {"a": {"items": {"0": {"state": "solved"}}}}}
    assert merged(fresh(), other) == other


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / "state"))
    assert state_file() == tmp_path / "state" / "progress.json"
    return tmp_path


def converse(monkeypatch: pytest.MonkeyPatch, text: str, *argv: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return main(["exercise", *argv])


def test_progress_is_shown_exported_taken_in_and_begun_anew(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    converse(monkeypatch, "answer d(y[o1]) * local[o1]\n", "output-delta")
    assert "question 2 of 3" in capsys.readouterr().out
    assert main(["progress"]) == 0
    assert "◆ output-delta               1/3" in capsys.readouterr().out
    assert main(["progress", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["next"] == {
        "exercise": "output-delta",
        "why": "you have begun it; 2 questions of it are open",
    }
    assert document["skills"][0]["skill"] == "upstream"
    assert document["skills"][0]["state"] == "learning"
    assert document["solved"] == 1
    file = str(state / "mine.json")
    assert main(["progress", "export", file]) == 0
    assert main(["progress", "reset"]) == 0
    assert "is kept as" in capsys.readouterr().out
    assert main(["progress"]) == 0
    questions = sum(len(exercise.items) for exercise in load_path()[0])
    assert f"0 of {questions} questions" in capsys.readouterr().out
    assert main(["progress", "import", file]) == 0
    assert main(["progress"]) == 0
    assert f"1 of {questions} questions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["exercise", "hidden-dleta"], 'did you mean "hidden-delta"'),
        (["exercise", "--path", "/nowhere"], "there is no folder"),
        (["progress", "export"], "needs a file"),
        (["progress", "reset", "--json"], "nothing to say as JSON"),
        (["progress", "import", "/nowhere.json"], "can not be read"),
        (["grade", "/nowhere.json"], "can not be read"),
        (["exercises", "check", "--path", "/nowhere"], "there is no folder"),
    ],
)
def test_what_can_not_be_done_is_one_line_and_exit_2(
    state: Path, capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
