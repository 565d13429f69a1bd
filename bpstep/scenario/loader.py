"""From a file to a `Scenario`, or to a list of everything that is wrong with it.

    FILE:LINE:COLUMN: KEY.PATH: what is wrong; what is expected

The schema turns the file's tables into records and leaves out what it refuses; the modules beside this one check
whether the records fit together.  The problems of both come together, so that an author mends a file once.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec
from bpstep.english import neither
from bpstep.reach import ANYWHERE, OutOfReachError, Reach
from bpstep.scenario.catalogue import builtin_names, builtin_path
from bpstep.scenario.files import problem as problem_with
from bpstep.scenario.files import read_text, read_toml
from bpstep.scenario.ill_posed import Doubt, doubts
from bpstep.scenario.model import Scenario, Stated
from bpstep.scenario.network import network_spec
from bpstep.scenario.notes import read_notes
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean
from bpstep.scenario.requirements import refusal
from bpstep.scenario.schema import ScenarioFile, read_scenario
from bpstep.scenario.training import training_spec
from bpstep.visible import first_unsafe, visible

__all__ = ["MOST_BYTES", "ScenarioError", "load", "loads", "stated"]

#: Larger files would be read for longer than anybody waits; samples have files of their own, and weights can be drawn.
MOST_BYTES = 8 * 2**20


def load(name: str | Path, *, seed: int | None = None, reach: Reach = ANYWHERE) -> Scenario:
    """The built-in scenario of this name, or the file at this path.

    ``seed`` replaces the seeds with which weights are drawn; ``reach`` says where a file may lie, and what it may name
    in its turn.  Raises `ScenarioError`.
    """
    if seed is not None and seed < 0:
        raise problem_with(
            str(name), f"no weights can be drawn with the seed {seed}; expected a whole number from 0 on"
        )
    if str(name) in builtin_names():
        return _built_in(str(name), seed)
    path = _find(str(name), reach)
    shown = str(name) if reach.folder == Path() else str(path)
    return _read(path, shown, path.name, seed, reach)


@lru_cache(maxsize=128)
def _built_in(name: str, seed: int | None) -> Scenario:
    """What bpstep comes with is read once: an exercise, a page or a test opens the same few again and again."""
    path = builtin_path(name)
    return _read(path, path.name, name, seed, ANYWHERE)


def _read(path: Path, shown: str, name: str, seed: int | None, reach: Reach) -> Scenario:
    text = read_text(path, shown, MOST_BYTES, "a scenario")
    return loads(text, shown, name=name, reach=reach.beside(path), path=path, seed=seed)


def _find(name: str, reach: Reach) -> Path:
    """The file of a name, which is no built-in scenario's."""
    looks_like_a_file = Path(name).suffix != "" or "/" in name or "\\" in name
    if not name or not (looks_like_a_file or (not reach.is_closed and os.path.exists(reach.folder / name))):
        near = did_you_mean(name, builtin_names())
        message = f'there is no built-in scenario and no file of this name{near} ("bpstep list" names them)'
        raise problem_with(name, message)
    try:
        return reach.to_read(name)
    except OutOfReachError as error:
        raise problem_with(name, error.why) from None


def loads(
    text: str,
    shown: str,
    *,
    name: str = "",
    reach: Reach = ANYWHERE,
    path: Path | None = None,
    seed: int | None = None,
) -> Scenario:
    """The scenario that a text states; ``shown`` is what messages call it, ``reach`` where what it names may lie."""
    return _stated(read_toml(text, shown), Report(shown, text), name or shown, reach, path, seed)


def stated(document: dict[str, Any], name: str) -> Scenario:
    """The scenario that a program states in tables such as those of a file.  Raises `ScenarioError`."""
    return _stated(document, Report(name, ""), name, ANYWHERE, None, None)


def _stated(
    document: dict[str, Any], report: Report, name: str, reach: Reach, path: Path | None, seed: int | None
) -> Scenario:
    if refused := refusal(document.get("requires")):
        report.add(("requires",), refused)
        report.stop_if_any()
    file = read_scenario(document, report)
    _check_texts(file, report)
    of_expression = file.expression is not None and file.network is None
    has_samples = any(getattr(file, key) is not None or report.has((key,)) for key in ("sample", "samples"))
    training = training_spec(file.training, report, of_expression=of_expression, has_samples=has_samples)
    problem, written = _problem(file, report, reach, seed)
    notes = () if problem is None or not file.note else read_notes(file.note, Run(problem, training), report)
    report.stop_if_any()
    assert problem is not None, "a file without problems states a problem to run"
    warnings = tuple(_warning(doubt, file, report) for doubt in doubts(problem, training))
    return Scenario(
        name=name, title=file.title, problem=problem, training=training, summary=file.summary,
        story=file.story, source=file.source, notation=file.notation, notes=notes, path=path, seed=seed,
        warnings=warnings, stated=written,
    )  # fmt: skip


def _problem(
    file: ScenarioFile, report: Report, reach: Reach, seed: int | None
) -> tuple[NetworkSpec | ExpressionSpec | None, Stated | None]:
    """What is to be run, and of an expression how it is stated; None where what was refused leaves nothing to run."""
    expression = file.expression is not None or report.has(("expression",))
    network = file.network is not None or report.has(("network",))
    if expression == network:
        what = "both [expression] and [network]" if network else neither("[expression]", "[network]")
        report.add((), f"{what}; expected one of them")
    if file.network is not None:
        return network_spec(file, file.network, report, reach, seed), None
    if file.expression is None:
        return None, None
    from bpstep.scenario.expression import expression_spec  # no network needs what it needs

    return expression_spec(file, file.expression, report, reach, seed) or (None, None)


def _warning(doubt: Doubt, file: ScenarioFile, report: Report) -> Problem:
    """A doubt with its place in the file; that of a sample in a table is where the table is named."""
    from_table = doubt.path[0] == "sample" and file.samples is not None
    return report.problem(("samples",) if from_table else doubt.path, doubt.message)


def _check_texts(file: ScenarioFile, report: Report) -> None:
    """Nothing in a file may reach a terminal as a control code."""
    if not file.title.strip() and not report.has(("title",)):
        report.add(("title",), "it is empty; expected one line of text")
    for key in ("title", "summary", "source"):
        _check_text(getattr(file, key), (key,), report)
    _check_text(file.story, ("story",), report, allowed="\n\t")
    for name, words in ((file.expression and file.expression.labels) or {}).items():
        for place, word in enumerate(words or ()):
            _check_text(word, ("expression", "labels", name, place), report)
    for place, note in enumerate(file.note or ()):
        _check_text(note.say or "", ("note", place, "say"), report, allowed="\n\t")


def _check_text(text: str, path: tuple[str | int, ...], report: Report, *, allowed: str = "") -> None:
    bad = first_unsafe(text, allowed=allowed)
    if bad is not None:
        what = "text" if allowed else "one line of text"
        where = text.index(bad)
        report.add(path, f"the character {visible(bad)} is not allowed; expected {what}", inside=where)
