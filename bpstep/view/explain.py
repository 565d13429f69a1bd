"""`explain`, `show algorithm`, `show legend`: this step in words, symbols and numbers, and where it stands.

The algorithm is six lines for any depth; the line that this step belongs to is marked.  The legend says what every
letter of the chosen notation means.
"""

from __future__ import annotations

import textwrap

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.graph import CostSlope
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.braille import plot_function
from bpstep.view.canvas import Canvas
from bpstep.view.curve import curve_of
from bpstep.view.formula import Symbols
from bpstep.view.narrate import sentence
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.remarks import closing_remarks
from bpstep.view.spelling import symbols_of

__all__ = ["algorithm_lines", "explain_lines", "legend_lines"]

Lines = list[tuple[str, str]]


def explain_lines(session: Session, width: int) -> Lines:
    """This step: what it does, why, its general formula, its numbers; of a slope, the curve."""
    step = session.step
    if step is None:
        return [
            ("Nothing is computed yet: the first step is the first operation of the forward pass.", "text")
        ]
    s = symbols_of(session)
    lines: Lines = [(f"step {group(step.number)}   {step.op}   {s(step.cell)}   ({step.cell})", "strong")]
    lines += [(line, "text") for line in textwrap.wrap(sentence(session, step), width - 2)]
    lines += [("", ""), (f"in general   {general_formula(session, step, s)}", "text")]
    lines.append((f"here         {s.inline(step)}", "text"))
    equation = step.equation(max(6, session.options.digits)).replace("*", "×")
    lines.append((f"in numbers   {equation}", "text"))
    rule = session.setup.rule
    if rule is not CORRECT and not session.conceals and step.when.phase != "forward":
        lines += [(line, "alarm") for line in textwrap.wrap(f"rule {rule.name}: {rule.says}", width - 2)]
    for remark in closing_remarks(session, step):
        lines += [(line, "dim") for line in textwrap.wrap(remark, width - 2)]
    if s.notation.name == "pdp" and step.cell.kind == "d":
        lines.append(("The book's δ has the opposite sign: −∂E/∂net. Here δ is always +∂E/∂net.", "dim"))
    return [*lines, *_curve_lines(session, step, width)]


