"""Mastery: what a learner can do, worked out from the record and the clock, and from nothing else.

An exercise names its skills.  To go through all questions of an exercise with one variant is a *round*.  A round is
clean if each of its questions was answered rightly at the first try, without a hint and without a look at the
solution; it is spoilt by the first answer, hint or look of which that is not true.

The rule: a skill is **mastered** when the last two rounds of its exercises were clean, in two different variants.
Where an exercise has no other numbers to give, the same questions count as another variant on another day.  A mastered
skill is **due** again after a day; if the round is clean then, after a week, and so on every week.  A round that is
spoilt puts it back to **learning**.  Before anything was done it is **new**.

Nothing is stored: `skills_of` is a function of a document and a time.  Events of before times were recorded count as
done long ago.  What was imported from another learner is that learner's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.exercises.model import Exercise
from bpstep.exercises.progress import Document
from bpstep.exercises.seeds import matters
from bpstep.lazily import dataclass

__all__ = ["DAY", "INTERVALS", "STATES", "WEEK", "Round", "Skill", "fading", "rounds_of", "skills_of"]

DAY, WEEK = 86_400, 7 * 86_400

#: After so many seconds a mastered skill is due again: the first time, and every time after that.
INTERVALS = (DAY, WEEK)

#: What a skill can be.
STATES = ("new", "learning", "mastered", "due")

#: Clean rounds in a row that make a skill mastered.
_CLEAN = 2


@dataclass(frozen=True)
class Round:
    """All that was done of an exercise with one variant.

    ``at`` is when it was decided, in seconds since 1970 (0: before times were recorded); ``clean`` is None while
    questions are open and all that were answered were answered rightly.
    """

    exercise: str
    seed: int
    at: int
    clean: bool | None
    varies: bool


@dataclass(frozen=True)
class Skill:
    """A skill, the exercises that name it, and how it stands.

    ``state`` is one of `STATES`.  ``clean`` counts the clean rounds since the last that was spoilt; ``since`` is when
    the last round was decided, and ``due`` when it is due again (None: it is not mastered), both in seconds since 1970.
    """

    name: str
    exercises: tuple[str, ...]
    state: str = "new"
    clean: int = 0
    since: int = 0
    due: int | None = None


def skills_of(document: Document, exercises: Sequence[Exercise], now: float) -> list[Skill]:
    """Every skill of some exercises, in the order in which they are met, as it stands at a time."""
    rounds = {exercise.id: rounds_of(document, exercise) for exercise in exercises}
    return [
        _standing(name, tuple(e.id for e in own), [one for e in own for one in rounds[e.id]], now)
        for name, own in _by_skill(exercises).items()
    ]


def fading(skills: Sequence[Skill], exercise: Exercise) -> int:
    """How many of the last hints of an exercise wait for a first try, as its least practised skill stands.

    After one clean round the worked step does; once its skills are mastered the factors do, too, and then the learner
    begins with no more than the principle.
    """
    clean = [skill.clean for skill in skills if skill.name in exercise.skills]
    return min(_CLEAN, *clean) if clean else 0


def _by_skill(exercises: Sequence[Exercise]) -> dict[str, list[Exercise]]:
    found: dict[str, list[Exercise]] = {}
    for exercise in exercises:
        for name in dict.fromkeys(exercise.skills):
            found.setdefault(name, []).append(exercise)
    return found


def _standing(name: str, exercises: tuple[str, ...], rounds: Sequence[Round], now: float) -> Skill:
    """A skill after some rounds; those of one time stay in the order of the path."""
    clean, stage, since, due = 0, 0, 0, None
    last: dict[str, int] = {}
    for one in sorted(rounds, key=lambda one: one.at):
        if one.clean is None:
            continue
        if not one.clean:
            clean, due, since = 0, None, one.at
        elif one.varies or one.at - last.get(one.exercise, one.at - DAY) >= DAY:
            clean += 1
            stage = 0 if clean <= _CLEAN else stage + (due is not None and one.at >= due)
            since, last[one.exercise] = one.at, one.at
            due = one.at + INTERVALS[min(stage, len(INTERVALS) - 1)] if clean >= _CLEAN else None
    return Skill(name, exercises, _state(rounds, due, now), clean, since, due)


def _state(rounds: Sequence[Round], due: int | None, now: float) -> str:
    if not rounds:
        return "new"
    if due is None:
        return "learning"
    return "due" if now >= due else "mastered"


def rounds_of(document: Document, exercise: Exercise) -> list[Round]:
    """The rounds of an exercise, in the order in which they were begun."""
    by_seed: dict[int, list[tuple[str, Document]]] = {}
    for key, event in _events(document, exercise):
        by_seed.setdefault(int(event.get("seed", 0)), []).append((key, event))
    varies = any(matters(exercise, place) for place in range(len(exercise.items)))
    return [_round(exercise, seed, events, varies) for seed, events in by_seed.items()]


def _events(document: Document, exercise: Exercise) -> Iterator[tuple[str, Document]]:
    """A learner's own events at the questions of an exercise, with the question's key, in their order."""
    items = document["exercises"].get(exercise.id, {}).get("items", {})
    keys = [str(place) for place in range(len(exercise.items))]
    own = [key for key in keys if key in items and "from" not in items[key]]
    every = [(key, event) for key in own for event in items[key].get("events", [])]
    return iter(sorted(every, key=lambda pair: int(pair[1].get("n", 0))))


def _round(exercise: Exercise, seed: int, events: Sequence[tuple[str, Document]], varies: bool) -> Round:
    """What the first events at each question decide; what comes after a right answer changes nothing."""
    right: set[str] = set()
    at = 0
    for key, event in events:
        if key in right or event.get("verdict") == "not-graded":
            continue
        at = int(event.get("at", 0))
        if event.get("what") != "answer" or event.get("verdict") != "correct":
            return Round(exercise.id, seed, at, False, varies)
        right.add(key)
    return Round(exercise.id, seed, at, True if len(right) == len(exercise.items) else None, varies)
