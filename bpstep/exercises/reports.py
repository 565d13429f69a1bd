"""`bpstep progress` and `bpstep grade`: what a learner has done, in words, and for a teacher.

An export holds the answers and the seeds of their variants.  `grade_export` does not believe its verdicts: it makes
each variant again and grades each answer anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bpstep.debugger.errors import CommandError
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise
from bpstep.exercises.progress import Document, read_document
from bpstep.exercises.tutor import posed_item, variant_of
from bpstep.scenario.problems import ScenarioError
from bpstep.visible import visible

__all__ = ["Row", "as_csv", "grade_export", "summary"]


@dataclass(frozen=True)
class Row:
    """One question of one learner: the last answer that was graded, and how it was come by."""

    file: str
    learner: int
    version: int
    exercise: str
    item: int
    state: str
    seed: int
    answer: str
    verdict: str
    recorded: str
    diagnoses: str
    tries: int
    hints: int
    first_try: bool


def grade_export(path: Path, exercises: Sequence[Exercise]) -> list[Row]:
    """The rows of one learner's file, every last answer graded anew; `ProgressError` where it is no such file."""
    document = read_document(path)
    known = {exercise.id: exercise for exercise in exercises}
    rows = []
    for name, entry in document["exercises"].items():
        for key, item in sorted(entry.get("items", {}).items()):
            rows.append(_row(path, document, known.get(name), name, key, item))
    return rows


def _row(
    path: Path, document: Document, exercise: Exercise | None, name: str, key: str, item: dict[str, Any]
) -> Row:
    answers = [a for a in item.get("answers", []) if isinstance(a, dict) and a.get("verdict") != "not-graded"]
    last = answers[-1] if answers else {}
    verdict, diagnoses = _regraded(exercise, key, item)
    place = int(key) + 1 if _is_place(key) else 0
    return Row(
        path.name, document["learner"], document["version"], name, place, str(item.get("state", "")),
        int(last.get("seed", 0)), str(last.get("answer", "")), verdict, str(last.get("verdict", "")),
        " ".join(diagnoses), int(item.get("tries", 0)), int(item.get("hints", 0)), bool(item.get("first_try", False)),
    )  # fmt: skip


def _regraded(exercise: Exercise | None, key: str, item: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The verdict of the last answer, worked out again; answers before it may be carried forward."""
    answers = [a for a in item.get("answers", []) if isinstance(a, dict) and a.get("verdict") != "not-graded"]
    if not answers:
        return "", ()
    if exercise is None:
        return "unknown exercise", ()
    if not _is_place(key) or int(key) >= len(exercise.items):
        return "unknown item", ()
    last = answers[-1]
    if exercise.items[int(key)].kind == "train" or last.get("verdict") == "carried-forward":
        return str(last.get("verdict", "")), ()  # made of more than this answer: the record is what there is
    try:
        seed = int(last.get("seed", 0))
        posed = posed_item(exercise, int(key), variant_of(exercise, seed), seed)
        posed.memory["h"] = 1e-5
        grade = KINDS[posed.item.kind].grade(posed, str(last.get("answer", "")))
    except (CommandError, ScenarioError, ValueError) as error:
        return f"can not be graded: {error}", ()
    return grade.verdict, grade.diagnoses


def _is_place(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 4


def as_csv(rows: Sequence[Row]) -> str:
    """The rows as a table, the first line saying what the columns are."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(Row.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _harmless(value) for key, value in asdict(row).items()})
    return text.getvalue()


def _harmless(value: object) -> object:
    """A cell that a spreadsheet does not run as a formula, and a terminal not as a control code."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def summary(document: Document, exercises: Sequence[Exercise]) -> list[tuple[Exercise, list[str]]]:
    """Every exercise with the state of each of its items ("" where nothing was done)."""
    found = []
    for exercise in exercises:
        items = document["exercises"].get(exercise.id, {}).get("items", {})
        states = [str(items.get(str(k), {}).get("state", "")) for k in range(len(exercise.items))]
        found.append((exercise, states))
    return found
