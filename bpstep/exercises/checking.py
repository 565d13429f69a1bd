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
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.steps import Factor
from bpstep.english import listed
from bpstep.exercises.asked import writes_of
from bpstep.exercises.kind import Posed
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.playing import WAYS, is_drawn, play
from bpstep.exercises.posing import posed_item
from bpstep.exercises.reading import read_for
from bpstep.exercises.variants import varied_scenario
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import Problem, ScenarioError

__all__ = ["check_exercise", "check_path"]

#: The variants that are played.
SEEDS = tuple(range(10))


def check_path(
    folder: Path | None = None, seeds: Sequence[int] = SEEDS, report: Listener = unheard
) -> tuple[list[Exercise], list[Problem]]:
    """The exercises of a folder, retired ones included, and everything that is wrong with them where they are played
    with some seeds.  ``report`` hears how many questions of all variants were gone through."""
    exercises, problems = load_path(folder, retired=True)
    heard = _Heard(report, sum(_questions(exercise, seeds) for exercise in exercises))
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
        problems += check_exercise(exercise, seeds, heard)
        heard.skip_to(heard.before + _questions(exercise, seeds))
    return exercises, problems


def _seeds_of(exercise: Exercise, seeds: Sequence[int]) -> Sequence[int]:
    """One is enough where all variants are the same."""
    return seeds if is_drawn(exercise) else seeds[:1]


def _questions(exercise: Exercise, seeds: Sequence[int]) -> int:
    """How often a question of an exercise is asked where nothing is wrong with it."""
    return len(_seeds_of(exercise, seeds)) * len(WAYS) * len(exercise.items)


class _Heard:
    """Counts the questions of all exercises for whoever wants to hear how far the checking is.

    What is heard of work inside a question is passed on as the count as it stands: it goes on."""

    def __init__(self, report: Listener, of: int) -> None:
        self.report, self.of = report, of
        #: The questions of the exercises before this one, and those that were asked of this one.
        self.before = self.asked = 0

    def __call__(self, what: str, done: int, of: int) -> None:
        """Something was heard from an exercise."""
        self.asked += what == "question"
        self.report("question", min(self.before + self.asked, self.of), self.of)

    def skip_to(self, before: int) -> None:
        """An exercise is checked, whether all of its questions were asked or not."""
        self.before, self.asked = before, 0
        self.report("question", before, self.of)


def check_exercise(
    exercise: Exercise, seeds: Sequence[int] = SEEDS, report: Listener = unheard
) -> list[Problem]:
    """Everything that is wrong with one exercise: with its questions by themselves, and where it is played."""
    try:
        scenario = varied_scenario(exercise)
    except ScenarioError as error:
        return list(error.problems)
    problems = [
        found
        for place in range(len(exercise.items))
        for found in _check_item(exercise, place, scenario, report)
    ]
    if problems:
        return problems
    return _check_played(exercise, _seeds_of(exercise, seeds), report)


def _check_item(exercise: Exercise, place: int, scenario: Scenario, report: Listener) -> list[Problem]:
    """What is wrong with a question wherever it is asked: what it is about is not there, or is there already."""
    path: tuple[str | int, ...] = ("item", place)
    where = f"item {place + 1}"
    try:
        posed = posed_item(exercise, place, scenario, 0, report=report)
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


def _check_played(exercise: Exercise, seeds: Sequence[int], report: Listener) -> list[Problem]:
    """What goes wrong where an exercise is gone through; of each question what goes wrong first."""
    found: dict[int, Problem] = {}
    for seed in seeds:
        try:
            for fault in play(exercise, seed, report):
                variant = f", variant {seed}" if is_drawn(exercise) else ""
                if fault.place not in found:
                    message = f"item {fault.place + 1}{variant}: {fault.says}"
                    found[fault.place] = exercise.problem(("item", fault.place), message)
        except CommandError as error:
            return [*found.values(), exercise.problem(("vary",), error.message)]
    return list(found.values())