def _curve_lines(session: Session, step: Step, width: int) -> Lines:
    """The function with its tangent, and its slope as a function, both with the point marked."""
    curve = curve_of(session, step) if step.op == "local" else None
    if curve is None:
        return []
    name = curve.name.replace("sigmoid(", f"{symbols_of(session).notation.logistic}(")
    numbers = NumberFormat(session.options.digits)
    half = min(34, (width - 4) // 2)
    canvas = Canvas(2 * half + 4, 10)
    plot_function(
        canvas, 0, 0, half, 10, curve.value, name=name, variable=curve.variable, at=curve.at, slope=step.value,
        numbers=numbers,
    )  # fmt: skip
    plot_function(
        canvas, half + 4, 0, half, 10, curve.slope, name="its slope", variable=curve.variable, at=curve.at,
        slope=None, numbers=numbers,
    )  # fmt: skip
    return [("", ""), *((line, "value") for line in canvas.text().split("\n"))]


def general_formula(session: Session, step: Step, s: Symbols) -> str:
    """The rule that this step is a case of, with letters for the indices."""
    n = s.notation
    if not session.setup.is_network:
        return _OF_EXPRESSION.get(step.op, "").format(root=s.root, rate=n.rate)
    if step.op in ("contribute", "local", "tangent"):
        return _backward_formula(session, step, s)
    cost = COSTS[session.setup.problem.cost].formula if isinstance(session.setup.problem, NetworkSpec) else ""
    table = {
        "term": f"{n.net}(j) = Σi w(i→j) · {n.output}(i) + b(j)",
        "bias": f"{n.net}(j) = Σi w(i→j) · {n.output}(i) + b(j)",
        "apply": f"{n.output}(j) = {n.activation}({n.net}(j))",
        "cost": f"{n.cost} = {cost.replace('t', n.target) if n.target != 't' else cost}",
        "reduce": "loss = the sum or mean of the samples' costs, plus λ/2 · Σ w²",
        "seed": f"∂{s.root}/∂{s.root} = 1",
        "state": "the optimizer's memory of gradients",
        "update": f"w −= {n.rate} · ∂{s.root}/∂w",
    }
    return table[step.op]


_OF_EXPRESSION = {
    "apply": "A = f(its operands)",
    "seed": "∂{root}/∂{root} = 1",
    "local": "∂A/∂B: how the operation answers to one operand",
    "contribute": "∂{root}/∂B = Σ over the users A of B  ∂{root}/∂A · ∂A/∂B",
    "tangent": "dot(A) = Σ over the operands B of A  ∂A/∂B · dot(B)",
    "state": "the optimizer's memory of gradients",
    "update": "x −= {rate} · ∂{root}/∂x",
}


def _backward_formula(session: Session, step: Step, s: Symbols) -> str:
    n = s.notation
    if step.op == "tangent":
        return f"dot(A) = Σ over the operands B of A  ∂A/∂B · dot(B);   dot({session.setup.wrt}) = 1"
    of = step.cell.of
    if step.op == "local":
        if isinstance(of, Cell) and of.kind == "cost":
            return f"∂{n.cost}/∂{n.output}(k), the slope of the cost"
        return f"{n.activation}′({n.net}(j))" if n.name == "bpstep" else f"{n.activation}′({n.net})"
    assert isinstance(of, Cell)
    table = {
        "y": f"∂{n.cost}/∂{n.output}(j) = Σk {n.delta}(k) · w(j→k)",
        "e": f"{n.delta}(j) = ∂{n.cost}/∂{n.output}(j) · {n.activation}′({n.net}(j))",
        "w": f"∂{n.cost}/∂w(i→j) = {n.delta}(j) · {n.output}(i)",
        "b": f"∂{n.cost}/∂b(j) = {n.delta}(j) · 1",
    }
    if of.kind == "y" and _is_output(session, of):
        return f"∂{n.cost}/∂{n.output}(k), the slope of the cost"
    return table.get(of.kind, "upstream · local, summed over all users")


def _is_output(session: Session, output: Cell) -> bool:
    spot = session.index.find(output)
    return spot is not None and any(
        isinstance(edge, CostSlope) for edge in session.setup.graph.consumers[spot.at.id]
    )


# --- the algorithm -------------------------------------------------------------------------------------


def algorithm_lines(session: Session) -> Lines:
    """Back-propagation in six lines, with ▶ on the one that this step belongs to."""
    s = symbols_of(session)
    rows = _network_algorithm(s) if session.setup.is_network else _expression_algorithm(s)
    if session.setup.wrt is not None:
        rows = _forward_algorithm(s, str(session.setup.wrt))
    step = session.step
    at = 0 if step is None else _line_of(session, step)
    lines: Lines = []
    for number, (name, formula) in enumerate(rows, 1):
        mark = "▶" if number == at else " "
        lines.append(
            (f"{mark} {number}  {name:<26} {formula}".rstrip(), "strong" if number == at else "text")
        )
    return lines


def _network_algorithm(s: Symbols) -> list[tuple[str, str]]:
    n = s.notation
    return [
        (
            "forward, layer by layer",
            f"{n.net}(j) = Σi w(i→j)·{n.output}(i) + b(j),   {n.output}(j) = {n.activation}({n.net}(j))",
        ),
        ("the cost", f"{n.cost} = {n.cost}({n.output}, {n.target})"),
        ("at each output neuron", f"{n.delta}(k) = ∂{n.cost}/∂{n.output}(k) · {n.activation}′({n.net}(k))"),
        ("back, layer by layer", f"{n.delta}(j) = {n.activation}′({n.net}(j)) · Σk w(j→k)·{n.delta}(k)"),
        ("at each wire", f"∂{n.cost}/∂w(i→j) = {n.delta}(j)·{n.output}(i),   ∂{n.cost}/∂b(j) = {n.delta}(j)"),
        ("update", f"w −= {n.rate} · ∂{n.cost}/∂w"),
    ]  # fmt: skip


def _expression_algorithm(s: Symbols) -> list[tuple[str, str]]:
    return [
        ("forward, in order", "A = f(its operands), for every variable A"),
        ("the result", f"{s.root}, the last of them"),
        ("begin", f"∂{s.root}/∂{s.root} = 1"),
        ("back, the last first", "for every variable B, and every user A of B:"),
        ("upstream × local, summed", f"∂{s.root}/∂B += ∂{s.root}/∂A · ∂A/∂B"),
        ("update", f"x −= {s.notation.rate} · ∂{s.root}/∂x, for every parameter x"),
    ]


def _forward_algorithm(s: Symbols, wrt: str) -> list[tuple[str, str]]:
    return [
        ("begin", f"dot({wrt}) = 1; every other input and parameter has 0"),
        ("forward, in order", "A = f(its operands)"),
        ("beside every value", "for each operand B of A:"),
        ("local × arriving, summed", "dot(A) += ∂A/∂B · dot(B)"),
        ("at the end", f"dot({s.root}) = ∂{s.root}/∂{wrt}, and of nothing else"),
        ("once more", "for every other parameter: the same sweep again"),
    ]


def _line_of(session: Session, step: Step) -> int:
    if session.setup.wrt is not None:
        return {"seed": 1, "local": 3, "tangent": 4}.get(step.op, 2)
    if step.when.phase == "update":
        return 6
    if step.when.phase == "forward":
        if not session.setup.is_network:
            return 2 if step.cell == session.setup.graph.root.cell(0) else 1
        return 2 if step.op in ("cost", "reduce") else 1
    if step.op == "seed":
        return 3
    if not session.setup.is_network:
        return 5 if step.op == "contribute" else 4
    of = step.cell.of
    if step.op == "contribute" and isinstance(of, Cell) and of.kind in ("w", "b"):
        return 5
    problem = session.setup.problem
    assert isinstance(problem, NetworkSpec)
    return 3 if step.when.layer in (problem.layers[-1].name, "cost") else 4


# --- the legend ----------------------------------------------------------------------------------------


def legend_lines(session: Session) -> Lines:
    """What the letters mean, in the notation that is chosen."""
    s = symbols_of(session)
    n = s.notation
    lines: Lines = [(f"notation {n.name} (set notation = bpstep | nielsen | ng | pdp | autodiff)", "strong")]
    rows: list[tuple[str, str, str]]
    if session.setup.is_network:
        rows = [
            (f"{n.net}(h)", "e[h]", "net input: weighted sum plus bias"),
            (f"{n.output}(h)", "y[h]", "output of a neuron; of an input, its value"),
            (f"{n.activation}, {n.logistic}", "", "activation; the logistic function"),
            (f"{n.activation}′(h)", "local[h]", "its slope at the net input, the local derivative of y by e"),
            ("w(i→h), b(h)", "w[i->h], b[h]", "weight of a wire, bias"),
            (f"{n.target}(o)", "t[o]", "target"),
            (n.cost, "cost", "cost of one sample; loss is that of a batch"),
            (f"∂{n.cost}/∂{n.output}(h)", "d(y[h])", "derivative of the cost by an output"),
            (f"{n.delta}(h)", "delta[h], d(e[h])", f"derivative by a net input: always +∂{n.cost}/∂{n.net}"),
            (n.rate, "lr", "learning rate"),
        ]  # fmt: skip
    else:
        rows = [
            ("x, v, …", "x", "a variable"),
            (f"∂{s.root}/∂x", "d(x)", f"derivative of {s.root} by a variable, accumulated"),
            ("∂v/∂x", "d(v, x)", "local derivative: one edge"),
        ]
    rows += [("·  …  ~  *", "", "not computed yet; partial; stale; set by hand")]
    for symbol, cell, says in rows:
        lines.append((f"  {symbol:<16} {cell:<18} {says}", "text"))
    if n.name == "autodiff":
        lines.append(("  (autodiff calls every value v; the names in parentheses tell them apart)", "dim"))
    if n.name == "pdp":
        lines.append(("  (the book's δ has the opposite sign; here it is always +∂E/∂net)", "dim"))
    return lines
