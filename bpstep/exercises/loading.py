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

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

from bpstep.english import group
from bpstep.exercises.kind import WRONG_RULES
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise, Item, Range
from bpstep.exercises.variants import varied_scenario
from bpstep.scenario.catalogue import builtin_names, scenario_folder
from bpstep.scenario.files import read_text, read_toml
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean
from bpstep.visible import first_unsafe, visible

__all__ = ["exercise_folder", "is_exercise", "load_path", "read_exercise"]

_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_KEYS = {"format", "id", "title", "scenario", "skills", "vary", "item", "about", "retired", "forward"}
_ITEM_KEYS = {
    "kind", "ask", "prompt", "after", "wrong", "hints", "tolerance", "at", "max_multiplications",
    "loss_below", "updates",
}  # fmt: skip
_MOST_BYTES = 2**20

#: An exercise asks for no more than this: what is proved of it, and drawn for it, has to end.
_MOST_ITEMS, _MOST_ASKED, _MOST_TEXTS, _MOST_VARIED = 50, 12, 12, 50
_MOST_VALUES, _MOST_UPDATES = 1_000_000, 2_000


def exercise_folder() -> Path:
    """The folder of the shipped path."""
    return scenario_folder() / "exercises"


def load_path(folder: Path | None = None, *, retired: bool = False) -> tuple[list[Exercise], list[Problem]]:
    """The exercises of a folder in the order of their files' names, and all that is wrong with the files.

    Those that are ``retired`` are among them only where that is asked for: by whoever grades what was answered once,
    and whoever is asked for one by its name.  Scenarios that lie in the folder, too, are passed over.
    """
    where = folder or exercise_folder()
    found: list[Exercise] = []
    problems: list[Problem] = []
    files = [file for file in sorted(where.glob("*.toml")) if is_exercise(file)] if where.is_dir() else []
    if not files:
        problems.append(Problem(str(where), 1, 1, "there are no exercises (*.toml) in this folder"))
    for file in files:
        try:
            exercise = read_exercise(file)
            if folder is not None:  # those of bpstep itself are proved by its tests
                varied_scenario(exercise)  # the scenario is there, and has what is varied
            found.append(exercise)
        except ScenarioError as error:
            problems += error.problems
    return [exercise for exercise in found if retired or not exercise.retired], problems


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
    made = _Reader(document, report, path).exercise()
    report.stop_if_any()
    return made


_Path = tuple[str | int, ...]


