"""The command line: ``bpstep [COMMAND] ...``.

Each subcommand is a row: its name, what it says in the help, its arguments, and a function that returns an exit
code.  A function imports what it needs when it is called, so that ``bpstep --help`` and ``bpstep list`` start as
fast as Python does, and ``bpstep trace`` never loads the screen.  Data goes to standard output, diagnostics to
standard error, and no error of the user's shows a traceback.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from bpstep import streams
from bpstep.visible import visible, visible_lines

TYPE_CHECKING = False  # `typing` and `dataclasses` cost as much as all the rest of this module
if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from bpstep.debugger.session import Session
    from bpstep.engine.cells import Cell
    from bpstep.engine.rules import Rule
    from bpstep.scenario.model import Scenario

__all__ = ["main"]

OK, FAILED, USAGE, RUNNING, INTERRUPTED = 0, 1, 2, 3, 130


class Subcommand:
    """A row of the command line."""

    def __init__(
        self,
        name: str,
        says: str,
        arguments: Callable[[ArgumentParser], None],
        run: Callable[[Namespace], int],
    ) -> None:
        self.name, self.says, self.arguments, self.run = name, says, arguments, run


class UsageError(Exception):
    """Something on the command line can not be done; the message is one line."""


def _tell(text: object) -> None:
    """Lines on standard error, whatever their text was made from."""
    streams.complain(visible_lines(str(text)))


def _typed(name: str) -> str:
    """A file's name as it is typed at a prompt."""
    return f'"{name}"' if " " in name else name


class _Parser(ArgumentParser):
    """argparse quotes what was typed; here it does so safely."""

    def error(self, message: str) -> NoReturn:
        streams.complain(self.format_usage().rstrip())
        _tell(f"{self.prog}: error: {message}")
        raise SystemExit(USAGE)


def _load(name: str, seed: int | None = None) -> Scenario:
    """The scenario that the command line names: built in, a file, or a pattern that matches one."""
    from bpstep.files import the_one
    from bpstep.scenario.loader import load

    file = the_one(name)
    if file.endswith(".bps"):
        raise UsageError(f"{file} is a script; this carries it out: bpstep replay {_typed(file)}")
    scenario = load(file, seed=seed)
    for warning in scenario.warnings:
        streams.complain(f"warning: {warning}")
    return scenario


def _rule(name: str, scenario: Scenario) -> Rule:
    from bpstep.debugger.errors import did_you_mean
    from bpstep.engine.rules import RULES

    if name not in RULES:
        raise UsageError(f'unknown rule "{name}"{did_you_mean(name, RULES)} (rules: {", ".join(RULES)})')
    rule = RULES[name]
    reason = rule.refuses(scenario.problem, scenario.training)
    if reason:
        raise UsageError(f'the rule "{name}" does not apply to {scenario.name}: {reason}')
    return rule


# --- open --------------------------------------------------------------------------------------------


def _scenario_argument(parser: ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="a built-in scenario by name, or a file")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed for weights drawn at random")


def _session_arguments(parser: ArgumentParser) -> None:
    _scenario_argument(parser)
    parser.add_argument("--rule", default="correct", metavar="NAME", help="begin with a wrong rule")


def _session(arguments: Namespace, scenario: Scenario) -> Session:
    """A session with what the command line asks for, as if its first command had asked for it."""
    from bpstep.debugger.session import Session

    session = Session(scenario)
    if arguments.rule != "correct":
        session.execute(f"set rule = {_rule(arguments.rule, scenario).name}")
    return session


def _open(arguments: Namespace) -> int:
    _start_fast()
    scenario = _load(arguments.scenario, arguments.seed)
    _need_terminal(arguments.scenario)
    from bpstep.tui.app import run

    return run(_session(arguments, scenario))


def _home(arguments: Namespace) -> int:
    _need_terminal()
    _start_fast()
    from bpstep.tui.app import run

    return run(None)


def _start_fast() -> None:
    """While modules are loaded nothing becomes garbage, so the collector need not look; the screen turns it on."""
    import gc

    gc.disable()


def _need_terminal(scenario: str | None = None) -> None:
    """The screen can be shown, or `UsageError` says what there is without it."""
    if _has_screen():
        return
    instead = "bpstep list" if scenario is None else f"bpstep repl {_typed(scenario)}"
    if sys.stdin.isatty() and sys.stdout.isatty():
        raise UsageError(f"the screen needs a terminal that can move its cursor; on this one, try: {instead}")
    trace = "" if scenario is None else f", or bpstep trace {_typed(scenario)}"
    raise UsageError(f"the screen needs a terminal; without one, try: {instead}{trace}")


