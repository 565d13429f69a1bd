"""`bpstep progress` and `bpstep grade`: what a learner has done, in words, and for whoever gives marks.

A report believes nothing in a learner's file but the answers (`bpstep.exercises.regrading`).  What it names beside
the marks are its `remarks`: an answer that is not what the record says, one under a seed that the learner was not
given, work that was imported, a file of a learner whose work is in another file already.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from bpstep.english import counted, listed
from bpstep.exercises.model import Exercise
from bpstep.exercises.progress import Document, ProgressError, read_document
from bpstep.exercises.regrading import Regraded, Variants, regraded
from bpstep.lazily import dataclass
from bpstep.visible import visible

__all__ = ["Learner", "Report", "Row", "as_csv", "csv_text", "report_of"]


@dataclass(frozen=True)
class Row:
    """One question of one learner: the answer that counts, and how it was come by.

    ``state`` and ``verdict`` are worked out anew; ``recorded`` is the verdict in the file.  ``imported`` is the number
    of the learner whose work it is, where it is another's.  ``asked`` and ``answered`` are times (UTC), "" where
    none is recorded; ``exam`` is whether the answer was given in an exam.
    """

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
    imported: int | None
    remarks: str
    asked: str = ""
    answered: str = ""
    exam: bool = False


@dataclass(frozen=True)
class Learner:
    """One file, summed up: of all questions of the path, and those off it that this learner has done, how many were
    solved by the learner alone, at the first try, or with help, how many were shown or tried; and how many were
    imported.  What was imported counts as nothing."""

    file: str
    learner: int
    version: int
    questions: int
    solved: int
    first_try: int
    with_help: int
    shown: int
    tried: int
    imported: int
    remarks: str
    name: str = ""
    id: str = ""


@dataclass(frozen=True)
class Report:
    """The learners, the rows of each, and what is wrong with files that could not be read."""

    learners: tuple[Learner, ...]
    rows: tuple[Row, ...]
    broken: tuple[str, ...]


def report_of(files: Sequence[Path], exercises: Sequence[Exercise]) -> Report:
    """The report on some learners' files; a file that is none is told in ``broken``."""
    known, variants = {exercise.id: exercise for exercise in exercises}, Variants()
    documents, broken = _read(files)
    owners: dict[int, list[str]] = {}
    for name, document in documents.items():
        owners.setdefault(document["learner"], []).append(name)
    learners: list[Learner] = []
    rows: list[Row] = []
    for name, document in documents.items():
        own = _rows(name, document, known, variants)
        twins = [other for other in owners[document["learner"]] if other != name]
        remark = f"the same learner as in {listed(twins)}" if twins else ""
        learners.append(_summed_up(name, document, own, _questions(own, exercises), remark))
        rows += own
    return Report(tuple(learners), tuple(rows), tuple(broken))


def _questions(rows: Sequence[Row], exercises: Sequence[Exercise]) -> int:
    """How many questions there are for somebody: those of the path, and of those that are retired what they did."""
    retired = {exercise.id for exercise in exercises if exercise.retired}
    on_the_path = sum(len(exercise.items) for exercise in exercises if not exercise.retired)
    return on_the_path + sum(row.exercise in retired and row.imported is None for row in rows)


def _read(files: Sequence[Path]) -> tuple[dict[str, Document], list[str]]:
    """The documents by the names of their files (with their folders, where two have one name), and what is none."""
    names = [path.name for path in files]
    documents, broken = {}, []
    for path in files:
        try:
            documents[path.name if names.count(path.name) == 1 else str(path)] = read_document(path)
        except ProgressError as error:
            broken.append(str(error))
    return documents, broken


def _rows(file: str, document: Document, known: dict[str, Exercise], variants: Variants) -> list[Row]:
    rows = []
    for name, entry in document["exercises"].items():
        exercise, learner = known.get(name), int(document["learner"])
        if exercise is None:
            note = "there is no such exercise here"
            found = {key: Regraded(remarks=[note]) for key in entry.get("items", {})}
        else:
            found = regraded(exercise, entry, learner, variants)
        for key, item in sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])):
            whose = entry["items"][key].get("from")
            rows.append(_row(file, document, name, key, item, whose))
    return rows


def _row(file: str, document: Document, name: str, key: str, item: Regraded, whose: int | None) -> Row:
    place = int(key) + 1 if key.isascii() and key.isdecimal() and len(key) < 4 else 0
    return Row(
        file, document["learner"], document["version"], name, place, item.state, item.seed, item.answer,
        item.verdict, item.recorded, " ".join(item.diagnoses), item.tries, item.hints, item.first_try, whose,
        "; ".join(dict.fromkeys(item.remarks)), _time(item.asked), _time(item.answered), item.is_exam,
    )  # fmt: skip


def _summed_up(file: str, document: Document, rows: Sequence[Row], questions: int, remark: str) -> Learner:
    own = [row for row in rows if row.imported is None]
    remarks = [remark] if remark else []
    named = sum(bool(row.remarks) for row in rows)
    remarks += [f"remarks on {named} of {counted(len(rows), 'question')}"] if named else []

    def count(state: str) -> int:
        return sum(row.state == state for row in own)

    return Learner(
        file, document["learner"], document["version"], questions, count("solved"),
        sum(row.first_try for row in own), count("solved with help"), count("shown"), count("tried"),
        len(rows) - len(own), "; ".join(remarks), document.get("name", ""), document.get("id", ""),
    )  # fmt: skip


def _time(seconds: int) -> str:
    """A time as spreadsheets read it; "" where none is recorded."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}" if seconds else ""
    except (OverflowError, ValueError, OSError):  # a number that is no time
        return ""


def as_csv(report: Report, *, totals: bool = False) -> str:
    """A row a question, or with ``totals`` a row a learner; the first line says what the columns are."""
    columns = [column.name for column in fields(Learner if totals else Row)]
    rows = report.learners if totals else report.rows
    return csv_text(columns, [[getattr(row, name) for name in columns] for row in rows])


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table for a spreadsheet, which runs nothing in it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(map(_harmless, row)) for row in (columns, *rows)])
    return text.getvalue()


def _harmless(value: object) -> object:
    """A cell that a spreadsheet does not run as a formula, and a terminal not as a control code."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