class _Reader:
    """Reads the keys of a document; what is wrong goes to the report, and reading goes on."""

    def __init__(self, document: dict[str, Any], report: Report, path: Path) -> None:
        self.document, self.report, self.path = document, report, path

    def exercise(self) -> Exercise:
        document = self.document
        self.no_others(document, _KEYS, ())
        if document.get("format") != 1:
            self.report.add(("format",) if "format" in document else (), "expected format = 1")
        made_id = self.text(document, "id", (), needed=True)
        if made_id and not _ID.match(made_id):
            self.report.add(("id",), "expected small letters, digits and hyphens, such as hidden-delta")
        tables = document.get("item")
        if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
            self.report.add(("item",) if "item" in document else (), "expected at least one [[item]]")
            tables = []
        elif len(tables) > _MOST_ITEMS:
            self.report.add(("item", _MOST_ITEMS), f"expected at most {_MOST_ITEMS} items")
            tables = tables[:_MOST_ITEMS]
        return Exercise(
            made_id, self.text(document, "title", (), needed=True), self.scenario(),
            tuple(self.item(table, ("item", k)) for k, table in enumerate(tables)),
            self.texts(document, "skills", ()), self.text(document, "about", ()), self.ranges(),
            self.text(document, "forward", ()), self.path.name,
            self.text(document, "retired", ()), self.report,
        )  # fmt: skip

    def scenario(self) -> str:
        """A built-in name, or a path relative to this file."""
        name = self.text(self.document, "scenario", (), needed=True)
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

    def ranges(self) -> dict[str, Range]:
        tables = self.document.get("vary", {})
        if not isinstance(tables, dict):
            self.report.add(("vary",), "expected a table of cells, each with low, high and step")
            return {}
        found = {}
        for cell, table in tables.items():
            path = ("vary", cell)
            if not isinstance(table, dict) or set(table) != {"low", "high", "step"}:
                self.report.add(path, "expected { low = …, high = …, step = … }")
                continue
            low, high, step = (self.number(table, key, path) for key in ("low", "high", "step"))
            if not (low < high and 0.0 < step <= high - low):
                self.report.add(path, "expected low < high, and a step from above 0 to high - low")
            elif not (high - low) / step <= _MOST_VALUES:
                self.report.add(path, f"expected at most {group(_MOST_VALUES)} values from low to high")
            found[cell] = Range(low, high, step)
        if len(found) > _MOST_VARIED:
            self.report.add(("vary",), f"expected at most {_MOST_VARIED} cells")
        return found

    def item(self, table: dict[str, Any], path: _Path) -> Item:
        self.no_others(table, _ITEM_KEYS, path)
        kind = self.text(table, "kind", path, needed=True)
        if kind and kind not in KINDS:
            near = did_you_mean(kind, KINDS)
            self.report.add(
                (*path, "kind"), f'"{visible(kind)}" is no kind; expected {", ".join(KINDS)}{near}'
            )
        rel, absolute = self.tolerance(table, path)
        ask = table.get("ask")
        asked = (ask,) if isinstance(ask, str) else self.texts(table, "ask", path)
        needs = KINDS[kind].asks if kind in KINDS else 0
        if not needs <= len(asked) <= _MOST_ASKED:
            few = KINDS[kind].asks_about if needs == 1 else "a list of cells"
            more = f"expected at most {_MOST_ASKED} cells"
            self.report.add((*path, "ask"), f"expected {few}" if len(asked) < needs else more)
        wrong = self.texts(table, "wrong", path) if "wrong" in table else None
        mistakes = KINDS[kind].mistakes if kind in KINDS else WRONG_RULES
        for name in wrong or ():
            if name not in mistakes:
                near = did_you_mean(name, mistakes)
                self.report.add((*path, "wrong"), f'"{visible(name)}" is no wrong rule{near}')
        hints = self.texts(table, "hints", path)
        if any(not hint.strip() for hint in hints):
            self.report.add((*path, "hints"), "a hint is empty; expected words")
        multiplications = table.get("max_multiplications")
        if multiplications is not None and not _is_whole(multiplications, 0):
            self.report.add((*path, "max_multiplications"), "expected a whole number from 0 on")
            multiplications = None
        below, updates = self.train(table, path) if kind in KINDS and KINDS[kind].is_training else (0.0, 0)
        return Item(
            kind, asked, self.text(table, "prompt", path), self.text(table, "after", path), wrong, hints, rel,
            absolute, self.text(table, "at", path), multiplications, below, updates, path,
        )  # fmt: skip

    def train(self, table: dict[str, Any], path: _Path) -> tuple[float, int]:
        below, updates = _number(table.get("loss_below")), table.get("updates")
        if below is None or below <= 0.0:
            self.report.add((*path, "loss_below"), "expected a number above 0")
        if not _is_whole(updates, 1) or updates > _MOST_UPDATES:
            self.report.add((*path, "updates"), f"expected a whole number from 1 to {_MOST_UPDATES}")
            updates = 1
        return below or 1.0, updates

    def tolerance(self, table: dict[str, Any], path: _Path) -> tuple[float, float | None]:
        found = table.get("tolerance", {"rel": 0.01})
        only = isinstance(found, dict) and len(found) == 1 and set(found) <= {"rel", "abs"}
        value = _number(next(iter(found.values()))) if only else None
        if value is None or not 0.0 < value < 1.0:
            self.report.add(
                (*path, "tolerance"), "expected { rel = 0.01 } or { abs = … }, above 0 and under 1"
            )
            return 0.01, None
        return (value, None) if "rel" in found else (0.0, value)

    def text(self, table: dict[str, Any], key: str, path: _Path, *, needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            self.report.add((*path, key) if key in table else path, f"expected {key} = a text")
            return ""
        self.safe(value, (*path, key))
        return value.strip()

    def texts(self, table: dict[str, Any], key: str, path: _Path) -> tuple[str, ...]:
        value = table.get(key, [])
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not all(isinstance(x, str) for x in value)
        ):
            self.report.add((*path, key), f"expected {key} = a list of texts")
            return ()
        if len(value) > _MOST_TEXTS:
            self.report.add((*path, key), f"expected at most {_MOST_TEXTS} texts")
        for place, text in enumerate(value):
            self.safe(text, (*path, key, place))
        return tuple(value)

    def safe(self, text: str, path: _Path) -> None:
        """No text of an author's holds what a terminal would obey."""
        bad = first_unsafe(text, allowed="\n")
        if bad is not None:
            self.report.add(path, f"the character {visible(bad)} is not allowed")

    def number(self, table: dict[str, Any], key: str, path: _Path) -> float:
        value = _number(table.get(key))
        if value is None:
            self.report.add((*path, key), f"expected {key} = a number")
            return 0.0
        return value

    def no_others(self, table: dict[str, Any], known: set[str], path: _Path) -> None:
        for key in table:
            if key not in known:
                self.report.add((*path, key), f'unknown key "{visible(key)}"{did_you_mean(key, known)}')


def _number(value: object) -> float | None:
    """A finite number; None where it is none, or too large to be one."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _is_whole(value: object, least: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
