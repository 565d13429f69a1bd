"""Learners who go through exercises as people do: wrong first, with a hint, carried forward, shown, and right."""

from __future__ import annotations

import random
from pathlib import Path

from bpstep.debugger.console import Console
from bpstep.exercises.kind import Posed
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load

__all__ = ["learnt", "right_answer"]

#: A training that reaches what is asked, by exercise.
TRAININGS = {"faster": ("set lr = 0.25", "train 12"), "train-xor": ("set lr = 8", "train 400")}


def learnt(path: Path, exercises: list[Exercise], chance: random.Random) -> None:
    """Somebody goes through some exercises, and their progress is kept in a file."""
    session = Console(load("chain-rule"))
    tutor = session.tutor = ExerciseTutor(session, store=Store(path))
    for exercise in exercises:
        session.execute(f"exercise {exercise.id}")
        while tutor.posed is not None:
            _answer(session, tutor.posed, exercise.id, chance)


def _answer(session: Console, posed: Posed, name: str, chance: random.Random) -> None:
    right = right_answer(posed)
    what = chance.random()
    if posed.item.kind == "train":
        for line in TRAININGS[name] if what < 0.7 else ("train 2",):
            session.execute(line)
    elif what < 0.3:
        session.execute(f"answer {_wrong(posed, right, chance)}")
    elif what < 0.4:
        session.execute("hint")
    elif what < 0.5:
        session.execute("reveal")
        return
    if posed.item.kind == "check":
        session.execute("answer 1e-4")
    if what > 0.95:
        session.execute("exercise next")
        return
    session.execute(f"answer {right}".strip())
    tutor = session.tutor
    assert isinstance(tutor, ExerciseTutor)
    if (
        tutor.posed is posed
    ):  # a training that did not reach it, or an answer that is right by its value alone
        session.execute("reveal")


def right_answer(posed: Posed) -> str:
    """An answer that is right; of a number sometimes one that is carried forward from a wrong one."""
    if posed.item.kind == "train":
        return ""
    return KINDS[posed.item.kind].solution(posed)


def _wrong(posed: Posed, right: str, chance: random.Random) -> str:
    if posed.item.kind == "order":
        return " ".join(right.split()[::-1])
    if posed.item.kind == "check":
        return "1e-4"
    if posed.item.kind == "wrong-rule":
        return "article delta[o1]"
    if posed.item.kind == "code":
        return "1" if right != "1" else "2"
    return chance.choice(["123.4", "0.1", "-(" + right + ")", "7e-3"])
