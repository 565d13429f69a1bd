"""Every exercise is played through a real session, in three ways; and what could go wrong there is found where it is
planted."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bpstep.debugger.answering import as_answer
from bpstep.debugger.answers import Graded, Value
from bpstep.debugger.console import Console
from bpstep.exercises import tutor as tutor_module
from bpstep.exercises.checking import check_exercise, check_path
from bpstep.exercises.grade import CORRECT_ANSWER, Grade
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import exercise_folder, load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.playing import play
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.reading import read_for
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.repl import converse
from bpstep.scenario.loader import load

EXERCISES = load_path()[0]
IDS = [exercise.id for exercise in EXERCISES]
ITEMS = [(exercise, place) for exercise in EXERCISES for place in range(len(exercise.items))]
SEED = 3


def named(name: str) -> Exercise:
    return EXERCISES[IDS.index(name)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_an_exercise_is_gone_through_from_the_first_question_to_done(exercise: Exercise) -> None:
    assert list(play(exercise, SEED)) == []


# --- planted ----------------------------------------------------------------------------------------------


def test_a_wrong_answer_that_passes_is_named_with_its_item_its_seed_and_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = KINDS["value"]

    def lenient(posed: object, text: str) -> Grade:
        grade = kind.grade(posed, text)  # type: ignore[arg-type]
        return Grade(CORRECT_ANSWER) if "swapped-sign" in grade.diagnoses else grade

    monkeypatch.setitem(KINDS, "value", replace(kind, grade=lenient))
    problems = [str(problem) for problem in check_exercise(named("output-delta"), (4, 5))]
    assert len(problems) == 2
    assert "07-output-delta.toml:" in problems[0]
    assert "item 1, variant 4: the wrong answer " in problems[0]
    assert problems[0].endswith("passes: the rule swapped-sign gives it")


def test_a_question_that_nobody_comes_to_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pose = ExerciseTutor._pose

    def skipping(tutor: ExerciseTutor) -> None:
        tutor.place += tutor.place == 1
        pose(tutor)

    monkeypatch.setattr(tutor_module.ExerciseTutor, "_pose", skipping)
    assert {fault.says for fault in play(named("output-delta"), SEED)} == {"it is not asked; question 3 is"}


def test_a_verdict_that_is_mixed_with_the_next_question_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ExerciseTutor._next_lines
    monkeypatch.setattr(ExerciseTutor, "_next_lines", lambda tutor: (*tutor.question().lines, *lines(tutor)))  # type: ignore[union-attr]
    assert any("its header is not that of question 2" in fault.says for fault in play(named("not-yet"), SEED))


def test_what_is_wrong_with_the_tutor_is_told_by_the_authors_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.toml").write_bytes((exercise_folder() / "20-why-back.toml").read_bytes())
    monkeypatch.setattr(ExerciseTutor, "reveal", lambda tutor: tutor.hint())
    problems = check_path(tmp_path, seeds=(SEED,))[1]
    assert problems
    assert all("one.toml" in str(problem) for problem in problems)


# --- at the prompt ----------------------------------------------------------------------------------------


def begun(exercise: Exercise, place: int) -> Console:
    session = Console(load("one-neuron"))
    session.tutor = ExerciseTutor(session)
    session.execute(f"exercise {exercise.id} seed={SEED}")
    for _ in range(place):
        session.execute("next")
    return session


@pytest.mark.parametrize(("exercise", "place"), ITEMS, ids=lambda x: getattr(x, "id", x))
def test_at_a_prompt_an_answer_is_typed_as_it_is(exercise: Exercise, place: int) -> None:
    if exercise.items[place].kind == "train":
        return
    session = begun(exercise, place)
    posed = posed_item(exercise, place, variant_of(exercise, SEED), SEED)
    typed = KINDS[posed.item.kind].solution(posed)
    assert as_answer(session, typed) == f"answer {typed}"


def test_at_a_prompt_a_command_stays_one_and_a_slip_of_the_keyboard_costs_no_try() -> None:
    session = begun(named("not-reset"), 1)
    for line in ("hint", "print w", "w", "step", "s", "exercises", "hnit", "revael", "# a remark"):
        assert as_answer(session, line) == (f"answer {line}" if line == "w" else line)
    assert as_answer(session, "pritn w") == "answer pritn w", "which is not graded"
    session.execute("next")
    session.execute("next")
    assert as_answer(session, "0.5") == "0.5", "nothing is asked"


def test_the_path_at_a_prompt_from_its_list_to_its_end_is_kept_like_any_other_work() -> None:
    typed = ["next", "0", "hint", "exp(u)", "next", "reveal", "next", "0.5", "next", "exercises"]
    out = io.StringIO()
    session = Console(load("one-neuron"))
    session.tutor = ExerciseTutor(session, store=Store())
    converse(session, io.StringIO("\n".join(typed)), out, "exercises")
    told = out.getvalue()
    assert told.index("next begins first-chain-rule") < told.index("question 1 of 3")
    assert "\n\nThe first chain rule   question 2 of 3" in told, (
        "the next prompt stands apart from the verdict"
    )
    assert "next goes on to chain-in-symbols" in told
    items = Store().read()["exercises"]["first-chain-rule"]["items"]
    assert [items[key].get("state") for key in "012"] == ["solved with help", None, "shown"]


def test_what_is_done_in_a_session_of_any_scenario_is_kept() -> None:
    converse(Console(load("mazur-2-2-2")), io.StringIO("exercise first-chain-rule\nexp(u)\n"), io.StringIO())
    assert Store().read()["exercises"]["first-chain-rule"]["items"]["0"]["state"] == "solved"


# --- what is asked for ------------------------------------------------------------------------------------

#: A word that tells what an answer to a question of a kind is made of.
_SAID = {"value": "number", "formula": "expression", "order": "order", "wrong-rule": "RULE CELL", "check": "step h",
         "count": "whole number", "train": "train N", "code": "number of a line"}  # fmt: skip


@pytest.mark.parametrize(("exercise", "place"), ITEMS, ids=lambda x: getattr(x, "id", x))
def test_the_field_asks_for_what_is_asked_and_its_examples_can_be_answered(
    exercise: Exercise, place: int
) -> None:
    session = begun(exercise, place)
    assert session.tutor is not None
    wanted, kind = session.tutor.wants, exercise.items[place].kind
    assert _SAID[kind] in wanted
    assert ("a number" in wanted) == (kind == "value")
    assert len(wanted) <= 66, "it is seen at 80 columns"
    example = wanted.partition("such as ")[2].partition(",")[0].partition(";")[0]
    assert ("such as" in wanted) == bool(example)
    if example:
        grade = session.execute(f"answer {example}")
        assert isinstance(grade, Graded)
        assert grade.verdict != "not-graded" or (kind == "check" and "with h = " in grade.says[0])


# --- what a question is worked out from -------------------------------------------------------------------


def test_an_answer_that_needs_what_is_shown_nowhere_is_refused(tmp_path: Path) -> None:
    text = (exercise_folder() / "24-a-batch.toml").read_text("utf-8")
    (tmp_path / "one.toml").write_text(
        text.replace("The samples (x, t) are (1, 2), (2, 1) and (-1, -3). ", ""), "utf-8"
    )
    problems = [str(problem) for problem in check_path(tmp_path)[1]]
    assert len(problems) == 1
    assert (
        "item 2: the answer needs y[x] = 2 and y[x] = -1, shown nowhere there; say it in the prompt"
        in problems[0]
    )


def test_who_predicts_a_sum_is_told_what_has_arrived_and_who_predicts_an_update_what_is_there() -> None:
    session = Console(load("mazur-2-2-2"))
    session.tutor = ExerciseTutor(session)
    session.execute("predict on")
    while session.position < session.length:
        step = session.whole_run.step(session.position + 1)
        told = " ".join(session.tutor.question().lines)  # type: ignore[attr-defined]
        needed = step.was is not None and (step.op == "update" or (step.part or (1, 1))[0] > 1)
        assert not needed or f"So far it is {step.was:.6g}".replace("-", "−") in told
        session.execute("reveal")


TWINS = {"equal-weights": ("y[h1]", "delta[h1]", "w[x1->h1]"), "bias-is-a-weight": ("", "d(w[one->q])", "")}


@pytest.mark.parametrize("name", TWINS)
def test_who_sees_that_two_are_alike_may_say_so(name: str) -> None:
    session = begun(named(name), 0)
    for answer in TWINS[name]:
        grade = session.execute(f"answer {answer}" if answer else "reveal")
        assert not answer or (isinstance(grade, Graded) and grade.verdict == CORRECT_ANSWER)


@pytest.mark.parametrize(("name", "place", "answer"), [
    ("the-shared-tail", 2, "delta[a1]"),  # x1 is 1 here
    ("equal-weights", 0, "y[x1]"), ("equal-weights", 1, "delta[o1]"), ("bias-is-a-weight", 1, "delta[p]*y[x]"),
])  # fmt: skip
def test_what_only_happens_to_be_alike_is_no_answer(name: str, place: int, answer: str) -> None:
    grade = begun(named(name), place).execute(f"answer {answer}")
    assert isinstance(grade, Graded)
    assert grade.verdict == "wrong"


def test_an_echo_can_be_typed_again() -> None:
    session = begun(named("hidden-delta"), 2)
    grade = session.execute("answer delta[o1] * w[h2->o1] - 0.5")
    assert isinstance(grade, Graded)
    assert grade.echo.startswith("delta[o1] * w[h2->o1] - 0.5 = ")


@pytest.mark.parametrize(("exercise", "place"), ITEMS, ids=lambda x: getattr(x, "id", x))
def test_what_an_answer_is_worked_out_from_can_be_printed_while_it_is_asked(
    exercise: Exercise, place: int
) -> None:
    if not KINDS[exercise.items[place].kind].hides:
        return
    session = begun(exercise, place)
    tutor = session.tutor
    assert isinstance(tutor, ExerciseTutor)
    assert tutor.posed is not None
    shown, hidden = read_for(session, tutor.posed.cell)
    for factor in shown:
        printed = session.execute(f"print {factor.cell}")
        assert isinstance(printed, Value)
        assert printed.value == factor.value
    said = " ".join(tutor.question().lines).replace("−", "-")  # type: ignore[attr-defined]
    assert all(f"{factor.value:g}" in said for factor in hidden)
