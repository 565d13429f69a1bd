"""From a file to a `Scenario`, or to a list of everything that is wrong with it.

    FILE:LINE:COLUMN: KEY.PATH: what is wrong; what is expected

Types are checked by the schema (pydantic), the rest by the modules beside this one, on the same document; the
problems of both come together, so that an author mends a file once.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.run import Run
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.scenario.catalogue import builtin_names, builtin_path, scenario_folder
from bpstep.scenario.expression import expression_spec
from bpstep.scenario.model import Note, Scenario
from bpstep.scenario.network import network_spec
from bpstep.scenario.notes import read_notes
from bpstep.scenario.positions import find_positions
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean
from bpstep.scenario.training import training_spec
from bpstep.visible import first_unsafe, visible

__all__ = ["ScenarioError", "load", "loads"]

_MOST_BYTES = 64 * 2**20
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")


def load(name: str | Path, *, seed: int | None = None) -> Scenario:
    """The built-in scenario of this name, or the file at this path.

    ``seed`` replaces the seeds with which weights are drawn.  Raises `ScenarioError`.
    """
    path = _find(name)
    shown = str(name) if path.suffix == ".toml" and str(name).endswith(".toml") else path.name
    return loads(_read(path, shown), shown, name=_name(name, path), folder=path.parent, path=path, seed=seed)


def _name(name: str | Path, path: Path) -> str:
    return str(name) if str(name) in builtin_names() else path.name


def _find(name: str | Path) -> Path:
    text = str(name)
    if text in builtin_names():
        return builtin_path(text)
    path = Path(name)
    looks_like_a_file = path.suffix != "" or "/" in text or "\\" in text
    if not looks_like_a_file and not path.exists():
        near = did_you_mean(text, builtin_names())
        raise _one(
            text, f'there is no built-in scenario and no file of this name{near} ("bpstep list" names them)'
        )
    return path


def _one(shown: str, message: str, line: int = 1, column: int = 1) -> ScenarioError:
    return ScenarioError([Problem(shown, line, column, message)])


def _read(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _one(shown, f"the file is larger than {_MOST_BYTES >> 20} MB; expected a scenario")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _one(shown, f"the file is not UTF-8 (byte {error.start}); expected a text file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _one(shown, f"can not read the file: {reason}") from None


def loads(
    text: str,
    shown: str,
    *,
    name: str = "",
    folder: Path = Path(),
    path: Path | None = None,
    seed: int | None = None,
) -> Scenario:
    """The scenario that a text states; ``shown`` is what messages call it."""
    try:
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        raise _one(shown, f"not TOML: {_AT.sub('', str(error))}", line, column) from None
    except RecursionError:
        raise _one(shown, "the file nests too deeply; expected a scenario") from None
    report = Report(shown, text, find_positions(text))
    if path is None or path.parent != scenario_folder():
        _check_schema(document, report)  # of what is shipped, the tests have checked it
    _check_texts(document, report)
    problem, training = _problem(document, report, folder, seed)
    notes: tuple[Note, ...] = ()
    if problem is not None and (run := _run(problem, training, report)) is not None:
        notes = read_notes(document.get("note"), run, report)
    report.stop_if_any()
    assert problem is not None, "a file without problems states a problem to run"
    return Scenario(
        name=name or shown, title=document["title"], problem=problem, training=training,
        summary=document.get("summary", ""), story=document.get("story", ""),
        source=document.get("source", ""), notation=document.get("notation", "bpstep"),
        notes=notes, path=path, seed=seed,
    )  # fmt: skip


def _problem(
    document: dict[str, Any], report: Report, folder: Path, seed: int | None
) -> tuple[NetworkSpec | ExpressionSpec | None, TrainingSpec]:
    both = "expression" in document and "network" in document
    if both or ("expression" not in document and "network" not in document):
        report.add((), f"{'both' if both else 'neither'} [expression] and [network]; expected one of them")
    kind = "network" if "network" in document else "expression"
    training = training_spec(document.get("training"), kind, report)
    if kind == "network":
        return network_spec(document, report, folder, seed), training
    for key in ("sample", "samples"):
        if key in document and "expression" in document:
            report.add((key,), "an expression has no samples; its inputs are in [expression.inputs]")
    table = document.get("expression")
    return (expression_spec(table, report) if isinstance(table, dict) else None), training


def _run(problem: NetworkSpec | ExpressionSpec, training: TrainingSpec, report: Report) -> Run | None:
    """A run to check notes against; None where what is wrong with the problem makes it impossible to build one."""
    runnable = _runnable(problem)
    if runnable is None:
        return None
    if not report.problems:
        return Run(runnable, training)
    try:
        return Run(runnable, training)
    except (KeyError, IndexError, ValueError):
        return None  # of the problems that were reported already


def _runnable(problem: NetworkSpec | ExpressionSpec) -> NetworkSpec | ExpressionSpec | None:
    """A problem that the engine can build, so that notes can be checked against its steps even where a name in
    it is wrong; None where the shapes do not fit."""
    if isinstance(problem, ExpressionSpec):
        return problem
    for place, layer in enumerate(problem.layers):
        if layer.weights.shape != (len(layer.neurons), _columns(problem, place)) or not layer.weights.size:
            return None
    if len(problem.x) == 0 or len(problem.x) != len(problem.t):
        return None
    known = {*FUNCTIONS, SOFTMAX}
    layers = tuple(x if x.activation in known else replace(x, activation="linear") for x in problem.layers)
    cost = problem.cost if problem.cost in COSTS else next(iter(COSTS))
    return replace(problem, layers=layers, cost=cost)


def _columns(problem: NetworkSpec, place: int) -> int:
    sizes = {
        "inputs": len(problem.inputs),
        **{layer.name: len(layer.neurons) for layer in problem.layers[:place]},
    }
    return sum(sizes.get(source, 0) for source in problem.layers[place].sources)


def _check_texts(document: dict[str, Any], report: Report) -> None:
    """Nothing in a file may reach a terminal as a control code."""
    places: list[tuple[tuple[str | int, ...], object, bool]] = [
        ((key,), document.get(key), key == "story") for key in ("title", "summary", "story", "source")
    ]
    notes = document.get("note")
    for index, note in enumerate(notes if isinstance(notes, list) else []):
        if isinstance(note, dict):
            places.append((("note", index, "say"), note.get("say"), True))
    for path, text, long in places:
        if not isinstance(text, str):
            continue
        if path == ("title",) and not text.strip():
            report.add(path, "it is empty; expected one line of text")
        bad = first_unsafe(text, allowed="\n\t" if long else "")
        if bad is not None:
            what = "one line of text" if not long else "text"
            report.add(path, f"the character {visible(bad)} is not allowed; expected {what}")


def _check_schema(document: dict[str, Any], report: Report) -> None:
    # Looking for plugins in every installed package would take longer than the check itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from pydantic import ValidationError

    from bpstep.scenario.schema import ScenarioFile
    from bpstep.scenario.wording import schema_problems

    try:
        ScenarioFile.model_validate(document)
    except ValidationError as error:
        for path, message in schema_problems(error.errors(include_url=False), document):
            report.add(path, message)
