"""The paths of two cells side by side, and `by-hand`, the cost as a formula, as text.

The sum of all tails from one net input to the cost is its δ; that is what back-propagation computes once instead.
"""

from __future__ import annotations

from bpstep.debugger.by_hand import ByHand, Statement
from bpstep.debugger.folding import Folded
from bpstep.debugger.paths import SharedTails, Tails
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.view.drawing.numbers import NumberFormat, exact_enough, group
from bpstep.view.panes.folds import fold_lines
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of

__all__ = ["hand_lines", "tail_lines"]

Lines = list[tuple[str, str]]

#: A formula longer than this is left in statements.
_ONE_LINE = 600


def _tail_name(s: Symbols, cell: Cell) -> str:
    return s(cells.d(cell))


def _number(numbers: NumberFormat, value: float) -> str:
    text = numbers.bare(value)
    return f"({text})" if value < 0 else text


# --- two side by side --------------------------------------------------------------------------------


def tail_lines(session: Session, found: SharedTails) -> Lines:
    """Two cells: what leads from each to where they join, and from there on the same tails."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    names = [s(cell) for cell in found.cells]
    width = max(26, *(len(_head(s, tail)) + 2 for tail in found.tails), 0)
    column = max(16, *(len(name) + 2 for name in names))
    lines: Lines = [
        (f"{'':<{width}}{names[0]:<{column}}{names[1]}", "strong"),
        (
            f"{'paths to ' + s.goal:<{width}}{group(found.counts[0]):<{column}}{group(found.counts[1])}",
            "text",
        ),
        ("", ""),
        ("the heads: what leads from each to where they join", "dim"),
    ]
    for tail in found.tails:
        left, right = (numbers.deriv(head) for head in tail.heads)
        lines.append((f"  {_head(s, tail):<{width - 2}}{left:<{column}}{right}", "text"))
    lines += [("", ""), ("the tails: from there on the same numbers for both", "dim")]
    for tail in found.tails:
        lines += _tail_rows(s, numbers, tail, (width, column), found.seed)
    lines += [("", ""), ("so each is one line", "dim")]
    for cell, k in zip(found.cells, (0, 1), strict=True):
        lines.append((f"  {s.total_of(cell)} = {_in_one_line(found, k, numbers)}", "text"))
    return lines


def _in_one_line(found: SharedTails, k: int, numbers: NumberFormat) -> str:
    """Heads times tails, and the share of the sample, in as many digits as it takes for the total to come out."""
    template = " + ".join(f"{{{2 * place}}} * {{{2 * place + 1}}}" for place in range(len(found.tails)))
    factors = [factor for tail in found.tails for factor in (tail.heads[k], tail.total)]
    if found.seed != 1.0:
        whole = f"({template})" if len(found.tails) > 1 else template
        template = f"{whole} * {{{len(factors)}}}"
        factors.append(found.seed)
    exact = exact_enough(template, factors, found.totals[k], numbers)
    terms = template.replace("*", "×").format(*(_number(exact, factor) for factor in factors))
    return f"{terms} = {numbers.deriv(found.totals[k]).strip()}"


def _head(s: Symbols, tail: Tails) -> str:
    return f"to {s(tail.join)}"


def _tail_rows(
    s: Symbols, numbers: NumberFormat, tail: Tails, columns: tuple[int, int], seed: float
) -> Lines:
    width, column = columns
    lines: Lines = [(f"  from {s(tail.join)}", "text")]
    for path in tail.listed:
        product = numbers.deriv(path.product)
        via = " → ".join(s(cell) for cell in path.cells if cell.kind in ("e", "var", "cost"))
        lines.append((f"    {product:<{width - 4}}{product:<{column}}{via}", "value"))
    if len(tail.listed) < tail.count:
        lines.append((f"    … {group(tail.count - len(tail.listed))} more", "dim"))
    total = numbers.deriv(tail.total)
    name = _tail_name(s, tail.join)
    says = f"its name is {name}" if seed == 1.0 else f"× {numbers.bare(seed)} it is {name}"
    lines.append((f"    {total:<{width - 4}}{total:<{column}}their sum: {says}", "strong"))
    return lines


# --- by hand -----------------------------------------------------------------------------------------


def hand_lines(session: Session, hand: ByHand, folded: Folded | None, width: int = 78) -> Lines:
    """The root as a function of one number, then its derivative path by path."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    lines: Lines = [
        (f"{s.goal} as a function of {s(hand.cell)} alone; all else is already a number", "strong"),
        (_here(session, hand, s, numbers), "dim"),
    ]
    for statement in hand.statements:
        text = f"  {s(statement.cell)} = {_spelt(statement, s, numbers, {})}"
        lines.append((f"{text}   = {numbers.bare(statement.value)}", "text"))
    whole = _whole(hand, s, numbers)
    if whole and len(hand.statements) > 1:
        lines += [("", ""), ("put together", "dim"), (f"  {s.goal} = {whole}", "text")]
    if folded is not None:
        lines += [("", ""), ("its derivative, path by path", "dim"), *fold_lines(session, folded, width)]
    return lines


def _here(session: Session, hand: ByHand, s: Symbols, numbers: NumberFormat) -> str:
    """The number that the page is about, as the steps read it: an update, or somebody, may have changed it since."""
    reading = session.read(hand.cell)
    here = numbers.bare(hand.here)
    now = here if reading is None or reading.value is None else numbers.bare(reading.value)
    text = f"here {s(hand.cell)} = {here}"
    return text if now == here else f"{text}, as the steps read it; now it is {now}"


def _spelt(statement: Statement, s: Symbols, numbers: NumberFormat, inside: dict[Cell, str]) -> str:
    """The right-hand side, with what is known of its cells in their places; what stands between parentheses already
    gets none of its own."""
    parts: list[str] = []
    pieces = [
        piece if isinstance(piece, Cell | float | int) else s.written(piece) for piece in statement.pieces
    ]
    for before, piece, behind in zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False):
        alone = str(before).endswith(("(", ", ")) and str(behind).startswith((")", ", "))
        if isinstance(piece, str):
            parts.append(piece)
            continue
        if isinstance(piece, Cell):
            text = inside.get(piece, s(piece))
            text = text if alone or piece not in inside or _is_one_call(text) else f"({text})"
        else:
            added = str(before).endswith(" + ") and not str(behind).startswith(("^", "²"))
            text = numbers.bare(float(piece)) if alone or added else _number(numbers, float(piece))
        parts.append(text)
    return "".join(parts).replace(" + −", " − ")


def _is_one_call(text: str) -> bool:
    """Whether a formula is one function of something, and nothing behind it: exp(x) is one, exp(x) / (1 + y) is not."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            return place == len(text) - 1 and text.partition("(")[0].isidentifier()
    return False


def _whole(hand: ByHand, s: Symbols, numbers: NumberFormat) -> str:
    """Everything in one formula; empty where that would be too long to read."""
    inside: dict[Cell, str] = {}
    text = ""
    for statement in hand.statements:
        text = _spelt(statement, s, numbers, inside)
        if len(text) > _ONE_LINE:
            return ""
        inside[statement.cell] = text
    return text
