"""No hint teaches a mistake, and none gives the answer away: over all scenarios and exercises, step by step."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.expressions import parse
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.steps import Step
from bpstep.exercises.asked import cell_named, writes_of
from bpstep.exercises.grade import Truth, named, truth_of
from bpstep.exercises.hints import hints_about
from bpstep.exercises.kind import hints_of, truth
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.worked_step import BEFORE, BRACKET
from bpstep.scenario.loader import load
from tests.helpers.moments import moments_of, opened_at
from tests.helpers.shipped import WALKED

EXERCISES = [e for e in load_path()[0] if any(item.kind in ("value", "formula") for item in e.items)]

#: What a run may be: another optimizer, another direction.
ALSO = {
    "mazur-2-2-2": (
        "set mode = forward w[i1->h1]",
        "set cost = binary-cross-entropy",
        "set activation hidden = leaky-relu",
    ),
    "softmax": ("set mode = forward w[x1->h1]",),
    "fan-out": ("set mode = forward x",),
    "momentum": ("set optimizer = adamw",),
    "one-neuron": ("set optimizer = adam", "set cost = absolute-error"),
}

_NUMBER = re.compile(r"(?<![\w.′])\d+(?:\.\d*)?(?:e[+-]?\d+)?")
_INDEX = re.compile(r"(?<=\w)\[[\d,]+\]")
_HOLDS = re.compile(r"(?<!\w)\[((?:[^\[\]]|\w\[[^\]]*\])+?) (>=|<=|>|<) ((?:[^\[\]]|\w\[[^\]]*\])+?)\]")
_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_RATIO = re.compile(r"^\((?:a|the) change of .*\)$")
_WHERE = re.compile(r", where (.*) = (.*)\)$")


def runs() -> Iterator[tuple[str, str]]:
    for name in WALKED:
        yield name, ""
        for line in ALSO.get(name, ()):
            yield name, line


def sampled(session: Console) -> Iterator[Step]:
    """One step of each shape, and those in which a sum grows."""
    seen = set()
    for number in range(1, min(session.length, 160) + 1):
        step = session.run.step(number)
        shape = (step.op, step.template, step.was is None, step.value == 0.0, step.part and step.part[0] > 1)
        if shape not in seen:
            seen.add(shape)
            yield step


def standing(text: str) -> set[str]:
    """The numbers that stand in a text, rounded."""
    return {f"{float(number):.4g}" for number in _NUMBER.findall(_INDEX.sub("", text))}


def can_be_looked_up(session: Console, step: Step) -> bool:
    """At the first step of a sample the inputs of the last one are shown."""
    readings = [(session.read(factor.cell), factor.value) for factor in step.inputs]
    return all(reading is None or reading.value in (None, number) for reading, number in readings)


def value(session: Console, text: str) -> float:
    """What somebody comes to who works a text out, with the cells as they are shown."""

    def holds(found: re.Match[str]) -> str:
        left, sign, right = found.groups()
        return "1" if _COMPARE[sign](value(session, left), value(session, right)) else "0"

    moment = session.moment
    return parse(session.scope, _HOLDS.sub(holds, text)).value(moment)


def leads_to(session: Console, hint: str, right: Truth, was: float | None, *, is_value: bool) -> None:
    """The last hint is the cell's equation, without its result."""
    assert hint.removesuffix(BRACKET).endswith(" = ?"), hint
    left, _, text = hint.removesuffix(BRACKET).removesuffix(" = ?").partition(" = ")
    assert left == named(right.cell), hint
    where = _WHERE.search(text)
    if where is not None:
        assert value(session, where[1]) == pytest.approx(value(session, where[2])), hint
    if _RATIO.match(text):
        return
    shares = re.sub(r" from the other [^)]*", "", text).replace(BEFORE, f"({was!r})")
    assert right.holds(value(session, shares)), hint
    if (
        not is_value
        or len(right.steps) != 1
        or f"{abs(right.value):.4g}" in standing(right.steps[0].template)
    ):
        return  # a formula may come to a number that stands in it: 1 - 0^2
    if can_be_looked_up(session, right.steps[0]):
        assert f"{abs(right.value):.4g}" not in standing(_HOLDS.sub("", text)), hint


@pytest.mark.parametrize(("name", "line"), list(runs()))
def test_a_hint_at_a_step_leads_to_its_value_and_does_not_tell_it(name: str, line: str) -> None:
    session = Console(load(name))
    if line:
        session.execute(line)
    for step in sampled(session):
        session.position = step.number - 1
        *first, last = hints_about(session, step.cell, [step])
        assert all(f"{abs(step.value):.4g}" not in standing(hint) for hint in first), (step.number, first)
        leads_to(session, last, truth_of(step.cell, [step], 0.01, None), step.was, is_value=True)


#: What a principle speaks of: the kinds of cells that the step reads then, and no others.
SPOKEN_OF = {
    "times the gradient": ({"lr", "d"},),
    "δ of the neuron that the wire leads to": ({"d", "y"},),
    "what came back to the output": ({"d", "local"},),
    "The penalty": ({"d", "w"}, {"w"}),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ["one-neuron", "softmax", "deep-softmax", "one-sample-l2", "adam"])
def test_a_principle_is_that_of_its_own_step(name: str, optimizer: str) -> None:
    """An update by Adam, a delta of softmax, a share of the penalty are not told the principle of another."""
    session = opened_at(name, (f"set optimizer = {optimizer}",))
    for number in moments_of(session):
        step = session.run.step(number)
        principle, *_ = hints_about(session, step.cell, [step])
        kinds = {factor.cell.kind for factor in step.inputs}
        for words, read in SPOKEN_OF.items():
            assert words not in principle or kinds in read, (principle, step)
        several = step.part is not None and step.part[1] > 1
        assert "f′" not in principle or not several, (principle, step)
        assert ("memory" in principle) == bool(step.op == "state" or kinds & {"m", "v"}), (principle, step)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_a_hint_of_an_exercise_leads_to_its_value_and_does_not_tell_it(exercise: Exercise) -> None:
    for seed in (3, 11):
        scenario = variant_of(exercise, seed)
        for place, item in enumerate(exercise.items):
            if item.kind not in ("value", "formula"):
                continue
            posed = posed_item(exercise, place, scenario, seed)
            right, hints = truth(posed), hints_of(posed)
            told = f"{abs(right.value):.4g}"
            if item.kind == "value":
                first = [posed.item.prompt, *hints[:-1]]
                assert not any(told in standing(text) for text in first if len(told) > 1), (place, first)
                assert not any(re.search(rf"\b(?:is|=) {told}\b", text) for text in first), (place, first)
            leads_to(posed.session, hints[-1], right, None, is_value=item.kind == "value")


def test_a_long_sum_says_what_it_leaves_out() -> None:
    session = Console(load("deep-784-128-10"))
    cell = cell_named(session, "d(y[h17])")
    numbers = writes_of(session, cell)
    steps = [session.run.step(number) for number in numbers]
    session.position = numbers[0] - 1
    last = hints_about(session, cell, steps)[-1]
    assert "from the other 4 shares" in last
    leads_to(session, last, truth_of(cell, steps, 0.01, None), None, is_value=True)
