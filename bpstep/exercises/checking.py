"""`bpstep exercises check`: what an author must prove of every exercise.

Ids are unique; the scenario and every cell exist; every item is answerable, and the engine's own answer passes;
blank, 0 and the answer of each wrong rule do not; variants separate.  All problems are told, with file and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bpstep.debugger.errors import CommandError
from bpstep.exercises.grading import CORRECT_ANSWER, NOT_GRADED
from bpstep.exercises.kinds import KINDS, writes_of
from bpstep.exercises.model import Exercise, load_path
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.variants import varied_scenario
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import Problem, ScenarioError

__all__ = ["check_exercise", "check_path"]

#: The variants that are tried.
SEEDS = (0, 1, 2)


def check_path(folder: Path | None = None) -> tuple[list[Exercise], list[Problem]]:
    """The exercises of a folder, and everything that is wrong with them."""
    exercises, problems = load_path(folder)
    seen: dict[str, str] = {}
    for exercise in exercises:
        if exercise.id in seen:
            problems.append(
                exercise.problem(("id",), f'"{exercise.id}" is the id of {seen[exercise.id]}, too')
            )
        seen.setdefault(exercise.id, exercise.file)
        problems += check_exercise(exercise)
    return exercises, problems


def check_exercise(exercise: Exercise, seeds: Sequence[int] = SEEDS) -> list[Problem]:
    """Everything that is wrong with one exercise."""
    try:
        scenario = varied_scenario(exercise)
    except ScenarioError as error:
        return list(error.problems)
    problems: list[Problem] = []
    for place in range(len(exercise.items)):
        # Where numbers are drawn, those of the file are never asked for: a wrong answer may be near the right one.
        problems += _check_item(exercise, place, scenario, seeds[0], is_asked=not exercise.vary)
    if problems or not exercise.vary:
        return problems
    for seed in seeds:
        try:
            variant = variant_of(exercise, seed)
        except CommandError as error:
            return [exercise.problem(("vary",), error.message)]
        for place in range(len(exercise.items)):
            problems += _check_item(exercise, place, variant, seed, is_asked=True)
    return problems


def _check_item(
    exercise: Exercise, place: int, scenario: Scenario, seed: int, *, is_asked: bool
) -> list[Problem]:
    item = exercise.items[place]
    path: tuple[str | int, ...] = ("item", place)
    where = f"item {place + 1}"
    try:
        posed = posed_item(exercise, place, scenario, seed)
        kind = KINDS[item.kind]
        if not kind.question(posed):
            return [exercise.problem(path, f"{where}: there is no question")]
        if kind.hides and writes_of(posed.session, posed.cell)[0] <= posed.session.position:
            return [
                exercise.problem(
                    (*path, "at"), f"{where}: {posed.cell} is shown already where it is asked for"
                )
            ]
        bad = kind.bad(posed) if is_asked else []
        found = [_graded(kind.grade(posed, text).verdict, text, where) for text in bad]
        problems = [exercise.problem(path, message) for message in found if message]
        answer = kind.solution(posed)
        if not answer:
            return [*problems, exercise.problem(path, f"{where}: no right answer was found")]
        verdict = kind.grade(posed, answer)
        if verdict.verdict != CORRECT_ANSWER:
            says = "; ".join(verdict.says)
            problems.append(
                exercise.problem(
                    path, f"{where}: the engine's own answer {answer!r} is {verdict.verdict}: {says}"
                )
            )
        return problems
    except CommandError as error:
        return [exercise.problem((*path, "ask"), f"{where}: {error.message}")]
    except IndexError:
        return [exercise.problem((*path, "ask"), f"{where}: no step ever writes this cell")]


def _graded(verdict: str, text: str, where: str) -> str:
    """What is wrong where an answer that must not pass does."""
    if text.strip() == "":
        return "" if verdict == NOT_GRADED else f"{where}: a blank answer is {verdict}; it must not be graded"
    return (
        f"{where}: the wrong answer {text} passes" if verdict in (CORRECT_ANSWER, "carried-forward") else ""
    )
