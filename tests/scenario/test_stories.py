"""Stories and notes are held to the run: their commands are carried out, their numbers are the run's own.

A story is read before the first step, so its numbers are written down; each of them must stand in the scenario's own
figures or be held by its script.  A note is read in the middle of whatever somebody has changed, so it writes down no
figure at all: it fills them in, and what it says of them is its ``when``.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.scenario.arithmetic import ArithmeticSyntaxError, evaluate, parse_expression
from bpstep.scenario.catalogue import builtin_names, builtin_path
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.view.say.exports import attach
from bpstep.view.scene.frame import Frame
from bpstep.view.words.notes import note_text
from tests.helpers.shipped import SMALL
from tests.helpers.stories import commands_in

#: A number with a fraction, or one of three digits and more (smaller whole numbers count things).
_FIGURE = re.compile(
    r"(?<![\w.])[−-]?(?:\d+\.\d+(?:e[−-]?\d+)?|\d{1,3}(?:,\d{3})+|\d{3,}|\d+e[−-]?\d+)(?![\w.]*\d)"
)
_YEAR = re.compile(r"1[6-9]\d\d|20[0-3]\d")
#: What somebody may do before they read on; not every scenario can do everything.
EXPERIMENTS = (
    "", "set lr = 0.4", "set lr = 0.01", "set cost = squared-error", "set cost = binary-cross-entropy",
    "set optimizer = sgd", "set optimizer = adam", "set optimizer = momentum", "activation relu", "activation tanh",
    "activation linear", "activation softmax", "first 2", "first -1.5", "second 0.3", "target 0.7",
    "weight -2", "weight 0", "story",
)  # fmt: skip


def figures(text: str) -> set[float]:
    """The numbers of a text that say something about a run."""
    found = (match.group().replace("−", "-").replace(",", "") for match in _FIGURE.finditer(text))
    return {float(number) for number in found if not _YEAR.fullmatch(number)}


def given_figures(name: str) -> set[float]:
    """The numbers that an author gave, and those that the script holds the run to."""
    document = tomllib.loads(builtin_path(name).read_text(encoding="utf-8"))
    script = builtin_path(name).with_suffix(".bps").read_text(encoding="utf-8")

    def numbers(thing: object) -> Iterator[float]:
        if isinstance(thing, dict):
            yield from (
                n for key, value in thing.items() if key not in ("story", "note") for n in numbers(value)
            )
        elif isinstance(thing, list):
            yield from (n for value in thing for n in numbers(value))
        elif isinstance(thing, int | float):
            yield float(thing)

    return {*numbers(document), *figures(script), *(-number for number in figures(script))}


@pytest.mark.parametrize("name", builtin_names())
def test_every_figure_of_a_story_is_given_or_held_by_the_script(name: str) -> None:
    scenario = load(name)
    unproved = figures(scenario.story + scenario.summary + scenario.title) - given_figures(name)
    assert not unproved, f"{name}: the script says nothing of {sorted(unproved)}"


@pytest.mark.parametrize("name", builtin_names())
def test_every_command_that_a_story_proposes_can_be_carried_out_in_its_order(name: str) -> None:
    session = Console(load(name))
    attach(session)
    for line in commands_in(load(name).story):
        if line == "train 2000":  # of `explode`: halts at the first inf, and the story says so
            session.execute(line)
            continue
        try:
            session.execute(line)
        except CommandError as error:
            pytest.fail(f"{name}: {line}: {error.message}")


@pytest.mark.parametrize("name", builtin_names())
def test_a_note_writes_no_figure_down(name: str) -> None:
    for note in load(name).notes:
        plain = "".join(piece for piece in note.say if isinstance(piece, str))
        assert not figures(plain), f"{name}, {note.at}: {plain}"


@pytest.mark.parametrize("name", builtin_names())
def test_every_note_is_seen_on_the_way_or_after_an_experiment(name: str) -> None:
    scenario = load(name)
    seen = {id(note) for _, note, _ in notes_of(scenario, "")}
    if any(id(note) not in seen for note in scenario.notes):
        seen |= {id(note) for line in EXPERIMENTS for _, note, _ in notes_of(scenario, line)}
    missing = [note.at for note in scenario.notes if id(note) not in seen]
    assert not missing


@cache
def notes_of(scenario: Scenario, experiment: str) -> list[tuple[int, object, str]]:
    """The notes of a run after an experiment: position, note, text."""
    session = Console(scenario)
    lines = spelt(session, experiment)
    if experiment and not lines:
        return []  # it has no such thing, and would be what it is without the experiment
    try:
        for line in lines:
            session.execute(line)
    except CommandError:
        return []
    session.position = 0
    found = []
    position = 0
    while (at := session.next_note(position)) is not None and len(found) < 60:
        session.position = position = at
        note = session.note
        assert note is not None
        found.append((at, note, note_text(Frame.of(session), note)))
    return found


def spelt(session: Console, experiment: str) -> list[str]:
    """An experiment as commands of this scenario; none where it has no such thing."""
    if experiment == "story":
        return [line for line in commands_in(session.scenario.story) if line.startswith("set ")]
    what, _, value = experiment.partition(" ")
    graph = session.setup.graph
    if what in ("first", "second"):
        given = [
            vector.cell(row)
            for vector in graph.given
            if vector.kind != "t"
            for row in range(len(vector.names))
        ]
        place = 0 if what == "first" else 1
        return [f"set {given[place]} = {value}"] if place < len(given) else []
    if what == "target":
        targets = [vector for vector in graph.given if vector.kind == "t"]
        return [f"set {targets[0].cell(0)} = {value}"] if targets else []
    if what == "weight":
        return [f"set {graph.parameters[0].cell(0)} = {value}"] if graph.parameters else []
    if what == "activation":
        layers = [vector.layer for vector in graph.vectors if vector.kind == "e"]
        return [f"set activation {layers[-1]} = {value}"] if layers else []
    return [experiment] if experiment else []


#: What arithmetic is written with: numbers, operators, brackets, the functions that notes speak of.
_TOKEN = re.compile(r"\s*(?:−?(?:cos|sin|exp|ln|s)\(|[()]|[·×+−/^]|\d+(?:\.\d+)?(?:e[+−]?\d+)?)")


def equations(text: str) -> Iterator[tuple[float, float]]:
    """Both sides of every ``=`` of a text that stands between two pieces of arithmetic."""
    pieces = text.split(" = ")
    for before, behind in itertools.pairwise(pieces):
        left, right = longest(before, from_the_end=True), longest(behind, from_the_end=False)
        if left is not None and right is not None:
            yield left, right


def longest(text: str, *, from_the_end: bool) -> float | None:
    """The value of the longest piece of arithmetic at one end of a text."""
    cuts = range(len(text)) if from_the_end else range(len(text), 0, -1)
    for cut in cuts:
        piece = text[cut:] if from_the_end else text[:cut]
        # A piece that begins or ends in the middle of a word or a number is none.
        if from_the_end and cut and not text[cut - 1].isspace():
            continue
        if re.fullmatch(rf"(?:{_TOKEN.pattern})+", piece.rstrip(".:,; ")):
            try:
                return typed(piece.rstrip(".:,; "))
            except ArithmeticSyntaxError:
                continue
    return None


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("name", SMALL)
def test_every_equation_of_a_note_holds_after_an_experiment(name: str, experiment: str) -> None:
    for position, _, text in notes_of(load(name), experiment):
        for left, right in equations(text):
            assert abs(left - right) <= 2e-3 * max(abs(left), abs(right), 0.01), f"{position}: {text}"


@pytest.mark.parametrize("name", SMALL)
def test_every_equation_of_a_note_holds_where_something_was_set_in_the_midst_of_it(name: str) -> None:
    """At the note, and between the steps that it speaks of: it gives no numbers then, or those of an equation."""
    scenario = load(name)
    session = Console(scenario)
    lines = {line for what in ("first -1.5", "weight -2", "target 0.7") for line in spelt(session, what)}
    told = [(at, note) for at, note, text in notes_of(scenario, "")[:12] if [*equations(text)]]
    for (at, _), line, before in itertools.product(told, sorted(lines), (0, 1, 3)):
        session.execute(f"goto {max(0, at - before)}")
        session.execute(line)
        session.execute(f"goto {at}")
        note = session.note
        for left, right in equations(note_text(Frame.of(session), note)) if note is not None else ():
            assert abs(left - right) <= 2e-3 * max(abs(left), abs(right), 0.01), f"{at}, {line}: {note}"
        session.execute("undo")


def typed(side: str) -> float:
    """The value of one side as somebody with a calculator gets it."""
    plain = re.sub(r"\bs\(", "sigmoid(", side).replace("·", "*").replace("×", "*").replace("−", "-")
    return evaluate(parse_expression(plain), lambda cell: pytest.fail(f"no cell is meant: {cell}"))


def test_a_false_equation_would_be_found() -> None:
    text = "It is 0.5000 · 2.000 + −1.000 = 0.1000, says the note; cos(0) + 3 = 4.000."
    assert list(equations(text)) == [(0.0, 0.1), (4.0, 4.0)]
    assert list(equations("δ = 0.5000 × (2.000 − 1.000) = 0.5000. So y = 3.000")) == [(0.5, 0.5)]
    assert figures("about 4.5, 8,192 and 307035 in 1986 by 2 layers") == {4.5, 8192.0, 307035.0}


def test_a_note_is_shown_only_while_what_it_says_holds(tmp_path: Path) -> None:
    session = Console(load("dead-relu"))
    session.execute("until delta[h2]")
    assert session.note is not None
    session.execute("goto start")
    session.execute("set b[h2] = 1")
    session.execute("until delta[h2]")
    assert session.note is None
