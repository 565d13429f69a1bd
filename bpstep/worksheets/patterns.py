"""Which cells are asked for: names of cells with a ``*`` for anything, ``delta[*], d(w[*])``.

    >>> split("delta[*], d(y[*], e[*]) ,w[h1→o1]")
    ['delta[*]', 'd(y[*],e[*])', 'w[h1->o1]']

A name that can be typed at the prompt can be written here: ``delta[h1]`` is ``d(e[h1])``, ``local[h1]`` is f′ of h1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.engine.cells import Cell
from bpstep.english import listed
from bpstep.visible import quoted

__all__ = ["matching", "names_of", "split"]

#: So many names are listed where a pattern fits none.
_MOST_LISTED = 8


def split(text: str) -> list[str]:
    """The patterns in a list with commas between them; those inside of brackets belong to a name.  Blanks mean
    nothing."""
    found, depth = [""], 0
    for char in re.sub(r"\s", "", text).replace("→", "->").replace("−", "-"):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += char
    return [pattern for pattern in found if pattern]


def names_of(cell: Cell) -> list[str]:
    """Everything that a cell may be called, the shortest name first."""
    names, of, by = [str(cell).replace(" ", "")], cell.of, cell.by
    if cell.kind == "d" and isinstance(of, Cell) and of.kind == "e":
        names.insert(0, f"delta[{of.of}]")
    if isinstance(of, Cell) and isinstance(by, Cell) and (of.kind, by.kind) == ("y", "e") and of.of == by.of:
        names.insert(0, f"local[{of.of}]")
    return names


def matching(text: str, known: Mapping[Cell, str], where: str) -> list[Cell]:
    """The cells that some patterns fit, in the order of ``known``: the cells that there are, each with the op of the
    step that makes it final.  `CommandError` where a pattern fits none.

    Where the way back begins, nothing is worked out: such a cell is asked for by its own name alone.
    """
    patterns = split(text)
    if not patterns:
        raise CommandError("expected the cells to leave blank, such as delta[*], d(w[*])")
    found: set[Cell] = set()
    for pattern in patterns:
        fits = _anything(pattern)
        own = [cell for cell in known if any(fits.fullmatch(name) for name in names_of(cell))]
        if "*" in pattern:
            own = [cell for cell in own if known[cell] != "seed"]
        if not own:
            raise CommandError(_nothing_fits(pattern, list(known), where))
        found.update(own)
    return [cell for cell in known if cell in found]


def _anything(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression: a ``*`` within brackets stands for what is within them.

    >>> [bool(_anything("d(y[*])").fullmatch(name)) for name in ("d(y[h1])", "d(y[1,2])", "d(y[h1],e[h1])")]
    [True, True, False]
    """
    text, is_within = "", False
    for char in pattern:
        is_within = (is_within or char == "[") and char != "]"
        text += (r"[^\]]*" if is_within else ".*") if char == "*" else re.escape(char)
    return re.compile(text)


def _nothing_fits(pattern: str, known: Sequence[Cell], where: str) -> str:
    names = [names_of(cell)[0] for cell in known]
    near = did_you_mean(pattern, names)
    if near:
        return f"no step of {where} writes {quoted(pattern)}{near}"
    kinds = list(dict.fromkeys(re.sub(r"[^\W\d]\w*(?:->\w+)?(?=\])", "*", name) for name in names))
    return (
        f"no step of {where} writes {quoted(pattern)}; expected cells such as {listed(kinds[:_MOST_LISTED])}"
    )
