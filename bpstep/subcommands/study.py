"""Subcommands of self-study and of teaching: exercise, exercises, progress, grade."""

from __future__ import annotations

import sys

from bpstep.subcommands import (
    FAILED,
    OK,
    USAGE,
    Subcommand,
    UsageError,
    has_screen,
    json_argument,
    looks_arguments,
    named_file,
    number_argument,
    print_json,
    print_lines,
    settings_of,
    tell,
)
from bpstep.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from bpstep.exercises.model import Exercise
    from bpstep.exercises.reports import Report

__all__ = ["ROWS"]


def _path_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--path", metavar="FOLDER", help="a folder of your own exercises")


def _folder(arguments: Namespace) -> Path | None:
    from pathlib import Path

    from bpstep.files import the_one

    if arguments.path is None:
        return None
    folder = Path(the_one(arguments.path))
    if not folder.is_dir():
        raise UsageError(f"there is no folder {arguments.path}")
    return folder


def _exercise_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="an exercise; left out, the path of all of them")
    parser.add_argument("--plain", action="store_true", help="at a plain prompt, without the screen")
    parser.add_argument(
        "--exam", action="store_true", help="every question once: no hints, no verdicts, a time for each"
    )
    _path_argument(parser)
    looks_arguments(parser)


def _exercise(arguments: Namespace) -> int:
    """The path of exercises, or one of them: on the screen; at a prompt where that is asked for, or no terminal is."""
    folder = _folder(arguments)
    from bpstep.exercises.loading import load_path
    from bpstep.exercises.store import Store
    from bpstep.scenario.problems import did_you_mean

    exercises, problems = load_path(folder, retired=True)
    if problems:
        raise UsageError("\n".join(str(problem) for problem in problems))
    ids = [exercise.id for exercise in exercises]
    if arguments.id is not None and arguments.id not in ids:
        raise UsageError(f'there is no exercise "{arguments.id}"{did_you_mean(arguments.id, ids)}')
    store, settings = Store(), settings_of(arguments)
    store.read()  # What is wrong with the file is said before the screen is taken.
    if has_screen() and not arguments.plain:
        from bpstep.tui.app import run_exercises

        return run_exercises(store, folder, arguments.id, settings, exam=arguments.exam)
    from bpstep.debugger.console import Console
    from bpstep.exercises.exam import ExamTutor
    from bpstep.exercises.tutor import ExerciseTutor
    from bpstep.repl import converse
    from bpstep.scenario.loader import load

    if store.message:
        tell(store.message)
    for fault in settings.faults:
        tell(f"warning: {fault}")
    session = Console(load(exercises[0].scenario))
    settings.attend(session)
    session.tutor = (ExamTutor if arguments.exam else ExerciseTutor)(session, store=store, folder=folder)
    first = "exercise" if arguments.exam else "exercises"
    begin = first if arguments.id is None else f"exercise {arguments.id}"
    return converse(session, sys.stdin, sys.stdout, begin)


def _exercises_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("check", "list"), help="check: prove every exercise; list: the path")
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="a folder of your own exercises")
    _path_argument(parser)


def _exercises(arguments: Namespace) -> int:
    arguments.path = arguments.folder or arguments.path
    folder = _folder(arguments)
    if arguments.what == "list":
        return _progress_words(folder)
    from bpstep.english import counted
    from bpstep.exercises.checking import check_path
    from bpstep.progress_line import ProgressLine

    with ProgressLine.here() as progress:
        exercises, problems = check_path(folder, report=progress.show)
    for problem in problems:
        tell(problem)
    count = counted(sum(len(exercise.items) for exercise in exercises), "item")
    verdict = counted(len(problems), "problem") if problems else "all proved"
    print(f"{counted(len(exercises), 'exercise')}, {count}: {verdict}")
    return FAILED if problems else OK


def _progress_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("export", "import", "reset"), help="left out: show it")
    parser.add_argument("file", nargs="?", type=named_file, metavar="FILE", help="to export to, or to import")
    parser.add_argument(
        "--name", default="", metavar="NAME", help="with export: whose it is; left out, nobody's"
    )
    parser.add_argument("--id", default="", metavar="ID", help="with export: a student's number")
    parser.add_argument(
        "--force", action="store_true",
        help="with export: write anew what is there, whatever it is; an export of yours needs no --force",
    )  # fmt: skip
    json_argument(parser)
    _path_argument(parser)


def _progress(arguments: Namespace) -> int:
    if arguments.what in ("export", "import") and arguments.file is None:
        raise UsageError(f"progress {arguments.what} needs a file")
    if arguments.json and arguments.what is not None:
        raise UsageError(f"progress {arguments.what} has nothing to say as JSON")
    for option in ("name", "id"):
        if problem := _name_problem(getattr(arguments, option), arguments.what):
            raise UsageError(f"--{option}: {problem}")
    if arguments.what is None:
        return _progress_words(_folder(arguments), as_json=arguments.json)
    from pathlib import Path

    from bpstep.exercises.progress import merged, read_document
    from bpstep.exercises.store import Store

    store = Store()
    if arguments.what == "export":
        name, number = arguments.name.strip(), arguments.id.strip()
        store.export(Path(arguments.file), name, number, force=arguments.force)
        print(visible(f"{arguments.file} is written"))
    elif arguments.what == "import":
        other = read_document(Path(arguments.file))
        document = store.change(lambda document: document.update(merged(document, other)))
        theirs = other["learner"] != document["learner"]
        whose = f"; it stays marked as the work of learner {other['learner']}" if theirs else ""
        print(visible(f"{arguments.file} is taken in{whose}"))
    else:
        aside = store.reset()
        print(
            f"progress begins anew; what there was is kept as {aside}" if aside else "there was no progress"
        )
    if store.message:
        tell(store.message)
    return OK


