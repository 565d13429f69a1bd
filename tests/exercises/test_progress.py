"""Progress: whole or not at all, two at once, damaged files, versions; and what a teacher collects."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import sys
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.exercises.progress import ProgressError, Store, fresh, merged, state_file


def answer(verdict: str, text: str = "1") -> dict[str, object]:
    return {"what": "answer", "answer": text, "verdict": verdict, "seed": 1}


def _many(path: str, name: str) -> None:
    store = Store(Path(path))
    for number in range(20):
        store.record(name, number % 3, answer("wrong", str(number)))


def test_two_sessions_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_many, args=(str(path), name)) for name in ("a", "b")]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    exercises = Store(path).read()["exercises"]
    for name in ("a", "b"):
        assert sum(item["tries"] for item in exercises[name]["items"].values()) == 20
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"], "no lock and no half file is left"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', '{"format": "bpstep-progress", "version": 1}', "\x00\xff",
             '{"format": "bpstep-progress", "version": 1, "learner": 3, "exercises": {"a": 7}}',
             '{"format": "bpstep-progress", "version": 1, "learner": 3, "exercises": {"a": {"seed": "x"}}}',
             '{"format": "bpstep-progress", "version": 1, "learner": 3,'
             ' "exercises": {"a": {"items": {"0": {"tries": [], "answers": 3}}}}}'],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_and_never_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    for number in (1, 2):
        path.write_text(text, "utf-8")
        store = Store(path)
        store.record("a", 0, answer("correct"))
        assert f"set aside as progress.damaged-{number}.json" in store.message
        assert (tmp_path / f"progress.damaged-{number}.json").read_text("utf-8") == text
        assert store.read()["exercises"]["a"]["items"]["0"]["state"] == "solved"


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    text = json.dumps({**fresh(), "version": 99})
    path.write_text(text, "utf-8")
    with pytest.raises(ProgressError, match="newer bpstep"):
        Store(path).record("a", 0, answer("correct"))
    assert path.read_text("utf-8") == text


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
        assert code == 2
        assert shown.err.count("\n") == 1
        assert str(tmp_path) not in shown.out


def test_unknown_ids_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "progress.json")
    store.record("from-the-future", 3, answer("correct"))
    store.record("hidden-delta", 0, answer("wrong"))
    assert set(store.read()["exercises"]) == {"from-the-future", "hidden-delta"}


def test_states(tmp_path: Path) -> None:
    store = Store(tmp_path / "progress.json")
    story = [
        ("first", [answer("correct")], ("solved", True)),
        ("second", [answer("wrong"), answer("correct")], ("solved", False)),
        ("free", [answer("not-graded"), answer("correct")], ("solved", True)),
        ("helped", [{"what": "hint"}, answer("correct")], ("solved with help", False)),
        ("shown", [{"what": "reveal"}, answer("correct")], ("shown", None)),
        ("carried", [answer("carried-forward")], ("solved", True)),
        ("open", [answer("wrong")], ("tried", None)),
        ("kept", [answer("correct"), {"what": "reveal"}, answer("wrong")], ("solved", True)),
    ]
    for name, events, (state, first_try) in story:
        for event in events:
            store.record(name, 0, dict(event))
        item = store.read()["exercises"][name]["items"]["0"]
        assert (item["state"], item.get("first_try")) == (state, first_try), name


def test_of_two_files_the_better_state_is_kept() -> None:
    mine, other = fresh(), fresh()
    mine["exercises"] = {"a": {"items": {"0": {"state": "solved"}, "1": {"state": "tried"}}}}
    other["exercises"] = {
        "a": {"items": {"0": {"state": "tried"}, "1": {"state": "shown"}}},
        "b": {"items": {}},
    }
    both = merged(mine, other)["exercises"]
    assert both["a"]["items"] == {"0": {"state": "solved"}, "1": {"state": "shown"}}
    assert "b" in both


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / "state"))
    assert state_file() == tmp_path / "state" / "progress.json"
    return tmp_path


def converse(monkeypatch: pytest.MonkeyPatch, text: str, *argv: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return main(["exercise", *argv])


def test_a_student_at_the_prompt_and_a_teacher_with_ten_exports(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for student in range(10):
        monkeypatch.setenv("BPSTEP_STATE", str(state / f"s{student}"))
        first = "answer delta[o2] * w[h1->o2]\n" if student % 2 else ""
        right = "answer delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]\n"
        assert converse(monkeypatch, first + right, "hidden-delta") == student % 2
        file = str(state / f"student-{student}.json")
        assert main(["progress", "export", file]) == 0
        files.append(file)
    capsys.readouterr()
    assert main(["grade", "--json", *files]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == 10
    assert {(row["exercise"], row["item"], row["verdict"], row["state"]) for row in rows} == {
        ("hidden-delta", 1, "correct", "solved")
    }
    assert [row["first_try"] for row in rows] == [True, False] * 5
    cheat = json.loads(Path(files[0]).read_text("utf-8"))
    cheat["exercises"]["hidden-delta"]["items"]["0"]["answers"][-1]["answer"] = "delta[o2] * w[h1->o2]"
    Path(files[0]).write_text(json.dumps(cheat), "utf-8")
    assert main(["grade", "--csv", files[0]]) == 0
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (row["verdict"], row["recorded"], row["diagnoses"]) == ("wrong", "correct", "overwrite")


def test_an_answer_can_not_become_a_formula_of_a_spreadsheet(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(state / "x.json")
    store.record("hidden-delta", 0, answer("wrong", "=HYPERLINK(1)"))
    assert main(["grade", "--csv", str(state / "x.json")]) == 0
    assert "'=HYPERLINK(1)" in capsys.readouterr().out


def test_progress_is_shown_exported_taken_in_and_begun_anew(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    converse(monkeypatch, "answer d(y[o1]) * local[o1]\n", "output-delta")
    assert "question 2 of 3" in capsys.readouterr().out
    assert main(["progress"]) == 0
    assert "◆ output-delta               1/3" in capsys.readouterr().out
    file = str(state / "mine.json")
    assert main(["progress", "export", file]) == 0
    assert main(["progress", "reset"]) == 0
    assert "is kept as" in capsys.readouterr().out
    assert main(["progress"]) == 0
    assert "0 of 71" in capsys.readouterr().out
    assert main(["progress", "import", file]) == 0
    assert main(["progress"]) == 0
    assert "1 of 71" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["exercise", "hidden-dleta"], 'did you mean "hidden-delta"'),
        (["exercise", "--path", "/nowhere"], "there is no folder"),
        (["progress", "export"], "needs a file"),
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
