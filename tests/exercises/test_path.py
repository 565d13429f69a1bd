"""The shipped path: what it covers, that every item is proved; and that the proof finds planted mistakes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Asked
from bpstep.debugger.console import Console
from bpstep.engine.rules import RULES
from bpstep.exercises.checking import check_exercise, check_path
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import exercise_folder, load_path, read_exercise
from bpstep.exercises.playing import play
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.exercises.variants import drawn, generator, varied_scenario
from bpstep.scenario.loader import load

EXERCISES, PROBLEMS = load_path()


def test_every_exercise_is_proved() -> None:
    exercises, problems = check_path(seeds=())  # test_played plays them
    assert [str(problem) for problem in problems] == []
    assert len(exercises) >= 24
    assert len({exercise.id for exercise in exercises}) == len(exercises)


def test_every_kind_and_every_misconception_is_met() -> None:
    assert PROBLEMS == []
    assert {item.kind for exercise in EXERCISES for item in exercise.items} == set(KINDS)
    for rule in RULES:
        met = {e.id for e in EXERCISES for item in e.items if item.wrong is not None and rule in item.wrong}
        assert rule == "correct" or len(met) >= 2, rule


def test_every_item_has_a_prompt_and_says_something_after() -> None:
    for exercise in EXERCISES:
        assert exercise.about
        for item in exercise.items:
            assert len(item.prompt) > 10, exercise.id
            assert len(item.after) > 10, exercise.id


def test_no_net_has_more_than_a_dozen_questions() -> None:
    nets = Counter(exercise.scenario for exercise in EXERCISES for _ in exercise.items)
    assert [net for net, count in nets.items() if count > 12] == []


def test_what_is_retired_is_off_the_path_and_can_be_done_all_the_same() -> None:
    off = [exercise for exercise in load_path(retired=True)[0] if exercise.retired]
    ids = {exercise.id for exercise in EXERCISES}
    assert {"both-signals", "whose-weights", "minus-or-plus", "is-it-right"} <= {
        exercise.id for exercise in off
    }
    for exercise in off:
        assert exercise.id not in ids
        assert exercise.retired in ids
    session = Console(load("one-neuron"))
    session.tutor = ExerciseTutor(session)
    asked = session.execute("exercise both-signals seed=4")
    assert isinstance(asked, Asked)
    assert "question 1 of 3" in asked.lines[0]


def test_whose_place_is_taken_by_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        GOOD.replace("title =", 'retired = "output-dleta"\ntitle =', 1), "utf-8"
    )
    problems = check_path(tmp_path, seeds=(0,))[1]
    assert any('"output-dleta" is not on the path' in str(problem) for problem in problems)


def test_no_answer_is_written_down() -> None:
    """An item has no key for an answer, and no prompt states the value that it asks for."""
    for exercise in EXERCISES:
        scenario = varied_scenario(exercise)
        for place, item in enumerate(exercise.items):
            if item.kind != "value":
                continue
            value = posed_item(exercise, place, scenario, 0)
            right = KINDS["value"].solution(value)
            if len(right.lstrip("-")) > 4:
                assert f"{float(right):.4g}" not in item.prompt


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.vary], ids=lambda e: e.id)
def test_variants_are_the_same_everywhere_and_differ_from_each_other(exercise: object) -> None:
    assert isinstance(exercise, type(EXERCISES[0]))
    first, again, other = (variant_of(exercise, seed).problem for seed in (5, 5, 6))
    texts = [repr(vars(p)) for p in (first, again)]
    assert texts[0] == texts[1]
    assert any(repr(vars(variant_of(exercise, seed).problem)) != texts[0] for seed in range(6, 12)) or other


def test_a_variant_is_pinned() -> None:
    exercise = next(e for e in EXERCISES if e.id == "hidden-delta")
    found = drawn(load(exercise.scenario), exercise.vary, generator(exercise.id, 1, 0)).problem
    weights = found.layers[1].weights[:, 0].tolist()  # type: ignore[union-attr]
    assert all(0.3 - 1e-12 <= w <= 1.5 + 1e-12 for w in weights)
    assert (
        weights
        == drawn(load(exercise.scenario), exercise.vary, generator(exercise.id, 1, 0))
        .problem.layers[  # type: ignore[union-attr]
            1
        ]
        .weights[:, 0]
        .tolist()
    )


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_the_answer_is_not_shown_while_it_is_asked(exercise: object) -> None:
    assert isinstance(exercise, type(EXERCISES[0]))
    scenario = variant_of(exercise, 3)
    for place, item in enumerate(exercise.items):
        if not KINDS[item.kind].hides:
            continue
        posed = posed_item(exercise, place, scenario, 3)
        reading = posed.session.read(posed.cell)
        given = (
            reading is not None
            and reading.state in ("given", "final")
            and posed.cell.kind in ("w", "b", "var")
        )
        assert reading is None or reading.value is None or given, f"{exercise.id} {place + 1}"


# --- planted mistakes -----------------------------------------------------------------------------------

GOOD = (exercise_folder() / "07-output-delta.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "value"', 'kind = "valve"', 'found "valve"; expected one of value'),
        ('ask = "delta[o1]"', 'ask = "delta[o7]"', 'there is no cell "delta[o7]"'),
        ('ask = "delta[o1]"', 'ask = "y[h1] + 1"', "is no cell"),
        ('scenario = "mazur-2-2-2"', 'scenario = "mazur"', "there is no built-in scenario"),
        ('"swapped-sign"', '"swaped-sign"', 'did you mean "swapped-sign"'),
        ('"w[h1->o1]" = { low', '"w[h7->o1]" = { low', "there is no such weight"),
        ("step = 0.25", "step = 0", "expected low < high"),
        ('id = "output-delta"', 'id = "Output Delta"', "small letters"),
        ("format = 1", "format = 2", "expected format = 1"),
        ('title = "The', 'titel = "The', 'did you mean "title"'),
        ('hints = ["The cost', 'hints = ["", "The cost', 'expected a hint that is not empty'),
        ('prompt = "And delta[o2]?"', 'tolerance = { rel = 7 }', "expected { rel = 0.01 }"),
        ('prompt = "And delta[o2]?"', 'at = "delta[nobody]"', "there is no cell"),
        ("\nformat", "\x1b[2J\nformat", "not TOML"),
    ],
)  # fmt: skip
def test_planted_mistakes_are_told_with_file_line_and_item(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    text = "\n" + GOOD
    assert old in text
    (tmp_path / "one.toml").write_text(text.replace(old, new, 1), "utf-8")
    assert main(["exercises", "check", "--path", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert re.search(r"one\.toml:\d+:\d+: ", error)
    assert "\x1b" not in error


def test_an_item_whose_wrong_answers_pass_is_refused(tmp_path: Path) -> None:
    text = (exercise_folder() / "21-vanishing-delta.toml").read_text("utf-8")
    drawn = text.index("[vary]")
    text = text[:drawn] + text[text.index("[[item]]") :]  # at the fixed point of the logistic y is near e
    (tmp_path / "one.toml").write_text(text, "utf-8")
    problems = check_path(tmp_path)[1]
    assert any("passes" in str(problem) for problem in problems)
    assert not check_exercise(next(e for e in load_path()[0] if e.id == "vanishing-delta"), seeds=(1, 2))


def test_two_exercises_with_one_id_are_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GOOD, "utf-8")
    problems = check_path(tmp_path, seeds=(0,))[1]
    assert any("is the id of a.toml, too" in str(problem) for problem in problems)


def test_a_folder_without_exercises_is_a_problem(tmp_path: Path) -> None:
    assert "no exercises" in str(check_path(tmp_path)[1][0])


def test_an_exercise_of_ones_own_with_a_scenario_beside_it(tmp_path: Path) -> None:
    from bpstep.scenario.catalogue import builtin_path

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "net.toml").write_text(builtin_path("mazur-2-2-2").read_text("utf-8"), "utf-8")
    (tmp_path / "one.toml").write_text(GOOD.replace('"mazur-2-2-2"', '"mine/net.toml"'), "utf-8")
    assert check_path(tmp_path)[1] == []
    assert Console(load(str(tmp_path / "mine" / "net.toml"))).length == 59


def test_work_inside_a_question_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the five trainings that the examiner tries as of the learner's own, in the two ways that answer."""
    monkeypatch.setattr("bpstep.debugger.session.BETWEEN_REPORTS", 0.0)
    heard: Counter[tuple[str, int, int]] = Counter()
    training = read_exercise(exercise_folder() / "30-faster.toml")
    assert list(play(training, 0, lambda *told: heard.update([told]))) == []
    assert heard["question", 0, 1] == 3
    assert heard["update", 1, training.items[0].updates] == 2 * (5 + 1)


