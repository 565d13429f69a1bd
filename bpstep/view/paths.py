"""`paths` and `by-hand` as text: every product written out, the shared tails marked, and the cost as a formula.

A tail that was multiplied out before stands in angle brackets the next time: ⟨…⟩.  The sum of all tails from one
net input to the cost is its δ; that is what back-propagation computes once instead.
"""

from __future__ import annotations

from bpstep.debugger.by_hand import ByHand, Statement
from bpstep.debugger.paths import Path, Paths, SharedTails, Tails
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.view.formula import Symbols, prettified
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.spelling import symbols_of

__all__ = ["hand_lines", "path_lines", "tail_lines"]

Lines = list[tuple[str, str]]

#: A formula longer than this is left in statements.
_ONE_LINE = 600


def path_lines(session: Session, found: Paths) -> Lines:
    """Every path written out, their sum, and the cell's own derivative beside it."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    many = "1 path" if found.count == 1 else f"{group(found.count)} paths"
    lines: Lines = [(f"{many} from {s(found.cell)} to {s.root}", "strong")]
    seen: set[tuple[Cell, ...]] = set()
    repeated: dict[Cell, int] = {}
    for path in found.listed:
        cut = _repeated_from(path, seen)
        if cut is not None:
            repeated[path.cells[cut]] = repeated.get(path.cells[cut], 0) + 1
        seen |= {path.cells[k:] for k in range(1, len(path.cells))}
        lines.append((f"{numbers.deriv(path.product):<10} = {_factors(path, cut, numbers)}", "text"))
        lines.append((f"             {_way(path, cut)}", "dim"))
    if len(found.listed) < found.count:
        lines.append((f"… {group(found.count - len(found.listed))} paths more, not listed", "dim"))
    for cell, times in repeated.items():
        again = "once again" if times == 1 else f"{times} times again"
        says = f"⟨ ⟩ from {cell} on: multiplied out before, and {again}; the sum of all tails from there is "
        lines.append((says + _tail_name(s, cell), "strong"))
    if found.seed != 1.0:
        lines.append((f"each counts {numbers.bare(found.seed)}: the share of this sample in the loss", "dim"))
    if found.total is not None:
        lines.append((f"{numbers.deriv(found.total):<10} is the sum of the products", "text"))
    own = "·" if found.derivative is None else numbers.deriv(found.derivative)
    lines.append((f"{own:<10} is {s.ratio(s.root, s(found.cell))} as back-propagation has it", "text"))
    return lines


def _tail_name(s: Symbols, cell: Cell) -> str:
    return s(cells.d(cell))


def _repeated_from(path: Path, seen: set[tuple[Cell, ...]]) -> int | None:
    """The place on a path from where on it was walked before; None where it was not.

    In a network tails begin at net inputs: their sum has a name.
    """
    for place in range(1, len(path.cells) - 1):
        cell = path.cells[place]
        if cell.kind in ("e", "var") and path.cells[place:] in seen:
            return place
    return None


def _factors(path: Path, cut: int | None, numbers: NumberFormat) -> str:
    texts = [_number(numbers, factor) for factor in path.factors] or ["1"]
    if cut is None:
        return " × ".join(texts)
    return " × ".join([*texts[:cut], "⟨" + " × ".join(texts[cut:]) + "⟩"])


def _number(numbers: NumberFormat, value: float) -> str:
    text = numbers.bare(value)
    return f"({text})" if value < 0 else text


def _way(path: Path, cut: int | None) -> str:
    names = [str(cell) for cell in path.cells]
    if cut is None:
        return " → ".join(names)
    return " → ".join(names[:cut]) + " → ⟨" + " → ".join(names[cut:]) + "⟩"


# --- two side by side --------------------------------------------------------------------------------


def tail_lines(session: Session, found: SharedTails) -> Lines:
    """Two cells: what leads from each to where they join, and from there on the same tails."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    names = [s(cell) for cell in found.cells]
    width = max(26, *(len(_head(s, tail)) + 2 for tail in found.tails), 0)
    lines: Lines = [
        (f"{'':<{width}}{names[0]:<16}{names[1]:<16}", "strong"),
        (f"{'paths to ' + s.root:<{width}}{group(found.counts[0]):<16}{group(found.counts[1]):<16}", "text"),
        ("", ""),
        ("the heads: what leads from each to where they join", "dim"),
    ]
    for tail in found.tails:
        left, right = (numbers.deriv(head) for head in tail.heads)
        lines.append((f"  {_head(s, tail):<{width - 2}}{left:<16}{right:<16}", "text"))
    lines += [("", ""), ("the tails: from there on the same numbers for both", "dim")]
    for tail in found.tails:
        lines += _tail_rows(s, numbers, tail, width)
    lines += [("", ""), ("so each is one line", "dim")]
    for name, k in zip(names, (0, 1), strict=True):
        terms = [f"{_number(numbers, t.heads[k])} × {_number(numbers, t.total)}" for t in found.tails]
        share = f" × {numbers.bare(found.seed)}" if found.seed != 1.0 else ""
        total = numbers.deriv(found.totals[k]).strip()
        if share and len(terms) > 1:
            terms = [f"({' + '.join(terms)})"]
        lines.append((f"  {s.ratio(s.root, name)} = {' + '.join(terms)}{share} = {total}", "text"))
    return lines


