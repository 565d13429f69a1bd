"""What is said of programs over arrays is true of this program: the numbers are those of the cells that they stand
behind, the shapes those of the arrays, and of each sort of operation it is said how its cells met.

Held for every shipped program over arrays, right and with each rule, in both modes, at steps all over the run.
"""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from bpstep.debugger.answers import Value
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine import cells
from bpstep.engine.rules import RULES
from bpstep.scenario.loader import load, loads
from bpstep.view.panes import chain, chain_of_step
from bpstep.view.panes.gathering import MARGIN
from bpstep.view.say.views import lines_of
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import statements_of
from bpstep.view.words.meeting import met_in
from bpstep.view.words.met_back import met_back
from bpstep.view.words.met_forward import met_forward
from bpstep.view.words.of_arrays import arrays_told, what_it_is
from tests.helpers.moments import forward_mode, opened_at
from tests.helpers.shipped import SMALL

PROGRAMS = [name for name in SMALL if has_arrays(Frame.of(Console(load(name))))]
#: A cell with its number, as a sentence tells it.
TOLD = re.compile(r"([∂\w][\w\[\],/∂]*?) = ([+−]?\d+(?:\.\d+)?(?:e−?\d+)?)(?= |\.? |[.,:;]|$)")
#: A row or a column of an array; a cell with its indices.
PLACES = re.compile(r"(?i)\b(row|column) (\d+) of ((?:∂\w+/∂)?\w+ᵀ?)(?![\w(\[])")
CELL = re.compile(r"((?:∂\w+/∂)?\w+)\[([\d,]+)\]$")
#: A cell that is said to be the largest.
LARGEST = re.compile(
    r"(?:The largest of \d+ cells is |the first of them |(?<!\S))(\S+\]) = \S+(?:: \S+ is that number| is the largest)"
)
#: An array with its shape.
SHAPED = re.compile(r"(?<![\w.])([^\W\d]\w*(?:ᵀ)?) \((\d+(?:×\d+)*)\)")
STEPS = 8


