"""What the names in a cell's name mean: the variables and neurons of a scenario, and the letters of a notation.

`bpstep.scenario.cellnames` reads the names of cells by it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import field
from functools import cache, cached_property, partial
from math import prod

from bpstep.engine import cells
from bpstep.engine.cells import CLOCK_KINDS, COST, LOSS, Cell
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.specs import Taken
from bpstep.lazily import dataclass
from bpstep.scenario.indexing import cell_of_array
from bpstep.scenario.notations import NOTATIONS, Notation, in_ascii, letter_of_setting
from bpstep.scenario.tokens import Tokens

__all__ = ["MAKERS", "STEP_KINDS", "Vocabulary", "with_ascii", "wrapping"]

#: What the step that was done last says of itself: its cell's value after and before, which contribution it was.
STEP_KINDS = ("value", "was", "part")

#: The cells of a neuron, by the letters that stand before it in brackets.
MAKERS: dict[str, Callable[[str], Cell]] = {
    "y": cells.y, "e": cells.e, "b": cells.b, "t": cells.t,
    "delta": lambda name: cells.d(cells.e(name)),
    "local": lambda name: cells.local(cells.y(name), cells.e(name)),
}  # fmt: skip


#: bpstep's own letters.
_OWN = {**{name: name for name in (*MAKERS, "w")}, "δ": "delta"}


def wrapping(name: str) -> Callable[[Cell], Cell] | None:
    """What a word in front of a parenthesis makes of a cell: a derivative, a tangent, a state of some optimizer."""
    if name in ("d", "dot"):
        return cells.d if name == "d" else cells.dot
    is_state = any(name in row.states for row in OPTIMIZERS.values())
    return partial(cells.state, name) if is_state else None


@dataclass(frozen=True)
class Vocabulary:
    """What names mean: the variables and neurons of a scenario, the letters of a notation, what is differentiated.

    ``root`` is the output of an expression, the cost of a network, or the loss of a batch that is averaged;
    in forward mode, where every derivative that is computed is a local one, None.  ``settings`` are the cells of
    the optimizer's settings.  ``arrays`` are the shapes of the variables that are arrays, ``aliases`` other names for
    cells of variables.
    """

    variables: Container[str] = ()
    neurons: Container[str] = ()
    notation: Notation = field(default_factory=lambda: NOTATIONS["bpstep"])
    root: Cell | None = COST
    settings: Iterable[Cell] = ()
    arrays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    aliases: Mapping[str, Taken] = field(default_factory=dict)

    def is_variable(self, name: str) -> bool:
        """Whether a variable has this name, of one number or of many, or cells of variables have it."""
        return name in self.variables or name in self.arrays or name in self.aliases

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of an array, or of cells that have another name; None of what is neither."""
        return (
            self.arrays[name]
            if name in self.arrays
            else self.aliases[name].shape
            if name in self.aliases
            else None
        )

    def cells_of(self, name: str) -> list[Cell]:
        """All cells of an array, row by row, or those that a name stands for."""
        if name in self.aliases:
            taken = self.aliases[name]
            arrays = [self.cells_of(array) for array in taken.arrays]
            return [arrays[k][n] for k, n in zip(taken.which.flat, taken.places.flat, strict=True)]
        shape = self.arrays.get(name, ())
        return [cell_of_array(name, shape, number) for number in range(prod(shape))]

    @property
    def letters(self) -> Mapping[str, str]:
        """What a letter in front of a parenthesis means: the notation's meaning, else bpstep's own."""
        return _letters(self.notation)

    @cached_property
    def own_letters(self) -> dict[str, str]:
        """What a letter in front of a bracket means: bpstep's own meaning, else the notation's."""
        return {**self.letters, **_OWN}

    @cached_property
    def bare(self) -> dict[str, Cell]:
        """What the letters mean that stand alone, where no variable has this name."""
        return {
            **{form: cell for cell in self.settings for form in _forms_of_setting(str(cell), self.notation)},
            **_bare(self.notation),
        }

    @property
    def logistic(self) -> frozenset[str]:
        """How the logistic function is written, besides by its name."""
        return _logistic(self.notation)

    @property
    def marks(self) -> tuple[str, ...]:
        """The mark of a net input as a token, and what it is in ASCII."""
        return _marks(self.notation)

    def takes_parentheses(self, name: str) -> bool:
        """Whether a parenthesis may follow a name, besides that of a function."""
        begins = wrapping(name) is not None or name in self.letters or name == self.notation.delta.split()[0]
        return begins or (name[0] == "d" and name[1:] in self.letters)

    def is_root(self, cell: Cell) -> bool:
        """Whether a cell is what is differentiated; the loss is, wherever anything is."""
        return self.root is not None and cell in (self.root, LOSS)


# What follows from a notation alone is worked out once for each; there are few of them, and many names to read.


@cache
def _letters(n: Notation) -> Mapping[str, str]:
    printed = {n.net: "e", n.output: "y", n.target: "t", n.delta: "delta"}
    return with_ascii({**_OWN, **printed})


@cache
def _bare(n: Notation) -> Mapping[str, Cell]:
    found = with_ascii({n.cost: "cost", n.rate: "lr"})
    known = (*CLOCK_KINDS, *STEP_KINDS, "cost", "loss")
    return {letter: Cell(kind) for letter, kind in found.items()} | {kind: Cell(kind) for kind in known}


@cache
def _logistic(n: Notation) -> frozenset[str]:
    return frozenset(with_ascii({"σ": "", n.logistic: ""})) - {"e"}


@cache
def _marks(n: Notation) -> tuple[str, ...]:
    mark = n.net_mark
    return tuple({Tokens(form).token.text for form in (mark, *in_ascii(mark))}) if mark else ()


def with_ascii(letters: dict[str, str]) -> dict[str, str]:
    """The same letters, and what they become where there is only ASCII, as far as that is free."""
    return {**{form: meaning for letter, meaning in letters.items() for form in in_ascii(letter)}, **letters}


@cache
def _forms_of_setting(name: str, n: Notation) -> tuple[str, ...]:
    """How a setting of the optimizer is written: by its name, and as it is printed (β₁ is read as β1)."""
    letter = letter_of_setting(name, n)
    return name, *in_ascii(letter), letter.replace("₁", "1").replace("₂", "2")
