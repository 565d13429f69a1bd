"""`bpstep lint`: what is wrong with scenarios, scripts and exercises, found without running them.

What a file is, is seen in its ending and in its keys: ``.bps`` is a script, a TOML file with questions is an exercise,
any other is a scenario.  Each is read as it is whenever it is opened, so what passes here opens; whether an exercise
separates right from wrong takes running it, which `bpstep exercises check` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bpstep.debugger.errors import CommandError
from bpstep.debugger.script import read_script
from bpstep.debugger.script_check import faults_of
from bpstep.debugger.session import Session
from bpstep.engine.blocks import PHASES
from bpstep.exercises.asked import cell_named
from bpstep.exercises.kind import A_CELL
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import read_exercise
from bpstep.exercises.model import Exercise
from bpstep.exercises.variants import varied_scenario
from bpstep.lazily import dataclass
from bpstep.reach import ANYWHERE
from bpstep.scenario.files import read_text, read_toml
from bpstep.scenario.loader import MOST_BYTES, load
from bpstep.scenario.problems import Problem, ScenarioError
from bpstep.visible import visible

__all__ = ["ENDINGS", "ERROR", "WARNING", "Finding", "findings_of"]

#: The endings of files that are looked at in a folder.
ENDINGS = (".toml", ".bps")

#: How bad it is: it does not open, or it is hardly meant.
ERROR, WARNING = "error", "warning"

#: A TOML file with none of these keys is nobody's of ours; one with a key of the second kind is an exercise.
_OURS, _OF_EXERCISES = {"format", "network", "expression"}, {"item", "scenario", "id", "skills", "vary"}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or hardly meant, in a line (from 1) and column (from 1) of a file."""

    file: str
    line: int
    column: int
    severity: str
    message: str

    def __str__(self) -> str:
        warning = "warning: " if self.severity == WARNING else ""
        return visible(f"{self.file}:{self.line}:{self.column}: {warning}{self.message}")


def findings_of(
    files: Sequence[str], named: Sequence[str], *, trusted: bool = False
) -> tuple[int, list[Finding]]:
    """How many files were looked at, and everything that was found, file by file; those that were ``named``, and not
    found in a folder, are looked at whatever they are; scripts that are ``trusted`` may name files outside their
    folders."""
    looked, found = 0, list[Finding]()
    exercises: dict[Path, list[Exercise]] = {}
    for file in files:
        kind, problems = _kind_of(file)
        if not kind and file not in named:
            continue
        looked += 1
        if problems:
            found += problems
        elif kind == "script":
            found += _of_script(file, trusted)
        elif kind == "exercise":
            found += _of_exercise(file, exercises.setdefault(Path(file).resolve().parent, []))
        else:
            found += _of_scenario(file)
    return looked, found


def _kind_of(file: str) -> tuple[str, list[Finding]]:
    """What a file is, "" where it is nothing of ours; and what is wrong where that can not be told."""
    ending = Path(file).suffix.lower()
    if ending == ".bps":
        return "script", []
    if ending != ".toml":
        return "scenario", [
            Finding(file, 1, 1, ERROR, "expected a scenario or an exercise (.toml), or a script (.bps)")
        ]
    try:
        keys = read_toml(read_text(Path(file), file, MOST_BYTES, "a scenario or an exercise"), file).keys()
    except ScenarioError as error:
        return "scenario", _told(file, error.problems)
    if keys & _OF_EXERCISES and not keys & {"network", "expression"}:
        return "exercise", []
    return "scenario" if keys & _OURS else "", []


def _told(file: str, problems: Sequence[Problem], severity: str = ERROR) -> list[Finding]:
    """Problems as findings; an exercise calls itself by its name alone, here it has its folder, too."""
    own = Path(file).name
    return [
        Finding(file if one.file == own else one.file, one.line, one.column, severity, one.message)
        for one in problems
    ]


def _of_scenario(file: str) -> list[Finding]:
    try:
        return _told(file, load(file).warnings, WARNING)
    except ScenarioError as error:
        return _told(file, error.problems)


def _of_script(file: str, trusted: bool) -> list[Finding]:
    try:
        path = Path(file)
        faults = faults_of(read_script(path, file, ANYWHERE.of_script(path, trusted=trusted)))
    except CommandError as error:
        return [Finding(file, 1, 1, ERROR, error.message)]
    return [Finding(one.file, one.line, one.column + 1, ERROR, one.message) for one in faults]


# --- exercises ----------------------------------------------------------------------------------------


def _of_exercise(file: str, before: list[Exercise]) -> list[Finding]:
    """What is wrong with an exercise by itself, and beside those ``before`` it in its folder, to which it is added."""
    try:
        exercise = read_exercise(Path(file))
        session = Session(varied_scenario(exercise))
    except ScenarioError as error:
        return _told(file, error.problems)
    problems = list(_of_items(exercise, session))
    twin = next((one for one in before if one.id == exercise.id), None)
    if twin is not None:
        problems.append(exercise.problem(("id",), f'"{exercise.id}" is the id of {twin.file}, too'))
    before.append(exercise)
    return _told(file, problems)


def _of_items(exercise: Exercise, session: Session) -> Iterator[Problem]:
    """The cells that the questions are about, and where they are asked, are there."""
    for place, item in enumerate(exercise.items):
        path: tuple[str | int, ...] = ("item", place)
        texts = [("ask", text) for text in item.ask if KINDS[item.kind].asks_about == A_CELL]
        if item.at and item.at not in (*PHASES, "start", "end"):
            texts.append(("at", item.at))
        for key, text in texts:
            try:
                cell_named(session, text)
            except CommandError as error:
                yield exercise.problem((*path, key), error.message)
