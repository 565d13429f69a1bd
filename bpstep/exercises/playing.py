"""An exercise is played through a real session, question by question, as learners go through it.

A question that is well made by itself may still be one that nobody comes to, or whose answer is refused where it is
asked.  So an exercise is gone through in three ways, from `exercise ID` to "done":

    right      by the right answers alone
    shown      by having each answer shown
    wrong      by each mistake that has a name, and every hint, before the right answer

At each question the header belongs to the prompt below it, what is wrong is refused and leads nowhere, and what is
right leads on to the very next question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bpstep.debugger.answers import Answer, Asked, Graded
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.progress import Listener, unheard
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.trainings import commands_of
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.lazily import dataclass
from bpstep.scenario.model import Scenario

__all__ = ["WAYS", "Fault", "Play", "is_drawn", "play"]

#: What is done at a question; answers with what is wrong, and the lines that lead on.
_Way = Callable[["Play", int], tuple[list[str], Sequence[str]]]

#: More hints than any question has: the last one is given again.
_ALL_HINTS = 4


@dataclass(frozen=True)
class Fault:
    """What went wrong at a question: its place among the items, and in words."""

    place: int
    says: str


def is_drawn(exercise: Exercise) -> bool:
    """Whether an exercise differs from seed to seed: in its numbers, its order, or the rule that made its run."""
    return bool(exercise.vary) or any(KINDS[item.kind].is_drawn for item in exercise.items)


def play(exercise: Exercise, seed: int, report: Listener = unheard) -> Iterator[Fault]:
    """Go through one variant of an exercise in the three ways; `CommandError` where it can not even be begun.
    ``report`` hears of every question, and how far long work is."""
    scenario = variant_of(exercise, seed, report)
    for way in WAYS:
        yield from Play(exercise, seed, scenario, report).faults(way)


class Play:
    """An exercise that is gone through in a session of its own, where any number of tries counts: every mistake is
    made at a question before it is answered rightly."""

    def __init__(self, exercise: Exercise, seed: int, scenario: Scenario, report: Listener = unheard) -> None:
        items = tuple(replace(item, max_tries=None) for item in exercise.items)
        exercise = replace(exercise, items=items)
        self.exercise, self.seed, self.scenario, self.report = exercise, seed, scenario, report
        self.session = Console(scenario)
        self.session.listener = report
        self.tutor = self.session.tutor = ExerciseTutor(self.session, path=[exercise])

    def faults(self, way: _Way, first: int = 0) -> Iterator[Fault]:
        """Answer every question from the one at ``first`` on in a way; behind a fault it begins anew."""
        count = len(self.exercise.items)
        lines = self.begun(first)
        for place in range(first, count):
            self.report("question", place, count)
            wrong = self.asked_wrongly(place, lines)
            try:
                found, lines = way(self, place) if not wrong else ([], ())
            except CommandError as error:
                found, lines = [f"the session refuses it: {error.message}"], ()
            faults = [*wrong, *found] or ([] if lines else ["nothing leads on from here"])
            if faults:
                yield from (Fault(place, says) for says in faults)
                if place + 1 < count:
                    again = Play(self.exercise, self.seed, self.scenario, self.report)
                    yield from again.faults(way, place + 1)
                return
        if self.tutor.exercise_now is not None or not lines[0].startswith(f"{self.exercise.title}: done."):
            yield Fault(count - 1, "behind the last question it does not end")

    def begun(self, place: int) -> Sequence[str]:
        """Begin, and go on to a question; the lines that ask it."""
        begun = self.session.execute(f"exercise {self.exercise.id} seed={self.seed}")
        assert isinstance(begun, Asked)
        lines: Sequence[str] = begun.lines
        for _ in range(place):
            passed = self.session.execute("exercise next")
            assert isinstance(passed, Asked)
            lines = passed.then
        return lines

    def asked_wrongly(self, place: int, lines: Sequence[str]) -> list[str]:
        """What is wrong with how a question is asked: another one is open, or two are mixed."""
        title, of = self.exercise.title, len(self.exercise.items)
        if self.tutor.posed is None or self.tutor.place != place:
            return [f"it is not asked; question {self.tutor.place + 1} is"]
        heads = [line for line in lines if line.startswith(f"{title}   question ")]
        if len(heads) != 1 or f"question {place + 1} of {of}" not in heads[0]:
            return [f"its header is not that of question {place + 1} of {of}"]
        asked = self.tutor.posed.kind.question(self.tutor.posed)
        return [] if list(lines[-len(asked) :]) == asked else ["the question below its header is another one"]

    def answered(self, text: str) -> Graded:
        """What comes of an answer."""
        return _graded(self.session.execute(f"answer {text}"))

    def right_answer(self, place: int) -> str:
        """An answer that is right, after what has to be done for it: a training, or a look at a difference."""
        assert self.tutor.posed is not None
        kind = self.tutor.posed.kind
        if not kind.is_training:
            if kind.first:
                self.answered(kind.first)
            return kind.solution(self.tutor.posed)
        posed = posed_item(self.exercise, place, self.scenario, self.seed, report=self.report)
        found = kind.solution(posed)
        for line in commands_of(posed.learner.run):
            self.session.execute(line)
        return found


def _graded(answer: Answer) -> Graded:
    assert isinstance(answer, Graded)
    return answer


def _by_right_answers(play: Play, place: int) -> tuple[list[str], Sequence[str]]:
    text = play.right_answer(place)
    if not text:
        return ["no right answer was found"], ()
    grade = play.answered(text)
    if grade.verdict != CORRECT_ANSWER:
        return [f"the engine's own answer {text!r} is {grade.verdict}: {'; '.join(grade.says)}"], ()
    return [], grade.then


def _by_having_it_shown(play: Play, place: int) -> tuple[list[str], Sequence[str]]:
    shown = play.session.execute("reveal")
    assert isinstance(shown, Asked)
    return [] if shown.lines else ["reveal shows nothing"], shown.then


def _by_mistakes_first(play: Play, place: int) -> tuple[list[str], Sequence[str]]:
    assert play.tutor.posed is not None
    for mistake in play.tutor.posed.kind.bad(play.tutor.posed):
        verdict = play.answered(mistake.text).verdict
        wanted = (WRONG, NOT_GRADED) if mistake.text.strip() else (NOT_GRADED,)
        if verdict not in wanted:
            if not mistake.text.strip():
                return [f"a blank answer is {verdict}; it must not be graded"], ()
            return [f"the wrong answer {mistake.text} passes: {mistake.name}"], ()
    for _ in range(_ALL_HINTS):
        hint = play.session.execute("hint")
        if not isinstance(hint, Asked) or not "".join(hint.lines).strip():
            return ["a hint is empty"], ()
    return _by_right_answers(play, place)


#: The three ways.
WAYS: tuple[_Way, ...] = (_by_right_answers, _by_having_it_shown, _by_mistakes_first)
