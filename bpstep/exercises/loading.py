"""The files that an author writes: an exercise is a scenario and questions about it.

    format = 1
    id = "hidden-delta"
    title = "The delta of a hidden neuron"
    scenario = "mazur-2-2-2"
    vary = { "w[h1->o1]" = { low = -1, high = 1, step = 0.1 } }

    [[item]]
    kind = "value"
    ask = "delta[h1]"

A file is read whole, and everything that is wrong with it is told at once, with file, line and item.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bpstep.english import group
from bpstep.exercises.kind import WRONG_RULES
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise, Item, Range
from bpstep.exercises.schema import MOST_UPDATES, ItemTable, RangeTable, read_tables
from bpstep.exercises.variants import varied_scenario
from bpstep.scenario.catalogue import builtin_names, scenario_folder
from bpstep.scenario.files import read_text, read_toml
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean
from bpstep.scenario.requirements import refusal
from bpstep.visible import first_unsafe, visible

__all__ = ["exercise_folder", "is_exercise", "load_path", "read_exercise"]

_MOST_BYTES = 2**20

#: Exercises, and all that is wrong with their files.
_Read = tuple[tuple[Exercise, ...], tuple[Problem, ...]]

#: How many numbers are varied, and what each may be: what is drawn has to end.
_MOST_VARIED, _MOST_VALUES = 50, 1_000_000

#: The share by which an answer may be off where nothing is said of it.
_REL = 0.01


def exercise_folder() -> Path:
    """The folder of the shipped path."""
    return scenario_folder() / "exercises"


def load_path(folder: Path | None = None, *, retired: bool = False) -> tuple[list[Exercise], list[Problem]]:
    """The exercises of a folder in the order of their files' names, and all that is wrong with the files.

    Those that are ``retired`` are among them only where that is asked for: by whoever grades what was answered once,
    and whoever is asked for one by its name.  Scenarios that lie in the folder, too, are passed over.
    """
    found, problems = _shipped(exercise_folder()) if folder is None else _read(folder, is_own=True)
    return [exercise for exercise in found if retired or not exercise.retired], list(problems)


@cache
def _shipped(folder: Path) -> _Read:
    """What bpstep comes with is read once: it changes with no work of a learner's."""
    return _read(folder, is_own=False)


def _read(folder: Path, *, is_own: bool) -> _Read:
    """The exercises of a folder, retired ones included; those of bpstep itself are proved by its tests."""
    found: list[Exercise] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    files = [file for file in files if not is_own or is_exercise(file)]
    if not files:
        problems.append(Problem(str(folder), 1, 1, "there are no exercises (*.toml) in this folder"))
    for file in files:
        try:
            exercise = read_exercise(file)
            if is_own:
                varied_scenario(exercise)  # the scenario is there, and has what is varied
            found.append(exercise)
        except ScenarioError as error:
            problems += error.problems
    return tuple(found), tuple(problems)


def is_exercise(path: Path) -> bool:
    """Whether a file is meant as an exercise: it is not stated as a scenario, a [network] or an [expression].

    What can not be read is taken for an exercise, so that whoever reads it says what is wrong.
    """
    try:
        document = read_toml(read_text(path, path.name, _MOST_BYTES, "an exercise"), path.name)
    except ScenarioError:
        return True
    is_scenario = "network" in document or "expression" in document
    return not is_scenario or "item" in document


def read_exercise(path: Path) -> Exercise:
    """The exercise in a file; `ScenarioError` with everything that is wrong with it."""
    shown = path.name
    text = read_text(path, shown, _MOST_BYTES, "an exercise")
    document = read_toml(text, shown)
    report = Report(shown, text)
    if refused := refusal(document.get("requires")):
        report.add(("requires",), refused)
        report.stop_if_any()
    made = _Reader(document, report, path).exercise()
    report.stop_if_any()
    return made


_Path = tuple[str | int, ...]


