"""The conversation: predict mode, a newcomer's way through an exercise, each misconception told by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpstep.debugger.answers import Asked, Graded
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.rules import RULES
from bpstep.exercises.asked import last_write
from bpstep.exercises.kind import truth
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import exercise_folder, load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.view.panes.timeline import facts
from bpstep.view.scene.frame import Frame

EXERCISES = load_path()[0]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "progress.json")


def session_with(store: Store | None = None, scenario: str = "mazur-2-2-2") -> Console:
    session = Console(load(scenario))
    session.tutor = ExerciseTutor(session, store=store)
    return session


def graded(session: Console, text: str) -> Graded:
    answer = session.execute(f"answer {text}")
    assert isinstance(answer, Graded)
    return answer


# --- predict mode ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scenario", ["mazur-2-2-2", "chain-rule", "fan-out", "softmax", "dead-relu", "momentum"]
)
def test_every_step_of_a_scenario_can_be_predicted(scenario: str) -> None:
    session = session_with(scenario=scenario)
    session.execute("predict on")
    assert session.tutor is not None
    for number in range(1, min(session.length, 70) + 1):
        step = session.whole_run.step(number)
        assert session.asked == step.cell
        answer = graded(session, repr(step.value))
        assert answer.verdict == "correct", f"{number}: {answer.says}"
        assert session.position == number
    assert session.tutor.score.startswith("predict on · ")


def test_a_wrong_prediction_stays_where_it_is_and_is_diagnosed() -> None:
    session = session_with()
    session.execute("goto 22")
    session.execute("predict on")
    answer = graded(session, "y[o1] - t[o1]")
    assert (answer.verdict, session.position) == ("wrong", 22)
    session.execute("expect verdict wrong")
    session.execute("expect diagnosis no-derivative")
    with pytest.raises(CommandError):
        session.execute("expect diagnosis article")
    assert graded(session, "").verdict == "not-graded"
    assert graded(session, "d(y[o1]) * local[o1]").verdict == "correct"
    assert session.position == 23
    session.execute("expect verdict correct")
    session.execute("predict off")
    assert session.asked is None


def test_hints_are_a_ladder_and_reveal_goes_on() -> None:
    session = session_with()
    session.execute("goto 33")
    session.execute("predict on")
    hints = [session.execute("hint") for _ in range(4)]
    texts = [hint.lines[0] for hint in hints if isinstance(hint, Asked)]
    assert texts[0].startswith("hint 1 of 3")
    assert "delta[o1] and w[h1->o1]" in texts[1]
    assert "0.1385 * 0.4" in texts[2]
    assert texts[3] == texts[2]
    session.execute("reveal")
    assert session.position == 34


@pytest.mark.parametrize("line", ["answer 3", "hint", "reveal"])
def test_where_nothing_is_asked_the_commands_say_so(line: str) -> None:
    with pytest.raises(CommandError, match="nothing is asked"):
        session_with().execute(line)


def test_the_end_has_nothing_to_predict() -> None:
    session = session_with()
    session.execute("goto end")
    session.execute("predict on")
    with pytest.raises(CommandError, match="this is the end"):
        session.execute("answer 1")


# --- exercises -------------------------------------------------------------------------------------------


def test_a_newcomer_fails_succeeds_quits_and_comes_back(store: Store) -> None:
    session = session_with(store)
    session.execute("exercise hidden-delta")
    assert graded(session, "delta[o2] * w[h1->o2]").diagnoses[0] == "overwrite"
    right = graded(session, "delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]")
    assert right.verdict == "correct"
    assert any("question 2 of 3" in line for line in right.then)
    values = session.run.snapshot(0).parameters.tolist()
    again = session_with(store)
    asked = again.execute("exercise hidden-delta")
    assert isinstance(asked, Asked)
    assert "question 2 of 3" in asked.lines[0], "on where it was left"
    assert again.run.snapshot(0).parameters.tolist() == values, "with the same variant"
    assert graded(again, "d(y[h1]) * local[h1]").verdict == "correct"
    end = graded(again, "delta[o1] * w[h2->o1] + delta[o2] * w[h2->o2]")
    assert "done" in end.then[0]
    items = store.read()["exercises"]["hidden-delta"]["items"]
    assert [items[key]["state"] for key in "012"] == ["solved"] * 3
    assert [items[key]["first_try"] for key in "012"] == [False, True, True]


def test_an_answer_that_is_right_given_an_earlier_wrong_one_is_told_so() -> None:
    session = session_with()
    session.execute("exercise both-signals seed=4")
    wrong = graded(session, "delta[o1] * w[h2->o1]")
    assert wrong.verdict == "wrong"
    session = session_with()
    session.execute("exercise weight-gradient seed=4")
    session.execute("exercise next")
    session = session_with()
    session.execute("exercise hidden-delta seed=4")
    assert graded(session, "0.2").verdict == "wrong"
    session.execute("exercise next")
    answer = graded(session, "0.2 * local[h1]")
    assert answer.verdict == "carried-forward"
    session.execute("expect verdict carried-forward")


def test_the_answer_lies_ahead_and_can_not_be_stepped_to() -> None:
    session = session_with()
    session.execute("exercise hidden-delta seed=1")
    at = session.position
    for line in ("step", "goto end", "until delta[h1]", "step phase"):
        with pytest.raises(CommandError, match="the answer lies ahead"):
            session.execute(line)
        assert session.position == at
    session.execute("back 3")
    session.execute("step 2")
    session.execute("reveal")
    assert session.position > at


def test_what_was_shown_is_not_solved(store: Store) -> None:
    session = session_with(store)
    session.execute("exercise chain-in-symbols")
    session.execute("reveal")
    assert store.read()["exercises"]["chain-in-symbols"]["items"]["0"]["state"] == "shown"
    session.execute("hint")
    graded(session, "d(v) * 2 * x")
    item = store.read()["exercises"]["chain-in-symbols"]["items"]["1"]
    assert (item["state"], item["first_try"]) == ("solved with help", False)


def test_the_log_of_an_exercise_asks_the_same_again(store: Store) -> None:
    session = session_with(store)
    session.execute("exercise hidden-delta")
    graded(session, "delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]")
    log = list(session.log)
    assert log[0].startswith("exercise hidden-delta seed=")
    again = session_with()
    for line in log:
        again.execute(line)
    assert again.position == session.position
    assert again.run.snapshot(0).parameters.tolist() == session.run.snapshot(0).parameters.tolist()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("exercise hidden-dleta", 'did you mean "hidden-delta"'),
        ("exercise hidden-delta seed=x", "expected seed=N"),
    ],
)
def test_what_is_no_exercise(line: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        session_with().execute(line)


MISCONCEPTIONS = sorted({(e.id, place, name) for e in EXERCISES for place, item in enumerate(e.items)
                         if item.kind == "value" for name in item.wrong or ()})  # fmt: skip


@pytest.mark.parametrize(("name", "place", "rule"), MISCONCEPTIONS)
def test_each_misconception_is_told_by_its_name(name: str, place: int, rule: str) -> None:
    exercise = next(e for e in EXERCISES if e.id == name)
    posed = posed_item(exercise, place, variant_of(exercise, 2), 2)
    wrong = posed.session.run_under(RULES[rule]).step(last_write(posed.session, posed.cell))
    if not truth(posed).holds(wrong.value):
        grade = KINDS["value"].grade(posed, repr(wrong.value))
        assert grade.verdict == "wrong"
        assert rule in grade.diagnoses


def test_a_formula_has_to_hold_with_other_numbers_too() -> None:
    session = session_with()
    session.execute("exercise weight-gradient seed=2")
    session.execute("exercise next")
    value = session.whole_run.step(29).value
    assert graded(session, repr(value)).says[0].startswith("It agrees here, but not with other weights")
    assert graded(session, "delta[o1] * y[h1]").verdict == "wrong"
    assert (
        graded(session, "d(y[o1]) * local[o1] * y[h2]")
        .says[0]
        .startswith("Right, but with 2 multiplications")
    )
    assert graded(session, "delta[o1] * y[h2]").verdict == "correct"


def test_order_names_the_first_that_can_not_come_there() -> None:
    session = session_with()
    session.execute("exercise what-comes-first")
    asked = session.tutor.question() if session.tutor is not None else None
    assert isinstance(asked, Asked)
    places = {line.split()[1]: line.split()[0] for line in asked.lines if line.startswith("  ")}
    assert graded(session, "1 1 2").verdict == "not-graded"
    backwards = " ".join(places[c] for c in ("d(x)", "d(v)", "d(u)", "y", "u", "v"))
    wrong = graded(session, backwards)
    assert wrong.verdict == "wrong"
    assert wrong.says[0].startswith("d(x) can not come there: it needs")
    right = " ".join(places[c] for c in ("v", "u", "y", "d(u)", "d(v)", "d(x)"))
    assert graded(session, right).verdict == "correct"


def test_a_wrong_rule_is_found_by_rule_and_cell() -> None:
    exercise = next(e for e in EXERCISES if e.id == "find-another")
    for seed in range(8):
        posed = posed_item(exercise, 0, load(exercise.scenario), seed)
        kind = KINDS["wrong-rule"]
        answer = kind.solution(posed)
        assert kind.grade(posed, answer).verdict == "correct"
        rule, _, cell = answer.partition(" ")
        assert kind.grade(posed, f"{rule} delta[h2]").verdict == (
            "correct" if cell == "d(e[h2])" else "wrong"
        )
        assert kind.grade(posed, f"swapped-sign {cell}").verdict == "wrong"
        assert kind.grade(posed, rule).verdict == "not-graded"


def test_a_gradient_is_judged_by_its_difference_quotient() -> None:
    session = session_with()
    session.execute("exercise is-it-right seed=3")
    assert graded(session, "right").verdict == "not-graded"
    tried = graded(session, "1e-4")
    assert "relative difference" in tried.says[1]
    assert graded(session, "-1").verdict == "not-graded"
    verdicts = dict.fromkeys(("right", "wrong"))
    good = float(tried.says[1].split()[2].rstrip(":")) < 1e-4
    answer = graded(session, "right" if good else "wrong")
    assert answer.verdict == "correct"
    assert verdicts


def test_training_is_graded_by_the_run_itself() -> None:
    session = session_with()
    session.execute("exercise train-xor")
    assert graded(session, "").verdict == "not-graded"
    session.execute("train 100")
    assert graded(session, "").verdict == "wrong"
    session.execute("goto start")
    session.execute("set w[x1->h1] = 5")
    assert "stay as they are" in graded(session, "").says[0]
    session.execute("undo")
    session.execute("set lr = 8")
    session.execute("train 400")
    assert graded(session, "").verdict == "correct"


# --- one after the other ----------------------------------------------------------------------------------


def test_next_begins_the_next_exercise_and_says_when_all_are_done(store: Store, tmp_path: Path) -> None:
    for name in ("01-first-chain-rule", "07-output-delta"):
        text = (exercise_folder() / f"{name}.toml").read_text("utf-8")
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    session = Console(load("xor"))
    tutor = session.tutor = ExerciseTutor(session, store=store, folder=tmp_path)
    for name in ("first-chain-rule", "output-delta"):
        session.execute("exercise next")
        assert tutor.exercise_now is not None
        assert tutor.exercise_now.id == name
        for _ in range(3):
            session.execute("reveal")
        assert tutor.exercise_now is None
    asked = session.execute("exercise next")
    assert isinstance(asked, Asked)
    assert asked.lines == ("all 2 exercises of the path are done",)
    assert (tutor.exercise_now, tutor.is_asking) == (None, False)


def test_what_was_passed_over_comes_back_with_other_numbers(store: Store) -> None:
    session = session_with(store)
    session.execute("exercise hidden-delta")
    assert isinstance(session.tutor, ExerciseTutor)
    assert session.tutor.posed is not None
    first = session.tutor.posed.seed
    session.execute("exercise next")
    session.execute("print d(y[h1])")
    session.execute(f"exercise hidden-delta seed={first}")
    assert graded(session, "delta[o1] * w[h1->o1] + delta[o2] * w[h1->o2]").verdict == "correct"
    assert store.read()["exercises"]["hidden-delta"]["items"]["0"]["state"] == "shown", "for it was seen"
    session = session_with(store)
    session.execute("exercise hidden-delta")
    session.execute("exercise next")
    session.execute("exercise hidden-delta")
    assert isinstance(session.tutor, ExerciseTutor)
    assert session.tutor.posed is not None
    assert session.tutor.posed.seed != first


# --- leaving, and trouble ---------------------------------------------------------------------------------


def test_who_loads_another_scenario_has_left_the_exercise(store: Store) -> None:
    session = session_with(store)
    session.execute("exercise hidden-delta")
    assert session.asked is not None
    session.execute("load chain-rule")
    assert session.tutor is not None
    assert (session.asked, session.tutor.is_asking, session.tutor.score) == (None, False, "")
    session.execute("continue")
    assert session.position == session.length, "nothing holds the session back any more"
    with pytest.raises(CommandError, match="nothing is asked"):
        session.execute("answer 1")


#: The exercises that ask for a rule, and one that does not.
SECRETS = [
    exercise
    for exercise in load_path(retired=True)[0]
    if exercise.id == "hidden-delta" or any(KINDS[item.kind].conceals for item in exercise.items)
]


@pytest.mark.parametrize("ended", ["answer", "reveal", "exercise next", "load chain-rule"])
@pytest.mark.parametrize("exercise", SECRETS, ids=[exercise.id for exercise in SECRETS])
def test_a_rule_is_a_secret_exactly_as_long_as_it_is_asked(exercise: Exercise, ended: str) -> None:
    """Over restart, too; the header tells it as soon as nobody asks any more."""
    session = session_with()
    session.execute(f"exercise {exercise.id} seed=3")
    tutor = session.tutor
    assert isinstance(tutor, ExerciseTutor)
    while (posed := tutor.posed) is not None:
        for line in ("restart", "back", "show story"):
            session.execute(line)
            assert session.conceals == session.moment.conceals == posed.kind.conceals
            assert ("rule ?" in header_of(session)) == posed.kind.conceals
        if ended == "answer":
            for text in [posed.kind.first, posed.kind.solution(posed)]:
                session.execute(f"answer {text}")
            assert tutor.verdict == "correct"
        else:
            session.execute(ended)
    rule = session.setup.rule
    assert not session.conceals
    assert not session.is_veiled
    assert ("rule" in header_of(session)) == (rule.name != "correct")
    assert rule.name == "correct" or f"rule {rule.name}" in header_of(session)


def header_of(session: Console) -> str:
    """The facts at the top of the screen that are not about the question."""
    return facts(Frame.of(session), short=False)


def test_progress_that_can_not_be_kept_is_said_once_and_the_exercise_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    session = session_with(Store(tmp_path / "file" / "progress.json"))
    asked = session.execute("exercise hidden-delta")
    assert isinstance(asked, Asked)
    assert sum("Progress is not kept" in line for line in asked.lines) == 1
    assert graded(session, "0").verdict == "wrong"
    assert isinstance(session.tutor, ExerciseTutor)
    assert session.tutor.record is not None
    assert session.tutor.record.trouble == ""
    items = session.tutor.record.read()["exercises"]["hidden-delta"]["items"]
    assert items["0"]["tries"] == 1, "it is remembered all the same"


def test_a_folder_without_exercises_has_none_to_begin(tmp_path: Path) -> None:
    session = Console(load("xor"))
    session.tutor = ExerciseTutor(session, store=Store(tmp_path / "progress.json"), folder=tmp_path)
    with pytest.raises(CommandError, match="no exercise"):
        session.execute("exercise")
