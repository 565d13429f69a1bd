"""What a row of `why` says: the name of its number, and what that is made of.

A row of the tree is an equation.  In its columns there may be room for a part of it only; as a sentence it is whole:

    δ(o) = ∂E/∂y(o) · f′(o) = −0.5140 × +0.2498 = −0.1284
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.debugger.why import WhyNode
from bpstep.engine.steps import Factor, Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.numbers import NumberFormat, exact_enough, group, shortest
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols, kind_of
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.arrived import via_name
from bpstep.view.words.inline import names_of

__all__ = ["Product", "is_product", "made_of", "name_of", "product_of", "whole"]


_NUMBER = re.compile(r"[−+]?[\d.]+")


@dataclass(frozen=True)
class Product:
    """Upstream times local: the name of each, and its number in as many digits as it takes for the product to come
    out; ``number`` is "" where the local derivative is 1 and has no name, ``kind`` is of the local one."""

    upstream: str
    up: str
    local: str
    number: str
    kind: str


def is_product(node: WhyNode) -> bool:
    """Whether a row is upstream times one number that has a name: two columns of their own."""
    step = node.step
    is_one = node.via or not (node.is_sum or node.seen)
    return is_one and node.slope is None and step is not None and step.is_product


def product_of(session: Session, node: WhyNode) -> Product:
    """The product that a row is."""
    s, numbers, step = symbols_of(session), NumberFormat(session.options.digits), node.step
    assert step is not None
    assert step.upstream is not None
    exact = exact_enough(step.template, [factor.value for factor in step.inputs], node.reading.value, numbers)
    known = step.known
    kind = kind_of(known.cell) if known is not None else "value"
    return Product(
        s(step.upstream.cell),
        exact.deriv(step.upstream.value).rstrip(),
        s.local_name(known.cell) if known is not None else "1",
        exact.show(kind, known.value).rstrip() if known is not None else "",
        kind,
    )


def whole(session: Session, node: WhyNode) -> str:
    """A row as one sentence, however long."""
    s, numbers, reading = symbols_of(session), NumberFormat(session.options.digits), node.reading
    value = "" if reading.value is None else numbers.show(kind_of(reading.cell), reading.value).strip()
    if is_product(node):
        found = product_of(session, node)
        made = f"{found.upstream} · {found.local} = {found.up.strip()} × {found.number.strip() or '1'}"
    else:
        made = made_of(session, node, s, numbers, None)
        if _is_told(node):
            return ", ".join(
                filter(None, (f"{name_of(node, s)} = {value}" if value else name_of(node, s), made))
            )
    is_number = _NUMBER.fullmatch(made) is not None
    ends = () if is_number or made.endswith(f"= {value}") else (value,)
    return " = ".join(filter(None, (name_of(node, s), made, *ends)))


def name_of(node: WhyNode, s: Symbols) -> str:
    """What a row is called."""
    if node.via and node.step is not None:
        return via_name(node.step, s)
    return s.local_name(node.reading.cell)


def _is_told(node: WhyNode) -> bool:
    """Whether it is said in words what a row is made of, not by an equation."""
    return node.step is None or node.seen or (node.is_sum and not node.via)


def made_of(session: Session, node: WhyNode, s: Symbols, numbers: NumberFormat, room: int | None) -> str:
    """What a row's value is made of: in symbols and numbers; where that is longer than the room, in one of them."""
    step = node.step
    if step is None:
        silent = {"final": "no contributions"} if node.reading.cell.kind == "d" else {}
        known = {"unset": "not computed yet", "overridden": "set by hand", **silent}
        return known.get(node.reading.state, "as given")
    if node.seen:
        return _first_fitting(
            [f"unfolded above (step {group(step.number)})", "unfolded above", "above"], room
        )
    if node.is_sum and not node.via:
        return _told_sum(step, room)
    told = node.slope or step
    template, factors = told.share if node.via or node.slope else told.whole
    result = node.reading.value if node.slope is None else told.value
    exact = exact_enough(template, [factor.value for factor in factors], result, numbers)
    names = [*names_of(Frame.of(session), told, s), s(told.cell)]
    symbols = s.filled(template, names[: len(factors)])
    spaced = re.sub(r"(?<=\d)(?=\{)", " × ", s.written(template)).replace("·", "×")
    filled = _bare(spaced.format(*(_number(factor, exact) for factor in factors)))
    if symbols == filled:
        return symbols
    ways = (f"{symbols} = {filled}", filled, symbols)
    return _first_fitting([*ways, f"see step {group(step.number)}"], room)


def _bare(text: str) -> str:
    """Numbers without the parentheses that a minus does not need, at the beginning and inside others, and without a
    plus behind the sign of a sum.

    >>> _bare("(−0.5) × 0.1 + +0.4"), _bare("exp((−2)) − +0.4")
    ('−0.5 × 0.1 + 0.4', 'exp(−2) − 0.4')
    """
    text = re.sub(r"(?<= [+−] )\+(?=\d)", "", text)
    text = re.sub(r"^\((−[^()]*)\)(?!\^|²)", r"\1", text)
    return re.sub(r"\((\(−[^()]*\))\)", r"\1", text)


def _told_sum(step: Step, room: int | None) -> str:
    """Of how many contributions a sum is made, in as many words as there is room for."""
    if step.part is None:
        return "sum of the uses"
    k, n = step.part
    if step.sign == "=":
        texts = [f"the last of {k} contributions", f"the last of {k}"]
    elif k == n:
        texts = [f"sum of {n} contributions", f"sum of {n}"]
    else:
        texts = [f"sum of {k} of {n} contributions so far", f"sum of {k} of {n} so far", f"{k} of {n} so far"]
    return _first_fitting(texts, room)


def _first_fitting(texts: Sequence[str], room: int | None) -> str:
    """The first of some texts, the longest first, that has room; the last where none has."""
    return next((text for text in texts if room is None or len(text) <= room), texts[-1])


def _number(factor: Factor, numbers: NumberFormat) -> str:
    """A number behind an operator; what somebody chose is written as they wrote it."""
    if factor.cell.kind in ("t", "setting"):
        text = shortest(factor.value)
    else:
        text = numbers.show(kind_of(factor.cell), factor.value).strip()
    return f"({text})" if factor.value < 0 else text
