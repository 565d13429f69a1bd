"""The matrix picture: what a step writes and reads stands in it, where the books' equation says, and holds.

For every network that comes with bpstep, in both modes, at many steps, in wide and narrow rooms.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bpstep.debugger.console import Console
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes.matrix import draw_matrices
from bpstep.view.say.views import view
from bpstep.view.scene.frame import Frame
from tests.helpers.screens import check_golden

NETWORKS = [name for name in builtin_names() if isinstance(load(name).problem, NetworkSpec)]
GOLDENS = Path(__file__).parent / "goldens"
SIZES = [(60, 9), (80, 6), (80, 9), (80, 22), (120, 7), (120, 22)]


def pictured(console: Console, width: int, height: int) -> tuple[Canvas, dict[str, tuple[int, int]]]:
    """The picture, and where in it each cell stands."""
    canvas = Canvas(width, height)
    draw_matrices(Frame.of(console), canvas, 1, None)
    places: dict[str, tuple[int, int]] = {}
    for y in range(height):
        for x in range(width):
            target = canvas.target_at(x, y)
            if target is not None:
                places.setdefault(target.removeprefix("why "), (x, y))
    return canvas, places


def moments(console: Console, name: str) -> Iterator[int]:
    chance = random.Random(name)
    first = min(console.length, 400)
    yield from sorted({1, first, *(chance.randint(1, first) for _ in range(12))})
    yield from (chance.randint(1, console.length) for _ in range(3))


def told(cell: Cell, forward: bool) -> bool:
    """Whether the picture has a place for a cell, whatever the room: of the slopes of the cost and of
    tangents behind the net it has none."""
    if cell.kind == "local":
        return isinstance(cell.by, Cell) and cell.by.kind == "e" and not forward
    return cell not in (cells.dot(cells.COST), cells.dot(cells.LOSS)) and not (
        cell.kind == "dot" and isinstance(cell.of, Cell) and cell.of.kind not in ("e", "y")
    )


@pytest.mark.parametrize("layout", ["columns", "rows"])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", NETWORKS)
def test_what_a_step_writes_stands_in_the_picture_and_nothing_is_cut(
    name: str, mode: str, layout: str
) -> None:
    console = Console(load(name))
    console.execute(f"set layout = {layout}")
    if mode == "forward":
        console.execute(f"set mode = forward {console.setup.graph.parameters[0].cell(0)}")
    for place, position in enumerate(moments(console, name)):
        console.position = position
        width, height = SIZES[place % len(SIZES)]
        canvas, places = pictured(console, width, height)
        step = console.step
        assert step is not None
        if told(step.cell, mode == "forward"):
            assert str(step.cell) in places, (position, step.formula, width, height)
        numbered = {y for _, y in places.values()}
        for y, row in enumerate(canvas.text().split("\n")):
            assert y not in numbered or not row.startswith(" …"), (position, row)
        for text, (x, y) in places.items():
            assert x + console.options.digits < width, (position, text)
            assert canvas.text().split("\n")[y][x : x + 8].strip(), (position, text)


def number(canvas: Canvas, place: tuple[int, int]) -> float:
    text = canvas.text().split("\n")[place[1]][place[0] : place[0] + 8]
    found = re.match(r"\s*([+−]?[\d.]+(?:e−?\d+)?)", text)
    assert found is not None, text
    return float(found[1].replace("−", "-"))


@pytest.mark.parametrize("name", ["mazur-2-2-2", "article-2-3-2-1", "softmax", "xor"])
def test_an_entry_is_where_its_row_meets_its_column(name: str) -> None:
    """Read off the picture: rows of W times y, columns of W times δ, δ times y."""
    console = Console(load(name))
    for position in range(1, min(console.length, 90)):
        console.position = position
        _, places = pictured(console, 120, 22)
        for text, (x, y) in places.items():
            found = re.fullmatch(r"d\(w\[(.+)->(.+)\]\)", text)
            if found is None or f"y[{found[1]}]" not in places or f"d(e[{found[2]}])" not in places:
                continue
            assert places[f"y[{found[1]}]"][0] == x  # above it
            assert places[f"d(e[{found[2]}])"][1] == y  # at its side
        for text, (x, y) in places.items():
            found = re.fullmatch(r"w\[(.+)->(.+)\]", text)
            if found is None:
                continue
            if f"d(y[{found[1]}])" in places and "d(e[" in str(places):
                assert places[f"d(y[{found[1]}])"][0] == x  # a column of W comes out below it
            if f"e[{found[2]}]" in places and f"d(e[{found[2]}])" not in places:
                assert places[f"e[{found[2]}]"][1] == y  # a row of W comes out beside it


def test_the_numbers_of_a_finished_picture_are_the_equation() -> None:
    console = Console(load("mazur-2-2-2"))
    console.position = 40
    console.execute("until d(e[h2])")
    canvas, at = pictured(console, 120, 22)
    weights = np.array([[number(canvas, at[f"w[h{j}->o{i}]"]) for j in (1, 2)] for i in (1, 2)])
    delta = np.array([number(canvas, at[f"d(e[o{i}])"]) for i in (1, 2)])
    came = np.array([number(canvas, at[f"d(y[h{j}])"]) for j in (1, 2)])
    assert weights.T @ delta == pytest.approx(came, rel=1e-3)


@pytest.mark.parametrize("name", ["mazur-2-2-2", "softmax"])
def test_by_rows_an_entry_is_where_its_row_meets_its_column(name: str) -> None:
    """Read off the picture: y times columns of W, δ times columns of Wᵀ, yᵀ times δ."""
    console, seen = Console(load(name)), set()
    console.execute("set layout = rows")
    for position in range(1, min(console.length, 90)):
        console.position = position
        step = console.step
        assert step is not None
        if step.op not in ("term", "contribute") or len(step.inputs) < 2:
            continue
        _, at = pictured(console, 120, 22)
        one, other, made = (at.get(str(cell)) for cell in (*(f.cell for f in step.inputs), step.cell))
        of = step.cell.of
        kind = of.kind if isinstance(of, Cell) else ""
        if step.op == "term" and one and other and made:  # W above its net input, at the side y
            assert one[0] == made[0]
            assert other[1] == made[1]
            seen.add("forward")
        elif kind == "y" and one and other and made:  # Wᵀ above what it comes to, δ at the side
            assert other[0] == made[0]
            assert one[1] == made[1]
            seen.add("back")
        elif kind == "w" and one and other and made:  # δ below its column, y in the row below
            assert one[0] == made[0]
            assert other[1] == one[1]
            seen.add("weights")
    assert seen >= {"forward", "weights"} | ({"back"} if name == "mazur-2-2-2" else set())


@pytest.mark.parametrize("layout", ["columns", "rows"])
@pytest.mark.parametrize("moment", ["e[o1]", "d(y[h2])", "d(w[h1->o2])"])
def test_both_layouts_are_drawn_as_they_were(moment: str, layout: str) -> None:
    console = Console(load("mazur-2-2-2"))
    console.execute(f"set layout = {layout}")
    console.execute(f"until {moment}")
    while console.step is None or console.step.op == "bias":
        console.execute("back")
    name = re.sub(r"\W+", "-", moment).strip("-")
    check_golden(f"matrix-{layout}-{name}", view(console, "matrix", 80).text(), GOLDENS)


def test_a_batch_adds_to_its_gradients_and_says_so() -> None:
    console = Console(load("batch-or-online"))
    console.execute("until d(w[x->o])")
    assert "+= δ · yᵀ" in view(console, "matrix", 100).text()
    console = Console(load("mazur-2-2-2"))
    console.position = 43
    assert "∂E/∂W = δ · yᵀ" in view(console, "matrix", 100).text()
