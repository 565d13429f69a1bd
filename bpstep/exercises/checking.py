"""`bpstep exercises check`: what an author must prove of every exercise.

Ids are unique; the scenario and every cell exist; variants separate.  Then each is played through a real session, in
ten variants and three ways (`bpstep.exercises.playing`): every question is come to, the engine's own answer passes,
and blank, 0, the answer of each wrong rule and each slip do not.  All problems are told, with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bpstep.debugger.errors import CommandError
from bpstep.engine.steps import Factor
from bpstep.english import listed
from bpstep.exercises.asked import writes_of
from bpstep.exercises.kind import Posed
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.playing import is_drawn, play
from bpstep.exercises.posing import posed_item
from bpstep.exercises.reading import read_for
from bpstep.exercises.variants import varied_scenario
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import Problem, ScenarioError

__all__ = ["check_exercise", "check_path"]

#: The variants that are played.
SEEDS = tuple(range(10))


def check_path(
    folder: Path | None = None, seeds: Sequence[int] = SEEDS
) -> tuple[list[Exercise], list[Problem]]:
    """The exercises of a folder, retired ones included, and everything that is wrong with them where they are played
    with some seeds."""
    exercises, problems = load_path(folder, retired=True)
    offered = {exercise.id for exercise in exercises if not exercise.retired}
    seen: dict[str, str] = {}
    for exercise in exercises:
        if exercise.id in seen:
            problems.append(
                exercise.problem(("id",), f'"{exercise.id}" is the id of {seen[exercise.id]}, too')
            )
        seen.setdefault(exercise.id, exercise.file)
        if exercise.retired and exercise.retired not in offered:
            expected = "expected the id of the exercise that took its place"
            problems.append(
                exercise.problem(("retired",), f'"{exercise.retired}" is not on the path; {expected}')
            )
        problems += check_exercise(exercise, seeds)
    return exercises, problems


def check_exercise(exercise: Exercise, seeds: Sequence[int] = SEEDS) -> list[Problem]:
    """Everything that is wrong with one exercise: with its questions by themselves, and where it is played."""
    try:
        scenario = varied_scenario(exercise)
    except ScenarioError as error:
        return list(error.problems)
    problems = [
        found for place in range(len(exercise.items)) for found in _check_item(exercise, place, scenario)
    ]
    if problems:
        return problems
    return _check_played(exercise, seeds if is_drawn(exercise) else seeds[:1])


def _check_item(exercise: Exercise, place: int, scenario: Scenario) -> list[Problem]:
    """What is wrong with a question wherever it is asked: what it is about is not there, or is there already."""
    path: tuple[str | int, ...] = ("item", place)
    where = f"item {place + 1}"
    try:
        posed = posed_item(exercise, place, scenario, 0)
        kind = KINDS[exercise.items[place].kind]
        if not kind.question(posed):
            return [exercise.problem(path, f"{where}: there is no question")]
        if kind.hides and writes_of(posed.session, posed.cell)[0] <= posed.session.position:
            message = f"{where}: {posed.cell} is shown already where it is asked for"
            return [exercise.problem((*path, "at"), message)]
        hidden = read_for(posed.session, posed.cell)[1] if kind.hides else []
        if unseen := [one for one in hidden if not _says(posed, one)]:
            names = listed([f"{one.cell} = {one.value:g}" for one in unseen[:3]])
            message = f"{where}: the answer needs {names}, shown nowhere there; say it in the prompt"
            return [exercise.problem((*path, "prompt"), message)]
    except CommandError as error:
        return [exercise.problem((*path, "ask"), f"{where}: {error.message}")]
    except IndexError:
        return [exercise.problem((*path, "ask"), f"{where}: no step ever writes this cell")]
    return []


def _says(posed: Posed, factor: Factor) -> bool:
    """Whether the words of a question hold the value of a cell."""
    words = posed.item.prompt.replace("−", "-")
    return re.search(rf"(?<![\d.]){re.escape(f'{factor.value:g}')}(?![\d.])", words) is not None


def _check_played(exercise: Exercise, seeds: Sequence[int]) -> list[Problem]:
    """What goes wrong where an exercise is gone through; of each question what goes wrong first."""
    found: dict[int, Problem] = {}
    for seed in seeds:
        try:
            for fault in play(exercise, seed):
                variant = f", variant {seed}" if is_drawn(exercise) else ""
                if fault.place not in found:
                    message = f"item {fault.place + 1}{variant}: {fault.says}"
                    found[fault.place] = exercise.problem(("item", fault.place), message)
        except CommandError as error:
            return [*found.values(), exercise.problem(("vary",), error.message)]
    return list(found.values())