def _head(s: Symbols, tail: Tails) -> str:
    return f"to {s(tail.join)}"


def _tail_rows(s: Symbols, numbers: NumberFormat, tail: Tails, width: int) -> Lines:
    lines: Lines = [(f"  from {s(tail.join)}", "text")]
    for path in tail.listed:
        product = numbers.deriv(path.product)
        via = " → ".join(str(cell) for cell in path.cells if cell.kind in ("e", "var", "cost"))
        lines.append((f"    {product:<{width - 4}}{product:<16}{via}", "value"))
    if len(tail.listed) < tail.count:
        lines.append((f"    … {group(tail.count - len(tail.listed))} more", "dim"))
    total = numbers.deriv(tail.total)
    name = _tail_name(s, tail.join)
    lines.append((f"    {total:<{width - 4}}{total:<16}their sum: its name is {name}", "strong"))
    return lines


# --- by hand -----------------------------------------------------------------------------------------


def hand_lines(session: Session, hand: ByHand, paths: Paths | None) -> Lines:
    """The root as a function of one number, then its derivative path by path."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    lines: Lines = [
        (f"{s.root} as a function of {s(hand.cell)} alone; all else is already a number", "strong"),
        (f"here {s(hand.cell)} = {numbers.bare(hand.here)}", "dim"),
    ]
    for statement in hand.statements:
        text = f"  {s(statement.cell)} = {_spelt(statement, s, numbers, {})}"
        lines.append((f"{text}   = {numbers.bare(statement.value)}", "text"))
    whole = _whole(hand, s, numbers)
    if whole and len(hand.statements) > 1:
        lines += [("", ""), ("put together", "dim"), (f"  {s.root} = {whole}", "text")]
    if paths is not None:
        lines += [("", ""), ("its derivative, path by path", "dim"), *path_lines(session, paths)]
    return lines


def _spelt(statement: Statement, s: Symbols, numbers: NumberFormat, inside: dict[Cell, str]) -> str:
    parts = []
    for piece in statement.pieces:
        if isinstance(piece, Cell):
            parts.append(inside.get(piece, s(piece)))
        elif isinstance(piece, float | int):
            parts.append(_number(numbers, float(piece)))
        else:
            parts.append(prettified(piece).replace("sigmoid", s.notation.logistic))
    return "".join(parts)


def _whole(hand: ByHand, s: Symbols, numbers: NumberFormat) -> str:
    """Everything in one formula; empty where that would be too long to read."""
    inside: dict[Cell, str] = {}
    text = ""
    for statement in hand.statements:
        text = _spelt(statement, s, numbers, inside)
        if len(text) > _ONE_LINE:
            return ""
        calls = isinstance(statement.pieces[0], str) and statement.pieces[0].endswith("(")
        inside[statement.cell] = text if calls else f"({text})"
    return text