def _name_problem(text: str, what: str | None) -> str:
    """Why a name can not be written into an export; "" where it can, or there is none."""
    from bpstep.exercises.progress import MOST_NAME
    from bpstep.visible import first_unsafe

    if text and what != "export":
        return "it goes with progress export"
    if first_unsafe(text) is not None:
        return f"the character {visible(first_unsafe(text) or '')} is not allowed"
    return f"expected at most {MOST_NAME} characters" if len(text) > MOST_NAME else ""


def _progress_words(folder: Path | None, *, as_json: bool = False) -> int:
    from bpstep.exercises.loading import load_path
    from bpstep.exercises.offering import as_document, path_of, standing_of
    from bpstep.exercises.store import Store
    from bpstep.view.panes.questions import path_lines
    from bpstep.view.panes.skills import next_lines, skill_lines

    exercises, problems = load_path(folder)
    for problem in problems:
        tell(problem)
    store = Store()
    now = store.clock()
    standing = standing_of(store.read(), exercises, now)
    if as_json:
        print_json(as_document(standing))
    else:
        gap = ("", "")
        skills = skill_lines(standing.skills, now)
        print_lines([*path_lines(path_of(standing)), gap, *skills, gap, *next_lines(standing)])
    if store.message:
        tell(store.message)
    return USAGE if problems else OK


def _grade_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="learners' exports, or folders of them (*.json)"
    )
    parser.add_argument("--csv", action="store_true", help="a table for a spreadsheet")
    parser.add_argument("--totals", action="store_true", help="sums alone: a row a learner, not a question")
    parser.add_argument(
        "--summary", action="store_true", help="points: a row a student, a column an exercise"
    )
    parser.add_argument(
        "--with-help", type=_share, default=1.0, metavar="SHARE",
        help="with --summary: the share of its points that a question is worth that was solved with help (1)",
    )  # fmt: skip
    parser.add_argument(
        "--bom", action="store_true", help="with --csv: begin as spreadsheets expect of UTF-8"
    )
    json_argument(parser)
    _path_argument(parser)


_share = number_argument("share from 0 to 1", lambda found: 0.0 <= found <= 1.0)


def _grade(arguments: Namespace) -> int:
    from pathlib import Path

    from bpstep.exercises.loading import load_path
    from bpstep.exercises.reports import report_of
    from bpstep.files import expanded

    if arguments.bom and not arguments.csv:
        raise UsageError("--bom goes with --csv")
    if arguments.summary and arguments.totals:
        raise UsageError("--summary and --totals: expected one of them")
    exercises, problems = load_path(_folder(arguments), retired=True)
    if problems:
        raise UsageError("\n".join(str(problem) for problem in problems))
    report = report_of([Path(file) for file in expanded(arguments.files, ".json")], exercises)
    for message in report.broken:
        tell(message)
    if arguments.bom:
        print("\ufeff", end="")
    (_marks if arguments.summary else _report)(arguments, report, exercises)
    return USAGE if report.broken else OK


def _marks(arguments: Namespace, report: Report, exercises: list[Exercise]) -> None:
    """Points, a row a student."""
    from bpstep.exercises.marks import as_csv, as_document, marks_of

    marks = marks_of(report, exercises, arguments.with_help)
    if arguments.json:
        print_json({"ok": not report.broken, "students": [as_document(one) for one in marks]})
    elif arguments.csv:
        print(as_csv(marks, exercises), end="")
    else:
        from bpstep.view.say.marks import points_lines

        for line in points_lines(marks):
            print(visible(line))


def _report(arguments: Namespace, report: Report, exercises: list[Exercise]) -> None:
    """What became of every question."""
    from dataclasses import asdict

    from bpstep.exercises.reports import as_csv

    if arguments.json:
        learners = [asdict(learner) for learner in report.learners]
        rows = [asdict(row) for row in report.rows]
        print_json({"ok": not report.broken, "learners": learners, "rows": rows})
    elif arguments.csv:
        print(as_csv(report, totals=arguments.totals), end="")
    else:
        from bpstep.view.say.marks import mark_lines

        for line in mark_lines(report, totals=arguments.totals):
            print(visible(line))


ROWS = (
    Subcommand("exercise", "the path of exercises, or one of them", _exercise_arguments, _exercise),
    Subcommand("exercises", "check: prove every exercise of a folder", _exercises_arguments, _exercises),
    Subcommand("progress", "what is done; export, import, reset", _progress_arguments, _progress),
    Subcommand("grade", "learners' exports, every answer graded anew", _grade_arguments, _grade),
)