def test_who_checks_hears_how_far_it_is_and_can_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of every question that is asked, and of all that are not because something is wrong with their exercise."""
    (tmp_path / "one.toml").write_text(GOOD, "utf-8")
    (tmp_path / "two.toml").write_text(
        GOOD.replace('"output-delta"', '"two"').replace("delta[o2]", "delta[q]"), "utf-8"
    )
    heard: list[tuple[str, int, int]] = []
    problems = check_path(tmp_path, (0, 1), lambda *told: heard.append(told))[1]
    assert problems
    questions = heard[0][2]
    assert {(what, of) for what, _, of in heard} == {("question", questions)}
    counts = [done for _, done, _ in heard]
    assert counts == sorted(counts)
    assert set(range(questions // 2 + 1)) <= set(counts) <= set(range(questions + 1))
    assert counts[-1] == questions

    def stop(*told: object) -> None:
        heard.append(("stopped", 0, 0))
        raise KeyboardInterrupt

    for way in (lambda: check_path(tmp_path, report=stop), lambda: variant_of(EXERCISES[6], 0, stop)):
        with pytest.raises(KeyboardInterrupt):
            way()
    monkeypatch.setattr("bpstep.progress_line.ProgressLine.show", stop)
    assert main(["exercises", "check", str(tmp_path)]) == 130
    assert heard[-4:].count(("stopped", 0, 0)) == 3
    assert capsys.readouterr().err == "interrupted\n"


def test_an_exercise_stands_in_forward_mode_by_what_can_change(tmp_path: Path) -> None:
    text = (exercise_folder() / "20b-forward-mode.toml").read_text("utf-8")
    for cell in ("z", "w[x->y]", "t[x]", "]"):
        (tmp_path / "one.toml").write_text(text.replace('forward = "x"', f'forward = "{cell}"'), "utf-8")
        assert any("forward: " in str(problem) for problem in check_path(tmp_path, seeds=(0,))[1]), cell


def test_what_is_counted_is_what_a_run_does() -> None:
    """The counts of a described net are those of a scenario of its shape."""
    from bpstep.exercises.counting import Stack

    work = Stack((2, 2, 2, 2, 2, 1)).counts
    assert (work["sweeps"], work["by-hand"], work["forward"], work["reverse"]) == (18, 578, 218, 42)
    session = Console(load("where-is-the-back-propagation"))
    steps = (session.run.step(number) for number in range(1, session.length + 1))
    assert sum(step.op == "contribute" for step in steps) == work["reverse"]