def steps_of(console: Console) -> list[int]:
    """Steps all over the run, no two at the same distance."""
    return sorted(
        {1 + (k * k + 3 * k) * (console.length - 1) // (STEPS * STEPS + 3 * STEPS) for k in range(STEPS + 1)}
    )


def values(console: Console, symbol: str, root: str) -> list[float]:
    """What the prompt says of a symbol; a derivative by an operand of the root may be the local one, too."""
    over, slash, under = symbol.partition("/")
    of, by = over.removeprefix("∂"), under.removeprefix("∂")
    names = [symbol] if not slash else [f"d({of}, {by})", *([f"d({by})"] if of == root else [])]
    found = []
    for name in names:
        with suppress(CommandError):
            answer = console.execute(f"print {name}")
            assert isinstance(answer, Value)
            found.append(answer.value)
    return [value for value in found if value is not None]


def check_numbers(console: Console, text: str) -> int:
    """Every number is that of its cell; how many there were."""
    root, told = Frame.of(console).symbols.root, TOLD.findall(text)
    for symbol, number in told:
        shown = float(number.replace("−", "-").replace("+", ""))
        known = values(console, symbol, root)
        assert any(abs(value - shown) <= 6e-4 * abs(shown) for value in known), (symbol, number, known, text)
    return len(told)


def check_places(console: Console, text: str) -> None:
    """A row or a column that is spoken of is that of a cell of the step, and of what is largest, nothing is larger."""
    frame = Frame.of(console)
    step = frame.step
    assert step is not None
    met = met_in(frame, step)
    assert met is not None
    named = [step.cell, *(factor.cell for factor in step.inputs), met.result]
    symbols = {frame.symbols(cell) for cell in named} | {str(cell.of) for cell in named}
    for what, number, array in PLACES.findall(text):
        places = [CELL.match(symbol) for symbol in symbols]
        indices = [
            found[2].split(",")
            for found in places
            if found is not None and found[1] == array.removesuffix("ᵀ")
        ]
        axis = (what.lower() == "column") != array.endswith("ᵀ")
        assert any(index[axis] == number for index in indices), (what, number, array, symbols, text)
    for symbol in LARGEST.findall(text):
        assert values(console, symbol, "E")[0] == met.value(met.result), text


def check_shapes(frame: Frame, text: str) -> None:
    shapes = {
        one.layer: "×".join(map(str, one.dims)) for one in frame.setup.graph.vectors if one.kind == "var"
    }
    found = SHAPED.findall(text)
    assert found or not any("(" in word for word in text.split(" ")[1:2]), text
    for name, shape in found:
        if name == "as":  # an array that stands in another shape; its own stands before it
            continue
        known = shapes[name.removesuffix("ᵀ")]
        assert shape == ("×".join(reversed(known.split("×"))) if name.endswith("ᵀ") else known), (name, text)


def said(console: Console) -> tuple[str, str]:
    """What is said of a step: the operation, and how its cells meet."""
    frame = Frame.of(console)
    step = frame.step
    assert step is not None
    met = met_in(frame, step)
    if met is None or step.op in ("tangent", "seed"):
        return "", ""
    written = {"local": cells.local, "contribute": lambda _, tail, __: cells.d(tail)}.get(step.op)
    edge = met.focus.edge
    here = met.result if edge is None else written(met.result, met.tail, edge.place) if written else None
    assert here == step.cell
    return met.with_shapes, met_forward(met) if met.focus.edge is None else met_back(met)


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_said_of_a_step_is_true_of_its_cells(name: str) -> None:
    scenario = load(name)
    rules = [rule.name for rule in RULES.values() if not rule.refuses(scenario.problem, scenario.training)]
    numbers = 0
    for place, rule in enumerate(rules):
        console = Console(scenario)
        if place:
            console.execute(f"set rule = {rule}")
        for position in steps_of(console)[:: 1 + (place > 0)]:
            console.execute(f"goto {position}")
            operation, meeting = said(console)
            numbers += check_numbers(console, meeting)
            check_shapes(Frame.of(console), f"{operation} {meeting}")
            if meeting:
                check_places(console, meeting)
            # What `explain` shows is this text, in lines, besides what it says of any step.
            lines = " ".join(" ".join(line for line, _ in lines_of(console, "explain", 79)).split())
            assert meeting in lines
            assert operation in lines
    assert numbers > STEPS


@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_mode_is_explained_as_well(name: str) -> None:
    console = opened_at(name, forward_mode(name))
    for position in steps_of(console):
        console.execute(f"goto {position}")
        operation, meeting = said(console)
        check_numbers(console, meeting)
        check_shapes(Frame.of(console), f"{operation} {meeting}")
        assert lines_of(console, "explain", 79)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_legend_speaks_of_every_array_of_this_program(name: str) -> None:
    """Each with its shape; a parameter with the statements that read it; none is left out."""
    console = Console(load(name))
    frame = Frame.of(console)
    vectors = [one for one in frame.setup.graph.vectors if one.kind == "var"]
    rows = arrays_told(frame)
    check_shapes(frame, " ".join(f"{names.partition(' ')[0]} {shape}" for names, shape, _ in rows))
    text = "\n".join(line for line, _ in lines_of(console, "legend", 10_000))
    assert all(f"  {names} " in text and says in text for names, _, says in rows)
    ends = [names.split(" … ") for names, _, _ in rows]
    assert len({end for pair in ends for end in pair}) >= len(rows)
    for vector in vectors:
        told = what_it_is(frame, vector)
        assert told.startswith("parameter") == (vector in frame.setup.graph.parameters)
        if vector in frame.setup.graph.parameters:
            readers = {one.name for one in statements_of(frame) if vector.layer in one.reads}
            assert re.findall(r"\w+", told.partition("used in ")[2])[:1] == [
                next(n.name for n in statements_of(frame) if n.name in readers)
            ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_rules_legend_and_explanations_fit_a_small_screen(name: str) -> None:
    console = Console(load(name))
    for position in (0, *steps_of(console)[::3]):
        console.execute(f"goto {position}")
        for view in ("legend", "algorithm", "explain"):
            wide = [
                line for line, _ in lines_of(console, view, 79) if len(line) > 79 and "  here  " not in line
            ]
            assert all(line.startswith(("here ", "in numbers ", "in general ")) for line in wide), wide


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_chain_has_room_and_only_the_result_is_called_so(name: str) -> None:
    """No ledger is wider than its pane; of a cell that nobody uses it is said that nobody does."""
    console = Console(load(name))
    result = f"{console.setup.graph.root.cell(0)} is the result"
    for position in range(1, console.length + 1, max(1, console.length // 60)):
        console.execute(f"goto {position}")
        frame = Frame.of(console)
        assert frame.step is not None
        for width, height in ((80, 6), (85, 11)):
            placed = chain_of_step.fitting_ledger(frame, frame.step, height, width)
            if placed is not None:
                assert placed[0].width(stacked=placed[2], roomy=False) <= width - MARGIN, frame.step.formula
        text = chain.draw(frame, 80, 6).text()
        assert text.count("is the result") == text.count(result)


OVER_SAMPLES = """format = 1
title = "Over samples"
[expression]
define = ["p = sum(w * x)", "E = half_squared_error(p, t)"]
parameters = ["w"]
[expression.inputs]
w = [0.5, 0.7]
[[sample]]
[sample.values]
x = [1.0, 2.0]
t = 0.3
[[sample]]
[sample.values]
x = [0.5, -1.0]
t = 1
[training]
batch = "full"
"""


@pytest.mark.parametrize("mode", ["reverse", "forward w[1]"])
def test_the_loss_over_samples_is_no_operation_of_the_program(mode: str) -> None:
    """It has the place of the output, and is told and drawn as what it is: a sum over the samples."""
    console = Console(loads(OVER_SAMPLES, "over-samples.toml"))
    console.execute(f"set mode = {mode}")
    for step in console.run.steps():
        console.position = step.number
        told = "\n".join(text for text, _ in lines_of(console, "explain", 80))
        drawn = "\n".join(text for text, _ in lines_of(console, "matrix", 80))
        if step.cell in (cells.LOSS, cells.dot(cells.LOSS)):
            assert "operation" not in told
            assert "half_squared_error" not in drawn
        elif step.op == "apply":
            assert f"operation    {str(step.cell).partition('[')[0]} " in told
