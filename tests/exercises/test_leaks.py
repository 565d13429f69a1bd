"""While a question is open, no command and no view tells its answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpstep.debugger.console import Console
from bpstep.engine.rules import RULES
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.view.say.exports import attach
from tests.helpers.leaks import Numbers, everything, told_by

EXERCISES = load_path(retired=True)[0]


def asked(exercise: Exercise, place: int, seed: int) -> tuple[Console, ExerciseTutor]:
    """A session in which one item of an exercise is asked."""
    session = Console(load("chain-rule"))
    tutor = session.tutor = ExerciseTutor(session)
    session.execute(f"exercise {exercise.id} seed={seed}")
    for _ in range(place):
        session.execute("exercise next")
    return session, tutor


def parameter_of(session: Console) -> str:
    graph = session.setup.graph
    return str((*graph.parameters, *graph.given)[0].cell(0))


#: Of every exercise one of its questions that hide something: the first of one, the second of the next, and so on.
QUESTIONS = [
    (exercise, hiding[number % len(hiding)])
    for number, exercise in enumerate(EXERCISES)
    if (hiding := [place for place, item in enumerate(exercise.items) if KINDS[item.kind].hides])
]


@pytest.mark.parametrize(("exercise", "place"), QUESTIONS, ids=lambda x: getattr(x, "id", x))
def test_nothing_tells_the_answer_while_it_is_asked(exercise: Exercise, place: int, tmp_path: Path) -> None:
    """The fuzzer (`python -m tests.fuzz --only answers`) asks them all, with other numbers."""
    session, tutor = asked(exercise, place, 3)
    position, cell = session.position, exercise.items[place].ask[0]
    numbers = Numbers(session.whole_run, position, min(position + 150, session.length))
    session.execute("set digits = 7")
    for line, text in everything(session, cell, parameter_of(session), tmp_path):
        assert numbers.told(text, digits=5) == [], f"{line}: {text}"
        assert "nan" not in text, f"{line}: {text}"
        assert session.position <= position
        assert tutor.posed is not None, line


def outcome(session: Console, line: str) -> str:
    """What a command says, but for the numbers that the question itself put in."""
    text = told_by(session, line)
    for part in (line, line.removeprefix("! "), *line.split()):
        text = text.replace(part.partition(" ")[2] or part, "…")
    return text


@pytest.mark.parametrize("name", ["hidden-delta", "first-chain-rule", "a-batch"])
def test_a_condition_says_nothing_of_what_lies_ahead(name: str) -> None:
    """No search, stop or expectation answers differently whether a bound lies below the hidden value or above."""
    exercise = next(e for e in EXERCISES if e.id == name)
    for place, item in enumerate(exercise.items):
        session, tutor = asked(exercise, place, 3)
        assert tutor.posed is not None
        attach(session)
        if session.moment.value(tutor.posed.cell) is not None:
            continue  # a parameter: before its update it has another value, which is shown
        cell, value = item.ask[0], float(KINDS["value"].solution(tutor.posed))
        bounds = [value - abs(value) / 2, value + abs(value) / 2]
        for line in ("until {0} > {1}", "! until {0} > {1}", "expect {0} > {1}", "! expect {0} > {1}",
                     "expect {0} ~ {1} rel=60%", "until value > {1} and step > 3"):  # fmt: skip
            said = {outcome(session, line.format(cell, bound)) for bound in bounds}
            assert len(said) == 1, (line, said)
        for stop in ("break {0} if {0} > {1}", "watch {0} > {1}", "break contribute if value > {1}"):
            halts = []
            for bound in bounds:
                session.execute(stop.format(cell, bound))
                stops = session.stops_between(session.position + 1, session.length)
                halts.append((outcome(session, "continue"), stops))
                session.execute(f"delete {session.stops.made}")
            assert halts[0] == halts[1], stop


#: Numbers, and words for their signs: they are there to be judged.
_WITHOUT_NUMBERS = re.compile(r"[-+−]?\d[\d.e−-]*|\b(?:up|down|rise|fall|rose|fell)\b")

#: Commands that answer in words: what they say must not hang on the rule.
_WORDY = (
    "check", "diff", "set", "undo", "edits", "train", "fork", "unfold", "switch", "runs", "predict", "show story",
    "show check", "show diff", "until note", "continue", "explain",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell", "seeds"),
    [("find-the-mistake", "d(y[f4])", (0, 1)), ("is-it-right", "d(w[i1->h1])", (0, 9))],
)
def test_a_secret_rule_is_told_by_nothing(
    name: str, cell: str, seeds: tuple[int, ...], tmp_path: Path
) -> None:
    """Whatever rule made the run: what is no number of its steps is the same, word for word."""
    exercise = next(e for e in EXERCISES if e.id == name)
    said, rules = [], set()
    for seed in seeds:
        session, tutor = asked(exercise, 0, seed)
        rules.add(session.setup.rule.name)
        found = dict(everything(session, cell, parameter_of(session), tmp_path))
        found["goto end"] = told_by(session, "goto end")
        found["explain at the end"] = told_by(session, "explain")
        assert tutor.posed is not None
        assert session.note is None
        assert '"rule": "?"' in found["export jsonl OUT"]
        for line, text in found.items():
            told = [
                rule
                for rule in RULES
                if rule in text.replace(session.scenario.name, "") and rule != "correct"
            ]
            assert (
                not told
                or line.startswith(("help", "answer", "export", "restart", "exercises"))
                or told[0] in line
            ), (
                line,
                told,
            )
        words = {line: text for line, text in found.items() if line.startswith(_WORDY)}
        said.append(
            {line: _WITHOUT_NUMBERS.sub("#", text).replace("(#)", "#") for line, text in words.items()}
        )
    assert len(rules) > 1, "the seeds play several rules"
    for line in said[0]:
        assert len({one[line] for one in said}) == 1, (line, {one[line] for one in said})


@pytest.mark.parametrize("scenario", ["chain-rule", "softmax", "adam"])
def test_in_predict_mode_nothing_tells_the_next_number(scenario: str, tmp_path: Path) -> None:
    session = Console(load(scenario))
    session.tutor = ExerciseTutor(session)
    attach(session)
    session.folder = tmp_path
    cell, parameter = str(session.setup.graph.root.cell(0)), parameter_of(session)
    for position in range(0, min(session.length, 90), 9):
        session.execute("predict on")
        session.execute("set digits = 7")
        session.position = position
        numbers = Numbers(session.whole_run, position, min(position + 40, session.length))
        views = (f"show {name}" for name in ("network", "chain", "program", "step", "diff", "loss", "nodes"))
        words = (
            f"paths {parameter}",
            f"by-hand {parameter}",
            "check",
            "diff overwrite",
            f"why {cell}",
            "runs",
        )
        for line in (*words, *views, "export jsonl OUT", "explain", f"! until {cell} > 0.1"):
            text = told_by(session, line)
            assert session.position == position or line.startswith("diff")
            session.position = position
            assert numbers.told(text, digits=5) == [], f"{position}: {line}: {text}"
