"""The tutor: asks, grades, explains, and remembers what was done.

It has two ways to ask.  In *predict mode* the next value of any scenario is asked for before its step is shown.  In
an *exercise* an author's items are asked one after the other.  Either way an answer is graded, diagnosed and, where
there is a progress file, recorded at once: who kills the program loses at most the answer being typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path

from bpstep.debugger.answers import Answer, Asked, Graded
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.english import counted
from bpstep.exercises.answer_text import MOST_CHARACTERS
from bpstep.exercises.asked import told
from bpstep.exercises.asking import Asking
from bpstep.exercises.deriving import Deriving
from bpstep.exercises.grade import NOT_GRADED, Grade
from bpstep.exercises.kind import hints_of
from bpstep.exercises.learner import Learner
from bpstep.exercises.model import Exercise
from bpstep.exercises.offering import path_of, standing_of
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.predicting import Prediction
from bpstep.exercises.progress import Document, begun, passed_over, recorded
from bpstep.exercises.record import Record
from bpstep.exercises.store import Store
from bpstep.exercises.trainings import commands_of

__all__ = ["ExerciseTutor"]


class ExerciseTutor(Asking, Deriving):
    """The tutor of a session."""

    def __init__(
        self,
        session: Console,
        *,
        store: Store | None = None,
        folder: Path | None = None,
        path: list[Exercise] | None = None,
    ) -> None:
        super().__init__(session, Record(store) if store is not None else None)
        self.learner = Learner(self.record, folder, path)
        self.verdict = ""
        self.diagnoses: tuple[str, ...] = ()
        self.hints_given = 0
        self._opening = False
        #: How often each question was answered, by where it is asked.
        self._tries: dict[tuple[str, int], int] = {}
        #: The exercises that were gone through, the last one last.
        self._done: list[str] = []
        self.off_the_record = False
        #: How many of the last hints wait for a first try.
        self._fading = 0

    def checkpoint(self) -> Callable[[], None]:
        """What brings the tutor back to how it is now; what was recorded meanwhile stays recorded."""
        facts = dict(vars(self))
        held: dict[str, object] = {
            name: copy(value) for name, value in facts.items() if isinstance(value, dict)
        }
        posed = self.posed
        if posed is not None:
            held["posed"] = replace(posed, earlier=dict(posed.earlier), memory=dict(posed.memory))

        def bring_back() -> None:
            vars(self).clear()
            vars(self).update(facts | held)

        return bring_back

    def opened(self) -> None:
        """Who opens another scenario, or begins it anew, has left the exercise and predicts no more."""
        self.drop_derivation()
        if not self._opening:
            self._leave()

    def again(self) -> Answer | None:
        """The question at hand, as it was when it was asked; None in no exercise."""
        if self.exercise_now is None:
            return None
        self._forget_answers()
        self._pose()
        self.session.log = []
        return self.question()

    def _forget_answers(self) -> None:
        """Nothing has been answered yet."""
        self._tries.clear()
        self.verdict, self.diagnoses = "", ()
        self.right = self.graded = self.hints_given = 0

    # --- commands -------------------------------------------------------------------------------------

    def refuses(self, command: str, text: str) -> str:
        """Why a command is not carried out, as far as the tutor minds; "" where it is."""
        return ""

    def predict(self, on: bool) -> Answer:
        """Begin or end to ask for the next value."""
        if self.posed is not None:
            message = "an exercise asks already: answer, hint or reveal; load SCENARIO leaves it"
            raise CommandError(message, 0, ExitCode.FAILED)
        self._leave()
        self.predicting = on
        return self.question() if on else Asked(("predict mode is off",))

    def exercise(self, name: str, seed: int | None) -> Answer:
        """Begin an exercise, or go on."""
        offer = self.learner.following(self._done) if name in ("", "next") else None
        if name == "next" and (self.exercise_now is not None or offer is None):
            return self._next()
        found = offer.exercise if offer is not None else self.learner.named(name)
        self._leave()
        chosen = seed if seed is not None else self.learner.seed(found)
        self._fading = self.learner.fading(found)
        scenario = variant_of(found, chosen, self.session.report)
        self.exercise_now, self.place, self.predicting = found, 0, False
        self._scenario, self.seed_now = scenario, chosen
        with self._opening_itself():
            self.session.open(scenario)
        self._earlier = self.learner.standing(found, chosen)
        if self.record is not None:
            self.place = self._first(found)
            self._keep(lambda document: begun(document, found.id, chosen))
        self._pose()
        asked = self.question()
        assert isinstance(asked, Asked)
        why = (f"Why this one: {offer.why}.",) if offer is not None else ()
        about = (f"About: {found.about}",) if found.about else ()
        return replace(asked, lines=(asked.lines[0], *why, *about, *asked.lines[1:]))

    def exercises(self) -> Answer:
        """The whole path."""
        return path_of(standing_of(self.learner.document, self.learner.path, self.learner.now))

    def answer(self, text: str) -> Answer:
        """Grade an answer; a right one leads on."""
        word = text.strip().lower()
        if word in ("hint", "reveal"):
            return self.hint() if word == "hint" else self.reveal()
        if word == "next" and self.exercise_now is not None:
            return self._next()
        grade = self._graded(text)
        self.verdict, self.diagnoses = grade.verdict, grade.diagnoses
        then: tuple[str, ...] = ()
        if grade.verdict != NOT_GRADED:
            self.graded += 1
            self.right += grade.is_right
            self._tries[self.asked_at] = self._tries.get(self.asked_at, 0) + 1
        tries = self._tries.get(self.asked_at, 0)
        if grade.verdict != NOT_GRADED:
            self._record("answer", answer=text[:MOST_CHARACTERS], verdict=grade.verdict, **self._how(grade))
        after = self._trouble()
        if self.posed is not None:
            self.posed.stand_on(grade)
            last = self._last_try(grade)
            after = (*after, *last)
            if grade.is_right or last:
                after, then = (*after, *(self._in_the_end if grade.is_right else ())), self._next_lines()
        elif grade.is_right:
            self.session.position += 1
            self.hints_given = 0
            then = self._lines()
        return Graded(grade.verdict, grade.says, grade.echo, grade.diagnoses, then, tries, grade.hole, after)

    @property
    def _in_the_end(self) -> tuple[str, ...]:
        """What the author says once the item is solved, or shown."""
        after = self.posed.item.after if self.posed is not None else ""
        return (after,) if after else ()

    def _last_try(self, grade: Grade) -> tuple[str, ...]:
        """Where no try is left that counts, that it is so."""
        most = self.posed.item.max_tries if self.posed is not None else None
        if most is None or self.exercise_now is None or grade.verdict == NOT_GRADED:
            return ()
        kept = self.learner.tries(self.exercise_now, self.place)
        used = self._tries.get(self.asked_at, 0) if kept is None else kept
        if used > most:
            return ("The last try that counts was used before: this one counts for nothing.",)
        return (
            (f"That was the last of {counted(most, 'try', 'tries')}.",)
            if used == most and not grade.is_right
            else ()
        )

    def _how(self, grade: Grade) -> dict[str, object]:
        """What else is recorded of an answer: the rules that it matches; of a training, the commands that made it."""
        facts: dict[str, object] = {"diagnoses": [*grade.diagnoses]} if grade.diagnoses else {}
        if self.posed is not None and self.posed.kind.is_training:
            facts["commands"] = commands_of(self.session.whole_run)
        return facts

    def hint(self) -> Answer:
        """The next rung; the last ones wait for a try where the learner has done it without help before."""
        hints = self._hints()
        tried = self.posed is None or self._tries.get(self.asked_at, 0) > 0
        if not tried and self.hints_given >= len(hints) - self._fading:
            return Asked(("You have done this without help before: the next hint comes after a first try.",))
        self.hints_given = min(self.hints_given + 1, len(hints))
        self._record("hint")
        return Asked((f"hint {self.hints_given} of {len(hints)}: {hints[self.hints_given - 1]}",))

    def reveal(self) -> Answer:
        """The answer; what was shown is not solved."""
        self._record("reveal")
        if self.posed is None:
            shown = told(self._predicted().step)
            self.graded += 1
            self.hints_given = 0
            self.session.position += 1
            return Asked((shown,), then=self._lines())
        return Asked((*self.posed.kind.told(self.posed), *self._in_the_end), then=self._next_lines())

    # --- inside ---------------------------------------------------------------------------------------

    def _graded(self, text: str) -> Grade:
        if self.posed is not None:
            self.posed.earlier = self._earlier
            return self.posed.kind.grade(self.posed, text)
        return self._predicted().grade(text)

    def _hints(self) -> list[str]:
        if self.posed is not None:
            return hints_of(self.posed)
        return self._predicted().hints()

    def _predicted(self) -> Prediction:
        """The next value, if it is asked for."""
        if not self.predicting:
            raise CommandError("nothing is asked: predict on, or exercise ID", 0, ExitCode.FAILED)
        return self.prediction

    def _leave(self) -> None:
        self._forget_answers()
        self.exercise_now = self.posed = None
        self.predicting = False

    def _pose(self) -> None:
        assert self.exercise_now is not None
        log, self.posed = self.session.log, None
        posed = posed_item(self.exercise_now, self.place, self._scenario, self.seed_now, self.session)
        with self._opening_itself():
            self.session.stand_like(posed.session)
        self.session.log, self.posed = log, posed
        self.hints_given = 0

    def _next_lines(self) -> tuple[str, ...]:
        """On to the next item, or the end of the exercise."""
        assert self.exercise_now is not None
        following = self._following(self.exercise_now, self.place)
        if following is not None:
            self.place = following
            self._pose()
            return self._lines()
        done = self.exercise_now
        self.exercise_now = self.posed = None
        self._done = [*self._done, done.id]
        return (f"{done.title}: done.", self._onward())

    def _first(self, exercise: Exercise) -> int:
        """The question that an exercise goes on at."""
        return self.learner.first_open(exercise)

    def _following(self, exercise: Exercise, place: int) -> int | None:
        """The question behind another one; None behind the last."""
        return place + 1 if place + 1 < len(exercise.items) else None

    def _onward(self) -> str:
        """What to go on with, in words."""
        return self.learner.onward(self._done)

    def _next(self) -> Answer:
        """On without an answer; where no exercise is begun there is none left to begin."""
        if self.exercise_now is not None:
            name = self.exercise_now.id
            self._record("pass")
            self._keep(lambda document: passed_over(document, name))
            return Asked((), then=self._next_lines())
        return Asked((self._onward(),))

    def _record(self, what: str, **facts: object) -> None:
        if self.exercise_now is not None and self.posed is not None:
            event = {"at": self.learner.now, "what": what, **facts, "seed": self.posed.seed}
            name, place, varies = self.exercise_now.id, self.place, bool(self.exercise_now.vary)
            most = self.posed.item.max_tries
            self._keep(lambda document: recorded(document, name, place, event, varies=varies, most=most))

    def _keep(self, change: Callable[[Document], None]) -> None:
        """Record it; but what a script answers that may be a stranger's, no learner has answered."""
        if self.record is not None and not self.off_the_record and not self.session.reach.ground:
            self.record.keep(change)

    @contextmanager
    def _opening_itself(self) -> Iterator[None]:
        """What is opened now belongs to the exercise; anything else leaves it."""
        self._opening = True
        try:
            yield
        finally:
            self._opening = False
