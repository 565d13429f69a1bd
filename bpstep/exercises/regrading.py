"""What a learner's record comes to, if nothing in it is believed but the answers themselves.

Every answer is graded again, in the order in which it was given: with its variant made from its seed, on top of the
answers before it (what is carried forward), and with the training that it says carried out.  From the new verdicts
follows what became of each item, exactly as it does while one learns (`bpstep.exercises.progress.settle`).  Where the
record says something else, or can not be verified, that is a remark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bpstep.debugger.errors import CommandError
from bpstep.engine.cells import Cell
from bpstep.exercises.grade import NOT_GRADED, Grade
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.progress import MOST_EVENTS, Document, counts, is_solved, settle
from bpstep.exercises.seeds import is_own, matters
from bpstep.exercises.trainings import carry_out
from bpstep.lazily import dataclass
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError
from bpstep.visible import visible

__all__ = ["NOT_VERIFIABLE", "Regraded", "Variants", "earlier_answers", "regraded"]

#: The verdict on an answer that the record does not tell enough about.
NOT_VERIFIABLE = "not verifiable"


@dataclass
class Regraded:
    """What one item comes to: the answer that counts (the one that solved it, else the last), its new verdict beside
    the recorded one, and what has to be said of it."""

    state: str = ""
    seed: int = 0
    answer: str = ""
    verdict: str = ""
    recorded: str = ""
    diagnoses: tuple[str, ...] = ()
    tries: int = 0
    hints: int = 0
    first_try: bool = False
    #: When it was asked, and when the answer was given, in seconds since 1970; 0 where nothing was recorded of it.
    asked: int = 0
    answered: int = 0
    is_exam: bool = False
    remarks: list[str] = field(default_factory=list)


class Variants:
    """The variants of exercises, each made once: a whole class may have answered the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Scenario] = {}

    def of(self, exercise: Exercise, seed: int) -> Scenario:
        """The scenario of an exercise with the numbers of a seed."""
        key = (exercise.id, seed if exercise.vary else 0)
        if key not in self._known:
            self._known[key] = variant_of(exercise, seed)
        return self._known[key]


def earlier_answers(exercise: Exercise, entry: Document, learner: int, seed: int) -> dict[Cell, float]:
    """The values of wrong answers to one variant that no right answer has replaced: later ones may stand on them."""
    numbers = {str(place) for place, item in enumerate(exercise.items) if KINDS[item.kind].is_number}
    items = {key: item for key, item in entry.get("items", {}).items() if key in numbers}
    regrading = _Regrading(exercise, {"items": items}, learner, Variants())
    regrading.items()
    return regrading.earlier.get(seed, {})


def regraded(exercise: Exercise, entry: Document, learner: int, variants: Variants) -> dict[str, Regraded]:
    """What each item of an exercise comes to, by its key in the record."""
    return _Regrading(exercise, entry, learner, variants).items()


