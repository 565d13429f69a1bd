"""Every exercise is played through a real session, question by question: by wrong answers first, then by the right one;
and by having each answer shown."""

from __future__ import annotations

import pytest

from bpstep.debugger.answers import Asked, Graded
from bpstep.debugger.session import Session
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise, load_path
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.trainings import commands_of
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load

EXERCISES = load_path()[0]
IDS = [exercise.id for exercise in EXERCISES]
SEEDS = (3, 11)


def begun(exercise: Exercise, seed: int) -> tuple[Session, ExerciseTutor, list[str]]:
    session = Session(load("one-neuron"))
    tutor = session.tutor = ExerciseTutor(session)
    asked = session.execute(f"exercise {exercise.id} seed={seed}")
    assert isinstance(asked, Asked)
    return session, tutor, list(asked.lines)


def heads_and_prompts_agree(exercise: Exercise, tutor: ExerciseTutor, lines: list[str], place: int) -> None:
    """The header that is shown is that of the question whose prompt is shown."""
    assert tutor.posed is not None
    heads = [line for line in lines if line.startswith(f"{exercise.title}   question ")]
    assert len(heads) == 1, lines
    assert f"question {place + 1} of {len(exercise.items)}" in heads[0]
    prompt = exercise.items[place].prompt
    if prompt:
        assert any(prompt in line for line in lines[lines.index(heads[0]) + 1 :]), lines


def train_as_it_should_be(session: Session, exercise: Exercise, place: int, seed: int) -> None:
    """What somebody does who knows a rate that is good enough, found in a session of their own."""
    posed = posed_item(exercise, place, variant_of(exercise, seed), seed)
    assert KINDS["train"].solution(posed)
    for line in commands_of(posed.learner.run):
        session.execute(line)


def answered(session: Session, text: str) -> Graded:
    found = session.execute(f"answer {text}")
    assert isinstance(found, Graded)
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_every_question_is_asked_and_its_right_answer_leads_on(exercise: Exercise, seed: int) -> None:
    session, tutor, lines = begun(exercise, seed)
    for place in range(len(exercise.items)):
        assert tutor.place == place
        heads_and_prompts_agree(exercise, tutor, lines, place)
        assert tutor.posed is not None
        kind = KINDS[tutor.posed.item.kind]
        wrong = kind.bad(tutor.posed) if kind.name != "train" else []
        for text in wrong[:12]:
            if text.strip():
                assert answered(session, text).verdict in ("wrong", "not-graded"), text
                assert tutor.place == place
        for _ in range(4):
            assert isinstance(session.execute("hint"), Asked)
        right = "" if kind.name == "train" else kind.solution(tutor.posed)
        if kind.name == "train":
            train_as_it_should_be(session, exercise, place, seed)
        elif kind.name == "check":
            assert answered(session, "1e-5").verdict == "not-graded"
        grade = answered(session, right)
        assert grade.verdict == "correct", (right, grade.says)
        lines = list(grade.then)
    assert lines[-1].startswith(f"{exercise.title}: done.")
    assert tutor.exercise_now is None


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_every_question_is_asked_when_each_answer_is_shown(exercise: Exercise) -> None:
    session, tutor, lines = begun(exercise, 3)
    for place in range(len(exercise.items)):
        heads_and_prompts_agree(exercise, tutor, lines, place)
        shown = session.execute("reveal")
        assert isinstance(shown, Asked)
        lines = list(shown.lines)
    assert lines[-1].startswith(f"{exercise.title}: done.")
