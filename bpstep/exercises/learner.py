"""The learner and the path: what was done, what is open, which variant comes, what to go on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.engine.cells import Cell
from bpstep.english import counted, listed
from bpstep.exercises.loading import load_path
from bpstep.exercises.mastery import fading, skills_of
from bpstep.exercises.model import Exercise
from bpstep.exercises.offering import Offer, offered, open_items
from bpstep.exercises.progress import Document
from bpstep.exercises.record import Record
from bpstep.exercises.regrading import earlier_answers
from bpstep.exercises.seeds import seed_of

__all__ = ["Learner"]


class Learner:
    """Whoever goes along a path of exercises, by what is recorded of them; without a record nothing was done."""

    def __init__(self, record: Record | None, folder: Path | None, path: list[Exercise] | None) -> None:
        self.record, self.folder, self._path = record, folder, path

    @property
    def path(self) -> list[Exercise]:
        """The exercises, in order."""
        if self._path is None:
            self._path, problems = load_path(self.folder)
            if problems:
                raise CommandError("\n".join(map(str, problems)))
        return self._path

    @property
    def document(self) -> Document:
        """All that is recorded; where nothing is, nothing was done."""
        return self.record.read() if self.record is not None else {"exercises": {}}

    @property
    def now(self) -> int:
        """Seconds since 1970, by the clock of the record."""
        return int(self.record.store.clock()) if self.record is not None else 0

    def _entry(self, exercise: Exercise) -> tuple[int, Document]:
        """The learner's number, and what is recorded of an exercise."""
        assert self.record is not None
        document = self.record.read()
        return document["learner"], document["exercises"].get(exercise.id, {})

    def standing(self, exercise: Exercise, seed: int) -> dict[Cell, float]:
        """The wrong answers of before, to the same variant, that later ones may stand on."""
        if self.record is None:
            return {}
        learner, entry = self._entry(exercise)
        return earlier_answers(exercise, entry, learner, seed)

    def open_items(self, exercise: Exercise) -> list[int]:
        """The places of the items that are open."""
        return open_items(self.document, exercise)

    def tries(self, exercise: Exercise, place: int) -> int | None:
        """How many answers to a question are recorded; None where nothing is."""
        if self.record is None:
            return None
        items = self._entry(exercise)[1].get("items", {})
        return int(items.get(str(place), {}).get("tries", 0))

    def first_open(self, exercise: Exercise) -> int:
        """Where to go on: at the first item that is open; of an exercise that is done, at the first."""
        return min(self.open_items(exercise), default=0)

    def seed(self, exercise: Exercise) -> int:
        """The variant to begin with: the one at hand while items are open, else a fresh one."""
        if self.record is None:
            return 0
        learner, entry = self._entry(exercise)
        left = self.open_items(exercise)
        partly = bool(left) and len(left) < len(exercise.items)
        if "seed" in entry and partly and not entry.get("passed"):
            return int(entry["seed"])
        return seed_of(learner, int(entry.get("begun", 0)))

    def fading(self, exercise: Exercise) -> int:
        """How many of the last hints of an exercise wait for a first try."""
        return fading(skills_of(self.document, self.path, self.now), exercise)

    def named(self, name: str) -> Exercise:
        """The exercise of a name, the first where it is empty; `CommandError` where there is none."""
        if not name:
            if not self.path:
                raise CommandError("there is no exercise on this path", 0, ExitCode.FAILED)
            return self.path[0]
        found = next((one for one in chain(self.path, self._retired()) if one.id == name), None)
        if found is None:
            near = did_you_mean(name, [one.id for one in self.path])
            raise CommandError(f'there is no exercise "{name}"{near}', 0, ExitCode.FAILED)
        return found

    def _retired(self) -> Iterator[Exercise]:
        """The exercises that are off the path: who asks for one by its name may do it all the same."""
        yield from (one for one in load_path(self.folder, retired=True)[0] if one.retired)

    def following(self, done: Sequence[str]) -> Offer | None:
        """What to go on with, of all that is not ``done`` just now."""
        return offered(self.document, self.path, self.now, done)

    def onward(self, done: Sequence[str]) -> str:
        """What to go on with, in words."""
        following = self.following(done)
        if following is not None:
            one = following.exercise
            return f"next goes on to {one.id}, “{one.title}” ({following.why})"
        left = [one.id for one in self.path if self.record is not None and self.open_items(one)]
        if left:
            return f"that was the last of the path; questions are open in {listed(left[:3])}"
        count = len(self.path)
        return (
            f"all {counted(count, 'exercise')} of the path are done" if count > 1 else "the exercise is done"
        )
