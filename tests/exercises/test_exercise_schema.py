"""The JSON Schema of exercise files says what the reader accepts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.exercises.loading import exercise_folder, load_path, read_exercise
from bpstep.exercises.schema import json_schema, read_tables
from bpstep.scenario.catalogue import builtin_path
from bpstep.scenario.problems import Report, ScenarioError
from bpstep.scenario.template import TEMPLATE
from tests.helpers.json_schema import ODD, is_valid
from tests.helpers.mangle import paths_of, replaced

SCHEMA = json_schema()

EVERY_KEY = """\
format = 1
id = "every-key"
title = "Every key"
scenario = "mazur-2-2-2"
requires = ">=0.1"
skills = ["product"]
about = "All of them."
forward = "w[i1->h1]"
retired = "hidden-delta"
vary = { "w[h1->o1]" = { low = -1, high = 1, step = 0.5 } }
[[item]]
kind = "value"
ask = "delta[h1]"
prompt = "What is it?"
after = "Well."
wrong = ["article"]
hints = ["Think."]
tolerance = { rel = 0.02 }
at = "cost"
max_multiplications = 2
points = 2.5
max_tries = 3
[[item]]
kind = "train"
ask = ["delta[h1]", "delta[h2]"]
loss_below = 0.5
updates = 10
tolerance = { abs = 0.5 }
"""


def is_accepted(document: dict[str, object]) -> bool:
    report = Report("f.toml", "")
    read_tables(document, report)
    return not report.problems


def test_what_is_shipped_is_valid() -> None:
    for path in sorted(exercise_folder().glob("*.toml")):
        assert is_valid(tomllib.loads(path.read_text("utf-8")), SCHEMA), path.name


def test_schema_and_reader_agree_on_every_value_of_every_key() -> None:
    document = tomllib.loads(EVERY_KEY)
    assert is_valid(document, SCHEMA)
    assert is_accepted(document)
    for path in paths_of(document):
        for value in (*ODD, {"rel": 0.5}, {"rel": 1}, "sigmoid", 101, 0.999):
            changed = replaced(document, path, value)
            assert is_valid(changed, SCHEMA) == is_accepted(changed), (path, value)


def test_the_schema_is_printed_and_names_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for words, name in ((["schema"], "scenario"), (["schema", "--for", "exercise"], "exercise")):
        assert main(words) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed["$id"] == f"urn:bpstep:schema:{name}:1"
        assert "null" not in str(printed)


def test_what_new_writes_names_the_schema_for_an_editor() -> None:
    first, second = TEMPLATE.splitlines()[:2]
    assert first == "#:schema ./bpstep-scenario.schema.json"
    assert "bpstep schema > bpstep-scenario.schema.json" in second


# --- a folder of both ---------------------------------------------------------------------------------------


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


SMALL = 'format = 1\nid = "one"\ntitle = "One"\nscenario = "net.toml"\n[[item]]\nkind = "value"\nask = "delta[h1]"\n'


def test_exercises_and_their_scenarios_may_share_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "net.toml", builtin_path("mazur-2-2-2").read_text("utf-8"))
    write(tmp_path, "one.toml", SMALL)
    exercises, problems = load_path(tmp_path)
    assert ([exercise.id for exercise in exercises], problems) == (["one"], [])
    assert main(["exercises", "check", str(tmp_path)]) == 0


def test_what_is_no_scenario_is_held_to_be_an_exercise(tmp_path: Path) -> None:
    write(tmp_path, "one.toml", 'titel = "neither"\n')
    assert load_path(tmp_path)[1]
    write(tmp_path, "one.toml", "[network\n")
    assert "not TOML" in str(load_path(tmp_path)[1][0])


def test_an_exercise_for_another_bpstep_is_refused_with_that_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "one.toml", 'requires = ">=99"\n[[item]]\nkind = "oral"\n')
    with pytest.raises(ScenarioError) as error:
        read_exercise(path)
    assert [problem.message.split(",")[0] for problem in error.value.problems] == [
        "requires: the file needs bpstep >=99"
    ]
