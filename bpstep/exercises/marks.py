"""`bpstep grade --summary`: points, a row a student and a column an exercise.

A question is worth its ``points`` (1 where its author says nothing): all of them where it was solved, a share of them
where it was solved with help.  What was shown, passed over, imported or never answered is worth 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.exercises.model import Exercise
from bpstep.exercises.reports import Learner, Report, csv_text
from bpstep.lazily import dataclass

__all__ = ["Marks", "as_csv", "as_document", "marks_of"]


@dataclass(frozen=True)
class Marks:
    """What a student has: points by exercise, in all, and what there was to have."""

    student: Learner
    by_exercise: dict[str, float]
    points: float
    maximum: float


def marks_of(report: Report, exercises: Sequence[Exercise], with_help: float = 1.0) -> list[Marks]:
    """The marks of every student, for the exercises of the path; ``with_help`` is the share of the points that a
    question is worth that was solved with help."""
    path = [exercise for exercise in exercises if not exercise.retired]
    share = {"solved": 1.0, "solved with help": with_help}
    found = []
    for student in report.learners:
        points = {exercise.id: 0.0 for exercise in path}
        worth = {(one.id, place): item.points for one in path for place, item in enumerate(one.items, 1)}
        for row in report.rows:
            if row.file == student.file and row.imported is None and row.exercise in points:
                points[row.exercise] += share.get(row.state, 0.0) * worth.get((row.exercise, row.item), 0.0)
        found.append(Marks(student, points, sum(points.values()), sum(worth.values())))
    return found


def as_csv(marks: Sequence[Marks], exercises: Sequence[Exercise]) -> str:
    """A row a student; first who it is, then a column an exercise."""
    path = [exercise.id for exercise in exercises if not exercise.retired]
    columns = ["name", "id", "file", "learner", *path, "points", "maximum", "remarks"]
    return csv_text(columns, [_row(one, path) for one in marks])


def _row(marks: Marks, path: Sequence[str]) -> list[object]:
    student = marks.student
    points = [
        _number(value) for value in (*(marks.by_exercise[name] for name in path), marks.points, marks.maximum)
    ]
    return [student.name, student.id, student.file, student.learner, *points, student.remarks]


def _number(points: float) -> object:
    """Points without a fraction that they do not have."""
    return int(points) if points == int(points) else round(points, 6)


def as_document(marks: Marks) -> dict[str, object]:
    """The marks of a student as `bpstep grade --summary --json` prints them."""
    student = marks.student
    return {
        "name": student.name, "id": student.id, "file": student.file, "learner": student.learner,
        "exercises": marks.by_exercise, "points": marks.points, "maximum": marks.maximum, "remarks": student.remarks,
    }  # fmt: skip
