"""An exam: questions are asked once, and nothing helps.

The exercises are asked in the order of the path (or one of them alone), each with the numbers of this learner.  An
answer is taken and not judged; then comes the next question.  What is passed over is passed over for good, for a later
question may show its answer.  There are no hints, nothing is shown, and of the commands there are those that look at
what the question shows.  When each question was asked is recorded beside the answer, and whoever grades finds both
(`bpstep.exercises.reports`).
"""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Asked, Graded
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.exercises.grade import NOT_GRADED, Grade
from bpstep.exercises.model import Exercise
from bpstep.exercises.progress import Document, is_taken
from bpstep.exercises.tutor import ExerciseTutor

__all__ = ["ExamTutor"]

#: What may be asked for in an exam, whatever the question; and what a training takes besides.
_LOOKING = ("print", "info", "show", "step", "back", "goto", "until", "continue", "rcontinue", "help", "quit")
_COMMANDS = frozenset(("answer", "exercise", "exercises", "hint", "reveal", *_LOOKING))
_OF_TRAINING = frozenset(("set", "undo", "train", "restart"))

#: The views that show what is given and computed, and nothing more.
_VIEWS = frozenset(("network", "nodes", "weights", "matrix", "variables", "program", "step"))

_ONLY = "in an exam there is the question alone: answer EXPR, next, print EXPR, show network or nodes"


class ExamTutor(ExerciseTutor):
    """The tutor of an exam, which helps nobody."""

    helps = False

    def refuses(self, command: str, text: str) -> str:
        """Why a command is not carried out; "" where it is."""
        training = self.posed is not None and self.posed.kind.is_training
        if command == "show" and text not in _VIEWS:
            return f"in an exam this view is not shown; there are {', '.join(sorted(_VIEWS))}"
        return "" if command in _COMMANDS or (training and command in _OF_TRAINING) else _ONLY

    # --- questions ------------------------------------------------------------------------------------

    def exercise(self, name: str, seed: int | None) -> Answer:
        """Begin an exercise that has questions left, or pass one over."""
        if seed is not None:
            raise CommandError(
                "in an exam the numbers are your own: seed=N is for practice", 0, ExitCode.FAILED
            )
        if name == "next" and self.exercise_now is not None:
            return self._next()
        if name in ("", "next"):
            left = [one for one in self.learner.path if self._left(one)]
            if not left:
                return Asked(("Every question has been answered: that is the end of the exam.",))
            name = left[0].id
        found = self.learner.named(name)
        if not self._left(found):
            raise CommandError(f"every question of {found.id} has been answered", 0, ExitCode.FAILED)
        return super().exercise(name, self._seed(found))

    def _left(self, exercise: Exercise) -> list[int]:
        """The questions that no answer was taken to, and that were not passed over."""
        kept = self.learner.document["exercises"].get(exercise.id, {}).get("items", {})
        closed = {key for key, item in kept.items() if any(map(_closes, item.get("events", [])))}
        return [place for place in range(len(exercise.items)) if str(place) not in closed]

    def _seed(self, exercise: Exercise) -> int:
        """The numbers of this learner: those that the exam of this exercise was begun with, if it was."""
        entry = self.learner.document["exercises"].get(exercise.id, {})
        events = [event for item in entry.get("items", {}).values() for event in item.get("events", [])]
        begun = [int(event.get("seed", 0)) for event in events if event.get("exam") is True]
        return begun[0] if begun else self.learner.seed(exercise)

    def _first(self, exercise: Exercise) -> int:
        return self._left(exercise)[0]

    def _following(self, exercise: Exercise, place: int) -> int | None:
        return next((other for other in self._left(exercise) if other > place), None)

    def _onward(self) -> str:
        left = [one for one in self.learner.path if self._left(one)]
        return f"next goes on to {left[0].id}, “{left[0].title}”" if left else "That is the end of the exam."

    def _next(self) -> Answer:
        if self.exercise_now is None:
            return Asked((self._onward(),))
        self._record("pass", exam=True)
        return Asked((), then=self._next_lines())

    def _pose(self) -> None:
        super()._pose()
        self._record("asked", exam=True)

    # --- answers --------------------------------------------------------------------------------------

    def answer(self, text: str) -> Answer:
        """Take an answer; whether it is right is not told."""
        before = self.verdict, self.diagnoses
        found = super().answer(text)
        if not isinstance(found, Graded) or found.verdict == NOT_GRADED:
            return found
        self.verdict, self.diagnoses = before
        then = found.then or self._next_lines()
        return Asked((f"Taken: {text.strip() or 'the training as it is'}", *self._trouble()), then=then)

    def hint(self) -> Answer:
        """There are none."""
        raise CommandError("there are no hints in an exam", 0, ExitCode.FAILED)

    def reveal(self) -> Answer:
        """Nothing is shown."""
        raise CommandError("nothing is shown in an exam; next passes the question over", 0, ExitCode.FAILED)

    def _how(self, grade: Grade) -> dict[str, object]:
        return {**super()._how(grade), "exam": True}

    def derive(self, text: str, column: int) -> Answer:
        """A derivation would tell."""
        raise CommandError(_ONLY, 0, ExitCode.FAILED)

    def predict(self, on: bool) -> Answer:
        """Predicting would tell."""
        raise CommandError(_ONLY, 0, ExitCode.FAILED)


def _closes(event: Document) -> bool:
    """Whether a question is not asked again after an event."""
    return is_taken(event) or (event.get("exam") is True and event.get("what") == "pass")