class _Regrading:
    """One exercise of one learner, event by event."""

    def __init__(self, exercise: Exercise, entry: Document, learner: int, variants: Variants) -> None:
        self.exercise, self.variants, self.learner = exercise, variants, learner
        self.recorded: Mapping[str, Document] = entry.get("items", {})
        self.found = {key: Regraded() for key in self.recorded}
        self.sums: dict[str, Document] = {key: {} for key in self.recorded}
        self.seen: dict[str, list[Document]] = {key: [] for key in self.recorded}
        #: When each was asked last.
        self.asked: dict[str, int] = {}
        #: By seed: the values that later answers of that variant may stand on.
        self.earlier: dict[int, dict[Cell, float]] = {}

    def items(self) -> dict[str, Regraded]:
        for key, event in self._events():
            self._replay(key, event)
        for key, item in self.recorded.items():
            self._close(key, item)
        return self.found

    def _events(self) -> list[tuple[str, Document]]:
        """All events in their order; without one (version 1), item by item."""
        keys = sorted(self.recorded, key=lambda key: (len(key), key))
        every = [(key, event) for key in keys for event in self.recorded[key].get("events", [])[:MOST_EVENTS]]
        return sorted(every, key=lambda pair: int(pair[1].get("n", 0)))

    def _replay(self, key: str, event: Document) -> None:
        if event.get("what") == "asked":
            self.asked[key] = int(event.get("at", 0))
        if event.get("what") not in ("answer", "hint", "reveal", "pass"):
            return
        now = {name: value for name, value in event.items() if name != "verdict"}
        self.seen[key].append(now)
        most = self._most(key)
        if event["what"] == "answer":
            grade = self._graded(key, event)
            now["verdict"] = NOT_GRADED if grade.verdict == NOT_VERIFIABLE else grade.verdict
            was_none = grade.verdict == event.get("verdict") == NOT_GRADED
            is_late = not counts(int(self.sums[key].get("tries", 0)), self.seen[key], most)
            if is_late and not was_none:
                self.found[key].remarks.append("answered again after the last try that counts")
            elif not was_none and not is_solved(self.found[key].verdict):
                self._take(key, event, grade)
        settle(self.sums[key], self.seen[key], varies=bool(self.exercise.vary), most=most)

    def _take(self, key: str, event: Document, grade: Grade) -> None:
        """The answer that counts, so far."""
        item = self.found[key]
        item.seed, item.answer = int(event.get("seed", 0)), str(event.get("answer", ""))
        item.verdict, item.recorded = grade.verdict, str(event.get("verdict", ""))
        item.diagnoses = grade.diagnoses
        item.asked, item.answered = self.asked.get(key, 0), int(event.get("at", 0))
        item.is_exam = event.get("exam") is True

    def _most(self, key: str) -> int | None:
        """How many tries count at a question."""
        return self.exercise.items[int(key)].max_tries if self._is_place(key) else None

    def _is_place(self, key: str) -> bool:
        """Whether a key of the record is the place of a question."""
        return key.isascii() and key.isdecimal() and len(key) < 4 and int(key) < len(self.exercise.items)

    def _graded(self, key: str, event: Document) -> Grade:
        """The grade of an answer; `NOT_VERIFIABLE` where the record does not tell what it takes."""
        if not self._is_place(key):
            return Grade(NOT_VERIFIABLE, ("there is no such question",))
        seed, answer = int(event.get("seed", 0)), str(event.get("answer", ""))
        try:
            posed = posed_item(self.exercise, int(key), self.variants.of(self.exercise, seed), seed)
            posed.earlier = self.earlier.setdefault(seed, {})
            if posed.kind.is_training:
                if "commands" not in event:
                    return self._unknown(key, "the commands of the training are not recorded")
                carry_out(posed.learner, event["commands"], posed.item.updates)
            if posed.kind.first:
                posed.kind.grade(posed, posed.kind.first)
            grade = posed.kind.grade(posed, answer)
        except (CommandError, ScenarioError) as error:
            return self._unknown(key, str(error).split("\n")[0])
        if "n" not in event and event.get("verdict") == "carried-forward" and not is_solved(grade.verdict):
            return self._unknown(key, "the answer that it stands on is not recorded")
        posed.stand_on(grade)
        return grade

    def _unknown(self, key: str, why: str) -> Grade:
        self.found[key].remarks.append(f"{NOT_VERIFIABLE}: {visible(why)}")
        return Grade(NOT_VERIFIABLE)

    def _close(self, key: str, item: Document) -> None:
        """The sums of an item, and what is not as the record has it."""
        found, sums = self.found[key], self.sums[key]
        found.state, found.tries = str(sums.get("state", "")), int(sums.get("tries", 0))
        found.hints, found.first_try = int(sums.get("hints", 0)), bool(sums.get("first_try", False))
        whose, claimed = int(item.get("from", self.learner)), str(item.get("state", ""))
        if found.recorded not in ("", found.verdict) and found.verdict != NOT_VERIFIABLE:
            found.remarks.append(f"recorded as {visible(found.recorded)}, but the answer is {found.verdict}")
        elif claimed.startswith("solved") and not found.state.startswith("solved") and not found.remarks:
            found.remarks.append(f"recorded as {visible(claimed)}, but no answer in the record solves it")
        if whose != self.learner:
            found.remarks.append(f"imported from learner {whose}")
        drawn = self._is_place(key) and matters(self.exercise, int(key))
        if found.answer and drawn and not is_own(found.seed, whose):
            found.remarks.append(f"answered under seed {found.seed}, which learner {whose} was not given")
