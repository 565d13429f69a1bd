"""The names of cells, as they are typed: bpstep's own, and those that are printed.

    w[i1->h1]      w(i1→h1)                          a weight
    y[h1]  e[h1]   a(h1)  z(h1)  net(h1)  v(→h1)     an output, a net input, in the letters of the notation in force
    delta[h1]      δ(h1)  dz(h1)  bar v(→h1)         d(e[h1])
    local[h1]      f′(h1)  σ'(e(h1))                 d(y[h1], e[h1])
    d(w[i1->h1])   ∂E/∂w(i1→h1)                      the derivative of the root
    d(y, u)        ∂v/∂u                             a local derivative
    lr  cost       η  E                              where no variable has this name
    U[3,1]  d(U[3, 1])                               a cell of an array, by its indices from 1

Brackets always mean bpstep's own letters, parentheses those of the notation first: Nielsen's y(o1) is the target
t[o1], and y[o1] stays the output.  Where a terminal has only ASCII, ∂ and δ are printed as d, σ as s and so on
(`bpstep.scenario.notations.ASCII_LETTERS`), and these are read as well.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

from bpstep.engine import cells
from bpstep.engine.cells import LOSS, Cell
from bpstep.scenario.indexing import cell_number, cell_of_array, read_indices, with_cell
from bpstep.scenario.shapes import shape_text
from bpstep.scenario.tokens import ArithmeticSyntaxError, Token, Tokens
from bpstep.scenario.vocabulary import MAKERS, Vocabulary, with_ascii, wrapping
from bpstep.visible import quoted

__all__ = ["CellArray", "CellReader"]

_OPENING = {"[": "]", "(": ")"}
_MOST_WRAPPED = 8


class CellArray(NamedTuple):
    """What a name stands for: of the bare name of an array (``U``, ``d(U)``) all of its cells, row by row, in its
    shape; of the name of a cell that one, in the shape ()."""

    name: Cell
    shape: tuple[int, ...]
    cells: tuple[Cell, ...]


class CellReader:
    """Reads the name of a cell, from where it begins to where it ends."""

    def __init__(self, tokens: Tokens, words: Vocabulary) -> None:
        self.tokens, self.words = tokens, words
        self.wrapped = 0
        #: Whether the bare name of an array may stand for all of its cells, and the array that does.
        self.may_be_all = False
        self.all_of: Cell | None = None

    def cell(self) -> Cell:
        """The cell that is named here."""
        at = self.tokens
        self.wrapped += 1
        if self.wrapped > _MOST_WRAPPED:
            raise ArithmeticSyntaxError(
                f"more than {_MOST_WRAPPED} levels of nesting in a cell", at.token.column
            )
        found = self.partial() or self.named()
        self.wrapped -= 1
        return found

    def named(self) -> Cell:
        """A cell that begins with a name."""
        at, words = self.tokens, self.words
        letter, token = self.letter()
        following = at.token.text
        if following == "′":
            return self.slope(token)
        if following == "[" and letter in words.own_letters and at.ahead().kind != "number":
            return self.indexed(letter, words.own_letters[letter])
        if (
            following == "("
            and (make := wrapping(letter)) is not None
            and not (letter in words.letters and self.encloses_a_neuron())
        ):
            return self.wrapping(letter, make)
        if following == "(" and letter in words.letters:
            return self.indexed(letter, words.letters[letter])
        if (shape := words.shape(letter)) is not None:
            return self.of_array(letter, shape, token)
        if letter in words.variables:
            return cells.var(letter)
        if letter in words.bare:
            return words.bare[letter]
        raise ArithmeticSyntaxError(self.unknown(letter), token.column)

    def letter(self) -> tuple[str, Token]:
        """A name; the letter of a notation may be two words (``bar v``)."""
        at = self.tokens
        if at.token.kind != "name":
            raise at.error("expected a cell")
        token = at.next()
        delta = self.words.notation.delta.split()
        if len(delta) == 2 and [token.text, at.token.text] == delta:
            at.next()
            return self.words.notation.delta, token
        return token.text, token

    def unknown(self, name: str) -> str:
        """That there is nothing of this name, and what was perhaps meant."""
        if name in self.words.own_letters:
            return f"there is nothing called {quoted(name)} alone; expected {_form(name, self.words.own_letters[name])}"
        if name in self.words.neurons:
            return f"{quoted(name)} is a neuron; expected one of its cells, such as y[{name}]"
        return f"there is nothing called {quoted(name)}"

    def of_array(self, name: str, shape: tuple[int, ...], token: Token) -> Cell:
        """``U[3,1]``; the bare name where the array has one cell, or where all of its cells may be meant."""
        at, words = self.tokens, self.words
        if at.take("["):
            number = cell_number(name, shape, read_indices(at), token)
        elif prod(shape) == 1:
            number = 0
        elif self.may_be_all and self.all_of is None:
            self.all_of = cells.var(name)
            return self.all_of
        else:
            first, last = cell_of_array(name, shape, 0), cell_of_array(name, shape, prod(shape) - 1)
            says = f"{name} has the shape {shape_text(shape)}; expected one of its cells, {first} to {last}"
            raise ArithmeticSyntaxError(says, token.column)
        return words.cells_of(name)[number] if name in words.aliases else cell_of_array(name, shape, number)

    def every(self) -> CellArray:
        """The cells that are named here: of the bare name of an array, or of what is said of it, all of its cells."""
        self.may_be_all = True
        found = self.cell()
        if self.all_of is None:
            return CellArray(found, (), (found,))
        name = str(self.all_of.of)
        every = (with_cell(found, self.all_of, cell) for cell in self.words.cells_of(name))
        return CellArray(found, self.words.shape(name) or (), tuple(every))

    # --- with brackets or parentheses -------------------------------------------------------------------

    def indexed(self, letter: str, kind: str) -> Cell:
        """``y[h1]``, ``w(i1→h1)``: a letter and the neurons that it is about."""
        at = self.tokens
        closing = _OPENING[at.next().text]
        kind = self.marked(kind)
        name = at.name("the name of a neuron")
        if kind == "w":
            if at.take("->", ">") is None:
                raise at.error('expected "->" between the two ends of a weight')
            found = cells.w(name, at.name("the name of a neuron"))
        else:
            found = MAKERS[kind](name)
        at.expect(closing, f"to close {_form(letter, kind)}")
        return found

    def marked(self, kind: str) -> str:
        """A book with one letter for net input and output marks the net input: v(→h1)."""
        return "e" if self.tokens.take(*self.words.marks) and kind == "y" else kind

    def encloses_a_neuron(self) -> bool:
        """Whether a bare name stands in the parenthesis that follows, and it is no variable: ``v(h1)``, ``v(→h1)``."""
        name, closing = self.tokens.ahead(1), self.tokens.ahead(2)
        words = self.words
        if name.text in words.marks:
            return True
        if name.kind != "name" or closing.text != ")":
            return False
        return not words.is_variable(name.text) and (
            name.text in words.neurons or name.text not in words.bare
        )

    def wrapping(self, kind: str, make: Callable[[Cell], Cell]) -> Cell:
        """``d(cell)``, ``d(A, B)``, ``dot(cell)``, ``m(cell)`` and other states."""
        at = self.tokens
        at.next()
        inner = self.cell()
        if kind == "d" and at.take(","):
            found = cells.local(inner, self.cell(), self.place() if at.take(",") else 0)
        else:
            found = make(inner)
        at.expect(")", f"to close {kind}(...)")
        return found

    def place(self) -> int:
        """Which use of a variable that stands in one operation several times: 1, 2, ..."""
        token = self.tokens.token
        if token.kind != "number" or token.text not in tuple("123456789"):
            raise self.tokens.error("expected the number of a place, from 1 on")
        self.tokens.next()
        return int(token.text)

    # --- derivatives as they are printed ----------------------------------------------------------------

    def slope(self, token: Token) -> Cell:
        """``f′(h1)`` or ``f′(e(h1))``: the derivative of a neuron's activation."""
        at, n = self.tokens, self.words.notation
        if token.text not in with_ascii({n.activation: "", n.logistic: "", "f": ""}):
            raise ArithmeticSyntaxError(
                f"expected {n.activation}′(NEURON), found {quoted(token.text + '′')}", token.column
            )
        at.next()
        at.expect("(", f"behind {token.text}′")
        if at.ahead().text == ")":
            name = at.name("the name of a neuron")
        else:
            inside, net = at.token, self.cell()
            if net.kind != "e":
                raise ArithmeticSyntaxError(f"expected a net input in {token.text}′(...)", inside.column)
            name = str(net.of)
        at.expect(")", f"to close {token.text}′(...)")
        return cells.local(cells.y(name), cells.e(name))

    def partial(self) -> Cell | None:
        """``∂A/∂B``; None where no derivative is written this way here."""
        at = self.tokens
        if at.take("∂"):
            head = self.named()
            at.expect("/", "in a derivative ∂A/∂B")
            if not self.take_d():
                raise at.error('expected "∂" in a derivative ∂A/∂B')
            return self.derivative(head)
        return self.partial_in_ascii()

    def partial_in_ascii(self) -> Cell | None:
        """``dE/dw(i1>h1)``: where there is only ASCII, ∂ is d."""
        at = self.tokens
        before = at.at, list(at.all)
        if not self.take_d():
            return None
        try:
            head = self.named()
            if at.take("/") and self.take_d():
                return self.derivative(head)
        except ArithmeticSyntaxError:
            pass
        at.at, at.all = before
        return None

    def take_d(self) -> bool:
        """Take ∂, or the d that it is in ASCII off the front of a name."""
        at = self.tokens
        if at.take("∂"):
            return True
        token, words = at.token, self.words
        rest = token.text[1:]
        if token.kind != "name" or token.text[0] != "d" or words.is_variable(token.text):
            return False
        if rest not in words.letters and rest not in words.bare and not words.is_variable(rest):
            return False
        at.all = [*at.all[: at.at], Token("name", rest, token.column + 1, token.end), *at.all[at.at + 1 :]]
        return True

    def derivative(self, head: Cell) -> Cell:
        """Of the root it is what back-propagation computes, of any other cell, or of one place, a local derivative."""
        tail, place = self.named(), 0
        if self.tokens.take("["):
            place = self.place()
            self.tokens.expect("]", "to close the number of a place")
        whole = place == 0 and (self.words.is_root(head) or tail == LOSS)
        return cells.d(tail) if whole else cells.local(head, tail, place)


def _form(letter: str, kind: str) -> str:
    """How a cell of a kind is written."""
    return f"{letter}[FROM->TO]" if kind == "w" else f"{letter}[NEURON]"
