"""`why` tells the truth about the time it speaks of: every row is an equation that holds, and every number in it is the
value that its cell had right after the row's step.

For random nets and shipped scenarios, in both modes, under all rules and optimizers, at any position, after edits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.console import Console
from bpstep.debugger.moment import OVERRIDDEN, Moment
from bpstep.debugger.why import WhyNode, info, why
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edits import Edit
from bpstep.engine.run import Run
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from bpstep.engine.steps import Factor, Step
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.drawing.canvas import Canvas, Row
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.panes.why import draw_rows, tree_rows, why_lines, why_rows
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.info import info_lines
from bpstep.view.words.made_of import name_of, whole
from tests.engine.test_edits import runs
from tests.engine.test_equations import holds, typed_in
from tests.helpers.array_programs import formulas
from tests.helpers.moments import EVERY, opened_at
from tests.helpers.problems import networks
from tests.helpers.shipped import SMALL


def over(run: Run) -> Console:
    """A session over a run."""
    session = Console(Scenario("test", "test", run.setup.problem, run.setup.training))
    session.run = run
    return session


def written(run: Run) -> list[Cell]:
    """Every cell that a step of the run's first two batches writes."""
    last = run.timeline.start_of_batch(min(2, run.timeline.batches))
    return list(dict.fromkeys(step.cell for step in run.steps(1, last)))


def nodes(tree: WhyNode) -> Iterator[WhyNode]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


# --- the numbers --------------------------------------------------------------------------------------


def same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and math.isnan(a) and math.isnan(b))


def was_read(run: Run, step: Step, factor: Factor) -> None:
    """A number in a row is what stood in its cell when the row's step was done; what the step itself wrote anew, what
    stood there before."""
    if factor.cell.kind == "sum":
        return
    moment = Moment(run, step.number - 1 if factor.cell == step.cell else step.number)
    reading = moment.read(factor.cell)
    assert reading is not None, (step, factor)
    if reading.state == OVERRIDDEN and not same(reading.value, factor.value):
        return  # it was set right behind the step, and holds the new value there already
    assert same(reading.value, factor.value + 0.0), (step, factor, reading)


def row_holds(run: Run, node: WhyNode) -> None:
    step, value = node.step, node.reading.value
    if step is None:
        assert not node.children
        return
    holds(step)
    for factor in step.inputs:
        was_read(run, step, factor)
    if node.via:
        assert same(value, step.value if step.product is None else step.product)
    else:
        reading = Moment(run, step.number).read(node.reading.cell)
        assert reading is not None
        assert reading.state == OVERRIDDEN or same(value, reading.value), (node, reading)
    inputs = {factor.cell: factor.value for factor in step.inputs}
    for child in node.children:
        assert child.step is not None
        if child.via:
            continue
        assert child.step.number < step.number
        if child.reading.cell in inputs:
            assert same(child.reading.value, inputs[child.reading.cell] + 0.0), (step, child.reading)
    vias = [child.reading.value or 0.0 for child in node.children if child.via]
    if vias and value is not None and np.isfinite([value, *vias]).all():
        parts = vias if node.rest is None else [*vias, node.rest]
        total = parts[-1] if step.sign == "=" and step.op == "contribute" else math.fsum(parts)
        assert abs(total - value) <= 1e-12 * max(map(abs, parts)) or node.left_out, (node, parts)
        if node.left_out and node.rest is not None:
            assert abs(total - value) <= 1e-9 * max(map(abs, parts)), (node, parts)


def check(session: Console, cell: Cell, seen: set[object]) -> None:
    """The whole tree of a cell; a row that was ``seen`` in another tree of the run is not worked out again."""
    with np.errstate(all="ignore"):
        tree, unfolded = why(session.moment, cell), set()
        for node in nodes(tree):
            what = (node.reading.cell, node.step and node.step.number)
            assert not node.seen or what in unfolded, "unfolded above, it says"
            if not node.via:
                unfolded.add(what)
            key = (node.reading, node.step and node.step.number, node.via, len(node.children))
            if node is tree or key not in seen:
                seen.add(key)
                row_holds(session.run, node)
        for step in info(session.moment, cell).done:
            holds(step)
        rows_hold(session, tree)


@given(runs(), st.data())
@settings(max_examples=25)
def test_networks_with_edits(found: tuple[Run, list[Edit]], data: st.DataObject) -> None:
    run, edits = found
    session = over(run.revised(data.draw(st.sampled_from([edits, []]))))
    session.options = replace(session.options, notation=data.draw(st.sampled_from(list(NOTATIONS))))
    session.position, seen = data.draw(st.integers(0, run.length)), set[object]()
    for cell in data.draw(st.lists(st.sampled_from(written(session.run)), min_size=1, max_size=3)):
        check(session, cell, seen)


