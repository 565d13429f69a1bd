"""An exercise in some world: the shipped file about its scenario with other numbers; what is asked, and hidden."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass, field

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.moment import Moment
from bpstep.exercises.kind import truth
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import exercise_folder
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.parsing import parse_cell
from tests.fuzz.case import Case
from tests.fuzz.exercises import file_texts
from tests.fuzz.talking import attached, scenario_named
from tests.fuzz.worlds import shipped

__all__ = ["World", "exercise_id", "world"]

_DECIMAL = re.compile(r"(?<![\w.])-?\d+\.\d+(?![\w.])")
#: The lines of a scenario whose numbers may be others: weights, biases, inputs.
_FREE = re.compile(r"\s*(weights|bias|input|\[+[-\d]|(?!learning_rate|l2)[a-z]\w* = -?\d+\.\d+$)")


@dataclass
class World:
    """A session in which an exercise is asked, and what was said in it."""

    session: Console
    tutor: ExerciseTutor
    said: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> float | None:
        """The value that is asked for and not shown yet; None where there is none, or it has too few digits to be told
        from others."""
        posed = self.tutor.posed
        try:
            if posed is not None:
                value = truth(posed).value if KINDS[posed.item.kind].hides else None
            else:
                value = self._next if self.tutor.predicting else None
        except (CommandError, IndexError):
            return None
        if value is None or not math.isfinite(value) or float(f"{value:.2g}") == value:
            return None
        return value

    @property
    def _next(self) -> float | None:
        """The value of the next step, which the session itself does not tell while it is asked."""
        run, position = self.session.whole_run, self.session.position
        return run.step(position + 1).value if position < run.length else None

    @property
    def question(self) -> tuple[str, int, float | None]:
        """Which question is open: the exercise, its item, the value that is hidden."""
        exercise = self.tutor.exercise_now
        return "" if exercise is None else exercise.id, self.tutor.place, self.hidden

    @property
    def solution(self) -> str:
        """An answer that is right here."""
        posed = self.tutor.posed
        if posed is None:
            return repr(self._next) if self._next is not None and self.tutor.predicting else "0.5"
        try:
            return KINDS[posed.item.kind].solution(posed) or "0.5"
        except CommandError:
            return "0.5"

    @property
    def wrong(self) -> list[str]:
        """Answers that a teacher would expect from those who have not understood."""
        posed = self.tutor.posed
        try:
            return [] if posed is None else [one.text for one in KINDS[posed.item.kind].bad(posed)]
        except CommandError:
            return []

    def visible(self) -> frozenset[str]:
        """Every number that the learner may see now, in four digits: of the cell that is asked for, the old one."""
        session, found = self.session, set()
        known = Moment(session.run, session.run.known)  # who has gone back may go on to there
        for name in session.scope.known_cells():
            cell = parse_cell(name, vocabulary=session.scope.vocabulary)
            value = known.value(cell)
            if value is not None and math.isfinite(value):
                found.add(f"{abs(value):.3e}")
        shown = session.step
        if shown is not None and shown.was is not None and str(shown.cell) in session.scope.known_cells():
            found.add(f"{abs(shown.was):.3e}")  # what has come to its cell so far, as the step itself tells
        return frozenset(found)


def exercise_id(name: str) -> str:
    """The id that a shipped file states."""
    found = re.search(r'^id = "(.*)"', file_texts()[name], re.MULTILINE)
    assert found is not None
    return found[1]


def world(case: Case, name: str, number: int) -> World:
    """The exercise of a shipped file in world ``number``, which has a folder of its own."""
    folder = case.folder / str(number)
    folder.mkdir()
    text = file_texts()[name]
    about = re.search(r'^scenario = "(.*)"', text, re.MULTILINE)
    assert about is not None
    if about[1] in builtin_names():
        (folder / "world").mkdir()
        numbers = random.Random(f"{case.seed}/{case.number}/{number}")
        (folder / "world" / "world.toml").write_text(
            _other_numbers(shipped(about[1]), numbers), encoding="utf-8"
        )
        text = text.replace(about[0], 'scenario = "world/world.toml"')
    else:
        beside = folder / about[1]
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes((exercise_folder() / about[1]).read_bytes())
    (folder / name).write_text(text, encoding="utf-8")
    session = attached(case, Console(scenario_named("xor")))
    session.tutor = tutor = ExerciseTutor(session, store=Store(folder / "progress.json"), folder=folder)
    return World(session, tutor)


def _other_numbers(text: str, chance: random.Random) -> str:
    """The scenario with its weights and inputs moved a little; targets, rates and prose stay."""
    lines, prose = [], False
    for line in text.split("\n"):
        prose ^= line.count('"""') == 1
        if not prose and _FREE.match(line):
            line = _DECIMAL.sub(lambda found: f"{float(found[0]) * chance.uniform(0.8, 1.2):.4f}", line)
        lines.append(line)
    return "\n".join(lines)