class _Reader:
    """Makes an exercise of the records of a file; what does not fit together goes to the report."""

    def __init__(self, document: dict[str, Any], report: Report, path: Path) -> None:
        self.document, self.report, self.path = document, report, path

    def exercise(self) -> Exercise:
        """The exercise, as far as nothing is wrong with it."""
        _check_texts(self.document, (), self.report)
        file = read_tables(self.document, self.report)
        return Exercise(
            file.id, file.title.strip(), self.scenario(file.scenario.strip()),
            tuple(self.item(table, ("item", k)) for k, table in enumerate(file.item or ())),
            tuple(file.skills or ()), file.about.strip(), self.ranges(file.vary or {}), file.forward.strip(),
            self.path.name, file.retired.strip(), self.report,
        )  # fmt: skip

    def scenario(self, name: str) -> str:
        """A built-in name, or a path relative to this file."""
        if not name or name in builtin_names():
            return name
        if not name.endswith(".toml"):
            near = did_you_mean(name, builtin_names())
            self.report.add(("scenario",), f'there is no built-in scenario "{visible(name)}"{near}')
            return ""
        file = (self.path.parent / name).resolve()
        if not file.is_file():
            self.report.add(("scenario",), f"there is no file {visible(name)} beside this one")
        return str(file)

    def ranges(self, tables: Mapping[str, RangeTable | None]) -> dict[str, Range]:
        """What the varied numbers may be."""
        found = {}
        for cell, table in tables.items():
            path = ("vary", cell)
            if table is None or table.low is None or table.high is None or table.step is None:
                continue
            low, high, step = float(table.low), float(table.high), float(table.step)
            if not (low < high and 0.0 < step <= high - low):
                self.report.add(path, "expected low < high, and a step from above 0 to high - low")
            elif not (high - low) / step <= _MOST_VALUES:
                self.report.add(path, f"expected at most {group(_MOST_VALUES)} values from low to high")
            found[cell] = Range(low, high, step)
        if len(found) > _MOST_VARIED:
            self.report.add(("vary",), f"expected at most {_MOST_VARIED} cells")
        return found

    def item(self, table: ItemTable, path: _Path) -> Item:
        """One question, by what its kind needs."""
        kind = KINDS.get(table.kind or "")
        asked = (table.ask,) if isinstance(table.ask, str) else tuple(table.ask or ())
        if kind is not None and len(asked) < kind.asks and not self.report.has((*path, "ask")):
            self.report.add(
                (*path, "ask"), f"expected {kind.asks_about if kind.asks == 1 else 'a list of cells'}"
            )
        mistakes = WRONG_RULES if kind is None else kind.mistakes
        for name in table.wrong or ():
            if name not in mistakes:
                near = did_you_mean(name, mistakes)
                self.report.add((*path, "wrong"), f'"{visible(name)}" is no wrong rule{near}')
        below, updates = self.train(table, path) if kind is not None and kind.is_training else (0.0, 0)
        rel, absolute = table.tolerance or (_REL, None)
        return Item(
            table.kind or "", asked, table.prompt.strip(), table.after.strip(),
            None if table.wrong is None else tuple(table.wrong), tuple(table.hints or ()), rel, absolute,
            table.at.strip(), table.max_multiplications, below, updates, path, float(table.points), table.max_tries,
        )  # fmt: skip

    def train(self, table: ItemTable, path: _Path) -> tuple[float, int]:
        """What a training has to come to, and in how many updates."""
        for name, value, expected in (
            ("loss_below", table.loss_below, "a number above 0"),
            ("updates", table.updates, f"a whole number from 1 to {MOST_UPDATES}"),
        ):
            if (value is None or value <= 0) and not self.report.has((*path, name)):
                self.report.add((*path, name), f"expected {expected}")
        return float(table.loss_below or 1.0), table.updates or 1


def _check_texts(value: object, path: _Path, report: Report) -> None:
    """No text of an author's holds what a terminal would obey, wherever it stands."""
    if isinstance(value, str):
        bad = first_unsafe(value, allowed="\n")
        if bad is not None:
            report.add(path, f"the character {visible(bad)} is not allowed")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(inner, (*path, name), report)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_texts(inner, (*path, place), report)
