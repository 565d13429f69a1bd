"""What the arrays of a program are, in words: parameter, input, state at a moment, or what stands on the way to one.

    U    parameter, used in h1, h2, h3 and h4
    h3   state at t = 3: h3 = tanh(U @ x3 + W @ h2 + b)
    v9   on the way to h3 (t = 3): v9 = U @ x3

They are told of a cell (`info`), of a step (`explain`), and all together (`legend`), where what a loop makes is one
row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpstep.engine.specs import ExpressionSpec
from bpstep.engine.vectors import Vector
from bpstep.english import listed
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import Stated, shape_text, statements_of
from bpstep.view.words.equations import equations_of

__all__ = ["arrays_told", "statement_told", "what_it_is"]

#: So many names are listed.
_MOST_LISTED = 5
_NUMBER = re.compile(r"\d+$")


def what_it_is(frame: Frame, vector: Vector) -> str:
    """What a variable of the program is."""
    graph = frame.setup.graph
    if vector in graph.parameters:
        return f"parameter{_used(frame, vector.layer)}"
    if graph.producer(vector) is None:
        problem = frame.setup.problem
        brought = isinstance(problem, ExpressionSpec) and vector.layer in problem.by_sample
        of = " of each sample" if brought and graph.loss is not None else ""
        return f"input{of}{_used(frame, vector.layer)}"
    stated = _statement_of(frame, vector)
    if stated is None or stated.name != vector.layer:
        return _on_the_way(frame, vector, stated)
    text = stated.text or equations_of(frame).get(vector.layer, vector.layer)
    if stated.values:
        kind = "state at" if vector.layer in _handed_on(frame) else "at"
        return f"{kind} {_values(stated)}: {text}"
    return text


def _on_the_way(frame: Frame, vector: Vector, stated: Stated | None) -> str:
    told = equations_of(frame).get(vector.layer, vector.layer)
    if stated is None:
        return told
    return f"on the way to {stated.name}{f' ({_values(stated)})' if stated.values else ''}: {told}"


def _statement_of(frame: Frame, vector: Vector) -> Stated | None:
    """The statement that computes a variable, or that it is a part of."""
    return next((one for one in statements_of(frame) if vector.layer in one.parts), None)


def statement_told(frame: Frame, vector: Vector) -> str:
    """The statement that a variable is computed in, as the author wrote it; "" where it says no more than the
    operation."""
    stated = _statement_of(frame, vector)
    if stated is None or not stated.text or (stated.parts == {stated.name} and not stated.values):
        return ""
    return f"{stated.text}{f',  {_values(stated)}' if stated.values else ''}"


def _values(stated: Stated) -> str:
    """Where in its loops a statement stands: t = 3."""
    return ", ".join(f"{name} = {value}" for name, value in stated.values)


def _used(frame: Frame, *read: str) -> str:
    """In which statements some variables are read."""
    names = [one.name for one in statements_of(frame) if not set(read).isdisjoint(one.reads)]
    if not names:
        return ""
    if len(names) > _MOST_LISTED:
        return f", used in {', '.join(names[:2])}, … {names[-1]} ({len(names)} in all)"
    return f", used in {listed(names)}"


def _handed_on(frame: Frame) -> frozenset[str]:
    """What one pass of a loop hands to the next."""
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    return frame.drawing(
        "handed on", None, lambda: frozenset(name for one in problem.operations for name in one.handed_on)
    )


# --- all of them ------------------------------------------------------------------------------------------


def arrays_told(frame: Frame) -> list[tuple[str, str, str]]:
    """All variables of the program in order: their names, their shape, and what they are; those that are alike but for
    a number at the end of their names in one row, and what stands on the way in one as well."""
    rows: dict[tuple[str, ...], list[Vector]] = {}
    for vector in frame.setup.graph.vectors:
        if vector.kind == "var":
            rows.setdefault(_alike(frame, vector), []).append(vector)
    return [_row(frame, key, vectors) for key, vectors in rows.items()]


def _alike(frame: Frame, vector: Vector) -> tuple[str, ...]:
    """What variables of one row have in common."""
    stated = _statement_of(frame, vector)
    if stated is not None and stated.name != vector.layer:
        return ("on the way",)
    if stated is not None:
        return ("stated", stated.template if stated.values else stated.name)
    kind = "parameter" if vector in frame.setup.graph.parameters else "input"
    stem = vector.layer if kind == "parameter" else _NUMBER.sub("", vector.layer)
    return (kind, stem, shape_text(vector))


def _row(frame: Frame, key: Sequence[str], vectors: Sequence[Vector]) -> tuple[str, str, str]:
    first, last = vectors[0], vectors[-1]
    names = first.layer if len(vectors) == 1 else f"{first.layer} … {last.layer}"
    if key[0] == "on the way":
        return names, "", "computed on the way (show variables lists how)"
    shape = shape_text(first)
    if len(vectors) == 1:
        return names, shape, what_it_is(frame, first)
    if key[0] == "input":
        return names, shape, f"inputs{_used(frame, *(vector.layer for vector in vectors))}"
    stated, end = _statement_of(frame, first), _statement_of(frame, last)
    assert stated is not None
    assert end is not None
    kind = "state at" if any(vector.layer in _handed_on(frame) for vector in vectors) else "at"
    span = ", ".join(
        f"{name} = {low}..{high}" for (name, low), (_, high) in zip(stated.values, end.values, strict=True)
    )
    return names, shape, f"{kind} {span}: {stated.template}"
