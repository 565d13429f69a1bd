"""Whatever a scenario file holds, it is loaded, or every problem of it gets one line; nothing else is ever raised."""

from __future__ import annotations

import copy
import re
import tomllib

import pytest

from bpstep.engine.run import Run
from bpstep.scenario.loader import ScenarioError, loads
from bpstep.scenario.problems import path_text
from bpstep.scenario.template import TEMPLATE
from tests.helpers.mangle import (
    EVERY_EXPRESSION_KEY,
    EVERY_NETWORK_KEY,
    EVERY_PROGRAM_KEY,
    Raw,
    mangled,
    paths_of,
    replaced,
    toml,
)

#: Words that a library would say to a programmer, and nobody to a learner.
_NOT_ENGLISH = re.compile(
    r"\b(None|NoneType|True|False|dict|tuple|str|int|float|float64|ndarray|Input should)\b|<class|type="
)


#: What a message repeats of the file: the path of a key, and what stands in quotation marks.
_QUOTED = re.compile(r'^[^: ]+: |"[^"]*"')


def problems_of(text: str) -> list[str]:
    """What is wrong with a text; all that must hold of its lines is asserted here."""
    try:
        scenario = loads(text, "f.toml")
    except ScenarioError as caught:
        error = caught
    else:
        assert Run(scenario.problem, scenario.training).step(1).number == 1
        return []
    lines = text.split("\n")
    assert error.problems
    for problem in error.problems:
        assert problem.file == "f.toml" or problem.file.endswith(".csv")
        assert 1 <= problem.line <= len(lines), problem
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, problem
        assert str(problem).isprintable()
        assert not _NOT_ENGLISH.search(_QUOTED.sub("", problem.message)), problem
    places = [(problem.line, problem.column, problem.message.split(": ")[0]) for problem in error.problems]
    assert len(set(places)) == len(places), error.problems
    return [str(problem) for problem in error.problems]


@pytest.mark.parametrize("hundred", range(3))
def test_a_mangled_file_gets_its_lines(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        problems_of(mangled(seed))


FILES = {
    "template": TEMPLATE,
    "network": EVERY_NETWORK_KEY,
    "expression": EVERY_EXPRESSION_KEY,
    "program": EVERY_PROGRAM_KEY,
}
REFUSED = ("§", 3.5, True, [], {}, [{}], [["§"]], Raw("nan"), Raw("1" + "0" * 400))


@pytest.mark.parametrize("name", FILES)
def test_one_value_that_is_refused_gives_one_line(name: str) -> None:
    """No second error follows from the first: what depends on a value that is not known is not judged."""
    assert problems_of(FILES[name]) == []
    tables = tomllib.loads(FILES[name])
    for path in paths_of(tables):
        for value in REFUSED:
            found = problems_of(toml(replaced(tables, path, value)))
            refused = [line for line in found if f" {path_text(path)}" in line and ": found " in line]
            assert not refused or len(found) == 1, (path, value, found)


@pytest.mark.parametrize("name", FILES)
def test_one_key_that_is_missing_or_misspelt_gives_one_line(name: str) -> None:
    tables = tomllib.loads(FILES[name])
    for path in paths_of(tables):
        if isinstance(path[-1], int) or path[-2:-1] in (("inputs",), ("values",), ("labels",)):
            continue
        removed = copy.deepcopy(tables)
        inside = removed
        for part in path[:-1]:
            inside = inside[part]  # type: ignore[index]
        value = inside.pop(path[-1])  # type: ignore[call-overload]
        missing = problems_of(toml(removed))
        if any(f"{path_text(path)}: is missing" in line for line in missing):
            assert len(missing) == 1, (path, missing)
        inside[f"{path[-1]}x"] = value  # type: ignore[index]
        misspelt = problems_of(toml(removed))
        assert len(misspelt) == 1, (path, misspelt)
        assert "unknown key; did you mean" in misspelt[0]
