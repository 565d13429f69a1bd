"""Operations over arrays as pictures: every number is the one in its cell, and a row meets its column.

The six moments that a student is to understand are kept as text; what must hold for every program is held for the
programs of `tests.engine.test_array_programs`, step by step.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from bpstep.debugger.console import Console
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, Operation, Taken, TrainingSpec
from bpstep.engine.steps import Step
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import network
from bpstep.view.panes.array_graph import rows_wanted
from bpstep.view.panes.operation import draw_operation
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.views import view
from bpstep.view.scene.focus import Focus, focus_of
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import written
from tests.engine.test_array_programs import PROGRAMS, SUM
from tests.helpers.screens import check_golden

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"
#: The picture at 80×24 and at 120×40.
SIZES = {"80x24": (80, 10), "120x40": (85, 12)}
MOMENTS = {
    "term": ("recurrent.toml", "v1[2] += U[2,2] * x1[2]"),
    "outer-product": ("recurrent.toml", "d(U[2,1]) += d(v5[2]) * x2[1]"),
    "column-of-the-matrix": ("recurrent.toml", "d(h1[2]) += d(v6[3]) * W[3,2]"),
    "second-use-in-time": ("recurrent.toml", "d(W[2,1]) += d(v2[2]) * h0[1]"),
    "window": ("convolution.toml", "y[1,2] += X[2,3] * K[2,2]"),
    "window-back": ("convolution.toml", "d(X[2,2]) += d(y[1,2]) * K[2,1]"),
    "largest": ("convolution.toml", "m[1,2] = max(max(max(y[1,2], y[1,3]), y[2,2]), y[2,3])"),
    "jacobian": ("recurrent.toml", "d(v10[1]) += d(p[2]) * d(p[2], v10[1])"),
}  # fmt: skip


def at(console: Console, formula: str) -> Step:
    """Go to the step with a formula."""
    for number in range(1, console.length + 1):
        step = console.moment.run.step(number)
        if step.formula == formula:
            console.execute(f"goto {number}")
            return step
    raise AssertionError(formula)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_moments_are_drawn_as_they_were(moment: str, size: str) -> None:
    file, formula = MOMENTS[moment]
    console = Console(load(HERE / "programs" / file))
    at(console, formula)
    check_golden(f"{size}-{moment}", network.draw(Frame.of(console), *SIZES[size]).text(), GOLDENS)


@pytest.mark.parametrize("moment", ["term", "outer-product", "column-of-the-matrix", "jacobian"])
def test_moments_are_drawn_by_rows_as_well(moment: str) -> None:
    file, formula = MOMENTS[moment]
    console = Console(load(HERE / "programs" / file))
    console.execute("set layout = rows")
    at(console, formula)
    check_golden(f"rows-{moment}", network.draw(Frame.of(console), 80, 10).text(), GOLDENS)


@pytest.mark.parametrize("layout", ["columns", "rows"])
def test_an_array_of_one_axis_is_printed_as_it_is_drawn(layout: str) -> None:
    console = Console(load(HERE / "programs" / "recurrent.toml"))
    console.execute(f"set layout = {layout}")
    text = [
        line for name in ("x1", "U") for line in plain_lines(console, console.execute(f"print {name}"), 80)
    ]
    check_golden(f"print-{layout}", "\n".join(text), GOLDENS)


@pytest.mark.parametrize("moment", ["term", "second-use-in-time"])
def test_the_program_is_drawn_as_it_was(moment: str) -> None:
    """Its graph and its arrays, with how much of each is written."""
    file, formula = MOMENTS[moment]
    console = Console(load(HERE / "programs" / file))
    at(console, formula)
    text = "\n".join(view(console, name, 84).text().rstrip() for name in ("graph", "variables"))
    check_golden(f"program-{moment}", text, GOLDENS)


@pytest.mark.parametrize("name", ["bptt", "attention", "lenet"])
def test_the_graph_stands_below_the_operation_where_there_is_room(name: str) -> None:
    """Below it, in the same rows at every step; with a row less the operation has all of them."""
    console = Console(load(name))
    wanted = network.rows_wanted(Frame.of(console))
    for position in (0, 1, console.length // 3, console.length // 2, console.length):
        console.execute(f"goto {position}")
        frame = Frame.of(console)
        both = network.draw(frame, 120, wanted).text().split("\n")
        at = [y for y, line in enumerate(both) if line.startswith("─ graph ─")]
        assert at == [wanted - rows_wanted(frame) - 1]
        assert both[: at[0]] == draw_operation(frame, 120, at[0]).text().split("\n")
        assert "╭─" in "".join(both[at[0] :])
        assert network.draw(frame, 120, wanted - 1).text() == draw_operation(frame, 120, wanted - 1).text()


def test_words_stand_beside_the_numbers_of_rows() -> None:
    console = Console(load("attention"))
    at(console, "A[2,1] += P[2,1] * V[1,1]")
    check_golden("words-beside-rows", network.draw(Frame.of(console), 80, 10).text(), GOLDENS)


@pytest.mark.parametrize("file", ["recurrent.toml", "convolution.toml"])
def test_how_much_is_written_is_how_many_cells_have_their_number(file: str) -> None:
    """The count is found by halves; here cell by cell, at every step."""
    console = Console(load(HERE / "programs" / file))
    for position in range(0, min(console.length, 200), 3):
        console.execute(f"goto {position}")
        frame = Frame.of(console)
        for vector in frame.setup.graph.vectors:
            for of in (lambda cell: cell, cells.d):
                readings = [frame.read(of(cell)) for cell in vector.cells()]
                known = [reading for reading in readings if reading is not None]
                done = sum(reading.state not in ("unset", "partial") for reading in known)
                assert (written(frame, vector, of) or 0) == done


def places_of(canvas: Canvas) -> dict[str, set[tuple[int, int]]]:
    """Where each cell stands: a picture may show it more than once."""
    found = defaultdict(set)
    for y in range(canvas.height):
        before = None
        for x in range(canvas.width):
            target = canvas.target_at(x, y)
            if target is not None and target != before:
                found[target.removeprefix("why ")].add((x, y))
            before = target
    return found


def consoles() -> list[tuple[str, Console]]:
    made = []
    for name, (inputs, operations) in PROGRAMS.items():
        spec = ExpressionSpec(tuple(inputs), tuple(inputs.values()), (*operations, SUM), "y")
        made.append((name, Console(Scenario(name, name, spec, TrainingSpec()))))
    return made


CONSOLES = dict(consoles())


@pytest.mark.parametrize("name", CONSOLES)
def test_what_is_shown_is_what_stands_in_the_cell(name: str) -> None:
    """And whatever a step reads and writes is there, where the picture is large enough."""
    console, chance = CONSOLES[name], random.Random(name)
    for place in range(12):
        console.execute(f"set layout = {('columns', 'rows')[place % 2]}")
        console.execute(f"goto {chance.randint(1, console.length)}")
        frame = Frame.of(console)
        canvas = network.draw(frame, *chance.choice([(60, 9), (80, 10), (120, 14)]))
        lines = canvas.text().split("\n")
        for cell, places in places_of(canvas).items():
            reading = next(found for known, found in frame.readings.items() if str(known) == cell)
            assert reading is not None
            for x, y in places:
                text = lines[y].ljust(canvas.width)[x:]
                assert agrees(text, reading.value), (cell, text, reading)
        large = network.draw(frame, 200, 60)
        step = frame.step
        assert step is not None
        shown = places_of(large)
        for cell in (step.cell, *(factor.cell for factor in step.inputs)):
            if step.op != "local" and str(cell) in {str(c) for c in sought(step)}:
                assert str(cell) in shown, (step.formula, large.text())


def labelled(console: Console) -> list[tuple[str, str]]:
    """The cells that stand behind an index and a word in the picture, each with the word."""
    canvas = network.draw(Frame.of(console), 120, 24)
    found = []
    for y, line in enumerate(canvas.text().split("\n")):
        for label in re.finditer(r" (\d+) ([a-z]+) [╭│╰┃]", line):
            target = canvas.target_at(label.end() + 1, y)
            assert target is not None, line
            found.append((target.removeprefix("why "), label[2]))
    return found


def test_rows_bear_the_names_that_the_author_gave_them() -> None:
    """Beside each is the word for the first index of the cell in the row, at every step; and every word is seen."""
    console, words = Console(load("attention")), ("the", "cat", "sat")
    seen = set()
    for number in range(1, console.length // 3, 7):
        console.execute(f"goto {number}")
        for cell, word in labelled(console):
            array, first = re.search(r"(\w+)\[(\d+),", cell).groups()  # type: ignore[union-attr]
            assert word == words[int(first) - 1], (number, cell, word)
            seen.add((array, word))
    assert {("X", word) for word in words} | {("P", word) for word in words} <= seen


def sought(step: Step) -> list[Cell]:
    """The cells for which the picture of a step has a place: of a contribution, all three."""
    if step.op == "seed":
        return []
    return (
        [step.cell, *(factor.cell for factor in step.inputs)] if step.op in ("term", "apply") else [step.cell]
    )


def agrees(text: str, value: float | None) -> bool:
    """Whether a number, or its sign and shade, stands at the beginning of a text."""
    if value is None:
        return text.startswith(" ·")
    if text[1:2] in "░▒▓█":
        return (text[0] == "−") == (value < 0)
    number = ""
    for char in text[:9]:
        if char in "0123456789.e−+ " and not (number.strip() and char == " "):
            number += char
        else:
            break
    shown = Decimal(number.replace("−", "-").replace(" ", ""))
    return abs(float(shown) - value) <= 0.501 * 10.0 ** int(shown.as_tuple().exponent)


@pytest.mark.parametrize("name", CONSOLES)
def test_in_a_product_an_entry_stands_where_its_row_meets_its_column(name: str) -> None:
    console = CONSOLES[name]
    console.execute("set layout = columns")
    for number in range(1, console.length + 1):
        step = console.moment.run.step(number)
        if step.op not in ("term", "contribute"):
            continue
        console.execute(f"goto {number}")
        frame = Frame.of(console)
        focus = focus_of(frame, step)
        operation = focus.operation if isinstance(focus, Focus) else None
        if operation is None or not is_product(frame, operation.head.layer):
            continue
        shown = places_of(network.draw(frame, 120, 24))
        assert isinstance(focus, Focus)
        first, second, result = (shown[str(cell)] for cell in (*(f.cell for f in step.inputs), step.cell))
        if step.op == "term":  # A[i,k], B[k,j], C[i,j]
            side, above, cross = first, second, result
        elif focus.edge is not None and focus.edge.source == 1:  # type: ignore[attr-defined]
            side, above, cross = second, result, first
        else:  # d(C[i,j]), B[k,j], d(A[i,k])
            side, above, cross = first, second, result
        rows = {y for _, y in side} & {y for _, y in cross}
        columns = {x for x, _ in above} & {x for x, _ in cross}
        assert rows, step.formula
        assert columns, step.formula


def is_product(frame: Frame, head: str) -> bool:
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    return any(one.name == head and one.function == "matmul" for one in problem.operations)


Matrix = tuple[int, int]
Shape = tuple[int, ...]


def as_matrix(shape: Shape) -> Matrix:
    """An array as it is drawn: its last two axes; one axis is a column, a single number one cell."""
    return (1, 1) if not shape else (shape[0], 1) if len(shape) == 1 else (shape[-2], shape[-1])


def statements_of(name: str) -> dict[str, tuple[Operation, list[Shape]]]:
    """Each statement of a program, with the shapes of the arrays that it reads."""
    inputs, operations = PROGRAMS[name]
    shapes = {key: np.shape(value) for key, value in inputs.items()}
    found = {}
    for one in (*operations, SUM):
        read = [operand for operand in one.operands if not isinstance(operand, float)]
        sources = [np.shape(x.places) if isinstance(x, Taken) else shapes[x] for x in read]
        found[one.name], shapes[one.name] = (one, sources), one.shape
    return found


def shapes_drawn(one: Operation, sources: list[Shape], source: int | None) -> list[Matrix]:
    """What a picture of a statement, or of the way back to one of its operands, is to say: the result last."""
    head, read = as_matrix(one.shape), [as_matrix(shape) for shape in sources]
    if one.function == "matmul":
        left, right = read[0][::-1] if len(sources[0]) == 1 else read[0], read[1]
        assert left[1] == right[0], "A @ B is of matrices that go together"
        product = left[0], right[1]
        pieces = np.broadcast_shapes(*(shape[:-2] for shape in sources))
        assert np.prod(product) * np.prod(pieces) == np.prod(one.shape)
        ways = [product, right[::-1], left], [left[::-1], product, right]
        return [left, right, product] if source is None else ways[source]
    if source is None:
        return [*read, head]
    if one.function == "softmax":
        count = sources[0][one.axis or 0]
        return [(count, count), (count, 1), (count, 1)]
    return [head, read[source]]


def shapes_said(frame: Frame) -> list[Matrix]:
    """The shapes in the title of a picture."""
    title = network.draw(frame, 200, 24).text().split("\n")[0]
    return [(int(rows), int(columns)) for rows, columns in re.findall(r"\((\d+)×(\d+)\)", title)]


@pytest.mark.parametrize("name", CONSOLES)
def test_the_shapes_in_a_title_are_those_of_the_arrays(name: str) -> None:
    """Of every statement forward, and of every way back; those of a product go together."""
    console, statements, seen = CONSOLES[name], statements_of(name), set()
    console.execute("set layout = columns")
    start = Frame.of(console)
    for number in range(1, console.length + 1):
        step = console.moment.run.step(number)
        focus = focus_of(start, step)
        assert isinstance(focus, Focus)
        head, source = focus.operation.head.layer, None if focus.edge is None else focus.source
        if (head, source) in seen:
            continue
        seen.add((head, source))
        console.execute(f"goto {number}")
        assert shapes_said(Frame.of(console)) == shapes_drawn(*statements[head], source), step.formula
    backward = {head for head, source in seen if source is not None}
    assert {head for head, source in seen if source is None} == set(statements)
    assert backward == {head for head, (one, _) in statements.items() if one.function != "detach"}


@pytest.mark.parametrize("name", ["bptt", "attention", "softmax behind a mask"])
def test_what_is_said_to_be_heard_is_the_cell_of_the_step(name: str) -> None:
    """The picture of a Jacobian names the cell that it is about, and the group of shares that hear it."""
    console = CONSOLES.get(name) or Console(load(name))
    said = 0
    for number in range(1, min(console.length, 400) + 1):
        console.position = number
        step = console.moment.run.step(number)
        found = re.search(r"every output hears ([^:]+):", network.draw(Frame.of(console), 100, 14).text())
        if found and step.op == "contribute":
            assert found[1] == str(step.cell.of)
            said += 1
    assert said