def _has_screen() -> bool:
    """Whether there is a terminal that the screen can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "")


# --- list --------------------------------------------------------------------------------------------


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _list(arguments: Namespace) -> int:
    from bpstep.scenario.catalogue import entries

    found = entries()
    if arguments.json:
        rows = [{"name": e.name, "title": e.title, "summary": e.summary, "lesson": e.lesson} for e in found]
        _print_json({"scenarios": rows})
        return OK
    width = max(len(entry.name) for entry in found)
    for entry in found:
        print(f"{entry.name:<{width}}  {entry.title}")
    return OK


# --- trace -------------------------------------------------------------------------------------------


def _trace_arguments(parser: ArgumentParser) -> None:
    _scenario_argument(parser)
    parser.add_argument("--format", choices=("jsonl", "text", "csv"), default="jsonl", help="default: jsonl")
    parser.add_argument("--epochs", type=_positive, metavar="N", help="instead of the file's")
    parser.add_argument(
        "--last", action="store_true", help="the last epoch only, under the numbers of the whole run"
    )
    parser.add_argument("--rule", default="correct", metavar="NAME", help="back-propagate by a wrong rule")
    parser.add_argument("--mode", choices=("reverse", "forward"), default="reverse", help="default: reverse")
    parser.add_argument("--wrt", metavar="CELL", help="with --mode forward: what tangents are taken by")


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise ValueError(text)
    return int(text)


_positive.__name__ = "whole number from 1 on"


def _trace(arguments: Namespace) -> int:
    scenario = _load(arguments.scenario, arguments.seed)
    from bpstep.engine.run import Run
    from bpstep.view.trace import write_trace

    rule = _rule(arguments.rule, scenario)
    wrt = _wrt(arguments, scenario)
    run = Run(scenario.problem, scenario.training, rule=rule, wrt=wrt, epochs=arguments.epochs)
    broken = write_trace(scenario, run, arguments.format, sys.stdout, last_epoch=arguments.last)
    if broken is None:
        return OK
    _tell(f"step {broken.number}: {broken.formula} is {broken.value}: the first value that is not finite")
    return RUNNING


def _wrt(arguments: Namespace, scenario: Scenario) -> Cell | None:
    """The cell of forward mode; None in reverse mode."""
    if arguments.mode == "reverse":
        if arguments.wrt is not None:
            raise UsageError("--wrt goes with --mode forward")
        return None
    if arguments.wrt is None:
        raise UsageError("--mode forward needs --wrt CELL: what tangents are taken by")
    if arguments.rule != "correct":
        raise UsageError("a rule is a way to back-propagate; forward mode has no backward pass")
    from bpstep.debugger.session import Session
    from bpstep.debugger.setting import forward_seed

    return forward_seed(Session(scenario), arguments.wrt, 0)


# --- check, diff, work ---------------------------------------------------------------------------------


def _json_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _check_arguments(parser: ArgumentParser) -> None:
    _scenario_argument(parser)
    parser.add_argument("--rule", default="correct", metavar="NAME", help="check a wrong rule")
    _json_argument(parser)


def _check(arguments: Namespace) -> int:
    scenario = _load(arguments.scenario, arguments.seed)
    from bpstep.engine.check import check_gradients
    from bpstep.engine.run import Run

    run = Run(scenario.problem, scenario.training, rule=_rule(arguments.rule, scenario), epochs=1)
    rows = check_gradients(run)
    ok = all(row.ok for row in rows)
    if arguments.json:
        _print_json(
            {
                "ok": ok,
                "worst": max(row.relative for row in rows),
                "rows": [
                    {
                        "cell": str(row.cell), "reverse": row.reverse, "forward": row.forward,
                        "numeric": row.numeric, "relative": row.relative, "verdict": row.verdict,
                    }
                    for row in rows
                ],
            }
        )  # fmt: skip
    else:
        from bpstep.view.compare import check_lines

        _print_lines(check_lines(rows))
    return OK if ok else FAILED


def _diff_arguments(parser: ArgumentParser) -> None:
    _scenario_argument(parser)
    parser.add_argument("--rule", required=True, metavar="NAME", help="the wrong rule")
    _json_argument(parser)


def _diff(arguments: Namespace) -> int:
    scenario = _load(arguments.scenario, arguments.seed)
    from bpstep.engine.compare import compare_runs
    from bpstep.engine.run import Run

    rule = _rule(arguments.rule, scenario)
    right = Run(scenario.problem, scenario.training)
    wrong = Run(scenario.problem, scenario.training, rule=rule)
    found = compare_runs(right, wrong)
    if arguments.json:
        first = found.first
        step = first and {
            "step": first.correct.number, "cell": str(first.correct.cell),
            "correct": first.correct.value, "rule": first.rule.value,
        }  # fmt: skip
        table = [
            {"cell": str(row.cell), "correct": row.correct, "rule": row.rule, "ratio": row.ratio}
            for row in found.rows
        ]
        turns = [
            {"layer": turn.layer or None, "degrees": turn.degrees, "length": turn.length}
            for turn in found.turns
        ]
        _print_json({"rule": rule.name, "first": step, "rows": table, "turns": turns})
        return OK
    from bpstep.debugger.session import Session
    from bpstep.view.compare import diff_lines

    _print_lines(diff_lines(Session(scenario), found))
    return OK


def _work_arguments(parser: ArgumentParser) -> None:
    _scenario_argument(parser)
    _json_argument(parser)


def _work(arguments: Namespace) -> int:
    scenario = _load(arguments.scenario, arguments.seed)
    from bpstep.engine.build import build
    from bpstep.engine.work import work_of

    work = work_of(build(scenario.problem))
    if arguments.json:
        counts = {"by_hand": work.by_hand, "forward": work.forward, "reverse": work.reverse}
        _print_json({"parameters": work.parameters, "paths": work.paths, "multiplications": counts})
        return OK
    from bpstep.view.work import work_lines

    _print_lines(work_lines(scenario.problem, work))
    return OK


def _print_json(document: object) -> None:
    from bpstep.documents import json_text

    print(json_text(document))


def _print_lines(lines: Sequence[tuple[str, str]]) -> None:
    print("\n".join(visible(text.rstrip()) for text, _ in lines))


# --- new, schema -------------------------------------------------------------------------------------


def _new_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write it; nothing is overwritten")


def _new(arguments: Namespace) -> int:
    from bpstep.scenario.template import TEMPLATE

    try:
        with open(arguments.file, "x", encoding="utf-8") as to:
            to.write(TEMPLATE)
    except FileExistsError:
        raise UsageError(f"{arguments.file} exists already; it is left as it is") from None
    print(visible(f"{arguments.file} is written; open it with: bpstep {arguments.file}"))
    return OK


def _nothing(parser: ArgumentParser) -> None:
    """No arguments."""


def _schema(arguments: Namespace) -> int:
    from bpstep.scenario.schema import json_schema

    _print_json(json_schema())
    return OK


def _help_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "about", metavar="COMMAND", nargs="?", help="a command of this list, or of the prompt"
    )


def _help(arguments: Namespace) -> int:
    """The help of the command line or of one of its commands; or of a command that is given inside a session."""
    about = arguments.about
    if about is None or about in (row.name for row in SUBCOMMANDS):
        _parser().parse_args([*([about] if about else []), "--help"])
    import bpstep.view.views  # noqa: F401 (the help names the views)
    from bpstep.debugger.commands import help_text

    print(help_text(about))
    return OK


# --- repl, replay --------------------------------------------------------------------------------------


def _repl(arguments: Namespace) -> int:
    scenario = _load(arguments.scenario, arguments.seed)
    from bpstep.repl import converse

    return converse(_session(arguments, scenario), sys.stdin, sys.stdout)


def _replay_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="scripts (*.bps), or folders of them")
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--update", action="store_true", help="rewrite expected numbers and blocks into FILE.new"
    )
    parser.add_argument("--in-place", action="store_true", help="with --update: rewrite FILE itself")


def _replay(arguments: Namespace) -> int:
    from bpstep.files import expanded
    from bpstep.replay import replay, update

    if arguments.in_place and not arguments.update:
        raise UsageError("--in-place goes with --update")
    files = expanded(arguments.files, ".bps")
    for file in files:
        if file.endswith(".toml"):
            raise UsageError(f"{file} is a scenario, not a script; this opens it: bpstep {_typed(file)}")
    if arguments.update:
        return update(files, in_place=arguments.in_place)
    return replay(files, keep_going=arguments.keep_going, as_json=arguments.json)


# --- exercises -----------------------------------------------------------------------------------------


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
    _path_argument(parser)


def _exercise(arguments: Namespace) -> int:
    """The path of exercises, or one of them: on the screen, or at the prompt where there is no terminal."""
    folder = _folder(arguments)
    from bpstep.exercises.model import load_path
    from bpstep.exercises.store import Store
    from bpstep.scenario.problems import did_you_mean

    exercises, problems = load_path(folder)
    if problems:
        raise UsageError("\n".join(str(problem) for problem in problems))
    ids = [exercise.id for exercise in exercises]
    if arguments.id is not None and arguments.id not in ids:
        raise UsageError(f'there is no exercise "{arguments.id}"{did_you_mean(arguments.id, ids)}')
    store = Store()
    store.read()  # What is wrong with the file is said before the screen is taken.
    if _has_screen():
        from bpstep.tui.app import run_exercises

        return run_exercises(store, folder, arguments.id)
    from bpstep.debugger.session import Session
    from bpstep.exercises.tutor import ExerciseTutor
    from bpstep.repl import converse
    from bpstep.scenario.loader import load

    session = Session(load(exercises[0].scenario))
    session.tutor = ExerciseTutor(session, store=store, folder=folder)
    begun = session.execute(f"exercise {arguments.id or ''}".strip())
    if store.message:
        _tell(store.message)
    from bpstep.view.answers import answer_lines

    _print_lines(answer_lines(session, begun))
    return converse(session, sys.stdin, sys.stdout)


def _exercises_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("check", "list"), help="check: prove every exercise; list: the path")
    _path_argument(parser)


def _exercises(arguments: Namespace) -> int:
    folder = _folder(arguments)
    if arguments.what == "list":
        return _progress_words(folder)
    from bpstep.english import counted
    from bpstep.exercises.checking import check_path

    exercises, problems = check_path(folder)
    for problem in problems:
        _tell(problem)
    count = counted(sum(len(exercise.items) for exercise in exercises), "item")
    verdict = counted(len(problems), "problem") if problems else "all proved"
    print(f"{counted(len(exercises), 'exercise')}, {count}: {verdict}")
    return FAILED if problems else OK


def _progress_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("export", "import", "reset"), help="left out: show it")
    parser.add_argument("file", nargs="?", metavar="FILE", help="to export to, or to import")
    _path_argument(parser)


def _progress(arguments: Namespace) -> int:
    if arguments.what in ("export", "import") and arguments.file is None:
        raise UsageError(f"progress {arguments.what} needs a file")
    if arguments.what is None:
        return _progress_words(_folder(arguments))
    from pathlib import Path

    from bpstep.exercises.progress import merged, read_document
    from bpstep.exercises.store import Store

    store = Store()
    if arguments.what == "export":
        store.export(Path(arguments.file))
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
        _tell(store.message)
    return OK


def _progress_words(folder: Path | None) -> int:
    from bpstep.exercises.model import load_path
    from bpstep.exercises.reports import summary
    from bpstep.exercises.store import Store
    from bpstep.view.questions import path_lines

    exercises, problems = load_path(folder)
    for problem in problems:
        _tell(problem)
    store = Store()
    _print_lines(path_lines(summary(store.read(), exercises)))
    if store.message:
        _tell(store.message)
    return USAGE if problems else OK


def _grade_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="learners' exports, or folders of them (*.json)"
    )
    parser.add_argument("--csv", action="store_true", help="a table for a spreadsheet")
    parser.add_argument("--totals", action="store_true", help="sums alone: a row a learner, not a question")
    _json_argument(parser)
    _path_argument(parser)


def _grade(arguments: Namespace) -> int:
    from dataclasses import asdict
    from pathlib import Path

    from bpstep.exercises.model import load_path
    from bpstep.exercises.reports import as_csv, report_of
    from bpstep.files import expanded

    exercises, problems = load_path(_folder(arguments))
    if problems:
        raise UsageError("\n".join(str(problem) for problem in problems))
    report = report_of([Path(file) for file in expanded(arguments.files, ".json")], exercises)
    for message in report.broken:
        _tell(message)
    if arguments.json:
        learners = [asdict(learner) for learner in report.learners]
        rows = [asdict(row) for row in report.rows]
        _print_json({"ok": not report.broken, "learners": learners, "rows": rows})
    elif arguments.csv:
        print(as_csv(report, totals=arguments.totals), end="")
    else:
        from bpstep.view.marks import mark_lines

        for line in mark_lines(report, totals=arguments.totals):
            print(visible(line))
    return USAGE if report.broken else OK


SUBCOMMANDS = (
    Subcommand("open", "open a scenario on the screen (the default)", _session_arguments, _open),
    Subcommand("list", "the built-in scenarios, one a line", _list_arguments, _list),
    Subcommand("trace", "every step as JSON lines, text or CSV", _trace_arguments, _trace),
    Subcommand("repl", "the same session at a plain prompt, or from a pipe", _session_arguments, _repl),
    Subcommand("replay", "carry out scripts and hold them to what they expect", _replay_arguments, _replay),
    Subcommand("check", "every gradient by three independent ways", _check_arguments, _check),
    Subcommand("diff", "a wrong rule beside the right one", _diff_arguments, _diff),
    Subcommand(
        "work", "multiplications by hand, in forward mode and in reverse mode", _work_arguments, _work
    ),
    Subcommand("exercise", "the path of exercises, or one of them", _exercise_arguments, _exercise),
    Subcommand("exercises", "check: prove every exercise of a folder", _exercises_arguments, _exercises),
    Subcommand("progress", "what is done; export, import, reset", _progress_arguments, _progress),
    Subcommand("grade", "learners' exports, every answer graded anew", _grade_arguments, _grade),
    Subcommand("new", "write a commented scenario to start from", _new_arguments, _new),
    Subcommand("schema", "the JSON Schema of scenario files, for editors", _nothing, _schema),
    Subcommand("help", "this help, or that of a command", _help_arguments, _help),
)


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="bpstep",
        description="Step through back-propagation: every operation, forward and backward.",
        epilog="Without a command: bpstep shows the lessons, and bpstep SCENARIO opens one.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for row in SUBCOMMANDS:
        one = commands.add_parser(row.name, help=row.says, description=f"bpstep {row.name}: {row.says}.")
        row.arguments(one)
        one.set_defaults(run=row.run)
    return parser


#: What people type for a command of ours.
_MEANT = {
    "validate": "check",
    "verify": "check",
    "lint": "check",
    "test": "replay",
    "ls": "list",
    "init": "new",
}


def _with_default_command(words: Sequence[str]) -> list[str]:
    """``bpstep xor`` means ``bpstep open xor``; a word that is neither a command nor a scenario gets its line."""
    names = [row.name for row in SUBCOMMANDS]
    if not words or words[0].startswith("-") or words[0] in names:
        return list(words)
    first, rest = words[0], [_typed(word) for word in words[1:]]
    if not _may_be_scenario(first):
        from bpstep.debugger.commands import COMMANDS
        from bpstep.scenario.catalogue import builtin_names
        from bpstep.scenario.problems import did_you_mean

        if first in _MEANT:
            raise UsageError(
                f'there is no command "{first}"; try: {" ".join(["bpstep", _MEANT[first], *rest])}'
            )
        if first in COMMANDS:
            where = "bpstep repl SCENARIO, or behind : on the screen"
            raise UsageError(f'"{first}" is a command within a session: {where}')
        near = did_you_mean(first, [*names, *builtin_names()])
        raise UsageError(
            f'"{first}" is no command, no built-in scenario and no file{near} ("bpstep help" says more)'
        )
    return ["open", *words]


def _may_be_scenario(word: str) -> bool:
    """Whether a word can name a scenario: built in, a file that is there, or what looks like the name of one."""
    from bpstep.scenario.catalogue import builtin_names

    looks_like_file = word.endswith((".toml", ".bps")) or os.sep in word or "/" in word
    return looks_like_file or word in builtin_names() or os.path.lexists(word)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code."""
    streams.prepare()
    try:
        return _carefully(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        streams.complain("interrupted")
        return INTERRUPTED
    finally:
        streams.let_go()


def _print_version() -> int:
    from importlib.metadata import version

    print(f"bpstep {version('bpstep')}")
    return OK


def _carefully(words: Sequence[str]) -> int:
    """Run a subcommand; what the user got wrong becomes lines on standard error and an exit code."""
    try:
        arguments = _parser().parse_args(_with_default_command(words))
        run: Callable[[Namespace], int] = getattr(arguments, "run", _home)
        code = _print_version() if arguments.version else run(arguments)
        sys.stdout.flush()
        return code
    except UsageError as error:
        _tell(f"bpstep: {error}")
    except OSError as error:
        if streams.is_gone(error):
            return OK  # whoever reads our output has seen enough
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"bpstep: {where}{error.strerror or error}")
        return USAGE if error.filename else RUNNING
    except Exception as error:
        if not _is_users(error):
            from bpstep.unexpected import told

            _tell(told(error))
            return RUNNING
        _tell(error)
    return USAGE


def _is_users(error: Exception) -> bool:
    """Whether an error is about what the user gave us: a scenario, a command, or the name of a file."""
    from bpstep.debugger.errors import CommandError
    from bpstep.files import NothingFoundError
    from bpstep.scenario.problems import ScenarioError

    return isinstance(error, ScenarioError | CommandError | NothingFoundError)