@given(st.one_of(networks(), formulas()), st.data())
@settings(max_examples=20)
def test_forward_mode_and_expressions(problem: NetworkSpec, data: st.DataObject) -> None:
    network = isinstance(problem, NetworkSpec)
    training = TrainingSpec(0.1, batch=None if network else 1, l2=0.01 if network else 0.0)
    graph = Run(problem, training).setup.graph
    inputs = [
        v.cell(row)
        for v in (*graph.parameters, *graph.given)
        if v not in graph.constants
        for row in range(len(v.names))
    ]
    wrt = data.draw(st.sampled_from([*inputs, None]))
    session = over(Run(problem, training, wrt=wrt))
    session.position, seen = data.draw(st.integers(0, session.length)), set[object]()
    for cell in data.draw(st.lists(st.sampled_from(written(session.run)), min_size=1, max_size=3)):
        check(session, cell, seen)


@pytest.mark.parametrize("name", SMALL)
def test_scenarios(name: str) -> None:
    session = Console(load(name))
    end = session.run.timeline.start_of_batch(min(3, session.run.timeline.batches))
    seen: set[object] = set()
    for position in (end, end * 7 // 10):
        session.position = position
        for cell in written(session.run)[:: max(1, end // 20)]:
            check(session, cell, seen)


# --- the text -----------------------------------------------------------------------------------------

_WORDS = re.compile(r"contributions|uses|unfolded|as given|set by hand|not computed")
_SHOWN = re.compile(r"(?<![\w(])[+−]?\d[\d.]*(?:e−?\d+)?(?![\w(])")


def rows_hold(session: Console, tree: WhyNode) -> None:
    """What stands in a row's columns, typed into a calculator, gives the value in front, to its last digit."""
    rows = why_rows(tree)
    canvas = Canvas(140, len(rows) + 1)
    draw_rows(session, rows, canvas, 0, len(rows) + 1)
    for row, line in zip(rows, canvas.text().split("\n")[1:], strict=True):
        value, made, step = line[25:36].strip(), line[36:].rstrip(), row.node.step
        if step is None or row.is_rest:
            continue
        made = made.removesuffix(group(step.number)).rstrip()
        if (
            not made.startswith("= ")
            or _WORDS.search(made)
            or "[" in made
            or "!" in line
            or "…" in value + made
        ):
            continue
        right = made[2:]
        if step.is_product and row.node.slope is None:
            right = " × ".join(f"({text})" for text in _SHOWN.findall(right))
        right = right.rsplit(" = ", 1)[-1]
        typed = right.replace("−", "-").replace("×", "*").replace("²", "^2").replace("·", "*")
        typed = re.sub(r"\b[sσgfφ]\(", "sigmoid(", typed)
        found = NumberFormat(session.options.digits).bare(typed_in(typed))
        assert found == value.lstrip("+").rstrip("…~*") or _on_the_edge(right), line


def _on_the_edge(text: str) -> bool:
    """Whether no number of digits that fits decides between two last digits."""
    return re.search(r"\d\.?\d{11}|e", text) is not None


def test_the_rows_of_mazur() -> None:
    session = Console(load("mazur-2-2-2"))
    session.position = session.length
    text = "\n".join(line for line, _ in why_lines(session, why(session.moment, cells.w("h1", "o1"))))
    assert re.search(r"w\(h1→o1\) +0\.3589 +=.*0\.4000 − 0\.5000 × \+0\.08217", text)


def test_a_batch_keeps_its_samples_apart() -> None:
    session = Console(load("batch-or-online"))
    session.position = session.run.timeline.start_of_batch(1)
    gradient = next(
        c for c in written(session.run) if c.kind == "d" and isinstance(c.of, Cell) and c.of.kind == "w"
    )
    tree = why(session.moment, gradient)
    samples = [node for node in tree.children if node.via]
    assert len(samples) == session.run.timeline.samples
    deltas = [node.children[0] for node in samples]
    assert len({node.step.number for node in deltas if node.step is not None}) == len(samples)


def test_l2_is_called_l2_and_the_optimizer_shows_its_old_state() -> None:
    problem = load("mazur-2-2-2").problem
    run = Run(problem, TrainingSpec(0.5, epochs=2, l2=0.1, optimizer=OptimizerSpec("adam")))
    session = over(run)
    session.position = session.length
    s = symbols_of(session)
    texts = [line for line, _ in why_lines(session, why(session.moment, cells.w("h1", "o1")), 120)]
    assert any("l2" in line and "0.1 × (−0.1000)" in line for line in texts)
    assert sum("sample 1" in line for line in texts) == 1
    state = cells.state("m", cells.w("h1", "o1"))
    tree = why(session.moment, state)
    assert tree.step is not None
    old = Moment(run, run.timeline.start_of_batch(1)).value(state)
    assert tree.step.inputs[1] == Factor(state, old)
    assert s(state) in texts[2]


def test_a_net_of_a_thousand_layers() -> None:
    """The tree grows and is drawn without recursion, and says where it is cut."""
    source, layers = INPUTS, []
    for number in range(1000):
        layers.append(LayerSpec(f"l{number}", (f"n{number}",), "linear", (source,), np.array([[1.0]])))
        source = f"l{number}"
    problem = NetworkSpec(("x",), tuple(layers), "half-squared-error", np.array([[1.0]]), np.array([[0.0]]))
    session = over(Run(problem, TrainingSpec(0.1)))
    session.position = session.length
    for cell in (cells.w("x", "n0"), cells.COST):
        tree = why(session.moment, cell)
        lines = [line for line, _ in why_lines(session, tree, 80)]
        assert max(map(len, lines)) <= 80
        assert any("more" in line for line in lines)
        deep = [line for line in lines if re.match(r" *\d+ ┄", line)]
        assert len(deep) > 100
        assert all(re.match(r" *\d+ ┄[ │├╰─]*(\w\(n|∂E/∂y\(n|f′\(n|… \d+ more)", line) for line in deep)


def test_a_deep_tree_is_whole_at_80_columns() -> None:
    """Nothing but a long name is cut: values, equations and steps are whole, however deep a row stands."""
    for name, notation in zip(EVERY, cycle(NOTATIONS), strict=False):
        session = opened_at(name)
        session.options = replace(session.options, notation=notation)
        session.position = session.run.timeline.start_of_batch(1)
        graph = session.setup.graph
        tree = why(session.moment, cells.d((*graph.parameters, *graph.given)[0].cell(0)))
        rows = why_rows(tree)[:500]
        canvas = Canvas(80, len(rows) + 1)
        draw_rows(session, rows, canvas, 0, len(rows) + 1)
        head, *lines = canvas.text().split("\n")
        at = head.index("value") - 1
        for row, line in zip(rows, lines, strict=True):
            assert row.is_rest or line[at - 1] == " ", (name, line)
            assert "…" not in line[at:].replace("… ", ""), (name, line)
            assert row.is_rest or row.node.step is None or line.endswith(f" {group(row.node.step.number)}")


def test_what_many_trees_have_in_common_is_drawn_as_in_each_by_itself() -> None:
    for name in ("mazur-2-2-2", "batch-or-online", "attention"):
        session, known = opened_at(name), dict[Hashable, Row]()
        end = session.run.timeline.start_of_batch(1)
        for session.position in range(1, end + 1, max(1, end // 15)):
            assert session.step is not None
            rows = why_rows(why(session.moment, session.step.cell, 40))
            for width in (85, 60):
                canvas = Canvas(width, len(rows) + 1)
                draw_rows(session, rows, canvas, 0, canvas.height)
                assert tree_rows(session, rows, width, known) == canvas.rows()


def test_the_current_row_is_whole_at_60_columns() -> None:
    """What the columns have no room for stands below the tree: the whole name, and the equation in symbols and numbers,
    which holds."""
    for name, notation in zip(EVERY, cycle(NOTATIONS), strict=False):
        session = opened_at(name)
        session.options = replace(session.options, notation=notation)
        session.position = session.run.timeline.start_of_batch(1)
        graph, s = session.setup.graph, symbols_of(session)
        rows = why_rows(why(session.moment, cells.d((*graph.parameters, *graph.given)[0].cell(0))))[:500]
        for at in range(0, len(rows), max(1, len(rows) // 5)):
            if rows[at].is_rest:
                continue
            canvas, node = Canvas(60, 12), rows[at].node
            draw_rows(session, rows, canvas, 0, 12, at)
            shown = canvas.text().split("\n")
            told = " ".join(" ".join(shown[max(y for y in range(10) if not shown[y]) :]).split())
            assert told == whole(session, node), (name, told)
            assert told.startswith(name_of(node, s)), (name, told)
            if node.step is not None and not _WORDS.search(told) and "[" not in told and "!" not in told:
                *_, numbers, value = told.split(" = ")
                _is_equation(session, numbers, value)


def _is_equation(session: Console, numbers: str, value: str) -> None:
    """Numbers, typed into a calculator, give a value to its last digit."""
    if re.search(r"[a-zA-Zσφ(]", numbers.replace("(", "", 1)) and not re.fullmatch(r"[\d.+−×()² ]+", numbers):
        return
    typed = numbers.replace("−", "-").replace("×", "*").replace("²", "^2")
    found = NumberFormat(session.options.digits).bare(typed_in(typed))
    assert found == value.lstrip("+").rstrip("…~*") or _on_the_edge(numbers), (numbers, value)


def test_info_says_each_step_in_numbers() -> None:
    session = Console(load("mazur-2-2-2"))
    session.position = 40
    lines = [line for line, _ in info_lines(session, info(session.moment, cells.d(cells.y("h1"))))]
    assert lines[-1].strip().startswith("in numbers 0.0553994")
    for line in lines:
        if "in numbers" in line:
            left, right = line.partition("in numbers ")[2].replace("×", "*").replace("−", "-").split(" = ")
            assert f"{typed_in(left):.6g}" == f"{float(right):.6g}"
