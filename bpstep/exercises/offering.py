"""What to practise now: first what is begun, then what is due again, then the next new exercise, then what is not
mastered yet; and in a line, why this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from bpstep.debugger.answers import ExercisePath, PathRow
from bpstep.english import counted
from bpstep.exercises.mastery import DAY, Skill, rounds_of, skills_of
from bpstep.exercises.model import Exercise
from bpstep.exercises.progress import Document
from bpstep.lazily import dataclass

__all__ = ["Offer", "Standing", "ago", "as_document", "offered", "open_items", "path_of", "standing_of"]


@dataclass(frozen=True)
class Offer:
    """An exercise, and why it is this one."""

    exercise: Exercise
    why: str


@dataclass(frozen=True)
class Standing:
    """How a learner stands: what is done of each exercise, the skills, and what is offered."""

    states: list[tuple[Exercise, list[str]]] = field(default_factory=list)
    skills: list[Skill] = field(default_factory=list)
    offer: Offer | None = None


def standing_of(document: Document, exercises: Sequence[Exercise], now: float) -> Standing:
    """How the learner of a document stands at a time (seconds since 1970)."""
    skills = skills_of(document, exercises, now)
    return Standing(_summary(document, exercises), skills, offered(document, exercises, now))


def path_of(standing: Standing) -> ExercisePath:
    """The path as a command answers it."""
    rows = tuple(PathRow(one.id, one.title, tuple(states)) for one, states in standing.states)
    offer = standing.offer
    return ExercisePath(rows, offer.exercise.id if offer else "", offer.why if offer else "")


def _summary(document: Document, exercises: Sequence[Exercise]) -> list[tuple[Exercise, list[str]]]:
    """Every exercise with the state of each of its items ("" where nothing was done)."""
    found = []
    for exercise in exercises:
        items = document["exercises"].get(exercise.id, {}).get("items", {})
        states = [str(items.get(str(k), {}).get("state", "")) for k in range(len(exercise.items))]
        found.append((exercise, states))
    return found


def as_document(standing: Standing) -> Document:
    """What `progress --json` prints; times are seconds since 1970, ``due`` null where a skill is not mastered."""
    rows = [state for _, row in standing.states for state in row]
    offer = standing.offer
    return {
        "questions": len(rows),
        "solved": sum(state.startswith("solved") for state in rows),
        "next": {"exercise": offer.exercise.id, "why": offer.why} if offer is not None else None,
        "exercises": [
            {"id": one.id, "title": one.title, "skills": [*one.skills], "states": row}
            for one, row in standing.states
        ],
        "skills": [
            {
                "skill": one.name,
                "state": one.state,
                "exercises": [*one.exercises],
                "clean": one.clean,
                "due": one.due,
            }
            for one in standing.skills
        ],
    }


def offered(
    document: Document, exercises: Sequence[Exercise], now: float, passed: Sequence[str] = ()
) -> Offer | None:
    """What to do now; ``passed`` are the exercises that were gone through just now, the last one last.

    They are not offered again, and what is new is looked for behind the last of them first.
    """
    ids = [exercise.id for exercise in exercises]
    begin = ids.index(passed[-1]) + 1 if passed and passed[-1] in ids else 0
    in_turn = [one for one in [*exercises[begin:], *exercises[:begin]] if one.id not in passed]
    skills = skills_of(document, exercises, now)
    return (
        _begun(document, in_turn)
        or _due(document, in_turn, skills, now)
        or _new(document, in_turn)
        or _not_mastered(document, in_turn, skills, now)
    )


def open_items(document: Document, exercise: Exercise) -> list[int]:
    """The questions that are neither solved nor shown, and have a try left."""
    kept = document["exercises"].get(exercise.id, {}).get("items", {})
    found = []
    for place, item in enumerate(exercise.items):
        entry = kept.get(str(place), {})
        state, tries = str(entry.get("state", "")), int(entry.get("tries", 0))
        is_closed = state.startswith("solved") or state == "shown"
        if not is_closed and (item.max_tries is None or tries < item.max_tries):
            found.append(place)
    return found


def _is_begun(document: Document, exercise: Exercise) -> bool:
    """Whether anything was done at one of its questions."""
    return bool(document["exercises"].get(exercise.id, {}).get("items"))


def _begun(document: Document, exercises: Sequence[Exercise]) -> Offer | None:
    for exercise in exercises:
        left = len(open_items(document, exercise))
        if left and _is_begun(document, exercise):
            return Offer(exercise, f"you have begun it; {counted(left, 'question')} of it {_is(left)} open")
    return None


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _due(
    document: Document, exercises: Sequence[Exercise], skills: Sequence[Skill], now: float
) -> Offer | None:
    """Of the skills that are due the one that has waited longest, in its exercise that was done longest ago."""
    known = {exercise.id: exercise for exercise in exercises}
    for skill in sorted((s for s in skills if s.state == "due"), key=lambda s: s.due or 0):
        own = [known[name] for name in skill.exercises if name in known and _is_begun(document, known[name])]
        if own:
            when = (
                f"its last round was {ago(now - skill.since)}" if skill.since else "it was mastered long ago"
            )
            return Offer(min(own, key=lambda e: _last(document, e)), f"{skill.name} is due again; {when}")
    return None


def _new(document: Document, exercises: Sequence[Exercise]) -> Offer | None:
    for exercise in exercises:
        if open_items(document, exercise):
            return Offer(exercise, "it is the next new one")
    return None


def _not_mastered(
    document: Document, exercises: Sequence[Exercise], skills: Sequence[Skill], now: float
) -> Offer | None:
    """Something that was done, but is not mastered yet, where another round counts today."""
    learning = {skill.name for skill in skills if skill.state == "learning"}
    able = [
        exercise
        for exercise in exercises
        if learning.intersection(exercise.skills) and _counts(document, exercise, now)
    ]
    if not able:
        return None
    found = min(able, key=lambda e: _last(document, e))
    name = next(skill for skill in found.skills if skill in learning)
    return Offer(found, f"{name} is not mastered yet")


def _last(document: Document, exercise: Exercise) -> int:
    return max((one.at for one in rounds_of(document, exercise)), default=0)


def _counts(document: Document, exercise: Exercise, now: float) -> bool:
    """Whether another round would be another variant: it has other numbers, or it is another day."""
    rounds = rounds_of(document, exercise)
    return all(one.varies for one in rounds) or now - _last(document, exercise) >= DAY


def ago(seconds: float) -> str:
    """A stretch of time in words.

    >>> ago(30), ago(7200), ago(86400), ago(20 * 86400)
    ('just now', '2 hours ago', '1 day ago', '20 days ago')
    """
    if seconds < 3600:
        return "just now"
    if seconds < DAY:
        return f"{counted(int(seconds // 3600), 'hour')} ago"
    return f"{counted(int(seconds // DAY), 'day')} ago"
